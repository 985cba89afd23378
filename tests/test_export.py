"""Rows written down as VT bytes and as HTML: what is shown stays what it was, and what a program printed stays text."""

from __future__ import annotations

import random
import re
import threading
from html.parser import HTMLParser

import pytest

from ghostpage import ArgumentError, ClosedError, Row, Screen, Style, Terminal, sessions
from ghostpage.ansi import sgr
from streams import random_stream

MODES = ["auto", "grid", "early"]
SIZES = [(80, 24), (40, 12), (20, 5), (10, 4), (7, 1), (5, 3), (2, 2), (1, 3)]


def rows_of(terminal: Terminal) -> list[Row]:
    return [*terminal.history, *terminal.screen]


def shown(row: Row, at_wrap: bool) -> list[tuple]:
    """Cells, but for what the description says: a mark has a space to stand on, and blanks beside a wrap are spaces."""
    cells = []
    for cell in row.cells:
        text = cell.text[1:] if cell.text[:1] == "\u00a0" and len(cell.text) > 1 else cell.text
        cells.append((text.strip(" ") if at_wrap else text, *cell[1:]))
    return cells


def cannot_be_printed(row: Row) -> bool:
    """A wide character made narrow in the last column, or a mark that grew in a cell of its own."""
    last = row.cells[-1]
    emoji_at_edge = last.width == 1 and "\ufe0e" in last.text
    return emoji_at_edge or any(cell.text[:1] == "\u1161" and len(cell.text) > 1 for cell in row.cells)


def test_history_does_not_go_on_in_the_alternate_screen() -> None:
    with Terminal(10, 2) as terminal:
        terminal.feed("0123456789" * 3 + "abc\x1b[?1049h\x1b[Hfull")
        assert terminal.history[-1].wrapped
        assert terminal.to_ansi() == b"01234567890123456789\r\nfull\r\n"
        assert terminal.to_html(unwrap=True).endswith("\n01234567890123456789\nfull\n</pre>")


def check_same(output: bytes, want: list[Row], columns: int, rows: int, mode: str, broken_at: int = -1) -> None:
    """``broken_at``: the row before it goes on where it cannot be seen."""
    with Terminal(columns, rows, _mode=mode) as again:
        again.feed(output)
        got = rows_of(again)[: len(want)]
        assert len(got) == len(want)
        for y, (row, other) in enumerate(zip(want, got)):
            at_wrap = row.wrapped or (y > 0 and want[y - 1].wrapped)
            assert shown(row, at_wrap) == shown(other, at_wrap), f"row {y}: {row!r} and {other!r}"
            assert y + 1 in (len(want), broken_at) or row.wrapped == other.wrapped, f"row {y}: {row!r}"


@pytest.mark.parametrize("profile", ["log", "shell", "tui", "mixed"])
@pytest.mark.parametrize("seed", range(25))
def test_fed_again_the_rows_are_the_same(profile: str, seed: int) -> None:
    rng = random.Random(f"{profile} {seed}")
    columns, rows = rng.choice(SIZES)
    with Terminal(columns, rows, _mode=rng.choice(MODES)) as terminal:
        terminal.feed(random_stream(seed, 2000, profile, columns=columns, rows=rows))
        want = rows_of(terminal)
        if any(map(cannot_be_printed, want)):
            pytest.skip("has what is never printed")
        broken_at = len(terminal.history) if terminal.alternate_screen else -1
        check_same(terminal.to_ansi(), want, columns, rng.randint(1, 30), rng.choice(MODES), broken_at)


@pytest.mark.parametrize("seed", range(25))
def test_after_a_resize_too(seed: int) -> None:
    """Where blanks lie at soft wraps."""
    rng = random.Random(seed)
    with Terminal(30, 6) as terminal:
        terminal.feed(random_stream(seed, 1500, "shell", columns=30, rows=6))
        columns = rng.randint(3, 40)
        terminal.resize(columns, 6)
        want = rows_of(terminal)
        if any(map(cannot_be_printed, want)):
            pytest.skip("has what is never printed")
        broken_at = len(terminal.history) if terminal.alternate_screen else -1
        check_same(terminal.to_ansi(), want, columns, 6, "auto", broken_at)


