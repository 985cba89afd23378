"""The core with the historic leak compiled in: the tests' build of it where there is one, or one made for the occasion.

It differs from the core in ``csrc/memory/provenance.c`` alone, whose place ``tests/historic/provenance.c`` takes. It is
never installed: both need the sources, which no wheel has.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from filecmp import cmp
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import ghostpage
from ghostpage.cli._common import CommandError, plain

__all__ = ["find_or_build", "sources"]

MISTAKE = Path("tests", "historic", "provenance.c")
WANTED = (Path("setup.py"), Path("csrc", "build_native.py"), Path("csrc", "api.h"), MISTAKE)
HOW_TO = "a checkout of ghostpage has them, and so has its unpacked sdist: run this there, or name it with --sources"


def sources(given: Path | None) -> Path:
    """The folder of the sources: the one given, or where the package was imported from, or where we are."""
    places = [given] if given else [Path(ghostpage.__file__).parent.parent, Path.cwd()]
    for place in places:
        if all((place / name).is_file() for name in WANTED):
            return place.resolve()
    missing = next(name for name in WANTED if not (places[0] / name).is_file())
    raise CommandError(
        "no installed core has the leak in it; it is compiled from ghostpage's sources, and they are not in "
        f"{plain(str(places[0]))} ({missing} is missing): {HOW_TO}"
    )


def find_or_build(root: Path, quiet: bool) -> Path:
    """The compiled module. A build that is there is used if it was made of these sources."""
    tests = root / "build" / "variants" / "historic"
    built = _module(tests / "ghostpage")
    if built and (tests / "stamp").is_file() and _same_sources(root, tests):
        return built
    return _build(root, quiet)


def _module(folder: Path) -> Path | None:
    return next((path for suffix in EXTENSION_SUFFIXES if (path := folder / f"_native{suffix}").is_file()), None)


def _same_sources(one: Path, other: Path) -> bool:
    names = [path.relative_to(one) for path in (one / "csrc").rglob("*") if path.suffix in {".c", ".h", ".py"}]
    return all((other / name).is_file() and cmp(one / name, other / name, shallow=False) for name in [*names, MISTAKE])


def _build(root: Path, quiet: bool) -> Path:
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    if not shutil.which(compiler):
        raise CommandError(f"the historic leak has to be compiled, and there is no compiler {plain(compiler)!r} here")
    folder = root / "build" / "historic"
    if not quiet and not _module(folder / "lib" / "ghostpage"):
        print("Compiling the core with the historic mistake in it, once; takes some ten seconds.", file=sys.stderr)
    command = [sys.executable, "setup.py", "-q", "build_ext"]
    command += ["--build-lib", str(folder / "lib"), "--build-temp", str(folder / "temp")]
    environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    environment["GHOSTPAGE_BUILD"] = "historic"
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, errors="replace")
    built = _module(folder / "lib" / "ghostpage")
    if done.returncode or not built:
        last = (done.stderr.strip() or done.stdout.strip() or "no module came of it").splitlines()[-1]
        raise CommandError(
            f"the historic core could not be compiled ({plain(last)}); "
            f'this needs what building ghostpage needs: pip install setuptools cffi, and Python\'s header files'
        )
    return built
