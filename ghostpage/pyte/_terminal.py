"""The terminal behind a screen: fed while others have a say in it, and driven by the screen's methods."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from ghostpage._buffer import SLICE_BYTES, open_source
from ghostpage._core import OutOfMemoryError, ffi, lib
from ghostpage._protocol import room
from ghostpage._protocol.outbox import Outbox
from ghostpage.arena import Arena
from ghostpage.events import Bell, Event, IconTitleChanged, TitleChanged
from ghostpage.limits import Limits
from ghostpage.pyte.char import Char, style_to_core
from ghostpage.terminal import Terminal

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["Host", "ScreenTerminal", "Watch", "printable"]

CONTROL, ESCAPE, TEXT = lib.GP_SERVICE_CONTROL, lib.GP_SERVICE_ESCAPE, lib.GP_SERVICE_TEXT


class Watch:
    """Which events are handed over instead of being carried out: a ``gp_watch``."""

    def __init__(self) -> None:
        self.info: Any = ffi.new("gp_watch *", {"services": True})  # what methods do may depend on what is shown
        self.holds_all: bool = False

    def control(self, character: str) -> None:
        self.info.controls |= 1 << ord(character)

    def escape(self, final: str) -> None:
        self.info.escapes[ord(final) // 64] |= 1 << ord(final) % 64

    def sequence(self, final: str) -> None:
        self.info.sequences[ord(final) // 64] |= 1 << ord(final) % 64

    def designations(self) -> None:
        self.info.designations = True

    def text(self) -> None:
        self.info.text = True

    def wraps(self) -> None:
        """Text that may not fit in its row."""
        self.info.wraps = True

    @property
    def has_text(self) -> bool:
        return bool(self.info.text or self.info.wraps)

    def sequences(self) -> None:
        """All sequences, and no controls or text."""
        self.info.escapes = self.info.sequences = [2**64 - 1] * 2
        self.designations()

    def everything(self) -> None:
        self.sequences()
        self.text()
        self.info.controls = 2**32 - 1
        self.holds_all = True


NOTHING = Watch()


class Host(Protocol):
    """Who is handed what is watched, and told what happens."""

    def take(self, service: Any) -> bool:
        """Carries out an event; False if the terminal has to do it after all."""

    def tell(self, what: bytes | Event) -> None:
        """A reply to the program, a bell, a title."""


class _Outbox(Outbox):
    """While a screen or stream is at work, what hosts are told at once waits apart."""

    def __init__(self) -> None:
        super().__init__()
        self.told: deque[bytes | Event] = deque()
        self.diverts = False

    def add(self, item: bytes | Event) -> None:
        if self.diverts and isinstance(item, bytes | Bell | TitleChanged | IconTitleChanged):
            self.told.append(item)
        else:
            super().add(item)


class ScreenTerminal(Terminal):
    """A terminal that a screen and its streams drive.

    ``written`` is another object after everything that may have changed what is shown.
    """

    def __init__(self, columns: int, lines: int, history: int, arena: Arena | None = None) -> None:
        super().__init__(columns, lines, scrollback=Limits(lines=history), arena=arena)
        self._outbox = self._services.session.outbox = _Outbox()
        self.told = self._outbox.told
        self._watched = NOTHING
        lib.gp_terminal_watch(self._live, NOTHING.info)
        self._host: Host | None = None
        self.written: object = object()

    # ---- fed ----

    def share(self, data: ReadableBuffer | str, watch: Watch, host: Host | None) -> None:
        """Feeds; what is watched goes to the host. What it raises is raised when all has been fed."""
        with open_source(data) as source, self._at_work(watch, host):
            self._share(source, len(source))

    def feed(self, data: ReadableBuffer | str) -> None:
        self.share(data, NOTHING, None)

    feed.__doc__ = Terminal.feed.__doc__

    @contextmanager
    def _at_work(self, watch: Watch, host: Host | None) -> Iterator[None]:
        """Feeding; by a method that feeding has called too."""
        with self._turn():
            before = self._host, self._outbox.diverts, self._watched
            self._host, self._outbox.diverts = host, host is not None
            self._watch(watch)
            try:
                yield
            finally:
                self._host, self._outbox.diverts, watched = before
                if self._host:
                    self._watch(watched)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        pointer, services = self._live, room()
        try:
            self._take_turn(services)
            yield
        finally:
            lib.gp_terminal_end_turn(pointer, services)
            del pointer

    def _watch(self, watch: Watch) -> None:
        if watch is not self._watched:
            lib.gp_terminal_watch(self._live, watch.info)
            self._watched = watch

    def _share(self, source: Any, length: int) -> None:
        services = room()
        at, failure = 0, None
        # Whole, lest a character be cut in two that is handed over.
        slice_bytes = length if self._watched.has_text else SLICE_BYTES
        self._services.resume(self)
        while True:
            status = lib.gp_terminal_feed(self._live, source + at, min(length - at, slice_bytes), services)
            at += services.consumed_bytes
            if not self._watched.holds_all:
                self.written = object()
            try:
                self._serve(services)
            except OutOfMemoryError as error:
                error.consumed = at
                raise
            except Exception as error:
                failure = failure or error
            self._check(status, consumed=at)
            if at >= length and not (services.count and services.at[0].length_bytes):  # which the next call gives back
                break
        if failure:
            raise failure

    def _serve(self, services: Any) -> None:
        """Does what feeding stopped for, which is one thing at most, and tells the host."""
        service = services.at + 0
        if not services.count or service.kind < TEXT:
            self._services.serve(services, self)
        elif self._host:
            if service.bells:
                self.told.append(Bell(service.bells))
            self._services.session.ignored += service.ignored
            if not self._host.take(service):
                status = lib.gp_terminal_obey(self._live, services)
                self.written = object()
                self._check(status)
                self._services.serve(services, self)
        while self.told and self._host:
            self._host.tell(self.told.popleft())

    # ---- driven ----

    def order(self, *controls: str) -> None:
        """Carries out control sequences, whatever part of one was fed; what there is to tell waits in ``told``."""
        data = "".join(controls).encode("ascii")
        services = room()
        with self._turn():
            before, self._outbox.diverts = self._outbox.diverts, True
            try:
                while data:
                    source = ffi.from_buffer("uint8_t[]", data)
                    status = lib.gp_terminal_order(self._live, source, len(data), services)
                    data = data[services.consumed_bytes :]
                    self.written = object()
                    self._check(status)
                    self._services.serve(services, self)
            finally:
                self._outbox.diverts = before

    def print(self, text: str) -> None:
        """Writes text at the cursor; control characters in it are left out."""
        data = text.encode("utf-8", "surrogatepass")
        source = ffi.from_buffer("uint8_t[]", data)
        consumed = ffi.new("size_t *")
        with self._turn():
            status = lib.gp_screen_write(self._live, source, len(data), consumed)
            self.written = object()
            self._check(status, consumed=consumed[0])

    def put(self, x: int, y: int, char: Char) -> None:
        """Writes one cell in its place; the cursor stays."""
        style = ffi.new("gp_style_info *", style_to_core(char[1:10], self.reversed))
        text = b"" if char.data == " " else printable(char.data).encode("utf-8", "replace")
        link = char.link.encode("utf-8", "replace") if char.link else b""
        status = lib.gp_screen_put(
            self._live, x, y, ffi.from_buffer("uint8_t[]", text), len(text), style, ffi.from_buffer("uint8_t[]", link), len(link)
        )
        self.written = object()
        self._check(status)

    def drive(self, function: Callable[..., int], *arguments: Any) -> None:
        """Calls a function of the core's that changes the screen."""
        status = function(self._live, *arguments)
        self.written = object()
        self._check(status)

    def resize(self, columns: int, rows: int) -> None:
        super().resize(columns, rows)
        self.written = object()

    resize.__doc__ = Terminal.resize.__doc__

    # ---- asked ----

    @property
    def reversed(self) -> bool:
        """Whether the whole screen is shown in reverse (DECSCNM)."""
        return int(lib.gp_terminal_mode(self._live, 5, False)) == 1


_NO_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)])


def printable(text: str) -> str:
    """A text without control characters."""
    return text.translate(_NO_CONTROLS)
