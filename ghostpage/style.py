"""What a cell looks like."""

from __future__ import annotations

import operator
import struct
from collections import deque
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from ghostpage._core import ArgumentError, ffi, integer

__all__ = ["Color", "STYLE_BYTES", "Style", "style_to_core", "styles_from_core"]

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
_UNDERLINE_SHIFT = 8
_SEEN = 2047  # of the attributes: all but protection
_INDEXED, _RGB = 1 << 24, 2 << 24
_KEY = struct.Struct("@IIIH2x")  # gp_style_info
STYLE_BYTES = _KEY.size

Key = tuple[int, int, int, int]


class _Keyed:
    """What all of a style follows from: foreground, background, underline colour and attributes as in ``gp_style_info``."""

    __slots__ = ("_key",)
    _key: Key


@dataclass(frozen=True, slots=True, eq=False)
class Style(_Keyed):
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
        _set_key(self, _key_of(self))

    def __getattr__(self, name: str) -> Any:
        """The fields of a style from the core are decoded when one of them is asked for; most styles are only compared."""
        try:
            foreground, background, underline_color, attributes = object.__getattribute__(self, "_key")
            values = {
                **{flag: bool(attributes & bit) for flag, bit in _FLAGS.items()},
                "underline": attributes >> _UNDERLINE_SHIFT & 7,
                "foreground": _color_from_core(foreground),
                "background": _color_from_core(background),
                "underline_color": _color_from_core(underline_color),
            }
            value = values[name]
        except (AttributeError, KeyError):
            raise AttributeError(f"a Style has no {name!r}") from None
        for field, decoded in values.items():
            object.__setattr__(self, field, decoded)
        return value

    def __eq__(self, other: object) -> bool:
        return self._key == other._key if isinstance(other, Style) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key)

    def __reduce__(self) -> tuple[Any, ...]:
        return _from_key, (self._key,)


_set_key = _Keyed.__dict__["_key"].__set__


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


def _from_key(key: Key) -> Style:
    style = object.__new__(Style)
    _set_key(style, key)
    return style


def styles_from_core(infos: Any) -> list[Style]:
    """The styles that some ``gp_style_info`` say, as they lie in memory. A fifth of a microsecond each."""
    keys = [key if key[3] <= _SEEN else (*key[:3], key[3] & _SEEN) for key in _KEY.iter_unpack(infos)]
    styles = list(map(object.__new__, repeat(Style, len(keys))))  # what the core has is valid, and needs no check
    deque(map(_set_key, styles, keys), maxlen=0)
    return styles


def style_to_core(style: Style) -> dict[str, Any]:
    """The fields of the ``gp_style_info`` that says this style."""
    return dict(zip(("foreground", "background", "underline_color", "attributes"), style._key))


def _key_of(style: Style) -> Key:
    attributes = style.underline << _UNDERLINE_SHIFT
    for name, bit in _FLAGS.items():
        if getattr(style, name):
            attributes |= bit
    colors = (style.foreground, style.background, style.underline_color)
    foreground, background, underline_color = map(_color_to_core, colors)
    return foreground, background, underline_color, attributes


def _color_from_core(color: int) -> Color:
    kind, value = color & 0xFF000000, color & 0xFFFFFF
    if kind == _RGB:
        return value >> 16, value >> 8 & 255, value & 255
    return value if kind == _INDEXED else None


def _color_to_core(color: Color) -> int:
    if color is None:
        return 0
    if isinstance(color, tuple):
        red, green, blue = map(operator.index, color)
        return _RGB | red << 16 | green << 8 | blue
    return _INDEXED | operator.index(color)


if ffi.sizeof("gp_style_info") != _KEY.size:  # read as bytes here; must be what the compiler made of it
    raise ImportError(f"gp_style_info has {ffi.sizeof('gp_style_info')} bytes, not {_KEY.size}")
