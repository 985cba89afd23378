"""What the kernel says about this process or another one, asked without the help of ghostpage's own ledger."""

from __future__ import annotations

import os
import subprocess
import time
from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Area", "anonymous_bytes", "areas", "count_mapped", "resident", "unnamed"]

_last_ps: tuple[float, int | None] = (float("-inf"), None)


class Area(NamedTuple):
    """A line of ``/proc/PID/maps``."""

    start: int
    stop: int
    permissions: str
    path: str

    @property
    def anonymous(self) -> bool:
        return self.permissions.startswith("rw") and not self.path.startswith("/")


def areas(pid: int | None = None) -> list[Area] | None:
    """All that is mapped, by address, or None where the system has no ``/proc/PID/maps`` that may be read."""
    try:
        with open(f"/proc/{pid or 'self'}/maps", encoding="utf-8", errors="replace") as maps:
            lines = maps.readlines()
    except OSError:
        return None
    found = []
    for line in lines:
        place, permissions, _, _, _, *path = line.split(None, 5)
        start, stop = (int(number, 16) for number in place.split("-"))
        found.append(Area(start, stop, permissions, path[0].strip() if path else ""))
    return found


def count_mapped(known: list[Area] | None, wanted: Iterable[tuple[int, int]]) -> int | None:
    """How many of the (address, length) pairs lie whole in writable memory without a file, as the kernel sees it."""
    if known is None:
        return None
    known = [area for area in known if area.anonymous]
    starts = [area.start for area in known]

    def mapped(address: int, length: int) -> bool:
        end, at = address + length, address
        while at < end:  # neighbouring areas may hold one mapping between them
            index = bisect_right(starts, at) - 1
            if index < 0 or known[index].stop <= at:
                return False
            at = known[index].stop
        return True

    return sum(mapped(address, length) for address, length in wanted)


def anonymous_bytes(known: list[Area] | None) -> int | None:
    """Bytes of writable memory without a file, whoever asked for it."""
    return None if known is None else sum(area.stop - area.start for area in known if area.anonymous)


def unnamed(known: list[Area] | None) -> tuple[int, int] | None:
    """Number and bytes of regions that are neither a file's nor the heap nor a stack: those of ``mmap``."""
    if known is None:
        return None
    sizes = [area.stop - area.start for area in known if area.anonymous and area.path[:6] in ("", "[anon:")]
    return len(sizes), sum(sizes)


def resident(pid: int | None = None) -> int | None:
    """Bytes of a process in physical memory (RSS)."""
    try:
        with open(f"/proc/{pid or 'self'}/statm", "rb") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return _ps() if pid is None else None


def _ps() -> int | None:
    """The same from ps(1), which takes milliseconds and is therefore asked ten times a second at most."""
    global _last_ps
    if time.monotonic() - _last_ps[0] > 0.1:
        try:
            done = subprocess.run(["ps", "-o", "rss=", "-p", str(os.getpid())], capture_output=True, check=True)
            _last_ps = (time.monotonic(), int(done.stdout) * 1024)
        except (OSError, ValueError, subprocess.CalledProcessError):
            _last_ps = (time.monotonic(), None)
    return _last_ps[1]
