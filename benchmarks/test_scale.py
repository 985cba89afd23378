"""Many terminals in one process: what an idle one costs, and what busy ones do to a shared budget.

Figures are printed with ``-s``; what is asserted are bytes and counts, and one rate that is far from what it has to be.
"""

from __future__ import annotations

import gc
import itertools
import resource
import time
from collections.abc import Iterator
from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

from ghostpage import Arena, Limits, Terminal, memory, workloads

LINE = b"user@host:~$ make all && ./run --fast\r\n"
HOUR_BYTES = 3600 * 1024
"""An hour's output of a busy terminal, at a kibibyte a second."""


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def areas() -> int:
    return len(Path("/proc/self/maps").read_text().splitlines())


def test_idle(benchmark: BenchmarkFixture, quick: bool) -> None:
    count = 300 if quick else 10_000
    Terminal().close()
    gc.collect()
    before, mapped = resident(), areas()

    def open_all() -> list[Terminal]:
        return [Terminal(80, 24) for _ in range(count)]

    begin = time.process_time()
    terminals = benchmark.pedantic(open_all, rounds=1)
    rate = count / (time.process_time() - begin)
    for terminal in terminals:
        terminal.feed(LINE)
    each, found = (resident() - before) / count, areas() - mapped
    print(f"\n{count:,} idle terminals: {each:,.0f} bytes resident each, {rate:,.0f} opened a second, {found} mappings")
    benchmark.extra_info.update(resident=each, opened=rate, mappings=found)
    assert found < 8000
    assert quick or each <= 12 * 1024
    assert quick or rate >= 20_000
    for terminal in terminals:
        terminal.close()


def endless(name: str, seed: int) -> Iterator[bytes]:
    """Pieces of a kibibyte."""
    data = workloads.generate(name, 256 * 1024, seed)
    for number in itertools.count():
        at = number * 1024 % len(data)
        yield data[at : at + 1024]


def test_busy(benchmark: BenchmarkFixture, quick: bool) -> None:
    count = 40 if quick else 1000
    budget = (256 << 20) * count // 1000
    rounds = 40 if quick else HOUR_BYTES // 1024
    with Arena(limit=budget) as arena:
        terminals = [Terminal(80, 24, scrollback=Limits(), arena=arena) for _ in range(count)]
        names = workloads.names()
        sources = [endless(names[number % len(names)], number // len(names) % 8) for number in range(len(names) * 8)]

        def print_all() -> None:
            for turn in range(rounds):
                pieces = [next(source) for source in sources]
                for number, terminal in enumerate(terminals):
                    terminal.feed(pieces[number % len(pieces)])
                if turn % 60 == 0:
                    assert arena.memory.mapped <= budget

        benchmark.pedantic(print_all, rounds=1)
        use = arena.memory
        rows = sorted(len(terminal.history) for terminal in terminals)
        print(
            f"\n{count:,} busy terminals, {rounds * count >> 10:,} MiB in {budget >> 20} MiB: peak {use.peak:,},"
            f" {use.pages_reclaimed:,} pages reclaimed, {use.refusals} refused, rows kept {rows[0]} to {rows[-1]}"
        )
        benchmark.extra_info.update(peak=use.peak, reclaimed=use.pages_reclaimed)
        assert use.peak <= budget and use.refusals == 0
        assert all(any(row.text for row in terminal.screen) for terminal in terminals)
        assert memory.audit().ok
        for terminal in terminals:
            terminal.close()
