"""``ghostpage replay``: a recording through a terminal, as fast as it goes or in its own time."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from typing import Any

from ghostpage import sessions
from ghostpage.cli import _report
from ghostpage.cli._common import add_size_options, open_terminal, plain, positive, recording

__all__ = ["add"]

EPILOG = """\
examples:
  ghostpage replay vim                    a session shipped with ghostpage
  ghostpage replay agent --speed 1        in real time; a terminal shows it as it goes
  ghostpage replay build.cast --history   an asciicast (version 2 or 3): everything it printed
  ghostpage replay typescript --json      plain terminal output; the result for a program to read

recordings: {names}
"""


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "replay",
        help="feed a recording, print the final screen and the memory behind it",
        description="Feeds a recording to a terminal, prints the screen at its end and the memory behind it.",
        epilog=EPILOG.format(names=", ".join(sessions.names())),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("recording", metavar="FILE|NAME", help="an asciicast, plain output, or a name from below")
    parser.add_argument(
        "--speed", type=positive, metavar="X", help="X times the speed of the recording; at once if not given"
    )
    parser.add_argument("--history", action="store_true", help="print the history too")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    add_size_options(parser, "the recording's")
    parser.set_defaults(action=replay)


def replay(args: argparse.Namespace) -> int:
    session = recording(args.recording)
    fixed = args.columns is not None or args.rows is not None
    with open_terminal(args, args.columns or session.columns, args.rows or session.rows) as terminal:
        show = Show(terminal) if args.speed and sys.stdout.isatty() and not args.json else None
        begin = time.monotonic()
        try:
            for event in session.events:
                if args.speed:
                    time.sleep(max(0.0, begin + event.time / args.speed - time.monotonic()))
                if event.size is None:
                    terminal.feed(event.output)
                elif not fixed:
                    terminal.resize(*event.size)
                terminal.take_replies()
                if show:
                    show.frame()
        finally:
            if show:
                show.end()
        subject = {"recording": session.name, "title": session.title, "bytes": len(session.data)}
        if not args.json:
            print(f"{plain(session.title or session.name)}: {len(session.data):,} bytes\n")
        _report.screen_report(terminal, subject, args.json, args.history)
    return 0


class Show:
    """The screen of a terminal painted on the terminal we run in, at most thirty times a second."""

    def __init__(self, terminal: Any):
        self.terminal = terminal
        self.next: float = 0.0
        sys.stdout.write("\x1b[?1049h\x1b[?25l")

    def frame(self) -> None:
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + 1 / 30
        columns, height = shutil.get_terminal_size()
        if self.terminal.columns > columns:
            lines = [row.text[:columns] for row in self.terminal.screen]
        else:
            lines = [_report.paint(row) for row in self.terminal.screen]
        sys.stdout.write(
            "\x1b[?2026h\x1b[H" + "\r\n".join(f"{line}\x1b[K" for line in lines[-height:]) + "\x1b[J\x1b[?2026l"
        )
        sys.stdout.flush()

    def end(self) -> None:
        sys.stdout.write("\x1b[?25h\x1b[?1049l")
        sys.stdout.flush()
