"""What a terminal answers and tells: reports, titles, the working directory, the bell.

The core stops feeding where one of these is asked for; that is once in a long while, so it is done here, in Python.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any, Protocol

from ghostpage._core import ffi, lib
from ghostpage.events import Bell, Event, IconTitleChanged, TitleChanged, WorkingDirectoryChanged

__all__ = ["Services"]

REPLY_BYTES = 64 * 1024  # kept for a program that asks and never reads
EVENTS = 1000
CHARACTERS = 4096  # of a title or directory

_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)])
_DOLLAR = ord("$")


class Asked(Protocol):
    """Where reports are read from."""

    def _figures(self) -> Any: ...

    def _mode_state(self, number: int, ansi: bool) -> int: ...


@dataclass
class Titles:
    """What OSC 0, 1, 2 and 7 set."""

    title: str = ""
    icon_title: str = ""
    working_directory: str = ""


class Services:
    """Replies and events that wait to be taken, and the titles. May be used from any thread."""

    def __init__(self) -> None:
        self.titles = Titles()
        self.replies_dropped = 0
        self._replies = bytearray()
        self._events: deque[Event] = deque(maxlen=EVENTS)
        self._lock = threading.RLock()

    def serve(self, service: Any, asked: Asked) -> None:
        """Does what feeding stopped for."""
        if service.bells:
            self._tell(Bell(service.bells))
        if service.kind == lib.GP_SERVICE_CSI:
            self._report(service, asked)
        elif service.kind == lib.GP_SERVICE_OSC:
            if not service.truncated or service.length_bytes > 2 * CHARACTERS:
                self._osc(bytes(ffi.buffer(service.bytes, service.length_bytes)))
        elif service.kind == lib.GP_SERVICE_RESET:
            self._set("title", TitleChanged, "")
            self._set("icon_title", IconTitleChanged, "")

    def take_replies(self) -> bytes:
        with self._lock:
            taken, self._replies = self._replies, bytearray()
        return bytes(taken)

    def take_events(self) -> list[Event]:
        with self._lock:
            taken = list(self._events)
            self._events.clear()
        return taken

    # ---- reports (DEC STD 070, VT420, xterm's control sequences) ----

    def _report(self, service: Any, asked: Asked) -> None:
        marker, final = chr(service.marker) if service.marker else "", chr(service.byte)
        number = service.parameters[0] if service.parameter_count else 0
        if service.intermediates == 0:
            if final == "c" and number == 0:
                self._device_attributes(marker)
            elif final == "n" and marker in ("", "?"):
                self._device_status(marker, number, asked)
        elif service.intermediates == _DOLLAR and final == "p" and marker in ("", "?"):
            state = asked._mode_state(number, marker == "")
            self._reply(f"\x1b[{marker}{number};{ {1: 1, 0: 2}.get(state, 0) }$y")

    def _device_attributes(self, marker: str) -> None:
        if marker == "":  # DA1: a VT220 with colours
            self._reply("\x1b[?62;22c")
        elif marker == ">":  # DA2: a VT220, version 10
            self._reply("\x1b[>1;10;0c")
        elif marker == "=":  # DA3: no serial number
            self._reply("\x1bP!|00000000\x1b\\")

    def _device_status(self, marker: str, number: int, asked: Asked) -> None:
        if number == 5 and marker == "":
            self._reply("\x1b[0n")
        elif number == 6:
            figures = asked._figures()
            top = 0
            if asked._mode_state(6, False) == 1:  # DECOM: rows count from the region's top
                top = figures.region_top
            self._reply(f"\x1b[{marker}{figures.y - top + 1};{figures.x + 1}R")

    def _reply(self, reply: str) -> None:
        with self._lock:
            if len(self._replies) + len(reply) > REPLY_BYTES:
                self.replies_dropped += 1
            else:
                self._replies += reply.encode("ascii")

    # ---- titles ----

    def _osc(self, payload: bytes) -> None:
        number, _, content = payload.partition(b";")
        if number not in (b"0", b"1", b"2", b"7"):
            return
        text = content.decode("utf-8", "replace").translate(_CONTROLS)[:CHARACTERS]
        if number in (b"0", b"1"):
            self._set("icon_title", IconTitleChanged, text)
        if number in (b"0", b"2"):
            self._set("title", TitleChanged, text)
        if number == b"7":
            self._set("working_directory", WorkingDirectoryChanged, text)

    def _set(self, name: str, event: type[Event], text: str) -> None:
        if getattr(self.titles, name) != text:
            setattr(self.titles, name, text)
            self._tell(event(text))  # type: ignore[call-arg]

    # ---- events ----

    def _tell(self, event: Event) -> None:
        """Adds an event; of neighbours of the same kind only the last is kept, and bells are added up."""
        with self._lock:
            last = self._events[-1] if self._events else None
            if isinstance(event, Bell) and isinstance(last, Bell):
                self._events[-1] = Bell(last.count + event.count)
            elif type(last) is type(event):
                self._events[-1] = event
            else:
                self._events.append(event)
