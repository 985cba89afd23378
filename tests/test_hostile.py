"""Output that means harm, or is broken: nothing is lost that was printed, and nothing takes for ever."""

import random
import re
import signal
import threading
import tracemalloc
from collections.abc import Iterator

import pytest

from ghostpage import Arena, ArgumentError, Limits, Terminal
from ghostpage._core import ffi, lib
from sequences import output


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with Terminal(20, 4) as made:
        yield made
        assert made._violation() is None


@pytest.mark.parametrize("start", [b"\xe2", b"\xe2\x82", b"\xf0\x90", b"\xc3"])
@pytest.mark.parametrize("charset", [b"", b"\x1b(0"])
def test_a_broken_start_is_replaced_whatever_comes_between(terminal: Terminal, start: bytes, charset: bytes) -> None:
    terminal.feed(charset + start + b"A!")
    assert terminal.screen[0].text == "\N{REPLACEMENT CHARACTER}A!"
    for at in range(1, len(start) + 2):
        with Terminal(20, 4) as split:
            whole = charset + start + b"A!"
            split.feed(whole[: len(charset) + at])
            split.feed(whole[len(charset) + at :])
            assert split.screen[0] == terminal.screen[0]


def test_a_million_combining_marks_stay_in_one_cell(terminal: Terminal) -> None:
    terminal.feed("e" + "\u0301" * 1_000_000 + "x")
    assert [len(cell.text) for cell in terminal.screen[0].cells[:3]] == [32, 1, 0]
    assert terminal.counters.codepoints_dropped == 1_000_000 - 31
    assert terminal.memory.mapped <= 2 * terminal.arena.standard_page


@pytest.mark.parametrize("opening", ["\x1b]0;", "\x1b]8;;http://", "\x1bP", "\x1b_", "\x1b^", "\x1bX"])
def test_endless_strings_are_bounded(terminal: Terminal, opening: str) -> None:
    terminal.feed(opening)
    before = terminal.memory.mapped
    for _ in range(64):
        terminal.feed(b"A" * 65536)
    assert terminal.memory.mapped == before
    terminal.feed("\x1b\\shown")
    assert terminal.screen[0].text == "shown"


@pytest.mark.parametrize("final", "@ABCDEFGHIJKLMPSTXZ`abdefhlmnrsu")
def test_huge_numbers(terminal: Terminal, final: str) -> None:
    for number in ("0", "65535", "65536", str(2**31), str(2**32 - 1), str(2**64), "9" * 1000):
        terminal.feed(f"a界\x1b[{number}{final}\x1b[{number};{number}{final}")
        assert terminal._violation() is None
    terminal.feed("\x1bcend")
    assert terminal.screen[0].text == "end"


@pytest.mark.parametrize("sequence", ["", "?", ">", "="])
@pytest.mark.parametrize("final", ["m", "h", "l", "H", "r", "s", "u", "c", "n", "t", "$p", "$r", "$x", "$v", "#{", "*y", " q"])
def test_ten_thousand_parameters(terminal: Terminal, sequence: str, final: str) -> None:
    mapped = terminal.memory.mapped
    for separator in ";:":
        terminal.feed(f"\x1b[{sequence}" + f"7{separator}" * 10_000 + final)
        terminal.feed(f"\x1bP{sequence}" + f"{2**64}{separator}" * 10_000 + f"{final}\x1b\\")
    terminal.feed("\x1bcend")
    assert (terminal.screen[0].text, terminal.memory.string) == ("end", 0)
    assert terminal.memory.mapped <= max(mapped, 2 * terminal.arena.standard_page)


@pytest.mark.parametrize("byte", [b"\0", b"\x05", b"\x7f", b"\x1b", b"\x18", b"\a", b"\x0e\x0f", b"\x80", b"\xc2\x80"])
def test_floods_of_what_prints_nothing_leave_nothing(terminal: Terminal, byte: bytes) -> None:
    terminal.feed("shown\r\n")
    before = terminal.memory.mapped
    terminal.feed(byte * (2_000_000 if len(byte) == 1 and byte != b"\x80" else 50_000))
    terminal.feed("\x18")
    assert terminal.memory.string == 0 and len(terminal.take_events()) <= 1
    if byte != b"\x80":  # which is text, broken
        assert terminal.memory.mapped == before
        assert [row.text for row in terminal.screen[:2]] == ["shown", ""]


