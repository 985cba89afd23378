"""Readers that follow completed lines: each line once, what is gone counted exactly, whatever happens in between."""

import random
import threading

import pytest

from ghostpage import Arena, ArgumentError, ClosedError, LineCursor, Limits, Terminal
from streams import random_stream


class Follower:
    """A reader that remembers what it was given: lines, and None for each that was dropped."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.cursor: LineCursor | None = None
        self.seen: list[str | None] = []

    def poll(self) -> list[str]:
        reading = self.terminal.read_since(self.cursor)
        self.cursor = reading.cursor
        self.seen += [None] * reading.dropped
        self.seen += reading.lines
        return reading.lines


def agree(one: list[str | None], other: list[str | None]) -> None:
    assert len(one) == len(other)
    assert all(a == b or a is None or b is None for a, b in zip(one, other, strict=True))


def numbered(first: int, stop: int) -> str:
    return "".join(f"line {number}\r\n" for number in range(first, stop))


def test_each_line_once_when_it_has_left_the_screen(terminal: Terminal) -> None:
    reader = Follower(terminal)
    assert reader.poll() == []
    terminal.feed("one\r\ntwo\r\nthree")
    assert reader.poll() == []
    terminal.feed("\r\nfour, which wraps")
    assert reader.poll() == ["one", "two"]
    terminal.feed("\r\n")
    assert reader.poll() == ["three"]
    terminal.feed("\r\n")
    assert reader.poll() == []  # a row of it is still on the screen
    terminal.feed("\r\n")
    assert reader.poll() == ["four, which wraps"]
    assert terminal.read_since(reader.cursor) == ([], reader.cursor, 0, None)


def test_none_begins_with_the_oldest_kept() -> None:
    with Terminal(20, 2, scrollback=Limits(lines=3)) as terminal:
        terminal.feed(numbered(0, 10))
        reading = terminal.read_since()
        assert reading.lines == ["line 6", "line 7", "line 8"]
        assert reading.dropped == 0


def test_the_tail_is_the_screen_as_it_is(terminal: Terminal) -> None:
    terminal.feed("one\r\ntwo\r\nthree\r\nfour\x1b[1;1H\x1b[2K\x1b[3;1H")
    assert terminal.read_since(tail=True)[::3] == (["one"], ["", "three", "four"])
    terminal.feed("\x1b[2J")
    assert terminal.read_since(tail=True).tail == []
    terminal.feed("\x1b[?1049h\x1b[Hfull screen")
    reading = terminal.read_since(tail=True)
    assert reading.lines == ["one"]
    assert reading.tail == ["full screen"] or reading.tail == ["full scree", "n"]


@pytest.mark.parametrize("mode", ["auto", "grid", "early"])
@pytest.mark.parametrize("lines", [0, 1, 5, 100, None])
def test_what_is_dropped_is_counted_exactly(mode: str, lines: int | None, arena: Arena) -> None:
    rng = random.Random(lines)
    with Terminal(30, 4, scrollback=Limits(lines=lines), arena=arena, _mode=mode) as terminal:
        often, seldom = Follower(terminal), Follower(terminal)
        often.poll(), seldom.poll()
        at = 0
        for _ in range(60):
            count = rng.choice((0, 1, 2, 7, 300))
            terminal.feed(numbered(at, at + count))
            at += count
            often.poll()
            if rng.random() < 0.2:
                seldom.poll()
        seldom.poll()
        complete = [f"line {number}" for number in range(at - 3)]
        agree(often.seen, complete)
        agree(seldom.seen, complete)
        if lines is None:
            assert often.seen == seldom.seen == complete


@pytest.mark.parametrize(
    "loss",
    [
        lambda terminal: terminal.clear_history(),
        lambda terminal: terminal.feed("\x1b[3J"),
        lambda terminal: setattr(terminal, "limits", Limits(lines=0)),
    ],
)
def test_history_cleared_is_dropped(loss, terminal: Terminal) -> None:
    terminal.feed(numbered(0, 10))
    reader = Follower(terminal)
    terminal.read_since()
    late = terminal.read_since()
    terminal.feed(numbered(10, 20))
    loss(terminal)
    reading = terminal.read_since(late.cursor)
    assert (reading.lines, reading.dropped) == ([], 10)
    terminal.limits = Limits(lines=100)
    terminal.feed(numbered(20, 23))
    assert terminal.read_since(reading.cursor).lines == ["line 18", "line 19", "line 20"]
    assert reader.poll() == ["line 18", "line 19", "line 20"]


@pytest.mark.parametrize("mode", ["auto", "grid", "early"])
@pytest.mark.parametrize("screen", ["", "some\r\nlines", "x\x1b[1;1Hedited\x1b[3;3H", "\x1b[?1049h\x1b[Halternate"])
def test_a_reset_drops_history_and_not_the_screen(mode: str, screen: str) -> None:
    with Terminal(10, 3, _mode=mode) as terminal:
        terminal.feed(numbered(0, 5))
        cursor = terminal.read_since().cursor
        terminal.feed(numbered(5, 10) + screen)
        unread = len(terminal.read_since(cursor).lines)
        for resets in range(3):
            terminal.feed("\x1bc")
            reading = terminal.read_since(cursor)
            assert (reading.lines, reading.dropped) == ([], unread)
        terminal.feed(numbered(0, 5))
        reading = terminal.read_since(cursor)
        assert (reading.lines, reading.dropped) == (["line 0", "line 1", "line 2"], unread)
        assert terminal.read_since(reading.cursor).dropped == 0


@pytest.mark.parametrize("mode", ["auto", "grid", "early"])
def test_lines_that_come_back_are_not_given_twice(mode: str, arena: Arena) -> None:
    rng = random.Random(7)
    with Terminal(40, 6, arena=arena, _mode=mode) as terminal:
        often, seldom = Follower(terminal), Follower(terminal)
        at = 0
        for _ in range(80):
            count = rng.choice((0, 1, 3, 20))
            terminal.feed("".join(f"{number} {'x' * rng.randint(0, 60)}\r\n" for number in range(at, at + count)))
            at += count
            if rng.random() < 0.5:
                often.poll()
            terminal.resize(rng.choice((9, 40, 80)), rng.choice((1, 6, 30)))
            often.poll()
            if rng.random() < 0.1:
                seldom.poll()
        terminal.feed("\r\n" * 40)
        often.poll(), seldom.poll()
        assert often.seen == seldom.seen
        assert [int(line.split()[0]) for line in often.seen if line] == list(range(at))


@pytest.mark.parametrize("mode", ["auto", "grid", "early"])
def test_what_is_printed_over_lines_that_came_back_is_not_missed(mode: str) -> None:
    with Terminal(20, 4, _mode=mode) as terminal:
        reader, late = Follower(terminal), Follower(terminal)
        terminal.feed(numbered(0, 10))
        assert reader.poll() == [f"line {number}" for number in range(7)]
        terminal.resize(20, 9)  # lines 2 to 6 are back
        assert reader.poll() == []
        terminal.feed("\x1b[4;1H\x1b[Jnew a\r\nnew b")  # over lines 5 and on
        assert reader.poll() == []
        terminal.feed("\r\n" * 9)
        assert reader.poll() == ["new a", "new b", *[""] * 3][: len(reader.seen) - 7]
        assert reader.seen[7:9] == ["new a", "new b"]
        assert late.poll()[:7] == ["line 0", "line 1", "line 2", "line 3", "line 4", "new a", "new b"]


@pytest.mark.parametrize("edit", [
    "\x1b[2;1Hx", "\x1b[2;1H\x1b[K", "\x1b[2;1H\x1b[L", "\x1b[2;1H\x1b[M", "\x1b[2;1H\x1b[P", "\x1b[2;1H\x1b[@",
    "\x1b[2;1H\x1b[1J", "\x1b#8", "\x1b[H\x1bM", "\x1b[T", "\x1b[2;3r\x1b[S", "\x1b[1;2r\x1b[S", "\x1b[2;4H\u0301", "\x1b[2;2H\x1b[X",
])  # fmt: skip
def test_every_edit_of_a_line_that_came_back_gives_it_again(edit: str) -> None:
    for mode in ("auto", "grid", "early"):
        with Terminal(20, 3, _mode=mode) as terminal:
            terminal.feed(numbered(0, 10))
            reader = Follower(terminal)
            reader.poll()
            terminal.resize(20, 6)
            terminal.feed(edit)
            screen = terminal.read_since(tail=True).tail
            before = len(terminal.history)
            terminal.feed("\x1b[r\x1b[999;1H" + "\n" * 6)
            given = reader.poll()
            whole = [row.text for row in terminal.history][-6:]
            assert len(terminal.history) == before + 6
            assert given[-5:] == whole[-5:]
            assert screen[1:] == whole[1 : len(screen)]


def test_rewinds_are_bounded(arena: Arena) -> None:
    """Thousands of resizes with an edit each: a late reader gets everything there is, from far enough back."""
    with Terminal(20, 3, arena=arena, scrollback=Limits()) as terminal:
        first = terminal.read_since().cursor
        for number in range(300):
            terminal.feed(numbered(4 * number, 4 * number + 4))
            terminal.resize(20, 6)
            terminal.feed("\x1b[2;1Hedited\x1b[6;1H")
            terminal.resize(20, 3)
        reading = terminal.read_since(first)
        assert (reading.dropped, len(reading.lines)) == (0, reading.cursor.line)
        assert reading.lines == [str(line) for line in terminal.lines[: len(reading.lines)]]


@pytest.mark.parametrize("profile", ["log", "shell", "tui", "mixed"])
@pytest.mark.parametrize("seed", range(25))
def test_a_late_reader_gets_what_a_frequent_one_did(profile: str, seed: int) -> None:
    rng = random.Random(f"{profile} {seed}")
    columns, rows = rng.choice([(40, 12), (10, 4), (5, 3), (1, 1)])
    lines = rng.choice((0, 3, 50, None))
    with (
        Arena(standard_page=4096) as arena,
        Terminal(columns, rows, scrollback=Limits(lines=lines), arena=arena) as terminal,
    ):
        often, seldom = Follower(terminal), Follower(terminal)
        often.poll(), seldom.poll()
        for step in range(rng.randint(1, 6)):
            stream = random_stream(seed * 31 + step, 300, profile, columns=columns, rows=rows)
            for at in range(0, len(stream), 9):
                terminal.feed(stream[at : at + 9])
                often.poll()
            if rng.random() < 0.4:
                seldom.poll()
        often.poll(), seldom.poll()
        agree(often.seen, seldom.seen)


def test_a_line_over_the_cap_comes_in_parts(arena: Arena) -> None:
    with Terminal(100, 2, scrollback=Limits(), arena=arena) as terminal:
        terminal.feed("x" * 3_000_000 + "\r\n\r\n\r\n")
        assert "".join(terminal.read_since().lines) == "x" * 3_000_000


def test_cursors_of_others_and_of_the_future(terminal: Terminal) -> None:
    with Terminal(10, 3) as other:
        other.feed(numbered(0, 10))
        cursor = other.read_since().cursor
        with pytest.raises(ArgumentError, match="cursor must be one that this terminal gave"):
            terminal.read_since(cursor)
        for ahead in ({"line": cursor.line + 1}, {"rewinds": 1}, {"skipped": 1}):
            with pytest.raises(ArgumentError, match="cursor must be one that this terminal gave"):
                other.read_since(cursor._replace(**ahead))
    with pytest.raises(TypeError, match="cursor must come from read_since or be None, not int"):
        terminal.read_since(3)
    terminal.close()
    with pytest.raises(ClosedError):
        terminal.read_since()


def test_readers_follow_while_another_thread_feeds(arena: Arena) -> None:
    count = 200_000
    done = threading.Event()
    with Terminal(60, 10, scrollback=Limits(lines=30_000), arena=arena) as terminal:

        def feed() -> None:
            rng = random.Random(1)
            for at in range(0, count, 500):
                terminal.feed("".join(f"{number} {'y' * (number % 70)}\r\n" for number in range(at, at + 500)))
                if rng.random() < 0.1:
                    terminal.resize(rng.choice((30, 60, 90)), rng.choice((5, 10, 20)))
            done.set()

        followers = [Follower(terminal) for _ in range(3)]
        for follower in followers:
            follower.poll()

        def follow(follower: Follower) -> None:
            while not done.is_set():
                follower.poll()
            terminal.feed("")
            follower.poll()

        threads = [threading.Thread(target=feed), *(threading.Thread(target=follow, args=(f,)) for f in followers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for follower in followers:
            for number, line in enumerate(follower.seen):
                assert line is None or line == f"{number} {'y' * (number % 70)}"
            assert len(follower.seen) >= count - 60
