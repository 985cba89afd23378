"""What programs have for the host by OSC: notifications, progress, the clipboard, marks, variables, files."""

from __future__ import annotations

import base64
import binascii
import re

from ghostpage._protocol.osc import SHORTENED, TELL_TRUNCATED, osc
from ghostpage._protocol.session import VARIABLES, Call, clean
from ghostpage.events import (
    AttentionRequested,
    ClipboardRequested,
    ClipboardWritten,
    FileReceived,
    MarkSet,
    Notification,
    NotificationClosed,
    ProgressChanged,
    RemoteHostChanged,
    UserVariableChanged,
    WorkingDirectoryChanged,
)

__all__: list[str] = []

PARTIAL_NOTIFICATIONS = 16  # being put together
NOTIFICATION_CHARACTERS = 8192  # of a title or body; what is longer is cut

_PROGRESS = ("none", "normal", "error", "indeterminate", "paused")
_CONEMU = re.compile(rb"(\d{1,2})(?:;|$)")

_NOT_BASE64 = bytes(byte for byte in range(256) if not chr(byte).isascii() or not (chr(byte).isalnum() or byte in b"+/"))


def _decode(data: bytes) -> bytes | None:
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


# ---- notifications --------------------------------------------------------------------------------------------------


@osc.on(9, syntax="OSC 9 ; Pt ST", effect="shows a notification; 9 ; 4 ; state ; percent is progress, 9 ; 9 ; the directory")
def notify(call: Call) -> None:
    number = _CONEMU.match(call.payload)
    if number and 1 <= int(number.group(1)) <= 12:
        rest = call.payload[number.end() :]
        if number.group(1) == b"4":
            _progress(call, rest.split(b";"))
        elif number.group(1) == b"9":
            text = clean(rest).strip('"')
            call.session.set("working_directory", WorkingDirectoryChanged, text)
        else:
            call.ignore()
    elif call.allows("notifications"):
        call.tell(Notification("", clean(call.payload, NOTIFICATION_CHARACTERS)))


def _progress(call: Call, parts: list[bytes]) -> None:
    numbers = [int(part) if part.isdigit() and len(part) <= 3 else 0 for part in (*parts[:2], b"", b"")][:2]
    if numbers[0] < len(_PROGRESS):
        state, percent = _PROGRESS[numbers[0]], min(numbers[1], 100) if numbers[0] in (1, 2, 4) else 0
        if (state, percent) != call.session.progress:
            call.session.progress = state, percent
            call.tell(ProgressChanged(state, percent))


@osc.on(777, syntax="OSC 777 ; notify ; title ; body ST", effect="shows a notification")
def notify_titled(call: Call) -> None:
    kind, _, rest = call.payload.partition(b";")
    title, _, body = rest.partition(b";")
    if kind != b"notify":
        call.ignore()
    elif call.allows("notifications"):
        call.tell(Notification(clean(title, NOTIFICATION_CHARACTERS), clean(body, NOTIFICATION_CHARACTERS)))


@osc.on(99, syntax="OSC 99 ; key = value : ... ; Pt ST", effect="shows a notification, put together of parts (kitty)")
def notify_in_parts(call: Call) -> None:
    if not call.allows("notifications"):
        return
    metadata, _, payload = call.payload.partition(b";")
    fields = dict(part.split("=", 1) for part in clean(metadata).split(":") if "=" in part)
    name, kind = fields.get("i", ""), fields.get("p", "title")
    if fields.get("e") == "1":
        payload = _decode(payload) or b""
    if kind == "?":
        call.reply_osc(f"99;i={name or '0'}:p=?;p=title,body,close:u=0,1,2")
        return
    if kind == "close":
        call.session.notifications.pop(name, None)
        call.tell(NotificationClosed(name))
        return
    waiting = call.session.notifications
    parts = waiting.pop(name, {})
    if kind in ("title", "body"):
        parts[kind] = (parts.get(kind, "") + clean(payload, NOTIFICATION_CHARACTERS))[:NOTIFICATION_CHARACTERS]
    parts["u"] = fields.get("u", parts.get("u", "1"))
    if fields.get("d", "1") == "0" and name:
        waiting[name] = parts
        while len(waiting) > PARTIAL_NOTIFICATIONS:
            del waiting[next(iter(waiting))]
    elif parts.get("title") or parts.get("body"):
        urgency = int(parts["u"]) if parts["u"] in ("0", "1", "2") else 1
        call.tell(Notification(parts.get("title", ""), parts.get("body", ""), name, urgency))


