"""A frame in which every row has changed, read from Python: as arrays and as runs, next to peers that read cells."""

from __future__ import annotations

from itertools import count, cycle
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from ghostpage import Terminal

SIZES = {"styled": (200, 50), "text": (120, 40)}
MODES = ("text", "grid")


def screenful(kind: str, shift: int, *, scrolls: bool) -> str:
    """A screen on which every cell has a style of its own, or of words in eight colours."""
    columns, rows = SIZES[kind]
    lines = []
    for y in range(rows):
        if kind == "styled":
            cells = (f"\x1b[38;2;{(x + shift) % 256};{y};7m{chr(97 + (x + shift) % 26)}" for x in range(columns))
            lines.append("".join(cells))
        else:
            lines.append("".join(f"\x1b[3{(x + y + shift) % 8}m{chr(97 + shift) * 7} " for x in range(columns // 8)))
    if scrolls:
        return "\r\n" + "\r\n".join(lines)
    return "".join(f"\x1b[{y + 1};1H{line}" for y, line in enumerate(lines))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", SIZES)
def test_update(kind: str, mode: str, benchmark: BenchmarkFixture) -> None:
    columns, rows = SIZES[kind]
    benchmark.group = f"frame of {kind}, {columns}x{rows}: all rows changed"
    screens = cycle([screenful(kind, shift, scrolls=mode == "text") for shift in (0, 1)])
    with Terminal(columns, rows, _mode="auto" if mode == "text" else "grid") as terminal, terminal.frame() as frame:
        changed = benchmark.pedantic(frame.update, setup=lambda: terminal.feed(next(screens)), rounds=100)
        assert len(changed) == rows
        assert terminal._text_mode == (mode == "text")


@pytest.mark.parametrize("kind", SIZES)
def test_runs(kind: str, benchmark: BenchmarkFixture) -> None:
    columns, rows = SIZES[kind]
    benchmark.group = f"frame of {kind}, {columns}x{rows}: all rows as runs"
    with Terminal(columns, rows) as terminal:
        terminal.feed(screenful(kind, 0, scrolls=False))
        frame = terminal.frame()
        found = benchmark(lambda: [frame.runs(y) for y in range(rows)])
        assert sum(map(len, found)) >= rows * (columns if kind == "styled" else columns // 8)


@pytest.mark.parametrize("kind", SIZES)
def test_painting_runs(kind: str, benchmark: BenchmarkFixture) -> None:
    """As a painter does it: each run is taken apart and dropped."""
    columns, rows = SIZES[kind]
    benchmark.group = f"frame of {kind}, {columns}x{rows}: all rows painted from runs"
    with Terminal(columns, rows) as terminal:
        terminal.feed(screenful(kind, 0, scrolls=False))
        frame = terminal.frame()

        def paint() -> int:
            painted = 0
            for y in range(rows):
                for text, style, _, x, width in frame.runs(y):
                    painted += width if text and style and x >= 0 else 0
            return painted

        assert benchmark(paint) >= rows * columns - rows


def test_colours_never_seen_before(benchmark: BenchmarkFixture) -> None:
    """As a film does it: ten thousand new styles at each update, and their runs."""
    columns, rows = SIZES["styled"]
    benchmark.group = f"frame of styled, {columns}x{rows}: update and all rows as runs, all colours new"
    films = (
        "\x1b[H"
        + "\r\n".join("".join(f"\x1b[38;2;{x};{y};{shift % 256}m#" for x in range(columns)) for y in range(rows))
        for shift in count()
    )
    with Terminal(columns, rows, _mode="grid") as terminal, terminal.frame() as frame:

        def read() -> int:
            frame.update()
            return sum(len(frame.runs(y)) for y in range(rows))

        assert benchmark.pedantic(read, setup=lambda: terminal.feed(next(films)), rounds=50) == columns * rows


@pytest.mark.parametrize("kind", SIZES)
def test_cells_of_pyte(kind: str, benchmark: BenchmarkFixture) -> None:
    pyte: Any = pytest.importorskip("pyte")
    columns, rows = SIZES[kind]
    benchmark.group = f"frame of {kind}, {columns}x{rows}: all rows as runs"
    screen = pyte.Screen(columns, rows)
    pyte.Stream(screen).feed(screenful(kind, 0, scrolls=False))
    found = benchmark(lambda: [[screen.buffer[y][x] for x in range(columns)] for y in range(rows)])
    assert len(found) == rows


@pytest.mark.parametrize("kind", SIZES)
def test_cells_of_libghostty_vt(kind: str, benchmark: BenchmarkFixture) -> None:
    pyghostty: Any = pytest.importorskip("pyghostty")
    columns, rows = SIZES[kind]
    benchmark.group = f"frame of {kind}, {columns}x{rows}: all rows as runs"
    terminal = pyghostty.Terminal(columns, rows)
    terminal.feed(screenful(kind, 0, scrolls=False).encode())
    read = lambda: [[terminal.style(x, y) for x in range(columns)] for y in range(rows)]  # noqa: E731
    assert len(benchmark.pedantic(read, rounds=2)) == rows
    terminal.close()


def test_nothing_has_changed(benchmark: BenchmarkFixture) -> None:
    with Terminal() as terminal, terminal.frame() as frame:
        assert benchmark(frame.update) == []
