"""Left and right margins (DECLRMM, DECSLRM; VT420) and what keeps within them."""

import pytest

from ghostpage import Terminal

FIELD = "".join(f"\x1b[{y + 1}H" + "abcdefghij"[y:] + "abcdefghij"[:y] for y in range(5))
MARGINS = "\x1b[?69h\x1b[3;6s"


def shown(output: str, columns: int = 10, rows: int = 5) -> list[str]:
    with Terminal(columns, rows) as terminal:
        terminal.feed(output)
        assert terminal._violation() is None
        return [row.text for row in terminal.screen]


def cursor(output: str, columns: int = 10, rows: int = 5) -> tuple[int, int]:
    with Terminal(columns, rows) as terminal:
        terminal.feed(output)
        return terminal.cursor.x, terminal.cursor.y


def test_the_field() -> None:
    assert shown(FIELD) == ["abcdefghij", "bcdefghija", "cdefghijab", "defghijabc", "efghijabcd"]


def test_margins_need_their_mode_and_a_level() -> None:
    assert cursor("\x1b[2;3H\x1b[3;6s\x1b[H\x1b[u") == (0, 0), "with numbers it is no SCOSC"
    assert cursor("\x1b[2;3H\x1b[s\x1b[H\x1b[u") == (2, 1)
    assert shown("\x1b[63\"p" + MARGINS + "\x1b[1;3Habcdefg")[0] == "  abcdefg", "a VT300 has none"
    assert cursor("\x1b[2;3H" + MARGINS) == (0, 0), "setting them goes home"
    assert cursor(MARGINS + "\x1b[?69l\x1b[1;3H\x1b[9C") == (9, 0)


def test_printing_wraps_between_them_and_its_rows_are_no_line() -> None:
    with Terminal(10, 5) as terminal:
        terminal.feed(MARGINS + "\x1b[1;3Habcdefgh")
        assert [row.text for row in terminal.screen][:3] == ["  abcd", "  efgh", ""]
        assert not terminal.screen[0].wrapped
        assert terminal.cursor.pending_wrap
        terminal.feed("i")
        assert terminal.screen[2].text == "  i"


def test_beside_them_printing_goes_to_the_edge_and_comes_back_between_them() -> None:
    assert shown(MARGINS + "\x1b[1;8Habcdef")[:2] == ["       abc", "  def"]


def test_wide_cells_at_the_right_margin() -> None:
    assert shown(MARGINS + "\x1b[1;6H界")[:2] == ["", "  界"]
    assert shown("\x1b[1;6H界" + MARGINS + "\x1b[1;6Hx")[0] == "     x"


@pytest.mark.parametrize(
    ("sequence", "rows"),
    [
        ("\x1b[2;3H\x1b[@", ["abcdefghij", "bc defhija", "cdefghijab"]),
        ("\x1b[2;3H\x1b[P", ["abcdefghij", "bcefg hija", "cdefghijab"]),
        ("\x1b[2;3H\x1b[L", ["abcdefghij", "bc    hija", "cddefgijab"]),
        ("\x1b[2;3H\x1b[M", ["abcdefghij", "bcefghhija", "cdfghiijab"]),
        ("\x1b[S", ["abdefgghij", "bcefghhija", "cdfghiijab"]),
        ("\x1b[T", ["ab    ghij", "bccdefhija", "cddefgijab"]),
        ("\x1b[1;3H\x1bM", ["ab    ghij", "bccdefhija", "cddefgijab"]),
        ("\x1b[1;3H\x1b['}", ["ab cdeghij", "bc defhija", "cd efgijab"]),
        ("\x1b[1;4H\x1b['~", ["abcef ghij", "bcdfg hija", "cdegh ijab"]),
        ("\x1b[1;4H\x1b[ @", ["abdef ghij", "bcefg hija", "cdfgh ijab"]),
        ("\x1b[1;4H\x1b[ A", ["ab cdeghij", "bc defhija", "cd efgijab"]),
        ("\x1b[1;3H\x1b6", ["ab cdeghij", "bc defhija", "cd efgijab"]),
        ("\x1b[1;6H\x1b9", ["abdef ghij", "bcefg hija", "cdfgh ijab"]),
        ("\x1b[1;1H\x1b[L\x1b[@\x1b[P\x1b['}\x1b[ @", ["abcdefghij", "bcdefghija", "cdefghijab"]),
    ],
)
def test_what_moves_cells_moves_those_between_them(sequence: str, rows: list[str]) -> None:
    assert shown(FIELD + MARGINS + sequence)[:3] == rows


