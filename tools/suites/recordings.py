"""Recorded sessions, cell by cell beside another terminal: libghostty-vt, through pyghostty.

Each recording is fed to both, with its changes of size, in the pieces in which it was recorded. At places spread over it
the screens are compared: text, width, style and link of every cell, and the cursor.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

from ghostpage import Cell, Limits, Terminal, sessions

from suites.result import Result
from suites.sources import SourceMissing

__all__ = ["run"]

PLACES = 24
URI_BYTES = 4096
FLAGS = ("bold", "italic", "faint", "blink", "inverse", "invisible", "strikethrough", "overline")


class Oracle:
    """The other terminal. Clusters are switched on, as they are here."""

    def __init__(self, columns: int, rows: int) -> None:
        try:
            self._module: Any = importlib.import_module("pyghostty")
        except (ImportError, OSError) as error:
            raise SourceMissing(f"pyghostty cannot be imported: {error}") from error
        self._terminal = self._module.Terminal(columns, rows)
        self._terminal.feed(b"\x1b[?2027h")
        self.feed, self.resize, self.close = self._terminal.feed, self._terminal.resize, self._terminal.close

    @property
    def cursor(self) -> tuple[int, int]:
        x, y = self._terminal.cursor
        return int(x), int(y)

    def cell(self, x: int, y: int) -> tuple[str, int, tuple[object, ...], str]:
        """Text, width, style and link."""
        ffi, lib, ref = self._module.ffi, self._module.lib, self._terminal.ref(x, y)
        raw, wide = ffi.new("GhosttyCell *"), ffi.new("GhosttyCellWide *")
        lib.ghostty_grid_ref_cell(ref, raw)
        lib.ghostty_cell_get(raw[0], lib.GHOSTTY_CELL_DATA_WIDE, wide)
        codepoints, count = ffi.new("uint32_t[64]"), ffi.new("size_t *")
        lib.ghostty_grid_ref_graphemes(ref, codepoints, 64, count)
        uri, length = ffi.new("uint8_t[]", URI_BYTES), ffi.new("size_t *")
        lib.ghostty_grid_ref_hyperlink_uri(ref, uri, URI_BYTES, length)
        style = self._terminal.style(x, y)
        colors = tuple(style[name][1] if style[name] else None for name in ("fg", "bg", "underline_color"))
        width = {lib.GHOSTTY_CELL_WIDE_WIDE: 2, lib.GHOSTTY_CELL_WIDE_SPACER_TAIL: 0}.get(wide[0], 1)
        text = "".join(map(chr, codepoints[0 : count[0]]))
        foreground, background, line = colors
        kind = ffi.new("GhosttyCellContentTag *")
        lib.ghostty_cell_get(raw[0], lib.GHOSTTY_CELL_DATA_CONTENT_TAG, kind)
        if kind[0] == lib.GHOSTTY_CELL_CONTENT_BG_COLOR_PALETTE:  # an erased cell has its background instead of text
            index = ffi.new("uint8_t *")
            lib.ghostty_cell_get(raw[0], lib.GHOSTTY_CELL_DATA_COLOR_PALETTE, index)
            background = index[0]
        elif kind[0] == lib.GHOSTTY_CELL_CONTENT_BG_COLOR_RGB:
            color = ffi.new("GhosttyColorRgb *")
            lib.ghostty_cell_get(raw[0], lib.GHOSTTY_CELL_DATA_COLOR_RGB, color)
            background = (color.r, color.g, color.b)
        flags = (*(style[name] for name in FLAGS), style["underline"])
        return text, width, (*flags, foreground, background, line), bytes(ffi.buffer(uri, length[0])).decode("utf-8", "replace")


def _seen(cell: Cell) -> tuple[str, int, tuple[object, ...], str]:
    style = cell.style
    colors = (style.foreground, style.background, style.underline_color)
    flags = (*(getattr(style, name) for name in FLAGS), style.underline)
    return cell.text, cell.width, (*flags, *colors), cell.hyperlink or ""


def _difference(ours: Terminal, other: Oracle) -> str:
    """The first, or nothing. A blank shows its background and what is drawn through it, and no more; the right half of a
    wide cell shows nothing."""
    for y, row in enumerate(ours.screen):
        for x, cell in enumerate(row.cells):
            here, there = _shown(*_seen(cell)), _shown(*other.cell(x, y))
            if here != there:
                return f"column {x}, row {y}: {here}, expected {there}"
    cursor = ours.cursor
    return "" if (cursor.x, cursor.y) == other.cursor else f"cursor {cursor.x}, {cursor.y}, expected {other.cursor}"


def _shown(text: str, width: int, style: tuple[object, ...], link: str) -> tuple[object, ...]:
    if not width:
        return ("", 0)
    if text.strip(" ") == "":
        *_, inverse, _invisible, strikethrough, overline, underline, _fg, background, _line = style
        return (" ", 1, inverse, strikethrough, overline, underline, background, link)
    return (text, width, style, link)


def run(only: str = "") -> Iterator[Result]:
    """A result for each place of each recording, or of those whose name has ``only`` in it."""
    for name in sessions.names():
        if only.lower() in name.lower():
            yield from _compare(name)


def _compare(name: str) -> Iterator[Result]:
    session = sessions.load(name)
    step = max(1, len(session.events) // PLACES)
    other = Oracle(session.columns, session.rows)
    try:
        with Terminal(session.columns, session.rows, scrollback=Limits(lines=1000)) as ours:
            for number, event in enumerate(session.events):
                if event.output:
                    ours.feed(event.output)
                    other.feed(event.output)
                if event.size:
                    ours.resize(*event.size)
                    other.resize(*event.size)
                if number % step == step - 1 or number + 1 == len(session.events):
                    difference = _difference(ours, other)
                    yield Result(f"{name}, after {number + 1} pieces", not difference, difference)
    finally:
        other.close()
