"""Streams: what a program prints goes to a screen, by way of its methods where they are overridden."""

from __future__ import annotations

import codecs
import inspect
import re
import warnings
from collections.abc import Callable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from ghostpage._core import ffi
from ghostpage.events import Event, IconTitleChanged, TitleChanged
from ghostpage.pyte import control as ctrl
from ghostpage.pyte import escape as esc
from ghostpage.pyte._terminal import CONTROL, ESCAPE, TEXT, ScreenTerminal, Watch
from ghostpage.pyte.screen import Screen

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["ByteStream", "Stream"]

BASIC = {
    ctrl.BEL: "bell",
    ctrl.BS: "backspace",
    ctrl.HT: "tab",
    ctrl.LF: "linefeed",
    ctrl.VT: "linefeed",
    ctrl.FF: "linefeed",
    ctrl.CR: "carriage_return",
    ctrl.SO: "shift_out",
    ctrl.SI: "shift_in",
}
ESCAPES = {
    esc.RIS: "reset",
    esc.IND: "index",
    esc.NEL: "linefeed",
    esc.RI: "reverse_index",
    esc.HTS: "set_tab_stop",
    esc.DECSC: "save_cursor",
    esc.DECRC: "restore_cursor",
}
SHARP = {esc.DECALN: "alignment_display"}
SEQUENCES = {
    esc.ICH: "insert_characters",
    esc.CUU: "cursor_up",
    esc.CUD: "cursor_down",
    esc.CUF: "cursor_forward",
    esc.CUB: "cursor_back",
    esc.CNL: "cursor_down1",
    esc.CPL: "cursor_up1",
    esc.CHA: "cursor_to_column",
    esc.CUP: "cursor_position",
    esc.ED: "erase_in_display",
    esc.EL: "erase_in_line",
    esc.IL: "insert_lines",
    esc.DL: "delete_lines",
    esc.DCH: "delete_characters",
    esc.ECH: "erase_characters",
    esc.HPA: "cursor_to_column",
    esc.HPR: "cursor_forward",
    esc.DA: "report_device_attributes",
    esc.VPA: "cursor_to_line",
    esc.VPR: "cursor_down",
    esc.HVP: "cursor_position",
    esc.TBC: "clear_tab_stop",
    esc.SM: "set_mode",
    esc.RM: "reset_mode",
    esc.SGR: "select_graphic_rendition",
    esc.DSR: "report_device_status",
    esc.DECSTBM: "set_margins",
}
OTHERS = ("define_charset", "set_icon_name", "set_title", "draw", "debug")

TOLD = {"bell", "set_title", "set_icon_name"}  # of which a screen hears without a watch
PRIVATE = {"set_mode", "reset_mode", "erase_in_display", "erase_in_line", "report_device_attributes"}
"""Methods that stand for a sequence with a ``?`` too. Others with one are another control, which has no method."""
STRINGS = "PX^_"  # ESC and these begin strings,
MARK = "!"  # unless a table has them, when this is put between
PAGING = {"next_page", "prev_page"}  # what does not lead back from history
MOST = 9999  # that a method is given for a parameter
EIGHT_BIT = ("draw", "define_charset", "shift_in", "shift_out")  # what the core does not do for text of 8 bits
# Characters from 0x80 on that 8-bit sets have and UTF-8 would take for controls, on their way to draw.
C1_PICTURES = {0x80 + i: 0xF080 + i for i in range(32) if 0x80 + i not in (0x9B, 0x9D)}
PICTURED = {picture: c1 for c1, picture in C1_PICTURES.items()}

EVERYTHING = Watch()
EVERYTHING.everything()


