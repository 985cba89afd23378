"""Keys, mouse, focus and paste, against what xterm sends and kitty's protocol says."""

from __future__ import annotations

import pytest

from ghostpage import ArgumentError, Terminal
from ghostpage.input import KEYS, InputModes, encode_key
from ghostpage.pointing import encode_focus, encode_mouse, encode_paste


@pytest.mark.parametrize(
    ("key", "modifiers", "modes", "sent"),
    [
        ("a", "", {}, b"a"),
        ("a", "shift", {}, b"A"),
        ("a", "ctrl", {}, b"\x01"),
        ("a", "ctrl alt", {}, b"\x1b\x01"),
        ("space", "ctrl", {}, b"\0"),
        ("/", "ctrl", {}, b"\x1f"),
        ("é", "", {}, "é".encode()),
        ("a", "alt", {"meta_escape": False, "eight_bit_meta": True}, "\xe1".encode()),
        ("enter", "", {}, b"\r"),
        ("enter", "", {"newline": True}, b"\r\n"),
        ("tab", "shift", {}, b"\x1b[Z"),
        ("backspace", "", {}, b"\x7f"),
        ("backspace", "", {"backarrow": True}, b"\x08"),
        ("backspace", "ctrl", {}, b"\x08"),
        ("up", "", {}, b"\x1b[A"),
        ("up", "", {"application_cursor": True}, b"\x1bOA"),
        ("up", "shift", {"application_cursor": True}, b"\x1b[1;2A"),
        ("up", "shift", {"modify_cursor": -1}, b"\x1b[A"),
        ("up", "shift", {"modify_cursor": 3}, b"\x1b[>1;2A"),
        ("f1", "", {}, b"\x1bOP"),
        ("f1", "ctrl", {}, b"\x1b[1;5P"),
        ("f5", "", {}, b"\x1b[15~"),
        ("f12", "shift", {}, b"\x1b[24;2~"),
        ("f20", "", {}, b"\x1b[34~"),
        ("delete", "ctrl", {}, b"\x1b[3;5~"),
        ("kp_5", "", {}, b"5"),
        ("kp_5", "", {"application_keypad": True}, b"\x1bOu"),
        ("kp_5", "num_lock", {"application_keypad": True}, b"5"),
        ("kp_enter", "", {"application_keypad": True}, b"\x1bOM"),
        ("left_shift", "", {}, b""),
        ("i", "ctrl", {"modify_other": 1}, b"\t"),
        (",", "ctrl", {"modify_other": 1}, b"\x1b[27;5;44~"),
        ("enter", "ctrl", {"modify_other": 1}, b"\x1b[27;5;13~"),
        ("i", "ctrl", {"modify_other": 2}, b"\x1b[27;5;105~"),
        ("i", "ctrl", {"modify_other": 2, "format_other": 1}, b"\x1b[105;5u"),
        ("a", "shift", {"modify_other": 2}, b"A"),
        ("a", "alt", {"modify_other": 2}, b"\x1b[27;3;97~"),
        ("a", "", {"kitty": 1}, b"a"),
        ("a", "shift", {"kitty": 1}, b"A"),
        ("a", "ctrl", {"kitty": 1}, b"\x1b[97;5u"),
        ("a", "ctrl shift", {"kitty": 1}, b"\x1b[97;6u"),
        ("escape", "", {"kitty": 1}, b"\x1b[27u"),
        ("enter", "", {"kitty": 1}, b"\r"),
        ("enter", "shift", {"kitty": 1}, b"\x1b[13;2u"),
        ("up", "", {"kitty": 1}, b"\x1b[A"),
        ("f3", "", {"kitty": 1}, b"\x1b[13~"),
        ("f13", "", {"kitty": 1}, b"\x1b[57376u"),
        ("kp_0", "", {"kitty": 1}, b"\x1b[57399u"),
        ("left_shift", "", {"kitty": 1}, b""),
        ("left_shift", "shift", {"kitty": 9}, b"\x1b[57441;2u"),
        ("right_meta", "", {"kitty": 9}, b"\x1b[57452u"),
        ("menu", "", {"kitty": 1}, b"\x1b[57363u"),
        ("a", "shift", {"kitty": 5}, b"A"),
        ("a", "shift", {"kitty": 13}, b"\x1b[97:65;2u"),
        ("a", "", {"kitty": 24}, b"\x1b[97;;97u"),
        ("a", "shift", {"kitty": 24}, b"\x1b[97;2;65u"),
        ("enter", "", {"kitty": 8}, b"\x1b[13u"),
    ],
)
def test_keys(key: str, modifiers: str, modes: dict[str, int], sent: bytes) -> None:
    assert encode_key(key, modifiers.split(), modes=InputModes(**modes)) == sent


def test_events_of_keys() -> None:
    both = InputModes(kitty=3)
    assert encode_key("a", modes=InputModes(), action="release") == b""
    assert encode_key("a", modes=InputModes(kitty=1), action="release") == b""
    assert encode_key("a", modes=both, action="release") == b"\x1b[97;1:3u"
    assert encode_key("a", modes=both, action="repeat") == b"a"
    assert encode_key("up", modes=both, action="repeat") == b"\x1b[1;1:2A"
    assert encode_key("enter", modes=both, action="release") == b""
    assert encode_key("enter", modes=InputModes(kitty=10), action="release") == b"\x1b[13;1:3u"
    assert encode_key("с", ["ctrl"], modes=InputModes(kitty=5), base="c") == b"\x1b[1089::99;5u"


