"""A match of a search, worked out when it is asked for; and what it was found in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from ghostpage._core import lib
from ghostpage.lines import Line, Position

__all__ = ["Found", "Lines", "Match", "OneLine", "PlainLine", "Span", "made"]

Groups = tuple["str | None", ...]


class Found(Protocol):
    """Where something was found in a text: a :class:`re.Match`, or a :class:`Span`."""

    def start(self) -> int: ...

    def end(self) -> int: ...

    def group(self) -> Any: ...

    def groups(self) -> tuple[Any, ...]: ...


class Text(Protocol):
    """What it was found in: which place a character has, and the text of its line."""

    def position(self, at: int) -> Position: ...

    def line(self, at: int) -> str: ...


class Match:
    """What was found, as it was when its line was read.

    Two are equal if all that they say is. One of many that a step of the search found shares the text of that step with
    them, about a mebibyte, and keeps it while it is kept; ``copy.copy(match)`` has what it says and nothing else.

    >>> import re
    >>> from ghostpage import Terminal
    >>> with Terminal(20, 2) as terminal:
    ...     terminal.feed("worker 12 did it")
    ...     match = next(terminal.search(re.compile(r"worker (\\d+)")))
    >>> match.text, match.groups, match.start, match.end, match.line
    ('worker 12', ('12',), Position(line=0, cell=0), Position(line=0, cell=9), 'worker 12 did it')
    """

    __slots__ = ("_found", "_text")

    def __init__(self, found: Found, text: Text) -> None:
        self._found = found
        self._text = text

    @property
    def start(self) -> Position:
        """Where it begins."""
        return self._text.position(self._found.start())

    @property
    def end(self) -> Position:
        """Behind its last character."""
        return self._text.position(self._found.end())

    @property
    def text(self) -> str:
        """What matched."""
        text: str = self._found.group()
        return text

    @property
    def line(self) -> str:
        """The text of its line; of a line that is too long for one record, that of the record it begins in and of those behind
        as far as it reaches."""
        return self._text.line(self._found.start())

    @property
    def groups(self) -> Groups:
        """Those of the pattern."""
        return self._found.groups()

    def __iter__(self) -> Iterator[Any]:
        return iter((self.start, self.end, self.text, self.line, self.groups))

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, Match) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return made, tuple(self)

    def __repr__(self) -> str:
        start, end, text, line, groups = self
        return f"Match({start=!r}, {end=!r}, {text=!r}, {line=!r}, {groups=!r})"


def made(start: Position, end: Position, text: str, line: str, groups: Groups = ()) -> Match:
    """A match that says this."""
    return Match(Span(0, len(text), text, groups), _Places(start, end, line))


class Span:
    """As a ``re.Match`` of this."""

    __slots__ = ("_begin", "_end", "_groups", "_text")

    def __init__(self, begin: int, end: int, text: str, groups: Groups = ()) -> None:
        self._begin, self._end = begin, end
        self._text = text
        self._groups = groups

    def start(self) -> int:
        return self._begin

    def end(self) -> int:
        return self._end

    def group(self) -> str:
        return self._text

    def groups(self) -> Groups:
        return self._groups


_new = tuple.__new__


class Lines:
    """Lines from a number on, joined by newlines, each of whose characters is a cell, from the first one on.

    ``begins`` has the characters that they begin with, for the core.
    """

    __slots__ = ("_begins", "_count", "_first", "_text")

    def __init__(self, text: str, first: int, begins: Any) -> None:
        self._text = text
        self._first = first
        self._begins = begins
        self._count = len(begins)

    def position(self, at: int) -> Position:
        place = lib.gp_line_of(self._begins, self._count, at)
        return _new(Position, (self._first + (place >> 32), place & 0xFFFFFFFF))  # half the time of Position(...)

    def line(self, at: int) -> str:
        text = self._text
        end = text.find("\n", at)
        return text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else None]

    def alone(self, found: Found) -> Match:
        """A match that keeps its own line and no others."""
        at = found.start()
        number, cell = self.position(at)
        span = Span(cell, cell + found.end() - at, found.group(), found.groups())
        return Match(span, PlainLine(self.line(at), number))


class PlainLine:
    """One line, each of whose characters is a cell, from the first one on."""

    __slots__ = ("_number", "_text")

    def __init__(self, text: str, number: int) -> None:
        self._text = text
        self._number = number

    def position(self, at: int) -> Position:
        return Position(self._number, at)

    def line(self, at: int) -> str:
        return self._text


class OneLine:
    """One line, whatever it is made of."""

    __slots__ = ("_line",)

    def __init__(self, line: Line) -> None:
        self._line = line

    def position(self, at: int) -> Position:
        return self._line.position(at)

    def line(self, at: int) -> str:
        return self._line.text


class _Places:
    """What is known of one match alone."""

    __slots__ = ("_end", "_line", "_start")

    def __init__(self, start: Position, end: Position, line: str) -> None:
        self._start, self._end = start, end
        self._line = line

    def position(self, at: int) -> Position:
        return self._end if at else self._start

    def line(self, at: int) -> str:
        return self._line