class Stream:
    """Feeds a screen with text.

    ``screen`` is a :class:`~ghostpage.pyte.Screen` or any other object with the methods that :attr:`events` names. Of a
    Screen only those are called that are overridden; what they are is found out by :meth:`attach`. The rest is done by the
    core, a whole chunk at a time. Methods are called with what they take: parameters that are too many are left out.

    The tables :attr:`basic`, :attr:`escape`, :attr:`sharp` and :attr:`csi` lead from what comes to the method's name;
    subclasses may have others.

    >>> screen = Screen(10, 1)
    >>> Stream(screen).feed("a\\x1b[1mb")
    >>> screen.display, screen.buffer[0][1].bold
    (['ab        '], True)
    """

    basic: dict[str, str] = dict(BASIC)
    escape: dict[str, str] = dict(ESCAPES)
    sharp: dict[str, str] = dict(SHARP)
    csi: dict[str, str] = dict(SEQUENCES)
    events: frozenset[str] = frozenset(chain(BASIC.values(), ESCAPES.values(), SHARP.values(), SEQUENCES.values(), OTHERS))

    def __init__(self, screen: Any = None, strict: bool = True) -> None:
        self.listener: Any = None
        self.strict = strict
        self.use_utf8: bool = True
        if screen is not None:
            self.attach(screen)

    def attach(self, screen: Any) -> None:
        """Feeds this screen from now on, and no other. Raises ``TypeError`` if it lacks a method, unless not ``strict``."""
        if self.listener is not None:
            warnings.warn(f"{screen!r} takes the place of {self.listener!r}", DeprecationWarning, stacklevel=2)
        if self.strict:
            missing = sorted(event for event in self.events if not hasattr(screen, event))
            if missing:
                raise TypeError(f"{type(screen).__name__} has no {', '.join(missing)}")
        self.listener = screen
        self._is_screen = isinstance(screen, Screen)
        self._terminal = screen._terminal if isinstance(screen, Screen) else ScreenTerminal(1, 1, 0)
        self._strings = re.escape("".join(final for final in self.escape if final in STRINGS))
        self._held = ""
        self._called = self._methods(screen)
        self._watch, self._percent = self._make_watch(), self._make_watch()
        self._percent.designations()
        self._eight_bit = {name: _Method(getattr(screen, name), name) for name in EIGHT_BIT if hasattr(screen, name)}

    def detach(self, screen: Any) -> None:
        """Feeds this screen no more."""
        if screen is self.listener:
            self.listener = None

    def feed(self, data: str) -> None:
        """Takes text, in pieces of any size. Never raises for what is in it.

        Raises ``RuntimeError`` without a screen, :class:`~ghostpage.OutOfMemoryError`, and what methods raise that are
        overridden: the first such exception, when all has been fed.
        """
        if not isinstance(data, str):
            raise TypeError(f"data must be str, not {type(data).__name__}; a ByteStream takes bytes")
        self._feed(data.replace(ctrl.ST_C1, ctrl.ST_C0))  # which inside strings only ends them in 7 bits

    def _feed(self, data: ReadableBuffer | str, expects_percent: bool = False) -> None:
        if self.listener is None:
            raise RuntimeError("no screen is attached")
        watch = EVERYTHING if not self.use_utf8 else self._percent if expects_percent else self._watch
        self._terminal.share(self._marked(data) if self._strings else data, watch, self)

    def _marked(self, data: ReadableBuffer | str) -> ReadableBuffer | str:
        """With a mark in escapes that would begin strings, but are in the table."""
        text = self._held + (data if isinstance(data, str) else bytes(data).decode("latin-1"))
        self._held = ctrl.ESC if text.endswith(ctrl.ESC) else ""
        marked = re.sub(f"{ctrl.ESC}([{self._strings}])", rf"{ctrl.ESC}{MARK}\1", text[: len(text) - len(self._held)])
        return marked if isinstance(data, str) else marked.encode("latin-1")

    # ---- which methods are called ----

    def _tables(self) -> list[tuple[dict[str, str], dict[str, str]]]:
        """Each with what it usually is."""
        return [(self.basic, BASIC), (self.escape, ESCAPES), (self.sharp, SHARP), (self.csi, SEQUENCES)]

    def _methods(self, screen: Any) -> dict[str, _Method]:
        """The methods that are called, by name."""
        added = {name for table, usual in self._tables() for key, name in table.items() if usual.get(key) != name}
        called = {*self.events, *added}
        if self._is_screen:
            called = {name for name in self.events - TOLD if screen._has_own(name)} | added
            if "index" in called:
                called.add("linefeed")
            if called & {"linefeed", "carriage_return", *PAGING}:
                called.add("draw")
        return {name: _Method(getattr(screen, name), name) for name in called if hasattr(screen, name)}

    def _make_watch(self) -> Watch:
        watch, called = Watch(), self._called
        if not self._is_screen or PAGING & called.keys():
            watch.everything()
            return watch
        basic, escape, sharp, csi = ([key for key, name in table.items() if name in called] for table, _ in self._tables())
        for character in basic:
            watch.control(character)
        for final in escape:
            watch.escape(final)
        for final in csi:
            watch.sequence(final)
        if sharp or self._strings or "define_charset" in called:
            watch.designations()
        if self.listener._has_own("draw"):
            watch.text()
        elif "draw" in called:
            watch.wraps()
        if "debug" in called:
            watch.sequences()
        return watch

    # ---- what is handed over ----

    def take(self, service: Any) -> bool:
        """Calls the method for an event; False if there is none, and the terminal has to carry it out itself."""
        kind = service.kind
        if kind == TEXT:
            text = ffi.buffer(service.bytes, service.length_bytes)[:].decode("utf-8", "replace")
            return self._call("draw", text if self.use_utf8 else text.translate(PICTURED))
        final = chr(service.byte)
        if kind == CONTROL:
            return self._call(self.basic.get(final))
        if kind == ESCAPE:
            return self._escape(service.intermediates, final)
        name = self.csi.get(final)
        private = service.marker != 0
        parameters = [min(service.parameters[i], MOST) for i in range(service.parameter_count)]
        if name is None:
            return self._debug(*parameters, private=private)
        if private and name not in PRIVATE:
            return not self._is_screen
        return self._call(name, *parameters, private=private)

    def _escape(self, intermediates: int, final: str) -> bool:
        if intermediates == ord("%"):
            self.select_other_charset(final)
            return True
        if intermediates == ord("#"):
            return self._call(self.sharp.get(final)) if final in self.sharp else self._debug()
        if intermediates in (ord("("), ord(")")):
            if self.use_utf8 and not self._is_screen:
                return True
            return self._call("define_charset", final, mode=chr(intermediates))
        if (intermediates and intermediates != ord(MARK)) or final not in self.escape:
            return self._debug()
        if final == esc.NEL and self.escape[final] == "linefeed" and "linefeed" in self._called and self._is_screen:
            self.listener.carriage_return()
        return self._call(self.escape[final])

    def _call(self, name: str | None, *arguments: Any, private: bool = False, **keywords: Any) -> bool:
        method = self._called.get(name or "")
        if method is None and not self.use_utf8:
            method = self._eight_bit.get(name or "")
        if method is None:
            return not self._is_screen
        return method(arguments, private, keywords)

    def _debug(self, *parameters: int, private: bool = False) -> bool:
        """What no method is for is told, and carried out by the terminal."""
        self._call("debug", *parameters, private=private)
        return not self._is_screen

    def tell(self, what: bytes | Event) -> None:
        """Passes on a reply, a bell or a title."""
        if self._is_screen:
            self.listener._hear(what)
        elif isinstance(what, TitleChanged):
            self.listener.set_title(what.title)
        elif isinstance(what, IconTitleChanged):
            self.listener.set_icon_name(what.title)

    def select_other_charset(self, code: str) -> None:
        """ESC %: nothing, as text is Unicode already."""


