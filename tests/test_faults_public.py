"""Every public operation is tried with memory refused at each attempt: it raises and has changed nothing, or is carried out.

The operations are those that the classes and modules of ``ghostpage.__all__`` have. A property is read; a call is in
OPERATIONS, or in ELSEWHERE with where it is swept or why nothing of it can fail. What is in neither lets the test fail.
"""

from __future__ import annotations

import inspect
import re
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import ghostpage
from faults import PAGE, attempts, look, sound
from ghostpage import Arena, Frame, Geometry, Limits, Line, OutOfMemoryError, Palette, Screen, Snapshot, Style, Terminal, memory
from ghostpage._faults import fail
from leak_scenarios import line

CONTENT = (
    "日本語 emoji 🚀👩\u200d🚀 and e\u0301\r\n".encode() * 6
    + line(1, 3) * 2
    + b"\x1b]133;A\a$ \x1b]133;B\als\r\n\x1b]133;C\aout\r\n\x1b]133;D;0\a\x1b]133;A\a$ \x1b]133;B\ajoin\r\n\x1b]133;C\a"
    + b"\x1b]2;title\a\x1b[44mX\x1b[K\x1b[m\r\n" + b"the quick brown fox " * 60 + b"\r\nend\x1b[2;2H"
)


def terminal(arena: Arena, **options: Any) -> Terminal:
    made = Terminal(12, 4, arena=arena, scrollback=Limits(lines=900), timestamps=True, _clock=lambda: 1.7e9, **options)
    made.feed(CONTENT)
    return made


def screen(arena: Arena) -> Screen:
    made = Screen(12, 4, arena=arena, scrollback=Limits(lines=900))
    made.write("日本語 emoji 🚀 and e\u0301 " * 40)
    made.style, made.link = Style(bold=True), "https://example.org/"
    made.move(3, 1)
    made.write("edited")
    return made


class Held:
    """A terminal or a screen, and what is made from it."""

    def __init__(self, of: Any, make: Callable[[Any], Any]) -> None:
        self.terminal = of
        self.it = make(of)

    def close(self) -> None:
        if isinstance(self.it, (Frame, Snapshot)):
            self.it.close()
        self.terminal.close()


def traced(act: Callable[[], None]) -> None:
    tracemalloc.start()
    try:
        act()
    finally:
        memory.stop_tracing()
        tracemalloc.stop()


READ: dict[str, Callable[[Any], object]] = {
    "frame": lambda it: it.frame().close(),
    "locate": lambda it: it.locate(it.position(1, 2)),
    "position": lambda it: it.position(-1, 3),
    "read_since": lambda it: (it.read_since().lines, it.read_since(tail=True)[::3]),
    "search": lambda it: (list(it.search("fox")), list(it.search("[a-z]+ b", newest_first=False))),
    "text": lambda it: (it.text(), it.text(2, -1, unwrap=True)),
    "time_of": lambda it: it.time_of(it.first_line + 1),
    "to_ansi": lambda it: it.to_ansi(),
    "to_html": lambda it: it.to_html(unwrap=True),
    "to_png": lambda it: it.to_png(0, 3),
    "to_svg": lambda it: it.to_svg(0, 3),
    "trim": lambda it: it.trim(),
}
WRITE: dict[str, Callable[[Any], object]] = READ | {
    "clear_history": lambda it: it.clear_history(wipe=True),
    "limits": lambda it: setattr(it, "limits", Limits(lines=3, bytes=1)),
    "resize": lambda it: it.resize(7, 9),
    "snapshot": lambda it: it.snapshot().close(),
}
OPERATIONS: dict[str, dict[str, Callable[[Any], object]]] = {
    "Terminal": WRITE | {
        "allow": lambda it: setattr(it, "allow", ["images"]),
        "answer_clipboard": lambda it: it.answer_clipboard("c", b"data"),
        "color_scheme": lambda it: setattr(it, "color_scheme", "light"),
        "focus": lambda it: it.focus(True),
        "geometry": lambda it: setattr(it, "geometry", Geometry()),
        "key": lambda it: it.key("up", ["ctrl"]),
        "load": lambda it: Terminal.load(SAVED[0], arena=it.arena).close(),
        "mode": lambda it: it.mode("DECOM"),
        "mouse": lambda it: it.mouse("press", "left", 1, 1),
        "palette": lambda it: setattr(it, "palette", Palette()),
        "paste": lambda it: it.paste("text"),
        "save": lambda it: it.save(SAVED[0]),
        "string_limit": lambda it: setattr(it, "string_limit", 4096),
        "take_events": Terminal.take_events,
        "take_replies": Terminal.take_replies,
    },
    "Screen": WRITE | {
        "alternate": lambda it: setattr(it, "alternate", True),
        "carriage_return": Screen.carriage_return,
        "delete_cells": lambda it: it.delete_cells(2),
        "delete_lines": Screen.delete_lines,
        "erase": Screen.erase,
        "erase_display": Screen.erase_display,
        "erase_line": Screen.erase_line,
        "insert_cells": Screen.insert_cells,
        "insert_lines": Screen.insert_lines,
        "line_feed": Screen.line_feed,
        "link": lambda it: setattr(it, "link", "https://example.org/" + "x" * 900),
        "move": lambda it: it.move(1, 1),
        "reverse_line_feed": Screen.reverse_line_feed,
        "scroll": Screen.scroll,
        "set_region": lambda it: it.set_region(1, 2),
        "style": lambda it: setattr(it, "style", Style(italic=True)),
        "tab": Screen.tab,
    },
    "Snapshot": READ,
    "Frame": {
        "follow": Frame.follow,
        "pin": lambda it: (it.pin(2), it.update()),
        "runs": lambda it: [list(it.runs(y)) for y in range(it.rows)],
        "scroll": lambda it: (it.scroll(-5), it.update()),
        "text": lambda it: [it.text(y) for y in range(it.rows)],
        "update": Frame.update,
        "wrapped": lambda it: it.wrapped(1),
    },
    "Arena": {"limit": lambda it: setattr(it, "limit", 40 * PAGE), "trim": Arena.trim},
    "Search": {"cancel": lambda it: it.cancel(), "step": lambda it: it.step()},
    "Command": {},
    "LineSequence": {"count": lambda it: it.count("end"), "index": lambda it: it.index("end"), "numbered": lambda it: it.numbered(3)},
    "RowSequence": {"count": lambda it: it.count(it[0]), "index": lambda it: it.index(it[1])},
    "memory": {
        "audit": lambda it: it.audit().ok,
        "ledger": lambda it: it.ledger(),
        "mappings": lambda it: it.mappings(owners=True),
        "report": lambda it: it.report(),
        "reset_peak": lambda it: it.reset_peak(),
        "start_tracing": lambda it: traced(it.start_tracing),
        "stop_tracing": lambda it: it.stop_tracing(),
        "trim": lambda it: it.trim(),
        "unpublish": lambda it: it.unpublish(),
    },
}  # fmt: skip
SAVED: list[Path] = []
"""Where a terminal was saved, for this test."""

