"""What a terminal reports besides its screen; see :meth:`ghostpage.Terminal.take_events`.

Places are those of the cell that the cursor was in: ``x`` and ``y`` count from 0, from the left and the top of the screen;
``line`` is the number of the line there, which stays true when the screen scrolls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = [
    "AttentionRequested",
    "Bell",
    "ClipboardRequested",
    "ClipboardWritten",
    "ColorsChanged",
    "Event",
    "FileReceived",
    "IconTitleChanged",
    "KittyGraphics",
    "MarkSet",
    "Notification",
    "NotificationClosed",
    "PointerShapeChanged",
    "ProgressChanged",
    "RemoteHostChanged",
    "ResizeRequested",
    "Sixel",
    "State",
    "StringReceived",
    "TitleChanged",
    "UserVariableChanged",
    "WindowRequested",
    "WorkingDirectoryChanged",
]


@dataclass(frozen=True)
class Event:
    """Something that happened in the output of a program."""

    @property
    def _bytes(self) -> int:
        """About how much memory it takes, for what waits to be bounded."""
        return sum(len(value) for value in vars(self).values() if isinstance(value, (bytes, str)))


@dataclass(frozen=True)
class State(Event):
    """The base of events that say what something is now: of neighbours about the same thing the last one is told."""

    @property
    def _about(self) -> Any:
        return type(self)


@dataclass(frozen=True)
class Bell(Event):
    """BEL was received ``count`` times in a row."""

    count: int = 1


# ---- what the program says of itself --------------------------------------------------------------------------------


@dataclass(frozen=True)
class TitleChanged(State):
    """The window has another title (OSC 0 and 2, the title stack, or a reset)."""

    title: str


@dataclass(frozen=True)
class IconTitleChanged(State):
    """The icon has another title (OSC 0 and 1, the title stack, or a reset)."""

    title: str


@dataclass(frozen=True)
class WorkingDirectoryChanged(State):
    """The program said where it is (OSC 7), as a ``file:`` URL in most cases."""

    directory: str


@dataclass(frozen=True)
class RemoteHostChanged(State):
    """The shell runs there now (OSC 1337 RemoteHost), as ``user@host``."""

    host: str


@dataclass(frozen=True)
class UserVariableChanged(State):
    """A variable was set (OSC 1337 SetUserVar)."""

    name: str
    value: str

    @property
    def _about(self) -> Any:
        return type(self), self.name


@dataclass(frozen=True)
class ProgressChanged(State):
    """How far something is (OSC 9;4): ``"none"``, ``"normal"``, ``"error"``, ``"indeterminate"`` or ``"paused"``."""

    state: str
    percent: int


@dataclass(frozen=True)
class MarkSet(Event):
    """A place to come back to (OSC 1337 SetMark)."""

    x: int
    y: int
    line: int


# ---- what it asks of the window -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ColorsChanged(State):
    """Colours were set or reset; :attr:`ghostpage.Terminal.palette` says what they are now."""


@dataclass(frozen=True)
class PointerShapeChanged(State):
    """The mouse pointer has another shape (OSC 22), by its name in CSS; empty for the usual one."""

    shape: str


@dataclass(frozen=True)
class ResizeRequested(State):
    """The terminal should have this size; a host that agrees calls :meth:`ghostpage.Terminal.resize`."""

    columns: int
    rows: int


@dataclass(frozen=True)
class WindowRequested(Event):
    """Something should be done with the window.

    ``action`` is ``"deiconify"``, ``"iconify"``, ``"move"`` (to ``x`` and ``y``, in pixels), ``"raise"``, ``"lower"``,
    ``"refresh"``, ``"unmaximize"``, ``"maximize"``, ``"maximize-vertically"``, ``"maximize-horizontally"``,
    ``"leave-fullscreen"``, ``"fullscreen"`` or ``"toggle-fullscreen"``.
    """

    action: str
    x: int = 0
    y: int = 0


@dataclass(frozen=True)
class AttentionRequested(Event):
    """The program wants to be looked at (OSC 1337 RequestAttention): ``"yes"``, ``"no"``, ``"once"`` or ``"fireworks"``."""

    how: str


# ---- what is told only to a host that allows it ---------------------------------------------------------------------


@dataclass(frozen=True)
class Notification(Event):
    """A message for the desktop (OSC 9, 777 and 99); told if ``"notifications"`` are allowed."""

    title: str
    body: str
    id: str = ""
    """By which a later one replaces it (OSC 99)."""
    urgency: int = 1
    """0 low, 1 normal, 2 critical (OSC 99)."""


@dataclass(frozen=True)
class NotificationClosed(Event):
    """A notification is no longer wanted (OSC 99); told if ``"notifications"`` are allowed."""

    id: str


@dataclass(frozen=True)
class ClipboardWritten(Event):
    """A selection has this content (OSC 52); told if ``"clipboard"`` is allowed.

    ``selection`` is as in xterm: ``c`` clipboard, ``p`` primary, ``s`` select, ``0`` to ``7`` cut buffers, several of them
    together. Without ``data`` the selection is cleared, unless there was too much of it: ``truncated`` says that it was
    longer than :attr:`ghostpage.Terminal.string_limit`, and none is kept.
    """

    selection: str
    data: bytes
    truncated: bool = False


@dataclass(frozen=True)
class ClipboardRequested(Event):
    """The content of a selection is asked for (OSC 52); told if ``"clipboard"`` is allowed.

    A host that wants to tell calls :meth:`ghostpage.Terminal.answer_clipboard`.
    """

    selection: str


@dataclass(frozen=True)
class Sixel(Event):
    """An image in DEC's format; told if ``"images"`` are allowed. ``parameters`` are those of the DCS."""

    parameters: tuple[int, ...]
    data: bytes
    truncated: bool
    """It was longer than :attr:`ghostpage.Terminal.string_limit`; then no data is kept."""
    x: int
    y: int
    line: int


@dataclass(frozen=True)
class KittyGraphics(Event):
    """A command of kitty's graphics protocol, as it came after ``APC G``; told if ``"images"`` are allowed.

    ``control`` are its keys and values; what the protocol answers is for the host to say.
    """

    control: str
    payload: bytes
    truncated: bool
    x: int
    y: int
    line: int


@dataclass(frozen=True)
class FileReceived(Event):
    """A file, or with ``inline`` among its ``arguments`` an image (OSC 1337 File); told if ``"files"`` are allowed."""

    name: str
    arguments: str
    data: bytes
    truncated: bool
    x: int
    y: int
    line: int


@dataclass(frozen=True)
class StringReceived(Event):
    """A control string that means nothing here; told if ``"strings"`` are allowed.

    ``kind`` is ``"DCS"``, ``"APC"``, ``"PM"``, ``"SOS"`` or ``"tmux"`` (what a program sends past tmux, unwrapped);
    ``head`` is what a DCS has before its data, such as ``"1;2$q"``.
    """

    kind: str
    head: str
    data: bytes
    truncated: bool
