"""The core compiled and linked for other systems, by zig, which has their headers: python tools/cross.py [TARGET ...]

Warnings are errors. What is made cannot be run here, but for aarch64: --run builds the harnesses of fuzz/ for it
(static, with musl, checking, undefined behaviour trapped) and runs them over the seeds by qemu-aarch64, from Debian's
package qemu-user. The first link with musl builds that, which takes a minute or two; zig keeps it in its cache.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FUZZ = ROOT / "fuzz"
BUILD = ROOT / "build" / "cross"
CORE = sorted((ROOT / "csrc").glob("*/*.c"))
TARGETS = ("aarch64-linux-gnu", "aarch64-linux-musl", "x86_64-linux-musl", "aarch64-macos", "x86_64-macos")
RUN_TARGET, EMULATOR = "aarch64-linux-musl", "qemu-aarch64"
HARNESSES = ("feed", "load", "operations")
FLAGS = ["-std=c11", f"-I{ROOT / 'csrc'}", f"-I{FUZZ}", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror"]
CHECKING = ["-O1", "-DGP_CHECKED=1", "-fsanitize=undefined", "-fsanitize-trap=undefined"]
CHECKING += ["-fno-sanitize=pointer-overflow"]  # adding nothing to a null pointer, which C2y allows


def zig(*arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-m", "ziglang", "cc", *map(str, arguments)], check=True)


def build(target: str, folder: Path, harnesses: tuple[str, ...], flags: list[str]) -> list[Path]:
    """The harnesses over the core."""
    folder.mkdir(parents=True, exist_ok=True)

    def compile_one(unit: Path) -> Path:
        made = folder / f"{unit.parent.name}-{unit.stem}.o"
        zig("-target", target, *FLAGS, *flags, "-c", unit, "-o", made)
        return made

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        own = [FUZZ / f"{name}.c" for name in harnesses]
        objects = list(pool.map(compile_one, [*own, FUZZ / "replay.c", *CORE]))
    shared = objects[len(own) :]
    for name, harness in zip(harnesses, objects, strict=False):
        zig("-target", target, *(["-static"] if "musl" in target else []), harness, *shared, "-o", folder / name)
    return [folder / name for name in harnesses]


def check(target: str) -> None:
    begun = time.monotonic()
    build(target, BUILD / target, HARNESSES[:1], ["-O1"])
    print(f"{target}: {len(CORE)} files of the core compile and link, {time.monotonic() - begun:.0f} s", flush=True)


def run() -> None:
    seeds = BUILD / "seeds"
    subprocess.run([sys.executable, FUZZ / "seeds.py", seeds], check=True)
    for harness in build(RUN_TARGET, BUILD / "run", HARNESSES, CHECKING):
        begun = time.monotonic()
        files = sorted((seeds / harness.name).iterdir()) + sorted((FUZZ / "crashes" / harness.name).glob("*"))
        done = subprocess.run([EMULATOR, harness, *files], capture_output=True, text=True, errors="replace")
        if done.returncode or len(done.stderr.splitlines()) != len(files):  # a line for each, before it is run
            sys.exit(f"{harness.name} on aarch64: status {done.returncode}\n{done.stderr[-2000:]}")
        print(f"{harness.name} on aarch64: {len(files)} inputs, {time.monotonic() - begun:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", default=TARGETS, help=f"of {', '.join(TARGETS)} (all)")
    parser.add_argument("--run", action="store_true", help=f"run the harnesses by {EMULATOR} instead")
    options = parser.parse_args()
    if options.run and not shutil.which(EMULATOR):
        sys.exit(f"{EMULATOR} is not installed; on Debian and Ubuntu: apt-get install qemu-user")
    try:
        if options.run:
            run()
        else:
            for target in options.targets:
                check(target)
    except subprocess.CalledProcessError as error:
        sys.exit(f"failed: {' '.join(map(str, error.cmd))}")


if __name__ == "__main__":
    main()
