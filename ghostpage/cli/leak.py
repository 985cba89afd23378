"""``ghostpage leak``: the bug that this project began with, and its fix, side by side and counted by the kernel."""

from __future__ import annotations

import argparse
import sys
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ghostpage.cli import _historic, _plot, _report
from ghostpage.cli._common import byte_size, count, human, need
from ghostpage.cli._exhibit import Sample, Subject
from ghostpage.cli._progress import Progress, progress

__all__ = ["add"]

DEFAULT_BYTES = 192 << 20
DEFAULT_PAGE = 4096
PIECES = 64  # looks at the processes
ROWS = 6  # of them in the table
COLORS = "red", "green"  # of the bug, of the fix

STORY = (
    "A terminal keeps what scrolled away in pages of memory. Most have one standard size; output full of emoji and links "
    "takes larger ones, which are mapped for the purpose and have to be unmapped when they go. In the bug the oldest page "
    "became the newest when the scrollback was full, whatever its size. Its header said 'standard' from then on, and when "
    "the page went at last it was taken for one that the pool of standard pages keeps: nobody unmapped it. The fix: what a "
    "mapping is, is written down once, when the kernel grants it, and a large one is unmapped."
)

EXPLAINED = {
    "output": "what the program in the terminal has printed so far; both terminals get the same bytes",
    "mapped": "memory that the process got since it opened its terminal, read from the kernel's own map of it, "
    "/proc/PID/maps",
    "regions": "in how many stretches that memory lies, by the same map, where neighbours count as one",
    "owned": "what the terminal itself says it holds: its pages, and the pool's",
    "orphans": "mappings that no page and no pool owns any more: nobody will ever give them back",
    "closed": "after the terminal and its pool were closed; nothing should be left",
}

DESCRIPTION = """\
Runs the leak that this project exists for, and the fix, on the same emoji-heavy output: two processes of one terminal
each, one with the historic mistake compiled into its core. The kernel is asked after every piece of output what they
have mapped, and again when the terminals are closed.
"""

EPILOG = """\
The historic core is compiled from the sources when it is not there yet, so that a checkout or an unpacked sdist and a
C compiler are needed; no installed ghostpage has the mistake in it. The standard page is small (4 KiB), so that a line
of emoji and links outgrows it as often as it does where pages set little room aside for them.

columns of the table:
{columns}

examples:
  ghostpage leak                              192 MiB of output, a table and a chart
  ghostpage leak --plot leak.png              the chart as a picture too (.png, .svg or .pdf)
  ghostpage leak --bytes 1G --at-most 256M    longer, but no more than 256 MiB lost
  ghostpage leak --json --quiet               figures for a program to read

The exit status is 0 if the old core leaked and the new one did not, and 1 if it was not so.
"""


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "leak",
        help="rerun the historic bug against the fix, counted by the kernel",
        description=DESCRIPTION,
        epilog=EPILOG.format(columns="\n".join(f"  {line}" for line in _explained(110))),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(action=leak)
    option = parser.add_argument
    option("--bytes", type=byte_size, default=DEFAULT_BYTES, metavar="SIZE", help="output to feed (default: 192M)")
    option("--at-most", type=byte_size, default=1 << 30, metavar="SIZE", help="stop when so much is mapped (1G)")
    option("--lines", type=count, default=1000, metavar="N", help="rows of scrollback to keep (default: 1000)")
    option("--standard-page", type=byte_size, default=DEFAULT_PAGE, metavar="SIZE", help="(default: 4K)")
    option("--sources", type=Path, metavar="DIR", help="where ghostpage's sources are (default: found by themselves)")
    option("--plot", type=Path, metavar="FILE.png", help="draw mapped bytes over output")
    option("--json", action="store_true", help="print one JSON object and nothing else")
    option("--quiet", action="store_true", help="no progress on stderr")


