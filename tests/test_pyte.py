"""pyte's interface: what is fed and what methods do come to the same, whatever is overridden."""

from __future__ import annotations

import copy
import gc
import io
import random
import subprocess
import sys
import threading
from collections.abc import Iterable
from typing import Any

import pytest

import ghostpage.pyte as pyte
from faults import PAGE, Fault, sweep_call
from ghostpage import Arena, ArgumentError, Limits, memory
from ghostpage.pyte import charsets as cs
from ghostpage.pyte import control as ctrl
from ghostpage.pyte import graphics as g
from ghostpage.pyte import modes as mo
from ghostpage.pyte._terminal import ScreenTerminal
from ghostpage.pyte.screens import Char, Cursor, DebugEvent, Margins
from streams import random_stream
from test_faults import every_fault

EVENTS = sorted(pyte.Stream.events)


def fed(text: str, columns: int = 10, lines: int = 3, kind: type[pyte.Screen] = pyte.Screen) -> pyte.Screen:
    screen = kind(columns, lines)
    pyte.Stream(screen).feed(text)
    return screen


def shown(screen: pyte.Screen) -> tuple[Any, ...]:
    """All that can be seen of a screen."""
    rows = [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]
    cursor = screen.cursor
    place = cursor.x, cursor.y, cursor.attrs, cursor.hidden
    return rows, screen.display, place, screen.margins, set(screen.mode), set(screen.tabstops), screen.title, screen.icon_name


def overriding(names: Iterable[str], base: type[pyte.Screen] = pyte.Screen) -> type[pyte.Screen]:
    """A subclass that overrides methods, does what the base does, and counts."""

    def method(name: str) -> Any:
        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            self.called.append(name)
            return getattr(base, name)(self, *args, **kwargs)

        return call

    return type("Overriding", (base,), {"called": [], **{name: method(name) for name in names}})


def recorder(*names: str) -> tuple[pyte.Screen, list[tuple[Any, ...]]]:
    """A screen that only notes calls of some methods."""
    screen, calls = pyte.Screen(10, 3), []
    for name in names:
        setattr(screen, name, lambda *args, _name=name, **kwargs: calls.append((_name, *args, *kwargs.items())))
    return screen, calls


# ---- streams and methods -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(60))
def test_what_is_overridden_does_the_same(seed: int):
    """Fed whole to a plain screen, and in pieces to one of which all or some methods are overridden."""
    rng = random.Random(seed)
    columns, lines = rng.choice([(20, 5), (10, 4), (7, 3), (2, 2), (80, 24)])
    names = rng.choice([EVENTS, EVENTS, ["index"], ["linefeed", "carriage_return"], rng.sample(EVENTS, 6)])
    data = random_stream(seed, 300, rng.choice(["log", "shell", "tui", "mixed"]), columns=columns, rows=lines)
    plain, other = pyte.Screen(columns, lines), overriding(names)(columns, lines)
    pyte.ByteStream(plain).feed(data)
    stream = pyte.ByteStream(other)
    while data:
        length = rng.randint(1, 9)
        stream.feed(data[:length])
        data = data[length:]
    assert shown(other) == shown(plain)


@pytest.mark.parametrize("name", sorted(set(EVENTS) - {"debug"}))
def test_every_event_calls_its_method(name: str):
    screen, calls = recorder(name)
    stream = pyte.Stream(screen)
    for table, begin in ((stream.basic, ""), (stream.escape, "\x1b"), (stream.sharp, "\x1b#"), (stream.csi, "\x1b[5")):
        for final in (final for final, event in table.items() if event == name):
            before = len(calls)
            stream.feed(begin + final)
            assert len(calls) == before + 1, (begin, final)
    stream.feed("text\x1b(0\x1b]0;title\a")
    assert {call[0] for call in calls} == {name}


def test_methods_get_what_they_take():
    calls = []

    class Screen(pyte.Screen):
        def cursor_position(self, line=None, column=None):
            calls.append((line, column))

        def cursor_up(self, count):
            calls.append(count)

    fed("\x1b[1;2;3;4H\x1b[99999A\x1b[;H", kind=Screen)
    assert calls == [(1, 2), 9999, (0, 0)]


