"""The rows of a range as runs, for the exports: read in blocks, judged in the core, never looked at cell by cell."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

from ghostpage._core import ffi, lib
from ghostpage.rows import CELLS_AT_ONCE, Block, Source

__all__ = ["RunBlock", "Shown", "StyleKey", "blocks"]

StyleKey = tuple[int, int, int, int]
"""Foreground, background, underline colour and attributes, as in ``gp_style_info``."""

PROTECTED = 2048  # of the attributes; not seen
_RUN = struct.Struct("@IIIII????")  # gp_run_info
_STYLE = struct.Struct("@IIIHH")  # gp_style_info
_LINK = struct.Struct("@IIII")  # gp_link_info

_new = ffi.new_allocator(should_clear_after_alloc=False)


class RunBlock(NamedTuple):
    """Some rows: what the core says of each, up to which run it goes, and of each run."""

    block: Block
    text: bytes
    row_ends: list[int]
    runs: list[tuple[Any, ...]]
    """``text_begin, text_bytes, columns, style, link, blank, joins, mark, odd``."""

    def styles(self) -> list[StyleKey]:
        """By index."""
        reading = self.block.reading
        infos = ffi.buffer(reading.styles, reading.style_count * _STYLE.size)
        return [(*info[:3], info[3] & ~PROTECTED) for info in _STYLE.iter_unpack(infos)]

    def links(self) -> list[tuple[bytes, bytes]]:
        """Target and id by index; none are empty."""
        reading, text = self.block.reading, self.block.text
        infos = ffi.buffer(reading.links, reading.link_count * _LINK.size)
        return [
            (text[uri : uri + uri_bytes], text[id : id + id_bytes])
            for uri, uri_bytes, id, id_bytes in _LINK.iter_unpack(infos)
        ]


class Shown(Source, Protocol):
    """What does not change while it is read."""

    @property
    def alternate_screen(self) -> bool: ...


def blocks(source: Shown, start: int | None, stop: int | None) -> Iterator[RunBlock]:
    """Rows ``start`` to ``stop`` of history and screen, as in a slice."""
    total = source._count_rows(False) + source._count_rows(True)
    first, end, _ = slice(start, stop).indices(total)
    at_once = max(1, CELLS_AT_ONCE // source.columns)
    while first < end:
        block = source._read_rows(first, min(at_once, end - first), False)
        if not block.infos:
            break
        behind = source._count_rows(False) - 1 - first
        if source.alternate_screen and 0 <= behind < len(block.infos):  # it goes on in the primary screen, unseen
            block.infos[behind] = (*block.infos[behind][:5], False, *block.infos[behind][6:])
        first += len(block.infos)
        yield _runs_of(block)


def _runs_of(block: Block) -> RunBlock:
    reading = block.reading
    row_ends = _new("uint32_t[]", reading.row_count)
    runs = _new("gp_run_info[]", max(1, reading.cell_count))
    count = lib.gp_reading_runs(reading, row_ends, runs)
    found = list(_RUN.iter_unpack(ffi.buffer(runs, count * _RUN.size)))
    return RunBlock(block, bytes(block.text), list(row_ends), found)


if ffi.sizeof("gp_run_info") != _RUN.size:  # read as bytes here; must be what the compiler made of it
    raise ImportError(f"gp_run_info has {ffi.sizeof('gp_run_info')} bytes, not {_RUN.size}")
