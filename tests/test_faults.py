"""The system refuses memory, at every attempt in turn: nothing breaks, nothing leaks, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from ghostpage import Arena, Limits, OutOfMemoryError, Screen, Style, Terminal, memory
from ghostpage._faults import fail
from scenarios import PAGE, dense, heavy
from streams import PROFILES, random_stream

COLUMNS, ROWS = 20, 5

Step = bytes | Callable[[Any], object]

EDITS = (
    b"\x1b[3;1H\x1b[44m\x1b[K\x1b[2@ab\x1b[1;18H\xf0\x9f\x9a\x80\xf0\x9f\x9a\x80\x1b[2L\x1b[M\x1b[m"
    b"\x1b[2;4r\x1b[4H\n\n\x1bM\x1bM\x1b[r\x1b[5H\x1b(0lqqqk\x1b(B\r\n\t\tq\xcc\x81\x1b[9b\r\n"
)
REPAINT = [b"\x1b[H" + dense(number)[:120] for number in range(12)]

TERMINAL_STEPS: list[Step] = [
    b"\x1b]2;title\x1b\\plain\r\n\x1b[1;31mbold\x1b[m and \x1b[4:3mcurly\x1b[m\r\n",
    dense(1, 8),
    b"\t\x1b]8;;https://example.org/%s\x1b\\x\x1b]8;;\x1b\\\r\n" % (b"long" * 900),
    heavy(2),
    b"z" + "\u0353".encode() * 40 + "👨‍👩‍👧\u200d👦👍🏽e\u0301 क्ष\r\n".encode(),
    EDITS,
    *REPAINT,
    b"\x1b[99H\r\n" + b"plain again\r\n" * 12,
    lambda terminal: terminal.resize(33, 7),
    dense(3, 3),
    b"\x1b[?1049h" + b"".join(REPAINT) + EDITS,
    lambda terminal: terminal.resize(14, 4),
    lambda terminal: terminal.text(),
    b"\x1b[?1049l" + heavy(4),
    lambda terminal: [row.cells for row in terminal.screen],
    b"\x1b[?47h\x1b[?47l",
    lambda terminal: setattr(terminal, "limits", Limits(lines=30)),
    lambda terminal: terminal.resize(COLUMNS, ROWS),
    random_stream(11, 3000, "log", columns=COLUMNS, rows=ROWS),
    random_stream(12, 3000, "shell", columns=COLUMNS, rows=ROWS),
    random_stream(13, 3000, "tui", columns=COLUMNS, rows=ROWS),
    lambda terminal: setattr(terminal, "limits", Limits(lines=200)),
    random_stream(14, 3000, "mixed", columns=COLUMNS, rows=ROWS),
    b"\x1bc" + dense(5, 4),
    b"\xf0\x9f",  # a character whose end comes later
    b"\x9a\x80\r\nend",
]


def _pen(screen: Screen) -> None:
    screen.style = Style(bold=True, background=4)
    screen.link = ("https://example.org/" + "long" * 500, "id")


SCREEN_STEPS: list[Step] = [
    "plain text, 文字 and 👨‍👩‍👧‍👦 ".encode() * 3,
    Screen.line_feed,
    _pen,
    b"in colour, and a link " * 5,
    lambda screen: screen.move(3, 1),
    lambda screen: screen.insert_cells(4),
    lambda screen: screen.erase_line(1),
    lambda screen: screen.insert_lines(2),
    lambda screen: screen.delete_lines(1),
    lambda screen: screen.scroll(2),
    lambda screen: screen.scroll(-1),
    lambda screen: screen.delete_cells(2),
    lambda screen: screen.erase_display(0),
    lambda screen: setattr(screen, "alternate", True),
    "e\u0301".encode() * 200,
    lambda screen: setattr(screen, "alternate", False),
    Screen.reverse_line_feed,
    lambda screen: screen.resize(31, 3),
    b"more " * 800,
]


class Session:
    """Steps on a terminal or screen, which can be resumed where memory was lacking."""

    def __init__(self, opener: Callable[..., Any], steps: list[Step], arena: Arena) -> None:
        self.opened: Any = None
        self._steps = list(steps)
        self._open = lambda: opener(arena=arena)

    def run(self) -> None:
        if self.opened is None:
            self.opened = self._open()
        while self._steps:
            step = self._steps[0]
            if isinstance(step, bytes):
                self._print(step)
            else:
                step(self.opened)
            del self._steps[0]

    def _print(self, data: bytes) -> None:
        try:
            if isinstance(self.opened, Terminal):
                self.opened.feed(data)
            else:
                self.opened.write(data.decode())
        except OutOfMemoryError as error:
            assert error.consumed is not None and 0 <= error.consumed <= len(data)
            self._steps[0] = data[error.consumed :]
            raise

    def look(self) -> dict[str, Any]:
        rows = [*self.opened.history, *self.opened.screen]
        return {
            "text": [row.text for row in rows],
            "cells": [[(cell.text, cell.width, cell.style, cell.hyperlink) for cell in row.cells] for row in rows],
            "wrapped": [row.wrapped for row in rows],
            "lines": [row.line - rows[0].line for row in rows],
            "cursor": self.opened.cursor,
            "size": (self.opened.columns, self.opened.rows, self.opened.limits),
            "alternate": self.opened.alternate_screen,
            "title": getattr(self.opened, "title", ""),
        }

    def close(self) -> None:
        if self.opened is not None:
            self.opened.close()


def sound(session: Session) -> None:
    assert session.opened is None or session.opened._violation() is None, session.opened._violation()
    audit = memory.audit()
    assert audit.ok, audit


def sweep(opener: Callable[..., Any], steps: list[Step], arena: Arena, lasting: bool) -> int:
    """Plays the steps with the first, the second, ... attempt failing, until there is none left to fail."""
    undisturbed = Session(opener, steps, arena)
    undisturbed.run()
    expected = undisturbed.look()
    undisturbed.close()
    attempt = 0
    while True:
        attempt += 1
        arena.trim()
        session = Session(opener, steps, arena)
        with fail("any", attempt, lasting) as fault:
            try:
                session.run()
            except OutOfMemoryError:
                pass
        if not fault.hits:
            session.close()
            return attempt
        sound(session)
        session.run()
        seen = session.look()
        different = [name for name in expected if seen[name] != expected[name]]
        assert not different, f"attempt {attempt}: other {', '.join(different)}"
        if attempt % 16 == 0:
            sound(session)
        session.close()


@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize("mode", ["auto", "grid"])
@pytest.mark.parametrize("policy", ["adaptive", "replace"])
@pytest.mark.parametrize(("kind", "steps"), [(Terminal, TERMINAL_STEPS), (Screen, SCREEN_STEPS)])
def test_every_attempt_may_fail(
    kind: Callable[..., Any], steps: list[Step], policy: str, mode: str, lasting: bool
) -> None:
    opener = partial(kind, COLUMNS, ROWS, scrollback=Limits(lines=100), _mode=mode)
    with Arena(policy=policy, standard_page=PAGE) as arena:
        assert sweep(opener, steps, arena, lasting) > 20


@pytest.mark.parametrize("seed", range(24))
def test_every_attempt_may_fail_whatever_is_printed(seed: int) -> None:
    columns, rows = ((2, 5), (5, 2), (10, 1), (20, 5), (40, 3))[seed % 5]
    lines, profile = (None, 0, 20)[seed % 3], sorted(PROFILES)[seed % len(PROFILES)]
    opener = partial(Terminal, columns, rows, scrollback=Limits(lines=lines), _mode=("auto", "grid", "early")[seed // 2 % 3])
    output = random_stream(seed, 5000, profile, columns=columns, rows=rows)
    steps: list[Step] = [output, lambda it: it.resize(7, 3), output[:2000], lambda it: it.resize(columns, rows)]
    with Arena(policy=("adaptive", "replace")[seed % 2], standard_page=PAGE) as arena:
        sweep(opener, steps, arena, lasting=seed % 4 < 2)


@pytest.mark.parametrize("length", range(0, 300, 20))
def test_blanks_before_text_that_does_not_fit_are_not_counted_as_text(length: int) -> None:
    """A tab is put as blanks, in a step of its own, before the link behind it needs another page."""
    link = b"\x1b]8;;https://example.org/%s\x1b\\"
    first, second = link % (b"x" * (PAGE // 2)), link % (b"y" * (PAGE // 2 - 400 + length))
    steps: list[Step] = [first + b"a\r\n", b"\x1b[1m\t\t\t" + second + b"hello world", b"\r\nmore"]
    with Arena(standard_page=PAGE) as arena:
        sweep(Terminal, steps, arena, lasting=True)


@pytest.mark.parametrize("mode", ["auto", "grid"])
@pytest.mark.parametrize("limits", [Limits(lines=50), Limits(lines=0), Limits(lines=0, bytes=0)], ids=["50", "0", "0 bytes"])
@pytest.mark.parametrize("kind", ["allocation", "mapping"])
def test_a_resize_is_carried_out_or_not_at_all(kind: str, limits: Limits, mode: str) -> None:
    opener = partial(Terminal, COLUMNS, ROWS, scrollback=limits, _mode=mode)
    failures = 0
    with Arena(standard_page=PAGE) as arena:
        for more in range(20):
            steps: list[Step] = [dense(1, 6), EDITS, *REPAINT, heavy(7), b"abcdefg" * 10 * more, b"\x1b[2;2H"]
            session = Session(opener, steps, arena)
            session.run()
            for columns, rows in ((37, 9), (5, 2), (2, 8)):
                for attempt in range(1, 1000):
                    arena.trim()
                    before = session.look()
                    try:
                        with fail(kind, attempt, lasting=True):
                            session.opened.resize(columns, rows)
                        break
                    except OutOfMemoryError as error:
                        assert error.consumed is None
                    failures += 1
                    sound(session)
                    assert session.look() == before
            session.close()
    assert failures > 20


@pytest.mark.parametrize("policy", ["adaptive", "replace"])
def test_every_attempt_may_fail_at_a_limit_in_bytes(policy: str) -> None:
    """What has been pruned may differ then; the screen and what history there is may not."""
    steps: list[Step] = [dense(1, 20), *(heavy(number) for number in range(6)), *REPAINT, EDITS, dense(2, 20)]
    steps += ["文字".encode() * 2000 + b"\r\n", dense(3, 20)]
    opener = partial(Terminal, COLUMNS, ROWS, scrollback=Limits(bytes=20 * PAGE))
    with Arena(policy=policy, standard_page=PAGE) as arena:
        undisturbed = Session(opener, steps, arena)
        undisturbed.run()
        expected = undisturbed.look()
        undisturbed.close()
        for attempt in range(1, 1000):
            arena.trim()
            session = Session(opener, steps, arena)
            with fail("any", attempt, lasting=attempt % 2 == 0) as fault:
                try:
                    session.run()
                except OutOfMemoryError:
                    pass
            if fault.hits:
                sound(session)
                session.run()
                seen = session.look()
                common = min(len(seen["text"]), len(expected["text"]))
                assert common >= 50
                for name in ("text", "cells", "wrapped"):
                    assert seen[name][-common:] == expected[name][-common:]
                assert seen["cursor"] == expected["cursor"]
                assert session.opened.memory.mapped <= 20 * PAGE
            session.close()
            if not fault.hits:
                break
        assert attempt > 20


def test_other_terminals_do_not_notice() -> None:
    with Arena(standard_page=PAGE) as arena, Terminal(COLUMNS, ROWS, arena=arena) as other:
        other.feed(dense(1, 20) + EDITS)
        before = other.text()
        for attempt in range(1, 40):
            with Terminal(COLUMNS, ROWS, arena=arena) as terminal:
                try:
                    with fail("any", attempt, lasting=True):
                        terminal.feed(heavy(1) * 3)
                        terminal.resize(50, 20)
                except OutOfMemoryError:
                    pass
            assert other.text() == before and other._violation() is None
            assert memory.audit().ok
