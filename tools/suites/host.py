"""The window around a terminal, as a test program sees it: what a library leaves to its host is answered here.

The terminal is asked first. Only what it leaves unanswered, the host answers: reports of a window's place and size in
pixels, and changes of them, after xterm's window operations (CSI ... t); and DECRQCRA, read off the rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ghostpage import Terminal

__all__ = ["Host", "Window"]

CELL = (10, 20)  # pixels
DISPLAY = (1600, 1200)

_ASKED = re.compile(rb"\x1b\[([0-9;]*)(t|\*y)")


@dataclass
class Window:
    """Place and state of a window; its size is the terminal's."""

    x: int = 40
    y: int = 60
    iconified: bool = False
    restore: tuple[int, int] | None = None  # columns and rows before it was made larger


@dataclass
class Host:
    """A terminal with a window around it; what is to be written to the program gathers in ``replies``."""

    terminal: Terminal
    window: Window = field(default_factory=Window)
    replies: bytearray = field(default_factory=bytearray)

    def write(self, data: bytes) -> None:
        """Output of the program, to the terminal."""
        at = 0
        for asked in _ASKED.finditer(data):
            self._feed(data[at : asked.end()])
            at = asked.end()
            if not self._collect():
                numbers = [int(number or 0) for number in asked[1].split(b";")]
                if asked[2] == b"t":
                    self._window_operation(numbers)
                else:
                    self._checksum(numbers)
        self._feed(data[at:])
        self._collect()

    def read(self, count: int) -> bytes:
        taken = bytes(self.replies[:count])
        del self.replies[:count]
        return taken

    def _feed(self, data: bytes) -> None:
        self.terminal.feed(data)
        for event in self.terminal.take_events():
            if type(event).__name__ == "SizeRequested":
                self._resize(getattr(event, "columns", None), getattr(event, "rows", None))

    def _collect(self) -> bool:
        found = self.terminal.take_replies()
        self.replies += found
        return bool(found)

    def _reply(self, *numbers: int) -> None:
        self.replies += b"\x1b[" + b";".join(b"%d" % number for number in numbers) + b"t"

    def _resize(self, columns: int | None, rows: int | None) -> None:
        """A size of 0 is the display's; None stays as it is."""
        most = DISPLAY[0] // CELL[0], DISPLAY[1] // CELL[1]
        now = self.terminal.columns, self.terminal.rows
        wanted = [
            before if asked is None else min(asked or limit, limit)
            for asked, before, limit in zip((columns, rows), now, most, strict=True)
        ]
        if tuple(wanted) != now:
            self.terminal.resize(*wanted)

    def _grow(self, columns: int | None, rows: int | None) -> None:
        self.window.restore = self.window.restore or (self.terminal.columns, self.terminal.rows)
        self._resize(columns, rows)

    def _restore(self) -> None:
        if self.window.restore:
            self._resize(*self.window.restore)
            self.window.restore = None

    def _window_operation(self, numbers: list[int]) -> None:
        first, second, third = (numbers + [-1, -1])[:3]
        window, terminal = self.window, self.terminal
        width, height = terminal.columns * CELL[0], terminal.rows * CELL[1]
        match first:
            case 1 | 2:
                window.iconified = first == 2
            case 3:
                window.x, window.y = second, third
            case 4:  # pixels, height first; what is left out stays, 0 is the display's
                size = [None if n < 0 else n // cell for n, cell in ((third, CELL[0]), (second, CELL[1]))]
                self._resize(*size)
            case 8:
                self._resize(None if third < 0 else third, None if second < 0 else second)
            case 9:
                match second:
                    case 0:
                        self._restore()
                    case 1:
                        self._grow(0, 0)
                    case 2:
                        self._grow(None, 0)
                    case 3:
                        self._grow(0, None)
            case 10:
                if second == 0 or (second == 2 and window.restore):
                    self._restore()
                elif second in (1, 2):
                    self._grow(0, 0)
            case 11:
                self._reply(2 if window.iconified else 1)
            case 13:
                self._reply(3, window.x, window.y)
            case 14:
                self._reply(4, height, width)
            case 15:
                self._reply(5, DISPLAY[1], DISPLAY[0])
            case 16:
                self._reply(6, CELL[1], CELL[0])
            case 18:
                self._reply(8, terminal.rows, terminal.columns)
            case 19:
                self._reply(9, DISPLAY[1] // CELL[1], DISPLAY[0] // CELL[0])
            case _:
                if first >= 24:
                    self._resize(None, first)

    def _checksum(self, numbers: list[int]) -> None:
        """DECRQCRA as xterm answers without checksum extensions, for the characters alone."""
        identity, _, top, left, bottom, right = (numbers + [0] * 6)[:6]
        rows = self.terminal.screen[max(top, 1) - 1 : bottom or None]
        cells = (cell for row in rows for cell in row.cells[max(left, 1) - 1 : right or None])
        total = sum(ord(cell.text[0]) & 0xFF if cell.text else 0x20 for cell in cells)
        self.replies += b"\x1bP%d!~%04X\x1b\\" % (identity, -total & 0xFFFF)
