"""``ghostpage run -- COMMAND``: any program in a PTY, its screen held by ghostpage."""

from __future__ import annotations

import argparse
import math
import os
import select
import shutil
import sys
import time
from typing import Any

import ghostpage
from ghostpage.cli import _report
from ghostpage.cli._common import CommandError, add_size_options, need, open_terminal, plain, positive

__all__ = ["add"]

PIECE = 65_536
MOST_SIDE = 65_535
MOST_REPLIES = 1 << 20  # bytes kept for a program that asks and never reads
TIMED_OUT = 124

DESCRIPTION = """\
Runs a program in a PTY, with a terminal of ghostpage in front of it; at its end prints the screen and the memory.
"""

EPILOG = """\
examples:
  ghostpage run -- ls -lR --color --hyperlink /usr/share
  ghostpage run --columns 120 --rows 40 --timeout 5 -- htop
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
    parser.add_argument("--history", action="store_true", help="print the history too")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    add_size_options(parser, "this terminal's, or 80 by 24")
    parser.set_defaults(action=run)


def run(args: argparse.Namespace) -> int:
    command = args.command[1:] if args.command[:1] == ["--"] else args.command
    if not command:
        raise CommandError("run what? ghostpage run -- COMMAND (see ghostpage run --help)")
    (ptyprocess,) = need("ptyprocess")
    if not args.json:
        need("rich")
    here = shutil.get_terminal_size() if sys.stdout.isatty() else (80, 24)
    columns, rows = args.columns or here[0], args.rows or here[1]
    with open_terminal(args, columns, rows) as terminal:
        process = _spawn(ptyprocess, command, columns, rows)
        begin = time.monotonic()
        try:
            fed, timed_out = _pump(process, terminal, begin + (args.timeout or math.inf))
        finally:
            process.close(force=True)
        status = TIMED_OUT if timed_out else _exit_status(process)
        subject = {
            "command": command,
            "exit_status": status,
            "timed_out": timed_out,
            "bytes": fed,
            "seconds": round(time.monotonic() - begin, 3),
        }
        _report.screen_report(terminal, subject, args.json, args.history)
    return status


def _spawn(ptyprocess: Any, command: list[str], columns: int, rows: int) -> Any:
    if max(columns, rows) > MOST_SIDE:
        raise CommandError(f"a PTY has at most {MOST_SIDE} columns and rows, not {columns} by {rows}")
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    environment.update(TERM="xterm-256color", COLORTERM="truecolor")
    try:
        process = ptyprocess.PtyProcess.spawn(command, env=environment, dimensions=(rows, columns))
    except FileNotFoundError:
        raise CommandError(f"no program {plain(command[0])!r} to run") from None
    except (OSError, ptyprocess.PtyProcessError) as error:
        raise CommandError(f"cannot run {plain(command[0])!r}: {plain(str(error))}") from None
    process.delayafterclose = 0
    os.set_blocking(process.fd, False)
    return process


def _pump(process: Any, terminal: ghostpage.Terminal, until: float) -> tuple[int, bool]:
    """Output to the terminal and replies back, until the program ends or time is up: bytes fed, and whether it was."""
    fd, fed, replies, more = process.fd, 0, b"", True
    while more or process.isalive():
        left = min(0.1, until - time.monotonic())
        if left <= 0:
            return fed, True
        if not more:  # it closed its terminal and goes on
            time.sleep(left)
            continue
        readable, writable, _ = select.select([fd], [fd] if replies else [], [], left)
        if readable:
            data = _read(fd)
            more = bool(data)
            fed += len(data)
            terminal.feed(data)
            replies = (replies + terminal.take_replies())[:MOST_REPLIES]
        else:
            more = process.isalive()  # what it left behind may hold the other end for ever
        if writable and replies:
            replies = _write(fd, replies)
    return fed, False


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, PIECE)
    except OSError:  # how Linux says that nobody holds the other end
        return b""


def _write(fd: int, replies: bytes) -> bytes:
    """Passes on what the program has room for; returns the rest."""
    try:
        return replies[os.write(fd, replies) :]
    except BlockingIOError:
        return replies
    except OSError:
        return b""


def _exit_status(process: Any) -> int:
    process.isalive()
    if process.signalstatus is not None:
        return 128 + int(process.signalstatus)
    return int(process.exitstatus or 0)
