"""Erasing, protection and rectangles (ECMA-48, DEC STD 070, VT420), as xterm has them."""

import pytest

from ghostpage import Arena, Terminal

FIELD = "".join(f"\x1b[{y + 1}H" + "abcdefgh"[y:] + "abcdefgh"[:y] for y in range(4))


def fed(output: str, columns: int = 8, rows: int = 4) -> Terminal:
    terminal = Terminal(columns, rows)
    terminal.feed(output)
    assert terminal._violation() is None
    return terminal


def shown(output: str, columns: int = 8, rows: int = 4) -> list[str]:
    with fed(output, columns, rows) as terminal:
        return [row.text for row in terminal.screen]


# ---- protection


GUARDED = 'a\x1b[1"qb\x1b[0"qc'


@pytest.mark.parametrize("erase", ["\x1b[?2K", "\x1b[?1K", "\r\x1b[?K", "\x1b[?2J", "\x1b[?1J", "\r\x1b[?J", "\x1b[${"])
def test_selective_erasing_spares_what_decsca_protects(erase: str) -> None:
    assert shown(GUARDED + erase)[0] == " b"


@pytest.mark.parametrize("erase", ["\x1b[2K", "\x1b[2J", "\r\x1b[9X", "\x1b[$z"])
def test_other_erasing_does_not(erase: str) -> None:
    assert shown(GUARDED + erase)[0] == ""


@pytest.mark.parametrize("erase", ["\x1b[2K", "\x1b[2J", "\r\x1b[9X", "\x1b[?2K", "\x1b[?2J"])
def test_what_spa_protects_is_spared_by_all(erase: str) -> None:
    assert shown("a\x1bVb\x1bWc" + erase)[0] == " b"


def test_protection_survives_sgr_and_is_saved_with_the_cursor() -> None:
    assert shown('\x1b[1"q\x1b[0ma\x1b[?2K')[0] == "a"
    assert shown('\x1b[1"q\x1b7\x1b[2"q\x1b8a\x1b[?2K')[0] == "a"
    assert shown('\x1b[1"q\x1b[!pa\x1b[?2K')[0] == ""


def test_protected_cells_are_protected_after_a_change_of_mode() -> None:
    """What was printed as text is protected in the grid too, and the other way round."""
    with fed(GUARDED) as terminal:
        assert terminal._text_mode
        terminal.feed("\x1b[?2K")
        assert terminal.screen[0].text == " b"
        terminal.feed("\r\n" * 9)
        assert terminal._text_mode
        assert terminal.history[0].text == " b"


def test_halves_of_protected_wide_cells_stay_together() -> None:
    assert shown('\x1b[1"q界\x1b[2"q\x1b[1;2H\x1b[?K')[0] == "界"
    assert shown('\x1b[1"q界\x1b[2"q\x1b[1;1H\x1b[?1K')[0] == "界"


# ---- rectangles


def test_filling() -> None:
    assert shown(FIELD + "\x1b[42;2;3;3;5$x") == ["abcdefgh", "bc***gha", "cd***hab", "defghabc"]
    assert shown(FIELD + "\x1b[42$x") == ["*" * 8] * 4
    assert shown(FIELD + "\x1b[7$x\x1b[128$x\x1b[769$x")[0] == "abcdefgh", "controls and marks fill nothing"
    assert shown(f"\x1b[{ord('界')};1;1;1;5$x")[0] == "界界", "with room for two"


def test_filling_has_the_pen() -> None:
    with fed("\x1b[1;44m\x1b[42;1;2;1;2$x") as terminal:
        cell = terminal.screen[0].cells[1]
        assert (cell.text, cell.style.bold, cell.style.background) == ("*", True, 4)


def test_erasing() -> None:
    assert shown(FIELD + "\x1b[2;3;3;5$z") == ["abcdefgh", "bc   gha", "cd   hab", "defghabc"]
    assert shown(FIELD + "\x1b[3;3;2;5$z") == shown(FIELD), "bottom above top"
    assert shown(FIELD + "\x1b[;;2$z") == ["", "", "cdefghab", "defghabc"]


def test_selective_erasing_keeps_attributes() -> None:
    with fed("\x1b[4mabc\x1b[1;1;1;2${") as terminal:
        assert terminal.screen[0].text == "  c"
        assert terminal.screen[0].cells[0].style.underline == 1


