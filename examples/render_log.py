"""Turns the output of a program, as a CI system stores it, into the text that a person would have seen.

    python examples/render_log.py < build.log
    git log --graph --color=always | python examples/render_log.py

Progress bars are there in their last state only, and colours, links and cursor movement are gone. The memory for it is
bounded, whatever comes in.
"""

import sys

from ghostpage import Limits, Terminal


def main() -> None:
    # Logs have bare newlines, which a PTY would have turned into CR LF; mode 20 reads them so.
    with Terminal(160, 50, scrollback=Limits(bytes=64 * 1024 * 1024)) as terminal:
        terminal.feed("\x1b[20h")
        while data := sys.stdin.buffer.read(65_536):
            terminal.feed(data)
        print(terminal.text(unwrap=True).rstrip("\n"))


if __name__ == "__main__":
    main()
