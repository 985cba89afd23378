"""Beginnings and ends: in any order, in the middle of things, by the garbage collector, in forks and at exit."""

from __future__ import annotations

import gc
import itertools
import mmap
import os
import sysconfig
import textwrap
import threading
import weakref

import pytest

from ghostpage import Arena, ArgumentError, ClosedError, Limits, OutOfMemoryError, Screen, Terminal, memory
from ghostpage._faults import fail
from variants import run_python

PAGE = mmap.PAGESIZE
FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
EMOJI = ("👩\u200d🚀 " * 600 + "\r\n").encode()  # one line, larger than a page
OUTPUT = EMOJI + b"\x1b[31mplain\x1b[m\r\n" * 200 + b"\x1b[H\x1b[2Ka link: \x1b]8;;https://example.org/\x1b\\x\x1b]8;;\x1b\\"


def small_arena() -> Arena:
    return Arena(standard_page=PAGE)


def mappings() -> int:
    return memory.ledger().mappings


# ---- closing --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_closing_in_any_order(order: tuple[int, ...]) -> None:
    arena = small_arena()
    things = [Terminal(arena=arena), Terminal(30, 4, arena=arena), Screen(arena=arena), arena]
    for thing in things[:2]:
        thing.feed(OUTPUT)
    things[2].write("text " * 500)
    for index in order:
        things[index].close()
        things[index].close()
        audit = memory.audit()
        assert audit.ok, audit
        for other in things[:3]:
            assert other.closed or other._violation() is None
    assert mappings() == 0


def test_closing_in_the_middle_of_reading() -> None:
    terminal = Terminal(arena=small_arena())
    terminal.feed(OUTPUT * 20)  # more than is read at once
    rows = iter(terminal.history)
    first = next(row for row in rows if row.text)
    text = first.text
    screen = terminal.screen
    terminal.close()
    with pytest.raises(ClosedError):
        list(rows)
    for use in (lambda: screen[0], lambda: len(screen), lambda: terminal.feed(b"x"), terminal.text, terminal.trim):
        with pytest.raises(ClosedError):
            use()
    assert first.text == text and first.cells
    memory.trim()
    assert mappings() == 0


def test_what_is_not_opened_leaves_nothing() -> None:
    with small_arena() as arena:
        for open_badly in (
            lambda: Terminal(0, 5, arena=arena),
            lambda: Terminal(5, 70_000, arena=arena),
            lambda: Terminal(60_000, 60_000, arena=arena),
            lambda: Terminal(scrollback=Limits(lines=-1), arena=arena),
            lambda: Screen(5, 5, arena=arena, _mode="other"),
        ):
            with pytest.raises(ArgumentError):
                open_badly()
        attempts = 0
        while True:
            attempts += 1
            arena.trim()
            try:
                with fail("any", attempts):
                    Terminal(arena=arena, _mode="grid").close()
                break
            except OutOfMemoryError:
                assert arena.memory.terminals == arena.memory.mapped - arena.memory.pooled == 0
        assert attempts > 4
    arena_attempts = 0
    while True:
        arena_attempts += 1
        try:
            with fail("any", arena_attempts):
                Arena().close()
            break
        except OutOfMemoryError:
            pass
    assert arena_attempts == 2


# ---- what outlives a terminal ---------------------------------------------------------------------------------------------


def test_what_was_read_outlives_terminal_and_arena() -> None:
    with small_arena() as arena, Terminal(40, 5, arena=arena) as terminal:
        terminal.feed(OUTPUT)
        rows = [*terminal.history[:20], *terminal.screen]
        figures = terminal.pages, terminal.counters, terminal.memory, terminal.cursor, terminal.limits
        expected = [(row.text, row.wrapped, row.line, [cell.hyperlink for cell in row.cells]) for row in rows]
    gc.collect()
    with Terminal(arena=small_arena()) as other:
        other.feed(b"something else " * 10_000)
        assert [(row.text, row.wrapped, row.line, [cell.hyperlink for cell in row.cells]) for row in rows] == expected
        assert figures[0] and figures[1].pages_mapped and figures[2].mapped and figures[4] == Limits(lines=10_000)


