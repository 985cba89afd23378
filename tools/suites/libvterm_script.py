"""The language of libvterm's test files: commands, what has to come of them, and questions about the state after.

Strings in it are Perl's; of Perl there is as much here as those files need.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Step", "Test", "numbers", "read", "string"]

_ESCAPES = {"e": b"\x1b", "n": b"\n", "r": b"\r", "t": b"\t", "a": b"\a", "b": b"\b", "f": b"\f", "0": b"\0"}
_PART = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|\.|x\s*(\d+))', re.DOTALL)


@dataclass
class Step:
    """A command with the events that it has to cause, or a question (``?``) with its answer."""

    command: str
    argument: str
    expected: list[str] = field(default_factory=list)


@dataclass
class Test:
    """What stands under a heading. State goes on from one to the next."""

    name: str
    steps: list[Step] = field(default_factory=list)


def string(expression: str) -> bytes:
    """Value of ``"..."``, with ``.`` and ``x``."""
    parts: list[bytes] = []
    at = 0
    while at < len(expression.rstrip()):
        part = _PART.match(expression, at)
        if not part:
            raise ValueError(f"not understood: {expression!r}")
        at = part.end()
        if part[1] is not None:
            parts.append(_unescape(part[1]))
        elif part[2] is not None:
            parts[-1] *= int(part[2])
    return b"".join(parts)


def _unescape(text: str) -> bytes:
    def value(match: re.Match[str]) -> str:
        if match[1] is not None:
            return chr(int(match[1], 16))
        return _ESCAPES.get(match[2], match[2].encode("latin-1")).decode("latin-1")

    return re.sub(r"\\(?:x\{?([0-9A-Fa-f]{1,2})\}?|(.))", value, text).encode("latin-1")


def numbers(text: str) -> list[int]:
    """``0x41,0x42``, or the characters of a string."""
    text = text.strip()
    return list(string(text)) if text.startswith('"') else [int(part, 0) for part in text.split(",") if part]


def read(source: str) -> Iterator[Test]:
    """The tests of a file."""
    test = Test("(before the first heading)")
    for line in _lines(source):
        if line.startswith("!"):
            if test.steps:
                yield test
            test = Test(line[1:])
        elif line.startswith("?"):
            question, _, answer = line[1:].partition("=")
            kind, _, argument = question.strip().partition(" ")
            test.steps.append(Step("?" + kind, argument.strip(), [answer.strip()]))
        elif line[0].isupper():
            command, _, argument = line.partition(" ")
            test.steps.append(Step(command, argument.strip()))
        else:
            test.steps[-1].expected.append(line)
    yield test


def _lines(source: str) -> Iterator[str]:
    for line in source.splitlines():
        line = line.strip()
        if line == "__END__":
            return
        if line and not line.startswith("#"):
            yield from _unrolled(line)


def _unrolled(line: str) -> Iterator[str]:
    if match := re.match(r"\$SEQ\s+(\d+)\s+(\d+):\s*(.*)", line):
        for value in range(int(match[1]), int(match[2]) + 1):
            yield from _unrolled(match[3].replace("\\#", str(value)))
    elif match := re.match(r"\$REP\s+(\d+):\s*(.*)", line):
        for _ in range(int(match[1])):
            yield from _unrolled(match[2])
    else:
        yield line
