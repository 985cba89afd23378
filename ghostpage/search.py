"""Search in the lines of a history and its screen: in the pages as they lie where it is rare, in decoded chunks where not."""

from __future__ import annotations

import contextlib
import re
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from itertools import chain, islice, repeat
from typing import Any

from ghostpage._core import ffi, lib, owned, room_for
from ghostpage._decoding import decoded
from ghostpage._finders import OverLines, finder
from ghostpage._forking import renew_in_child
from ghostpage.lines import Line, LineSequence, Source
from ghostpage.matches import Found, Lines, Match, OneLine, PlainLine, made

__all__ = ["Match", "Search"]

BYTES_A_STEP = 1 << 22
LINES_A_CHUNK = 1 << 14
CHARACTERS_BACKWARDS = 1 << 16
LOOK_BEHIND = 1 << 10  # characters of the record before that a pattern may look at
FEW_LINES = 8  # of a page with a text that is required: more of them are read as chunks, a hundredth of the cost a line
CHUNKS_UNASKED = 8  # read before pages are looked through again, where many lines had that text
MATCHES_AHEAD = 64
FEW_MATCHES = 64  # of a chunk: more of them share its text


class Search(Iterator[Match]):
    """A search under way: an iterator of matches, which goes on step by step when it is asked for more.

    A step reads about 4 MiB of text, with the terminal locked for no longer than one call of the core, so that feeding and
    drawing go on. Lines above the screen do not change and are searched once each; those pruned before the search comes to
    them are left out. The lines of the screen are searched as they are when the search is there: first if it begins with the
    newest, and then lines that come later are none of its business; last if it begins with the oldest, and then it goes on
    to the end of what there is by then. So no match is found twice, or missed, for output that goes on.

    A line of more than a mebibyte, which is kept in several records, is searched as one, a record at a step; a pattern sees
    as many of them as the shortest text takes that it can match, and two at least.

    Several threads may share a search: each match goes to one of them.
    """

    def __init__(self, source: Source, pattern: str | re.Pattern[str], ignore_case: bool, newest_first: bool) -> None:
        self._source = source
        self._renew_lock()
        renew_in_child(self)
        self._newest_first = newest_first
        self._finder = finder(pattern, ignore_case)
        self._ready: Iterator[Match] = iter(())
        self._ahead: deque[Match] = deque()  # those of them that come next, to be taken without the lock
        self._ahead_at_once = 1  # but more when more are asked for
        figures = source._line_figures()
        self._first, self._stop = int(figures.first_line), int(figures.complete_line)
        self._end = int(figures.next_line)
        self._all = self._end - self._first
        self._screen_done = self._cancelled = False
        self._at_once, self._common = LINES_A_CHUNK, 0
        self._candidates: deque[int] = deque()  # lines that the core found, to be read when they are asked for
        self._followed = -1, 0, ""  # oldest first: behind which record, where the last match ended, what was before
        self._work: Iterator[None] | None = None  # what takes several steps, and is first to go on
        self._broken_off = False  # a step, by an exception: what it found may wait still
        self._begin: Callable[[], Iterator[None]] | None = None

    def _renew_lock(self) -> None:
        self._lock = threading.RLock()  # iterators of Python's come to harm when two threads go on with one

    @property
    def progress(self) -> tuple[int, int]:
        """How many lines are done, of how many in all."""
        left = max(0, self._stop - self._first) + (0 if self._screen_done else self._end - self._stop)
        return self._all - min(left, self._all), self._all

    @property
    def done(self) -> bool:
        """Whether everything has been searched, or the search was cancelled."""
        return self._cancelled or (self._searched and not self._broken_off)

    @property
    def _searched(self) -> bool:
        left = self._first < self._stop or self._candidates or self._work
        return self._screen_done and not left

    def cancel(self) -> None:
        """Ends the search, from any thread; what was found and not asked for yet is dropped."""
        self._cancelled = True

    def step(self) -> list[Match]:
        """Searches a bit further and returns what that found, with what was found before and not asked for; may be nothing.

        For an interface: one step in each turn of its loop, until :attr:`done`.
        """
        found: list[Match] = []
        with self._lock:
            try:
                self._take_ahead(found)
                found += self._ready
                if not (self._cancelled or self._searched):
                    self._advance()
                    found += self._ready
            except BaseException:
                self._ready = chain(found, self._ready)
                self._broken_off = True
                raise
            self._broken_off = False
        return [] if self._cancelled else found

    def _take_ahead(self, found: list[Match]) -> None:
        with contextlib.suppress(IndexError):  # other threads take them too
            while True:
                found.append(self._ahead.popleft())

    def __next__(self) -> Match:
        while not self._cancelled:
            try:
                return self._ahead.popleft()
            except IndexError:
                pass
            if not self._look_ahead():
                break
        raise StopIteration

    def _look_ahead(self) -> bool:
        """Readies the next matches for all threads; False if there are no more."""
        with self._lock:
            while not (self._ahead or self._cancelled):
                self._ahead.extend(islice(self._ready, self._ahead_at_once))
                if not self._ahead:
                    self._broken_off = False
                    if self.done:
                        return False
                    self._advance()
            self._ahead_at_once = min(2 * self._ahead_at_once, MATCHES_AHEAD)
        return True

    def __repr__(self) -> str:
        return "<Search, {} of {} lines done>".format(*self.progress)

    # ---- step by step ----

    def _advance(self) -> None:
        """A step, when what is ready was taken; what it found is ready then."""
        if self._work:
            try:
                next(self._work)
            except StopIteration:
                self._work = None
            except BaseException:  # memory is lacking, or an interrupt: it begins again
                assert self._begin
                self._work = self._begin()
                raise
        elif self._candidates:
            self._search_candidates()
        elif self._newest_first and not self._screen_done:
            self._screen_done = True
            self._start(self._search_screen, self._stop, self._end)
        elif self._first < self._stop:
            if self._common or not self._finder.required or not self._find_in_pages(self._finder.required):
                self._common = (self._common or CHUNKS_UNASKED) - 1
                self._search_chunk()
        else:  # the oldest first: what was the screen, and what has come since
            figures = self._source._line_figures()
            self._end = max(int(figures.next_line), self._stop)
            if figures.complete_line > self._stop + LINES_A_CHUNK:
                self._stop = int(figures.complete_line)
            else:
                self._screen_done = True
                self._start(self._search_screen, max(self._first, self._stop), self._end)
            self._all = max(self._all, self._end - self._first)

    def _start(self, work: Callable[..., Iterator[None]], *arguments: int) -> None:
        """Work of several steps, which can begin again."""
        state = self._first, self._stop, tuple(self._candidates), self._followed

        def begin() -> Iterator[None]:
            self._first, self._stop, candidates, self._followed = state
            self._candidates = deque(candidates)
            return work(*arguments)

        self._begin = begin
        self._work = begin()

    def _find_in_pages(self, text: str) -> bool:
        """A step through the pages for lines that have a text; False if there are many in the first of them."""
        needle = text.encode("utf-8", "surrogatepass")
        first, stop = ffi.new("uint64_t *", self._first), ffi.new("uint64_t *", self._stop)
        numbers = ffi.new("uint64_t[]", FEW_LINES)
        count = lib.gp_terminal_find(
            self._source._live, first, stop, needle, len(needle), self._newest_first, BYTES_A_STEP, numbers, FEW_LINES
        )
        if not count and (first[0], stop[0]) == (self._first, self._stop) and first[0] < stop[0]:
            return False
        self._first, self._stop = int(first[0]), int(stop[0])
        self._candidates.extend(sorted(numbers[0:count], reverse=self._newest_first))
        return True

    def _search_candidates(self) -> None:
        found: list[Match] = []
        done, records = 0, -1
        for number in islice(self._candidates, 256):
            line = LineSequence(self._source).numbered(number)
            done += 1
            if line is not None and (line.continues or line.continuation):
                records = number
                break
            if line is not None:
                found += self._ordered(self._in_line(line))
        for _ in range(done):
            self._candidates.popleft()
        self._ready = iter(found)
        if records >= 0:
            self._start(self._search_records, records)

    def _search_chunk(self) -> None:
        stop = self._stop
        first = max(self._first, stop - self._at_once) if self._newest_first else self._first
        stop = stop if self._newest_first else min(stop, first + self._at_once)
        made = room_for("gp_reading")
        self._source._check(lib.gp_terminal_read_lines(self._source._live, first, stop, BYTES_A_STEP, False, made))
        reading = owned(made)
        begin, count = int(reading.begin_line), int(reading.line_count)
        if begin + count < stop and self._newest_first and self._at_once > 1:
            self._at_once = max(1, self._at_once // 4)  # too much text for a step
            return
        if reading.in_records:
            if count > 1:
                self._at_once = 1
            else:
                self._start(self._search_records, begin)
            return
        self._at_once = min(4 * self._at_once, LINES_A_CHUNK)
        if self._newest_first:
            self._stop = first
        else:
            self._first = max(begin + count, first + 1)
        if count:
            self._ready = self._in_chunk(reading)

    def _search_screen(self, first: int, stop: int) -> Iterator[None]:
        """All of these lines, as they are now."""
        found: list[Match] = []
        while first < stop and (lines := LineSequence(self._source)._read(first, stop - first)):
            for line in lines:
                if line.number < first:
                    continue
                first = line.number + 1
                if line.continues or line.continuation:
                    first = yield from self._follow_records(line.number, found)
                else:
                    found += self._in_line(line)
        self._ready = self._ordered(found)

    # ---- matches in what was read ----

    def _ordered(self, found: list[Match]) -> Iterator[Match]:
        return reversed(found) if self._newest_first else iter(found)

    def _in_line(self, line: Line) -> list[Match]:
        """The first first."""
        return [Match(found, OneLine(line)) for found in self._finder.finditer(line.text)]

    def _in_chunk(self, reading: Any) -> Iterator[Match]:
        """What is found in some lines, in this search's order, while it is asked for."""
        text_bytes = reading.text_bytes - 1  # but the last newline
        encoded = ffi.buffer(reading.text, text_bytes) if text_bytes else b""
        over, at = self._finder.over_lines(reading.ascii), 0
        if reading.ascii and isinstance(over, re.Pattern):  # as it is: what is compiled from a tree takes str and bytes
            first = over.search(encoded)
            if first is None:
                return iter(())
            at = first.start()
        text, number = decoded(reading, text_bytes), int(reading.begin_line)
        regular = reading.ascii and not (reading.figures.first_cell and number == reading.figures.first_line)
        if over is None:
            return _Again(lambda: self._one_by_one(text, number, regular))
        found = self._over_lines(over, text, text.rfind("\n", 0, at) + 1)
        some = list(islice(found, FEW_MATCHES + 1))
        if not some:
            return iter(())
        begins = ffi.new("uint32_t[]", reading.line_count)
        lib.gp_line_begins(reading.text, text_bytes, begins)
        lines = Lines(text, number, begins)
        few = len(some) <= FEW_MATCHES
        if few and regular:
            return iter([lines.alone(each) for each in some])
        if regular:
            return map(Match, chain(some, found), repeat(lines))
        begin = text.rfind("\n", 0, at) + 1
        return _Again(lambda: self._mixed(self._over_lines(over, text, begin), lines, number, few))

    def _over_lines(self, over: OverLines, text: str, at: int) -> Iterator[Found]:
        """What is found from ``at`` on; backwards some lines at a time, as there may be a match at each character."""
        if not self._newest_first:
            return over.finditer(text, at, len(text))

        def parts() -> Iterator[Iterator[Found]]:
            stop = len(text)
            while stop >= at:
                begin = max(at, text.rfind("\n", 0, max(0, stop - CHARACTERS_BACKWARDS)) + 1)
                yield reversed(list(over.finditer(text, begin, stop)))
                stop = begin - 1

        return chain.from_iterable(parts())

    def _mixed(self, found: Iterator[Found], lines: Lines, first: int, few: bool) -> Iterator[Match]:
        """Matches in lines some of which have characters that are not a cell each: those are read with their cells."""
        last, regular = -1, False
        for each in found:
            number = lines.position(each.start()).line
            if number != last:
                regular = lines.line(each.start()).isascii() and number != first
                last = number
                if not regular and (line := LineSequence(self._source).numbered(number)) is not None:
                    yield from self._ordered(self._in_line(line))
            if regular:
                yield lines.alone(each) if few else Match(each, lines)

    def _one_by_one(self, text: str, number: int, regular: bool) -> Iterator[Match]:
        if not self._finder.may_be_in(text):
            return
        lines = list(enumerate(text.split("\n"), number))
        for each, line in reversed(lines) if self._newest_first else lines:
            found = list(self._finder.finditer(line))
            if found and line.isascii() and (regular or each != number):
                alone = PlainLine(line, each)
                yield from self._ordered([Match(span, alone) for span in found])
            elif found and (whole := LineSequence(self._source).numbered(each)) is not None:
                yield from self._ordered(self._in_line(whole))

    # ---- lines in several records ----

    def _search_records(self, number: int) -> Iterator[None]:
        found: list[Match] = []
        yield from self._follow_records(number, found)
        self._ready = self._ordered(found)

    def _follow_records(self, number: int, found: list[Match]) -> Generator[None, None, int]:
        """All records of the line of which record ``number`` is one; returns the number of the line behind it.

        Each is searched together with those behind it, as far as what is looked for may reach, and with what is just before
        it, from where the last match ended.
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
        records: deque[Line] = deque([line] if line else [])
        while records and (self._newest_first or self._screen_done or records[0].number < self._stop):
            length = sum(map(len, records))
            while records[-1].continues and (len(records) < 2 or length < len(records[0]) + self._finder.shortest):
                following = lines.numbered(records[-1].number + 1)
                if following is None:
                    break
                records.append(following)
                length += len(following)
            line, own = records.popleft(), len(before)
            alone = line.text  # a copy, so not to be asked for once a match
            text = before + alone + "".join(records)
            end, at = own + len(line), own + begin
            for each in self._finder.finditer(text, at):
                if each.start() >= end and records:
                    break
                at, last, last_begin, whole = each.end(), line, own, alone
                for following in records:
                    if at <= last_begin + len(last):
                        break
                    last, last_begin, whole = following, last_begin + len(last), whole + following
                place = last.position(at - last_begin)
                found.append(made(line.position(each.start() - own), place, each.group(), whole, each.groups()))
            begin, before = max(0, at - end), text[max(0, end - LOOK_BEHIND) : end]
            stop = max(stop, line.number + 1)
            yield
        if self._newest_first:
            self._stop = min(self._stop, first)
            self._candidates = deque(each for each in self._candidates if each < first)
        else:
            self._first = max(self._first, stop)
            self._candidates = deque(each for each in self._candidates if each >= stop)
            self._followed = stop, begin, before
        return stop


class _Again(Iterator[Match]):
    """What can go on when it has raised: it is made again then, as far as it had come."""

    def __init__(self, make: Callable[[], Iterator[Match]]) -> None:
        self._make = make
        self._matches: Iterator[Match] | None = None
        self._taken = 0

    def __next__(self) -> Match:
        if self._matches is None:
            self._matches = islice(self._make(), self._taken, None)
        try:
            match = next(self._matches)
        except StopIteration:
            raise
        except BaseException:
            self._matches = None
            raise
        self._taken += 1
        return match