def test_a_view_keeps_its_terminal() -> None:
    terminal = Terminal(arena=small_arena())
    terminal.feed(OUTPUT)
    gone = weakref.ref(terminal)
    history = terminal.history
    del terminal
    gc.collect()
    assert gone() is not None and history[0].text
    del history
    gc.collect()
    assert gone() is None and mappings() == 0


def test_cycles_are_collected() -> None:
    for _ in range(5):
        terminal = Terminal(arena=small_arena())
        terminal.feed(OUTPUT)
        terminal.itself = terminal  # type: ignore[attr-defined]
        del terminal
    assert mappings() > 0
    gc.collect()
    assert mappings() == 0


# ---- many, and again and again --------------------------------------------------------------------------------------------


def test_opening_and_closing_does_not_add_up() -> None:
    with small_arena() as arena:
        seen = set()
        for number in range(600):
            with Terminal(80, 24, scrollback=Limits(lines=50), arena=arena) as terminal:
                terminal.feed(OUTPUT if number % 3 else EMOJI * 5)
            if number > 60:
                seen.add(mappings())
        assert max(seen) - min(seen) <= 8, seen
    assert mappings() == 0


def test_arenas_come_and_go() -> None:
    for number in range(300):
        with Arena(policy=("adaptive", "replace")[number % 2], standard_page=PAGE) as arena:
            with Terminal(20, 3, arena=arena) as terminal:
                terminal.feed(b"x" * number)
        assert mappings() == 0
    assert memory.audit().ok


def test_two_thousand_idle_terminals() -> None:
    with small_arena() as arena:
        terminals = [Terminal(80, 24, arena=arena) for _ in range(2000)]
        for number, terminal in enumerate(terminals):
            terminal.feed(b"terminal %d" % number)
        assert arena.memory.terminals == mappings() == 2000
        assert arena.memory.mapped == 2000 * PAGE
        audit = memory.audit()
        assert audit.ok and (audit.resident is None or audit.resident <= 2000 * 12 * 1024)
        for terminal in terminals[::2] + terminals[1::2]:
            terminal.close()
        assert arena.memory.mapped == arena.memory.pooled


# ---- threads --------------------------------------------------------------------------------------------------------------


