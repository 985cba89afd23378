"""One budget for many terminals: who gives way to whom, and that it is never exceeded."""

from __future__ import annotations

import contextlib
import mmap
import random
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ghostpage import Arena, Limits, OutOfMemoryError, Screen, Snapshot, Terminal, memory
from variants import ROOT, program

PAGE = mmap.PAGESIZE
LINE = b"the quick brown fox jumps over the lazy dog\r\n"
UNLIMITED = Limits()


def budget(pages: int, **options: object) -> Arena:
    return Arena(limit=pages * PAGE, standard_page=PAGE, **{"pool_idle": float("inf"), **options})  # type: ignore[arg-type]


def output(pages: float) -> bytes:
    """Lines that fill so many pages."""
    return LINE * int(pages * (PAGE - 64) / (len(LINE) + 3))


def opened(arena: Arena, pages: float = 0.05, **options: object) -> Terminal:
    terminal = Terminal(60, 5, scrollback=UNLIMITED, arena=arena, **options)  # type: ignore[arg-type]
    terminal.feed(output(pages))
    return terminal


def sound(arena: Arena) -> None:
    audit = memory.audit()
    assert audit.ok, audit
    use = arena.memory
    assert arena.limit is None or use.mapped <= arena.limit
    assert use.mapped - use.pooled - use.adopted >= 0


# ---- the ladder -----------------------------------------------------------------------------------------------------


def test_the_largest_gives_way_not_the_one_that_asks() -> None:
    with budget(64) as arena, opened(arena, 2) as quiet, opened(arena, 80) as flood:
        assert arena.memory.mapped == arena.limit
        rows, before = len(quiet.history), len(flood.history)
        for _ in range(10):
            quiet.feed(output(1))
        assert len(quiet.history) == rows + 10 * output(1).count(b"\n")
        assert quiet.counters.rows_pruned == 0
        assert len(flood.history) < before
        assert arena.memory.pages_reclaimed == 10 and arena.memory.refusals == 0
        sound(arena)


@pytest.mark.parametrize("policy", ["adaptive", "replace"])
def test_a_flood_costs_nobody_else_a_row(policy: str) -> None:
    """Ten terminals with a little history, one that never stops: it prunes itself alone."""
    with budget(100, policy=policy) as arena:
        quiet = [opened(arena, 3) for _ in range(10)]
        texts = [terminal.text() for terminal in quiet]
        with opened(arena) as flood:
            flood.feed(output(500))
            assert arena.memory.peak == 100 * PAGE
            assert [terminal.text() for terminal in quiet] == texts
            assert flood.memory.mapped >= 60 * PAGE
            assert flood.counters.rows_pruned == flood.counters.rows_pruned_budget > 30_000
            assert flood.counters.pages_recycled > 400  # its oldest page as it lies: no system call, no lock of another
            sound(arena)
        for terminal in quiet:
            terminal.close()