def leak(args: argparse.Namespace) -> int:
    need(*([] if args.json else ["rich.console", "rich.table", "plotille"]))
    if args.plot:
        _plot.check(args.plot)
    core = _historic.find_or_build(_historic.sources(args.sources), args.quiet)
    options = {
        "piece": max(1, args.bytes // PIECES),
        "lines": args.lines,
        "standard_page": args.standard_page,
        "columns": 80,
        "rows": 24,
    }
    subjects: list[Subject] = []
    try:
        for name, module in (("bug", core), ("fix", None)):
            subjects.append(Subject(name, module, options))
        with (told := progress(args.quiet)):
            stopped = _run(subjects, args.at_most, told)
        audits = [subject.audit() for subject in subjects]
    finally:
        for subject in subjects:
            subject.end()
    shown, verdict = _judge(subjects, audits)
    if args.json:
        result = {"shown": shown, "verdict": verdict, "stopped": stopped, **options, "explained": EXPLAINED}
        for subject, audit in zip(subjects, audits, strict=True):
            result[subject.name] = {"samples": [asdict(one) for one in subject.samples], "audit": audit}
        _report.print_json(result)
    else:
        _print(subjects, stopped)
        _report.console().print(verdict, style="bold green" if shown else "bold red", markup=False)
    if args.plot:
        _plot.draw_leak(args.plot, verdict, *(subject.samples for subject in subjects))
    return 0 if shown else 1


def _run(subjects: list[Subject], at_most: int, told: Progress) -> bool:
    """All in step, to the end or to where too much is mapped; says whether it was stopped."""
    for subject in subjects:
        subject.sample()
    stopped = False
    for piece in range(PIECES):
        told.tell(piece / PIECES, _text(subjects))
        for subject in subjects:
            subject.tell("feed")
        for subject in subjects:
            subject.sample()
        stopped = any(_held(subject.samples[-1]) > at_most for subject in subjects)
        if stopped:
            break
    told.tell(1.0, _text(subjects))
    for subject in subjects:
        subject.tell("close")
        subject.sample()
    return stopped


def _held(sample: Sample) -> int:
    """By the kernel, or by the ledger where that does not tell."""
    return sample.ledger if sample.mapped is None else sample.mapped


def _text(subjects: list[Subject]) -> str:
    mapped = ", ".join(f"{human(_held(subject.samples[-1]))} with the {subject.name}" for subject in subjects)
    return f"{human(subjects[0].samples[-1].fed)} of output; mapped: {mapped}"


def _judge(subjects: list[Subject], audits: list[dict[str, Any]]) -> tuple[bool, str]:
    bug, fix = audits
    left = subjects[0].samples[-1]
    if not fix["ok"] or subjects[1].samples[-1].ledger:
        return False, f"THE FIX LEAKED: {human(subjects[1].samples[-1].ledger)} are left after close()"
    if not bug["orphans"]:
        return False, f"{human(left.fed)} of such output were too few for the bug to show: feed more --bytes"
    kernel = "" if left.mapped is None else f" (by the kernel's map {human(left.mapped)})"
    return True, (
        f"Closed, the terminal with the bug leaves {bug['orphans']:,} mappings of {human(bug['bytes'])}{kernel} that nobody "
        "owns. The one with the fix leaves none."
    )


# ---- the result ------------------------------------------------------------------------------------------------------


def _explained(width: int) -> list[str]:
    lines = []
    for name, text in EXPLAINED.items():
        lines += textwrap.wrap(text, width, initial_indent=f"{name:9}", subsequent_indent=" " * 9)
    return lines


def _print(subjects: list[Subject], stopped: bool) -> None:
    tables, boxes = need("rich.table", "rich.box")
    out = _report.console()
    out.print(f"{STORY}\n", markup=False)
    table = tables.Table(title="sizes in MiB", title_justify="left", box=boxes.SIMPLE_HEAD, padding=(0, 1))
    table.add_column("\noutput", justify="right")
    for subject, color in zip(subjects, COLORS, strict=True):
        for name in ("mapped", "regions", "owned", "orphans"):
            table.add_column(f"{subject.name}\n{name}", justify="right", style=color if name == "mapped" else None)
    last = len(subjects[0].samples) - 2
    chosen = sorted({round(last * row / ROWS) for row in range(ROWS + 1)})
    for index, name in [*((index, "") for index in chosen), (-1, "closed")]:
        samples = [subject.samples[index] for subject in subjects]
        table.add_row(name or _mebibytes(samples[0].fed), *(cell for sample in samples for cell in _cells(sample)))
        if index == last:
            table.add_section()
    out.print(table)
    for line in _explained(out.width):
        out.print(line, markup=False)
    out.print()
    sys.stdout.write(_chart(subjects, out.width))
    if stopped:
        out.print("Stopped before the end: as much was mapped as --at-most allows.")


def _cells(sample: Sample) -> list[str]:
    regions = "?" if sample.regions is None else f"{max(sample.regions, 0):,}"
    return [_mebibytes(sample.mapped), regions, _mebibytes(sample.owned), f"{sample.orphans:,}"]


def _mebibytes(size: int | None) -> str:
    return "?" if size is None else f"{max(size, 0) / 2**20:,.1f}"


def _chart(subjects: list[Subject], width: int) -> str:
    """Mapped bytes over output, in Braille dots; nothing where they cannot be printed."""
    try:
        "\N{BRAILLE PATTERN BLANK}".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return ""
    (plotille,) = need("plotille")
    figure = plotille.Figure()
    figure.width, figure.height = max(20, min(width, 100) - 32), 12
    figure.origin = False
    figure.x_label, figure.y_label = "MiB of output", "MiB mapped"
    figure.x_ticks_fkt = figure.y_ticks_fkt = lambda value, step: f"{value:.0f}"
    lines = [[(one.fed / 2**20, max(_held(one), 0) / 2**20) for one in subject.samples[:-1]] for subject in subjects]
    figure.set_x_limits(0, lines[0][-1][0])
    figure.set_y_limits(0, max(1.0, *(height for line in lines for _, height in line)))
    for line, color, subject in zip(lines, COLORS, subjects, strict=True):
        figure.plot(*zip(*line, strict=True), lc=color, label=f"the {subject.name}")
    return f"{figure.show(legend=True)}\n\n"
