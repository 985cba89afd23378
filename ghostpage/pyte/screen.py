"""The screen: pyte's methods and attributes, on a terminal of ghostpage's."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from ghostpage import terminal as terminals
from ghostpage._core import ffi, integer, lib
from ghostpage.events import Bell, Event, IconTitleChanged, TitleChanged
from ghostpage.pyte import charsets as cs
from ghostpage.pyte import control as ctrl
from ghostpage.pyte import modes as mo
from ghostpage.pyte._terminal import ScreenTerminal, printable
from ghostpage.pyte.char import Char
from ghostpage.pyte.cursor import Cursor, Margins, ScreenCursor
from ghostpage.pyte.sets import Modes, TabStops
from ghostpage.pyte.view import BLANK, REVERSED_BLANK, Buffer, View

__all__ = ["DiffScreen", "Screen"]

MOST = 65_535  # a parameter
AHEAD = 64  # code points that are looked at for one cluster


class Screen:
    """A screen of ``columns`` by ``lines``, without history.

    It is given what a program prints by a :class:`~ghostpage.pyte.Stream`, or driven by its methods, which do what the
    control sequences of the same names do. A subclass that overrides some of them, or an object that was given its own, is
    called by the stream for just these; all else goes straight to the core. ``draw`` calls ``carriage_return`` and
    ``linefeed`` where a row is full, and ``linefeed`` calls ``index``, if one of them is overridden; no other method calls
    another.

    :attr:`terminal` is the :class:`~ghostpage.Terminal` behind it, with all that it can do.

    >>> screen = Screen(10, 2)
    >>> screen.draw("a")
    >>> screen.select_graphic_rendition(1)
    >>> screen.draw("\\u754c")
    >>> screen.display, screen.cursor.x
    (['a\\u754c       ', '          '], 3)
    >>> screen.buffer[0][1]
    Char(data='\\u754c', fg='default', bg='default', bold=True, italics=False, underscore=False, strikethrough=False, \
reverse=False, blink=False, dim=False, link=None, wrapped=False)
    """

    def __init__(self, columns: int, lines: int) -> None:
        self._open(columns, lines, 0)

    def _open(self, columns: int, lines: int, history: int) -> None:
        self._terminal = ScreenTerminal(columns, lines, history)
        self._view = View(self._terminal)
        self._cursor = ScreenCursor(self._view)
        self._mode = Modes(self._terminal)
        self._tabstops = TabStops(self._terminal)
        self._charsets: list[str | None] = [None, None]  # those that the core does not have
        self._wrapping = ""  # what begins another row, while methods are called for that
        self._buffer = Buffer(self._view)
        self.title: str = ""
        self.icon_name: str = ""
        self.reset()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.columns}, {self.lines})"

    # ---- what it is ----

    @property
    def terminal(self) -> terminals.Terminal:
        """What is behind the screen."""
        return self._terminal

    @property
    def columns(self) -> int:
        return self._view.size[0]

    @property
    def lines(self) -> int:
        return self._view.size[1]

    @property
    def alternate_screen(self) -> bool:
        """Whether the alternate screen is shown."""
        return self._terminal.alternate_screen

    @property
    def display(self) -> list[str]:
        """The rows' texts, with spaces up to the last column; a wide character takes two columns and is one here.

        Some microseconds for each row that has changed since it was read last.
        """
        return self._view.texts()

    @property
    def buffer(self) -> Buffer:
        """The rows by number, and in each the cells by column; both can be assigned, and so can all of it."""
        return self._buffer

    @buffer.setter
    def buffer(self, rows: Mapping[int, Mapping[int, Char]]) -> None:
        for y in range(self.lines):
            self._buffer[y] = rows[y] if y in rows else {}

    @property
    def dirty(self) -> set[int]:
        """Rows that have changed, or that a method was called for, since the set was cleared, which is the user's to do.

        Found out when it is asked for: until then it costs nothing.
        """
        self._view.refresh()
        return self._view.dirty

    @dirty.setter
    def dirty(self, rows: Iterable[int]) -> None:
        self._view.refresh()
        self._view.dirty = set(rows)

    @property
    def cursor(self) -> Cursor:
        """Where the cursor is, and the pen; what is assigned to it, or to its attributes, moves it."""
        return self._cursor

    @cursor.setter
    def cursor(self, cursor: Cursor) -> None:
        attrs, hidden = cursor.attrs, cursor.hidden
        self._cursor._go(cursor.x, cursor.y)
        self._cursor.attrs, self._cursor.hidden = attrs, hidden

    @property
    def default_char(self) -> Char:
        """A blank, in reverse if the screen is."""
        return REVERSED_BLANK if self._terminal.reversed else BLANK

    @property
    def mode(self) -> Modes:
        """The modes that are set: see :mod:`ghostpage.pyte.modes` for their numbers."""
        return self._mode

    @mode.setter
    def mode(self, modes: Iterable[int]) -> None:
        self._mode.become(modes)

    @property
    def tabstops(self) -> TabStops:
        """The columns of the tab stops, a set."""
        return self._tabstops

    @tabstops.setter
    def tabstops(self, columns: Iterable[int]) -> None:
        self._tabstops.become(columns)

    @property
    def margins(self) -> Margins | None:
        """First and last row of the scroll region, or None if it is all of the screen."""
        figures = self._terminal._figures()
        if figures.region_top == 0 and figures.region_bottom == figures.rows:
            return None
        return Margins(figures.region_top, figures.region_bottom - 1)

    @margins.setter
    def margins(self, margins: Margins | None) -> None:
        top, bottom = margins or (0, self.lines - 1)
        self._terminal.drive(lib.gp_screen_set_region, integer("top", top, 0, MOST), integer("bottom", bottom, 0, MOST))

    @property
    def charset(self) -> int:
        """0 for G0, 1 for G1: which of them is shifted in."""
        return int(self._terminal._state().shift == 1)

    @charset.setter
    def charset(self, charset: int) -> None:
        self._order(ctrl.SO if charset else ctrl.SI)

    @property
    def g0_charset(self) -> str:
        """The set of G0, as a string of what its characters stand for."""
        return self._charset(0)

    @g0_charset.setter
    def g0_charset(self, charset: str) -> None:
        self._set_charset(0, charset)

    @property
    def g1_charset(self) -> str:
        """The set of G1."""
        return self._charset(1)

    @g1_charset.setter
    def g1_charset(self, charset: str) -> None:
        self._set_charset(1, charset)

    def _charset(self, place: int) -> str:
        own = self._charsets[place]
        if own is not None:
            return own
        return cs.VT100_MAP if self._terminal._state().charsets[place] == ord("0") else cs.LAT1_MAP

    def _set_charset(self, place: int, charset: str) -> None:
        in_core = {cs.LAT1_MAP: "B", cs.VT100_MAP: "0"}
        self._charsets[place] = None if charset in in_core else charset
        self._order(f"\x1b{'()'[place]}{in_core.get(charset, 'B')}")

    # ---- what streams ask ----

    def _order(self, *controls: str) -> None:
        self._terminal.order(*controls)
        while self._terminal.told:
            self._hear(self._terminal.told.popleft())

    def _hear(self, what: bytes | Event) -> None:
        """Passes on what the terminal tells."""
        if isinstance(what, bytes):
            self.write_process_input(what.decode("utf-8", "replace"))
        elif isinstance(what, Bell):
            for _ in range(what.count):
                self.bell()
        elif isinstance(what, TitleChanged):
            self.set_title(what.title)
        elif isinstance(what, IconTitleChanged):
            self.set_icon_name(what.title)

    def _has_own(self, *names: str) -> bool:
        """Whether methods are overridden, in a class or in this object."""
        cls, own = type(self), self.__dict__
        for name in names:
            if name in own or getattr(cls, name) is not getattr(Screen, name):
                return True
        return False

    def _touch(self, first: int, last: int) -> None:
        """Rows that a method was called for are dirty whether or not that changed them."""
        self._view.dirty.update(range(first, last))

    def _touch_row(self) -> None:
        y = self._cursor.y
        self._touch(y, y + 1)

    # ---- size, reset, modes ----

    def reset(self) -> None:
        """RIS: everything is as it was at first, and history gone."""
        self._charsets = [None, None]
        self._mode.forget()
        self._order("\x1bc")
        self._touch(0, self.lines)

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        """Gives the screen another size, and no margins. Lines are wrapped anew, so that nothing is cut off.

        Raises :class:`~ghostpage.ArgumentError` for sizes out of range.
        """
        lines, columns = lines or self.lines, columns or self.columns
        if (lines, columns) == (self.lines, self.columns):
            return
        self._terminal.resize(columns, lines)
        self.margins = None
        self._order()
        self._touch(0, lines)

    def set_margins(self, top: int | None = None, bottom: int | None = None) -> None:
        """DECSTBM: rows ``top`` to ``bottom``, from 1, scroll; without them all do. The cursor goes home."""
        self._order(f"\x1b[{_count(top)};{_count(bottom, MOST)}r")

    def set_mode(self, *modes: int, private: bool = False, **_: Any) -> None:
        """SM, and DECSET if ``private``; without it private modes are meant by their shifted numbers."""
        self._change_modes(modes, private, True)

    def reset_mode(self, *modes: int, private: bool = False, **_: Any) -> None:
        """RM, and DECRST if ``private``."""
        self._change_modes(modes, private, False)

    def _change_modes(self, modes: Iterable[int], private: bool, on: bool) -> None:
        numbers = [mode << mo.PRIVATE_SHIFT if private else mode for mode in modes]
        self._mode.change(numbers, on)
        self._order()
        if mo.DECSCNM in numbers:
            self._touch(0, self.lines)

    # ---- text ----

    def draw(self, data: str) -> None:
        """Prints text at the cursor; control characters in it are left out."""
        text = data
        if self._charsets != [None, None]:
            text = data.translate(self._charsets[self.charset] or {})
        if mo.DECAWM in self.mode and self._has_own("index", "linefeed", "carriage_return"):
            self._draw_in_rows(printable(text))
        else:
            self._terminal.print(text)

    def _draw_in_rows(self, text: str) -> None:
        """As much as fits a row, then the methods that begin another: the core wraps when the last of them asks it to."""
        while text:
            figures = self._terminal._figures()
            room = 0 if figures.pending_wrap else figures.columns - figures.x
            part = _fitting(text, room)
            if part:
                self._terminal.print(part)
            else:
                part = self._wrapping = _first(text)
                self.carriage_return()
                self.linefeed()
                self._wrap()
            text = text[len(part) :]

    def _wrap(self) -> bool:
        """Prints what begins another row, if that is what is under way."""
        text, self._wrapping = self._wrapping, ""
        if text:
            self._terminal.print(text)
        return bool(text)

    def define_charset(self, code: str, mode: str) -> None:
        """SCS: a set of :data:`ghostpage.pyte.charsets.MAPS`, or one that the terminal knows, is G0 for ``(``, G1 for ``)``."""
        if mode not in ("(", ")") or not (len(code) == 1 and "0" <= code <= "~"):
            return
        place = "()".index(mode)
        if code in cs.MAPS:
            self._set_charset(place, cs.MAPS[code])
        else:
            self._charsets[place] = None
            self._order(f"\x1b{mode}{code}")

    def shift_in(self) -> None:
        """SI: G0."""
        self.charset = 0

    def shift_out(self) -> None:
        """SO: G1."""
        self.charset = 1

    # ---- lines ----

    def carriage_return(self) -> None:
        """CR."""
        if not self._wrapping:
            self._order(ctrl.CR)

    def linefeed(self) -> None:
        """LF: :meth:`index`, and in the mode LNM a carriage return."""
        if self._has_own("index", "carriage_return"):
            wraps = self._wrapping
            self.index()
            if mo.LNM in self.mode and not wraps:
                self.carriage_return()
        elif not self._wrap():
            self._order(ctrl.LF)

    def index(self) -> None:
        """IND: down, and at the bottom margin the region scrolls up."""
        figures = self._terminal._figures()
        if figures.y == figures.region_bottom - 1:
            self._touch(0, figures.rows)
        if not self._wrap():
            self._order("\x1bD")

    def reverse_index(self) -> None:
        """RI: up, and at the top margin the region scrolls down."""
        figures = self._terminal._figures()
        if figures.y == figures.region_top:
            self._touch(0, figures.rows)
        self._order("\x1bM")

    def insert_lines(self, count: int | None = None) -> None:
        """IL."""
        self._edit_lines(f"\x1b[{_count(count)}L")

    def delete_lines(self, count: int | None = None) -> None:
        """DL."""
        self._edit_lines(f"\x1b[{_count(count)}M")

    def _edit_lines(self, control: str) -> None:
        figures = self._terminal._figures()
        if figures.region_top <= figures.y < figures.region_bottom:
            self._touch(figures.y, figures.rows)
        self._order(control)

    # ---- cells ----

    def insert_characters(self, count: int | None = None) -> None:
        """ICH."""
        self._edit_row(f"\x1b[{_count(count)}@")

    def delete_characters(self, count: int | None = None) -> None:
        """DCH."""
        self._edit_row(f"\x1b[{_count(count)}P")

    def erase_characters(self, count: int | None = None) -> None:
        """ECH."""
        self._edit_row(f"\x1b[{_count(count)}X")

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        """EL: to the end, from the beginning (1) or all of the row (2); DECSEL, which spares what is protected, if private."""
        self._edit_row(f"\x1b[{'?' if private else ''}{how}K")

    def erase_in_display(self, how: int = 0, *_: Any, private: bool = False, **__: Any) -> None:
        """ED: to the end, from the beginning (1), all of the screen (2), or the history (3); DECSED if private."""
        y, lines = self._cursor.y, self.lines
        first, last = ((y, lines), (0, y + 1), (0, lines))[how] if how in (0, 1, 2) else (0, 0)
        self._touch(first, last)
        self._order(f"\x1b[{'?' if private else ''}{how}J")

    def _edit_row(self, control: str) -> None:
        self._touch_row()
        self._order(control)

    def alignment_display(self) -> None:
        """DECALN: the screen full of E."""
        self._touch(0, self.lines)
        self._order("\x1b#8")

    # ---- the cursor ----

    def cursor_up(self, count: int | None = None) -> None:
        """CUU."""
        self._order(f"\x1b[{_count(count)}A")

    def cursor_down(self, count: int | None = None) -> None:
        """CUD."""
        self._order(f"\x1b[{_count(count)}B")

    def cursor_forward(self, count: int | None = None) -> None:
        """CUF."""
        self._order(f"\x1b[{_count(count)}C")

    def cursor_back(self, count: int | None = None) -> None:
        """CUB."""
        self._order(f"\x1b[{_count(count)}D")

    def cursor_down1(self, count: int | None = None) -> None:
        """CNL."""
        self._order(f"\x1b[{_count(count)}E")

    def cursor_up1(self, count: int | None = None) -> None:
        """CPL."""
        self._order(f"\x1b[{_count(count)}F")

    def cursor_to_column(self, column: int | None = None) -> None:
        """CHA."""
        self._order(f"\x1b[{_count(column)}G")

    def cursor_to_line(self, line: int | None = None) -> None:
        """VPA."""
        self._order(f"\x1b[{_count(line)}d")

    def cursor_position(self, line: int | None = None, column: int | None = None) -> None:
        """CUP: from 1."""
        self._order(f"\x1b[{_count(line)};{_count(column)}H")

    def backspace(self) -> None:
        """BS."""
        self._order(ctrl.BS)

    def tab(self) -> None:
        """HT."""
        self._order(ctrl.HT)

    def set_tab_stop(self) -> None:
        """HTS."""
        self._order("\x1bH")

    def clear_tab_stop(self, how: int = 0) -> None:
        """TBC: the stop here, or all (3)."""
        self._order(f"\x1b[{_count(how, 0)}g")

    def save_cursor(self) -> None:
        """DECSC."""
        self._order("\x1b7")

    def restore_cursor(self) -> None:
        """DECRC."""
        self._order("\x1b8")

    def ensure_hbounds(self) -> None:
        """Does nothing: the cursor is never beside the screen."""

    def ensure_vbounds(self, use_margins: bool | None = None) -> None:
        """Does nothing but, if asked to, bring the cursor into the scroll region."""
        if use_margins and self.margins:
            top, bottom = self.margins
            self._cursor.y = min(max(top, self._cursor.y), bottom)

    def select_graphic_rendition(self, *attrs: int, **_: Any) -> None:
        """SGR."""
        self._order(f"\x1b[{';'.join(str(_count(attr, 0)) for attr in attrs)}m")

    # ---- to be overridden ----

    def bell(self, *_: Any) -> None:
        """BEL. Does nothing."""

    def set_title(self, param: str) -> None:
        """OSC 0 and 2: the window's title is another."""
        self.title = param

    def set_icon_name(self, param: str) -> None:
        """OSC 0 and 1: the icon's title is another."""
        self.icon_name = param

    def report_device_attributes(self, mode: int = 0, private: bool = False, **_: Any) -> None:
        """DA, which :meth:`write_process_input` is given the answer to."""
        if not private:
            self._order(f"\x1b[{_count(mode, 0)}c")

    def report_device_status(self, mode: int, **_: Any) -> None:
        """DSR."""
        self._order(f"\x1b[{_count(mode, 0)}n")

    def write_process_input(self, data: str) -> None:
        """What the terminal answers to the program. Does nothing."""

    def debug(self, *_: Any, **__: Any) -> None:
        """A control sequence that has no method came. Does nothing: the terminal has carried it out."""