@pytest.mark.parametrize("name", sessions.names())
def test_recordings_fed_again_are_the_same(name: str) -> None:
    recording = sessions.load(name)
    for mode in MODES:
        with Terminal(80, 24, _mode=mode) as terminal:
            terminal.feed(recording.data[:60_000])
            broken_at = len(terminal.history) if terminal.alternate_screen else -1
            check_same(terminal.to_ansi(), rows_of(terminal), 80, 24, mode, broken_at)


def fed(stream: str, columns: int = 10, rows: int = 1, **options: object) -> bytes:
    with Terminal(columns, rows) as terminal:
        terminal.feed(stream)
        return terminal.to_ansi(**options)  # type: ignore[arg-type]


def test_changes_of_style_are_short() -> None:
    assert fed("\x1b[1ma\x1b[3mb\x1b[23mc\x1b[0md") == b"\x1b[1ma\x1b[3mb\x1b[23mc\x1b[md"
    assert fed("\x1b[31ma\x1b[92mb\x1b[38;5;208mc\x1b[38;2;1;2;3md") == (
        b"\x1b[31ma\x1b[92mb\x1b[38;5;208mc\x1b[38;2;1;2;3md\x1b[m"
    )
    assert fed("\x1b[1;31ma\x1b[22mb") == b"\x1b[1;31ma\x1b[22mb\x1b[m"
    assert fed("\x1b[1;2ma\x1b[22;2mb") == b"\x1b[1;2ma\x1b[;2mb\x1b[m"
    assert fed("\x1b[4:3;58:2::1:2:3ma\x1b[4mb") == b"\x1b[4:3;58:2::1:2:3ma\x1b[4mb\x1b[m"


def test_any_two_styles_are_parted_by_one_change() -> None:
    """Fed after the old style, it gives the new one."""
    rng = random.Random(3)

    def color(kinds: tuple[int, ...] = (0, 1, 2)) -> int:
        kind = rng.choice(kinds)
        return kind << 24 | (rng.randrange(256) if kind == 1 else rng.randrange(1 << 24) if kind else 0)

    def style() -> tuple[int, int, int, int]:
        underline = rng.randrange(6)
        return color(), color(), color(), rng.randrange(256) & rng.randrange(256) | underline << 8

    with Terminal(4, 1) as terminal:
        for _ in range(2000):
            old, new = style(), style()
            terminal.feed(b"\x1b[H\x1b[m" + sgr((0, 0, 0, 0), new) + b"a\x1b[m" + sgr((0, 0, 0, 0), old) + sgr(old, new) + b"b")
            a, b = terminal.screen[0].cells[:2]
            assert a.style == b.style


def test_blanks_are_moved_over_or_erased() -> None:
    assert fed("a\x1b[5Gb") == b"a\x1b[3Cb"
    assert fed("a\x1b[44m\x1b[K") == b"a\x1b[44m\x1b[K\x1b[m"
    assert fed("a\x1b[44m\x1b[3X\x1b[m\x1b[6Gb") == b"a\x1b[44m\x1b[3X\x1b[3C\x1b[C\x1b[mb"


def test_spaces_leave_nothing_but_styles_and_links() -> None:
    assert fed("a\x1b[5Gb\x1b[44m\x1b[K", spaces=True) == b"a   b\x1b[44m     \x1b[m"
    for seed in range(20):
        with Terminal(20, 5) as terminal:
            terminal.feed(random_stream(seed, 2000, "log", columns=20, rows=5))
            output = terminal.to_ansi(spaces=True)
            bare = re.sub(rb"\x1b\[[\d;:]*m|\x1b\]8;[^\x1b]*\x1b\\|\x1b\\|\x1b\[\?7[lh]", b"", output)
            assert not re.search(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]", bare)


def test_lines_are_wrapped_by_the_terminal() -> None:
    assert fed("0123456789abc\r\nnext", rows=3) == b"0123456789abc\r\nnext"
    assert fed("012345678\u754c", rows=2) == "012345678\u754c".encode()


def test_a_background_does_not_scroll_in() -> None:
    stream = "\x1b[44m0123456789ab\x1b[m\r\n\x1b[41mred\r\n"
    with Terminal(10, 5) as high:
        high.feed(stream)
        output, want = high.to_ansi(0, 3), rows_of(high)[:3]
    for rows in (1, 2, 5):
        check_same(output, want, 10, rows, "auto")