def test_erasing_does_not_heed_them() -> None:
    assert shown(FIELD + MARGINS + "\x1b[1;4H\x1b[K\x1b[2;4H\x1b[9X\x1b[3;1H\x1b[1K")[:3] == ["abc", "bcd", " defghijab"]


@pytest.mark.parametrize(
    ("sequence", "place"),
    [
        ("\x1b[1;4H\r", (2, 0)),
        ("\x1b[1;2H\r", (0, 0)),
        ("\x1b[1;4H\x1b[9C", (5, 0)),
        ("\x1b[1;8H\x1b[9C", (9, 0)),
        ("\x1b[1;4H\x1b[9D", (2, 0)),
        ("\x1b[1;2H\x1b[9D", (0, 0)),
        ("\x1b[1;4H\t", (5, 0)),
        ("\x1b[1;4H\x1bE", (2, 1)),
        ("\x1b[5;8H\n", (7, 4)),
        ("\x1b[?6h\x1b[2;2H", (3, 1)),
        ("\x1b[?6h\x1b[9;9H", (5, 4)),
        ("\x1b[?6h\x1b[2G\x1b[9a", (5, 0)),
        ("\x1b[?6h\x1b[5G\x1b[9Z", (2, 0)),
        ("\x1b[1;3H\x1b6", (2, 0)),
        ("\x1b[?45h\x1b[1;3Habcdef\b\b\b", (5, 0)),
        ("\x1b[?1045h\x1b[1;3H\b", (5, 4)),
    ],
)
def test_where_the_cursor_goes(sequence: str, place: tuple[int, int]) -> None:
    assert cursor(MARGINS + sequence) == place


def test_what_scrolls_between_them_is_no_history() -> None:
    with Terminal(10, 5) as terminal:
        terminal.feed(FIELD + MARGINS + "\x1b[5;3H\n\n\n")
        assert len(terminal.history) == 0
        terminal.feed("\x1b[?69l\x1b[5H\n")
        assert len(terminal.history) == 1


def test_they_end_with_resets_and_sizes() -> None:
    for sequence in ("\x1b[!p", "\x1bc", "\x1b#8"):
        assert shown(MARGINS + sequence + "\x1b[H\x1b[Jabcdefghij")[0] == "abcdefghij"
    with Terminal(10, 5) as terminal:
        terminal.feed(MARGINS)
        terminal.resize(12, 5)
        terminal.feed("\x1b[H" + "x" * 12)
        assert terminal.screen[0].text == "x" * 12


def test_a_saved_cursor_has_its_pending_wrap_at_the_margin() -> None:
    assert shown(MARGINS + "\x1b[1;3Habcd\x1b7\x1b[5H\x1b8x")[:2] == ["  abcd", "  x"]


def test_the_cursor_is_reported_from_the_margins_in_origin_mode() -> None:
    with Terminal(10, 5) as terminal:
        terminal.feed("\x1b[2;4r" + MARGINS + "\x1b[?6h\x1b[2;3H\x1b[6n")
        assert terminal.take_replies() == b"\x1b[2;3R"


def test_wrapping_between_them_ends_the_line_that_a_wide_cell_wrapped() -> None:
    assert shown("x\r\nabcde界\x1b[1;2r\x1b[?69h\x1b[2;4s\x1b[2;2Hpqrs", 6, 3) == ["xpqr", "as  e", "界"]
