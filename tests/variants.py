"""Builds of the core that are not the one under test: with the historic leak, with AddressSanitizer, with tools that harm.

A variant is a copy of the package in a folder of its own, ``build/variants/NAME``, made when it is first asked for and
again when the core changed; with that folder in ``PYTHONPATH`` an interpreter imports it instead. A program is C of the
tests linked with the units of the core, without Python.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

import ghostpage

__all__ = ["HISTORIC", "ROOT", "Variant", "compiler", "not_preloaded", "program", "run_python"]

ROOT = Path(__file__).resolve().parent.parent
BUILT = ROOT / "build" / "variants"
HISTORIC = ROOT / "tests" / "historic" / "provenance.c"

not_preloaded = pytest.mark.skipif(
    "san.so" in os.environ.get("LD_PRELOAD", ""), reason="a sanitizer takes memory of its own, and is in all programs that are run"
)


class Variant:
    """A build with ``switches`` (those of ``GHOSTPAGE_BUILD``), and with ``units`` of C laid over the core's or added."""

    def __init__(self, name: str, switches: str = "", units: Mapping[str, Path] | None = None) -> None:
        self.name = name
        self.switches = switches
        self.units = dict(units or {})

    def folder(self) -> Path:
        """Where it lies, built; the test is skipped where nothing can be built."""
        needs_compiler()
        folder = BUILT / self.name
        with _locked(self.name):
            stamp = folder / "stamp"
            key = self._key()
            if not stamp.exists() or stamp.read_text() != key:
                shutil.rmtree(folder, ignore_errors=True)
                self._build(folder)
                stamp.write_text(key)
            else:
                self._copy_python(folder)
        return folder

    def _key(self) -> str:
        sources = sorted(path for path in (ROOT / "csrc").rglob("*") if path.suffix in {".c", ".h", ".py"}) + [HISTORIC]
        return _hash([*sources, *self.units.values()], self.switches, *self.units, sysconfig.get_config_var("SOABI"))

    def _build(self, folder: Path) -> None:
        shutil.copytree(ROOT / "csrc", folder / "csrc", ignore=shutil.ignore_patterns("__pycache__"))
        (folder / HISTORIC.relative_to(ROOT)).parent.mkdir(parents=True)
        shutil.copyfile(HISTORIC, folder / HISTORIC.relative_to(ROOT))
        for place, unit in self.units.items():
            shutil.copyfile(unit, folder / "csrc" / place)
        for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
            if (ROOT / name).exists():
                shutil.copyfile(ROOT / name, folder / name)
        self._copy_python(folder)
        _run(
            [sys.executable, "setup.py", "-q", "build_ext", "--inplace"],
            cwd=folder,
            env={**os.environ, "GHOSTPAGE_BUILD": self.switches},
        )

    def _copy_python(self, folder: Path) -> None:
        for path in [*(ROOT / "ghostpage").rglob("*.py"), *(ROOT / "ghostpage" / "recordings").iterdir()]:
            copy = folder / path.relative_to(ROOT)
            if not copy.exists() or copy.read_bytes() != path.read_bytes():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)


def program(
    name: str,
    sources: Sequence[Path],
    replaced: Mapping[str, Path] | None = None,
    flags: Sequence[str] = (),
    layer: str = "*",
) -> Path:
    """An executable of ``sources`` and the core, or one ``layer`` of it, some of whose units are ``replaced``."""
    needs_compiler()
    units = {str(path.relative_to(ROOT / "csrc")): path for path in sorted((ROOT / "csrc").glob(f"{layer}/*.c"))}
    units |= replaced or {}
    headers = sorted((ROOT / "csrc").rglob("*.h"))
    key = _hash([*sources, *units.values(), *headers], *flags)
    with _locked(name):
        built, stamp = BUILT / name, BUILT / f"{name}.stamp"
        if not built.exists() or not stamp.exists() or stamp.read_text() != key:
            command = [*compiler(), "-std=c11", "-O1", "-g", "-pthread", f"-I{ROOT / 'csrc'}", *flags, "-o", str(built)]
            _run([*command, *map(str, sources), *map(str, units.values())])
            stamp.write_text(key)
    return built


def run_python(
    folder: Path | None, *arguments: str, env: Mapping[str, str] | None = None, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Runs an interpreter that imports the variant in ``folder``, or the package under test, and the tests' modules."""
    BUILT.mkdir(parents=True, exist_ok=True)
    environment = dict(os.environ)
    if folder:
        environment.pop("LD_PRELOAD", None)  # the sanitizer of the build under test is none of the variant's
    package = folder or Path(ghostpage.__file__).parent.parent
    environment["PYTHONPATH"] = os.pathsep.join([str(package), str(ROOT / "tests")])
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment | dict(env or {}),
        cwd=BUILT,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def compiler() -> list[str]:
    return os.environ.get("CC", "").split() or (sysconfig.get_config_var("CC") or "cc").split()


def needs_compiler() -> None:
    if not shutil.which(compiler()[0]):
        pytest.skip(f"builds variants of the core, and there is no {compiler()[0]}")


def _hash(paths: Sequence[Path], *words: str) -> str:
    digest = hashlib.sha256(repr(words).encode())
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _run(command: Sequence[str], **options: object) -> None:
    done = subprocess.run(command, capture_output=True, text=True, **options)  # type: ignore[call-overload]
    if done.returncode:
        pytest.fail(f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-4000:]}", pytrace=False)


@contextmanager
def _locked(name: str) -> Iterator[None]:
    """One process at a time builds a variant; the lock goes with the process."""
    BUILT.mkdir(parents=True, exist_ok=True)
    with open(BUILT / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
