"""The soak itself: terminals fed, resized, looked at, closed and opened again, the account of their memory, and what they show."""

from __future__ import annotations

import gc
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from itertools import islice
from statistics import linear_regression
from typing import Any

import ghostpage
from ghostpage import memory
from ghostpage.cli import _kernel
from ghostpage.cli._common import human
from ghostpage.cli._report import count_pages

__all__ = ["PIECE", "Plan", "Sample", "Soak", "Source", "growth"]

PIECE = 65_536
MOST_SIDE = 65_535
SAMPLES = 1_000  # at most so many, spread evenly
STRAY_BYTES = 64 << 20  # anonymous memory that may come to Python itself during a soak
MOST_FOUND = 20  # reported
FLAT_BYTES = 16 << 20  # that may become resident in the second half and be no terminal's: to_ansi caches 10 MiB of styles
REPLAYED_PIECE = 10_007  # bytes
ROWS_AT_ONCE = 100  # written down; more would make the process grow and shrink by what is looked at
SNAPSHOTS = 16  # open at once


@dataclass(frozen=True)
class Source:
    """Output, and the window that it was made for."""

    data: bytes
    columns: int
    rows: int

    def pieces(self, start: int = 0) -> Iterator[bytes]:
        return (self.data[at : at + PIECE] for at in range(start, len(self.data), PIECE))


@dataclass(frozen=True)
class Plan:
    """What a soak does."""

    title: str
    sources: Sequence[Source]
    """Each terminal is fed one after the other, at random, and has the size of its first."""
    terminals: int
    """How many are open at once."""
    life: int
    """Bytes that a terminal gets before it is closed and another one opened: half as many up to half as many more."""
    bytes: int | None
    cycles: int | None
    seconds: float | None
    """The end: so many bytes fed, so many terminals closed, or so much time gone, whichever is first."""
    resize_every: int
    """Pieces between two changes of some terminal's size; 0 for none."""
    snapshot_every: int
    """Pieces between two snapshots of some terminal; 0 for none."""
    compare: bool
    """Whether what a terminal shows at its end is compared with a fresh one's that is fed the same."""
    seed: int
    open_arena: Callable[[], ghostpage.Arena]
    open_terminal: Callable[[int, int, ghostpage.Arena], ghostpage.Terminal]


@dataclass(frozen=True)
class Sample:
    """What was mapped and resident when so many bytes had been fed."""

    fed: int
    ledger: memory.Ledger
    resident: int | None
    owned: int = 0
    """Bytes in the pool, and resident in the pages that the open terminals say are theirs."""
    kernel_mappings: int | None = None
    """How many of the ledger's mappings the kernel has; None if it was not asked."""
    kernel_anonymous: int | None = None
    """Bytes of writable memory without a file in this process, as the kernel counts them; None if it was not asked."""


@dataclass
class Slot:
    """A terminal that is open, and what was done to it."""

    terminal: ghostpage.Terminal
    columns: int
    rows: int
    """The size that it was opened with."""
    seed: int
    """Decides what it is fed."""
    output: Iterator[bytes]
    left: int
    """Bytes until it is closed."""
    pieces: int = 0
    """So many it was fed."""
    resizes: list[tuple[int, int, int]] = field(default_factory=list)
    """Pieces fed before, columns, rows."""


@dataclass(frozen=True)
class Kept:
    """A snapshot that is open, and what it showed when it was taken."""

    snapshot: ghostpage.Snapshot
    shown: tuple[object, ...]


@dataclass
class Totals:
    """Sums over all terminals, those closed included."""

    opened: int = 0
    closed: int = 0
    resized: int = 0
    snapshots: int = 0
    compared: int = 0
    counters: Counter[str] = field(default_factory=Counter)


