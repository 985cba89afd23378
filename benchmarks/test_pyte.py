"""pyte's interface next to pyte itself: the same streams and the same readers on both."""

from __future__ import annotations

import tracemalloc
from itertools import cycle
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from ghostpage import workloads

COLUMNS, LINES = 120, 40
BYTES = 64 * 1024
WORKLOADS = ("ascii", "emoji", "cjk", "sgr", "redraw")
OVERRIDDEN = ("set_margins", "index", "draw")


@pytest.fixture(params=["pyte", "ghostpage.pyte"])
def pyte(request: pytest.FixtureRequest) -> Any:
    return pytest.importorskip(request.param)


def overriding(pyte: Any, name: str) -> Any:
    """A subclass whose method does what the base's does."""

    def method(self: Any, *args: Any, **kwargs: Any) -> None:
        getattr(pyte.Screen, name)(self, *args, **kwargs)

    return type("Overriding", (pyte.Screen,), {name: method})


def feed(pyte: Any, kind: Any, data: bytes, benchmark: BenchmarkFixture) -> None:
    stream = pyte.ByteStream(kind(COLUMNS, LINES))
    rounds = 3 if pyte.__name__ == "pyte" else 20
    benchmark.pedantic(stream.feed, (data,), rounds=rounds, warmup_rounds=1)
    if not benchmark.disabled:
        benchmark.extra_info["MB/s"] = round(len(data) / benchmark.stats.stats.median / 1e6, 2)


@pytest.mark.parametrize("workload", WORKLOADS)
def test_feed(workload: str, pyte: Any, benchmark: BenchmarkFixture) -> None:
    benchmark.group = f"pyte's interface: feed, {workload}"
    feed(pyte, pyte.Screen, workloads.generate(workload, BYTES)[:BYTES], benchmark)


@pytest.mark.parametrize("name", OVERRIDDEN)
def test_feed_with_a_method_overridden(name: str, pyte: Any, benchmark: BenchmarkFixture) -> None:
    benchmark.group = f"pyte's interface: feed, sgr, {name} overridden"
    feed(pyte, overriding(pyte, name), workloads.generate("sgr", BYTES)[:BYTES], benchmark)


def screenful(shift: int) -> str:
    rows = ("".join(f"\x1b[3{(x + y + shift) % 8}m{chr(97 + shift) * 7} " for x in range(COLUMNS // 8)) for y in range(LINES))
    return "".join(f"\x1b[{y + 1};1H{row}" for y, row in enumerate(rows))


def read_display(screen: Any) -> int:
    return sum(map(len, screen.display))


def read_buffer(screen: Any) -> int:
    """As a painter does it: what each cell is, and what it looks like."""
    read = 0
    for y in range(screen.lines):
        line = screen.buffer[y]
        for x in range(screen.columns):
            char = line[x]
            read += 1 if char.data and char.fg and not char.bold else 0
    return read


@pytest.mark.parametrize("changed", ["all rows", "one row"])
@pytest.mark.parametrize("reader", [read_display, read_buffer])
def test_reading(reader: Any, changed: str, pyte: Any, benchmark: BenchmarkFixture) -> None:
    benchmark.group = f"pyte's interface: {reader.__name__}, {changed} changed"
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.Stream(screen)
    stream.feed(screenful(0))
    texts = [screenful(shift) if changed == "all rows" else f"\x1b[7;1H{'ab'[shift]}" for shift in (0, 1)]
    feeds = cycle(texts)
    found = benchmark.pedantic(reader, (screen,), setup=lambda: stream.feed(next(feeds)), rounds=30, warmup_rounds=1)
    assert found == COLUMNS * LINES


@pytest.mark.parametrize("workload", ["ascii", "emoji"])
def test_memory(workload: str, pyte: Any, benchmark: BenchmarkFixture) -> None:
    """Bytes a row of history: of Python's heap, and what is mapped."""
    rows = 2_000 if pyte.__name__ == "pyte" else 100_000
    benchmark.group = f"pyte's interface: memory of a row, {workload}"
    lines = workloads.generate(workload, 64 * 1024).split(b"\n")[:-1]

    def fill() -> float:
        tracemalloc.start()
        screen = pyte.HistoryScreen(COLUMNS, LINES, history=rows)
        stream = pyte.ByteStream(screen)
        while len(screen.history.top) < rows:
            stream.feed(b"\n".join(lines[:500]) + b"\n")
        heap, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return (heap + (screen.terminal.memory.mapped if pyte.__name__ != "pyte" else 0)) / rows

    benchmark.extra_info["bytes a row"] = round(benchmark.pedantic(fill, rounds=1))
