"""Rows as HTML: a ``<pre>`` with a ``<span>`` for each change of style and an ``<a>`` for each link.

What a program printed is text here and nothing else: it is escaped, controls cannot occur in it, and a link is one only if
its scheme is among those that are allowed.
"""

from __future__ import annotations

from functools import lru_cache, partial

from ghostpage._runs import Shown, StyleKey, blocks
from ghostpage.look import BLINK, BOLD, INVISIBLE, ITALIC, OVERLINE, STRIKE, Look, escaped, hexadecimal

__all__ = ["write_rows"]

_UNDERLINES = ("", "solid", "double", "wavy", "dotted", "dashed")

_SIGNS = b"&<>"


def _css(look: Look, style: StyleKey) -> str:
    """The declarations of a style; empty for the default."""
    attributes = style[3]
    front, back, under = look.colors(style)
    declarations = []
    if attributes & INVISIBLE:
        declarations.append("color:transparent")
    elif front != look.foreground:
        declarations.append(f"color:{hexadecimal(front)}")
    if back != look.background:
        declarations.append(f"background-color:{hexadecimal(back)}")
    if attributes & BOLD:
        declarations.append("font-weight:bold")
    if attributes & ITALIC:
        declarations.append("font-style:italic")
    kind = attributes >> 8 & 7
    lines = [
        name
        for name, shown in (
            ("underline", kind),
            ("overline", attributes & OVERLINE),
            ("line-through", attributes & STRIKE),
            ("blink", attributes & BLINK),
        )
        if shown
    ]
    if lines:
        declarations.append(f"text-decoration-line:{' '.join(lines)}")
    if kind > 1:
        declarations.append(f"text-decoration-style:{_UNDERLINES[kind]}")
    if kind and style[2]:
        declarations.append(f"text-decoration-color:{hexadecimal(under)}")
    return ";".join(declarations)


def write_rows(source: Shown, start: int | None, stop: int | None, look: Look, unwrap: bool, document: str | None) -> str:
    """See :meth:`ghostpage.Terminal.to_html`; ``document`` is a title, or None for a fragment."""
    parts: list[str] = []
    put = parts.append
    span = href = ""  # that are open, the link outside
    first, joined = True, False
    css = lru_cache(maxsize=65536)(partial(_css, look))
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
                put(f'<a href="{wanted_href}" rel="noopener noreferrer" style="color:inherit">')
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
                    put(escaped(text[text_begin : text_begin + text_bytes].decode()))
            begin = end
            joined = unwrap and info[5]
    use("", "")
    fragment = f'<pre style="{_frame(look)}">{_NEWLINE}{"".join(parts)}</pre>'
    return fragment if document is None else _DOCUMENT.format(title=escaped(document), body=fragment)


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
    return f"color:{hexadecimal(look.foreground)};background-color:{hexadecimal(look.background)};font-family:monospace"