def test_floods_share_alike() -> None:
    with budget(200) as arena:
        floods = [opened(arena) for _ in range(4)]
        for number in range(800):
            floods[number % 4 if number % 3 else 0].feed(output(0.5 + 0.4 * (number % 4)))
        sizes = [flood.memory.mapped // PAGE for flood in floods]
        assert max(sizes) - min(sizes) <= 2 and sum(sizes) >= 195
        sound(arena)
        for flood in floods:
            flood.close()


def test_pooled_pages_go_first() -> None:
    with budget(40) as arena, opened(arena, 10) as keeper:
        opened(arena, 25).close()
        pooled = arena.memory.pooled // PAGE
        rows = len(keeper.history)
        assert pooled > 22
        with Screen(200, 20, scrollback=UNLIMITED, arena=arena) as large:
            large.move(3, 3)  # a grid of ten pages
            assert arena.memory.pooled <= (pooled - 6) * PAGE
            assert len(keeper.history) == rows and arena.memory.pages_reclaimed == 0
            sound(arena)


def test_idle_grids_become_text_before_history_goes() -> None:
    with budget(64, pool_idle=0) as arena:
        idle = opened(arena)
        idle.feed(b"one\r\n\x1b[Atwo\r\n")
        assert idle.memory.grid
        text = idle.text()
        with opened(arena, 80) as other:  # looks at it twice at least, with nothing written in between
            assert idle.memory.grid == 0 and arena.memory.grids_settled == 1
            assert idle.text() == text
            idle.feed(b"\x1b[Hthree\x1b[5;1H")  # written: not idle any more
            assert idle.memory.grid
            other.feed(output(1))
            assert idle.memory.grid
            sound(arena)
        idle.close()


def test_nobody_is_pruned_below_the_floor() -> None:
    floor = 10 * PAGE - 100  # a page less would be below
    with budget(60, floor=floor) as arena:
        terminals = [opened(arena, 20) for _ in range(3)]
        with pytest.raises(OutOfMemoryError, match=f"the limit of {60 * PAGE} bytes of the arena"):
            for _ in range(4):
                terminals.append(opened(arena))
                terminals[-1].feed(output(12))
        assert [terminal.memory.mapped // PAGE for terminal in terminals] == [10] * 6
        assert arena.memory.refusals == 1 and arena.floor == floor
        sound(arena)
        for terminal in terminals:
            terminal.close()


def test_screens_alone_fill_a_budget() -> None:
    """Without history to give, the next terminal is refused, and each has its screen."""
    with budget(8) as arena:
        terminals = [opened(arena) for _ in range(8)]
        for _ in range(3):
            with pytest.raises(OutOfMemoryError):
                opened(arena)
        assert arena.memory.refusals == 3
        assert all(terminal.text().startswith("the quick") for terminal in terminals)
        terminals.pop().close()
        opened(arena).close()
        sound(arena)
        for terminal in terminals:
            terminal.close()


def test_what_can_never_fit_costs_nobody_anything() -> None:
    with budget(50) as arena, opened(arena, 60) as keeper, opened(arena) as asker:
        rows = len(keeper.history)
        with pytest.raises(OutOfMemoryError):
            asker.resize(10_000, 100)
            asker.feed(b"\x1b[H")
        assert len(keeper.history) == rows
        sound(arena)


# ---- whoever asks -----------------------------------------------------------------------------------------------------


def saved(folder: Path) -> Path:
    with Terminal(30, 4) as terminal:
        terminal.feed(output(2) + b"\x1b[Hedited")
        terminal.save(folder / "saved")
    return folder / "saved"


def edit(arena: Arena, act: Callable[[Screen], object]) -> None:
    with Screen(60, 10, arena=arena) as screen:
        screen.write("text " * 50)
        act(screen)


def both_screens(arena: Arena) -> Terminal:
    terminal = opened(arena)
    terminal.feed(b"\x1b[Hedited\x1b[?1049hthere")
    return terminal


ASKERS: dict[str, Callable[[Arena, Path], object]] = {
    "new terminals": lambda arena, folder: [opened(arena) for _ in range(9)],
    "a grid from the start": lambda arena, folder: opened(arena, _mode="grid"),
    "feed": lambda arena, folder: opened(arena).feed(output(9)),
    "a long line": lambda arena, folder: opened(arena).feed(b"word " * 5000),
    "editing": lambda arena, folder: opened(arena).feed(b"\x1b[3;3Hedited"),
    "the alternate screen": lambda arena, folder: both_screens(arena),
    "a larger size": lambda arena, folder: opened(arena, 2).resize(200, 20),
    "both screens resized": lambda arena, folder: both_screens(arena).resize(90, 9),
    "write": lambda arena, folder: edit(arena, lambda screen: screen.write("more " * 2000)),
    "a move": lambda arena, folder: edit(arena, lambda screen: screen.move(0, 0)),
    "a region": lambda arena, folder: edit(arena, lambda screen: screen.set_region(2, 4)),
    "a mode": lambda arena, folder: opened(arena)._set_mode("grid"),
    "a snapshot": lambda arena, folder: opened(arena, 2).snapshot().close(),
    "a snapshot of grids": lambda arena, folder: both_screens(arena).snapshot().close(),
    "a file": lambda arena, folder: Terminal.load(saved(folder), arena=arena).close(),
}


@pytest.mark.parametrize("floor", [0, 8 * PAGE])
@pytest.mark.parametrize("asker", ASKERS)
def test_room_is_made_for_every_call(asker: str, floor: int, tmp_path: Path) -> None:
    with budget(100, floor=floor) as arena, opened(arena, 110) as keeper:
        assert arena.memory.mapped == 100 * PAGE
        pruned = keeper.counters.rows_pruned
        ASKERS[asker](arena, tmp_path)
        assert keeper.counters.rows_pruned_budget > pruned and arena.memory.refusals == 0
        assert arena.memory.peak <= 100 * PAGE and keeper.memory.mapped > 70 * PAGE
        sound(arena)


def test_a_terminal_alone_prunes_itself() -> None:
    with budget(40) as arena, opened(arena, 60) as terminal:
        terminal.resize(100, 20)
        terminal.feed(b"\x1b[Hedited")
        assert terminal.screen[0].text.startswith("edited")
        assert terminal.counters.rows_pruned_budget > 1000 and arena.memory.peak == 40 * PAGE
        sound(arena)


def test_room_that_was_made_is_held_for_who_asked() -> None:
    """In C, where another asks between two tries of a call; and what is left of it when the call fails is given back."""
    grants = program("grants", [ROOT / "tests" / "layers" / "grants.c"], layer="memory")
    assert subprocess.run([str(grants)], timeout=60).returncode == 0


# ---- snapshots --------------------------------------------------------------------------------------------------------


def test_pages_that_snapshots_share_are_no_gain() -> None:
    """The largest terminal is all in a snapshot: pruning it frees nothing, so that the next one gives way."""
    with budget(100) as arena, opened(arena, 60) as shared, opened(arena, 39) as other:
        with shared.snapshot() as snapshot:
            rows, others = len(shared.history), len(other.history)
            assert shared.memory.mapped > other.memory.mapped
            with opened(arena, 10) as asker:
                assert len(shared.history) == rows and asker.counters.rows_pruned == 0
                assert len(other.history) < others
                assert len(snapshot.history) == rows
                shared.feed(output(6))  # which the snapshot does not hold: to have them all others would have to go
                rows = len(shared.history)
                asker.feed(output(4))
                assert len(shared.history) == rows and asker.counters.rows_pruned == 0
                sound(arena)
        opened(arena, 30).close()
        assert len(shared.history) < rows
        sound(arena)


def test_snapshots_count() -> None:
    with budget(30) as arena, opened(arena, 20) as terminal:
        with terminal.snapshot() as snapshot:
            text = snapshot.text()
            terminal.clear_history()
            assert arena.memory.adopted > 17 * PAGE
            terminal.feed(output(20))
            assert arena.memory.mapped <= 30 * PAGE and terminal.memory.mapped < 12 * PAGE
            assert snapshot.text() == text
            sound(arena)
        assert arena.memory.adopted == 0
        terminal.feed(output(20))
        assert terminal.memory.mapped > 20 * PAGE
        sound(arena)


# ---- limits that change -----------------------------------------------------------------------------------------------


def test_a_lower_budget_reclaims_at_once_from_the_largest() -> None:
    with budget(1000) as arena:
        terminals = [opened(arena, pages) for pages in (9.5, 90, 200)]
        small = terminals[0].text()
        for pages in (250, 100, 40, 12):
            arena.limit = pages * PAGE
            sizes = sorted(terminal.memory.mapped // PAGE for terminal in terminals)
            assert pages - 1 <= sum(sizes) <= pages
            assert terminals[0].text() == small if pages > 30 else sizes == [4, 4, 4]
            assert pages == 250 or sizes[-1] - sizes[-2] <= 1
            sound(arena)
        arena.limit = PAGE  # less than their screens, which stay; nobody gets another page
        assert all(terminal.screen[-2].text.startswith("the quick") for terminal in terminals)
        assert max(terminal.memory.mapped // PAGE for terminal in terminals) <= 2
        with pytest.raises(OutOfMemoryError):
            terminals[1].feed(output(3))
        arena.limit = None
        terminals[1].feed(output(10))
        assert terminals[1].memory.mapped >= 10 * PAGE
        for terminal in terminals:
            terminal.close()


def test_the_reasons_add_up() -> None:
    with budget(60) as arena, opened(arena) as terminal, opened(arena, 2) as other:
        terminal.limits = Limits(lines=500)
        terminal.feed(output(20))
        terminal.limits = Limits(lines=400)
        terminal.limits = Limits(bytes=20 * PAGE)
        terminal.feed(output(40))
        terminal.limits = UNLIMITED
        terminal.feed(output(100))
        terminal.clear_history()
        terminal.feed(output(1) + b"\x1b[3J" + output(1) + b"\x1bc")
        counters = terminal.counters
        reasons = [getattr(counters, f"rows_pruned_{cause}") for cause in ("lines", "bytes", "budget", "clear")]
        assert all(reasons) and sum(reasons) == counters.rows_pruned
        assert other.counters.rows_pruned == 0
        sound(arena)


# ---- threads ------------------------------------------------------------------------------------------------------------


def test_one_that_is_busy_is_waited_for() -> None:
    """The largest is being read, again and again, by another thread: it gives way all the same, and no other does."""
    with budget(500) as arena, opened(arena, 600) as busy, opened(arena, 30) as bystander:
        stop, began = threading.Event(), threading.Event()

        def read() -> None:
            while not stop.is_set():
                busy.text()
                began.set()

        thread = threading.Thread(target=read)
        thread.start()
        began.wait()
        before = busy.counters.rows_pruned_budget
        with opened(arena, 50) as asker:
            assert asker.counters.rows_pruned == bystander.counters.rows_pruned == 0
        stop.set()
        thread.join()
        assert busy.counters.rows_pruned_budget > before + 3000
        sound(arena)


def test_many_threads_in_one_budget() -> None:
    """They print, edit, resize, take snapshots, open and close, and the limit changes: it is kept, and nobody waits for ever."""
    high, low = 400, 200
    problems: list[object] = []
    refused = [0]
    stop = threading.Event()
    with budget(high) as arena:
        peaks = []

        def work(seed: int) -> None:
            rng = random.Random(seed)
            terminals = [opened(arena) for _ in range(3)]
            try:
                for _ in range(150):
                    terminal = rng.choice(terminals)
                    try:
                        act = rng.randrange(10)
                        if act < 5:
                            terminal.feed(output(rng.randrange(20)))
                        elif act == 5:
                            terminal.feed(b"\x1b[H\x1b[44medited\x1b[m\x1b[5;1H")
                        elif act == 6:
                            terminal.resize(rng.randrange(1, 90), rng.randrange(1, 12))
                        elif act == 7:
                            with terminal.snapshot() as snapshot:
                                terminal.feed(output(1))
                                snapshot.text()
                        elif act == 8:
                            terminals.remove(terminal)
                            terminal.close()
                            terminals.append(opened(arena))
                        else:
                            terminal.feed(b"\x1b[?1049h\x1b[3;3Hthere\x1b[?1049l" + b"word " * rng.randrange(3000))
                    except OutOfMemoryError:
                        refused[0] += 1
                        if len(terminals) < 3:
                            terminals.append(opened(arena))
                    if terminal.closed is False and terminal._violation():
                        problems.append(terminal._violation())
            except Exception as error:
                problems.append(error)
            finally:
                for terminal in terminals:
                    terminal.close()

        def squeeze() -> None:
            rng = random.Random(9)
            while not stop.is_set():
                limit = rng.randrange(low, high)
                arena.limit = limit * PAGE
                audit = memory.audit()
                if not (audit.owners_agree and audit.sums_agree) or audit.orphans or audit.double_owned:
                    problems.append(audit)
                peaks.append(memory.ledger().bytes)

        base = memory.ledger().bytes
        memory.reset_peak()
        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
        squeezer = threading.Thread(target=squeeze)
        for thread in (*threads, squeezer):
            thread.start()
        for thread in threads:
            thread.join()
        stop.set()
        squeezer.join()
        assert problems == []
        assert arena.memory.peak <= high * PAGE
        assert memory.ledger().peak_bytes - base <= high * PAGE
        assert refused[0] == 0, "each of 18 has room for screen and grid, so that nobody need be refused"
        assert arena.memory.mapped == arena.memory.pooled
        sound(arena)


def test_the_audit_walks_no_terminal_that_is_not_there_yet() -> None:
    """Snapshots and terminals that are refused a page are tried again, and closed, while two audits look on."""
    with budget(400) as arena, Terminal(20, 4, scrollback=Limits(lines=300), arena=arena) as terminal:
        terminal.feed(b"hello\r\n" * 500)
        arena.limit = arena.memory.mapped + PAGE
        working = threading.Semaphore(0)
        audits: list[bool] = []

        def repeat(made: Callable[[], Terminal | Snapshot]) -> None:
            for _ in range(10_000):
                with contextlib.suppress(OutOfMemoryError):
                    made().close()
            working.release()

        def look() -> None:
            while working._value < 2:  # type: ignore[attr-defined]
                audits.append(memory.audit().ok)

        makers = (terminal.snapshot, lambda: Terminal(20, 4, arena=arena))
        threads = [threading.Thread(target=repeat, args=(made,)) for made in makers]
        threads += [threading.Thread(target=look) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert audits and all(audits)


# ---- what limits come to ------------------------------------------------------------------------------------------------


def test_limits_as_set_and_as_they_come_out() -> None:
    with budget(60) as arena, opened(arena) as terminal:
        assert terminal.limits == UNLIMITED and terminal.limits.pruned_by is None
        assert terminal.limits.effective == Limits(bytes=60 * PAGE)

        terminal.limits = Limits(lines=100)
        terminal.feed(output(10))
        assert terminal.limits == Limits(lines=100) and terminal.limits.pruned_by == "lines"
        assert terminal.limits.effective == Limits(lines=100, bytes=60 * PAGE)

        terminal.limits = Limits(lines=100_000, bytes=20 * PAGE)
        assert terminal.limits.effective == Limits(lines=100_000, bytes=20 * PAGE) and terminal.limits.pruned_by is None
        terminal.feed(output(40))
        assert terminal.limits == Limits(lines=100_000, bytes=20 * PAGE) and terminal.limits.pruned_by == "bytes"
        assert terminal.limits.effective == Limits(lines=len(terminal.history), bytes=20 * PAGE)

        terminal.limits = UNLIMITED
        terminal.feed(output(90))
        assert terminal.limits.pruned_by == "budget"
        assert terminal.limits.effective == Limits(lines=len(terminal.history), bytes=60 * PAGE)
        terminal.clear_history()
        assert terminal.limits.pruned_by == "budget", "clearing is no limit"

        terminal.limits = Limits(bytes=0)
        assert terminal.limits.effective.bytes == terminal.memory.mapped > 0
        terminal.limits = terminal.limits  # what is told can be set
        assert terminal.limits == Limits(bytes=0) and hash(terminal.limits) == hash(Limits(bytes=0))
        assert terminal.limits != Limits() and terminal.limits != "limits"
    arena = budget(60)
    with opened(arena) as terminal:
        arena.close()
        assert terminal.limits.effective == UNLIMITED
