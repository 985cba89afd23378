"""Unicode's own tests, as cells: GraphemeBreakTest (UAX #29) and emoji-test (UTS #51), from an installed package.

A grapheme cluster has to be one cell, and an emoji sequence one wide cell. Tests with controls are left out, as those are
carried out and not printed. Both files are in Debian's unicode-data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ghostpage import Terminal

from suites.result import Result
from suites.sources import SourceMissing

__all__ = ["run"]

FOLDER = Path("/usr/share/unicode")


def run(only: str = "") -> Iterator[Result]:
    """Every test, or those whose name has ``only`` in it."""
    if not FOLDER.is_dir():
        raise SourceMissing(f"there is no {FOLDER}: the package unicode-data has it")
    for name, text, clusters, wide in [*_clusters(FOLDER), *_emoji(FOLDER)]:
        if only.lower() in name.lower():
            yield _judge(name, text, clusters, wide)


def _judge(name: str, text: str, clusters: list[str], wide: bool) -> Result:
    with Terminal(80, 2) as terminal:
        terminal.feed(text)
        width = terminal.cursor.x
        found = [cell.text or " " for cell in terminal.screen[0].cells[:width] if cell.width]
    wrong = []
    if found != clusters:
        wrong.append(f"{[_hex(cell) for cell in found]}, expected {[_hex(cluster) for cluster in clusters]}")
    if wide and width != 2:
        wrong.append(f"{width} columns, expected 2")
    return Result(name, not wrong, " | ".join(wrong))


def _clusters(folder: Path) -> Iterator[tuple[str, str, list[str], bool]]:
    source = (folder / "auxiliary" / "GraphemeBreakTest.txt").read_text(encoding="utf-8")
    for line in source.splitlines():
        marked = line.partition("#")[0].strip()
        if not marked:
            continue
        clusters = ["".join(map(_character, re.findall(r"[0-9A-F]+", part))) for part in marked.split("÷") if part.strip()]
        text = "".join(clusters)
        if not any(_is_control(character) for character in text):
            yield f"GraphemeBreakTest {marked}", text, clusters, False


def _emoji(folder: Path) -> Iterator[tuple[str, str, list[str], bool]]:
    source = (folder / "emoji" / "emoji-test.txt").read_text(encoding="utf-8")
    for line in source.splitlines():
        sequence, _, rest = line.partition(";")
        if line.startswith("#") or not rest:
            continue
        text = "".join(map(_character, sequence.split()))
        status = rest.split()[0]
        # Without its selector, one of text presentation may be narrow: it is the font's, and the tables', to say.
        yield f"emoji-test {_hex(text)} {status}", text, [text], status == "fully-qualified"


def _character(number: str) -> str:
    return chr(int(number, 16))


def _hex(text: str) -> str:
    return " ".join(f"{ord(character):04X}" for character in text)


def _is_control(character: str) -> bool:
    return ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0
