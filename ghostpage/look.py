"""What styles and links become in a picture or a page: colours by a palette, and targets that may be linked to."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from ghostpage._core import ArgumentError, integer
from ghostpage._runs import StyleKey
from ghostpage.colors import Palette

__all__ = ["BLINK", "BOLD", "INVISIBLE", "ITALIC", "Look", "OVERLINE", "RGB", "SAFE_SCHEMES", "STRIKE", "escaped", "hexadecimal"]

RGB = tuple[int, int, int]

SAFE_SCHEMES = frozenset({"http", "https", "mailto", "ftp"})
"""Of links by default. ``file`` is not among them: a page should not offer what it was told about its reader's disk."""
NEVER = frozenset({"javascript", "vbscript", "data"})
"""Schemes that run or show what the link itself holds."""

BOLD, _FAINT, ITALIC, BLINK, _INVERSE, INVISIBLE, STRIKE, OVERLINE = (1 << bit for bit in range(8))
_INDEXED, _RGB = 1, 2

_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ATTRIBUTE = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")  # no characters of XML, or none to be seen
_CONTROL = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffd-\uffff]")


class Look:
    """How styles and links are shown. Arguments and errors as of :meth:`ghostpage.Terminal.to_html`."""

    def __init__(
        self, palette: Sequence[RGB] | None, foreground: RGB, background: RGB, schemes: Collection[str]
    ) -> None:
        given = () if palette is None else tuple(_color(f"palette[{index}]", color) for index, color in enumerate(palette))
        if len(given) > 256:
            raise ArgumentError(f"palette must have at most 256 colours, not {len(given)}")
        self.palette: tuple[RGB, ...] = given + Palette().indexed[len(given) :]
        self.foreground: RGB = _color("foreground", foreground)
        self.background: RGB = _color("background", background)
        if isinstance(schemes, str):
            raise TypeError("schemes must be a collection of str, not a str")
        self.schemes: frozenset[str] = frozenset(scheme.lower() for scheme in schemes)
        refused = self.schemes & NEVER
        if refused:
            raise ArgumentError(f"schemes must be without {', '.join(sorted(NEVER))}, not with {min(refused)}")

    def colors(self, style: StyleKey) -> tuple[RGB, RGB, RGB]:
        """Of the text, of what is behind it, and of what is under it; inverse and faint are in them already."""
        foreground, background, underline, attributes = style
        front, back = self._rgb(foreground, self.foreground), self._rgb(background, self.background)
        if attributes & _INVERSE:
            front, back = back, front
        if attributes & _FAINT:
            front = tuple((part + other) // 2 for part, other in zip(front, back))  # type: ignore[assignment]
        return front, back, self._rgb(underline, front)

    def _rgb(self, color: int, default: RGB) -> RGB:
        kind, value = color >> 24, color & 0xFFFFFF
        if kind == _RGB:
            return value >> 16, value >> 8 & 255, value & 255
        return self.palette[value] if kind == _INDEXED else default

    def href(self, target: bytes) -> str:
        """The value of ``href``, or empty for a target that is not linked to."""
        text = target.decode("utf-8", "replace")
        scheme = _SCHEME.match(text)
        if not scheme or scheme.group(1).lower() not in self.schemes:
            return ""
        clean = _CONTROL.sub(lambda found: "".join(f"%{byte:02X}" for byte in found.group().encode()), text)
        return clean.translate(_ATTRIBUTE)


def escaped(text: str) -> str:
    """Any text as that of an element of HTML or XML; what neither can hold is U+FFFD.

    >>> escaped("<b>\\x1b")
    '&lt;b&gt;\ufffd'
    """
    return _UNFIT.sub("\ufffd", text).translate(_TEXT)


def _color(name: str, color: object) -> RGB:
    if not isinstance(color, tuple | list) or len(color) != 3:
        raise TypeError(f"{name} must be red, green and blue, not {color!r}")
    red, green, blue = (integer(f"{part} of {name}", value, 0, 255) for part, value in zip(("red", "green", "blue"), color))
    return red, green, blue


def hexadecimal(color: RGB) -> str:
    """As in CSS.

    >>> hexadecimal((255, 128, 0))
    '#ff8000'
    """
    return "#%02x%02x%02x" % color
