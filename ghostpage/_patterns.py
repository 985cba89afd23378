"""Patterns over many lines at once: what finds there what a pattern finds in each line by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any, NamedTuple

from ghostpage._core import lib

try:
    from re import _compiler, _constants, _parser  # type: ignore[attr-defined]
except ImportError:  # before Python 3.11
    import sre_compile as _compiler
    import sre_constants as _constants
    import sre_parse as _parser

__all__ = ["Needles", "names_ascii", "over_lines", "required", "shortest", "texts_over_lines"]

_NEWLINE = (_constants.LITERAL, 10)
_OPPOSITE = {
    _constants.CATEGORY_SPACE: _constants.CATEGORY_NOT_SPACE,
    _constants.CATEGORY_NOT_WORD: _constants.CATEGORY_WORD,
    _constants.CATEGORY_NOT_DIGIT: _constants.CATEGORY_DIGIT,
}
"""Categories with the newline in them, and those that have all the others."""
_SPACES = [(9, 9), (11, 13), (28, 32), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029),
           (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)]  # fmt: skip
_ASCII_SPACES = [(9, 9), (11, 13), (32, 32)]


_REPEATS = {_constants.MAX_REPEAT, _constants.MIN_REPEAT}
_SET = re.compile(b"[%c-\xff]" % lib.GP_SET_FIRST)
_SETS = 256 - lib.GP_SET_FIRST
_REPEATED_BYTES = 32  # more of one repeat tell no more


class _Impossible(Exception):
    """The pattern cannot be written so that lines joined by newlines are to it what each line is."""


@lru_cache(maxsize=64)
def over_lines(pattern: re.Pattern[str], ascii: bool = False) -> re.Pattern[str] | None:
    """A pattern for lines joined by newlines that matches where ``pattern`` does in the lines one by one; None if none does.

    It takes no newline, whatever the other would (``[^x]``, ``\\s``, ``.`` with DOTALL), and has its edges at each line's.
    So it stops where a line ends, and it takes no longer in many lines than in each. If the lines are of ASCII alone, and
    without control characters, then ASCII's rules are Unicode's, and up to twice as fast.

    >>> found = over_lines(re.compile(r"\\A[^x]+\\Z"))
    >>> found and found.findall("ab\\nxy\\ncd")
    ['ab', 'cd']
    """
    return _compiled(pattern, ascii, True)


@lru_cache(maxsize=64)
def texts_over_lines(pattern: re.Pattern[str], ascii: bool = False) -> re.Pattern[str] | None:
    """The same without groups, so that ``findall`` gives all texts, in 60 % of ``finditer``'s time; None if it needs groups.

    >>> found = texts_over_lines(re.compile(r"(a)b|(?P<letter>x)"))
    >>> found and found.findall("ab\\nxy")
    ['ab', 'x']
    """
    return _compiled(pattern, ascii, False)


def _compiled(pattern: re.Pattern[str], ascii: bool, with_groups: bool) -> re.Pattern[str] | None:
    flags = pattern.flags & ~re.DEBUG
    parsed = _parser.parse(pattern.pattern, flags)
    if ascii and all(character < 0x80 for character in _characters(parsed)):  # "ſ" is "s" without case, by Unicode's rules
        with suppress(ValueError):  # for (?u)
            parsed = _parser.parse(pattern.pattern, flags & ~re.UNICODE | re.ASCII)
            flags = parsed.state.flags
    try:
        rewritten = _sequence(parsed, flags)
        if not with_groups:
            rewritten = _without_groups(rewritten)
            parsed.state.groupwidths, parsed.state.groupdict = [None], {}
    except _Impossible:
        return None
    made: re.Pattern[str] = _compiler.compile(rewritten, flags | re.MULTILINE)
    return made


class Needles(NamedTuple):
    """What a line has to have, in UTF-8, one behind the other."""

    texts: tuple[bytes, ...] = ()
    """Bytes that UTF-8 has not, from ``GP_SET_FIRST`` on, stand for one of a set each."""
    sets: tuple[bytes, ...] = ()
    """Of each the first and last byte of its ranges."""

    @property
    def longest(self) -> bytes:
        """The longest text without sets."""
        return max((part for text in self.texts for part in _SET.split(text)), key=len, default=b"")


@lru_cache(maxsize=64)
def required(pattern: re.Pattern[str]) -> Needles:
    """What is seen to be part of all that a pattern matches.

    >>> required(re.compile(r"error \\d+: (?:no|file) such [xyz]"))
    Needles(texts=(b'error \\xf8', b': ', b' such \\xf9'), sets=(b'09\\xd9\\xd9\\xdb\\xdb\\xdf\\xf4', b'xz'))
    """
    texts, sets = [b""], list[bytes]()
    if not pattern.flags & re.IGNORECASE:
        _need(_parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG), texts, sets)
    return Needles(tuple(filter(None, texts)), tuple(sets))


@lru_cache(maxsize=64)
def shortest(pattern: re.Pattern[str]) -> int:
    """How many characters the shortest text has that it matches."""
    least: int = _parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG).getwidth()[0]
    return least


@lru_cache(maxsize=64)
def names_ascii(pattern: re.Pattern[str]) -> bool:
    """Whether all that it takes is named and ASCII, so that it matches in UTF-8 where it does in text.

    >>> names_ascii(re.compile(r"worker [0-9]+$")), names_ascii(re.compile(r"worker \\d+"))
    (True, False)
    """
    return not pattern.flags & re.IGNORECASE and _names_ascii(_parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG))


def _names_ascii(parsed: Any) -> bool:
    for operation, argument in parsed:
        if operation is _constants.LITERAL:
            named = argument < 0x80
        elif operation is _constants.IN:
            named = all(kind is _constants.LITERAL or kind is _constants.RANGE for kind, _ in argument)
            named = named and all(character < 0x80 for character in _characters(argument))
        elif operation is _constants.AT:
            named = argument not in (_constants.AT_BOUNDARY, _constants.AT_NON_BOUNDARY)
        elif operation is _constants.BRANCH:
            named = all(map(_names_ascii, argument[1]))
        elif operation is _constants.SUBPATTERN:
            named = not argument[1] & re.IGNORECASE and _names_ascii(argument[3])
        else:
            named = operation in _REPEATS and _names_ascii(argument[2])
        if not named:
            return False
    return True


def _characters(parsed: Any) -> Iterator[int]:
    """The characters that a pattern names, of a range the last one."""
    for each in parsed:
        if isinstance(each, tuple) and len(each) == 2 and each[0] in (_constants.LITERAL, _constants.NOT_LITERAL, _constants.RANGE):
            yield each[1][1] if each[0] is _constants.RANGE else each[1]
        elif isinstance(each, (_parser.SubPattern, list, tuple)):
            yield from _characters(each)


def _need(parsed: Any, texts: list[bytes], sets: list[bytes]) -> None:
    """Adds what these take to the last text, and begins another one where anything may be between."""
    for operation, argument in parsed:
        if operation is _constants.LITERAL:
            texts[-1] += _encoded(argument)
        elif operation is _constants.IN and (ranges := _ranges(argument)) and len({*sets, ranges}) <= _SETS:
            if ranges not in sets:
                sets.append(ranges)
            texts[-1] += bytes([lib.GP_SET_FIRST + sets.index(ranges)])
            if ranges[-1] >= 0x80:  # how many bytes there are more is not known
                texts.append(b"")
        elif operation is _constants.SUBPATTERN and not argument[1] & re.IGNORECASE:
            _need(argument[3], texts, sets)
        elif operation in _REPEATS and argument[0]:
            least, most, inside = argument
            count, length = len(texts), len(texts[-1])
            _need(inside, texts, sets)
            again = texts[-1][length:]
            if len(texts) == count and len(again) * (least - 1) <= _REPEATED_BYTES:
                texts[-1] += again * (least - 1)
                if least == most:
                    continue
            texts.append(b"")
        elif operation is not _constants.AT:
            texts.append(b"")


def _ranges(items: list[tuple[Any, Any]]) -> bytes | None:
    """First and last of each range of bytes that a set's characters begin with, and nothing else if they are all ASCII."""
    begins = set[int]()
    for kind, value in items:
        if kind is _constants.CATEGORY and value in _CATEGORIES:
            begins |= _begins(value)
            continue
        if kind is not _constants.LITERAL and kind is not _constants.RANGE:
            return None
        first, last = value if kind is _constants.RANGE else (value, value)
        begins.update(range(_encoded(first)[0], _encoded(last)[0] + 1))
    begins.discard(10)  # no line has it
    ranges = [each for each in sorted(begins) for beyond in (each - 1, each + 1) if beyond not in begins]
    return bytes(ranges) if len(ranges) <= lib.GP_SET_BYTES and 0 not in begins else None  # a zero is no range's, to the core


