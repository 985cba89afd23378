"""``ghostpage soak``: real sessions through terminals for as long as it takes to be sure that nothing leaks."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ghostpage
from ghostpage import sessions, workloads
from ghostpage.cli import _plot, _report
from ghostpage.cli._common import (
    CommandError,
    add_size_options,
    byte_size,
    count,
    duration,
    human,
    need,
    open_terminal,
    plain,
    recording,
)
from ghostpage.cli._progress import progress
from ghostpage.cli._soaking import Plan, Soak, Source

__all__ = ["add"]

DEFAULT_BYTES = 256 << 20
GENERATED = 8 << 20  # bytes of a workload, fed again and again
SHORTEST = 1 << 20  # shorter recordings are repeated up to this, so that the pieces are full

DESCRIPTION = """\
Feeds a session through several terminals at once, with pruning active, resizing them and closing and opening some on
the way. Then accounts for every mapping: by the ledger, by audit(), and by what the kernel says. With --compare, what
each terminal shows at its end is compared with a fresh one's that is fed the same in other pieces.
"""

EPILOG = """\
examples:
  ghostpage soak                                      256 MiB of the shipped session "{default}"
  ghostpage soak agent --policy replace --bytes 1G    a session by name, the other policy
  ghostpage soak --workload emoji --standard-page 16K --plot soak.png
                                                      generated output, and pages so small that many are non-standard
  ghostpage soak --mixed --terminals 50 --snapshot-every 100 --compare --for 1h
                                                      all recordings and workloads, for an hour (make soak)
  ghostpage soak build.cast --cycles 50 --json        a file, fifty terminals opened and closed

recordings: {recordings}
workloads:
{workloads}

