"""What it takes to open a terminal, print a line and close it, next to peers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from ghostpage import Terminal, memory
from ghostpage.cli._peers import Unavailable, imported

LINE = b"user@host:~$ make all && ./run --fast\r\n"


def of_ghostpage(columns: int, rows: int) -> None:
    with Terminal(columns, rows) as terminal:
        terminal.feed(LINE)


def of_libghostty() -> Callable[[int, int], None]:
    ghostty: Any = imported("pyghostty", "pyghostty")

    def open_and_close(columns: int, rows: int) -> None:
        terminal = ghostty.Terminal(columns, rows)
        terminal.feed(LINE)
        terminal.close()

    return open_and_close


def of_pyte() -> Callable[[int, int], None]:
    pyte: Any = imported("pyte", "pyte")
    return lambda columns, rows: pyte.ByteStream(pyte.HistoryScreen(columns, rows)).feed(LINE)


OPENERS: dict[str, Callable[[], Callable[[int, int], None]]] = {
    "ghostpage": lambda: of_ghostpage,
    "libghostty-vt": of_libghostty,
    "pyte": of_pyte,
}


@pytest.mark.parametrize("size", [(80, 24), (300, 100)], ids=lambda size: "{}x{}".format(*size))
@pytest.mark.parametrize("name", OPENERS)
def test_open_print_a_line_and_close(name: str, size: tuple[int, int], benchmark: BenchmarkFixture) -> None:
    benchmark.group = "opened and closed, {}x{}".format(*size)
    memory.trim()
    before = memory.ledger().mappings
    try:
        open_and_close = OPENERS[name]()
    except Unavailable as reason:
        pytest.skip(str(reason))
    benchmark(open_and_close, *size)
    memory.trim()
    assert memory.ledger().mappings == before
