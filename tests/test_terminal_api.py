"""The terminal as Python sees it: what it is told, what it answers, and what it makes of wrong use."""

from __future__ import annotations

import array
import copy
import mmap
import pickle
import threading
from dataclasses import FrozenInstanceError, asdict

import pytest

from ghostpage import (
    Arena,
    ArgumentError,
    Bell,
    Cell,
    ClosedError,
    Cursor,
    Geometry,
    IconTitleChanged,
    Limits,
    MemoryUse,
    Palette,
    RowSequence,
    Run,
    Style,
    Terminal,
    TitleChanged,
    WorkingDirectoryChanged,
)
from ghostpage import rows
from ghostpage._core import lib
from ghostpage._protocol import outbox

FAMILY = "👨‍👩‍👧"


def shown(terminal):
    return [row.text for row in terminal.screen]


def past(terminal):
    return [row.text for row in terminal.history]


def numbered(count, first=0):
    return b"".join(b"%d\r\n" % number for number in range(first, first + count))


# ---- making one -----------------------------------------------------------------------------------------------------


def test_what_it_is_made_with():
    with Terminal() as terminal:
        assert (terminal.columns, terminal.rows, terminal.limits) == (80, 24, Limits(lines=10_000))
    with Terminal(7, 5, scrollback=Limits(bytes=1 << 20)) as terminal:
        assert (terminal.columns, terminal.rows, terminal.limits) == (7, 5, Limits(bytes=1 << 20))
        assert repr(terminal) == "<Terminal of 7 by 5, 0 rows of history>"
    assert repr(terminal) == "<Terminal, closed>"


@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (65_535, 1), (1, 65_535), (65_535, 256), (4096, 4096)])
def test_sizes_at_the_edge(columns, rows):
    with Terminal(columns, rows) as terminal:
        terminal.feed("x" * 3)
        assert (terminal.columns, terminal.rows) == (columns, rows)
        assert len(terminal.screen) == rows
        assert len(terminal.screen[0].cells) == columns


@pytest.mark.parametrize(
    ("columns", "rows", "error", "message"),
    [
        (0, 24, ArgumentError, "columns must be from 1 to 65535, not 0"),
        (80, 0, ArgumentError, "rows must be from 1 to 65535, not 0"),
        (-1, 24, ArgumentError, "columns must be from 1 to 65535, not -1"),
        (65_536, 1, ArgumentError, "columns must be from 1 to 65535, not 65536"),
        (1, 2**64, ArgumentError, "rows must be from 1 to 65535, not 18446744073709551616"),
        (1, 10**100, ArgumentError, "rows must be from 1 to 65535, not an int of [0-9]+ bits"),
        (4097, 4096, ArgumentError, r"columns \* rows must be at most 16777216, not 4097 \* 4096 = 16781312"),
        (True, 24, TypeError, "columns must be an int, not bool"),
        (80, "24", TypeError, "rows must be an int, not str"),
        (80.0, 24, TypeError, "columns must be an int, not float"),
        (None, 24, TypeError, "columns must be an int, not NoneType"),
    ],
)
def test_sizes_out_of_range(columns, rows, error, message, terminal):
    with pytest.raises(error, match=message):
        Terminal(columns, rows)
    terminal.feed("kept")
    with pytest.raises(error, match=message):
        terminal.resize(columns, rows)
    assert (terminal.columns, terminal.rows, shown(terminal)[0]) == (10, 3, "kept")


def test_other_arguments_of_the_wrong_type(terminal):
    with pytest.raises(TypeError, match="scrollback must be Limits, not int"):
        Terminal(scrollback=1000)
    with pytest.raises(TypeError, match="arena must be an Arena or None, not str"):
        Terminal(arena="default")
    with pytest.raises(TypeError, match="limits must be Limits, not NoneType"):
        terminal.limits = None
    with pytest.raises(ArgumentError, match="_mode must be one of"):
        Terminal(_mode="text")
    with pytest.raises(TypeError, match="geometry must be a Geometry, not tuple"):
        terminal.geometry = (8, 16)
    with pytest.raises(TypeError, match="palette must be a Palette, not dict"):
        terminal.palette = {}
    with pytest.raises(ArgumentError, match="color_scheme must be 'dark' or 'light', not 'blue'"):
        terminal.color_scheme = "blue"
    assert (terminal.geometry, terminal.palette, terminal.color_scheme) == (Geometry(), Palette(), "dark")


