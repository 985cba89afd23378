"""The screen without a parser: each call does what the terminal does for the sequence of the same name."""

from __future__ import annotations

import pytest

from ghostpage import ArgumentError, Cell, ClosedError, Limits, Screen, Style, Terminal


def shown(screen):
    return [row.text for row in screen.screen]


def fill(screen):
    for y in range(screen.rows):
        screen.move(0, y)
        screen.write("abcdefghij"[: screen.columns])


# ---- the same as a terminal -----------------------------------------------------------------------------------------

CALLS = [
    (lambda screen: screen.line_feed(), "\n"),
    (lambda screen: screen.reverse_line_feed(), "\x1bM"),
    (lambda screen: screen.carriage_return(), "\r"),
    (lambda screen: screen.tab(), "\t"),
    (lambda screen: screen.erase_line(), "\x1b[K"),
    (lambda screen: screen.erase_line(1), "\x1b[1K"),
    (lambda screen: screen.erase_line(2), "\x1b[2K"),
    (lambda screen: screen.erase_display(), "\x1b[J"),
    (lambda screen: screen.erase_display(1), "\x1b[1J"),
    (lambda screen: screen.erase_display(2), "\x1b[2J"),
    (lambda screen: screen.erase(), "\x1b[X"),
    (lambda screen: screen.erase(3), "\x1b[3X"),
    (lambda screen: screen.insert_cells(2), "\x1b[2@"),
    (lambda screen: screen.delete_cells(2), "\x1b[2P"),
    (lambda screen: screen.insert_lines(), "\x1b[L"),
    (lambda screen: screen.insert_lines(2**40), "\x1b[65535L"),
    (lambda screen: screen.delete_lines(), "\x1b[M"),
    (lambda screen: screen.scroll(2), "\x1b[2S"),
    (lambda screen: screen.scroll(-1), "\x1b[T"),
]


@pytest.mark.parametrize(("call", "sequence"), CALLS, ids=[repr(sequence) for _, sequence in CALLS])
@pytest.mark.parametrize("mode", ["early", "grid"])
@pytest.mark.parametrize(("x", "y"), [(0, 0), (4, 1), (9, 2)])
def test_each_call_is_a_sequence(call, sequence, mode, x, y):
    with Screen(10, 3, _mode=mode) as screen, Terminal(10, 3, _mode=mode) as terminal:
        fill(screen)
        screen.style = Style(background=4)
        screen.move(x, y)
        call(screen)
        screen.write("!")
        for row in range(3):
            terminal.feed(f"\x1b[{row + 1};1Habcdefghij")
        terminal.feed(f"\x1b[44m\x1b[{y + 1};{x + 1}H{sequence}!")
        assert list(screen.screen) == list(terminal.screen)
        assert list(screen.history) == list(terminal.history)
        assert screen.cursor == terminal.cursor
        assert screen._violation() is None


def test_no_cells_are_no_cells(screen):
    fill(screen)
    screen.move(2, 1)
    for call in (screen.erase, screen.insert_cells, screen.delete_cells, screen.insert_lines, screen.delete_lines, screen.scroll):
        call(0)
    assert shown(screen) == ["abcdefghij"] * 3


# ---- writing --------------------------------------------------------------------------------------------------------


def test_writing_wraps_and_scrolls(screen):
    screen.write("0123456789abc")
    for _ in range(3):
        screen.carriage_return()
        screen.line_feed()
    screen.write("end")
    assert shown(screen) == ["", "", "end"]
    assert [row.text for row in screen.history] == ["0123456789", "abc"]
    assert screen.text(unwrap=True) == "0123456789abc\n\n\nend"
    assert repr(screen) == "<Screen of 10 by 3, 2 rows of history>"


def test_controls_are_left_out(screen):
    screen.write("a\x1b[31mb\r\n\a\x7fc\x9bd")
    assert screen.screen[0].text == "a[31mbcd"
    assert screen.screen[0].cells[0].style == Style()


def test_clusters_join_across_calls(screen):
    for piece in ("👩", "\u200d", "🚀", "e", "\u0301"):
        screen.write(piece)
    assert screen.screen[0].cells[:3] == (Cell("👩\u200d🚀", 2), Cell("", 0), Cell("e\u0301"))


def test_much_is_written_in_slices():
    with Screen(100, 10, scrollback=Limits()) as screen:
        text = "界" * 1_000_000
        screen.write(text)
        assert screen.text(unwrap=True) == text


# ---- the pen --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "style",
    [
        Style(),
        Style(bold=True, italic=True, inverse=True),
        Style(faint=True, blink=True, invisible=True, strikethrough=True, overline=True),
        *[Style(underline=kind, underline_color=(kind, 0, 255)) for kind in range(6)],
        Style(foreground=0, background=255, underline_color=7),
        Style(foreground=(0, 0, 0), background=(255, 254, 253)),
    ],
)
def test_styles_come_back(screen, style):
    screen.style = style
    assert screen.style is style
    screen.write("x")
    assert screen.screen[0].cells[0] == Cell("x", 1, style)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"underline": 6}, ArgumentError, "underline must be from 0 to 5, not 6"),
        ({"underline": True}, TypeError, "underline must be an int, not bool"),
        ({"bold": 1}, TypeError, "bold must be a bool, not int"),
        ({"foreground": -1}, ArgumentError, "foreground must be from 0 to 255, not -1"),
        ({"background": (1, 2)}, ArgumentError, "background must have red, green and blue, not 2 parts"),
        ({"background": (1, 2, 256)}, ArgumentError, "blue of background must be from 0 to 255, not 256"),
        ({"underline_color": "red"}, TypeError, "underline_color must be None, an int or a tuple of three, not str"),
        ({"foreground": [1, 2, 3]}, TypeError, "foreground must be None, an int or a tuple of three, not list"),
        ({"foreground": (1, 2, 3.0)}, TypeError, "blue of foreground must be an int, not float"),
    ],
)
def test_styles_made_wrong(arguments, error, message):
    with pytest.raises(error, match=message):
        Style(**arguments)


