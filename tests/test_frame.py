"""Frames: always what the rows say, and nothing that is reported as unchanged has changed."""

from __future__ import annotations

import contextlib
import copy
import pickle
import random
import struct
import threading
from dataclasses import FrozenInstanceError, astuple, replace

import numpy
import pytest

from ghostpage import (
    Arena,
    ArgumentError,
    Cell,
    ClosedError,
    Frame,
    Limits,
    OutOfMemoryError,
    Row,
    Run,
    Screen,
    Style,
    Terminal,
)
from ghostpage._faults import fail
from ghostpage.style import styles_from_core
from streams import PROFILES, random_stream

SMALLEST_PAGE = 4096
MODES = ["auto", "grid", "early"]


def shown(terminal: Terminal, frame: Frame) -> list[Row]:
    """The rows that a frame is to show."""
    rows = [*terminal.history, *terminal.screen]
    begin = len(rows) - len(terminal.screen) - frame.offset
    return rows[begin : begin + len(terminal.screen)]


def content(frame: Frame) -> list[tuple]:
    """All that is in a frame, numbers as what they stand for."""
    styles, links = frame.style_table, frame.link_table
    return [
        (
            numpy.asarray(frame.codepoints)[y].tolist(),
            numpy.asarray(frame.widths)[y].tolist(),
            [styles[number] for number in numpy.asarray(frame.styles)[y]],
            [links[number] for number in numpy.asarray(frame.links)[y]],
            frame.text(y),
            frame.runs(y),
            frame.wrapped(y),
        )
        for y in range(frame.rows)
    ]


def agrees(frame: Frame, rows: list[Row]) -> None:
    assert frame._violation() is None
    assert frame.rows == len(rows)
    for row, (codepoints, widths, styles, links, text, runs, wrapped) in zip(rows, content(frame), strict=True):
        cells = row.cells
        assert codepoints == [ord(cell.text[0]) if cell.text else 0 for cell in cells]
        assert widths == [cell.width for cell in cells]
        assert styles == [cell.style for cell in cells]
        assert links == [cell.hyperlink for cell in cells]
        assert text == row.text
        assert wrapped == row.wrapped
        assert runs == trimmed(row)
    assert frame.lines == [(row.line, row.cell) for row in rows]


def trimmed(row: Row) -> list[Run]:
    """Its runs without the blanks of the default style that may be at the end in text mode."""
    length = max((x + 1 for x, cell in enumerate(row.cells) if cell != Cell()), default=0)
    runs = [run for run in row.runs if run.x < length]
    for run in runs[-1:]:
        beyond = run.x + run.width - length
        runs[-1] = run._replace(text=run.text[: len(run.text) - beyond], width=run.width - beyond)
    return runs


# ---- it is what the rows say ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("seed", range(12))
def test_it_is_what_the_rows_say_and_tells_what_has_changed(mode: str, profile: str, seed: int) -> None:
    rng = random.Random(f"{mode} {profile} {seed}")
    columns, rows = rng.choice([(40, 12), (20, 5), (10, 4), (7, 1), (5, 3), (2, 2), (1, 3)])
    limits = Limits(lines=rng.choice([None, 0, 3, 30]))
    stream = random_stream(seed, 1500, profile, columns=columns, rows=rows)
    with (
        Arena(standard_page=SMALLEST_PAGE) as arena,
        Terminal(columns, rows, scrollback=limits, arena=arena, _mode=mode) as terminal,
        terminal.frame() as frame,
        terminal.frame() as rare,
    ):
        held = content(frame)
        at = 0
        while at < len(stream):
            length = rng.choice((1, 2, 5, 20, 200))
            terminal.feed(stream[at : at + length])
            at += length
            if rng.random() < 0.05:
                terminal.resize(rng.randint(1, 40), rng.randint(1, 12))
            if rng.random() < 0.1:
                rng.choice([lambda: frame.scroll(rng.randint(-9, 9)), frame.follow])()
            changed = frame.update()
            agrees(frame, shown(terminal, frame))
            now = content(frame)
            different = [y for y in range(frame.rows) if len(now) != len(held) or now[y] != held[y]]
            assert set(different) <= set(changed)
            if len(now) == len(held) and len(now[0][0]) == len(held[0][0]) and len(changed) < frame.rows:
                assert different == changed
            held = now
            assert frame.update() == []
            if rng.random() < 0.2:
                rare.update()
                with terminal.frame() as fresh:
                    assert content(rare) == content(fresh)
                    assert (rare.cursor, rare.lines) == (terminal.cursor, fresh.lines)
                    assert (rare.offset, rare.total_rows) == (0, len(terminal.history) + len(terminal.screen))


