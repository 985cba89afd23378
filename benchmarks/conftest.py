"""Opens the terminals that are measured, and prints their figures side by side at the end."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import compare
import policies as alternations
import pytest

from ghostpage import memory
from ghostpage.cli import _comparing, _peers
from ghostpage.cli._peers import Peer


@dataclass(frozen=True)
class Turns:
    """A program that prints and edits in turns: bytes a second of a terminal that chooses its mode, and of a grid."""

    program: str
    auto: float
    grid: float
    ratio: float
    """The median over pairs of rounds."""
    text_share: float
    """Of what was printed, in text mode."""


@dataclass
class Report:
    """What is printed at the end."""

    feeds: dict[str, list[_comparing.Result]] = field(default_factory=dict)
    policies: dict[str, list[_comparing.Result]] = field(default_factory=dict)
    in_turns: list[alternations.Figures] = field(default_factory=list)
    memories: list[compare.Memory] = field(default_factory=list)
    turns: list[Turns] = field(default_factory=list)


_report = pytest.StashKey[Report]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_report] = Report()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    report = config.stash[_report]
    if any(result.rates for results in report.feeds.values() for result in results):
        names = [name for name in _peers.PEERS if any(name == r.peer for rs in report.feeds.values() for r in rs)]
        terminalreporter.section("feed, GB/s (one after another; for ratios run ghostpage bench)")
        terminalreporter.write_line(_comparing.feed_table(report.feeds, names))
    if any(result.rates for results in report.policies.values() for result in results):
        terminalreporter.section("policies, GB/s and counts")
        terminalreporter.write_line(compare.policy_table(report.policies))
    if report.turns:
        terminalreporter.section("printing and editing in turns, MB/s by turns")
        terminalreporter.write_line(f"{'':32}{'auto':>7}{'grid':>7}{'ratio':>7}{'as text':>9}")
        for turns in report.turns:
            rates = f"{turns.auto / 1e6:7.0f}{turns.grid / 1e6:7.0f}{turns.ratio:7.2f}{turns.text_share:9.0%}"
            terminalreporter.write_line(f"{turns.program:32}{rates}")
    if report.in_turns:
        terminalreporter.section("policies on loads that alternate")
        terminalreporter.write_line(alternations.table(report.in_turns))
    if report.memories:
        terminalreporter.section("memory")
        terminalreporter.write_line(compare.memory_table(report.memories))


def rates(benchmark: Any, feed: Callable[[bytes], object], data: list[bytes], rounds: int = 5) -> list[float]:
    """Feeds all data in each round; bytes a second of each, or nothing if nothing is measured."""

    def feed_all() -> None:
        for piece in data:
            feed(piece)

    benchmark.pedantic(feed_all, rounds=rounds)
    if benchmark.disabled:
        return []
    size = sum(map(len, data))
    found = [size / seconds for seconds in benchmark.stats.stats.data]
    benchmark.extra_info.update(bytes=size, gigabytes_per_second=statistics.median(found) / 1e9)
    return found


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """Where results go."""
    return request.config.stash[_report]


@pytest.fixture(scope="session")
def quick(request: pytest.FixtureRequest) -> bool:
    """Nothing is to be measured: the benchmarks run once, with little, to see that they work."""
    options = request.config.option
    return bool(options.benchmark_disable and not options.benchmark_enable)


@pytest.fixture(scope="session")
def pieces(quick: bool) -> Callable[[str], list[bytes]]:
    """The pieces of a workload, made once."""
    made: dict[str, list[bytes]] = {}

    def make(workload: str) -> list[bytes]:
        if workload not in made:
            made[workload] = _comparing.pieces_of(workload, 1 << 17 if quick else 1 << 22)
        return made[workload]

    return make


@pytest.fixture
def open_peer(quick: bool, pieces: Callable[[str], list[bytes]]) -> Iterator[Callable[[str, str], Peer]]:
    """Opens a peer whose history is full of a workload, and pruned; skips the test if there is no such peer here."""
    memory.trim()
    baseline = memory.ledger().mappings
    opened: list[Peer] = []

    def make(name: str, workload: str) -> Peer:
        history = 300 if quick else _peers.HISTORY
        try:
            peer = _peers.PEERS[name](history=history)
        except _peers.Unavailable as reason:
            pytest.skip(str(reason))
        opened.append(peer)
        _comparing.fill(peer, workload, pieces(workload), history)
        return peer

    yield make
    for peer in opened:
        peer.close()
    memory.trim()
    assert memory.ledger().mappings == baseline
    assert memory.audit().ok
