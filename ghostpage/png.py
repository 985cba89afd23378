"""Rows as a picture in PNG, by Pillow: each glyph is drawn once, fitted into its cells, and put wherever it occurs."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ghostpage._core import ArgumentError
from ghostpage._glyphs import Cell, Polygon, bars, shape
from ghostpage._picture import PaintedRow, Piece, painted_rows
from ghostpage._runs import Shown
from ghostpage.figures import Cursor
from ghostpage.look import BOLD, INVISIBLE, ITALIC, RGB, Look

if TYPE_CHECKING:
    from PIL import Image, ImageFont

__all__ = ["write_png"]

MOST_PIXELS = 2**27
_FAMILY = "DejaVuSansMono"
_OTHERS = ("NotoSansCJK-Regular.ttc", "NotoColorEmoji.ttf")
_FACES = ("", "-Bold", "-Oblique", "-BoldOblique")
_PICTURE_SIZE = 109  # of the pictures in fonts that have no outlines: Noto Color Emoji
_FINER = 4  # that many times the cell, for what has slanted edges
_ABSENT = "\U0010fffd"  # for private use, and used by nobody


def write_png(
    source: Shown, start: int | None, stop: int | None, look: Look, cursor: Cursor | None, size: int,
    fonts: Sequence[str | os.PathLike[str]],
) -> bytes:  # fmt: skip
    """See :meth:`ghostpage.Terminal.to_png`."""
    if not find_spec("PIL"):
        raise ImportError('pictures in PNG need Pillow: pip install "ghostpage[image]"')
    glyphs = Glyphs(size, fonts)
    cell = glyphs.cell
    count = len(range(*slice(start, stop).indices(source._count_rows(False) + source._count_rows(True))))
    width, height = (source.columns + 2) * cell.width, count * cell.height + 2 * cell.width
    if width * height > MOST_PIXELS:
        most = f"a picture must have at most {MOST_PIXELS} pixels"
        raise ArgumentError(f"{most}, not {width} by {height}: take fewer rows")
    from PIL import Image

    image = Image.new("RGB", (width, height), look.background)
    for index, row in enumerate(painted_rows(source, start, stop, look, cursor)):
        strip = _strip(row, source.columns, look, glyphs)
        image.paste(strip, (cell.width, cell.width + index * cell.height))
    written = io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


def _strip(row: PaintedRow, columns: int, look: Look, glyphs: Glyphs) -> Image.Image:
    from PIL import Image

    cell = glyphs.cell
    strip = Image.new("RGB", (columns * cell.width, cell.height), look.background)
    for piece in row.pieces:
        x = piece.x * cell.width
        if piece.back != look.background:
            strip.paste(piece.back, (x, 0, x + piece.columns * cell.width, cell.height))
    for piece in row.pieces:
        _put(strip, piece, glyphs)
    if row.cursor and row.cursor.shape != "block":
        x, thick = row.cursor.x * cell.width, 2 * cell.stroke
        right, high = (x + thick, 0) if row.cursor.shape == "bar" else (x + cell.width, cell.height - thick)
        strip.paste(look.foreground, (x, high, right, cell.height))
    if row.size:
        top, bottom = {1: (0, cell.height), 2: (0, cell.height / 2), 3: (cell.height / 2, cell.height)}[row.size]
        strip = strip.resize(strip.size, Image.Resampling.BICUBIC, (0, top, strip.width / 2, bottom))
    return strip


def _put(strip: Image.Image, piece: Piece, glyphs: Glyphs) -> None:
    """What is to be seen of a piece, over its background."""
    if piece.attributes & INVISIBLE:
        return
    cell = glyphs.cell
    face = bool(piece.attributes & BOLD) + 2 * bool(piece.attributes & ITALIC)
    clusters, columns = (piece.text, 1) if piece.simple else ([piece.text], piece.columns)
    for x, cluster in enumerate(clusters, piece.x):
        if cluster != " ":
            _paste(strip, piece.front, x * cell.width, glyphs.glyph(cluster, columns, face))
    for polygons, color in zip(bars(piece.attributes, piece.columns, cell), (piece.under, piece.front)):
        if polygons:
            _paste(strip, color, piece.x * cell.width, _filled(polygons, piece.columns, cell))


def _paste(strip: Image.Image, color: RGB, x: int, mask: Image.Image) -> None:
    """A colour where the mask is, or the mask itself if it has colours."""
    strip.paste(mask if mask.mode == "RGBA" else color, (x, 0, x + mask.width, mask.height), mask)


class Font(NamedTuple):
    """One face in one size."""

    font: ImageFont.FreeTypeFont
    colored: bool = False
    """Its glyphs are pictures, in the one size that they have."""
    embolden: bool = False
    slant: bool = False
    """There is no such face: the regular one is made so."""

    def made(self, face: str) -> Font:
        """As another face, which it does not have."""
        return self._replace(embolden="Bold" in face, slant="Oblique" in face)

    def has(self, character: str) -> bool:
        mode = "RGBA" if self.colored else "L"
        return list(self.font.getmask(character, mode)) != list(self.font.getmask(_ABSENT, mode))


class Glyphs:
    """Characters as masks of the size of their cells, or as pictures with colours of their own."""

    def __init__(self, size: int, fonts: Sequence[str | os.PathLike[str]]) -> None:
        given, others = [_open(path, size) for path in fonts], _found(_OTHERS, size)
        self._faces = [[*(font.made(face) for font in given), *_default(face, size)] for face in _FACES]
        if not self._faces[0]:
            raise OSError(f"no font {_FAMILY}.ttf on this system: install DejaVu's fonts, or name others")
        for face, found in zip(_FACES, self._faces):
            found += [font.made(face) for font in others]
        self._first = next((index for index, font in enumerate(self._faces[0]) if not font.colored), 0)
        first = self._faces[0][self._first].font
        ascent, descent = first.getmetrics()
        width = max(1, round(first.getlength("M")))
        self.cell: Cell = Cell(width, ascent + descent, ascent, max(1, round(size / 15)))
        self.glyph: Callable[[str, int, int], Image.Image] = lru_cache(maxsize=4096)(self._draw)

    def _draw(self, cluster: str, columns: int, face: int) -> Image.Image:
        drawn = shape(cluster[0], self.cell)
        if drawn:
            return _filled(drawn.polygons, columns, self.cell, drawn.opacity)
        fonts = sorted(self._faces[face], key=lambda font: font.colored is (columns == 1))
        font = next((font for font in fonts if font.has(cluster[0])), self._faces[face][self._first])
        return self._picture(cluster, columns, font.font) if font.colored else self._outline(cluster, columns, font)

    def _outline(self, cluster: str, columns: int, font: Font) -> Image.Image:
        """In the middle of its cells if it is narrower, and made narrower if it is wider."""
        from PIL import Image, ImageDraw

        width, height = columns * self.cell.width, self.cell.height
        length = round(font.font.getlength(cluster))
        mask = Image.new("L", (max(width, length), height))
        place = (max(0, width - length) // 2, self.cell.baseline)
        for right in range(1 + font.embolden):
            ImageDraw.Draw(mask).text((place[0] + right, place[1]), cluster, 255, font.font, "ls")
        if font.slant:
            slope = (1, 0.2, -0.2 * self.cell.baseline, 0, 1, 0)
            mask = mask.transform(mask.size, Image.Transform.AFFINE, slope, Image.Resampling.BICUBIC)
        return mask if mask.width == width else mask.resize((width, height))

    def _picture(self, cluster: str, columns: int, font: ImageFont.FreeTypeFont) -> Image.Image:
        """As large as its cells allow."""
        from PIL import Image, ImageDraw

        width, height = columns * self.cell.width, self.cell.height
        left, top, right, bottom = font.getbbox(cluster)
        picture = Image.new("RGBA", (max(1, int(right - left)), max(1, int(bottom - top))))
        ImageDraw.Draw(picture).text((-left, -top), cluster, font=font, embedded_color=True)
        scale = min(width / picture.width, height / picture.height)
        picture = picture.resize((max(1, int(picture.width * scale)), max(1, int(picture.height * scale))))
        fitted = Image.new("RGBA", (width, height))
        fitted.paste(picture, ((width - picture.width) // 2, (height - picture.height) // 2))
        return fitted


def _open(path: str | os.PathLike[str], size: int) -> Font:
    from PIL import ImageFont

    try:
        return Font(ImageFont.truetype(os.fspath(path), size))
    except OSError as error:
        if "pixel size" not in str(error):
            raise OSError(f"cannot read the font {os.fspath(path)!r}: {error}") from None
        return Font(ImageFont.truetype(os.fspath(path), _PICTURE_SIZE), colored=True)


def _default(face: str, size: int) -> list[Font]:
    """A face of the one family that is always looked for: in the system, and where matplotlib brings it along."""
    matplotlib = find_spec("matplotlib")
    folder = Path(matplotlib.origin).parent / "mpl-data/fonts/ttf" if matplotlib and matplotlib.origin else Path()
    for name in dict.fromkeys((face, "")):
        file = f"{_FAMILY}{name}.ttf"
        if found := _found((file, folder / file), size):
            return [found[0] if name == face else found[0].made(face)]
    return []


def _found(paths: Iterable[str | os.PathLike[str]], size: int) -> list[Font]:
    """Those that are there; by name alone they are looked for in the system."""
    fonts = []
    for path in paths:
        with contextlib.suppress(OSError):
            fonts.append(_open(path, size))
    return fonts


def _filled(polygons: Iterable[Polygon], columns: int, cell: Cell, opacity: float = 1) -> Image.Image:
    """A mask of so many cells. Drawn finer than it is shown; what lies on whole pixels stays sharp."""
    from PIL import Image, ImageDraw

    size = columns * cell.width, cell.height
    mask = Image.new("L", (size[0] * _FINER, size[1] * _FINER))
    draw = ImageDraw.Draw(mask)
    for polygon in polygons:
        points = [(x * _FINER, y * _FINER) for x, y in polygon]
        xs, ys = {x for x, _ in points}, {y for _, y in points}
        if len(points) == 4 and len(xs) == len(ys) == 2:  # Pillow's ends are inside
            draw.rectangle((min(xs), min(ys), max(xs) - 1, max(ys) - 1), 255)
        else:
            draw.polygon(points, 255)
    mask = mask.resize(size, Image.Resampling.BOX)
    return mask if opacity == 1 else mask.point(lambda value: round(value * opacity))
