"""A match of a search, worked out when it is asked for; and what it was found in."""

from __future__ import annotations

import sys
from array import array
from collections import _tuplegetter  # type: ignore[attr-defined]  # what a named tuple's fields are
from collections.abc import Iterator, Sequence
from itertools import chain, count, cycle, repeat
from operator import length_hint
from re import Match as ReMatch
from re import Pattern
from typing import Any, Protocol

from ghostpage._core import ffi, lib
from ghostpage.lines import Line, Position

__all__ = ["Found", "Many", "Match", "OneLine", "Part", "Span", "Waiting", "made"]

Groups = tuple["str | None", ...]

PLACES_AT_ONCE = 128  # of many matches, worked out when one is asked for: more objects would wait until the collector comes


class Found(Protocol):
    """Where something was found in a text: a :class:`re.Match`, or a :class:`Span`."""

    def start(self) -> int: ...

    def end(self) -> int: ...

    def group(self) -> Any: ...

    def groups(self) -> tuple[Any, ...]: ...


class Text(Protocol):
    """What it was found in: which places characters have, and the text of a character's line."""

    def positions(self, at: array[int]) -> list[Position]: ...

    def line(self, at: int) -> str: ...


class Match(tuple[Any, ...]):
    """What was found, as it was when its line was read.

    A named tuple whose fields are worked out when they are asked for. One of many that were found near each other shares their
    text with them, about 64 KiB, and keeps it while it is kept; ``copy.copy(match)`` has what it says and nothing else.

    >>> import re
    >>> from ghostpage import Terminal
    >>> with Terminal(20, 2) as terminal:
    ...     terminal.feed("worker 12 did it")
    ...     match = next(terminal.search(re.compile(r"worker (\\d+)")))
    >>> match.text, match.groups, match.start, match.end, match.line
    ('worker 12', ('12',), Position(line=0, cell=0), Position(line=0, cell=9), 'worker 12 did it')
    """

    # What it is in fact a tuple of. No other object can be made by C alone; one with an __init__ takes half as long again.

    __slots__ = ()

    text: str = _tuplegetter(0, "What matched.")
    _index = _tuplegetter(1, "")
    _batch = _tuplegetter(2, "")

    @property
    def start(self) -> Position:
        """Where it begins."""
        start: Position = self._batch.starts[self._index]
        return start

    @property
    def end(self) -> Position:
        """Behind its last character."""
        end: Position = self._batch.ends[self._index]
        return end

    @property
    def line(self) -> str:
        """The text of its line; of a line that is too long for one record, that of the record it begins in and of those behind
        as far as it reaches."""
        line: str = self._batch.line(self._index)
        return line

    @property
    def groups(self) -> Groups:
        """Those of the pattern."""
        groups: Groups = self._batch.groups(self._index)
        return groups

    def __iter__(self) -> Iterator[Any]:
        return iter((self.start, self.end, self.text, self.line, self.groups))

    def __len__(self) -> int:
        return 5

    def __reduce__(self) -> tuple[Any, ...]:
        return made, tuple(self)

    def __repr__(self) -> str:
        start, end, text, line, groups = self
        return f"Match({start=!r}, {end=!r}, {text=!r}, {line=!r}, {groups=!r})"


def _of_fields(name: str) -> Any:
    def plain(value: Any) -> Any:
        return tuple(iter(value)) if isinstance(value, Match) else value

    method = getattr(tuple, name)
    return lambda self, *arguments: method(plain(self), *map(plain, arguments))


for _name in ("__add__", "__contains__", "__eq__", "__ge__", "__getitem__", "__gt__", "__hash__", "__le__", "__lt__", "__mul__",
              "__ne__", "__rmul__", "count", "index"):  # fmt: skip
    setattr(Match, _name, _of_fields(_name))


class _Batch:
    """What was found together: where that is is worked out for all of it when it is asked for."""

    __slots__ = ("_found", "_text", "ends", "starts")

    starts: Sequence[Position]
    ends: Sequence[Position]

    def __init__(self, found: list[Any], text: Text) -> None:
        self._found = found
        self._text = text

    def __getattr__(self, name: str) -> Any:
        if name not in ("starts", "ends"):
            raise AttributeError(name)
        found, kind = self._found, type(self._found[0])
        places = self._text.positions(array("I", chain(map(kind.start, found), map(kind.end, found))))
        self.starts, self.ends = places[: len(found)], places[len(found) :]
        return getattr(self, name)

    def line(self, index: int) -> str:
        return self._text.line(self._found[index].start())

    def groups(self, index: int) -> Groups:
        groups: Groups = self._found[index].groups()
        return groups


