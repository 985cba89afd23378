"""What a terminal or screen tells about itself: where its cursor is, and where its memory went."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Any, ClassVar

__all__ = ["Counters", "Cursor", "Demand", "MemoryUse", "PageDemand", "PageInfo", "cursor_from_core"]

_SHAPES = ("block", "underline", "bar")


@dataclass(frozen=True)
class Cursor:
    """Where the next character goes, and how that place is shown."""

    x: int
    y: int
    """Both count from 0, from the left and the top of the screen."""
    visible: bool
    shape: str
    """``"block"``, ``"underline"`` or ``"bar"``."""
    blinking: bool
    pending_wrap: bool
    """The last column was written: the next character begins the next row."""


def cursor_from_core(x: int, y: int, visible: bool, shape: int, blinking: bool, pending_wrap: bool) -> Cursor:
    """The cursor that the core describes."""
    return Cursor(x, y, bool(visible), _SHAPES[shape], bool(blinking), bool(pending_wrap))


@dataclass(frozen=True)
class MemoryUse:
    """Bytes that a terminal holds."""

    mapped: int
    """By text and grid together."""
    text: int
    """By text pages: the history, and the screen while it is kept as text."""
    grid: int
    """By grids: the screen while it is edited in place, and the alternate screen."""
    pooled: int
    """Kept for the next page by the arena, which other terminals may share."""
    nonstandard: int
    """By pages that are larger than standard ones."""
    peak: int
    """The most that was ever mapped."""
    used: int
    """That hold content now, of what is mapped."""
    timestamps: int = 0
    """By times of lines, if they are kept; on Python's heap, and no part of ``mapped``."""
    string: int = 0
    """By a control string that is under way; on the heap, and no part of ``mapped``."""

    _ask: ClassVar[Any] = None  # of an instance: where to ask for what is resident

    @property
    def resident(self) -> int | None:
        """Bytes of the terminal's pages in physical memory now, as the kernel says (Linux); None where it does not.

        Pages that were never touched, or were swapped out, do not count. Costs a few system calls a page.
        """
        answer: int | None = self._ask() if self._ask else None
        return answer

    def __reduce__(self) -> tuple[type[MemoryUse], tuple[int, ...]]:
        return MemoryUse, astuple(self)


@dataclass(frozen=True)
class Counters:
    """What a terminal's pages went through since it was opened."""

    pages_recycled: int
    """A pruned page became the newest as it was, without a system call: the oldest, or one that was set aside."""
    pages_from_pool: int
    pages_mapped: int
    pages_to_pool: int
    pages_unmapped: int
    pages_pruned: int
    """Of history, at a limit."""
    pages_grown: int
    """A line or grid moved to a larger page."""
    grids_squeezed: int
    """What was overwritten in a grid was cleared away."""
    nonstandard_born: int
    nonstandard_recycled: int
    nonstandard_retired: int
    copies: int
    """Of content, from page to page."""
    copied_bytes: int
    rows_pruned: int
    """Of history, for whatever reason; the reasons follow, and add up to it."""
    lines_pruned: int
    rows_pruned_lines: int
    """At the terminal's own limit in lines."""
    rows_pruned_bytes: int
    """At its own limit in bytes."""
    rows_pruned_budget: int
    """At the limit of its arena."""
    rows_pruned_clear: int
    """Cleared: by :meth:`~ghostpage.Terminal.clear_history`, or by the program."""
    inflated: int
    """Changes of the screen from text to grid."""
    packed: int
    """Changes of the screen from grid to text."""
    text_mode_bytes: int
    """Of text printed while the screen was text."""
    grid_mode_bytes: int
    """Of text printed while the screen was a grid."""
    codepoints_dropped: int
    """Beyond the 32 that a cell holds."""


@dataclass(frozen=True)
class PageDemand:
    """What the recent pages of one kind needed, by which the next ones are sized.

    They are looked at in two windows, the last that is full and the one under way. Text pages are looked at when the next
    one follows; a window is 64 standard pages, or fewer larger ones, 8 at least. Their need is that of their largest
    line, in bytes. Grids are looked at when they are given up or squeezed; a window is 16 of them. Their need is a
    density, bytes of styles, links and clusters for 1024 cells, so that what was learnt at one size of window holds for
    others.
    """

    pages: int
    """How many pages were looked at."""
    beyond: int
    """How many of them needed more than a plain page has: a standard page for a line, two bytes a cell for a grid."""
    largest: int
    """The largest need of them."""
    recurring: int
    """The third largest: what was met less often may have been chance."""
    birth: int
    """The need that the next page is to meet, or 0: as any page. Text pages are born so under the ``adaptive`` policy alone.

    It is ``recurring`` when that grew, and lower only after that has fallen to half or nothing was ``beyond`` any more."""
    text: int
    """Bytes of text in these pages."""
    cells: int
    """Bytes of cells in these grids: the wider the window, the more."""
    clusters: int
    """Bytes of grapheme clusters in these grids; in text pages they are text."""
    links: int
    """Bytes of hyperlinks that were defined in them."""
    styles: int
    """Bytes of styles in these grids; in text pages, of all that is kept of lines besides text and links."""


@dataclass(frozen=True)
class Demand:
    """What the recent pages of a terminal needed."""

    text_pages: PageDemand
    grids: PageDemand


@dataclass(frozen=True)
class PageInfo:
    """One page of a terminal."""

    kind: str
    """``"text"`` or ``"grid"``."""
    standard: bool
    mapped: int
    """Bytes."""
    used: int
    """Bytes of content."""
    lines: int
    """Lines that begin in it; 0 for a grid."""
    rows: int
    """Rows at the current width."""
    first_line: int
    """Number of its first line."""
    address: int
    """Where it is mapped, as in :func:`ghostpage.memory.mappings`."""
    small: bool
    """Smaller than a standard page; what is neither is larger."""
