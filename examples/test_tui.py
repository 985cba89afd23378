"""Tests of a full-screen program that type to it and look at its screen, with no more than a fixture of five lines.

    python -m pytest examples/test_tui.py

A test that waits in vain fails with the screen in its message. The program is a menu in curses; put yours in its place.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ghostpage.session import Session

MENU = """
import curses

def main(screen):
    curses.curs_set(0)
    items, chosen = ["apples", "pears", "plums"], 0
    while True:
        rows, columns = screen.getmaxyx()
        screen.erase()
        screen.addstr(0, 0, f"What do you want? ({columns}x{rows})")
        for number, item in enumerate(items):
            screen.addstr(2 + number, 2, item, curses.A_REVERSE if number == chosen else 0)
        key = screen.getch()
        if key in (curses.KEY_UP, curses.KEY_DOWN):
            chosen = (chosen + (1 if key == curses.KEY_DOWN else -1)) % len(items)
        elif key in (10, 13):
            return items[chosen]

print(curses.wrapper(main), "it is")
"""

Start = Callable[..., Session]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts programs in terminals, and ends them with the test."""
    with contextlib.ExitStack() as stack:

        def start(*command: str, **options: Any) -> Session:
            return stack.enter_context(Session(command, **options))

        yield start


@pytest.fixture
def menu(start: Start) -> Session:
    session = start(sys.executable, "-c", MENU, columns=40, rows=10)
    session.wait_until(lambda: marked(session) == ["apples"])
    return session


def marked(session: Session) -> list[str]:
    """What is shown in reverse video."""
    return [run.text for row in session.terminal.screen for run in row.runs if run.style.inverse]


def press(session: Session, key: str) -> None:
    session.send(session.terminal.key(key))  # as the program has asked for it


def test_the_keys_move_the_mark(menu: Session) -> None:
    for key, item in (("down", "pears"), ("down", "plums"), ("down", "apples"), ("up", "plums")):
        press(menu, key)
        menu.wait_until(lambda: marked(menu) == [item])


def test_what_is_chosen_is_printed_on_the_screen_from_before(menu: Session) -> None:
    assert menu.terminal.alternate_screen
    press(menu, "down")
    press(menu, "enter")
    assert menu.wait() == 0
    assert not menu.terminal.alternate_screen
    assert menu.screen_text() == "pears it is"


def test_the_menu_fits_a_window_of_another_size(menu: Session) -> None:
    menu.wait_for("What do you want? (40x10)")
    menu.wait_stable()  # curses does not notice a resize that comes just before it waits for a key
    menu.resize(60, 12)
    menu.wait_for("What do you want? (60x12)")
