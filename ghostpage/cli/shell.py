"""``ghostpage shell``: a shell, or any program, in a terminal of ghostpage inside this one."""

from __future__ import annotations

import argparse
import os
from typing import Any

from ghostpage.cli._common import CommandError, count, need, plain
from ghostpage.limits import Limits

__all__ = ["add"]

DESCRIPTION = """\
Opens a shell, or a program, in a widget of Textual, with a scrollbar over its history, selection, search, and a view of
its memory. What is typed goes to the program, but for the keys below.
"""

EPILOG = """\
keys:
  Shift PageUp, PageDown, Up, Down; the wheel   look at history; typing leads back
  Shift F2                                      search, the newest match first; Enter: the one before; Escape: back
  Shift F5                                      the memory behind it
  Shift F4                                      copy what is selected (drag; with Shift if the program has the mouse)

examples:
  ghostpage shell
  ghostpage shell --lines 5000000 -- journalctl -f

The exit status is the program's.
"""


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "shell",
        help="a shell, or any program, in a terminal of ghostpage inside this one",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="ghostpage shell [options] [-- COMMAND [ARGUMENT ...]]",
    )
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="the program and its arguments; $SHELL without")
    parser.add_argument("--lines", type=count, default=1_000_000, metavar="N", help="rows of history to keep (default: 1000000)")
    parser.set_defaults(action=shell)


def shell(args: argparse.Namespace) -> int:
    need("textual", extra="textual")
    from ghostpage.textual import ShellApp

    command = args.command[1:] if args.command[:1] == ["--"] else args.command
    command = command or [os.environ.get("SHELL", "/bin/sh")]
    app = ShellApp(command, scrollback=Limits(lines=args.lines))
    try:
        status = app.run()
    except FileNotFoundError:
        raise CommandError(f"no program {plain(command[0])!r} to run") from None
    return 1 if status is None else status
