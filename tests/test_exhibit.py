"""``ghostpage leak``: the bug leaks, the fix does not, and what is in the way of showing it is said."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ghostpage.cli import _exhibit, _historic, leak, main
from ghostpage.cli._common import CommandError
from test_founding import HISTORIC
from variants import ROOT, needs_compiler, not_preloaded

SMALL = ("leak", "--quiet", "--bytes", "4M", "--sources", str(ROOT))


@pytest.fixture
def built() -> Path:
    """The tests' own build with the leak in it, which the command finds."""
    HISTORIC.folder()
    core = _historic.find_or_build(ROOT, quiet=True)
    assert core.parent == ROOT / "build" / "variants" / "historic" / "ghostpage"
    return core


@not_preloaded
def test_the_bug_leaks_and_the_fix_does_not(built: Path) -> None:
    command = [sys.executable, "-m", "ghostpage", *SMALL, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    bug, fix = result["bug"]["samples"], result["fix"]["samples"]
    assert result["shown"] is True and result["stopped"] is False
    assert [one["fed"] for one in bug] == [one["fed"] for one in fix]
    assert bug[0]["fed"] == 0 and bug[-2]["fed"] == bug[-1]["fed"] == 4 << 20
    assert bug[-1]["orphans"] == result["bug"]["audit"]["orphans"] > 50
    assert bug[-1]["ledger"] == result["bug"]["audit"]["bytes"] > 2 * bug[-2]["owned"] > 0
    assert result["bug"]["audit"]["ok"] is False
    assert result["fix"]["audit"] == {"ok": True, "orphans": 0, "bytes": 0}
    assert all(one["orphans"] == 0 and one["ledger"] == one["owned"] for one in fix)
    assert fix[-1]["ledger"] == 0
    if sys.platform == "linux":  # the kernel's map is that of the whole process: Python may move some pages of its own
        assert all(abs(one["mapped"] - one["ledger"]) <= 1 << 20 for one in bug + fix)
        assert bug[-1]["mapped"] > fix[-2]["mapped"] > 0
        assert bug[-1]["regions"] > 0  # how many there are is the kernel's choice: neighbours become one


def test_it_is_told_in_words_and_drawn(built: Path, capsys: Any, tmp_path: Path) -> None:
    plot = tmp_path / "leak.png"
    assert main([*SMALL[:1], *SMALL[2:], "--plot", str(plot)]) == 0
    out, err = capsys.readouterr()
    for word in (*leak.EXPLAINED, *leak.EXPLAINED.values(), "MiB of output", "that nobody owns. The one with the fix leaves none."):
        assert word in " ".join(out.split())
    assert "\u28c0" in out  # Braille
    assert err.splitlines()[-1].startswith("100% 4.0 MiB of output; mapped: ")
    assert plot.read_bytes().startswith(b"\x89PNG") and plot.stat().st_size > 10_000


def test_it_stops_before_the_machine_is_full(built: Path, capsys: Any) -> None:
    assert main([*SMALL, "--json", "--at-most", "1M"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["stopped"] is True
    assert result["bug"]["samples"][-1]["fed"] < 4 << 20


def test_pages_that_hold_every_line_do_not_show_it(built: Path, capsys: Any) -> None:
    assert main([*SMALL, "--standard-page", "1M"]) == 1
    assert "too few for the bug to show" in " ".join(capsys.readouterr().out.split())


def test_a_fix_that_leaks_is_noticed(built: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leak, "Subject", lambda name, core, options: _exhibit.Subject(name, built, options))
    assert main([*SMALL, "--json"]) == 1
    result = json.loads(capsys.readouterr().out)
    assert result["verdict"].startswith("THE FIX LEAKED: ") and result["shown"] is False


def test_the_story_has_its_end_where_nothing_can_be_drawn(built: Path) -> None:
    """As it was stopped, and where Braille cannot be printed."""
    command = [sys.executable, "-m", "ghostpage", *SMALL, "--at-most", "1M"]
    env = {**os.environ, "PYTHONIOENCODING": "ascii:replace"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Stopped before the end: as much was mapped as --at-most allows." in done.stdout
    assert not any(line.strip("? ") == "" and line.strip() for line in done.stdout.splitlines()), "a drawing of ?"


def test_a_process_that_ends_says_why() -> None:
    """In one line, on the side that watches."""
    subject = _exhibit.Subject("bug", Path("/nowhere/native.so"), {})
    with pytest.raises(CommandError, match="the process of bug ended: ImportError: .*/nowhere/native.so"):
        subject.sample()
    subject.tell("feed")  # nobody hears it
    subject.end()


def fails(capsys: Any, *argv: object, why: str) -> None:
    assert main(["leak", "--quiet", *map(str, argv)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    assert why in err


def test_without_sources(capsys: Any, tmp_path: Path) -> None:
    """As from a wheel."""
    fails(capsys, "--sources", tmp_path, why="(setup.py is missing): a checkout of ghostpage has them")


def tree(folder: Path) -> Path:
    """The sources once more."""
    shutil.copytree(ROOT / "csrc", folder / "csrc", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "tests" / "historic", folder / "tests" / "historic")
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def test_without_a_compiler(capsys: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler -O2")
    fails(capsys, "--sources", tree(tmp_path), why="there is no compiler 'no-such-compiler'")


def test_what_the_compiler_says_is_told(capsys: Any, tmp_path: Path) -> None:
    needs_compiler()
    (tree(tmp_path) / "csrc" / "ghostpage.h").write_text("#error of this kind\n")
    fails(capsys, "--sources", tmp_path, why="the historic core could not be compiled (")


def test_a_build_is_announced(capsys: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "false")
    assert main(["leak", "--sources", str(tree(tmp_path))]) == 2
    first, last = capsys.readouterr().err.splitlines()
    assert first == "Compiling the core with the historic mistake in it, once; takes some ten seconds."
    assert "could not be compiled (" in last


def test_a_build_of_other_sources_is_not_used(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_historic, "_build", lambda root, quiet: Path("built anew"))
    tree(tmp_path)
    shutil.copytree(built.parents[1], tmp_path / "build" / "variants" / "historic", ignore=shutil.ignore_patterns("build"))
    assert _historic.find_or_build(tmp_path, quiet=True).name == built.name
    with open(tmp_path / "csrc" / "memory" / "pool.c", "a") as unit:
        unit.write("\n")
    assert _historic.find_or_build(tmp_path, quiet=True) == Path("built anew")