The exit status is 1 if anything leaked: a mapping left after the last terminal was closed, one without an owner at any
time, one on which the kernel and the ledger disagree, or resident memory that no terminal owns and that grew over the
second half. So it is if a terminal or a snapshot showed what it should not.
"""


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "soak",
        help="feed a session for a long time and prove that nothing leaks",
        description=DESCRIPTION,
        epilog=EPILOG.format(
            default=sessions.DEFAULT,
            recordings=", ".join(sessions.names()),
            workloads="\n".join(f"  {name:24} {workloads.describe(name)}" for name in workloads.names()),
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(action=soak)

    group = parser.add_argument_group("what is fed").add_argument
    group("recording", nargs="?", metavar="FILE|NAME", help="an asciicast, plain output, or a name from below")
    group("--mixed", action="store_true", help="all recordings and workloads: each terminal gets one of them at random")
    group("--workload", metavar="NAME", help="generated output instead of a recording")
    group("--seed", type=int, default=0, metavar="N", help="for the workload and the sizes (default: 0)")
    group("--bytes", type=byte_size, metavar="SIZE", help="stop after so much output (256M, or no end with --cycles)")
    group("--cycles", type=count, metavar="N", help="stop when so many terminals have been closed")
    group("--for", type=duration, dest="seconds", metavar="TIME", help="stop after so much time: 90, 30s, 10m, 1h")
    group("--life", type=byte_size, default=16 << 20, metavar="SIZE", help="output until a terminal is closed, on average (16M)")

    terminals = parser.add_argument_group("terminals")
    group = terminals.add_argument
    group("--terminals", type=count, default=4, metavar="N", help="how many are open at once, on one arena (4)")
    add_size_options(terminals, "the recording's, or 120 by 40")
    group("--snapshot-every", type=int, default=0, metavar="N", help="a snapshot after N pieces of 64 KiB; 0: never (0)")
    group("--compare", action="store_true", help="compare what terminals show at their end with fresh ones")
    group("--resize-every", type=int, default=64, metavar="N", help="resize after N pieces of 64 KiB; 0: never (64)")

    group = parser.add_argument_group("memory").add_argument
    group("--policy", choices=("adaptive", "replace"), default="adaptive", help="for non-standard pages (adaptive)")
    group("--standard-page", type=byte_size, metavar="SIZE", help="size of a standard page (default: the arena's)")
    group("--arena-limit", type=byte_size, metavar="SIZE", help="bytes for all terminals together (default: no limit)")

    group = parser.add_argument_group("output").add_argument
    group("--json", action="store_true", help="print one JSON object and nothing else")
    group("--plot", type=Path, metavar="FILE.png", help="draw mapped bytes and RSS over output fed")
    group("--quiet", action="store_true", help="no progress on stderr")


def soak(args: argparse.Namespace) -> int:
    need(*([] if args.json else ["rich.console", "rich.table"]))
    if args.plot:
        _plot.check(args.plot)
    plan = _plan(args)
    told = progress(args.quiet)
    run = Soak(plan)
    with told:
        run.feed(lambda: told.tell(run.done, _text(run)))
    run.finish()
    result = run.summary()
    if args.json:
        _report.print_json(result)
    else:
        _print(run, result)
    if args.plot:
        ceiling = args.arena_limit or (args.limit_bytes and args.limit_bytes * args.terminals)
        _plot.draw(args.plot, f"ghostpage soak: {plan.title}", run.verdict, run.samples, run.closings, ceiling)
    return 1 if run.leaks or run.differences else 0


def _plan(args: argparse.Namespace) -> Plan:
    if bool(args.workload) + bool(args.recording) + args.mixed > 1:
        raise CommandError("a recording, --workload and --mixed: only one of them can be fed")
    if args.mixed:
        name = "everything"
        sources = [_recorded(args, sessions.load(each)) for each in sessions.names()]
        sources += [_generated(args, each, SHORTEST) for each in workloads.names()]
    elif args.workload:
        name, sources = args.workload, [_generated(args, args.workload, GENERATED)]
    else:
        session = recording(args.recording or sessions.DEFAULT)
        name, sources = plain(session.name), [_recorded(args, session)]
    size = f"{sources[0].columns}x{sources[0].rows}, " if len(sources) == 1 else ""
    return Plan(
        title=f"{name}, {args.policy}, {size}{args.terminals} at once",
        sources=sources,
        terminals=args.terminals,
        life=args.life,
        bytes=args.bytes or (None if args.cycles or args.seconds else DEFAULT_BYTES),
        cycles=args.cycles,
        seconds=args.seconds,
        resize_every=max(0, args.resize_every),
        snapshot_every=max(0, args.snapshot_every),
        compare=args.compare,
        seed=args.seed,
        open_arena=lambda: _open_arena(args),
        open_terminal=lambda columns, rows, arena: open_terminal(args, columns, rows, arena),
    )


def _generated(args: argparse.Namespace, name: str, length: int) -> Source:
    columns, rows = args.columns or 120, args.rows or 40
    try:
        return Source(workloads.generate(name, length, args.seed, columns=columns, rows=rows), columns, rows)
    except ValueError as error:
        raise CommandError(plain(str(error), 500)) from None


def _recorded(args: argparse.Namespace, session: sessions.Session) -> Source:
    if not session.data:
        raise CommandError(f"there is no output in {plain(session.name)}")
    data = session.data * -(-SHORTEST // len(session.data))
    return Source(data, args.columns or session.columns, args.rows or session.rows)


def _open_arena(args: argparse.Namespace) -> ghostpage.Arena:
    given = {"standard_page": args.standard_page, "limit": args.arena_limit}
    try:
        return ghostpage.Arena(
            policy=args.policy, **{name: value for name, value in given.items() if value is not None}
        )
    except (ValueError, OverflowError) as error:
        raise CommandError(str(error)) from None


# ---- progress --------------------------------------------------------------------------------------------------------


def _text(run: Soak) -> str:
    sample = run.samples[-1]
    rss = "" if sample.resident is None else f", RSS {human(sample.resident)}"
    speed = run.fed / max(run.seconds, 1e-9) / 1e6
    ledger = f"{sample.ledger.mappings:,} mappings of {human(sample.ledger.bytes)}"
    return f"{human(run.fed)} at {speed:,.0f} MB/s, {ledger}{rss}"


# ---- the result, on stdout -------------------------------------------------------------------------------------------


def _number(key: str) -> Callable[[dict[str, int | None]], str]:
    return lambda moment: "?" if moment[key] is None else f"{moment[key]:,}"


def _size(key: str) -> Callable[[dict[str, int | None]], str]:
    return lambda moment: "?" if (size := moment[key]) is None else human(size)


def _found(moment: dict[str, int | None]) -> str:
    return "?" if moment["kernel_mappings"] is None else f"{moment['kernel_mappings']:,} of {moment['kernel_asked']:,}"


ACCOUNT = (
    ("mappings", _number("mappings")),
    ("  standard", _number("standard_mappings")),
    ("  non-standard", _number("nonstandard_mappings")),
    ("  small", _number("small_mappings")),
    ("  in the pool", _number("pooled_mappings")),
    ("  found in /proc/self/maps", _found),
    ("mapped", _size("bytes")),
    ("  non-standard", _size("nonstandard_bytes")),
    ("  in the pool", _size("pooled_bytes")),
    ("whole process, /proc/self/maps", _size("kernel_anonymous")),
    ("whole process, resident (RSS)", _size("resident")),
)


def _print(run: Soak, result: dict[str, Any]) -> None:
    (tables,) = need("rich.table")
    out = _report.console()
    course = tables.Table(title=f"soak: {run.plan.title}", title_justify="left", show_header=False)
    course.add_column()
    course.add_column()
    for name, text in _course(run):
        course.add_row(name, text)
    account = tables.Table()
    account.add_column("")
    for moment in ("start", "peak", "end"):
        account.add_column(moment, justify="right")
    for name, show in ACCOUNT:
        account.add_row(name, *(show(result[moment]) for moment in ("start", "peak", "end")))
    out.print(course)
    out.print(account)
    found = run.leaks + run.differences
    out.print(run.verdict, style="bold red" if found else "bold green", markup=False)
    for one in found[1:]:
        out.print(f"  {one}", markup=False)


def _course(run: Soak) -> list[tuple[str, str]]:
    totals, counters = run.totals, run.totals.counters
    text, grid = counters["text_mode_bytes"], counters["grid_mode_bytes"]
    pruned = (
        f"{counters['rows_pruned']:,} rows"
        if counters["rows_pruned"]
        else "nothing: feed more --bytes or keep fewer --lines"
    )
    return [
        ("fed", f"{human(run.fed)} in {run.seconds:.2f} s: {run.fed / max(run.seconds, 1e-9) / 1e6:,.0f} MB/s"),
        ("terminals", f"{totals.opened:,} opened, {totals.closed:,} closed, resized {totals.resized:,} times"),
        ("pruned", pruned),
        ("printed", f"{text / max(text + grid, 1):.1%} in text mode, {grid / max(text + grid, 1):.1%} in grid mode"),
        (
            "pages",
            ", ".join(f"{counters[f'pages_{verb}']:,} {verb}" for verb in ("pruned", "recycled", "mapped", "unmapped")),
        ),
        (
            "non-standard",
            ", ".join(f"{counters[f'nonstandard_{verb}']:,} {verb}" for verb in ("born", "recycled", "retired")),
        ),
        *([("compared", f"{totals.compared:,} terminals with fresh ones, {totals.snapshots:,} snapshots with what they showed")]
          if run.plan.compare or totals.snapshots else []),
        *([("second half", _growth(run))] if run.resident_growth is not None else []),
        ("at most", ", ".join(f"{number:,} {kind}" for kind, number in sorted(run.pages.items())) or "no pages"),
    ]


def _growth(run: Soak) -> str:
    resident, unowned = run.resident_growth or 0, run.unowned_growth or 0
    return f"RSS grew by {human(resident)}, without what terminals own by {human(unowned)}"
