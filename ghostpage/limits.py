"""How much a terminal keeps."""

from __future__ import annotations

from dataclasses import dataclass

from ghostpage._core import INT64_MAX, integer

__all__ = ["Limits", "LimitsInForce"]


@dataclass(frozen=True, eq=False)
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

    def __eq__(self, other: object) -> bool:
        return (self.lines, self.bytes) == (other.lines, other.bytes) if isinstance(other, Limits) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.lines, self.bytes))


@dataclass(frozen=True, eq=False)
class LimitsInForce(Limits):
    """The limits of a terminal as they were set, and what comes of them; equal to the :class:`Limits` that were set.

    >>> from ghostpage import Terminal
    >>> with Terminal(80, 24, scrollback=Limits(lines=100_000, bytes=64 * 1024)) as terminal:
    ...     terminal.feed("x" * 80 + "\\r\\n" * 2 * 10_000)
    ...     terminal.limits.lines, terminal.limits.effective.lines < 20_000, terminal.limits.pruned_by
    (100000, True, 'bytes')
    """

    effective: Limits = Limits()
    """Rows that are kept, and bytes that may be mapped, as things are now. Where bytes made history go last, the terminal's
    own limit or its arena's, ``lines`` is what is left; else it is what was set. ``bytes`` is the lower of the two, or what
    the screen takes where that is more."""
    pruned_by: str | None = None
    """What history went for last since limits were set: ``"lines"``, ``"bytes"``, ``"budget"`` (the arena's limit), or None."""