# ---- the clipboard --------------------------------------------------------------------------------------------------


@osc.on(52, syntax="OSC 52 ; Pc ; Pd ST", effect="writes a selection, or with ? asks for it; both are the host's to decide")
def clipboard(call: Call) -> None:
    selection, semicolon, data = call.payload.partition(b";")
    if not semicolon or not call.allows("clipboard"):
        return
    name = "".join(character for character in selection.decode("latin-1") if character in "cpqs01234567") or "s0"
    if data == b"?":
        call.tell(ClipboardRequested(name))
    else:
        # As in xterm, what is not of base64 is passed over: some programs send a quote or a line break with it.
        kept = b"" if call.truncated else _decode(data.translate(None, _NOT_BASE64)) or b""
        call.tell(ClipboardWritten(name, kept, call.truncated))


# ---- iTerm2 ---------------------------------------------------------------------------------------------------------


@osc.on(
    1337,
    syntax="OSC 1337 ; key = value ST",
    effect="iTerm2's: SetMark, CurrentDir, RemoteHost, SetUserVar, RequestAttention, ReportCellSize, Copy, File",
)
def iterm(call: Call) -> None:
    key, _, value = call.payload.partition(b"=")
    if key == b"File":
        _file(call, value)
    elif key == b"Copy":
        if call.allows("clipboard"):
            kept = b"" if call.truncated else _decode(value.removeprefix(b":")) or b""
            call.tell(ClipboardWritten("c", kept, call.truncated))
    elif call.truncated:
        call.ignore()
    elif key == b"SetMark":
        call.tell(MarkSet(**call.place()))
    elif key == b"CurrentDir":
        call.session.set("working_directory", WorkingDirectoryChanged, clean(value))
    elif key == b"RemoteHost":
        call.session.set("remote_host", RemoteHostChanged, clean(value, 1024))
    elif key == b"RequestAttention":
        how = clean(value, 16)
        if how in ("yes", "no", "once", "fireworks"):
            call.tell(AttentionRequested(how))
    elif key == b"SetUserVar":
        _variable(call, value)
    elif key == b"ReportCellSize":
        geometry = call.session.geometry
        call.reply_osc(f"1337;ReportCellSize={geometry.cell_height}.0;{geometry.cell_width}.0;1.0")
    else:
        call.ignore()


def _variable(call: Call, value: bytes) -> None:
    """The oldest goes when there are too many."""
    name, _, encoded = value.partition(b"=")
    variable, text = clean(name, 256), clean(_decode(encoded) or b"")
    variables = dict(call.session.user_variables)
    if variable and variables.get(variable) != text:
        variables.pop(variable, None)
        variables[variable] = text
        if len(variables) > VARIABLES:
            del variables[next(iter(variables))]
        call.session.user_variables = variables
        call.tell(UserVariableChanged(variable, text))


def _file(call: Call, value: bytes) -> None:
    if not call.allows("files"):
        return
    head, colon, encoded = value.partition(b":")
    arguments = clean(head, 1024)
    fields = dict(part.split("=", 1) for part in arguments.split(";") if "=" in part)
    name = clean(_decode(fields.get("name", "").encode("latin-1", "replace")) or b"", 1024)
    data = None if call.truncated else _decode(encoded)
    if colon:
        call.tell(FileReceived(name, arguments, data or b"", data is None, **call.place()))


SHORTENED.add(9)
TELL_TRUNCATED.update({52, 1337})
