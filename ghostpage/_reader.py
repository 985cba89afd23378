"""What can be read of a terminal, a screen or a snapshot: its size, what it shows, and what that costs."""

from __future__ import annotations

import operator
import re
from dataclasses import fields
from typing import Any

from ghostpage._core import (
    INT64_MAX,
    SIZE_MAX,
    UINT32_MAX,
    UINT64_MAX,
    ArgumentError,
    ClosedError,
    Handle,
    check,
    ffi,
    integer,
    lib,
    owned,
    room_for,
)
from ghostpage._decoding import decoded
from ghostpage._exports import Exports, row_number
from ghostpage._kernel import resident_bytes
from ghostpage.arena import Arena
from ghostpage.commands import Command, Marks, read_between
from ghostpage.figures import Counters, Cursor, Demand, MemoryUse, PageDemand, PageInfo, cursor_from_core
from ghostpage.frame import Frame
from ghostpage.limits import Limits, LimitsInForce
from ghostpage.lines import LineCursor, LineSequence, Position, Reading, read_since
from ghostpage.rows import Block, Row, RowSequence
from ghostpage.search import Search
from ghostpage.timestamps import Times

__all__ = ["Reader"]

_CAUSES = {
    lib.GP_PRUNE_NONE: None,
    lib.GP_PRUNE_LINES: "lines",
    lib.GP_PRUNE_BYTES: "bytes",
    lib.GP_PRUNE_BUDGET: "budget",
}


