"""Search in the lines of a history and its screen: in the pages as they lie where it is rare, in decoded chunks where not."""

from __future__ import annotations

import re
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from itertools import accumulate, chain, islice
from typing import Any

from ghostpage._chunks import Chunk, may_match
from ghostpage._core import ffi, lib, owned, room_for
from ghostpage._finders import finder
from ghostpage._forking import renew_in_child
from ghostpage._patterns import Needles
from ghostpage.lines import Line, LineSequence, Source
from ghostpage.matches import Match, OneLine, Waiting, made

__all__ = ["Match", "Search"]

BYTES_A_STEP = 1 << 22
LINES_A_CHUNK = 1 << 14
LINES_WITH_PLACES = 1 << 11  # more of them are memory that goes back to the system each time: a fifth of all time
LOOK_BEHIND = 1 << 10  # characters of the record before that a pattern may look at
FEW_LINES = 8  # of a page with a text that is required: more of them are read as chunks, a hundredth of the cost a line
LINES_UNASKED = 1 << 17  # read before pages are looked through again, where many lines had what is required

_has_gil: Callable[[], bool] = getattr(sys, "_is_gil_enabled", lambda: True)


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
        self._ready = Waiting([])
        self._chunk: Chunk | None = None  # the rest of what was found, and is not ready yet
        self._many = self._asked = False  # were many in a part of it; was for more than their texts
        self._places = 0  # lines that come next and are read with places: there is a match among them, or was just before
        figures = source._line_figures()
        self._first, self._stop = int(figures.first_line), int(figures.complete_line)
        self._end = int(figures.next_line)
        self._all = self._end - self._first
        self._screen_done = self._cancelled = False
        self._at_once = LINES_A_CHUNK
        self._unasked = 0  # lines that are yet to be read without looking for what is required
        self._many_pages = False  # are looked through at once: there were few lines in the last one
        self._candidates: deque[int] = deque()  # lines that the core found, to be read when they are asked for
        self._followed = -1, 0, ""  # oldest first: behind which record, where the last match ended, what was before
        self._work: Iterator[None] | None = None  # what takes several steps, and is first to go on
        self._broken_off = False  # a step, by an exception: what it found may wait still
        self._begin: Callable[[], Iterator[None]] | None = None

    def _renew_lock(self) -> None:
        self._lock = threading.RLock()  # one thread at a time goes on

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
        left = self._first < self._stop or self._candidates or self._work or self._chunk
        return self._screen_done and not left

    def cancel(self) -> None:
        """Ends the search, from any thread; what was found and not asked for yet is dropped."""
        self._cancelled = True
        self._ready.drop()

    def step(self) -> list[Match]:
        """Searches a bit further and returns what that found, with what was found before and not asked for; may be nothing.

        For an interface: one step in each turn of its loop, until :attr:`done`.
        """
        found: list[Match] = []
        try:
            with self._lock:
                found += self._ready.matches
                if not (self._cancelled or self._searched):
                    self._advance()
                    found += self._ready.matches
                    while self._chunk:
                        self._advance()
                        found += self._ready.matches
                self._broken_off = False
        except BaseException:
            self._put_back(found)
            raise
        return [] if self._cancelled else found

    def __next__(self) -> Match:
        taken: list[Match] = []
        try:
            with self._lock:
                taken += islice(self._some() or (), 1)
        except BaseException:
            self._put_back(taken)
            raise
        for match in taken:
            return match
        raise StopIteration

    def __iter__(self) -> Iterator[Match]:
        """The same search, from match to match without a line of Python. It ends when it raises, the search does not."""
        if not _has_gil():
            return self  # without a GIL nothing of itertools' may be shared
        return chain.from_iterable(iter(self._some, None))

    def __repr__(self) -> str:
        return "<Search, {} of {} lines done>".format(*self.progress)

    # ---- step by step ----

    def _some(self) -> Iterator[Match] | None:
        """What is ready, or becomes it next; None at the end."""
        with self._lock:
            while not self._cancelled:
                if self._ready:
                    return self._ready.matches
                self._broken_off = False
                if self.done:
                    break
                self._advance()
        return None

    def _put_back(self, taken: list[Match]) -> None:
        """What nobody was given, for memory that was lacking or an interrupt."""
        with self._lock:
            self._ready = Waiting([*taken, *self._ready.matches])
            self._broken_off = True

    def _advance(self) -> None:
        """A step or a part of one, when what is ready was taken; what it found is ready then. When it raises all is as before."""
        before, candidates = self.__dict__.copy(), self._candidates.copy()
        del before["_cancelled"]  # it may be by another thread, in between
        try:
            self._go_on()
        except BaseException:
            self.__dict__.update(before, _candidates=candidates)
            if self._work:
                assert self._begin
                self._work = self._begin()
            raise

    def _go_on(self) -> None:
        if self._chunk:
            if found := next(self._chunk, None):
                self._places = max(self._places, 1)
                self._ready = found
                self._chunk.taken = []  # and no earlier
            else:
                self._many, self._asked, self._chunk = self._chunk.many, self._chunk.asked, None
        elif self._work:
            if next(self._work, True):  # None while it goes on
                self._work = None
        elif self._candidates:
            self._search_candidates()
        elif self._newest_first and not self._screen_done:
            self._screen_done = True
            self._start(self._search_screen, self._stop, self._end)
        elif self._first < self._stop:
            if self._unasked or not self._find_in_pages():
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

    def _find_in_pages(self) -> bool:
        """A step through the pages for lines that have what is required; False if there are many in the first of them."""
        required = self._finder.required
        if not required.texts:
            return False
        needles, _in_use = _to_core(required)
        first, stop = ffi.new("uint64_t *", self._first), ffi.new("uint64_t *", self._stop)
        made, end = room_for("gp_reading"), ffi.new("gp_found_end *")
        most = BYTES_A_STEP if self._many_pages else 1
        status = lib.gp_terminal_read_found(self._source._live, first, stop, needles, self._newest_first, most, end, made)
        self._source._check(status)
        reading = owned(made)
        if self._newest_first and reading.figures.complete_line < self._stop:
            return False  # a resize has taken lines back to the screen, where the core does not look
        self._many_pages = (first[0], stop[0]) != (self._first, self._stop)
        if not self._many_pages:
            found = end[0] == lib.GP_FOUND_RECORDS and self._find_records(required.longest)
            self._unasked = 0 if found else LINES_UNASKED
            return found
        self._first, self._stop = int(first[0]), int(stop[0])
        self._chunk = Chunk(reading, self._finder, self._newest_first, self._many, self._asked) if reading.line_count else None
        return True

    def _find_records(self, needle: bytes) -> bool:
        """The same where some lines are in several records."""
        if not needle:
            return False
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
        self._ready = Waiting(found)
        if records >= 0:
            self._start(self._search_records, records)

    def _search_chunk(self) -> None:
        stop = self._stop
        at_once = min(self._at_once, LINES_WITH_PLACES) if self._places else self._at_once
        first = max(self._first, stop - at_once) if self._newest_first else self._first
        stop = stop if self._newest_first else min(stop, first + at_once)
        made = room_for("gp_reading")
        details = lib.GP_LINES_PLACES if self._places else lib.GP_LINES_TEXT
        self._source._check(lib.gp_terminal_read_lines(self._source._live, first, stop, BYTES_A_STEP, details, made))
        reading = owned(made)
        begin, count = int(reading.begin_line), int(reading.line_count)
        if begin + count < stop and self._newest_first and self._at_once > 1:
            self._at_once = max(1, at_once // 4)  # too much text for a step
            return
        if reading.in_records:
            if count > 1:
                self._at_once = 1
            else:
                self._start(self._search_records, begin)
            return
        if count and self._places:
            chunk = Chunk(reading, self._finder, self._newest_first, self._many, self._asked)
            self._places = max(0, self._places - count)
        elif count and may_match(reading, self._finder):
            self._places = count  # these once more
            return
        else:
            chunk = None
        self._at_once = min(4 * self._at_once, LINES_A_CHUNK)
        self._unasked = max(0, self._unasked - max(count, 1))
        if self._newest_first:
            self._stop = first
        else:
            self._first = max(begin + count, first + 1)
        self._chunk = chunk

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
        self._ready = Waiting(self._ordered(found))

    # ---- matches in what was read ----

    def _ordered(self, found: list[Match]) -> list[Match]:
        return found[::-1] if self._newest_first else found

    def _in_line(self, line: Line) -> list[Match]:
        """The first first."""
        return list(Waiting(list(self._finder.finditer(line.text)), OneLine(line)).matches)

    # ---- lines in several records ----

    def _search_records(self, number: int) -> Iterator[None]:
        found: list[Match] = []
        yield from self._follow_records(number, found)
        self._ready = Waiting(self._ordered(found))

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


def _to_core(needles: Needles) -> tuple[Any, Any]:
    """These as the core takes them, and what has to be kept meanwhile."""
    text, ends = b"".join(needles.texts), ffi.new("uint32_t[]", list(accumulate(map(len, needles.texts))))
    sets = b"".join(each.ljust(lib.GP_SET_BYTES, b"\0") for each in needles.sets)
    in_use = ffi.from_buffer("uint8_t[]", text), ffi.from_buffer("uint8_t[]", sets) if sets else ffi.NULL, ends
    return ffi.new("gp_needles *", (*in_use, len(needles.texts))), in_use
