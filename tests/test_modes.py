"""Text mode and grid mode cannot be told apart: every stream, at every split, gives the same in both, and as the twin.

A stream is fed to four terminals: one that chooses its mode itself, fed whole; one that is always a grid, fed byte by
byte; one that is text as early as it can be, fed in random pieces; and the naive twin in Python. The window is resized
and the limits are tight in between. Standard pages are of the smallest size, so that lines move from page to page.
"""

import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ghostpage import Arena, Limits, Run, Terminal, sessions, workloads
from seen import seen_of, seen_of_twin
from streams import hostile_bytes, random_stream, streams
from twin import Twin

SIZES = [(80, 24), (40, 12), (20, 5), (10, 4), (7, 1), (5, 3), (2, 2), (1, 3), (1, 1)]
LIMITS = [None, 0, 3, 30]
PROFILES = ["log", "shell", "tui", "mixed", "areas"]
SMALLEST_PAGE = 4096


class Quartet:
    """The four of them."""

    def __init__(self, columns: int, rows: int, lines: int | None, seed: int, *, twin: bool = True) -> None:
        self.arena = Arena(standard_page=SMALLEST_PAGE)
        scrollback = Limits(lines=lines)
        self.auto, self.grid, self.early = (
            Terminal(columns, rows, scrollback=scrollback, arena=self.arena, _mode=mode)
            for mode in ("auto", "grid", "early")
        )
        self.twin = Twin(columns, rows, lines) if twin else None
        self.random = random.Random(seed)

    def __enter__(self) -> "Quartet":
        return self

    def __exit__(self, *exception: object) -> None:
        for terminal in (self.auto, self.grid, self.early, self.arena):
            terminal.close()

    def feed(self, stream: bytes) -> None:
        self.auto.feed(stream)
        for at in range(len(stream)):
            self.grid.feed(stream[at : at + 1])
        at = 0
        while at < len(stream):
            length = self.random.randint(1, 7)
            self.early.feed(stream[at : at + length])
            at += length
        if self.twin:
            self.twin.feed(stream)

    def resize(self, columns: int, rows: int) -> None:
        for terminal in (self.auto, self.grid, self.early, self.twin):
            if terminal:
                terminal.resize(columns, rows)

    def check(self) -> None:
        seen = [seen_of(terminal) for terminal in (self.auto, self.grid, self.early)]
        for terminal in (self.auto, self.grid, self.early):
            assert terminal._violation() is None
        assert seen[0] == seen[1], "auto and grid differ"
        assert seen[2] == seen[1], "early and grid differ"
        if not self.grid.alternate_screen:
            assert numbers_of(self.auto) == numbers_of(self.grid) == numbers_of(self.early)
        assert lines_of(self.auto) == lines_of(self.grid) == lines_of(self.early)
        assert runs_of(self.auto) == runs_of(self.grid) == runs_of(self.early)
        if self.twin:
            assert seen[1] == seen_of_twin(self.twin), "grid and twin differ"


def numbers_of(terminal: Terminal) -> list[int]:
    return [row.line for row in [*terminal.history, *terminal.screen]]


def lines_of(terminal: Terminal) -> list[str]:
    return [line.text for line in terminal.lines]


def runs_of(terminal: Terminal) -> list[tuple[Run, ...]]:
    return [row.runs for row in [*terminal.history, *terminal.screen]]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("seed", range(60))
def test_random_streams_and_sizes(profile: str, seed: int) -> None:
    rng = random.Random(f"{profile} {seed}")
    columns, rows = rng.choice(SIZES)
    with Quartet(columns, rows, rng.choice(LIMITS), seed) as all_four:
        for step in range(rng.randint(1, 5)):
            length = rng.randint(1, 300)
            all_four.feed(random_stream(seed * 100 + step, length, profile, columns=columns, rows=rows))
            all_four.check()
            if step % 2:
                near = [(columns + 1, rows), (columns, rows + 1), (columns, max(1, rows - 1)), (max(1, columns - 1), rows)]
                columns, rows = rng.choice(SIZES + near)
                all_four.resize(columns, rows)
                all_four.check()


