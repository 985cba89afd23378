"""Many lines that were read at once, and the matches in them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

from ghostpage._core import ffi
from ghostpage._decoding import decoded
from ghostpage._finders import Finder
from ghostpage.matches import Found, Many, Part, Span, Waiting, made

__all__ = ["Chunk", "may_match"]

MATCHES_AT_ONCE = 128  # with four times as many the collector looks at them before they are gone: a third of all time
CHARACTERS_BACKWARDS = 1 << 14
FEW_MATCHES = 2  # of these: more of them share the text of their part


def may_match(reading: Any, finder: Finder) -> bool:
    """False only if nothing is to be found in lines that were read as text."""
    text_bytes = reading.text_bytes - 1  # but the last newline
    if in_bytes := finder.over_bytes(reading.ascii):
        encoded: Any = ffi.buffer(reading.text, text_bytes) if text_bytes else b""
        return in_bytes.search(encoded) is not None
    text, over = decoded(reading, text_bytes), finder.over_lines(reading.ascii)
    if over is None:
        return finder.may_be_in(text)
    return any(True for _ in over.finditer(text, 0, len(text)))


class Chunk(Iterator[Waiting]):
    """What is found in lines that were read with their places, some matches at a time. When it raised it can go on."""

    def __init__(self, reading: Any, finder: Finder, newest_first: bool, many: bool = False, asked: bool = False) -> None:
        self._reading = reading
        self._finder = finder
        self._newest_first = newest_first
        borders = memoryview(ffi.buffer(reading.parts, reading.part_count * ffi.sizeof("gp_reading_part"))).cast("I").tolist()
        self._texts = [*borders[::2], reading.text_bytes]  # where parts begin in the text, and among the stretches
        self._stretches = [*borders[1::2], reading.stretch_count]
        self._parts = list(range(reading.part_count))  # to be looked through, the next one last
        if not newest_first:
            self._parts.reverse()
        self.many = many  # were in the last part: the next is searched at once, for their texts alone
        self.asked = asked  # was for more than texts: finding all again takes longer than keeping it
        self._most = MATCHES_AT_ONCE
        self._part: Part | None = None
        self._where: Part | Many | None = None
        self._text, self._left = "", -1  # of the part: up to where it is to be looked through; -1: it was
        self._found: Iterator[Found] = iter(())
        self.taken: list[Any] = []  # of these, or texts of many; whoever got them empties this

    def __next__(self) -> Waiting:
        while True:
            taken = self.taken
            taken += islice(self._found, self._most - len(taken))
            if len(taken) == self._most or (taken and self._left < 0):
                break
            self._look_further()
        self.many |= len(taken) == self._most
        found = Waiting(taken, self._where)
        if len(taken) <= FEW_MATCHES:
            found = Waiting([made(*match) for match in found.matches])
        return found

    def _look_further(self) -> None:
        """Backwards some lines at a time, as there may be a match at each character."""
        if self._left < 0:
            self.asked |= isinstance(self._where, Many) and self._where.asked
            self._begin_part()
            if self.many and not self.asked and self._find_texts():
                return
        begin, stop = 0, self._left
        if self._newest_first:
            begin = self._text.rfind("\n", 0, max(0, stop - CHARACTERS_BACKWARDS)) + 1
        self._found = self._find(begin, stop)
        self._left = begin - 1

    def _begin_part(self) -> None:
        if not self._parts:
            raise StopIteration
        number = self._parts[-1]
        begin, stop = self._texts[number : number + 2]
        text = decoded(self._reading, stop - 1, begin)
        first, stop = self._stretches[number : number + 2]
        stretches = ffi.buffer(self._reading.stretches + first, (stop - first) * ffi.sizeof("gp_stretch"))
        self._part = self._where = Part(text, self._reading.begin_line, stretches)
        self._most = MATCHES_AT_ONCE
        self._text, self._left = text, len(text)
        self._parts.pop()

    def _find_texts(self) -> bool:
        """All of the part at once; False if it has to be looked through for more than texts."""
        over, texts = self._finder.over_lines(self._reading.ascii), self._finder.texts_over_lines(self._reading.ascii)
        if over is None or texts is None:
            return False
        assert self._part
        found = texts.findall(self._text)
        if self._newest_first:
            found.reverse()
        where, many = Many(self._part, self._text, over, self._newest_first), len(found) >= MATCHES_AT_ONCE
        # at once, as an interrupt may come behind each call
        self.taken, self._where, self._most, self._left, self.many = found, where, sys.maxsize, -1, many
        return True

    def _find(self, begin: int, stop: int) -> Iterator[Found]:
        over = self._finder.over_lines(self._reading.ascii)
        if over is not None and not self._newest_first:
            return over.finditer(self._text, begin, stop)
        found = list(self._line_by_line(begin, stop) if over is None else over.finditer(self._text, begin, stop))
        return reversed(found) if self._newest_first else iter(found)

    def _line_by_line(self, begin: int, stop: int) -> Iterator[Found]:
        text = self._text[begin:stop]
        if not self._finder.may_be_in(text):
            return
        for line in text.split("\n"):
            for each in self._finder.finditer(line):
                yield Span(begin + each.start(), begin + each.end(), each.group(), each.groups())
            begin += len(line) + 1
