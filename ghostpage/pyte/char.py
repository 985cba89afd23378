"""A cell as pyte shows it, and what its fields are in the core."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from ghostpage._core import ArgumentError
from ghostpage.pyte.graphics import BRIGHT_NAMES, DEFAULT, FG_BG_256, NAMES

__all__ = ["Char", "Look", "look_from_core", "style_to_core"]


class Char(NamedTuple):
    """A cell: pyte's fields, then those that pyte does not have.

    ``data`` is a grapheme cluster, a space for a blank, or empty for the right half of a wide cell. ``fg`` and ``bg`` are
    ``"default"``, a name of :mod:`ghostpage.pyte.graphics` for the sixteen colours that themes set, or six hexadecimal
    digits. ``dim`` is SGR 2, ``link`` the target of OSC 8, and ``wrapped`` is set in the last cell of a row whose line goes
    on in the next.

    >>> Char("x", fg="red", bold=True).bg
    'default'
    """

    data: str
    fg: str = DEFAULT
    bg: str = DEFAULT
    bold: bool = False
    italics: bool = False
    underscore: bool = False
    strikethrough: bool = False
    reverse: bool = False
    blink: bool = False
    dim: bool = False
    link: str | None = None
    wrapped: bool = False


Look = tuple[str, str, bool, bool, bool, bool, bool, bool, bool]
"""The fields of a Char from ``fg`` to ``dim``."""

_BOLD, _FAINT, _ITALIC, _BLINK, _INVERSE, _STRIKETHROUGH, _UNDERLINED, _UNDERLINES = 1, 2, 4, 8, 16, 64, 0x100, 0x700
_INDEXED, _RGB = 1 << 24, 2 << 24

_COLORS = [*NAMES, *BRIGHT_NAMES, *FG_BG_256[16:]]
_NUMBERS = {name: index for index, name in enumerate((*NAMES, *BRIGHT_NAMES))}


def _color_from_core(color: int) -> str:
    if color & _INDEXED:
        return _COLORS[color & 0xFF]
    return f"{color & 0xFFFFFF:06x}" if color & _RGB else DEFAULT


@lru_cache(maxsize=4096)
def look_from_core(foreground: int, background: int, attributes: int, reversed_screen: bool) -> Look:
    """What the fields of a ``gp_style_info`` look like, on a screen that is reversed as a whole or not."""
    return (
        _color_from_core(foreground),
        _color_from_core(background),
        bool(attributes & _BOLD),
        bool(attributes & _ITALIC),
        bool(attributes & _UNDERLINES),
        bool(attributes & _STRIKETHROUGH),
        bool(attributes & _INVERSE) != reversed_screen,
        bool(attributes & _BLINK),
        bool(attributes & _FAINT),
    )


def _color_to_core(name: str, color: str) -> int:
    if color == DEFAULT:
        return 0
    if color in _NUMBERS:
        return _INDEXED | _NUMBERS[color]
    try:
        if len(color) == 6:
            return _RGB | int(color, 16)
    except ValueError:
        pass
    raise ArgumentError(f"{name} must be 'default', the name of a color or six hexadecimal digits, not {color!r:.80}")


@lru_cache(maxsize=4096)
def style_to_core(look: Look, reversed_screen: bool) -> dict[str, Any]:
    """The other way; raises :class:`~ghostpage.ArgumentError` for what is no colour."""
    fg, bg, bold, italics, underscore, strikethrough, reverse, blink, dim = look
    attributes = (
        (_BOLD if bold else 0)
        | (_ITALIC if italics else 0)
        | (_UNDERLINED if underscore else 0)
        | (_STRIKETHROUGH if strikethrough else 0)
        | (_INVERSE if bool(reverse) != reversed_screen else 0)
        | (_BLINK if blink else 0)
        | (_FAINT if dim else 0)
    )
    return {"foreground": _color_to_core("fg", fg), "background": _color_to_core("bg", bg), "attributes": attributes}
