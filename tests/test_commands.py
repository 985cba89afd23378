"""Commands from the marks that a shell prints (OSC 133): in order, out of order, false, and gone."""

from __future__ import annotations

import random

import pytest

from ghostpage import Arena, Limits, Screen, Terminal
from ghostpage.commands import RECORDS
from streams import random_stream

MODES = ["auto", "grid", "early"]


def osc(mark: str) -> str:
    return f"\x1b]133;{mark}\a"


def run(command: str, output: str, status: int | None = 0, prompt: str = "$ ") -> str:
    end = "D" if status is None else f"D;{status}"
    return osc("A") + prompt + osc("B") + command + "\r\n" + osc("C") + output.replace("\n", "\r\n") + osc(end)


def texts(terminal: Terminal) -> list[tuple]:
    return [(each.prompt, each.command, each.output, each.exit_status, each.running) for each in terminal.commands]


@pytest.fixture(params=MODES)
def terminal(request: pytest.FixtureRequest):
    with Terminal(20, 6, _mode=request.param) as made:
        yield made
        assert made._violation() is None


def test_commands_the_oldest_first(terminal: Terminal) -> None:
    terminal.feed(run("true", "") + run("echo hi", "hi\n") + run("false", "", 1) + run("cat", "no newline", None))
    assert texts(terminal) == [
        ("$ ", "true", "", 0, False),
        ("$ ", "echo hi", "hi", 0, False),
        ("$ ", "false", "", 1, False),
        ("$ ", "cat", "no newline", None, False),
    ]


def test_one_that_runs_is_there_and_a_bare_prompt_is_not(terminal: Terminal) -> None:
    terminal.feed(osc("A") + "$ " + osc("B"))
    assert terminal.commands == []
    terminal.feed("make\r\n")
    assert terminal.commands == []
    terminal.feed(osc("C") + "one\r\n")
    assert texts(terminal) == [("$ ", "make", "one", None, True)]
    terminal.feed("two")
    command = terminal.commands[0]
    assert (command.output, command.end_position) == ("one\ntwo", None)
    terminal.feed("\r\n" + osc("D;2") + osc("A") + "$ " + osc("B"))
    assert texts(terminal) == [("$ ", "make", "one\ntwo", 2, False)]


def test_long_lines_are_joined_and_survive_a_resize(terminal: Terminal) -> None:
    long = "0123456789" * 7
    terminal.feed(run(f"echo {long}", f"{long}\nend  of it\n", prompt="a prompt of two\nlines> ".replace("\n", "\r\n")))
    for columns in (20, 7, 50, 1, 20):
        terminal.resize(columns, 6)
        assert texts(terminal) == [("a prompt of two\nlines> ", f"echo {long}", f"{long}\nend  of it", 0, False)]


def test_wide_characters_at_the_margin(terminal: Terminal) -> None:
    wide = "\u754c" * 33
    terminal.feed(run("x" + wide, "y" + wide + "\n"))
    for columns in (20, 5, 2):
        terminal.resize(columns, 6)
        assert texts(terminal) == [("$ ", "x" + wide, "y" + wide, 0, False)]


def test_any_chunking_in_any_mode_gives_the_same() -> None:
    """Among editing of the screen, and with positions that mean the same in every mode."""
    for seed in range(40):
        rng = random.Random(seed)
        stream = b"".join(
            random_stream(seed * 10 + part, rng.randint(5, 120), rng.choice(["log", "shell", "mixed"]), columns=20, rows=5)
            + osc(rng.choice("AABBCCDN") + rng.choice(["", "", ";aid=1", ";k=s", ";0"])).encode()
            for part in range(20)
        )
        seen = []
        for mode in MODES:
            with Terminal(20, 5, scrollback=Limits(lines=30), _mode=mode) as terminal:
                at = 0
                while at < len(stream):
                    length = rng.choice([1, 5, 1000])
                    terminal.feed(stream[at : at + length])
                    at += length
                rows = [*terminal.history, *terminal.screen]
                figures = terminal._figures()
                place = (figures.cursor_line, figures.cursor_cell)
                seen.append((place, [(row.line, row.cell, row.prompt) for row in rows], terminal.commands, texts(terminal)))
        # of views, by value; whose they are is not compared
        assert [each[:3] for each in seen[1:]] == [seen[0][:3]] * 2
        assert [each[3] for each in seen[1:]] == [seen[0][3]] * 2


