"""``ghostpage memory``: what a process has mapped, whose it is, and how full."""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

import ghostpage
from ghostpage import _publishing, sessions
from ghostpage.cli import _kernel, _report
from ghostpage.cli._common import CommandError, human, need, plain

__all__ = ["add"]

OWNERS = {
    "text": ("T", "green", "pages of text: history, and screens kept as text"),
    "grid": ("G", "yellow", "screens that are edited in place"),
    "adopted": ("A", "magenta", "pages of text that only snapshots read any more"),
    "pool": ("P", "blue", "kept for the next page, zeroed"),
    "withheld": ("W", "cyan", "given back, but not taken by the kernel yet; retried"),
    "nobody": ("!", "bold red", "a leak"),
}
SHADES = "·░▒▓█"
BACKGROUNDS = "on grey19", "on grey27"  # in turn, so that pages can be told apart
MAP_ROWS = 20

DESCRIPTION = """\
Shows what a process has mapped through ghostpage: by kind and owner, and as a map of its pages. A process answers that
asks to be asked: one that was started with GHOSTPAGE_PUBLISH=1 in its environment, or called
ghostpage.memory.publish(). Of any other only that is known which the kernel tells.
"""

EPILOG = """\
examples:
  ghostpage memory                              a demonstration, on terminals of this process's own
  GHOSTPAGE_PUBLISH=1 python app.py &           a program that may be asked,
  ghostpage memory $!                           and the question
  ghostpage memory 4711 --json                  figures for a program to read

owners, and their letters in the map where there are no colours (small: at most half full):
{owners}

The exit status is 1 if the process answers that its audit failed: something leaked.
"""


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "memory",
        help="show what a process has mapped, whose it is, and how full",
        description=DESCRIPTION,
        epilog=EPILOG.format(
            owners="\n".join(f"  {letter}  {name:9} {text}" for name, (letter, _, text) in OWNERS.items())
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(action=memory)
    parser.add_argument("process", nargs="?", default="self-demo", metavar="PID|self-demo", help="(default: self-demo)")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")


def memory(args: argparse.Namespace) -> int:
    need(*([] if args.json else ["rich.table", "rich.text"]))
    if args.process == "self-demo":
        with ExitStack() as stack:
            _demonstrate(stack)
            return _show(ghostpage.memory.report(), args.json, "a demonstration")
    pid = _pid(args.process)
    answer = _ask(pid)
    if answer is not None:
        return _show(answer, args.json, f"process {pid}, {_command(pid)}")
    return _show_kernel(pid, args.json)


def _pid(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text) > 0):
        raise CommandError(f"{plain(text)!r} is no process: give its number, or self-demo")
    if not Path(f"/proc/{int(text)}").exists():
        known = "there is no process" if Path("/proc/self").exists() else "this system does not tell about process"
        raise CommandError(f"{known} {int(text)}")
    return int(text)


