"""Rows, and what is in them.

Rows are copied out of the core many at a time (a *block*) and decoded when they are asked for. They are values: they do
not change when the terminal goes on, and can be read after it was closed.
"""

from __future__ import annotations

import operator
import struct
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, Literal, NamedTuple, Protocol, overload

from ghostpage._core import ffi
from ghostpage.style import STYLE_BYTES, Style, styles_from_core

__all__ = ["Block", "Cell", "Row", "RowSequence", "Run", "RunSequence"]

PLAIN = Style()
_SIZES: tuple[Literal["single", "double", "top", "bottom"], ...] = ("single", "double", "top", "bottom")
CELLS_AT_ONCE = 1 << 16  # read for an iteration: a megabyte, and any usual screen as a whole

_ROW = struct.Struct("@IIIIQ?BI0Q")  # gp_row_info
_CELL = struct.Struct("@IHBBII")  # gp_cell_info
_LINK = struct.Struct("@IIII")  # gp_link_info


class Cell(NamedTuple):
    """One column of a row.

    ``text`` is a grapheme cluster, or empty for a blank and for the right half of a wide cell. ``width`` is 2 for a wide
    cell, 0 for the right half of one, and 1 for all others. ``hyperlink`` is the target of OSC 8, or None.

    >>> Cell("a").style.bold
    False
    """

    text: str = ""
    width: int = 1
    style: Style = PLAIN
    hyperlink: str | None = None


class Run(NamedTuple):
    """Neighbouring cells with the same style and link: their text, and the columns from ``x`` on that they take.

    Blanks in it are spaces.
    """

    text: str
    style: Style
    link: str | None
    x: int
    width: int


class RunSequence(Sequence[Run]):
    """The runs of a row, each made when it is looked at. Equal to a list or tuple of the same runs.

    A screen with a style in each cell has ten thousand of them. Made all at once, half the time would go to the garbage
    collector, which looks through what is new again and again; what a painter takes and drops is never looked at.

    >>> runs = RunSequence(["a", "bc"], [PLAIN, PLAIN], [None, None], [0, 1], [1, 2])
    >>> len(runs), runs[-1].text, [run.x for run in runs]
    (2, 'bc', [0, 1])
    """

    __slots__ = ("_links", "_styles", "_texts", "_widths", "_xs")

    def __init__(
        self,
        texts: Sequence[str],
        styles: Sequence[Style],
        links: Sequence[str | None],
        xs: Sequence[int],
        widths: Sequence[int],
    ) -> None:
        """One item a run in each."""
        self._texts, self._styles, self._links, self._xs, self._widths = texts, styles, links, xs, widths

    def __len__(self) -> int:
        return len(self._texts)

    def __iter__(self) -> Iterator[Run]:
        fields = zip(self._texts, self._styles, self._links, self._xs, self._widths)
        return map(tuple.__new__, repeat(Run), fields)  # half the time of Run(...), which is a function of Python's

    @overload
    def __getitem__(self, index: int) -> Run: ...

    @overload
    def __getitem__(self, index: slice) -> list[Run]: ...

    def __getitem__(self, index: int | slice) -> Run | list[Run]:
        if isinstance(index, slice):
            return list(self)[index]
        return Run(self._texts[index], self._styles[index], self._links[index], self._xs[index], self._widths[index])

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, (RunSequence, list, tuple)) else NotImplemented

    def __repr__(self) -> str:
        return repr(list(self))


_BLANK = Cell()


class Block:
    """Some rows as the core copied them. ``reading`` is an owned ``gp_reading``; ``prompts`` is where some start, in order."""

    __slots__ = ("_cells", "_links", "_styles", "columns", "infos", "prompts", "reading", "text", "times")

    def __init__(self, reading: Any, prompts: Sequence[tuple[int, int]] = ()) -> None:
        self.reading: Any = reading
        self.prompts: Sequence[tuple[int, int]] = prompts
        self.times: Mapping[int, float | None] = {}
        self._styles: list[Style] | None = None
        self._links: list[tuple[str, str] | None] | None = None
        self.columns: int = reading.columns
        self.infos: list[tuple[Any, ...]] = list(_ROW.iter_unpack(_bytes(reading.rows, reading.row_count * _ROW.size)))
        self.text: Any = _bytes(reading.text, reading.text_bytes)
        self._cells = _bytes(reading.cells, reading.cell_count * _CELL.size)

    def rows(self) -> list[Row]:
        return [Row(self, info) for info in self.infos]

    def cells(self, begin: int, count: int) -> Iterator[tuple[int, int, int, int, int, int]]:
        """What each of these ``gp_cell_info`` says."""
        return _CELL.iter_unpack(self._cells[begin * _CELL.size : (begin + count) * _CELL.size])

    @property
    def styles(self) -> list[Style]:
        if self._styles is None:
            self._styles = styles_from_core(_bytes(self.reading.styles, self.reading.style_count * STYLE_BYTES))
        return self._styles

    @property
    def links(self) -> list[tuple[str, str] | None]:
        """Target and id by index; 0 is None."""
        if self._links is None:
            infos = _bytes(self.reading.links, self.reading.link_count * _LINK.size)
            links: list[tuple[str, str] | None] = [
                (_decode(self.text[uri : uri + uri_bytes]), _decode(self.text[id : id + id_bytes]))
                for uri, uri_bytes, id, id_bytes in _LINK.iter_unpack(infos)
            ]
            links[:1] = [None]
            self._links = links  # whole, as rows are read on any thread
        return self._links


