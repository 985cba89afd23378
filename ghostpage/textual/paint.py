"""Runs of a frame as strips of Textual: styles made once each, by the palette in force."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from rich.color import Color
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.strip import Strip

from ghostpage.colors import Palette
from ghostpage.rows import Run
from ghostpage.style import Color as CellColor
from ghostpage.style import Style

__all__ = ["Painter"]

SELECTED = RichStyle(reverse=True)
FOUND = RichStyle(color="black", bgcolor="yellow")


class Painter:
    """How cells look under one palette."""

    def __init__(self, palette: Palette) -> None:
        self.palette = palette
        self._style = lru_cache(maxsize=8192)(self._make)

    def strip(self, runs: Iterable[Run], width: int, marks: Iterable[tuple[int, int, RichStyle]] = ()) -> Strip:
        """A row of ``width`` columns; ``marks`` are columns from, to and how these look besides."""
        segments, end = [], 0
        for run in runs:
            segments.append(Segment(run.text, self._style(run.style, run.link is not None)))
            end = run.x + run.width
        strip = Strip(segments, end).adjust_cell_length(width)
        for begin, stop, style in marks:
            strip = _marked(strip, max(0, begin), min(stop, width), style)
        return strip

    def _make(self, style: Style, linked: bool) -> RichStyle:
        return RichStyle(
            color=self._color(style.foreground),
            bgcolor=self._color(style.background),
            bold=style.bold or None,
            dim=style.faint or None,
            italic=style.italic or None,
            underline=bool(style.underline) or linked or None,
            underline2=style.underline == 2 or None,
            blink=style.blink or None,
            reverse=style.inverse or None,
            conceal=style.invisible or None,
            strike=style.strikethrough or None,
            overline=style.overline or None,
        )

    def _color(self, color: CellColor) -> Color | None:
        if color is None:
            return None
        return Color.from_rgb(*(self.palette.indexed[color] if isinstance(color, int) else color))


def _marked(strip: Strip, begin: int, stop: int, style: RichStyle) -> Strip:
    if begin >= stop:
        return strip
    width = strip.cell_length
    parts = list(strip.divide([cut for cut in (begin, stop, width) if cut]))
    if begin == 0:
        parts.insert(0, Strip([]))
    middle = [Segment(text, (own or RichStyle()) + style) for text, own, _ in parts[1]]
    return Strip.join([parts[0], Strip(middle, parts[1].cell_length), *parts[2:]])
