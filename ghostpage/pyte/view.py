"""What a screen shows, decoded when it is read, row by row; what has not changed is not decoded again."""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any, TypeVar

from ghostpage._core import ArgumentError, check, ffi, lib
from ghostpage.frame import Frame
from ghostpage.pyte._terminal import ScreenTerminal
from ghostpage.pyte.char import Char, Look, look_from_core
from ghostpage.rows import Block

__all__ = ["Buffer", "Line", "StaticDefaultDict", "View", "decode_block"]

_STYLE = struct.Struct("@IIIHH")  # gp_style_info
_CLUSTER = struct.Struct("=IH")  # before the text of a cluster, in a frame
CHARS = 1 << 14  # of one look that are kept, as most cells of a screen look like others

BLANK, REVERSED_BLANK = Char(" "), Char(" ", reverse=True)

Key = TypeVar("Key")
Value = TypeVar("Value")


class StaticDefaultDict(dict[Key, Value]):
    """A dict with one value for all keys that it does not have.

    >>> cells = StaticDefaultDict("?")
    >>> cells[3], len(cells)
    ('?', 0)
    """

    def __init__(self, default: Value) -> None:
        super().__init__()
        self.default = default

    def __missing__(self, key: Key) -> Value:
        return self.default


class Line(StaticDefaultDict[int, Char]):
    """A row as it was when it was read: cells by column, up to the last that is not a default blank.

    Assigning to a column writes to the screen too, in the row that this one was read from; not if it is of history, or a
    copy.
    """

    def __init__(self, chars: Iterable[Char], default: Char, place: tuple[ScreenTerminal, int] | None = None) -> None:
        super().__init__(default)
        cells = list(chars)
        while cells and cells[-1] == default:
            cells.pop()
        dict.update(self, enumerate(cells))
        self._place = place

    def place(self) -> tuple[ScreenTerminal, int]:
        """Where it can be written to."""
        if self._place is None:
            raise ArgumentError("this row is not on the screen, or a copy; it cannot be written to")
        return self._place

    def __setitem__(self, x: int, char: Char) -> None:
        terminal, y = self.place()
        columns = terminal.columns
        if not 0 <= x < columns:
            raise ArgumentError(f"the column must be from 0 to {columns - 1}, not {x}")
        terminal.put(x, y, char)
        super().__setitem__(x, char)

    def __delitem__(self, x: int) -> None:
        if x not in self:
            raise KeyError(x)
        self[x] = BLANK
        super().__delitem__(x)

    def pop(self, x: int, *default: Any) -> Any:
        """The cell, which becomes blank."""
        if x not in self and default:
            return default[0]
        char = self[x]
        del self[x]
        return char

    def clear(self) -> None:
        for x in list(self):
            del self[x]

    # The rest of a dict's ways to change it comes to the same.
    update = MutableMapping.update
    setdefault = MutableMapping.setdefault
    popitem = MutableMapping.popitem

    def copy(self) -> Line:
        return Line(map(self.__getitem__, range(max(self, default=-1) + 1)), self.default)

    def __copy__(self) -> Line:
        return self.copy()

    def __deepcopy__(self, memo: object) -> Line:
        return self.copy()


class _Look(dict[str, Char]):
    """Cells of one look, by their texts, made when they are met first."""

    def __init__(self, look: Look, link: str | None) -> None:
        super().__init__()
        self._fields = *look, link

    def __missing__(self, data: str) -> Char:
        if len(self) >= CHARS:
            self.clear()
        char = self[data] = Char(data, *self._fields)
        return char


class _Looks(dict[tuple[int, int], _Look]):
    """Looks by a frame's numbers of style and link, which stay as long as its numbering."""

    def __init__(self, frame: Frame, reversed_screen: bool) -> None:
        super().__init__()
        self._frame, self._reversed = frame, reversed_screen

    def __missing__(self, key: tuple[int, int]) -> _Look:
        style, link = key
        info = self._frame._view.styles[style]
        look = look_from_core(info.foreground, info.background, info.attributes, self._reversed)
        made = self[key] = _Look(look, self._frame.link_table[link] if link else None)
        return made


