"""The widget: a window onto a session's terminal, painted from a frame, a row that changed at a time."""

from __future__ import annotations

import asyncio
import contextvars
import os
import re
import time
from collections.abc import Sequence
from typing import Any

from rich.style import Style as RichStyle
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ghostpage.commands import read_between
from ghostpage.limits import Limits
from ghostpage.lines import Position
from ghostpage.search import Match
from ghostpage.session import Session
from ghostpage.textual.keys import BUTTONS, key_of
from ghostpage.textual.paint import FOUND, SELECTED, Painter

__all__ = ["TerminalView"]

FRAME_SECONDS = 1 / 60
SAFE_LINKS = ("http://", "https://", "mailto:")
_CURSOR = RichStyle(reverse=True)


class TerminalView(ScrollView, can_focus=True):
    """Runs ``command`` in a PTY and shows its terminal, with its history behind a scrollbar.

    The window's size is the program's. Keys, mouse and paste go to the program, by the modes that it has set; what the mouse
    does goes to the view while the program does not ask for it, or with Shift: drag to select, click a link to follow it.
    Shift and the page keys, and the wheel, look at history, which keeps its place while the program goes on; typing leads
    back. ``scrollback`` is how much history is kept. Options of the session can be given besides.

    Only rows that changed are painted, at most sixty times a second, and nothing is done while nothing changes. Messages:
    :class:`Ended`, :class:`TitleChanged`, :class:`LinkClicked`, :class:`Bell`.
    """

    DEFAULT_CSS = """
    TerminalView { background: black; color: #e5e5e5; scrollbar-size-horizontal: 0; overflow-x: hidden; overflow-y: scroll; }
    """
    ALLOW_SELECT = False

    class Ended(Message):
        """The program has ended, with this status."""

        def __init__(self, exit_status: int) -> None:
            super().__init__()
            self.exit_status = exit_status

    class TitleChanged(Message):
        """The program gave its window a title."""

        def __init__(self, title: str) -> None:
            super().__init__()
            self.title = title

    class LinkClicked(Message):
        """A link was clicked whose scheme is harmless."""

        def __init__(self, url: str) -> None:
            super().__init__()
            self.url = url

    class Bell(Message):
        """The program rang the bell."""

    def __init__(
        self,
        command: str | Sequence[str] | None = None,
        *,
        scrollback: Limits = Limits(lines=1_000_000),
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
        **session: Any,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._command = command or [os.environ.get("SHELL", "/bin/sh")]
        self._options = {"scrollback": scrollback, **session}
        self._session: Session | None = None
        self._painted = 0.0
        self._due = self._told_end = False
        self._title = ""
        self._selection: tuple[Position, Position] | None = None
        self._anchor: Position | None = None
        self._found: Match | None = None
        self._matches: Any = None

    # ---- life ----

    @property
    def session(self) -> Session:
        """The session; there is none before the widget has a size."""
        if self._session is None:
            raise RuntimeError("the view has no session before it is shown")
        return self._session

    @property
    def started(self) -> bool:
        return self._session is not None

    def on_resize(self, event: events.Resize) -> None:
        size = self.scrollable_content_region.size
        columns, rows = max(1, size.width), max(1, size.height)
        if self._session is None:
            self._start(columns, rows)
        elif (columns, rows) != (self.session.terminal.columns, self.session.terminal.rows):
            self.session.resize(columns, rows)
            self._paint()

    def _start(self, columns: int, rows: int) -> None:
        loop, context = asyncio.get_running_loop(), contextvars.copy_context()
        waiting = False

        def observe(_data: bytes) -> None:  # on the thread of the sessions
            nonlocal waiting
            if not waiting:
                waiting = True
                loop.call_soon_threadsafe(paint, context=context)

        def paint() -> None:
            nonlocal waiting
            waiting = False
            self._soon()

        self._session = Session(self._command, columns, rows, observer=observe, **self._options)
        self._frame = self._session.terminal.frame()
        self._painter = Painter(self._session.terminal.palette)
        self.run_worker(self._wait_for_the_end(), exclusive=False)
        self._paint()

    async def _wait_for_the_end(self) -> None:
        status = await asyncio.get_running_loop().run_in_executor(None, _ended, self.session)
        if status is not None:
            self._paint()
            self.post_message(self.Ended(status))

    def on_unmount(self) -> None:
        if self._session is not None:
            self._frame.close()
            self._session.close(grace=0.2)

    # ---- painting ----

    def _soon(self) -> None:
        """Paints once sixtieth of a second after the last time, however much comes until then."""
        if not self._due:
            self._due = True
            self.set_timer(max(0.001, self._painted + FRAME_SECONDS - time.monotonic()), self._paint)

    def _paint(self) -> None:
        self._due = False
        if self._session is None or self._session.closed or self._frame.closed:
            return
        terminal = self.session.terminal
        if terminal.synchronized:  # the program is in the middle of a picture
            self._soon()
            return
        self._painted = time.monotonic()
        before = self._cursor_row()
        changed = set(self._frame.update())
        changed |= {before, self._cursor_row()}
        self._take_events()
        self._fit_scrollbar()
        for y in changed:
            if 0 <= y < self._frame.rows:
                self.refresh(Region(0, y, self.size.width, 1))

    def _take_events(self) -> None:
        terminal = self.session.terminal
        for event in terminal.take_events():
            if type(event).__name__ == "Bell":
                self.post_message(self.Bell())
        if terminal.title != self._title:
            self._title = terminal.title
            self.post_message(self.TitleChanged(self._title))
        if terminal.palette is not self._painter.palette and terminal.palette != self._painter.palette:
            self._painter = Painter(terminal.palette)
            self.refresh()

    def _top(self) -> int:
        """The row at the view's top, counted from the oldest."""
        return self._frame.total_rows - self._frame.rows - self._frame.offset

    def _fit_scrollbar(self) -> None:
        self.virtual_size = Size(self._frame.columns, self._frame.total_rows)
        top = self._top()
        if round(self.scroll_y) != top:
            self.set_reactive(type(self).scroll_target_y, float(top))
            self.set_reactive(type(self).scroll_y, float(top))
            if self.show_vertical_scrollbar:
                self.vertical_scrollbar.position = top
            self.refresh()

    def _cursor_row(self) -> int:
        return self._frame.cursor.y + self._frame.offset if self._session else -1

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The user moved the scrollbar."""
        super().watch_scroll_y(old_value, new_value)
        if self._session is not None and not self._frame.closed and round(new_value) != self._top():
            self._scroll(round(new_value) - self._top())

    def _scroll(self, rows: int) -> None:
        self._frame.scroll(rows)
        self._paint()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        if self._session is None or self._frame.closed or y >= self._frame.rows:
            return Strip.blank(self.size.width, self.rich_style)
        marks = [*self._marks(y)]
        cursor = self._frame.cursor
        if self.has_focus and cursor.visible and self._cursor_row() == y:
            marks.append((cursor.x, cursor.x + max(1, self._frame.widths[y, cursor.x]), _CURSOR))
        return self._painter.strip(self._frame.runs(y), self.size.width, marks).apply_style(self.rich_style)

    def _marks(self, y: int) -> list[tuple[int, int, RichStyle]]:
        """What is selected or found in a row."""
        marks = []
        for span, style in ((self._selection, SELECTED), (self._found and (self._found.start, self._found.end), FOUND)):
            if span:
                begin, stop = (self._place(position) for position in sorted(span))
                row = self._top() + y
                if begin and stop and begin[0] <= row <= stop[0]:
                    marks.append((begin[1] if row == begin[0] else 0, stop[1] if row == stop[0] else self.size.width, style))
        return marks

    def _place(self, position: Position) -> tuple[int, int] | None:
        return self.session.terminal.locate(position)

    # ---- the user ----

    def send(self, data: str | bytes) -> None:
        """To the program; the view shows the screen again."""
        if data and self._session is not None and not self._session.closed:
            self.session.send(data, timeout=0)
            if not self._frame.following:
                self._frame.follow()
                self._paint()

    async def on_key(self, event: events.Key) -> None:
        if self._session is None:
            return
        scroll = {"shift+pageup": -self._frame.rows, "shift+pagedown": self._frame.rows, "shift+up": -1, "shift+down": 1}
        if event.key in scroll and not self.session.terminal.alternate_screen:
            event.stop()
            event.prevent_default()
            self._scroll(scroll[event.key])
        elif (key := key_of(event)) is not None:
            event.stop()
            event.prevent_default()
            self.clear_selection()
            self.send(self.session.terminal.key(*key))

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.send(self.session.terminal.paste(event.text))

    def on_focus(self) -> None:
        self._tell_focus(True)

    def on_blur(self) -> None:
        self._tell_focus(False)

    def _tell_focus(self, focused: bool) -> None:
        if self._session is not None and not self._session.closed:
            if data := self.session.terminal.focus(focused):
                self.session.send(data, timeout=0)
            self.refresh()

    def _mouse(self, event: events.MouseEvent, action: str, button: str) -> bool:
        """Whether the program got it."""
        if self._session is None or event.shift or not self._frame.following:
            return False
        modifiers = [name for name, held in (("alt", event.meta), ("ctrl", event.ctrl)) if held]
        data = self.session.terminal.mouse(action, button, max(0, event.x), max(0, event.y), modifiers)
        if data:
            event.stop()
            self.session.send(data, timeout=0)
        return bool(data) or self.session.terminal.input_modes.mouse != 0

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self.focus()
        if not self._mouse(event, "press", BUTTONS.get(event.button, "none")) and event.button == 1 and self.started:
            self.clear_selection()
            self._anchor = self._position(event)
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._anchor is not None:
            if event.y < 0 or event.y >= self._frame.rows:  # beyond an edge: goes on there
                self._scroll(-1 if event.y < 0 else 1)
            self._selection = (self._anchor, self._position(event))
            self.refresh()
        else:
            self._mouse(event, "move", BUTTONS.get(event.button, "none"))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self._anchor is not None:
            self.release_mouse()
            self._anchor = None
            if self._selection is None and (url := self.link_at(event.x, event.y)):
                self.post_message(self.LinkClicked(url))
        else:
            self._mouse(event, "release", BUTTONS.get(event.button, "none"))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, "wheel_up", -3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, "wheel_down", 3)

    def _wheel(self, event: events.MouseEvent, button: str, rows: int) -> None:
        event.stop()
        event.prevent_default()
        if not self._mouse(event, "press", button) and self.started:
            self._scroll(rows)

    def _position(self, event: events.MouseEvent) -> Position:
        """Line and cell below the mouse."""
        row = self._top() + min(max(0, event.y), self._frame.rows - 1)
        return self.session.terminal.position(row, min(max(0, event.x), self._frame.columns - 1))

    # ---- selection, links, search ----

    @property
    def selected_text(self) -> str:
        """What is selected, rows of one line joined; empty if nothing is."""
        if self._selection is None:
            return ""
        with self.session.terminal.snapshot() as moment:
            return read_between(moment, *sorted(self._selection))

    def clear_selection(self) -> None:
        if self._selection is not None:
            self._selection = None
            self.refresh()

    def action_copy(self) -> None:
        """Puts what is selected on the clipboard."""
        if text := self.selected_text:
            self.app.copy_to_clipboard(text)

    def link_at(self, x: int, y: int) -> str | None:
        """The target of a link below a cell of the view, if its scheme is harmless."""
        if not (0 <= y < self._frame.rows and 0 <= x < self._frame.columns):
            return None
        target = self._frame.link_table[self._frame.links[y, x]]
        return target if target and target.lower().startswith(SAFE_LINKS) else None

    def search(self, pattern: str | re.Pattern[str], *, ignore_case: bool = True) -> bool:
        """Shows the newest match, and marks it; False if there is none. :meth:`search_again` goes to the one before."""
        self._matches = iter(self.session.terminal.search(pattern, ignore_case=ignore_case)) if pattern else None
        return self.search_again()

    def search_again(self) -> bool:
        """Shows the next older match; False when there are no more, and nothing is marked then."""
        self._found = next(self._matches, None) if self._matches is not None else None
        place = self._place(self._found.start) if self._found else None
        if place:
            self._scroll(place[0] - self._frame.rows // 2 - self._top())
        self.refresh()
        return place is not None


def _ended(session: Session) -> int | None:
    try:
        return session.wait()
    except ValueError:  # it was closed
        return None
