"""History is exact: what left the screen reads as it was shown, at every width, and reading changes nothing."""

import random
from collections.abc import Sequence

import pytest

from ghostpage import Arena, Cell, Limits, Position, Row, Terminal, sessions
from streams import random_stream

MODES = ["auto", "grid", "early"]
SIZES = [(80, 24), (40, 12), (20, 5), (10, 4), (7, 1), (5, 3), (2, 2), (1, 3)]
SMALLEST_PAGE = 4096

# Off the alternate screen, margins and modes as at the start, and to the bottom: from there a line feed scrolls.
TO_THE_BOTTOM = "\x1b[?1047l\x1b[?69l\x1b[!p\x1b[r\x1b[0\"q\x18\x1b[999;1H"
# Every attribute, link, cluster, width and kind of blank that a line can have, and marks of prompts.
EVERYTHING = "\r\n".join(
    [
        "\x1b]133;A\a$ \x1b]133;B\adone\x1b]133;C\a",
        *(f"\x1b[{sgr}mx y\x1b[K" for sgr in (1, 2, 3, 4, "4:2", "4:3", "4:4", "4:5", 5, 7, 8, 9, 53)),
        "\x1b[m\x1b[31;42;58;5;7mindexed\x1b[38;2;1;2;3;48;2;4;5;6;58:2::7:8:9mtrue\x1b[m",
        "\x1b]8;id=a;https://example.com/\aone\x1b]8;;https://example.com/two\atwo\x1b]8;;\a none",
        "e\u0301 \U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea \u2764\ufe0f 界字 a\u0308\u0301",
        "a\tb  \tc \t",
        "\x1b[44ma\x1b[K\x1b[m",
        "\x1b[44m\x1b[5X\x1b[10Cz\x1b[m",
        '\x1b[1"qkept \x1b[0"q not\x1b[?K',
        "x" * 79 + "界" + "y" * 30,
    ]
)


def shown(rows: Sequence[Row]) -> list[tuple[object, ...]]:
    return [(row.text, row.wrapped, row.prompt, row.cells, row.runs) for row in rows]


def state(terminal: Terminal) -> tuple[object, ...]:
    counters = terminal.counters
    moved = counters.inflated, counters.packed, counters.lines_pruned, counters.rows_pruned
    return terminal._text_mode, terminal.generation, moved, terminal.cursor, terminal.next_line


def read_all(terminal: Terminal) -> None:
    shown([*terminal.history, *terminal.screen])
    for line in terminal.lines:
        assert line.cells is not None and line.runs is not None
    list(terminal.search("e", ignore_case=True))
    terminal.text(unwrap=True), terminal.to_ansi(), terminal.to_html(), terminal.read_since(), terminal.commands
    terminal.locate(terminal.position(0))


def check_exact(terminal: Terminal) -> None:
    """The rows on the screen are pushed into history, and are there what they were."""
    terminal.feed(TO_THE_BOTTOM)
    before, first = shown(terminal.screen), len(terminal.history)
    terminal.feed("\r\n" * terminal.rows)
    assert shown(terminal.history[first : first + terminal.rows]) == before
    unread = state(terminal)
    read_all(terminal)
    assert state(terminal) == unread
    assert terminal._violation() is None


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", range(20))
def test_rows_in_history_are_what_they_were_on_the_screen(seed: int, mode: str) -> None:
    rng = random.Random(seed)
    columns, rows = rng.choice(SIZES)
    with Arena(standard_page=SMALLEST_PAGE) as arena:
        terminal = Terminal(columns, rows, scrollback=Limits(), arena=arena, _mode=mode)
        for profile in ("log", "shell", "tui", "mixed", "vt"):
            stream = random_stream(rng.randrange(2**32), rng.randint(1, 600), profile, columns=columns, rows=rows)
            terminal.feed(stream.replace(b"\x1b#3", b"").replace(b"\x1b#4", b"").replace(b"\x1b#6", b""))
            check_exact(terminal)
        terminal.close()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("columns", [120, 80, 33, 7, 2, 1])
