"""When lines were completed: an opt-in that costs 8 bytes for each feed that completes lines, and no more than 1,000 a second.

All bytes of one feed arrive at one time, so that a pair of line and time for the feed says it for all lines that it
completed. Pairs are kept as 32-bit distances from the first of their block, lines and milliseconds, and go with the lines,
a block at a time.
"""

from __future__ import annotations

import builtins
import struct
import sys
import threading
from array import array
from bisect import bisect_right
from collections.abc import Iterable
from itertools import pairwise

__all__ = ["Times"]

PAIRS = 1024  # in a block
DISTANCE_MAX = 2**32 - 1

_HEAD = struct.Struct("<?q")
_BLOCK = struct.Struct("<QqI")


class _Block:
    """Pairs: after some feed, at ``milliseconds``, the cursor was in ``line``. Both are distances, the lines rising."""

    __slots__ = ("line", "lines", "milliseconds", "millisecond")

    def __init__(self, line: int, millisecond: int) -> None:
        self.line, self.millisecond = line, millisecond
        self.lines, self.milliseconds = array("I", [0]), array("I", [0])

    def takes(self, line: int, millisecond: int) -> bool:
        distances = line - self.line, millisecond - self.millisecond
        return len(self.lines) < PAIRS and min(distances) >= 0 and max(distances) <= DISTANCE_MAX

    @property
    def last_line(self) -> int:
        return self.line + self.lines[-1]

    @property
    def last_millisecond(self) -> int:
        return self.millisecond + self.milliseconds[-1]

    def copy(self) -> _Block:
        made = _Block(self.line, self.millisecond)
        made.lines, made.milliseconds = self.lines[:], self.milliseconds[:]
        return made


class Times:
    """The times of one terminal's lines. May be used from any thread."""

    def __init__(self) -> None:
        self._blocks: list[_Block] = []
        self._newest: int | None = None  # milliseconds
        self._lock = threading.Lock()

    def copy(self) -> Times:
        made = Times()
        with self._lock:
            made._blocks = [block.copy() for block in self._blocks]
            made._newest = self._newest
        return made

    def note(self, time: float, cursor_line: int, first_line: int) -> None:
        """A feed at ``time`` has left the cursor in that line; those from it on may be written again."""
        millisecond = round(time * 1000)
        with self._lock:
            self._newest = millisecond
            blocks = self._blocks
            while blocks and blocks[-1].last_line > cursor_line:
                block = blocks[-1]
                millisecond = block.last_millisecond  # when it passed the lines above it
                block.lines.pop()
                block.milliseconds.pop()
                if not block.lines:
                    blocks.pop()
            last = blocks[-1] if blocks else None
            if last is None or not last.takes(cursor_line, millisecond):
                if last is None or last.last_line < cursor_line:
                    blocks.append(_Block(cursor_line, millisecond))
            elif last.last_line < cursor_line:
                distance = millisecond - last.millisecond
                if last.milliseconds[-1] == distance:  # which says the same of those before
                    last.lines[-1] = cursor_line - last.line
                else:
                    last.lines.append(cursor_line - last.line)
                    last.milliseconds.append(distance)
            gone = 0
            while gone < len(blocks) - 1 and blocks[gone].last_line <= first_line:
                gone += 1
            del blocks[:gone]

    def of(self, lines: Iterable[int]) -> dict[int, float | None]:
        """The time of each, as Unix time; None for those that nothing is known of."""
        with self._lock:
            return {line: self._of(line) for line in lines}

    def _of(self, line: int) -> float | None:
        blocks = self._blocks
        if not blocks or self._newest is None or line > blocks[-1].last_line:
            return None
        index = bisect_right(blocks, line, key=lambda block: block.last_line)
        if index == len(blocks):  # the cursor's line
            return self._newest / 1000
        block = blocks[index]
        at = bisect_right(block.lines, line - block.line) if line >= block.line else 0
        return (block.millisecond + block.milliseconds[at]) / 1000

    def save(self) -> builtins.bytes:
        """For a file: see :meth:`load`."""
        with self._lock:
            parts = [_HEAD.pack(self._newest is not None, self._newest or 0)]
            for block in self._blocks:
                parts.append(_BLOCK.pack(block.line, block.millisecond, len(block.lines)))
                parts += [block.lines.tobytes(), block.milliseconds.tobytes()]
        return b"".join(parts)

    @classmethod
    def load(cls, saved: builtins.bytes) -> Times:
        """What was saved, of which nothing is believed: raises ``ValueError`` and ``struct.error``.

        The newest time, and whether there is one; then for each block its line, its millisecond, and how many pairs it has,
        with their lines and milliseconds.
        """
        times = cls()
        has_newest, newest = _HEAD.unpack_from(saved)
        times._newest = newest if has_newest else None
        at = _HEAD.size
        while at < len(saved):
            line, millisecond, count = _BLOCK.unpack_from(saved, at)
            at += _BLOCK.size
            block = _Block(line, millisecond)
            block.lines, block.milliseconds = array("I"), array("I")
            for part in (block.lines, block.milliseconds):
                part.frombytes(saved[at : at + count * part.itemsize])
                at += count * part.itemsize
            rising = all(a < b for a, b in pairwise(block.lines))
            if not 0 < count <= PAIRS or at > len(saved) or not rising:
                raise ValueError("lines with times out of order")
            if times._blocks and times._blocks[-1].last_line >= line:
                raise ValueError("blocks of times out of order")
            times._blocks.append(block)
        return times

    @property
    def bytes(self) -> int:
        """What this costs, as Python counts it."""
        with self._lock:
            arrays = [part for block in self._blocks for part in (block, block.lines, block.milliseconds)]
            return sum(map(sys.getsizeof, [self, self._blocks, *arrays]))