@pytest.mark.parametrize("seed", range(150))
def test_random_streams_of_everything_that_edits(seed: int) -> None:
    """Margins, rectangles, protection and the like, in the three terminals."""
    rng = random.Random(f"vt {seed}")
    columns, rows = rng.choice(SIZES)
    with Quartet(columns, rows, rng.choice(LIMITS), seed, twin=False) as all_three:
        for step in range(rng.randint(1, 6)):
            all_three.feed(random_stream(seed * 100 + step, rng.randint(1, 400), "vt", columns=columns, rows=rows))
            all_three.check()
            if step % 2:
                columns, rows = rng.choice(SIZES)
                all_three.resize(columns, rows)
                all_three.check()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(stream=streams("mixed", columns=10, rows=4), size=st.sampled_from(SIZES), seed=st.integers(0, 99))
def test_streams_shrunk_by_hypothesis(stream: bytes, size: tuple[int, int], seed: int) -> None:
    with Quartet(10, 4, 30, seed) as all_four:
        all_four.feed(stream)
        all_four.check()
        all_four.resize(*size)
        all_four.check()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(stream=hostile_bytes(), seed=st.integers(0, 99))
def test_any_bytes_give_the_same_at_every_split(stream: bytes, seed: int) -> None:
    with Quartet(10, 4, 30, seed, twin=False) as all_four:
        all_four.feed(stream)
        all_four.check()


def recorded(most_bytes: int) -> Iterator[tuple[str, bytes]]:
    for name in sessions.names():
        yield name, sessions.load(name).data[:most_bytes]


@pytest.mark.parametrize(("name", "stream"), [pytest.param(*each, id=each[0]) for each in recorded(40_000)])
def test_recorded_sessions(name: str, stream: bytes) -> None:
    with Quartet(60, 20, 200, 1, twin=False) as all_three:
        for at in range(0, len(stream), 10_000):
            all_three.feed(stream[at : at + 10_000])
            all_three.check()
        all_three.resize(33, 7)
        all_three.check()


def test_a_plain_screenful_turns_the_grid_into_text_again() -> None:
    with Terminal(80, 24) as terminal:
        assert terminal._text_mode
        terminal.feed("one\r\ntwo\x1b[1;1Hedited")
        assert not terminal._text_mode
        terminal.feed("\x1b[24;1H" + "plain\r\n" * 23)
        assert not terminal._text_mode
        terminal.feed("plain\r\n")
        assert terminal._text_mode
        assert (terminal.counters.inflated, terminal.counters.packed) == (1, 1)


def test_packing_waits_where_it_did_not_pay() -> None:
    edit = b"\x1b[Hedited\x1b[24;1H"
    with Terminal(80, 24) as terminal:
        for _ in range(50):
            terminal.feed(edit + b"plain\r\n" * 25)
        assert terminal.counters.inflated <= 3, "an edit after every screenful: it stays a grid"
        inflated = terminal.counters.inflated
        for _ in range(80):
            terminal.feed(edit + b"plain\r\n" * 24 * 70)
            assert terminal._text_mode, "so much has been printed that it pays whatever comes"
        assert terminal.counters.inflated > inflated + 70
        terminal.feed(edit + b"plain\r\n" * 25)
        assert terminal._text_mode, "it has paid so often that it is not waited for any more"


def test_a_grid_stays_one_between_edits_after_up_to_three_screenfuls() -> None:
    dice = random.Random(5)
    with Terminal(80, 24) as terminal:
        for _ in range(300):
            terminal.feed(b"\x1b[24;1H\x1b[1Kedited\r\n" + b"plain\r\n" * dice.randint(0, 72))
        assert terminal.counters.inflated <= 10


def test_the_end_of_the_line_that_is_printed_is_erased_as_text() -> None:
    with Terminal(20, 4) as terminal, Terminal(20, 4, _mode="grid") as grid:
        for output in ("\x1b[2K\rone\r\n", "[=> ]\r\x1b[Ktwo\r\n", "\x1b[31m界界\x1b[m\t!\b\b\x1b[K", "\b" * 14 + "\x1b[J", "\x1b[2K"):
            for each in (terminal, grid):
                each.feed(output)
                assert each._violation() is None
            assert seen_of(terminal) == seen_of(grid)
        assert terminal._text_mode and not terminal.counters.inflated
        terminal.feed("\x1b[44m\x1b[K")
        assert not terminal._text_mode, "a background is no end of a line"


