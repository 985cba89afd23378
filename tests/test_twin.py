"""The twin against expectations written by hand."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams import PROFILES, hostile_bytes, random_stream, streams
from twin import BLANK, PLAIN, Link, Style, Twin

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


def simple_width(cluster):
    if 0xFE0F in cluster:
        return 2
    if 0xFE0E in cluster:
        return 1
    if len(cluster) == 2 and all(0x1F1E6 <= code_point <= 0x1F1FF for code_point in cluster):
        return 2
    first = chr(cluster[0])
    if unicodedata.category(first) in ("Mn", "Me", "Cf", "Zl", "Zp"):
        return 0
    return 2 if unicodedata.east_asian_width(first) in "WF" else 1


def simple_joins(cluster, code_point):
    regional = [0x1F1E6 <= other <= 0x1F1FF for other in (*cluster, code_point)]
    return (
        unicodedata.combining(chr(code_point)) > 0
        or code_point in (0x200D, 0xFE0E, 0xFE0F)
        or 0x1F3FB <= code_point <= 0x1F3FF
        or (cluster[-1] == 0x200D and code_point > 0x1F000)
        or regional == [True, True]
    )


def twin(columns, rows, output="", limit=None):
    made = Twin(columns, rows, limit, width=simple_width, joins=simple_joins)
    made.feed(output)
    return made


def shown(terminal):
    """The rows; ``+`` behind a row that goes on in the next."""
    return [row.text + "+" * row.wrapped for row in terminal.screen]


def past(terminal):
    return [row.text + "+" * row.wrapped for row in terminal.history]


def check(terminal):
    """What must hold of every terminal at any time."""
    columns, rows = terminal.columns, terminal.rows
    x, y, pending, _ = terminal.cursor
    assert 0 <= x < columns and 0 <= y < rows and (not pending or x in (columns - 1, terminal._right))
    assert len(terminal.screen) == rows
    assert terminal.limit is None or len(terminal.history) <= terminal.limit
    if not terminal.alternate:
        rows_of_all = terminal.history + terminal.screen
    else:
        rows_of_all = terminal.screen
    for row, below in zip(rows_of_all, rows_of_all[1:] + [None]):
        assert len(row.places) == columns or row not in terminal.screen
        for cell, after in zip(row.places, row.places[1:] + [BLANK]):
            assert (cell.width == 2) == (after.width == 0)
            assert len(cell.text) <= 32
        spacers = [cell.spacer for cell in row.places]
        assert not any(spacers[:-1])
        assert not row.wrapped or row.onto is below
        assert not spacers[-1] or (row.wrapped and below.places[0].width == 2)


def test_wraps_only_when_the_next_cell_comes():
    terminal = twin(4, 2, "abcd")
    assert shown(terminal) == ["abcd", ""]
    assert terminal.cursor == (3, 0, True, True)
    terminal.feed("e")
    assert shown(terminal) == ["abcd+", "e"]
    terminal.feed("fghijk")
    assert past(terminal) == ["abcd+"]
    assert shown(terminal) == ["efgh+", "ijk"]


def test_wide_cell_that_does_not_fit_leaves_a_spacer():
    terminal = twin(4, 3, "abc界d")
    assert shown(terminal) == ["abc+", "界d", ""]
    assert terminal.screen[0].cells[3] == ("", 1, PLAIN, None)
    assert [cell[1] for cell in terminal.screen[1].cells] == [2, 0, 1, 1]
    terminal.feed("\x1b[2;1Hx")
    assert shown(terminal) == ["abc", "x d", ""]


def test_without_autowrap_the_last_columns_are_overwritten():
    assert shown(twin(4, 2, "\x1b[?7labcdef")) == ["abcf", ""]
    assert shown(twin(4, 2, "\x1b[?7labcd界")) == ["ab界", ""]
    assert twin(1, 2, "\x1b[?7l界").screen[0].cells[0][:2] == ("界", 1)


def test_below_the_region_nothing_scrolls():
    terminal = twin(3, 3, "\x1b[1;2r\x1b[3;1Habcdef")
    assert shown(terminal) == ["", "", "def"]


@pytest.mark.parametrize(
    ("output", "rows", "cursor"),
    [
        ("e\u0301f", ["e\u0301f", ""], (2, 0, False)),
        (FAMILY + "x", [FAMILY + "x", ""], (3, 0, False)),
        ("abc❤\ufe0f", ["abc+", "❤\ufe0f"], (2, 1, False)),
        ("ab❤\ufe0f", ["ab❤\ufe0f", ""], (3, 0, True)),
        ("\x1b[?7labc❤\ufe0f", ["abc❤\ufe0f", ""], (3, 0, False)),
        ("ab👍\ufe0e", ["ab👍\ufe0e", ""], (3, 0, False)),
        ("🇫\x1b[1m🇷", ["🇫🇷", ""], (2, 0, False)),
        ("e\r\x1b[C\u0301", ["e\u0301", ""], (1, 0, False)),
        ("e\r\u0301", ["\u0301", ""], (1, 0, False)),
        ("\u200bx", ["x", ""], (1, 0, False)),
        ("\u200d\u0301x", ["\u200d\u0301x", ""], (2, 0, False)),
        ("a" + "\u0301" * 40, ["a" + "\u0301" * 31, ""], (1, 0, False)),
    ],
)
def test_joining(output, rows, cursor):
    terminal = twin(4, 2, output)
    assert shown(terminal) == rows
    assert terminal.cursor[:3] == cursor


def test_no_half_of_a_wide_cell_is_left():
    assert shown(twin(6, 1, "界界界\x1b[1;2Hx")) == [" x界界"]
    assert shown(twin(6, 1, "界界界\x1b[1;2H\x1b[X")) == ["  界界"]
    assert shown(twin(6, 1, "界界界\x1b[1;1H\x1b[@")) == [" 界界"]
    assert shown(twin(6, 1, "界界界\x1b[1;2H\x1b[P")) == ["  界界"[1:]]
    assert shown(twin(6, 1, "界界界\x1b[1;4H\x1b[K")) == ["界"]


def test_erasing_takes_the_background_alone():
    terminal = twin(4, 2, "abcd\x1b[1;41;38:2::1:2:3m\x1b]8;;x\a\x1b[1;2H\x1b[K")
    assert terminal.screen[0].cells == [("a", 1, PLAIN, None)] + [("", 1, Style(background=1), None)] * 3


def test_style_and_link():
    terminal = twin(4, 1, "\x1b[1;4:3;38;5;9;48;2;1;2;3;58:5:7m\x1b]8;a=b:id=k;http://x\x1b\\a")
    style = Style(bold=True, underline=3, foreground=9, background=(1, 2, 3), underline_color=7)
    assert terminal.screen[0].cells[0] == ("a", 1, style, Link("http://x", "k"))


def test_a_wrap_ends_when_its_edge_is_erased():
    assert shown(twin(3, 3, "abcdef\x1b[1;3H\x1b[K")) == ["ab", "def", ""]
    assert shown(twin(3, 3, "abcdef\x1b[2;1H\x1b[X")) == ["abc", " ef", ""]
    assert shown(twin(3, 3, "abcdef\x1b[1;2Hx\x1b[2;2Hy")) == ["axc+", "dyf", ""]
    assert shown(twin(3, 3, "abcdef\x1b[2;1H\x1b[L")) == ["abc", "", "def"]
    assert past(twin(3, 2, "abcdefg\x1b[1;1H\x1b[M")) == ["abc"]


def test_regions_and_history():
    lines = "1\r\n2\r\n3\r\n4"
    assert past(twin(3, 3, lines)) == ["1"]
    terminal = twin(3, 4, lines + "\x1b[2;3r\x1b[3;1H\nx")
    assert (past(terminal), shown(terminal)) == ([], ["1", "3", "x", "4"])
    terminal = twin(3, 4, lines + "\x1b[1;3r\x1b[2S")
    assert (past(terminal), shown(terminal)) == (["1", "2"], ["3", "", "", "4"])
    terminal = twin(3, 4, lines + "\x1b[1;3r\x1bM\x1bMx")
    assert (past(terminal), shown(terminal)) == ([], ["x", "", "1", "4"])
    assert past(twin(3, 2, lines, limit=1)) == ["2"]
    assert past(twin(3, 2, lines, limit=0)) == []
    assert past(twin(3, 2, lines + "\x1b[2J")) == ["1", "2"]
    assert past(twin(3, 2, lines + "\x1b[3J")) == []


def test_repeat_insert_and_tabs():
    assert shown(twin(8, 2, "界\x1b[2b\x1b[b")) == ["界界界", ""]
    assert shown(twin(8, 1, "abc\x1b[1;2H\x1b[4hX\x1b[4lY")) == ["aXYc"]
    assert twin(20, 1, "\t\t\t").cursor[:3] == (19, 0, False)
    assert shown(twin(12, 1, "\x1b(0qx\x1b(B\x0eq\x1b)0q\x0fq")) == ["─│q─q"]


def test_alternate_screen_and_saved_cursor():
    terminal = twin(5, 2, "ab\x1b[31m\x1b[?1049h")
    assert (terminal.alternate, terminal.cursor[:2], shown(terminal)) == (True, (2, 0), ["", ""])
    terminal.feed("\x1b[0m\n\n\nxyz\x1b[?1049l")
    assert (terminal.alternate, terminal.cursor[:2], shown(terminal)) == (False, (2, 0), ["ab", ""])
    assert terminal.style == Style(foreground=1)
    assert past(terminal) == []


def test_resizing_lays_lines_out_again():
    terminal = twin(6, 2, "abc界def\r\nx")
    assert (past(terminal), shown(terminal)) == (["abc界d+"], ["ef", "x"])
    terminal.resize(4, 2)
    assert (past(terminal), shown(terminal)) == (["abc+", "界de+"], ["f", "x"])
    assert terminal.cursor[:2] == (1, 1)
    terminal.resize(20, 4)
    assert (past(terminal), shown(terminal)) == ([], ["abc界def", "x", "", ""])
    assert terminal.cursor[:2] == (1, 1)
    terminal.resize(1, 2)
    terminal.resize(20, 4)
    assert shown(terminal) == ["abc界def", "x", "", ""]


def test_resizing_keeps_the_cursor_on_its_character():
    terminal = twin(6, 3, "abcdefgh\x1b[1;5H")
    terminal.resize(3, 3)
    assert (shown(terminal), terminal.cursor[:3]) == (["abc+", "def+", "gh"], (1, 1, False))
    terminal = twin(6, 3, "abcdef")
    terminal.resize(3, 3)
    assert terminal.cursor[:3] == (2, 1, True)
    terminal.resize(8, 3)
    assert terminal.cursor[:3] == (6, 0, False)
    terminal = twin(6, 3, "ab\x1b[1;6H")
    terminal.resize(4, 3)
    assert terminal.cursor[:3] == (3, 0, False)
    terminal = twin(2, 2, "界字\x1b[H界")
    terminal.resize(3, 2)
    assert (shown(terminal), terminal.cursor[:3]) == (["界+", "字"], (0, 1, False))


def test_blanks_inside_a_line_do_not_end_it():
    terminal = twin(10, 3, "a\tb")
    terminal.resize(4, 3)
    assert shown(terminal) == ["a+", "+", "b"]
    terminal.feed("c")
    terminal.resize(10, 3)
    assert shown(terminal) == ["a       bc", "", ""]
    terminal.resize(4, 3)
    terminal.feed("\x1b[2K")
    assert shown(terminal) == ["a", "", ""]


def test_resizing_cuts_the_alternate_screen():
    terminal = twin(4, 3, "\x1b[?1049hab界\r\ncd\r\nef\x1b[3;4H")
    terminal.resize(3, 2)
    assert (shown(terminal), terminal.cursor[:2]) == (["ab", "cd"], (2, 1))


def test_resets():
    terminal = twin(4, 2, "\x1b]0;t\a\x1b[1;31m\x1b[?6h\x1b[1;1r\x1b[?25la\nb\nc\x1b[!p")
    assert terminal.style == PLAIN and terminal.cursor[3] and not terminal.mode(6) and terminal.title == "t"
    terminal.feed("\x1bc")
    assert (past(terminal), shown(terminal), terminal.cursor) == ([], ["", ""], (0, 0, False, True))


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_random_streams(profile):
    for seed in range(6):
        columns, rows = 1 + seed * 3, 1 + seed
        terminal = twin(columns, rows, limit=seed * 5)
        for part in range(6):
            terminal.feed(random_stream(seed * 100 + part, 400, profile, columns=columns, rows=rows))
            check(terminal)
            columns, rows = 1 + (columns * 7 + part) % 17, 1 + (rows * 5 + part) % 9
            terminal.resize(columns, rows)
            check(terminal)


@settings(max_examples=30, deadline=None)
@given(st.lists(streams() | hostile_bytes(), max_size=4), st.integers(1, 12), st.integers(1, 6))
def test_any_stream_in_any_pieces(parts, columns, rows):
    whole, pieces = twin(columns, rows, limit=20), twin(columns, rows, limit=20)
    output = b"".join(parts)
    whole.feed(output)
    check(whole)
    for byte in output:
        pieces.feed(bytes([byte]))
    assert (shown(pieces), past(pieces), pieces.cursor) == (shown(whole), past(whole), whole.cursor)
