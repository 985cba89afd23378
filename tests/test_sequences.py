"""The documented sequences are those of the code, and each of them is handled."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from ghostpage import Terminal
from ghostpage._protocol.osc import osc
from ghostpage._protocol.window import operations

ROOT = Path(__file__).resolve().parent.parent
TOOL = ROOT / "tools" / "make_sequence_table.py"


def core_sequences() -> list[tuple[str, ...]]:
    spec = spec_from_file_location("core_sequences", ROOT / "tools" / "core_sequences.py")
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return list(module.CORE)


def test_the_document_is_current() -> None:
    made = subprocess.run([sys.executable, str(TOOL), "--check"], capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr


@pytest.mark.parametrize(("syntax", "example"), [pytest.param(row[0], row[1], id=row[0]) for row in core_sequences()])
def test_what_the_core_is_said_to_handle_it_does(syntax: str, example: str) -> None:
    with Terminal(20, 5) as terminal:
        terminal.feed(example)
        assert terminal.sequences_ignored == 0
        terminal.feed("\x1b[1y\x1b!q\x1b]424242;x\a")
        assert terminal.sequences_ignored == 3


def test_what_python_is_said_to_handle_it_does() -> None:
    with Terminal(20, 5) as terminal:
        for number in operations.keys:
            terminal.feed(f"\x1b[{number}t")
        for number in set(osc.keys) - {9, 777, 1337}:
            terminal.feed(f"\x1b]{number};\a")
        assert terminal.sequences_ignored == 0
