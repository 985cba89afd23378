"""Between text mode and grid mode: what packing and inflating take, and what a program pays that does both.

Programs that print and edit in turns are fed to a terminal that chooses its mode and to one that is always a grid, by
turns, so that a machine whose speed changes favours neither.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import chain, islice, repeat

import pytest
from conftest import Report, Turns
from pytest_benchmark.fixture import BenchmarkFixture

from ghostpage import Limits, Terminal, workloads

COLUMNS, ROWS = 120, 40
CONTENTS = ("ascii", "long", "sgr", "cjk", "emoji", "combining", "links", "truecolor")


@pytest.fixture
def screenful(request: pytest.FixtureRequest) -> Iterator[Terminal]:
    """A screen full of a workload, as text."""
    with Terminal(COLUMNS, ROWS, _mode="early") as terminal:
        terminal.feed(workloads.generate(request.param, 100_000, columns=COLUMNS, rows=ROWS) + b"\r\n")
        yield terminal


@pytest.mark.parametrize("screenful", CONTENTS, indirect=True)
def test_inflate(screenful: Terminal, benchmark: BenchmarkFixture) -> None:
    benchmark.group = f"inflating {COLUMNS}x{ROWS}"
    benchmark.pedantic(lambda: screenful._set_mode("grid"), setup=lambda: screenful._set_mode("early"), rounds=1000)
    assert screenful.counters.inflated >= 1 and not screenful._text_mode


@pytest.mark.parametrize("screenful", CONTENTS, indirect=True)
def test_pack(screenful: Terminal, benchmark: BenchmarkFixture) -> None:
    benchmark.group = f"packing {COLUMNS}x{ROWS}"
    benchmark.pedantic(lambda: screenful._set_mode("early"), setup=lambda: screenful._set_mode("grid"), rounds=1000)
    assert screenful.counters.packed >= 1 and screenful._text_mode


# ---- programs that print and edit in turns -----------------------------------------------------------------------------


def lines(dice: random.Random, workload: str = "ascii") -> Iterator[bytes]:
    return workloads.units(workload, dice.randrange(1000), columns=COLUMNS, rows=ROWS)


def progress(dice: random.Random) -> Iterator[bytes]:
    """A bar that is drawn over itself, then some lines"""
    log = lines(dice)
    while True:
        for percent in range(0, 101, dice.choice((1, 2, 5))):
            yield f"\r{'#' * (percent // 2):50} {percent:3d}% {dice.random() * 9:.1f} MB/s".encode()
        yield b"\r\n"
        yield from islice(log, dice.randint(1, 60))


def bar_below(dice: random.Random) -> Iterator[bytes]:
    """A bar below the output, erased for each line and drawn again, as builds have it"""
    for done, line in enumerate(lines(dice)):
        yield b"\r\x1b[K" + line + f"\x1b[36mBuilding\x1b[m [{'=' * (done % 40):40}] {done}/4000".encode()


def shell(dice: random.Random) -> Iterator[bytes]:
    """A prompt, a command that is typed and corrected, its output"""
    log = lines(dice)
    while True:
        yield b"\r\x1b[J\x1b[32muser\x1b[m:\x1b[34m~\x1b[m$ "
        yield from (bytes([key]) for key in b"git checkout main")
        yield b"\b\b\b\b\x1b[Kdevelop\x1b[4D\x1b[1@x\x1b[C\b\b\x1b[1P\x1b[4C\r\n"
        yield from islice(log, dice.randint(0, 120))


def agent(dice: random.Random) -> Iterator[bytes]:
    """Six lines at the bottom that are drawn again and again, and output above them"""
    log = lines(dice)
    box = ["", "╭" + "─" * 80 + "╮", "│ > " + " " * 77 + "│", "╰" + "─" * 80 + "╯", "  ? for help"]
    for turn in range(1 << 30):
        yield b"\x1b[2K\x1b[1A" * (6 if turn else 0) + b"\x1b[2K\x1b[G"
        if turn % 8 == 7:
            yield from islice(log, dice.randint(1, 12))
        yield ("\r\n".join([f"\x1b[38;5;{turn % 200}m* Thinking ({turn}s)\x1b[39m", *box]) + "\r\n").encode()


def clear_and_print(dice: random.Random) -> Iterator[bytes]:
    """Each line erased before it is printed"""
    return (b"\x1b[2K\r" + line for line in lines(dice))


def edited_after(dice: random.Random, counts: Iterator[int], workload: str = "ascii") -> Iterator[bytes]:
    log = lines(dice, workload)
    for count in counts:
        yield from islice(log, count)
        yield b"\x1b[Hedited\x1b[40;1H"


PROGRAMS: dict[str, Callable[[random.Random], Iterator[bytes]]] = {
    "a bar drawn over itself": progress,
    "a bar below the output": bar_below,
    "a shell": shell,
    "an agent": agent,
    "erased and printed": clear_and_print,
    "an edit after 41 lines": lambda dice: edited_after(dice, repeat(ROWS + 1)),
    "an edit after 41 coloured lines": lambda dice: edited_after(dice, repeat(ROWS + 1), "sgr"),
    "an edit after 1 to 200 lines": lambda dice: edited_after(dice, (dice.randint(1, 200) for _ in repeat(0))),
    "an edit after 2000 lines": lambda dice: edited_after(dice, repeat(2000)),
    "edits now often, now rarely": lambda dice: edited_after(dice, chain.from_iterable(repeat((5,) * 50 + (41,) * 20 + (900,)))),
}


def output_of(program: str, size_bytes: int) -> bytes:
    parts, total = [], 0
    for part in PROGRAMS[program](random.Random(5)):
        parts.append(part)
        total += len(part)
        if total >= size_bytes:
            break
    return b"".join(parts)


@pytest.mark.parametrize("program", PROGRAMS)
def test_printing_and_editing_in_turns(program: str, benchmark: BenchmarkFixture, quick: bool, report: Report) -> None:
    benchmark.group = "printing and editing in turns"
    output = output_of(program, 1 << 16 if quick else 1 << 18)
    rates: dict[str, list[float]] = {"auto": [], "grid": []}
    rounds = 2 if quick else 100
    with (
        Terminal(COLUMNS, ROWS, scrollback=Limits(lines=2000)) as auto,
        Terminal(COLUMNS, ROWS, scrollback=Limits(lines=2000), _mode="grid") as grid,
    ):

        both = [("auto", auto), ("grid", grid)]

        def feed_both() -> None:
            both.reverse()
            for mode, terminal in both:
                begin = time.perf_counter()
                terminal.feed(output)
                rates[mode].append(len(output) / (time.perf_counter() - begin))

        benchmark.pedantic(feed_both, rounds=rounds, warmup_rounds=2)
        assert auto.text() == grid.text()
        counters = auto.counters
    ratio = statistics.median(a / b for a, b in zip(rates["auto"], rates["grid"], strict=True))
    share = counters.text_mode_bytes / (counters.text_mode_bytes + counters.grid_mode_bytes)
    benchmark.extra_info.update(ratio=ratio, text_mode_share=share, inflated=counters.inflated)
    auto_rate, grid_rate = (statistics.median(rates[mode]) for mode in ("auto", "grid"))
    report.turns.append(Turns(program, auto_rate, grid_rate, ratio, share))
