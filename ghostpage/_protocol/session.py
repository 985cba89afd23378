"""What is kept of a conversation with a program, and one thing that the program says in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from ghostpage._protocol.outbox import Outbox
from ghostpage.events import Event, IconTitleChanged, State, TitleChanged, WorkingDirectoryChanged

__all__ = ["Asked", "Call", "Session", "clean"]

CHARACTERS = 4096  # of a title or directory
ST = "\x1b\\"

_SAVED = ("title", "icon_title", "working_directory")
_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)])


class Asked(Protocol):
    """The terminal that reports are about."""

    def _figures(self) -> Any: ...

    def _mode_state(self, number: int, ansi: bool) -> int: ...

    def _mark(self, payload: bytes) -> None: ...

    def _reset(self) -> None: ...


class Session:
    """Everything that a terminal keeps in Python. What one feed changes is read from any thread, a field at a time."""

    def __init__(self) -> None:
        self.outbox = Outbox()
        self.ignored = 0
        self.title = ""
        self.icon_title = ""
        self.working_directory = ""

    def save(self) -> dict[str, Any]:
        """What is worth keeping in a file, as JSON has it."""
        return {name: getattr(self, name) for name in _SAVED}

    def load(self, saved: dict[str, Any]) -> None:
        """What :meth:`save` gave. Raises ``KeyError`` and ``TypeError`` for anything else."""
        for name in _SAVED:
            if type(saved[name]) is not type(getattr(self, name)):
                raise TypeError(name)
        for name in _SAVED:
            setattr(self, name, saved[name])

    def reset(self) -> None:
        """RIS. The working directory is the program's, not the terminal's."""
        self.set("title", TitleChanged, "")
        self.set("icon_title", IconTitleChanged, "")

    def set(self, name: str, event: type[State], value: Any) -> None:
        """Changes a field, and says so if it was something else."""
        if getattr(self, name) != value:
            setattr(self, name, value)
            self.outbox.add(event(value))  # type: ignore[call-arg]

    def set_title(self, text: str) -> None:
        self.set("title", TitleChanged, text)

    def set_icon_title(self, text: str) -> None:
        self.set("icon_title", IconTitleChanged, text)

    def set_working_directory(self, text: str) -> None:
        self.set("working_directory", WorkingDirectoryChanged, text)


@dataclass(frozen=True)
class Call:
    """One control sequence that Python has to carry out."""

    session: Session
    terminal: Asked
    key: str = ""
    """Of a CSI or DCS: marker, intermediates and final byte."""
    parameters: tuple[int, ...] = ()
    """0 where omitted."""
    payload: bytes = b""
    truncated: bool = False
    terminator: str = ST

    def parameter(self, index: int, default: int = 0) -> int:
        return self.parameters[index] or default if index < len(self.parameters) else default

    def reply(self, text: str) -> None:
        self.session.outbox.add(text.encode("utf-8"))

    def tell(self, event: Event) -> None:
        self.session.outbox.add(event)

    def ignore(self) -> None:
        self.session.ignored += 1


def clean(payload: bytes, characters: int = CHARACTERS) -> str:
    """Text that can be shown: malformed UTF-8 replaced, controls removed, and not too long."""
    return payload.decode("utf-8", "replace").translate(_CONTROLS)[:characters]