def _bytes(pointer: Any, length: int) -> Any:
    """A view of the core's memory, good while the reading is; slices of it are bytes."""
    return ffi.buffer(pointer, length) if length else b""


def _decode(text: bytes) -> str:
    """Targets are whatever bytes a program sent."""
    return text.decode("utf-8", "replace")


class Row:
    """One row of a screen or of its history, as it was when it was read.

    Rows are equal if what is displayed is: cells, ``wrapped`` and ``prompt``, not the line's number.

    >>> from ghostpage import Terminal
    >>> with Terminal(10, 2) as terminal:
    ...     terminal.feed("a \\x1b[1mbold\\x1b[m")
    ...     row = terminal.screen[0]
    >>> row.text, row.wrapped, len(row.cells)
    ('a bold', False, 10)
    >>> [(run.text, run.style.bold, run.x) for run in row.runs]
    [('a ', False, 0), ('bold', True, 2)]
    """

    __slots__ = ("_block", "_info")

    def __init__(self, block: Block, info: tuple[Any, ...]) -> None:
        self._block = block
        self._info = info

    @property
    def text(self) -> str:
        """The row's text without trailing blanks; blanks between are spaces."""
        begin, length = self._info[:2]
        text: bytes = self._block.text[begin : begin + length]
        return text.decode()

    @property
    def line(self) -> int:
        """Number of the line that the row is part of, from the start of the session on."""
        number: int = self._info[4]
        return number

    @property
    def time(self) -> float | None:
        """When its line was completed, as :meth:`Terminal.time_of <ghostpage.Terminal.time_of>` says it."""
        return self._block.times.get(self.line)

    @property
    def cell(self) -> int:
        """The cell of its line at which the row begins: 0 unless the line was wrapped before.

        Cells are columns as if the line were not wrapped, so that (line, cell) is the same place at any width.

        >>> from ghostpage import Terminal
        >>> with Terminal(5, 3) as terminal:
        ...     terminal.feed("1234567890")
        ...     [(row.text, row.line, row.cell) for row in terminal.screen[:2]]
        [('12345', 0, 0), ('67890', 0, 5)]
        """
        cell: int = self._info[7]
        return cell

    @property
    def wrapped(self) -> bool:
        """Whether its line goes on in the next row."""
        wrapped: bool = self._info[5]
        return wrapped

    @property
    def size(self) -> Literal["single", "double", "top", "bottom"]:
        """Of its characters: ``double`` width (DECDWL), or the ``top`` or ``bottom`` half of double height (DECDHL).

        Only the left half of the columns of such a row is used. In history too; after a resize what does not fit in half the
        columns shows as single.

        >>> from ghostpage import Terminal
        >>> with Terminal(10, 2) as terminal:
        ...     terminal.feed("\\x1b#6wide")
        ...     terminal.screen[0].size, terminal.screen[1].size
        ('double', 'single')
        """
        size: Literal["single", "double", "top", "bottom"] = _SIZES[self._info[6]]
        return size

    @property
    def prompt(self) -> bool:
        """Whether a prompt starts in it (OSC 133)."""
        prompts = self._block.prompts
        line, wrapped, _, cell = self._info[4:8]
        first = bisect_left(prompts, (line, cell))
        if first == len(prompts) or prompts[first][0] != line:
            return False
        spacer = self._info[3] == self._block.columns - 1
        return not wrapped or prompts[first][1] < cell + self._block.columns - spacer

    @property
    def cells(self) -> tuple[Cell, ...]:
        """One cell for each column, made anew at every access: 20 to 40 microseconds for a hundred."""
        block = self._block
        text, styles = block.text, block.styles
        begin, count = self._info[2:4]
        targets = [link and link[0] for link in block.links]
        found = [
            Cell(text[text_begin : text_begin + text_bytes].decode(), width, styles[style], targets[link])
            for text_begin, text_bytes, width, _, style, link in block.cells(begin, count)
        ]
        return (*found, *[_BLANK] * (block.columns - count))

    @property
    def runs(self) -> tuple[Run, ...]:
        """Its cells as runs from column 0 on without a gap, up to the last that is not a blank in the default style."""
        block = self._block
        text, styles, links = block.text, block.styles, block.links
        begin, count = self._info[2:4]
        runs: list[Run] = []
        parts: list[bytes] = []
        looks: tuple[int, int] | None = None  # of the run being collected: indices of style and link
        start = x = 0

        def finish() -> None:
            if looks is not None:
                style, target = styles[looks[0]], links[looks[1]]
                collected = b"".join(parts).decode()
                runs.append(Run(collected, style, None if target is None else target[0], start, x - start))

        cells = list(block.cells(begin, count))
        while cells and not cells[-1][1] and cells[-1][2] and styles[cells[-1][4]] == PLAIN and not cells[-1][5]:
            cells.pop()
        for text_begin, text_bytes, width, _, style, link in cells:
            if (style, link) != looks:
                if looks is None or styles[style] != styles[looks[0]] or links[link] != links[looks[1]]:
                    finish()
                    parts.clear()
                    start = x
                looks = style, link
            if text_bytes:
                parts.append(text[text_begin : text_begin + text_bytes])
            elif width:
                parts.append(b" ")
            x += 1
        finish()
        return tuple(runs)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Row {self.text!r}{', wrapped' if self.wrapped else ''} of line {self.line}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Row):
            return NotImplemented
        if self._block is other._block and self._info == other._info:
            return True
        return self._looks() == other._looks() and self.cells == other.cells

    def __hash__(self) -> int:
        return hash(self._looks())

    def _looks(self) -> tuple[str, int, bool, bool, str]:
        return self.text, self._block.columns, self.wrapped, self.prompt, self.size


