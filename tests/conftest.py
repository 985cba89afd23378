"""Every test ends with the account of memory where it began, and with every structure sound."""

from __future__ import annotations

import gc
import signal
from collections.abc import Generator, Iterator

import pytest

from ghostpage import Arena, Screen, Terminal, memory

collect_ignore = ["clients"]  # programs of their own, run by test_pyte_clients.py

_failed = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[_failed] = True
    return report


@pytest.fixture(autouse=True)
def accounted(request: pytest.FixtureRequest) -> Iterator[None]:
    """The ledger is back at its baseline afterwards, and the audit finds nothing."""
    memory.trim()
    baseline = memory.ledger().mappings
    yield
    if request.node.stash.get(_failed, False):
        return  # its traceback may hold terminals
    memory.trim()
    if memory.ledger().mappings != baseline:  # left open, or in a cycle
        gc.collect()
        memory.trim()
    left = memory.ledger().mappings - baseline
    assert left == 0, f"{left} mappings are left: {memory.mappings()}"
    audit = memory.audit()
    assert audit.ok, audit


@pytest.fixture
def no_signal_ignored() -> Iterator[None]:
    """Programs inherit what is ignored: the hang-up under nohup, the interrupt where a script runs the tests behind it."""
    handlers = {signal.SIGHUP: signal.SIG_DFL, signal.SIGQUIT: signal.SIG_DFL, signal.SIGINT: signal.default_int_handler}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    yield
    for number, given in before.items():
        signal.signal(number, given)


@pytest.fixture(params=["adaptive", "replace"])
def arena(request: pytest.FixtureRequest) -> Iterator[Arena]:
    """An arena with the smallest standard pages, for each policy."""
    with Arena(policy=request.param, standard_page=4096, pool_cap=64 * 1024) as made:
        yield made


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    """A terminal of 10 by 3."""
    with Terminal(10, 3) as made:
        yield made
        assert made.closed or made._violation() is None


@pytest.fixture
def screen() -> Iterator[Screen]:
    """A screen of 10 by 3."""
    with Screen(10, 3) as made:
        yield made
        assert made.closed or made._violation() is None
