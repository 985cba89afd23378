"""What a terminal answers and tells: reports, titles, colours, the keyboard's state, what a program sends to its host.

The core stops feeding where one of these is asked for; that is once in a long while, so it is done here, in Python: the
tables (``csi``, ``osc``, ``dcs`` and those below them) lead from what came to the function that carries it out.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from ghostpage._core import ffi, lib
from ghostpage._protocol import keys, osc_colors, osc_host  # noqa: F401  (they enter what they handle)
from ghostpage._protocol.dcs import carry_out_dcs, carry_out_string
from ghostpage._protocol.osc import carry_out_osc
from ghostpage._protocol.reports import csi, resize_report
from ghostpage._protocol.session import ST, Asked, Call, Session
from ghostpage.events import Bell

__all__ = ["Services", "resize_report"]

_STRINGS = {lib.GP_SERVICE_APC: "APC", lib.GP_SERVICE_PM: "PM", lib.GP_SERVICE_SOS: "SOS"}
_HEAD = slice(ffi.offsetof("gp_service", "kind"), ffi.offsetof("gp_service", "eight_bit") + 1)
_HEADS = 256  # known at once


class Head(NamedTuple):
    """What is asked for, but for the string that may come with it. What follows the first goes to the call as it is."""

    carry_out: Callable[[Call], None]
    key: str
    parameters: tuple[int, ...]
    omitted: int
    truncated: bool
    terminator: str
    eight_bit: bool


_heads: dict[bytes, Head] = {}
"""By the bytes of the service. The same few come again and again, and to take one apart costs as much as to answer it."""


class Services:
    """Carries out what feeding stops for; one thread at a time may do so."""

    def __init__(self) -> None:
        self.session = Session()
        self._waiting: tuple[Head, bytes] | None = None

    def serve(self, service: Any, asked: Asked) -> None:
        """Does what feeding stopped for. What memory is lacking for waits for :meth:`resume`."""
        self.session.ignored += service.ignored
        if service.bells:
            self.session.outbox.add(Bell(service.bells))
        if service.kind:
            head = ffi.buffer(service)[_HEAD]
            length = service.length_bytes
            payload = bytes(ffi.buffer(service.bytes, length)) if length else b""
            self._waiting = _heads.get(head) or _read(head, service), payload
            self.resume(asked)

    def clipboard_reply(self, selection: str, data: bytes) -> bytes:
        return b"\x1b]52;%s;%s\x1b\\" % (selection.encode("ascii", "replace"), base64.b64encode(data))

    def resume(self, asked: Asked) -> None:
        if self._waiting:
            head, payload = self._waiting
            head.carry_out(Call(self.session, asked, payload, *head[1:]))
            self._waiting = None


def _read(head: bytes, service: Any) -> Head:
    marker = chr(service.marker) if service.marker else ""
    intermediates = service.intermediates.to_bytes(4, "big").lstrip(b"\0").decode("latin-1")
    key = marker + intermediates + chr(service.byte)
    if len(_heads) >= _HEADS:
        _heads.clear()
    _heads[head] = read = Head(
        _handler(service.kind, key),
        key,
        tuple(service.parameters[0 : service.parameter_count]),
        service.omitted,
        bool(service.truncated),
        "\a" if service.terminator == 7 else ST,
        bool(service.eight_bit),
    )
    return read


def _handler(kind: int, key: str) -> Callable[[Call], None]:
    if kind == lib.GP_SERVICE_CSI:
        return csi.find(key) or Call.ignore
    if kind == lib.GP_SERVICE_OSC:
        return carry_out_osc
    if kind == lib.GP_SERVICE_RESET:
        return _reset
    if kind == lib.GP_SERVICE_DCS:
        return carry_out_dcs
    return partial(carry_out_string, kind=_STRINGS[kind])


def _reset(call: Call) -> None:
    call.session.reset()
    call.terminal._reset()