def test_a_line_that_is_printed_over_from_its_start_is_text() -> None:
    with Terminal(20, 4) as terminal, Terminal(20, 4, _mode="grid") as grid:
        for output in ("[1/9]\r[2/9] a.c", "\r\x1b[32m[3/9] long.c\x1b[m", "\r小林小林小林小", "\r" + "=" * 20, "\r" + "#" * 20, "\r\n"):
            for each in (terminal, grid):
                each.feed(output)
                assert each._violation() is None
            assert seen_of(terminal) == seen_of(grid)
            assert runs_of(terminal) == runs_of(grid)
        assert terminal._text_mode and not terminal.counters.inflated
        terminal.feed("longer\rshort")
        assert not terminal._text_mode, "something is left behind it"


@pytest.mark.parametrize("seed", range(8))
def test_lines_printed_over(seed: int) -> None:
    rng = random.Random(seed)
    columns = rng.choice((2, 5, 9, 20))
    with Quartet(columns, 3, 30, seed) as all_four:
        for _ in range(40):
            letters = rng.choice(("abc", "abc", "é", "界", "a界", "e\u0301"))
            text = "".join(rng.choice(letters) for _ in range(rng.choice((1, columns - 1, columns, columns + 1, 2 * columns))))
            pen = rng.choice(("", "", "\x1b[31m", "\x1b[m", "\x1b[44m", "\x1b]8;;https://a.b\x1b\\", "\x1b]8;;\x1b\\"))
            all_four.feed((pen + text + rng.choice(("\r", "\r", "\r", "\r\n", "\x1b[K", "\t", "\n"))).encode())
            all_four.check()
        all_four.resize(columns + 1, 3)
        all_four.check()


@pytest.mark.parametrize(
    ("columns", "pieces"),
    [(1, ["🇯🇵🇧🌈", "\x1b7", "\x1b[41m", "\n", "\x1b8", "❤"]), (5, ["\n\n12345\x1b7", "\x1b[41m\n", "\x1b[?1049h\x1b[?1049l", "\x1b8", "x"])],
)
def test_no_line_goes_on_from_a_blank_that_a_wrap_was_restored_behind(columns: int, pieces: list[str]) -> None:
    seen = []
    for mode in ("grid", "auto", "early"):
        with Terminal(columns, 3, _mode=mode) as terminal:
            for piece in pieces:
                terminal.feed(piece)
            seen.append((seen_of(terminal), numbers_of(terminal)))
    assert seen[0] == seen[1] == seen[2]


def test_a_cursor_behind_a_wide_cell_goes_where_its_line_goes_on() -> None:
    with Quartet(2, 2, 30, 0) as all_four:
        all_four.feed("ｗ\x1b[2b\x1b[Hｗ".encode())
        all_four.resize(3, 2)
        all_four.check()
        assert (all_four.auto.cursor.x, all_four.auto.cursor.y) == (0, 1), "not in the column that a wide cell leaves"


@pytest.mark.parametrize("mode", ["auto", "grid", "early"])
def test_runs_end_where_the_last_cell_is_no_default_blank(mode: str) -> None:
    with Terminal(20, 2, _mode=mode) as terminal:
        for line in ("a\t", "\x1b[44mb\t", "c \t", "界\t"):
            terminal.feed(line + "\x1b[m\r\n")
        found = [[(run.text, run.width) for run in row.runs] for row in [*terminal.history, *terminal.screen]]
    assert found == [[("a", 1)], [("b", 1)], [("c ", 2)], [("界", 2)], []]