@pytest.mark.parametrize("seed", range(30))
def test_the_modes_give_the_same_lines(seed: int) -> None:
    """Where each row's line begins does not depend on the mode either."""
    stream = random_stream(seed, 800, "mixed", columns=9, rows=4)
    with Terminal(9, 4, _mode="auto") as auto, Terminal(9, 4, _mode="grid") as grid, Terminal(9, 4, _mode="early") as early:
        frames = [terminal.frame() for terminal in (auto, grid, early)]
        for at in range(0, len(stream), 40):
            for terminal, frame in zip((auto, grid, early), frames):
                terminal.feed(stream[at : at + 40])
                frame.update()
            assert frames[0].lines == frames[1].lines == frames[2].lines
            assert content(frames[0]) == content(frames[1]) == content(frames[2])


def test_where_rows_begin_in_their_lines() -> None:
    with Terminal(4, 5) as terminal:
        terminal.feed("0123456789\r\n" + "\u754c" * 1 + "a" + "\u754c\u754c" + "\r\nx")
        frame = terminal.frame()
        frame.scroll(-10)
        frame.update()
        assert frame.lines == [(0, 0), (0, 4), (0, 8), (1, 0), (1, 3)]


def test_screens_and_snapshots_have_frames_too() -> None:
    with Screen(6, 2) as screen:
        screen.write("abc")
        with screen.snapshot() as snapshot:
            screen.write("def")
            assert (screen.frame().text(0), snapshot.frame().text(0)) == ("abcdef", "abc")
            assert snapshot.frame().update() == []


def test_protection_makes_no_other_style() -> None:
    with Terminal(6, 1) as terminal:
        terminal.feed("a\x1b[1\"qb\x1b[0\"qc\x1b[31md\x1b[1\"qe")
        frame = terminal.frame()
        assert frame.styles.tolist()[0] == [0, 0, 0, 1, 1, 0]
        assert [run.text for run in frame.runs(0)] == ["abc", "de"]


# ---- views ----------------------------------------------------------------------------------------------------------


def test_numpy_sees_the_arrays_themselves() -> None:
    with Terminal(5, 2) as terminal:
        frame = terminal.frame()
        arrays = {name: numpy.asarray(getattr(frame, name)) for name in ("codepoints", "widths", "styles", "links")}
        assert {name: array.dtype for name, array in arrays.items()} == {
            "codepoints": numpy.uint32, "widths": numpy.uint8, "styles": numpy.uint32, "links": numpy.uint32,
        }  # fmt: skip
        assert all(array.shape == (2, 5) and not array.flags.owndata for array in arrays.values())
        assert not any(array.flags.writeable for array in arrays.values())
        terminal.feed("\x1b[1m\x1b]8;;x:y\x1b\\\u754c")
        assert arrays["codepoints"][0, 0] == 0
        assert frame.update() == [0]
        assert [array[0, 0] for array in arrays.values()] == [0x754C, 2, 1, 1]


