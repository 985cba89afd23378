"""Rows as the bytes that a terminal shows them for.

Written for any terminal of xterm's class: SGR as in ECMA-48 8.3.117 with xterm's colours, underline kinds and colours as
sub-parameters (``4:3``, ``58:2::r:g:b``), links as OSC 8, and where cells hold nothing, the cursor is moved (CUF) or cells
are erased in a background (ECH, EL, with *background colour erase*); rows of double size as
DEC's (DECDWL, DECDHL). Whatever a program has printed, no other control
gets in.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ghostpage._core import lib
from ghostpage._runs import Shown, StyleKey, blocks
from ghostpage.rows import Block

__all__ = ["encode_rows", "sgr"]

PLAIN: StyleKey = (0, 0, 0, 0)
NO_LINK = (b"", b"")

# What a terminal ignores but does not join a cluster across: a string terminator where there is no string.
APART = b"\x1b\\"
DOUBLE_SIZES = (b"\x1b#6", b"\x1b#3", b"\x1b#4")
NO_BREAK_SPACE = "\u00a0".encode()

_INDEXED, _RGB = 1, 2
_UNDERLINE = 7 << 8
_ON = ((1, "1"), (2, "2"), (4, "3"), (8, "5"), (16, "7"), (32, "8"), (64, "9"), (128, "53"))
_OFF = ((1 | 2, "22"), (4, "23"), (_UNDERLINE, "24"), (8, "25"), (16, "27"), (32, "28"), (64, "29"), (128, "55"))

_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\udc80-\udcff]")
_UNSAFE_ID = re.compile("[\x00-\x1f\x7f-\x9f\udc80-\udcff:;]")


def encode_rows(source: Shown, start: int | None, stop: int | None, spaces: bool) -> bytes:
    """See :meth:`ghostpage.Terminal.to_ansi`."""
    parts: list[bytes] = []
    put = parts.append
    pen, link = PLAIN, NO_LINK
    columns_of_window = source.columns
    first = True
    missing = 0  # columns that the last row lacks, which is wrapped
    wraps = False  # the terminal is to wrap before the next cell

    def use(style: StyleKey, target: tuple[bytes, bytes]) -> None:
        nonlocal pen, link
        if target != link:
            put(_osc_8(*target))
            link = target
        if style != pen:
            put(sgr(pen, style))
            pen = style

    for block in blocks(source, start, stop):
        text, runs = block.text, block.runs
        styles, links = block.styles(), block.links()
        begin = 0
        for info, end in zip(block.block.infos, block.row_ends):
            if wraps and missing and not (missing == 1 and _begins_wide(block.block, info)):
                use(PLAIN, NO_LINK)
                put(b" " * missing)
            elif not wraps and not first:
                if pen[1]:  # a row that scrolls in would have it
                    use((pen[0], 0, *pen[2:]), link)
                put(b"\r\n")
            first = False
            x, width = 0, columns_of_window
            if info[6]:  # of double size
                put(DOUBLE_SIZES[info[6] - 1])
                width = max(1, width // 2)
            for text_begin, text_bytes, columns, style_index, link_index, blank, joins, mark, odd in runs[begin:end]:
                style = styles[style_index]
                if not blank:
                    if joins:
                        put(APART)
                    use(style, links[link_index])
                    shown = text[text_begin : text_begin + text_bytes]
                    if mark:
                        put(NO_BREAK_SPACE)
                    elif odd:
                        shown = _odd(shown.decode(), x + columns >= width and not info[5])
                    put(shown)
                elif spaces or (wraps and not x) or (info[5] and x + columns >= width):
                    use(style, NO_LINK)
                    put(b" " * columns)
                elif style == PLAIN:
                    put(b"\x1b[C" if columns == 1 else b"\x1b[%dC" % columns)
                else:
                    use(style, NO_LINK)
                    if x + columns >= width:
                        put(b"\x1b[K")
                    else:
                        put(b"\x1b[%dX\x1b[%dC" % (columns, columns))
                if not x and wraps and style[1] and columns < width and not spaces:
                    use((style[0], 0, *style[2:]), link)  # the row may have scrolled in with it
                    put(b"\x1b[K")
                x += columns
            if wraps and not x:
                use(PLAIN, NO_LINK)
                put(b" ")
                x = 1
            begin = end
            wraps = info[5]
            missing = width - x
    use(PLAIN, NO_LINK)
    return b"".join(parts)


def _odd(cluster: str, at_edge: bool) -> bytes:
    """A cell that is not as wide as its text, as it was put together in another way than by printing it."""
    if at_edge and lib.gp_unicode_width(ord(cluster[0])) == 2:
        return b" "  # nothing puts it there but editing
    if at_edge:  # it would have grown into the next row
        return b"\x1b[?7l" + cluster.encode() + b"\x1b[?7h"
    parts = [APART * (lib.gp_unicode_width(ord(character)) == 0) + character.encode() for character in cluster]
    return b"".join(parts) + APART


def _begins_wide(block: Block, info: tuple[int, ...]) -> bool:
    return bool(info[3]) and next(iter(block.cells(info[2], 1)))[2] == 2


# ---- links ------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _osc_8(target: bytes, identity: bytes) -> bytes:
    """Begins a link, or ends it. What is no printable text is escaped as in a URL (RFC 3986 2.1)."""
    if not target:
        return b"\x1b]8;;\x1b\\"
    parameters = b"id=" + _clean(identity, _UNSAFE_ID) if identity else b""
    return b"\x1b]8;" + parameters + b";" + _clean(target, _UNSAFE) + b"\x1b\\"


def _clean(text: bytes, unsafe: re.Pattern[str]) -> bytes:
    decoded = text.decode("utf-8", "surrogateescape")
    return unsafe.sub(lambda found: _percent(found.group()), decoded).encode()


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogateescape"))


# ---- styles -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=16384)
def sgr(old: StyleKey, new: StyleKey) -> bytes:
    """The shortest SGR that turns one style into another: what has changed, or all of it behind a reset.

    >>> sgr((0, 0, 0, 1), (0, 0, 0, 1 | 4)), sgr((0, 0, 0, 1 | 4), (0, 0, 0, 0))
    (b'\\x1b[3m', b'\\x1b[m')
    """
    anew = ["", *_changes(PLAIN, new)]
    changes = _changes(old, new)
    codes = min(";".join(changes), ";".join(anew), key=len) if changes else ""
    return f"\x1b[{codes}m".encode() if changes else b""


def _changes(old: StyleKey, new: StyleKey) -> list[str]:
    codes: list[str] = []
    has, wanted = old[3], new[3]
    for bits, off in _OFF:
        if has & bits & ~wanted and (bits != _UNDERLINE or not wanted & bits):
            codes.append(off)
            has &= ~bits
    codes += [on for bit, on in _ON if wanted & ~has & bit]
    if (has ^ wanted) & _UNDERLINE:
        kind = (wanted & _UNDERLINE) >> 8
        codes.append("4" if kind == 1 else f"4:{kind}")
    for place, base in enumerate((30, 40, 50)):
        if old[place] != new[place]:
            codes.append(_color(new[place], base))
    return codes


def _color(color: int, base: int) -> str:
    """``base`` is 30 for the foreground, 40 for the background, 50 for the underline."""
    kind, value = color >> 24, color & 0xFFFFFF
    if kind == _RGB:
        red, green, blue = value >> 16, value >> 8 & 255, value & 255
        return f"58:2::{red}:{green}:{blue}" if base == 50 else f"{base + 8};2;{red};{green};{blue}"
    if kind != _INDEXED:
        return str(base + 9)
    if base == 50:
        return f"58:5:{value}"
    if value < 16:
        return str(base + value if value < 8 else base + 60 + value - 8)
    return f"{base + 8};5;{value}"
