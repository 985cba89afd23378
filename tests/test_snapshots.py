"""Snapshots: what was, while the terminal goes on; and who owns the pages that both read."""

import gc
import random
import threading

import pytest

from ghostpage import Arena, ClosedError, Limits, OutOfMemoryError, Snapshot, Terminal, memory
from ghostpage._faults import fail
from streams import random_stream

SMALLEST_PAGE = 4096
Seen = tuple[object, ...]


def seen(reader: Terminal | Snapshot) -> Seen:
    return list(reader.history), list(reader.screen), reader.text(), reader.text(unwrap=True), reader.cursor, reader.columns


def small_terminal(columns: int = 20, rows: int = 4, lines: int | None = 60, mode: str = "auto") -> tuple[Arena, Terminal]:
    arena = Arena(standard_page=SMALLEST_PAGE)
    return arena, Terminal(columns, rows, scrollback=Limits(lines=lines), arena=arena, _mode=mode)


@pytest.mark.parametrize("mode", ["auto", "grid", "early"])
@pytest.mark.parametrize("seed", range(12))
def test_nothing_changes_a_snapshot(seed: int, mode: str) -> None:
    rng = random.Random(seed)
    arena, terminal = small_terminal(rng.choice((5, 20, 80)), rng.choice((1, 4, 12)), rng.choice((None, 0, 300)), mode)
    held: list[tuple[Snapshot, Seen]] = []
    with arena, terminal:
        for _ in range(40):
            profile = rng.choice(("log", "shell", "tui", "mixed"))
            size = {"columns": terminal.columns, "rows": terminal.rows}
            terminal.feed(random_stream(rng.randrange(2**32), 400, profile, **size))
            match rng.randrange(8):
                case 0:
                    terminal.resize(rng.choice((1, 7, 20, 90)), rng.choice((1, 3, 30)))
                case 1:
                    terminal.limits = Limits(lines=rng.choice((0, 20, 500, None)))
                case 2:
                    terminal.clear_history()
                case 3 | 4 | 5:
                    before = seen(terminal)
                    snapshot = terminal.snapshot()
                    assert seen(snapshot) == before
                    held.append((snapshot, before))
            if held and rng.random() < 0.2:
                held.pop(rng.randrange(len(held)))[0].close()
            for reader in (terminal, *(snapshot for snapshot, _ in held)):
                assert reader._violation() is None
            audit = memory.audit()
            assert audit.ok, audit
            for snapshot, before in held:
                assert seen(snapshot) == before
        terminal.close()
        for snapshot, before in held:
            assert seen(snapshot) == before
        assert memory.audit().ok
        held.clear()


def fill(terminal: Terminal, lines: int) -> None:
    terminal.feed("".join(f"line {number} of some\r\n" for number in range(lines)))


def test_of_the_primary_screen_it_has_no_margin_that_was_reached_on_the_alternate() -> None:
    with Terminal(20, 4) as terminal:
        terminal.feed("\x1b[?1047h\x1b[?69h\x1b[2;5s\x1b[1;2Habcd")
        assert terminal.cursor.pending_wrap
        with terminal._primary():
            assert memory.audit().ok


def test_history_is_shared_and_the_screen_is_copied() -> None:
    arena, terminal = small_terminal(80, 24, None)
    with arena, terminal:
        fill(terminal, 5000)
        before = arena.memory.mapped
        snapshots = [terminal.snapshot() for _ in range(10)]
        assert terminal.memory.mapped > 20 * SMALLEST_PAGE
        assert arena.memory.mapped - before <= 10 * 2 * SMALLEST_PAGE
        assert arena.memory.snapshots == 10 and arena.memory.terminals == 1
        for snapshot in snapshots:
            snapshot.close()
        assert arena.memory.snapshots == 0


def test_pages_have_an_owner_after_their_terminal_has_left_them() -> None:
    arena, terminal = small_terminal(80, 24, 1000)
    with arena, terminal:
        fill(terminal, 1000)
        first, second = terminal.snapshot(), terminal.snapshot()
        assert arena.memory.adopted == 0
        fill(terminal, 5000)  # all of what both snapshots read is pruned
        adopted = arena.memory.adopted
        assert adopted >= 5 * SMALLEST_PAGE
        first.close()
        assert arena.memory.adopted == adopted
        second.close()
        assert arena.memory.adopted == 0
        assert memory.audit().ok


def test_a_page_is_recycled_again_when_nobody_else_reads_it() -> None:
    arena, terminal = small_terminal(80, 24, 1000)
    with arena, terminal:
        fill(terminal, 2000)
        terminal.snapshot().close()
        mapped, recycled = terminal.counters.pages_mapped, terminal.counters.pages_recycled
        fill(terminal, 2000)
        assert terminal.counters.pages_mapped == mapped
        assert terminal.counters.pages_recycled > recycled + 5


def test_it_outlives_terminal_and_arena() -> None:
    arena, terminal = small_terminal()
    fill(terminal, 100)
    text = terminal.text()
    snapshot = terminal.snapshot()
    terminal.close()
    arena.close()
    del terminal, arena
    gc.collect()
    assert snapshot.text() == text
    assert memory.audit().ok
    snapshot.close()
    assert memory.ledger().mappings == 0
    with pytest.raises(ClosedError):
        snapshot.text()


def test_rows_that_come_back_to_the_screen_are_copied_before_they_are_changed() -> None:
    arena, terminal = small_terminal(80, 3, None)
    with arena, terminal:
        fill(terminal, 1000)
        before = terminal.text()
        snapshot = terminal.snapshot()
        terminal.resize(80, 900)
        terminal.feed("\x1b[H" + "\x1b[2Kchanged\r\n" * 800)
        assert terminal.text() != before
        assert snapshot.text() == before


def test_there_is_none_of_a_closed_arena() -> None:
    arena, terminal = small_terminal()
    with terminal:
        arena.close()
        with pytest.raises(ClosedError):
            terminal.snapshot()


@pytest.mark.parametrize("kind", ["allocation", "mapping"])
def test_without_memory_there_is_none_and_nothing_has_changed(kind: str) -> None:
    arena, terminal = small_terminal(40, 10, None, "grid")
    with arena, terminal:
        fill(terminal, 600)
        before = seen(terminal)
        for nth in range(1, 500):
            arena.trim()
            with fail(kind, nth) as fault:
                try:
                    terminal.snapshot().close()
                except OutOfMemoryError:
                    pass
            assert memory.audit().ok and terminal._violation() is None
            assert seen(terminal) == before
            if not fault.hits:
                break
        else:
            pytest.fail("it never succeeds")
        assert nth > 2


def test_threads_read_snapshots_while_one_feeds() -> None:
    arena, terminal = small_terminal(40, 10, 500)
    failures: list[BaseException] = []
    stop = threading.Event()

    def read() -> None:
        try:
            while not stop.is_set():
                with terminal.snapshot() as snapshot:
                    text = snapshot.text()
                    rows = [row.text for row in snapshot.history] + [row.text for row in snapshot.screen]
                    assert text == "\n".join(rows)
                    numbers = [int(row.split()[1]) for row in rows if row.startswith("line")]
                    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else True
        except BaseException as failure:
            failures.append(failure)

    with arena, terminal:
        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        for start in range(0, 20_000, 50):
            terminal.feed("".join(f"line {number} of some\r\n" for number in range(start, start + 50)))
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures
