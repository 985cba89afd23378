"""A viewport as arrays, brought up to date row by row: what something that draws a terminal needs."""

from __future__ import annotations

import struct
import threading
from typing import TYPE_CHECKING

from ghostpage._core import INT64_MAX, UINT32_MAX, UINT64_MAX, Error, Handle, check, ffi, integer, lib, owned, room_for
from ghostpage._forking import renew_in_child
from ghostpage.figures import Cursor, cursor_from_core
from ghostpage.lines import Position
from ghostpage.rows import RunSequence
from ghostpage.style import STYLE_BYTES, Style, styles_from_core

if TYPE_CHECKING:
    from ghostpage._reader import Reader

__all__ = ["Frame"]

_ROW = struct.Struct("@QIII?3x")  # gp_frame_row
_LINK = struct.Struct("@IIII")  # gp_link_info
_NO_RUNS = RunSequence([], [], [], [], [])


class Frame(Handle):
    """The rows that a window onto a terminal shows, as arrays: made by ``frame()`` of a terminal, screen or snapshot.

    The viewport has the size of the screen and follows it, or is pinned to a place in history. :meth:`update` brings the
    arrays up to date in place and says which rows have changed; between two updates nothing here changes. Any number of
    frames may be made of one terminal, and each may be used on a thread of its own. What was read can still be read when
    the terminal is closed. A frame has copies on the heap, 26 bytes a cell and its tables; :meth:`close` gives them back.

    :attr:`codepoints`, :attr:`widths`, :attr:`styles` and :attr:`links` are views of shape (rows, columns), one item a
    cell, which :func:`numpy.asarray` takes without a copy. They stay what they are for the life of the views: an update
    to another size makes new arrays and leaves the old ones alone.

    >>> from ghostpage import Terminal
    >>> with Terminal(8, 2) as terminal:
    ...     frame = terminal.frame()
    ...     terminal.feed("ab\\x1b[1m\\u754c")
    ...     frame.update(), frame.update()
    ([0], [])
    >>> frame.codepoints.shape, frame.codepoints[0, 2]
    ((2, 8), 30028)
    >>> frame.widths.tolist()[0], frame.style_table[frame.styles[0, 2]].bold
    ([1, 1, 2, 0, 1, 1, 1, 1], True)
    >>> [(run.text, run.style.bold, run.x, run.width) for run in frame.runs(0)]
    [('ab', False, 0, 2), ('\u754c', True, 2, 2)]
    """

    def __init__(self, reader: Reader) -> None:
        """Of anything that can be read; its rows are read at once."""
        self._reader = reader
        self._renew_lock()
        renew_in_child(self)
        made = room_for("gp_frame")
        check(lib.gp_frame_new(made))
        self._own(made)
        self._view = ffi.new("gp_frame_view *")
        self._runs = ffi.new("gp_frame_runs *")
        self._following = True
        self._broken_off = False
        self._resized = self._numbering = -1
        self._styles: list[Style] = []
        self._links: list[str | None] = []
        self._style_table: tuple[Style, ...] = ()
        self._link_table: tuple[str | None, ...] = ()
        self.update()

    def _renew_lock(self) -> None:
        self._lock = threading.RLock()

    # ---- what changes it ----

    def update(self) -> list[int]:
        """Reads the viewport again, and returns the indices of the rows that are not as they were, in rising order.

        A row has changed if one of its cells has, or whether it is wrapped. After a change of size these are all rows, and
        also when styles and links are numbered anew, because their tables had become twice as large as the frame has
        cells. Half a microsecond if nothing was fed; else ten to twenty for 120 by 40 cells of text, below 100 for 200 by 50
        with a style each, and 400 if these are all new. Raises :class:`~ghostpage.ClosedError` if the terminal was closed and
        :class:`~ghostpage.OutOfMemoryError`; the frame is what it was then.
        """
        view = self._view
        try:
            with self._lock:
                status = lib.gp_frame_update(self._live, self._reader._live, view)
                if status:
                    check(status)
                count = view.changed_count
                if not count and not self._broken_off:
                    return []
                if view.resized != self._resized:
                    self._export()
                if view.numbering != self._numbering:
                    self._styles, self._links = [], []
                    self._style_table, self._link_table = (), ()
                    self._numbering = view.numbering
                changed: list[int] = list(range(view.rows)) if self._broken_off else ffi.unpack(view.changed, count)
                self._broken_off = False
                return changed
        except Error:
            raise
        except BaseException:  # an interrupt, after the core has forgotten what had changed
            self._broken_off = True
            raise

    def follow(self) -> None:
        """The viewport is at the screen from the next update on, and stays there."""
        with self._lock:
            lib.gp_frame_follow(self._live)
            self._following = True

    def pin(self, line: int, cell: int = 0) -> None:
        """The viewport begins, from the next update on, with the row in which a cell of a line lies, and stays there.

        Lines have the numbers that :attr:`Row.line <ghostpage.Row.line>` says; a cell is counted from the line's beginning,
        as if it was not wrapped. Output and changes of width do not move it. When the line has gone, the viewport is at the
        oldest row. As long as the line is on the screen, the viewport is there too.

        >>> from ghostpage import Terminal
        >>> with Terminal(10, 2) as terminal:
        ...     terminal.feed("0\\r\\n1\\r\\n2\\r\\n3")
        ...     frame = terminal.frame()
        ...     frame.pin(terminal.history[1].line)
        ...     terminal.feed("\\r\\n4\\r\\n5")
        ...     frame.update()
        ...     frame.text(0), frame.offset, frame.total_rows
        [0, 1]
        ('1', 3, 6)
        """
        line = integer("line", line, 0, UINT64_MAX)
        cell = integer("cell", cell, 0, UINT32_MAX)
        with self._lock:
            lib.gp_frame_pin(self._live, line, cell)
            self._following = False

    def scroll(self, rows: int) -> None:
        """Moves the viewport down, or up for a negative number, from the next update on.

        It is pinned to the row that is its first then, or follows the screen if that is what it has come to. Beyond the ends
        is at the ends. Raises :class:`~ghostpage.ClosedError` if the terminal was closed.
        """
        rows = integer("rows", rows, -INT64_MAX, INT64_MAX)
        with self._lock:
            self._following = bool(lib.gp_frame_scroll(self._live, self._reader._live, rows))

    # ---- where it is ----

    @property
    def columns(self) -> int:
        """Cells in a row, as of the last update."""
        return int(self._view.columns)

    @property
    def rows(self) -> int:
        """Rows of the viewport, as of the last update."""
        return int(self._view.rows)

    @property
    def following(self) -> bool:
        """Whether the viewport is at the screen, whatever comes; set by :meth:`follow`, :meth:`pin` and :meth:`scroll`."""
        return self._following

    @property
    def offset(self) -> int:
        """Rows from the viewport's top down to the screen's; 0 if the viewport is the screen. As of the last update."""
        return int(self._view.offset_rows)

    @property
    def total_rows(self) -> int:
        """Rows of history and screen, as of the last update."""
        return int(self._view.total_rows)

    @property
    def cursor(self) -> Cursor:
        """The cursor as of the last update. It is on the screen: its row in the frame is ``cursor.y + offset``."""
        cursor = self._view.cursor
        return cursor_from_core(cursor.x, cursor.y, cursor.visible, cursor.shape, cursor.blinking, cursor.pending_wrap)

    @property
    def lines(self) -> list[Position]:
        """For each row the number of its line, and the cell of that line with which the row begins."""
        with self._lock:
            self._live  # noqa: B018  (raises if closed)
            infos = ffi.buffer(self._view.row, self._view.rows * _ROW.size)
            return [Position(line, cell) for line, cell, *_ in _ROW.iter_unpack(infos)]

    def wrapped(self, y: int) -> bool:
        """Whether the line of row ``y`` goes on in the next row."""
        with self._lock:
            self._live  # noqa: B018  (raises if closed)
            return bool(self._view.row[self._index(y)].wrapped)

    # ---- what is in it ----

    @property
    def codepoints(self) -> memoryview:
        """Code points (unsigned, 4 bytes): of a cluster the first; 0 for a blank and the right half of a wide cell."""
        return self._codepoints

    @property
    def widths(self) -> memoryview:
        """Widths (1 byte): 2 for a wide cell, 0 for the right half of one, else 1."""
        return self._widths

    @property
    def styles(self) -> memoryview:
        """Indices into :attr:`style_table` (unsigned, 4 bytes); 0 is the default style."""
        return self._style_numbers

    @property
    def links(self) -> memoryview:
        """Indices into :attr:`link_table` (unsigned, 4 bytes); 0 is no link."""
        return self._link_numbers

    @property
    def style_table(self) -> tuple[Style, ...]:
        """Styles by number. It grows with updates; a style keeps its number unless an update reports all rows."""
        with self._lock:
            styles = self._known_styles()
            if len(self._style_table) != len(styles):
                self._style_table = tuple(styles)
            return self._style_table

    @property
    def link_table(self) -> tuple[str | None, ...]:
        """Targets of links by number, None for 0; as :attr:`style_table`. Links that differ in their id have two numbers."""
        with self._lock:
            links = self._known_links()
            if len(self._link_table) != len(links):
                self._link_table = tuple(links)
            return self._link_table

    def text(self, y: int) -> str:
        """The text of row ``y`` without trailing blanks, as :attr:`Row.text <ghostpage.Row.text>`."""
        with self._lock:
            runs = self._runs
            check(lib.gp_frame_read_text(self._live, self._index(y), runs))
            return str(ffi.buffer(runs.text, runs.text_bytes), "utf-8")

    def runs(self, y: int) -> RunSequence:
        """The cells of row ``y`` as :attr:`Row.runs <ghostpage.Row.runs>`: neighbours of one style and link together.

        From column 0 on without a gap, up to the last cell that is not a blank of the default style. Costs some
        microseconds, and for each run a twentieth of one, and a tenth more when it is looked at; a style that the frame has
        not had before costs a quarter more.
        """
        with self._lock:
            runs = self._runs
            status = lib.gp_frame_read_runs(self._live, self._index(y), runs)
            if status:
                check(status)
            count = runs.count
            if not count:
                return _NO_RUNS
            known = self._styles if len(self._styles) == self._view.style_count else self._known_styles()
            styles = [known[number] for number in ffi.unpack(runs.style, count)]
            texts = str(ffi.buffer(runs.text, runs.text_bytes), "utf-8").split("\n")
            links: list[str | None] = [None] * count
            if runs.linked:
                targets = self._known_links()
                links = [targets[number] for number in ffi.unpack(runs.link, count)]
            if runs.single:
                return RunSequence(texts, styles, links, range(count), [1] * count)
            return RunSequence(texts, styles, links, ffi.unpack(runs.x, count), ffi.unpack(runs.width, count))

    def close(self) -> None:
        """Gives the memory back, but for arrays that views still look at. Any other use raises afterwards."""
        with self._lock:
            super().close()

    # ---- inside ----

    def _index(self, y: int) -> int:
        rows = self._view.rows
        index = integer("y", y, -rows, rows - 1)
        return index if index >= 0 else index + rows

    def _export(self) -> None:
        """Views of the arrays, which hold on to them."""
        columns, rows = self._view.columns, self._view.rows
        made = room_for("gp_frame_cells")
        lib.gp_frame_hold(self._live, made)
        held = owned(made)
        count, begin = columns * rows, lib.GP_FRAME_HEADER_BYTES
        cells = memoryview(ffi.buffer(held, begin + 13 * count)).toreadonly()[begin:]
        numbers = [cells[4 * count * i : 4 * count * (i + 1)].cast("I", (rows, columns)) for i in range(3)]
        self._codepoints, self._style_numbers, self._link_numbers = numbers
        self._widths = cells[12 * count :].cast("B", (rows, columns))
        self._resized = self._view.resized

    def _known_styles(self) -> list[Style]:
        """All styles; those that came since the last call are decoded."""
        self._live  # noqa: B018  (raises if closed)
        known, view = self._styles, self._view
        new = view.style_count - len(known)
        if new:
            known.extend(styles_from_core(ffi.buffer(view.styles + len(known), new * STYLE_BYTES)))
        return known

    def _known_links(self) -> list[str | None]:
        self._live  # noqa: B018  (raises if closed)
        known, view = self._links, self._view
        new = view.link_count - len(known)
        if new:
            infos = ffi.buffer(view.links + len(known), new * _LINK.size)
            text = ffi.buffer(view.link_text, view.link_text_bytes) if view.link_text_bytes else b""
            known.extend([
                text[begin : begin + length].decode("utf-8", "replace") if length else None
                for begin, length, _, _ in _LINK.iter_unpack(infos)
            ])
        return known

    def _violation(self) -> str | None:
        """What is wrong with its structures, if anything. For tests."""
        violation = lib.gp_frame_check(self._live)
        return None if violation == ffi.NULL else ffi.string(violation).decode()

    def __repr__(self) -> str:
        if self.closed:
            return "<Frame, closed>"
        where = "following" if self._following else f"{self.offset} rows up"
        return f"<Frame of {self.columns} by {self.rows}, {where}>"


def _check_layout() -> None:
    """The structures are read as bytes here; they must be what the compiler made of them."""
    for name, layout in (("gp_frame_row", _ROW), ("gp_link_info", _LINK)):
        if ffi.sizeof(name) != layout.size:
            raise ImportError(f"{name} has {ffi.sizeof(name)} bytes, not {layout.size}")


_check_layout()