def test_views_outlive_resize_frame_and_terminal() -> None:
    terminal = Terminal(300, 100)
    terminal.feed("x" * 30_000)
    frame = terminal.frame()
    before = frame.codepoints
    array = numpy.asarray(frame.widths)
    for size in ((200, 50), (10, 400), (1, 1), (400, 100)):
        terminal.resize(*size)
        assert frame.update() == list(range(size[1]))
        assert frame.codepoints.shape == size[::-1]
    later = frame.styles
    terminal.close()
    with pytest.raises(ClosedError, match="Terminal is closed"):
        frame.update()
    with pytest.raises(ClosedError, match="Terminal is closed"):
        frame.scroll(1)
    assert frame.text(0) == "x" * 400
    frame.close()
    with pytest.raises(ClosedError, match="Frame is closed"):
        frame.text(0)
    with pytest.raises(ClosedError):
        frame.update()
    del frame, terminal
    assert before.shape == (100, 300) and before[0, 0] == before[99, 299] == ord("x")
    assert array.shape == (100, 300) and array.sum() == 30_000
    assert later.shape == (100, 400) and later[99, 399] == 0


# ---- tables ---------------------------------------------------------------------------------------------------------


def test_numbers_are_kept_and_tables_bounded() -> None:
    with Terminal(10, 4) as terminal:
        frame = terminal.frame()
        most, renumbered = 0, 0
        for step in range(2000):
            color = f"\x1b[38;2;{step % 256};{step // 256};7m\x1b]8;;x:{step}\x1b\\"
            terminal.feed(f"\x1b[{step % 4 + 1};1H{color}#")
            before = frame.style_table, frame.link_table
            changed = frame.update()
            assert changed in ([step % 4], [0, 1, 2, 3])
            if len(changed) == 4:
                renumbered += step > 0
            else:
                assert frame.style_table[: len(before[0])] == before[0]
                assert frame.link_table[: len(before[1])] == before[1]
            most = max(most, len(frame.style_table))
            assert frame.link_table[frame.links[step % 4, 0]] == f"x:{step}"
            assert frame.style_table[frame.styles[step % 4, 0]].foreground == (step % 256, step // 256, 7)
        assert renumbered == 1
        assert most <= 2 * 40 + 1024 + 40


def test_long_links_are_let_go() -> None:
    with Terminal(10, 2) as terminal:
        frame = terminal.frame()
        renumbered = 0
        for step in range(1500):
            terminal.feed(f"\x1b[H\x1b]8;;{step}{'x' * 4000}\x1b\\#")
            renumbered += frame.update() == [0, 1]
            assert frame._view.link_text_bytes <= (1 << 20) + 3 * 4100
        assert renumbered == 5


# ---- the viewport ---------------------------------------------------------------------------------------------------


def lines(begin: int, end: int) -> str:
    return "".join(f"\r\n{number}" for number in range(begin, end))


@pytest.mark.parametrize("mode", MODES)
def test_scrolling(mode: str) -> None:
    with Terminal(10, 3, _mode=mode) as terminal:
        terminal.feed("0" + lines(1, 10))
        frame = terminal.frame()
        assert (frame.following, frame.offset, frame.total_rows, frame.text(0)) == (True, 0, 10, "7")
        frame.scroll(-1)
        frame.scroll(-1)
        assert frame.following is False and frame.text(0) == "7"
        assert frame.update() == [0, 1, 2]
        assert (frame.offset, frame.text(0)) == (2, "5")
        terminal.feed(lines(10, 20))
        assert frame.update() == []
        assert (frame.offset, frame.total_rows, frame.text(0)) == (12, 20, "5")
        frame.scroll(-1000)
        frame.update()
        assert (frame.offset, frame.text(0)) == (17, "0")
        frame.scroll(16)
        frame.update()
        assert (frame.offset, frame.text(0), frame.following) == (1, "16", False)
        frame.scroll(5)
        frame.update()
        assert (frame.offset, frame.text(0), frame.following) == (0, "17", True)
        frame.scroll(-(2**63 - 1))
        frame.follow()
        assert frame.update() == [] and frame.following


@pytest.mark.parametrize("mode", MODES)
def test_a_pinned_frame_stays_on_its_line(mode: str) -> None:
    with (
        Arena(standard_page=SMALLEST_PAGE) as arena,
        Terminal(8, 3, scrollback=Limits(lines=60), arena=arena, _mode=mode) as terminal,
    ):
        terminal.feed("abcdefghijklmnopqrstuvwxyz" + lines(1, 20))
        frame = terminal.frame()
        frame.pin(0, 17)
        frame.update()
        assert (frame.text(0), frame.text(1), frame.lines[0]) == ("qrstuvwx", "yz", (0, 16))
        terminal.resize(5, 3)
        assert frame.update() == [0, 1, 2]
        assert (frame.text(0), frame.text(1), frame.lines[0]) == ("pqrst", "uvwxy", (0, 15))
        terminal.resize(30, 4)
        frame.update()
        assert (frame.text(0), frame.text(1)) == ("abcdefghijklmnopqrstuvwxyz", "1")
        terminal.feed(lines(20, 100))
        frame.update()
        assert frame.text(0) == terminal.history[0].text
        assert frame.offset == len(terminal.history) == 60
        terminal.clear_history()
        frame.update()
        assert (frame.offset, frame.total_rows, frame.following) == (0, 4, False)


def test_a_line_that_is_on_the_screen_is_pinned_when_it_leaves_it() -> None:
    with Terminal(8, 3) as terminal:
        terminal.feed("0\r\n1\r\n2")
        frame = terminal.frame()
        frame.pin(2)
        frame.update()
        assert (frame.offset, frame.text(0)) == (0, "0")
        terminal.feed(lines(3, 9))
        frame.update()
        assert (frame.offset, frame.text(0)) == (4, "2")
        frame.pin(2**64 - 1, 2**32 - 1)
        frame.update()
        assert frame.offset == 0


def test_history_behind_the_alternate_screen() -> None:
    with Terminal(8, 3) as terminal:
        terminal.feed("0" + lines(1, 9) + "\x1b[?1049h\x1b[Halternate")
        frame = terminal.frame()
        frame.scroll(-2)
        frame.update()
        assert [frame.text(y) for y in range(3)] == ["4", "5", "alternat"]
        agrees(frame, shown(terminal, frame))


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda frame: frame.text(3), ArgumentError),
        (lambda frame: frame.runs(-4), ArgumentError),
        (lambda frame: frame.wrapped(1.0), TypeError),
        (lambda frame: frame.pin(-1), ArgumentError),
        (lambda frame: frame.pin(0, 2**32), ArgumentError),
        (lambda frame: frame.scroll("1"), TypeError),
    ],
)
def test_bad_arguments(call, error) -> None:
    with Terminal(8, 3) as terminal:
        with pytest.raises(error):
            call(terminal.frame())
        assert terminal.frame().text(-1) == ""


