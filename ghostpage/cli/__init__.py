"""The command line: ``python -m ghostpage soak``, ``run``, ``replay``, ``export``, ``shell``, ``memory``, ``leak`` and ``bench``.

Exit status: 0 all is well, 1 memory leaked (``leak``: not as it should), 2 the command could not be carried out (one
line on stderr says why), 130 interrupted, 141 the reader of the output went away. ``run`` and ``shell`` end with the
status of the program they ran.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import NoReturn

from ghostpage.cli import bench, export, leak, memory, replay, run, shell, soak
from ghostpage.cli._common import CommandError

__all__ = ["main"]

COMMANDS = (soak, run, replay, export, shell, memory, leak, bench)


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see --help)\n")


def _version() -> str:
    try:
        return version("ghostpage")
    except PackageNotFoundError:
        return "(not installed)"


def build_parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="ghostpage",
        description="The buffer behind a terminal, with every byte of its memory accounted for.",
        epilog='"ghostpage COMMAND --help" tells more, with examples. Sizes are written 4096, 64K, 200M or 1.5G.',
    )
    parser.add_argument("--version", action="version", version=f"ghostpage {_version()}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        args = build_parser().parse_args(argv)
        status: int = args.action(args)
        sys.stdout.flush()
        return status
    except CommandError as error:
        return _fail(str(error))
    except MemoryError as error:
        return _fail(f"out of memory: {error}" if str(error) else "out of memory")
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The interpreter flushes stdout again when it ends; let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _fail(message: str) -> int:
    print(f"ghostpage: {' '.join(message.split())}", file=sys.stderr)
    return 2
