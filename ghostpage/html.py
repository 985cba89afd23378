"""Rows as HTML: a ``<pre>`` with a ``<span>`` for each change of style and an ``<a>`` for each link.

What a program printed is text here and nothing else: it is escaped, controls cannot occur in it, and a link is one only if
its scheme is among those that are allowed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from ghostpage._core import ArgumentError, integer
from ghostpage._runs import Shown, StyleKey, blocks

__all__ = ["Look", "SAFE_SCHEMES", "XTERM_PALETTE", "write_rows"]

RGB = tuple[int, int, int]

SAFE_SCHEMES = frozenset({"http", "https", "mailto", "ftp"})
"""Of links by default. ``file`` is not among them: a page should not offer what it was told about its reader's disk."""
NEVER = frozenset({"javascript", "vbscript", "data"})
"""Schemes that run or show what the link itself holds."""


def _xterm_palette() -> tuple[RGB, ...]:
    named = (
        (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229),
        (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255), (0, 255, 255),
        (255, 255, 255),
    )  # fmt: skip
    levels = (0, 95, 135, 175, 215, 255)
    cube = tuple((red, green, blue) for red in levels for green in levels for blue in levels)
    return named + cube + tuple((8 + 10 * step,) * 3 for step in range(24))


XTERM_PALETTE: tuple[RGB, ...] = _xterm_palette()
"""The 256 colours that xterm begins with."""

_BOLD, _FAINT, _ITALIC, _BLINK, _INVERSE, _INVISIBLE, _STRIKE, _OVERLINE = (1 << bit for bit in range(8))
_UNDERLINES = ("", "solid", "double", "wavy", "dotted", "dashed")
_INDEXED, _RGB = 1, 2

_SIGNS = b"&<>"
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ATTRIBUTE = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_CONTROL = re.compile("[\x00-\x20\x7f-\x9f\ufffd\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Look:
    """How styles and links are written down. Arguments and errors as of :meth:`ghostpage.Terminal.to_html`."""

    def __init__(
        self, palette: Sequence[RGB] | None, foreground: RGB, background: RGB, schemes: Collection[str]
    ) -> None:
        given = () if palette is None else tuple(_color(f"palette[{index}]", color) for index, color in enumerate(palette))
        if len(given) > 256:
            raise ArgumentError(f"palette must have at most 256 colours, not {len(given)}")
        self.palette = given + XTERM_PALETTE[len(given) :]
        self.foreground = _color("foreground", foreground)
        self.background = _color("background", background)
        if isinstance(schemes, str):
            raise TypeError("schemes must be a collection of str, not a str")
        self.schemes = frozenset(scheme.lower() for scheme in schemes)
        refused = self.schemes & NEVER
        if refused:
            raise ArgumentError(f"schemes must be without {', '.join(sorted(NEVER))}, not with {min(refused)}")

    def css(self, style: StyleKey) -> str:
        """The declarations of a style; empty for the default."""
        foreground, background, underline, attributes = style
        declarations = []
        front, back = self._rgb(foreground, self.foreground), self._rgb(background, self.background)
        if attributes & _INVERSE:
            front, back = back, front
        if attributes & _FAINT:
            front = tuple((part + other) // 2 for part, other in zip(front, back))  # type: ignore[assignment]
        if attributes & _INVISIBLE:
            declarations.append("color:transparent")
        elif front != self.foreground:
            declarations.append(f"color:{_hex(front)}")
        if back != self.background:
            declarations.append(f"background-color:{_hex(back)}")
        if attributes & _BOLD:
            declarations.append("font-weight:bold")
        if attributes & _ITALIC:
            declarations.append("font-style:italic")
        kind = attributes >> 8 & 7
        lines = [
            name
            for name, shown in (
                ("underline", kind),
                ("overline", attributes & _OVERLINE),
                ("line-through", attributes & _STRIKE),
                ("blink", attributes & _BLINK),
            )
            if shown
        ]
        if lines:
            declarations.append(f"text-decoration-line:{' '.join(lines)}")
        if kind > 1:
            declarations.append(f"text-decoration-style:{_UNDERLINES[kind]}")
        if kind and underline:
            declarations.append(f"text-decoration-color:{_hex(self._rgb(underline, self.foreground))}")
        return ";".join(declarations)

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


def _color(name: str, color: object) -> RGB:
    if not isinstance(color, tuple | list) or len(color) != 3:
        raise TypeError(f"{name} must be red, green and blue, not {color!r}")
    red, green, blue = (integer(f"{part} of {name}", value, 0, 255) for part, value in zip(("red", "green", "blue"), color))
    return red, green, blue


def _hex(color: RGB) -> str:
    return "#%02x%02x%02x" % color


def write_rows(source: Shown, start: int | None, stop: int | None, look: Look, unwrap: bool, document: str | None) -> str:
    """See :meth:`ghostpage.Terminal.to_html`; ``document`` is a title, or None for a fragment."""
    parts: list[str] = []
    put = parts.append
    span = href = ""  # that are open, the link outside
    first, joined = True, False
    css = lru_cache(maxsize=65536)(look.css)
    link = lru_cache(maxsize=4096)(look.href)

    def use(wanted_span: str, wanted_href: str) -> None:
        nonlocal span, href
        if span and (wanted_span != span or wanted_href != href):
            put("</span>")
            span = ""
        if wanted_href != href:
            if href:
                put("</a>")
            if wanted_href:
                put(f'<a href="{wanted_href}" rel="noopener noreferrer">')
            href = wanted_href
        if wanted_span != span:
            put(f'<span style="{wanted_span}">')
            span = wanted_span

    for block in blocks(source, start, stop):
        text, runs = block.text, block.runs
        spans = [css(style) for style in block.styles()]
        hrefs = [link(target) for target, _ in block.links()]
        # Most text is ASCII with nothing to escape, and then need not be decoded run by run: a third of the time.
        simple = text.decode() if text.isascii() and not any(sign in text for sign in _SIGNS) else None
        begin = 0
        for info, end in zip(block.block.infos, block.row_ends):
            if not first and not joined:
                use("", href)
                put("\n")
            first = False
            for text_begin, text_bytes, columns, style, target, blank, *_ in runs[begin:end]:
                wanted_span, wanted_href = spans[style], hrefs[target]
                if wanted_span != span or wanted_href != href:
                    use(wanted_span, wanted_href)
                if blank:
                    put(" " * columns)
                elif simple is not None:
                    put(simple[text_begin : text_begin + text_bytes])
                else:
                    put(text[text_begin : text_begin + text_bytes].decode().translate(_ESCAPES))
            begin = end
            joined = unwrap and info[5]
    use("", "")
    fragment = f'<pre style="{_frame(look)}">{_NEWLINE}{"".join(parts)}</pre>'
    return fragment if document is None else _DOCUMENT.format(title=document.translate(_ESCAPES), body=fragment)


_NEWLINE = "\n"  # a parser drops the one behind <pre>, so that an empty first row stays

_DOCUMENT = """<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<title>{title}</title>
</head>
<body>
{body}
</body>
</html>
"""


def _frame(look: Look) -> str:
    return f"color:{_hex(look.foreground)};background-color:{_hex(look.background)};font-family:monospace"