def test_the_cursor_lies_where_its_row_says() -> None:
    for seed in range(60):
        rng = random.Random(seed)
        columns, rows = rng.choice([(20, 5), (7, 1), (2, 2), (1, 3), (40, 12)])
        with Terminal(columns, rows, _mode=rng.choice(MODES)) as terminal:
            for part in range(10):
                terminal.feed(random_stream(seed * 10 + part, 150, columns=columns, rows=rows))
                if rng.random() < 0.2:
                    terminal.resize(rng.randint(1, 30), rows)
                if terminal.alternate_screen:
                    continue
                cursor, figures = terminal.cursor, terminal._figures()
                row = terminal.screen[cursor.y]
                assert figures.cursor_line == row.line
                behind = figures.cursor_cell - row.cell - cursor.x  # of a row of one column that is written, it may be two
                assert behind == 0 or (cursor.x == terminal.columns - 1 and behind <= 1 + (terminal.columns == 1))


# ---- rows -----------------------------------------------------------------------------------------------------------


def test_rows_tell_where_a_prompt_starts(terminal: Terminal) -> None:
    terminal.feed(run("a", "x\n" * 6) + osc("A") + "$ " + osc("B") + "\r\n" + osc("A") + "$ " + osc("B"))
    rows = [*terminal.history, *terminal.screen]
    assert [row.text for row in rows if row.prompt] == ["$ a", "$ ", "$ "]
    assert not terminal.screen[-1].prompt or terminal.screen[-1].text == "$ "
    terminal.resize(1, 6)
    assert sum(row.prompt for row in [*terminal.history, *terminal.screen]) == 3


def test_a_row_that_was_read_does_not_change(terminal: Terminal) -> None:
    row = terminal.screen[0]
    terminal.feed(osc("A"))
    assert not row.prompt
    assert terminal.screen[0].prompt


# ---- other prompts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["P;k=s", "P;k=c", "A;k=s"])
def test_prompts_of_following_lines_are_no_part_of_the_command(terminal: Terminal, mark: str) -> None:
    terminal.feed(osc("A") + "$ " + osc("B") + "for i in 1\r\n" + osc(mark) + "> " + osc("B") + "do\r\n")
    terminal.feed(osc(mark) + "> " + osc("B") + "done\r\n" + osc("C") + osc("D;0"))
    assert texts(terminal) == [("$ ", "for i in 1\ndo\ndone", "", 0, False)]
    assert [row.prompt for row in terminal.screen][:3] == [True, False, False]


def test_a_right_prompt_is_no_part_of_the_command(terminal: Terminal) -> None:
    terminal.feed(osc("A") + "$ " + osc("B") + "\x1b[15G" + osc("P;k=r") + "right" + osc("B") + "\x1b[3Gls\r\n")
    terminal.feed(osc("C") + "file\r\n" + osc("D;0"))
    assert texts(terminal) == [("$ ", "ls", "file", 0, False)]


# ---- out of order, false, nested ------------------------------------------------------------------------------------


def test_marks_without_what_is_before_them_mean_nothing(terminal: Terminal) -> None:
    terminal.feed(osc("D;1") + osc("C") + osc("B") + "x" + osc("D") + osc("C") + osc("D;0") + osc("P;k=r"))
    assert terminal.commands == []
    terminal.feed("\r\n" + osc("A") + "$ " + osc("B") + "\r\n" + osc("D;130") + run("ls", "x\n"))
    assert texts(terminal) == [("$ ", "ls", "x", 0, False)]


