"""Interrupts (Ctrl-C): prompt, and nothing is lost or left in halves, wherever in the library they come."""

from __future__ import annotations

import gc
import itertools
import re
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import ghostpage.terminal
from faults import PAGE, look, sound
from ghostpage import Arena, Limits, OutOfMemoryError, Terminal, memory
from ghostpage._core import lib
from ghostpage._faults import fail
from variants import run_python

PACKAGE = str(Path(ghostpage.__file__).parent)
LINES = 300
SERVICED = b"one\r\n\x1b]2;a title\x07two \x1b[6n\x1b[22t\x1b]8;;http://a\x1b\\three\x1b[>q\r\nfour\x1b]133;A\x07five\x1b[c\x1bPzz\x1b\\six"


def interrupt_at(number: int, act: Callable[[], Any]) -> bool:
    """Calls with an interrupt at the so-manieth place in the library where one can come; False if there are not so many.

    That is where a function begins, and where one that is not in Python has returned.
    """
    count = 0

    def profile(frame: Any, event: str, function: Any) -> None:
        nonlocal count
        if event == "c_return" and function.__name__ == "__enter__":
            return  # of a lock: CPython 3.14 can be interrupted there, and keeps it locked; those before cannot
        if event in ("call", "c_return") and frame.f_code.co_filename.startswith(PACKAGE):
            count += 1
            if count == number:
                raise KeyboardInterrupt

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        act()
    except KeyboardInterrupt:
        return True
    finally:
        sys.setprofile(before)
    return count >= number  # in a finalizer, whose exceptions are nobody's


def each_interrupt(most: int = 100_000, step: int = 1) -> Iterator[Callable[[Callable[[], Any]], bool]]:
    """For each place a function that calls another and says whether it was interrupted there; ends when one was not."""
    came = True

    def call(act: Callable[[], Any], number: int) -> bool:
        nonlocal came
        came = interrupt_at(number, act)
        return came

    for number in range(1, most, step):
        came = False
        yield lambda act, number=number: call(act, number)  # type: ignore[misc]
        if not came:
            assert number > 1, "nothing was ever interrupted"
            return
    raise AssertionError("there was no end")


def nothing_is_left() -> None:
    gc.collect()
    memory.trim()
    assert memory.ledger().mappings == 0


def filled(**options: Any) -> Terminal:
    terminal = Terminal(20, 4, arena=Arena(standard_page=PAGE), scrollback=Limits(), **options)
    for number in range(LINES):
        terminal.feed(f"line {number} wörk \U0001f680\r\n")
    return terminal


# ---- at each place ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("pattern", ["9 wörk", "line", re.compile(r"\d*7 w"), re.compile("line 1"), re.compile(".*")])
@pytest.mark.parametrize("way", ["step", "next"])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of generators that are closed
def test_a_search_that_goes_on_finds_each_match_once(way: str, pattern: Any, newest_first: bool) -> None:
    with filled() as terminal:

        def drain(search: Any, found: list[Any]) -> None:
            if way == "next":
                while True:
                    match = next(search, None)
                    if match is None:
                        break
                    found.append(match)
            else:
                while not search.done:
                    found.extend(search.step())

        expected: list[Any] = []
        drain(terminal.search(pattern, newest_first=newest_first), expected)
        assert len(expected) >= 30
        for interrupted in each_interrupt(step=1 if len(expected) < 100 else 7):
            found: list[Any] = []
            search = terminal.search(pattern, newest_first=newest_first)
            interrupted(lambda search=search, found=found: drain(search, found))
            drain(search, found)
            assert [(match.start, match.end) for match in found] == [(match.start, match.end) for match in expected]
            assert search.done and search.progress[0] == search.progress[1]


def test_rows_that_changed_are_reported_after_an_interrupt() -> None:
    with filled() as terminal:
        frame = terminal.frame()
        painted: dict[int, str] = {}

        def paint(rows: list[int]) -> None:
            painted.update((y, frame.text(y)) for y in rows)

        paint(list(range(4)))
        for number, interrupted in enumerate(each_interrupt()):
            terminal.feed(f"\x1b[{number % 4 + 1};1H{number} \x1b[3{number % 8}mnew")
            if number % 3 == 0:
                terminal.resize(20 + number % 2, 4)
            missed: list[int] = []
            interrupted(lambda missed=missed: missed.extend(frame.update()))
            paint(missed)
            paint(frame.update())
            assert [painted[y].rstrip() for y in range(4)] == [row.text for row in terminal.screen]
            assert frame.update() == []
            assert len(frame.runs(0)) and frame.codepoints.shape == (4, 20 + (number - number % 3) % 2)