def test_a_question_mark_is_another_control():
    """CSI ? r restores modes, and is no DECSTBM."""
    screen, calls = recorder("set_margins", "set_mode", "select_graphic_rendition")
    pyte.Stream(screen).feed("\x1b[?1s\x1b[?1h\x1b[?1r\x1b[?4m\x1b[2;3r\x1b[4h")
    assert calls == [("set_mode", 1, ("private", True)), ("set_margins", 2, 3), ("set_mode", 4)]


def test_sub_parameters_have_no_method():
    screen, calls = recorder("select_graphic_rendition")
    pyte.Stream(screen).feed("\x1b[4:3m\x1b[1m")
    assert calls == [("select_graphic_rendition", 1)]
    assert screen.cursor.attrs.underscore


def test_debug_hears_of_what_has_no_method_and_it_is_done():
    screen, calls = recorder("debug")
    pyte.Stream(screen).feed("\tx\x1b[2Z\x1b[?1;2;3$r\x1b=")
    assert calls == [("debug", 2), ("debug",)]
    assert (screen.cursor.x, screen.terminal.mode(66)) == (0, True)


def test_wraps_call_what_begins_another_row():
    kind = overriding(["index", "linefeed", "carriage_return"])
    screen = fed("0123456789ab", 5, 3, kind)
    assert kind.called.count("index") == kind.called.count("linefeed") == 2
    assert screen.display == ["01234", "56789", "ab   "]
    assert screen.terminal.screen[0].wrapped  # the core has wrapped it


def test_c1_controls_end_a_text_that_is_drawn():
    screen, calls = recorder("draw", "set_title")
    pyte.Stream(screen).feed("a\x9b2;3Hb\xa0\x85\x9d2;t\x9cc")
    assert calls == [("draw", "a"), ("draw", "b\xa0"), ("set_title", "t"), ("draw", "c")]
    assert (screen.cursor.x, screen.cursor.y) == (0, 2)


def test_an_override_may_do_nothing():
    class Screen(pyte.Screen):
        def draw(self, data):
            pass

        def index(self):
            pass

    assert fed("a\nb", kind=Screen).display == [" " * 10] * 3


def test_rows_that_an_index_keeps_are_kept_as_they_were():
    class Screen(pyte.Screen):
        def index(self):
            kept.append(self.buffer[0])
            super().index()

    kept: list[Any] = []
    fed("\x1b[31mone\r\ntwo\r\nthree\r\nfour", 10, 2, Screen)
    assert ["".join(line[x].data for x in range(10)).rstrip() for line in kept] == ["one", "one", "two"]
    assert kept[0][0].fg == "red"


def test_what_a_method_raises_is_raised_at_the_end():
    def fail(*args: Any, **kwargs: Any) -> None:
        raise LookupError(args)

    screen = pyte.Screen(10, 1)
    screen.set_mode = fail
    stream = pyte.Stream(screen)
    with pytest.raises(LookupError, match="4"):
        stream.feed("a\x1b[4hb\x1b[20hc")
    assert screen.display == ["abc       "]


def test_a_method_may_feed_and_draw():
    class Screen(pyte.Screen):
        def set_margins(self, *args):
            stream.feed("fed ")
            self.draw("drawn ")

    screen = Screen(20, 1)
    stream = pyte.Stream(screen)
    stream.feed("a \x1b[1;2rb")
    assert screen.display == ["a fed drawn b       "]


def test_a_method_may_feed_the_terminal():
    class Screen(pyte.Screen):
        def set_margins(self, *args):
            self.terminal.feed(f"{args[0]}\x1b[5n\x1b[1;2r")

    screen = fed("a\x1b[7;9rb\x1b[8;9rc\x1b[5n", 10, 3, Screen)
    assert screen.display[0] == "c8        " and screen.terminal.take_replies() == b"\x1b[0n" * 2


