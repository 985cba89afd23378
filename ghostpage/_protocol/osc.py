"""Operating system commands: the dispatch, and what a program says of itself."""

from __future__ import annotations

from collections.abc import Callable

from ghostpage._protocol.catalogue import Table
from ghostpage._protocol.session import CHARACTERS, Call, clean
from ghostpage._protocol.window import SET_HEX
from ghostpage.events import IconTitleChanged, PointerShapeChanged, TitleChanged, WorkingDirectoryChanged

__all__ = ["ALONE", "SHORTENED", "carry_out_osc", "osc"]

osc = Table[int]()  # by number; the payload of the call is what comes after its semicolon

ALONE: set[int] = set()  # mean something without a semicolon
SHORTENED = {0, 1, 2, 7}  # use so little of what came that it does not matter if that is not all
TELL_TRUNCATED: set[int] = set()  # say themselves that something is missing

SHAPES = frozenset(
    "alias all-scroll cell col-resize copy crosshair default e-resize ew-resize grab grabbing help move n-resize ne-resize "
    "nesw-resize no-drop not-allowed ns-resize nw-resize nwse-resize pointer progress row-resize s-resize se-resize "
    "sw-resize text vertical-text w-resize wait zoom-in zoom-out".split()
)
SHAPES_DEPTH = 16


@osc.on(133, syntax="OSC 133 ; Pt ST", effect="marks a prompt, a command, its output and its end")
def mark(call: Call) -> None:
    call.terminal._mark(call.payload)


_usual: dict[bytes, Callable[[Call], None]] = {}  # handlers by number, as it is written, once they were found


def carry_out_osc(call: Call) -> None:
    """Leading zeros do not count; without a semicolon nothing is set."""
    digits, semicolon, content = call.payload.partition(b";")
    usual = _usual.get(digits)
    if usual and semicolon and not call.head.truncated:
        call.payload = content
        usual(call)
    else:
        _carry_out(call, digits, semicolon, content)


def _carry_out(call: Call, digits: bytes, semicolon: bytes, content: bytes) -> None:
    number = int(digits) if digits.isdigit() and len(digits) <= 9 else -1
    handler = osc.find(number) if semicolon or number in ALONE else None
    incomplete = call.truncated and number not in TELL_TRUNCATED
    if handler is None or (incomplete and not (number in SHORTENED and len(content) > 2 * CHARACTERS)):
        call.ignore()
    else:
        if digits == b"%d" % number:
            _usual[digits] = handler
        call.payload = content
        handler(call)


def _title(call: Call) -> str:
    payload = call.payload
    if SET_HEX in call.session.title_modes:
        try:
            payload = bytes.fromhex(payload.decode("ascii"))
        except ValueError:
            payload = b""
    return clean(payload)


@osc.on(0, syntax="OSC 0 ; Pt ST", effect="sets the titles of window and icon")
def titles(call: Call) -> None:
    text = _title(call)
    call.session.set("icon_title", IconTitleChanged, text)
    call.session.set("title", TitleChanged, text)


@osc.on(1, syntax="OSC 1 ; Pt ST", effect="sets the title of the icon")
def icon_title(call: Call) -> None:
    call.session.set("icon_title", IconTitleChanged, _title(call))


@osc.on(2, syntax="OSC 2 ; Pt ST", effect="sets the title of the window")
def title(call: Call) -> None:
    call.session.set("title", TitleChanged, _title(call))


@osc.on(7, syntax="OSC 7 ; Pt ST", effect="says what the working directory is, as a URL")
def working_directory(call: Call) -> None:
    call.session.set("working_directory", WorkingDirectoryChanged, clean(call.payload))


@osc.on(22, syntax="OSC 22 ; name ST", effect="sets the mouse pointer's shape; kitty's > < and ? put aside, take back, ask")
def pointer_shape(call: Call) -> None:
    session, text = call.session, clean(call.payload, 1024)
    how = text[:1] if text[:1] in ("=", ">", "<", "?") else "="
    names = text.removeprefix(how).split(",")
    if how == "?":
        current = {"__current__": session.pointer_shape or "0", "__default__": "default", "__grabbed__": "default"}
        call.reply_osc("22;" + ",".join(current.get(name, "1" if name in SHAPES else "0") for name in names))
        return
    if how == ">":
        session.pointer_shapes += [session.pointer_shape, *names[:-1]]
        del session.pointer_shapes[:-SHAPES_DEPTH]
    shape = names[-1]
    if how == "<":
        shape = session.pointer_shapes.pop() if session.pointer_shapes else ""
    session.set("pointer_shape", PointerShapeChanged, shape[:64])
