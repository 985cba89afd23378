"""What a terminal answers and tells: reports, titles, colours, the keyboard's state, what a program sends to its host.

The core stops feeding where one of these is asked for; that is once in a long while, so it is done here, in Python: the
tables (``csi``, ``osc``, ``dcs`` and those below them) lead from what came to the function that carries it out.
"""

from __future__ import annotations

import base64
from typing import Any

from ghostpage._core import ffi, lib
from ghostpage._protocol import keys, osc_colors, osc_host  # noqa: F401  (they enter what they handle)
from ghostpage._protocol.dcs import carry_out_dcs, carry_out_string
from ghostpage._protocol.osc import carry_out_osc
from ghostpage._protocol.reports import csi, resize_report
from ghostpage._protocol.session import ST, Asked, Call, Session
from ghostpage.events import Bell

__all__ = ["Services", "resize_report"]

_STRINGS = {lib.GP_SERVICE_APC: "APC", lib.GP_SERVICE_PM: "PM", lib.GP_SERVICE_SOS: "SOS"}


class Services:
    """Carries out what feeding stops for; one thread at a time may do so."""

    def __init__(self) -> None:
        self.session = Session()
        self._waiting: tuple[int, dict[str, Any]] | None = None

    def serve(self, service: Any, asked: Asked) -> None:
        """Does what feeding stopped for. What memory is lacking for waits for :meth:`resume`."""
        self.session.ignored += service.ignored
        if service.bells:
            self.session.outbox.add(Bell(service.bells))
        if service.kind:
            self._waiting = service.kind, _message(service)
            self.resume(asked)

    def clipboard_reply(self, selection: str, data: bytes) -> bytes:
        return b"\x1b]52;%s;%s\x1b\\" % (selection.encode("ascii", "replace"), base64.b64encode(data))

    def resume(self, asked: Asked) -> None:
        if self._waiting:
            kind, message = self._waiting
            _carry_out(kind, Call(self.session, asked, **message))
            self._waiting = None


def _message(service: Any) -> dict[str, Any]:
    marker = chr(service.marker) if service.marker else ""
    intermediates = service.intermediates.to_bytes(4, "big").lstrip(b"\0").decode("latin-1")
    return {
        "key": marker + intermediates + chr(service.byte),
        "parameters": tuple(service.parameters[0 : service.parameter_count]),
        "omitted": service.omitted,
        "payload": bytes(ffi.buffer(service.bytes, service.length_bytes)) if service.length_bytes else b"",
        "truncated": bool(service.truncated),
        "terminator": "\a" if service.terminator == 7 else ST,
    }


def _carry_out(kind: int, call: Call) -> None:
    if kind == lib.GP_SERVICE_CSI:
        (csi.find(call.key) or Call.ignore)(call)
    elif kind == lib.GP_SERVICE_OSC:
        carry_out_osc(call)
    elif kind == lib.GP_SERVICE_RESET:
        call.session.reset()
        call.terminal._reset()
    elif kind == lib.GP_SERVICE_DCS:
        carry_out_dcs(call)
    else:
        carry_out_string(call, _STRINGS[kind])
