"""Modes: that they are known, kept, saved and restored, and what they do (ECMA-48, DEC, xterm)."""

import re
from pathlib import Path

import pytest

from ghostpage import ArgumentError, Terminal
from ghostpage.modes import MODES

PRIVATE = [
    *(1, 4, 5, 6, 7, 8, 9, 10, 12, 18, 19, 25, 30, 34, 35, 36, 40, 41, 42, 43, 44, 45, 57, 58, 61, 64, 66, 67, 68, 69, 73),
    *(80, 81, 95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 106, *range(108, 118), *range(1000, 1008), 1010, 1011, 1014),
    *(1015, 1016, *range(1034, 1038), *range(1039, 1047), *range(1050, 1054), 1060, 1061, 1070, *range(2001, 2007), 2026),
    *(2027, 2031, 2048, 8452),
]
SET_AT_FIRST = {7, 8, 12, 25, 1010, 1035, 1036, 1046, 1070, 2027}


def state(terminal: Terminal, number: int, private: bool = True) -> int:
    """What DECRQM says: 0 not known, 1 set, 2 reset, 3 always set, 4 always reset."""
    terminal.take_replies()
    marker = "?" if private else ""
    terminal.feed(f"\x1b[{marker}{number}$p")
    reply = terminal.take_replies().decode()
    assert reply.startswith(f"\x1b[{marker}{number};") and reply.endswith("$y")
    return int(reply[:-2].rpartition(";")[2])


@pytest.mark.parametrize("number", PRIVATE)
def test_a_private_mode_is_set_reset_saved_and_restored(number: int) -> None:
    with Terminal(10, 3) as terminal:
        assert state(terminal, number) == (1 if number in SET_AT_FIRST else 2)
        for on, final in ((True, "h"), (False, "l"), (True, "h")):
            terminal.feed(f"\x1b[?{number}{final}")
            assert state(terminal, number) == (1 if on else 2)
            assert terminal.mode(number) is on
        terminal.feed(f"\x1b[?{number}s\x1b[?{number}l\x1b[?{number}r")
        assert terminal.mode(number)
        terminal.feed(f"\x1b[?{number}l\x1b[?{number}s\x1b[?{number}h\x1b[?{number}r")
        assert not terminal.mode(number)
        terminal.feed("\x1bc")
        assert terminal.mode(number) is (number in SET_AT_FIRST)
        assert terminal._violation() is None


@pytest.mark.parametrize("number", [2, 4, 12, 20])
def test_an_ansi_mode_is_set_and_reset(number: int) -> None:
    with Terminal(10, 3) as terminal:
        terminal.feed(f"\x1b[{number}h")
        assert state(terminal, number, private=False) == 1
        terminal.feed(f"\x1b[{number}l")
        assert state(terminal, number, private=False) == 2


@pytest.mark.parametrize("number", [1, 3, 5, 7, 10, 11, *range(13, 20)])
def test_ansi_modes_that_no_terminal_has_are_always_reset(number: int) -> None:
    with Terminal(10, 3) as terminal:
        terminal.feed(f"\x1b[{number}h")
        assert state(terminal, number, private=False) == 4


def test_every_mode_has_a_name() -> None:
    with Terminal(10, 3) as terminal:
        known = {(number, ansi) for number in range(10_000) for ansi in (False, True) if terminal._mode_state(number, ansi) >= 0}
        assert known == {(mode.number, mode.ansi) for mode in MODES}
        assert len({mode.name for mode in MODES}) == len(MODES)
        for mode in MODES:
            assert terminal.mode(mode.name) is terminal.mode(mode.name.lower()) is terminal.mode(mode.number, mode.ansi)
        terminal.feed("\x1b[?69h\x1b[20h")
        assert terminal.mode("DECLRMM") and terminal.mode("LNM") and not terminal.mode("DECOM")
        with pytest.raises(ArgumentError, match="not 'DECXYZ'"):
            terminal.mode("DECXYZ")


def test_modes_that_are_said_to_be_never_set_are_not() -> None:
    with Terminal(10, 3) as terminal:
        for mode in MODES:
            never = mode.effect.startswith("never set")
            assert (terminal._mode_state(mode.number, mode.ansi) == 4) is never, mode


def test_modes_that_are_not_known() -> None:
    with Terminal(10, 3) as terminal:
        assert state(terminal, 9999) == 0
        assert state(terminal, 6, private=False) == 0
        terminal.feed("\x1b[?9999h\x1b[?65535;0;99999999999h")
        assert state(terminal, 9999) == 0


def test_one_kind_of_mouse_reports_at_a_time() -> None:
    with Terminal(10, 3) as terminal:
        terminal.feed("\x1b[?1000h\x1b[?1002h\x1b[?1006h\x1b[?1015h")
        assert [n for n in (9, 1000, 1001, 1002, 1003, 1005, 1006, 1015, 1016) if terminal.mode(n)] == [1002, 1015]
        terminal.feed("\x1b[?1000l\x1b[?1006l")
        assert not terminal.mode(1002)
        assert terminal.mode(1015)


