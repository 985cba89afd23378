"""The widget of Textual, driven by Textual's own pilot."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import textwrap

import pytest

pytest.importorskip("textual", reason="the widget is Textual's, which is not installed")

from textual.app import App, ComposeResult  # noqa: E402
from textual.events import Paste  # noqa: E402
from textual.widgets import Input  # noqa: E402

from ghostpage import Limits, Palette, Style  # noqa: E402
from ghostpage.session import SessionTimeout  # noqa: E402
from ghostpage.textual import ShellApp, TerminalView  # noqa: E402
from ghostpage.textual.paint import Painter  # noqa: E402

pytestmark = pytest.mark.usefixtures("no_signal_ignored")

SIZE = (60, 12)


def drive(command, play, **options):
    """Plays on an application that runs ``command``; its exit status."""

    async def main():
        app = ShellApp(command, **options)
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: app.view.started)
            await play(app, app.view, pilot)
        return app.return_value

    return asyncio.run(main())


async def until(pilot, true, seconds: float = 20.0) -> None:
    """Lets the application go on until something holds."""
    for _ in range(int(seconds / 0.02)):
        if true():
            return
        await pilot.pause(0.02)
    view = pilot.app.query(TerminalView).first()
    raise SessionTimeout(f"not within {seconds} seconds; painted: {rows(view)}, at {view.scroll_y}")


async def shown(pilot, view, text: str) -> None:
    await until(pilot, lambda: any(text in row for row in rows(view)))


def rows(view) -> list[str]:
    """What the widget paints."""
    return [view.render_line(y).text.rstrip() for y in range(view.size.height)]


def python(script: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(script)]


def test_what_a_program_prints_is_painted_with_its_styles():
    async def play(app, view, pilot):
        await shown(pilot, view, "界 end")
        (row,) = (y for y, text in enumerate(rows(view)) if "end" in text)
        segments = {segment.text.strip(): segment.style for segment in view.render_line(row)}
        assert segments["bold"].bold and segments["red"].color.triplet == (205, 0, 0)
        assert view.render_line(row).cell_length == view.size.width

    drive(["sh", "-c", r"printf '\033[1mbold\033[m \033[31mred\033[m 界 end'; cat"], play)


def test_the_window_s_size_is_the_program_s():
    async def play(app, view, pilot):
        await shown(pilot, view, "12 58")  # two columns are the scrollbar's
        await pilot.resize_terminal(40, 9)
        await pilot.press("enter")
        await shown(pilot, view, "9 38")

    drive(["sh", "-c", "while :; do stty size; read x; done"], play)


@pytest.mark.parametrize(
    ("key", "sent"),
    [("a", "a"), ("A", "A"), ("exclamation_mark", "!"), ("enter", "\r"), ("tab", "\t"), ("shift+tab", "\x1b[Z"), ("escape", "\x1b"),
     ("up", "\x1b[A"), ("ctrl+up", "\x1b[1;5A"), ("pageup", "\x1b[5~"), ("f5", "\x1b[15~"), ("ctrl+c", "\x03"), ("ctrl+q", "\x11"),
     ("ctrl+z", "\x1a"), ("alt+x", "\x1bx"), ("backspace", "\x7f"), ("space", " "), ("é", "é"), ("ctrl+underscore", "\x1f")],
)  # fmt: skip
def test_keys_go_to_the_program(key, sent):
    async def play(app, view, pilot):
        await shown(pilot, view, "ready")
        await pilot.press(key)
        await shown(pilot, view, f"got {sent.encode()!r}")

    script = """
        import os, tty
        tty.setraw(0)
        print('ready', end='', flush=True)
        print('\\r\\ngot', os.read(0, 100), end='', flush=True)
        os.read(0, 100)
        """
    drive(python(script), play)


def test_paste_and_focus_as_the_program_asked_for_them():
    async def play(app, view, pilot):
        await shown(pilot, view, "ready")
        view.post_message(Paste("some\ntext"))
        await shown(pilot, view, r"\x1b[200~some\ntext\x1b[201~")
        app.query_one("#search", Input).focus()
        await shown(pilot, view, r"\x1b[O")

    script = r"""
        import os, tty
        tty.setraw(0)
        print('\x1b[?2004h\x1b[?1004hready', end='', flush=True)
        while True: print('\r\n', os.read(0, 100), end='', flush=True)
        """
    drive(python(script), play)


def test_the_mouse_goes_to_a_program_that_asks_for_it():
    async def play(app, view, pilot):
        await shown(pilot, view, "ready")
        await pilot.click(view, offset=(4, 2))
        await shown(pilot, view, r"\x1b[<0;5;3M")
        await shown(pilot, view, r"\x1b[<0;5;3m")
        assert view.selected_text == ""

    script = r"""
        import os, tty
        tty.setraw(0)
        print('\x1b[?1000h\x1b[?1006hready', end='', flush=True)
        while True: print('\r\n', os.read(0, 100), end='', flush=True)
        """
    drive(python(script), play)


def test_history_keeps_its_place_and_typing_leads_back():
    async def play(app, view, pilot):
        await shown(pilot, view, "row 299")
        assert view.virtual_size.height == 301
        await pilot.press("shift+pageup", "shift+up")
        await until(pilot, lambda: rows(view)[0] == "row 276")
        assert view.scroll_y == 276
        view.session.send("\n")
        await until(pilot, lambda: view.virtual_size.height > 590)
        assert rows(view)[0] == "row 276"
        await pilot.press("x")
        await until(pilot, lambda: view.scroll_y == view.virtual_size.height - 12)
        await shown(pilot, view, "x")

    drive(["sh", "-c", "seq -f 'row %g' 0 299; read x; seq -f 'more %g' 0 299; cat"], play)


def test_the_scrollbar_moves_the_view_and_pruning_moves_the_scrollbar():
    async def play(app, view, pilot):
        await shown(pilot, view, "row 299")
        view.scroll_to(y=10, animate=False)
        await until(pilot, lambda: rows(view)[0] == "row 199")  # 100 rows are kept
        view.session.send("\n")
        await until(pilot, lambda: view.scroll_y == 5)
        assert rows(view)[0] == "row 199"
        view.scroll_end(animate=False)
        await shown(pilot, view, "more 3")

    drive(["sh", "-c", "seq -f 'row %g' 0 299; read x; seq -f 'more %g' 0 3; cat"], play, scrollback=Limits(lines=100))


def test_selection_over_wraps():
    async def play(app, view, pilot):
        await shown(pilot, view, "tail")
        await pilot.mouse_down(view, offset=(50, 0))
        await pilot.hover(view, offset=(4, 1))
        await until(pilot, lambda: view.selected_text != "")
        await pilot.mouse_up(view, offset=(4, 1))
        assert view.selected_text == "0123456789"[0:8] + "8901"
        copied = []
        app.copy_to_clipboard = copied.append
        await pilot.press("shift+f4")
        assert copied == [view.selected_text]
        await pilot.press("x")
        assert view.selected_text == ""

    drive(["sh", "-c", "for i in 1 2 3 4 5 6 7; do printf 0123456789; done; printf '\\ntail'; cat"], play)


def test_links_are_followed_if_they_are_harmless():
    async def play(app, view, pilot):
        await shown(pilot, view, "bad")
        opened = []
        app.open_url = opened.append
        await pilot.click(view, offset=(1, 0))
        await pilot.click(view, offset=(6, 0))
        await pilot.click(view, offset=(30, 5))
        await pilot.pause()
        assert opened == ["https://example.org/"]

    link = r"\033]8;;{}\033\\{}\033]8;;\033\\"
    script = f"printf '{link.format('https://example.org/', 'good')} {link.format('file:///etc/passwd', 'bad')}'; cat"
    drive(["sh", "-c", script], play)


def test_search_shows_older_and_older_matches():
    async def play(app, view, pilot):
        await shown(pilot, view, "row 299")
        await pilot.press("shift+f2", *"ROW 27")
        await until(pilot, lambda: "row 279" in rows(view))
        await pilot.press("enter")
        await until(pilot, lambda: "row 278" in rows(view) and view._found.text == "row 27")
        await pilot.press("escape")
        assert view.has_focus
        assert view.search(re.compile("row 1.1$"))
        assert view._found.text == "row 191"
        assert not view.search("not there")

    drive(["sh", "-c", "seq -f 'row %g' 0 299; cat"], play)


def test_the_memory_panel():
    async def play(app, view, pilot):
        await pilot.press("shift+f5")
        await until(pilot, lambda: "mapped" in str(app.query_one("#memory").render()))
        await app.query_one("#memory").remove()
        app._show_memory()  # as its timer does, which may run once more when the application has ended

    drive(["cat"], play)


def test_the_exit_status_is_the_program_s():
    async def play(app, view, pilot):
        view.session.send("x\n")
        await until(pilot, lambda: app.return_value is not None)

    assert drive(["sh", "-c", "read x; exit 7"], play) == 7


@pytest.mark.parametrize("flood", ["yes", "while :; do echo '👩‍💻 🏳️‍🌈 flood 界'; done"])
def test_a_flood_is_painted_now_and_then_and_keys_still_work(flood):
    async def play(app, view, pilot):
        paints = []
        paint = view._paint
        view._paint = lambda: (paints.append(1), paint())
        await until(pilot, lambda: len(paints) > 5 and len(view.session.terminal.history) == 3000)
        assert len(paints) < view.session.terminal.next_line
        await pilot.press("ctrl+c")
        await until(pilot, lambda: app.return_value is not None)

    assert drive(["sh", "-c", flood], play, scrollback=Limits(lines=3000)) == 130


def test_nothing_is_painted_while_nothing_changes():
    async def play(app, view, pilot):
        await shown(pilot, view, "ready")
        await pilot.pause(0.2)
        paints = []
        view._paint = lambda: paints.append(1)
        await pilot.pause(0.3)
        assert paints == []

    drive(["sh", "-c", "echo ready; cat"], play)


def test_only_rows_that_changed_are_painted():
    async def play(app, view, pilot):
        await shown(pilot, view, "ready")
        await pilot.pause(0.2)
        painted = []
        refresh = view.refresh
        view.refresh = lambda *regions, **options: (painted.extend(regions), refresh(*regions, **options))[1]
        view.session.send("x")
        await shown(pilot, view, "x")
        assert {region.y for region in painted} == {1} and all(region.height == 1 for region in painted)

    drive(["sh", "-c", "echo ready; cat"], play)


def test_several_views_in_an_application():
    class Two(App[None]):
        def compose(self) -> ComposeResult:
            yield TerminalView(["sh", "-c", "echo one; cat"], id="one")
            yield TerminalView(["sh", "-c", "echo two; cat"], id="two")

    async def main():
        app = Two()
        async with app.run_test(size=(40, 20)) as pilot:
            for name in ("one", "two"):
                view = app.query_one(f"#{name}", TerminalView)
                await until(pilot, lambda view=view: view.started)
                await shown(pilot, view, name)
            await view.remove()
            with pytest.raises(ProcessLookupError):
                os.kill(view.session.pid, 0)

    asyncio.run(main())


def test_all_of_a_style_is_painted():
    painter = Painter(Palette())
    style = painter._make(Style(bold=True, faint=True, italic=True, underline=2, blink=True, inverse=True, invisible=True,
                                strikethrough=True, overline=True, foreground=9, background=(1, 2, 3)), False)  # fmt: skip
    for name in ("bold", "dim", "italic", "underline", "underline2", "blink", "reverse", "conceal", "strike", "overline"):
        assert getattr(style, name), name
    assert (style.color.triplet, style.bgcolor.triplet) == ((255, 0, 0), (1, 2, 3))
