"""textual-terminal in a Textual application without a window: a widget that overrides a method and draws the buffer."""

from __future__ import annotations

import asyncio
import sys

import ghostpage.pyte

sys.path.pop(0)  # this folder, whose modules have the names of what they are for
ghostpage.pyte.install()

from textual.app import App  # noqa: E402
from textual_terminal import Terminal  # noqa: E402

COMMAND = r"""sh -c 'printf "\033[1;31mred\033[m plain\r\n\344\270\226\r\n\033[?1049h\033[2;3Hedited"; exec cat' """
LEFT = "\x1b[?1049l"


class Shown(App):
    def compose(self):
        yield Terminal(command=COMMAND, id="terminal")

    def on_ready(self):
        self.query_one("#terminal").start()


async def until(pilot, wanted):
    for _ in range(400):
        if wanted():
            return
        await pilot.pause(0.05)
    raise AssertionError("it does not come to that")


async def main():
    app = Shown()
    async with app.run_test(size=(60, 24)) as pilot:
        terminal = app.query_one("#terminal")

        def rows():
            return [str(line).rstrip() for line in terminal._display.lines]

        await until(pilot, lambda: "  edited" in rows())
        assert "red plain" not in rows()  # it is on the other screen
        await terminal.send_queue.put(["stdin", LEFT + "\n"])
        await until(pilot, lambda: rows()[:2] == ["red plain", "\u4e16"])
        span = terminal._display.lines[0].spans[0]
        assert (span.start, span.style.color.name, span.style.bold) == (0, "red", True)
        terminal.stop()


asyncio.run(asyncio.wait_for(main(), 60))