@pytest.mark.parametrize("kitty", range(32))
def test_every_key_can_be_sent(kitty: int) -> None:
    for key in sorted(KEYS):
        for modifiers in ((), ("shift",), ("ctrl", "alt", "num_lock")):
            for action in ("press", "repeat", "release"):
                assert isinstance(encode_key(key, modifiers, modes=InputModes(kitty=kitty), action=action), bytes)


def test_arguments() -> None:
    for call, message in (
        (lambda: encode_key("nokey"), "key must be a character or one of input.KEYS, not 'nokey'"),
        (lambda: encode_key("a", ["control"]), "a modifier must be one of shift, .*, not 'control'"),
        (lambda: encode_key("a", action="hold"), "action must be 'press', 'repeat' or 'release', not 'hold'"),
        (lambda: encode_mouse("hold", "left", 0, 0, modes=InputModes()), "action must be 'press', 'release' or 'move', not 'hold'"),
        (lambda: encode_mouse("press", "fourth", 0, 0, modes=InputModes()), "button must be one of left, .*, not 'fourth'"),
    ):
        with pytest.raises(ArgumentError, match=message):
            call()
    with pytest.raises(TypeError, match="modifiers must be several names, not a str"):
        encode_key("a", "ctrl")
    with pytest.raises(TypeError, match="text must be a str, not bytes"):
        encode_paste(b"text", modes=InputModes())


@pytest.mark.parametrize(
    ("mode", "encoding", "doing", "sent"),
    [
        (9, 0, ("press", "left", 1, 2, ["ctrl"]), b'\x1b[M "#'),
        (9, 0, ("release", "left", 1, 2), b""),
        (1000, 0, ("press", "left", 1, 2, ["ctrl"]), b'\x1b[M0"#'),
        (1000, 0, ("release", "right", 1, 2), b'\x1b[M#"#'),
        (1000, 0, ("press", "wheel_up", 0, 0), b"\x1b[M`!!"),
        (1000, 0, ("press", "left", 223, 0), b""),
        (1000, 0, ("move", "left", 1, 2), b""),
        (1002, 1006, ("move", "left", 1, 2), b"\x1b[<32;2;3M"),
        (1002, 1006, ("move", "none", 1, 2), b""),
        (1003, 1006, ("move", "none", 1, 2), b"\x1b[<35;2;3M"),
        (1000, 1006, ("release", "left", 299, 2), b"\x1b[<0;300;3m"),
        (1000, 1015, ("press", "middle", 299, 2), b"\x1b[33;300;3M"),
        (1000, 1005, ("press", "left", 299, 2), b"\x1b[M \xc5\x8c#"),
        (1000, 1005, ("press", "left", 2999, 2), b""),
        (1000, 1006, ("press", "back", 0, 0), b"\x1b[<128;1;1M"),
        (0, 1006, ("press", "left", 0, 0), b""),
    ],
)
def test_the_mouse(mode: int, encoding: int, doing: tuple, sent: bytes) -> None:
    assert encode_mouse(*doing, modes=InputModes(mouse=mode, mouse_encoding=encoding)) == sent


def test_the_mouse_by_pixels() -> None:
    modes = InputModes(mouse=1000, mouse_encoding=1016)
    assert encode_mouse("press", "left", 1, 2, modes=modes, pixel=(15, 40)) == b"\x1b[<0;16;41M"


def test_paste_and_focus() -> None:
    assert encode_paste("a\r\nb\nc\x1b[201~\x9b\x07\t", modes=InputModes()) == b"a\rb\rc [201~  \t"
    assert b"\x1b" not in encode_paste("\x1b[201~", modes=InputModes(bracketed_paste=True))[6:-6]
    assert encode_focus(False, modes=InputModes(focus=True)) == b"\x1b[O" and encode_focus(True, modes=InputModes()) == b""


def test_a_terminal_knows_its_modes() -> None:
    with Terminal(80, 24) as terminal:
        assert terminal.input_modes == InputModes()
        terminal.feed("\x1b[?1;67;1002;1006;1004;2004h\x1b[>4;2m\x1b[>4;1f\x1b=")
        assert terminal.key("up") == b"\x1bOA" and terminal.key("backspace") == b"\x08" and terminal.key("kp_1") == b"\x1bOq"
        assert terminal.key("i", ["ctrl"]) == b"\x1b[105;5u"
        assert terminal.mouse("move", "left", 0, 0) == b"\x1b[<32;1;1M"
        assert terminal.focus(True) == b"\x1b[I" and terminal.paste("x") == b"\x1b[200~x\x1b[201~"
        terminal.feed("\x1b[>1u")
        assert terminal.key("escape") == b"\x1b[27u"
        terminal.feed("\x1b[?1002l\x1b[?1049h\x1b[?1007h")
        assert terminal.mouse("press", "wheel_down", 0, 0) == b"\x1bOB" * 3
