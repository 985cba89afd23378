"""What the commands share: errors, sizes, options, inputs, and the libraries of the ``cli`` extra."""

from __future__ import annotations

import argparse
import math
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import ghostpage
from ghostpage import sessions

__all__ = [
    "CommandError",
    "add_size_options",
    "byte_size",
    "count",
    "duration",
    "human",
    "need",
    "open_terminal",
    "plain",
    "recording",
]

UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
MAX_BYTES = (1 << 63) - 1


class CommandError(Exception):
    """Why a command cannot be carried out, in one line."""


def need(*modules: str, extra: str = "cli") -> list[Any]:
    """Imports modules of an extra, or says how to get them."""
    found = []
    for name in modules:
        try:
            found.append(import_module(name))
        except ImportError:
            raise CommandError(f'{name.partition(".")[0]} is missing: pip install "ghostpage[{extra}]"') from None
    return found


# ---- numbers in and out ----------------------------------------------------------------------------------------------


def byte_size(text: str) -> int:
    """A number of bytes as people write it: 4096, 64K, 200M, 1.5GiB (powers of 1024), 200MB (powers of 1000)."""
    match = re.fullmatch(r"(\d{1,19}(?:\.\d{1,19})?)\s*([kmgt]?)(i?b)?", text.strip().lower(), re.ASCII)
    if not match:
        raise argparse.ArgumentTypeError(f"{plain(text)!r} is no size; write 4096, 64K, 200M or 1.5G")
    number, unit, tail = match.groups()
    factor = UNITS[unit]
    if unit and tail == "b":
        factor = 1000 ** "kmgt".index(unit) * 1000
    size = int(number) * factor if number.isdigit() else int(float(number) * factor)
    if not 1 <= size <= MAX_BYTES:
        raise argparse.ArgumentTypeError(f"{plain(text)} is out of range; from 1 byte to 2^63-1")
    return size


def count(text: str) -> int:
    """A whole number from 1 on; 10_000 and 10,000 are fine."""
    digits = text.replace("_", "").replace(",", "")
    if not (digits.isascii() and digits.isdigit() and 0 < len(digits) < 19 and int(digits) > 0):
        raise argparse.ArgumentTypeError(f"{plain(text)!r} is no number from 1 on")
    return int(digits)


def positive(text: str) -> float:
    """A number above zero."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{plain(text)!r} is no number above 0")
    return number


def duration(text: str) -> float:
    """Seconds, from a number of them, or of minutes or hours: 90, 30s, 10m, 1.5h."""
    number, unit = (text[:-1], text[-1]) if text[-1:] in {"s", "m", "h"} else (text, "s")
    return positive(number) * {"s": 1, "m": 60, "h": 3600}[unit]


def human(size: float) -> str:
    """Bytes for people: 512 B, 64.0 KiB, 12.5 MiB."""
    if abs(size) < 1024:
        return f"{size:,.0f} B"
    units = ["KiB", "MiB", "GiB", "TiB"]
    power = min(int(abs(size)).bit_length() - 1, 40) // 10
    return f"{size / (1 << 10 * power):,.1f} {units[power - 1]}"


def plain(text: str, limit: int = 200) -> str:
    """Text from outside, without what a terminal would obey."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:limit])


# ---- terminals and what is fed to them -------------------------------------------------------------------------------


def add_size_options(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument("--columns", type=count, metavar="N", help=f"width of the window (default: {default})")
    parser.add_argument("--rows", type=count, metavar="N", help=f"height of the window (default: {default})")
    parser.add_argument(
        "--lines", type=count, default=10_000, metavar="N", help="rows of history to keep (default: 10000)"
    )
    parser.add_argument("--limit-bytes", type=byte_size, metavar="SIZE", help="bytes to keep, everything counted")


def open_terminal(
    args: argparse.Namespace, columns: int, rows: int, arena: ghostpage.Arena | None = None
) -> ghostpage.Terminal:
    limits = ghostpage.Limits(lines=args.lines, bytes=args.limit_bytes)
    try:
        return ghostpage.Terminal(columns, rows, scrollback=limits, arena=arena)
    except (ValueError, OverflowError) as error:
        raise CommandError(str(error)) from None


def recording(name: str) -> sessions.Session:
    """The session shipped under this name, or the one in the file of this name."""
    try:
        if name in sessions.names():
            return sessions.load(name)
        if not Path(name).exists():
            known = ", ".join(sessions.names())
            raise CommandError(f"no file and no recording {plain(name)!r}; recordings: {known}")
        return sessions.read(name)
    except (sessions.RecordingError, ValueError) as error:
        raise CommandError(plain(str(error), 500)) from None