def test_the_screen_fits_any_limit():
    with Terminal(10, 3, scrollback=Limits(bytes=10)) as terminal:
        terminal.feed(numbered(100_000) + b"\x1b[Hgrid")
        assert len(terminal.history) < 50_000
        assert shown(terminal) == ["grid8", "99999", ""]


# ---- closing --------------------------------------------------------------------------------------------------------


def test_a_closed_terminal_refuses_everything():
    terminal = Terminal()
    terminal.feed("x")
    screen = terminal.screen
    memory = terminal.memory
    terminal.close()
    terminal.close()
    assert terminal.closed
    names = [name for name in dir(Terminal) if not name.startswith("_") and name not in ("close", "closed", "load")]
    arguments = {
        "feed": [""], "locate": [(0, 0)], "mode": [7], "position": [0], "search": ["x"], "resize": [80, 24], "save": ["nowhere"],
        "time_of": [0], "answer_clipboard": ["c", b""], "focus": [True], "key": ["a"], "mouse": ["press", "left", 0, 0], "paste": ["x"],
    }
    for name in names:
        with pytest.raises(ClosedError, match="this Terminal is closed"):
            value = getattr(terminal, name)
            value(*arguments.get(name, []))
    for use in (
        lambda: len(screen),
        lambda: screen[0],
        lambda: list(screen),
        lambda: setattr(terminal, "limits", Limits()),
        terminal.__enter__,
        lambda: memory.resident,
    ):
        with pytest.raises(ClosedError, match="this Terminal is closed"):
            use()


def test_closed_by_with_whatever_happens():
    with pytest.raises(KeyError):
        with Terminal() as terminal:
            raise KeyError
    assert terminal.closed


def test_closing_while_others_use_it():
    for _ in range(20):
        terminal = Terminal(40, 10)
        begun = threading.Event()
        errors = []

        def use(terminal=terminal, begun=begun, errors=errors):
            try:
                while True:
                    terminal.feed(numbered(100))
                    begun.set()
                    terminal.text()
            except ClosedError:
                pass
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=use) for _ in range(3)]
        for thread in threads:
            thread.start()
        begun.wait(5)
        terminal.close()
        for thread in threads:
            thread.join()
        assert errors == []


def test_rows_can_be_read_after_closing():
    with Terminal(10, 2) as terminal:
        terminal.feed("one\r\n\x1b[1mtwo\r\nthree")
        history, screen = list(terminal.history), terminal.screen[:]
    assert [row.text for row in history + screen] == ["one", "two", "three"]
    assert screen[0].cells[0] == Cell("t", 1, Style(bold=True), None)


# ---- feeding --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        bytes,
        bytearray,
        memoryview,
        lambda data: array.array("B", data),
        lambda data: array.array("H", data),
        lambda data: memoryview(data).cast("B", (2, len(data) // 2)),
        lambda data: data.decode(),
    ],
)
def test_what_can_be_fed(terminal, make):
    terminal.feed(make("héllo!\r".encode()))
    assert terminal.screen[0].text == "héllo!"


def test_feeding_a_file(terminal, tmp_path):
    path = tmp_path / "output"
    path.write_bytes(b"from a file")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        terminal.feed(mapped)
    assert terminal.screen[1].text == "e"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (5, "data must be bytes-like or str, not int"),
        (None, "data must be bytes-like or str, not NoneType"),
        ([104, 105], "data must be bytes-like or str, not list"),
        (memoryview(b"strided")[::2], "data must lie in one piece"),
    ],
)
def test_what_cannot_be_fed(terminal, data, message):
    with pytest.raises(TypeError, match=message):
        terminal.feed(data)
    assert shown(terminal) == ["", "", ""]


def test_nothing_is_fed(terminal):
    for nothing in (b"", "", bytearray()):
        terminal.feed(nothing)
    assert shown(terminal) == ["", "", ""]
    assert terminal.take_events() == [] and terminal.take_replies() == b""


def test_surrogates_are_shown_as_malformed(terminal):
    terminal.feed("a\ud800b")
    assert terminal.screen[0].text.strip("\N{REPLACEMENT CHARACTER}")[0] == "a"
    assert terminal.screen[0].text.replace("\N{REPLACEMENT CHARACTER}", "") == "ab"


