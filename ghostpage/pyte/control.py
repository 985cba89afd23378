"""Control characters and introducers (ECMA-48 and ECMA-6)."""

from __future__ import annotations

__all__ = [
    "BEL", "BS", "CAN", "CR", "CSI", "CSI_C0", "CSI_C1", "DEL", "ESC", "FF", "HT", "LF", "NUL", "OSC", "OSC_C0",
    "OSC_C1", "SI", "SO", "SP", "ST", "ST_C0", "ST_C1", "SUB", "VT",
]  # fmt: skip

NUL = "\x00"
BEL = "\x07"
BS = "\x08"
HT = "\x09"
LF = "\x0a"
VT = "\x0b"
FF = "\x0c"
CR = "\x0d"
SO = "\x0e"
SI = "\x0f"
CAN = "\x18"
SUB = "\x1a"
ESC = "\x1b"
SP = "\x20"
DEL = "\x7f"

# In 7 bits, and as one character.
CSI_C0, CSI_C1 = ESC + "[", "\x9b"
ST_C0, ST_C1 = ESC + "\\", "\x9c"
OSC_C0, OSC_C1 = ESC + "]", "\x9d"
CSI, ST, OSC = CSI_C0, ST_C0, OSC_C0
