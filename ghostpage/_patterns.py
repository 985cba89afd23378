"""Patterns over many lines at once: what finds there what a pattern finds in each line by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any

try:
    from re import _compiler, _constants, _parser  # type: ignore[attr-defined]
except ImportError:  # before Python 3.11
    import sre_compile as _compiler
    import sre_constants as _constants
    import sre_parse as _parser

__all__ = ["names_ascii", "over_lines", "required", "shortest", "texts_over_lines"]

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


@lru_cache(maxsize=64)
def required(pattern: re.Pattern[str]) -> tuple[str, ...]:
    """Texts that are seen to be part of all that a pattern matches, one behind the other.

    >>> required(re.compile(r"error \\d+: (?:no|file) such file"))
    ('error ', ': ', ' such file')
    """
    if pattern.flags & re.IGNORECASE:
        return ()
    return tuple(filter(None, _texts(_parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG))))


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


def _texts(parsed: Any) -> Iterator[str]:
    text = ""
    for operation, argument in parsed:
        if operation is _constants.LITERAL:
            text += chr(argument)
        elif operation is not _constants.AT:
            yield text
            text = ""
            if operation is _constants.SUBPATTERN and not argument[1] & re.IGNORECASE:
                yield from _texts(argument[3])
            elif operation in _REPEATS and argument[0]:
                yield from _texts(argument[2])
    yield text


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
