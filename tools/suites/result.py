"""What became of one test."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Result"]


@dataclass(frozen=True)
class Result:
    """One test of a suite: ``passed`` is None if the suite itself does not count it at this level."""

    name: str
    passed: bool | None
    detail: str = ""
