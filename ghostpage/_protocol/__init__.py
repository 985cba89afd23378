"""What a terminal answers and tells: reports, titles, colours, the keyboard's state, what a program sends to its host.

The core leaves these to its caller, and stops feeding for those that need the terminal as it is then. That is once in a
long while, so it is done here, in Python: the tables (``csi``, ``osc``, ``dcs`` and those below them) lead from what came
to the function that carries it out.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from functools import partial
from typing import Any

from ghostpage._core import ffi, lib
from ghostpage._protocol import keys, osc_colors, osc_host  # noqa: F401  (they enter what they handle)
from ghostpage._protocol.dcs import carry_out_dcs, carry_out_string
from ghostpage._protocol.osc import carry_out_osc
from ghostpage._protocol.reports import csi, resize_report, status
from ghostpage._protocol.session import ST, Asked, Call, Head, Session
from ghostpage._protocol.window import operations
from ghostpage.events import Bell

__all__ = ["Services", "resize_report", "room"]

Handler = Callable[[Call], None]

_STRINGS = {lib.GP_SERVICE_APC: "APC", lib.GP_SERVICE_PM: "PM", lib.GP_SERVICE_SOS: "SOS"}
_SERVICE = struct.Struct(f"@Q{ffi.offsetof('gp_service', 'eight_bit') + 1 - ffi.offsetof('gp_service', 'kind')}sQIIPQ")
"""A ``gp_service``: bells, what is the head of one, what was ignored, x, y, and where its string is."""
_HEADS = 256  # known at once
_ROOM = ffi.typeof("gp_services *")
_allocate = ffi.new_allocator(should_clear_after_alloc=False)


def room() -> Any:
    """A ``gp_services``, to be filled by the core."""
    made = _allocate(_ROOM)
    made.turns = 0
    return made


_heads: dict[bytes, tuple[Handler, Head]] = {}
"""By the bytes of the service. The same few come again and again, and to take one apart costs as much as to answer it."""


class Services:
    """Carries out what feeding leaves to be done; one thread at a time may do so."""

    def __init__(self) -> None:
        self.session = Session()
        self.waiting: list[tuple[int, Handler, Head, bytes, int, int]] = []

    def serve(self, services: Any, asked: Asked) -> None:
        """Does what feeding left to be done. What memory is lacking for waits for :meth:`resume`."""
        session, waiting = self.session, self.waiting
        told = ffi.buffer(services.at, services.count * _SERVICE.size)
        for n, (bells, head, ignored, x, y, _, length) in enumerate(_SERVICE.iter_unpack(told)):
            if ignored:
                session.ignored += ignored
            handler, read = _heads.get(head) or _read(head, services.at + n)
            payload = ffi.buffer(services.at[n].bytes, length)[:] if length else b""
            waiting.append((bells, handler, read, payload, x, y))
        self.resume(asked)

    def clipboard_reply(self, selection: str, data: bytes) -> bytes:
        return b"\x1b]52;%s;%s\x1b\\" % (selection.encode("ascii", "replace"), base64.b64encode(data))

    def resume(self, asked: Asked) -> None:
        waiting = self.waiting
        if not waiting:
            return
        call = Call(self.session, asked)  # one for all of them
        while waiting:
            try:  # a signal handler that feeds in the middle of this finds only the others, and may have taken the last
                now = waiting.pop(0)
            except IndexError:
                break
            try:
                bells, handler, call.head, call.payload, call.x, call.y = now
                if bells:
                    self.session.outbox.add(Bell(bells))
                handler(call)
            except BaseException:
                waiting.insert(0, (0, *now[1:]))
                raise


def _read(told: bytes, service: Any) -> tuple[Handler, Head]:
    marker = chr(service.marker) if service.marker else ""
    intermediates = service.intermediates.to_bytes(4, "big").lstrip(b"\0").decode("latin-1")
    key = marker + intermediates + chr(service.byte)
    parameters = tuple(service.parameters[0 : service.parameter_count])
    terminator = "\a" if service.terminator == 7 else ST
    head = Head(key, parameters, service.omitted, bool(service.truncated), terminator, bool(service.eight_bit))
    if len(_heads) >= _HEADS:
        _heads.clear()
    _heads[told] = read = _handler(service.kind, key, parameters[0] if parameters else 0), head
    return read


def _handler(kind: int, key: str, number: int) -> Handler:
    if kind == lib.GP_SERVICE_CSI:
        numbered = operations.find(number) if key == "t" else status.find((key[:-1], number)) if key in ("n", "?n") else None
        return numbered or csi.find(key) or Call.ignore
    if kind == lib.GP_SERVICE_OSC:
        return carry_out_osc
    if kind == lib.GP_SERVICE_RESET:
        return _reset
    if kind == lib.GP_SERVICE_DCS:
        return carry_out_dcs
    if kind == lib.GP_SERVICE_NONE:
        return _nothing
    return partial(carry_out_string, kind=_STRINGS[kind])


def _nothing(call: Call) -> None:
    """Only bells rang, or what came means nothing."""


def _reset(call: Call) -> None:
    call.session.reset()
    call.terminal._reset()