STACKS = [
    ("\x1b]2;{0}\a\x1b[22t", "titles"), ("\x1b[#P\x1b]4;1;#{0:06x}\a", "palettes"), ("\x1b[#{{", "pens"),
    ("\x1b[>1u", "keyboard flags"), ("\x1b]22;>text,wait\a", "pointer shapes"), ("\x1b7\x1b[s", "cursors"),
    ("\x1b]1337;SetUserVar=v{0}=QUJD\a", "variables"), ("\x1b]99;i=n{0}:d=0;body\a", "notifications"),
    ("\x1b]133;A;aid={1}{0}\a\x1b]133;C\ax\r\n", "commands"),
    ("\x1b]133;A\a" + "\x1b]133;A;k=s\a.\x1b]133;B\a" * 8 + "\x1b]133;C\a\r\n", "prompts within commands"),
    ("\x1b]7;file:///{1}{0}\a", "directories"),
    ("\x1b]52;c;QUJD\a\x1b_{1}{0}\x1b\\", "events"), ("\x1b]4;1;?\a\x1b[c\x1b[6n", "replies"),
]  # fmt: skip


@pytest.mark.parametrize(("pushed", "what"), STACKS, ids=[what for _, what in STACKS])
def test_whatever_is_put_aside_is_bounded(terminal: Terminal, pushed: str, what: str) -> None:
    """Of Python's memory as of the core's: 4 MiB of events, 64 KiB of replies, and 3 MiB for all else that is kept."""
    terminal.allow = {"clipboard", "notifications", "strings"}
    terminal.limits = Limits(lines=20_000)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for n in range(0, 3000, 100):
            terminal.feed("".join(pushed.format(k, "y" * 2000) for k in range(n, n + 100)))
        kept = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert kept < (5 << 20 if what == "events" else 3 << 20)
    assert terminal.memory.mapped <= 3 * terminal.arena.standard_page


def test_a_few_bytes_that_ask_for_much_work_give_way() -> None:
    """One call of the core carries out so much of it and no more, so that Ctrl-C and other threads get their turn."""
    asked = b"x\x1b[65535b" * 1000
    with Terminal(80, 24, scrollback=Limits(lines=100)) as terminal:
        services = ffi.new("gp_services *")
        assert lib.gp_terminal_feed(terminal._live, asked, len(asked), services) == lib.GP_OK
        assert 0 < services.consumed_bytes < len(asked) // 10
        terminal.feed(asked[services.consumed_bytes : 40 * 9])
        assert len(terminal.history) == 100


def test_a_window_as_large_as_can_be() -> None:
    with Terminal(65535, 2) as wide, Terminal(2, 65535) as tall:
        for terminal in (wide, tall):
            terminal.feed("\x1b[4h" + "ab界" * 40_000 + "\x1b[H\x1b[65535L\x1b[65535@x\x1b[65535S\x1b[65535T\x1b[2J\x1b#8")
            assert terminal._violation() is None
        tall.resize(1, 1)
        wide.resize(1, 1)
        assert tall.screen[0].text == wide.screen[0].text == "E"


def test_sizes_in_a_storm() -> None:
    rng = random.Random(3)
    with Terminal(80, 24, scrollback=Limits(lines=500)) as terminal:
        for _ in range(300):
            terminal.feed("界e\u0301 \x1b[44mtail\x1b[K\x1b[m\r\n" * rng.randint(0, 9) + "\x1b[5;3H." * rng.randint(0, 1))
            terminal.resize(rng.choice((1, 2, 3, 80, 500)), rng.choice((1, 2, 24, 200)))
        assert terminal._violation() is None


def test_links_and_titles_beyond_their_caps(terminal: Terminal) -> None:
    terminal.feed(f"\x1b]8;;http://{'x' * 1_000_000}\x1b\\no link\x1b]8;;\x1b\\\x1b]2;{'t' * 1_000_000}\x07")
    assert {cell.hyperlink for cell in terminal.screen[0].cells} == {None}
    assert terminal.screen[0].text == "no link"
    assert len(terminal.title) <= 4096
    longest = "http://" + "x" * 4089
    terminal.feed(f"\r\n\x1b]8;id={'i' * 256};{longest}\x1b\\L\x1b]8;;\x1b\\")
    assert terminal.screen[1].cells[0].hyperlink == longest


def test_more_styles_and_links_than_a_page_holds() -> None:
    with Arena(standard_page=4096) as arena, Terminal(200, 50, arena=arena) as terminal:
        for n in range(30_000):
            terminal.feed(f"\x1b[{n % 50 + 1};{n % 200 + 1}H\x1b[38;2;{n % 256};{n // 256 % 256};7m\x1b]8;;http://{n}\x07x")
        assert terminal._violation() is None
        assert terminal.counters.grids_squeezed > 10
        assert terminal.memory.mapped < 2_000_000


def distinct(kind: str, count: int) -> Iterator[bytes]:
    """So many cells, each in a style or with a link of its own."""
    for first in range(0, count, 10_000):
        numbers = range(first, first + 10_000)
        if kind == "styles":
            yield "".join(f"\x1b[38;2;{n >> 16};{n >> 8 & 255};{n & 255}mx" for n in numbers).encode()
        else:
            yield "".join(f"\x1b]8;;http://{n}.example.org/\ax" for n in numbers).encode()


