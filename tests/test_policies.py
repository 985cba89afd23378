"""Policies for pages that are not standard: sizes follow demand and leave with it, and nothing is mapped while it is steady.

All counts are exact; nothing is timed.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ghostpage import Arena, Limits, OutOfMemoryError, Terminal, memory
from ghostpage._faults import fail

PAGE = 4096
POLICIES = ("adaptive", "replace")
FAMILY = "👩\u200d👩\u200d👧\u200d👦"


def new_arena(policy: str = "adaptive", **options: object) -> Arena:
    return Arena(policy=policy, **{"standard_page": PAGE, "pool_idle": float("inf"), **options})  # type: ignore[arg-type]


def plain(pages: int) -> bytes:
    """Short lines that fill so many standard pages, about."""
    return b"a line of which many fit in a page, whatever its size\r\n" * (72 * pages)


def long(length: int) -> bytes:
    return b"long " * (length // 5) + b"\r\n"


def heavy(number: int, words: int = 90) -> bytes:
    """Emoji and links in a line of some 9 KB, or as many words."""
    word = "\x1b]8;;https://example.org/{}/{}\x1b\\{}❤️ {}\x1b]8;;\x1b\\ "
    return "".join(word.format(number % 10, n, FAMILY, n) for n in range(words)).encode() + b"\r\n"


def drawn(columns: int, rows: int) -> bytes:
    """A screen full of links and clusters, drawn in place."""
    row = "\x1b[{};1H\x1b]8;;https://example.org/{}\x1b\\" + (FAMILY + "x") * (columns // 3) + "\x1b]8;;\x1b\\"
    return "".join(row.format(y + 1, y) for y in range(rows)).encode()


def birth_class(need: int) -> int:
    """The size of a mapping for so many bytes on pages of 4 KiB: whole pages up to 16 KiB, then quarters."""
    step = PAGE
    while 8 * step <= need:
        step *= 2
    return max(PAGE, -(-need // step) * step)


# ---- what recurs is what pages are born with ----------------------------------------------------------------------------


def test_what_was_met_twice_may_be_chance() -> None:
    with new_arena() as arena, Terminal(arena=arena, scrollback=Limits()) as terminal:
        for count in range(1, 5):
            terminal.feed(long(10_000) + plain(1))
            demand = terminal.demand.text_pages
            assert (demand.beyond, demand.birth > 0) == (count, count >= 3)
        assert demand.birth == demand.recurring == demand.largest == 10_000 + 4 + 640  # its text, head and reserve
        terminal.feed(plain(20))  # the pool is empty, so that the kernel has to be asked anyhow
        assert terminal.pages[-2].mapped == birth_class(demand.birth) == 3 * PAGE


def test_the_largest_of_all_is_not_what_recurs() -> None:
    with new_arena() as arena, Terminal(arena=arena, scrollback=Limits()) as terminal:
        terminal.feed(b"".join(long(length) for length in (40_000, 6000, 30_000, 8000, 7000, 9000)) + plain(1))
        demand = terminal.demand.text_pages
        assert (demand.largest, demand.recurring, demand.birth) == (40_644, 9644, 9644)


@pytest.mark.parametrize("policy", POLICIES)
def test_a_long_line_moves_once(policy: str) -> None:
    """To a page of the size that is known to be needed, not through all sizes between."""
    with new_arena(policy) as arena, Terminal(arena=arena, scrollback=Limits()) as terminal:
        for _ in range(3):
            terminal.feed(long(50_000) + plain(3))
        before = terminal.counters
        for piece in range(0, 50_000, 500):  # as it comes from a slow program
            terminal.feed(long(500)[:-2])
        terminal.feed(b"\r\n")
        after = terminal.counters
        moved = policy == "replace"  # with adaptive it begins in a page that holds it
        assert after.copies - before.copies == after.nonstandard_born - before.nonstandard_born == moved
        assert after.pages_grown == before.pages_grown


# ---- and it is forgotten --------------------------------------------------------------------------------------------------


def weight(terminal: Terminal) -> int:
    """Standard pages' worth of closed pages, as windows count them."""
    return sum(min(8, page.mapped // PAGE) for page in terminal.pages[:-1])


def test_what_is_needed_no_more_is_forgotten_in_three_windows() -> None:
    with new_arena() as arena, Terminal(arena=arena, scrollback=Limits()) as terminal:
        terminal.feed(long(10_000) * 3 + plain(1))
        assert terminal.demand.text_pages.birth
        begun = weight(terminal)
        while terminal.demand.text_pages.birth and weight(terminal) - begun < 1000:
            terminal.feed(plain(1))
        assert 2 * 64 <= weight(terminal) - begun <= 3 * (64 + 2)  # a window ends with the page that fills it
        born = terminal.counters.nonstandard_born
        terminal.feed(plain(50))
        assert terminal.counters.nonstandard_born == born and terminal.pages[-2].standard


@pytest.mark.parametrize(
    ("first", "later", "rarely", "birth"),
    [
        (12_000, 7000, 0, 12_644),
        (12_000, 5600, 0, 6244),
        (6000, 500, 0, 0),
        (6000, 500, 5000, 6644),
    ],
)
def test_it_falls_only_to_half_or_when_nothing_is_beyond(first: int, later: int, rarely: int, birth: int) -> None:
    """So that sizes do not swing with output that does."""
    with new_arena() as arena, Terminal(arena=arena, scrollback=Limits()) as terminal:
        terminal.feed(long(first) * 3 + plain(1))
        assert terminal.demand.text_pages.birth == first + 644
        for number in range(240):
            terminal.feed(long(later) + (long(rarely) if rarely and number % 20 == 0 else b"") + plain(1))
        assert terminal.demand.text_pages.birth == birth


@pytest.mark.parametrize("policy", POLICIES)
def test_after_a_burst_all_pages_are_standard_again(policy: str) -> None:
    with new_arena(policy) as arena, Terminal(arena=arena, scrollback=Limits(lines=1000)) as terminal:
        terminal.feed(plain(40))
        for number in range(60):
            terminal.feed(heavy(number))
        assert terminal.memory.nonstandard and arena.memory.mapped > 60 * PAGE
        terminal.feed(plain(3 * (64 + 2) + 2 * 256 + 2 * 32 + 40))  # forgotten, not in the history nor waiting, and out of the pool
        assert terminal.demand.text_pages.birth == terminal.memory.nonstandard == arena.memory.pooled_nonstandard == 0
        assert all(page.standard for page in terminal.pages)
        before, pruned = memory.ledger(), terminal.counters.pages_pruned
        while terminal.counters.pages_pruned < pruned + 1000:
            terminal.feed(plain(50))
        after = memory.ledger()
        assert (after.total_mapped, after.total_unmapped) == (before.total_mapped, before.total_unmapped)


# ---- grids ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", POLICIES)
def test_grids_are_born_with_the_store_that_recent_ones_needed(policy: str) -> None:
    with new_arena(policy) as arena, Terminal(80, 24, arena=arena) as terminal:
        grown = []
        for _ in range(6):
            before = terminal.counters.pages_grown
            terminal.feed(b"\x1b[?1047h" + drawn(80, 24) + b"\x1b[?1047l")
            grown.append(terminal.counters.pages_grown - before)
        assert grown[0] and grown[3:] == [0, 0, 0]
        demand = terminal.demand.grids
        assert demand.beyond == demand.pages and demand.birth == demand.recurring > 2048
        assert demand.clusters > demand.links > 0 and demand.cells == demand.pages * 80 * 24 * 8

        terminal.resize(160, 48)  # what is known is a density
        before = terminal.counters.pages_grown
        terminal.feed(b"\x1b[?1047h" + drawn(160, 48) + b"\x1b[?1047l")
        assert terminal.counters.pages_grown == before

        for given_up in range(3 * 16):
            assert given_up >= 2 * 16 or terminal.demand.grids.birth
            terminal.feed(b"\x1b[?1047hplain\x1b[?1047l")
        assert terminal.demand.grids.birth == 0


# ---- nothing is mapped while demand is steady, also where it alternates --------------------------------------------------------


def short_lines(turn: int) -> bytes:
    return plain(20)


def heavy_lines(turn: int) -> bytes:
    return b"".join(heavy(turn * 7 + number) for number in range(7))


def heavy_and_plain(turn: int) -> bytes:
    return heavy_lines(turn) + plain(9)


def at_length(turn: int) -> bytes:
    return plain(20) if turn % 10 < 5 else heavy_lines(turn)


def one_long_among_many(turn: int) -> bytes:
    return plain(11) + long(20_000)


def all_lengths(turn: int) -> bytes:
    return b"".join(long(1000 + turn * 997 % 11 * 1000 + number * 1300) for number in range(8))


def an_alternate_screen(turn: int) -> bytes:
    return b"\x1b[?1047h" + drawn(80, 24) * 2 + b"\x1b[?1047l" + plain(5)


def an_edited_prompt(turn: int) -> bytes:
    return b"\x1b[2A\x1b[2K" + heavy(turn, 3) + b"\x1b[2B\r\n" + plain(5)


STEADY = (
    short_lines, heavy_lines, heavy_and_plain, at_length, one_long_among_many, all_lengths, an_alternate_screen,
    an_edited_prompt,
)  # fmt: skip


def prunes(terminal: Terminal, output: Callable[[int], bytes], pages: int, turn: int = 0) -> int:
    """Feeds whole cycles of ten turns until so many more pages were pruned."""
    target = terminal.counters.pages_pruned + pages
    while terminal.counters.pages_pruned < target or turn % 10:
        terminal.feed(output(turn))
        turn += 1
    return turn


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("output", STEADY)
def test_nothing_is_mapped_at_steady_state(output: Callable[[int], bytes], policy: str) -> None:
    with new_arena(policy) as arena, Terminal(80, 24, arena=arena, scrollback=Limits(lines=1000)) as terminal:
        turn = prunes(terminal, output, 600)
        before, counters = memory.ledger(), terminal.counters
        prunes(terminal, output, 1000, turn)
        after = memory.ledger()
        assert after.total_mapped - before.total_mapped == after.total_unmapped - before.total_unmapped == 0
        assert arena.memory.pooled <= 2 << 20
        if policy == "adaptive" and output is heavy_lines:
            assert terminal.counters.nonstandard_recycled - counters.nonstandard_recycled > 400


def test_a_limit_in_bytes_recycles_too() -> None:
    """There the pool has little room, so that a page of another size would cost a call to the kernel each time."""
    with new_arena() as arena, Terminal(80, 24, arena=arena, scrollback=Limits(bytes=200 * PAGE)) as terminal:
        turn = prunes(terminal, heavy_and_plain, 400)
        before = memory.ledger().total_mapped, terminal.counters.pages_pruned
        prunes(terminal, heavy_and_plain, 1000, turn)
        after = memory.ledger().total_mapped, terminal.counters.pages_pruned
        assert (after[0] - before[0]) * 50 <= after[1] - before[1]
        assert arena.memory.mapped <= 200 * PAGE


def test_what_recurs_costs_no_history() -> None:
    """Under a budget that has room for standard pages alone, pages are born standard before anybody gives up some."""
    with new_arena(limit=106 * PAGE) as arena:
        with Terminal(80, 24, arena=arena, scrollback=Limits()) as other:
            other.feed(plain(40))
            with Terminal(80, 24, arena=arena, scrollback=Limits()) as terminal:
                terminal.feed(long(60_000) * 3 + plain(2))
                room = 106 * PAGE - other.memory.mapped - terminal.memory.mapped
                assert 10 * PAGE <= room < birth_class(terminal.demand.text_pages.birth) == 16 * PAGE
                terminal.feed(plain(8))
                assert terminal.counters.pages_pruned == other.counters.pages_pruned == 0


def test_what_recurs_costs_no_call() -> None:
    """While the oldest page is standard, it becomes the next one, and none is mapped for what recurs."""
    with new_arena() as arena, Terminal(80, 24, arena=arena, scrollback=Limits(lines=2000)) as terminal:
        terminal.feed(plain(60) + long(10_000) * 3)
        mapped, recycled = memory.ledger().total_mapped, terminal.counters.pages_recycled
        terminal.feed(plain(20))
        assert terminal.demand.text_pages.birth
        assert memory.ledger().total_mapped == mapped and terminal.counters.pages_recycled - recycled >= 18


@pytest.mark.parametrize("policy", POLICIES)
def test_windows_that_alternate(policy: str) -> None:
    with new_arena(policy) as arena, Terminal(80, 24, arena=arena, scrollback=Limits(lines=1000)) as terminal:
        calls = []
        for _ in range(12):
            before = memory.ledger()
            for columns, rows in ((200, 50), (80, 24)):
                terminal.resize(columns, rows)
                terminal.feed(drawn(columns, rows) + b"\x1b[99H" + plain(8))
            after = memory.ledger()
            calls.append(after.total_mapped + after.total_unmapped - before.total_mapped - before.total_unmapped)
        assert calls[0] and not any(calls[-6:])


@pytest.mark.parametrize("pool_cap", [0, 2 << 20])
def test_replace_takes_a_page_that_is_not_standard_for_each_long_line_and_no_more(pool_cap: int) -> None:
    """A new one without a pool, as the historic fix had it; else one that was set aside."""
    with new_arena("replace", pool_cap=pool_cap) as arena, Terminal(80, 24, arena=arena, scrollback=Limits(lines=1000)) as terminal:
        for _ in range(50):
            terminal.feed(plain(4) + long(9000))
        before = terminal.counters
        for _ in range(100):
            terminal.feed(plain(4) + long(9000))
        after = terminal.counters
        born = after.nonstandard_born - before.nonstandard_born
        recycled = after.nonstandard_recycled - before.nonstandard_recycled
        assert (born, recycled) == ((0, 100) if pool_cap else (100, 0))
        assert after.pages_grown == before.pages_grown


# ---- pages that are set aside -----------------------------------------------------------------------------------------------


def spares(terminal: Terminal) -> list[int]:
    """Sizes of pages that hold nothing: those set aside."""
    return [page.mapped for page in terminal.pages if not page.used]


def in_turns(terminal: Terminal, turns: int = 60) -> None:
    """Long lines of several sizes among short ones, until some pages of history wait for their turn."""
    for turn in range(turns):
        terminal.feed(plain(4) + long(6000 + turn * 3 % 7 * 1500))


@pytest.mark.parametrize("policy", POLICIES)
def test_pages_that_do_not_suit_next_wait_in_the_terminal(policy: str) -> None:
    """Within half of the pool's cap, of which the pool keeps so much less; and none for ever."""
    cap = 20 * PAGE
    with new_arena(policy, pool_cap=cap) as arena, Terminal(80, 24, arena=arena, scrollback=Limits(lines=1000)) as terminal:
        most = 0
        for turn in range(200):
            terminal.feed(plain(4) + long(6000 + turn * 3 % 7 * 1500))
            waiting = spares(terminal)
            most = max(most, len(waiting))
            assert sum(waiting) <= cap // 2 and len(waiting) <= 16
            assert sum(waiting) + arena.memory.pooled <= cap
            assert sum(page.mapped for page in terminal.pages) == terminal.memory.mapped
        assert most > 2
        recycled = terminal.counters.pages_recycled
        while spares(terminal) and terminal.counters.pages_recycled < recycled + 2000:
            terminal.feed(plain(1))
        assert terminal.counters.pages_recycled - recycled <= 3 * (64 + 2) + 256 + 2


GIVES_UP: dict[str, Callable[[Terminal], object]] = {
    "trim": Terminal.trim,
    "clear_history": Terminal.clear_history,
    "wiping": lambda it: it.clear_history(wipe=True),
    "trim of the arena": lambda it: it.arena.trim(),
    "a limit in bytes": lambda it: setattr(it, "limits", Limits(lines=1000, bytes=1 << 30)),
    "a budget": lambda it: setattr(it.arena, "limit", 1 << 30),
}


@pytest.mark.parametrize("way", GIVES_UP)
def test_what_gives_memory_back_leaves_nothing_waiting(way: str) -> None:
    with new_arena("replace") as arena, Terminal(80, 24, arena=arena, scrollback=Limits(lines=1000)) as terminal:
        in_turns(terminal)
        assert spares(terminal)
        GIVES_UP[way](terminal)
        assert not spares(terminal) and memory.audit().ok
        in_turns(terminal)
        assert bool(spares(terminal)) is ("limit" not in way and "budget" not in way)


def test_the_pool_has_its_cap_again_when_nothing_waits() -> None:
    with new_arena("replace", pool_cap=64 * PAGE) as arena:
        with Terminal(80, 24, arena=arena, scrollback=Limits(lines=1000)) as terminal:
            in_turns(terminal)
            assert spares(terminal)
        with Terminal(80, 24, arena=arena, scrollback=Limits()) as terminal:
            terminal.feed(plain(100))
        assert arena.memory.pooled == 64 * PAGE


def test_a_snapshot_has_nothing_of_what_waits() -> None:
    with new_arena("replace") as arena, Terminal(80, 24, arena=arena, scrollback=Limits(lines=1000)) as terminal:
        in_turns(terminal)
        waiting = spares(terminal)
        with terminal.snapshot():
            assert waiting and memory.audit().ok
        assert spares(terminal) == waiting and memory.audit().ok


def test_what_waits_is_given_up_before_memory_is_lacking() -> None:
    with new_arena("replace") as arena, Terminal(80, 24, arena=arena, scrollback=Limits(lines=1000)) as terminal:
        in_turns(terminal)
        assert spares(terminal)
        with fail("mapping", 1, lasting=True) as fault, pytest.raises(OutOfMemoryError):
            terminal.resize(400, 100)
            terminal.feed("\x1b[Hx")  # a grid, which no page that waits is large enough for
        assert fault.hits and not spares(terminal)


@pytest.mark.skipif("libasan" in os.environ.get("LD_PRELOAD", ""), reason="what is in the pool may not be read there")
def test_what_waits_is_wiped_when_it_leaves_the_terminal() -> None:
    secret = b"hunter2 "
    with new_arena("replace") as arena, Terminal(80, 24, arena=arena, scrollback=Limits(lines=500)) as terminal:
        for turn in range(60):
            terminal.feed((secret * 20 + b"\r\n") * 12 + secret * (700 + turn * 3 % 7 * 200) + b"\r\n")
        assert spares(terminal)
        arena.limit = 1 << 30  # so that they go to the pool, and it keeps them
        pooled = [mapping for mapping in memory.mappings() if mapping.pooled]
        assert pooled and not any(any(ctypes.string_at(mapping.address, mapping.length)) for mapping in pooled)


# ---- whatever comes -------------------------------------------------------------------------------------------------------

ACTIONS = st.one_of(
    st.tuples(st.just("plain"), st.integers(1, 6)),
    st.tuples(st.just("long"), st.integers(100, 60_000)),
    st.tuples(st.just("heavy"), st.integers(1, 400)),
    st.tuples(st.just("resize"), st.integers(1, 300), st.integers(1, 60)),
    st.tuples(st.just("draw"), st.integers(1, 3)),
    st.tuples(st.just("alternate"), st.booleans()),
    st.tuples(st.just("limits"), st.sampled_from([None, 0, 30, 500]), st.sampled_from([None, 60 * PAGE, 400 * PAGE])),
    st.tuples(st.just("clear")),
)


def act(terminal: Terminal, action: tuple, number: int) -> None:  # type: ignore[type-arg]
    match action:
        case ("plain", pages):
            terminal.feed(plain(pages))
        case ("long", length):
            terminal.feed(long(length)[: length // 2])
            terminal.feed(long(length)[length // 2 :])
        case ("heavy", words):
            terminal.feed(heavy(number, words))
        case ("resize", columns, rows):
            terminal.resize(columns, rows)
        case ("draw", times):
            terminal.feed(drawn(min(80, terminal.columns), min(24, terminal.rows)) * times)
        case ("alternate", on):
            terminal.feed(b"\x1b[?1047" + (b"h" if on else b"l"))
        case ("limits", lines, size):
            terminal.limits = Limits(lines=lines, bytes=size)
        case ("clear",):
            terminal.clear_history()


@settings(max_examples=40, deadline=None)
@given(st.lists(ACTIONS, min_size=5, max_size=40), st.sampled_from([0, 8 * PAGE, 100 * PAGE]))
def test_policies_cannot_be_told_apart_and_every_mapping_is_owned(actions: list, cap: int) -> None:  # type: ignore[type-arg]
    """Both policies and a page that all fits: the same rows; and at every step caps are kept and accounts agree."""
    baseline = memory.ledger().bytes
    arenas = [new_arena(policy, pool_cap=cap) for policy in POLICIES] + [Arena(standard_page=1 << 22, pool_idle=float("inf"))]
    terminals = [Terminal(80, 24, arena=arena, scrollback=Limits(lines=300)) for arena in arenas]
    for number, action in enumerate(actions):
        for terminal, arena in zip(terminals, arenas, strict=True):
            if arena is not arenas[2] or action[0] != "limits" or action[2] is None:
                act(terminal, action, number)
        for terminal, arena in zip(terminals[:2], arenas, strict=False):
            assert arena.memory.pooled <= cap
            assert terminal.memory.mapped + arena.memory.pooled == arena.memory.mapped
            large = [page for page in terminal.pages if not page.standard]
            counters = terminal.counters
            assert counters.nonstandard_born - counters.nonstandard_retired == len(large)
            assert terminal._violation() is None
        assert memory.ledger().bytes - baseline == sum(arena.memory.mapped for arena in arenas)
        one, other = (screen_of(terminal) for terminal in terminals[:2])
        assert one == other
        if not any(action[0] == "limits" and action[2] for action in actions[: number + 1]):
            assert one == screen_of(terminals[2])
            assert terminals[0].text() == terminals[1].text() == terminals[2].text()
    assert memory.audit().ok
    for closing in (*terminals, *arenas):
        closing.close()
    assert memory.ledger().bytes == baseline


def screen_of(terminal: Terminal) -> list[object]:
    return [(row.text, row.wrapped, [(run.text, run.link) for run in row.runs]) for row in terminal.screen]


@pytest.fixture(autouse=True)
def in_order() -> Iterator[None]:
    """Mappings that other tests have left in pools would be counted."""
    memory.trim()
    yield
