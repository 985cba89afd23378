"""Terminals in files.

A file is a head, sections, and nothing behind them::

    ghostpage\\0 version (2 bytes)                        the head; all numbers are little-endian
    name (4 bytes) length (8) CRC-32 of the rest (4)     a section, followed by ``length`` bytes

    META   once, first: what Python keeps, as JSON
    STAT   once: what the core keeps besides lines and grids
    PAGE   a text page as it lies in memory, the oldest first
    GRID   primary or alternate screen, if it is edited in place
    TIME   at most once: when lines were completed; see ``ghostpage/timestamps.py``
    END    once, last, empty

Text pages can be searched and checked as they lie; see ``csrc/pages/text_page.h`` and ``record.h`` for what is in them.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import secrets
import struct
import sys
import zlib
from collections.abc import Iterator
from functools import partial
from typing import IO, Any, NamedTuple

from ghostpage._core import Error, check, ffi, lib, owned, room_for
from ghostpage.arena import Arena
from ghostpage.snapshot import Snapshot
from ghostpage.timestamps import Times

__all__ = ["FormatError", "Saved", "read", "write"]

MAGIC = b"ghostpage\0"
VERSION = 1

_HEAD = struct.Struct("<10sH")
_SECTION = struct.Struct("<4sQI")
_PAGE = struct.Struct("<QIIQQ")  # first line, lines, dead lines, bytes of text and of records
_GRID = struct.Struct("<B3x4xQQQQQ")  # which; bytes of rows, cells, text, styles, links
_META_BYTES_MOST = 64 << 20

_ITEMS = ("rows", "cells", "text", "styles", "links")
_COUNTS = ("row_count", "cell_count", "text_bytes", "style_count", "link_count")
_TYPES = ("gp_row_info", "gp_cell_info", "uint8_t", "gp_style_info", "gp_link_info")


class FormatError(Error, ValueError):
    """A file is not one of ours, of another version, or damaged; the message says which."""


class Saved(NamedTuple):
    """What was in a file: a ``gp_terminal`` in its room, what Python keeps, and times of lines if there are any."""

    made: Any
    meta: dict[str, Any]
    times: Times | None


# ---- writing -----------------------------------------------------------------------------------------------------------


def write(path: str | os.PathLike[str], snapshot: Snapshot, meta: dict[str, Any], times: bytes | None) -> None:
    """Writes beside the file and renames, so that there is the old file or the new one at any time.

    The snapshot is used up. Raises ``OSError``.
    """
    path = os.fspath(path)
    beside = os.path.join(os.path.dirname(path), f".{secrets.token_hex(8)}.tmp")
    try:
        with open(beside, "xb", opener=partial(os.open, mode=0o600)) as file:
            _write(file, snapshot, meta, times)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileNotFoundError):
            os.chmod(beside, os.stat(path).st_mode & 0o777)
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside)
        raise


def _write(file: IO[bytes], snapshot: Snapshot, meta: dict[str, Any], times: bytes | None) -> None:
    pointer = snapshot._live
    lib.gp_terminal_freeze(pointer)
    file.write(_HEAD.pack(MAGIC, VERSION))
    meta = {"columns": snapshot.columns, "rows": snapshot.rows, "byte_order": sys.byteorder, **meta}
    _section(file, b"META", json.dumps(meta).encode())
    state = ffi.new("uint8_t[]", lib.gp_terminal_save_state(pointer, ffi.NULL, 0))
    lib.gp_terminal_save_state(pointer, state, len(state))
    _section(file, b"STAT", ffi.buffer(state))
    count = lib.gp_terminal_save_pages(pointer, ffi.NULL, 0)
    pages = ffi.new("gp_saved_page[]", count)
    lib.gp_terminal_save_pages(pointer, pages, count)
    for index in range(count):
        page = pages[index]
        head = _PAGE.pack(page.first_line, page.lines, page.dead_lines, page.text_bytes, page.records_bytes)
        _section(file, b"PAGE", head, ffi.buffer(page.text, page.text_bytes), ffi.buffer(page.records, page.records_bytes))
    for which in (0, 1):
        made = room_for("gp_reading")
        check(lib.gp_terminal_read_grid(pointer, bool(which), made))
        reading = owned(made)
        if reading.row_count:
            parts = [
                ffi.buffer(getattr(reading, item), getattr(reading, counted) * ffi.sizeof(kind)) if getattr(reading, counted) else b""
                for item, counted, kind in zip(_ITEMS, _COUNTS, _TYPES, strict=True)
            ]
            _section(file, b"GRID", _GRID.pack(which, *map(len, parts)), *parts)
    if times is not None:
        _section(file, b"TIME", times)
    _section(file, b"END ")


def _section(file: IO[bytes], name: bytes, *parts: Any) -> None:
    crc = 0
    for part in parts:
        crc = zlib.crc32(part, crc)
    file.write(_SECTION.pack(name, sum(map(len, parts)), crc))
    for part in parts:
        file.write(part)


# ---- reading -----------------------------------------------------------------------------------------------------------


def read(path: str | os.PathLike[str], arena: Arena) -> Saved:
    """The terminal that a file has, without limits. Raises ``OSError``, :class:`FormatError` and
    :class:`~ghostpage.OutOfMemoryError`."""
    with open(path, "rb") as file:
        try:
            mapped: Any = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (ValueError, OSError):  # empty, or nothing that can be mapped
            mapped = file.read()
        with contextlib.closing(mapped) if isinstance(mapped, mmap.mmap) else contextlib.nullcontext():
            return _read(os.fspath(path), memoryview(mapped), arena)


def _read(name: str, data: memoryview, arena: Arena) -> Saved:
    with data, contextlib.ExitStack() as views:
        try:
            meta, times, saved, keep = _parse(data, views)
        except (_Damaged, struct.error, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            reason = str(error) if isinstance(error, _Damaged) else "what it says makes no sense"
            raise FormatError(f"{name}: {reason}") from None
        made = room_for("gp_terminal")
        status = lib.gp_terminal_load(arena._live, saved, made)
        del keep
        if status == lib.GP_ERR_FORMAT:
            raise FormatError(f"{name}: damaged: its checksums agree, but it does not make a terminal")
        check(status)
        return Saved(made, meta, times)


class _Damaged(Exception):
    pass


def _sections(data: memoryview, views: contextlib.ExitStack) -> Iterator[tuple[bytes, memoryview]]:
    if len(data) < _HEAD.size or data[: len(MAGIC)] != MAGIC:
        raise _Damaged("not a saved terminal")
    _, version = _HEAD.unpack_from(data)
    if version != VERSION:
        raise _Damaged(f"saved in version {version} of the format; this reads version {VERSION}")
    at = _HEAD.size
    name = b""
    while name != b"END ":
        if len(data) - at < _SECTION.size:
            raise _Damaged(f"damaged: it ends at byte {len(data)}, in the middle")
        name, length, crc = _SECTION.unpack_from(data, at)
        at += _SECTION.size
        if length > len(data) - at:
            raise _Damaged(f"damaged: it ends at byte {len(data)}, in the middle")
        payload = views.enter_context(data[at : at + length])
        if zlib.crc32(payload) != crc:
            raise _Damaged(f"damaged: the checksum of the section at byte {at} does not agree")
        at += length
        yield name, payload
    if at != len(data):
        raise _Damaged(f"damaged: {len(data) - at} bytes too many")


def _parse(data: memoryview, views: contextlib.ExitStack) -> tuple[dict[str, Any], Times | None, Any, list[Any]]:
    """What the sections say, for the core; what the structure points to is kept by the list."""
    saved = ffi.new("gp_saved *")
    keep: list[Any] = []
    pages: list[tuple[Any, ...]] = []
    meta: dict[str, Any] = {}
    times = None

    def pointer(part: memoryview, kind: str) -> Any:
        buffer = views.enter_context(ffi.from_buffer(part))
        keep.append(buffer)
        return ffi.cast(f"{kind} *", buffer)

    for number, (name, payload) in enumerate(_sections(data, views)):
        if (name == b"META") != (number == 0):
            raise _Damaged("damaged: its sections are out of order")
        if name == b"META":
            if len(payload) > _META_BYTES_MOST:
                raise _Damaged(f"damaged: {len(payload)} bytes of description")
            meta = json.loads(bytes(payload))
            if meta["byte_order"] != sys.byteorder:
                raise _Damaged(f"saved on a {meta['byte_order']}-endian machine; this is another")
            saved.columns, saved.rows = meta["columns"], meta["rows"]
        elif name == b"STAT":
            saved.state, saved.state_bytes = pointer(payload, "uint8_t"), len(payload)
        elif name == b"PAGE":
            first_line, lines, dead_lines, text_bytes, records_bytes = _PAGE.unpack_from(payload)
            if _PAGE.size + text_bytes + records_bytes != len(payload):
                raise _Damaged("damaged: a page is not as long as it says")
            start = pointer(payload, "uint8_t") + _PAGE.size
            pages.append((first_line, lines, dead_lines, start, start + text_bytes, text_bytes, records_bytes))
        elif name == b"GRID":
            _parse_grid(saved, payload, keep)
        elif name == b"TIME":
            if times is not None:
                raise _Damaged("damaged: times of lines twice")
            times = Times.load(bytes(payload))
        elif name != b"END ":
            raise _Damaged(f"damaged: a section called {name!r}")
    listed = ffi.new("gp_saved_page[]", pages)
    keep.append(listed)
    saved.pages, saved.page_count = listed, len(pages)
    return meta, times, saved, keep


def _parse_grid(saved: Any, payload: memoryview, keep: list[Any]) -> None:
    """The parts are copied, which puts them where structures may lie."""
    which, *lengths = _GRID.unpack_from(payload)
    if which > 1 or _GRID.size + sum(lengths) != len(payload):
        raise _Damaged("damaged: a screen is not as long as it says")
    at = _GRID.size
    grid = saved.grids[which]
    for length, item, counted, kind in zip(lengths, _ITEMS, _COUNTS, _TYPES, strict=True):
        size = ffi.sizeof(kind)
        if length % size:
            raise _Damaged("damaged: a screen is not made of whole cells")
        part = ffi.new(f"{kind}[]", length // size)
        ffi.buffer(part)[:] = payload[at : at + length]
        keep.append(part)
        setattr(grid, item, part)
        setattr(grid, counted, length // size)
        at += length
