"""How much a terminal keeps."""

from __future__ import annotations

from dataclasses import dataclass

from ghostpage._core import INT64_MAX, integer

__all__ = ["Limits"]


@dataclass(frozen=True)
class Limits:
    """How much history a terminal keeps, in rows, in bytes, in both, or without an end.

    ``lines`` counts rows above the screen at the current width, as users of terminals mean it; the oldest go first.
    ``bytes`` bounds everything that is mapped for the terminal: text, grid, and its share of the pool; only the screen
    itself always fits, whatever the limit. None is no limit of that kind; both None keeps everything. Numbers are from
    0 to 2**63-1; others raise :class:`~ghostpage.ArgumentError`, other types ``TypeError``.

    >>> Limits(lines=1000, bytes=16 * 1024 * 1024)
    Limits(lines=1000, bytes=16777216)
    >>> Limits(lines=-1)
    Traceback (most recent call last):
    ghostpage._core.ArgumentError: lines must be from 0 to 9223372036854775807, not -1
    """

    lines: int | None = None
    bytes: int | None = None

    def __post_init__(self) -> None:
        for name in ("lines", "bytes"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, integer(name, value, 0, INT64_MAX))
