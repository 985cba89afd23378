"""What a terminal and the program in it say to each other, as a host sees and sets it."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterable
from typing import Any, NamedTuple

from ghostpage._buffer import SLICE_BYTES, Buffer
from ghostpage._core import ArgumentError, ffi, integer, lib
from ghostpage._protocol import Services, resize_report, room
from ghostpage._protocol.session import ALLOWABLE, STRING_LIMIT_MOST
from ghostpage.colors import Palette
from ghostpage.events import Bell, Event
from ghostpage.geometry import Geometry
from ghostpage.input import InputModes, encode_key
from ghostpage.modes import find_mode
from ghostpage.pointing import encode_focus, encode_mouse, encode_paste

__all__ = ["Conversation"]

SYNCHRONIZED_NS = 1_000_000_000  # after which output is shown though a program has not ended it
PENS_CELLS = 1 << 16  # looked at for one report
WHEEL_ROWS = 3

_LONG_STRINGS = {
    lib.GP_SERVICE_OSC: {"clipboard", "files"},
    lib.GP_SERVICE_DCS: {"images", "strings"},
    lib.GP_SERVICE_APC: {"images", "strings"},
    lib.GP_SERVICE_PM: {"strings"},
    lib.GP_SERVICE_SOS: {"strings"},
}
"""What has to be allowed for a control string to be longer than 64 KiB."""

_STYLE = struct.Struct("@IIIHH")  # gp_style_info


class Pen(NamedTuple):
    """A ``gp_style_info``."""

    foreground: int
    background: int
    underline_color: int
    attributes: int
    reserved: int


class Conversation(Buffer):
    """A screen that answers."""

    _services: Services

    # ---- what waits ----

    def take_replies(self) -> bytes:
        """What the terminal answers to what it was asked in its output (DA, DSR, DECRQM), to be written to the program.

        At most 64 KiB wait here; later ones are dropped, and counted in :attr:`replies_dropped`.

        >>> from ghostpage import Terminal
        >>> with Terminal() as terminal:
        ...     terminal.feed("\\x1b[6n")
        ...     terminal.take_replies(), terminal.take_replies()
        (b'\\x1b[1;1R', b'')
        """
        self._live  # noqa: B018  (raises if closed)
        return self._services.session.outbox.take_replies()

    @property
    def replies_dropped(self) -> int:
        """How many replies were dropped because nobody took those before."""
        self._live  # noqa: B018  (raises if closed)
        return self._services.session.outbox.replies_dropped

    def take_events(self) -> list[Event]:
        """What happened since the last call, the oldest first.

        Of neighbours that tell the same state only the last is kept, and bells are added up. At most 1,000 events and
        4 MiB of what they hold wait here (or one event that is larger); older ones are dropped, and counted in
        :attr:`events_dropped`.

        >>> from ghostpage import Terminal
        >>> with Terminal() as terminal:
        ...     terminal.feed("\\a\\a\\x1b]2;hello\\a")
        ...     terminal.take_events()
        [Bell(count=2), TitleChanged(title='hello')]
        """
        bells = lib.gp_terminal_take_bells(self._live)
        if bells:
            self._services.session.outbox.add(Bell(bells))
        return self._services.session.outbox.take_events()

    @property
    def events_dropped(self) -> int:
        """How many events were dropped because nobody took them."""
        self._live  # noqa: B018  (raises if closed)
        return self._services.session.outbox.events_dropped

    @property
    def sequences_ignored(self) -> int:
        """How many control sequences came that mean nothing here; a program that sends many is of another terminal.

        >>> from ghostpage import Terminal
        >>> with Terminal() as terminal:
        ...     terminal.feed("\\x1b[5n\\x1b[>5y\\x1b]31337;?\\a")
        ...     terminal.sequences_ignored
        2
        """
        lately: int = lib.gp_terminal_ignored(self._live)  # since Python was needed last
        return self._services.session.ignored + lately

    # ---- what the program says of itself ----

    @property
    def title(self) -> str:
        """The window's title (OSC 0 and 2), at most 4,096 characters, none of them a control; empty at first."""
        self._live  # noqa: B018  (raises if closed)
        return self._services.session.title

    @property
    def icon_title(self) -> str:
        """The icon's title (OSC 0 and 1), as :attr:`title`."""
        self._live  # noqa: B018  (raises if closed)
        return self._services.session.icon_title

    @property
    def working_directory(self) -> str:
        """Where the program says that it is (OSC 7), as it says it: a ``file:`` URL in most cases; empty at first."""
        self._live  # noqa: B018  (raises if closed)
        return self._services.session.working_directory

    @property
    def user_variables(self) -> dict[str, str]:
        """What OSC 1337 SetUserVar has set, at most 100 of them, the oldest first: a copy."""
        self._live  # noqa: B018  (raises if closed)
        return dict(self._services.session.user_variables)

    @property
    def pointer_shape(self) -> str:
        """The shape of the mouse pointer (OSC 22), by its name in CSS; empty for the usual one."""
        self._live  # noqa: B018  (raises if closed)
        return self._services.session.pointer_shape

    @property
    def progress(self) -> tuple[str, int]:
        """State and percent of OSC 9;4; see :class:`~ghostpage.events.ProgressChanged`."""
        self._live  # noqa: B018  (raises if closed)
        return self._services.session.progress

    @property
    def synchronized(self) -> bool:
        """Whether the program is in the middle of an update (mode 2026), so that a host should not draw yet.

        False again after a second, as the mode then is too.
        """
        return self._mode_state(2026, False) == 1

    # ---- what the host says ----

    @property
    def allow(self) -> frozenset[str]:
        """What is told and answered beyond the usual, which is nothing at first; can be set.

        ``"clipboard"`` (OSC 52), ``"files"`` (OSC 1337 File), ``"images"`` (sixel, kitty), ``"notifications"`` (OSC 9, 777
        and 99), ``"strings"`` (other DCS, APC, PM and SOS) and ``"title-reports"`` (CSI 20 t and 21 t). Others raise
        :class:`~ghostpage.ArgumentError`.
        """
        self._live  # noqa: B018  (raises if closed)
        return self._services.session.allowed

    @allow.setter
    def allow(self, allow: Iterable[str]) -> None:
        self._live  # noqa: B018  (raises if closed)
        if isinstance(allow, str):
            raise TypeError("allow must be several names, not a str")
        names = frozenset(allow)
        if not names <= ALLOWABLE:
            known = ", ".join(map(repr, sorted(ALLOWABLE)))
            raise ArgumentError(f"allow must be of {known}, not {sorted(map(repr, names - ALLOWABLE))[0]}")
        self._services.session.allowed = names
        self._limit_strings()

    @property
    def string_limit(self) -> int:
        """How many bytes of a control string are kept, from 1,024 to 2**30; 1 MiB at first, and can be set.

        So long are strings of what is allowed: OSC with ``"clipboard"`` or ``"files"``, DCS and APC with ``"images"``, and
        with ``"strings"`` all but OSC. Others are cut at 64 KiB. The event of one that was longer says so (``truncated``).
        Memory for a string is taken as it comes, up to half as much again while it grows, and given back after it;
        :attr:`memory` counts it. Raises :class:`~ghostpage.ArgumentError`.

        >>> from ghostpage import Terminal
        >>> with Terminal(allow=["images"], string_limit=2048) as terminal:
        ...     terminal.feed("\\x1bPq" + "?" * 2048 + "\\x1b\\\\" + "\\x1bPq" + "?" * 2049 + "\\x1b\\\\")
        ...     [(len(event.data), event.truncated) for event in terminal.take_events()]
        [(2048, False), (0, True)]
        """
        self._live  # noqa: B018  (raises if closed)
        return self._services.session.string_limit

    @string_limit.setter
    def string_limit(self, limit: int) -> None:
        self._live  # noqa: B018  (raises if closed)
        self._services.session.string_limit = integer("string_limit", limit, 1024, STRING_LIMIT_MOST)
        self._limit_strings()

    def _limit_strings(self) -> None:
        session = self._services.session
        kinds = sum(1 << kind for kind, of in _LONG_STRINGS.items() if of & session.allowed)
        lib.gp_terminal_set_string_limit(self._live, session.string_limit, kinds)

    @property
    def geometry(self) -> Geometry:
        """The window, as programs may ask about it (CSI t, mode 2048); can be set."""
        self._live  # noqa: B018  (raises if closed)
        return self._services.session.geometry

    @geometry.setter
    def geometry(self, geometry: Geometry) -> None:
        if not isinstance(geometry, Geometry):
            raise TypeError(f"geometry must be a Geometry, not {type(geometry).__name__}")
        before, self._services.session.geometry = self.geometry, geometry
        if (before.cell_width, before.cell_height) != (geometry.cell_width, geometry.cell_height):
            self._report_size()

    @property
    def palette(self) -> Palette:
        """The colours as the program has set them (OSC 4, 5, 10 to 19). Set it to say what they are without that.

        >>> from ghostpage import Terminal
        >>> with Terminal() as terminal:
        ...     terminal.feed("\\x1b]11;#102030\\a")
        ...     terminal.palette.background
        (16, 32, 48)
        """
        self._live  # noqa: B018  (raises if closed)
        return self._services.session.palette

    @palette.setter
    def palette(self, palette: Palette) -> None:
        self._live  # noqa: B018  (raises if closed)
        if not isinstance(palette, Palette):
            raise TypeError(f"palette must be a Palette, not {type(palette).__name__}")
        self._services.session.palette = self._services.session.default_palette = palette

    @property
    def color_scheme(self) -> str:
        """``"dark"`` or ``"light"``; can be set, and is told to a program that wants to know (mode 2031)."""
        self._live  # noqa: B018  (raises if closed)
        return "dark" if self._services.session.dark else "light"

    @color_scheme.setter
    def color_scheme(self, scheme: str) -> None:
        session = self._services.session
        if scheme not in ("dark", "light"):
            raise ArgumentError(f"color_scheme must be 'dark' or 'light', not {scheme!r:.80}")
        changed = scheme != self.color_scheme
        session.dark = scheme == "dark"
        if changed and self._mode_state(2031, False) == 1:
            session.outbox.add(b"\x1b[?997;%dn" % (1 if session.dark else 2))

    def answer_clipboard(self, selection: str, data: bytes) -> None:
        """Replies to a :class:`~ghostpage.events.ClipboardRequested` with what the selection holds.

        It goes to :meth:`take_replies`, of which 64 KiB can wait.
        """
        self._live  # noqa: B018  (raises if closed)
        self._services.session.outbox.add(self._services.clipboard_reply(selection, data))

    # ---- what the user does ----

    @property
    def input_modes(self) -> InputModes:
        """What is in force of what the program has set of its input."""
        session = self._services.session

        def on(number: int, ansi: bool = False) -> bool:
            return self._mode_state(number, ansi) == 1

        figures, keys = self._figures(), session.keys
        return InputModes(
            vt52=not on(2),
            application_cursor=on(1),
            application_keypad=on(66),
            backarrow=on(67),
            newline=on(20, True),
            eight_bit_meta=on(1034),
            numlock_special=on(1035),
            meta_escape=on(1036) or on(1039),
            modify_cursor=keys.modify[1],
            modify_function=keys.modify[2],
            modify_other=max(0, min(keys.modify[4], 2)),
            format_other=min(keys.format[4], 1),
            kitty=session.kitty[bool(figures.alternate)].now,
            mouse=next((number for number in (1003, 1002, 1001, 1000, 9) if on(number)), 0),
            mouse_encoding=next((number for number in (1016, 1006, 1015, 1005) if on(number)), 0),
            alternate_scroll=bool(figures.alternate) and on(1007),
            focus=on(1004),
            bracketed_paste=on(2004),
        )

    def key(
        self, key: str, modifiers: Iterable[str] = (), *, action: str = "press", text: str | None = None, base: str | None = None
    ) -> bytes:
        """The bytes that a key sends now; see :func:`ghostpage.input.encode_key`.

        >>> from ghostpage import Terminal
        >>> with Terminal() as terminal:
        ...     terminal.feed("\\x1b[?1h")
        ...     terminal.key("up")
        b'\\x1bOA'
        """
        return encode_key(key, modifiers, modes=self.input_modes, action=action, text=text, base=base)

    def mouse(
        self, action: str, button: str, x: int, y: int, modifiers: Iterable[str] = (), *, pixel: tuple[int, int] | None = None
    ) -> bytes:
        """The bytes that the mouse sends now; see :func:`ghostpage.pointing.encode_mouse`.

        The wheel sends three cursor keys on the alternate screen in mode 1007, while the mouse itself is not reported.
        """
        modes = self.input_modes
        sent = encode_mouse(action, button, x, y, modifiers, modes=modes, pixel=pixel)
        if modes.alternate_scroll and not modes.mouse and action == "press" and button in ("wheel_up", "wheel_down"):
            return encode_key(button.removeprefix("wheel_"), modes=modes) * WHEEL_ROWS
        return sent

    def focus(self, focused: bool) -> bytes:
        """The bytes for a window that has got or lost the focus; none unless the program wants to know."""
        return encode_focus(focused, modes=self.input_modes)

    def paste(self, text: str) -> bytes:
        """The bytes that a paste sends now, made safe; see :func:`ghostpage.pointing.encode_paste`."""
        return encode_paste(text, modes=self.input_modes)

    def resize(self, columns: int, rows: int) -> None:
        super().resize(columns, rows)
        self._report_size()

    resize.__doc__ = Buffer.resize.__doc__

    def _report_size(self) -> None:
        if self._mode_state(2048, False) == 1:
            self._services.session.outbox.add(resize_report(self.geometry, self._figures()))

    # ---- what reports are made of ----

    def mode(self, number: int | str, ansi: bool = False) -> bool:
        """Whether a mode is set: a DEC private one (``CSI ? number h``), or with ``ansi`` one of ECMA-48.

        It may be given by its name too; :data:`ghostpage.modes.MODES` has them all. A number that the terminal does not know
        is not set; a name that it does not know raises :class:`~ghostpage.ArgumentError`.

        >>> from ghostpage import Terminal
        >>> with Terminal() as terminal:
        ...     terminal.feed("\\x1b[?6h")
        ...     terminal.mode(6), terminal.mode("DECOM"), terminal.mode(4, ansi=True), terminal.mode("IRM")
        (True, True, False, False)
        """
        if isinstance(number, str):
            known = find_mode(number)
            if known is None:
                raise ArgumentError(f"number must be a mode's number or name, as in ghostpage.modes.MODES, not {number!r:.80}")
            number, ansi = known.number, known.ansi
        return self._mode_state(integer("number", number, 0, 65_535), bool(ansi)) in (1, 3)

    def _mode_state(self, number: int, ansi: bool) -> int:
        """1 set, 0 reset, 3 always set, 4 always reset, -1 not known."""
        state = int(lib.gp_terminal_mode(self._live, number, ansi))
        if number == 2026 and state == 1 and not ansi:
            since = self._state().synchronized_ns
            return int(time.monotonic_ns() - since < SYNCHRONIZED_NS) if since else 0
        return state

    def _state(self) -> Any:
        state = ffi.new("gp_terminal_state *")
        lib.gp_terminal_read_state(self._live, state)
        return state

    def _tabs(self) -> list[int]:
        bits = ffi.new("uint8_t[]", (lib.GP_COLUMNS_MAX + 7) // 8)
        length = lib.gp_terminal_read_tabs(self._live, bits, len(bits))
        columns = self.columns
        return [x for x in range(min(columns, 8 * length)) if bits[x // 8] >> (x % 8) & 1]

    def _checksum(self, left: int, top: int, right: int, bottom: int, flags: int) -> int:
        total = ffi.new("uint32_t *")
        self._check(lib.gp_terminal_checksum(self._live, left, top, max(right, 0), max(bottom, 0), flags, total))
        return int(total[0])

    def _pens(self, left: int, top: int, right: int, bottom: int) -> set[Pen]:
        """Of the cells of a rectangle, or of the first rows of it if it is large."""
        found: set[Pen] = set()
        rows = max(0, bottom - top)
        if left >= right or not rows:
            return found
        block = self._read_rows(top, min(rows, max(1, PENS_CELLS // self.columns)), True)
        styles = list(_STYLE.iter_unpack(ffi.buffer(block.reading.styles, block.reading.style_count * _STYLE.size)))
        for n in range(block.reading.row_count):
            row = block.reading.rows[n]
            cells = list(block.cells(row.cell_begin, row.cell_count))[left:right]
            found.update(Pen(*styles[style]) for style in {cell[4] for cell in cells})
            if row.cell_count < right:
                found.add(Pen(0, 0, 0, 0, 0))
        return found

    def _inject(self, controls: bytes) -> None:
        """Feeds what a restored state is made of; nothing in it asks for service."""
        services = room()
        source = ffi.from_buffer("uint8_t[]", controls)
        at = 0
        while at < len(controls):
            status = lib.gp_terminal_feed(self._live, source + at, min(len(controls) - at, SLICE_BYTES), services)
            at += services.consumed_bytes
            self._check(status)