def test_rows_of_double_size_are_such_again() -> None:
    stream = "\x1b#6wide\r\n\x1b#3\x1b[44mhigh\x1b[K\x1b[m\r\n\x1b#4high\r\nplain"
    with Terminal(20, 5) as terminal, Terminal(20, 5) as again:
        terminal.feed(stream)
        again.feed(terminal.to_ansi())
        assert [*again.screen] == [*terminal.screen]
        assert [row.size for row in again.screen] == ["double", "top", "bottom", "single", "single"]


def test_ranges_are_slices() -> None:
    with Terminal(10, 2) as terminal:
        terminal.feed("one\r\ntwo\r\nthree\r\nfour")
        assert terminal.to_ansi(1, 3) == b"two\r\nthree"
        assert terminal.to_ansi(-1) == b"four"
        assert terminal.to_ansi(3, 1) == terminal.to_ansi(9) == b""
        assert terminal.to_html(-1).endswith("\nfour</pre>")
        assert terminal.snapshot().to_ansi(0, 2) == b"one\r\ntwo"
        with pytest.raises(TypeError, match="start must be an int or None, not str"):
            terminal.to_ansi("1")  # type: ignore[arg-type]


def test_a_closed_terminal_writes_nothing() -> None:
    terminal = Terminal(10, 2)
    terminal.close()
    for write in (terminal.to_ansi, terminal.to_html):
        with pytest.raises(ClosedError):
            write()


# ---- links ----------------------------------------------------------------------------------------------------------


def test_links_keep_their_ids() -> None:
    stream = "\x1b]8;id=x;http://a/\x1b\\one\x1b]8;;http://b/\x1b\\two\x1b]8;;\x1b\\."
    assert fed(stream) == stream.encode()


def test_a_link_goes_on_over_a_wrap() -> None:
    assert fed("\x1b]8;;http://a/\x1b\\0123456789abc", rows=2) == b"\x1b]8;;http://a/\x1b\\0123456789abc\x1b]8;;\x1b\\"


def test_no_control_gets_out_through_a_link() -> None:
    with Screen(20, 1) as screen:
        screen.link = ("http://a/\x1b\\\x07\x9b31m\n\u009cé\x7f", "i\x1b;d:")
        screen.write("x")
        output = screen.to_ansi()
        assert output == "\x1b]8;id=i%1B%3Bd%3A;http://a/%1B\\%07%C2%9B31m%0A%C2%9Cé%7F\x1b\\x\x1b]8;;\x1b\\".encode()
        html = screen.to_html()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", html)
    assert 'href="http://a/%1B\\%07%C2%9B31m%0A%C2%9Cé%7F"' in html


HOSTILE = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "\tjavascript:alert(1)", "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>", "vbscript:x", "//example.com/", "/etc/passwd", "file:///etc/passwd",
    "x", "http", "&#106;avascript:alert(1)", "javascript&colon;alert(1)", "blob:http://a/", "\u00a0http://a/",
]  # fmt: skip


@pytest.mark.parametrize("target", HOSTILE)
def test_what_is_not_safe_is_no_link(target: str) -> None:
    with Screen(20, 1) as screen:
        screen.link = target
        screen.write("<text>")
        assert screen.to_html(0, 1).endswith("\n&lt;text&gt;</pre>")


def test_schemes_can_be_chosen_but_for_some() -> None:
    with Screen(20, 1) as screen:
        screen.link = "FILE:///x?a=\"1\"&b='2'"
        screen.write("x")
        assert "<a" not in screen.to_html()
        link = '<a href="FILE:///x?a=&quot;1&quot;&amp;b=&#39;2&#39;" rel="noopener noreferrer" style="color:inherit">x</a>'
        assert link in screen.to_html(schemes={"file"})
        with pytest.raises(ArgumentError, match="schemes must be without data, javascript, vbscript, not with javascript"):
            screen.to_html(schemes=["http", "JavaScript"])
        with pytest.raises(TypeError, match="schemes must be a collection of str, not a str"):
            screen.to_html(schemes="http")


# ---- HTML -----------------------------------------------------------------------------------------------------------