@pytest.mark.parametrize(
    ("parameters", "rows"),
    [
        ("1;1;2;3;1;3;4", ["abcdefgh", "bcdefgha", "cdeabcab", "defbcdbc"]),
        ("1;1;2;3;1;2;2", ["abcdefgh", "babcfgha", "cbcdghab", "defghabc"]),
        ("2;2;3;4;1;1;1", ["cdedefgh", "defefgha", "cdefghab", "defghabc"]),
        ("1;1;1;5;1;1;3", ["ababcdeh", "bcdefgha", "cdefghab", "defghabc"]),
        ("1;3;1;7;1;1;1", ["cdefgfgh", "bcdefgha", "cdefghab", "defghabc"]),
        ("1;1;3;3;1;2;7", ["abcdefgh", "bcdefgab", "cdefghbc", "defghacd"]),
    ],
)
def test_copying(parameters: str, rows: list[str]) -> None:
    assert shown(FIELD + f"\x1b[{parameters}$v") == rows


def test_copying_over_halves_of_wide_cells() -> None:
    assert shown("a界界b\x1b[1;6;1;6;1;1;3$v")[0] == "a b界b"
    assert shown("a界界b\x1b[1;3;1;4;1;2;1$v")[1] == "", "the halves at the edges of what is copied are blank"


def test_rectangles_are_within_the_margins_in_origin_mode() -> None:
    output = FIELD + "\x1b[2;3r\x1b[?69h\x1b[3;5s\x1b[?6h\x1b[42;1;1;9;9$x"
    assert shown(output) == ["abcdefgh", "bc***gha", "cd***hab", "defghabc"]


def bold(terminal: Terminal) -> list[str]:
    return ["".join("#" if cell.style.bold else "." for cell in row.cells) for row in terminal.screen]


def test_attributes_in_a_stream_and_in_a_rectangle() -> None:
    with fed(FIELD + "\x1b[2;3;3;5;1$r") as terminal:
        assert bold(terminal) == ["........", "..######", "#####...", "........"]
    with fed(FIELD + "\x1b[2*x\x1b[2;3;3;5;1$r") as terminal:
        assert bold(terminal) == ["........", "..###...", "..###...", "........"]


def test_attributes_are_set_cleared_and_reversed() -> None:
    with fed("\x1b[1;31ma\x1b[3;32mb\x1b[m\x1b[1;1;1;2;4;22$r\x1b[1;1;1;1;7$t") as terminal:
        first, second = (cell.style for cell in terminal.screen[0].cells[:2])
        assert (first.bold, first.underline, first.inverse, first.foreground) == (False, 1, True, 1)
        assert (second.bold, second.italic, second.underline, second.inverse) == (False, True, 1, False)
    with fed("\x1b[4:3ma\x1b[1;1;1;1;4$r") as terminal:
        assert terminal.screen[0].cells[0].style.underline == 1


def test_blanks_take_attributes_in_a_rectangle_alone() -> None:
    with fed("a\x1b[1;1;1;3;7$r") as terminal:
        assert [cell.style.inverse for cell in terminal.screen[0].cells[:3]] == [True, False, False]
    with fed("a\x1b[2*x\x1b[1;1;1;3;7$r") as terminal:
        assert [cell.style.inverse for cell in terminal.screen[0].cells[:4]] == [True, True, True, False]


def test_links_survive_a_change_of_attributes() -> None:
    with fed("\x1b]8;;https://example.com/\x1b\\ab\x1b]8;;\x1b\\\x1b[1;1;1;2;1$r") as terminal:
        cell = terminal.screen[0].cells[1]
        assert (cell.hyperlink, cell.style.bold) == ("https://example.com/", True)


def test_changing_attributes_for_ever_takes_no_memory_for_ever() -> None:
    with Arena(standard_page=4096) as arena, Terminal(80, 24, arena=arena) as terminal:
        terminal.feed("".join(f"\x1b[3{i % 8}mx" for i in range(80 * 24)))
        terminal.feed("\x1b[1;1;24;80;1$t" * 20)
        before = terminal.memory.mapped
        terminal.feed("\x1b[1;1;24;80;1$t" * 500)
        assert terminal.memory.mapped <= 2 * before


# ---- the pen


def test_pens_are_put_aside_and_come_back() -> None:
    with fed("\x1b[1;31m\x1b[#{\x1b[0;4;32ma\x1b[#}b") as terminal:
        first, second = (cell.style for cell in terminal.screen[0].cells[:2])
        assert (first.bold, first.foreground) == (False, 2)
        assert (second.bold, second.underline, second.foreground) == (True, 0, 1)
    with fed("\x1b[1;31m\x1b[30#{\x1b[0;4;32m\x1b[#}a\x1b[#}" + "\x1b[#{" * 5000) as terminal:
        style = terminal.screen[0].cells[0].style
        assert (style.bold, style.underline, style.foreground) == (False, 1, 1)


def test_alignment() -> None:
    assert shown("\x1b[2;3r\x1b[?6h\x1b#8x") == ["xEEEEEEE", "EEEEEEEE", "EEEEEEEE", "EEEEEEEE"]