def test_columns_of_80_and_132() -> None:
    with Terminal(80, 4) as terminal:
        terminal.feed("abc\x1b[?3h")
        assert terminal.columns == 80, "not without mode 40"
        terminal.feed("\x1b[2;3r\x1b[?69h\x1b[3;9s\x1b[?40h\x1b[?3h")
        assert (terminal.columns, terminal.screen[0].text, terminal.mode(69)) == (132, "", False)
        assert (terminal.cursor.x, terminal.cursor.y) == (0, 0)
        terminal.feed("abc\x1b[?95h\x1b[?3l")
        assert (terminal.columns, terminal.screen[0].text) == (80, ""), "DECNCSM is for a VT500 to heed"
        terminal.feed("\x1b[?3h\x1bc")
        assert (terminal.columns, terminal.mode(3)) == (80, False)


def test_the_alternate_screens() -> None:
    with Terminal(10, 3) as terminal:
        terminal.feed("main\x1b[?1049halt\x1b[?1049l")
        assert (terminal.screen[0].text, terminal.cursor.x) == ("main", 4)
        terminal.feed("\x1b[?47h")
        assert terminal.screen[0].text == "    alt", "1049 clears it on entry, 47 never"
        terminal.feed("\x1b[?47l\x1b[?1047h\x1b[?1047l\x1b[?47h")
        assert terminal.screen[0].text == "", "1047 clears it on leaving"
        assert state(terminal, 1049) == state(terminal, 47) == 1
        terminal.feed("\x1b[Hkept\x1b[?47l\x1b[?1047l\x1b[?1047h")
        assert terminal.screen[0].text == "kept", "and only on leaving"
        terminal.feed("\x1b[?1046l")
        assert not terminal.alternate_screen, "no more alternate screens"
        terminal.feed("\x1b[?1049h")
        assert not terminal.alternate_screen
        terminal.feed("\x1b[?1046h\x1b[?1049s\x1b[?1049h\x1b[?1049r")
        assert not terminal.alternate_screen


def test_conformance_levels() -> None:
    with Terminal(10, 3) as terminal:
        terminal.feed('\x1b[4h\x1b[2;3r\x1b[62;1"p\x1b[?7$p')
        assert terminal.take_replies() == b"", "DECRQM came with the VT300"
        assert not terminal.mode(4, ansi=True), "it is a soft reset"
        terminal.feed('\x1b[64;1"p\x1b[?7$p')
        assert terminal.take_replies() == b"\x1b[?7;1$y"


def test_levels_beyond_a_vt400_are_ignored() -> None:
    with Terminal(10, 3) as terminal:
        for level in (60, 65, 66):
            terminal.feed(f'\x1b[4h\x1b[62;1"p\x1b[4h\x1b[{level};1"p\x1bP$q"p\x1b\\')
            assert terminal.take_replies() == b'\x1bP1$r62;1"p\x1b\\'
            assert terminal.mode(4, ansi=True), "and are no soft reset"


def test_scrolling_down_by_nothing_is_xterms_mouse() -> None:
    with Terminal(10, 3) as terminal:
        terminal.feed("a\x1b[0T\x1b[1;2;3;4;5T")
        assert terminal.screen[0].text == "a"
        terminal.feed("\x1b[T\x1b[1T")
        assert terminal.screen[2].text == "a"


def test_soft_reset() -> None:
    with Terminal(10, 3) as terminal:
        terminal.feed("\x1b[?1;6;25;45;66;69h\x1b[4h\x1b[?7;25l\x1b[2;3r\x1b(0\x1b[1m\x1b[!p")
        assert [n for n in (1, 6, 7, 25, 45, 66, 69) if terminal.mode(n)] == [7, 25]
        terminal.feed("\x1b[Hq\n\n\n")
        assert (terminal.history[0].text, terminal.history[0].cells[0].style.bold) == ("q", False)


def test_origin_mode_is_told_as_it_was_restored() -> None:
    with Terminal(10, 3) as terminal:
        terminal.feed("\x1b[?6h\x1b7\x1b[?6l\x1b8")
        assert terminal.mode(6)
        terminal.feed("\x1b#8")
        assert not terminal.mode(6)


def test_tab_stops() -> None:
    with Terminal(30, 2) as terminal:
        terminal.feed("\x1b[3g\x1b[5G\x1bH\r\tx")
        assert terminal.screen[0].text == "    x"
        terminal.feed("\x1b[?5W\r\x1b[K\t\tx")
        assert terminal.screen[0].text == " " * 16 + "x"


MODES_SOURCE = Path(__file__).resolve().parent.parent / "csrc" / "vt" / "terminal_modes.c"


def test_modes_that_do_something_are_marked_so() -> None:
    """All others are noted in a short way (gp_terminal_kept_mode), which passes by what a mode does."""
    if not MODES_SOURCE.exists():
        pytest.skip("needs the sources")
    text = MODES_SOURCE.read_text(encoding="utf-8")
    table = text[text.index("known_modes[]") : text.index("ANSI | 1 ")]
    body = text[text.index("set_private(gp_terminal") : text.index("static void set_ansi")]
    told = text[text.index("concerns_caller") :].partition("\n")[0]
    act = {number for cases in re.findall(r"((?:case \d+: ?)+)", body) for number in re.findall(r"\d+", cases)}
    act |= set(re.findall(r"== (\d+)", told))
    marked = set(re.findall(r"(\d+)(?: \| SET)? \| ACTS", table))
    assert marked == act & set(re.findall(r"\d+", table))


def test_without_autowrap_the_last_column_is_written_again_and_again() -> None:
    with Terminal(5, 2) as terminal:
        terminal.feed("\x1b[?7labcdefg\x1b[?7h\r\nabcdefg")
        assert terminal.text() == "abcdg\nabcde\nfg"
