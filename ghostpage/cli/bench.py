"""``ghostpage bench``: this terminal beside others, on the same bytes in one run."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ghostpage.cli import _report
from ghostpage.cli._common import CommandError, count, need, plain, positive
from ghostpage.cli._comparing import Comparison, compare, known_workloads
from ghostpage.cli._peers import PEERS
from ghostpage.cli._progress import progress

__all__ = ["add"]

TERMINALS = [name for name in PEERS if not name.startswith("ghostpage ")]
"""Without ghostpage in other settings."""
CHOSEN = "ascii emoji cjk sgr truecolor long combining links redraw scroll_region edit short".split()

DESCRIPTION = """\
Feeds the same bytes to ghostpage and to every other terminal library that is found here, each in a process of its
own with its history full, in turns, and prints their throughput and how many times as fast ghostpage was. Nothing is
installed: a terminal that is not there is left out, and how to get it is said.
"""

EPILOG = """\
examples:
  ghostpage bench                                     twelve workloads, all terminals
  ghostpage bench ascii emoji vim --seconds 1         two workloads and a recording, in longer passes
  ghostpage bench --peers libghostty-vt avt --clock cpu
                                                      two others; CPU time, for a machine that does other work
  ghostpage bench --save bench.json --save bench.md   the figures for a program, and a table in Markdown

terminals: {terminals}
workloads and recordings:
{workloads}

Ratios within a run are what counts: speeds are the machine's. Terminals do not do the same work: libvterm keeps no
history, avt drops links. CPU time leaves out node's, where xterm.js runs.
"""


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "bench",
        help="measure feeding beside other terminal libraries",
        description=DESCRIPTION,
        epilog=EPILOG.format(terminals=", ".join(TERMINALS), workloads=_columns(known_workloads())),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(action=bench)
    option = parser.add_argument
    option("workloads", nargs="*", metavar="WORKLOAD", help=f"from below (default: {', '.join(CHOSEN)})")
    option("--peers", nargs="+", choices=TERMINALS, default=TERMINALS, metavar="NAME", help="others, from below (all)")
    option("--seconds", type=positive, default=0.3, metavar="S", help="length of a pass of one terminal (0.3)")
    option("--passes", type=count, default=5, metavar="N", help="passes of each (5)")
    option("--clock", choices=("wall", "cpu"), default="wall", help="what time is taken (wall)")
    option("--json", action="store_true", help="print one JSON object and nothing else")
    option("--save", type=_file, action="append", default=[], metavar="FILE", help="write it there too: .json or .md")
    option("--quiet", action="store_true", help="no progress on stderr")


def _columns(names: Sequence[str]) -> str:
    lines = (names[at : at + 3] for at in range(0, len(names), 3))
    return "\n".join("  " + "".join(f"{name:36}" for name in line).rstrip() for line in lines)


def _file(text: str) -> Path:
    if not text.endswith((".json", ".md")):
        raise argparse.ArgumentTypeError(f"{plain(text)!r} ends neither in .json nor in .md")
    return Path(text)


def bench(args: argparse.Namespace) -> int:
    need(*([] if args.json else ["rich.console", "rich.table"]))
    if unknown := [name for name in args.workloads if name not in known_workloads()]:
        raise CommandError(f"no workload {', '.join(map(plain, unknown))}; see ghostpage bench --help")
    names = list(dict.fromkeys(["ghostpage", *args.peers]))
    told = progress(args.quiet)
    with told:
        found = compare(
            names,
            args.workloads or CHOSEN,
            passes=args.passes,
            seconds=args.seconds,
            clock=args.clock,
            tell=told.tell,
        )
    if args.json:
        _report.print_json(found.report())
    else:
        _print(found)
    try:
        for path in args.save:
            with path.open("w", encoding="utf-8") as file:
                if path.suffix == ".json":
                    _report.print_json(found.report(), file)
                else:
                    file.write(found.markdown())
    except OSError as error:
        raise CommandError(str(error)) from None
    return 0


def _print(found: Comparison) -> None:
    (tables,) = need("rich.table")
    out = _report.console()
    table = tables.Table()
    for heading in found.headings():
        table.add_column(heading, justify="left" if heading == "workload" else "right")
    for row in found.rows():
        table.add_row(*row)
    out.print(table)
    for note in found.notes():
        out.print(note, markup=False)
