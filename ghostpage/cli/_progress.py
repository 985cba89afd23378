"""How far a command has come, on stderr: a bar that moves for a terminal, a line at every tenth for a log."""

from __future__ import annotations

import sys
import time
from typing import Any

from ghostpage.cli import _report
from ghostpage.cli._common import need

__all__ = ["Progress", "progress"]


class Progress:
    """What all kinds can do; this one tells nothing."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exception: object) -> None:
        pass

    def tell(self, done: float, text: str) -> None:
        """``done`` is the part that is behind us, 0 to 1."""


class _Lines(Progress):
    tenth = 0

    def tell(self, done: float, text: str) -> None:
        if done * 10 >= self.tenth:
            self.tenth = int(done * 10) + 1
            print(f"{done:4.0%} {text}", file=sys.stderr, flush=True)


class _Live(Progress):
    def __init__(self) -> None:
        (module,) = need("rich.progress")
        columns: list[Any] = [module.BarColumn(), module.TaskProgressColumn(), module.TextColumn("{task.description}")]
        # Refreshed by hand: no thread and no stack of one in the account of memory.
        self.bar = module.Progress(*columns, console=_report.console(sys.stderr), auto_refresh=False, transient=True)
        self.task = self.bar.add_task("", total=1.0)
        self.next = 0.0

    def __enter__(self) -> None:
        self.bar.start()

    def __exit__(self, *exception: object) -> None:
        self.bar.stop()

    def tell(self, done: float, text: str) -> None:
        if time.monotonic() >= self.next:
            self.next = time.monotonic() + 0.1
            self.bar.update(self.task, completed=done, description=text, refresh=True)


def progress(quiet: bool) -> Progress:
    """The kind that suits stderr."""
    if quiet:
        return Progress()
    return _Live() if sys.stderr.isatty() else _Lines()
