"""Programs that were written for pyte run on this buffer as they are, by their own tests or by a session (clients/).

They come from PyPI, each into a folder of its own in build/clients, where the next run finds it; without a network they are
skipped.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
INSTALLED = ROOT / "build" / "clients"

# What pip is to install, in turns. Requirements without a use here, and pyte, are left out where they are many.
CLIENTS = {
    "termtosvg": [["--no-deps", "termtosvg==1.1.0", "lxml"]],
    "textual_terminal": [["textual==0.30.0"], ["--no-deps", "textual-terminal==0.3.0"]],
    "runtui": [["--no-deps", "runtui==0.1.5"]],
    "smartcli_toolkit": [["--no-deps", "smartcli-toolkit==0.3.5"]],
}


def installed(client: str) -> Path:
    """The folder that a client is in; whole or not there."""
    wanted = "-".join(requirement for turn in CLIENTS[client] for requirement in turn if not requirement.startswith("--"))
    folder = INSTALLED / f"{wanted.replace('==', '-')}-cp{sys.version_info.major}{sys.version_info.minor}"
    if folder.exists():
        return folder
    INSTALLED.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=INSTALLED) as begun:
        for turn in CLIENTS[client]:
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries=1", "--timeout=20"]
            done = subprocess.run([*pip, f"--target={begun}/packages", *turn], capture_output=True, text=True)
            if done.returncode:
                pytest.skip(f"{client} cannot be installed here: {done.stderr.strip().splitlines()[-1]}")
        try:
            os.rename(f"{begun}/packages", folder)
        except OSError:
            assert folder.exists()  # another process was quicker
    return folder


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_runs_on_it(client: str, tmp_path: Path):
    path = os.pathsep.join([str(ROOT), str(installed(client))])
    ran = subprocess.run(
        [sys.executable, ROOT / "tests" / "clients" / f"{client}.py"],
        env={**os.environ, "PYTHONPATH": path, "TERM": "xterm-256color"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