def test_methods_see_what_came_before_them():
    seen = []

    class Screen(pyte.Screen):
        def save_cursor(self):
            seen.append((self.display[0].rstrip(), "".join(char.data for char in self.buffer[0].values()), sorted(self.dirty)))
            self.dirty.clear()

    fed("\x1b7a\x1b7b\r\nx\x1b[Hc\x1b7\x1b7", kind=Screen)
    assert seen == [("", "", [0, 1, 2]), ("a", "a", [0]), ("cb", "cb", [0, 1]), ("cb", "cb", [])]


def test_a_new_line_returns_where_line_feeds_are_overridden():
    assert fed("ab\x1bEc\x85d", kind=overriding(["linefeed"])).display == ["ab        ", "c         ", "d         "]


def test_a_sequence_that_is_fed_in_part_waits_while_methods_are_called():
    screen = pyte.Screen(20, 2)
    stream = pyte.ByteStream(screen)
    stream.feed(b"\xe7\x95")
    screen.select_graphic_rendition(1)
    stream.feed(b"\x8c\x1b[3")
    screen.cursor_position(2, 5)
    screen.set_mode(mo.IRM)
    stream.feed(b"1mx")
    assert (screen.buffer[0][0].data, screen.buffer[0][0].bold) == ("\u754c", True)
    assert (screen.buffer[1][4].data, screen.buffer[1][4].fg) == ("x", "red")


def test_methods_work_while_the_terminal_is_a_vt52():
    screen, calls = recorder("index")
    stream = pyte.Stream(screen)
    stream.feed("abc\x1b[?2l\x1bD")
    screen.select_graphic_rendition(1)
    screen.cursor_position(2, 3)
    stream.feed("\x1bDx\x1b<\x1b[my\x1bD")
    assert (screen.display, calls) == (["abc       ", " xy       ", " " * 10], [("index",)])
    stream.feed("\x1b[?2l")
    screen.reset()
    stream.feed("\x1b[2;3Hz")
    assert screen.display[1] == "  z       "


def test_bells_titles_and_replies_are_told():
    screen, calls = recorder("bell", "write_process_input", "set_title", "set_icon_name")
    pyte.Stream(screen).feed("\a\a\x1b]2;one\a\x1b[5n\x1b]1;two\a\a\x1b[6n")
    assert [call for call in calls if call[0] != "bell"] == [
        ("set_title", "one"), ("write_process_input", "\x1b[0n"), ("set_icon_name", "two"), ("write_process_input", "\x1b[1;1R"),
    ]  # fmt: skip
    assert calls.count(("bell",)) == 3
    screen.report_device_status(5)
    assert calls[-1] == ("write_process_input", "\x1b[0n")


def test_other_events_can_be_taken_from_the_terminal():
    screen = fed("\a\x1b]7;file:///tmp\a\x1b]2;title\a")
    assert [type(event).__name__ for event in screen.terminal.take_events()] == ["WorkingDirectoryChanged"]
    screen.terminal.feed("\x1b[5n\a")
    assert screen.terminal.take_replies() == b"\x1b[0n"


def test_any_object_with_the_methods_can_listen():
    calls = []

    class Listener:
        def __getattr__(self, name):
            return lambda *args, **kwargs: calls.append((name, *args))

    pyte.Stream(Listener()).feed("ab\r\n\x1b[2;3H\x1b[c\x1b]2;title\x1b\\\x1bE")
    assert calls == [
        ("draw", "ab"), ("carriage_return",), ("linefeed",), ("cursor_position", 2, 3), ("report_device_attributes",),
        ("set_title", "title"), ("linefeed",),
    ]  # fmt: skip
    with pytest.raises(TypeError, match="object has no alignment_display, backspace"):
        pyte.Stream(object())
    with pytest.raises(RuntimeError, match="no screen"):
        pyte.Stream().feed("a")


