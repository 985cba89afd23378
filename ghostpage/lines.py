"""Logical lines: rows joined by soft wraps, numbered from the start of the session on; and readers that follow them."""

from __future__ import annotations

import operator
import struct
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol, overload

from ghostpage._core import SIZE_MAX, UINT64_MAX, ArgumentError, ffi, lib, owned, room_for
from ghostpage._decoding import decoded
from ghostpage.rows import Block, Cell, Run

__all__ = ["Line", "LineCursor", "LineSequence", "Position", "Reading", "read_since"]

BYTES_AT_ONCE = 1 << 16  # of text read for an iteration
BYTES_OF_READERS = 1 << 24

_LINE = struct.Struct("@QIIIII??0Q")  # gp_line_info
_PIECE = struct.Struct("@IIIIIB??B0I")  # gp_piece_info


class Position(NamedTuple):
    """A place in a line: the line's number, and a cell of it, counted in columns as if the line were not wrapped.

    It stays what it is while output goes on, when the window changes its width, and when older lines are pruned.
    """

    line: int
    cell: int


class LineCursor(NamedTuple):
    """How far a reader has come; made by ``read_since`` and to be given back to it. What is in it is nobody's business."""

    session: int
    line: int
    rewinds: int
    skipped: int


class Reading(NamedTuple):
    """What ``read_since`` returns."""

    lines: list[str]
    """The lines completed since, the oldest first; of one over a mebibyte, a part for each of its records."""
    cursor: LineCursor
    """To be given to the next call."""
    dropped: int
    """How many completed lines were gone before this reader came to them."""
    tail: list[str] | None = None
    """If asked for, the lines of the screen as they are now, without empty ones at its end; these may change still."""


class LineBlock(Block):
    """Some lines as the core copied them, with their pieces."""

    __slots__ = ("_pieces", "line_infos")

    def __init__(self, reading: Any) -> None:
        super().__init__(reading)
        self.line_infos: list[tuple[Any, ...]] = list(_LINE.iter_unpack(_view(reading.lines, reading.line_count * _LINE.size)))
        self._pieces = _view(reading.pieces, reading.piece_count * _PIECE.size)

    def lines(self) -> list[Line]:
        return [Line(self, info) for info in self.line_infos]

    def pieces(self, begin: int, count: int) -> Iterator[tuple[int, int, int, int, int, int, bool, bool, int]]:
        """What each of these ``gp_piece_info`` says."""
        return _PIECE.iter_unpack(self._pieces[begin * _PIECE.size : (begin + count) * _PIECE.size])


def _view(pointer: Any, length: int) -> Any:
    return ffi.buffer(pointer, length) if length else b""


