"""The buffer behind a terminal: its screen and its scrollback, with every byte of memory accounted for.

>>> import ghostpage
>>> with ghostpage.Terminal(80, 24) as terminal:
...     terminal.feed(b"hello, \\x1b[3mworld\\x1b[m")
...     terminal.screen[0].text
'hello, world'
"""

import os
import warnings

from ghostpage import events, memory
from ghostpage._core import ArgumentError, ClosedError, Error, OutOfMemoryError
from ghostpage.arena import Arena, ArenaMemory, default_arena
from ghostpage.colors import Palette
from ghostpage.commands import Command
from ghostpage.events import Bell, Event, IconTitleChanged, TitleChanged, WorkingDirectoryChanged
from ghostpage.figures import Counters, Cursor, Demand, MemoryUse, PageDemand, PageInfo
from ghostpage.frame import Frame
from ghostpage.geometry import Geometry
from ghostpage.limits import Limits, LimitsInForce
from ghostpage.lines import Line, LineCursor, LineSequence, Position, Reading
from ghostpage.rows import Cell, Row, RowSequence, Run, RunSequence
from ghostpage.saving import FormatError
from ghostpage.screen import Screen
from ghostpage.search import Match, Search
from ghostpage.snapshot import Snapshot
from ghostpage.style import Color, Style
from ghostpage.terminal import Terminal

if os.environ.get("GHOSTPAGE_PUBLISH", "0") not in ("", "0"):
    try:
        memory.publish()
    except OSError as _error:
        warnings.warn(f"GHOSTPAGE_PUBLISH: {_error}", RuntimeWarning, stacklevel=2)

__version__ = "0.1.0"

__all__ = [
    "Arena",
    "ArenaMemory",
    "ArgumentError",
    "Bell",
    "Cell",
    "ClosedError",
    "Color",
    "Command",
    "Counters",
    "Cursor",
    "Demand",
    "Error",
    "Event",
    "FormatError",
    "Frame",
    "Geometry",
    "IconTitleChanged",
    "Limits",
    "LimitsInForce",
    "Line",
    "LineCursor",
    "LineSequence",
    "Match",
    "MemoryUse",
    "OutOfMemoryError",
    "PageDemand",
    "PageInfo",
    "Palette",
    "Position",
    "Reading",
    "Row",
    "RowSequence",
    "Run",
    "RunSequence",
    "Screen",
    "Search",
    "Snapshot",
    "Style",
    "Terminal",
    "TitleChanged",
    "WorkingDirectoryChanged",
    "default_arena",
    "events",
    "memory",
]