class View:
    """The rows that are shown, which are the screen's or, after :meth:`scroll`, some of those above it.

    Whatever is written to the terminal brings the view back to the screen.
    """

    def __init__(self, terminal: ScreenTerminal) -> None:
        self.terminal = terminal
        self.dirty: set[int] = set()
        self._frame: Frame | None = None  # not before it is needed, as it has copies
        self._seen: object = None  # terminal.written at the last refresh
        self._scrolled = False
        self._size = 0, 0
        self._measured: object = None  # terminal.written then
        self._reversed = False
        self._numbering = self._resized = -1
        self._runs = ffi.new("gp_frame_runs *")
        self._lock = threading.RLock()
        self._lines: list[Line | None] = []
        self._texts: list[str] = []  # empty: not known

    # ---- where it is ----

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows of the screen."""
        written = self.terminal.written
        if written is not self._measured:
            figures = self.terminal._figures()
            self._size, self._measured = (figures.columns, figures.rows), written
        return self._size

    @property
    def above(self) -> int:
        """Rows that it is above the screen."""
        if not self._scrolled:
            return 0
        self.refresh()
        return self._frame.offset if self._frame and self._scrolled else 0

    def scroll(self, rows: int) -> None:
        """Up for a negative number."""
        with self._lock:
            frame = self.refresh()
            frame.scroll(rows)
            self._scrolled = not frame.following
            self._seen = None
            self.refresh(follow=False)

    # ---- what it shows ----

    def refresh(self, follow: bool = True) -> Frame:
        """Finds out what has changed since the last time."""
        with self._lock:
            return self._refresh(follow)

    def _refresh(self, follow: bool) -> Frame:
        written = self.terminal.written
        frame = self._frame
        if frame is None:
            frame = self._frame = self.terminal.frame()
        elif written is self._seen:
            return frame
        if follow and self._scrolled:
            frame.follow()
            self._scrolled = False
        changed: Iterable[int] = frame.update()
        now_reversed = self.terminal.reversed
        if frame._resized != self._resized or now_reversed != self._reversed:
            self._resized, self._reversed, self._numbering = frame._resized, now_reversed, -1
            self._lay_out(frame)
            changed = range(frame.rows)
        if frame._numbering != self._numbering:
            self._numbering = frame._numbering
            self._looks = _Looks(frame, now_reversed)
        for y in changed:
            self._lines[y], self._texts[y] = None, ""
        self.dirty.update(changed)
        self._seen = written
        return frame

    def _lay_out(self, frame: Frame) -> None:
        self._lines, self._texts = [None] * frame.rows, [""] * frame.rows
        self.dirty.intersection_update(range(frame.rows))
        arrays = frame.codepoints, frame.styles, frame.links, frame.widths
        self._arrays = tuple(array.cast("B") for array in arrays)

    def texts(self) -> list[str]:
        """The rows' texts, with spaces up to the last column."""
        with self._lock:
            frame = self.refresh()
            texts = self._texts
            for y in range(frame.rows):
                texts[y] = texts[y] or self._padded(frame, y)
            return texts.copy()

    def _padded(self, frame: Frame, y: int) -> str:
        text = frame.text(y)
        if text.isascii():
            return text.ljust(frame.columns)
        codepoints, _, _, widths = self._row(frame, y)
        used = _filled(codepoints)
        return text + " " * (frame.columns - used - (used > 0 and widths[used - 1] == 2))

    def _row(self, frame: Frame, y: int) -> tuple[memoryview, ...]:
        """The bytes of a row's code points, styles, links and widths."""
        begin, end = frame.columns * y, frame.columns * (y + 1)
        codepoints, styles, links, widths = self._arrays
        return codepoints[4 * begin : 4 * end], styles[4 * begin : 4 * end], links[4 * begin : 4 * end], widths[begin:end]

    def _decode(self, frame: Frame, y: int) -> list[Char]:
        """By runs, if each character has a column, which takes a third of the time."""
        row, runs, looks = frame._view.row[y], self._runs, self._looks
        check(lib.gp_frame_read_runs(frame._live, y, runs))
        count = runs.count
        if not count:
            return []
        text = str(ffi.buffer(runs.text, runs.text_bytes), "utf-8")
        if row.cluster_bytes or len(text) - count + 1 != runs.x[count - 1] + runs.width[count - 1]:
            chars = self._decode_cells(frame, y)
        else:
            chars = []
            for part, style, link in zip(text.split("\n"), ffi.unpack(runs.style, count), ffi.unpack(runs.link, count)):
                chars += map(looks[style, link].__getitem__, part)
        if row.wrapped:
            chars += [self.default_char] * (frame.columns - len(chars))
            chars[-1] = chars[-1]._replace(wrapped=True)
        return chars

    def _decode_cells(self, frame: Frame, y: int) -> list[Char]:
        codepoints, styles, links, widths = self._row(frame, y)
        texts = [chr(codepoint) if codepoint else " " for codepoint in codepoints.cast("I")]
        row = frame._view.row[y]
        if row.cluster_bytes:
            for x, text in _clusters(ffi.buffer(frame._view.clusters + row.cluster_begin, row.cluster_bytes)):
                texts[x] = text
        cells = zip(texts, styles.cast("I"), links.cast("I"), widths)
        return [self._looks[style, link][text if width else ""] for text, style, link, width in cells]

    def line(self, y: int) -> Line:
        with self._lock:
            frame = self.refresh()
            if y >= frame.rows:  # another thread has made the window smaller
                return Line((), self.default_char)
            line = self._lines[y]
            if line is None:
                place = None if self._scrolled else (self.terminal, y)
                line = self._lines[y] = Line(self._decode(frame, y), self.default_char, place)
            return line

    @property
    def default_char(self) -> Char:
        return REVERSED_BLANK if self.terminal.reversed else BLANK


