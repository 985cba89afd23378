"""When lines were completed, by a clock of the test's."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from ghostpage import Arena, ArgumentError, Limits, Terminal
from ghostpage.timestamps import PAIRS
from streams import random_stream

START = 1_700_000_000.0


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["auto", "grid", "early"])
def terminal(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Terminal]:
    with Terminal(10, 4, timestamps=True, _mode=request.param, _clock=clock) as made:
        yield made


def test_without_them_there_are_none() -> None:
    with Terminal(10, 2) as terminal:
        terminal.feed("one\r\ntwo\r\nthree")
        assert terminal.time_of(0) is None
        assert terminal.screen[0].time is None
        assert terminal.memory.timestamps == 0


def test_a_line_has_the_time_of_the_feed_that_completed_it(terminal: Terminal, clock: Clock) -> None:
    assert terminal.time_of(0) is None
    for text in ("one\r\ntw", "o\r\n", "three\r\nfour\r\nfive\r\nsi", "x"):
        terminal.feed(text)
        clock.now += 1
    rows = [*terminal.history, *terminal.screen]
    assert [(row.text, row.time - START) for row in rows if row.time] == [
        ("one", 0), ("two", 1), ("three", 2), ("four", 2), ("five", 2), ("six", 3)
    ]  # fmt: skip
    assert [terminal.time_of(line) for line in range(7)] == [START + each for each in (0, 1, 2, 2, 2, 3)] + [None]


def test_all_rows_of_a_line_have_its_time(terminal: Terminal, clock: Clock) -> None:
    terminal.feed("0123456789" * 3 + "\r\n")
    clock.now += 0.0015
    terminal.feed("end\r\n")
    assert [row.time for row in [*terminal.history, *terminal.screen]][:5] == [START] * 3 + [START + 0.002] * 2
    terminal.resize(5, 4)
    assert [row.time for row in terminal.history][:3] == [START] * 3


def test_what_is_written_again_is_new(terminal: Terminal, clock: Clock) -> None:
    terminal.feed("a\r\nb\r\nc\r\n")
    clock.now += 5
    terminal.feed("\x1b[2;1H")
    assert [terminal.time_of(line) for line in range(4)] == [START, START + 5, None, None]
    clock.now += 5
    terminal.feed("B\r\nC\r\n")
    assert [terminal.time_of(line) for line in range(3)] == [START, START + 10, START + 10]


def test_the_alternate_screen_has_none(terminal: Terminal, clock: Clock) -> None:
    terminal.feed("a\r\n" * 5)
    clock.now += 1
    terminal.feed("\x1b[?1049hfull\r\nscreen")
    assert [row.time for row in terminal.screen] == [None] * 4
    assert terminal.history[0].time == START
    clock.now += 1
    terminal.feed("\x1b[?1049lb\r\n")
    assert [terminal.time_of(line) for line in (4, 5)] == [START, START + 2]


def test_a_clock_may_go_back_or_far_ahead(terminal: Terminal, clock: Clock) -> None:
    times = [START, START - 1000, START + 2**33, START + 1, 0.0, START]
    for now in times:
        clock.now = now
        terminal.feed("x\r\n")
    assert [terminal.time_of(line) for line in range(6)] == times


def test_against_a_plain_list() -> None:
    """With steps that make many blocks, edits, a reset and pruning in between, in every mode."""
    for seed in range(30):
        rng, clock = random.Random(seed), Clock()
        with (
            Arena(standard_page=4096) as arena,
            Terminal(10, 4, timestamps=True, arena=arena, scrollback=Limits(lines=40), _clock=clock) as terminal,
        ):
            plain: list[tuple[int, float]] = []
            for step in range(150):
                clock.now = START + rng.choice([step, step, 2**23 * step])
                terminal.feed(random_stream(seed * 1000 + step, rng.randint(1, 40), rng.choice(["log", "shell"])))
                figures = terminal._figures()
                if not figures.alternate:
                    line = figures.cursor_line
                    passed = next((now for at, now in plain if at > line), clock.now)
                    plain = [pair for pair in plain if pair[0] <= line]
                    if not plain or plain[-1][0] < line:
                        plain.append((line, passed))
                    newest = clock.now
                else:
                    continue
                for number in range(terminal.first_line, line + 3):
                    expected = next((now for at, now in plain if at > number), newest if number == line else None)
                    assert terminal.time_of(number) == expected
                assert terminal.first_line == 0 or terminal.time_of(terminal.first_line - 1) is None


def test_the_cost_is_told_and_bounded(clock: Clock) -> None:
    with (
        Arena(standard_page=4096) as arena,
        Terminal(10, 4, timestamps=True, arena=arena, scrollback=Limits(lines=100), _clock=clock) as terminal,
    ):
        begin = terminal.memory.timestamps
        for _ in range(20 * PAIRS):
            clock.now += 0.01
            terminal.feed("x\r\n")
        assert begin < terminal.memory.timestamps < begin + 3 * 10 * PAIRS
        assert len(terminal._times._blocks) <= 2


def test_a_pair_costs_eight_bytes(clock: Clock) -> None:
    with Terminal(10, 4, timestamps=True, scrollback=Limits(), _clock=clock) as terminal:
        for _ in range(10 * PAIRS):
            clock.now += 0.01
            terminal.feed("x\r\n")
        assert terminal.memory.timestamps < 10 * 10 * PAIRS
        many = terminal.memory.timestamps
        for _ in range(10 * PAIRS):
            terminal.feed("x\r\n")
        assert terminal.memory.timestamps - many < 1000, "of one time there is one pair"


def test_snapshots_keep_theirs(terminal: Terminal, clock: Clock) -> None:
    terminal.feed("a\r\n")
    snapshot = terminal.snapshot()
    clock.now += 1
    terminal.feed("\x1b[H")
    terminal.feed("b\r\nc\r\n")
    assert (snapshot.time_of(0), snapshot.screen[0].time, snapshot.time_of(2)) == (START, START, None)
    assert terminal.time_of(0) == START + 1


def test_a_line_is_a_number(terminal: Terminal) -> None:
    with pytest.raises(ArgumentError, match="line must be from 0 to"):
        terminal.time_of(-1)
    with pytest.raises(TypeError, match="line must be an int, not str"):
        terminal.time_of("0")  # type: ignore[arg-type]
