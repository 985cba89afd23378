"""A history of 100,000 rows as text, HTML and bytes for a terminal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from ghostpage import Limits, Terminal

LINES: dict[str, Callable[[int], str]] = {
    "ascii": lambda i: f"2024-05-01 12:00:{i % 60:02d} INFO worker {i:06d} did things",
    "latin": lambda i: f"2024-05-01 12:00:{i % 60:02d} déjà vu wörker {i:06d} tat dinge",
    "cjk": lambda i: f"{i:06d} " + "界字" * 9,
    "sgr": lambda i: f"\x1b[32m2024-05-01 12:00:{i % 60:02d}\x1b[m INFO \x1b[1mworker\x1b[m {i:06d} did things",
    "blank_ends": lambda i: f"\x1b[44m2024-05-01 12:00:{i % 60:02d} INFO worker {i:06d} did things\x1b[K\x1b[m",
    "long": lambda i: f"{i:06d} " + "0123456789" * 20,
}


@pytest.mark.parametrize("unwrap", [False, True], ids=["rows", "unwrapped"])
@pytest.mark.parametrize("name", LINES)
def test_text(name: str, unwrap: bool, benchmark: BenchmarkFixture, quick: bool) -> None:
    rows = 1_000 if quick else 100_000
    with Terminal(120, 40, scrollback=Limits(lines=rows)) as terminal:
        terminal.feed("".join(LINES[name](number) + "\r\n" for number in range(rows + 39)))
        benchmark.group = "whole history as text"
        text = benchmark.pedantic(lambda: terminal.text(unwrap=unwrap), rounds=15, warmup_rounds=2)
        if not benchmark.disabled:
            size = len(text.encode())
            benchmark.extra_info.update(bytes=size, gigabytes_per_second=size / benchmark.stats.stats.median / 1e9)


@pytest.mark.parametrize("form", ["to_html", "to_ansi"])
@pytest.mark.parametrize("name", ["ascii", "sgr"])
def test_exports(name: str, form: str, benchmark: BenchmarkFixture, quick: bool) -> None:
    rows = 1_000 if quick else 100_000
    with Terminal(120, 40, scrollback=Limits(lines=rows)) as terminal:
        terminal.feed("".join(LINES[name](number) + "\r\n" for number in range(rows + 39)))
        benchmark.group = f"whole history: {form}"
        assert len(benchmark.pedantic(getattr(terminal, form), rounds=3)) > rows * 40
