"""xterm.js's fixtures: what a program prints, and the screen of 80 by 25 that xterm makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ghostpage import Terminal

from suites.result import Result

__all__ = ["run"]

FOLDER = "test/fixtures/escape_sequence_files"


def run(checkout: Path, only: str = "") -> Iterator[Result]:
    """Every fixture, or those whose name has ``only`` in it."""
    for printed in sorted((checkout / FOLDER).glob("*.in")):
        if only.lower() not in printed.name.lower():
            continue
        expected = [line.rstrip() for line in printed.with_suffix(".text").read_text(encoding="utf-8").split("\n")]
        with Terminal(80, 25) as terminal:
            # They are meant to come through a TTY, which makes CR LF of LF.
            terminal.feed(b"\r\n\x1bc\x1b[H" + printed.read_bytes().replace(b"\n", b"\r\n"))
            found = [row.text.rstrip() for row in terminal.screen]
        while expected and not expected[-1]:
            expected.pop()
        while found and not found[-1]:
            found.pop()
        wrong = [
            f"row {y}: {was!r}, expected {wanted!r}"
            for y, (was, wanted) in enumerate(zip(found + [""] * 25, expected + [""] * 25, strict=False))
            if was != wanted
        ]
        yield Result(printed.stem, not wrong, " | ".join(wrong[:4]))
