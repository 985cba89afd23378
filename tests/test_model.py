"""Everything in any order: a state machine over the public calls, with the naive twin beside each terminal.

Terminals come and go on one arena of the smallest pages, often under a budget that is too small for them, so that they
take each other's history. What a step did to one is done to its twin; afterwards every terminal, snapshot and frame is
what its twin says, every structure is sound, and every mapping has one owner. What a budget may take is history alone, the
oldest lines of it: the twin is told how much is left.

GHOSTPAGE_MODEL is how many runs of 40 steps are made, each time others; `make model` makes many. Streams are those of the profile
"areas", as the twin knows no rows of double size, no character sets but two, and no VT52.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ghostpage import Arena, Frame, LineCursor, Limits, OutOfMemoryError, Snapshot, Terminal, memory
from seen import lines_of_twin, seen_of, seen_of_twin
from streams import PIECES, PROFILES, Window
from twin import Twin

PAGE = 4096
MOST_TERMINALS = 3
MOST_SNAPSHOTS = 4
RUNS = int(os.environ.get("GHOSTPAGE_MODEL", "0"))

SIZES = st.sampled_from([(20, 5), (12, 4), (10, 3), (7, 1), (5, 3), (3, 2), (2, 2), (1, 3), (1, 1), (40, 9)])
LINES = st.sampled_from([None, 0, 1, 3, 30, 200])
NEEDLES = st.sampled_from(["e", "fox", "界", "é", "rr", "ab", "e\u0301", "  ", "nowhere"])
OUTPUT = st.lists(st.tuples(st.sampled_from(sorted(PROFILES["areas"])), st.integers(0, 2**16)), min_size=1, max_size=12)


def made(output: list[tuple[str, int]], columns: int, rows: int) -> bytes:
    window = Window(columns, rows)
    return "".join(PIECES[name](random.Random(seed), window) for name, seed in output).encode()


def lines_of(terminal: Terminal) -> list[str]:
    lines: list[str] = []
    for line in terminal.lines:
        if line.continuation and lines:
            lines[-1] += line
        else:
            lines.append(line.text)
    return lines


def in_records(terminal: Terminal) -> bool:
    """Whether a limit in bytes has put lines into several records, each of which is a line to readers and at another width."""
    return any(line.continuation or line.continues for line in terminal.lines)


@dataclass
class Pair:
    """A terminal, its twin, and those that look at the terminal."""

    terminal: Terminal
    twin: Twin
    frame: Frame | None = None
    reader: LineCursor | None = None
    pruned_at: int = 0

    def lines(self) -> list[str]:
        twin = self.twin
        if twin.alternate:
            return lines_of_twin(twin.history) + lines_of_twin(twin.screen)
        return lines_of_twin(twin.history + twin.screen)


class Model(RuleBasedStateMachine):
    """The arena and what is in it."""

    def __init__(self) -> None:
        super().__init__()
        memory.trim()
        self.before = memory.ledger().mappings
        self.folder = tempfile.TemporaryDirectory()
        self.pairs: list[Pair] = []
        self.snapshots: list[tuple[Snapshot, Any]] = []

    @initialize(
        pages=st.none() | st.integers(6, 24),
        policy=st.sampled_from(["adaptive", "replace"]),
        cap=st.sampled_from([0, 4 * PAGE, 64 * PAGE]),
        idle=st.sampled_from([0, float("inf")]),
    )
    def begin(self, pages: int | None, policy: str, cap: int, idle: float) -> None:
        limit = pages and pages * PAGE
        self.arena = Arena(limit, policy, standard_page=PAGE, pool_cap=cap, pool_idle=idle)
        self.open((10, 3), 30, "auto")

    # ---- what a step needs ----

    def pick(self, which: int) -> Pair:
        return self.pairs[which % len(self.pairs)]

    def with_room(self, act: Callable[[], Any]) -> Any:
        """Carries out what was refused for the budget when it is lifted: it must have changed nothing."""
        before = [seen_of(pair.terminal) for pair in self.pairs]
        try:
            return act()
        except OutOfMemoryError as error:
            assert self.arena.limit is not None and error.consumed is None
            for pair, seen in zip(self.pairs, before, strict=True):
                now = seen_of(pair.terminal)
                assert now[0] == seen[0] and now[2] == seen[2] and now[3] == seen[3][len(seen[3]) - len(now[3]) :]
            limit, self.arena.limit = self.arena.limit, None
            done = act()
            self.arena.limit = limit
            return done

    def forget(self) -> None:
        """What a limit in bytes has taken, the twins forget too."""
        for pair in self.pairs:
            counters, kept = pair.terminal.counters, len(pair.terminal.history)
            pruned = counters.rows_pruned_bytes + counters.rows_pruned_budget
            if kept < len(pair.twin.history):
                assert pruned > pair.pruned_at, "history is missing, and no limit has taken it"
                pair.twin.history = pair.twin.history[len(pair.twin.history) - kept :]
            pair.pruned_at = pruned

    # ---- steps ----

    @precondition(lambda self: len(self.pairs) < MOST_TERMINALS)
    @rule(size=SIZES, lines=LINES, mode=st.sampled_from(["auto", "auto", "grid", "early"]))
    def open(self, size: tuple[int, int], lines: int | None, mode: str) -> None:
        opened = self.with_room(lambda: Terminal(*size, scrollback=Limits(lines=lines), arena=self.arena, _mode=mode))
        self.pairs.append(Pair(opened, Twin(*size, lines)))

    @precondition(lambda self: len(self.pairs) > 1)
    @rule(which=st.integers(0, 9))
    def close(self, which: int) -> None:
        pair = self.pairs.pop(which % len(self.pairs))
        pair.terminal.close()
        if pair.frame:
            pair.frame.close()

    @rule(which=st.integers(0, 9), output=OUTPUT, piece=st.sampled_from([1, 3, 7, 1 << 20]))
    def feed(self, which: int, output: list[tuple[str, int]], piece: int) -> None:
        pair = self.pick(which)
        self.give(pair, made(output, pair.twin.columns, pair.twin.rows), piece)

    @rule(which=st.integers(0, 9), lines=st.integers(1, 300), linked=st.booleans(), held=st.booleans())
    def print_lines(self, which: int, lines: int, linked: bool, held: bool) -> None:
        """Enough to fill pages, and to recycle those that a snapshot does not hold."""
        pair = self.pick(which)
        if held:
            self.take_snapshot(which)
        line = b"\x1b]8;;%d" + b"/link" * 50 + b"\afox\x1b]8;;\a\r\n" if linked else b"%d the quick brown fox\r\n"
        self.give(pair, b"".join(line % number for number in range(lines)))

    def give(self, pair: Pair, data: bytes, piece: int = 1 << 20) -> None:
        for at in range(0, len(data), piece):
            part = data[at : at + piece]
            try:
                pair.terminal.feed(part)
            except OutOfMemoryError as error:
                limit, self.arena.limit = self.arena.limit, None
                assert limit is not None
                pair.terminal.feed(part[error.consumed :])
                self.arena.limit = limit
        pair.twin.feed(data)

    @rule(which=st.integers(0, 9), size=SIZES)
    def resize(self, which: int, size: tuple[int, int]) -> None:
        pair = self.pick(which)
        if in_records(pair.terminal):
            return
        first = pair.terminal.first_line
        self.with_room(lambda: pair.terminal.resize(*size))
        self.forget_lines(pair, first)
        pair.twin.resize(*size)

    def forget_lines(self, pair: Pair, first: int) -> None:
        """Those that made room while a terminal was resized: they were gone before."""
        counters, twin = pair.terminal.counters, pair.twin
        if counters.rows_pruned_bytes + counters.rows_pruned_budget > pair.pruned_at:
            for _ in range(pair.terminal.first_line - first):
                while twin.history and twin.history.pop(0).wrapped:
                    pass

    @rule(which=st.integers(0, 9), lines=LINES, most=st.sampled_from([None, None, 0, 3 * PAGE, 20 * PAGE, 2**63 - 1]))
    def limit(self, which: int, lines: int | None, most: int | None) -> None:
        pair = self.pick(which)
        pair.terminal.limits = Limits(lines=lines, bytes=most)
        pair.twin.limit = lines
        pair.twin.history = pair.twin._newest(pair.twin.history)

    @rule(pages=st.none() | st.integers(4, 24))
    def limit_arena(self, pages: int | None) -> None:
        self.arena.limit = pages and pages * PAGE

    @rule(which=st.integers(0, 9))
    def trim(self, which: int) -> None:
        self.pick(which).terminal.trim()

    @rule(which=st.integers(0, 9), wipe=st.booleans())
    def clear_history(self, which: int, wipe: bool) -> None:
        pair = self.pick(which)
        wipe = wipe and not pair.terminal.snapshots
        self.with_room(lambda: pair.terminal.clear_history(wipe=wipe))
        pair.twin.history = []

    @rule(which=st.integers(0, 9))
    def take_snapshot(self, which: int) -> None:
        pair = self.pick(which)
        snapshot = self.with_room(pair.terminal.snapshot)
        self.forget()
        seen = (*seen_of_twin(pair.twin)[:2], "", seen_of_twin(pair.twin)[3])
        assert seen_of(snapshot) == seen
        self.snapshots.append((snapshot, seen))
        if len(self.snapshots) > MOST_SNAPSHOTS:
            self.drop_snapshot(which)

    @precondition(lambda self: self.snapshots)
    @rule(which=st.integers(0, 9))
    def drop_snapshot(self, which: int) -> None:
        snapshot, seen = self.snapshots.pop(which % len(self.snapshots))
        assert seen_of(snapshot) == seen
        snapshot.close()

    @rule(which=st.integers(0, 9), again=st.booleans())
    def update_frame(self, which: int, again: bool) -> None:
        """Brought up to date after any number of steps, or made anew, a frame shows what the twin does."""
        pair = self.pick(which)
        if pair.frame is None or again:
            pair.frame = pair.terminal.frame()
        else:
            pair.frame.update()
        frame, cursor = pair.frame, pair.frame.cursor
        assert (cursor.x, cursor.y, cursor.pending_wrap) == pair.twin.cursor[:3]
        styles, links = frame.style_table, frame.link_table
        for y, (text, wrapped, cells) in enumerate(seen_of_twin(pair.twin)[3][-frame.rows :]):
            assert (frame.text(y), frame.wrapped(y)) == (text, wrapped)
            assert [(width, style, link) for _, width, style, link in cells] == [
                (frame.widths[y, x], styles[frame.styles[y, x]], links[frame.links[y, x]]) for x in range(frame.columns)
            ]
        assert frame._violation() is None

    @rule(which=st.integers(0, 9))
    def read_since(self, which: int) -> None:
        """What a reader is given are the newest of the lines that have left the screen."""
        pair = self.pick(which)
        if in_records(pair.terminal):
            return
        reading = pair.terminal.read_since(pair.reader)
        complete = lines_of_twin(pair.twin.history)
        if pair.twin.history and pair.twin.history[-1].wrapped:
            complete.pop()
        if complete and pair.terminal.lines[0].first_cell:
            del complete[0]
        assert reading.lines == complete[len(complete) - len(reading.lines) :]
        if pair.reader is None:
            assert reading.lines == complete and not reading.dropped
        assert pair.terminal.read_since(reading.cursor).lines == []
        pair.reader = reading.cursor

    @rule(which=st.integers(0, 9), needle=NEEDLES, newest_first=st.booleans())
    def search(self, which: int, needle: str, newest_first: bool) -> None:
        pair = self.pick(which)
        if in_records(pair.terminal):
            return
        first = pair.terminal.first_line
        expected = [
            (number, line) for number, line in enumerate(pair.lines(), first) for _ in range(line.count(needle))
        ]
        found = pair.terminal.search(needle, newest_first=newest_first)
        assert [(match.start.line, match.line) for match in found] == expected[:: -1 if newest_first else 1]

    @rule(which=st.integers(0, 9))
    def save_and_load(self, which: int) -> None:
        pair = self.pick(which)
        path = Path(self.folder.name) / "saved"
        self.with_room(lambda: pair.terminal.save(path))
        self.forget()
        loaded = self.with_room(lambda: Terminal.load(path, arena=self.arena))
        pair.terminal.close()
        pair.terminal, pair.frame, pair.reader, pair.pruned_at = loaded, None, None, 0

    # ---- after each step ----

    @invariant()
    def everything_is_as_its_twin_says(self) -> None:
        self.forget()
        for pair in self.pairs:
            assert pair.terminal._violation() is None
            assert seen_of(pair.terminal) == seen_of_twin(pair.twin)
            assert pair.terminal.text(unwrap=True) == "\n".join(pair.lines())
            assert lines_of(pair.terminal) == pair.lines()

    @invariant()
    def memory_is_accounted_for(self) -> None:
        audit = memory.audit()
        assert audit.ok, audit
        for snapshot, _ in self.snapshots:
            assert snapshot._violation() is None
        if self.pairs:
            held = [each.memory.mapped for each in (*(pair.terminal for pair in self.pairs), *(s for s, _ in self.snapshots))]
            use = self.arena.memory
            assert use.mapped == sum(held) + use.pooled + use.adopted
            assert (use.terminals, use.snapshots) == (len(self.pairs), len(self.snapshots))

    def teardown(self) -> None:
        for snapshot, seen in self.snapshots:
            assert seen_of(snapshot) == seen
            snapshot.close()
        for pair in self.pairs:
            pair.terminal.close()
        if self.pairs:
            self.arena.close()
        self.folder.cleanup()
        memory.trim()
        assert memory.ledger().mappings == self.before


TestModel = Model.TestCase
TestModel.settings = settings(
    max_examples=RUNS or 30,
    stateful_step_count=40 if RUNS else 30,
    derandomize=not RUNS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
