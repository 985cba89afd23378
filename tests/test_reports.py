"""What a terminal answers, and that the core and the tables of Python agree on who answers it."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from ghostpage import Geometry, Palette, Terminal
from ghostpage import _conversation
from ghostpage._protocol.reports import csi
from ghostpage.events import Bell, ColorsChanged, ResizeRequested, TitleChanged, WindowRequested

SERVICE = Path(__file__).resolve().parent.parent / "csrc" / "vt" / "terminal_service.c"


def asked(terminal: Terminal, sequence: str) -> str:
    terminal.feed(sequence)
    return terminal.take_replies().decode()


def test_what_the_core_hands_over_is_what_the_table_has() -> None:
    if not SERVICE.exists():
        pytest.skip("needs the sources")
    text = SERVICE.read_text(encoding="utf-8")
    found = re.findall(r"case CSI\((NONE|'.'), (NONE|'.'), '(.)'\)", text)
    handed = {"".join(part.strip("'") for part in parts if part != "NONE") for parts in found}
    assert handed == set(csi.keys) - {"?h", "?l", "/Z"}  # handed over after modes were set, and by a VT52


@pytest.mark.parametrize(
    ("sequence", "answer"),
    [
        ("\x1b[>q", "\x1bP>|ghostpage("),
        ("\x1b[x", "\x1b[2;1;1;128;128;1;0x"),
        ("\x1b[?15n", "\x1b[?13n"),
        ("\x1b[?26n", "\x1b[?27;1;0;0n"),
        ("\x1b[?62n", "\x1b[0*{"),
        ("\x1b[?63;7n", "\x1bP7!~0000\x1b\\"),
        ("\x1b[?996n", "\x1b[?997;1n"),
        ("\x1bP$qm\x1b\\", "\x1bP1$r0m\x1b\\"),
        ("\x1b[1;3;4:3;38;5;1;48;2;1;2;3m\x1bP$qm\x1b\\", "\x1bP1$r0;1;3;4:3;31;48:2::1:2:3m\x1b\\"),
        ("\x1b[95;106m\x1bP$qm\x1b\\", "\x1bP1$r0;95;106m\x1b\\"),
        ("\x1b[5;6r\x1bP$qr\x1b\\", "\x1bP1$r5;6r\x1b\\"),
        ("\x1b[4 q\x1bP$q q\x1b\\", "\x1bP1$r4 q\x1b\\"),
        ('\x1b[1"q\x1bP$q"q\x1b\\', '\x1bP1$r1"q\x1b\\'),
        ("\x1bP$qt\x1b\\", "\x1bP1$r24t\x1b\\"),
        ("\x1bP$qfoo\x1b\\", "\x1bP0$r\x1b\\"),
        ("\x1b[>4;2m\x1bP$q>4m\x1b\\\x1bP$q>9m\x1b\\", "\x1bP1$r>4;2m\x1b\\\x1bP0$r\x1b\\"),
        ("\x1b[>4;1f\x1bP$q>4f\x1b\\", "\x1bP1$r>4;1f\x1b\\"),
        ("\x1b[>2t\x1bP$q>t\x1b\\", "\x1bP1$r>0;0;1;0t\x1b\\"),
        ("\x1bP$q*x\x1b\\\x1b[2*x\x1bP$q*x\x1b\\", "\x1bP1$r0*x\x1b\\\x1bP1$r2*x\x1b\\"),
        ("\x1bP$q$|\x1b\\\x1bP$q*|\x1b\\", "\x1bP1$r80$|\x1b\\\x1bP1$r24*|\x1b\\"),
        ('\x1b["v', '\x1b[24;80;1;1;1"w'),
        ("\x1b[2;2$u", "\x1bP2$s0;2;0;0;0/1;2;80;0;0/2;2;0;80;0/"),
        ("\x1b[?2;1S", "\x1b[?2;1S"),
        ("\x1b]1337;ReportCellSize\a", "\x1b]1337;ReportCellSize=16.0;8.0;1.0\a"),
        ("\x1bP+q544e;436f\x1b\\", "\x1bP1+r544e=787465726D2D323536636F6C6F72\x1b\\\x1bP1+r436f=323536\x1b\\"),
        ("\x1bP+q7a7a\x1b\\", "\x1bP0+r7a7a\x1b\\"),
        ("\x1b[?u\x1b[>5u\x1b[?u\x1b[=2;2u\x1b[?u\x1b[<u\x1b[?u", "\x1b[?0u\x1b[?5u\x1b[?7u\x1b[?0u"),
        ("\x1b[?4m\x1b[>4;2m\x1b[?4m\x1b[>4m\x1b[?4m", "\x1b[>4;0m\x1b[>4;2m\x1b[>4;0m"),
        ("\x1b[>4;1f\x1b[?4g", "\x1b[>4;1f"),
        ("\x1b[18t\x1b[14t\x1b[16t", "\x1b[8;24;80t\x1b[4;384;640t\x1b[6;16;8t"),
        ("\x1b[2$w", "\x1bP2$u" + "/".join(str(1 + 8 * n) for n in range(10)) + "\x1b\\"),
        ("\x1b]4;1;?\x1b\\", "\x1b]4;1;rgb:cdcd/0000/0000\x1b\\"),
        ("\x1b]11;?\a", "\x1b]11;rgb:0000/0000/0000\a"),
        ("\x1b]10;red;blue\a\x1b]10;?;?\a", "\x1b]10;rgb:ffff/0000/0000\a\x1b]11;rgb:0000/0000/ffff\a"),
        ("\x1b]4;0;#fff\a\x1b]104\a\x1b]4;0;?\a", "\x1b]4;0;rgb:0000/0000/0000\a"),
        ("\x1b]21;foreground=#010203;cursor=?;foreground=?\a", "\x1b]21;cursor=;foreground=rgb:0101/0202/0303\a"),
        ("\x1b G\x1b[?15n", "\x9b?13n"),
    ],
)
def test_answers(sequence: str, answer: str) -> None:
    with Terminal() as terminal:
        terminal.feed(sequence)
        assert terminal.take_replies().decode("latin-1").startswith(answer)


@pytest.mark.parametrize(
    ("names", "values"),
    [
        ("kcuu1 kl @7", "\x1b[A \x1b[D \x1b[F"),
        ("kf1 k4", "\x1bOP \x1bOS"),
        ("kich1 kD knp kf12", "\x1b[2~ \x1b[3~ \x1b[6~ \x1b[24~"),
        ("kbs kb", "\x7f \x7f"),
        ("Ms", "\x1b]52;%p1%s;%p2%s\a"),
    ],
)
def test_capabilities(names: str, values: str) -> None:
    """As keys and the clipboard are at that time."""
    def answers(terminal: Terminal) -> str:
        return asked(terminal, f"\x1bP+q{';'.join(name.encode().hex() for name in names.split())}\x1b\\")

    def expected(values: str) -> str:
        told = zip(names.split(), values.split(" "), strict=True)
        return "".join(f"\x1bP1+r{name.encode().hex()}={value.encode().hex().upper()}\x1b\\" for name, value in told)

    with Terminal(allow={"clipboard"}) as terminal:
        assert answers(terminal) == expected(values)
        terminal.feed("\x1b[?1h\x1b[?67h")
        cursor = names.startswith("kcuu1")
        assert answers(terminal) == expected(values.replace("[", "O") if cursor else values.replace("\x7f", "\x08"))
    with Terminal() as terminal:
        assert answers(terminal).startswith("\x1bP0+r" if names == "Ms" else "\x1bP1+r")


def test_sizes_of_images_are_told_where_they_are_allowed() -> None:
    with Terminal(allow={"images"}) as terminal:
        assert asked(terminal, "\x1b[?1;1S\x1b[?2;4S") == "\x1b[?1;0;256S\x1b[?2;0;640;384S"
        assert asked(terminal, "\x1b[?2;3S\x1b[?2;9S\x1b[?3;1S") == "\x1b[?2;3S\x1b[?2;2S\x1b[?3;1S"


def test_checksums() -> None:
    with Terminal(10, 3) as terminal:
        terminal.feed("a b")
        assert asked(terminal, "\x1b[7;1;1;1;1;1*y") == f"\x1bP7!~{-ord('a') & 0xFFFF:04X}\x1b\\"
        assert asked(terminal, "\x1b[3#y\x1b[7;1;1;1;1;3*y") == f"\x1bP7!~{ord('a') + ord('b'):04X}\x1b\\"
        assert asked(terminal, "\x1b[1;1;1;5;1;5*y") == "\x1bP1!~0000\x1b\\"


@pytest.mark.parametrize("shift", ["", "\x0e", "\x1bn"])
def test_a_cursor_state_is_restored_from_its_report(shift: str) -> None:
    with Terminal(20, 5) as terminal, Terminal(20, 5) as other:
        terminal.feed(f"\x1b)0\x1b[1;7m\x1b[3;4H{shift}")
        state = asked(terminal, "\x1b[1$w").removeprefix("\x1bP1$u")
        other.feed("\x1bP1$t" + state)
        assert asked(other, "\x1b[1$w") == "\x1bP1$u" + state
        terminal.feed("x")
        other.feed("x")
        assert other.screen[2] == terminal.screen[2]


def test_a_cursor_state_in_origin_mode_counts_from_the_corner_of_the_screen() -> None:
    with Terminal(20, 6) as terminal, Terminal(20, 6) as other:
        margins = "\x1b[?69h\x1b[3;9s\x1b[2;5r"
        terminal.feed(margins + "\x1b[?6h\x1b[2;4H")
        state = asked(terminal, "\x1b[1$w").removeprefix("\x1bP1$u")
        assert state.startswith("3;6;1;@;@;A;"), "as xterm has it"
        other.feed(margins + "\x1bP1$t" + state)
        assert (other.cursor, asked(other, "\x1b[1$w")) == (terminal.cursor, "\x1bP1$u" + state)


def test_sets_that_are_not_known_are_not_designated() -> None:
    with Terminal() as terminal:
        terminal.feed("\x1b(0\x1b(%7\x1b(J\x1b)A\x1b-K\x1b*>\x1b/A\x1b(q")
        assert asked(terminal, "\x1b[1$w").endswith(";0;2;H;0A>A\x1b\\")
        terminal.feed("q")
        assert (terminal.screen[0].text, terminal.sequences_ignored) == ("─", 4)


def test_tab_stops_are_restored() -> None:
    with Terminal(40, 2) as terminal:
        terminal.feed("\x1b[1;6H\x1bP2$t3/20/999\x1b\\")
        assert (terminal.cursor.x, asked(terminal, "\x1b[2$w")) == (5, "\x1bP2$u3/20\x1b\\")


def test_sizes_are_told_in_the_stream() -> None:
    with Terminal(10, 3) as terminal:
        terminal.geometry = Geometry(cell_width=9, cell_height=20)
        assert asked(terminal, "\x1b[?2048h") == "\x1b[48;3;10;60;90t"
        terminal.resize(20, 4)
        assert terminal.take_replies() == b"\x1b[48;4;20;80;180t"
        terminal.feed("\x1b[?2048l")
        terminal.resize(10, 3)
        assert terminal.take_replies() == b""


def test_color_schemes_are_told() -> None:
    with Terminal() as terminal:
        terminal.color_scheme = "light"
        assert terminal.take_replies() == b""
        terminal.feed("\x1b[?2031h")
        terminal.color_scheme = "dark"
        assert terminal.take_replies() == b"\x1b[?997;1n"


def test_synchronized_output_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    with Terminal() as terminal:
        terminal.feed("\x1b[?2026h")
        assert terminal.synchronized and terminal.mode(2026)
        now = time.monotonic_ns()
        monkeypatch.setattr(_conversation.time, "monotonic_ns", lambda: now + 1_000_000_001)
        assert not terminal.synchronized and not terminal.mode(2026)
        assert asked(terminal, "\x1b[?2026$p") == "\x1b[?2026;2$y"


def test_window_operations_are_the_hosts() -> None:
    with Terminal(80, 24) as terminal:
        terminal.feed("\x1b[2t\x1b[3;5;6t\x1b[8;30t\x1b[4;160;80t\x1b[40t\x1b[9;1t")
        assert terminal.take_events() == [
            WindowRequested("iconify"),
            WindowRequested("move", 5, 6),
            ResizeRequested(80, 40),
            WindowRequested("maximize"),
        ]


def test_titles_are_put_aside_and_reported_only_if_allowed() -> None:
    with Terminal() as terminal:
        terminal.feed("\x1b]2;one\a\x1b[22t\x1b]2;two\a\x1b[23t")
        assert terminal.title == "one"
        assert asked(terminal, "\x1b[21t") == "\x1b]l\x1b\\"
        terminal.allow = {"title-reports"}
        assert asked(terminal, "\x1b[21t") == "\x1b]lone\x1b\\"
        terminal.feed("\x1b[22t" * 100_000 + "\x1b]2;x\a" + "\x1b[23t" * 100_000)
        assert terminal.title == "one"


def test_palettes() -> None:
    with Terminal() as terminal:
        terminal.palette = Palette(background=(1, 2, 3))
        terminal.feed("\x1b[#P\x1b]11;white\a")
        assert terminal.palette.background == (255, 255, 255)
        assert terminal.take_events() == [ColorsChanged()]
        terminal.feed("\x1b[#Q")
        assert terminal.palette.background == (1, 2, 3)
        terminal.feed("\x1b]11;white\a\x1b]111\a")
        assert terminal.palette.background == (1, 2, 3)


def test_a_reset_takes_it_all_back() -> None:
    with Terminal() as terminal:
        terminal.feed("\x1b]2;t\a\x1b[>7u\x1b]4;1;white\a\x1b]22;text\a\x1b[22t\x1bc")
        assert terminal.palette == Palette() and terminal.pointer_shape == "" and terminal.title == ""
        assert asked(terminal, "\x1b[?u\x1b[23t") == "\x1b[?0u"
        assert TitleChanged("") in terminal.take_events()


def test_keyboard_flags_are_kept_by_screen_and_bounded() -> None:
    with Terminal() as terminal:
        terminal.feed("\x1b[>1u\x1b[?1049h")
        assert asked(terminal, "\x1b[?u") == "\x1b[?0u"
        terminal.feed("\x1b[>3u" * 100_000 + "\x1b[?1049l")
        assert asked(terminal, "\x1b[?u") == "\x1b[?1u"
        assert len(terminal._services.session.kitty[1]._stack) <= 17


def test_colour_queries_in_a_loop_are_bounded() -> None:
    with Terminal() as terminal:
        terminal.feed("\x1b]4;1;?\a\x1b]104\a" * 20_000)
        assert len(terminal.take_replies()) <= 64 * 1024 and terminal.replies_dropped > 0


# ---- what waits while feeding goes on ------------------------------------------------------------------------------------


def test_what_waits_is_answered_for_when_it_was_asked(terminal: Terminal) -> None:
    """More than the core has room for, and between those that can wait some for which feeding stops."""
    asked_for, answers = "", ""
    for n in range(1, 71):
        asked_for += f"\x1b[1;{n % 10 + 1}H\x1b[6n"
        answers += f"\x1b[1;{n % 10 + 1}R"
        if n % 20 == 0:
            asked_for += "\x1b[?25l\x1b[?25$p\x1b[?25h"
            answers += "\x1b[?25;2$y"
    assert asked(terminal, asked_for) == answers


def test_bells_and_titles_come_in_order(terminal: Terminal) -> None:
    terminal.feed("\a\x1b]2;one\a\a\a\x1b[22t\x1b]2;two\a\a\x1b[23t\a")
    assert terminal.take_events() == [
        Bell(1), TitleChanged("one"), Bell(2), TitleChanged("two"), Bell(1), TitleChanged("one"), Bell(1),
    ]  # fmt: skip


def test_what_there_is_no_memory_for_waits_with_all_behind_it(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox = terminal._services.session.outbox
    add, calls = outbox.add, iter(range(100))

    def refuse(item: bytes) -> None:
        if next(calls) == 1:
            raise MemoryError
        add(item)

    monkeypatch.setattr(outbox, "add", refuse)
    with pytest.raises(MemoryError):
        terminal.feed("\x1b[5n\a\x1b[1;2H\x1b[6n\x1b[1;3H\x1b[6nx")
    assert terminal.screen[0].text == "  x"
    assert asked(terminal, "\x1b[5n") == "\x1b[0n\x1b[1;2R\x1b[1;3R\x1b[0n"