class Soak:
    """One soak: :meth:`feed` it, then :meth:`finish` it, then see what it found."""

    def __init__(self, plan: Plan):
        self.plan = plan
        self.totals = Totals()
        self.samples: list[Sample] = []
        self.closings: list[int] = []
        """How much had been fed when a terminal was closed."""
        self.pages: Counter[str] = Counter()
        """The most pages of each kind seen at once."""
        self.leaks: list[str] = []
        self.differences: list[str] = []
        self.fed = 0
        self.seconds = 0.0
        """Time spent feeding, nothing else counted."""
        self._dice = random.Random(plan.seed)
        self._begun = time.monotonic()
        self._snapshots: list[Kept] = []
        self._slots: list[Slot] = []
        memory.trim()
        gc.collect()
        memory.reset_peak()
        self._sample(kernel=True)
        self._arena = plan.open_arena()
        try:
            for _ in range(plan.terminals):
                self._slots.append(self._open())
        except BaseException:
            self._close_all()
            raise

    # ---- the course --------------------------------------------------------------------------------------------------

    def feed(self, tell: Callable[[], None]) -> None:
        """Feeds one terminal after the other until the end; ``tell`` is called at the beginning and at every sample."""
        plan, turn, next_sample = self.plan, 0, 1 / SAMPLES
        tell()
        try:
            while (done := self.done) < 1:
                number = turn % len(self._slots)
                slot = self._slots[number]
                self._feed(slot)
                turn += 1
                if plan.resize_every and turn % plan.resize_every == 0:
                    self._resize(slot)
                if plan.snapshot_every and turn % plan.snapshot_every == 0:
                    self._take_snapshot(slot)
                if slot.left <= 0:
                    self._look()
                    self._compare(slot)
                    self._close(slot)
                    self._slots[number] = self._open()
                if done >= next_sample:
                    next_sample = done + 1 / SAMPLES
                    self._sample()
                    tell()
        except BaseException:
            self._close_all()
            raise

    @property
    def done(self) -> float:
        """The part of the plan that has been carried out, 1 at the end."""
        plan = self.plan
        parts = [self.fed / plan.bytes] if plan.bytes is not None else []
        parts += [self.totals.closed / plan.cycles] if plan.cycles is not None else []
        parts += [(time.monotonic() - self._begun) / plan.seconds] if plan.seconds is not None else []
        return min(1.0, max(parts))

    def _feed(self, slot: Slot) -> None:
        piece = next(slot.output)
        begin = time.perf_counter()
        slot.terminal.feed(piece)
        self.seconds += time.perf_counter() - begin
        slot.terminal.take_replies()
        slot.terminal.take_events()
        slot.pieces += 1
        slot.left -= len(piece)
        self.fed += len(piece)

    def _open(self) -> Slot:
        life, seed = self.plan.life, self._dice.randrange(1 << 32)
        columns, rows = self._size(seed)
        terminal = self.plan.open_terminal(columns, rows, self._arena)
        self.totals.opened += 1
        return Slot(terminal, columns, rows, seed, self._output(seed), self._dice.randint(life // 2, life + life // 2))

    def _size(self, seed: int) -> tuple[int, int]:
        first = random.Random(seed).choice(self.plan.sources)
        return first.columns, first.rows

    def _output(self, seed: int) -> Iterator[bytes]:
        """Source after source at random, the first from somewhere on; the same for the same seed."""
        dice = random.Random(seed)
        first = dice.choice(self.plan.sources)
        yield from first.pieces(dice.randrange(0, len(first.data), PIECE))
        while True:
            yield from dice.choice(self.plan.sources).pieces()

    def _close(self, slot: Slot) -> None:
        self.totals.counters.update(asdict(slot.terminal.counters))
        slot.terminal.close()
        self.totals.closed += 1
        self.closings.append(self.fed)

    def _close_all(self) -> None:
        while self._slots:
            self._close(self._slots.pop())
        while self._snapshots:
            self._drop_snapshot()
        self._arena.close()

    def _resize(self, slot: Slot) -> None:
        """To some other size of no more cells, or from that back to the planned one."""
        terminal, columns, rows = slot.terminal, slot.columns, slot.rows
        if (terminal.columns, terminal.rows) == (columns, rows):
            columns, cells = self._dice.randint(1 + columns // 4, min(2 * columns, MOST_SIDE)), columns * rows
            rows = self._dice.randint(1, max(1, min(cells // columns, MOST_SIDE)))
        terminal.resize(columns, rows)
        slot.resizes.append((slot.pieces, columns, rows))
        self.totals.resized += 1

    # ---- what is shown -----------------------------------------------------------------------------------------------

    def _take_snapshot(self, slot: Slot) -> None:
        """One more, and one less when there are many: they outlive changes of their terminal, and the terminal."""
        snapshot = slot.terminal.snapshot()
        self._snapshots.append(Kept(snapshot, _shown(snapshot)))
        self.totals.snapshots += 1
        if len(self._snapshots) > SNAPSHOTS:
            self._drop_snapshot(self._dice.randrange(SNAPSHOTS))

    def _drop_snapshot(self, number: int = -1) -> None:
        kept = self._snapshots.pop(number)
        if _shown(kept.snapshot) != kept.shown:
            self._differs("a snapshot does not show what it showed when it was taken")
        kept.snapshot.close()

    def _compare(self, slot: Slot) -> None:
        """With a fresh terminal, on an arena of its own, that is fed the same in other pieces and resized at the same places."""
        if not self.plan.compare:
            return
        output, done = self._output(slot.seed), 0
        with self.plan.open_arena() as arena, self.plan.open_terminal(slot.columns, slot.rows, arena) as fresh:
            for pieces, columns, rows in [*slot.resizes, (slot.pieces, slot.terminal.columns, slot.terminal.rows)]:
                for piece in islice(output, pieces - done):
                    for start in range(0, PIECE, REPLAYED_PIECE):
                        fresh.feed(piece[start : start + REPLAYED_PIECE])
                done = pieces
                fresh.resize(columns, rows)
            # What a limit in bytes leaves of the history depends on how the pages were cut.
            by_bytes = self._arena.limit is not None or fresh.limits.bytes is not None
            most = min(len(slot.terminal.history), len(fresh.history)) if by_bytes else None
            if _shown(slot.terminal, most) != _shown(fresh, most):
                self._differs(f"after {human(self.fed)} a terminal does not show what a fresh one does that was fed the same")
        self.totals.compared += 1

    def _differs(self, text: str) -> None:
        if len(self.differences) < MOST_FOUND:
            self.differences.append(text)

    # ---- the account -------------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Closes everything and compares what is left with what there was at the start."""
        self._look()
        for slot in self._slots:
            self._compare(slot)
        self._close_all()
        memory.trim()
        gc.collect()
        self._sample(kernel=True)
        self._audit("at the end")
        start, end = self.samples[0], self.samples[-1]
        left = end.ledger.mappings - start.ledger.mappings, end.ledger.bytes - start.ledger.bytes
        if left != (0, 0):
            self._leak(f"{left[0]:,} mappings of {human(left[1])} are left after everything was closed")
        if start.kernel_anonymous is not None and end.kernel_anonymous is not None:
            grown = end.kernel_anonymous - start.kernel_anonymous
            if grown > STRAY_BYTES:
                self._leak(f"the kernel counts {human(grown)} more than at the start, and the ledger does not")
        if (self.unowned_growth or 0) > FLAT_BYTES:
            self._leak(f"{human(self.unowned_growth or 0)} became resident in the second half, and no terminal owns it")

    @property
    def unowned_growth(self) -> int | None:
        """Bytes that became resident in the second half beyond what terminals own."""
        return growth([(one.fed, one.resident - one.owned) for one in self.samples[:-1] if one.resident is not None])

    @property
    def resident_growth(self) -> int | None:
        """Bytes that became resident in the second half."""
        return growth([(one.fed, one.resident) for one in self.samples[:-1] if one.resident is not None])

    def _sample(self, kernel: bool = False) -> Sample:
        areas = _kernel.areas() if kernel else None
        mapped, anonymous = _kernel.count_mapped(areas, _places()), _kernel.anonymous_bytes(areas)
        ledger = memory.ledger()
        owned = ledger.pooled_bytes + sum(slot.terminal.memory.resident or 0 for slot in self._slots)
        sample = Sample(self.fed, ledger, _kernel.resident(), owned, mapped, anonymous)
        self.samples.append(sample)
        return sample

    def _look(self) -> None:
        """Everything that would be slow at every sample: the kinds of pages, the audit, the kernel's view."""
        self.pages |= count_pages(page for slot in self._slots for page in slot.terminal.pages)
        sample = self._sample(kernel=True)
        if self.totals.closed > SAMPLES:  # they would be what grows
            self.samples.pop()
        when = f"after {human(self.fed)}"
        self._audit(when)
        if sample.kernel_mappings not in (None, sample.ledger.mappings):
            self._leak(f"{when} the kernel has {sample.kernel_mappings:,} of {sample.ledger.mappings:,} mappings")

    def _audit(self, when: str) -> None:
        audit = memory.audit()
        if not audit.ok:
            orphans = ", ".join(f"{human(orphan.length)} at {orphan.address:#x}" for orphan in audit.orphans[:3])
            found = [
                f"{len(audit.orphans):,} mappings without an owner ({orphans})" if orphans else "",
                f"{audit.double_owned:,} with more than one" if audit.double_owned else "",
                f"{len(audit.missing):,} that the kernel does not have" if audit.missing else "",
                audit.violation,
            ]
            self._leak(f"audit {when}: {'; '.join(filter(None, found)) or audit}")

    def _leak(self, text: str) -> None:
        if len(self.leaks) < MOST_FOUND:
            self.leaks.append(text)

    # ---- the result --------------------------------------------------------------------------------------------------

    @property
    def verdict(self) -> str:
        if self.leaks:
            return f"LEAKED: {self.leaks[0]}"
        if self.differences:
            return f"DIFFERS: {self.differences[0]}"
        return f"clean: {self.totals.closed:,} terminals closed, every mapping accounted for, nothing left"

    def summary(self) -> dict[str, Any]:
        """The result as plain values, for JSON and for the table."""
        start, end = _moment(self.samples[0]), _moment(self.samples[-1])
        moments = [_moment(sample) for sample in self.samples]
        peak = {name: _most(moment[name] for moment in moments) for name in start}
        peak["mappings"], peak["bytes"] = end["peak_mappings"], end["peak_bytes"]  # those between two samples too
        asked = [sample for sample in self.samples if sample.kernel_mappings is not None]
        peak["kernel_asked"] = _most(sample.ledger.mappings for sample in asked)
        return {
            "leaked": bool(self.leaks),
            "verdict": self.verdict,
            "leaks": self.leaks,
            "differences": self.differences,
            "title": self.plan.title,
            "terminals": self.plan.terminals,
            "fed_bytes": self.fed,
            "feed_seconds": round(self.seconds, 6),
            "bytes_per_second": round(self.fed / self.seconds) if self.seconds else 0,
            "opened": self.totals.opened,
            "closed": self.totals.closed,
            "resized": self.totals.resized,
            "snapshots": self.totals.snapshots,
            "compared": self.totals.compared,
            "resident_growth": self.resident_growth,
            "unowned_growth": self.unowned_growth,
            "counters": dict(self.totals.counters),
            "pages": dict(self.pages),
            "start": start,
            "peak": peak,
            "end": end,
        }


def growth(course: Sequence[tuple[int, int]]) -> int | None:
    """By how much the second number of each pair grew over the second half of them, by the straight line that fits best.

    None where there are too few to say.

    >>> growth([(fed, 1000 + fed * 2 + (fed % 7)) for fed in range(400)])
    398
    """
    half = course[len(course) // 2 :]
    if len(half) < 50 or half[0][0] == half[-1][0]:
        return None
    return round(linear_regression(*zip(*half, strict=True)).slope * (half[-1][0] - half[0][0]))


def _shown(reader: ghostpage.Terminal | ghostpage.Snapshot, most: int | None = None) -> tuple[object, ...]:
    """All that can be seen, in short: the window, the cursor, and the history, or so many rows of it at most."""
    stop = len(reader.history) + reader.rows
    start = 0 if most is None else stop - reader.rows - most
    written = blake2b()
    for first in range(start, stop, ROWS_AT_ONCE):
        written.update(reader.to_ansi(first, min(first + ROWS_AT_ONCE, stop)))
    return reader.columns, reader.rows, reader.cursor, stop - start, written.digest()


def _places() -> Iterable[tuple[int, int]]:
    return ((mapping.address, mapping.length) for mapping in memory.mappings())


def _moment(sample: Sample) -> dict[str, int | None]:
    return {
        **asdict(sample.ledger),
        "resident": sample.resident,
        "kernel_mappings": sample.kernel_mappings,
        "kernel_asked": None if sample.kernel_mappings is None else sample.ledger.mappings,
        "kernel_anonymous": sample.kernel_anonymous,
    }


def _most(values: Iterable[int | None]) -> int | None:
    return max((value for value in values if value is not None), default=None)
