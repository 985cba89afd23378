"""The soak itself: terminals fed, resized, closed and opened again, and the account of their memory."""

from __future__ import annotations

import gc
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import ghostpage
from ghostpage import memory
from ghostpage.cli import _kernel
from ghostpage.cli._common import human
from ghostpage.cli._report import count_pages

__all__ = ["PIECE", "Plan", "Sample", "Soak"]

PIECE = 65_536
MOST_SIDE = 65_535
SAMPLES = 1_000  # at most so many, spread evenly
STRAY_BYTES = 64 << 20  # anonymous memory that may come to Python itself during a soak
MOST_LEAKS = 20  # reported


@dataclass(frozen=True)
class Plan:
    """What a soak does."""

    title: str
    data: bytes
    """Fed in pieces, again and again."""
    columns: int
    rows: int
    terminals: int
    """How many are open at once."""
    life: int
    """Bytes that a terminal gets before it is closed and another one opened."""
    bytes: int | None
    cycles: int | None
    """The end: so many bytes fed, or so many terminals closed, whichever is first."""
    resize_every: int
    """Pieces between two changes of some terminal's size; 0 for none."""
    seed: int
    open_arena: Callable[[], ghostpage.Arena]
    open_terminal: Callable[[int, int, ghostpage.Arena], ghostpage.Terminal]


@dataclass(frozen=True)
class Sample:
    """What was mapped and resident when so many bytes had been fed."""

    fed: int
    ledger: memory.Ledger
    resident: int | None
    kernel_mappings: int | None = None
    """How many of the ledger's mappings the kernel has; None if it was not asked."""
    kernel_anonymous: int | None = None
    """Bytes of writable memory without a file in this process, as the kernel counts them; None if it was not asked."""


@dataclass
class Slot:
    """The place of one terminal among those open at once."""

    at: int
    """The piece that it is fed next."""
    terminal: ghostpage.Terminal
    left: int
    """Bytes until it is closed."""


@dataclass
class Totals:
    """Sums over all terminals, those closed included."""

    opened: int = 0
    closed: int = 0
    resized: int = 0
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
        self.fed = 0
        self.seconds = 0.0
        """Time spent feeding, nothing else counted."""
        self._dice = random.Random(plan.seed)
        self._pieces = [plan.data[start : start + PIECE] for start in range(0, len(plan.data), PIECE)]
        memory.trim()
        gc.collect()
        memory.reset_peak()
        self._sample(kernel=True)
        self._arena = plan.open_arena()
        self._slots: list[Slot] = []
        try:
            for number in range(plan.terminals):
                # Lives of different lengths at first, so that the terminals are not closed all together.
                life = plan.life * (number + 1) // plan.terminals
                self._slots.append(Slot(number * len(self._pieces) // plan.terminals, self._open(), life))
        except BaseException:
            self._close_all()
            raise

    # ---- the course --------------------------------------------------------------------------------------------------

    def feed(self, tell: Callable[[], None]) -> None:
        """Feeds the terminals in turn until the end; ``tell`` is called at the beginning and at every sample."""
        plan, turn = self.plan, 0
        every = max(1, (plan.bytes or plan.life * (plan.cycles or 1)) // PIECE // SAMPLES)
        tell()
        try:
            while not self._done():
                slot = self._slots[turn % len(self._slots)]
                self._feed(slot)
                turn += 1
                if plan.resize_every and turn % plan.resize_every == 0:
                    self._resize(slot.terminal)
                if slot.left <= 0:
                    self._look()
                    self._close(slot)
                    slot.terminal, slot.left = self._open(), plan.life
                if turn % every == 0:
                    self._sample()
                    tell()
        except BaseException:
            self._close_all()
            raise

    def _done(self) -> bool:
        plan = self.plan
        return (plan.bytes is not None and self.fed >= plan.bytes) or (
            plan.cycles is not None and self.totals.closed >= plan.cycles
        )

    def _feed(self, slot: Slot) -> None:
        piece = self._pieces[slot.at % len(self._pieces)]
        begin = time.perf_counter()
        slot.terminal.feed(piece)
        self.seconds += time.perf_counter() - begin
        slot.terminal.take_replies()
        slot.at += 1
        slot.left -= len(piece)
        self.fed += len(piece)

    def _open(self) -> ghostpage.Terminal:
        terminal = self.plan.open_terminal(self.plan.columns, self.plan.rows, self._arena)
        self.totals.opened += 1
        return terminal

    def _close(self, slot: Slot) -> None:
        self.totals.counters.update(asdict(slot.terminal.counters))
        slot.terminal.close()
        self.totals.closed += 1
        self.closings.append(self.fed)

    def _close_all(self) -> None:
        while self._slots:
            self._close(self._slots.pop())
        self._arena.close()

    def _resize(self, terminal: ghostpage.Terminal) -> None:
        """To some other size of no more cells, or from that back to the planned one."""
        columns, rows = self.plan.columns, self.plan.rows
        if (terminal.columns, terminal.rows) == (columns, rows):
            width = self._dice.randint(1 + columns // 4, min(2 * columns, MOST_SIDE))
            terminal.resize(width, self._dice.randint(1, max(1, min(columns * rows // width, MOST_SIDE))))
        else:
            terminal.resize(columns, rows)
        self.totals.resized += 1

    # ---- the account -------------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Closes everything and compares what is left with what there was at the start."""
        self._look()
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

    def _sample(self, kernel: bool = False) -> None:
        areas = _kernel.areas() if kernel else None
        mapped, anonymous = _kernel.count_mapped(areas, _places()), _kernel.anonymous_bytes(areas)
        self.samples.append(Sample(self.fed, memory.ledger(), _kernel.resident(), mapped, anonymous))

    def _look(self) -> None:
        """Everything that would be slow at every sample: the kinds of pages, the audit, the kernel's view."""
        self.pages |= count_pages(page for slot in self._slots for page in slot.terminal.pages)
        self._sample(kernel=True)
        sample = self.samples[-1]
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
        if len(self.leaks) < MOST_LEAKS:
            self.leaks.append(text)

    # ---- the result --------------------------------------------------------------------------------------------------

    @property
    def verdict(self) -> str:
        if self.leaks:
            return f"LEAKED: {self.leaks[0]}"
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
            "title": self.plan.title,
            "columns": self.plan.columns,
            "rows": self.plan.rows,
            "terminals": self.plan.terminals,
            "fed_bytes": self.fed,
            "feed_seconds": round(self.seconds, 6),
            "bytes_per_second": round(self.fed / self.seconds) if self.seconds else 0,
            "opened": self.totals.opened,
            "closed": self.totals.closed,
            "resized": self.totals.resized,
            "counters": dict(self.totals.counters),
            "pages": dict(self.pages),
            "start": start,
            "peak": peak,
            "end": end,
        }


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
