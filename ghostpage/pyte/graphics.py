"""What the parameters of SGR stand for: attributes, colours by name, and the palette.

>>> TEXT[1], FG[33], BG_AIXTERM[101], FG_BG_256[16:18]
('+bold', 'brown', 'brightred', ['000000', '00005f'])
"""

from __future__ import annotations

__all__ = [
    "BG", "BG_256", "BG_AIXTERM", "BG_ANSI", "BRIGHT_NAMES", "DEFAULT", "FG", "FG_256", "FG_AIXTERM", "FG_ANSI",
    "FG_BG_256", "NAMES", "TEXT",
]  # fmt: skip

NAMES = ("black", "red", "green", "brown", "blue", "magenta", "cyan", "white")
BRIGHT_NAMES = tuple(f"bright{name}" for name in NAMES)
DEFAULT = "default"

_ATTRIBUTES = {1: "bold", 3: "italics", 4: "underscore", 5: "blink", 7: "reverse", 9: "strikethrough"}
TEXT = {number: f"+{name}" for number, name in _ATTRIBUTES.items()}
TEXT |= {number + (21 if number == 1 else 20): f"-{name}" for number, name in _ATTRIBUTES.items()}

FG_ANSI = {30 + i: name for i, name in enumerate(NAMES)} | {39: DEFAULT}
BG_ANSI = {40 + i: name for i, name in enumerate(NAMES)} | {49: DEFAULT}
FG_AIXTERM = {90 + i: name for i, name in enumerate(BRIGHT_NAMES)}
BG_AIXTERM = {100 + i: name for i, name in enumerate(BRIGHT_NAMES)}
FG, BG = FG_ANSI, BG_ANSI

FG_256, BG_256 = 38, 48

_XTERM = "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff"
_LEVELS = (0x00, 0x5F, 0x87, 0xAF, 0xD7, 0xFF)
FG_BG_256 = _XTERM.split()
FG_BG_256 += [f"{red:02x}{green:02x}{blue:02x}" for red in _LEVELS for green in _LEVELS for blue in _LEVELS]
FG_BG_256 += [f"{level:02x}" * 3 for level in range(8, 248, 10)]
"""The palette as hexadecimal digits: xterm's sixteen colours, the cube, the greys."""
