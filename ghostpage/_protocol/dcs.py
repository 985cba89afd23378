"""Control strings: DCS by its head, and APC, PM and SOS."""

from __future__ import annotations

from ghostpage._protocol.capabilities import capability
from ghostpage._protocol.catalogue import Sequence, Table
from ghostpage._protocol.session import Call
from ghostpage._protocol.settings import restore_cursor, restore_tabs, settings
from ghostpage.events import KittyGraphics, Sixel, StringReceived

__all__ = ["STRINGS", "carry_out_dcs", "carry_out_string", "dcs"]

dcs = Table[str]()  # by marker, intermediates and final byte

NAMES = 64  # of capabilities asked for at once
STRINGS = [
    Sequence("APC G Pt ST", "", "kitty's graphics: told to the host, if images are allowed"),
    Sequence("APC Pt ST", "", "told to the host, if strings are allowed"),
    Sequence("PM Pt ST", "", "told to the host, if strings are allowed"),
    Sequence("SOS Pt ST", "", "told to the host, if strings are allowed"),
]


def carry_out_dcs(call: Call) -> None:
    (dcs.find(call.key) or _tell)(call)


def carry_out_string(call: Call, kind: str) -> None:
    if kind == "APC" and call.payload.startswith(b"G"):
        if call.allows("images"):
            control, _, payload = call.payload[1:].partition(b";")
            kept = b"" if call.truncated else payload
            call.tell(KittyGraphics(control.decode("latin-1")[:1024], kept, call.truncated, **call.place()))
    else:
        _tell(call, kind)


def _tell(call: Call, kind: str = "DCS") -> None:
    if call.allows("strings"):
        numbers = ";".join(map(str, call.parameters))
        marker = call.key[:1] if call.key[:1] in "<=>?" else ""
        head = marker + numbers + call.key[len(marker) :] if kind == "DCS" else ""
        call.tell(StringReceived(kind, head, call.payload, call.truncated))
    else:
        call.ignore()


@dcs.on("$q", syntax="DCS $ q Pt ST", mnemonic="DECRQSS", effect="answers a setting, as below")
def request_setting(call: Call) -> None:
    text = call.payload.decode("latin-1")
    resource, final = text[1:-1], text[-1:]
    if text.startswith(">") and final in ("m", "f") and resource.isdigit() and len(resource) <= 5:
        values = call.session.keys.modify if final == "m" else call.session.keys.format
        value = values.get(int(resource))
        call.reply("\x1bP0$r\x1b\\" if value is None else f"\x1bP1$r>{resource};{value}{final}\x1b\\")
        return
    if text == ">t":
        modes = ";".join(str(int(number in call.session.title_modes)) for number in range(4))
        call.reply(f"\x1bP1$r>{modes}t\x1b\\")
        return
    handler = None if call.truncated else settings.find(text)
    call.reply(f"\x1bP1$r{handler(call)}{text}\x1b\\" if handler else "\x1bP0$r\x1b\\")


@dcs.on("+q", syntax="DCS + q Pt ST", mnemonic="XTGETTCAP", effect="answers capabilities of terminfo, each in a reply of its own")
def request_capabilities(call: Call) -> None:
    for encoded in call.payload.split(b";", NAMES)[:NAMES]:
        try:
            name = bytes.fromhex(encoded.decode("ascii")).decode("ascii")
        except ValueError:
            name = ""
        value = capability(name, call)
        shown = encoded.decode("latin-1") if encoded.isalnum() else ""
        if value is None:
            call.reply(f"\x1bP0+r{shown[:256]}\x1b\\")
        else:
            call.reply(f"\x1bP1+r{shown}{'=' + value.encode('utf-8').hex().upper() if value else ''}\x1b\\")


@dcs.on("$t", syntax="DCS Ps $ t Pt ST", mnemonic="DECRSPS", effect="restores what DECRQPSR answered: cursor (1) or tab stops (2)")
def restore_presentation(call: Call) -> None:
    if call.parameter(0) == 1:
        restore_cursor(call)
    elif call.parameter(0) == 2:
        restore_tabs(call)


@dcs.on("q", syntax="DCS Ps ; Ps ; Ps q Pt ST", mnemonic="Sixel", effect="an image: told to the host, if images are allowed")
def sixel(call: Call) -> None:
    if call.allows("images"):
        data = b"" if call.truncated else call.payload
        call.tell(Sixel(call.parameters, data, call.truncated, **call.place()))


@dcs.on("t", syntax="DCS tmux ; Pt ST", effect="what is meant for the terminal around tmux: told to the host, if strings are allowed")
def tmux(call: Call) -> None:
    if not call.payload.startswith(b"mux;"):
        _tell(call)
    elif call.allows("strings"):
        data = call.payload[4:].replace(b"\x1b\x1b", b"\x1b")
        call.tell(StringReceived("tmux", "", data, call.truncated))


@dcs.on("=s", syntax="DCS = Ps s ST", effect="begins (1) or ends (2) synchronized output, as it was first written")
def synchronize(call: Call) -> None:
    if call.parameter(0) in (1, 2):
        call.terminal._inject(b"\x1b[?2026h" if call.parameter(0) == 1 else b"\x1b[?2026l")