def test_the_last_reference_may_go_on_any_thread() -> None:
    holders = [[Terminal(20, 3, arena=small_arena())] for _ in range(8)]
    for holder in holders:
        holder[0].feed(OUTPUT)
    threads = [threading.Thread(target=holder.clear) for holder in holders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert mappings() == 0


def test_what_another_thread_closes_goes_at_once_or_when_its_maker_goes_on() -> None:
    for make in (Terminal, Screen, lambda **options: Terminal(**options).snapshot()):
        with Arena(standard_page=PAGE, pool_cap=0) as arena:
            made, left = make(arena=arena), []

            def close() -> None:
                made.close()
                left.append(mappings())
                gc.collect()
                left.append(mappings())

            thread = threading.Thread(target=close)
            thread.start()
            thread.join()
            assert mappings() == 0
            assert left[1] == 0 and (FREE_THREADED or left[0] == 0)


@pytest.mark.skipif(not FREE_THREADED, reason="this Python has a GIL")
def test_a_free_threaded_python_stays_free() -> None:
    script = "import ghostpage.session, ghostpage.pyte, sys; ghostpage.Terminal().feed('x'); print(sys._is_gil_enabled())"
    done = run_python(None, "-W", "error", "-c", script)
    assert (done.returncode, done.stdout, done.stderr) == (0, "False\n", "")


# ---- forks and the end of the process -------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of forks beside threads, which wait for nothing of ours
def test_a_fork_has_a_copy_of_its_own() -> None:
    with small_arena() as arena, Terminal(40, 5, arena=arena) as terminal:
        terminal.feed(OUTPUT)
        before = terminal.text()
        child = os.fork()
        if child == 0:
            try:
                terminal.feed(b"\x1b[2Jonly in the child" + OUTPUT)
                sound = terminal._violation() is None and memory.audit().ok and terminal.text() != before
                terminal.close()
                arena.close()
                os._exit(0 if sound and mappings() == 0 else 1)
            finally:
                os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert terminal.text() == before and terminal._violation() is None and memory.audit().ok


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_fork_beside_threads_that_feed_leaves_no_lock_behind() -> None:
    """Whoever holds a terminal's lock while another thread forks does not exist in the child."""
    stop = threading.Event()
    with small_arena() as arena, Terminal(40, 5, arena=arena) as busy, Terminal(40, 5, arena=arena) as other:

        def feed() -> None:
            while not stop.is_set():
                busy.feed(OUTPUT)

        threads = [threading.Thread(target=feed) for _ in range(2)]
        for thread in threads:
            thread.start()
        statuses = []
        for _ in range(20):
            child = os.fork()
            if child == 0:
                try:
                    other.feed(OUTPUT)
                    busy.feed(OUTPUT)
                    os._exit(0 if busy._violation() is None and other.text() and not busy.frame().update() else 1)
                finally:
                    os._exit(2)
            statuses.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        stop.set()
        for thread in threads:
            thread.join()
        assert statuses == [0] * 20


SUB_INTERPRETERS = """
    import sys, sysconfig
    try:
        import _interpreters
    except ImportError:
        import _xxsubinterpreters as _interpreters
    from ghostpage import Terminal, memory

    def run(*config, **options):
        inner = _interpreters.create(*config, **options)
        try:
            error = _interpreters.run_string(inner, "import ghostpage; kept = ghostpage.Terminal(); kept.feed('x' * 10_000)")
            return error and error.formatted
        except Exception as error:
            return str(error)
        finally:
            _interpreters.destroy(inner)

    def both():
        if sys.version_info >= (3, 13):
            return run("legacy"), run("isolated")
        if sys.version_info >= (3, 12):
            return run(isolated=False), run(isolated=True)
        return run(), "there are none with a GIL of their own: does not support"

    terminal = Terminal()
    terminal.feed("main")
    shared, own = both()
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        assert "does not support" in shared, shared
    else:
        assert shared is None, shared
    assert own is not None and "does not support" in own, own
    assert terminal.screen[0].text == "main" and memory.ledger().mappings == 1 and memory.audit().ok
"""


def test_sub_interpreters_share_the_lock_of_the_first_or_are_refused() -> None:
    done = run_python(None, "-X", "dev", "-c", textwrap.dedent(SUB_INTERPRETERS))
    assert (done.returncode, done.stderr) == (0, "")


ENDS = {
    "open terminals": "kept = [Terminal(), Terminal(arena=Arena())]; [one.feed('x' * 10_000) for one in kept]",
    "a view": "rows = Terminal().history",
    "a cycle": "terminal = Terminal(); terminal.itself = terminal; del terminal",
    "in a module": "sys.modules['elsewhere'] = Terminal()",
    "exit in a with": "with Terminal() as terminal: terminal.feed('x'); sys.exit(0)",
    "readers": "from ghostpage import memory; t = Terminal(20, 2); t.feed('x y ' * 9000); kept = [t.frame(), t.snapshot(), iter(t.history), "
    "iter(t.lines), t.search('x'), t.frame().codepoints, t.read_since()]; next(kept[4]); next(kept[2])",
    "a session": "from ghostpage.session import Session; kept = Session(['cat'])",
    "a session and its thread": "from ghostpage.session import Session; kept = Session(['yes']); kept.wait_for('y')",
    "an arena closed first": "arena = Arena(); terminal = Terminal(arena=arena); arena.close()",
    "threads that read": """
        terminal = Terminal(scrollback=Limits())
        terminal.feed("some text\\r\\n" * 50_000)
        def read():
            while True:
                terminal.text(), list(terminal.search("text")), terminal.snapshot().text(), terminal.frame().close()
        for _ in range(4):
            threading.Thread(target=read, daemon=True).start()
        terminal.feed("y")
    """,
    "a thread that feeds": """
        terminal = Terminal()
        def feed():
            while True:
                terminal.feed("x" * 1000)
        threading.Thread(target=feed, daemon=True).start()
        terminal.feed("y")
    """,
}


@pytest.mark.parametrize("name", ENDS)
def test_the_process_ends_in_peace(name: str) -> None:
    script = "import sys, threading\nfrom ghostpage import Arena, Limits, Terminal\n" + textwrap.dedent(ENDS[name])
    done = run_python(None, "-X", "dev", "-c", script)
    assert (done.returncode, done.stderr) == (0, "")