class Line(str):
    """One logical line, as it was when it was read: a ``str`` of its text without trailing blanks, and more.

    A line over a mebibyte is kept in several records, each with a number of its own and each a ``Line``: those but the last
    :attr:`continues`, those but the first are a :attr:`continuation`.

    >>> from ghostpage import Terminal
    >>> with Terminal(10, 2) as terminal:
    ...     terminal.feed("wraps \\x1b[1mat ten columns")
    ...     line = terminal.lines[0]
    >>> line, line.number, [run.text for run in line.runs], line.position(6)
    ('wraps at ten columns', 0, ['wraps ', 'at ten columns'], Position(line=0, cell=6))
    """

    __slots__ = ("_block", "_info")

    _block: LineBlock
    _info: tuple[Any, ...]

    def __new__(cls, block: LineBlock, info: tuple[Any, ...]) -> Line:
        text_begin, text_bytes = info[1:3]
        self = super().__new__(cls, block.text[text_begin : text_begin + text_bytes], "utf-8")
        self._block = block
        self._info = info
        return self

    @property
    def text(self) -> str:
        """The line itself, as a plain ``str``."""
        return str.__str__(self)

    @property
    def number(self) -> int:
        """Its number, from the start of the session on."""
        number: int = self._info[0]
        return number

    @property
    def first_cell(self) -> int:
        """The cell that it begins with: 0, unless a limit has cut off what was before."""
        cell: int = self._info[5]
        return cell

    @property
    def continues(self) -> bool:
        """Whether it goes on in the next line, as it is too long for one record."""
        continues: bool = self._info[6]
        return continues

    @property
    def continuation(self) -> bool:
        """Whether it goes on from the line before."""
        continuation: bool = self._info[7]
        return continuation

    @property
    def cells(self) -> tuple[Cell, ...]:
        """One cell for each column from :attr:`first_cell` on, made anew at every access."""
        block = self._block
        text, styles = block.text, block.styles
        targets = [link and link[0] for link in block.links]
        cells: list[Cell] = []
        for begin, length, count, style, link, width, cluster, blank, _ in block.pieces(*self._info[3:5]):
            look = styles[style], targets[link]
            if blank:
                cells += [Cell("", 1, *look)] * count
                continue
            piece = text[begin : begin + length].decode()
            second = Cell("", 0, *look)
            for part in (piece,) if cluster else piece:
                cells.append(Cell(part, width, *look))
                if width == 2:
                    cells.append(second)
        return tuple(cells)

    @property
    def runs(self) -> tuple[Run, ...]:
        """Its cells as runs without a gap, whose ``x`` is the cell that they begin with."""
        block = self._block
        styles, links = block.styles, block.links
        runs: list[Run] = []
        looks = None
        x = start = self.first_cell
        parts: list[bytes] = []

        def finish() -> None:
            if looks is not None:
                target = looks[1] and looks[1][0]
                runs.append(Run(b"".join(parts).decode(), looks[0], target, start, x - start))

        for begin, length, count, style, link, width, _, _, _ in block.pieces(*self._info[3:5]):
            if looks is None or styles[style] != looks[0] or links[link] != looks[1]:
                finish()
                parts.clear()
                looks, start = (styles[style], links[link]), x
            parts.append(block.text[begin : begin + length])
            x += count * width
        finish()
        return tuple(runs)

    def position(self, index: int = 0) -> Position:
        """Where the character ``index`` of the text is shown, or where it would be behind the last one.

        Negative ones count from the end. Raises :class:`~ghostpage.ArgumentError` if there are not so many.
        """
        at = operator.index(index)
        if at < 0:
            at += len(self)
        if not 0 <= at <= len(self):
            raise ArgumentError(f"index must be from {-len(self)} to {len(self)}, not {index}")
        cell = self.first_cell
        for begin, length, count, _, _, width, cluster, _, _ in self._block.pieces(*self._info[3:5]):
            characters = len(self._block.text[begin : begin + length].decode()) if cluster else count
            if at < characters:
                return Position(self.number, cell + (0 if cluster else at * width))
            at -= characters
            cell += count * width
        return Position(self.number, cell)

    def __reduce__(self) -> tuple[Any, ...]:
        return str, (str.__str__(self),)


class Source(Protocol):
    """What lines are read from."""

    @property
    def _live(self) -> Any: ...

    def _check(self, status: int, consumed: int | None = None) -> None: ...

    def _line_figures(self) -> Any: ...