class Source(Protocol):
    """Where a sequence reads its rows from."""

    @property
    def columns(self) -> int: ...

    def _count_rows(self, of_screen: bool) -> int: ...

    def _read_rows(self, first: int, count: int, of_screen: bool) -> Block: ...


class RowSequence(Sequence[Row]):
    """The rows of a screen, or of the history above it, as they are when they are asked for.

    A view: its length and what is in it change with the terminal. An item is read by itself; a slice is a list of rows,
    which are read, as in an iteration, some hundreds at a time, a usual screen as a whole. What is fed between two of
    these reads moves what has not been read yet.

    >>> from ghostpage import Terminal
    >>> with Terminal(20, 2) as terminal:
    ...     terminal.feed("one\\r\\ntwo\\r\\nthree\\r\\nfour")
    ...     [row.text for row in terminal.history], terminal.screen[-1].text, terminal.history[-1:]
    (['one', 'two'], 'four', [<Row 'two' of line 1>])
    """

    def __init__(self, source: Source, of_screen: bool) -> None:
        self._source = source
        self._of_screen = of_screen

    def __len__(self) -> int:
        return self._source._count_rows(self._of_screen)

    @overload
    def __getitem__(self, index: int) -> Row: ...

    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...

    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return list(self._walk(range(len(self))[index]))
        position, length = operator.index(index), len(self)
        if position < 0:
            position += length
        rows = self._read(position, 1) if 0 <= position < length else []
        if not rows:
            raise IndexError(f"row {index} of {length}")
        return rows[0]

    def __iter__(self) -> Iterator[Row]:
        return self._walk(range(len(self)))

    def __reversed__(self) -> Iterator[Row]:
        return self._walk(range(len(self))[::-1])

    def _walk(self, wanted: range) -> Iterator[Row]:
        at_once = max(1, CELLS_AT_ONCE // self._source.columns) if abs(wanted.step) == 1 else 1
        for start in range(0, len(wanted), at_once):
            part = wanted[start : start + at_once]
            rows = self._read(min(part[0], part[-1]), len(part))
            yield from rows if wanted.step > 0 else reversed(rows)

    def _read(self, first: int, count: int) -> list[Row]:
        return self._source._read_rows(first, count, self._of_screen).rows()

    def __repr__(self) -> str:
        return f"<{len(self)} rows of {'screen' if self._of_screen else 'history'}>"


def _check_layout() -> None:
    """The structures are read as bytes here; they must be what the compiler made of them."""
    for name, layout in (("gp_row_info", _ROW), ("gp_cell_info", _CELL), ("gp_link_info", _LINK)):
        if ffi.sizeof(name) != layout.size:
            raise ImportError(f"{name} has {ffi.sizeof(name)} bytes, not {layout.size}")


_check_layout()
