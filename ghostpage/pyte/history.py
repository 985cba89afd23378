"""A screen with history, to be paged through; what is kept costs what its text costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from typing import NamedTuple, overload

from ghostpage.limits import Limits
from ghostpage.pyte.screen import Screen
from ghostpage.pyte.view import Line, View, decode_block

__all__ = ["History", "HistoryScreen", "Rows"]

ROWS_AT_ONCE = 512  # read for an iteration


class Rows(Sequence[Line]):
    """The rows above what is shown, or those below it, as they are when they are asked for."""

    def __init__(self, view: View, above: bool) -> None:
        self._view = view
        self._above = above

    def _bounds(self) -> tuple[int, int]:
        figures = self._view.terminal._figures()
        top = figures.history_rows - self._view.above
        return (0, top) if self._above else (top + figures.rows, figures.history_rows + figures.rows)

    def _read(self, first: int, count: int) -> list[Line]:
        terminal = self._view.terminal
        return decode_block(terminal._read_rows(first, count, False), terminal.reversed)

    @property
    def maxlen(self) -> int | None:
        return self._view.terminal.limits.lines

    def __len__(self) -> int:
        first, last = self._bounds()
        return last - first

    @overload
    def __getitem__(self, index: int) -> Line: ...

    @overload
    def __getitem__(self, index: slice) -> list[Line]: ...

    def __getitem__(self, index: int | slice) -> Line | list[Line]:
        first, last = self._bounds()
        if isinstance(index, slice):
            return list(self._walk(range(first, last)[index]))
        return self._read(range(first, last)[index], 1)[0]

    def __iter__(self) -> Iterator[Line]:
        return self._walk(range(*self._bounds()))

    def __reversed__(self) -> Iterator[Line]:
        return self._walk(range(*self._bounds())[::-1])

    def _walk(self, wanted: range) -> Iterator[Line]:
        at_once = ROWS_AT_ONCE if abs(wanted.step) == 1 else 1
        for start in range(0, len(wanted), at_once):
            part = wanted[start : start + at_once]
            lines = self._read(min(part), len(part))
            yield from lines if wanted.step > 0 else reversed(lines)

    def clear(self) -> None:
        """Forgets the history."""
        self._view.terminal.clear_history()

    def __repr__(self) -> str:
        return f"<{len(self)} rows {'above' if self._above else 'below'}>"


class History(NamedTuple):
    """Rows above and below what is shown, and how paging goes.

    ``ratio`` is the part of a screen that a page is, ``size`` how many rows are kept, and ``position`` is ``size`` at the
    screen and less by the rows that were paged up.
    """

    top: Rows
    bottom: Rows
    ratio: float
    size: int
    position: int


class HistoryScreen(Screen):
    """A screen that keeps up to ``history`` rows above it, which pages of ``ratio`` times its rows lead through.

    Whatever is printed leads back to the screen, where it is shown.

    >>> from ghostpage.pyte.streams import Stream
    >>> screen = HistoryScreen(10, 2, history=1000)
    >>> Stream(screen).feed("one\\r\\ntwo\\r\\nthree\\r\\nfour")
    >>> screen.prev_page()
    >>> screen.display, len(screen.history.top), screen.history.position
    (['two       ', 'three     '], 1, 999)
    """

    def __init__(self, columns: int, lines: int, history: int = 100, ratio: float = 0.5) -> None:
        self._ratio = float(ratio)
        self._size = history
        self._open(columns, lines, history)

    @property
    def history(self) -> History:
        """What is above and below; a changed ``position``, ``ratio`` or ``size`` can be assigned."""
        above, below = Rows(self._view, True), Rows(self._view, False)
        return History(above, below, self._ratio, self._size, self._size - self._view.above)

    @history.setter
    def history(self, history: History) -> None:
        if not (isinstance(history.top, Rows) and isinstance(history.bottom, Rows)):
            raise TypeError("history.top and history.bottom are the terminal's, and cannot be replaced")
        self._ratio = history.ratio
        if history.size != self._size:
            self._terminal.limits = Limits(lines=history.size)
            self._size = history.size
        self._scroll(self._size - history.position - self._view.above)

    def prev_page(self) -> None:
        """Shows earlier rows."""
        history = self.history
        if history.position > self.lines:
            self._scroll(min(len(history.top), ceil(self.lines * self._ratio)))

    def next_page(self) -> None:
        """Shows later rows."""
        history = self.history
        if history.position < history.size:
            self._scroll(-min(len(history.bottom), ceil(self.lines * self._ratio)))

    def _scroll(self, rows: int) -> None:
        if rows:
            self._view.scroll(-rows)
            self._touch(0, self.lines)
