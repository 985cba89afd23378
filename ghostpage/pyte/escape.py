"""The last characters of control sequences, by the names that ECMA-48 and DEC gave them."""

from __future__ import annotations

__all__ = [
    "CHA", "CNL", "CPL", "CUB", "CUD", "CUF", "CUP", "CUU", "DA", "DCH", "DECALN", "DECRC", "DECSC", "DECSTBM", "DL",
    "DSR", "ECH", "ED", "EL", "HPA", "HPR", "HTS", "HVP", "ICH", "IL", "IND", "NEL", "RI", "RIS", "RM", "SGR", "SM",
    "TBC", "VPA", "VPR",
]  # fmt: skip

# ESC
RIS = "c"
IND = "D"
NEL = "E"
HTS = "H"
RI = "M"
DECSC = "7"
DECRC = "8"

# ESC #
DECALN = "8"

# CSI
ICH = "@"
CUU = "A"
CUD = "B"
CUF = "C"
CUB = "D"
CNL = "E"
CPL = "F"
CHA = "G"
CUP = "H"
ED = "J"
EL = "K"
IL = "L"
DL = "M"
DCH = "P"
ECH = "X"
HPA = "`"
HPR = "a"
DA = "c"
VPA = "d"
VPR = "e"
HVP = "f"
TBC = "g"
SM = "h"
RM = "l"
SGR = "m"
DSR = "n"
DECSTBM = "r"
