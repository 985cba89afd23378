"""runtui's terminal widget: a shell in a PTY, its screen and its history painted into cells, the wheel, another size."""

from __future__ import annotations

import sys
import time

import ghostpage.pyte

sys.path.pop(0)  # this folder, whose modules have the names of what they are for
ghostpage.pyte.install()

from runtui.core.types import Rect  # noqa: E402
from runtui.rendering.buffer import CellBuffer  # noqa: E402
from runtui.rendering.painter import Painter  # noqa: E402
from runtui.widgets.terminal import TerminalWidget  # noqa: E402

WIDTH, HEIGHT = 41, 6


def painted(widget, height=HEIGHT):
    buffer = CellBuffer(WIDTH, height)
    widget.paint(Painter(buffer, Rect(0, 0, WIDTH, height)))
    return ["".join(buffer.get(x, y).char or " " for x in range(WIDTH - 1)).rstrip() for y in range(height)]


widget = TerminalWidget(shell="/bin/sh", width=WIDTH, height=HEIGHT)
widget.arrange(Rect(0, 0, WIDTH, HEIGHT))
widget.start(r"seq 1 30; printf '\033[31mred\033[m end'; read line")
deadline = time.monotonic() + 30
while "red end" not in painted(widget) and time.monotonic() < deadline:
    time.sleep(0.02)
assert painted(widget) == ["26", "27", "28", "29", "30", "red end"], painted(widget)

widget._scroll_offset = 10
assert painted(widget) == ["16", "17", "18", "19", "20", "21"], painted(widget)
widget._scroll_offset = 10_000
assert painted(widget)[0] == "1" and widget._scroll_offset == len(widget._screen.history.top) == 25

widget._scroll_offset = 0
widget.arrange(Rect(0, 0, WIDTH, 10))
rows = painted(widget, 10)
assert rows[rows.index("red end") - 1] == "30" and "27" in rows, rows
widget._pty.write(b"\n")
widget.stop()
