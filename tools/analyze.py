"""Static analysis of the core: gcc's and clang's analyzers, clang-tidy and cppcheck, each of which has to find nothing.

    make analyze                     those that are installed
    make analyze ANALYZE=cppcheck    one

Says of each what it ran, or that it is missing; exit status 1 if one found something, 2 if none ran. clang and clang-tidy may
have a version behind their names. What clang-tidy looks for is in .clang-tidy. The code is analyzed as a checked build, so
that assertions tell what always holds.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNITS = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "csrc").glob("*/*.c"))]
CODE = [unit for unit in UNITS if unit != "csrc/unicode/tables.c"]  # that one is numbers
FLAGS = ["-std=c11", "-Icsrc", "-DGP_CHECKED=1", "-UNDEBUG"]
# memset_s and the like, which no C library here has.
NO_ANNEX_K = ["-Xclang", "-analyzer-disable-checker=security.insecureAPI.DeprecatedOrUnsafeBufferHandling"]

TOOLS = {
    "gcc": [["-O1", *FLAGS, "-fanalyzer", "-Werror", "-c", unit, "-o", os.devnull] for unit in CODE],
    "clang": [["--analyze", "--analyzer-output", "text", "-Xclang", "-analyzer-werror", *NO_ANNEX_K, *FLAGS, unit] for unit in CODE],
    "clang-tidy": [["--quiet", *CODE, "--", *FLAGS]],
    # It would take headers of valgrind's for granted, and knows no __has_include.
    "cppcheck": [["-q", "--std=c11", "--enable=warning,performance,portability", "--error-exitcode=1", "-Icsrc", "-DGP_CHECKED=1",
                  "-D__has_include(x)=0", "csrc"]],
}  # fmt: skip


def find(name: str) -> str | None:
    versions = [name, *(f"{name}-{version}" for version in range(25, 11, -1) if name.startswith("clang"))]
    return next((found for each in versions if (found := shutil.which(each))), None)


def analyze(name: str) -> bool | None:
    """Whether it found nothing; None if it is missing."""
    tool = find(name)
    if not tool:
        print(f"{name}: not installed, nothing was looked at")
        return None
    told = []
    for arguments in TOOLS[name]:
        done = subprocess.run([tool, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            told.append(done.stdout + done.stderr)
    print("".join(told), end="")
    print(f"{Path(tool).name}: {'something was found' if told else 'nothing found'} in {len(CODE)} files")
    return not told


def main(names: list[str]) -> int:
    if unknown := set(names) - set(TOOLS):
        print(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(TOOLS)}", file=sys.stderr)
        return 2
    results = [analyze(name) for name in names or TOOLS]
    if all(result is None for result in results):
        return 2
    return 1 if False in results else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