def _command(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return "?"
    return plain(b" ".join(words).decode("utf-8", "replace").strip(), 80) or "?"


def _demonstrate(stack: ExitStack) -> None:
    """Terminals in every state: printing, edited, with a snapshot of what is gone, closed."""
    arena = stack.enter_context(ghostpage.Arena(standard_page=64 * 1024))
    limits = ghostpage.Limits(lines=4000)
    opened = {}
    for name in ("day", "vim", "git-log", "emoji"):
        session = sessions.load(name)
        opened[name] = stack.enter_context(
            ghostpage.Terminal(session.columns, session.rows, scrollback=limits, arena=arena)
        )
        opened[name].feed(session.data[: session.data.rfind(b"\x1b[?1049l")] if name == "vim" else session.data)
    stack.enter_context(opened["git-log"].snapshot())
    opened["git-log"].clear_history()
    opened["day"].feed("a very long line " * 20_000 + "\r\n")
    opened["emoji"].close()


# ---- what the process says -------------------------------------------------------------------------------------------


class _One(NamedTuple):
    """A mapping, as a process describes it."""

    address: int
    length: int
    kind: str
    owner: str
    terminal: int | None
    used: int
    resident: int | None


def _ask(pid: int) -> dict[str, Any] | None:
    try:
        answer = _publishing.ask(pid, os.stat(f"/proc/{pid}").st_uid)
    except OSError:
        return None
    if answer is None:
        return None
    try:
        report = json.loads(answer)
        _listed(report)
        bool(report["audit"]["ok"]), str(report["audit"]["violation"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise CommandError(f"process {pid} answers, but with nothing that makes sense") from None
    return dict(report)


def _listed(report: dict[str, Any]) -> list[_One]:
    """The mappings by address; TypeError, KeyError or ValueError where that is none."""
    found = []
    for one in report["mappings"]:
        numbers = one["address"], one["length"], one["used"]
        if not all(type(number) is int and 0 <= number < 1 << 64 for number in numbers) or not one["length"]:
            raise ValueError
        if one["owner"] not in OWNERS or one["kind"] not in ("small", "standard", "non-standard"):
            raise ValueError
        others = [None if one[name] is None else int(one[name]) for name in ("terminal", "resident")]
        found.append(_One(one["address"], one["length"], one["kind"], one["owner"], others[0], one["used"], others[1]))
    return sorted(found)


def _show(report: dict[str, Any], as_json: bool, title: str) -> int:
    sound = bool(report["audit"]["ok"])
    if as_json:
        _report.print_json({"source": "process", **report})
        return 0 if sound else 1
    mappings = _listed(report)
    tables, texts = need("rich.table", "rich.text")
    out = _report.console()
    table = tables.Table(title=texts.Text(title, "italic"), title_justify="left")
    for name in ("owner", "kind"):
        table.add_column(name)
    for name in ("terminals", "mappings", "mapped", "used", "resident"):
        table.add_column(name, justify="right")
    for owner, (_, color, _) in OWNERS.items():
        for kind in ("small", "standard", "non-standard"):
            these = [one for one in mappings if (one.owner, one.kind) == (owner, kind)]
            if these:
                table.add_row(f"[{color}]{owner}[/]", kind, *_cells(these))
    table.add_section()
    table.add_row("all", "", *_cells(mappings))
    out.print(table)
    if mappings:
        out.print()
        _draw(out, mappings)
    else:
        out.print("Nothing is mapped.")
    verdict = "audit: every mapping has one owner, and the kernel has them all" if sound else "AUDIT FAILED: "
    out.print()
    out.print(
        verdict + ("" if sound else plain(str(report["audit"]["violation"]))),
        style="bold green" if sound else "bold red",
        markup=False,
    )
    return 0 if sound else 1


def _cells(these: list[_One]) -> list[str]:
    terminals = {one.terminal for one in these} - {None}
    resident = [one.resident for one in these if one.resident is not None]
    return [
        f"{len(terminals):,}" if terminals else "",
        f"{len(these):,}",
        human(sum(one.length for one in these)),
        human(sum(one.used for one in these)),
        human(sum(resident)) if resident else "?",
    ]


# ---- the map ---------------------------------------------------------------------------------------------------------


def _draw(out: Any, mappings: list[_One]) -> None:
    """Pages by address, so many bytes a cell; a gap begins another row."""
    (texts,) = need("rich.text")
    width = max(16, min(out.width, 100) - 16)
    sizes = sorted(one.length for one in mappings)
    unit = max(4096, 1 << (sizes[len(sizes) // 2] // 8 - 1).bit_length())  # some eight cells for a usual page
    while sum(-(-one.length // unit) for one in mappings) > MAP_ROWS * width and unit < 1 << 40:
        unit *= 2
    coloured = out.color_system is not None
    rows = 0
    for run in _runs(mappings):
        cells = [
            cell
            for one, background in zip(run, cycle(BACKGROUNDS))
            for cell in _pictured(one, unit, background if coloured else None)
        ]
        for at in range(0, len(cells), width):
            rows += 1
            if rows <= MAP_ROWS:
                address = run[0].address + at * unit
                out.print(texts.Text.assemble((f"{address:#014x}  ", "dim"), *cells[at : at + width]), soft_wrap=True)
    if rows > MAP_ROWS:
        out.print(f"and {rows - MAP_ROWS:,} more rows")
    there = {one.owner for one in mappings}
    legend = [
        (f"{owner} " if coloured else f"{letter} {owner} ", color)
        for owner, (letter, color, _) in OWNERS.items()
        if owner in there
    ]
    shades = "shade: how full; underlined: non-standard" if coloured else "small letters: at most half full"
    out.print(texts.Text.assemble(f"a cell is {human(unit)}; ", *legend, f"({shades})"))


def _runs(mappings: Iterable[_One]) -> Iterator[list[_One]]:
    """Neighbours together."""
    run: list[_One] = []
    for one in mappings:
        if run and run[-1].address + run[-1].length != one.address:
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _pictured(one: _One, unit: int, background: str | None) -> Iterator[tuple[str, str]]:
    """Characters and their styles; letters where there is no colour for a background."""
    letter, color, _ = OWNERS[one.owner]
    count = -(-one.length // unit)
    full = 0.0 if one.owner in ("pool", "withheld") else min(1.0, one.used / one.length)
    for cell in range(count):
        if background:
            # Content fills a page from its ends; drawn from the left, as a bar that is as long as it is full.
            part = min(1.0, max(0.0, full * count - cell))
            glyph = SHADES[round(part * (len(SHADES) - 1))]
            yield glyph, f"{color} {background}" + (" underline" if one.kind == "non-standard" else "")
        else:
            yield letter if full > 0.5 else letter.lower(), ""


# ---- what the kernel says --------------------------------------------------------------------------------------------


def _show_kernel(pid: int, as_json: bool) -> int:
    known = _kernel.areas(pid)
    if known is None:
        raise CommandError(f"process {pid} does not answer, and its memory map may not be read: is it another user's?")
    named = [area for area in known if re.match(r"\[anon:ghostpage", area.path)]
    named_bytes = sum(area.stop - area.start for area in named)
    regions, size = _kernel.unnamed(known) or (0, 0)
    resident = _kernel.resident(pid)
    result = {
        "source": "kernel",
        "pid": pid,
        "named_regions": len(named),
        "named_bytes": named_bytes,
        "anonymous_regions": regions,
        "anonymous_bytes": size,
        "resident": resident,
    }
    if as_json:
        _report.print_json(result)
        return 0
    out = _report.console()
    out.print(f"process {pid}, {_command(pid)}, does not answer; what the kernel tells:\n", markup=False)
    if named:
        out.print(f"{len(named):,} regions of {human(named_bytes)} that have the name of ghostpage")
    else:
        out.print(
            "No region has the name of ghostpage: nothing is mapped, or this kernel gives no names (it was built without "
            "CONFIG_ANON_VMA_NAME), or the process does not use ghostpage."
        )
    out.print(f"{regions:,} regions of {human(size)} without a file in the whole process, whoever mapped them")
    if resident is not None:
        out.print(f"{human(resident)} resident in the whole process")
    out.print(
        "\nStarted with GHOSTPAGE_PUBLISH=1 in its environment, or after a call of ghostpage.memory.publish(), it will answer."
    )
    return 0
