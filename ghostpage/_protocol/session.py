"""What is kept of a conversation with a program, and one thing that the program says in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from ghostpage._protocol.keyboard import KittyFlags, ModifiedKeys
from ghostpage._protocol.outbox import Outbox
from ghostpage._protocol.titles import TitleStack
from ghostpage.colors import Palette
from ghostpage.events import ColorsChanged, Event, PointerShapeChanged, ProgressChanged, State, TitleChanged, IconTitleChanged
from ghostpage.geometry import Geometry

__all__ = ["ALLOWABLE", "Asked", "Call", "Head", "STRING_LIMIT", "STRING_LIMIT_MOST", "Session", "clean"]

ALLOWABLE = frozenset({"clipboard", "files", "images", "notifications", "strings", "title-reports"})
STRING_LIMIT, STRING_LIMIT_MOST = 1 << 20, 1 << 30
CHARACTERS = 4096  # of a title or directory
VARIABLES = 100
ST = "\x1b\\"

_SAVED = ("title", "icon_title", "working_directory", "remote_host", "pointer_shape")
_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)])
_C1 = {"\x1b[": b"\x9b", "\x1bP": b"\x90", "\x1b]": b"\x9d"}


class Asked(Protocol):
    """The terminal that reports are about."""

    def _figures(self) -> Any: ...

    def _state(self) -> Any: ...

    def _tabs(self) -> list[int]: ...

    def _mode_state(self, number: int, ansi: bool) -> int: ...

    def _checksum(self, left: int, top: int, right: int, bottom: int, flags: int) -> int: ...

    def _pens(self, left: int, top: int, right: int, bottom: int) -> set[Any]: ...

    def _inject(self, controls: bytes) -> None: ...

    def _mark(self, payload: bytes) -> None: ...

    def _reset(self) -> None: ...


# What terminals begin with, made once: the palette takes 18 KB, and half a millisecond.
_PALETTE = Palette()
_GEOMETRY = Geometry()


class Session:
    """Everything that a terminal keeps in Python. What one feed changes is read from any thread, a field at a time."""

    def __init__(self) -> None:
        self.outbox = Outbox()
        self.allowed: frozenset[str] = frozenset()
        self.string_limit = STRING_LIMIT
        self.geometry = _GEOMETRY
        self.dark = True
        self.ignored = 0
        self.title = ""
        self.icon_title = ""
        self.working_directory = ""
        self.remote_host = ""
        self.user_variables: dict[str, str] = {}
        self.pointer_shape = ""
        self.pointer_shapes: list[str] = []
        self.progress: tuple[str, int] = ("none", 0)
        self.default_palette = self.palette = _PALETTE
        self.palettes: list[Palette] = []
        self.title_stack = TitleStack()
        self.title_modes: set[int] = set()
        self.kitty = (KittyFlags(), KittyFlags())  # of the primary and of the alternate screen
        self.keys = ModifiedKeys()
        self.checksum_flags = 0
        self.notifications: dict[str, dict[str, str]] = {}

    def reset(self) -> None:
        """RIS. Working directory, host and variables are the program's, not the terminal's."""
        self.set("title", TitleChanged, "")
        self.set("icon_title", IconTitleChanged, "")
        self.set("pointer_shape", PointerShapeChanged, "")
        if self.progress != ("none", 0):
            self.progress = ("none", 0)
            self.outbox.add(ProgressChanged(*self.progress))
        self.set_palette(self.default_palette)
        self.pointer_shapes, self.palettes, self.notifications = [], [], {}
        self.title_stack.clear()
        self.title_modes = set()
        self.kitty = (KittyFlags(), KittyFlags())
        self.keys.reset()
        self.checksum_flags = 0

    def save(self) -> dict[str, Any]:
        """What is worth keeping in a file, as JSON has it."""
        return {
            **{name: getattr(self, name) for name in _SAVED},
            "user_variables": self.user_variables,
            "palette": asdict(self.palette),
            "kitty": [flags.save() for flags in self.kitty],
            "modified_keys": [list(values.items()) for values in (self.keys.modify, self.keys.format)],
        }

    def load(self, saved: dict[str, Any]) -> None:
        """What :meth:`save` gave. Raises ``KeyError``, ``TypeError`` and ``ValueError`` for anything else; half is set then."""
        for name in _SAVED:
            setattr(self, name, _text(saved[name]))
        variables = list(saved["user_variables"].items())[:VARIABLES]
        self.user_variables = {_text(name): _text(value) for name, value in variables}
        colors = {name: _tuples(value) for name, value in saved["palette"].items()}
        self.palette = Palette(**colors)
        for flags, stack in zip(self.kitty, saved["kitty"], strict=True):
            flags.load(stack)
        for values, pairs in zip((self.keys.modify, self.keys.format), saved["modified_keys"], strict=True):
            values.update({key: int(value) for key, value in pairs if key in values})

    def set(self, name: str, event: Callable[[Any], State], value: Any) -> None:
        """Changes a field, and says so if it was something else."""
        if getattr(self, name) != value:
            setattr(self, name, value)
            self.outbox.add(event(value))

    def set_palette(self, palette: Palette) -> None:
        if palette != self.palette:
            self.palette = palette
            self.outbox.add(ColorsChanged())


@dataclass(frozen=True, slots=True)
class Head:
    """What a control sequence says, but for the string that may come with it."""

    key: str
    """Of a CSI or DCS: marker, intermediates and final byte."""
    parameters: tuple[int, ...]
    """0 where omitted."""
    omitted: int
    """Bit i: parameter i was."""
    truncated: bool
    terminator: str
    eight_bit: bool
    """Whether replies have the control characters of 8 bits (S8C1T)."""


class Call:
    """One control sequence that Python has to carry out, while it does: then it is the next one."""

    __slots__ = ("head", "payload", "session", "terminal", "x", "y")

    head: Head
    payload: bytes
    x: int
    y: int
    """Of DSR 6: the cursor as it is to be answered, from 0."""

    def __init__(self, session: Session, terminal: Asked) -> None:
        self.session = session
        self.terminal = terminal

    @property
    def key(self) -> str:
        return self.head.key

    @property
    def parameters(self) -> tuple[int, ...]:
        return self.head.parameters

    @property
    def truncated(self) -> bool:
        return self.head.truncated

    def parameter(self, index: int, default: int = 0) -> int:
        """With 0 standing for the default too."""
        parameters = self.head.parameters
        return parameters[index] or default if index < len(parameters) else default

    def given(self, index: int) -> int | None:
        """None if it was omitted."""
        parameters = self.head.parameters
        return parameters[index] if index < len(parameters) and not self.head.omitted >> index & 1 else None

    def allows(self, what: str) -> bool:
        return what in self.session.allowed

    def reply(self, text: str) -> None:
        """With the control characters of 7 bits; of 8 where the program asked for that."""
        reply = text.encode("utf-8")
        if self.head.eight_bit and text[:2] in _C1:
            reply = _C1[text[:2]] + reply[2:]
            reply = reply[:-2] + b"\x9c" if reply.endswith(b"\x1b\\") else reply
        self.session.outbox.add(reply)

    def reply_osc(self, text: str) -> None:
        """Ended as the question was."""
        self.reply(f"\x1b]{text}{self.head.terminator}")

    def tell(self, event: Event) -> None:
        self.session.outbox.add(event)

    def place(self) -> dict[str, int]:
        figures = self.terminal._figures()
        return {"x": figures.x, "y": figures.y, "line": figures.cursor_line}

    def ignore(self) -> None:
        self.session.ignored += 1


def clean(payload: bytes, characters: int = CHARACTERS) -> str:
    """Text that can be shown: malformed UTF-8 replaced, controls removed, and not too long."""
    return payload.decode("utf-8", "replace").translate(_CONTROLS)[:characters]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return clean(value.encode("utf-8", "replace"))


def _tuples(value: Any) -> Any:
    """As they were before JSON made lists of them."""
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
