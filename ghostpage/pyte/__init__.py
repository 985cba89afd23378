"""The public interface of pyte 0.8 on ghostpage's buffer: ``import ghostpage.pyte as pyte``.

What differs, and why, is told in ``docs/pyte.md``.

>>> import ghostpage.pyte as pyte
>>> screen = pyte.Screen(20, 2)
>>> stream = pyte.Stream(screen)
>>> stream.feed("hello, \\x1b[3mworld")
>>> screen.display[0], screen.buffer[0][7].italics, screen.cursor.x
('hello, world        ', True, 12)
"""

from __future__ import annotations

import sys

from ghostpage.pyte import charsets, control, escape, graphics, modes, screens, streams
from ghostpage.pyte.debug import dis
from ghostpage.pyte.screens import DebugScreen, DiffScreen, HistoryScreen, Screen
from ghostpage.pyte.streams import ByteStream, Stream

__all__ = ["ByteStream", "DebugScreen", "DiffScreen", "HistoryScreen", "Screen", "Stream", "dis", "install"]


def install() -> None:
    """From now on ``import pyte`` finds this package: for programs that are to run on it unchanged.

    To be called before they are imported.
    """
    sys.modules["pyte"] = sys.modules[__name__]
    for module in (charsets, control, escape, graphics, modes, screens, streams):
        sys.modules[f"pyte.{module.__name__.rpartition('.')[2]}"] = module
