"""Many terminals in one process: what each costs while it is small, and while all are busy."""

from __future__ import annotations

import mmap
import sys
import textwrap

import pytest

from ghostpage import Arena, Limits, Screen, Terminal, memory, workloads
from variants import not_preloaded, run_python

PAGE = mmap.PAGESIZE
STANDARD = 256 * 1024
PROMPT = b"user@host:~$ make all && ./run --fast\r\n"
LINE = b"the quick brown fox jumps over the lazy dog\r\n"

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel")


# ---- small pages --------------------------------------------------------------------------------------------------------


def test_an_idle_terminal_has_one_page_of_the_system() -> None:
    with Arena() as arena:
        terminals = [Terminal(80, 24, arena=arena) for _ in range(200)]
        for terminal in terminals:
            terminal.feed(PROMPT)
        assert arena.memory.mapped == 200 * PAGE
        assert memory.ledger().small_mappings == 200
        assert {mapping.kind for mapping in memory.mappings()} == {"small"}
        for terminal in terminals:
            terminal.close()


def test_pages_grow_with_the_history_and_stay_in_proportion() -> None:
    with Arena() as arena, Terminal(80, 24, scrollback=Limits(), arena=arena) as terminal:
        for _ in range(400):
            terminal.feed(LINE * 100)
            use = terminal.memory
            assert use.mapped <= max(1.75 * use.used, 2 * PAGE) + PAGE
        sizes = [page.mapped for page in terminal.pages]
        assert sizes == sorted(sizes) and sizes[0] == PAGE and sizes[-1] == STANDARD
        assert all(size & (size - 1) == 0 for size in sizes)
        assert len(sizes) - sizes.count(STANDARD) <= 15
        assert [page.standard for page in terminal.pages] == [size == STANDARD for size in sizes]


@pytest.mark.parametrize("lines", [0, 30, 100, 300, 1000, 3000, 10_000, 40_000])
@pytest.mark.parametrize("policy", ["adaptive", "replace"])
def test_at_a_limit_pages_are_recycled_whatever_their_size(lines: int, policy: str) -> None:
    """History of any length settles: no page is mapped any more, and what is mapped is in proportion."""
    with Arena(policy=policy) as arena, Terminal(80, 24, scrollback=Limits(lines=lines), arena=arena) as terminal:
        terminal.feed(LINE * (3 * lines + 10_000))
        before = memory.ledger().total_mapped, terminal.counters
        terminal.feed(LINE * (4 * lines + 20_000))
        assert memory.ledger().total_mapped == before[0]
        assert terminal.counters.pages_recycled > before[1].pages_recycled
        assert terminal.counters.pages_from_pool == before[1].pages_from_pool
        needed = (lines + 24) * (len(LINE) + 3)
        assert terminal.memory.mapped <= max(5 * needed, needed + 2 * STANDARD if lines > 3000 else 3 * PAGE)


def test_a_grid_is_as_large_as_its_screen() -> None:
    with Arena() as arena, Screen(80, 24, arena=arena) as screen:
        screen.move(3, 3)
        assert screen.memory.grid <= 6 * PAGE
        assert memory.ledger().nonstandard_mappings == 0


def test_a_grid_whose_store_is_in_demand_gets_a_standard_page() -> None:
    with Arena() as arena, Terminal(80, 24, arena=arena) as terminal:
        terminal.feed(b"one\r\n\x1b[A")
        grown = terminal.counters.pages_grown
        for number in range(40):
            terminal.feed(b"\x1b[2H" + b"".join(b"\x1b[38;2;%d;%d;7mx" % (number, n % 256) for n in range(1700)))
        assert terminal.memory.grid == STANDARD
        assert terminal.counters.pages_grown - grown == 1 and terminal.counters.grids_squeezed < 15


def test_the_least_that_a_limit_in_bytes_leaves() -> None:
    """As docs/memory.md says."""
    line = b"x" * 90 + b"\r\n"
    with Arena(pool_cap=0) as arena, Terminal(120, 40, scrollback=Limits(bytes=0), arena=arena) as terminal:
        terminal.feed(line * 3000)
        assert (terminal.memory.mapped, terminal.memory.peak) == (2 * PAGE, 3 * PAGE)
        terminal.feed(b"\x1b[H" + b"".join(b"\x1b[%d;5Hover" % (n % 40) for n in range(300)))
        assert terminal.memory.mapped == 13 * PAGE
        terminal.feed(b"\x1b[40H" + line * 3000)
        assert terminal.memory.mapped == 2 * PAGE and terminal.memory.peak <= 15 * PAGE


def test_a_small_page_in_the_pool_is_wiped_and_serves_its_own_size() -> None:
    with Arena(pool_idle=float("inf")) as arena:
        with Terminal(arena=arena) as terminal:
            terminal.feed(LINE * 500)
            sizes = [page.mapped for page in terminal.pages]
        assert arena.memory.pooled_small == len(sizes)
        mapped = memory.ledger().total_mapped
        with Terminal(arena=arena) as terminal:
            terminal.feed(LINE * 500)
            assert [page.mapped for page in terminal.pages] == sizes
            assert terminal.text().count("fox") == 500
        assert memory.ledger().total_mapped == mapped


# ---- many ----------------------------------------------------------------------------------------------------------------


@on_linux
@not_preloaded
def test_what_an_idle_terminal_costs_all_included() -> None:
    """Python's objects, the core's and the pages, by the kernel's account, and how many mappings it has for them."""
    script = """
        import gc, resource
        from ghostpage import Terminal, memory

        def resident():
            with open("/proc/self/statm") as statm:
                return int(statm.read().split()[1]) * resource.getpagesize()

        def areas():
            with open("/proc/self/maps") as maps:
                return sum(1 for _ in maps)

        Terminal().feed("x")
        gc.collect()
        before, mapped = resident(), areas()
        terminals = [Terminal(80, 24) for _ in range(3000)]
        for terminal in terminals:
            terminal.feed(b"user@host:~$ make all && ./run --fast\\r\\n")
        each = (resident() - before) / len(terminals)
        assert each <= 12 * 1024, each
        assert memory.audit().resident <= 3001 * resource.getpagesize()
        assert areas() - mapped < 100, areas()
        for terminal in terminals[::2]:  # every other page in a row goes
            terminal.close()
        memory.trim()
        assert areas() - mapped < 1600, areas()
        assert memory.audit().ok
    """
    done = run_python(None, "-c", textwrap.dedent(script))
    assert done.returncode == 0, done.stderr


def test_busy_terminals_under_a_budget() -> None:
    """All print at once, of every kind: the bound is kept, nobody is refused, and each has its screen."""
    count, budget = 60, 60 * 64 * 1024  # a quarter of a standard page for each
    pieces = [workloads.generate(name, 48 * 1024) for name in workloads.names() if name != "huge_lines"]
    with Arena(limit=budget) as arena:
        terminals = [Terminal(80, 24, scrollback=Limits(), arena=arena) for _ in range(count)]
        for turn in range(60):
            for number, terminal in enumerate(terminals):
                piece = pieces[number % len(pieces)]
                at = 2048 * turn % len(piece)
                terminal.feed(piece[at : at + 2048])
            assert arena.memory.mapped <= budget
        assert arena.memory.peak <= budget and arena.memory.refusals == 0
        assert arena.memory.pages_reclaimed + sum(terminal.counters.pages_recycled for terminal in terminals) > 100
        assert all(any(row.text for row in terminal.screen) for terminal in terminals)
        assert all(terminal._violation() is None for terminal in terminals)
        for terminal in terminals:
            terminal.close()
