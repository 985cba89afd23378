"""Reports that a CSI asks for (DEC STD 070, the VT420 manual, xterm's control sequences)."""

from __future__ import annotations

import sys

from ghostpage._protocol.catalogue import Table
from ghostpage._protocol.session import Call
from ghostpage._protocol.settings import sgr_of, state_of_cursor, state_of_tabs

__all__ = ["csi", "status"]

XTERM_PATCH = 410  # whose answers these are: programs conclude from it what they may send

csi = Table[str]()  # by marker, intermediates and final byte
status = Table[tuple[str, int]]()  # DSR, by marker and number

_MODE_STATES = {1: 1, 0: 2, 3: 3, 4: 4}
# 132 columns, printer, selective erase, national sets, technical set, locator, terminal state, windows, horizontal
# scrolling, colour, rectangles, ANSI locator: what xterm says as a VT420.
_ATTRIBUTES = "64;1;2;6;9;15;16;17;18;21;22;28;29"


# ---- who is there ---------------------------------------------------------------------------------------------------


@csi.on("c", syntax="CSI Ps c", mnemonic="DA1", effect="answers that this is a VT420, and what it can do")
def primary_attributes(call: Call) -> None:
    if call.parameter(0) == 0:
        more = (";4" if call.allows("images") else "") + (";52" if call.allows("clipboard") else "")
        call.reply(f"\x1b[?{_ATTRIBUTES}{more}c")


@csi.on("/Z", syntax="ESC Z, as a VT52", mnemonic="DECID", effect="answers that this is a VT52: ESC / Z")
def identify_vt52(call: Call) -> None:
    call.reply("\x1b/Z")


@csi.on(">c", syntax="CSI > Ps c", mnemonic="DA2", effect="answers the type of terminal, and the xterm that it is like")
def secondary_attributes(call: Call) -> None:
    if call.parameter(0) == 0:
        call.reply(f"\x1b[>41;{XTERM_PATCH};0c")


@csi.on("=c", syntax="CSI = Ps c", mnemonic="DA3", effect="answers a unit number, which is 0")
def tertiary_attributes(call: Call) -> None:
    if call.parameter(0) == 0:
        call.reply("\x1bP!|00000000\x1b\\")


@csi.on(">q", syntax="CSI > Ps q", mnemonic="XTVERSION", effect="answers the name and version of this library")
def version(call: Call) -> None:
    if call.parameter(0) == 0:
        number = getattr(sys.modules.get("ghostpage"), "__version__", "")  # the package is above this module
        call.reply(f"\x1bP>|ghostpage({number})\x1b\\")


@csi.on("x", syntax="CSI Ps x", mnemonic="DECREQTPARM", effect="answers the parameters of a line: none, 38,400 baud")
def line_parameters(call: Call) -> None:
    if call.parameter(0) in (0, 1):
        call.reply(f"\x1b[{call.parameter(0) + 2};1;1;128;128;1;0x")


@csi.on("&u", syntax="CSI & u", mnemonic="DECRQUPSS", effect="answers which supplemental set is preferred: DEC's")
def supplemental_set(call: Call) -> None:
    call.reply("\x1bP0!u%5\x1b\\")


# ---- how it stands --------------------------------------------------------------------------------------------------


@csi.on("$p", syntax="CSI Ps $ p", mnemonic="DECRQM", effect="answers whether a mode of ECMA-48 is set")
@csi.on("?$p", syntax="CSI ? Ps $ p", mnemonic="DECRQM", effect="answers whether a private mode is set")
def mode(call: Call) -> None:
    marker, number = call.key[:-2], call.parameter(0)
    state = call.terminal._mode_state(number, marker == "")
    call.reply(f"\x1b[{marker}{number};{_MODE_STATES.get(state, 0)}$y")


@csi.on("?h", "?l", syntax="CSI ? 2048 h", effect="reports the size in the stream, now and at each change of it")
def told_of_modes(call: Call) -> None:
    """The core hands this over after it has set modes that are of concern here."""
    if call.key == "?h" and 2048 in call.parameters:
        call.session.outbox.add(resize_report(call.session.geometry, call.terminal._figures()))


def resize_report(geometry: object, figures: object) -> bytes:
    rows, columns = figures.rows, figures.columns  # type: ignore[attr-defined]
    height, width = rows * geometry.cell_height, columns * geometry.cell_width  # type: ignore[attr-defined]
    return f"\x1b[48;{rows};{columns};{height};{width}t".encode()