class DiffScreen(Screen):
    """A screen; deprecated, as every screen has :attr:`~Screen.dirty`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warnings.warn("a Screen does all that a DiffScreen does", DeprecationWarning, stacklevel=2)
        super().__init__(*args, **kwargs)


def _count(count: int | None, default: int = 1) -> int:
    """A parameter: None and 0 are the default, and more than there can be is as much as there can be."""
    return min(integer("a parameter", count or default, 0, 2**63), MOST)


def _clusters(text: str) -> list[tuple[int, int]]:
    """Where the grapheme clusters of a text begin, and how many columns each takes."""
    starts, widths = ffi.new("uint32_t[]", len(text)), ffi.new("uint8_t[]", len(text))
    codepoints = ffi.from_buffer("uint32_t[]", text.encode("utf-32-le", "surrogatepass"))
    count = lib.gp_unicode_clusters(codepoints, len(text), starts, widths)
    return list(zip(ffi.unpack(starts, count), ffi.unpack(widths, count)))


def _fitting(text: str, columns: int) -> str:
    """As much of a text as columns have room for."""
    text = text[: columns + AHEAD]
    if text.isascii():
        return text[:columns]
    for begin, width in _clusters(text):
        columns -= width
        if columns < 0 and width:
            return text[:begin]
    return text


def _first(text: str) -> str:
    """The first grapheme cluster of a text."""
    if text[:2].isascii():
        return text[:1]
    text = text[:AHEAD]
    begins = [begin for begin, _ in _clusters(text)]
    return text[: begins[1]] if len(begins) > 1 else text
