"""Character sets of 256, as strings that say what each stands for, and the letters that designate them on a Linux console.

>>> VT100_MAP[ord("q")], IBMPC_MAP[0xE0], MAPS["B"] is LAT1_MAP
('─', 'α', True)
"""

from __future__ import annotations

__all__ = ["IBMPC_MAP", "LAT1_MAP", "MAPS", "VAX42_MAP", "VT100_MAP"]


def _with(base: str, first: int, characters: str) -> str:
    return base[:first] + characters + base[first + len(characters) :]


LAT1_MAP = bytes(range(256)).decode("latin-1")

VT100_MAP = _with(LAT1_MAP, 0x5F, "\xa0◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·")
"""DEC's special graphics (VT100 manual, table 3-9), with the arrows and the block that terminfo knows besides."""
VT100_MAP = _with(_with(VT100_MAP, 0x2B, "→←↑↓"), 0x30, "█")

IBMPC_MAP = _with(LAT1_MAP, 0x80, bytes(range(0x80, 0x100)).decode("cp437"))
IBMPC_MAP = _with(_with(IBMPC_MAP, 0x01, "☺☻♥♦♣♠•◘○◙♂♀♪♫☼▶◀↕‼¶§▬↨↑↓→←∟↔▲▼"), 0x7F, "⌂")
"""Code page 437, with the pictures of its controls."""

VAX42_MAP = IBMPC_MAP.translate(str.maketrans("!?ahortu", "лесектле"))
"""What Linux has as its user's set at first."""

MAPS = {"B": LAT1_MAP, "0": VT100_MAP, "U": IBMPC_MAP, "V": VAX42_MAP}