@pytest.mark.parametrize("kind", ["styles", "links"])
def test_a_million_in_a_line_without_an_end_are_bounded_by_the_limit(kind: str) -> None:
    """The line's record takes more than its text: it is cut at an eighth of the limit as that is."""
    limit, fed = 2 << 20, 0
    with Arena() as arena, Terminal(80, 24, arena=arena, scrollback=Limits(bytes=limit)) as terminal:
        for piece in distinct(kind, 1_000_000 if kind == "styles" else 300_000):
            terminal.feed(piece)
            fed += len(piece)
            assert terminal.memory.mapped <= limit
        assert terminal.memory.peak <= limit
        assert terminal.counters.copied_bytes < fed // 4
        assert terminal._violation() is None


@pytest.mark.parametrize("kind", ["styles", "links"])
def test_a_million_on_one_screen_take_a_page_beside_its_cells(kind: str) -> None:
    with Arena() as arena, Terminal(80, 24, arena=arena) as terminal:
        for piece in distinct(kind, 1_000_000 if kind == "styles" else 300_000):
            terminal.feed(b"\x1b[?1049h" + piece)
            assert terminal.memory.mapped <= 3 * arena.standard_page
        assert terminal.counters.grids_squeezed < 1000 and terminal.counters.copied_bytes < 1 << 27


@pytest.mark.parametrize("limits", [Limits(0, 0), Limits(2**63 - 1, 2**63 - 1), Limits(0, 2**63 - 1), Limits(2**63 - 1, 0)])
def test_limits_from_end_to_end(limits: Limits) -> None:
    with Arena(standard_page=4096) as arena, Terminal(20, 4, arena=arena, scrollback=Limits()) as terminal:
        for _ in range(3):
            terminal.feed("some text, in lines\r\n" * 2000)
            terminal.limits = limits
            assert len(terminal.history) == 0 if limits.lines == 0 else terminal.screen[2].text
            assert limits.bytes or terminal.memory.mapped <= 3 * 4096
            terminal.limits = Limits()
            assert terminal._violation() is None
        with pytest.raises(ArgumentError):
            Limits(2**63)


def test_line_numbers_say_nothing_of_the_mode() -> None:
    for output in ("a\r\nb\r\nc\x1b[?1049h", "a\r\nb\x1bcd\r\ne", "a\x1b[?47h\x1bcx\r\n"):
        lines = []
        for mode in ("auto", "grid", "early"):
            with Terminal(5, 6, _mode=mode) as terminal:
                terminal.feed(output)
                lines.append([row.line for row in terminal.screen])
        assert lines[0] == lines[1] == lines[2]


def test_a_soft_reset_does_not_turn_a_full_row_into_a_wrap() -> None:
    with Terminal(4, 2) as terminal:
        terminal.feed("\x1b[?7labcdef\x1b[!pX")
        assert terminal.screen[0].text == "abcX"


def test_what_1047_cleared_is_given_back(terminal: Terminal) -> None:
    terminal.feed("\x1b[?1047hfull screen\x1b[?1047l")
    assert [page.kind for page in terminal.pages].count("grid") <= 1


def test_text_of_the_end_is_of_one_moment() -> None:
    with Terminal(80, 24, scrollback=Limits(lines=1000)) as terminal:
        stop = threading.Event()

        def feed() -> None:
            number = 0
            while not stop.is_set():
                terminal.feed("".join(f"{n}\r\n" for n in range(number, number + 50)))
                number += 50

        feeding = threading.Thread(target=feed)
        feeding.start()
        try:
            for _ in range(500):
                rows = [int(row) for row in terminal.text(-4, -1).split("\n") if row]
                assert rows == list(range(rows[0], rows[0] + len(rows))) if rows else True
        finally:
            stop.set()
            feeding.join()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs interval timers of POSIX")
def test_a_signal_handler_may_feed_too(terminal: Terminal) -> None:
    fed = []

    def handler(*_: object) -> None:
        terminal.feed("x")
        fed.append(terminal.take_events())

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    try:
        while len(fed) < 5:
            terminal.feed(b"\x1b]2;title\x07line\r\n" * 2000)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


REPLY = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[P\]_][ -~]*(?:\x1b\\|\x07)|\x1b/Z")
"""A control sequence, a control string, and what a VT52 says that it is."""


@pytest.mark.parametrize("seed", range(12))
def test_replies_are_whole_sequences_without_controls_in_them(seed: int) -> None:
    with Terminal(40, 10, allow=["title-reports", "clipboard", "images", "strings"]) as terminal:
        terminal.feed(output(seed, 200))
        terminal.feed("\x1b[!p\x1b<\x1b]2;rm\r\n\x1b\\\x1b]2;r\x01m\u0085\x1b\\\x1b[21t\x1bP$qx\x0dy\x1b\\\x1bP+q41\n42\x1b\\")
        replies = terminal.take_replies()
        assert replies and not REPLY.sub(b"", replies)