ELSEWHERE = {
    "Terminal.feed": "test_faults: it stops, and goes on where it stopped",
    "Screen.write": "test_faults: it stops, and goes on where it stopped",
    "memory.publish": "a thread and a socket, whatever the core has",
}
VALUES = {
    "ArenaMemory", "ArgumentError", "Bell", "Cell", "ClosedError", "Color", "Counters", "Cursor", "Demand", "Error", "Event",
    "FormatError", "Geometry", "IconTitleChanged", "Limits", "LimitsInForce", "Line", "LineCursor", "Match", "MemoryUse",
    "OutOfMemoryError", "PageDemand", "PageInfo", "Palette", "Position", "Reading", "Row", "Run", "RunSequence", "Style",
    "TitleChanged", "WorkingDirectoryChanged",
}  # fmt: skip
"""Copies that were made already, and plain values: nothing of them asks the core, as the last test says."""
WITHOUT = {"close", "closed"}
"""What gives memory back and takes none."""

VOLATILE = {
    "arena", "counters", "demand", "generation", "ledger", "limits", "mappings", "memory", "pages", "report", "serial", "trim",
}  # fmt: skip
"""What says where it lies and how it came there, which is not the same twice."""


# ---- that nothing is left out -------------------------------------------------------------------------------------------


def public(owner: type) -> dict[str, Any]:
    inherited = {name for base in (tuple, str) if issubclass(owner, base) for name in dir(base)}
    names = [name for name in dir(owner) if not name.startswith("_") and name not in inherited | WITHOUT]
    return {name: inspect.getattr_static(owner, name) for name in names}


def test_no_public_operation_is_left_out() -> None:
    named = {name: getattr(ghostpage, name) for name in ghostpage.__all__}
    holders = {name: of for name, of in named.items() if inspect.isclass(of) and name not in VALUES}
    assert set(OPERATIONS) == {*holders, "memory"}, "each class is swept, or one of VALUES"
    for owner, of in holders.items():
        members = public(of)
        calls = {name for name, member in members.items() if not isinstance(member, property)}
        setters = {name for name, member in members.items() if isinstance(member, property) and member.fset}
        missing = {name for name in calls | setters if name not in OPERATIONS[owner] and f"{owner}.{name}" not in ELSEWHERE}
        assert not missing, f"{owner}: not swept, and ELSEWHERE does not say why"
        assert set(OPERATIONS[owner]) <= set(members), "an operation that there is not"
    functions = {name for name in memory.__all__ if inspect.isfunction(getattr(memory, name))}
    assert functions == set(OPERATIONS["memory"]) | {name[7:] for name in ELSEWHERE if name.startswith("memory.")}
    assert VALUES | set(holders) | {"default_arena", "events", "memory"} == set(ghostpage.__all__)