# ---- memory and threads ---------------------------------------------------------------------------------------------


def test_a_first_look_without_memory() -> None:
    """Its tables grow for as many styles and links as it sees: none of that has been done by an attempt before."""
    printed = "\x1b[H" + "".join(f"\x1b[38;2;7;0;{n}m\x1b]8;;x:{n}\x1b\\e" for n in range(70))
    for nth in range(1, 200):
        with Terminal(20, 4) as terminal:
            frame = terminal.frame()
            held = content(frame)
            terminal.feed(printed)
            with fail("allocation", nth) as fault, contextlib.suppress(OutOfMemoryError):
                frame.update()
            if not fault.hits:
                break
            assert content(frame) == held and frame._violation() is None
            frame.update()
            agrees(frame, list(terminal.screen))
    assert 5 < nth < 199


def test_without_memory_it_is_what_it_was() -> None:
    with Terminal(20, 4) as terminal:
        frame = terminal.frame()
        for step in range(3):
            terminal.resize(20 + step, 4)
            terminal.feed("\x1b[2J\x1b[H" + "".join(f"\x1b[38;2;{step};0;{n}m\x1b]8;;x:{step}-{n}\x1b\\e\u0301" for n in range(70)))
            held = content(frame)
            for nth in range(1, 200):
                with fail("allocation", nth) as fault:
                    try:
                        changed = frame.update()
                    except OutOfMemoryError:
                        changed = None
                if changed is not None:
                    break
                assert fault.hits and content(frame) == held and frame._violation() is None
            else:
                pytest.fail("it never succeeds")
            assert nth > 3 and changed == [0, 1, 2, 3]
            agrees(frame, list(terminal.screen))


