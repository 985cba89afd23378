"""The list of mistakes of tools/mutate_memory.py does not rot, and what came of them is kept."""

from __future__ import annotations

import importlib.util

import pytest

from variants import ROOT

_spec = importlib.util.spec_from_file_location("mutate_memory", ROOT / "tools" / "mutate_memory.py")
assert _spec and _spec.loader
mutate_memory = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(mutate_memory)


@pytest.mark.parametrize("mutation", mutate_memory.MUTATIONS, ids=lambda one: f"{one.file}: {' '.join(one.text.split())[:50]}")
def test_each_text_is_there_once(mutation) -> None:  # type: ignore[no-untyped-def]
    source = (ROOT / "csrc" / mutation.file).read_text(encoding="utf-8")
    assert source.count(mutation.text) == 1 and mutation.instead != mutation.text
    assert all((ROOT / "tests" / f"test_{name}.py").exists() for name in mutation.tests.split())


def test_what_came_of_each_is_kept() -> None:
    kept = (ROOT / "docs" / "mutations.md").read_text(encoding="utf-8")
    rows = [line for line in kept.splitlines() if line.startswith("| `")]
    assert [row[: len(one.row)] for row, one in zip(rows, mutate_memory.MUTATIONS, strict=True)] == [
        one.row for one in mutate_memory.MUTATIONS
    ]
