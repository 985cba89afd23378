"""What the kernel knows of our mappings, where it can be asked (Linux); it answers None elsewhere.

What is mapped is read from ``/proc/self/maps``. The kernel merges neighbours, ours with each other and with anybody
else's, so that a mapping is there if private anonymous areas cover all of it, whatever their borders.

What is resident is read from ``/proc/self/pagemap``, eight bytes an OS page of our mappings alone. Of the resident
bytes that ``smaps`` gives for a merged area nobody can say whose they are, and it walks the whole process for them.
"""

from __future__ import annotations

import os
import sys
from bisect import bisect_right
from collections.abc import Iterable

from ghostpage._core import lib

__all__ = ["Areas", "resident_bytes"]

_NOT_PRESENT = bytes(range(128))  # the highest byte of an entry when bit 63 is clear
_PIECE = 1 << 17  # entries read at once


class Areas:
    """The private, writable, anonymous areas of this process at one time, joined where they touch."""

    def __init__(self, areas: Iterable[tuple[int, int]]) -> None:
        self._starts: list[int] = []
        self._stops: list[int] = []
        for start, stop in sorted(areas):
            if self._stops and start <= self._stops[-1]:
                self._stops[-1] = max(stop, self._stops[-1])
            else:
                self._starts.append(start)
                self._stops.append(stop)

    @classmethod
    def read(cls) -> Areas | None:
        try:
            with open("/proc/self/maps", "rb") as maps:
                lines = maps.read().splitlines()
        except OSError:
            return None
        found = []
        try:
            for line in lines:
                place, permissions, _, _, inode, *_ = line.split(None, 5)
                if permissions == b"rw-p" and inode == b"0":
                    start, stop = place.split(b"-")
                    found.append((int(start, 16), int(stop, 16)))
        except ValueError:  # another system's file of that name
            return None
        return cls(found)

    def cover(self, address: int, length: int) -> bool:
        index = bisect_right(self._starts, address) - 1
        return index >= 0 and address + length <= self._stops[index]


def resident_bytes(extents: Iterable[tuple[int, int]]) -> int | None:
    """Bytes of these (address, length) that are in physical memory now."""
    page: int = lib.gp_os_page_bytes()
    highest = 7 if sys.byteorder == "little" else 0
    pages = 0
    try:
        with open("/proc/self/pagemap", "rb", buffering=0) as pagemap:
            for address, length in extents:
                first, stop = address // page, (address + length + page - 1) // page
                while first < stop:
                    count = min(_PIECE, stop - first)
                    entries = os.pread(pagemap.fileno(), 8 * count, 8 * first)
                    if len(entries) != 8 * count:
                        return None
                    pages += len(entries[highest::8].translate(None, _NOT_PRESENT))
                    first += count
    except OSError:
        return None
    return pages * page