def test_any_split_gives_the_same(terminal):
    data = f"\x1b[1;3{FAMILY}m\x1b[31m界{FAMILY}\x1b]2;title\x1b\\\x1b[6nx\a".encode()
    terminal.feed(data)
    for split in range(len(data)):
        with Terminal(10, 3) as other:
            other.feed(data[:split])
            other.feed(data[split:])
            assert list(other.screen) == list(terminal.screen)
            assert other.title == terminal.title == "title"
            assert other.take_replies() == b"\x1b[1;5R"
    assert terminal.take_replies() == b"\x1b[1;5R"


def test_a_bytearray_is_let_go_of(terminal):
    data = bytearray(b"x")
    terminal.feed(data)
    data.extend(b"could not, were it still held")


def test_several_feed_at_once():
    with Terminal(40, 5, scrollback=Limits()) as terminal:

        def work(letter):
            for _ in range(200):
                terminal.feed(letter * 20 + "\x1b[5n\r\n" + letter * 10 + "\r\n")

        threads = [threading.Thread(target=work, args=(letter,)) for letter in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        lines = terminal.text().split("\n")
        assert len(lines) == 1201 + 0
        pieces = list(zip(lines[:1200:2], lines[1:1200:2]))
        assert all(first[:10] == second and len(set(first)) == 1 for first, second in pieces)
        assert terminal.take_replies() == b"\x1b[0n" * 600


def test_reading_while_another_thread_feeds():
    with Terminal(40, 5, scrollback=Limits(lines=300)) as terminal:
        stop = threading.Event()

        def work():
            number = 0
            while not stop.is_set():
                terminal.feed(numbered(500, number))
                number += 500

        thread = threading.Thread(target=work)
        thread.start()
        try:
            for _ in range(100):
                lines = [int(line) for line in terminal.text(0, -1).split("\n") if line]
                assert lines == list(range(lines[0], lines[0] + len(lines))) if lines else True
                for row in terminal.history[-3:]:
                    assert row.text == "".join(cell.text for cell in row.cells)
                assert len(terminal.history) <= 300
        finally:
            stop.set()
            thread.join()


def test_resizing_while_another_thread_reads():
    with Terminal(40, 5) as terminal:
        terminal.feed(numbered(2000))
        stop = threading.Event()

        def work():
            while not stop.is_set():
                terminal.resize(30, 5)
                terminal.resize(50, 5)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            for _ in range(200):
                assert {len(row.cells) for row in terminal.screen} <= {30, 40, 50}
        finally:
            stop.set()
            thread.join()


# ---- replies --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("\x1b[c", "\x1b[?64;1;2;6;9;15;16;17;18;21;22;28;29c"),
        ("\x1b[0c", "\x1b[?64;1;2;6;9;15;16;17;18;21;22;28;29c"),
        ("\x1b[1c", ""),
        ("\x1b[>c", "\x1b[>41;410;0c"),
        ("\x1b[=c", "\x1bP!|00000000\x1b\\"),
        ("\x1b[5n", "\x1b[0n"),
        ("\x1b[6n", "\x1b[1;1R"),
        ("\x1b[2;4H\x1b[6n", "\x1b[2;4R"),
        ("\x1b[3;7H\x1b[?6n", "\x1b[?3;7;1R"),
        ("0123456789\x1b[6n", "\x1b[1;10R"),
        ("\x1b[n\x1b[7n\x1b[?5n", ""),
        ("\x1b[?7$p", "\x1b[?7;1$y"),
        ("\x1b[?7l\x1b[?7$p", "\x1b[?7;2$y"),
        ("\x1b[?31337$p", "\x1b[?31337;0$y"),
        ("\x1b[4$p", "\x1b[4;2$y"),
        ("\x1b[4h\x1b[4$p", "\x1b[4;1$y"),
        ("\x1b[999$p", "\x1b[999;0$y"),
        ("\x1b[5n\x1b[6n", "\x1b[0n\x1b[1;1R"),
    ],
)
def test_replies(terminal, asked, answer):
    terminal.feed(asked)
    assert terminal.take_replies() == answer.encode()
    assert terminal.take_replies() == b""


def test_the_cursor_is_reported_relative_to_the_region_in_origin_mode(terminal):
    terminal.feed("\x1b[2;3r\x1b[?6h\x1b[2;5H\x1b[6n")
    assert terminal.cursor.y == 2
    assert terminal.take_replies() == b"\x1b[2;5R"


