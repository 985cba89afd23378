"""Both policies for non-standard pages on the same output, in turns: ``python benchmarks/policies.py``.

For each load and size of a standard page two terminals, one on an arena of each policy, are fed the same bytes pass by
pass, in turns and in one process, so that what else the machine does falls on both. A pass is some cycles of the load;
the first ones fill the history and teach the policies, and are not measured. Time is that of the thread, the kernel's
work for it included.

Lines are as long as they have to be to outgrow the standard page at hand, so that pages that are not standard are as
common at 256 KiB as at 4 KiB.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ghostpage import Arena, Limits, Terminal, memory, workloads
from ghostpage.cli._comparing import gigabytes, machine
from ghostpage.cli._peers import COLUMNS, HISTORY, ROWS

__all__ = ["LOADS", "PAGES", "POLICIES", "POOL_CAP", "SET_ASIDE", "Figures", "main", "side_by_side", "table"]

POLICIES = ("adaptive", "replace")
PAGES = (4096, 16 * 1024, 64 * 1024, 256 * 1024)
PIECE = 64 * 1024
POOL_CAP = 2 * 1024 * 1024
SET_ASIDE = 16
"""Pages that wait at most, under both policies: what is recycled was pruned since, or is one of these."""
PASS = 0.01
"""Seconds that a pass takes at least, about."""
ALLOWED = 0.95
"""What either policy has to reach of the better one's throughput where output alternates."""

Step = bytes | tuple[int, int]
"""Bytes to feed, or the columns and rows of a window."""
Load = Callable[[int], Iterator[Step]]

LOADS: dict[str, Load] = {}
ALTERNATING: set[str] = set()


def load(alternating: bool = False) -> Callable[[Load], Load]:
    """Enters a load: one cycle of output for a size of standard page."""

    def enter(make: Load) -> Load:
        name = make.__name__.replace("_", " ")
        LOADS[name] = make
        if alternating:
            ALTERNATING.add(name)
        return make

    return enter


# ---- what loads are made of -----------------------------------------------------------------------------------------

_log = workloads.generate("ascii", 1 << 18, columns=COLUMNS, rows=ROWS)
_emoji = workloads.generate("emoji", 1 << 18, columns=COLUMNS, rows=ROWS).splitlines()


def plain(size_bytes: int) -> Iterator[bytes]:
    """Log lines of ASCII."""
    for at in range(0, size_bytes, PIECE):
        begin = at % (len(_log) - PIECE)
        yield _log[_log.index(b"\n", begin) + 1 : _log.index(b"\n", begin + min(PIECE, size_bytes - at) - 64) + 1]


def paragraph(size_bytes: int, number: int = 0) -> bytes:
    """One line of emoji and links."""
    parts, length, at = [], 0, 31 * number
    while length < size_bytes:
        parts.append(_emoji[at % len(_emoji)])
        length += len(parts[-1]) + 1
        at += 1
    return b" ".join(parts) + b"\r\n"


