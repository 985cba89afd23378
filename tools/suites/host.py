"""The window around a terminal, as a test program sees it: what a library leaves to its host is done here.

The terminal answers for itself; the host says what its window is, and does what is asked of it. Checksums (DECRQCRA) are
asked for as xterm's users set it up for such tests: of characters without attributes, erased cells as blanks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from ghostpage import Geometry, Terminal
from ghostpage.colors import Palette
from ghostpage.events import ClipboardRequested, ClipboardWritten, ResizeRequested, WindowRequested

__all__ = ["Host"]

GEOMETRY = Geometry(cell_width=10, cell_height=20, display_width=1600, display_height=1200, x=40, y=60)
CHECKSUM = b"\x1b[10#y"

_ASKED = re.compile(rb"\x1b\[[0-9;]*(t|\*y|\*\|)|\x1b\]52;[^\x07\x1b]*(?:\x07|\x1b\\)")


@dataclass
class Host:
    """A terminal with a window around it; what is to be written to the program gathers in ``replies``."""

    terminal: Terminal
    replies: bytearray = field(default_factory=bytearray)
    before: tuple[int, int] | None = None
    """Columns and rows before the window was made larger."""
    selections: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.terminal.geometry = GEOMETRY
        self.terminal.palette = Palette(foreground=(0, 0, 0), background=(255, 255, 255))  # as xterm's
        self.terminal.allow = {"clipboard", "title-reports"}

    def write(self, data: bytes) -> None:
        """Output of the program, to the terminal; what concerns the window is done before the rest is read."""
        at = 0
        for asked in _ASKED.finditer(data):
            self._feed(data[at : asked.start()])
            if asked[1] == b"*y":
                self._feed(CHECKSUM)
            self._feed(asked[0])
            at = asked.end()
        self._feed(data[at:])

    def read(self, count: int) -> bytes:
        taken = bytes(self.replies[:count])
        del self.replies[:count]
        return taken

    def _feed(self, data: bytes) -> None:
        self.terminal.feed(data)
        for event in self.terminal.take_events():
            if isinstance(event, ResizeRequested):
                self._resize(event.columns, event.rows)
            elif isinstance(event, WindowRequested):
                self._change_window(event)
            elif isinstance(event, ClipboardWritten):
                self.selections[event.selection] = event.data
            elif isinstance(event, ClipboardRequested):
                self.terminal.answer_clipboard(event.selection, self.selections.get(event.selection, b""))
        self.replies += self.terminal.take_replies()

    def _resize(self, columns: int, rows: int) -> None:
        most = GEOMETRY.display_width // GEOMETRY.cell_width, GEOMETRY.display_height // GEOMETRY.cell_height
        self.terminal.resize(min(columns, most[0]), min(rows, most[1]))

    def _grow(self, wide: bool, high: bool) -> None:
        terminal = self.terminal
        self.before = self.before or (terminal.columns, terminal.rows)
        self._resize(9999 if wide else terminal.columns, 9999 if high else terminal.rows)

    def _restore(self) -> None:
        if self.before:
            self._resize(*self.before)
            self.before = None

    def _change_window(self, event: WindowRequested) -> None:
        match event.action:
            case "iconify" | "deiconify":
                self.terminal.geometry = replace(self.terminal.geometry, iconified=event.action == "iconify")
            case "move":
                self.terminal.geometry = replace(self.terminal.geometry, x=event.x, y=event.y)
            case "unmaximize" | "leave-fullscreen":
                self._restore()
            case "toggle-fullscreen" if self.before:
                self._restore()
            case "maximize" | "fullscreen" | "toggle-fullscreen":
                self._grow(True, True)
            case "maximize-vertically":
                self._grow(False, True)
            case "maximize-horizontally":
                self._grow(True, False)
