"""Tables of what is handled: from what a program sends to the function that carries it out, and to a line of the documentation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

__all__ = ["Sequence", "Table"]

SINCE = "0.1"  # of what says nothing else

Key = TypeVar("Key")
Handler = TypeVar("Handler", bound=Callable[..., Any])


@dataclass(frozen=True)
class Sequence:
    """A control sequence that a terminal handles, as the documentation lists it."""

    syntax: str
    """In xterm's notation, the parts apart: ``CSI ? Ps n``. Ps is a number, Pm several, Pt a text."""
    mnemonic: str
    """Its name in the standard or manual that it comes from; may be empty."""
    effect: str
    since: str = SINCE


class Table(Generic[Key]):
    """What is handled, by key.

    >>> table = Table[int]()
    >>> @table.on(5, syntax="CSI 5 n", mnemonic="DSR", effect="says that all is well")
    ... def well() -> str:
    ...     return "well"
    >>> table.find(5)(), table.find(6)
    ('well', None)
    """

    def __init__(self) -> None:
        self.sequences: list[Sequence] = []
        self._handlers: dict[Key, Callable[..., Any]] = {}

    def on(
        self, *keys: Key, syntax: str, mnemonic: str = "", effect: str, since: str = SINCE
    ) -> Callable[[Handler], Handler]:
        """Makes the decorated function what carries out these keys."""

        def enter(handler: Handler) -> Handler:
            for key in keys:
                if key in self._handlers:
                    raise ValueError(f"{key!r} is handled already")
                self._handlers[key] = handler
            self.sequences.append(Sequence(syntax, mnemonic, effect, since))
            return handler

        return enter

    def find(self, key: Key) -> Callable[..., Any] | None:
        return self._handlers.get(key)

    @property
    def keys(self) -> list[Key]:
        return list(self._handlers)
