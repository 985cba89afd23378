"""Colours that programs ask for and set: how they are written (X11), and the palette that they are kept in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ghostpage._color_names import NAMES
from ghostpage._color_spaces import convert
from ghostpage._core import ArgumentError

__all__ = ["Palette", "parse_color"]

RGB = tuple[int, int, int]

CHARACTERS = 100  # of a colour; whatever is longer is none

_SHADE = re.compile(r"gr[ae]y(\d{1,3})")
_DYNAMIC = (
    "foreground background cursor pointer_foreground pointer_background tektronix_foreground tektronix_background "
    "highlight_background tektronix_cursor highlight_foreground"
).split()
_BASIC = (0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5)
_BRIGHT = (0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF)


def parse_color(spec: str) -> RGB | None:
    """Red, green and blue, each from 0 to 255, of a colour as X11 writes it; None if it is none.

    Known are ``#rgb`` with 1 to 4 digits a part, ``rgb:r/g/b`` likewise, names, and three numbers in ``rgbi:`` (from 0 to
    1, linear), ``CIEXYZ:``, ``CIEuvY:``, ``CIExyY:``, ``CIELab:``, ``CIELuv:`` or ``TekHVC:``, as Xlib converts them.

    >>> parse_color("#fff"), parse_color("rgb:ff/80/0"), parse_color("Light Blue"), parse_color("plaid")
    ((240, 240, 240), (255, 128, 0), (173, 216, 230), None)
    >>> parse_color("TekHVC:30/60/40")
    (211, 130, 103)
    """
    if len(spec) > CHARACTERS:
        return None
    if spec.startswith("#"):
        return _hexadecimal(spec[1:])
    space, colon, parts = spec.partition(":")
    if colon:
        values = parts.split("/")
        if len(values) != 3:
            return None
        return _scaled(values) if space.lower() == "rgb" else convert(space, values)
    name = spec.replace(" ", "").lower()
    shade = _SHADE.fullmatch(name)
    if shade and int(shade.group(1)) <= 100:
        level = int(int(shade.group(1)) * 255 / 100 + 0.5)
        return level, level, level
    return NAMES.get(name)


def _hexadecimal(digits: str) -> RGB | None:
    """The digits of a part are its highest bits; what follows is 0."""
    width = len(digits) // 3
    if len(digits) not in (3, 6, 9, 12) or not _are_digits(digits):
        return None
    red, green, blue = (int(digits[n : n + width].ljust(4, "0")[:2], 16) for n in range(0, len(digits), width))
    return red, green, blue


def _scaled(parts: list[str]) -> RGB | None:
    """The digits of a part are a fraction of what so many digits can say."""
    if not all(1 <= len(part) <= 4 and _are_digits(part) for part in parts):
        return None
    red, green, blue = ((int(part, 16) * 0xFFFF // (16 ** len(part) - 1)) >> 8 for part in parts)
    return red, green, blue


def _are_digits(text: str) -> bool:
    return all(character in "0123456789abcdefABCDEF" for character in text)


def _rgb(value: int) -> RGB:
    return value >> 16, value >> 8 & 255, value & 255


def _indexed() -> tuple[RGB, ...]:
    levels = (0, 95, 135, 175, 215, 255)
    cube = [(red, green, blue) for red in levels for green in levels for blue in levels]
    greys = [(level, level, level) for level in range(8, 248, 10)]
    return (*map(_rgb, _BASIC), *map(_rgb, _BRIGHT), *cube, *greys)


@dataclass(frozen=True)
class Palette:
    """The colours of a terminal, each as (red, green, blue) from 0 to 255.

    What is None is as the host sees fit: it is answered as the foreground, or for what lies behind as the background.

    >>> Palette().indexed[1], Palette(background=(0, 0, 40)).color(11)
    ((205, 0, 0), (0, 0, 40))
    """

    indexed: tuple[RGB, ...] = field(default_factory=_indexed, repr=False)
    """256 of them, those of xterm at first."""
    foreground: RGB = (229, 229, 229)
    background: RGB = (0, 0, 0)
    cursor: RGB | None = None
    pointer_foreground: RGB | None = None
    pointer_background: RGB | None = None
    tektronix_foreground: RGB | None = None
    tektronix_background: RGB | None = None
    highlight_background: RGB | None = None
    tektronix_cursor: RGB | None = None
    highlight_foreground: RGB | None = None
    special: tuple[RGB | None, ...] = (None,) * 5
    """For bold, underlined, blinking, inverse and italic text (OSC 5)."""

    def __post_init__(self) -> None:
        if len(self.indexed) != 256 or len(self.special) != 5:
            raise ArgumentError(f"indexed and special must have 256 and 5 colours, not {len(self.indexed)} and {len(self.special)}")
        for color in (*self.indexed, *self.special, *(getattr(self, name) for name in _DYNAMIC)):
            if color is not None and not (
                isinstance(color, tuple) and len(color) == 3 and all(isinstance(n, int) and 0 <= n <= 255 for n in color)
            ):
                raise ArgumentError(f"a colour must be red, green and blue from 0 to 255, not {color!r:.80}")

    def color(self, number: int) -> RGB:
        """What OSC 10 to 19 answers."""
        given: RGB | None = getattr(self, _DYNAMIC[number - 10])
        if given is not None:
            return given
        return self.background if "background" in _DYNAMIC[number - 10] else self.foreground

    def _changed(self, colors: dict[tuple[str, int], RGB | None]) -> Palette:
        """With other colours by kind and number, which are known to be colours."""
        lists: dict[str, list[RGB | None]] = {"indexed": list(self.indexed), "special": list(self.special)}
        values = dict(vars(self))
        for (kind, number), color in colors.items():
            if kind == "dynamic":
                values[_DYNAMIC[number - 10]] = color
            else:
                lists[kind][number] = color
        values.update((kind, tuple(made)) for kind, made in lists.items())
        changed = object.__new__(Palette)
        changed.__dict__.update(values)
        return changed

    def _get(self, kind: str, number: int) -> RGB | None:
        color: RGB | None = getattr(self, _DYNAMIC[number - 10]) if kind == "dynamic" else getattr(self, kind)[number]
        return color
