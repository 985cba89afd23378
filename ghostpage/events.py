"""What a terminal reports besides its screen; see :meth:`ghostpage.Terminal.take_events`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Bell", "Event", "IconTitleChanged", "State", "TitleChanged", "WorkingDirectoryChanged"]


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