class Many:
    """What a pattern finds in a part, of which the texts are known: it looks for all else again when that is asked for."""

    __slots__ = ("_backwards", "_groups", "_over", "_part", "_spans", "_text")

    def __init__(self, part: Part, text: str, over: Pattern[str], backwards: bool) -> None:
        self._part, self._text, self._over = part, text, over
        self._backwards = backwards
        self._spans: array[int] | None = None
        self._groups: list[Groups] | None = None

    @property
    def asked(self) -> bool:
        """Whether somebody asked for more than texts."""
        return self._spans is not None or self._groups is not None

    @property
    def spans(self) -> array[int]:
        """Where each begins and ends, the first of the text first."""
        if self._spans is None:
            self._spans = array("I", chain.from_iterable(map(ReMatch.span, self._over.finditer(self._text))))
        return self._spans

    def index(self, number: int) -> int:
        """Of a match in the text, from its number in the order of the search."""
        return len(self.spans) // 2 - 1 - number if self._backwards else number

    def places(self, first: int) -> tuple[list[Position], list[Position]]:
        """Where matches begin and end, some from a number on."""
        count = len(self.spans) // 2
        begin, stop = first, min(first + PLACES_AT_ONCE, count)
        if self._backwards:
            begin, stop = count - stop, count - begin
        places = self._part.positions(self.spans[2 * begin : 2 * stop])
        starts, ends = places[::2], places[1::2]
        return (starts[::-1], ends[::-1]) if self._backwards else (starts, ends)

    def line(self, number: int) -> str:
        return self._part.line(self.spans[2 * self.index(number)])

    def groups(self, number: int) -> Groups:
        if not self._over.groups:
            return ()
        if self._groups is None:
            self._groups = list(map(ReMatch.groups, self._over.finditer(self._text)))
        return self._groups[self.index(number)]


class _Some:
    """Some of many, from a number on."""

    __slots__ = ("_first", "_many", "ends", "starts")

    starts: Sequence[Position]
    ends: Sequence[Position]

    def __init__(self, many: Many, first: int) -> None:
        self._many, self._first = many, first

    def __getattr__(self, name: str) -> Any:
        if name not in ("starts", "ends"):
            raise AttributeError(name)
        self.starts, self.ends = self._many.places(self._first)
        return getattr(self, name)

    def line(self, index: int) -> str:
        return self._many.line(self._first + index)

    def groups(self, index: int) -> Groups:
        return self._many.groups(self._first + index)


class _Alone:
    """The same of one match, of which all is known."""

    __slots__ = ("_groups", "_line", "ends", "starts")

    def __init__(self, start: Position, end: Position, line: str, groups: Groups) -> None:
        self.starts, self.ends = (start,), (end,)
        self._line, self._groups = line, groups

    def line(self, index: int) -> str:
        return self._line

    def groups(self, index: int) -> Groups:
        return self._groups


class Waiting:
    """Matches that wait to be taken: ``matches`` makes them as they are."""

    __slots__ = ("_found", "matches")

    def __init__(self, found: list[Any], text: Text | Many | None = None) -> None:
        """Of matches; or of what was found in a text, which is all ``re.Match`` or all :class:`Span`; or of the texts of many."""
        self._found: Any = iter(found)
        self.matches: Iterator[Match] = self._found
        if isinstance(text, Many):
            firsts = range(0, len(found), PLACES_AT_ONCE)
            # each is let go of when the next one's turn has come, and the places with it
            batches = [None, *(repeat(_Some(text, first), PLACES_AT_ONCE) for first in reversed(firsts))]
            some = chain.from_iterable(iter(batches.pop, None))
            self.matches = map(Match, zip(self._found, cycle(range(PLACES_AT_ONCE)), some))
        elif text is not None and found:
            texts = map(type(found[0]).group, self._found)
            self.matches = map(Match, zip(texts, count(), repeat(_Batch(found, text))))

    def __bool__(self) -> bool:
        return length_hint(self._found) > 0

    def drop(self) -> None:
        """Whoever is taking them comes to the end."""
        self._found.__setstate__(sys.maxsize)


def made(start: Position, end: Position, text: str, line: str, groups: Groups = ()) -> Match:
    """A match that says this."""
    return Match((text, 0, _Alone(start, end, line, groups)))


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


class Part:
    """The text of some lines, joined by newlines; ``stretches`` are those of it, as bytes, and ``first`` is what their lines are
    counted from."""

    __slots__ = ("_first", "_stretches", "_text")

    def __init__(self, text: str, first: int, stretches: Any) -> None:
        self._text = text
        self._first = first
        self._stretches = bytes(stretches)

    def positions(self, at: array[int]) -> list[Position]:
        stretches = ffi.from_buffer("gp_stretch[]", self._stretches)
        lines, cells = ffi.new("uint64_t[]", len(at)), ffi.new("uint32_t[]", len(at))
        wanted = ffi.from_buffer("uint32_t[]", at)
        lib.gp_stretches_find(stretches, len(stretches), self._first, wanted, len(at), lines, cells)
        pairs = zip(ffi.unpack(lines, len(at)), ffi.unpack(cells, len(at)))
        return list(map(tuple.__new__, repeat(Position), pairs))  # half the time of Position(...)

    def line(self, at: int) -> str:
        text = self._text
        end = text.find("\n", at)
        return text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else None]


class OneLine:
    """One line, whatever it is made of."""

    __slots__ = ("_line",)

    def __init__(self, line: Line) -> None:
        self._line = line

    def positions(self, at: array[int]) -> list[Position]:
        return list(map(self._line.position, at))

    def line(self, at: int) -> str:
        return self._line.text