def test_what_is_no_mark_is_ignored(terminal: Terminal) -> None:
    for mark in ("", "Z", "AB", "A" * 70_000, "C;x=\x9c", ";;;;", "L"):
        terminal.feed(osc(mark))
    assert terminal.commands == []
    assert not any(row.prompt for row in terminal.screen)


@pytest.mark.parametrize(
    ("status", "given"),
    [(";0", 0), (";-1", -1), (";130;err=x", 130), ("", None), (";", None), (";x", None), (";" + "9" * 5000, None), (";\u0663", None)],
)
def test_a_status_is_a_number(terminal: Terminal, status: str, given: int | None) -> None:
    terminal.feed(osc("A") + osc("C") + "x" + osc("D" + status))
    assert [command.exit_status for command in terminal.commands] == [given]


def test_a_prompt_that_is_drawn_again_replaces_itself(terminal: Terminal) -> None:
    terminal.feed(run("a", "x\n"))
    for _ in range(3):
        terminal.feed("\r" + osc("A") + "$ " + osc("B") + "ls")
    terminal.feed("\r\n" + osc("C") + "y\r\n" + osc("D;0"))
    assert texts(terminal) == [("$ ", "a", "x", 0, False), ("$ ", "ls", "y", 0, False)]
    assert sum(row.prompt for row in terminal.screen) == 2


def test_clearing_the_screen_drops_what_was_on_it(terminal: Terminal) -> None:
    terminal.feed(run("a", "x\n" * 8) + run("b", "y\n"))
    terminal.feed(osc("A") + "$ " + osc("B") + "clear\r\n" + osc("C") + "\x1b[H\x1b[2J" + osc("D;0") + osc("A") + "$ ")
    assert [(command.command, command.exit_status) for command in terminal.commands] == [("a", 0)]
    assert [row.prompt for row in terminal.screen] == [True] + [False] * 5


def test_a_false_end_is_mended_by_the_true_one(terminal: Terminal) -> None:
    terminal.feed(osc("A") + "$ " + osc("B") + "cat x\r\n" + osc("C") + "one\r\n" + osc("D;0") + "two\r\n" + osc("D;3"))
    assert texts(terminal) == [("$ ", "cat x", "one\ntwo", 3, False)]


def test_without_an_end_the_next_prompt_is_one(terminal: Terminal) -> None:
    terminal.feed(osc("A") + "$ " + osc("B") + "a\r\n" + osc("C") + "x\r\n" + run("b", "y\n"))
    assert texts(terminal) == [("$ ", "a", "x", None, False), ("$ ", "b", "y", 0, False)]


def test_commands_within_a_command_are_told_by_aid(terminal: Terminal) -> None:
    def part(mark: str, aid: int) -> str:
        return osc(f"{mark};aid={aid}")

    terminal.feed(part("A", 1) + "$ " + osc("B") + "ssh\r\n" + part("C", 1))
    terminal.feed(part("A", 2) + "% " + osc("B") + "ls\r\n" + part("C", 2) + "x\r\n" + part("D;0", 2))
    assert [(command.command, command.running) for command in terminal.commands] == [("ssh", True), ("ls", False)]
    terminal.feed(part("A", 2) + "% " + osc("B") + "exit\r\n" + part("C", 2) + part("D;7", 1))
    assert [(command.command, command.running, command.exit_status) for command in terminal.commands] == [
        ("ssh", False, 7), ("ls", False, 0), ("exit", False, None)
    ]  # fmt: skip
    terminal.feed(osc("A;aid=1") + osc("C") + osc("N;aid=1"))
    assert not any(command.running for command in terminal.commands)


# ---- the alternate screen, reset, limits ----------------------------------------------------------------------------