def test_replies_that_nobody_takes_are_dropped(terminal):
    terminal.feed("\x1b[5n" * 20_000)
    assert terminal.replies_dropped == 20_000 - 64 * 1024 // 4
    assert terminal.take_replies() == b"\x1b[0n" * (64 * 1024 // 4)
    terminal.feed("\x1b[5n")
    assert terminal.take_replies() == b"\x1b[0n"


# ---- titles and events ----------------------------------------------------------------------------------------------


def test_titles(terminal):
    assert (terminal.title, terminal.icon_title, terminal.working_directory) == ("", "", "")
    terminal.feed("\x1b]0;both\a\x1b]1;icon\x1b\\\x1b]2;a;b — c\a\x1b]7;file://host/tmp/x\a")
    assert (terminal.title, terminal.icon_title) == ("a;b — c", "icon")
    assert terminal.working_directory == "file://host/tmp/x"
    terminal.feed("\x1bc")
    assert (terminal.title, terminal.icon_title) == ("", "")
    assert terminal.working_directory == "file://host/tmp/x"


def test_titles_are_cleaned(terminal):
    terminal.feed(b"\x1b]2;caf\xc3\xa9\xff\xc2\x85!\x1b\\")
    assert terminal.title == "café\N{REPLACEMENT CHARACTER}!"
    terminal.feed("\x1b]2;" + "é" * 5000 + "\a")
    assert terminal.title == "é" * 4096
    terminal.feed("\x1b]2\a")
    assert terminal.title == "é" * 4096
    terminal.feed("\x1b]2;\a")
    assert terminal.title == ""


def test_other_commands_leave_titles_alone(terminal):
    terminal.feed("\x1b]2;kept\a\x1b]22;pointer\a\x1b]x;y\a\x1b]\a\x1b]0\a\x1b]1337;a=b\a")
    assert terminal.title == "kept"
    terminal.feed("\x1b]02;zeros do not count\a")
    assert terminal.title == "zeros do not count"


def test_events(terminal):
    terminal.feed("\a\x1b]2;one\a\x1b]2;two\a\a\a")
    terminal.feed("\a\x1b]0;both\a\x1b]7;file:///\a")
    assert terminal.take_events() == [
        Bell(1),
        TitleChanged("two"),
        Bell(3),
        IconTitleChanged("both"),
        TitleChanged("both"),
        WorkingDirectoryChanged("file:///"),
    ]
    assert terminal.take_events() == []
    terminal.feed("\x1b]2;both\a")
    assert terminal.take_events() == []
    terminal.feed("\x1bc")
    assert terminal.take_events() == [TitleChanged(""), IconTitleChanged("")]
    with pytest.raises(FrozenInstanceError):
        Bell().count = 2


def test_old_events_are_dropped(terminal):
    for number in range(1000):
        terminal.feed(f"\a\x1b]2;{number}\a")
    events = terminal.take_events()
    assert len(events) == outbox.EVENTS == 1000
    assert events[0] == Bell(1) and events[1] == TitleChanged("500") and events[-1] == TitleChanged("999")


# ---- the screen -----------------------------------------------------------------------------------------------------


def test_the_cursor(terminal):
    assert terminal.cursor == Cursor(0, 0, True, "block", terminal.cursor.blinking, False)
    terminal.feed("\x1b[?25l\x1b[2;1H0123456789")
    cursor = terminal.cursor
    assert (cursor.x, cursor.y, cursor.visible, cursor.pending_wrap) == (9, 1, False, True)


def test_modes(terminal):
    assert terminal.mode(7) and terminal.mode(25)
    assert not terminal.mode(6)
    assert not terminal.mode(4, ansi=True)
    assert not terminal.mode(12345) and not terminal.mode(0) and not terminal.mode(65_535)
    terminal.feed("\x1b[4h\x1b[?1049h")
    assert terminal.mode(4, ansi=True)
    assert terminal.mode(1049) and terminal.alternate_screen
    terminal.feed("\x1b[?1049l")
    assert not terminal.mode(1049) and not terminal.alternate_screen
    with pytest.raises(ArgumentError, match="number must be from 0 to 65535, not 65536"):
        terminal.mode(65_536)
    with pytest.raises(ArgumentError, match="number must be a mode's number or name, as in .*, not '7'"):
        terminal.mode("7")
    with pytest.raises(TypeError, match="number must be an int, not float"):
        terminal.mode(7.0)


def test_cells(terminal):
    terminal.feed("a\x1b[4:3;38:2::1:2:3;48;5;9m界\x1b[m\x1b]8;id=1;http://x/é\a\x1b[5Gl\x1b]8;;\a")
    curly = Style(underline=3, foreground=(1, 2, 3), background=9)
    assert terminal.screen[0].cells == (
        Cell("a"),
        Cell("界", 2, curly),
        Cell("", 0, curly),
        Cell(),
        Cell("l", 1, Style(), "http://x/é"),
        *[Cell()] * 5,
    )
    assert terminal.screen[0].text == "a界 l"
    assert terminal.screen[1].cells == (Cell(),) * 10


@pytest.mark.parametrize("mode", ["grid", "early"])
def test_runs(mode):
    with Terminal(20, 3, _mode=mode) as terminal:
        terminal.feed("ab \x1b[1m界c\x1b[m  \x1b]8;;u\ade\x1b]8;;\a\x1b[44m  ")
        assert terminal.screen[0].runs == (
            Run("ab ", Style(), None, 0, 3),
            Run("界c", Style(bold=True), None, 3, 3),
            Run("  ", Style(), None, 6, 2),
            Run("de", Style(), "u", 8, 2),
            Run("  ", Style(background=4), None, 10, 2),
        )
        assert terminal.screen[1].runs == ()


def test_runs_say_what_cells_say():
    with Terminal(12, 4) as terminal:
        terminal.feed(f"\x1b[2;4H{FAMILY}x\x1b[7m \x1b[K\x1b[m\r\n\x1b[41m\x1b[K\x1b[m\x1b[4;3H界\x1b[1D\x1b[31m!")
        for row in terminal.screen:
            x = 0
            for run in row.runs:
                assert run.x == x
                cells = row.cells[x : x + run.width]
                assert {(cell.style, cell.hyperlink) for cell in cells} == {(run.style, run.link)}
                assert run.text == "".join(cell.text or " " * cell.width for cell in cells)
                x += run.width
            assert set(row.cells[x:]) <= {Cell()}
            assert "".join(run.text for run in row.runs).rstrip() == row.text.rstrip()


def test_rows_are_values(terminal):
    terminal.feed("same\r\nsame\r\n\x1b[1msame")
    one, other, bold = terminal.screen
    assert one == other and hash(one) == hash(other)
    assert one != bold and one.text == bold.text
    assert one != "same" and str(one) == "same"
    assert (one.line, other.line) == (0, 1)
    assert repr(one) == "<Row 'same' of line 0>"
    terminal.feed("\x1b[2J")
    assert one.text == "same"
    assert terminal.screen[0] != one
    with pytest.raises(AttributeError):
        one.text = "other"


def test_wrapped_rows_belong_to_one_line(terminal):
    terminal.feed("0123456789abc\r\nnext")
    assert [(row.text, row.wrapped, row.line) for row in terminal.screen] == [
        ("0123456789", True, 0),
        ("abc", False, 0),
        ("next", False, 1),
    ]
    assert repr(terminal.screen[0]) == "<Row '0123456789', wrapped of line 0>"
    assert not any(row.prompt for row in terminal.screen)


def test_history_is_a_sequence(terminal):
    terminal.feed(numbered(100))
    history, screen = terminal.history, terminal.screen
    assert isinstance(history, RowSequence)
    assert (len(history), len(screen)) == (98, 3)
    assert past(terminal) == [str(number) for number in range(98)]
    assert shown(terminal) == ["98", "99", ""]
    assert history[0].text == "0" and history[-1].text == "97" and history[-98].text == "0" and history[97].text == "97"
    assert screen[0].text == screen[-3].text == "98"
    assert [row.text for row in history[2:5]] == ["2", "3", "4"]
    assert [row.text for row in history[-2:]] == ["96", "97"]
    assert [row.text for row in history[::-1]] == past(terminal)[::-1]
    assert [row.text for row in reversed(history)] == past(terminal)[::-1]
    assert [row.text for row in history[10:2:-3]] == ["10", "7", "4"]
    assert [row.text for row in history[1::40]] == ["1", "41", "81"]
    assert isinstance(history[0:1], list) and history[50:10] == [] and history[200:] == []
    assert history[5] in history and history.index(history[5]) == 5 and history.count(history[5]) == 1
    assert repr(history) == "<98 rows of history>" and repr(screen) == "<3 rows of screen>"
    for index in (98, -99, 10**30):
        with pytest.raises(IndexError, match="of 98"):
            history[index]
    with pytest.raises(IndexError):
        screen[3]
    with pytest.raises(TypeError):
        history["0"]


def test_iteration_crosses_seldom(terminal, monkeypatch):
    terminal.feed(numbered(20_000))
    terminal.limits = Limits(lines=9_000)
    reads = []
    read = Terminal._read_rows
    monkeypatch.setattr(Terminal, "_read_rows", lambda self, *what: reads.append(what) or read(self, *what))
    monkeypatch.setattr(rows, "CELLS_AT_ONCE", 10_000)
    assert sum(1 for _ in terminal.history) == len(terminal.history) <= 9_000
    assert len(reads) == -(-len(terminal.history) // 1_000)
    assert [row.text for row in terminal.history][-1] == "19997"


def test_a_view_follows_its_terminal(terminal):
    screen, history = terminal.screen, terminal.history
    terminal.feed("x")
    assert screen[0].text == "x" and len(history) == 0
    terminal.feed(numbered(10))
    assert len(history) == 8
    terminal.resize(20, 5)
    assert len(screen) == 5 and len(screen[0].cells) == 20


def test_text(terminal):
    terminal.feed("one\r\n0123456789abc\r\nthree\r\n\r\nend")
    assert terminal.text() == "one\n0123456789\nabc\nthree\n\nend"
    assert terminal.text(unwrap=True) == "one\n0123456789abc\nthree\n\nend"
    assert terminal.text(1, 3) == "0123456789\nabc"
    assert terminal.text(-1) == terminal.text(5) == "end"
    assert terminal.text(-3, -1) == "three\n"
    assert terminal.text(4, 2) == terminal.text(100) == ""
    assert terminal.text(None, 1) == "one"
    with pytest.raises(TypeError):
        terminal.text("0")


def test_resizing_wraps_anew(terminal):
    terminal.feed("0123456789abcdefghij\r\nend")
    terminal.resize(20, 3)
    assert terminal.text().rstrip("\n") == "0123456789abcdefghij\nend"
    assert (terminal.cursor.x, terminal.cursor.y) == (3, 1)
    terminal.resize(4, 3)
    assert terminal.text(unwrap=True).rstrip("\n") == "0123456789abcdefghij\nend"
    assert len(terminal.history) == 3


def test_limits_can_be_changed(terminal):
    terminal.feed(numbered(100))
    terminal.limits = Limits(lines=5)
    assert terminal.limits == Limits(lines=5)
    assert past(terminal) == ["93", "94", "95", "96", "97"]
    terminal.limits = Limits(lines=0)
    assert past(terminal) == [] and shown(terminal)[0] == "98"
    terminal.limits = Limits()
    terminal.feed(numbered(50_000))
    assert len(terminal.history) == 50_000
    terminal.limits = Limits(lines=20_000, bytes=1 << 20)
    assert terminal.limits == Limits(20_000, 1 << 20)
    assert terminal.memory.mapped <= 1 << 20
    assert terminal.counters.rows_pruned >= 30_000


def test_history_can_be_cleared(terminal):
    terminal.feed(numbered(100))
    terminal.clear_history()
    assert past(terminal) == [] and shown(terminal) == ["98", "99", ""]
    terminal.feed("more\r\n")
    assert past(terminal) == ["98"]


def test_the_generation_goes_up(terminal):
    before = terminal.generation
    assert terminal.generation == before
    for change in (
        lambda: terminal.feed("x"),
        lambda: terminal.feed("\x1b[?25l"),
        lambda: terminal.resize(20, 3),
        lambda: terminal.feed(numbered(50)),
        terminal.clear_history,
    ):
        change()
        assert terminal.generation > before
        before = terminal.generation


# ---- memory ---------------------------------------------------------------------------------------------------------


def test_memory(arena):
    with Terminal(80, 24, arena=arena) as terminal:
        terminal.feed(numbered(5000))
        use = terminal.memory
        assert use.mapped == use.text + use.grid == sum(page.mapped for page in terminal.pages)
        assert use.mapped + use.pooled == arena.memory.mapped
        assert use.used == sum(page.used for page in terminal.pages)
        assert 0 < use.used <= use.mapped <= use.peak
        assert use.nonstandard == sum(page.mapped for page in terminal.pages if not page.standard)
        assert use.resident is None or 0 < use.resident <= use.mapped
        named = "mapped text grid pooled nonstandard peak used timestamps string"
        assert set(asdict(use)) == set(named.split())
        assert copy.deepcopy(use) == pickle.loads(pickle.dumps(use)) == use
        terminal.clear_history()
        assert terminal.memory.mapped < use.mapped
        assert terminal.trim() >= 0 and terminal.memory.pooled == 0
    assert MemoryUse(1, 2, 3, 4, 5, 6, 7).resident is None


def test_what_is_used_is_the_sum_of_the_pages(arena):
    """However pages came and went: the sum is kept, not walked."""
    with Terminal(80, 24, scrollback=Limits(lines=500), arena=arena) as terminal:
        for step in range(60):
            terminal.feed(numbered(40 + step))
            terminal.feed("".join(f"{step} 👩‍💻 \x1b]8;;https://example.org/{n}\x1b\\link\x1b]8;;\x1b\\ " for n in range(step)))
            if step % 7 == 0:
                terminal.feed("\x1b[5;5Hedited\x1b[24;1H")
            if step % 11 == 0:
                terminal.resize(60 + step, 20 + step % 9)
            if step == 40:
                terminal.clear_history()
            with terminal.snapshot() as snapshot:
                for one in (terminal, snapshot):
                    assert one.memory.used == sum(page.used for page in one.pages)


def test_pages(arena):
    with Terminal(80, 24, scrollback=Limits(), arena=arena) as terminal:
        terminal.feed(numbered(5000))
        terminal.feed("\x1b[2J\x1b[Hgrid")
        pages = terminal.pages
        assert len(pages) > 5
        kinds = [page.kind for page in pages]
        assert kinds == sorted(kinds, reverse=True) and set(kinds) == {"text", "grid"}
        text = [page for page in pages if page.kind == "text"]
        assert text[0].first_line == 0
        assert all(page.first_line + page.lines == after.first_line for page, after in zip(text, text[1:]))
        assert sum(page.rows for page in text) == len(terminal.history)


def test_counters(terminal):
    terminal.feed("text\r\n")
    counters = terminal.counters
    assert counters.text_mode_bytes == 4 and counters.grid_mode_bytes == counters.inflated == 0
    terminal.feed("\x1b[Hgrid")
    counters = terminal.counters
    assert counters.text_mode_bytes == 4 and counters.grid_mode_bytes == 4 and counters.inflated == 1
    assert all(isinstance(number, int) and number >= 0 for number in asdict(counters).values())


@pytest.mark.parametrize("mode", ["auto", "grid", "early"])
def test_modes_of_the_screen(mode):
    with Terminal(10, 3, _mode=mode) as terminal:
        terminal.feed("a\r\nb")
        assert terminal._text_mode == (mode != "grid")
        assert terminal._violation() is None
        for other in ("early", "grid", "auto"):
            terminal._set_mode(other)
            assert shown(terminal) == ["a", "b", ""]


def test_limits_from_the_core():
    assert (lib.GP_COLUMNS_MAX, lib.GP_ROWS_MAX, lib.GP_CELLS_MAX) == (65_535, 65_535, 1 << 24)


def test_one_arena_for_many():
    with Arena(standard_page=4096) as arena:
        terminals = [Terminal(20, 3, arena=arena) for _ in range(20)]
        for number, terminal in enumerate(terminals):
            terminal.feed(f"number {number}")
        assert arena.memory.terminals == 20
        assert arena.memory.mapped == sum(terminal.memory.mapped for terminal in terminals) + arena.memory.pooled
        assert [terminal.text().strip() for terminal in terminals] == [f"number {number}" for number in range(20)]
        for terminal in terminals:
            terminal.close()
        assert arena.memory.terminals == 0
        assert arena.memory.mapped == arena.memory.pooled


def test_rows_above_the_oldest_are_left_out() -> None:
    """They were pruned by another thread between the count of them and the reading."""
    with Terminal(10, 3) as terminal:
        terminal.feed("one\r\ntwo\r\nthree\r\nfour")
        assert len(terminal._read_rows(-1, 6, True).infos) == 4
        assert len(terminal._read_rows(-5, 6, True).infos) == 2
        assert len(terminal._read_rows(-5, 4, True).infos) == len(terminal._read_rows(-9, 4, True).infos) == 0
