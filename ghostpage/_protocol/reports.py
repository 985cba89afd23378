"""Reports that a CSI asks for (DEC STD 070, the VT420 manual, xterm's control sequences)."""

from __future__ import annotations

from ghostpage._protocol.catalogue import Table
from ghostpage._protocol.session import Call

__all__ = ["csi", "status"]

csi = Table[str]()  # by marker, intermediates and final byte
status = Table[tuple[str, int]]()  # DSR, by marker and number

_MODE_STATES = {1: 1, 0: 2, 3: 3, 4: 4}


@csi.on("c", syntax="CSI Ps c", mnemonic="DA1", effect="answers what kind of terminal this is")
def primary_attributes(call: Call) -> None:
    if call.parameter(0) == 0:
        call.reply("\x1b[?62;22c")


@csi.on(">c", syntax="CSI > Ps c", mnemonic="DA2", effect="answers the terminal's type and version")
def secondary_attributes(call: Call) -> None:
    if call.parameter(0) == 0:
        call.reply("\x1b[>1;10;0c")


@csi.on("=c", syntax="CSI = Ps c", mnemonic="DA3", effect="answers a unit number, which is 0")
def tertiary_attributes(call: Call) -> None:
    if call.parameter(0) == 0:
        call.reply("\x1bP!|00000000\x1b\\")


@csi.on("$p", syntax="CSI Ps $ p", mnemonic="DECRQM", effect="answers whether a mode of ECMA-48 is set")
@csi.on("?$p", syntax="CSI ? Ps $ p", mnemonic="DECRQM", effect="answers whether a private mode is set")
def mode(call: Call) -> None:
    marker, number = call.key[:-2], call.parameter(0)
    state = call.terminal._mode_state(number, marker == "")
    call.reply(f"\x1b[{marker}{number};{_MODE_STATES.get(state, 0)}$y")


@csi.on("n", "?n", syntax="CSI Ps n", mnemonic="DSR", effect="reports by number; see below")
def device_status(call: Call) -> None:
    handler = status.find((call.key[:-1], call.parameter(0)))
    if handler:
        handler(call)
    else:
        call.ignore()


@status.on(("", 5), syntax="CSI 5 n", mnemonic="DSR", effect="answers that all is well")
def well(call: Call) -> None:
    call.reply("\x1b[0n")


@status.on(("", 6), syntax="CSI 6 n", mnemonic="CPR", effect="answers where the cursor is")
@status.on(("?", 6), syntax="CSI ? 6 n", mnemonic="DECXCPR", effect="answers where the cursor is, and on which page")
def cursor_position(call: Call) -> None:
    figures, marker = call.terminal._figures(), call.key[:-1]
    origin = call.terminal._mode_state(6, False) == 1  # DECOM: counted from the margins
    top, left = (figures.region_top, figures.region_left) if origin else (0, 0)
    call.reply(f"\x1b[{marker}{figures.y - top + 1};{figures.x - left + 1}R")
