"""Operating system commands: what a program tells of itself and asks of the window around it."""

from __future__ import annotations

from dataclasses import replace

from ghostpage._protocol.catalogue import Table
from ghostpage._protocol.session import CHARACTERS, Call, clean

__all__ = ["carry_out_osc", "osc"]

osc = Table[int]()  # by number; the payload of the call is what comes after its semicolon

ALONE: set[int] = set()  # mean something without a semicolon
SHORTENED = {0, 1, 2, 7}  # use so little of what came that it does not matter if that is not all


@osc.on(0, syntax="OSC 0 ; Pt ST", effect="sets the titles of window and icon")
def titles(call: Call) -> None:
    text = clean(call.payload)
    call.session.set_icon_title(text)
    call.session.set_title(text)


@osc.on(1, syntax="OSC 1 ; Pt ST", effect="sets the title of the icon")
def icon_title(call: Call) -> None:
    call.session.set_icon_title(clean(call.payload))


@osc.on(2, syntax="OSC 2 ; Pt ST", effect="sets the title of the window")
def title(call: Call) -> None:
    call.session.set_title(clean(call.payload))


@osc.on(7, syntax="OSC 7 ; Pt ST", effect="says what the working directory is, as a URL")
def working_directory(call: Call) -> None:
    call.session.set_working_directory(clean(call.payload))


@osc.on(133, syntax="OSC 133 ; Pt ST", effect="marks a prompt, a command, its output and its end")
def mark(call: Call) -> None:
    call.terminal._mark(call.payload)


def carry_out_osc(call: Call) -> None:
    """Leading zeros do not count; without a semicolon nothing is set."""
    digits, semicolon, content = call.payload.partition(b";")
    number = int(digits) if digits.isdigit() and len(digits) <= 9 else -1
    handler = osc.find(number) if semicolon or number in ALONE else None
    if handler is None or (call.truncated and not (number in SHORTENED and len(content) > 2 * CHARACTERS)):
        call.ignore()
    else:
        handler(replace(call, payload=content))
