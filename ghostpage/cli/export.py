"""``ghostpage export``: a recording as a picture, a page, text, or another recording."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ghostpage import Terminal, sessions
from ghostpage.cli._common import CommandError, add_size_options, open_terminal, plain, positive, recording

__all__ = ["add"]

EPILOG = """\
examples:
  ghostpage export htop htop.svg --at 3 --cursor         the screen after three seconds
  ghostpage export build build.html --history            everything it printed, as a page
  ghostpage export agent agent.png --size 24 --font JetBrainsMono-Regular.ttf
  ghostpage export old.cast new.cast                     asciicast version 2 or 3, or plain output, to version 3
  ghostpage export pytest - --format ansi                to standard output

To have a command's output: ghostpage run --record some.cast -- COMMAND, and then this.
recordings: {names}
"""

FORMATS = ("svg", "png", "html", "text", "ansi", "cast")
SUFFIXES = {".htm": "html", ".txt": "text", ".ans": "ansi"}


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "export",
        help="write a recording as SVG, PNG, HTML, text or asciicast",
        description="Feeds a recording to a terminal, and writes what it shows then as a picture, a page or text.",
        epilog=EPILOG.format(names=", ".join(sessions.names())),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("recording", metavar="FILE|NAME", help="an asciicast, plain output, or a name from below")
    parser.add_argument("output", metavar="OUTPUT", help="the file to write; - is standard output")
    parser.add_argument("--format", choices=FORMATS, help="if the name of the file does not say it")
    parser.add_argument("--at", type=positive, metavar="SECONDS", help="as it was then; at its end if not given")
    parser.add_argument("--history", action="store_true", help="the history too, not the screen alone")
    parser.add_argument("--cursor", action="store_true", help="with the cursor (svg, png)")
    parser.add_argument("--title", help="of the document (svg, html); that of the recording if not given")
    parser.add_argument("--size", type=int, default=15, metavar="PIXELS", help="of letters (png; default: 15)")
    parser.add_argument("--font", action="append", default=[], metavar="FILE", help="to look in first (png); repeatable")
    add_size_options(parser, "the recording's")
    parser.set_defaults(action=export)


def export(args: argparse.Namespace) -> int:
    suffix = Path(args.output).suffix.lower()
    name = args.format or SUFFIXES.get(suffix, suffix[1:])
    if name not in FORMATS:
        raise CommandError(f"cannot tell a format from {plain(args.output)!r}: --format {'|'.join(FORMATS)}")
    session = recording(args.recording)
    events = tuple(event for event in session.events if args.at is None or event.time <= args.at)
    try:
        written = _written(replace(session, events=events), name, args)
    except (ImportError, OSError, ValueError) as error:  # of fonts
        raise CommandError(plain(str(error))) from None
    try:
        if args.output == "-":
            sys.stdout.buffer.write(written)
        else:
            Path(args.output).write_bytes(written)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CommandError(f"cannot write {plain(args.output)!r}: {error.strerror}") from None
    return 0


def _written(session: sessions.Session, name: str, args: argparse.Namespace) -> bytes:
    if name == "cast":
        return sessions.encode(session)
    fixed = args.columns is not None or args.rows is not None
    with open_terminal(args, args.columns or session.columns, args.rows or session.rows) as terminal:
        for event in session.events:
            if event.size is None:
                terminal.feed(event.output)
                terminal.take_replies()
            elif not fixed:
                terminal.resize(*event.size)
        title = session.title or session.name if args.title is None else args.title
        return WRITERS[name](terminal, None if args.history else -terminal.rows, title, args)


Writer = Callable[[Terminal, "int | None", str, argparse.Namespace], bytes]

WRITERS: dict[str, Writer] = {
    "svg": lambda terminal, start, title, args: terminal.to_svg(start, title=title, cursor=args.cursor).encode(),
    "png": lambda terminal, start, _, args: terminal.to_png(start, size=args.size, fonts=args.font, cursor=args.cursor),
    "html": lambda terminal, start, title, _: terminal.to_html(start, document=title).encode(),
    "text": lambda terminal, start, *_: (terminal.text(start).rstrip("\n") + "\n").encode(),
    "ansi": lambda terminal, start, *_: terminal.to_ansi(start, spaces=True) + b"\n",
}
