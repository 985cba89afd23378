"""What a terminal was at one moment."""

from __future__ import annotations

import threading
from typing import Any
from weakref import WeakSet

from ghostpage._core import lib, room_for
from ghostpage._reader import Reader
from ghostpage.arena import Arena

__all__ = ["Snapshot", "take", "taken"]


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

    _taken: Taken

    def __init__(self, made: Any, arena: Arena) -> None:
        """Of a ``gp_terminal`` that was made."""
        self._arena = arena
        self._own(made)

    def _primary(self) -> Snapshot:
        return take(self, primary=True) if self.alternate_screen else self


class Taken:
    """The snapshots that were taken of a terminal, and of its snapshots."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: WeakSet[Snapshot] = WeakSet()

    def add(self, snapshot: Snapshot) -> None:
        with self._lock:
            self._all.add(snapshot)

    def open(self) -> list[Snapshot]:
        with self._lock:
            return [snapshot for snapshot in self._all if not snapshot.closed]


def take(reader: Reader, primary: bool = False) -> Snapshot:
    """A snapshot of anything that can be read, or of its primary screen, whichever is shown."""
    made = room_for("gp_terminal")
    reader._check(lib.gp_terminal_snapshot(reader._live, primary, made))
    snapshot = Snapshot(made, reader._arena)
    snapshot._taken = reader.__dict__.setdefault("_taken", Taken())
    snapshot._taken.add(snapshot)
    return snapshot


def taken(reader: Reader) -> list[Snapshot]:
    """The snapshots of a terminal that are open."""
    known: Taken | None = reader.__dict__.get("_taken")
    return known.open() if known else []
