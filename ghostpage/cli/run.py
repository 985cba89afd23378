"""``ghostpage run -- COMMAND``: any program in a PTY, its screen held by ghostpage."""

from __future__ import annotations

import argparse
import contextlib
import shlex
import shutil
import sys
import time
from typing import Any

from ghostpage.cli import _report
from ghostpage.cli._common import CommandError, add_size_options, need, plain, positive
from ghostpage.limits import Limits
from ghostpage.recorder import Recorder
from ghostpage.session import Session, SessionTimeout

__all__ = ["add"]

MOST_SIDE = 65_535
TIMED_OUT = 124

DESCRIPTION = """\
Runs a program in a PTY, with a terminal of ghostpage in front of it; at its end prints the screen and the memory.
"""

EPILOG = """\
examples:
  ghostpage run -- ls -lR --color --hyperlink /usr/share
  ghostpage run --columns 120 --rows 40 --timeout 5 -- htop
  ghostpage run --record tests.cast -- python -m pytest
  ghostpage run --json -- python -m pytest

The program gets no keys to read: it is meant to end by itself, or by --timeout. The exit status is the program's, 128
and the number of the signal that killed it, 124 after --timeout, or 2 when it could not be started.
"""


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "run",
        help="run a program in a PTY, print its final screen and the memory behind it",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="ghostpage run [options] -- COMMAND [ARGUMENT ...]",
    )
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="the program and its arguments")
    parser.add_argument("--timeout", type=positive, metavar="SECONDS", help="end the program after so long")
    parser.add_argument("--record", metavar="FILE", help="write what it prints to an asciicast (version 3)")
    parser.add_argument("--history", action="store_true", help="print the history too")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    add_size_options(parser, "this terminal's, or 80 by 24")
    parser.set_defaults(action=run)


def run(args: argparse.Namespace) -> int:
    command = args.command[1:] if args.command[:1] == ["--"] else args.command
    if not command:
        raise CommandError("run what? ghostpage run -- COMMAND (see ghostpage run --help)")
    if not args.json:
        need("rich")
    here = shutil.get_terminal_size() if sys.stdout.isatty() else (80, 24)
    columns, rows = args.columns or here[0], args.rows or here[1]
    limits = Limits(lines=args.lines, bytes=args.limit_bytes)
    fed = [0]
    begin = time.monotonic()
    with contextlib.ExitStack() as stack:
        recorder = stack.enter_context(_recorder(args.record, columns, rows, command)) if args.record else None

        def observe(data: bytes) -> None:
            fed[0] += len(data)
            if recorder:
                recorder.output(data)

        session = stack.enter_context(_start(command, columns, rows, scrollback=limits, observer=observe))
        timed_out = False
        try:
            status = session.wait(args.timeout)
        except SessionTimeout:
            status, timed_out = TIMED_OUT, True
        if recorder and not timed_out:
            recorder.end(status)
        subject = {
            "command": command,
            "exit_status": status,
            "timed_out": timed_out,
            "bytes": fed[0],
            "seconds": round(time.monotonic() - begin, 3),
        }
        _report.screen_report(session.terminal, subject, args.json, args.history)
    return status


def _recorder(path: str, columns: int, rows: int, command: list[str]) -> Recorder:
    try:
        return Recorder(path, columns, rows, command=shlex.join(command))
    except OSError as error:
        raise CommandError(f"cannot write {plain(path)!r}: {error.strerror}") from None
    except ValueError as error:
        raise CommandError(str(error)) from None


def _start(command: list[str], columns: int, rows: int, **options: Any) -> Session:
    if max(columns, rows) > MOST_SIDE:
        raise CommandError(f"a PTY has at most {MOST_SIDE} columns and rows, not {columns} by {rows}")
    try:
        return Session(command, columns, rows, **options)
    except FileNotFoundError:
        raise CommandError(f"no program {plain(command[0])!r} to run") from None
    except OSError as error:
        raise CommandError(f"cannot run {plain(command[0])!r}: {plain(str(error))}") from None
    except (ValueError, OverflowError) as error:
        raise CommandError(str(error)) from None
