"""The parser alone, with no cells behind it: its events, SGR, and the scan for control bytes."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ghostpage._core import ffi, lib
from ghostpage._faults import fail

CAP = 65536
KEPT = 4096


class Probe:
    """A parser whose events are read as lines of the log that csrc/api.h describes."""

    def __init__(self) -> None:
        self.handle = ffi.gc(lib.gp_parser_probe_new(), lib.gp_parser_probe_free)
        assert self.handle != ffi.NULL

    def feed(self, data: bytes) -> Probe:
        # A copy of exactly this size, so that a sanitizer sees any read beyond it.
        piece = ffi.new("uint8_t[]", data) if data else ffi.NULL
        assert lib.gp_parser_probe_feed(self.handle, piece, len(data))
        return self

    def c1(self, control: int) -> Probe:
        assert lib.gp_parser_probe_c1(self.handle, control)
        return self

    def reset(self) -> Probe:
        lib.gp_parser_probe_reset(self.handle)
        return self

    @property
    def held_bytes(self) -> int:
        return int(lib.gp_parser_probe_held_bytes(self.handle))

    @property
    def log(self) -> list[str]:
        return ffi.string(lib.gp_parser_probe_log(self.handle)).decode("ascii").splitlines()


def events(pieces: Iterable[bytes]) -> list[str]:
    probe = Probe()
    for piece in pieces:
        probe.feed(piece)
    return probe.log


def text(characters: str) -> str:
    return "print " + characters.encode().hex()


def payload(content: bytes) -> str:
    return content.hex()


# What is fed, and its events. "Z" at the end, where it stands, shows that the parser is back in ground.
TABLE: list[tuple[bytes, list[str]]] = [
    (b"", []),
    (b"plain", [text("plain")]),
    (b"a\r\nb", [text("a"), "execute 0d", "execute 0a", text("b")]),
    (b"\x00\x05\x07\x1f", ["execute 00", "execute 05", "execute 07", "execute 1f"]),
    (b"a\x7fb", [text("ab")]),
    ("häß 漢 👩‍🚀".encode(), [text("häß 漢 👩‍🚀")]),
    (b"\x80\x9b31m\xff", ["print 809b33316dff"]),
    (b"\xc2\x9b31m", ["print c29b33316d"]),
    # escape sequences
    (b"\0337\0338", ["esc - 7", "esc - 8"]),
    (b"\033c", ["esc - c"]),
    (b"\033(0\033)B", ["esc 28 0", "esc 29 B"]),
    (b"\033#8", ["esc 23 8"]),
    (b"\033 !\"#pZ", ["esc 20212223 p", text("Z")]),
    (b"\033 !\"#$pZ", [text("Z")]),
    (b"\033 [A", ["esc 20 [", text("A")]),
    (b"\033\033c", ["esc - c"]),
    (b"\033\n(\r\x7f0", ["execute 0a", "execute 0d", "esc 28 0"]),
    (b"\033(\x18Z", ["execute 18", text("Z")]),
    (b"\033\x1aZ", ["execute 1a", text("Z")]),
    (b"\033\xc3\xa4c", ["esc - c"]),
    (b"\033~\0330", ["esc - ~", "esc - 0"]),
    (b"\033\\", ["esc - \\"]),
    # control sequences
    (b"\033[m", ["csi - - - m"]),
    (b"\033[0m", ["csi - 0 - m"]),
    (b"\033[12;34H", ["csi - 12;34 - H"]),
    (b"\033[;H", ["csi - ; - H"]),
    (b"\033[1;H\033[;1H", ["csi - 1; - H", "csi - ;1 - H"]),
    (b"\033[;;5r", ["csi - ;;5 - r"]),
    (b"\033[007m", ["csi - 7 - m"]),
    (b"\033[4:3m", ["csi - 4:3 - m"]),
    (b"\033[38:2::1:2:3;1m", ["csi - 38:2::1:2:3;1 - m"]),
    (b"\033[:4m\033[4:m", ["csi - :4 - m", "csi - 4: - m"]),
    (b"\033[?25h", ["csi ? 25 - h"]),
    (b"\033[?1;2004$p", ["csi ? 1;2004 24 p"]),
    (b"\033[>c\033[=c\033[<c\033[>0c", ["csi > - - c", "csi = - - c", "csi < - - c", "csi > 0 - c"]),
    (b"\033[2 q", ["csi - 2 20 q"]),
    (b"\033[ q", ["csi - - 20 q"]),
    (b"\033[1$$w", ["csi - 1 2424 w"]),
    (b"\033[1 !\"#w", ["csi - 1 20212223 w"]),
    (b"\033[1 !\"#$wZ", [text("Z")]),
    (b"\033[1 2wZ", [text("Z")]),
    (b"\033[1?hZ", [text("Z")]),
    (b"\033[??hZ", [text("Z")]),
    (b"\033[ ?hZ", [text("Z")]),
    (b"\033[;>hZ", [text("Z")]),
    (b"\033[1?\n \x7f$;2hZ", ["execute 0a", text("Z")]),
    (b"\033[1?\033[2J", ["csi - 2 - J"]),
    (b"\033[1?\x18Z", ["execute 18", text("Z")]),
    (b"\0331\033[2", ["esc - 1"]),
    (b"\033[1\n;\r2\bH", ["execute 0a", "execute 0d", "execute 08", "csi - 1;2 - H"]),
    (b"\033[\n?25h", ["execute 0a", "csi ? 25 - h"]),
    (b"\033[1\x7f2\xc3\xa4;3H", ["csi - 12;3 - H"]),
    (b"\033[31\033[32m", ["csi - 32 - m"]),
    (b"\033[31\x1amZ", ["execute 1a", text("mZ")]),
    (b"\033[65535;65536;99999;4294967296;18446744073709551617m", ["csi - 65535;65535;65535;65535;65535 - m"]),
    (b"\033[" + b"9" * 1000 + b"m", ["csi - 65535 - m"]),
    (b"\033[1~\033[@\033[`", ["csi - 1 - ~", "csi - - - @", "csi - - - `"]),
    (b"\033[" + b"1;" * 31 + b"2m", ["csi - " + "1;" * 31 + "2 - m"]),
    (b"\033[" + b"1;" * 32 + b"2m", ["csi - " + "1;" * 31 + "1 - m"]),
    (b"\033[" + b";" * 31 + b"m", ["csi - " + ";" * 31 + " - m"]),
    (b"\033[" + b";" * 40 + b"m", ["csi - " + ";" * 31 + " - m"]),
    (b"\033[" + b"1:" * 40 + b"m", ["csi - " + "1:" * 31 + "1 - m"]),
    (b"\033[" + b"7;" * 10_000 + b"m", ["csi - " + "7;" * 31 + "7 - m"]),
    # operating system commands
    (b"\033]0;title\x07", ["osc bel " + payload(b"0;title")]),
    (b"\033]0;title\033\\", ["osc st " + payload(b"0;title")]),
    ("\033]2;ä漢\033\\Z".encode(), ["osc st " + payload("2;ä漢".encode()), text("Z")]),
    (b"\033]\x07\033]\033\\", ["osc bel ", "osc st "]),
    (b"\033]8;;http://x\033\\link\033]8;;\033\\",
     ["osc st " + payload(b"8;;http://x"), text("link"), "osc st " + payload(b"8;;")]),
    (b"\033]0;a\nb\x00\tc\x7fd\x07", ["osc bel " + payload(b"0;abc\x7fd")]),
    (b"\033]0;\x9c\xc2\x9c\x07", ["osc bel " + payload(b"0;\x9c\xc2\x9c")]),
    (b"\033]0;lost\x18Z", ["execute 18", text("Z")]),
    (b"\033]0;lost\x1aZ", ["execute 1a", text("Z")]),
    (b"\033]0;lost\033[1m", ["csi - 1 - m"]),
    (b"\033]0;lost\033\033\\Z", ["esc - \\", text("Z")]),
    (b"\033]0;lost\033]0;kept\x07", ["osc bel " + payload(b"0;kept")]),
    (b"\033]0;lost\033\x18Z", ["execute 18", text("Z")]),
    # device control strings
    (b"\033P$qm\033\\", ["dcs - - 24 q st " + payload(b"m")]),
    (b"\033P1;2;3|a\033\\", ["dcs - 1;2;3 - | st " + payload(b"a")]),
    (b"\033P>|x\033\\", ["dcs > - - | st " + payload(b"x")]),
    (b"\033Pq\033\\", ["dcs - - - q st "]),
    (b"\0331P\033P0\n;\x7f1\xc3qA\x07\nB\x7fC\xc2\x9c\033\\Z",
     ["esc - 1", text("P"), "dcs - 0;1 - q st " + payload(b"A\x07\nBC\xc2\x9c"), text("Z")]),
    (b"\033P1?qpayload\033\\Z", [text("Z")]),
    (b"\033P1 2qpay\nload\033\\Z", [text("Z")]),
    (b"\033P1?q\x18Z", ["execute 18", text("Z")]),
    (b"\033P1\x18Z", ["execute 18", text("Z")]),
    (b"\033P1\033[2m", ["csi - 2 - m"]),
    (b"\033Pqlost\033[2m", ["csi - 2 - m"]),
    (b"\033P" + b"1;" * 40 + b"qx\033\\", ["dcs - " + "1;" * 31 + "1 - q st " + payload(b"x")]),
    # the other strings
    (b"\033_Gf=24;AAAA\033\\", ["apc st " + payload(b"Gf=24;AAAA")]),
    (b"\033^pm\x07\n\x7f\033\\", ["pm st " + payload(b"pm\x07\n\x7f")]),
    (b"\033Xsos\r\033\\Z", ["sos st " + payload(b"sos\r"), text("Z")]),
    (b"\033_lost\x1aZ", ["execute 1a", text("Z")]),
    (b"\033_lost\033_kept\033\\", ["apc st " + payload(b"kept")]),
]
IDS = [f"{number}-{data[:16]!r}" for number, (data, _) in enumerate(TABLE)]


@pytest.mark.parametrize(("data", "expected"), TABLE, ids=IDS)
def test_events(data: bytes, expected: list[str]) -> None:
    assert events([data]) == expected


@pytest.mark.parametrize(("data", "expected"), TABLE, ids=IDS)
def test_every_split_gives_the_same_events(data: bytes, expected: list[str]) -> None:
    assert events(data[i : i + 1] for i in range(len(data))) == expected
    step = max(1, len(data) // 200)
    for split in range(0, len(data) + 1, step):
        assert events([data[:split], data[split:]]) == expected
        assert events([data[:split], b"", data[split : split + 1], data[split + 1 :]]) == expected


# ---- generated streams ----------------------------------------------------------------------------------------------

PARAMETERS = st.text("0123456789;:", max_size=12).map(str.encode)
PAYLOADS = st.one_of(
    st.text(max_size=12).map(str.encode),
    st.binary(max_size=12),
    st.sampled_from([b"8;;https://example.org/", b"8;;", b"a\033b", b"\x1a", b"x" * 300, b"\x07" * 3]),
)
FINALS = st.integers(0x30, 0x7E).map(lambda byte: bytes([byte]))
TERMINATORS = st.sampled_from([b"\x07", b"\033\\", b"\033", b"\x18", b""])


def joined(*parts: st.SearchStrategy[bytes] | bytes) -> st.SearchStrategy[bytes]:
    strategies = [st.just(part) if isinstance(part, bytes) else part for part in parts]
    return st.tuples(*strategies).map(b"".join)


INTERMEDIATES = st.text(" !\"#$%&'()*+,-./", max_size=5).map(str.encode)
MARKERS = st.sampled_from([b"", b"", b"?", b">", b"=", b"<"])
PIECES = st.one_of(
    st.text(max_size=40).map(str.encode),
    st.binary(max_size=8),
    st.sampled_from([b"\r\n", b"\x7f", b"\033", b"\xf0\x9f", b"\x9b"]),
    joined(b"\033", INTERMEDIATES, FINALS),
    joined(b"\033[", MARKERS, PARAMETERS, INTERMEDIATES, FINALS),
    joined(b"\033[", PARAMETERS, st.binary(max_size=2), PARAMETERS, FINALS),
    joined(b"\033P", MARKERS, PARAMETERS, INTERMEDIATES, FINALS, PAYLOADS, TERMINATORS),
    joined(st.sampled_from([b"\033]", b"\033_", b"\033^", b"\033X"]), PAYLOADS, TERMINATORS),
)
STREAMS = st.lists(PIECES, max_size=12).map(b"".join)


@settings(deadline=None)
@given(STREAMS, st.randoms(use_true_random=False))
def test_pieces_give_what_the_whole_gives(data: bytes, dice: random.Random) -> None:
    whole = events([data])
    assert events(data[i : i + 1] for i in range(len(data))) == whole
    cuts = sorted(dice.randint(0, len(data)) for _ in range(6))
    assert events(data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)])) == whole


@settings(deadline=None)
@given(STREAMS)
def test_nothing_outlasts_a_cancel(data: bytes) -> None:
    probe = Probe().feed(data).feed(b"\x18")
    before = len(probe.log)
    assert probe.feed(b"\033[1;2HZ").log[before:] == ["csi - 1;2 - H", text("Z")]
    assert probe.held_bytes <= KEPT


def test_random_bytes() -> None:
    dice = random.Random(7)
    alphabet = b"\033\033\033[]P_^X\\;:?0129$ mHq\x07\x18\n\x7f\xc3a"
    for _ in range(300):
        data = bytes(dice.choices(alphabet, k=400))
        assert events([data]) == events(data[i : i + 1] for i in range(len(data)))


# ---- C1 controls that came as UTF-8, reset ---------------------------------------------------------------------------


@pytest.mark.parametrize("control", range(0x80, 0xA0))
def test_c1_is_the_escape_sequence(control: int) -> None:
    rest = b"1;2mZ\033\\Z"
    as_escape = Probe().feed(bytes([0x1B, control - 0x40])).feed(rest)
    assert Probe().c1(control).feed(rest).log == as_escape.log
    assert Probe().feed(b"text").c1(control).feed(rest).log == ["print 74657874", *as_escape.log]


def test_c1_event_comes_without_input() -> None:
    assert Probe().c1(0x84).log == ["esc - D"]
    assert Probe().c1(0x9B).log == []


@pytest.mark.parametrize("begun", [b"\033", b"\033(", b"\033[1;", b"\033P1", b"\033]0;abc", b"\033_x\n\033"])
def test_reset_forgets_what_was_begun(begun: bytes) -> None:
    probe = Probe().feed(begun).reset()
    assert probe.held_bytes == 0
    assert probe.feed(b"Z\033]1\x07").log == [text("Z"), "osc bel " + payload(b"1")]


# ---- strings and memory ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [0, 1, 255, 256, 257, KEPT, KEPT + 1, CAP - 1, CAP, CAP + 1, 3 * CAP])
@pytest.mark.parametrize("introducer", [b"\033]", b"\033Pq", b"\033_", b"\033^", b"\033X"])
def test_payload_cap(length: int, introducer: bytes) -> None:
    content = bytes(0x20 + i % 90 for i in range(length))
    data = introducer + content + b"\033\\"
    given_payload = content[:CAP].hex() + "+" * (length > CAP)
    whole = events([data])
    assert len(whole) == 1
    assert whole[0].endswith(" st " + given_payload)
    for size in (1000, 4097, len(data) - 1):
        assert events(data[i : i + size] for i in range(0, len(data), size)) == whole


def test_payload_in_one_input_is_not_copied() -> None:
    assert Probe().feed(b"\033]" + b"x" * 10_000 + b"\033\\").held_bytes == 0


def test_large_buffer_goes_back() -> None:
    probe = Probe().feed(b"\033]" + b"x" * 2 * CAP)
    assert probe.held_bytes == CAP
    assert probe.feed(b"\x07").held_bytes <= KEPT
    probe.feed(b"\033_" + b"x" * CAP)
    assert probe.feed(b"\x18").held_bytes <= KEPT
    probe.feed(b"\033_" + b"x" * CAP)
    assert probe.feed(b"\033[m").held_bytes <= KEPT


def test_small_buffer_stays() -> None:
    probe = Probe().feed(b"\033]0;tit").feed(b"le\x07")
    held = probe.held_bytes
    assert 0 < held <= KEPT
    assert probe.feed(b"\033]0;").feed(b"other\x07").held_bytes == held


@pytest.mark.parametrize("introducer", [b"\033]", b"\033Pq", b"\033_", b"\033^", b"\033X", b"\033[1?", b"\033P1?q"])
def test_endless_string_is_bounded(introducer: bytes) -> None:
    probe = Probe().feed(introducer)
    for _ in range(160):
        probe.feed(b"1" * CAP)
        assert probe.held_bytes <= CAP
    assert probe.log == []


def test_string_without_memory_goes_on_later() -> None:
    pieces = [bytes([0x20 + i % 90]) * 256 for i in range(64)]
    for nth in range(1, 9):
        probe = Probe().feed(b"\033]")
        lib.gp_fault_arm(lib.GP_FAULT_ALLOCATION | lib.GP_FAULT_LASTING, nth)
        try:
            for piece in pieces:
                if not lib.gp_parser_probe_feed(probe.handle, piece, len(piece)):
                    lib.gp_fault_arm(0, 0)
                    probe.feed(piece)  # nothing of it was consumed
        finally:
            lib.gp_fault_arm(0, 0)
        probe.feed(b"\x07Z")
        assert probe.log == ["osc bel " + payload(b"".join(pieces)), text("Z")]


# ---- SGR ------------------------------------------------------------------------------------------------------------

BOLD, FAINT, ITALIC, BLINK, INVERSE, INVISIBLE, STRIKETHROUGH, OVERLINE = (1 << bit for bit in range(8))
PROTECTED = 1 << 11
ALL = 0xFF


def underline(kind: int) -> int:
    return kind << 8


def indexed(index: int) -> int:
    return 1 << 24 | index


def rgb(red: int, green: int, blue: int) -> int:
    return 2 << 24 | red << 16 | green << 8 | blue


def sgr(parameters: str, style: tuple[int, int, int, int] = (0, 0, 0, 0)) -> tuple[int, int, int, int]:
    """Foreground, background, underline colour and attributes after CSI parameters m."""
    numbers = ffi.new("uint32_t[4]", style)
    data = parameters.encode()
    lib.gp_parser_probe_sgr(data, len(data), numbers)
    return numbers[0], numbers[1], numbers[2], numbers[3]


@pytest.mark.parametrize(
    ("parameters", "attributes"),
    [
        ("", 0), ("0", 0), ("1", BOLD), ("2", FAINT), ("3", ITALIC), ("4", underline(1)), ("5", BLINK), ("6", BLINK),
        ("7", INVERSE), ("8", INVISIBLE), ("9", STRIKETHROUGH), ("53", OVERLINE), ("21", underline(2)),
        ("1;2;3;5;7;8;9;53", ALL), ("1;;3", ITALIC), ("1;", 0), (";1", BOLD), ("1;0;3", ITALIC),
        ("4:0", 0), ("4:1", underline(1)), ("4:2", underline(2)), ("4:3", underline(3)), ("4:4", underline(4)),
        ("4:5", underline(5)), ("4:", underline(1)), ("4:3:9;1", underline(3) | BOLD), ("4:6", 0),
        ("4:3;4:65535", underline(3)), ("4;3", underline(1) | ITALIC), ("4:3;4", underline(1)), ("4:3;24", 0),
        ("21;24", 0), ("1:2", BOLD), ("1:2;3", BOLD | ITALIC), ("10;11;20;26;50;52;73;99;108;999;65535", 0),
        ("1;999;3", BOLD | ITALIC), ("1;18446744073709551617", BOLD),
    ],
)  # fmt: skip
def test_sgr_attributes(parameters: str, attributes: int) -> None:
    assert sgr(parameters) == (0, 0, 0, attributes)


@pytest.mark.parametrize(
    ("number", "cleared"),
    [(22, BOLD | FAINT), (23, ITALIC), (25, BLINK), (27, INVERSE), (28, INVISIBLE), (29, STRIKETHROUGH),
     (55, OVERLINE)],
)
def test_sgr_switches_off(number: int, cleared: int) -> None:
    style = (indexed(1), rgb(1, 2, 3), indexed(9), ALL | underline(3) | PROTECTED)
    assert sgr(str(number), style) == (*style[:3], style[3] & ~cleared)


def test_sgr_reset_keeps_protection() -> None:
    for parameters in ("", "0", "1;0", ";"):
        assert sgr(parameters, (indexed(1), indexed(2), indexed(3), ALL | PROTECTED)) == (0, 0, 0, PROTECTED)


def test_sgr_sixteen_colors() -> None:
    for index in range(8):
        assert sgr(f"{30 + index};{40 + index}") == (indexed(index), indexed(index), 0, 0)
        assert sgr(f"{90 + index};{100 + index}") == (indexed(index + 8), indexed(index + 8), 0, 0)
    assert sgr("39", (1, 2, 3, 4)) == (0, 2, 3, 4)
    assert sgr("49", (1, 2, 3, 4)) == (1, 0, 3, 4)
    assert sgr("59", (1, 2, 3, 4)) == (1, 2, 0, 4)


# The part behind 38, 48 or 58 with its separator; the colour, None for none; the attributes that other numbers set.
COLORS: list[tuple[str, int | None, int]] = [
    (";5;0", indexed(0), 0),
    (";5;255", indexed(255), 0),
    (";5;", indexed(0), 0),
    (";5;256", None, 0),
    (";5;256;1", None, BOLD),
    (";5", None, 0),
    ("", None, 0),
    (";", None, 0),
    (";5;7;1", indexed(7), BOLD),
    (":5:7", indexed(7), 0),
    (":5:7:1", indexed(7), 0),
    (":5:7;1", indexed(7), BOLD),
    (":5:256;1", None, BOLD),
    (":5;1", None, BOLD),
    (":;1", None, BOLD),
    (";5:7;1", indexed(7), BOLD),
    (";2;1;2;3", rgb(1, 2, 3), 0),
    (";2;255;254;253;1", rgb(255, 254, 253), BOLD),
    (";2;;;", rgb(0, 0, 0), 0),
    (";2;1;2;256;1", None, BOLD),
    (";2;1;2", None, 0),
    (";2;1", None, 0),
    (";2", None, 0),
    (";2;9;4:3;1", None, underline(3) | BOLD),
    (";5;4:3;1", None, underline(3) | BOLD),
    (":2:1:2:3", rgb(1, 2, 3), 0),
    (":2:1:2:3;1", rgb(1, 2, 3), BOLD),
    (":2::1:2:3;1", rgb(1, 2, 3), BOLD),
    (":2:9:1:2:3", rgb(1, 2, 3), 0),
    (":2::1:2:3:0:1;1", rgb(1, 2, 3), BOLD),
    (":2::1:2:256;1", None, BOLD),
    (":2:1:2;1", None, BOLD),
    (":2;1", None, BOLD),
    (";2:1:2:3;1", rgb(1, 2, 3), BOLD),
    (";2::1:2:3;1", rgb(1, 2, 3), BOLD),
    (";2:1:2;1", None, BOLD),
    (";9;1", None, BOLD),
    (":1;1", None, BOLD),
    (":3:1:2:3;1", None, BOLD),
    (":9:1;1", None, BOLD),
]


@pytest.mark.parametrize(("spelling", "color", "attributes"), COLORS)
@pytest.mark.parametrize("place", range(3))
def test_sgr_colors(place: int, spelling: str, color: int | None, attributes: int) -> None:
    before = [indexed(1), indexed(2), indexed(3)]
    after = list(before)
    if color is not None:
        after[place] = color
    parameters = ("38", "48", "58")[place] + spelling
    assert sgr(parameters, (*before, 0)) == (*after, attributes)  # type: ignore[arg-type]


def test_sgr_many_at_once() -> None:
    parameters = "0;1;4:3;38;2;10;20;30;48;5;200;58:2::1:2:3;7"
    assert sgr(parameters) == (rgb(10, 20, 30), indexed(200), rgb(1, 2, 3), BOLD | INVERSE | underline(3))


@settings(deadline=None)
@given(st.text("0123458;:", max_size=80))
def test_sgr_takes_anything(parameters: str) -> None:
    foreground, background, underline_color, attributes = sgr(parameters)
    assert attributes < 1 << 11 and attributes >> 8 <= 5
    for color in (foreground, background, underline_color):
        kind, value = color >> 24, color & 0xFFFFFF
        assert kind <= 2 and value <= (0, 255, 0xFFFFFF)[kind]


# ---- scan -----------------------------------------------------------------------------------------------------------

SCANS = ("gp_scan_text", "gp_scan_text_words", "gp_scan_text_plain")


def scan(name: str, address: object, length: int) -> tuple[int, bool]:
    ascii_out = ffi.new("bool *")
    return getattr(lib, name)(address, length, ascii_out), ascii_out[0]


def expected_scan(data: bytes) -> tuple[int, bool]:
    length = next((i for i, byte in enumerate(data) if byte < 0x20 or byte == 0x7F), len(data))
    return length, data[:length].isascii()


def scan_buffers() -> Iterator[bytes]:
    dice = random.Random(3)
    for length in [*range(70), 127, 128, 129, 191, 192, 193, 255, 256, 257, 320, 1000]:
        base = bytearray(dice.choices(range(0x20, 0x7F), k=length))
        yield bytes(base)
        for special in (0x00, 0x1F, 0x7F, 0x80, 0xFF, 0x9F):
            for position in {dice.randrange(length) for _ in range(6)} if length else ():
                changed = bytearray(base)
                changed[position] = special
                yield bytes(changed)
                changed[dice.randrange(length)] = 0x0A
                yield bytes(changed)


@pytest.mark.parametrize("name", SCANS)
def test_scan(name: str) -> None:
    for data in scan_buffers():
        # Exactly as large as the data, so that a sanitizer sees any read beyond it.
        exact = ffi.new("uint8_t[]", len(data))
        ffi.buffer(exact)[:] = data
        assert scan(name, exact, len(data)) == expected_scan(data)


@pytest.mark.parametrize("name", SCANS)
def test_scan_stops_at_each_control_and_at_no_other_byte(name: str) -> None:
    for byte in range(256):
        for position in (0, 7, 15, 16, 40, 100, 150, 220):
            data = b"x" * position + bytes([byte]) + b"x" * (230 - position)
            assert scan(name, ffi.from_buffer("uint8_t[]", data), len(data)) == expected_scan(data)


def test_scan_twins_at_all_offsets_and_lengths() -> None:
    dice = random.Random(5)
    rich = [*range(0x20, 0x7F)] * 4 + [*range(0x80, 0x100)]
    for rarity in (0, 1, 4):
        block = bytearray(dice.choices(rich if rarity else range(0x20, 0x7F), k=360))
        for _ in range(rarity):
            block[dice.randrange(len(block))] = dice.choice((0x1B, 0x7F, 0x0A))
        data = ffi.from_buffer("uint8_t[]", block)
        for offset in range(0, 65):
            for length in [*range(0, 80, 3), *range(180, 290, 7)]:
                expected = expected_scan(bytes(block[offset : offset + length]))
                for name in SCANS:
                    assert scan(name, data + offset, length) == expected


def test_a_probe_without_memory_says_so() -> None:
    for nth in (1, 2):
        with fail("allocation", nth):
            assert lib.gp_parser_probe_new() == ffi.NULL
    lib.gp_parser_probe_free(ffi.NULL)
    for word in (b"word", b"\x9bm" * 4):
        probe = Probe()
        with fail("allocation", 1) as fault:
            fed = True
            while fed and not fault.hits:
                fed = lib.gp_parser_probe_feed(probe.handle, word, len(word))
        assert not fed, "its log is not whole"