@csi.on("$w", syntax="CSI Ps $ w", mnemonic="DECRQPSR", effect="answers the cursor's state (1) or the tab stops (2)")
def presentation_state(call: Call) -> None:
    if call.parameter(0) == 1:
        call.reply(f"\x1bP1$u{state_of_cursor(call)}\x1b\\")
    elif call.parameter(0) == 2:
        call.reply(f"\x1bP2$u{state_of_tabs(call)}\x1b\\")


@csi.on("$u", syntax="CSI 2 ; 2 $ u", mnemonic="DECRQTSR", effect="answers the table of colours, in percent of RGB")
def terminal_state(call: Call) -> None:
    if call.parameter(0) == 2:
        colors = enumerate(call.session.palette.indexed)
        table = "/".join(";".join(map(str, (n, 2, *(round(part / 2.55) for part in color)))) for n, color in colors)
        call.reply(f"\x1bP2$s{table}\x1b\\")


@csi.on('"v', syntax='CSI " v', mnemonic="DECRQDE", effect="answers what part of the page is seen: all of it")
def displayed_extent(call: Call) -> None:
    figures = call.terminal._figures()
    call.reply(f'\x1b[{figures.rows};{figures.columns};1;1;1"w')


def rectangle(call: Call, first: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom, the last two exclusive, of parameters from ``first`` on; within margins by DECOM."""
    figures = call.terminal._figures()
    top, left, bottom, right = 0, 0, figures.rows, figures.columns
    if call.terminal._mode_state(6, False) == 1:
        top, left, bottom, right = figures.region_top, figures.region_left, figures.region_bottom, figures.region_right
    return (
        left + call.parameter(first + 1, 1) - 1,
        top + call.parameter(first, 1) - 1,
        min(right, left + call.parameter(first + 3, right - left)),
        min(bottom, top + call.parameter(first + 2, bottom - top)),
    )


@csi.on("*y", syntax="CSI Pi ; Pg ; Pt ; Pl ; Pb ; Pr * y", mnemonic="DECRQCRA", effect="answers a checksum of a rectangle")
def rectangle_checksum(call: Call) -> None:
    total = call.terminal._checksum(*rectangle(call, 2), call.session.checksum_flags)
    call.reply(f"\x1bP{call.parameter(0)}!~{total:04X}\x1b\\")


@csi.on("#y", syntax="CSI Ps # y", mnemonic="XTCHECKSUM", effect="chooses how checksums are computed, as xterm does")
def checksum_flags(call: Call) -> None:
    call.session.checksum_flags = call.parameter(0) & 31


@csi.on("#|", syntax="CSI Pt ; Pl ; Pb ; Pr # |", mnemonic="XTREPORTSGR", effect="answers what a rectangle has in common")
def rectangle_rendition(call: Call) -> None:
    call.reply(f"\x1b[{sgr_of(call.terminal._pens(*rectangle(call, 0)))}m")


# ---- device status --------------------------------------------------------------------------------------------------


@csi.on("n", "?n", syntax="CSI Ps n", mnemonic="DSR", effect="reports by number, as below")
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
    private = call.key[:-1]
    call.reply(f"\x1b[{private}{call.y + 1};{call.x + 1}{';1' if private else ''}R")


def _fixed(number: int, mnemonic: str, effect: str, answer: str) -> None:
    @status.on(("?", number), syntax=f"CSI ? {number} n", mnemonic=mnemonic, effect=effect)
    def report(call: Call) -> None:
        call.reply(answer)


_fixed(15, "DSR", "answers that there is no printer", "\x1b[?13n")
_fixed(25, "DSR", "answers that user-defined keys are not locked", "\x1b[?20n")
_fixed(26, "DSR", "answers that the keyboard is North American and ready", "\x1b[?27;1;0;0n")
_fixed(53, "DSR", "answers that there is no locator", "\x1b[?53n")
_fixed(55, "DSR", "answers that there is no locator", "\x1b[?53n")
_fixed(56, "DSR", "answers that no locator is known", "\x1b[?57;0n")
_fixed(62, "DECMSR", "answers that there is no room for macros", "\x1b[0*{")
_fixed(75, "DSR", "answers that the data is sound", "\x1b[?70n")
_fixed(85, "DSR", "answers that there is one session", "\x1b[?83n")


@status.on(("?", 63), syntax="CSI ? 63 ; Pi n", mnemonic="DECCKSR", effect="answers the checksum of macros: 0")
def macro_checksum(call: Call) -> None:
    call.reply(f"\x1bP{call.parameter(1)}!~0000\x1b\\")


@status.on(("?", 996), syntax="CSI ? 996 n", effect="answers whether colours are dark or light (mode 2031)")
def color_scheme(call: Call) -> None:
    call.reply(f"\x1b[?997;{1 if call.session.dark else 2}n")
