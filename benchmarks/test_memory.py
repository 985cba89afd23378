"""What a row of history costs, in bytes."""

from __future__ import annotations

from typing import Any

import compare
import pytest
from conftest import Report

WORKLOADS = ("ascii", "emoji", "cjk", "sgr", "truecolor", "combining", "links")
AIMS = {"ascii": 80, "emoji": 240}
"""Bytes a row mapped, at most, for 100,000 rows."""
MEASURED = [
    (workload, name)
    for workload in WORKLOADS
    for name in ("ghostpage", "libghostty-vt", "pyte")
    if name != "pyte" or workload in ("ascii", "emoji")
]


@pytest.mark.parametrize(("workload", "name"), MEASURED)
def test_memory(workload: str, name: str, benchmark: Any, report: Report, quick: bool) -> None:
    rows = 1_000 if quick or name == "pyte" else 20_000 if workload == "truecolor" else 100_000
    benchmark.group = f"memory, {workload}"
    memory = benchmark.pedantic(compare.memory_of, (name, workload, rows))
    if memory.skipped:
        pytest.skip(memory.skipped)
    assert memory.rows >= rows
    benchmark.extra_info.update(vars(memory))
    if quick:
        return
    report.memories.append(memory)
    if name == "ghostpage" and memory.mapped > AIMS.get(workload, memory.mapped):
        pytest.xfail(f"{memory.mapped:.0f} bytes a row; {AIMS[workload]} are aimed at")
