"""The system refuses memory, at every attempt in turn: nothing breaks, nothing leaks, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from faults import FAULTS, PAGE, Fault, sweep_call, sweep_feed
from ghostpage import Arena, Limits, Screen, Style, Terminal
from leak_scenarios import line

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
    "a reset": b"one\r\n" * 9 + b"\x1b[H\x1b[41mx\x1bcafter\r\n" + b"\x1b[?1049h\x1bcagain",
    "wraps taken back": "ab\x1b[9C界界\x1b[1;12H\x1b[K\r\n0123456789AB\x1b[44mC\n\x1b[m\x1b[A\x1b[P".encode() * 4,
}


@every_fault
@pytest.mark.parametrize("mode", ["auto", "grid"])
@pytest.mark.parametrize("output", OUTPUT)
def test_feeding_goes_on_where_it_stopped(output: str, mode: str, arena: Arena, fault: Fault) -> None:
    opener = partial(opened, Terminal, arena, "text", _mode=mode)
    sweep_feed(opener, OUTPUT[output], arena, fault)


STOPPED: dict[str, bytes] = {
    "titles": b"\x1b]2;one\x1b\\a\x1b]0;" + b"two " * 80 + b"\ab",
    "links": b"\x1b]8;;https://example.org/\x1b\\x\x1b]8;;\x1b\\\r\n",
    "a saved cursor": b"\x1b[?47h\x1b[?1049l",
}


@pytest.mark.parametrize("piece", [1, 7, 1000])
@pytest.mark.parametrize("output", STOPPED)
def test_what_comes_in_pieces_is_not_lost(output: str, piece: int, arena: Arena) -> None:
    opener = partial(opened, Terminal, arena, "text")
    assert sweep_feed(opener, STOPPED[output], arena, ("any", True), piece=piece) or piece == 1000
