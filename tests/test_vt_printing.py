"""Printing as DEC, xterm and the terminal working group have it: wraps, insert mode, character sets, grapheme clusters."""

import pytest

from ghostpage import Terminal


def shown(output: str, columns: int = 10, rows: int = 4) -> list[str]:
    with Terminal(columns, rows) as terminal:
        terminal.feed(output)
        assert terminal._violation() is None
        return [row.text for row in terminal.screen]


def cursor(output: str, columns: int = 10, rows: int = 4) -> tuple[int, int]:
    with Terminal(columns, rows) as terminal:
        terminal.feed(output)
        return terminal.cursor.x, terminal.cursor.y


FULL = "abcdefghij"


@pytest.mark.parametrize(
    ("sequence", "wraps"),
    [("", True), ("\x1b[1m", True), ("\t", True), ("\x1b[Z", True), ("\x1b7\x1b8", True), ("\x1b[K", False), ("\x1b[X", False),
     ("\x1b[P", False), ("\x1b[C", False), ("\x1b[A", False), ("\x1b[G\x1b[10G", False), ("\x1b[J", False)],
)  # fmt: skip
def test_what_ends_a_pending_wrap(sequence: str, wraps: bool) -> None:
    rows = shown(FULL + sequence + "x")
    assert (rows[1] == "x") is wraps


def test_reverse_wraparound_goes_back_along_wrapped_rows_alone() -> None:
    assert cursor("\x1b[?45h" + FULL + "kl\b\b\b") == (9, 0)
    assert cursor("\x1b[?45h" + FULL + "\r\nkl\b\b\b") == (0, 1)
    assert cursor(FULL + "kl\b\b\b") == (0, 1)
    assert cursor("\x1b[?45h\x1b[?7l" + "\r\nkl\b\b\b") == (0, 1)


def test_extended_reverse_wraparound_goes_back_along_any_row_and_round_the_region() -> None:
    assert cursor("\x1b[?1045hab\r\ncd\b\b\b") == (9, 0)
    assert cursor("\x1b[?1045h\x1b[H\b") == (9, 3)
    assert cursor("\x1b[?1045h\x1b[2;3r\x1b[2;1H\b") == (9, 2)
    assert cursor("\x1b[?1045h\x1b[65535D\x1b[65535D") != (0, 0)


def test_a_pending_wrap_is_one_column_back_in_reverse_wraparound() -> None:
    assert cursor("\x1b[?45h" + FULL + "\b") == (9, 0)
    assert cursor(FULL + "\b") == (8, 0)


def test_runs_of_every_length_over_cells() -> None:
    columns, rows = 70, 4
    printable = "".join(map(chr, range(0x21, 0x7F))) * 3
    with Terminal(columns, rows) as terminal:
        for length in range(1, columns * (rows - 1)):
            x = length * 11 % columns
            text = printable[length % 94 :][:length]
            terminal.feed(f"\x1b#8\x1b[1;{x + 1}H{text}")
            expected = "E" * x + text + "E" * (columns * rows - x - length)
            assert "".join(row.text for row in terminal.screen) == expected, (x, length)
        assert terminal._violation() is None


def test_special_graphics_and_national_sets() -> None:
    assert shown("\x1b(0lqk\x1b(Bq")[0] == "┌─┐q"
    assert shown("\x1b(A#\x1b(K[\x1b(Z[\x1b(R{\x1b(%6[\x1b(B[")[0] == "£Ä¡éÃ["
    assert shown("\x1b(>abB\x1b(%5Wi(]w}")[0] == "αβ∞Œé¤Ÿœÿ"
    assert shown("\x1b-A\x0ei\x0fi")[0] == "éi"
    assert shown("\x1b(Q[\x1b(?[")[0] == "ââ", "a set that is not known is not designated, as in xterm"


@pytest.mark.parametrize("final", "@G")
def test_the_encoding_is_utf_8_whatever_is_asked_for(final: str) -> None:
    assert shown(f"\x1b(0q\x1b%{final}qé\x1b(B\x1b%{final}qé")[0] == "──é"[:1] + "─éqé"


def test_locking_and_single_shifts() -> None:
    assert shown("\x1b)0\x0eq\x0fq")[0] == "─q"
    assert shown("\x1b*0\x1b+A\x1bnq\x1bo#\x0f#")[0] == "─£#"
    assert shown("\x1b*0\x1bNqq")[0] == "─q", "for one character alone"
    assert shown("\x1b*0\u008eqq")[0] == "─q", "the C1 control in UTF-8"
    assert shown("\x1b*0\x1bNéq")[0] == "éq", "which need not be one of the set"
    assert shown("\x1b)0\x1b~qé")[0] == "qé", "what is shifted to the right stands for nothing in UTF-8"


def test_without_grapheme_clusters_a_code_point_is_a_cell() -> None:
    family = "👨\u200d👩"
    with Terminal(20, 2) as terminal:
        assert terminal.mode(2027)
        terminal.feed(family + "\x1b[?2027l" + family + "e\u0301🇫🇷")
        cells = [cell.text for cell in terminal.screen[0].cells if cell.width]
        assert cells[:6] == [family, "👨\u200d", "👩", "e\u0301", "🇫", "🇷"]


def test_hangul_that_joins_nothing_has_a_cell() -> None:
    with Terminal(10, 2) as terminal:
        terminal.feed(" \u1160x")
        assert [cell.text for cell in terminal.screen[0].cells[:3]] == [" ", "\u1160", "x"]


@pytest.mark.parametrize("columns", range(2, 8))
def test_wide_cells_at_every_column(columns: int) -> None:
    for before in range(columns):
        text = "a" * before + "界b"
        rows = shown(text, columns, 5)
        assert "".join(rows) == text
        assert all(len(row) <= columns for row in rows)


def test_more_fix_wraps_before_a_tab() -> None:
    assert cursor("\x1b[?41h" + FULL + "\t") == (8, 1)
    assert cursor(FULL + "\t") == (9, 0)


def test_repeating_wraps() -> None:
    assert shown("a\x1b[12b") == ["aaaaaaaaaa", "aaa", "", ""]
