"""Search in a million lines: a literal that is not there, and patterns beside ``re`` on the text itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from ghostpage import Limits, Terminal

PATTERNS = {
    "a prefix that is not there": r"nowhere\d+",
    "a prefix in every line": r"worker 0*7 ",
    "alternatives": r"\bxyz\b|thungs",
    "a class and digits": r"[xyz]\d+",
    "a word and a class": r"worker [xyz]",
    "no case": r"(?i)nowhere",
    "one line in a hundred": r"worker \d*00 ",
    "every line": r"worker \d+",
}


@pytest.fixture(scope="module")
def terminal(quick: bool) -> Iterator[Terminal]:
    lines = 1_000 if quick else 1_000_000
    with Terminal(120, 40, scrollback=Limits()) as made:
        for start in range(0, lines, 1000):
            made.feed("".join(f"2024-05-01 12:00 INFO worker {n:06d} did some things\r\n" for n in range(start, start + 1000)))
        yield made


def note(benchmark: BenchmarkFixture, size: int) -> None:
    if not benchmark.disabled:
        benchmark.extra_info.update(bytes=size, gigabytes_per_second=size / benchmark.stats.stats.median / 1e9)


@pytest.mark.parametrize("needle", ["nowhere", "worker 1234567", "zq"])
def test_literal(needle: str, terminal: Terminal, benchmark: BenchmarkFixture) -> None:
    benchmark.group = "literal, not found"
    assert not benchmark.pedantic(lambda: list(terminal.search(needle)), rounds=7, warmup_rounds=1)
    note(benchmark, len(terminal.text()))


def places_in(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int, int]]:
    """What a user of ``re`` does to know in which line a match is: the line, and begin and end in it."""
    number = begin = 0
    for match in pattern.finditer(text):
        start, end = match.span()
        if newlines := text.count("\n", begin, start):
            number, begin = number + newlines, text.rfind("\n", 0, start) + 1
        yield number, start - begin, end - begin


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
@pytest.mark.parametrize("what", ["matches", "texts", "places"])
@pytest.mark.parametrize("who", ["ghostpage", "re"])
def test_pattern(who: str, what: str, pattern: str, terminal: Terminal, benchmark: BenchmarkFixture) -> None:
    benchmark.group = f"{what} of {pattern}"
    compiled, text = re.compile(pattern), terminal.text()

    def plain() -> None:
        if what == "places":
            for _ in places_in(compiled, text):
                pass
        else:
            for match in compiled.finditer(text):
                what == "texts" and match.group()

    def ours() -> None:
        for match in terminal.search(compiled, newest_first=False):
            if what == "places":
                match.start, match.end
            else:
                what == "texts" and match.text

    benchmark.pedantic(ours if who == "ghostpage" else plain, rounds=3)
    note(benchmark, len(text))


OTHER_PATTERNS = {
    "one line in a hundred": r"{} \d*00 ",
    "every line": r"{} \d+",
    "a class and digits": r"[xyz]\d+",
    "a word and a class": r"{} [xyz]",
}


@pytest.mark.parametrize("pattern", OTHER_PATTERNS.values(), ids=OTHER_PATTERNS)
@pytest.mark.parametrize("worker", ["wörker", "工人"], ids=["accents", "CJK"])
@pytest.mark.parametrize("who", ["ghostpage", "re"])
def test_other_than_ascii(who: str, worker: str, pattern: str, quick: bool, benchmark: BenchmarkFixture) -> None:
    benchmark.group = f"{pattern} of {worker}"
    compiled = re.compile(pattern.format(worker))
    with Terminal(120, 40, scrollback=Limits()) as terminal:
        for start in range(0, 1_000 if quick else 200_000, 1000):
            rest = "做了一些事情，并且完成了工作" if worker == "工人" else "a fait des choses très élégantes"
            terminal.feed("".join(f"2024-05-01 12:00 INFO {worker} {n:06d} {rest}\r\n" for n in range(start, start + 1000)))
        text = terminal.text()
        find = compiled.finditer if who == "re" else lambda text: terminal.search(compiled, newest_first=False)

        def run() -> None:
            for _ in find(text):
                pass

        benchmark.pedantic(run, rounds=5, warmup_rounds=1)
    note(benchmark, len(text.encode()))
