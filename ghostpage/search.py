"""Search in the lines of a history and its screen: literals as they lie in the pages, patterns over decoded chunks."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from ghostpage._core import ArgumentError, ffi, lib
from ghostpage._patterns import over_lines
from ghostpage.lines import Line, LineSequence, Position, Source

__all__ = ["Match", "Search"]

BYTES_A_STEP = 1 << 22
LINES_A_CHUNK = 1 << 14


class Match(NamedTuple):
    """What was found, as it was when its line was read."""

    start: Position
    """Where it begins."""
    end: Position
    """Behind its last character."""
    text: str
    """What matched."""
    line: str
    """The text of its line, or of the record of a line that is too long for one."""
    groups: tuple[str | None, ...] = ()
    """Those of the pattern."""


class Search(Iterator[Match]):
    """A search under way: an iterator of matches, which goes on step by step when it is asked for more.

    A step reads about 4 MiB of text, with the terminal locked for no longer than one call of the core, so that feeding and
    drawing go on. Lines above the screen do not change and are searched once each; those pruned before the search comes to
    them are left out. The lines of the screen are searched as they are when the search is there: first if it begins with the
    newest, and then lines that come later are none of its business; last if it begins with the oldest, and then it goes on
    to the end of what there is by then. So no match is found twice, or missed, for output that goes on.
    """

    def __init__(self, source: Source, pattern: str | re.Pattern[str], ignore_case: bool, newest_first: bool) -> None:
        self._source = source
        self._newest_first = newest_first
        self._finder = _finder(pattern, ignore_case)
        self._found: deque[Match] = deque()
        figures = source._line_figures()
        self._first, self._stop = int(figures.first_line), int(figures.complete_line)
        self._end = int(figures.next_line)
        self._all = self._end - self._first
        self._screen_done = self._cancelled = False
        self._at_once, self._capacity = LINES_A_CHUNK, 1 << 12
        self._candidates: deque[int] = deque()  # lines that the core found, to be read when they are asked for

    @property
    def progress(self) -> tuple[int, int]:
        """How many lines are done, of how many in all."""
        left = self._stop - self._first + (0 if self._screen_done else self._end - self._stop)
        return self._all - min(left, self._all), self._all

    @property
    def done(self) -> bool:
        """Whether everything has been searched, or the search was cancelled."""
        return self._cancelled or (self._screen_done and self._first >= self._stop and not self._candidates)

    def cancel(self) -> None:
        """Ends the search, from any thread; what was found and not asked for yet is dropped."""
        self._cancelled = True

    def step(self) -> list[Match]:
        """Searches a bit further and returns what that found, with what was found before and not asked for; may be nothing.

        For an interface: one step in each turn of its loop, until :attr:`done`.
        """
        if not self.done:
            self._advance()
        found = [] if self._cancelled else list(self._found)
        self._found.clear()
        return found

    def __next__(self) -> Match:
        while not self._cancelled and not self._found and not self.done:
            self._advance()
        if self._cancelled or not self._found:
            raise StopIteration
        return self._found.popleft()

    def __repr__(self) -> str:
        return "<Search, {} of {} lines done>".format(*self.progress)

    # ---- inside ----

    def _advance(self) -> None:
        if self._candidates:
            for _ in range(min(256, len(self._candidates))):
                self._read_candidate()
        elif self._newest_first and not self._screen_done:
            self._screen_done = True
            self._search_lines(self._stop, self._end)
        elif self._first < self._stop:
            self._search_history()
        else:  # the oldest first: what was the screen, and what has come since
            figures = self._source._line_figures()
            self._end = max(int(figures.next_line), self._stop)
            if figures.complete_line > self._stop + LINES_A_CHUNK:
                self._stop = int(figures.complete_line)
            else:
                self._screen_done = True
                self._search_lines(self._stop, self._end)
            self._all = max(self._all, self._end - self._first)

    def _search_history(self) -> None:
        """A step of the lines from ``_first`` to ``_stop``, from one end."""
        if isinstance(self._finder, _Literal):
            self._find_in_pages(self._finder)
            return
        stop = self._stop
        first = max(self._first, stop - self._at_once) if self._newest_first else self._first
        stop = stop if self._newest_first else min(stop, first + self._at_once)
        begin, count, text, first_cell = self._read_text(first, stop)
        if begin + count < stop and self._newest_first and self._at_once > 1:
            self._at_once = max(1, self._at_once // 4)  # too much text for a step
            return
        found: list[Match] = []
        for index, line, spans in self._finder.in_text(text) if count else ():
            number = begin + index
            if line.isascii() and not (first_cell and index == 0):  # a character a cell
                found += [
                    Match(Position(number, b), Position(number, e), line[b:e], line, groups) for b, e, groups in spans
                ]
            else:
                whole = LineSequence(self._source).numbered(number)
                if whole is not None and whole == line:
                    found += _matches(whole, spans)
        if self._newest_first:
            self._stop = first
        else:
            self._first = max(begin + count, first + 1)
        self._add(found)

    def _find_in_pages(self, finder: _Literal) -> None:
        needle = finder.text.encode("utf-8", "surrogatepass")
        first, stop = ffi.new("uint64_t *", self._first), ffi.new("uint64_t *", self._stop)
        while True:
            numbers = ffi.new("uint64_t[]", self._capacity)
            count = lib.gp_terminal_find(
                self._source._live, first, stop, needle, len(needle), self._newest_first, BYTES_A_STEP, numbers, self._capacity
            )
            if count or first[0] != self._first or stop[0] != self._stop or first[0] >= stop[0]:
                break
            self._capacity *= 2
        self._first, self._stop = int(first[0]), int(stop[0])
        self._candidates.extend(sorted((int(number) for number in numbers[0:count]), reverse=self._newest_first))

    def _search_lines(self, first: int, stop: int) -> None:
        """All of these lines, as they are now."""
        found: list[Match] = []
        while first < stop:
            lines = LineSequence(self._source)._read(first, stop - first)
            if not lines:
                break
            for index, spans in self._finder.in_lines(lines):
                found += _matches(lines[index], spans)
            first = lines[-1].number + 1
        self._add(found)

    def _add(self, found: list[Match]) -> None:
        self._found.extend(reversed(found) if self._newest_first else found)

    def _read_candidate(self) -> None:
        line = LineSequence(self._source).numbered(self._candidates.popleft())
        if line is not None:
            self._add([match for _, spans in self._finder.in_lines([line]) for match in _matches(line, spans)])

    def _read_text(self, first: int, stop: int) -> tuple[int, int, str, int]:
        """Number of the first line, how many there are, their text, and the first cell of the first."""
        made = ffi.new("gp_reading **")
        self._source._check(lib.gp_terminal_read_lines(self._source._live, first, stop, BYTES_A_STEP, False, made))
        reading = ffi.gc(made[0], lib.gp_reading_free)
        text = str(ffi.buffer(reading.text, reading.text_bytes - 1), "utf-8") if reading.text_bytes > 1 else ""
        cut = reading.figures.first_cell if reading.begin_line == reading.figures.first_line else 0
        return int(reading.begin_line), int(reading.line_count), text, int(cut)


Span = tuple[int, int, tuple["str | None", ...]]


def _matches(line: Line, spans: list[Span]) -> list[Match]:
    return [Match(line.position(b), line.position(e), line.text[b:e], line.text, groups) for b, e, groups in spans]


# ---- what is looked for ------------------------------------------------------------------------------------------------


class _Literal:
    def __init__(self, text: str) -> None:
        self.text = text

    def in_lines(self, lines: Any) -> Iterator[tuple[int, list[Span]]]:
        for index, line in enumerate(lines):
            at, spans = line.find(self.text), []
            while at >= 0:
                spans.append((at, at + len(self.text), ()))
                at = line.find(self.text, at + len(self.text))
            if spans:
                yield index, spans


class _Folded:
    """Case does not matter: both are compared case-folded, a match begins and ends with whole characters."""

    def __init__(self, text: str) -> None:
        self.text = text.casefold()

    def in_text(self, text: str) -> Iterator[tuple[int, str, list[Span]]]:
        if self.text in text.casefold():
            lines = text.split("\n")
            for index, spans in self.in_lines(lines):
                yield index, lines[index], spans

    def in_lines(self, lines: Any) -> Iterator[tuple[int, list[Span]]]:
        for index, line in enumerate(lines):
            folded = line.casefold()
            if self.text not in folded:
                continue
            spans = self._spans(line, folded)
            if spans:
                yield index, spans

    def _spans(self, line: str, folded: str) -> list[Span]:
        begins, at = {}, 0  # from where a character's folding begins to its index
        for index, character in enumerate(line):
            begins[at] = index
            at += len(character.casefold())
        begins[at] = len(line)
        spans: list[Span] = []
        at = folded.find(self.text)
        while at >= 0:
            end = at + len(self.text)
            if at in begins and end in begins:
                spans.append((begins[at], begins[end], ()))
                at = folded.find(self.text, end)
            else:
                at = folded.find(self.text, at + 1)
        return spans


class _Pattern:
    """A pattern, run over many lines at once where there is one that finds there what it finds in each."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern
        self.over_lines = over_lines(pattern)

    def in_text(self, text: str) -> Iterator[tuple[int, str, list[Span]]]:
        if self.over_lines is None:
            lines = text.split("\n")
            for index, spans in self.in_lines(lines):
                yield index, lines[index], spans
            return
        index = at = counted = 0
        while at <= len(text) and (match := self.over_lines.search(text, at)):
            begin = text.rfind("\n", 0, match.start()) + 1
            end = text.find("\n", match.start())
            end = len(text) if end < 0 else end
            index += text.count("\n", counted, begin)
            counted, at = begin, end + 1
            line = text[begin:end]
            yield index, line, self._spans(line)

    def in_lines(self, lines: Any) -> Iterator[tuple[int, list[Span]]]:
        for index, line in enumerate(lines):
            spans = self._spans(str(line))
            if spans:
                yield index, spans

    def _spans(self, line: str) -> list[Span]:
        return [(match.start(), match.end(), match.groups()) for match in self.pattern.finditer(line)]


def _finder(pattern: object, ignore_case: bool) -> Any:
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
