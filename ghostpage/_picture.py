"""Rows as pieces to be painted, for pictures: by cells, whatever a font makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from ghostpage._runs import RunBlock, Shown, blocks
from ghostpage.figures import Cursor
from ghostpage.look import RGB, Look

__all__ = ["PaintedRow", "Piece", "painted_rows"]

Colors = tuple[RGB, RGB, RGB, int]
"""Of text, behind and under it; and the attributes."""

FURTHEST_SIMPLE = "\u052f"  # Latin, Greek and Cyrillic: every fixed-width font has them, each as wide as a cell


class Piece(NamedTuple):
    """Neighbouring cells of one look: simple text, a character to a cell; or one cell, of one or two columns."""

    x: int
    columns: int
    text: str
    """Spaces for blanks."""
    front: RGB
    back: RGB
    under: RGB
    attributes: int
    simple: bool = True
    """Whether each character has a cell."""
    href: str = ""


class PaintedRow(NamedTuple):
    """Its pieces from left to right, where they are not blank."""

    pieces: list[Piece]
    size: int
    """0 single, 1 double width, 2 and 3 the halves of double height."""
    cursor: Cursor | None


def painted_rows(
    source: Shown, start: int | None, stop: int | None, look: Look, cursor: Cursor | None
) -> Iterator[PaintedRow]:
    """Rows ``start`` to ``stop`` of history and screen, as in a slice, and the cursor, unless that is None or hidden."""
    history = source._count_rows(False)
    first = slice(start, stop).indices(history + source._count_rows(True))[0]
    cursor_row = history - first + cursor.y if cursor and cursor.visible else -1
    colors = lru_cache(maxsize=65536)(look.colors)
    href = lru_cache(maxsize=4096)(look.href)
    for block in blocks(source, start, stop):
        looks = [(*colors(style), style[3]) for style in block.styles()]
        hrefs = [href(target) for target, _ in block.links()]
        begin = 0
        for row, (info, end) in enumerate(zip(block.block.infos, block.row_ends)):
            pieces = list(_pieces(block, info[2], range(begin, end), looks, hrefs))
            here = cursor if row == cursor_row else None
            if here and here.shape == "block":
                pieces = _inverted(pieces, here.x, look)
            yield PaintedRow(pieces, info[6], here)
            begin = end
        cursor_row -= len(block.row_ends)


def _pieces(
    block: RunBlock, cells: int, runs: range, looks: list[Colors], hrefs: list[str]
) -> Iterator[Piece]:
    text, x = block.text, 0
    for text_begin, text_bytes, columns, style, link, blank, *_ in block.runs[runs.start : runs.stop]:
        look: Colors = looks[style]
        href: str = hrefs[link]
        if blank:
            yield Piece(x, columns, " " * columns, *look)
        elif text_bytes == columns:
            yield Piece(x, columns, text[text_begin : text_begin + text_bytes].decode(), *look, True, href)
        else:
            yield from _clusters(block, cells + x, x, columns, look, href)
        x += columns


def _clusters(
    block: RunBlock, first: int, x: int, columns: int, look: Colors, href: str
) -> Iterator[Piece]:
    """Cell by cell, but for simple text."""
    simple = ""
    for begin, length, width, *_ in block.block.cells(first, columns):
        cluster = block.text[begin : begin + length].decode() or " "
        if width == 1 and len(cluster) == 1 and cluster <= FURTHEST_SIMPLE:
            simple += cluster
        elif width:
            if simple:
                yield Piece(x, len(simple), simple, *look, True, href)
            x += len(simple)
            simple = ""
            yield Piece(x, width, cluster, *look, False, href)
            x += width
    if simple:
        yield Piece(x, len(simple), simple, *look, True, href)


def _inverted(pieces: list[Piece], x: int, look: Look) -> list[Piece]:
    """With the cell at ``x`` as a block cursor shows it."""
    done = []
    for piece in pieces:
        end = piece.x + piece.columns
        if not piece.x <= x < end:
            done.append(piece)
            continue
        at, after = (x - piece.x, x + 1 - piece.x) if piece.simple else (0, piece.columns)
        for begin, stop in ((0, at), (at, after), (after, piece.columns)):
            if begin < stop:
                part = piece._replace(x=piece.x + begin, columns=stop - begin)
                part = part._replace(text=piece.text[begin:stop]) if piece.simple else part
                done.append(part._replace(front=piece.back, back=piece.front) if begin == at else part)
    if not any(piece.x <= x < piece.x + piece.columns for piece in done):
        done.append(Piece(x, 1, " ", look.background, look.foreground, look.background, 0))
    return done