def test_a_stream_may_have_its_own_tables():
    class Stream(pyte.Stream):
        csi = {**pyte.Stream.csi, "y": "confidence_test", "A": "cursor_down"}
        escape = {**pyte.Stream.escape, "P": "prev_page", "N": "next_page"}

    class Screen(pyte.HistoryScreen):
        tests: list[int] = []

        def confidence_test(self, *parameters):
            self.tests.extend(parameters)

    screen = Screen(10, 2)
    stream = Stream(screen)
    stream.feed("1\r\n2\r\n3\r\n4\x1b[2;1y\x1b[H\x1b[A")
    assert (screen.tests, screen.cursor.y) == ([2, 1], 1)
    for part in ("\x1bP", "\x1b", "P"):
        stream.feed(part)
    assert (screen.display, screen.cursor.hidden) == (["1         ", "2         "], True)
    stream.feed("\x1bN")
    assert screen.display == ["2         ", "3         "]
    stream.feed("x")
    assert screen.display == ["3         ", "x         "]


def test_text_of_eight_bits():
    screen = pyte.Screen(10, 2)
    stream = pyte.ByteStream(screen)
    for part in (b"\x1b", b"%", b"@", b"\x1b(U", "\u03b1\u00e9\u2592".encode("cp437"), b"\x1b)0\x0eq\x0f\x1b%G", "\u754c".encode()):
        stream.feed(part)
    assert screen.display[0] == "\u03b1\u00e9\u2592\u2500\u754c    "
    assert (screen.g0_charset, screen.g1_charset, screen.charset) == (cs.IBMPC_MAP, cs.VT100_MAP, 0)
    screen.g0_charset = "".join(chr(0x2500 + i) for i in range(256))
    screen.draw("!")
    assert screen.display[0][5] == "\u2521"


def test_sets_that_are_not_pytes_are_the_terminals():
    for kind in (pyte.Screen, overriding(["define_charset"])):
        assert fed("\x1b(A#\x1b(0q\x1b(Bq\x1b)0\x0eq\x0fq", kind=kind).display[0] == "\xa3\u2500q\u2500q     "


def test_the_debug_screen_writes_events_that_can_be_called_again():
    written = io.StringIO()
    text = "a\x1b[1;31mb\x1b[2;2Hc\x1b[?6l"
    pyte.Stream(pyte.DebugScreen(to=written)).feed(text)
    screen = pyte.Screen(10, 3)
    for line in written.getvalue().splitlines():
        DebugEvent.from_string(line)(screen)
    assert shown(screen) == shown(fed(text))


