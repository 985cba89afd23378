"""Fed whole, in random pieces or byte by byte, everything is the same: all that can be read, asked or taken.

The streams are made of every sequence in the tables (``sequences.py``), and of the recordings.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from ghostpage import Geometry, Limits, Terminal, sessions
from ghostpage._core import ffi, lib
from ghostpage._protocol.session import ALLOWABLE
from sequences import MODES, output

KNOWN = [(number, False) for number in MODES] + [(number, True) for number in range(21)]
SIZES = [(80, 24), (20, 6), (10, 4), (5, 3), (2, 2), (1, 1)]


def everything(terminal: Terminal, folder: Path) -> dict[str, Any]:
    """What the terminal is, by name. Its mode and pages are not part of it, but the state that files have is."""
    session = terminal._services.session
    state, figures = terminal._state(), terminal._figures()
    terminal.save(folder / "saved")
    with Terminal.load(folder / "saved") as loaded:
        loaded_rows = [(row.text, row.wrapped) for row in [*loaded.history, *loaded.screen]]
    return {
        "rows": [
            (row.text, row.wrapped, row.line, row.prompt, row.size, [(c.text, c.width, c.style, c.hyperlink) for c in row.cells])
            for row in [*terminal.history, *terminal.screen]
        ],
        "loaded": loaded_rows,
        "lines": [line.text for line in terminal.lines],
        "cursor": terminal.cursor,
        "size": (terminal.columns, terminal.rows),
        "alternate": terminal.alternate_screen,
        "modes": [lib.gp_terminal_mode(terminal._live, number, ansi) for number, ansi in KNOWN],
        "tabs": terminal._tabs(),
        "pen": (state.pen.foreground, state.pen.background, state.pen.underline_color, state.pen.attributes),
        "charsets": (list(state.charsets), state.shift, state.shift_right, state.single_shift),
        "level": (state.level, state.eight_bit, state.rectangular, state.cursor_style),
        "margins": (figures.region_top, figures.region_bottom, figures.region_left, figures.region_right),
        "ignored": terminal.sequences_ignored,
        "replies": terminal.take_replies(),
        "events": terminal.take_events(),
        "dropped": (terminal.replies_dropped, terminal.events_dropped),
        "commands": terminal.commands,
        "input": terminal.input_modes,
        "session": session.save(),
        "put aside": (session.palettes, vars(session.title_stack), session.title_modes, session.pointer_shapes),
        "notifications": session.notifications,
        "checksum": session.checksum_flags,
    }


def fed(stream: bytes, lengths: list[int], size: tuple[int, int], mode: str, folder: Path) -> dict[str, Any]:
    with Terminal(*size, scrollback=Limits(lines=50), allow=ALLOWABLE, string_limit=1024, _mode=mode) as terminal:
        terminal.geometry = Geometry(cell_width=8, cell_height=16, display_width=800, display_height=600)
        at = 0
        for length in lengths:
            terminal.feed(stream[at : at + length])
            at += length
        terminal.feed(stream[at:])
        # What is under way shows in what it becomes, in each way a string or sequence can end.
        seen = [everything(terminal, folder)]
        for end in (b"m", b"\x1b\\", b"x\xcc\x81\x1b[b"):
            terminal.feed(end)
            seen.append(everything(terminal, folder))
        assert terminal._violation() is None
        return {f"{n} {name}": part for n, parts in enumerate(seen) for name, part in parts.items()}


def pieces(rng: random.Random, total: int) -> list[int]:
    lengths: list[int] = []
    while sum(lengths) < total:
        lengths.append(rng.choice((1, 2, 3, 5, 8, 20, 100, 1000)))
    return lengths


def check(stream: bytes, size: tuple[int, int], seed: int, folder: Path) -> None:
    rng = random.Random(seed)
    whole = fed(stream, [], size, "auto", folder)
    for name, lengths in (("pieces", pieces(rng, len(stream))), ("bytes", [1] * len(stream))):
        split = fed(stream, lengths, size, rng.choice(("auto", "grid", "early")), folder)
        assert [part for part in whole if split[part] != whole[part]] == [], name


@pytest.mark.parametrize("seed", range(60))
def test_every_sequence_of_the_tables(seed: int, tmp_path: Path) -> None:
    check(output(seed, 80), SIZES[seed % len(SIZES)], seed, tmp_path)


# Short, as programs send them again and again, and what looks like one of them without being it.
RECURRING = [
    *(b"m", b"0m", b";m", b"1m", b"22m", b"4;31m", b"39;49m", b"97;104m", b"7;7;7m", b"53m", b"38;5;200m", b"4:3m", b">4;1m", b"?4m", b"1 m"),
    *(b"\0m", b"1\0m", b"\x0e1m", b"1\x7fm", b"1\xcdm", b"\x18m", b"H", b"2H", b";3H", b"0;0H", b"3;4H", b"9;999H", b"1;2;3H"),
    *(b";H", b"2;H", b"002;04H", b"00002;4H", b"2;00004H", b"2:3H", b"2<3H", b"?2H", b"2 H", b"\xb22H", b"2;\r3H", b"2\x7f;3H", b"255;255H"),
    *(b"C", b"0C", b"3C", b"K", b"0K", b"1K", b"2K", b"3K", b"?1K", b"1;2K", b"J", b"2A", b"b", b"3b", b"d", b"5X", b"?7l", b"?7h"),
    *(b"?6h", b"?6l", b"2;3r", b"r", b"1\"q", b"0\"q", b"6n", b"?6n", b"s", b"u"),
    *(b"C\x1b[C\x1b[C\x1b[C\x1b[C\x1b[K", b"2C\x1b[2C\x1b[2C\x1b[3C\x1b[C", b"0;01H", b"0002;4H", b"00002;4H", b"2;1234H", b";H"),
    *(b"?25l", b"?25h", b"?12;25h", b"?2004h", b"?2004l", b"?02004h", b"?12004h", b"?69h", b"?1;7l", b"?1000h", b"?9l", b"?8452h"),
]
BETWEEN = [
    *(b"", b"", b"x", b"word", "e\u0301\u4e00".encode(), b"\r\n", b"\xcc", b"\t", b"\b\b", b"\x1b(B", b"\x1b(0", b"\x0ex\x0f"),
    *(b"ab", "\u754c".encode(), b"a row and more"),
    *(b"x\x1b(B", b"\xcc\x1b(B", "🇫\x1b(B🇷".encode()),  # ESC ( B: terminfo's sgr0 has it with every reset of colours
]


@pytest.mark.parametrize("seed", range(24))
def test_sequences_that_recur(seed: int, tmp_path: Path) -> None:
    """In a piece of some length, what came before is not read again (csi_memo.h)."""
    rng = random.Random(seed)
    few, stream = rng.sample(RECURRING, 12), b""
    while len(stream) < 2500:
        stream += b"\x1b[" + rng.choice(few) + rng.choice(BETWEEN)
    check(stream, SIZES[seed % len(SIZES)], seed, tmp_path)


@pytest.mark.parametrize("seed", range(4))
def test_moves_that_repeat(seed: int, tmp_path: Path) -> None:
    """CUF of up to 8 bytes is counted (gp_csi_memo_again), at most a kilobyte of it at once."""
    rng, stream = random.Random(seed), b""
    while len(stream) < 4000:
        move = b"\x1b[" + rng.choice((b"C", b"C", b"2C", b"12C", b"002C", b"0000001C"))
        stream += move * rng.choice((1, 2, 3, 4, 5, 6, 7, 11, 400)) + move[: rng.randrange(len(move))]
        stream += rng.choice((b"", b"x", b"\r", b"\r\n", b"\x1b[K"))
    check(stream, (500, 4), seed, tmp_path)


# Colours in every spelling, what other numbers stand among them, and what breaks off.
COLORING = [
    *(f"{code};5;{{}}" for code in (38, 48, 58)), *(f"{code};2;{{}};{{}};{{}}" for code in (38, 48, 58)), *("{}",) * 6,
    *("", "38:5:{}", "48:2::{}:{}:{}", "4:{}", "038;5;{}", "18;5;{}", "38;{};{}", "48;2;{};{}", "58;2;{}", "38;5", "48", "68;5;{}"),
]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_long_sgr(seed: int) -> None:
    """What is read straight into the style (gp_sgr_read) is what the parser and gp_sgr_apply make of it."""
    rng = random.Random(seed)
    numbers = [*map(str, (*range(10), *range(20, 30), *range(30, 60), 99, 107, 255, 256, 999, 1000, 65536, 1 << 64)), "007", ""]
    style = ffi.new("uint32_t[4]")
    with Terminal(80, 24) as whole, Terminal(80, 24) as cut:
        for _ in range(2000):
            count = rng.choice((1, 2, 3, 4, 9, 31, 32, 33))
            some = rng.choice((COLORING, COLORING[:12], ["1", "38;5;{}"], ["", "1"], ["0", "1", "48;2;;;", "58;2;;;"]))
            spelling = ";".join(rng.choices(some, k=count)).replace("{}", "%s")
            parameters = (spelling % tuple(rng.choices(numbers, k=spelling.count("%s")))).encode()
            lib.gp_parser_probe_sgr(parameters, len(parameters), style)
            stream = b"\x1b[" + parameters + b"m" + b"x" * rng.randint(0, 9)
            at = rng.randint(1, len(stream) - 1)
            whole.feed(stream)
            cut.feed(stream[:at])
            cut.feed(stream[at:])
            for terminal in (whole, cut):
                pen = terminal._state().pen
                seen = [pen.foreground, pen.background, pen.underline_color, pen.attributes]
                assert seen == list(style), (stream, at)


@pytest.mark.parametrize("seed", range(6))
def test_letters_that_repeat(seed: int, tmp_path: Path) -> None:
    """Lines, bars and boxes, on which cells are copied (paint_same)."""
    rng = random.Random(seed)
    stream = b""
    for _ in range(60):
        run = "".join(rng.choice("─█░│一x") * rng.choice((1, 2, 3, 5, 6, 7, 11, 12, 17)) for _ in range(rng.randint(1, 3)))
        stream += b"\x1b[%d;%dH" % (rng.randint(1, 24), rng.randint(1, 80)) + run.encode() + rng.choice((b"", b"\x1b[7m", b"\r"))
    check(stream, SIZES[seed % 4], seed, tmp_path)


@pytest.mark.parametrize("name", sessions.names())
def test_recordings(name: str, tmp_path: Path) -> None:
    check(sessions.load(name).data[:10_000], (80, 24), 1, tmp_path)
