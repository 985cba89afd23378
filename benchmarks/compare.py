"""Terminals side by side on the same bytes, in one run: ``python benchmarks/compare.py``.

Every terminal gets a process of its own for each workload. It first fills its history (10,000 rows at 120x40) and goes
on until rows are pruned; then the processes take turns, a short pass each, and medians of the passes are printed. The
passes feed 64 KiB at a time from 8 MiB of the workload, over and over.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import statistics
import sys
import time
from dataclasses import asdict, dataclass, field
from difflib import SequenceMatcher
from itertools import cycle
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from peers import COLUMNS, HISTORY, PEERS, ROWS, Peer, Unavailable, written_bytes

from ghostpage import sessions, workloads

PIECE = 64 * 1024
DATA = 8 * 1024 * 1024
PARAGRAPHS = "emoji_paragraphs"
"""Emoji and links in lines of 8 to 16 KB, none of which fits a page of 4 KiB."""
FILLED_WITH_LOG = {"redraw", "scroll_region", "edit", "wide_repaint"}
"""Workloads that print few new rows: history is filled with log lines before them."""
TARGETS = {
    "ascii": 5.0,
    "emoji": 15.0,
    "cjk": 2.0,
    "sgr": 4.0,
    "truecolor": 4.0,
    "long": 3.0,
    "combining": 5.0,
    "links": 15.0,
    "redraw": 2.5,
    "scroll_region": 2.0,
}
"""How many times the throughput of libghostty-vt is aimed at."""
IN_POLICIES = ("ascii", "emoji", PARAGRAPHS, "links", "long", "huge_lines", "wide_repaint")
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


def fill(peer: Peer, workload: str, pieces: list[bytes], history: int = HISTORY) -> None:
    """Feeds until history is full and pruned."""
    log = workload in FILLED_WITH_LOG or workload in recordings()
    filling = pieces_of("short" if peer.slow else "ascii", 1 << 20) if log or peer.slow else pieces
    peer.sized_for(filling)
    feeding = cycle(filling)
    while peer.history_rows < history:
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


@dataclass
class Memory:
    """What one terminal holds for a history, in bytes a row; None where there is no telling."""

    peer: str
    workload: str
    rows: int = 0
    mapped: float | None = None
    """By the peer's own account."""
    written: float | None = None
    """Physical memory that its process got for it."""
    at_rest: float | None = None
    """The same after what the peer does to a history that lies still."""
    skipped: str = ""


def hold(link: Connection, name: str, workload: str, pieces: list[bytes], rows: int) -> None:
    """A process that keeps so many rows, and sends what they cost."""
    memory = Memory(name, workload)
    try:
        before = written_bytes()
        peer = PEERS[name](history=None)
        feeding = cycle(pieces)
        while peer.history_rows < rows:
            peer.feed(next(feeding))
        memory.rows = peer.history_rows
        if (mapped := peer.mapped_bytes()) is not None:
            memory.mapped = mapped / memory.rows
        for stage in ("written", "at_rest"):
            after = written_bytes()
            if before is not None and after is not None:
                setattr(memory, stage, (after - before) / memory.rows)
            peer.at_rest()
    except Unavailable as reason:
        memory.skipped = str(reason)
    link.send(memory)