def _encoded(character: int) -> bytes:
    return chr(character).encode("utf-8", "surrogatepass")


_CATEGORIES = {
    _constants.CATEGORY_DIGIT: str.isdecimal,
    _constants.CATEGORY_WORD: lambda character: character == "_" or character.isalnum(),
    _constants.CATEGORY_SPACE: str.isspace,
}


@lru_cache(maxsize=None)
def _begins(category: Any) -> frozenset[int]:
    """Bytes that characters of a category may begin with: of three and four bytes any."""
    belongs = _CATEGORIES[category]
    return frozenset(_encoded(character)[0] for character in range(0x800) if belongs(chr(character))) | {*range(0xE0, 0xF5)}


def _sequence(parsed: Any, flags: int) -> Any:
    return _parser.SubPattern(parsed.state, [_item(operation, argument, flags) for operation, argument in parsed])


def _item(operation: Any, argument: Any, flags: int) -> tuple[Any, Any]:
    if operation is _constants.ANY:
        return _constants.NOT_LITERAL, 10
    if operation is _constants.LITERAL and argument == 10:
        raise _Impossible  # in a line it never matches, which takes other rules than never being asked for
    if operation is _constants.NOT_LITERAL and argument != 10:
        return _constants.IN, [(_constants.NEGATE, None), (_constants.LITERAL, argument), _NEWLINE]
    if operation is _constants.IN:
        return _set(argument, flags)
    if operation is _constants.AT:
        return operation, _edge(argument)
    if operation is _constants.SUBPATTERN:
        group, added, removed, inside = argument
        return operation, (group, added, removed & ~re.MULTILINE, _sequence(inside, (flags | added) & ~removed))
    return operation, _nested(argument, flags)