def test_install_lets_others_find_it():
    program = (
        "import ghostpage.pyte; ghostpage.pyte.install(); import pyte, pyte.screens; from pyte import modes as mo\n"
        "from pyte.streams import Stream; from pyte.screens import Char, Margins, Cursor\n"
        "assert pyte is ghostpage.pyte and pyte.screens.Screen is pyte.Screen is ghostpage.pyte.Screen and mo.LNM == 20\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    printed = subprocess.run([sys.executable, "-m", "ghostpage.pyte", "\aa"], check=True, capture_output=True, text=True)
    assert printed.stdout.split("\n")[:2] == ['["bell", [], {}]', '["draw", ["a"], {}]']


# ---- what is seen ------------------------------------------------------------------------------------------------------


def test_cells():
    text = "\x1b[1;2;3;4;5;7;9;38;5;200;48;2;1;2;3ma\x1b[m\x1b[95;101mb\x1b[m\x1b]8;;http://x\x1b\\c\x1b]8;;\x1b\\e\u0301\u754c"
    screen = fed(text)
    assert [screen.buffer[0][x] for x in range(7)] == [
        Char("a", "ff00d7", "010203", True, True, True, True, True, True, True),
        Char("b", "brightmagenta", "brightred"),
        Char("c", link="http://x"),
        Char("e\u0301"),
        Char("\u754c"),
        Char(""),
        Char(" "),
    ]
    assert screen.display[0] == "abce\u0301\u754c    "


def test_a_row_has_what_was_printed():
    screen = fed("ab  c   \r\n\r\n\x1b[41m \x1b[m")
    assert list(screen.buffer[0]) == [0, 1, 2, 3, 4]
    assert (len(screen.buffer[1]), 0 in screen.buffer[1], screen.buffer[1].get(0), screen.buffer[1][99].data) == (0, False, None, " ")
    assert max(screen.buffer[2]) == 0
    assert (len(screen.buffer), list(screen.buffer), screen.buffer.get(7, {})) == (3, [0, 1, 2], {})


def test_wrapped_rows_say_so():
    screen = fed("0123456\u754c\u754c", 7)
    assert [x for x in range(7) if screen.buffer[0][x].wrapped] == [6]
    assert not screen.buffer[1][6].wrapped
    screen = fed("012345\u754c", 7)
    assert (screen.buffer[0][6].wrapped, screen.buffer[0][6].data, len(screen.buffer[0])) == (True, " ", 7)


@pytest.mark.parametrize("seed", range(8))
def test_rows_are_read_as_the_terminal_has_them(seed: int):
    screen = pyte.HistoryScreen(20, 5, history=30)
    stream = pyte.ByteStream(screen)
    for part in range(6):
        stream.feed(random_stream(10 * seed + part, 300, "mixed", columns=20, rows=5))
        rows = [*screen.terminal.history, *screen.terminal.screen]
        lines = [*screen.history.top, *(screen.buffer[y] for y in range(5))]
        assert len(rows) == len(lines)
        for row, line in zip(rows, lines):
            assert ["" if cell.width == 0 else cell.text or " " for cell in row.cells] == [line[x].data for x in range(20)]
            assert [cell.style.bold for cell in row.cells] == [line[x].bold for x in range(20)]
            assert [cell.hyperlink for cell in row.cells] == [line[x].link for x in range(20)]
            assert line[19].wrapped == row.wrapped
        for row, text in zip(screen.terminal.screen, screen.display):
            assert text == "".join("" if cell.width == 0 else cell.text or " " for cell in row.cells)


def test_a_screen_in_reverse():
    screen = fed("a\x1b[7mb\x1b[m\x1b[?5h")
    assert [screen.buffer[0][x].reverse for x in range(3)] == [True, False, True]
    assert screen.default_char.reverse and mo.DECSCNM in screen.mode
    screen.buffer[0][2] = Char("c", reverse=True)
    pyte.Stream(screen).feed("\x1b[?5l")
    assert [screen.buffer[0][x].reverse for x in range(3)] == [False, True, False]


def test_dirty_rows():
    screen = pyte.Screen(10, 4)
    stream = pyte.Stream(screen)
    assert screen.dirty == {0, 1, 2, 3}
    screen.dirty.clear()
    stream.feed("\x1b[2;1Hx\x1b[4;1Hy")
    assert screen.dirty == {1, 3}
    assert screen.dirty == {1, 3}
    screen.dirty.clear()
    stream.feed("\x1b[2;1Hx")
    assert screen.dirty == set()  # as it was
    screen.draw("x")
    screen.erase_in_line()
    assert screen.dirty == {1}
    screen.dirty = {2}
    stream.feed("\x1b[?5h")
    assert screen.dirty == {0, 1, 2, 3}
    screen.resize(2, 10)
    assert screen.dirty == {0, 1}


def test_dirty_rows_are_those_that_changed_since_they_were_cleared():
    screen = pyte.Screen(20, 5)
    stream = pyte.ByteStream(screen)
    before = screen.display
    for seed in range(40):
        screen.dirty.clear()
        stream.feed(random_stream(seed, 30, "tui", columns=20, rows=5))
        after = screen.display
        assert {y for y in range(5) if before[y] != after[y]} <= screen.dirty
        before = after


def test_the_cursor():
    screen = fed("abc", 3)
    assert (screen.cursor.x, screen.cursor.y) == (3, 0)
    screen.cursor.x, screen.cursor.y = 1, 2
    screen.cursor.attrs = Char(" ", fg="blue", bold=True)
    screen.draw("x")
    assert (screen.buffer[2][1].fg, screen.buffer[2][1].bold, screen.cursor.x) == ("blue", True, 2)
    kept = copy.copy(screen.cursor)
    screen.cursor = Cursor(0, 0)
    assert (screen.cursor.x, screen.cursor.attrs, kept.x, kept.y, kept.attrs.fg) == (0, Char(" "), 2, 2, "blue")
    screen.cursor.hidden = True
    assert mo.DECTCEM not in screen.mode
    screen.cursor.x = 10**9
    assert screen.cursor.x == 2
    with pytest.raises(ArgumentError, match="fg must be"):
        screen.cursor.attrs = Char(" ", fg="no such")


def test_modes_and_tab_stops_are_sets_of_the_terminal():
    screen = fed("\x1b[?2004h\x1b[20h", 30)
    assert {2004 << 5, mo.LNM, mo.DECAWM} <= screen.mode
    screen.mode.discard(mo.LNM)
    screen.mode.add(mo.DECOM)
    assert (screen.terminal.mode(20, ansi=True), screen.terminal.mode(6)) == (False, True)
    screen.set_mode(9998, private=True)
    screen.set_mode(31)
    assert {9998 << 5, 31} <= set(screen.mode) and screen.mode - {31} < screen.mode.copy()
    screen.reset()
    assert 31 not in screen.mode and mo.DECOM not in screen.mode
    screen.mode = {mo.DECAWM}
    assert mo.DECTCEM not in screen.mode and screen.cursor.hidden
    assert screen.tabstops == {8, 16, 24}
    screen.tabstops.add(3)
    screen.tabstops.discard(16)
    screen.draw("x")
    screen.tab()
    assert (screen.tabstops, screen.cursor.x) == ({3, 8, 24}, 3)
    screen.tabstops = {5}
    assert screen.terminal._tabs() == [0, 5] or screen.terminal._tabs() == [5]


def test_margins_can_be_set():
    screen = pyte.Screen(10, 5)
    screen.margins = Margins(1, 3)
    assert screen.margins == (1, 3)
    screen.margins = None
    assert screen.margins is None
    with pytest.raises(ArgumentError):
        screen.margins = Margins(3, 1)


# ---- what is assigned --------------------------------------------------------------------------------------------------


def test_cells_can_be_assigned():
    screen = fed("\x1b[3;4Habcdef\x1b[1mx", 10, 3)
    before = copy.copy(screen.cursor)
    assert before.x == 10
    screen.buffer[0][9] = Char("z", fg="red", link="http://y")
    screen.buffer[1][2] = Char("e\u0301\u0323", bg="0a0b0c")
    screen.buffer[2][4] = Char("\u754c")
    screen.buffer[2][5] = Char("")
    assert screen.display == ["         z", "  e\u0301\u0323       ", "   a\u754cdefx"]
    assert (screen.buffer[0][9].link, screen.buffer[1][2].bg) == ("http://y", "0a0b0c")
    assert (screen.cursor.x, screen.cursor.y, screen.cursor.attrs) == (before.x, before.y, before.attrs)
    screen.buffer[2][5] = Char("!")  # half of a wide cell
    assert screen.display[2] == "   a !defx"
    screen.buffer[1][8] = Char("\u754c")
    screen.buffer[1][8] = Char("h")
    assert (screen.buffer[1][8].data, screen.buffer[1][9].data) == ("h", " ")
    screen.buffer[1][8] = Char(" ")
    screen.draw("y")  # the wrap was still to come
    assert screen.display == ["  e\u0301\u0323       ", "   a !defx", "y         "]


def test_cells_that_cannot_be():
    screen = fed("abc", 3)
    screen.buffer[0][2] = Char("\u754c")
    assert screen.buffer[0][2].data == " "
    screen.buffer[0][1] = Char("\x1bq\n")
    assert screen.display[0] == "aq "
    for wrong in (3, -1):
        with pytest.raises(ArgumentError, match="from 0 to 2"):
            screen.buffer[0][wrong] = Char("x")
    with pytest.raises(ArgumentError, match="not on the screen"):
        screen.buffer[7][0] = Char("x")
    with pytest.raises(ArgumentError):
        screen.buffer[0][0] = Char("a" + "\u0301" * 40)
    with pytest.raises(ArgumentError, match="'#ff0000'"):
        screen.buffer[0][0] = Char("x", bg="#ff0000")
    assert screen.display[0] == "aq "


def test_rows_can_be_assigned_and_taken_away():
    screen = fed("one\r\n\x1b[31mtwo\r\nthree")
    kept = screen.buffer[0]
    screen.buffer[0] = screen.buffer[1]
    screen.buffer[1] = {1: Char("x")}
    assert screen.display == ["two       ", " x        ", "three     "]
    assert (screen.buffer[0][0].fg, kept[0].data, screen.buffer[-1][0].data) == ("red", "o", "t")
    screen.buffer.pop(2)
    assert screen.buffer[0].pop(0).data == "t"
    assert screen.display == [" wo       ", " x        ", " " * 10]
    copied = copy.deepcopy(screen.buffer)
    screen.buffer.clear()
    assert screen.display == [" " * 10] * 3
    assert "".join(copied[0][x].data for x in range(4)) == " wo "
    screen.buffer.update(copied)
    assert screen.display[:2] == [" wo       ", " x        "]
    screen.buffer = {1: copied[0]}
    assert screen.display == [" " * 10, " wo       ", " " * 10]


# ---- history -----------------------------------------------------------------------------------------------------------


def paged(rows: int = 20, **options: Any) -> pyte.HistoryScreen:
    screen = pyte.HistoryScreen(10, 4, **options)
    pyte.Stream(screen).feed("\r\n".join(map(str, range(rows))))
    return screen


def words(lines: Iterable[Any]) -> list[str]:
    return ["".join(line[x].data for x in range(10)).strip() for line in lines]


def test_history_is_read_in_every_way():
    screen = paged()
    top = screen.history.top
    assert words(top) == [str(n) for n in range(16)]
    assert words(reversed(top))[:3] == ["15", "14", "13"]
    assert words(top[-3:]) == words(list(top)[13:]) == ["13", "14", "15"]
    assert words(top[::5]) == ["0", "5", "10", "15"]
    assert (words([top[0], top[-1]]), len(top), top.maxlen, bool(screen.history.bottom)) == (["0", "15"], 16, 100, False)
    with pytest.raises(IndexError):
        top[16]
    with pytest.raises(ArgumentError, match="cannot be written"):
        top[0][0] = Char("x")


def test_pages():
    screen = paged(ratio=0.75)
    assert screen.history.position == 100
    screen.dirty.clear()
    screen.prev_page()
    assert words(screen.buffer.values()) == ["13", "14", "15", "16"]
    assert (words(screen.history.bottom), len(screen.history.top)) == (["17", "18", "19"], 13)
    assert (screen.history.position, screen.cursor.hidden, screen.dirty) == (97, True, {0, 1, 2, 3})
    with pytest.raises(ArgumentError, match="cannot be written"):
        screen.buffer[0][0] = Char("x")
    screen.history = screen.history._replace(position=90)
    assert words(screen.buffer.values()) == ["6", "7", "8", "9"]
    screen.next_page()
    assert words(screen.buffer.values())[0] == "9"
    screen.draw("!")
    assert (words(screen.buffer.values()), screen.history.position) == (["16", "17", "18", "19!"], 100)
    assert not screen.cursor.hidden


def test_paging_ends_at_the_ends():
    screen = paged(6)
    for _ in range(5):
        screen.prev_page()
    assert words(screen.buffer.values()) == ["0", "1", "2", "3"]
    for _ in range(5):
        screen.next_page()
    assert screen.history.position == 100 and words(screen.buffer.values()) == ["2", "3", "4", "5"]


def test_history_has_its_size():
    screen = paged(200, history=10)
    assert words(screen.history.top) == [str(n) for n in range(186, 196)]
    screen.history = screen.history._replace(size=3)
    assert (len(screen.history.top), screen.terminal.limits) == (3, Limits(lines=3))
    screen.history.top.clear()
    assert len(screen.history.top) == 0
    with pytest.raises(TypeError, match="terminal's"):
        screen.history = screen.history._replace(top=[])


def test_the_alternate_screen_has_no_history():
    screen = paged(10)
    pyte.Stream(screen).feed("\x1b[?1049h\x1b[Hvi\r\n" + "\n" * 9)
    assert screen.alternate_screen and len(screen.history.top) == 6
    pyte.Stream(screen).feed("\x1b[?1049l")
    assert words(screen.buffer.values()) == ["6", "7", "8", "9"]


# ---- the rest ----------------------------------------------------------------------------------------------------------


def test_sizes():
    screen = fed("0123456789abcde")
    screen.resize(columns=5)
    assert (screen.display, screen.columns, screen.lines) == (["01234", "56789", "abcde"], 5, 3)
    screen.set_margins(1, 2)
    screen.resize(2)
    assert (screen.margins, screen.lines, repr(screen)) == (None, 2, "Screen(5, 2)")
    with pytest.raises(ArgumentError):
        screen.resize(70_000, 70_000)
    with pytest.raises(ArgumentError):
        pyte.Screen(0, 5)


def test_wrong_arguments_change_nothing():
    screen = fed("abc")
    before = shown(screen)
    for call in (
        lambda: screen.cursor_up(-1),
        lambda: screen.set_mode(-3),
        lambda: screen.select_graphic_rendition(-1),
    ):
        with pytest.raises(ArgumentError):
            call()
    with pytest.raises(TypeError):
        screen.cursor_position("1")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="str, not bytes"):
        pyte.Stream(screen).feed(b"x")  # type: ignore[arg-type]
    for wrong in ("x", 5):
        with pytest.raises(TypeError):
            pyte.ByteStream(screen).feed(wrong)  # type: ignore[arg-type]
    screen.define_charset("\x1b", "(")
    screen.define_charset("B", "*")
    assert shown(screen) == before