@pytest.mark.parametrize("seed", range(16))
def test_letters_over_rows_that_go_on(seed: int) -> None:
    """A few letters on rows that wrap, with wide ones at their edges, are written without a look at the wraps or with one."""
    rng = random.Random(seed)
    columns, rows = rng.choice(((4, 3), (5, 3), (6, 2), (9, 4)))
    with Quartet(columns, rows, 30, seed) as all_four:
        for _ in range(40):
            line = "".join(rng.choice(("a", "界", "界")) for _ in range(rng.randint(1, 2 * columns)))
            stream = rng.choice(("", "\r\n", "\x1b[?1049h", "\x1b[?1049l", "\x1b[H")) + line
            for _ in range(rng.randint(1, 3)):
                x = rng.choice((1, 1, 2, 3, columns - 2, columns - 1, columns))
                stream += f"\x1b[{rng.randint(1, rows)};{x}H" + "xyz"[: rng.randint(1, 3)]
            all_four.feed((stream + rng.choice(("", "\x1b[7m", "\x1b[m"))).encode())
            all_four.check()


def test_what_the_fast_path_takes_is_what_the_parser_takes() -> None:
    """Whole lines of ASCII have a loop of their own; lines fed in two pieces do not go through it."""
    rng = random.Random(5)
    lengths = (0, 1, 15, 16, 17, 31, 60, 79, 80, 81, 200)
    lines = ["".join(chr(rng.randint(0x20, 0x7E)) for _ in range(rng.choice(lengths))) for _ in range(3000)]
    output = "\r\n".join(lines).encode()
    with (
        Arena(standard_page=SMALLEST_PAGE) as arena,
        Terminal(80, 24, arena=arena) as whole,
        Terminal(80, 24, arena=arena) as split,
    ):
        whole.feed(output)
        for at in range(0, len(output), 3):
            split.feed(output[at : at + 3])
        assert seen_of(whole) == seen_of(split)
        assert whole._violation() is None


def test_sequences_that_come_again_and_again_are_what_they_are_one_by_one() -> None:
    """CUF right behind the same CUF is carried out with it, in inputs of 1 KiB and more."""
    rng = random.Random(9)
    setups = ("\x1b[?69l", "\x1b[?69h\x1b[5;14s", "\x1b[?69l\x1b#6")
    parts = []
    for number in range(600):
        moves = f"\x1b[{rng.choice(('', '0', '1', '2', '999'))}C" * rng.randint(1, 30)
        parts.append(f"{setups[number // 200]}\x1b[{rng.randint(1, 4)};{rng.randint(1, 20)}H{rng.choice('xy界')}{moves}{rng.choice(('o', '', '界'))}")
    with Terminal(20, 4) as whole, Terminal(20, 4) as single:
        for begin in range(0, len(parts), 40):
            output = "".join(parts[begin : begin + 40]).encode()
            assert len(output) > 1024
            whole.feed(output)
            for at in range(len(output)):
                single.feed(output[at : at + 1])
            assert seen_of(whole) == seen_of(single)


def test_code_points_of_every_block_are_in_text_what_they_are_byte_by_byte() -> None:
    """Where letters are taken by table and copied, against one at a time; the surrogates, which are malformed, too."""
    with Terminal(40, 4) as text, Terminal(40, 4, _mode="grid") as cells:
        for first in range(0x80, 0x12000, 190):
            each = [chr(point) for point in range(first, first + 190, 38)]
            lines = (f"{one}{two}字{one}\u0301x{one}\u1100{one}\r\n" for one, two in zip(each, each[1:], strict=False))
            stream = "".join(lines).encode("utf-8", "surrogatepass")
            text.feed(stream)
            for at in range(len(stream)):
                cells.feed(stream[at : at + 1])
            assert [row.text for row in text.screen] == [row.text for row in cells.screen]
            seen = [
                [(row.text, [cell.width for cell in row.cells]) for row in terminal.history] for terminal in (text, cells)
            ]
            assert seen[0] == seen[1]
            text.clear_history()
            cells.clear_history()
        assert text._violation() is None