class LineSequence(Sequence[Line]):
    """The logical lines of a history and its screen, the oldest first, as they are when they are asked for.

    The line ``lines[i]`` has the number ``first_line + i``. An item is read by itself; a slice is a list of lines, which are
    read, as in an iteration, some hundreds at a time, each line once: those pruned in the meantime are left out. A row at the
    top of which only a part is kept is a line as well.

    >>> from ghostpage import Terminal
    >>> with Terminal(5, 2) as terminal:
    ...     terminal.feed("one\\r\\n1234567\\r\\nend")
    ...     list(terminal.lines), len(terminal.lines), terminal.lines[-1].number
    (['one', '1234567', 'end'], 3, 2)
    """

    def __init__(self, source: Source) -> None:
        self._source = source

    def __len__(self) -> int:
        figures = self._source._line_figures()
        return int(figures.next_line - figures.first_line)

    @overload
    def __getitem__(self, index: int) -> Line: ...

    @overload
    def __getitem__(self, index: slice) -> list[Line]: ...

    def __getitem__(self, index: int | slice) -> Line | list[Line]:
        numbers = self._numbers()
        if isinstance(index, slice):
            return list(self._walk(numbers[index]))
        at = operator.index(index)
        lines = self._read(numbers[at], 1) if -len(numbers) <= at < len(numbers) else []
        if not lines:
            raise IndexError(f"line {index} of {len(numbers)}")
        return lines[0]

    def numbered(self, number: int) -> Line | None:
        """The line with this number, or None if there is none, or no longer."""
        at = operator.index(number)
        lines = self._read(at, 1) if 0 <= at <= UINT64_MAX - 1 else []
        return lines[0] if lines and lines[0].number == at else None

    def __iter__(self) -> Iterator[Line]:
        return self._walk(self._numbers())

    def __reversed__(self) -> Iterator[Line]:
        return self._walk(self._numbers()[::-1])

    def _numbers(self) -> range:
        figures = self._source._line_figures()
        return range(figures.first_line, figures.next_line)

    def _walk(self, wanted: range) -> Iterator[Line]:
        if wanted.step == 1:
            at = wanted.start
            while at < wanted.stop:
                lines = self._read(at, wanted.stop - at)
                if not lines:
                    return
                yield from lines
                at = lines[-1].number + 1
        elif wanted.step == -1:
            for stop in range(wanted.start + 1, wanted.stop + 1, -256):
                first = max(wanted.stop + 1, stop - 256)
                part = list(self._walk(range(first, stop)))
                yield from reversed(part)
        else:
            for number in wanted:
                yield from self._read(number, 1)

    def _read(self, first: int, count: int) -> list[Line]:
        """Lines from a number on: some of those that are wanted and still there."""
        made = room_for("gp_reading")
        status = lib.gp_terminal_read_lines(self._source._live, first, first + count, BYTES_AT_ONCE, lib.GP_LINES_CELLS, made)
        self._source._check(status)
        return LineBlock(owned(made)).lines()

    def __repr__(self) -> str:
        return f"<{len(self)} lines>"


def read_since(source: Source, cursor: LineCursor | None, tail: bool) -> Reading:
    """What ``Reader.read_since`` does."""
    if cursor is not None and not isinstance(cursor, LineCursor):
        raise TypeError(f"cursor must come from read_since or be None, not {type(cursor).__name__}")
    at = ffi.new("gp_line_cursor *", tuple(cursor or (0, 0, 0, 0)))
    gone = ffi.new("uint64_t *")
    lines: list[str] = []
    dropped, size = 0, BYTES_OF_READERS
    while True:
        made = room_for("gp_reading")
        status = lib.gp_terminal_read_since(source._live, at, size, tail, gone, made)
        if status == lib.GP_ERR_ARGUMENT:
            raise ArgumentError(f"cursor must be one that this terminal gave, not {cursor!r}")
        source._check(status)
        reading = owned(made)
        found = decoded(reading, reading.text_bytes).split("\n")
        lines += found[: reading.line_count]
        dropped += gone[0]
        if at.line >= reading.figures.complete_line:
            break
        size = min(4 * size, SIZE_MAX)  # output that goes on is caught up with in the end
    shown = found[reading.line_count : -1] if tail else None
    while shown and not shown[-1]:
        shown.pop()
    return Reading(lines, LineCursor(at.session, at.line, at.rewinds, at.skipped), dropped, shown)


def _check_layout() -> None:
    """The structures are read as bytes here; they must be what the compiler made of them."""
    for name, layout in (("gp_line_info", _LINE), ("gp_piece_info", _PIECE)):
        if ffi.sizeof(name) != layout.size:
            raise ImportError(f"{name} has {ffi.sizeof(name)} bytes, not {layout.size}")


_check_layout()
