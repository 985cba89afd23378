"""Values of the twin terminal: styles, cells, rows, screens; and widths and joining, which it takes from the core."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

ZERO_WIDTH_JOINER = "\u200d"  # begins a cluster of UAX #29 where there is nothing to extend
MOST_CODE_POINTS = 32
MOST_PARAMETER = 65535
PARAMETERS_KEPT = re.compile(r"(?:[0-9]*[:;]){0,31}[0-9]*")

Color = int | tuple[int, int, int] | None


@dataclass(frozen=True)
class Style:
    """What SGR sets."""

    bold: bool = False
    faint: bool = False
    italic: bool = False
    underline: int = 0
    blink: bool = False
    inverse: bool = False
    invisible: bool = False
    strikethrough: bool = False
    overline: bool = False
    foreground: Color = None
    background: Color = None
    underline_color: Color = None


class Link(NamedTuple):
    """An OSC 8 hyperlink."""

    uri: str
    id: str = ""


PLAIN = Style()


class Cell(NamedTuple):
    """One column of a row. ``wide``: two columns where there is room. ``spacer``: left free by a wide cell."""

    text: str = ""
    width: int = 1
    style: Style = PLAIN
    link: Link | None = None
    wide: bool = False
    spacer: bool = False
    protected: bool = False

    @property
    def tail(self) -> "Cell":
        """What a cell of two columns has in the second."""
        return Cell("", 0, self.style, self.link, protected=self.protected)

    @property
    def blank(self) -> bool:
        return self.text == "" and self.width == 1 and not self.spacer


BLANK = Cell()
SPACER = Cell(spacer=True)


class Row:
    """One row. ``onto`` is the row its line goes on in."""

    def __init__(self, places: list[Cell]) -> None:
        self.places = places
        self.onto: Row | None = None
        self.blank_edges = (False, False)

    @property
    def wrapped(self) -> bool:
        return self.onto is not None

    @property
    def cells(self) -> list[tuple[str, int, Style, Link | None]]:
        """Text, width, style and link of each column."""
        return [(cell.text, cell.width, cell.style, cell.link) for cell in self.places]

    @property
    def text(self) -> str:
        """The row's text without trailing blanks."""
        kept = list(self.places)
        while kept and (kept[-1].blank or kept[-1].spacer):
            kept.pop()
        return "".join(" " if cell.blank else cell.text for cell in kept)

    def continue_in(self, below: "Row") -> None:
        self.onto = below
        self.blank_edges = (False, False)

    def edges_with(self, below: "Row") -> tuple[bool, bool]:
        return self.places[-1].blank, below.places[0].blank

    def has_content(self) -> bool:
        return any(cell != BLANK for cell in self.places)

    def split_at(self, x: int) -> None:
        """Make ``x`` a boundary between cells: a wide cell across it becomes two blanks."""
        if 0 < x < len(self.places) and self.places[x].width == 0:
            self.places[x - 1] = self.places[x] = BLANK


@dataclass
class Charsets:
    """The sets designated to G0 and G1, and which of them is in use."""

    designated: list[str] = field(default_factory=lambda: ["B", "B"])
    used: int = 0

    def copy(self) -> "Charsets":
        return Charsets(list(self.designated), self.used)


@dataclass
class Saved:
    """What DECSC saves."""

    x: int = 0
    y: int = 0
    pending: bool = False
    style: Style = PLAIN
    charsets: Charsets = field(default_factory=Charsets)
    origin: bool = False
    protected: bool = False


@dataclass
class Screen:
    """The rows of the primary or the alternate screen, and the cursor saved on it."""

    rows: list[Row]
    saved: Saved


COMPONENTS: dict[int | None, int] = {2: 3, 5: 1}
GRAPHICS = dict(zip(range(0x5F, 0x7F), "\u00a0◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·", strict=True))


# ---- width and joining by the core ------------------------------------------------------------------------------


@lru_cache(maxsize=65536)
def core_clusters(code_points: tuple[int, ...]) -> tuple[int, ...]:
    """Widths of the clusters that the C core finds in ``code_points``."""
    from ghostpage._core import ffi, lib

    starts = ffi.new("uint32_t[]", len(code_points))
    widths = ffi.new("uint8_t[]", len(code_points))
    found = lib.gp_unicode_clusters(ffi.new("uint32_t[]", code_points), len(code_points), starts, widths)
    return tuple(widths[0:found])


def core_width(cluster: Sequence[int]) -> int:
    from ghostpage._core import lib

    return lib.gp_unicode_width(cluster[0]) if len(cluster) == 1 else core_clusters(tuple(cluster))[0]


def core_joins(cluster: Sequence[int], code_point: int) -> bool:
    together = (*cluster, code_point)
    return len(core_clusters(together)) == len(core_clusters(together[:-1]))
