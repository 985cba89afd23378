"""Terminals side by side on the same bytes, in one run.

Every terminal gets a process of its own for each workload. It first fills its history (10,000 rows at 120x40) and goes
on until rows are pruned; then the processes take turns, a short pass each, and what is told are medians of the passes,
and of the ratios pass by pass. The passes feed 64 KiB at a time from 8 MiB of the workload, over and over.
"""

from __future__ import annotations

import multiprocessing
import os
import platform
import signal
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from difflib import SequenceMatcher
from itertools import cycle
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ghostpage import sessions, workloads
from ghostpage.cli._peers import COLUMNS, HISTORY, PEERS, ROWS, Peer, Unavailable

__all__ = [
    "Comparison",
    "PARAGRAPHS",
    "Ratio",
    "Result",
    "compare",
    "counted",
    "feed_table",
    "fill",
    "gigabytes",
    "known_workloads",
    "machine",
    "pieces_of",
    "recordings",
    "side_by_side",
]

PIECE = 64 * 1024
DATA = 8 * 1024 * 1024
PARAGRAPHS = "emoji_paragraphs"
"""Emoji and links in lines of 8 to 16 KB, none of which fits a page of 4 KiB."""
FILLED_WITH_LOG = {"redraw", "scroll_region", "edit", "wide_repaint"}
"""Workloads that print few new rows: history is filled with log lines before them; as with most of vtebench's kinds."""
FIRST = "ghostpage"
BESIDE = "libghostty-vt"


def recordings() -> tuple[str, ...]:
    """The recorded sessions, but for those named like a generated workload."""
    return tuple(name for name in sessions.names() if name not in workloads.names())


def known_workloads() -> tuple[str, ...]:
    """Those of the package, paragraphs of emoji, and the recorded sessions."""
    return (*workloads.names(), PARAGRAPHS, *recordings())


