"""The system refuses memory, at every attempt in turn: nothing breaks, nothing leaks, nothing is lost."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import textwrap
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from faults import FAULTS, PAGE, Fault, attempts, differences, look, sound, sweep_call, sweep_feed
from ghostpage import Arena, Limits, OutOfMemoryError, Screen, Snapshot, Style, Terminal, memory
from ghostpage._faults import fail
from leak_scenarios import line
from variants import not_preloaded, run_python

COLUMNS, ROWS = 12, 4

every_fault = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault[0]}{'-lasting' if fault[1] else ''}")


@pytest.fixture(params=["adaptive", "replace"])
def arena(request: pytest.FixtureRequest) -> Iterator[Arena]:
    with Arena(policy=request.param, standard_page=PAGE, pool_idle=float("inf")) as made:
        yield made


# ---- terminals to begin with ------------------------------------------------------------------------------------------

STATES: dict[str, bytes] = {
    "new": b"",
    "text": b"one\r\n\x1b[1;31mtwo\x1b[m\r\nthree four five six\r\n" * 3 + b"seven",
    "grid": b"one\r\ntwo\r\nthree four five six seven\r\n" * 3 + b"\x1b[2;3H\x1b[44mX\x1b[m",
    "wide": "日本語 emoji 🚀👩‍🚀 and e\u0301\r\n".encode() * 4 + "日本語日本語日".encode(),
    "pending wrap": b"one\r\n" * 6 + b"0123456789AB",
    "a long line": b"the quick brown fox " * 12,
    "a background": b"one\r\n" * 3 + b"\x1b[H\x1b[41mred\x1b[K\x1b[2;5H",
    "links": line(1, 3) + line(2, 2) + b"\x1b]8;;https://example.org/\x1b\\open",
    "alternate": b"one\r\n" * 6 + b"two\x1b[?1049h\x1b[2;2Hedited \x1b[42mhere",
    "full pages": line(1, 2) * 30 + b"\x1b[H",
}

every_state = pytest.mark.parametrize("state", STATES)


def opened(kind: Callable[..., Any], arena: Arena, state: str, **options: Any) -> Any:
    buffer = kind(COLUMNS, ROWS, arena=arena, scrollback=options.pop("limits", Limits(lines=40)), **options)
    if isinstance(buffer, Terminal):
        buffer.feed(STATES[state])
    return buffer


# ---- calls: carried out or not at all -----------------------------------------------------------------------------------

CALLS: dict[str, Callable[[Terminal], object]] = {
    "narrower": lambda it: it.resize(5, 4),
    "wider": lambda it: it.resize(31, 4),
    "lower": lambda it: it.resize(12, 2),
    "higher": lambda it: it.resize(12, 9),
    "both": lambda it: it.resize(7, 6),
    "1x1": lambda it: it.resize(1, 1),
    "10,000 columns": lambda it: it.resize(10_000, 2),
    "text": lambda it: it.text(),
    "text unwrapped": lambda it: it.text(unwrap=True),
    "cells": lambda it: [row.cells for row in (*it.history, *it.screen)],
    "snapshot": lambda it: it.snapshot().close(),
    "fewer lines": lambda it: setattr(it, "limits", Limits(lines=3)),
    "more lines": lambda it: setattr(it, "limits", Limits(lines=3000)),
    "few bytes": lambda it: setattr(it, "limits", Limits(lines=40, bytes=1)),
    "clear history": lambda it: it.clear_history(),
    "trim": lambda it: it.trim(),
    "grid mode": lambda it: it._set_mode("grid"),
}


@every_fault
@every_state
def test_a_call_is_carried_out_or_not_at_all(state: str, fault: Fault) -> None:
    with Arena(standard_page=PAGE, pool_idle=float("inf")) as arena:
        failures = {
            name: sweep_call(partial(opened, Terminal, arena, state), act, arena, fault) for name, act in CALLS.items()
        }
    assert sum(failures.values())


def _pen(screen: Screen) -> None:
    screen.style = Style(bold=True, background=4)
    screen.link = ("https://example.org/" + "long" * 500, "id")


EDITS: dict[str, Callable[[Screen], object]] = {
    "line feed": Screen.line_feed,
    "reverse line feed": Screen.reverse_line_feed,
    "carriage return": Screen.carriage_return,
    "tab": Screen.tab,
    "move": lambda it: it.move(3, 1),
    "insert cells": lambda it: it.insert_cells(4),
    "delete cells": lambda it: it.delete_cells(2),
    "erase": lambda it: it.erase(3),
    "erase line": lambda it: it.erase_line(1),
    "erase display": lambda it: it.erase_display(2),
    "insert lines": lambda it: it.insert_lines(2),
    "delete lines": lambda it: it.delete_lines(1),
    "scroll up": lambda it: it.scroll(3),
    "scroll down": lambda it: it.scroll(-1),
    "region": lambda it: it.set_region(1, 2),
    "style": lambda it: setattr(it, "style", Style(background=2)),
    "link": lambda it: setattr(it, "link", "https://example.org/" + "x" * 900),
    "alternate": lambda it: setattr(it, "alternate", not it.alternate),
    "resize": lambda it: it.resize(7, 3),
    "cells": lambda it: [row.cells for row in (*it.history, *it.screen)],
}

DRAWN: dict[str, list[Callable[[Screen], object]]] = {
    "new": [],
    "text": [lambda it: [it.write(f"line {n}") or it.line_feed() or it.carriage_return() for n in range(6)]],
    "wide and linked": [_pen, lambda it: it.write("日本語 emoji 🚀👩‍🚀 and e\u0301 " * 3)],
    "a grid": [lambda it: it.write("one two three " * 9), lambda it: it.move(0, 0), _pen, lambda it: it.write("ab")],
    "wrapped in columns of two": [lambda it: it.resize(2, 4), lambda it: it.write("a日b本語cc " * 4), lambda it: it.move(0, 3)],
    "alternate": [
        lambda it: it.write("one two three " * 9),
        lambda it: setattr(it, "alternate", True),
        lambda it: it.write("edited " * 4),
        _pen,
    ],
}


@every_fault
@pytest.mark.parametrize("state", DRAWN)
def test_an_edit_is_carried_out_or_not_at_all(state: str, fault: Fault) -> None:
    def drawn() -> Screen:
        screen = Screen(COLUMNS, ROWS, arena=arena, scrollback=Limits(lines=40))
        for step in DRAWN[state]:
            step(screen)
        return screen

    with Arena(standard_page=PAGE, pool_idle=float("inf")) as arena:
        failures = {name: sweep_call(drawn, act, arena, fault) for name, act in EDITS.items()}
    assert sum(failures.values())


# ---- feeding: as far as was consumed, and the rest later -----------------------------------------------------------------

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
OUTPUT: dict[str, bytes] = {
    "plain lines": b"".join(b"line %d of plain text\r\n" % n for n in range(150)),
    "one long line": b"the quick brown fox " * 300,
    "emoji": (FAMILY + "🚀 👍🏽 e\u0301 क्ष z" + "\u0353" * 40 + "\r\n").encode() * 12,
    "links": line(1, 6) + line(2, 6) + b"\x1b]8;;https://example.org/" + b"long" * 900 + b"\x1b\\x\x1b]8;;\x1b\\\r\n",
    "heavy lines": line(3, 30),
    "CJK": "日本語のテキスト、中文字符和한국어 ".encode() * 40,
    "colours": b"".join(b"\x1b[38;2;%d;%d;0m%d " % (n, n, n) for n in range(250)),
    "backgrounds": b"\x1b[44m" + b"blue\r\n" * 8 + b"\x1b[K\x1b[2J\x1b[41mred" + b"\n" * 6,
    "editing": b"\x1b[3;1H\x1b[44m\x1b[K\x1b[2@ab\x1b[1;8H\xf0\x9f\x9a\x80\xf0\x9f\x9a\x80\x1b[2L\x1b[M\x1b[m"
    b"\x1b[2;4r\x1b[4H\n\n\x1bM\x1bM\x1b[r\x1b[4H\x1b(0lqqqk\x1b(B\r\n\t\tq\xcc\x81\x1b[9b\r\n\x1b[3S\x1b[2T\x1b#8\x1b[2P\x1b[3X",
    "repainting": b"".join(b"\x1b[H" + line(n, 2) for n in range(8)),
    "alternate screens": b"\x1b[?1049h\x1b[42mA\x1b[2J\x1b[?1049;25lone\r\n\x1b[?47hB\x1b[?47l\x1b[44m\x1b[?1047;25hC\x1b[?1047l"
    b"\x1b[2;2H\x1b[?1048h\x1b[?1049;7h\x1b[3;3Hx\x1b[?1048l\x1b[?7;1049l",
    "titles": b"\x1b]2;one\x1b\\a\x1b]0;" + b"two " * 200 + b"\ab\x1b]7;file:///tmp\x1b\\\x1b]1;three\a",
    "repeats": "一\x1b[70b文e\u0301\x1b[60bx\x1b[200b\r\n".encode() * 3,
    "columns": b"\x1b[?40hone\r\n\x1b[44mtwo\x1b[?3hthree\x1b[?3lfour\x1b[?1049hfive\x1b[?3hsix\x1bcseven",
    "a reset": b"one\r\n" * 9 + b"\x1b[H\x1b[41mx\x1bcafter\r\n" + b"\x1b[?1049h\x1bcagain",
    "erasing": b"x\x1b[K\r\n" * 200 + b"\x1b[44mabc\r\x1b[Kd\r\nand more\r\n",
    "inserted": b"\x1b[4h\x1b[4;1H" + "日本語のテキスト".encode() * 150,
    "wraps taken back": "ab\x1b[9C界界\x1b[1;12H\x1b[K\r\n0123456789AB\x1b[44mC\n\x1b[m\x1b[A\x1b[P".encode() * 4,
}


@every_fault
@pytest.mark.parametrize("mode", ["auto", "grid"])
@pytest.mark.parametrize("output", OUTPUT)
def test_feeding_goes_on_where_it_stopped(output: str, mode: str, arena: Arena, fault: Fault) -> None:
    opener = partial(opened, Terminal, arena, "text", _mode=mode)
    sweep_feed(opener, OUTPUT[output], arena, fault)


EDGES: dict[str, tuple[int, int, int, bytes]] = {
    "insert line": (12, 4, 127, b"\x1b[H\x1b[L"),
    "align": (12, 4, 127, b"\x1b#8"),
    "delete line": (12, 4, 127, b"\x1b[2;4r\x1b[2;1H\x1b[2M"),
    "scroll into history": (12, 6, 614, b"\x1b[1;5r\x1b[5;1H\n"),
    "scroll blanks behind blanks": (150, 40, 70, b"\x1b[1;39r\x1b[30S"),
}
"""Columns, rows, lines before, and an edit that ends a line with rows of blanks, two columns wide."""


@every_fault
@pytest.mark.parametrize("edge", EDGES)
def test_a_line_that_an_edit_ends_keeps_its_rows_of_blanks(edge: str, arena: Arena, fault: Fault) -> None:
    """They become lines of their own, of which the first has no mark in its page yet, or too little room in it."""
    columns, rows, before, edit = EDGES[edge]

    def opened_at_an_edge(lines: int) -> Terminal:
        terminal = Terminal(columns, rows, arena=arena, scrollback=Limits(lines=4000))
        terminal.feed(b"x\r\n" * lines + b"a\x1b[%dCb" % columns)
        terminal.resize(2, rows)
        return terminal

    failures = [sweep_feed(partial(opened_at_an_edge, before + more), edit, arena, fault) for more in (-1, 0, 1)]
    assert any(failures)


STOPPED: dict[str, bytes] = {
    "titles": b"\x1b]2;one\x1b\\a\x1b]0;" + b"two " * 80 + b"\ab",
    "links": b"\x1b]8;;https://example.org/\x1b\\x\x1b]8;;\x1b\\\r\n",
    "a saved cursor": b"\x1b[?47h\x1b[?1049l",
    "strings that grow at their end": b"\0" * 900 + b"\x1b]2;" + b"t" * 400 + b"\a"
    + b"\0" * 595 + b"\x1b]1;" + b"u" * 900 + b"\x1b\\",
    "controls in a string": b"\x1bP$q" + b"\n" * 600 + b"\x1b\\",
    "CJK": "日本語のテキスト、".encode() * 170,
    "widened at the edge": b"\x1b[4;12H\xe2\x9d\xa4\xef\xb8\x8f" * 400,
}


@pytest.mark.parametrize("piece", [1, 7, 1000])
@pytest.mark.parametrize("output", STOPPED)
def test_what_comes_in_pieces_is_not_lost(output: str, piece: int, arena: Arena) -> None:
    opener = partial(opened, Terminal, arena, "text")
    assert sweep_feed(opener, STOPPED[output], arena, ("any", True), piece=piece) or piece == 1000


def test_a_character_that_becomes_wide_in_the_last_cell(arena: Arena) -> None:
    """It goes to the next row, for which the screen scrolls, or stays as it was; cells or a page lack memory."""
    struck = 0
    for nth in (1, 2):
        with Terminal(12, 4, arena=arena) as terminal, Terminal(12, 4) as twin:
            for _ in range(450):
                for one in (terminal, twin):
                    one.feed(b"\x1b[3;1H\x1b[2K\x1b[4;1H\x1b[2K\x1b[4;12H\xe2\x9d\xa4")
                arena.trim()
                with fail("any", nth) as fault, contextlib.suppress(OutOfMemoryError):
                    terminal.feed(b"\xef\xb8\x8f")
                if fault.hits:
                    struck += 1
                    assert terminal.screen[3].cells[11].text == "❤" and terminal._violation() is None
                    terminal.feed(b"\xef\xb8\x8f")
                twin.feed(b"\xef\xb8\x8f")
            assert not differences(look(terminal), look(twin))
    assert struck > 2


# ---- pages that a snapshot reads too -----------------------------------------------------------------------------------------


@contextlib.contextmanager
def over_a_border(arena: Arena) -> Iterator[tuple[Terminal, Snapshot]]:
    """A snapshot reads the page that the screen begins in: it was all history, until the window became taller."""
    with Terminal(40, 6, arena=arena, scrollback=Limits(lines=4000)) as terminal:
        while len(terminal.pages) < 2 or terminal.pages[-1].lines < terminal.rows:
            terminal.feed(b"some line of words\r\n")
        with terminal.snapshot() as snapshot:
            terminal.resize(40, 30)
            yield terminal, snapshot
            sound(terminal)


@every_fault
def test_a_page_that_is_read_is_copied_or_nothing_happens(arena: Arena, fault: Fault) -> None:
    failures = 0
    with over_a_border(arena) as (terminal, snapshot):
        before, text = look(terminal), snapshot.text()
        for call in attempts(arena, fault):
            if not call(lambda: terminal.feed(b"\x1b[Hx")):
                break
            failures += 1
            assert not differences(look(terminal), before)
            sound(terminal)
        assert failures and terminal.counters.copies == 1
        assert snapshot.text() == text


def test_a_page_that_is_read_no_more_is_not_copied(arena: Arena) -> None:
    with over_a_border(arena) as (terminal, snapshot):
        snapshot.close()
        terminal.feed(b"\x1b[Hx")
        assert terminal.counters.copies == 0


# ---- two terminals in one budget: memory refused while the one makes room for the other ------------------------------------

BUDGET = 30
STEPS: list[tuple[str, int, object]] = [
    ("feed", 0, b"the first line of many\r\n" * 1500),
    ("feed", 1, "日本語 emoji 🚀👩‍🚀\r\n".encode() * 900 + line(1, 4)),
    ("resize", 1, (31, 7)),
    ("feed", 0, b"\x1b[2;3H\x1b[44medited\x1b[m and more " + line(2, 9)),
    ("snapshot", 1, None),
    ("feed", 0, b"\x1b[?1049h\x1b[2;2Hthere"),
    ("resize", 0, (20, 5)),
    ("budget", 0, BUDGET - 9),
    ("feed", 1, b"one after another\r\n" * 1500),
    ("feed", 0, b"\x1b[?1049l" + b"word " * 1500),
    ("clear", 1, None),
    ("open", 0, None),
    ("trim", 0, None),
    ("feed", 1, b"the last\r\n" * 400 + b"end"),
]


class Pair:
    """Two terminals and a third that comes and goes; snapshots are held while the next step is carried out."""

    def __init__(self) -> None:
        self.arena = Arena(limit=BUDGET * PAGE, standard_page=PAGE, pool_idle=float("inf"))
        self.terminals = [Terminal(COLUMNS, ROWS, arena=self.arena, scrollback=Limits()) for _ in range(2)]
        self.held: list[Any] = []

    def step(self, kind: str, number: int, what: Any) -> None:
        it = self.terminals[number]
        if kind == "feed":
            it.feed(what)
        elif kind == "resize":
            it.resize(*what)
        elif kind == "snapshot":
            self.held.append(it.snapshot())
        elif kind == "budget":
            self.arena.limit = what * PAGE
        elif kind == "clear":
            it.clear_history()
        elif kind == "trim":
            it.trim()
        else:
            self.held.append(Terminal(COLUMNS, ROWS, arena=self.arena))

    def screens(self) -> list[Any]:
        return [[[row.runs for row in it.screen], it.cursor, it.alternate_screen] for it in self.terminals]

    def let_go(self) -> None:
        for one in self.held:
            one.close()
        self.held.clear()

    def close(self) -> None:
        self.let_go()
        for terminal in self.terminals:
            terminal.close()
        self.arena.close()


def played(kind: str, at: int, nth: int, lasting: bool) -> tuple[int, list[Any]]:
    """The scenario with the ``nth`` attempt in step ``at`` failing: how often it struck, and the screens after each step.
    What was refused is done again when memory has returned."""
    pair, seen, hits = Pair(), [], 0
    for turn, (name, number, what) in enumerate(STEPS):
        before = pair.screens()
        if len(pair.held) > 1:
            pair.let_go()
        raised = None
        with fail(kind, nth, lasting) if turn == at else contextlib.nullcontext() as fault:
            try:
                pair.step(name, number, what)
            except OutOfMemoryError as error:
                raised = error
        if fault:
            hits = fault.hits
            assert hits or not raised, "memory was lacking without a reason"
            assert memory.audit().ok
        if raised and name == "feed":
            pair.terminals[number].feed(what[raised.consumed :])
        elif raised:
            assert raised.consumed is None and pair.screens() == before
            pair.step(name, number, what)
        for terminal in pair.terminals:
            assert terminal._violation() is None
        assert pair.arena.memory.mapped <= pair.arena.limit
        seen.append(pair.screens())
    assert memory.audit().ok and pair.arena.memory.peak <= BUDGET * PAGE
    assert all(terminal.counters.rows_pruned_budget for terminal in pair.terminals)
    pair.close()
    memory.trim()
    assert memory.ledger().mappings == 0
    return hits, seen


@pytest.mark.parametrize(("kind", "lasting"), [("allocation", False), ("mapping", False), ("any", True)])
def test_memory_refused_while_one_makes_room_for_the_other(kind: str, lasting: bool) -> None:
    _, expected = played(kind, -1, 1, lasting)
    struck = 0
    for at, step in enumerate(STEPS):
        for nth in range(1, 1000):
            hits, seen = played(kind, at, nth, lasting)
            assert seen == expected, (step[:2], nth)
            if not hits:
                break
            struck += 1
        else:
            raise AssertionError("it never succeeds")
    assert struck > 20


# ---- a system that really refuses -----------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS is not heeded everywhere")
def test_a_budget_that_the_system_cannot_grant() -> None:
    """The process may not have as much as the arena may: who asks is told, the others go on, and all is well afterwards."""
    script = """
        import resource
        from ghostpage import Arena, Limits, OutOfMemoryError, Terminal, memory

        line = b"the quick brown fox jumps over the lazy dog\\r\\n" * 1000
        room = [bytes(100 + size % 400) for size in range(20_000)]
        room = room[::40]  # what is left of it keeps room for Python's own small objects
        with Arena(limit=1 << 30) as arena:
            terminals = [Terminal(scrollback=Limits(), arena=arena) for _ in range(8)]
            for terminal in terminals:
                terminal.feed(line)
            with open("/proc/self/statm") as statm:
                now = int(statm.read().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (now + (8 << 20), resource.RLIM_INFINITY))
            refused = [None] * 8
            for turn in range(400):
                for number, terminal in enumerate(terminals):
                    try:
                        terminal.feed(line if refused[number] is None else refused[number])
                        refused[number] = None
                    except OutOfMemoryError as error:
                        assert "the system has no more memory" in str(error), error
                        rest = line if refused[number] is None else refused[number]
                        refused[number] = memoryview(rest)[error.consumed:]
                if all(rest is not None for rest in refused):
                    break
            assert turn < 399 and memory.audit().ok
            for number, terminal in enumerate(terminals):
                assert terminal._violation() is None
                terminal.limits = Limits(lines=100)
            for rest, terminal in zip(refused, terminals):
                terminal.feed(rest)
                terminal.feed(line)  # what others gave up is enough
                assert terminal.screen[0].text == "the quick brown fox jumps over the lazy dog"
            assert memory.audit().ok
            for terminal in terminals:
                terminal.close()
        assert memory.ledger().mappings == 0
    """
    done = run_python(None, "-c", textwrap.dedent(script))
    assert done.returncode == 0, done.stderr


def control_group(limit: int) -> Path:
    """A group of processes that may have so many bytes; the test is skipped where none can be made."""
    name = f"ghostpage-{os.getpid()}"
    for root, file in ((Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes"), (Path("/sys/fs/cgroup"), "memory.max")):
        group = root / name
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            (group / file).write_text(str(limit))
            return group
        except OSError:
            group.rmdir()
    pytest.skip("no control group with a limit of memory can be made here")


@not_preloaded
def test_a_budget_below_that_of_a_control_group() -> None:
    """In a group of 96 MiB history without an end is killed by the kernel; within an arena's budget it goes on."""
    script = """
        import os, sys
        from pathlib import Path
        (Path(sys.argv[1]) / "cgroup.procs").write_text(str(os.getpid()))
        from ghostpage import Arena, Limits, Terminal, memory

        line = "the quick brown fox jumps over the lazy dog\\r\\n" * 20_000
        limit = int(sys.argv[2]) or None
        with Arena(limit=limit) as arena:
            terminals = [Terminal(scrollback=Limits(), arena=arena) for _ in range(4)]
            for turn in range(100):
                for terminal in terminals:
                    terminal.feed(line)
            assert arena.memory.peak <= limit and memory.audit().ok
            for terminal in terminals:
                terminal.close()
    """
    group = control_group(96 << 20)
    try:
        done = run_python(None, "-c", textwrap.dedent(script), str(group), str(32 << 20))
        assert done.returncode == 0, done.stderr
        done = run_python(None, "-c", textwrap.dedent(script), str(group), "0")
        assert done.returncode == -signal.SIGKILL, "the group's limit is none"
    finally:
        group.rmdir()