def _nested(argument: Any, flags: int) -> Any:
    """What an operation holds, with the sequences in it rewritten."""
    if isinstance(argument, _parser.SubPattern):
        return _sequence(argument, flags)
    if isinstance(argument, (list, tuple)):
        return type(argument)(_nested(each, flags) for each in argument)
    return argument


def _without_groups(argument: Any) -> Any:
    if isinstance(argument, _parser.SubPattern):
        return _parser.SubPattern(argument.state, [_without_groups(each) for each in argument])
    if not isinstance(argument, (list, tuple)):
        return argument
    if argument and (argument[0] is _constants.GROUPREF or argument[0] is _constants.GROUPREF_EXISTS):
        raise _Impossible
    if argument and argument[0] is _constants.SUBPATTERN:
        _, added, removed, inside = argument[1]
        return _constants.SUBPATTERN, (None, added, removed, _without_groups(inside))
    return type(argument)(map(_without_groups, argument))


def _edge(at: Any) -> Any:
    if at is _constants.AT_NON_BOUNDARY:
        raise _Impossible  # an empty text has none before Python 3.14; an empty line among others does
    edges = {_constants.AT_BEGINNING_STRING: _constants.AT_BEGINNING, _constants.AT_END_STRING: _constants.AT_END}
    return edges.get(at, at)


def _set(items: list[tuple[Any, Any]], flags: int) -> tuple[Any, Any]:
    """The set without the newline."""
    if items[0][0] is _constants.NEGATE:
        return _constants.IN, [*items, _NEWLINE]
    categories = {value for kind, value in items if kind is _constants.CATEGORY}
    if any(_OPPOSITE.get(category) in categories for category in categories):
        return _constants.NOT_LITERAL, 10  # [\s\S]: everything
    if len(items) == 1 and categories & _OPPOSITE.keys():
        opposite = (_constants.CATEGORY, _OPPOSITE[items[0][1]])
        return _constants.IN, [(_constants.NEGATE, None), opposite, _NEWLINE]
    kept: list[tuple[Any, Any]] = []
    for kind, value in items:
        if kind is _constants.RANGE and value[0] <= 10 <= value[1]:
            kept += [(kind, part) for part in ((value[0], 9), (11, value[1])) if part[0] <= part[1]]
        elif kind is _constants.CATEGORY and value is _constants.CATEGORY_SPACE:
            kept += [(_constants.RANGE, span) for span in (_ASCII_SPACES if flags & re.ASCII else _SPACES)]
        elif kind is _constants.CATEGORY and value in _OPPOSITE:
            raise _Impossible
        elif (kind, value) != _NEWLINE:
            kept.append((kind, value))
    if not kept:
        raise _Impossible
    return _constants.IN, kept
