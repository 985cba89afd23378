"""Everything at once from eight threads on one terminal, by counts and not by time; GHOSTPAGE_THREADS is how many times more.

For long, and on a build that watches: ``make check-tsan ARGS=tests/test_threads.py GHOSTPAGE_THREADS=100``. Many terminals on
one arena, with a budget that changes meanwhile, are in test_budget.
"""

from __future__ import annotations

import os
import random
import re
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from types import FrameType

import pytest

from ghostpage import Arena, ClosedError, Limits, Match, Terminal, memory
from streams import random_stream

TIMES = int(os.environ.get("GHOSTPAGE_THREADS", "1"))
SMALLEST_PAGE = 4096


def together(actions: dict[str, Callable[[int], object]], times: int) -> None:
    """Each on a thread of its own, so many times, all begun at one moment. Raises what the first of them raised."""
    failures: list[BaseException] = []
    begin = threading.Barrier(len(actions))

    def repeat(action: Callable[[int], object]) -> None:
        try:
            begin.wait()
            for turn in range(times):
                if failures:
                    break
                action(turn)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=repeat, args=(action,), name=name) for name, action in actions.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def numbered(first: int, count: int) -> bytes:
    return b"".join(b"line %d\r\n" % number for number in range(first, first + count))


def test_eight_threads_on_one_terminal(tmp_path: Path) -> None:
    streams = [random_stream(seed, 2000, "mixed", columns=40, rows=10) for seed in range(16)]
    dice = {name: random.Random(name) for name in ("look", "resize", "limit")}
    with Arena(standard_page=SMALLEST_PAGE) as arena, Terminal(40, 10, scrollback=Limits(lines=300), arena=arena) as terminal:
        frame, cursors = terminal.frame(), [terminal.read_since().cursor]

        def look(turn: int) -> None:
            frame.scroll(dice["look"].randint(-50, 50))
            frame.update()
            for y in range(frame.rows):
                assert sum(run.width for run in frame.runs(y)) <= frame.columns

        def snapshot(turn: int) -> None:
            with terminal.snapshot() as taken:
                assert taken.text() == "\n".join(row.text for row in [*taken.history, *taken.screen])

        def follow(turn: int) -> None:
            cursors[0] = terminal.read_since(cursors[0], tail=True).cursor

        def resize(turn: int) -> None:
            terminal.resize(dice["resize"].choice((1, 7, 40, 90)), dice["resize"].choice((1, 10, 30)))

        def limit(turn: int) -> None:
            terminal.limits = Limits(lines=dice["limit"].choice((0, 20, 300, None)), bytes=dice["limit"].choice((None, 1 << 16)))
            if turn % 50 == 0:
                terminal.clear_history(), terminal.trim()

        def keep(turn: int) -> None:
            if turn % 50 == 0:
                terminal.save(tmp_path / "saved")
                with Terminal.load(tmp_path / "saved", arena=arena) as loaded:
                    assert loaded._violation() is None
            assert terminal.text(-5) is not None and terminal.commands is not None and terminal.memory.mapped

        actions: dict[str, Callable[[int], object]] = {
            "feed": lambda turn: terminal.feed(streams[turn % len(streams)]),
            "look": look,
            "search": lambda turn: [match.text for match in terminal.search("a")],
            "snapshot": snapshot,
            "follow": follow,
            "resize": resize,
            "limit": limit,
            "keep": keep,
        }
        together(actions, 800 * TIMES)
        assert terminal._violation() is None and frame._violation() is None
        frame.close()


def test_readers_see_whole_lines_in_order_while_others_change_everything_else() -> None:
    """Nobody is given half a line, or one out of order, whatever the window does."""
    with Arena(standard_page=SMALLEST_PAGE) as arena, Terminal(40, 10, scrollback=Limits(), arena=arena) as terminal:
        seen: list[str] = []
        cursors = [None]

        def follow(turn: int) -> None:
            reading = terminal.read_since(cursors[0])
            assert reading.dropped == 0
            seen.extend(reading.lines)
            cursors[0] = reading.cursor

        def look(turn: int) -> None:
            rows = [int(line.split()[1]) for line in terminal.text(unwrap=True).split("\n")[:-1] if line]
            assert rows == list(range(len(rows)))

        together(
            {
                "feed": lambda turn: terminal.feed(numbered(20 * turn, 20)),
                "follow": follow,
                "look": look,
                "resize": lambda turn: terminal.resize((20, 40, 80)[turn % 3], (1, 10, 30)[turn % 3]),
                "snapshot": lambda turn: terminal.snapshot().close(),
                "search": lambda turn: list(terminal.search("line 1")),
            },
            300 * TIMES,
        )
        terminal.resize(40, 1)
        follow(0)
        assert seen == [f"line {number}" for number in range(20 * 300 * TIMES)]


