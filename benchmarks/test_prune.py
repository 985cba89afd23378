"""Pruning under both policies, side by side, also where lines outgrow a standard page.

Times are printed; what is asserted are counts, which are the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conftest import Report, rates
from policies import SET_ASIDE
from pytest_benchmark.fixture import BenchmarkFixture

from ghostpage.cli._comparing import PARAGRAPHS, Result, counted
from ghostpage.cli._peers import Peer

SIZES = {
    "emoji": ("", " 16 KiB", " 4 KiB"),
    PARAGRAPHS: ("", " 16 KiB", " 4 KiB"),
    "links": ("", " 4 KiB"),
    "huge_lines": ("", " 4 KiB"),
    "wide_repaint": ("", " 4 KiB"),
}
POLICIES = ("adaptive", "replace")
MEASURED = [(workload, policy, size) for workload, sizes in SIZES.items() for size in sizes for policy in POLICIES]
FORCED = {(PARAGRAPHS, " 4 KiB"), ("huge_lines", ""), ("huge_lines", " 4 KiB"), ("wide_repaint", " 4 KiB")}
"""Where nothing fits a standard page."""
MAPPED = {
    **{("wide_repaint", policy, " 4 KiB"): 1 / 20 for policy in POLICIES},
    **{("huge_lines", "replace", size): 1 for size in SIZES["huge_lines"]},
}
"""Where pages are needed now and then in a size that none at hand has, as a share of those that are born: a grid that is
squeezed, and lines of a third of a mebibyte and more under `replace`, which takes none but of exactly the size."""


@pytest.mark.parametrize(("workload", "policy", "size"), MEASURED)
def test_prune(
    workload: str,
    policy: str,
    size: str,
    benchmark: BenchmarkFixture,
    open_peer: Callable[[str, str], Peer],
    pieces: Callable[[str], list[bytes]],
    report: Report,
    quick: bool,
) -> None:
    name = f"ghostpage{' replace' if policy == 'replace' else ''}{size}"
    peer = open_peer(name, workload)
    benchmark.group = f"{workload}{size}"
    result = Result(name, workload, peer.version(), rates(benchmark, peer.feed, pieces(workload)))
    result.figures = counts = counted(peer, pieces(workload))
    result.history_rows, result.mapped = peer.history_rows, peer.mapped_bytes()
    report.policies.setdefault(workload, []).append(result)
    benchmark.extra_info.update(counts)

    assert counts["nonstandard_recycled"] <= counts["pages_pruned"] + SET_ASIDE
    if quick:  # too little to prune
        return
    if (workload, size) in FORCED:
        assert counts["nonstandard_born"] + counts["nonstandard_recycled"] > 0
    share = MAPPED.get((workload, policy, size), 0)
    assert counts["pages_mapped"] + counts["pages_unmapped"] <= counts["nonstandard_born"] * share
