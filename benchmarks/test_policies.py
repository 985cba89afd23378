"""Both policies on loads that alternate, and that come back to plain lines: ``policies.py`` as part of the suite.

Times are printed; what is asserted are counts, which are the same on every machine.
"""

from __future__ import annotations

import policies
import pytest
from conftest import Report
from pytest_benchmark.fixture import BenchmarkFixture

WITHIN_CAP = {
    (name, page)
    for name in policies.LOADS
    for page in policies.PAGES
    if name != "back to plain" and not (name.startswith("plain and emoji") and page > 16 * 1024)
}
"""Where what comes and goes fits the pool, so that neither policy has to call the kernel."""


@pytest.mark.parametrize("page", policies.PAGES)
@pytest.mark.parametrize("name", policies.LOADS)
def test_policies(name: str, page: int, benchmark: BenchmarkFixture, report: Report, quick: bool) -> None:
    if quick and page > policies.PAGES[0]:
        pytest.skip("takes long, and does the same")
    benchmark.group = f"{name}, {page // 1024} KiB"
    passes, rounds, history = (1, 1, 300) if quick else (7, 3, policies.HISTORY)
    results = benchmark.pedantic(
        policies.side_by_side, (name, page), {"passes": passes, "rounds": rounds, "history": history}
    )
    for one in results:
        assert one.pooled <= policies.POOL_CAP and one.pooled <= one.rest
        assert one.recycled <= one.pruned + policies.SET_ASIDE
        benchmark.extra_info[one.policy] = one.rate
    if quick:  # too little to prune
        return
    report.in_turns += results
    if (name, page) in WITHIN_CAP:
        assert [one.calls for one in results] == [0, 0]
