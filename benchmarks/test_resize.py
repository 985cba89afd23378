"""Resizing with a little and with much history, next to a peer that wraps all of it again: to 40 columns and back.

With the rows asked for at the lesser width, as a scrollbar does, and without: they are counted when they are.
"""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from ghostpage import workloads
from ghostpage.cli._peers import COLUMNS, PEERS, ROWS, Unavailable

KEPT = (1_000, 100_000)
NARROW = 40
"""Nearly all lines wrap."""
MEASURED = [
    (kind, rows, name)
    for kind in ("ascii", "emoji", "long")
    for rows in KEPT
    for name in ("ghostpage", "libghostty-vt")
    if name == "ghostpage" or kind == "ascii"
]


@pytest.mark.parametrize("counted", [False, True], ids=["", "counted"])
@pytest.mark.parametrize(("kind", "rows", "name"), MEASURED)
def test_resize(kind: str, rows: int, name: str, counted: bool, benchmark: BenchmarkFixture, quick: bool) -> None:
    if quick and rows > KEPT[0]:
        pytest.skip("takes long, and does the same")
    benchmark.group = f"resizing to {NARROW} columns and back, {rows:,} rows of {kind}{', counted' * counted}"
    try:
        peer = PEERS[name](history=None)
    except Unavailable as reason:
        pytest.skip(str(reason))
    data = workloads.generate(kind, 1 << 18, columns=COLUMNS, rows=ROWS)
    while peer.history_rows < rows:
        peer.feed(data)
    before, shown = peer.history_rows, peer.tail(100)

    def there_and_back() -> None:
        peer.terminal.resize(NARROW, ROWS)
        assert not counted or peer.history_rows > before
        peer.terminal.resize(COLUMNS, ROWS)

    benchmark.pedantic(there_and_back, rounds=5, warmup_rounds=1)
    assert (peer.history_rows, peer.tail(100)) == (before, shown)
    peer.terminal.resize(NARROW, ROWS)
    assert peer.history_rows > 1.5 * before
    peer.close()
