"""What type checkers are told: that package and examples are right by it, and that wrong uses are not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.skipif(find_spec("mypy") is None, reason="mypy is not installed")

USES = """
from ghostpage import Limits, Screen, Style, Terminal
from ghostpage.session import AsyncSession, Session

terminal = Terminal(80, 24, scrollback=Limits(lines=10))
terminal.feed(3)  # wrong: arg-type
terminal.feed(b"x")
bold: bool = terminal.screen[0].cells[0].style.bold
wrong: int = terminal.text()  # wrong: assignment
terminal.take_events()[0].bell  # wrong: attr-defined
Limits(rows=3)  # wrong: call-arg
Style(foreground="red")  # wrong: arg-type
Screen(10, 2).feed("x")  # wrong: attr-defined
svg: str = terminal.to_svg(title=b"x")  # wrong: arg-type
png: bytes = terminal.snapshot().to_png(fonts=["a.ttf"])
found: str = Session("cat").wait_until(lambda: "x")
number: int = Session("cat").wait_until(lambda: "x")  # wrong: assignment

async def use(session: AsyncSession) -> int:
    session.wait()  # wrong: unused-coroutine
    return await session.wait()
"""


def mypy(folder: Path, *arguments: str) -> tuple[int, str]:
    environment = {**os.environ, "MYPYPATH": str(ROOT), "LD_PRELOAD": "", "PYTHONMALLOC": ""}
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(folder), *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def test_types_are_right_and_wrong_uses_are_found(tmp_path: Path) -> None:
    status, said = mypy(tmp_path / "cache")
    assert (status, said.splitlines()[-1][:7]) == (0, "Success"), said
    (tmp_path / "uses.py").write_text(USES)
    status, said = mypy(tmp_path / "cache", str(tmp_path / "uses.py"))
    assert status == 1
    found = [(int(line), code) for line, code in re.findall(r"uses.py:(\d+): error: .*\[([a-z-]+)\]$", said, re.MULTILINE)]
    wanted = [(number, match[1]) for number, line in enumerate(USES.split("\n"), 1) if (match := re.search(r"# wrong: (.*)", line))]
    assert found == wanted, said
