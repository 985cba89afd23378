"""What a terminal was at one moment."""

from __future__ import annotations

from typing import Any

from ghostpage._core import ffi, lib
from ghostpage._reader import Reader
from ghostpage.arena import Arena

__all__ = ["Snapshot"]


class Snapshot(Reader):
    """Screen and history of a terminal as they were when :meth:`Terminal.snapshot <ghostpage.Terminal.snapshot>` made it.

    Never changes, is read like the terminal and from any thread while the terminal is fed, and outlives it. Pages of
    history are shared with the terminal and other snapshots, not copied: they go when the last of them has gone. What is
    copied is the screen and the page or two that it begins in. ``memory`` is that of the copies.

    >>> from ghostpage import Terminal
    >>> with Terminal(20, 2) as terminal:
    ...     terminal.feed("one\\r\\ntwo\\r\\nthree")
    ...     snapshot = terminal.snapshot()
    ...     terminal.feed("\\x1b[2J\\x1b[Hsomething else")
    >>> snapshot.text()
    'one\\ntwo\\nthree'
    """

    def __init__(self, pointer: Any, arena: Arena) -> None:
        """``pointer`` is an owned ``gp_terminal``."""
        self._arena = arena
        self._own(pointer, lib.gp_terminal_free)

    def _primary(self) -> Snapshot:
        return take(self, primary=True) if self.alternate_screen else self


def take(reader: Reader, primary: bool = False) -> Snapshot:
    """A snapshot of anything that can be read, or of its primary screen, whichever is shown."""
    made = ffi.new("gp_terminal **")
    reader._check(lib.gp_terminal_snapshot(reader._live, primary, made))
    return Snapshot(made[0], reader._arena)
