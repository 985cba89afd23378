"""The gate: instructions that the core takes for fixed work, against the figures kept beside this file.

``make gate`` prints a table and fails where a count is more than 2 % above the kept one. ``make gate-update`` lowers
figures; one that has to rise is named: ``make gate-update RAISE="emoji recorded-vim"``. Counts are callgrind's, of the functions
that are called by gp_terminal_feed, so that neither the machine's speed nor its load matters, and seconds are never
asserted. They do depend on the compiler, the C library and what they choose for a CPU: figures are kept for each such
set of tools, and where there are none for the one at hand, or no valgrind, the gate says so and lets pass.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ghostpage import sessions, workloads

HERE = Path(__file__).resolve().parent
CORE = HERE.parent.parent / "csrc"
KEPT = HERE / "counts.json"
PIECE = 300 * 1024
PARTS = 4
TOLERANCE = 0.02

Counts = dict[str, int]


class CannotCount(Exception):
    """There is nothing to compare with here; the message says why."""


# ---- the work --------------------------------------------------------------------------------------------------------


def work() -> dict[str, bytes]:
    """300 KiB of each workload and of each recording: over and over where it is shorter, parts of it where it is longer."""
    pieces = {name: workloads.generate(name, PIECE)[:PIECE] for name in workloads.names()}
    for name in sessions.names():
        data = sessions.load(name).data
        data *= -(-PIECE // len(data))
        begins = range(0, len(data), -(-len(data) // PARTS))
        pieces[f"recorded-{name}"] = b"".join(data[begin : begin + PIECE // PARTS] for begin in begins)
    return pieces


def run(*command: str) -> str:
    done = subprocess.run(command, text=True, capture_output=True)
    if done.returncode:
        raise SystemExit(f"gate: failed, {command[0]}:\n{done.stderr}")
    return done.stdout


def build(driver: Path) -> None:
    """The driver with all of the core, by the flags of a release."""
    sys.path.insert(0, str(CORE))
    from build_native import compile_flags

    compile_args, link_args = compile_flags(set())
    flags = [*compile_args, "-DNDEBUG", "-fPIC", f"-I{CORE}"]
    units = [HERE / "driver.c", *sorted(CORE.glob("*/*.c"))]
    objects = [driver.parent / f"{unit.parent.name}-{unit.stem}.o" for unit in units]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(lambda unit, made: run("gcc", *flags, "-c", str(unit), "-o", str(made)), units, objects):
            pass
    run("gcc", *map(str, objects), *link_args, "-o", str(driver))


def count() -> tuple[str, Counts, Counts]:
    """The set of tools; instructions; checksums of what was fed."""
    for tool in ("gcc", "valgrind"):
        if not shutil.which(tool):
            raise CannotCount(f"{tool} is not installed")
    pieces = work()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        build(folder / "driver")
        files = [folder / f"{number}.in" for number in range(len(pieces))]
        for file, piece in zip(files, pieces.values(), strict=True):
            file.write_bytes(piece)
        cpu = run(
            *("valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={folder / 'profile'}"),
            *("--toggle-collect=gp_terminal_feed", "--dump-after=gate_work", str(folder / "driver"), *map(str, files)),
        ).strip()
        profiles = [(folder / f"profile.{number}").read_text() for number in range(1, len(pieces) + 1)]
    totals = [re.search(r"^totals: (\d+)$", profile, re.MULTILINE) for profile in profiles]
    if not all(totals):
        raise CannotCount("callgrind wrote no totals")
    versions = [f"gcc {run('gcc', '-dumpfullversion').strip()}", " ".join(platform.libc_ver())]
    tools = ", ".join([*versions, run("valgrind", "--version").strip().replace("-", " "), cpu])
    counts = {name: int(total[1]) for name, total in zip(pieces, totals, strict=True) if total}
    return tools, counts, {name: zlib.crc32(piece) for name, piece in pieces.items()}


# ---- the comparison --------------------------------------------------------------------------------------------------


def table(kept: Counts, counts: Counts) -> str:
    lines = [f"{'':24}{'kept':>14}{'now':>14}  ratio"]
    for name, now in counts.items():
        ratio = f"{now / kept[name]:7.3f}" if name in kept else "    new"
        lines.append(f"{name:24}{kept.get(name, 0):14,}{now:14,}{ratio}")
    return "\n".join(lines)


def violations(kept: Counts, counts: Counts) -> list[str]:
    """What is above the kept figures, or has none."""
    return [name for name, now in counts.items() if now > kept.get(name, 0) * (1 + TOLERANCE)]


def updated(kept: Counts, counts: Counts, raised: list[str]) -> Counts:
    """The lower figures, but for those that are to rise and those of other work than before."""
    return {name: now if name in raised else min(now, kept.get(name, now)) for name, now in counts.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="keep what is lower or new")
    parser.add_argument("--raise", dest="raised", nargs="*", default=[], metavar="NAME", help="figures that may rise")
    options = parser.parse_args()
    known = json.loads(KEPT.read_text(encoding="utf-8"))
    try:
        tools, counts, inputs = count()
    except CannotCount as reason:
        print(f"gate: skipped, {reason}")
        return 0
    if unknown := set(options.raised) - set(counts):
        parser.error(f"no work {', '.join(sorted(unknown))}; there are {', '.join(counts)}")
    changed = [name for name, checksum in inputs.items() if known["inputs"].get(name) != checksum]
    kept: Counts = known["counts"].get(tools, {})
    print(tools)
    print(table(kept, counts))
    if options.update:
        known["inputs"] = inputs
        known["counts"][tools] = updated(kept, counts, [*options.raised, *changed])
        KEPT.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
        return 0
    if not kept:
        print(f"gate: skipped, no figures are kept for these tools; there are some for {'; '.join(known['counts'])}")
        return 0
    failed = violations(kept, counts)
    if changed:
        print(f"gate: failed, other bytes than those that were counted: {', '.join(changed)}; make gate-update")
    if failed:
        print(f"gate: failed, more than {TOLERANCE:.0%} above what is kept: {', '.join(failed)}")
    if any(now < kept[name] * (1 - TOLERANCE) for name, now in counts.items() if name in kept):
        print("gate: some are well below what is kept: make gate-update")
    return 1 if failed or changed else 0


if __name__ == "__main__":
    sys.exit(main())
