"""smartcli-toolkit's model of a screen, for agents that drive full-screen programs: it overrides much, and hashes dirty rows.

Recorded sessions are fed in pieces. The hash that is kept up to date by dirty rows must be that of a model which has read all
rows, and the text what the terminal shows.
"""

from __future__ import annotations

import sys

import ghostpage.pyte

sys.path.pop(0)  # this folder, whose modules have the names of what they are for
ghostpage.pyte.install()

from ghostpage import sessions  # noqa: E402
from smartcli_core.screen_model import Mode, ScreenModel  # noqa: E402

for name in ("vim", "htop", "less", "emoji"):
    session = sessions.load(name)
    data = session.data[:10_000]
    columns, rows = 80, 24
    model = ScreenModel(columns, rows)
    step = max(500, len(data) // 6)
    for begin in range(0, len(data), step):
        model.feed(data[begin : begin + step])
        kept = model.visual_hash()
        model._visual_row_crcs = []  # all rows are read again
        assert model.visual_hash() == kept, name
    assert model.text().split("\n")[0].rstrip() == model.screen.display[0].rstrip()

model = ScreenModel(20, 4)
model.feed(b"$ vim\r\n\x1b[?1049h\x1b[?1h\x1b[?1000h\x1b[2J\x1b[H\x1b[7mtop\x1b[m\x1b[6n")
assert model.alt_screen and model.mode(Mode.APP_CURSOR) and model.display[0].rstrip() == "top"
assert model.cell(0, 0).reverse and model.drain_replies() == b"\x1b[1;4R"
model.resize(10, 3)
model.feed(b"\x1b[?1049l\x1b]2;title\x07")
assert not model.alt_screen and model.display[0].rstrip() == "$ vim" and model.title == "title"