def long_line(size_bytes: int) -> bytes:
    """One line of ASCII."""
    words = _log.replace(b"\r\n", b" ")
    return (words * (size_bytes // len(words) + 1))[:size_bytes] + b"\r\n"


def screenful(columns: int, rows: int, number: int) -> bytes:
    """A full-screen program drawing every row in place, with links and clusters."""
    drawn = [b"\x1b[H"]
    for y in range(rows):
        text = _emoji[(number * 7 + y) % len(_emoji)]
        drawn.append(b"\x1b[%d;1H\x1b[K" % (y + 1) + text)
        if columns > 2 * COLUMNS:
            drawn.append(b"\x1b[%d;%dH" % (y + 1, columns // 2) + text)
    return b"".join(drawn)


# ---- loads ----------------------------------------------------------------------------------------------------------


@load()
def emoji(page: int) -> Iterator[Step]:
    for _ in range(8):
        yield b"\r\n".join(_emoji) + b"\r\n"


@load()
def emoji_paragraphs(page: int) -> Iterator[Step]:
    for number in range(max(8, (1 << 21) // page)):
        yield paragraph(page * (4 + number * 5 % 9) // 4, number)


@load(alternating=True)
def plain_and_emoji(page: int) -> Iterator[Step]:
    for turn in range(4):
        yield from plain(16 * page)
        for number in range(8):
            yield paragraph(page * 3 // 2, number + turn)


@load(alternating=True)
def plain_and_emoji_at_length(page: int) -> Iterator[Step]:
    yield from plain(100 * page)
    for number in range(50):
        yield paragraph(page * 3 // 2, number)


@load(alternating=True)
def long_line_and_short_ones(page: int) -> Iterator[Step]:
    for number in range(max(8, (1 << 20) // page)):
        yield long_line(page * (5 + number * 3 % 7) // 4)
        yield from plain(page * 3 // 4)


@load(alternating=True)
def wide_and_narrow_window(page: int) -> Iterator[Step]:
    for number in range(6):
        yield 300, 80
        yield screenful(300, 80, number)
        yield b"\x1b[80;1H"
        yield from plain(1 << 15)
        yield 80, 24
        yield screenful(80, 24, number)
        yield b"\x1b[24;1H"
        yield from plain(1 << 15)
    yield COLUMNS, ROWS


@load(alternating=True)
def alternate_screen_in_and_out(page: int) -> Iterator[Step]:
    for number in range(12):
        way = b"1047" if number % 2 else b"1049"
        yield b"\x1b[?" + way + b"h"
        for frame in range(3):
            yield screenful(COLUMNS, ROWS, 3 * number + frame)
        yield b"\x1b[?" + way + b"l"
        yield from plain(1 << 15)


@load(alternating=True)
def edited_prompts(page: int) -> Iterator[Step]:
    """A line is edited in place, which takes a grid, and a command prints more than a screenful, which gives it up."""
    for number in range(40):
        yield b"\x1b[2A\x1b[2K" + _emoji[number] + b"\x1b[2B\r\n"
        yield from plain(1 << 14)


@load()
def back_to_plain(page: int) -> Iterator[Step]:
    for number in range(24):
        yield paragraph(page * 2, number)
    yield from plain(400 * page)


# ---- measuring ------------------------------------------------------------------------------------------------------


@dataclass
class Figures:
    """What one policy did on one load. Counts are of one cycle."""

    load: str
    page: int
    policy: str
    fed: int = 0
    rates: list[float] = field(default_factory=list)
    """Bytes a second, pass by pass."""
    ratios: list[float] = field(default_factory=list)
    """To the other policy's rate, pass by pass."""
    calls: int = 0
    """Mappings made and given back."""
    faults: int = 0
    """Pages of the system that the kernel had to find memory for."""
    pruned: int = 0
    born: int = 0
    """Non-standard pages that came from the pool or the kernel."""
    recycled: int = 0
    """Non-standard pages that became the next page as they were, at once or after having been set aside."""
    copied: int = 0
    """Bytes that lines growing and grids squeezed, grown or resized have moved."""
    rest: int = 0
    """Bytes mapped after the last pass, the pool included."""
    pooled: int = 0
    """Bytes of these in the pool."""
    text: int = 0
    """Bytes of content."""

    @property
    def rate(self) -> float:
        return statistics.median(self.rates) if self.rates else float("nan")

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios) if self.ratios else float("nan")


def pieces(steps: Iterator[Step]) -> Iterator[Step]:
    """Output that follows itself, cut anew as a program's comes."""
    waiting = b""
    for step in steps:
        if isinstance(step, bytes):
            waiting += step
            while len(waiting) >= PIECE:
                yield waiting[:PIECE]
                waiting = waiting[PIECE:]
        else:
            yield waiting
            yield step
            waiting = b""
    yield waiting


class Runner:
    """A terminal on an arena of its own, and what is counted of it."""

    def __init__(self, figures: Figures, history: int, pool_cap: int) -> None:
        self.figures = figures
        self.arena = Arena(policy=figures.policy, standard_page=figures.page, pool_cap=pool_cap)
        self.terminal = Terminal(COLUMNS, ROWS, scrollback=Limits(lines=history), arena=self.arena)

    def play(self, steps: list[Step], cycles: int = 1) -> float:
        """Plays so many cycles; returns bytes a second."""
        feed, resize = self.terminal.feed, self.terminal.resize
        begin = time.thread_time_ns()
        for _ in range(cycles):
            for step in steps:
                if isinstance(step, bytes):
                    feed(step)
                else:
                    resize(*step)
        return self.figures.fed * cycles / max(1, time.thread_time_ns() - begin) * 1e9

    def settled(self) -> bool:
        """The history is full, and pages were pruned."""
        return self.terminal.counters.pages_pruned > 0

    def count(self, steps: list[Step]) -> None:
        """Plays a cycle and notes what it took."""
        figures = self.figures
        counters, ledger, faults = self.terminal.counters, memory.ledger(), _faults()
        self.play(steps)
        figures.faults = _faults() - faults
        after, now = self.terminal.counters, memory.ledger()
        figures.calls = now.total_mapped + now.total_unmapped - ledger.total_mapped - ledger.total_unmapped
        figures.pruned = after.pages_pruned - counters.pages_pruned
        figures.born = after.nonstandard_born - counters.nonstandard_born
        figures.recycled = after.nonstandard_recycled - counters.nonstandard_recycled
        figures.copied = after.copied_bytes - counters.copied_bytes
        figures.rest, figures.pooled = self.arena.memory.mapped, self.arena.memory.pooled
        figures.text = self.terminal.memory.used

    def close(self) -> None:
        self.terminal.close()
        self.arena.close()


def _faults() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def side_by_side(
    name: str, page: int, *, passes: int, rounds: int = 3, history: int = HISTORY, pool_cap: int = POOL_CAP
) -> list[Figures]:
    """Both policies on a load, in turns: so many passes with each of so many pairs of terminals, as where in memory these
    come to lie makes a few per cent of difference."""
    steps = list(pieces(LOADS[name](page)))
    fed = sum(len(step) for step in steps if isinstance(step, bytes))
    one, other = both = [Figures(name, page, policy, fed) for policy in POLICIES]
    for _ in range(rounds):
        runners = [Runner(figures, history, pool_cap) for figures in both]
        cycles = fill(runners, steps)
        gc.collect()
        gc.disable()
        for number in range(passes):
            for runner in runners if number % 2 else reversed(runners):
                runner.figures.rates.append(runner.play(steps, cycles))
            one.ratios.append(one.rates[-1] / other.rates[-1])
            other.ratios.append(1 / one.ratios[-1])
        gc.enable()
        for runner in runners:
            runner.count(steps)
            runner.close()
    return both


def fill(runners: list[Runner], steps: list[Step]) -> int:
    """Fills histories and goes on until policies know the load; returns how many cycles make a pass."""
    seconds = 0.0
    for number in range(12):
        begin = time.thread_time()
        for runner in runners:
            runner.play(steps)
        seconds = time.thread_time() - begin
        if number >= 2 and all(runner.settled() for runner in runners):
            break
    return max(1, int(PASS / max(1e-6, seconds / len(runners))))


def table(results: list[Figures]) -> str:
    """Markdown, a line for each policy on each load."""
    heads = "load|page|policy|GB/s|to the other|map and unmap|faults|pruned|born|recycled|copied KiB|at rest KiB|pooled KiB|held / content"
    lines = [f"| {heads.replace('|', ' | ')} |", "|---|---:|---|" + "---:|" * 11]
    for one in results:
        wanting = one.load in ALTERNATING and one.ratio < ALLOWED
        cells = (
            one.load, f"{one.page // 1024} KiB", one.policy, gigabytes(one.rate), f"{one.ratio:.2f}{' !' if wanting else ''}",
            one.calls, one.faults, one.pruned, one.born, one.recycled, one.copied >> 10, one.rest >> 10, one.pooled >> 10,
            f"{one.rest / max(1, one.text):.2f}",
        )  # fmt: skip
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("loads", nargs="*", metavar="LOAD", help=f"of {', '.join(map(repr, LOADS))}")
    parser.add_argument("--pages", type=int, nargs="+", default=PAGES, metavar="BYTES", help="sizes of a standard page")
    parser.add_argument("--passes", type=int, default=11, help="with each of three pairs of terminals")
    parser.add_argument("--pool-cap", type=int, default=POOL_CAP, metavar="BYTES", help="0: the historic fix to the letter")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there too")
    options = parser.parse_args()
    if unknown := set(options.loads) - set(LOADS):
        parser.error(f"no load {', '.join(sorted(unknown))}; there are {', '.join(LOADS)}")
    facts = machine()
    results: list[Figures] = []
    for name in options.loads or LOADS:
        for page in options.pages:
            print(f"{name}, {page}", file=sys.stderr, flush=True)
            results += side_by_side(name, page, passes=options.passes, pool_cap=options.pool_cap)
    print(f"{facts['cpu']}, {facts['cores']} cores, load {facts['load']}; {facts['system']}, Python {facts['python']}")
    print(f"{COLUMNS}x{ROWS}, {HISTORY} rows of history full, a pool of {options.pool_cap} bytes")
    print(f"medians of 3 times {options.passes} passes; counts are of one cycle of the load\n")
    print(table(results))
    if options.json:
        report = {"machine": facts, "results": [asdict(one) for one in results]}
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