# Among wide letters: others, what is none of them, and no UTF-8 at all.
AMONG_LETTERS = [
    *(point.to_bytes(2, "big").decode("utf-16-be", "surrogatepass").encode("utf-8", "surrogatepass") for point in (
        *range(0x800, 0x10000, 105), 0x302A, 0x303F, 0x3040, *range(0x3096, 0x309B), 0x3FFF, 0x4000, 0x9FFF, 0xA000, 0xABFF, 0xAC00,
        0xD7A3, 0xD7A4, 0xD800, 0xFF00, 0xFF61, 0xFFFF,
    )),
    *(b"\xe3\x81", b"\xe3\x81\x41", b"\xe3\x41\x81", b"\x81\x81\x81", b"\xe3\xc1\x81", b"\xe3\x81\xc1", b"\xd3\x81\x81"),
    *(bytes([lead, low, low]) for lead in range(0xF0, 0x100) for low in (0x81, 0xA5, 0xBF)),
]  # fmt: skip


def test_wide_letters_five_and_ten_at_a_time() -> None:
    """In each place of the ten and behind them, against pieces in which there are no five."""
    with Terminal(40, 4) as whole, Terminal(40, 4) as split:
        for one in AMONG_LETTERS:
            for place in range(20):
                letters = [letter.encode() for letter in ("かな한글ヰ漢、한！の", "鿿字中文字䀀字中文字")[place % 2]]
                letters[place // 2] = one
                stream = "中文".encode() * (place % 3) + b"".join(letters) + b"\r\n"
                whole.feed(stream)
                for at in range(0, len(stream), 5):
                    split.feed(stream[at : at + 5])
            seen = [
                [(row.text, [cell.width for cell in row.cells]) for row in [*terminal.history, *terminal.screen]]
                for terminal in (whole, split)
            ]
            assert seen[0] == seen[1], one
            whole.clear_history()
            split.clear_history()
        assert whole._violation() is None


# What comes in one text with marks: every kind of cell and of what joins one, which makes it wide or narrow, and what is no
# UTF-8 of each length.
MIXED = [
    *(piece.encode("utf-8", "surrogatepass") for piece in (
        "😀\u0600words", *"aé字😀\U00020000❤⌚ｶ1각가क🇳👩👍\u0600\u0e01\u0e33", "\u0301", "\u094d", "\u200d", "\ufe0e", "\ufe0f", "\uff9e", "\U0001f3fd",
        "\U000e0067", "\u200b", "\ufffd", "\ud800", "\udfff", "\uffff", "\U0010ffff",
    )),
    *(b"\x80", b"\xc0\xaf", b"\xc1\xbf", b"\xcc", b"\xe0\x9f\xbf", b"\xe1\x80", b"\xf0\x8f\xbf\xbf", b"\xf0\x9f\x98", b"\xf4\x90\x80\x80"),
    *(b"\xf0\x9f\x98\xc0", b"\xf5\x80\x80\x80", b"\xff"),
]  # fmt: skip


@pytest.mark.parametrize("columns", [2, 7, 40, 300])
def test_letters_and_marks_in_any_order(columns: int) -> None:
    """Where runs of them are found by tables, without a branch, against cells of one code point after the other."""
    dice = random.Random(columns)
    with Terminal(columns, 4) as text, Terminal(columns, 4, _mode="grid") as cells:
        for _ in range(150):
            kinds = dice.sample(MIXED, dice.choice([2, 2, 3, 8]))
            runs = [dice.choice(kinds) * dice.choice([1, 1, 1, 1, 2, 3, 9, 40]) for _ in range(20)]
            stream = b"".join(runs) + b"\r\n"
            text.feed(stream)
            for at in range(len(stream)):
                cells.feed(stream[at : at + 1])
            seen = [
                [(row.text, [cell.width for cell in row.cells]) for row in [*terminal.history, *terminal.screen]]
                for terminal in (text, cells)
            ]
            assert seen[0] == seen[1], stream
            assert text._violation() is None
            text.clear_history()
            cells.clear_history()


def runs_of_up_to(most: int) -> bytes:
    """All that the loops between lines and cells have a case for, in runs about as long as what they take at once."""
    dice = random.Random(most)
    kinds = ["a", "é", "ก", "字", "😀", "e\u0301", "ก\u0e33\u0e49", "👩\u200d👩\u200d👧\u200d👦", "n" + "\u0300" * 31, "\t"]
    colors = ["38;2;1;2;3;48;2;4;5;6", "48;2;9;9;9", "38;2;7;7;7", "1;31", "4;58;2;1;1;1", "38;5;99", *(f"48;5;{n}" for n in range(99))]
    places = ["https://example.org/", "file://localhost/home/", "mailto:everybody@"]
    links = [f"id={n % 3};{places[n % 3]}{'x' * (n % 40)}/{n}" for n in range(100)]
    pens = ["\x1b[m", "\x1b]8;;\x1b\\", *(f"\x1b[{color}m" for color in colors), *(f"\x1b]8;{link}\x1b\\" for link in links)]
    runs = (dice.choice(pens) + dice.choice(kinds) * dice.randint(1, most) for _ in range(8000 // (most + 4)))
    return "".join(run + dice.choice(["", "", "", "\r\n"]) for run in runs).encode()


def image() -> bytes:
    """Cells with two colours in full each, and what does not go on like that."""
    dice = random.Random(8)
    colors = ["".join(f";{part}" for part in (each, each // 7, 9)) for each in (0, 1, 200, 255)]
    few = [f"\x1b[38;2{one};48;2{other}m" for one in colors for other in colors]
    odd = ["\x1b[m", "\x1b[1m", "\x1b[22;39m", "\x1b[48;5;7m", "\x1b[58;2;1;2;3m", "\x1b]8;;x:y\x1b\\", "\x1b]8;;\x1b\\", "\r\n", "\x1b[K"]
    odd += [f"\x1b[38;2;9;{n};9;48;5;3m▀\x1b[m▀" for n in range(4)]
    parts = []
    for n in range(900):
        new = f"\x1b[38;2;{n % 251};7;{n // 251};48;2;{n % 241};8;{n // 241}m"
        pen = dice.choice(few) if n // 90 % 2 else new if n // 30 % 2 else dice.choice([new, new, *few[:2]])
        kind = "▀" if n // 45 % 2 else dice.choice(["▀", "▄", " ", "#", "é", "😀", "字", "e\u0301"])
        parts.append(pen + kind * dice.choice((1, 1, 1, 1, 1, 2)) + (dice.choice(odd) if dice.random() < 0.03 else ""))
    parts += [f"\x1b[{y};{x};{y};{x + n}${{" for y in range(1, 30) for x, n in ((1, 0), (2 + y % 5, y % 3))]  # blanks, in their colours
    return "".join(parts).encode()


SCREENFULS = {"image": image} | {f"runs of up to {most}": lambda most=most: runs_of_up_to(most) for most in (1, 8, 9, 40)} | {
    name: lambda name=name: workloads.generate(name, 9_000, columns=60, rows=30)
    for name in ("ascii", "long", "sgr", "cjk", "emoji", "combining", "links", "truecolor")
}


@pytest.mark.parametrize("content", SCREENFULS)
def test_a_screen_is_the_same_as_lines_and_as_cells(content: str) -> None:
    """Against cells that were printed, and so neither inflated nor packed."""
    output = SCREENFULS[content]() + b"\x1b[m\x1b]8;;\x1b\\\r\n"
    for columns, rows in [(1, 3), (2, 9), (7, 30), (60, 30), (121, 40)]:
        with (
            Arena(standard_page=SMALLEST_PAGE) as arena,
            Terminal(columns, rows, arena=arena, _mode="grid") as cells,
            Terminal(columns, rows, arena=arena, _mode="early") as terminal,
        ):
            cells.feed(output)
            terminal.feed(output)
            printed, used = rows_of(cells), terminal.memory.used
            assert rows_of(terminal) == printed
            for mode in ("grid", "early", "grid", "early"):
                terminal._set_mode(mode)
                assert terminal._text_mode == (mode == "early")
                assert terminal._violation() is None
                assert rows_of(terminal) == printed, mode
                assert terminal.memory.used == used or mode == "grid" or content != "image"  # the same records


def rows_of(terminal: Terminal) -> list[tuple[object, ...]]:
    return [
        (row.text, row.wrapped, [(cell.text, cell.width, cell.style, cell.hyperlink) for cell in row.cells])
        for row in terminal.screen
    ]
