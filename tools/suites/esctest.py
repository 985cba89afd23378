"""esctest2: its tests are run in this process, on a terminal instead of a TTY.

It has to know which terminal it judges; ghostpage says it is xterm, with window operations allowed and the reverse wraps
of its present versions.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ghostpage import Terminal

from suites.host import Host
from suites.result import Result

__all__ = ["run"]

LEVEL = 4
ARGUMENTS = [
    "--expected-terminal=xterm",
    f"--max-vt-level={LEVEL}",
    "--xterm-reverse-wrap=383",
    f"--logfile={os.devnull}",
    "--no-print-logs",
    "--v=2",
]


class Output:
    """Takes the place of the TTY that is written to."""

    def __init__(self, host: Host) -> None:
        self.write = host.write


def run(checkout: Path, only: str = "") -> Iterator[Result]:
    """Every test, or those whose name has ``only`` in it."""
    program, log, host = _load(checkout / "esctest")
    for name, method in program.MatchingNamesAndMethods():
        if only.lower() not in name.lower():
            continue
        log.log = ""
        host.replies.clear()
        passed = program.RunTest(name, method)
        yield Result(name, passed, _reason(log.log))


def _reason(log: str) -> str:
    """Where it failed and why, of a traceback."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    places = [line.split("/tests/")[1].replace('"', "") for line in lines if line.startswith("File ") and "/tests/" in line]
    raised = next((i for i, line in enumerate(lines) if line.startswith("esctypes.")), len(lines) - 1)
    return f"{places[-1] if places else ''}: {' | '.join(lines[raised:])}"


def _load(folder: Path) -> tuple[Any, Any, Host]:
    """Its main module, its log, and the host it writes to."""
    sys.path.insert(0, os.fspath(folder))
    sys.dont_write_bytecode = True
    channel, log = importlib.import_module("escio"), importlib.import_module("esclog")
    errors = importlib.import_module("esctypes")
    host = Host(Terminal(80, 25))

    def read(count: int) -> str:
        found = host.read(count)
        if len(found) < count:
            raise errors.InternalError("nothing to read")
        return found.decode("latin-1")

    channel.stdout_fd = Output(host)
    channel.read = read
    channel.Init = channel.Shutdown = lambda: None
    spec = importlib.util.spec_from_file_location("esctest_program", folder / "esctest.py")
    if spec is None or spec.loader is None:
        raise ImportError(f"{folder} has no esctest.py")
    program = importlib.util.module_from_spec(spec)
    arguments, sys.argv = sys.argv, ["esctest", *ARGUMENTS, "--include=$^", "--options", "xtermWinopsEnabled"]
    try:
        spec.loader.exec_module(program)  # runs, of no tests
    finally:
        sys.argv = arguments
    importlib.import_module("escargs").args.include = ""
    return program, log, host
