"""Memory goes back to the system: what the kernel says is resident, after all that makes less of it needed."""

from __future__ import annotations

import mmap
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ghostpage import Arena, Limits, Screen, Terminal, memory
from ghostpage._faults import fail

PAGE = mmap.PAGESIZE
LINE = b"\x1b[1mthe quick\x1b[m brown \x1b]8;;https://example.org/fox\x1b\\fox\x1b]8;;\x1b\\ jumps over the lazy dog \xf0\x9f\xa6\x8a\r\n"

HUGE = Path("/sys/kernel/mm/transparent_hugepage/enabled")

pytestmark = [
    pytest.mark.skipif(
        sys.platform != "linux" or memory.audit().resident is None, reason="the kernel does not say what is resident"
    ),
    pytest.mark.skipif(
        HUGE.exists() and "[always]" in HUGE.read_text(), reason="the kernel gives huge pages where small ones are touched"
    ),
]


def resident() -> int:
    """Of all our mappings, pooled ones included."""
    found = memory.audit()
    assert found.ok and found.resident is not None
    return found.resident


def needed(buffer: Terminal | Screen) -> int:
    """What its rows take, each a line, as one that never had others shows; its grids; and the ends of pages of the system,
    as each of ours is filled from both ends."""
    pages = buffer.pages
    with Terminal(80, 24, scrollback=Limits()) as twin:
        twin.feed(LINE * (len(buffer.history) + 24))
        lines = twin.memory.used
    return lines + sum(page.used for page in pages if page.kind == "grid") + 2 * PAGE * len(pages)


def tight(buffer: Terminal | Screen) -> None:
    """The buffer is the only one there is."""
    now = resident()
    bound = needed(buffer)
    memory.trim()
    assert now <= 1.05 * bound, (now, bound, buffer, buffer.pages)


@pytest.fixture
def arena():
    with Arena(pool_idle=float("inf")) as made:
        yield made


LESS: dict[str, Callable[[Terminal], object]] = {
    "clear_history": Terminal.clear_history,
    "trim": Terminal.trim,
    "a lower limit in lines": lambda it: setattr(it, "limits", Limits(lines=10)),
    "a lower limit in bytes": lambda it: (setattr(it, "limits", Limits(bytes=0)), it.trim()),
    "erased by the program": lambda it: (it.feed(b"\x1b[3J"), it.trim()),
    "a reset": lambda it: (it.feed(b"\x1bc"), it.trim()),
}

STATES = {
    "text": b"",
    "a grid": b"one\r\n\x1b[A\x1b[42medited",
    "the alternate screen": b"\x1b[?1049hthere\x1b[?1049l\r\nmore",
    "a long line": b"word " * 30,
}