def test_what_was_fed_before_an_interrupt_is_a_beginning_of_it() -> None:
    def seen(terminal: Terminal) -> dict[str, Any]:
        return {name: value for name, value in look(terminal).items() if name != "titles"}

    with Terminal(20, 4) as bytewise:
        beginnings = [seen(bytewise)]
        for at in range(len(SERVICED)):
            bytewise.feed(SERVICED[at : at + 1])
            beginnings.append(seen(bytewise))
    cut_short = 0
    for interrupted in each_interrupt():
        with Terminal(20, 4) as terminal:
            came = interrupted(lambda terminal=terminal: terminal.feed(SERVICED))
            cut_short += came and seen(terminal) != beginnings[-1]
            assert seen(terminal) in beginnings
            sound(terminal)
            # It is nobody's turn any more: another thread need not wait.
            other = threading.Thread(target=terminal.feed, args=(b"\x1b\\\x1b[2J\x1b[Hstill here\x1b]2;now\x07",), daemon=True)
            other.start()
            other.join(timeout=60)
            assert not other.is_alive()
            assert terminal.screen[0].text == "still here" and terminal.title == "now"
    assert cut_short > 10


@pytest.mark.parametrize("operation", ["resize", "limits", "save", "snapshot", "trim", "clear_history", "close"])
def test_an_interrupted_operation_was_carried_out_or_not(operation: str, tmp_path: Path) -> None:
    path = tmp_path / "saved"

    def act(terminal: Terminal) -> None:
        if operation == "resize":
            terminal.resize(9, 7)
        elif operation == "limits":
            terminal.limits = Limits(lines=20)
        elif operation == "save":
            terminal.save(path)
        else:
            getattr(terminal, operation)()

    with filled() as terminal:
        before = look(terminal)
        terminal.save(path)
        act(terminal)
        after = None if terminal.closed else look(terminal)
    for interrupted in each_interrupt():
        with filled() as terminal:
            interrupted(lambda terminal=terminal: act(terminal))
            if not terminal.closed:
                assert look(terminal) in (before, after)
                sound(terminal)
                terminal.resize(20, 4)
            with Terminal.load(path) as loaded:
                assert look(loaded)["text"] == before["text"]
        assert [each.name for each in tmp_path.iterdir()] == ["saved"]
    del terminal, loaded, interrupted
    nothing_is_left()


def test_an_interrupted_opening_leaves_nothing() -> None:
    def open_one() -> None:
        with Arena(standard_page=PAGE) as arena, Terminal(arena=arena, timestamps=True) as terminal:
            terminal.frame().update()

    for interrupted in each_interrupt():
        interrupted(open_one)
        nothing_is_left()


# ---- a handler that feeds, in the middle of feeding -------------------------------------------------------------------------


class Interrupted:
    """The core as ``ghostpage.terminal`` calls it, with handlers that come when it has taken something."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._core = lib
        self.handlers: dict[int, Callable[[], Any]] = {}
        self.count = 0
        monkeypatch.setattr(ghostpage.terminal, "lib", self)
        monkeypatch.setattr(ghostpage.terminal, "_feed_all", self.gp_terminal_feed_all)

    def __getattr__(self, name: str) -> Any:
        function = getattr(self._core, name)
        if name not in ("gp_terminal_feed_all", "gp_terminal_feed"):
            return function

        def call(*arguments: Any) -> Any:
            result = function(*arguments)
            self.count += 1
            self.handlers.pop(self.count, lambda: None)()
            return result

        return call

    def feed(self, terminal: Terminal, data: bytes | str, *handlers: tuple[int, Callable[[], Any]]) -> bool:
        """Feeds, with handlers at the so-manieth times from here on; whether all of them came."""
        self.handlers = {self.count + number: handler for number, handler in handlers}
        terminal.feed(data)
        left, self.handlers = self.handlers, {}
        return not left


@pytest.mark.parametrize("size", [100, 100_000])
@pytest.mark.parametrize("kind", [bytes, str])
def test_a_string_is_read_though_a_handler_feeds_before(kind: type, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It lies in the core's memory, which the next feed takes back."""
    core = Interrupted(monkeypatch)
    ends = "a\x1b\\tail"
    came = 0
    for first, second in itertools.product(range(1, 4), range(1, 8)):
        with Terminal(20, 4, allow=["strings"], string_limit=1 << 20) as terminal:

            def handler(terminal: Terminal = terminal) -> None:
                terminal.feed("\x1b_" + "b" * size)
                terminal.feed(b"\x1b\\")

            def another(terminal: Terminal = terminal) -> None:
                terminal.feed("\x1b\\\x1b_c\x1b\\\x1b_" + "d" * size + "\x1b\\")

            terminal.feed("\x1b_" + "a" * (size - 1))
            handlers = (first, handler), (first + second, another)
            if not core.feed(terminal, ends if kind is str else ends.encode(), *handlers):
                continue
            came += 1
            strings = sorted(bytes(event.data) for event in terminal.take_events())  # type: ignore[attr-defined]
            if strings[1] == b"b" * size:
                strings.pop(1)  # which the other ended, or came behind
            assert strings == [b"a" * size, b"c", b"d" * size]
            assert terminal.screen[0].text == "tail"
            sound(terminal)
    assert came > 5


