"""The exhibit of ``ghostpage leak``: one session on two cores, each in a process of its own that is watched from outside.

The processes are fed in step. After every piece they stand still, while what the kernel has mapped for them is read
from ``/proc/PID/maps`` here, where neither core has a say.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ghostpage
from ghostpage import Arena, Limits, Terminal, memory, workloads
from ghostpage.cli import _kernel
from ghostpage.cli._common import CommandError, plain

__all__ = ["Sample", "Subject", "perform", "session"]

SESSION = 2 << 20  # bytes, fed again and again


@dataclass(frozen=True)
class Sample:
    """What there was in one process when so many bytes had been fed. Bytes where nothing else is said."""

    fed: int
    mapped: int | None
    """Anonymous memory beyond that of the process before its terminal was opened, by the kernel's map; None where the
    kernel does not tell."""
    regions: int | None
    """Number of regions that it lies in, by the same map."""
    resident: int | None
    """Physical memory of the whole process, by the kernel."""
    owned: int
    """What the terminal and the pool say they hold."""
    ledger: int
    """What the ledger has."""
    orphans: int
    """Number of mappings in the ledger beyond those that are owned."""


def session(size: int, seed: int = 0) -> bytes:
    """An agent at work: a status of emoji and links in one unbroken line of 3 to 15 KB, then some rows of the same."""
    lines = workloads.units("emoji", seed)
    parts: list[bytes] = []
    length = 0
    while length < size:
        turn = len(parts)
        status = b" ".join(next(lines).rstrip(b"\r\n") for _ in range(20 + turn * 37 % 70))
        parts.append(status + b"\r\n" + b"".join(next(lines) for _ in range(30)))
        length += len(parts[-1])
    return b"".join(parts)


# ---- outside ---------------------------------------------------------------------------------------------------------

# The package is that of the parent. Its core is replaced before anything can import it.
_CHILD = """\
import importlib.util, sys
sys.path[0], core, options = sys.argv[1:]
if core:
    spec = importlib.util.spec_from_file_location("ghostpage._native", core)
    native = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(native)
    sys.modules["ghostpage._native"] = native
from ghostpage.cli._exhibit import perform
perform(options)
"""


class Subject:
    """A process with a core in it, ``core`` or the one in use here, and what was seen of it."""

    def __init__(self, name: str, core: Path | None, options: dict[str, Any]) -> None:
        self.name = name
        self.samples: list[Sample] = []
        package = Path(ghostpage.__file__).parent.parent
        self._process = subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(package), str(core or ""), json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._before: tuple[int, int] | None = None

    def sample(self) -> None:
        """Waits until the process has done what it was told, and looks at it."""
        figures = self._answer()
        pid = self._process.pid
        now = _kernel.unnamed(_kernel.areas(pid))
        if self._before is None:
            self._before = now or (0, 0)
        regions, mapped = (now[index] - self._before[index] if now else None for index in (0, 1))
        self.samples.append(Sample(mapped=mapped, regions=regions, resident=_kernel.resident(pid), **figures))

    def tell(self, word: str) -> None:
        """``feed`` or ``close``, after which :meth:`sample` has to follow."""
        assert self._process.stdin
        try:
            self._process.stdin.write(word + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # the answer tells why

    def audit(self) -> dict[str, Any]:
        """What ``memory.audit()`` says in the process, when all is closed."""
        self.tell("audit")
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout and self._process.stderr
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            why = self._process.stderr.read().strip() or f"exit status {self._process.returncode}"
            raise CommandError(f"the process of {self.name} ended: {plain(why.splitlines()[-1])}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


# ---- inside ----------------------------------------------------------------------------------------------------------


def perform(options: str) -> None:
    """What the process does: it opens a terminal, feeds a piece at every ``feed``, closes it, and audits what is left."""
    given = json.loads(options)
    data, piece = memoryview(session(SESSION)), given["piece"]
    fed = 0

    def report(owned: int, owned_mappings: int) -> None:
        ledger = memory.ledger()
        _say(fed=fed, owned=owned, ledger=ledger.bytes, orphans=ledger.mappings - owned_mappings)

    report(0, 0)
    with Arena(policy="replace", standard_page=given["standard_page"]) as arena:
        with Terminal(given["columns"], given["rows"], scrollback=Limits(lines=given["lines"]), arena=arena) as terminal:
            at = 0
            while sys.stdin.readline() == "feed\n":
                left = piece
                while left:
                    part = data[at : at + left]
                    terminal.feed(part)
                    at = (at + len(part)) % len(data)
                    left -= len(part)
                fed += piece
                use = arena.memory
                report(use.mapped, len(terminal.pages) + use.pooled_standard + use.pooled_nonstandard + use.pooled_small)
    report(0, 0)
    if sys.stdin.readline():
        audit = memory.audit()
        _say(ok=audit.ok, orphans=len(audit.orphans), bytes=sum(one.length for one in audit.orphans))
        sys.stdin.readline()


def _say(**answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