@pytest.mark.parametrize("pattern", ["line", re.compile("ca?f"), "caf\u00c9"], ids=["text", "pattern", "folded"])
@pytest.mark.parametrize("newest_first", [True, False])
def test_threads_that_share_a_search_have_each_match_once(pattern: str | re.Pattern[str], newest_first: bool) -> None:
    with Terminal(80, 24, scrollback=Limits()) as terminal:
        terminal.feed("".join(f"line {number} caf\u00e9\r\n" for number in range(3000)))
        for _ in range(5 * TIMES):
            search = terminal.search(pattern, newest_first=newest_first, ignore_case=pattern == "caf\u00c9")
            found: list[list[int]] = [[] for _ in range(6)]
            ways = [iter(search), iter(search), chain.from_iterable(iter(search.step, [])), iter(search)]

            def take(mine: list[int], matches: Iterator[Match]) -> Callable[[int], None]:
                return lambda turn: mine.extend(match.start.line for match in matches)

            together({f"taker {i}": take(found[i], way) for i, way in enumerate(ways)}, 1)
            assert sorted(chain.from_iterable(found)) == list(range(3000))
            rising = [lines[::-1] if newest_first else lines for lines in found]
            assert all(lines == sorted(lines) for lines in rising)


def test_what_one_thread_feeds_stays_together_whatever_stops_it() -> None:
    """Feeding stops for what Python answers, and goes on when that is done; nobody else feeds in between."""
    names = "abcd"
    with Terminal(20, 5, scrollback=Limits()) as terminal:

        def feeding(name: str) -> Callable[[int], object]:
            pieces = [f"{name}{part}\r\n\x1b[6n\x1b]2;{name}\x07\x1b[?2026$p\x1b_{name}\x1b\\" for part in range(3)]
            return lambda turn: terminal.feed("".join(pieces).encode() if turn % 2 else "".join(pieces))

        together({name: feeding(name) for name in names}, 200 * TIMES)
        lines = [line.text for line in terminal.lines][: 3 * 200 * TIMES * len(names)]
        for at in range(0, len(lines), 3):
            assert lines[at : at + 3] == [f"{lines[at][0]}{part}" for part in range(3)]
        assert len(lines) == 3 * 200 * TIMES * len(names)


def test_a_row_of_two_threads_has_its_links_whole_or_not_yet() -> None:
    with Terminal(20, 2) as terminal:
        terminal.feed("plain \x1b]8;;http://a/\alink\x1b]8;;\a")
        row = terminal.screen[0]
    found: set[str | None] = set()

    def look(frame: FrameType, event: str, argument: object) -> object:
        links = row._block._links  # after each line of the other thread's
        found.add(None if links is None else repr(links[0]))
        return look

    before = sys.gettrace()
    sys.settrace(look)
    try:
        assert row.cells[6].hyperlink == "http://a/" and row.cells[0].hyperlink is None
    finally:
        sys.settrace(before)
    assert found == {None, "None"}


def test_closed_beneath_those_who_use_it() -> None:
    """They get their answer, or ClosedError, and nothing else."""
    with Arena(standard_page=SMALLEST_PAGE) as arena:
        for _ in range(100 * TIMES):
            terminal = Terminal(40, 10, scrollback=Limits(lines=100), arena=arena)
            terminal.feed(numbered(0, 300))
            frame = terminal.frame()

            def until_closed(act: Callable[[], object]) -> Callable[[int], None]:
                def repeat(turn: int) -> None:
                    try:
                        while True:
                            act()
                    except ClosedError:
                        pass

                return repeat

            uses: dict[str, Callable[[], object]] = {
                "feed": lambda: terminal.feed(b"more\r\n"),
                "frame": frame.update,
                "search": lambda: list(terminal.search("line")),
                "snapshot": lambda: terminal.snapshot().close(),
                "text": terminal.text,
            }
            actions = {name: until_closed(use) for name, use in uses.items()}
            together(actions | {"close": lambda turn: terminal.close()}, 1)
            frame.close()
        assert memory.audit().ok