def pieces_of(workload: str, size_bytes: int = DATA) -> list[bytes]:
    """The workload, or the recording of this name, cut into pieces."""
    if workload == PARAGRAPHS:
        lines = workloads.generate("emoji", size_bytes, columns=COLUMNS, rows=ROWS).splitlines()
        lengths, data = cycle((30, 44, 37, 60)), b""
        while lines:
            length = next(lengths)
            data += b" ".join(lines[:length]) + b"\r\n"
            del lines[:length]
    elif workload in workloads.names():
        data = workloads.generate(workload, size_bytes, columns=COLUMNS, rows=ROWS)
    else:
        data = sessions.load(workload).data
        data *= max(1, size_bytes // len(data))
    return [data[at : at + PIECE] for at in range(0, len(data), PIECE)]


def _fills_history(workload: str) -> bool:
    if workload.startswith("vte_"):
        return workload in {"vte_scrolling", "vte_scrolling_fullscreen", "vte_unicode"}
    return workload not in FILLED_WITH_LOG and workload not in recordings()


def fill(peer: Peer, workload: str, pieces: list[bytes], history: int = HISTORY) -> None:
    """Feeds until history is full and pruned."""
    plain = peer.slow or not _fills_history(workload)
    filling = pieces_of("short" if peer.slow else "ascii", 1 << 20) if plain else pieces
    peer.sized_for(filling)
    feeding = cycle(filling)
    while peer.keeps_history and peer.history_rows < history:
        peer.feed(next(feeding))
    if not peer.slow:
        for piece in filling[:8]:
            peer.feed(piece)


@dataclass
class Result:
    """What one terminal did on one workload."""

    peer: str
    workload: str
    version: str = ""
    rates: list[float] = field(default_factory=list)
    """Bytes a second, pass by pass."""
    history_rows: int = 0
    mapped: int | None = None
    """Bytes held by the peer's own account, history full, at the end."""
    figures: dict[str, int] = field(default_factory=dict)
    """What the peer's counters grew by while the workload's bytes were fed once, without a break."""
    tail: list[str] = field(default_factory=list)
    skipped: str = ""
    """Why there are no rates."""
    missing: bool = False
    """It cannot run here at all."""

    @property
    def rate(self) -> float:
        return statistics.median(self.rates) if self.rates else float("nan")


def counted(peer: Peer, pieces: list[bytes]) -> dict[str, int]:
    """Feeds everything twice, and returns how much the counters grew in the second round."""
    before: dict[str, int] = {}
    for _ in range(2):
        before = peer.figures()
        for piece in pieces:
            peer.feed(piece)
    return {name: count - before[name] for name, count in peer.figures().items()}


def measure(link: Connection, name: str, workload: str, pieces: list[bytes], clock: str) -> None:
    """A measuring process: fills, then makes a pass of so many seconds whenever it is told to, until told 0."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is the parent that is interrupted, and it ends this one
    now = {"wall": time.perf_counter, "cpu": time.process_time}[clock]
    result = Result(name, workload)
    try:
        peer = PEERS[name]()
        result.version = peer.version()
        fill(peer, workload, pieces)
        result.history_rows = peer.history_rows
        feed, feeding = peer.feed, cycle(pieces)
        link.send("filled")
        while seconds := link.recv():
            fed, begin = 0, now()
            while (elapsed := now() - begin) < seconds:
                piece = next(feeding)
                feed(piece)
                fed += len(piece)
            result.rates.append(fed / elapsed)
            link.send("passed")
        result.history_rows = peer.history_rows or result.history_rows  # some count none in the alternate screen
        result.mapped = peer.mapped_bytes()
        if not peer.slow:
            result.figures = counted(peer, pieces)
            result.tail = peer.tail(100)
        peer.close()
    except Unavailable as reason:
        result.skipped, result.missing = str(reason), True
    except Exception as error:  # a peer's own failure is a result too
        result.skipped = f"failed: {type(error).__name__}: {error}"
    link.send(result)


def side_by_side(names: Sequence[str], workload: str, *, passes: int, seconds: float, clock: str) -> list[Result]:
    """All these terminals on one workload, taking turns."""
    context = multiprocessing.get_context("spawn")
    pieces = pieces_of(workload)
    results: list[Result] = []
    workers: dict[str, tuple[Any, Connection]] = {}

    def told(name: str, expected: str) -> None:
        answer = _received(workers[name][1], name, workload)
        if answer != expected:
            results.append(answer)
            workers.pop(name)[0].join()

    try:
        for name in names:
            link, far = context.Pipe()
            process = context.Process(target=measure, args=(far, name, workload, pieces, clock), daemon=True)
            process.start()
            far.close()
            workers[name] = process, link
            told(name, "filled")
        for _ in range(passes):
            for name in list(workers):
                workers[name][1].send(seconds)
                told(name, "passed")
        for name in list(workers):
            workers[name][1].send(0)
            told(name, "")
    finally:
        for process, _link in workers.values():
            process.terminate()
    return sorted(results, key=lambda result: names.index(result.peer))


def _received(link: Connection, name: str, workload: str) -> Any:
    try:
        return link.recv()
    except EOFError:
        return Result(name, workload, skipped="crashed")


# ---- what comes of it ------------------------------------------------------------------------------------------------


@dataclass
class Ratio:
    """Of one terminal's passes to those of another, which lie next to them in time."""

    median: float
    lowest: float
    highest: float

    def told(self, with_range: bool) -> str:
        return f"{self.median:.1f}" + f" ({self.lowest:.1f}-{self.highest:.1f})" * with_range


def ratio(one: Result, other: Result) -> Ratio | None:
    each = [a / b for a, b in zip(one.rates, other.rates, strict=False)]
    return Ratio(statistics.median(each), min(each), max(each)) if each else None


@dataclass
class Comparison:
    """All terminals on all workloads."""

    names: list[str]
    passes: int
    seconds: float
    clock: str
    machine: dict[str, Any]
    table: dict[str, list[Result]] = field(default_factory=dict)
    """By workload."""
    missing: dict[str, str] = field(default_factory=dict)
    """Terminals that cannot run here, and why."""

    def result(self, workload: str, name: str) -> Result:
        return next((one for one in self.table[workload] if one.peer == name), Result(name, workload))

    def best_peer(self, workload: str) -> Result | None:
        """The fastest of the others."""
        others = (one for one in self.table[workload] if one.peer != FIRST and one.rates)
        return max(others, key=lambda one: one.rate, default=None)

    @property
    def versions(self) -> dict[str, str]:
        """Of those that were measured, in the order asked for."""
        found = {one.peer: one.version for results in self.table.values() for one in results if one.rates}
        return {name: found[name] for name in self.names if name in found}

    @property
    def failures(self) -> list[str]:
        failed = [one for results in self.table.values() for one in results if one.skipped]
        told = [f"{name}: {why}" for name, why in self.missing.items()]
        return told + [f"{one.peer} on {one.workload}: {one.skipped}" for one in failed]

    def headings(self) -> list[str]:
        return ["workload", *self.versions, f"to {BESIDE}", "to the best other"]

    def rows(self, *, ranges: bool = False) -> list[list[str]]:
        """A row for each workload, under the headings: GB/s, and ratios, with their range over the passes if wanted."""
        found = []
        for workload in self.table:
            first, beside, best = self.result(workload, FIRST), self.result(workload, BESIDE), self.best_peer(workload)
            rates = [gigabytes(self.result(workload, name).rate) for name in self.versions]
            compared = [ratio(first, beside), ratio(first, best) if best else None]
            told = [one.told(ranges) if one else "-" for one in compared]
            found.append([workload, *rates, told[0], f"{told[1]} {best.peer}" if best else "-"])
        return found

    def notes(self) -> list[str]:
        """What the figures were taken on, and with what."""
        on = self.machine
        return [
            f"{on['cpu']}, {on['cores']} cores, load {on['load']}; {on['system']}, Python {on['python']}",
            "; ".join(f"{name} {version}" for name, version in self.versions.items()),
            f"{COLUMNS}x{ROWS}, {HISTORY:,} rows of history full, pieces of 64 KiB; GB/s, medians of {self.passes}"
            f" passes of {self.seconds:g} s, {self.clock} time; ratios are medians over the passes",
            *(f"Not measured: {failure}" for failure in self.failures),
        ]

    def markdown(self) -> str:
        headings = self.headings()
        lines = [" | ".join(row) for row in (headings, *self.rows(ranges=True))]
        rule = "|---|" + "---:|" * (len(headings) - 1)
        table = [f"| {line} |" for line in lines]
        return "\n\n".join(["\n".join([table[0], rule, *table[1:]]), *self.notes()]) + "\n"

    def report(self) -> dict[str, Any]:
        """Everything, for a program to read."""

        results, ratios, best = [], {}, {}
        for workload in self.table:
            first, fastest = self.result(workload, FIRST), self.best_peer(workload)
            others = [one for one in self.table[workload] if one.peer != FIRST]
            ratios[workload] = {one.peer: asdict(found) for one in others if (found := ratio(first, one))}
            best[workload] = fastest.peer if fastest else None
            for one in self.table[workload]:
                told = asdict(one) | {"rate": one.rate if one.rates else None}
                told["rows_equal"] = equal_rows(first.tail, one.tail)
                results.append({name: value for name, value in told.items() if name not in {"tail", "missing"}})
        return {
            "machine": self.machine,
            "versions": self.versions,
            "missing": self.missing,
            "columns": COLUMNS,
            "rows": ROWS,
            "history": HISTORY,
            "piece_bytes": PIECE,
            "passes": self.passes,
            "seconds": self.seconds,
            "clock": self.clock,
            "results": results,
            "ratios": ratios,
            "best_other": best,
        }


def compare(
    names: Sequence[str],
    chosen: Sequence[str],
    *,
    passes: int,
    seconds: float,
    clock: str,
    tell: Callable[[float, str], None] = lambda done, text: None,
) -> Comparison:
    """These terminals on these workloads; ``tell`` is called before each with the part that is behind."""
    found = Comparison(list(names), passes, seconds, clock, machine())
    for number, workload in enumerate(chosen):
        tell(number / len(chosen), workload)
        there = [name for name in names if name not in found.missing]
        results = side_by_side(there, workload, passes=passes, seconds=seconds, clock=clock)
        found.missing |= {one.peer: one.skipped for one in results if one.missing}
        found.table[workload] = [one for one in results if not one.missing]
    return found


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    model = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
    }


def equal_rows(one: list[str], other: list[str]) -> str:
    """How many rows two tails have in common, in the same order, of the shorter one's."""
    if not one or not other:
        return ""
    common = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return f"{sum(block.size for block in common)}/{min(len(one), len(other))}"


def gigabytes(rate: float) -> str:
    return "-" if rate != rate else f"{rate / 1e9:.3f}" if rate >= 1e7 else f"{rate / 1e9:.5f}"


def feed_table(table: dict[str, list[Result]], names: list[str]) -> str:
    """Throughput in Markdown, a workload a line, of what was measured one after another: without ratios."""
    lines = [f"| workload | {' | '.join(names)} |", "|---|" + "---:|" * len(names)]
    for workload, results in table.items():
        by_name = {result.peer: result for result in results}
        rates = [gigabytes(by_name.get(name, Result(name, workload)).rate) for name in names]
        lines.append(f"| {workload} | {' | '.join(rates)} |")
    return "\n".join(lines)
