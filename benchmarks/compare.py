"""Policies and sizes of pages side by side on the same bytes: ``python benchmarks/compare.py``.

As ``ghostpage bench`` compares terminals: each in a process of its own, in turns, history full and pruned. What a row
costs in memory is measured here too, for the suites.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
from dataclasses import dataclass
from itertools import cycle
from multiprocessing.connection import Connection
from pathlib import Path

from ghostpage.cli._comparing import PARAGRAPHS, Result, compare, gigabytes, known_workloads, pieces_of
from ghostpage.cli._peers import PEERS, Unavailable, written_bytes

IN_POLICIES = ("ascii", "emoji", PARAGRAPHS, "links", "long", "huge_lines", "wide_repaint")


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
    parser.add_argument("--passes", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.3, help="length of a pass")
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall", help="cpu suits a machine with other work")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there too")
    options = parser.parse_args()
    if unknown := set(options.workloads) - set(known):
        parser.error(f"no workload {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    names = [name for name in PEERS if name.startswith("ghostpage")]
    how = {"passes": options.passes, "seconds": options.seconds, "clock": options.clock}
    found = compare(names, options.workloads or IN_POLICIES, **how, tell=lambda _done, text: print(text, file=sys.stderr))
    print(policy_table(found.table), *found.notes(), sep="\n\n")
    if options.json:
        options.json.write_text(json.dumps(found.report(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
