"""A pytest plugin with one fixture: a test that uses ``ghostpage_ledger`` fails if it leaves mappings behind.

It is found by pytest wherever ghostpage is installed, and lies beside the package because pytest imports it at every
start: ghostpage itself is imported by the first test that uses the fixture.
"""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ghostpage import memory

__all__ = ["LedgerWatch", "ghostpage_ledger", "pytest_runtest_makereport"]

_failed = pytest.StashKey[bool]()


class LedgerWatch:
    """What was mapped when the test began."""

    def __init__(self) -> None:
        from ghostpage import memory

        self._memory = memory
        self.baseline = memory.ledger()
        """The ledger at that time."""
        self._before = memory.mappings(owners=True)

    def left(self) -> list[memory.Mapping]:
        """What has been left mapped since, pools apart: by terminals, screens and snapshots opened since, or by nobody.

        What those hold that were there before is theirs, also if it became more.
        """
        mappings = self._new()
        if mappings:  # in a cycle, perhaps
            gc.collect()
            mappings = self._new()
        return mappings

    def _new(self) -> list[memory.Mapping]:
        self._memory.trim()
        known = {one.serial for one in self._before}
        terminals = {one.terminal for one in self._before} - {None}
        return [
            one
            for one in self._memory.mappings(owners=True)
            if one.serial not in known and one.terminal not in terminals and one.owner not in ("pool", "withheld")
        ]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[_failed] = True
    return report


@pytest.fixture
def ghostpage_ledger(request: pytest.FixtureRequest) -> Iterator[LedgerWatch]:
    """Fails the test if terminals, screens or snapshots that it opened are still open at its end, or mappings were lost.

    What fixtures opened that are set up before this one does not count, nor what they close after it. A test that has
    failed already is not looked at: its traceback may hold terminals.
    """
    watch = LedgerWatch()
    yield watch
    if not request.node.stash.get(_failed, False):
        left = watch.left()
        if left:
            pytest.fail(_tell(left), pytrace=False)


def _tell(left: list[memory.Mapping]) -> str:
    size = sum(one.length for one in left)
    lines = [f"{len(left)} mapping{'s' * (len(left) > 1)} of ghostpage left behind, {size:,} bytes:"]
    for one in left[:20]:
        whose = f"{one.owner} of terminal {one.terminal}" if one.terminal else str(one.owner)
        lines.append(f"  {one.address:#x}, {one.length:,} bytes, {one.kind}, {one.age:.3f} s old, owner: {whose}")
    if len(left) > 20:
        lines.append(f"  and {len(left) - 20} more")
    still_open = _open_terminals({one.terminal for one in left})
    if still_open:
        lines.append("Still open: close() them, or use them in a with statement.")
        lines += still_open
    if any(one.owner == "nobody" for one in left):
        lines.append("What nobody owns is lost: a leak in ghostpage, please report it.")
    return "\n".join(lines)


def _open_terminals(serials: set[int | None]) -> list[str]:
    from ghostpage import Screen, Snapshot, Terminal

    found: list[Any] = [one for one in gc.get_objects() if isinstance(one, (Screen, Snapshot, Terminal)) and not one.closed]
    ours = sorted((one for one in found if one.serial in serials), key=lambda one: one.serial)
    return [f"  terminal {one.serial}: {one!r}" for one in ours]
