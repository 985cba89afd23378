"""What a cell looks like."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ghostpage._core import ArgumentError, integer

__all__ = ["Color", "Style", "style_from_core", "style_to_core"]

Color = int | tuple[int, int, int] | None
"""None for the default, 0 to 255 for one of the palette, or red, green and blue from 0 to 255 each."""

_FLAGS = {
    "bold": 1,
    "faint": 2,
    "italic": 4,
    "blink": 8,
    "inverse": 16,
    "invisible": 32,
    "strikethrough": 64,
    "overline": 128,
}
_FLAGS_OF = [{name: bool(attributes & bit) for name, bit in _FLAGS.items()} for attributes in range(256)]
_UNDERLINE_SHIFT = 8
_INDEXED, _RGB = 1 << 24, 2 << 24


@dataclass(frozen=True)
class Style:
    """The attributes that SGR sets (ECMA-48 8.3.117 and xterm's additions); ``Style()`` is the default.

    ``underline`` is 0 for none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed. A colour is None for the default, an
    int from 0 to 255 for one of the palette, or ``(red, green, blue)``. Equal styles are equal values, and hashable.

    >>> Style(bold=True, foreground=(255, 128, 0)).foreground
    (255, 128, 0)
    >>> Style(background=256)
    Traceback (most recent call last):
    ghostpage._core.ArgumentError: background must be from 0 to 255, not 256
    """

    bold: bool = False
    faint: bool = False
    italic: bool = False
    underline: int = 0
    blink: bool = False
    inverse: bool = False
    invisible: bool = False
    strikethrough: bool = False
    overline: bool = False
    foreground: Color = None
    background: Color = None
    underline_color: Color = None

    def __post_init__(self) -> None:
        for name in _FLAGS:
            value = getattr(self, name)
            if not isinstance(value, bool):
                raise TypeError(f"{name} must be a bool, not {type(value).__name__}")
        integer("underline", self.underline, 0, 5)
        for name in ("foreground", "background", "underline_color"):
            _check_color(name, getattr(self, name))


def _check_color(name: str, color: object) -> None:
    if isinstance(color, tuple):
        if len(color) != 3:
            raise ArgumentError(f"{name} must have red, green and blue, not {len(color)} parts")
        for part, value in zip(("red", "green", "blue"), color):
            integer(f"{part} of {name}", value, 0, 255)
    elif color is not None:
        if isinstance(color, bool) or not hasattr(type(color), "__index__"):
            raise TypeError(f"{name} must be None, an int or a tuple of three, not {type(color).__name__}")
        integer(name, color, 0, 255)


@lru_cache(maxsize=4096)
def style_from_core(foreground: int, background: int, underline_color: int, attributes: int) -> Style:
    """The style that the fields of a ``gp_style_info`` say."""
    # What the core has is valid: without the checks of Style(...) it takes a tenth of the time.
    style = object.__new__(Style)
    fields = style.__dict__
    fields.update(_FLAGS_OF[attributes & 255])
    fields["underline"] = attributes >> _UNDERLINE_SHIFT & 7
    fields["foreground"] = _color_from_core(foreground)
    fields["background"] = _color_from_core(background)
    fields["underline_color"] = _color_from_core(underline_color)
    return style


def style_to_core(style: Style) -> dict[str, Any]:
    """The fields of the ``gp_style_info`` that says this style."""
    attributes = style.underline << _UNDERLINE_SHIFT
    for name, bit in _FLAGS.items():
        if getattr(style, name):
            attributes |= bit
    return {
        "foreground": _color_to_core(style.foreground),
        "background": _color_to_core(style.background),
        "underline_color": _color_to_core(style.underline_color),
        "attributes": attributes,
    }


def _color_from_core(color: int) -> Color:
    kind, value = color & 0xFF000000, color & 0xFFFFFF
    if kind == _RGB:
        return value >> 16, value >> 8 & 255, value & 255
    return value if kind == _INDEXED else None


def _color_to_core(color: Color) -> int:
    if color is None:
        return 0
    if isinstance(color, tuple):
        red, green, blue = color
        return _RGB | red << 16 | green << 8 | blue
    return _INDEXED | color