class Parsed(HTMLParser):
    """The text of a page, and whether its tags are closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.open = "", []
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: object) -> None:
        assert tag in ("pre", "span", "a")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("unwrap", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_the_text_of_the_page_is_the_text(seed: int, unwrap: bool) -> None:
    with Terminal(20, 5) as terminal:
        terminal.feed(random_stream(seed, 3000, "shell", columns=20, rows=5))
        page = terminal.to_html(unwrap=unwrap)
        text = Parsed(page).text.removeprefix("\n")
        assert [line.rstrip(" ") for line in text.split("\n")] == [
            line.rstrip(" ") for line in terminal.text(unwrap=unwrap).split("\n")
        ]


def test_markup_is_text() -> None:
    with Terminal(60, 2) as terminal:
        terminal.feed("</pre><script>alert('1')</script>&amp;\x1b]8;;http://a/\"><script>\x1b\\x")
        page = terminal.to_html(document="<title> & co")
    assert "<script" not in page
    assert "<title>&lt;title&gt; &amp; co</title>" in page
    assert page.startswith("<!DOCTYPE html>")
    assert "&lt;/pre&gt;&lt;script&gt;alert('1')&lt;/script&gt;&amp;amp;" in page


STYLES = [
    (Style(bold=True, italic=True), "font-weight:bold;font-style:italic"),
    (Style(foreground=1, background=(1, 2, 255)), "color:#cd0000;background-color:#0102ff"),
    (Style(inverse=True), "color:#000000;background-color:#e5e5e5"),
    (Style(foreground=196, inverse=True), "color:#000000;background-color:#ff0000"),
    (Style(faint=True), "color:#727272"),
    (Style(invisible=True, foreground=2), "color:transparent"),
    (Style(underline=1, strikethrough=True, overline=True), "text-decoration-line:underline overline line-through"),
    (Style(underline=3, underline_color=255), "text-decoration-line:underline;text-decoration-style:wavy;text-decoration-color:#eeeeee"),
    (Style(blink=True), "text-decoration-line:blink"),
]  # fmt: skip


@pytest.mark.parametrize(("style", "css"), STYLES)
def test_styles_are_css(style: Style, css: str) -> None:
    with Screen(10, 1) as screen:
        screen.style = style
        screen.write("x")
        assert f'<span style="{css}">x</span>' in screen.to_html()


def test_the_palette_is_the_callers() -> None:
    with Terminal(10, 1) as terminal:
        terminal.feed("\x1b[31ma\x1b[92mb")
        page = terminal.to_html(palette=[(0, 0, 0), (1, 1, 1)], foreground=(9, 9, 9), background=(8, 8, 8))
        assert page == (
            '<pre style="color:#090909;background-color:#080808;font-family:monospace">\n'
            '<span style="color:#010101">a</span><span style="color:#00ff00">b</span></pre>'
        )
        with pytest.raises(ArgumentError, match=r"green of palette\[0\] must be from 0 to 255, not 256"):
            terminal.to_html(palette=[(0, 256, 0)])
        with pytest.raises(ArgumentError, match="palette must have at most 256 colours, not 257"):
            terminal.to_html(palette=[(0, 0, 0)] * 257)
        with pytest.raises(TypeError, match="background must be red, green and blue, not 'red'"):
            terminal.to_html(background="red")  # type: ignore[arg-type]


def test_neighbours_with_one_look_share_a_span() -> None:
    with Terminal(20, 2) as terminal:
        terminal.feed("\x1b[1ma\x1b[1;58:5:3mb\x1b]8;;javascript:x\x1b\\c\x1b]8;;\x1b\\")
        assert terminal.to_html(0, 1).count("<span") == 1


# ---- both -----------------------------------------------------------------------------------------------------------


def test_what_is_written_is_of_one_moment() -> None:
    """While another thread feeds numbered lines, no row is there twice or missing."""
    with Terminal(20, 4) as terminal:
        terminal.feed("".join(f"{number}\r\n" for number in range(5000)))
        done = threading.Event()

        def feed() -> None:
            number = 5000
            while not done.is_set():
                terminal.feed("".join(f"{n}\r\n" for n in range(number, number + 50)))
                number += 50

        thread = threading.Thread(target=feed)
        thread.start()
        try:
            for _ in range(5):
                numbers = [int(line) for line in terminal.to_ansi().split(b"\r\n") if line]
                assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        finally:
            done.set()
            thread.join()