def test_without_memory_to_keep_a_string_the_feed_in_between_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    core = Interrupted(monkeypatch)
    with Terminal(20, 4, allow=["strings"]) as terminal:

        def handler() -> None:
            with fail("allocation", 1, True), pytest.raises(OutOfMemoryError) as refused:
                terminal.feed(b"\x1b_b\x1b\\")
            assert refused.value.consumed == 0
            terminal.feed(b"\x1b_b\x1b\\")

        terminal.feed(b"\x1b_a")
        assert core.feed(terminal, b"a\x1b\\tail", (1, handler))
        assert sorted(event.data for event in terminal.take_events()) == [b"aa", b"b"]  # type: ignore[attr-defined]
        assert terminal.screen[0].text == "tail"
        sound(terminal)


@pytest.mark.parametrize("number", [1, 2])
def test_a_feed_in_between_that_fails_takes_nothing_from_the_one_it_came_in(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    core = Interrupted(monkeypatch)
    with Terminal(20, 4) as terminal:

        def handler() -> None:
            with pytest.raises(TypeError):
                terminal.feed(object())  # type: ignore[arg-type]

        assert core.feed(terminal, b"one \x1b[6ntwo", (number, handler))
        assert terminal.screen[0].text == "one two"
        assert terminal.take_replies() == b"\x1b[1;5R"


def test_an_interrupt_of_its_clock_leaves_nobody_waiting() -> None:
    def clock() -> float:
        raise KeyboardInterrupt

    with Terminal(20, 4, timestamps=True, _clock=clock) as terminal:
        with pytest.raises(KeyboardInterrupt):
            terminal.feed("one")
        terminal._clock = lambda: 0.0
        other = threading.Thread(target=terminal.feed, args=(b" two",), daemon=True)
        other.start()
        other.join(timeout=10)
        assert terminal.screen[0].text == "one two"


# ---- by a signal ------------------------------------------------------------------------------------------------------------

INTERRUPTED = """
    import _thread, os, re, signal, threading
    from ghostpage import Limits, Terminal
    from ghostpage._buffer import SLICE_BYTES

    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where a shell has put the tests in the background
    LINE = b"the quick brown fox jumps over\\r\\n"
    assert len(LINE) == 32
    data = LINE * (64 * SLICE_BYTES // 32)

    def interrupted(under_way, act):
        def watch():
            before = under_way()
            while under_way() == before:
                pass
            os.kill(os.getpid(), signal.SIGINT)
        watcher = threading.Thread(target=watch)
        try:
            watcher.start()
            act()
            watcher.join()
        except KeyboardInterrupt:
            watcher.join()
            return
        raise AssertionError("no interrupt came")
"""


def interrupted(script: str) -> None:
    done = run_python(None, "-c", textwrap.dedent(INTERRUPTED) + textwrap.dedent(script))
    assert (done.returncode, done.stderr) == (0, "")


def test_feeding_is_interrupted_between_two_mebibytes() -> None:
    interrupted("""
        inside = 0
        for _ in range(50):
            terminal = Terminal(80, 24, scrollback=Limits(lines=100))
            def feed():
                while True:
                    terminal.feed(data)
            interrupted(lambda: terminal.next_line, feed)
            lines = terminal.next_line - 1
            assert lines * 32 % SLICE_BYTES == 0 and terminal._violation() is None
            inside += lines * 32 % len(data) != 0
            terminal.feed("and on\\r\\n")
            assert terminal.screen[-2].text == "and on"
            terminal.close()
            if inside == 3:
                break
        assert inside == 3, "it always waited for the end"
    """)


def test_a_search_is_interrupted_and_goes_on() -> None:
    interrupted("""
        terminal = Terminal(80, 24, scrollback=Limits())
        terminal.feed(data[:16 * SLICE_BYTES])
        lines = 16 * SLICE_BYTES // 32
        search, found = terminal.search(re.compile("fox jumps over"), newest_first=False), []
        def look():
            for match in search:
                found.append(match.start.line)
        interrupted(lambda: len(found), look)
        assert 0 < len(found) < lines and terminal._violation() is None
        look()
        assert found == sorted(set(found)) and found[-1] == lines - 1
        assert len(list(terminal.search("fox jumps over"))) == lines
    """)
