"""The founding test: what is mapped stays within its bound at every step, and after the end nothing is left.

Ghostty reused large pages of scrollback as if they were standard ones, and nobody ever unmapped them. Each scenario is
played on the core as it is, where all has to hold, and on a build with that mistake compiled in, where each has to fail
and the audit to list what has leaked. A test that could not fail would not be one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import leak_scenarios
from ghostpage import Arena, Limits, Terminal, memory
from leak_scenarios import PAGE, POOL, SCENARIOS, heavy, line
from variants import Variant, run_python

POLICIES = ["adaptive", "replace"]
HISTORIC = Variant("historic", "historic")


def play(name: str, policy: str, folder: Path | None = None) -> dict[str, Any]:
    done = run_python(folder, leak_scenarios.__file__, name, policy)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("name", SCENARIOS)
def test_what_is_mapped_is_bounded_and_given_back(name: str, policy: str) -> None:
    report = play(name, policy)
    assert report["wrong"] == {}
    assert report["left"] == 0 and report["orphans"] == [] and report["returned"]
    assert report["steps"] >= 250


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_historic_leak_is_seen(name: str, policy: str) -> None:
    report = play(name, policy, HISTORIC.folder())
    assert {"audit", "left"} <= report["wrong"].keys()
    assert report["orphans"]
    assert sum(length for length, _, _ in report["orphans"]) == report["left"]
    for length, kind, age in report["orphans"]:
        assert kind == "non-standard" and length > PAGE and length % PAGE == 0 and age > 0
    assert all(report["orphans_mapped"])  # by the kernel's own account


@pytest.mark.parametrize(("policy", "pool_cap"), [("adaptive", POOL), ("replace", POOL), ("replace", 0)])
def test_steady_output_is_steady_in_mappings(policy: str, pool_cap: int) -> None:
    """A thousand pages of lines that no standard page holds are pruned. Both policies use them again: neither calls the
    kernel. Without a pool ``replace`` unmaps each and maps the next, as the historic fix did."""
    with Arena(policy=policy, standard_page=PAGE, pool_cap=pool_cap, pool_idle=float("inf")) as arena:
        with Terminal(80, 24, scrollback=Limits(lines=300), arena=arena) as terminal:
            number = 10_000  # of five digits until the end, so that every line takes the same rows

            def until_pruned(pages: int) -> None:
                nonlocal number
                target = terminal.counters.pages_pruned + pages
                while terminal.counters.pages_pruned < target:
                    terminal.feed(heavy(number))
                    number += 1

            until_pruned(200)
            before, counters = memory.ledger(), terminal.counters
            until_pruned(1000)
            after, counters_after = memory.ledger(), terminal.counters
            calls = after.total_mapped - before.total_mapped, after.total_unmapped - before.total_unmapped
            if pool_cap:
                assert calls == (0, 0)
                served = [one.nonstandard_recycled + one.pages_from_pool for one in (counters, counters_after)]
                assert served[1] - served[0] >= 1000 and counters_after.nonstandard_recycled > 400
            else:
                assert counters_after.nonstandard_recycled == 0
                assert counters_after.nonstandard_born - counters.nonstandard_born >= 1000
                assert calls[0] >= 1000 and abs(calls[0] - calls[1]) <= 2


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("limit", [40 * PAGE, 100 * PAGE, 1000 * PAGE])
def test_a_limit_in_bytes_is_hard(policy: str, limit: int) -> None:
    """Text, grids and the pool together, at every step: printing, editing, the alternate screen, long lines."""
    with Arena(policy=policy, standard_page=PAGE) as arena:
        with Terminal(40, 10, scrollback=Limits(bytes=limit), arena=arena) as terminal:
            for number in range(400):
                terminal.feed(line(number, 3 + number % 7))
                assert memory.ledger().bytes <= limit
                if number % 5 == 0:
                    terminal.feed(b"\x1b[3;3H" + line(number, 2)[:-2] + b"\x1b[10;1H")
                    assert memory.ledger().bytes <= limit
                if number % 50 == 0:
                    terminal.feed(b"\x1b[?1047h" + line(number, 1) + b"\x1b[?1047l")
                    assert memory.ledger().bytes <= limit
            assert terminal.history, "nothing is kept"


def test_every_mapping_of_a_terminal_goes_through_its_counters() -> None:
    """What came, less what went, is there."""
    with Arena(standard_page=PAGE) as arena, Terminal(80, 24, scrollback=Limits(lines=100), arena=arena) as terminal:
        for number in range(200):
            terminal.feed(heavy(number) if number % 3 else line(number, 2) + b"\x1b[2;2Hx\x1b[24;1H")
            if number % 40 == 0:
                terminal.resize(70 + number % 30, 20)
            counters, pages = terminal.counters, terminal.pages
            came = counters.pages_mapped + counters.pages_from_pool
            assert came - counters.pages_to_pool - counters.pages_unmapped == len(pages)
            large = [page for page in pages if not page.standard]
            assert counters.nonstandard_born - counters.nonstandard_retired == len(large)
            assert terminal.memory.nonstandard == sum(page.mapped for page in large)