def test_marks_on_the_alternate_screen_are_ignored_and_texts_stay(terminal: Terminal) -> None:
    terminal.feed(osc("A") + "$ " + osc("B") + "vim x\r\n" + osc("C") + "before\x1b[?1049h\x1b[Hfull screen")
    terminal.feed(osc("D;1") + osc("A") + "$ ")
    assert texts(terminal) == [("$ ", "vim x", "before", None, True)]
    terminal.feed("\x1b[?1049l\r\n" + osc("D;0"))
    assert texts(terminal) == [("$ ", "vim x", "before", 0, False)]


def test_reset_forgets_all(terminal: Terminal) -> None:
    terminal.feed(run("a", "x\n" * 20))
    command = terminal.commands[0]
    terminal.feed("\x1bc" + run("b", "y\n"))
    assert texts(terminal) == [("$ ", "b", "y", 0, False)]
    assert (command.prompt, command.command, command.output, command.exit_status) == ("", "", "", 0)


def test_records_go_with_their_lines() -> None:
    with Terminal(20, 3, scrollback=Limits(lines=10)) as terminal:
        for number in range(200):
            terminal.feed(run(f"echo {number}", f"{number}\n"))
        assert [command.command for command in terminal.commands] == [f"echo {number}" for number in range(194, 200)]
        assert len(terminal._marks._records) < 100
        terminal.clear_history()
        assert [command.command for command in terminal.commands] == ["echo 199"]
        oldest = terminal.commands[0]
        terminal.feed("x\r\n" * 5)
        assert oldest.output == "199"


def test_what_is_left_of_a_long_output_is_read() -> None:
    with Arena(standard_page=4096) as arena, Terminal(20, 3, scrollback=Limits(lines=50), arena=arena) as terminal:
        terminal.feed(run("seq", "".join(f"{number}\n" for number in range(5000))))
        command = terminal.commands[0]
        assert (command.prompt, command.command, command.exit_status) == ("", "", 0)
        assert command.output == terminal.text(0, -1).rstrip("\n")


@pytest.mark.parametrize("between", ["", "x", "\r\n", "\x1b[H"])
@pytest.mark.parametrize("marks", ["AC", "ABCD", "ACA;aid=", "AB", "DCBA"])
def test_endless_marks_are_bounded(marks: str, between: str) -> None:
    with Terminal(20, 3) as terminal:
        for number in range(3000):
            terminal.feed("".join(osc(mark) + between for mark in marks[:4]) if marks != "ACA;aid=" else osc(f"A;aid={number}") + between + osc("C"))
        assert len(terminal._marks._records) <= RECORDS
        assert len(terminal._marks._running) <= 34
        assert len(terminal._marks.prompts) <= RECORDS


def test_snapshots_keep_their_commands(terminal: Terminal) -> None:
    terminal.feed(run("a", "x\n") + osc("A") + "$ " + osc("B") + "b\r\n" + osc("C") + "y")
    snapshot = terminal.snapshot()
    terminal.feed("z\r\n" + osc("D;0") + "\x1bc")
    assert texts(snapshot) == [("$ ", "a", "x", 0, False), ("$ ", "b", "y", None, True)]
    assert [row.prompt for row in snapshot.screen][:4] == [True, False, True, False]
    assert terminal.commands == []


def test_a_prompt_that_comes_while_prompts_are_read_is_not_missed(terminal: Terminal) -> None:
    terminal.feed(osc("A") + "$ ")

    class Meanwhile(list):
        def __iter__(self):
            terminal._marks._prompts = self[:]  # a plain list again
            terminal.feed("\r\n" + osc("A") + "$ ")  # another thread, in the middle of the reading
            return super().__iter__()

    terminal._marks._prompts = Meanwhile(terminal._marks._prompts)
    list(terminal.screen)
    assert [row.prompt for row in terminal.screen][:3] == [True, True, False]


def test_a_screen_has_no_commands(screen: Screen) -> None:
    assert screen.commands == []
