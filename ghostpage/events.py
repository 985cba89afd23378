"""What a terminal reports besides its screen; see :meth:`ghostpage.Terminal.take_events`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Bell", "Event", "IconTitleChanged", "TitleChanged", "WorkingDirectoryChanged"]


@dataclass(frozen=True)
class Event:
    """Something that happened in the output of a program."""


@dataclass(frozen=True)
class Bell(Event):
    """BEL was received ``count`` times in a row."""

    count: int = 1


@dataclass(frozen=True)
class TitleChanged(Event):
    """The window has another title (OSC 0 and 2, or a reset)."""

    title: str


@dataclass(frozen=True)
class IconTitleChanged(Event):
    """The icon has another title (OSC 0 and 1, or a reset)."""

    title: str


@dataclass(frozen=True)
class WorkingDirectoryChanged(Event):
    """The program said where it is (OSC 7), as a ``file:`` URL in most cases."""

    directory: str
