"""A VT52, which the terminal is while mode 2 is reset (DEC STD 070; xterm): what differs, and how it is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from ghostpage import Terminal
from test_modes import Quartet

IN, OUT = "\x1b[?2l", "\x1b<"


def shown(output: str, columns: int = 10, rows: int = 4) -> list[str]:
    with Terminal(columns, rows) as terminal:
        terminal.feed(output)
        assert terminal._violation() is None
        return [row.text for row in terminal.screen]


@pytest.mark.parametrize(
    ("output", "rows"),
    [
        ("\x1bAa\x1bBb\x1bDc\x1bCd", ["a", " c d", "", ""]),
        ("\x1bY\"%x\x1bY  y", ["y", "", "     x", ""]),
        ("\x1bY\"%x\x1bY~!y", ["", "", " y   x", ""]),
        ("\x1bY\"%x\x1bY!~y", ["", "      y", "     x", ""]),
        ("\x1bY\"\n%x", ["", "", "     x", ""]),
        ("\x1bY\"\x18%x", ["%x", "", "", ""]),
        ("\x1bY\"\x1bHx", ["x", "", "", ""]),
        ("\x1bY\"éx", ["éx", "", "", ""]),
        ("a\r\nb\x1bHc\x1bId", [" d", "c", "b", ""]),
        ("\x1bFaq\x1bGaq", ["▒─aq", "", "", ""]),
        ("\x0eq\x0fq", ["─q", "", "", ""]),
        ("abcd\r\nefgh\r\nijkl\x1bY!\"\x1bK", ["abcd", "ef", "ijkl", ""]),
        ("abcd\r\nefgh\r\nijkl\x1bY!\"\x1bJ", ["abcd", "ef", "", ""]),
        ("abcdefghijklm", ["abcdefghim", "", "", ""]),
        ("a\x1b[31mb\x1b]0;x\x1bPq\x1b_G\x1b(0c\x1b#8\x1bcd\u009b1me", ["a31mb0;xqe", "", "", ""]),
    ],
)
def test_what_a_vt52_does(output: str, rows: list[str]) -> None:
    assert shown(IN + output) == rows


def test_what_it_does_not_have_comes_back() -> None:
    with Terminal(10, 4) as terminal:
        terminal.feed("\x1b[?1;6;45;66;1045h\x1b[4;20h\x1b[2;3r\x1b[1;31m\x1b(0" + IN)
        assert not any(terminal.mode(number) for number in (1, 2, 6, 7, 45, 66, 1045))
        assert not any(terminal.mode(number, ansi=True) for number in (4, 20))
        terminal.feed("\x1bHq")
        assert (terminal.screen[0].text, terminal.screen[0].cells[0].style.bold) == ("q", False)
        terminal.feed(OUT)
        assert all(terminal.mode(number) for number in (1, 2, 6, 7, 45, 66, 1045))
        assert all(terminal.mode(number, ansi=True) for number in (4, 20))
        terminal.feed("\x1b[Hq")
        assert (terminal.screen[1].text, terminal.screen[1].cells[0].style.bold) == ("─", True)


def test_it_is_a_vt100_then() -> None:
    with Terminal(10, 4) as terminal:
        terminal.feed(IN + OUT + "\x1b[?2$p\x1bP$q\"p\x1b\\")
        assert terminal.take_replies() == b'\x1bP1$r61;1"p\x1b\\', "DECRQM came with the VT300"
        assert terminal.sequences_ignored == 1
        terminal.feed('\x1b[64;1"p\x1b[?2$p')
        assert terminal.take_replies() == b"\x1b[?2;1$y"
        terminal.feed(OUT + "a")
        assert (terminal.screen[0].text, terminal.sequences_ignored) == ("a", 1)


def test_who_it_is() -> None:
    with Terminal(10, 4) as terminal:
        terminal.feed(IN + "\x1bZ" + OUT + "\x1bZ")
        assert terminal.take_replies().startswith(b"\x1b/Z\x1b[?")


def test_modes_behind_it_in_one_sequence_are_not_set() -> None:
    with Terminal(10, 4) as terminal:
        terminal.feed("\x1b[?2;5l\x1b<\x1b[?2;5h")
        assert terminal.mode(5) and terminal.mode(2)
        terminal.feed("\x1b[?2;5l\x1b<")
        assert terminal.mode(5)


def test_margins_and_a_pending_wrap_end() -> None:
    with Terminal(10, 4) as terminal:
        terminal.feed("\x1b[?69h\x1b[3;5s" + IN + "\x1bHabcdefghij" + OUT + '\x1b[64;1"p')
        assert (terminal.screen[0].text, terminal.mode(69)) == ("abcdefghij", False)
        assert not terminal.cursor.pending_wrap


def test_keys() -> None:
    with Terminal(10, 4) as terminal:
        terminal.feed("\x1b[?1h" + IN)
        assert (terminal.key("up"), terminal.key("f1"), terminal.key("kp_left")) == (b"\x1bA", b"\x1bP", b"\x1bD")
        assert (terminal.key("kp_5"), terminal.key("a"), terminal.key("enter")) == (b"5", b"a", b"\r")
        terminal.feed("\x1b=")
        assert (terminal.key("kp_5"), terminal.key("kp_enter")) == (b"\x1b?u", b"\x1b?M")
        terminal.feed(OUT)
        assert terminal.key("up") == b"\x1bOA"


def test_it_is_saved(tmp_path: Path) -> None:
    with Terminal(10, 4) as terminal:
        terminal.feed("\x1b[1m\x1b(0" + IN + "ab")
        terminal.save(tmp_path / "saved")
        with Terminal.load(tmp_path / "saved") as loaded:
            loaded.feed("\x1bY! c" + OUT + "q")
            assert [row.text for row in loaded.screen[:2]] == ["ab", "c─"]
            assert loaded.screen[1].cells[1].style.bold


@pytest.mark.parametrize("seed", range(20))
def test_the_same_at_every_split(seed: int) -> None:
    output = (
        "abc\x1b[3;2H\x1b[7m" + IN + "\x1bY\"'\x1bFxq\x1bGx\x1bY\n!\x1bY\" ü" + OUT
        + "\x1b[?7h12345678901\x1b[?2;7lwrap12345678901\x1bI\x1bY~~z"
    )  # fmt: skip
    with Quartet(10, 4, 30, seed, twin=False) as all_three:
        all_three.feed(output.encode())
        all_three.check()
