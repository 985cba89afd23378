"""Throughput of feeding, history full and pruned, next to peers in the same run.

One follows the other here, so that a machine whose speed changes favours some; ``ghostpage bench`` has them take turns.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conftest import Report, rates
from pytest_benchmark.fixture import BenchmarkFixture

from ghostpage import workloads
from ghostpage.cli._comparing import Result, recordings
from ghostpage.cli._peers import HISTORY, Peer

FOR_SCALE = ("ascii", "emoji", "redraw")
"""Workloads that pyte is measured on: it takes a second for each 64 KiB."""
SAME_ROWS = ("ascii", "cjk", "sgr", "truecolor", "long", "combining", "links", "short")
"""Workloads that every terminal shows alike: the same work is measured, and the last rows prove it."""
MEASURED = [
    (workload, name)
    for workload in (*workloads.names(), *recordings())
    for name in ("ghostpage", "libghostty-vt", "pyte")
    if name != "pyte" or workload in FOR_SCALE
]


@pytest.mark.parametrize(("workload", "name"), MEASURED)
def test_feed(
    workload: str,
    name: str,
    benchmark: BenchmarkFixture,
    open_peer: Callable[[str, str], Peer],
    pieces: Callable[[str], list[bytes]],
    report: Report,
) -> None:
    peer = open_peer(name, workload)
    benchmark.group = workload
    result = Result(name, workload, peer.version())
    if peer.slow:
        result.rates = rates(benchmark, peer.feed, pieces(workload)[:1], rounds=1)
    else:
        result.rates = rates(benchmark, peer.feed, pieces(workload))
        result.tail = peer.tail(100)
    result.history_rows = benchmark.extra_info["rows"] = peer.history_rows
    others = report.feeds.setdefault(workload, [])
    if workload in SAME_ROWS:
        assert all(result.tail == other.tail for other in others if result.tail and other.tail)
        assert result.history_rows >= HISTORY or not result.rates
    others.append(result)


@pytest.mark.parametrize("workload", ["ascii", "emoji", "sgr", "redraw", "agent"])
@pytest.mark.parametrize("name", ["ghostpage", "libghostty-vt"])
def test_feed_in_small_pieces(
    workload: str,
    name: str,
    benchmark: BenchmarkFixture,
    open_peer: Callable[[str, str], Peer],
    pieces: Callable[[str], list[bytes]],
) -> None:
    """64 bytes at a time, each a call from Python."""
    peer = open_peer(name, workload)
    benchmark.group = f"{workload}, pieces of 64 bytes"
    data = b"".join(pieces(workload)[:4])
    rates(benchmark, peer.feed, [data[at : at + 64] for at in range(0, len(data), 64)])