# ---- rows of double width and height


def sizes(terminal: Terminal) -> list[str]:
    return [row.size for row in terminal.screen]


def test_sizes_of_rows() -> None:
    with fed("\x1b#6a\r\n\x1b#3b\r\n\x1b#4c\r\n\x1b#5d") as terminal:
        assert sizes(terminal) == ["double", "top", "bottom", "single"]
        terminal.feed("\x1b[2;1H\x1b#5\x1b[1;1H\x1b[L")
        assert sizes(terminal) == ["single", "double", "single", "bottom"]
        terminal.feed("\x1b[H\x1b[J")
        assert sizes(terminal) == ["single"] * 4


def test_a_row_of_double_width_has_half_the_columns() -> None:
    with fed("\x1b#6abcdef") as terminal:
        assert [row.text for row in terminal.screen[:2]] == ["abcd", "ef"]
        assert not terminal.screen[0].wrapped, "it is a line of its own"
        terminal.feed("\x1b[1;8H")
        assert terminal.cursor.x == 3
    assert shown("abcdefgh\x1b#6")[0] == "abcd", "what does not show is gone"


def test_rows_of_double_width_and_margins_exclude_each_other() -> None:
    with fed("\x1b#6a\x1b[?69h\r\n\x1b#6") as terminal:
        assert sizes(terminal) == ["single"] * 4


@pytest.mark.parametrize("mode", ["auto", "grid", "early"])
def test_rows_of_double_size_are_such_in_history_and_after_a_resize(mode: str) -> None:
    kinds = ["double", "top", "bottom"]
    with Terminal(8, 4, _mode=mode) as terminal:
        terminal.feed("\x1b#6ab\r\n\x1b#3漢c\r\n\x1b#4漢c\r\nplain\r\n\n\n\nlast")
        assert [(row.text, row.size) for row in terminal.history[:4]] == [
            ("ab", "double"), ("漢c", "top"), ("漢c", "bottom"), ("plain", "single"),
        ]  # fmt: skip
        terminal.resize(12, 8)
        assert terminal._violation() is None
        assert sizes(terminal) == [*kinds, *["single"] * 5], "they come back"
        terminal.feed("\x1b[1;12H")
        assert terminal.cursor.x == 5
        terminal.resize(6, 8)
        assert sizes(terminal)[:3] == kinds
        terminal.resize(12, 2)
        assert [row.size for row in terminal.history[:3]] == kinds


@pytest.mark.parametrize("mode", ["auto", "grid", "early"])
def test_what_does_not_fit_in_half_the_columns_is_single(mode: str) -> None:
    with Terminal(8, 2, _mode=mode) as terminal:
        terminal.feed("\x1b#6abcd\r\nx\r\ny")
        terminal.resize(7, 2)
        assert (terminal.history[0].text, terminal.history[0].size) == ("abcd", "single")
        terminal.resize(8, 2)
        assert (terminal.history[0].text, terminal.history[0].size) == ("abcd", "double")
        terminal.resize(3, 5)
        assert sizes(terminal) == ["single"] * 5
        assert [row.text for row in terminal.screen] == ["abc", "d", "x", "y", ""]
        assert terminal.screen[0].wrapped


def test_the_alternate_screen_keeps_its_sizes_at_a_resize() -> None:
    with fed("\x1b[?1049h\x1b#6ab\r\n\x1b#3abcd") as terminal:
        terminal.resize(7, 4)
        assert sizes(terminal) == ["double", "single", "single", "single"]


# ---- lines that go on


@pytest.mark.parametrize(
    ("edit", "line"),
    [("\x1b[4hx", "a       x"), ("\x1b[4hxy", "a       xy"), ("\x1b[4h界", "a       界"), ("\x1b[4he\u0301", "a       e\u0301")],
)
def test_what_is_inserted_into_a_blank_row_goes_on_from_the_rows_above(edit: str, line: str) -> None:
    with Terminal(20, 3) as terminal:
        terminal.feed("a\x1b[1;19Hb")
        terminal.resize(4, 3)
        terminal.feed("\x1b[H" + edit)
        terminal.resize(20, 3)
        assert [row.text for row in [*terminal.history, *terminal.screen]] == [line, "      b", ""]


def test_blanks_with_a_background_too() -> None:
    with Terminal(20, 3) as terminal:
        terminal.feed("a\x1b[1;19Hb")
        terminal.resize(4, 3)
        terminal.feed("\x1b[H\x1b[44m\x1b[@")
        terminal.resize(20, 3)
        cells = [*terminal.history, *terminal.screen][0].cells
        assert (cells[0].text, cells[8].style.background, len(terminal.history)) == ("a", 4, 0)