def test_a_screen_is_freed_with_the_last_reference():
    gc.disable()
    try:
        baseline = memory.ledger().mappings
        screen = paged()
        stream = pyte.Stream(screen)
        stream.feed("x")
        assert screen.display and screen.dirty and screen.buffer[0][0].data and screen.history.position
        del screen, stream
        memory.trim()
        assert memory.ledger().mappings == baseline
    finally:
        gc.enable()


ORDERS: dict[str, Any] = {
    "a cell": lambda it: it.put(3, 1, Char("e\u0301\u0323", fg="0a0b0c", link="http://" + "x" * 200)),
    "clearing": lambda it: it.order("\x1b[2J"),
    "a place": lambda it: it.order("\x1b[2;3H"),
    "another screen": lambda it: it.order("\x1b[?1049h"),
}


@every_fault
@pytest.mark.parametrize("order", ORDERS)
def test_without_memory_an_order_is_not_carried_out(order: str, fault: Fault):
    def opened() -> ScreenTerminal:
        terminal = ScreenTerminal(12, 4, 40, arena)
        terminal.feed(b"one\r\n\x1b[1;31mtwo\x1b[m\r\nthree four five six\r\n" * 3 + b"seven\x1b[3")
        return terminal

    with Arena(standard_page=PAGE, pool_idle=float("inf")) as arena:
        assert sweep_call(opened, ORDERS[order], arena, fault) or fault[0] == "allocation"


def test_one_thread_reads_while_another_feeds():
    screen = pyte.HistoryScreen(20, 5, history=50)
    stream = pyte.Stream(screen)
    ended = threading.Event()

    def feed() -> None:
        for n in range(300):
            stream.feed(f"\x1b[3{n % 8}m{n} \u754c e\u0301\r\n\x1b[2;3H{n}")
        ended.set()

    thread = threading.Thread(target=feed)
    thread.start()
    while not ended.is_set():
        assert len(screen.display) == 5
        assert all(isinstance(char, Char) for char in screen.buffer[2].values())
        list(screen.history.top)
    thread.join()
    assert screen.display == [row.text.ljust(20 - row.text.count("\u754c") + row.text.count("\u0301")) for row in screen.terminal.screen]


def test_constants():
    assert (mo.DECOM, mo.LNM, g.FG_BG_256[196], len(g.FG_BG_256)) == (192, 20, "ff0000", 256)
    assert (g.TEXT[22], g.TEXT[24], g.FG_AIXTERM[97], ctrl.CSI) == ("-bold", "-underscore", "brightwhite", "\x1b[")
    assert all(len(charset) == 256 for charset in cs.MAPS.values())
