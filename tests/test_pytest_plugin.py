"""The fixture ``ghostpage_ledger`` in tests of other people's."""

from __future__ import annotations

import re
import sys
from mmap import PAGESIZE
from pathlib import Path

import pytest

from variants import ROOT

pytest_plugins = ["pytester"]


@pytest.fixture(autouse=True)
def plugin(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where it is installed; with the package that is under test."""
    import ghostpage

    monkeypatch.setenv("PYTHONPATH", f"{Path(ghostpage.__file__).parent.parent}:{ROOT}")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("-p", "pytest_ghostpage", *arguments)


def test_who_leaves_nothing_passes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from ghostpage import Arena, Terminal, memory

        @pytest.fixture(scope="module")
        def shared():
            with Terminal(20, 5) as terminal:
                yield terminal

        @pytest.fixture
        def early():
            with Terminal(20, 5) as terminal:
                yield terminal

        def test_closes(ghostpage_ledger):
            with Terminal() as terminal:
                terminal.feed("x\\r\\n" * 100_000)
                assert ghostpage_ledger.left()
            assert ghostpage_ledger.left() == []
            assert ghostpage_ledger.baseline.mappings == 0

        def test_what_others_opened_is_theirs(shared, early, ghostpage_ledger):
            for terminal in shared, early:
                terminal.feed("more than there was\\r\\n" * 100_000)

        def test_a_cycle_is_collected(ghostpage_ledger):
            terminal = Terminal()
            terminal.feed("x")
            terminal.itself = terminal
        """
    )
    run(pytester).assert_outcomes(passed=3)


def test_who_leaves_something_fails_and_is_told_what(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from ghostpage import Screen, Terminal
        kept = []

        def test_leaves(ghostpage_ledger):
            kept.append(Terminal(80, 24))
            kept.append(Screen(33, 7))
            for one in kept:
                one.write("x") if isinstance(one, Screen) else one.feed("x")

        def test_snapshot(ghostpage_ledger):
            kept.append(kept[0].snapshot())

        def test_after(ghostpage_ledger):
            with Terminal() as terminal:
                terminal.feed("x")

        def test_without(): kept.append(Terminal())
        """
    )
    result = run(pytester, "-v")
    result.assert_outcomes(passed=4, errors=2)
    assert result.ret == 1
    out = result.stdout.str()
    assert f"2 mappings of ghostpage left behind, {2 * PAGESIZE:,} bytes:" in out
    assert re.search(rf"0x[0-9a-f]+, {PAGESIZE:,} bytes, small, 0\.\d\d\d s old, owner: text of terminal \d+", out)
    assert re.search(r"terminal \d+: <Terminal of 80 by 24, 0 rows of history>", out)
    assert re.search(r"terminal \d+: <Screen of 33 by 7", out)
    assert re.search(r"terminal \d+: <Snapshot of 80 by 24", out)
    assert "ERROR test_who_leaves_something_fails_and_is_told_what.py::test_after" not in out


def test_a_test_that_failed_is_not_looked_at(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from ghostpage import Terminal

        def test_fails(ghostpage_ledger):
            terminal = Terminal()
            terminal.feed("x")
            assert False
        """
    )
    run(pytester).assert_outcomes(failed=1)


def test_pytest_starts_without_the_package(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_nothing_is_imported():
            assert "pytest_ghostpage" in sys.modules
            assert not [name for name in sys.modules if name.partition(".")[0] in ("ghostpage", "cffi", "_cffi_backend")]
        """
    )
    run(pytester).assert_outcomes(passed=1)


def test_it_is_announced_to_pytest() -> None:
    if sys.version_info < (3, 11):
        pytest.skip("no tomllib")
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["entry-points"]["pytest11"] == {"ghostpage": "pytest_ghostpage"}
    assert project["tool"]["setuptools"]["py-modules"] == ["pytest_ghostpage"]