def test_every_attribute_is_exact(columns: int, mode: str) -> None:
    with Arena(standard_page=SMALLEST_PAGE) as arena:
        terminal = Terminal(columns, 40, scrollback=Limits(), arena=arena, _mode=mode)
        for edit in ("", "\x1b[A\x1b[B", "\x1b[H\x1b[2J", "\x1b[?1049h\x1b[?1049l"):  # inflates, or does not
            terminal.feed(EVERYTHING + edit)
            check_exact(terminal)
        terminal.close()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", sessions.names())
def test_recordings_are_exact(name: str, mode: str) -> None:
    data = sessions.load(name).data[:30_000]
    with Arena(standard_page=SMALLEST_PAGE) as arena:
        terminal = Terminal(60, 20, scrollback=Limits(), arena=arena, _mode=mode)
        for at in range(0, len(data), 10_000):
            terminal.feed(data[at : at + 10_000])
            check_exact(terminal)
        terminal.close()


# ---- widths -------------------------------------------------------------------------------------------------------------


def wrapped(cells: Sequence[Cell], columns: int) -> list[tuple[Cell, ...]]:
    """The rows of a line, by the rule alone: a wide cell is never halved, where it does not fit a blank is left."""
    rows: list[list[Cell]] = [[]]
    for cell in cells:
        if not cell.width:
            continue  # the second half of the one before
        width = min(cell.width, columns)
        if len(rows[-1]) + width > columns:
            rows.append([])
        rows[-1].append(cell._replace(width=width))
        if width == 2:
            rows[-1].append(cell._replace(text="", width=0))
    return [(*row, *[Cell()] * (columns - len(row))) for row in rows]


def contents(terminal: Terminal) -> list[tuple[object, ...]]:
    return [(line.number, line.first_cell, str(line), line.cells, line.runs) for line in terminal.lines]


def check_layout(terminal: Terminal) -> None:
    """Rows, their numbers, and what a frame says of where it is, are those of the lines as the model wraps them."""
    modelled = [
        (line.number, cells) for line in terminal.lines for cells in wrapped(line.cells, terminal.columns)
    ]
    rows = [*terminal.history, *terminal.screen]
    assert [(row.line, row.cells) for row in rows] == modelled
    assert [row.wrapped for row in rows] == [
        index + 1 < len(modelled) and modelled[index][0] == modelled[index + 1][0] for index in range(len(modelled))
    ]
    with terminal.frame() as frame:
        for first in {0, len(rows) // 3, len(terminal.history) // 2, len(terminal.history)}:
            row = rows[first]
            frame.pin(row.line, row.cell)
            frame.update()
            top = min(first, len(terminal.history))
            assert (frame.total_rows, frame.offset) == (len(rows), len(terminal.history) - top)
            assert frame.lines == [Position(row.line, row.cell) for row in rows[top : top + terminal.rows]]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", range(12))
def test_any_widths_and_back_change_no_line(seed: int, mode: str) -> None:
    rng = random.Random(seed)
    columns, rows = rng.choice([(80, 24), (40, 12), (20, 5), (7, 3)])
    with Arena(standard_page=SMALLEST_PAGE) as arena:
        terminal = Terminal(columns, rows, scrollback=Limits(), arena=arena, _mode=mode)
        terminal.feed(random_stream(seed, 6000, "log", columns=columns, rows=rows) + b"\x1b[m\r\nend")
        terminal.feed("\r\n.." * rows)  # so that the screen is full of lines at every width
        before = contents(terminal)
        check_layout(terminal)
        for width in [rng.choice((1, 2, 3, 5, 17, 79, 80, 81, 200)) for _ in range(5)]:
            terminal.resize(width, rows)
            assert contents(terminal) == before
            check_layout(terminal)
            assert terminal._violation() is None
        terminal.resize(columns, rows)
        assert contents(terminal) == before
        terminal.close()
