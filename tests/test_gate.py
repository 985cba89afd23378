"""The gate of benchmarks/gate: what lets it fail, and what becomes of the figures. The counting itself is left to it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GATE = ROOT / "benchmarks" / "gate" / "gate.py"


@pytest.fixture(scope="module")
def gate():
    spec = importlib.util.spec_from_file_location("gate", GATE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_more_than_two_per_cent_above_is_a_violation(gate):
    assert gate.violations({"a": 1000, "b": 1000, "c": 1000}, {"a": 1020, "b": 1021, "c": 500}) == ["b"]


def test_work_without_a_figure_is_a_violation(gate):
    assert gate.violations({"a": 1000}, {"a": 1000, "new": 1}) == ["new"]


def test_figures_only_rise_by_name(gate):
    kept, counts = {"a": 10, "b": 10, "c": 10, "gone": 10}, {"a": 9, "b": 11, "c": 11, "new": 5}
    assert gate.updated(kept, counts, ["c"]) == {"a": 9, "b": 10, "c": 11, "new": 5}


def test_all_work_is_of_one_size(gate):
    assert {len(piece) for piece in gate.work().values()} == {gate.PIECE}