@pytest.mark.parametrize("policy", ["adaptive", "replace"])
@pytest.mark.parametrize("lines", [300, 3000, 30_000])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("less", LESS)
def test_what_is_not_needed_goes_at_once(less: str, state: str, lines: int, policy: str) -> None:
    with Arena(policy=policy, pool_idle=float("inf")) as arena:
        with Terminal(80, 24, scrollback=Limits(lines=lines // 2), arena=arena) as terminal, Terminal(80, 24) as twin:
            for each in (terminal, twin):
                each.feed(LINE * lines + STATES[state])
            LESS[less](terminal)
            assert terminal.memory.grid == 0 or less != "trim" or "alternate" in state  # which keeps what it showed
            if less != "trim":
                assert len(terminal.history) <= 10 or less == "a lower limit in bytes"
            screen = [(row.text, row.wrapped, row.runs) for row in terminal.screen]
            if less != "a reset":
                assert screen == [(row.text, row.wrapped, row.runs) for row in twin.screen]
            twin.close()
            memory.trim()
            tight(terminal)
            assert terminal._violation() is None
            terminal.feed(b"\r\n" + LINE * 40)
            assert len(terminal.history) >= 5 and terminal._violation() is None


def test_pages_move_to_their_size_when_history_is_cleared(arena: Arena) -> None:
    with Terminal(80, 24, scrollback=Limits(), arena=arena) as terminal:
        terminal.feed(LINE * 20_000)
        text = [row.runs for row in terminal.screen]
        numbers = [row.line for row in terminal.screen]
        terminal.clear_history()
        assert len(terminal.pages) <= 2 and terminal.memory.mapped <= 8 * PAGE
        assert [row.runs for row in terminal.screen] == text and [row.line for row in terminal.screen] == numbers
        assert terminal.next_line == 20_001
        tight(terminal)


def test_a_snapshot_keeps_what_it_holds(arena: Arena) -> None:
    with Terminal(80, 24, scrollback=Limits(lines=3000), arena=arena) as terminal:
        terminal.feed(LINE * 5000)
        with terminal.snapshot() as snapshot:
            text, mapped = snapshot.text(), memory.ledger().bytes
            terminal.trim()
            terminal.clear_history()
            assert memory.ledger().bytes <= mapped  # to copy what stays mapped anyway would cost more
            assert snapshot.text() == text and memory.audit().ok
            terminal.feed(LINE * 50)
        terminal.trim()
        tight(terminal)


def test_closing_leaves_nothing_resident(arena: Arena) -> None:
    terminals = [Terminal(80, 24, arena=arena) for _ in range(30)]
    for terminal in terminals:
        terminal.feed(LINE * 500 + b"\x1b[A")
    for terminal in terminals:
        terminal.close()
    assert arena.memory.pooled > 20 * PAGE and resident() == 0


def test_a_new_page_costs_what_it_holds_also_out_of_the_pool(arena: Arena) -> None:
    Terminal(80, 24, arena=arena, scrollback=Limits()).feed(LINE * 20_000)
    assert arena.memory.pooled_standard
    with Terminal(80, 24, arena=arena, scrollback=Limits()) as terminal:
        terminal.feed(LINE * 9000)
        assert terminal.counters.pages_from_pool
        tight(terminal)


def test_a_burst_leaves_nothing_when_it_is_trimmed(arena: Arena) -> None:
    """The page that is written was another before, and the oldest holds rows that are hidden already."""
    with Terminal(80, 24, scrollback=Limits(lines=2000), arena=arena) as terminal:
        terminal.feed(LINE * 50_000)
        before = resident()
        arena.trim()
        assert resident() <= before
        terminal.trim()
        tight(terminal)
        assert len(terminal.history) == 2000


def test_grids_give_back_what_their_store_left() -> None:
    """A squeezed grid lies in the mapping of the one before the last, whose store was full."""
    with Arena(pool_idle=float("inf")) as arena, Screen(80, 24, arena=arena) as screen:
        number = 0
        while screen.counters.grids_squeezed < 6:
            screen.move(0, number % 20)
            screen.link = f"https://example.org/{number}/" + "long" * 100
            screen.write("x")
            number += 1
        arena.trim()
        tight(screen)


def test_without_memory_to_move_to_nothing_moves() -> None:
    with Arena(pool_cap=0) as arena, Terminal(80, 24, scrollback=Limits(), arena=arena) as terminal:
        terminal.feed(LINE * 5000)
        screen = [row.runs for row in terminal.screen]
        for kind in ("mapping", "allocation"):
            memory.trim()
            with fail(kind, 1, lasting=True) as fault:
                terminal.clear_history()
            assert fault.hits and len(terminal.history) == 0
            assert [row.runs for row in terminal.screen] == screen and memory.audit().ok
            terminal.feed(LINE * 5000)
            screen = [row.runs for row in terminal.screen]


def test_an_idle_pool_goes_at_the_next_call() -> None:
    with Arena(pool_idle=0.01) as arena:
        with Terminal(80, 24, arena=arena) as terminal:
            terminal.feed(LINE * 3000)
        while arena.memory.pooled:  # looks at the clock
            pass
        assert memory.ledger().mappings == 0 and resident() == 0