def test_links(screen):
    assert screen.link is None
    screen.link = "http://a/"
    screen.write("a")
    screen.link = ("http://b/é", "name")
    assert screen.link == ("http://b/é", "name")
    screen.write("b")
    screen.link = None
    screen.write("c")
    screen.link = ""
    assert screen.link is None
    assert [cell.hyperlink for cell in screen.screen[0].cells[:4]] == ["http://a/", "http://b/é", None, None]


@pytest.mark.parametrize(
    ("link", "error", "message"),
    [
        ("x" * 4097, ArgumentError, "the target of a link must have at most 4096 bytes, not 4097"),
        ("é" * 2049, ArgumentError, "the target of a link must have at most 4096 bytes, not 4098"),
        (("x", "y" * 257), ArgumentError, "the id of a link must have at most 256 bytes, not 257"),
        (5, TypeError, "link must be None, a str or a tuple of two, not 5"),
        (("x", None), TypeError, "link must be None, a str or a tuple of two"),
        (("x",), TypeError, "link must be None, a str or a tuple of two"),
    ],
)
def test_links_made_wrong(screen, link, error, message):
    screen.link = "kept"
    with pytest.raises(error, match=message):
        screen.link = link
    assert screen.link == "kept"


def test_the_longest_link(screen):
    screen.link = ("x" * 4096, "y" * 256)
    screen.write("a")
    assert screen.screen[0].cells[0].hyperlink == "x" * 4096


# ---- the region, the alternate screen -------------------------------------------------------------------------------


def test_the_region_scrolls_alone():
    with Screen(10, 5) as screen:
        for y in range(5):
            screen.move(0, y)
            screen.write(str(y))
        screen.set_region(1, 3)
        screen.move(0, 3)
        screen.line_feed()
        assert shown(screen) == ["0", "2", "3", "", "4"]
        screen.move(0, 1)
        screen.reverse_line_feed()
        assert shown(screen) == ["0", "", "2", "3", "4"]
        screen.set_region(top=2)
        screen.scroll(1)
        assert shown(screen) == ["0", "", "3", "4", ""]
        screen.set_region()
        screen.scroll(1)
        assert shown(screen) == ["", "3", "4", "", ""]


@pytest.mark.parametrize(
    ("top", "bottom", "error", "message"),
    [
        (2, 1, ArgumentError, "top must be less than bottom, not 2 and 1"),
        (1, 1, ArgumentError, "top must be less than bottom, not 1 and 1"),
        (0, 3, ArgumentError, "bottom must be from 0 to 2, not 3"),
        (-1, 2, ArgumentError, "top must be from 0 to 2, not -1"),
        ("0", None, TypeError, "top must be an int, not str"),
    ],
)
def test_regions_out_of_range(screen, top, bottom, error, message):
    with pytest.raises(error, match=message):
        screen.set_region(top, bottom)


def test_the_region_of_a_single_row():
    with Screen(10, 1) as screen:
        screen.set_region()
        screen.write("x")
        screen.line_feed()
        assert [row.text for row in screen.history] == ["x"]


def test_the_alternate_screen(screen):
    screen.write("primary")
    screen.alternate = True
    assert screen.alternate and screen.alternate_screen
    screen.move(0, 2)
    screen.write("other")
    assert "primary" not in screen.text()
    screen.alternate = False
    assert not screen.alternate
    assert shown(screen)[0] == "primary"
    with pytest.raises(TypeError, match="alternate must be a bool, not int"):
        screen.alternate = 1


# ---- wrong use ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda screen: screen.write(b"bytes"), TypeError, "text must be a str, not bytes"),
        (lambda screen: screen.move(-1, 0), ArgumentError, "x must be from 0"),
        (lambda screen: screen.move(0, 1.0), TypeError, "y must be an int, not float"),
        (lambda screen: screen.erase_line(3), ArgumentError, "part must be from 0 to 2, not 3"),
        (lambda screen: screen.erase_display("all"), TypeError, "part must be an int, not str"),
        (lambda screen: screen.erase(-1), ArgumentError, "cells must be from 0"),
        (lambda screen: screen.insert_cells(True), TypeError, "cells must be an int, not bool"),
        (lambda screen: screen.delete_lines(-5), ArgumentError, "rows must be from 0"),
        (lambda screen: screen.scroll(2**31), ArgumentError, "rows must be from -2147483647 to 2147483647"),
        (lambda screen: setattr(screen, "style", "bold"), TypeError, "style must be a Style, not str"),
    ],
)
def test_wrong_use(screen, call, error, message):
    screen.write("kept")
    with pytest.raises(error, match=message):
        call(screen)
    assert shown(screen) == ["kept", "", ""]


def test_a_closed_screen_refuses_everything():
    screen = Screen()
    screen.close()
    calls = {
        "write": ["x"],
        "move": [0, 0],
        "resize": [80, 24],
        "locate": [(0, 0)],
        "position": [0],
        "search": ["x"],
        "time_of": [0],
    }
    for name in dir(Screen):
        if name.startswith("_") or name in ("close", "closed"):
            continue
        with pytest.raises(ClosedError, match="this Screen is closed"):
            getattr(screen, name)(*calls.get(name, []))
    for name, value in (("style", Style()), ("link", "x"), ("alternate", True), ("limits", Limits())):
        with pytest.raises(ClosedError, match="this Screen is closed"):
            setattr(screen, name, value)