def test_threads_update_their_frames_while_one_feeds() -> None:
    failures: list[BaseException] = []
    stop = threading.Event()
    with Terminal(30, 8, scrollback=Limits(lines=200)) as terminal:
        shared = terminal.frame()

        def watch(frame: Frame) -> None:
            rng = random.Random(0)
            try:
                while not stop.is_set():
                    frame.update()
                    assert frame.codepoints.shape[0] in (8, 9)
                    if frame is not shared:
                        numbers = [int(frame.text(y).split()[1]) for y in range(frame.rows) if frame.text(y)]
                        assert not numbers or numbers == list(range(numbers[0], numbers[0] + len(numbers)))
                    else:
                        for y in range(8):
                            frame.runs(y)
                    rng.choice([frame.follow, lambda: frame.scroll(-5), lambda: None])()
            except BaseException as failure:
                failures.append(failure)

        frames = [shared, shared, terminal.frame(), terminal.frame()]
        threads = [threading.Thread(target=watch, args=(frame,)) for frame in frames]
        for thread in threads:
            thread.start()
        for number in range(3000):
            terminal.feed(f"\x1b[3{number % 8}mline {number} of some\r\n")
            if number % 300 == 0:
                terminal.resize(30, 8 + number % 600 // 300)
        stop.set()
        for thread in threads:
            thread.join()
        assert not failures
        shared.follow()
        shared.update()
        agrees(shared, list(terminal.screen))


def test_styles_from_the_core_are_those_that_are_made_with_checks() -> None:
    names = ["bold", "faint", "italic", "blink", "inverse", "invisible", "strikethrough", "overline"]
    packed = [attributes | attributes % 6 << 8 | 2048 for attributes in range(256)]
    infos = b"".join(struct.pack("@IIIHH", 2 << 24 | 0x0A141E, 1 << 24 | 7, 0, each, 0) for each in packed)
    for attributes, made in enumerate(styles_from_core(infos)):
        flags = {name: bool(attributes & 1 << bit) for bit, name in enumerate(names)}
        wanted = Style(underline=attributes % 6, foreground=(10, 20, 30), background=7, **flags)
        assert (made, hash(made)) == (wanted, hash(wanted))
        assert pickle.loads(pickle.dumps(made)) == copy.deepcopy(made) == wanted
        assert made.underline == attributes % 6  # the first of its fields to be asked for
        assert (repr(made), astuple(made)) == (repr(wanted), astuple(wanted))
        assert replace(made, bold=True) == replace(wanted, bold=True)
    with pytest.raises(AttributeError, match="'colour'"):
        made.colour  # noqa: B018
    with pytest.raises(FrozenInstanceError):
        made.bold = True  # type: ignore[misc]
    assert made != Style() != (0, 0, 0, 0)


def test_runs_are_a_sequence() -> None:
    with Terminal(20, 2) as terminal:
        terminal.feed("ab\x1b[1mc\x1b[m\x1b]8;;http://x\x1b\\界\x1b]8;;\x1b\\d")
        frame = terminal.frame()
        runs, wanted = frame.runs(0), list(terminal.screen[0].runs)
        assert len(wanted) == 4 and wanted[2].link == "http://x"
        assert runs == wanted == list(runs) and runs == tuple(wanted) and repr(runs) == repr(wanted)
        assert runs != wanted[:3] and runs != wanted[::-1] and runs != "abc" and frame.runs(1) == []
        assert (len(runs), runs[-1], runs[1:3], wanted[3] in runs) == (4, wanted[3], wanted[1:3], True)
        assert all(isinstance(run, Run) for run in runs)
        with pytest.raises(IndexError):
            runs[4]
        terminal.feed("\x1b[2J")
        frame.update()
        assert runs == wanted, "what was read stays"