def memory_of(name: str, workload: str, rows: int) -> Memory:
    """What so many rows of a workload cost this peer, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    link, far = context.Pipe()
    process = context.Process(target=hold, args=(far, name, workload, pieces_of(workload), rows))
    process.start()
    far.close()
    try:
        memory: Memory = link.recv()
    except EOFError:
        memory = Memory(name, workload, skipped="crashed")
    process.join()
    return memory


def measure(link: Connection, name: str, workload: str, pieces: list[bytes], clock: str) -> None:
    """A measuring process: fills, then makes a pass of so many seconds whenever it is told to, until told 0."""
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
    except Unavailable as reason:
        result.skipped = str(reason)
    except Exception as error:  # a peer's own failure is a result too
        result.skipped = f"failed: {type(error).__name__}: {error}"
    link.send(result)


def side_by_side(names: list[str], workload: str, *, passes: int, seconds: float, clock: str) -> list[Result]:
    """All these terminals on one workload, taking turns."""
    context = multiprocessing.get_context("spawn")
    pieces = pieces_of(workload)
    results, workers = [], {}
    for name in names:
        link, far = context.Pipe()
        process = context.Process(target=measure, args=(far, name, workload, pieces, clock))
        process.start()
        far.close()
        if (answer := _received(link, name, workload)) == "filled":
            workers[name] = process, link
        else:
            results.append(answer)
            process.join()
    for _ in range(passes):
        for name, (_process, link) in list(workers.items()):
            link.send(seconds)
            if (answer := _received(link, name, workload)) != "passed":
                results.append(answer)
                workers.pop(name)[0].join()
    for name, (process, link) in workers.items():
        link.send(0)
        results.append(_received(link, name, workload))
        process.join()
    return sorted(results, key=lambda result: names.index(result.peer))


def _received(link: Connection, name: str, workload: str) -> Any:
    try:
        return link.recv()
    except EOFError:
        return Result(name, workload, skipped="crashed")


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


def ratios(one: Result, other: Result) -> str:
    """Median and range of the ratios pass by pass.

    A machine's speed may change between passes, for all alike; the two halves of a pass lie next to each other.
    """
    each = [a / b for a, b in zip(one.rates, other.rates, strict=False)]
    return f"{statistics.median(each):.1f} ({min(each):.1f}-{max(each):.1f})" if each else ""


def feed_table(table: dict[str, list[Result]], names: list[str], *, in_turns: bool = True) -> str:
    """Throughput in Markdown, a workload a line.

    What did not run in turns gets no ratios of ghostpage to libghostty-vt: they would tell more of the moment.
    """
    compared = " ratio (range) | aim |" if in_turns else ""
    lines = [f"| workload | {' | '.join(names)} |{compared} rows kept | rows equal |"]
    lines.append("|---|" + "---:|" * (len(names) + 2 + 2 * in_turns))
    for workload, results in table.items():
        by_name = {name: Result(name, workload) for name in names} | {result.peer: result for result in results}
        rates = [gigabytes(by_name[name].rate) for name in names]
        first, beside = (by_name.get(name, Result(name, workload)) for name in (FIRST, BESIDE))
        if in_turns:
            rates += [ratios(first, beside), f"{TARGETS[workload]:g}" if workload in TARGETS else ""]
        kept = " / ".join(str(by_name[name].history_rows) for name in names if by_name[name].rates)
        lines.append(f"| {workload} | {' | '.join(rates)} | {kept} | {equal_rows(first.tail, beside.tail)} |")
    reasons = {f"{result.peer}: {result.skipped}" for results in table.values() for result in results if result.skipped}
    return "\n".join(lines + ([""] + [f"Not measured: {reason}" for reason in sorted(reasons)] if reasons else []))


def policy_table(table: dict[str, list[Result]]) -> str:
    """Policies in Markdown, a line for each on each workload."""
    counts = "pages pruned | maps and unmaps / 1000 | non-standard | copies / 1000 | bytes a row"
    lines = [f"| workload | policy | GB/s | {counts} |", "|---|---|" + "---:|" * 6]
    for workload, results in table.items():
        for result in results:
            if not result.rates:
                continue
            figures = result.figures
            pruned = figures["pages_pruned"]
            calls = figures["pages_mapped"] + figures["pages_unmapped"]
            each = [f"{1000 * number / pruned:.1f}" if pruned else "-" for number in (calls, figures["copies"])]
            row = (result.mapped or 0) / max(1, result.history_rows)
            lines.append(
                f"| {workload} | {result.peer} | {gigabytes(result.rate)} | {pruned} | {each[0]} "
                f"| {figures['nonstandard_born']} | {each[1]} | {row:.0f} |"
            )
    return "\n".join(lines)


def memory_table(memories: list[Memory]) -> str:
    """Bytes a row in Markdown."""
    lines = ["| workload | peer | rows | mapped B/row | written B/row | at rest B/row |", "|---|---|" + "---:|" * 4]
    for memory in memories:
        if memory.skipped:
            lines.append(f"| {memory.workload} | {memory.peer} | {memory.skipped} | | | |")
            continue
        costs = (memory.mapped, memory.written, memory.at_rest)
        shown = " | ".join("-" if cost is None else f"{cost:.0f}" for cost in costs)
        lines.append(f"| {memory.workload} | {memory.peer} | {memory.rows} | {shown} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = known_workloads()
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=f"of {', '.join(known)}")
    parser.add_argument("--peers", nargs="+", choices=list(PEERS), default=[FIRST, BESIDE, "pyte"], metavar="PEER")
    parser.add_argument("--policies", action="store_true", help="compare policies and sizes of pages instead")
    parser.add_argument("--passes", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.3, help="length of a pass")
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall", help="cpu suits a machine with other work")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there too")
    options = parser.parse_args()
    if unknown := set(options.workloads) - set(known):
        parser.error(f"no workload {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    names = [name for name in PEERS if name.startswith(FIRST)] if options.policies else options.peers

    facts = machine()
    table = {}
    for workload in options.workloads or (IN_POLICIES if options.policies else workloads.names()):
        print(workload, end=" ", file=sys.stderr, flush=True)
        table[workload] = side_by_side(
            names, workload, passes=options.passes, seconds=options.seconds, clock=options.clock
        )
    print(file=sys.stderr)
    versions = {result.peer: result.version for results in table.values() for result in results if result.version}
    print(f"{facts['cpu']}, {facts['cores']} cores, load {facts['load']}; {facts['system']}, Python {facts['python']}")
    print("; ".join(f"{name} {version}" for name, version in versions.items()))
    print(f"{COLUMNS}x{ROWS}, {HISTORY} rows of history full, pieces of 64 KiB")
    print(f"GB/s, median of {options.passes} passes, {options.clock} time\n")
    print(policy_table(table) if options.policies else feed_table(table, names))
    if options.json:
        report = {
            "machine": facts,
            "versions": versions,
            "clock": options.clock,
            "results": [asdict(result) for results in table.values() for result in results],
        }
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