# ---- the sweep ----------------------------------------------------------------------------------------------------------


def plain(value: object) -> object:
    """What can be compared."""
    if isinstance(value, Line):
        return value.text, value.cells
    if isinstance(value, memoryview):
        return value.tolist()
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [plain(each) for each in value]
    return value


def operations(owner: str) -> dict[str, Callable[[Any], object]]:
    """Those that are called, and a read of each property."""
    members = {} if owner == "memory" else public(getattr(ghostpage, owner))
    reads = [name for name, member in members.items() if isinstance(member, property)]
    return {f"{name} is read": lambda it, name=name: plain(getattr(it, name)) for name in reads} | OPERATIONS[owner]


def sweep(open: Callable[[], Held], see: Callable[[Any], Any], act: Callable[[Any], Any], arena: Arena) -> None:
    """Carried out or not at all, and then it can be done again."""
    held = open()
    before, expected, after = see(held), act(held.it), see(held)
    held.close()
    for call in attempts(arena, ("any", False)):
        held, done = open(), []
        if call(lambda: done.append(act(held.it))):
            assert see(held) == before
            done.append(act(held.it))
        assert done == [expected] and see(held) == after
        sound(held.terminal)
        held.close()


MADE: dict[str, Callable[[Terminal], Any]] = {
    "Terminal": lambda it: it,
    "Snapshot": Terminal.snapshot,
    "Frame": Terminal.frame,
    "Arena": lambda it: it.arena,
    "Search": lambda it: it.search("o", newest_first=False),
    "Command": lambda it: it.commands[1],
    "LineSequence": lambda it: it.lines,
    "RowSequence": lambda it: it.history,
    "memory": lambda it: memory,
}
SEEN: dict[str, Callable[[Any], Any]] = {
    "Frame": lambda it: ([it.text(y) for y in range(it.rows)], it.lines, it.offset, it.cursor),
    "Search": lambda it: it.progress,
    "Snapshot": look,
}


@pytest.mark.parametrize(("owner", "operation"), [(owner, each) for owner in OPERATIONS for each in operations(owner)])
def test_a_public_operation_is_carried_out_or_not_at_all(owner: str, operation: str, tmp_path: Path) -> None:
    SAVED[:] = [tmp_path / "saved"]
    name = operation.removesuffix(" is read")
    act = operations(owner)[operation]
    with Arena(standard_page=PAGE, pool_idle=float("inf")) as arena:
        with terminal(arena) as saved:
            saved.save(SAVED[0])

        def see(held: Held) -> object:
            return look(held.terminal), SEEN[owner](held.it) if owner in SEEN else None

        def opened() -> Held:
            return Held(screen(arena), lambda it: it) if owner == "Screen" else Held(terminal(arena), MADE[owner])

        sweep(opened, see, (lambda it: (act(it), None)[1]) if name in VOLATILE else act, arena)


def test_values_ask_for_nothing() -> None:
    """Whatever is read of them, the core is not asked for memory."""
    with Arena(standard_page=PAGE) as arena, terminal(arena) as it:
        values = [
            *it.history, *it.screen, *it.lines, *it.lines[3].runs, *it.history[2].cells, *it.search("fox"), it.position(0),
            it.read_since(), it.limits, it.memory, it.counters, it.demand, *it.pages, it.cursor, it.palette, it.geometry,
            *it.take_events(), arena.memory, *it.history[0].runs, Style(),
        ]  # fmt: skip
        with fail("any", 1, lasting=True) as fault:
            for value in values:
                for name in set(public(type(value))) - {"count", "index", "resident"}:
                    getattr(value, name)
        assert fault.hits == 0
        assert {type(value).__name__ for value in values} <= VALUES | {"LimitsInForce"}


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("pattern", ["o", re.compile(r"\bfo\w"), re.compile("[a-z]+ b")])
def test_a_search_goes_on_where_it_stopped(pattern: str | re.Pattern[str], newest_first: bool) -> None:
    """In history, in lines of several records, and on the screen: nothing is lost, and nothing found twice."""
    long = (b"." * 30_000 + b"a brown fox.") * 10
    with Arena(standard_page=PAGE) as arena, Terminal(80, 4, scrollback=Limits(bytes=1 << 20), arena=arena) as it:
        it.feed(CONTENT + b"\r\n\r\n\r\n\r\n" + long + CONTENT + b"\r\n\r\n\r\n\r\n" + long)
        expected = list(it.search(pattern, newest_first=newest_first))
        for nth in range(1, 300):
            search, found = it.search(pattern, newest_first=newest_first), []
            with fail("any", nth) as armed:
                while not search.done:
                    try:
                        found += search.step()
                    except OutOfMemoryError:
                        break
            while not search.done:
                found += search.step()
            assert found == expected
            if not armed.hits:
                break
        else:
            raise AssertionError("it never succeeds")
        assert nth > 5 and len({match.start.line for match in expected}) > 5
