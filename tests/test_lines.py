"""Logical lines and positions: what the rows say, joined; in every mode, at every width and limit."""

import pickle
import random
from collections.abc import Iterator
from itertools import pairwise

import pytest

from ghostpage import Arena, ArgumentError, Cell, ClosedError, Limits, Position, Screen, Terminal
from streams import random_stream

SIZES = [(80, 24), (40, 12), (20, 5), (10, 4), (7, 1), (5, 3), (2, 2), (1, 3), (1, 1)]
LIMITS = [None, 0, 1, 3, 30]
MODES = ["auto", "grid", "early"]


def trimmed(cells: list[Cell]) -> list[Cell]:
    while cells and cells[-1] == Cell():
        cells.pop()
    return cells


def has_spacer(terminal: Terminal, index: int) -> bool:
    """Whether the last column of a row that goes on is left to a wide cell which did not fit: it is no blank then."""
    if terminal.columns == 1 or index + 1 == len(terminal.history) + terminal.rows:
        return False
    row, after = terminal.position(index), terminal.position(index + 1)
    return row.line == after.line and after.cell - row.cell == terminal.columns - 1


def joined_rows(terminal: Terminal) -> Iterator[tuple[int, list[Cell]]]:
    """Number and cells of each line, made of the rows."""
    rows = [*terminal.history, *terminal.screen]
    cells: list[Cell] = []
    for index, (row, after) in enumerate([*pairwise(rows), (rows[-1], None)]):
        cells += row.cells
        if row.wrapped and has_spacer(terminal, index):
            cells.pop()
        if not row.wrapped or after is None or row.line != after.line:
            yield row.line, trimmed(cells)
            cells = []


def halves_left_out(cells: list[Cell]) -> list[Cell]:
    """In a window of one column rows have no second halves, lines do."""
    return [cell._replace(width=1) for cell in cells if cell.width]


def check(terminal: Terminal) -> None:
    lines = list(terminal.lines)
    wanted = list(joined_rows(terminal))
    assert [line.number for line in lines] == [number for number, _ in wanted]
    assert [line.number for line in lines] == list(range(terminal.first_line, terminal.next_line))
    for line, (_, cells) in zip(lines, wanted, strict=True):
        seen = trimmed(list(line.cells))
        assert (halves_left_out(seen) if terminal.columns == 1 else seen) == cells
        assert [run[1:3] for run in line.runs if run.text] or not line.cells
        assert "".join(run.text for run in line.runs).startswith(line)
    check_text(terminal, [str(line) for line in lines])


