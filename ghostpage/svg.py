"""Rows as a picture in SVG: each character where its cell is, whatever font a viewer has.

Text of one look is one ``<text>`` with its length given, anything that another font may have to serve has one of its own, and
box drawing, blocks and lines under text are paths. The same rows give the same file: no numbers, names or times are made up.
"""

from __future__ import annotations

from collections.abc import Iterable

from ghostpage._glyphs import Cell, Polygon, bars, shape
from ghostpage._picture import PaintedRow, Piece, painted_rows
from ghostpage._runs import Shown
from ghostpage.figures import Cursor
from ghostpage.look import BOLD, INVISIBLE, ITALIC, RGB, Look, escaped, hexadecimal

__all__ = ["FONTS", "write_svg"]

FONTS = "'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',monospace"
"""The first that a viewer has; most systems have one of these. Their letters are as wide as cells, three fifths of the size."""

CELL = Cell(9, 18, 14, 1)
_SIZE = 15
_MARGIN = CELL.width


def write_svg(
    source: Shown, start: int | None, stop: int | None, look: Look, title: str | None, cursor: Cursor | None
) -> str:
    """See :meth:`ghostpage.Terminal.to_svg`."""
    behind: list[str] = []
    before: list[str] = []
    rows = 0
    for row in painted_rows(source, start, stop, look, cursor):
        _write_row(row, rows * CELL.height, source.columns, look, behind, before)
        rows += 1
    width, height = source.columns * CELL.width + 2 * _MARGIN, rows * CELL.height + 2 * _MARGIN
    return _DOCUMENT.format(
        width=width,
        height=height,
        title="" if title is None else f"<title>{escaped(title)}</title>\n",
        background=hexadecimal(look.background),
        foreground=hexadecimal(look.foreground),
        fonts=FONTS,
        size=_SIZE,
        margin=_MARGIN,
        behind="".join(f"{line}\n" for line in behind),
        before="".join(f"{line}\n" for line in before),
    )


# What is behind comes before all text, as letters may be higher than a row.
_DOCUMENT = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">
{title}<rect width="{width}" height="{height}" fill="{background}"/>
<g transform="translate({margin} {margin})" font-family="{fonts}" font-size="{size}" fill="{foreground}" xml:space="preserve">
<g shape-rendering="crispEdges">
{behind}</g>
{before}</g>
</svg>
"""


def _write_row(row: PaintedRow, y: int, columns: int, look: Look, behind: list[str], before: list[str]) -> None:
    top = 0 if row.size else y
    backs, texts = _backs(row.pieces, top, look), _texts(row.pieces, top, look)
    if row.cursor and row.cursor.shape != "block":
        texts.append(_cursor(row.cursor, top))
    for parts, document in ((backs, behind), (texts, before)):
        if parts and row.size:
            half = CELL.height // 2
            shown = {1: (0, CELL.height), 2: (0, half), 3: (half, half)}[row.size]
            document.append(
                f'<svg y="{y}" width="{columns * CELL.width}" height="{CELL.height}" preserveAspectRatio="none" '
                f'viewBox="0 {shown[0]} {columns * CELL.width / 2:g} {shown[1]}">'
            )
            parts.append("</svg>")
        document.extend(parts)


def _backs(pieces: Iterable[Piece], y: int, look: Look) -> list[str]:
    """The backgrounds, neighbours of one colour together."""
    spans: list[list[int]] = []
    colors: list[RGB] = []
    for piece in pieces:
        if piece.back == look.background:
            continue
        end = piece.x + piece.columns
        if spans and spans[-1][1] == piece.x and colors[-1] == piece.back:
            spans[-1][1] = end
        else:
            spans.append([piece.x, end])
            colors.append(piece.back)
    return [
        f'<rect x="{x * CELL.width}" y="{y}" width="{(end - x) * CELL.width}" height="{CELL.height}"{_fill(color, None)}/>'
        for (x, end), color in zip(spans, colors)
    ]


def _texts(pieces: Iterable[Piece], y: int, look: Look) -> list[str]:
    parts: list[str] = []
    linked = ""
    for piece in pieces:
        if piece.href != linked:
            if linked:
                parts.append("</a>")
            if piece.href:
                parts.append(f'<a href="{piece.href}" target="_blank" rel="noopener noreferrer">')
            linked = piece.href
        parts += _text(piece, y, look)
    if linked:
        parts.append("</a>")
    return parts


def _text(piece: Piece, y: int, look: Look) -> list[str]:
    """What is to be seen of a piece, if anything."""
    if piece.attributes & INVISIBLE:
        return []
    fill = _fill(piece.front, look)
    parts: list[str] = []
    drawn = None if piece.simple else shape(piece.text[0], CELL)
    if drawn:
        opacity = "" if drawn.opacity == 1 else f' opacity="{drawn.opacity:g}"'
        parts += _path(drawn.polygons, piece.x, y, fill + opacity)
    elif text := piece.text.strip(" "):
        x = piece.x + len(piece.text) - len(piece.text.lstrip(" "))
        style = ' font-weight="bold"' if piece.attributes & BOLD else ""
        style += ' font-style="italic"' if piece.attributes & ITALIC else ""
        length = len(text) if piece.simple else piece.columns
        if length == 2 and not piece.simple:  # as it is, in the middle: fonts have no one width for these
            x, place = x + 1, 'text-anchor="middle"'
        else:
            place = f'textLength="{length * CELL.width}" lengthAdjust="spacingAndGlyphs"'
        parts.append(f'<text x="{x * CELL.width}" y="{y + CELL.baseline}" {place}{fill}{style}>{escaped(text)}</text>')
    under, others = bars(piece.attributes, piece.columns, CELL)
    parts += _path(under, piece.x, y, _fill(piece.under, look))
    parts += _path(others, piece.x, y, fill)
    return parts


def _fill(color: RGB, look: Look | None) -> str:
    """An attribute, unless it says what goes without saying."""
    return "" if look and color == look.foreground else f' fill="{hexadecimal(color)}"'


def _path(polygons: Iterable[Polygon], x: int, y: int, attributes: str) -> list[str]:
    """One path of polygons that begin in the cell at column ``x``; nothing if there are none."""
    drawn = "".join(_commands(polygon, x * CELL.width, y) for polygon in polygons)
    return [f'<path d="{drawn}"{attributes}/>'] if drawn else []


def _commands(polygon: Polygon, x: int, y: int) -> str:
    parts = []
    last = None
    for point in polygon:
        left, top = (f"{round(value, 2):g}" for value in (x + point[0], y + point[1]))
        if last is None:
            parts.append(f"M{left} {top}")
        elif last[1] == top:
            parts.append(f"H{left}")
        elif last[0] == left:
            parts.append(f"V{top}")
        else:
            parts.append(f"L{left} {top}")
        last = left, top
    return "".join(parts) + "Z"


def _cursor(cursor: Cursor, y: int) -> str:
    x, thick = cursor.x * CELL.width, 2 * CELL.stroke
    if cursor.shape == "bar":
        return f'<rect x="{x}" y="{y}" width="{thick}" height="{CELL.height}"/>'
    return f'<rect x="{x}" y="{y + CELL.height - thick}" width="{CELL.width}" height="{thick}"/>'