class Reader(Exports, Handle):
    """A screen of ``columns`` by ``rows`` and the history above it, to be read."""

    _arena: Arena
    _times: Times | None = None
    _marks = Marks()  # of one that knows no commands; never written to

    # ---- size and limits ----

    @property
    def arena(self) -> Arena:
        """Where the memory comes from."""
        self._live  # noqa: B018  (raises if closed)
        return self._arena

    @property
    def columns(self) -> int:
        """Width of the screen in cells."""
        return int(self._figures().columns)

    @property
    def rows(self) -> int:
        """Height of the screen in rows."""
        return int(self._figures().rows)

    @property
    def limits(self) -> LimitsInForce:
        """How much is kept."""
        figures = self._figures()
        lines = None if figures.limit_rows == UINT64_MAX else figures.limit_rows
        own = None if figures.limit_bytes == SIZE_MAX else figures.limit_bytes
        budget = None if self._arena.closed else self._arena.limit
        most = min((limit for limit in (own, budget) if limit is not None), default=None)
        by_bytes = figures.pruned_by in (lib.GP_PRUNE_BYTES, lib.GP_PRUNE_BUDGET)
        effective = Limits(
            lines=figures.history_rows if by_bytes else lines,
            bytes=None if most is None else max(most, self._memory().mapped_bytes),
        )
        return LimitsInForce(lines, own, effective, _CAUSES[figures.pruned_by])

    # ---- what is shown ----

    @property
    def cursor(self) -> Cursor:
        """Where the cursor is, and what it looks like.

        >>> from ghostpage import Terminal
        >>> with Terminal() as terminal:
        ...     terminal.feed("ab")
        ...     terminal.cursor.x, terminal.cursor.y, terminal.cursor.shape
        (2, 0, 'block')
        """
        at = self._figures()
        return cursor_from_core(at.x, at.y, at.cursor_visible, at.cursor_shape, at.cursor_blinking, at.pending_wrap)

    @property
    def screen(self) -> RowSequence:
        """The rows of the screen, from the top: a sequence of :class:`~ghostpage.Row` that is ``rows`` long."""
        self._live  # noqa: B018  (raises if closed)
        return RowSequence(self, of_screen=True)

    @property
    def history(self) -> RowSequence:
        """The rows above the screen, the oldest first: a sequence of :class:`~ghostpage.Row`."""
        self._live  # noqa: B018  (raises if closed)
        return RowSequence(self, of_screen=False)

    def text(self, start: int | None = None, stop: int | None = None, *, unwrap: bool = False) -> str:
        """The text of history and screen, or of rows ``start`` to ``stop`` of them, with a newline between rows.

        Rows are counted from the oldest row of history, negative ones from the end, as in a slice. With ``unwrap`` the
        rows of a line are joined again. Trailing blanks are left out. One call of the core: the text is that of one
        moment.

        >>> from ghostpage import Terminal
        >>> with Terminal(5, 2) as terminal:
        ...     terminal.feed("one\\r\\n1234567\\r\\nend")
        ...     terminal.text(), terminal.text(0, -1, unwrap=True)
        ('one\\n12345\\n67\\nend', 'one\\n1234567')
        """
        first = row_number("start", start, 0)
        last = row_number("stop", stop, INT64_MAX)
        made = room_for("gp_reading")
        self._check(lib.gp_terminal_text(self._live, first, last, bool(unwrap), made))
        reading = owned(made)
        return decoded(reading, reading.text_bytes)

    # ---- lines ----

    @property
    def lines(self) -> LineSequence:
        """The logical lines of history and screen, the oldest first: a sequence of :class:`~ghostpage.Line`."""
        self._live  # noqa: B018  (raises if closed)
        return LineSequence(self)

    @property
    def first_line(self) -> int:
        """Number of the oldest line."""
        return int(self._line_figures().first_line)

    @property
    def next_line(self) -> int:
        """The number behind that of the last line of the screen.

        Numbers count from the start of the session and never repeat, so that ``first_line`` says how many lines are gone. A
        line keeps its number when the window changes its size. What is printed over a line of the screen takes its number.
        """
        return int(self._line_figures().next_line)

    def read_since(self, cursor: LineCursor | None = None, *, tail: bool = False) -> Reading:
        """The lines that were completed since the call that returned ``cursor``, each of them once; None: all that are kept.

        A line is complete when it lies above the screen altogether, where it cannot change any more. One that a larger
        window brings back is not given again, unless it is changed there. ``dropped`` says exactly how many lines went
        (pruned, cleared, or reset) before they were read, those of which only a part is left among them. With ``tail`` the
        lines of the screen are given besides, as of the same moment. On the alternate screen, what is complete is that of the
        primary one, and the tail is what is shown.

        Any number of readers may follow; each call costs what is new. Raises :class:`~ghostpage.ArgumentError` for a cursor
        of another terminal or from its future. The cursor of a terminal is good for its snapshots too.

        >>> from ghostpage import Terminal
        >>> with Terminal(20, 2) as terminal:
        ...     terminal.feed("one\\r\\ntwo\\r\\nthree")
        ...     first = terminal.read_since()
        ...     terminal.feed("!\\r\\nfour")
        ...     second = terminal.read_since(first.cursor, tail=True)
        >>> first.lines, second.lines, second.tail, second.dropped
        (['one'], ['two'], ['three!', 'four'], 0)
        """
        return read_since(self, cursor, bool(tail))

    def locate(self, position: Position) -> tuple[int, int] | None:
        """Row, counted from the oldest row of history, and column where a position is seen now; None if it is gone.

        A cell beyond the end of its line is looked for in the line's last row, and not beyond the last column.

        >>> from ghostpage import Terminal
        >>> with Terminal(10, 2) as terminal:
        ...     terminal.feed("0123456789")
        ...     position = terminal.position(0, 7)
        ...     terminal.resize(5, 2)
        ...     position, terminal.locate(position)
        (Position(line=0, cell=7), (1, 2))
        """
        line, cell = position
        line, cell = integer("line", line, 0, UINT64_MAX), integer("cell", cell, 0, UINT32_MAX)
        row, x = ffi.new("uint64_t *"), ffi.new("uint32_t *")
        if lib.gp_terminal_locate(self._live, line, cell, row, x) != lib.GP_OK:
            return None
        return int(row[0]), int(x[0])

    def position(self, row: int, x: int = 0) -> Position:
        """The position of column ``x`` of a row, which is counted from the oldest row of history; negative from the end.

        Behind the last cell of a row that goes on it is where the next row begins. Raises
        :class:`~ghostpage.ArgumentError` for what is outside.
        """
        at = max(-INT64_MAX, min(operator.index(row), INT64_MAX))
        line, cell = ffi.new("uint64_t *"), ffi.new("uint32_t *")
        columns = self.columns
        if lib.gp_terminal_position(self._live, at, integer("x", x, 0, columns - 1), line, cell) != lib.GP_OK:
            rows = len(self.history) + self.rows
            raise ArgumentError(f"row must be from {-rows} to {rows - 1}, not {row}")
        return Position(int(line[0]), int(cell[0]))

    # ---- times ----

    def time_of(self, line: int) -> float | None:
        """When a line was completed, as Unix time to a millisecond; None if it is gone or if times are not kept.

        That is the time of the feed after which the cursor stayed below it; the cursor's own line has that of the last
        feed, and lines below it have none. All that one ``feed`` takes arrives at one time. A cursor that goes up may
        write the lines from there on again: they are as new as what passes over them then.

        >>> from ghostpage import Terminal
        >>> with Terminal(20, 2, timestamps=True) as terminal:
        ...     terminal.feed("one\\r\\ntwo")
        ...     terminal.time_of(0) > 1_700_000_000, terminal.time_of(0) == terminal.screen[0].time, terminal.time_of(2)
        (True, True, None)
        """
        number = integer("line", line, 0, UINT64_MAX)
        if number < self.first_line or self._times is None:
            return None
        return self._times.of([number])[number]

    # ---- commands ----

    @property
    def commands(self) -> list[Command]:
        """The commands that a shell has run, the oldest first, if it marks them (OSC 133): see :mod:`ghostpage.commands`.

        One that runs is included; a prompt at which nothing was run yet is not. Those are gone whose output was pruned.

        >>> from ghostpage import Terminal
        >>> with Terminal() as terminal:
        ...     terminal.feed("\\x1b]133;A\\a$ \\x1b]133;B\\aecho hi\\r\\n\\x1b]133;C\\ahi\\r\\n\\x1b]133;D;0\\a")
        ...     command = terminal.commands[-1]
        ...     command.prompt, command.command, command.output, command.exit_status, command.running
        ('$ ', 'echo hi', 'hi', 0, False)
        """
        return self._marks.commands(self, self.first_line)

    def _read_between(self, start: Position, stop: Position | None) -> str:
        """The text of the primary screen and history from a position on, to another or to the cursor."""
        moment = self._primary()
        if stop is None:
            figures = moment._figures()
            stop = Position(figures.cursor_line, figures.cursor_cell)
        return read_between(moment, start, stop)

    def _primary(self) -> Reader:
        """What is read in several steps, as it is now, the primary screen in any case."""
        return self

    def _row_count(self) -> int:
        return self._count_rows(False) + self._count_rows(True)

    def _read_row(self, row: int) -> Row:
        return self._read_rows(row, 1, False).rows()[0]

    def search(
        self, pattern: str | re.Pattern[str], *, ignore_case: bool = False, newest_first: bool = True
    ) -> Search:
        """The matches of a text or a pattern in the logical lines of history and screen, across soft wraps.

        Returns an iterator of :class:`~ghostpage.Match`, which searches when it is asked for more, in steps of about 4 MiB
        of text, on any thread, while others feed; see :class:`~ghostpage.Search` for ``step``, ``cancel`` and ``progress``.
        A pattern is run on each line by itself. With ``ignore_case`` texts are compared case-folded, so that "ß" finds
        "SS"; a pattern is given ``re.IGNORECASE``. Positions stay valid as :class:`~ghostpage.Position` does. Raises
        :class:`~ghostpage.ArgumentError` for an empty pattern.

        >>> from ghostpage import Terminal
        >>> with Terminal(10, 2) as terminal:
        ...     terminal.feed("an error, which wraps\\r\\nall well\\r\\nError")
        ...     [(match.text, match.start) for match in terminal.search("error", ignore_case=True)]
        [('Error', Position(line=2, cell=0)), ('error', Position(line=0, cell=3))]
        """
        return Search(self, pattern, bool(ignore_case), bool(newest_first))

    # ---- state ----

    def frame(self) -> Frame:
        """What is shown as arrays, to be brought up to date in place: for what draws it.

        >>> from ghostpage import Terminal
        >>> with Terminal(8, 2) as terminal:
        ...     frame = terminal.frame()
        ...     terminal.feed("a\\r\\nb")
        ...     frame.update(), frame.text(1)
        ([0, 1], 'b')
        """
        return Frame(self)

    @property
    def alternate_screen(self) -> bool:
        """Whether the alternate screen is shown, which has no history of its own."""
        return bool(self._figures().alternate)

    @property
    def generation(self) -> int:
        """A number that goes up whenever something may have changed: while it is the same, nothing needs reading."""
        return int(self._figures().generation)

    # ---- memory ----

    @property
    def memory(self) -> MemoryUse:
        """What is mapped, in bytes, at the same small cost whatever there is; ``.memory.resident`` asks the kernel.

        >>> from ghostpage import Terminal
        >>> with Terminal() as terminal:
        ...     terminal.feed("hello")
        ...     memory = terminal.memory
        >>> memory.mapped == memory.text + memory.grid
        True
        """
        figures = self._memory()
        try:
            pooled = self._arena.memory.pooled
        except ClosedError:
            pooled = 0
        use = MemoryUse(
            mapped=figures.mapped_bytes,
            text=figures.text_bytes,
            grid=figures.grid_bytes,
            used=figures.used_bytes,
            pooled=pooled,
            nonstandard=figures.nonstandard_bytes,
            peak=figures.peak_bytes,
            timestamps=self._times.bytes if self._times else 0,
            string=figures.string_bytes,
        )
        object.__setattr__(use, "_ask", self._resident)
        return use

    @property
    def serial(self) -> int:
        """Counts the terminals, screens and snapshots of the process, from 1 on; see :func:`ghostpage.memory.mappings`."""
        return int(self._memory().serial)

    @property
    def counters(self) -> Counters:
        """What the pages went through since the beginning."""
        figures = self._memory()  # which has the memory of its counters
        return Counters(**{field.name: getattr(figures.counters, field.name) for field in fields(Counters)})

    @property
    def demand(self) -> Demand:
        """What recent pages needed, and so how large the next ones are: the statistics of the ``adaptive`` policy.

        One call of the core, which has the sums ready. A snapshot has those of its moment.

        >>> from ghostpage import Arena, Limits, Terminal
        >>> with Arena(standard_page=4096) as arena, Terminal(scrollback=Limits(lines=1000), arena=arena) as terminal:
        ...     terminal.feed(("long " * 1200 + "\\r\\n") * 10)
        ...     demand = terminal.demand.text_pages
        ...     demand.beyond, demand.recurring == demand.birth, demand.birth > 6000
        (9, True, True)
        """
        text_pages, grids = ffi.new("gp_demand_figures *"), ffi.new("gp_demand_figures *")
        lib.gp_terminal_read_demand(self._live, text_pages, grids)
        return Demand(_page_demand(text_pages), _page_demand(grids))

    @property
    def pages(self) -> list[PageInfo]:
        """Every page, text from the oldest to the newest, then grids."""
        capacity = 16
        while True:
            pages = ffi.new("gp_page_info[]", capacity)
            found = lib.gp_terminal_list_pages(self._live, pages, capacity)
            if found <= capacity:
                return [_page(pages[index]) for index in range(found)]
            capacity = found + found // 8

    def trim(self) -> int:
        """Gives what the arena's pool keeps back to the system; returns how many bytes that were."""
        self._live  # noqa: B018  (raises if closed)
        return 0 if self._arena.closed else self._arena.trim()

    # ---- inside ----

    def _check(self, status: int, consumed: int | None = None) -> None:
        if status != lib.GP_OK:
            # To say which limit takes memory, which the system may not have.
            check(status, budget=self._budget() if status == lib.GP_ERR_LIMIT else "", consumed=consumed)

    def _budget(self) -> str:
        """The limit in bytes that may be in the way; a terminal's own gives way to its screen."""
        try:
            return f"the limit of {self._arena.limit} bytes of the arena"
        except ClosedError:
            return "the limit in bytes of the arena"

    def _moment(self) -> Reader:
        """What is read in several steps, as it is now."""
        self._live  # noqa: B018  (raises if closed)
        return self

    def _figures(self) -> Any:
        figures = ffi.new("gp_terminal_figures *")
        lib.gp_terminal_read_figures(self._live, figures)
        return figures

    def _memory(self) -> Any:
        memory = ffi.new("gp_terminal_memory *")
        lib.gp_terminal_read_memory(self._live, memory)
        return memory

    def _line_figures(self) -> Any:
        figures = ffi.new("gp_line_figures *")
        lib.gp_terminal_read_line_figures(self._live, figures)
        return figures

    def _count_rows(self, of_screen: bool) -> int:
        figures = self._figures()
        return int(figures.rows if of_screen else figures.history_rows)

    def _read_rows(self, first: int, count: int, of_screen: bool) -> Block:
        made = room_for("gp_reading")
        self._check(lib.gp_terminal_read(self._live, first, count, of_screen, True, made))
        block = Block(owned(made), self._marks.prompts)
        if self._times:
            shown = self._line_figures().complete_line if self.alternate_screen else UINT64_MAX
            block.times = self._times.of({info[4] for info in block.infos if info[4] < shown})
        return block

    def _resident(self) -> int | None:
        return resident_bytes((page.address, page.mapped) for page in self.pages)

    @property
    def _text_mode(self) -> bool:
        return bool(self._figures().text_mode)

    def _violation(self) -> str | None:
        """What is wrong with its structures, if anything. For tests; walks everything."""
        violation = lib.gp_terminal_check(self._live)
        return None if violation == ffi.NULL else ffi.string(violation).decode()

    def __repr__(self) -> str:
        name = type(self).__name__
        if self.closed:
            return f"<{name}, closed>"
        figures = self._figures()
        return f"<{name} of {figures.columns} by {figures.rows}, {figures.history_rows} rows of history>"


def _page_demand(figures: Any) -> PageDemand:
    parts = figures.parts
    return PageDemand(
        pages=figures.pages,
        beyond=figures.beyond,
        largest=figures.largest,
        recurring=figures.recurring,
        birth=figures.birth,
        text=parts.text_bytes,
        cells=parts.cells_bytes,
        clusters=parts.clusters_bytes,
        links=parts.links_bytes,
        styles=parts.styles_bytes,
    )


def _page(page: Any) -> PageInfo:
    return PageInfo(
        kind="grid" if page.kind else "text",
        standard=bool(page.standard),
        mapped=page.mapped_bytes,
        used=page.used_bytes,
        lines=page.lines,
        rows=page.rows,
        first_line=page.first_line,
        address=page.address,
        small=bool(page.small),
    )
