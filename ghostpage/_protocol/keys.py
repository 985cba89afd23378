"""What programs set and ask of the keyboard, and of graphics; the encoders of :mod:`ghostpage.input` follow it."""

from __future__ import annotations

from ghostpage._protocol.keyboard import KittyFlags
from ghostpage._protocol.reports import csi
from ghostpage._protocol.session import Call

__all__: list[str] = []


def _flags(call: Call) -> KittyFlags:
    return call.session.kitty[bool(call.terminal._figures().alternate)]


@csi.on("?u", syntax="CSI ? u", effect="answers the flags of kitty's keyboard protocol")
def query_flags(call: Call) -> None:
    call.reply(f"\x1b[?{_flags(call).now}u")


@csi.on("=u", syntax="CSI = flags ; mode u", effect="sets (1), adds (2) or removes (3) flags of kitty's protocol")
def change_flags(call: Call) -> None:
    _flags(call).change(call.parameter(0), call.parameter(1, 1))


@csi.on(">u", syntax="CSI > flags u", effect="puts the flags aside, 16 deep on each screen, and sets others")
def push_flags(call: Call) -> None:
    _flags(call).push(call.parameter(0))


@csi.on("<u", syntax="CSI < Ps u", effect="takes so many flags back")
def pop_flags(call: Call) -> None:
    _flags(call).pop(call.parameter(0, 1))


def _change(call: Call, values: dict[int, int], initial: dict[int, int]) -> None:
    """Without parameters all are as at first; without a value the one is."""
    if not call.parameters:
        values.update(initial)
    resource = call.parameter(0)
    if resource in values and call.parameters:
        values[resource] = call.parameters[1] if len(call.parameters) > 1 else initial[resource]


@csi.on(">m", syntax="CSI > Pp ; Pv m", mnemonic="XTMODKEYS", effect="sets how modified keys are sent; 4 is modifyOtherKeys")
def modify_keys(call: Call) -> None:
    _change(call, call.session.keys.modify, call.session.keys.MODIFY)


@csi.on(">n", syntax="CSI > Ps n", mnemonic="XTDISMODKEYS", effect="sends modified keys as if they were not (-1)")
def disable_modified_keys(call: Call) -> None:
    resource = call.parameter(0, 2)
    if resource in call.session.keys.modify:
        call.session.keys.modify[resource] = -1


@csi.on("?m", syntax="CSI ? Pp m", mnemonic="XTQMODKEYS", effect="answers how modified keys are sent")
def query_modified_keys(call: Call) -> None:
    value = call.session.keys.modify.get(call.parameter(0))
    if value is not None:
        call.reply(f"\x1b[>{call.parameter(0)}{f';{value}' if value >= 0 else ''}m")


@csi.on(">f", syntax="CSI > Pp ; Pv f", mnemonic="XTFMTKEYS", effect="sets the format of modified keys: 27;m;c~ (0), c;mu (1)")
def format_keys(call: Call) -> None:
    _change(call, call.session.keys.format, call.session.keys.FORMAT)


@csi.on("?g", syntax="CSI ? Pp g", mnemonic="XTQFMTKEYS", effect="answers the format of modified keys")
def query_key_format(call: Call) -> None:
    value = call.session.keys.format.get(call.parameter(0))
    if value is not None:
        call.reply(f"\x1b[>{call.parameter(0)};{value}f")


@csi.on("?S", syntax="CSI ? Pi ; Pa ; Pv S", mnemonic="XTSMGRAPHICS", effect="answers colours and size for sixel images")
def graphics(call: Call) -> None:
    """Status 0 is success, 1 an unknown item, 2 an unknown action, 3 a failure."""
    item, action = call.parameter(0), call.parameter(1)
    figures, geometry = call.terminal._figures(), call.session.geometry
    if item not in (1, 2) or not call.allows("images"):
        call.reply(f"\x1b[?{item};1S")
    elif action not in (1, 2, 4):
        call.reply(f"\x1b[?{item};{3 if action == 3 else 2}S")
    elif item == 1:
        call.reply("\x1b[?1;0;256S")
    else:
        call.reply(f"\x1b[?2;0;{figures.columns * geometry.cell_width};{figures.rows * geometry.cell_height}S")
