"""Streams of the kinds that alacritty's vtebench times terminals with, described there and generated anew here.

Lines end as a terminal sees them, ``\\r\\n``, and each stream sets up its screen once. What vtebench has as recordings,
medium cells and symbols, is drawn from the seed; in the others the seed chooses the letter that is begun with.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from string import ascii_uppercase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ghostpage.workloads import Dice

__all__ = ["STREAMS"]

ALTERNATE = "\x1b[?1049h"
SYMBOLS = [(0xA1, 0x2FF), (0x370, 0x3FF), (0x400, 0x4FF), (0x2190, 0x23FF), (0x2500, 0x27BF), (0x3041, 0x30FF)]
SYMBOLS += [(0x1F300, 0x1F64F)]
"""Ranges of code points: Latin, Greek, Cyrillic, arrows and technical signs, boxes and dingbats, kana, pictographs."""
KEYWORDS = "if else while return static const struct int char size_t uint32_t include define for break".split()


def _letters(dice: Dice) -> Iterator[str]:
    begin = dice.below(26)
    return (ascii_uppercase[(begin + number) % 26] for number in count())


def cursor_motion(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """The cursor moved for each character, round the screen and inwards"""
    yield ALTERNATE
    for letter in _letters(dice):
        parts = []
        left, top, right, bottom = 1, 1, columns, rows
        while left <= right and top <= bottom:
            ring = [(x, top) for x in range(left, right)] + [(right, y) for y in range(top, bottom)]
            ring += [(x, bottom) for x in range(right, left, -1)] + [(left, y) for y in range(bottom, top, -1)]
            parts += [f"\x1b[{y};{x}H{letter}" for x, y in ring or [(left, top)]]
            left, top, right, bottom = left + 1, top + 1, right - 1, bottom - 1
        yield "".join(parts)


def dense_cells(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """Every cell with colours of its own, bold, italic and underlined, screen after screen"""
    yield ALTERNATE
    for shift, letter in enumerate(_letters(dice)):
        places = (y + x + shift for y in range(rows) for x in range(columns))
        cells = (f"\x1b[38;5;{100 + at % 156};48;5;{255 - at % 156};1;3;4m{letter}" for at in places)
        yield "\x1b[H" + "".join(cells)


def light_cells(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """Every cell written again without scrolling, with nothing but letters"""
    yield ALTERNATE
    for letter in _letters(dice):
        yield "\x1b[H" + letter * (columns * rows)


def medium_cells(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """An editor's screens of coloured source text, drawn a row at a time"""
    yield ALTERNATE
    while True:
        yield "".join(_editor_rows(dice, columns, rows))


def sync_medium_cells(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """The same between marks of synchronised output (mode 2026)"""
    yield ALTERNATE
    while True:
        yield f"\x1b[?2026h{''.join(_editor_rows(dice, columns, rows))}\x1b[?2026l"


def _editor_rows(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    yield "\x1b[?25l"
    first = dice.between(1, 9000)
    for row in range(1, rows + 1):
        length = dice.below(max(1, columns - 8))
        words, used = [], 0
        while used < length:
            word = dice.pick(KEYWORDS)
            color = dice.pick(["", "", "\x1b[38;5;130m", "\x1b[38;5;81m", "\x1b[1;34m"])
            words.append(f"{color}{word}\x1b[m" if color else word)
            used += len(word) + 1
        yield f"\x1b[{row};1H\x1b[33m{first + row:6d} \x1b[m{' '.join(words)}\x1b[K"
    yield f"\x1b[{dice.between(1, rows)};{dice.between(1, columns)}H\x1b[?25h"


def scrolling(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """Lines of one character, as yes prints them"""
    letter = next(_letters(dice)).lower()
    while True:
        yield f"{letter}\r\n"


def scrolling_fullscreen(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """Lines as wide as the screen"""
    for letter in _letters(dice):
        yield letter * columns + "\r\n"


def _in_region(dice: Dice, top: int, bottom: int) -> Iterator[str]:
    yield f"{ALTERNATE}\x1b[{top};{bottom}r\x1b[{bottom};1H"
    letter = next(_letters(dice)).lower()
    while True:
        yield f"{letter}\r\n"


def scrolling_bottom_region(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """Lines in a region that leaves out the last row"""
    return _in_region(dice, 1, max(2, rows - 1))


def scrolling_bottom_small_region(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """Lines in the upper half of the screen"""
    return _in_region(dice, 1, max(2, rows // 2))


def scrolling_top_region(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """Lines in a region that leaves out the first row"""
    return _in_region(dice, 2, max(3, rows))


def scrolling_top_small_region(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """Lines in the lower half of the screen"""
    return _in_region(dice, max(1, rows // 2), max(2, rows))


def unicode(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """Symbols of many scripts and blocks, narrow and wide, one after the other"""
    while True:
        yield "".join(chr(dice.between(*dice.pick(SYMBOLS))) for _ in range(256))


STREAMS = {
    f"vte_{stream.__name__}": stream
    for stream in (
        cursor_motion,
        dense_cells,
        light_cells,
        medium_cells,
        scrolling,
        scrolling_bottom_region,
        scrolling_bottom_small_region,
        scrolling_fullscreen,
        scrolling_top_region,
        scrolling_top_small_region,
        sync_medium_cells,
        unicode,
    )
}
"""By the name of the workload."""
