"""Search in the lines of a history and its screen: literals as they lie in the pages, patterns over decoded chunks."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Generator, Iterator
from typing import Any, NamedTuple

from ghostpage._core import ArgumentError, ffi, lib
from ghostpage._patterns import over_lines, required
from ghostpage.lines import Line, LineSequence, Position, Source

__all__ = ["Match", "Search"]

BYTES_A_STEP = 1 << 22
LINES_A_CHUNK = 1 << 14
LOOK_BEHIND = 1 << 10  # characters of the record before that a pattern may look at
FEW = 16  # lines with a text that a pattern needs: more of them are read as chunks, a tenth of the cost a line


class Match(NamedTuple):
    """What was found, as it was when its line was read."""

    start: Position
    """Where it begins."""
    end: Position
    """Behind its last character."""
    text: str
    """What matched."""
    line: str
    """The text of its line; of a line that is too long for one record, that of the record it begins in, and the next if it ends
    there."""
    groups: tuple[str | None, ...] = ()
    """Those of the pattern."""


class Search(Iterator[Match]):
    """A search under way: an iterator of matches, which goes on step by step when it is asked for more.

    A step reads about 4 MiB of text, with the terminal locked for no longer than one call of the core, so that feeding and
    drawing go on. Lines above the screen do not change and are searched once each; those pruned before the search comes to
    them are left out. The lines of the screen are searched as they are when the search is there: first if it begins with the
    newest, and then lines that come later are none of its business; last if it begins with the oldest, and then it goes on
    to the end of what there is by then. So no match is found twice, or missed, for output that goes on.

    A line of more than a mebibyte, which is kept in several records, is searched as one, a record at a step; what a match or
    what it looks at takes of it lies in two neighbouring records.
    """

    def __init__(self, source: Source, pattern: str | re.Pattern[str], ignore_case: bool, newest_first: bool) -> None:
        self._source = source
        self._newest_first = newest_first
        self._finder = _finder(pattern, ignore_case)
        self._found: deque[_Found] = deque()
        figures = source._line_figures()
        self._first, self._stop = int(figures.first_line), int(figures.complete_line)
        self._end = int(figures.next_line)
        self._all = self._end - self._first
        self._screen_done = self._cancelled = False
        self._at_once, self._capacity = LINES_A_CHUNK, 1 << 12
        self._candidates: deque[int] = deque()  # lines that the core found, to be read when they are asked for
        self._followed = -1, 0, ""  # oldest first: behind which record, where the last match ended, what was before
        self._work: Iterator[None] | None = None  # what takes several steps, and is first to go on

    @property
    def progress(self) -> tuple[int, int]:
        """How many lines are done, of how many in all."""
        left = max(0, self._stop - self._first) + (0 if self._screen_done else self._end - self._stop)
        return self._all - min(left, self._all), self._all

    @property
    def done(self) -> bool:
        """Whether everything has been searched, or the search was cancelled."""
        left = self._first < self._stop or self._candidates or self._work
        return self._cancelled or (self._screen_done and not left)

    def cancel(self) -> None:
        """Ends the search, from any thread; what was found and not asked for yet is dropped."""
        self._cancelled = True

    def step(self) -> list[Match]:
        """Searches a bit further and returns what that found, with what was found before and not asked for; may be nothing.

        For an interface: one step in each turn of its loop, until :attr:`done`.
        """
        if not self.done:
            self._advance()
        found = [] if self._cancelled else [_match(found) for found in self._found]
        self._found.clear()
        return found

    def __next__(self) -> Match:
        while not self._found and not self.done:
            self._advance()
        if self._cancelled or not self._found:
            raise StopIteration
        return _match(self._found.popleft())

    def __repr__(self) -> str:
        return "<Search, {} of {} lines done>".format(*self.progress)

    # ---- inside ----

    def _advance(self) -> None:
        if self._work:
            try:
                next(self._work)
            except StopIteration:
                self._work = None
        elif self._candidates:
            for _ in range(min(256, len(self._candidates))):
                self._read_candidate()
                if self._work:
                    break
        elif self._newest_first and not self._screen_done:
            self._screen_done = True
            self._work = self._search_screen(self._stop, self._end)
        elif self._first < self._stop:
            self._search_history()
        else:  # the oldest first: what was the screen, and what has come since
            figures = self._source._line_figures()
            self._end = max(int(figures.next_line), self._stop)
            if figures.complete_line > self._stop + LINES_A_CHUNK:
                self._stop = int(figures.complete_line)
            else:
                self._screen_done = True
                self._work = self._search_screen(max(self._first, self._stop), self._end)
            self._all = max(self._all, self._end - self._first)

    def _search_history(self) -> None:
        """A step of the lines from ``_first`` to ``_stop``, from one end."""
        finder = self._finder
        if isinstance(finder, _Literal):
            while not self._find_in_pages(finder.text, self._capacity):
                self._capacity *= 2
        elif not finder.required or not self._find_in_pages(finder.required, FEW):
            self._search_chunk()

    def _search_chunk(self) -> None:
        stop = self._stop
        first = max(self._first, stop - self._at_once) if self._newest_first else self._first
        stop = stop if self._newest_first else min(stop, first + self._at_once)
        made = ffi.new("gp_reading **")
        self._source._check(lib.gp_terminal_read_lines(self._source._live, first, stop, BYTES_A_STEP, False, made))
        reading = ffi.gc(made[0], lib.gp_reading_free)
        begin, count = int(reading.begin_line), int(reading.line_count)
        if begin + count < stop and self._newest_first and self._at_once > 1:
            self._at_once = max(1, self._at_once // 4)  # too much text for a step
            return
        if reading.in_records:
            if count > 1:
                self._at_once = 1
            else:
                self._work = self._search_records(begin)
            return
        self._at_once = min(4 * self._at_once, LINES_A_CHUNK)
        found: list[_Found] = []
        cut = reading.figures.first_cell if begin == reading.figures.first_line else 0
        for index, line, spans in self._finder.in_text(reading) if count else ():
            number = begin + index
            if line.isascii() and not (cut and index == 0):
                found += [(number, line, *span) for span in spans]
            else:
                whole = LineSequence(self._source).numbered(number)
                if whole is not None and whole == line:
                    found += _found_in(whole, spans)
        if self._newest_first:
            self._stop = first
        else:
            self._first = max(begin + count, first + 1)
        self._add(found)

    def _find_in_pages(self, text: str, capacity: int) -> bool:
        """A step through the pages for lines that have a text; False if there are more in a page than there is room for."""
        needle = text.encode("utf-8", "surrogatepass")
        first, stop = ffi.new("uint64_t *", self._first), ffi.new("uint64_t *", self._stop)
        numbers = ffi.new("uint64_t[]", capacity)
        count = lib.gp_terminal_find(
            self._source._live, first, stop, needle, len(needle), self._newest_first, BYTES_A_STEP, numbers, capacity
        )
        if not count and (first[0], stop[0]) == (self._first, self._stop) and first[0] < stop[0]:
            return False
        self._first, self._stop = int(first[0]), int(stop[0])
        self._candidates.extend(sorted(numbers[0:count], reverse=self._newest_first))
        return True

    def _search_screen(self, first: int, stop: int) -> Iterator[None]:
        """All of these lines, as they are now."""
        found: list[_Found] = []
        while first < stop and (lines := LineSequence(self._source)._read(first, stop - first)):
            for line in lines:
                if line.number < first:
                    continue
                first = line.number + 1
                if line.continues or line.continuation:
                    first = yield from self._follow_records(line.number, found)
                else:
                    found += _found_in(line, list(self._finder.spans(line.text, 0)))
        self._add(found)

    def _search_records(self, number: int) -> Iterator[None]:
        found: list[_Found] = []
        yield from self._follow_records(number, found)
        self._add(found)

    def _follow_records(self, number: int, found: list[_Found]) -> Generator[None, None, int]:
        """All records of the line of which record ``number`` is one; returns the number of the line behind it.

        Each is searched together with the one behind it and what is just before it, from where the last match ended.
        """
        lines = LineSequence(self._source)
        first, line, before = number, lines.numbered(number), ""
        done, carried, context = self._followed  # of a line that has grown since
        while line and line.continuation and first > done and (older := lines.numbered(first - 1)):
            first, line = first - 1, older
            yield
        stop, begin = number + 1, 0
        if first == done:
            begin, before = carried, context
        while line is not None and (self._newest_first or self._screen_done or line.number < self._stop):
            following = lines.numbered(line.number + 1) if line.continues else None
            alone = line.text  # a copy, so not to be asked for once a match
            both = alone + following.text if following else alone
            text = before + both
            own, end = len(before), len(before) + len(line)
            at = own + begin
            for span in self._finder.spans(text, at):
                if span[0] >= end and following:
                    break
                at = span[1]
                if at <= end or not following:
                    place, whole = line.position(at - own), alone
                else:
                    place, whole = following.position(at - end), both
                found.append(Match(line.position(span[0] - own), place, text[span[0] : at], whole, span[2]))
            begin, before = max(0, at - end), alone[-LOOK_BEHIND:]
            stop = max(stop, line.number + 1)
            line = following
            yield
        if self._newest_first:
            self._stop = min(self._stop, first)
            self._candidates = deque(each for each in self._candidates if each < first)
        else:
            self._first = max(self._first, stop)
            self._candidates = deque(each for each in self._candidates if each >= stop)
            self._followed = stop, begin, before
        return stop

    def _add(self, found: list[_Found]) -> None:
        self._found.extend(reversed(found) if self._newest_first else found)

    def _read_candidate(self) -> None:
        line = LineSequence(self._source).numbered(self._candidates.popleft())
        if line is None:
            return
        if line.continues or line.continuation:
            self._work = self._search_records(line.number)
        else:
            self._add(_found_in(line, list(self._finder.spans(line.text, 0))))


_new = tuple.__new__
Span = tuple[int, int, tuple["str | None", ...]]


# A match that was not asked for yet: the number of its line, the line, and the span; of a line in which each character is a
# cell. Half of what a match costs is making it.
_Found = Match | tuple[int, str, int, int, tuple["str | None", ...]]


def _match(found: _Found) -> Match:
    if isinstance(found, Match):
        return found
    number, line, begin, end, groups = found
    start, stop = _new(Position, (number, begin)), _new(Position, (number, end))
    return _new(Match, (start, stop, line[begin:end], line, groups))  # half the time of Match(...)


def _found_in(line: Line, spans: list[Span]) -> list[_Found]:
    text = line.text
    if text.isascii() and not line.first_cell:
        return [(line.number, text, *span) for span in spans]
    return [Match(line.position(b), line.position(e), text[b:e], text, groups) for b, e, groups in spans]


# ---- what is looked for ------------------------------------------------------------------------------------------------


def _encoded(reading: Any) -> Any:
    """The text of some lines, without the last newline."""
    return ffi.buffer(reading.text, reading.text_bytes - 1) if reading.text_bytes > 1 else b""


class _Literal:
    def __init__(self, text: str) -> None:
        self.text = text

    def spans(self, line: str, begin: int) -> Iterator[Span]:
        while (begin := line.find(self.text, begin)) >= 0:
            yield begin, begin + len(self.text), ()
            begin += len(self.text)


class _Folded:
    """Case does not matter: both are compared case-folded, a match begins and ends with whole characters."""

    required = ""

    def __init__(self, text: str) -> None:
        self.text = text.casefold()

    def in_text(self, reading: Any) -> Iterator[tuple[int, str, list[Span]]]:
        text = str(_encoded(reading), "utf-8")
        if self.text in text.casefold():
            for index, line in enumerate(text.split("\n")):
                if spans := list(self.spans(line, 0)):
                    yield index, line, spans

    def spans(self, line: str, begin: int) -> Iterator[Span]:
        folded = line[begin:].casefold()
        found = folded.find(self.text)
        if found < 0:
            return
        begins, at = {}, 0  # from where a character's folding begins to its index
        for index, character in enumerate(line[begin:], begin):
            begins[at] = index
            at += len(character.casefold())
        begins[at] = len(line)
        while found >= 0:
            end = found + len(self.text)
            whole = found in begins and end in begins
            if whole:
                yield begins[found], begins[end], ()
            found = folded.find(self.text, end if whole else found + 1)


class _Pattern:
    """A pattern, run over many lines at once where there is one that finds there what it finds in each."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern
        self.over_lines = over_lines(pattern)
        self.required = required(pattern)

    def in_text(self, reading: Any) -> Iterator[tuple[int, str, list[Span]]]:
        encoded = _encoded(reading)
        if self.over_lines is None:
            for index, line in enumerate(str(encoded, "utf-8").split("\n")):
                if spans := list(self.spans(line, 0)):
                    yield index, line, spans
            return
        at = 0
        if reading.ascii:  # can be searched as it is: what is compiled from a tree takes str and bytes
            first = self.over_lines.search(encoded)
            if first is None:
                return
            at = first.start()
        text = str(encoded, "utf-8")
        index, begin, end = 0, 0, -1
        spans = []
        for match in self.over_lines.finditer(text, text.rfind("\n", 0, at) + 1):
            start, stop = match.span()
            if start > end:  # in another line
                if spans:
                    yield index, text[begin:end], spans
                    spans = []
                at = text.rfind("\n", 0, start) + 1
                # One by one, as CPython counts, newlines cost as much as the search for the pattern.
                index += lib.gp_count(reading.text + begin, at - begin, 10) if reading.ascii else text.count("\n", begin, at)
                begin, end = at, text.find("\n", start)
                if end < 0:
                    end = len(text)
            spans.append((start - begin, stop - begin, match.groups()))
        if spans:
            yield index, text[begin:end], spans

    def spans(self, line: str, begin: int) -> Iterator[Span]:
        for match in self.pattern.finditer(line, begin):
            yield match.start(), match.end(), match.groups()


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