class _Method:
    """An overridden method, and what it takes."""

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        self._function = function
        self._most: int | None = None
        self._private = name == "debug"
        try:
            parameters = inspect.signature(function).parameters.values()
        except (TypeError, ValueError):
            return
        kinds = [parameter.kind for parameter in parameters]
        if inspect.Parameter.VAR_POSITIONAL not in kinds:
            by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
            self._most = sum(kind in by_place for kind in kinds)
        self._private = inspect.Parameter.VAR_KEYWORD in kinds or any(p.name == "private" for p in parameters)

    def __call__(self, arguments: tuple[Any, ...], private: bool, keywords: Mapping[str, Any]) -> bool:
        if private and not self._private:
            return False
        if private:
            self._function(*arguments[: self._most], private=True, **keywords)
        else:
            self._function(*arguments[: self._most], **keywords)
        return True


class ByteStream(Stream):
    """Feeds a screen with bytes, in UTF-8, or after ``ESC % @`` in whatever the designated sets say.

    >>> screen = Screen(10, 1)
    >>> ByteStream(screen).feed(b"caf\\xc3\\xa9")
    >>> screen.display
    ['café      ']
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._expects_percent = False  # the rest of ESC %, which is looked for only then
        super().__init__(*args, **kwargs)
        self.utf8_decoder: codecs.IncrementalDecoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, data: ReadableBuffer) -> None:  # type: ignore[override]
        """Takes bytes, in pieces of any size; else as :meth:`Stream.feed`."""
        data = data if isinstance(data, bytes | bytearray) else bytes(memoryview(data))
        if not self.use_utf8:
            self._feed(data.decode("latin-1").translate(C1_PICTURES))
            return
        expected = self._expects_percent
        self._expects_percent = data.endswith((b"\x1b", b"\x1b%")) or (expected and data == b"%")
        text = self.listener is not None and self._watch.has_text
        self._feed(self.utf8_decoder.decode(data) if text else data, expected or b"\x1b%" in data)

    def select_other_charset(self, code: str) -> None:
        """ESC %: ``@`` ends UTF-8, ``G`` and ``8`` begin it."""
        if code == "@":
            self.use_utf8 = False
            self.utf8_decoder.reset()
        elif code in ("G", "8"):
            self.use_utf8 = True
