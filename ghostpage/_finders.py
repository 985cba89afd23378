"""What a search looks for in the text of one line, or of many at once: a text, a text in any case, a pattern."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from ghostpage._core import ArgumentError
from ghostpage._patterns import Needles, names_ascii, over_lines, required, shortest, texts_over_lines
from ghostpage.matches import Found, Span

__all__ = ["Finder", "finder"]


class Finder(Protocol):
    required: Needles
    """What is part of all that is found, as far as something is known."""
    shortest: int
    """Characters of the shortest text that it finds."""

    def finditer(self, line: str, begin: int = 0) -> Iterator[Found]:
        """What is found in one line, from a character on."""

    def over_lines(self, ascii: bool) -> re.Pattern[str] | None:
        """The same for many lines, if there is such a thing; of ASCII alone, or of any characters."""

    def texts_over_lines(self, ascii: bool) -> re.Pattern[str] | None:
        """The same without groups, if there is such a thing: its ``findall`` gives the texts."""

    def over_bytes(self, ascii: bool) -> re.Pattern[str] | None:
        """The same for the UTF-8 of the lines, if there is such a thing: what is compiled from a tree takes bytes too."""

    def may_be_in(self, text: str) -> bool:
        """False only if it is not to be found in any of these lines; not asked if ``over_lines`` is there."""


def finder(pattern: object, ignore_case: bool) -> Finder:
    if isinstance(pattern, re.Pattern) and isinstance(pattern.pattern, str):
        if ignore_case and not pattern.flags & re.IGNORECASE:
            pattern = re.compile(pattern.pattern, pattern.flags | re.IGNORECASE)
        if not pattern.pattern:
            raise ArgumentError("pattern must not be empty")
        return _Pattern(pattern)
    if not isinstance(pattern, str):
        raise TypeError(f"pattern must be a str or a re.Pattern of str, not {type(pattern).__name__}")
    if not pattern:
        raise ArgumentError("pattern must not be empty")
    return _Folded(pattern) if ignore_case else _Literal(pattern)


class _Literal:
    def __init__(self, text: str) -> None:
        self._text = text
        self.required = Needles((text.encode("utf-8", "surrogatepass"),))
        self.shortest = len(text)
        self._pattern = re.compile(re.escape(text))

    def finditer(self, line: str, begin: int = 0) -> Iterator[Found]:
        needle, length = self._text, len(self._text)
        while (begin := line.find(needle, begin)) >= 0:
            yield Span(begin, begin + length, needle)
            begin += length

    def over_lines(self, ascii: bool) -> re.Pattern[str] | None:
        return None if "\n" in self._text else self._pattern

    def texts_over_lines(self, ascii: bool) -> re.Pattern[str] | None:
        return self.over_lines(ascii)

    def over_bytes(self, ascii: bool) -> re.Pattern[str] | None:
        return None

    def may_be_in(self, text: str) -> bool:
        return False  # as there is a newline in it


class _Folded:
    """Case does not matter: both are compared case-folded, a match begins and ends with whole characters."""

    required = Needles()

    def __init__(self, text: str) -> None:
        self._text = text.casefold()
        self.shortest = len(self._text)  # or less: a character may be three of them

    def finditer(self, line: str, begin: int = 0) -> Iterator[Found]:
        folded = line[begin:].casefold()
        found = folded.find(self._text)
        if found < 0:
            return
        begins, at = {}, 0  # from where a character's folding begins to its index
        for index, character in enumerate(line[begin:], begin):
            begins[at] = index
            at += len(character.casefold())
        begins[at] = len(line)
        while found >= 0:
            end = found + len(self._text)
            whole = found in begins and end in begins
            if whole:
                yield Span(begins[found], begins[end], line[begins[found] : begins[end]])
            found = folded.find(self._text, end if whole else found + 1)

    def over_lines(self, ascii: bool) -> re.Pattern[str] | None:
        return None

    def texts_over_lines(self, ascii: bool) -> re.Pattern[str] | None:
        return None

    def over_bytes(self, ascii: bool) -> re.Pattern[str] | None:
        return None

    def may_be_in(self, text: str) -> bool:
        return self._text in text.casefold()


class _Pattern:
    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern
        self.required = required(pattern)
        self.shortest = shortest(pattern)

    def finditer(self, line: str, begin: int = 0) -> Iterator[Found]:
        return self._pattern.finditer(line, begin)

    def over_lines(self, ascii: bool) -> re.Pattern[str] | None:
        return over_lines(self._pattern, ascii)

    def texts_over_lines(self, ascii: bool) -> re.Pattern[str] | None:
        return texts_over_lines(self._pattern, ascii)

    def over_bytes(self, ascii: bool) -> re.Pattern[str] | None:
        return over_lines(self._pattern, ascii) if ascii or names_ascii(self._pattern) else None

    def may_be_in(self, text: str) -> bool:
        return True