def _filled(numbers: memoryview) -> int:
    """How many of these numbers of 4 bytes there are up to the last that is not 0."""
    return (len(bytes(numbers).rstrip(b"\0")) + 3) // 4


def _clusters(data: Any) -> Iterator[tuple[int, str]]:
    """The clusters of a row: columns and texts."""
    at = 0
    while at < len(data):
        x, length = _CLUSTER.unpack(data[at : at + _CLUSTER.size])
        at += _CLUSTER.size
        yield x, data[at : at + length].decode()
        at += length


def decode_block(block: Block, reversed_screen: bool) -> list[Line]:
    """Rows that were read, as lines that cannot be written to."""
    reading = block.reading
    infos = ffi.buffer(reading.styles, reading.style_count * _STYLE.size)
    looks = [look_from_core(fg, bg, attributes, reversed_screen) for fg, bg, _, attributes, _ in _STYLE.iter_unpack(infos)]
    links = [link and link[0] for link in block.links]
    default = REVERSED_BLANK if reversed_screen else BLANK
    text = block.text
    lines = []
    for info in block.infos:
        chars = [
            Char(text[at : at + length].decode() if length else " " if width else "", *looks[style], links[link])
            for at, length, width, _, style, link in block.cells(*info[2:4])
        ]
        if info[5]:
            chars += [default] * (block.columns - len(chars))
            chars[-1] = chars[-1]._replace(wrapped=True)
        lines.append(Line(chars, default))
    return lines


class Buffer(MutableMapping[int, Line]):
    """The rows that are shown, by number; as a mapping it has all of them. Below 0 they are counted from the last.

    A row is a :class:`Line`, as it was when it was read: ask again for what it has become. Beyond the screen rows are
    blank.
    """

    def __init__(self, view: View) -> None:
        self._view = view

    def __getitem__(self, y: int) -> Line:
        view = self._view
        if view.terminal.written is view._seen:
            try:
                line = view._lines[y]
            except IndexError:
                return Line((), view.default_char)
            if line is not None:
                return line
        rows = view.size[1]
        if not -rows <= y < rows:
            return Line((), view.default_char)
        return view.line(y if y >= 0 else y + rows)

    def __setitem__(self, y: int, line: Mapping[int, Char]) -> None:
        present = self[y]
        terminal, y = present.place()
        default = self._view.default_char
        for x in range(terminal.columns):
            char = line[x] if isinstance(line, StaticDefaultDict) else line.get(x, default)
            if char != present[x]:
                terminal.put(x, y, char)

    def __delitem__(self, y: int) -> None:
        self[y] = {}

    def __iter__(self) -> Iterator[int]:
        return iter(range(self._view.size[1]))

    def __len__(self) -> int:
        return self._view.size[1]

    def clear(self) -> None:
        for y in self:
            del self[y]

    def __copy__(self) -> dict[int, Line]:
        return dict(self)

    def __deepcopy__(self, memo: object) -> dict[int, Line]:
        return {y: line.copy() for y, line in self.items()}
