"""What DECRQSS, DECRQPSR and DECRSPS tell and restore: settings as the sequences that make them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ghostpage._protocol.catalogue import Table
from ghostpage._protocol.session import Call

__all__ = ["restore_cursor", "restore_tabs", "settings", "sgr_of", "state_of_cursor", "state_of_tabs"]

settings = Table[str]()  # by what ends the sequence; a function that says what stands before that

_ATTRIBUTES = ((1, 1), (2, 2), (4, 3), (8, 5), (16, 7), (32, 8), (64, 9), (128, 53))
_PROTECTED = 2048


def _color(code: int, color: int) -> list[str]:
    kind, value = color >> 24, color & 0xFFFFFF
    if kind == 2:
        return [f"{code}:2::{value >> 16}:{value >> 8 & 255}:{value & 255}"]
    if kind == 0:
        return []
    if code == 58 or value >= 16:
        return [f"{code}:5:{value}"]
    return [str(code - 8 + value if value < 8 else code + 44 + value)]  # 30-37 and 90-97, 40-47 and 100-107


def sgr_of(pens: Iterable[Any]) -> str:
    """The parameters of the SGR that gives what these ``gp_style_info`` have in common."""
    parts = ["0"]
    every = list(pens)
    shared = every[0].attributes if every else 0
    for pen in every:
        shared &= pen.attributes
    parts += [str(code) for bit, code in _ATTRIBUTES if shared & bit]
    underlines = {pen.attributes >> 8 & 7 for pen in every}
    if len(underlines) == 1 and underlines != {0}:
        kind = underlines.pop()
        parts.append({1: "4", 2: "21"}.get(kind, f"4:{kind}"))
    for code, name in ((38, "foreground"), (48, "background"), (58, "underline_color")):
        colors = {getattr(pen, name) for pen in every}
        if len(colors) == 1:
            parts += _color(code, colors.pop())
    return ";".join(parts)


@settings.on("m", syntax="DCS $ q m ST", mnemonic="SGR", effect="answers the attributes and colours of the pen")
def rendition(call: Call) -> str:
    return sgr_of([call.terminal._state().pen])


@settings.on("r", syntax="DCS $ q r ST", mnemonic="DECSTBM", effect="answers the top and bottom margins")
def rows(call: Call) -> str:
    figures = call.terminal._figures()
    return f"{figures.region_top + 1};{figures.region_bottom}"


@settings.on("s", syntax="DCS $ q s ST", mnemonic="DECSLRM", effect="answers the left and right margins")
def columns(call: Call) -> str:
    figures = call.terminal._figures()
    return f"{figures.region_left + 1};{figures.region_right}"


@settings.on(" q", syntax="DCS $ q SP q ST", mnemonic="DECSCUSR", effect="answers the cursor's shape")
def cursor_shape(call: Call) -> str:
    figures = call.terminal._figures()
    return str(figures.cursor_shape * 2 + (1 if figures.cursor_blinking else 2))


@settings.on('"q', syntax='DCS $ q " q ST', mnemonic="DECSCA", effect="answers whether what is printed is protected")
def protection(call: Call) -> str:
    return str(int(bool(call.terminal._state().pen.attributes & _PROTECTED)))


@settings.on('"p', syntax='DCS $ q " p ST', mnemonic="DECSCL", effect="answers the level of conformance")
def conformance(call: Call) -> str:
    state = call.terminal._state()
    return f"{60 + state.level};{0 if state.eight_bit else 1}"


@settings.on("*x", syntax="DCS $ q * x ST", mnemonic="DECSACE", effect="answers how far DECCARA and DECRARA reach")
def change_extent(call: Call) -> str:
    return "2" if call.terminal._state().rectangular else "0"


@settings.on("t", syntax="DCS $ q t ST", mnemonic="DECSLPP", effect="answers the rows of a page")
@settings.on("*|", syntax="DCS $ q * | ST", mnemonic="DECSNLS", effect="answers the rows of the screen")
def lines(call: Call) -> str:
    return str(call.terminal._figures().rows)


@settings.on("$|", syntax="DCS $ q $ | ST", mnemonic="DECSCPP", effect="answers the columns of a page")
def page_columns(call: Call) -> str:
    return str(call.terminal._figures().columns)


@settings.on("$}", syntax="DCS $ q $ } ST", mnemonic="DECSASD", effect="answers that the main display is active")
@settings.on("$~", syntax="DCS $ q $ ~ ST", mnemonic="DECSSDT", effect="answers that there is no status line")
def none(call: Call) -> str:
    return "0"


# ---- presentation state ---------------------------------------------------------------------------------------------

_RENDITION = ((1, 1, 1), (4, 2, 0x700), (5, 4, 8), (7, 8, 16))  # SGR, bit of the report, bits of the core


def state_of_cursor(call: Call) -> str:
    """DECCIR: as in xterm, origin mode is told but does not count."""
    figures, state = call.terminal._figures(), call.terminal._state()
    origin = call.terminal._mode_state(6, False) == 1
    rendition = 0x40 | sum(bit for _, bit, bits in _RENDITION if state.pen.attributes & bits)
    protected = 0x40 | bool(state.pen.attributes & _PROTECTED)
    flags = 0x40 | origin | (state.single_shift == 2) << 1 | (state.single_shift == 3) << 2 | bool(figures.pending_wrap) << 3
    sizes, names = 0x40, ""
    for number, charset in enumerate(state.charsets):
        sizes |= bool(charset >> 24) << number
        names += (chr(charset >> 8 & 0xFF) if charset >> 8 & 0xFF else "") + chr(charset & 0xFF)
    where = f"{figures.y + 1};{figures.x + 1};1;{chr(rendition)};{chr(protected)};{chr(flags)}"
    return f"{where};{state.shift};{state.shift_right};{chr(sizes)};{names}"


def state_of_tabs(call: Call) -> str:
    """DECTABSR."""
    return "/".join(str(column + 1) for column in call.terminal._tabs())


def restore_cursor(call: Call) -> None:
    """What DECCIR said, as the sequences that make it so. What does not read like one changes nothing."""
    parts = call.payload.decode("latin-1").split(";", 9)
    if len(parts) < 10 or not all(part.isdigit() and len(part) <= 5 for part in (*parts[:3], *parts[6:8])):
        return call.ignore()
    if not all(len(part) == 1 and "@" <= part <= "\x7e" for part in (*parts[3:6], parts[8])):
        return call.ignore()
    rendition, protected, flags, sizes = (ord(part) & 0x3F for part in (*parts[3:6], parts[8]))
    figures = call.terminal._figures()
    top, left = (figures.region_top, figures.region_left) if flags & 1 else (0, 0)
    row, column = max(1, int(parts[0]) - top), max(1, int(parts[1]) - left)
    made = f"\x1b[?6{'h' if flags & 1 else 'l'}\x1b[{row};{column}H\x1b[0"
    made += "".join(f";{code}" for code, bit, _ in _RENDITION if rendition & bit) + f'm\x1b[{protected & 1}"q'
    names = parts[9]
    for number in range(4):
        end = 1 + next((at for at, character in enumerate(names) if character >= "0"), len(names))
        name, names = names[:end], names[end:]
        if len(name) not in (1, 2) or not all(" " <= character <= "\x7e" for character in name):
            return call.ignore()
        slot = (" -./" if sizes >> number & 1 else "()*+")[number]
        if slot != " ":
            made += f"\x1b{slot}{name}"
    made += ("\x0f", "\x0e", "\x1bn", "\x1bo")[int(parts[6]) & 3]
    made += ("", "\x1b~", "\x1b}", "\x1b|")[int(parts[7]) & 3]
    made += "\x1bN" if flags & 2 else "\x1bO" if flags & 4 else ""
    call.terminal._inject(made.encode("ascii"))
    return None


def restore_tabs(call: Call) -> None:
    """What DECTABSR said."""
    parts = call.payload.split(b"/")
    stops = sorted({int(part) for part in parts if part.isdigit() and len(part) <= 5})
    if not stops and call.payload:
        return call.ignore()
    figures = call.terminal._figures()
    origin = figures.region_left if call.terminal._mode_state(6, False) == 1 else 0  # what columns are counted from
    made = "".join(f"\x1b[{stop - origin}G\x1bH" for stop in stops if origin < stop <= figures.columns)
    call.terminal._inject(f"\x1b[3g{made}\x1b[{figures.x + 1 - origin}G".encode("ascii"))
    return None