def check_text(terminal: Terminal, lines: list[str]) -> None:
    rows = [row.text for row in [*terminal.history, *terminal.screen]]
    assert terminal.text(unwrap=True).split("\n") == lines
    assert terminal.text().split("\n") == rows
    for start in range(0, len(rows), len(rows) // 5 + 1):
        for stop in range(start + 1, len(rows) + 1, len(rows) // 5 + 1):
            assert terminal.text(start, stop).split("\n") == rows[start:stop]
            assert squeezed(terminal.text(start, stop, unwrap=True)) == squeezed("".join(rows[start:stop]))


def squeezed(text: str) -> str:
    return text.replace("\n", "").replace(" ", "")


def check_places(terminal: Terminal, rng: random.Random) -> None:
    rows = [*terminal.history, *terminal.screen]
    for index in rng.sample(range(len(rows)), min(len(rows), 12)):
        row = rows[index]
        for x in {0, rng.randrange(terminal.columns), terminal.columns - 1}:
            position = terminal.position(index, x)
            assert position.line == row.line
            found = terminal.locate(position)
            spacer = row.wrapped and x == terminal.columns - 1 and has_spacer(terminal, index)
            assert found == ((index + 1, 0) if spacer else (index, x))
        assert terminal.position(index - len(rows)) == terminal.position(index)
    first = terminal.lines[0]
    assert terminal.locate(Position(first.number, first.first_cell)) == (0, 0)
    if first.first_cell:
        assert terminal.locate(Position(first.number, first.first_cell - 1)) is None
    if first.number:
        assert terminal.locate(Position(first.number - 1, 0)) is None
    assert terminal.locate(Position(terminal.next_line, 0)) is None


def check_characters(terminal: Terminal, rng: random.Random) -> None:
    """A character of a line is in the cell where its position says."""
    rows = [*terminal.history, *terminal.screen]
    for line in terminal.lines:
        for index in {0, len(line) // 2, len(line) - 1} if line else ():
            y, x = terminal.locate(line.position(index))
            assert line[index] in rows[y].cells[x].text or line[index] == " "


@pytest.mark.parametrize("profile", ["log", "shell", "tui", "mixed"])
@pytest.mark.parametrize("seed", range(40))
def test_lines_are_the_rows_joined(profile: str, seed: int) -> None:
    rng = random.Random(f"{profile} {seed}")
    columns, rows = rng.choice(SIZES)
    limits = Limits(lines=rng.choice(LIMITS))
    with Arena(standard_page=4096) as arena:
        trio = [Terminal(columns, rows, scrollback=limits, arena=arena, _mode=mode) for mode in MODES]
        cursors = [None] * 3
        for step in range(rng.randint(1, 5)):
            stream = random_stream(seed * 100 + step, rng.randint(1, 400), profile, columns=columns, rows=rows)
            if step % 2:
                columns, rows = rng.choice(SIZES)
            seen = []
            for at, terminal in enumerate(trio):
                terminal.feed(stream)
                terminal.resize(columns, rows)
                check(terminal)
                check_places(terminal, random.Random(step))
                check_characters(terminal, rng)
                reading = terminal.read_since(cursors[at], tail=True)
                cursors[at] = reading.cursor
                lines = [(line, line.number, line.first_cell) for line in terminal.lines]
                seen.append((reading.lines, reading.dropped, reading.tail, reading.cursor[1:], lines))
                assert terminal._violation() is None
            if not trio[0].alternate_screen:
                assert seen[0] == seen[1] == seen[2]
        for terminal in trio:
            terminal.close()


def test_indices_slices_and_numbers(arena: Arena) -> None:
    with Terminal(10, 4, scrollback=Limits(lines=50), arena=arena) as terminal:
        for number in range(1000):
            terminal.feed(f"line {number} wraps\r\n")
        lines = terminal.lines
        assert len(lines) == terminal.next_line - terminal.first_line
        assert lines[0] == f"line {lines[0].number} wraps"[lines[0].first_cell :]
        assert lines[-2] == "line 999 wraps"
        assert lines[-1] == ""
        assert lines[1:3] == [f"line {lines[1].number} wraps", f"line {lines[2].number} wraps"]
        assert lines[::-1] == list(reversed(lines)) == list(lines)[::-1]
        assert lines[2:20:5] == list(lines)[2:20:5]
        assert lines[20:2:-5] == list(lines)[20:2:-5]
        assert lines.numbered(999) == "line 999 wraps"
        assert lines.numbered(998).number == 998
        for gone in (0, 2**63, -1, terminal.next_line):
            assert lines.numbered(gone) is None
        for index in (len(lines), -len(lines) - 1):
            with pytest.raises(IndexError, match=f"line {index} of {len(lines)}"):
                lines[index]
        assert repr(lines) == f"<{len(lines)} lines>"


def test_a_line_is_a_str_and_a_value(terminal: Terminal) -> None:
    terminal.feed("a \x1b]8;;https://example.com\x1b\\界\x1b]8;;\x1b\\e\u0301  \x1b[44m \x1b[m\r\n" * 5)
    line = terminal.lines[0]
    terminal.feed("\x1bc")
    terminal.close()
    assert line == "a 界e\u0301  " or line == "a 界e\u0301   "
    assert type(line.text) is str
    assert [cell.text for cell in line.cells][:5] == ["a", " ", "界", "", "e\u0301"]
    assert [(run.text, run.link, run.x, run.width) for run in line.runs][:2] == [
        ("a ", None, 0, 2),
        ("界", "https://example.com", 2, 2),
    ]
    assert [line.position(index).cell for index in range(6)] == [0, 1, 2, 4, 4, 5]
    assert line.position(-1).cell == line.position(len(line) - 1).cell
    with pytest.raises(ArgumentError, match="index must be from"):
        line.position(len(line) + 1)
    copy = pickle.loads(pickle.dumps(line))
    assert copy == line
    assert type(copy) is str


def test_iteration_goes_on_by_number_while_lines_are_pruned(arena: Arena) -> None:
    with Terminal(20, 4, scrollback=Limits(lines=20_000), arena=arena) as terminal:
        terminal.feed("".join(f"line {number}\r\n" for number in range(20_000)))
        seen = []
        for line in terminal.lines:
            seen.append(line)
            if len(seen) == 10_000:
                terminal.limits = Limits(lines=100)
        numbers = [line.number for line in seen]
        assert numbers == sorted(set(numbers))
        assert all(line == f"line {line.number}" for line in seen if line.number < 20_000)
        assert 10_000 < len(seen) < 20_000


def test_a_line_over_the_cap_is_several(arena: Arena) -> None:
    with Terminal(100, 5, scrollback=Limits(), arena=arena) as terminal:
        terminal.feed("x" * 2_500_000 + "\r\nend")
        lines = list(terminal.lines)
        parts = [line for line in lines if line.continues or line.continuation]
        assert len(parts) == 3
        assert [(part.continues, part.continuation) for part in parts] == [(True, False), (True, True), (False, True)]
        assert "".join(parts) == "x" * 2_500_000
        assert [part.number for part in parts] == [0, 1, 2]
        row, x = terminal.locate(Position(1, 150))
        assert terminal.position(row, x) == Position(1, 150)


def test_positions_survive_a_change_of_width(arena: Arena) -> None:
    rng = random.Random(3)
    with Terminal(20, 5, scrollback=Limits(lines=5_000), arena=arena) as terminal:
        terminal.feed("".join(f"{'ab界' * rng.randint(0, 9)}{n}\r\n" for n in range(300)))
        places = {}
        for line in terminal.lines:
            for index, character in enumerate(line):
                places[line.position(index)] = character
        for columns in (7, 2, 80, 3, 20):
            terminal.resize(columns, 5)
            rows = [*terminal.history, *terminal.screen]
            for position in rng.sample(sorted(places), 200):
                y, x = terminal.locate(position)
                assert rows[y].cells[x].text == places[position]


def test_positions_say_when_their_line_is_gone(arena: Arena) -> None:
    with Terminal(20, 5, scrollback=Limits(lines=10), arena=arena) as terminal:
        terminal.feed("first\r\n")
        position = terminal.position(0, 2)
        assert terminal.locate(position) == (0, 2)
        terminal.feed("more\r\n" * 14)
        assert terminal.locate(position) is None
        terminal.feed("\x1bcfirst")
        assert terminal.locate(position) is None


def test_bad_arguments(terminal: Terminal) -> None:
    with pytest.raises(ArgumentError, match="row must be from -3 to 2, not 3"):
        terminal.position(3)
    with pytest.raises(ArgumentError, match="row must be from -3 to 2, not -4"):
        terminal.position(-4)
    with pytest.raises(ArgumentError, match="x must be from 0 to 9, not 10"):
        terminal.position(0, 10)
    with pytest.raises(ArgumentError, match="line must be from 0"):
        terminal.locate(Position(-1, 0))
    with pytest.raises(ArgumentError, match="cell must be from 0"):
        terminal.locate(Position(0, 2**32))
    lines = terminal.lines
    terminal.close()
    for use in (lambda: terminal.lines, lambda: lines[0], lambda: terminal.first_line, lambda: len(lines)):
        with pytest.raises(ClosedError):
            use()


@pytest.mark.parametrize("mode", MODES)
def test_a_line_that_goes_on_behind_the_alternate_screen_ends_above_it(mode: str, arena: Arena) -> None:
    for text, columns, seen in (("AA", 1, "A"), ("漢字", 1, "漢"), ("a漢字", 3, "a漢")):
        with Terminal(5, 2, arena=arena, _mode=mode) as terminal:
            terminal.feed(f"{text}\r\n\x1b[?1049h")
            terminal.resize(columns, 2)
            assert list(terminal.lines) == [seen, "", ""]


def test_a_screen_has_lines_too(screen: Screen) -> None:
    screen.write("0123456789abc")
    assert screen.lines[0] == "0123456789abc"
    assert screen.position(1, 1) == Position(0, 11)


@pytest.mark.parametrize("mode", MODES)
def test_a_limit_in_bytes_leaves_lines_whole(mode: str) -> None:
    line = "the quick brown fox jumps over the lazy dog " * 11
    with Arena(standard_page=4096) as arena, Terminal(20, 4, scrollback=Limits(bytes=0), arena=arena, _mode=mode) as terminal:
        terminal.feed((line + "\r\n") * 3)
        assert terminal.lines[-2].text == line and not terminal.lines[-2].continuation
        terminal.resize(500, 4)
        assert [row.text for row in terminal.screen][-2:] == [line, ""]
