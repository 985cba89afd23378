"""libvterm's tests, as far as they can be judged from outside: by the screen, the cursor, the pen and the replies.

Its state-level tests say what a layer below the screen is told to do: put a glyph, erase, scroll or move a rectangle. Here
the same is done to a copy of the screen as it was before, and the screen has to look like that. Tests of its parser's
callbacks, of 8-bit encodings, of damage, and of what its harness makes up (lines that it claims to have in scrollback) are
not counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from suites.libvterm_screen import Judge, NotJudged
from suites.libvterm_script import Step, Test, read
from suites.result import Result

__all__ = ["run"]

NOT_OF_A_SCREEN = re.compile(r"^(02|03|29)")


def run(checkout: Path, only: str = "") -> Iterator[Result]:
    """Every test, or those whose name has ``only`` in it."""
    for path in sorted((checkout / "t").glob("*.test")):
        judge = Judge()
        foreign = bool(NOT_OF_A_SCREEN.match(path.name))
        for test in read(path.read_text(encoding="utf-8")):
            name = f"{path.stem}: {test.name}"
            result = Result(name, None) if foreign else _run(judge, name, test)
            if only.lower() in name.lower():
                yield result


def _run(judge: Judge, name: str, test: Test) -> Result:
    """Passed if whatever of it can be judged is right; None if nothing can."""
    judged, wrong, skipped = 0, [], ""
    for step in test.steps:
        try:
            for found, expected in judge.step(step):
                judged += 1
                if found != expected:
                    wrong.append(f"{_written(step)}: {found!r}, expected {expected!r}")
        except NotJudged as reason:
            skipped = skipped or str(reason)
    if not judged or skipped:
        return Result(name, None, skipped)
    return Result(name, not wrong, " | ".join(wrong[:3]))


def _written(step: Step) -> str:
    return f"{step.command} {step.argument}"
