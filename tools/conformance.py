"""Runs other people's test suites against ghostpage, and says what passes.

    python tools/conformance.py                     every suite that can be had
    python tools/conformance.py esctest libvterm    some
    python tools/conformance.py esctest --only DECSTBM --verbose
    python tools/conformance.py --sources DIR       with checkouts in DIR: esctest2, libvterm, xterm.js
    python tools/conformance.py --json

The suites are fetched when they are not given; `unicode`, `vttest` and `recordings` need only an installed package.
Exits with 1 if something fails that suites/explained.py does not explain.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from suites.explained import reason
from suites.result import Result
from suites.sources import SourceMissing, find

FOREIGN = {"esctest": "esctest2", "libvterm": "libvterm", "xtermjs": "xterm.js"}
SUITES = [*FOREIGN, "unicode", "vttest", "recordings"]


def results(suite: str, folder: Path | None, only: str) -> Iterator[Result]:
    """Runs a suite."""
    module = importlib.import_module(f"suites.{suite}")
    found = [find(FOREIGN[suite], folder)] if suite in FOREIGN else []
    yield from module.run(*found, only)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("suites", nargs="*", metavar="suite", help=", ".join(SUITES))
    parser.add_argument("--sources", type=Path, metavar="DIR", help="where checkouts of the suites are")
    parser.add_argument("--only", default="", metavar="TEXT", help="tests with this in their name")
    parser.add_argument("--verbose", action="store_true", help="what is wrong, test by test")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    unknown = set(options.suites) - set(SUITES)
    if unknown:
        parser.error(f"no such suite: {', '.join(sorted(unknown))}; there are {', '.join(SUITES)}")
    report: dict[str, dict[str, object]] = {}
    failed = False
    for suite in options.suites or SUITES:
        try:
            found = list(results(suite, options.sources, options.only))
        except SourceMissing as missing:
            report[suite] = {"missing": str(missing)}
            continue
        counted = [result for result in found if result.passed is not None]
        wrong = [result for result in counted if not result.passed]
        explained = {result.name: why for result in wrong if (why := reason(suite, result.name))}
        failed |= len(explained) < len(wrong)
        report[suite] = {
            "passed": len(counted) - len(wrong),
            "of": len(counted),
            "not counted": len(found) - len(counted),
            "failures": {result.name: result.detail for result in wrong if result.name not in explained},
            "explained": explained,
        }
    if options.json:
        json.dump(report, sys.stdout, indent=1)
        print()
    else:
        show(report, options.verbose)
    return int(failed)


def show(report: dict[str, dict[str, object]], verbose: bool) -> None:
    for suite, part in report.items():
        if "missing" in part:
            print(f"{suite:10} not run: {part['missing']}")
            continue
        print(f"{suite:10} {part['passed']:>5} of {part['of']}")
        failures = part["failures"]
        assert isinstance(failures, dict)
        for name, detail in failures.items():
            print(f"    {name}" + (f": {detail}" if verbose else ""))
        explained = part["explained"]
        assert isinstance(explained, dict)
        for name, why in explained.items():
            print(f"    ({name}: {why})")


if __name__ == "__main__":
    sys.exit(main())
