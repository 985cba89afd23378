"""The runners of other people's suites: that they pass what is right and ring for what is not; and what needs no network."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parent.parent / "tools"


@pytest.fixture(autouse=True)
def _tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(TOOLS), *sys.path])


def test_clusters_and_emoji_are_cells() -> None:
    from suites import unicode
    from suites.explained import reason

    if not unicode.FOLDER.is_dir():
        pytest.skip("unicode-data is not installed")
    wrong = [result for result in unicode.run() if not result.passed]
    assert [result for result in wrong if not reason("unicode", result.name)] == []


def test_clusters_that_are_not_cells_are_noticed() -> None:
    from suites.unicode import _judge

    assert _judge("", "e\u0301x", ["e\u0301", "x"], False).passed
    assert _judge("", "e\u0301x", ["e", "\u0301x"], False).passed is False
    assert _judge("", "a", ["a"], True).passed is False


def test_a_screen_that_is_another_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from suites import vttest

    monkeypatch.setattr(vttest.shutil, "which", lambda name: name)
    monkeypatch.setattr(vttest, "MENUS", {"menu": ("1", vttest.digest(["one"]) + " " + vttest.digest(["two"]))})
    monkeypatch.setattr(vttest, "screens", lambda choices: iter([(b"", ["one"]), (b"", ["too"]), (b"", ["three"])]))
    assert [result.passed for result in vttest.run()] == [True, False, False]


SCRIPT = r"""
INIT
WANTSTATE s

!Right
RESET
PUSH "\e[2;1H\e[3L"
  scrollrect 1..25,0..80 => -3,+0
  ?cursor = 1,0
$SEQ 3 4: PUSH "\e[\#;5H"
  ?cursor = 3,4
PUSH "\e[1m" . "\e[" . "3"x1 . "1m"
  ?pen bold = on
  ?pen foreground = idx(9)
PUSH "\e[6n"
  output "\e[4;5R"

!Wrong
PUSH "\e[H\e[L"
  scrollrect 0..25,0..80 => -2,+0

!Not of a screen
INCHAR 0 41
  output "A"
"""


def test_scripts_of_libvterm_are_carried_out(tmp_path: Path) -> None:
    from suites import libvterm

    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "12own.test").write_text(SCRIPT, encoding="utf-8")
    assert {result.name: result.passed for result in libvterm.run(tmp_path)} == {
        "12own: (before the first heading)": None,
        "12own: Right": True,
        "12own: Wrong": False,
        "12own: Not of a screen": None,
    }


def test_fixtures_are_compared_with_the_screen(tmp_path: Path) -> None:
    from suites import xtermjs

    folder = tmp_path / xtermjs.FOLDER
    folder.mkdir(parents=True)
    for name, screen in (("right", "one\n  two\n"), ("wrong", "one\ntwo\n")):
        (folder / f"{name}.in").write_bytes(b"one\n\x1b[2Ctwo")
        (folder / f"{name}.text").write_text(screen, encoding="utf-8")
    assert [(result.name, result.passed) for result in xtermjs.run(tmp_path)] == [("right", True), ("wrong", False)]


def test_a_window_is_resized_and_tells_its_size() -> None:
    from ghostpage import Terminal
    from suites.host import Host

    with Terminal(80, 25) as terminal:
        host = Host(terminal)
        host.write(b"\x1b[8;30;100t\x1b[18t\x1b]52;;aGk=\x07\x1b]52;;?\x07")
        assert (terminal.columns, terminal.rows) == (100, 30)
        assert host.read(100) == b"\x1b[8;30;100t\x1b]52;s0;aGk=\x1b\\"


# ---- recordings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["vim", "emoji", "htop", "agent"])
def test_recorded_sessions_are_the_same_in_another_terminal(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyghostty", reason="the other terminal is pyghostty's, which is not installed")
    from suites import recordings
    from suites.explained import reason

    monkeypatch.setattr(recordings, "PLACES", 5)  # of the tool's 24
    results = list(recordings.run(name))
    assert len(results) > 2
    assert [result for result in results if not result.passed and not reason("recordings", result.name)] == []


@pytest.mark.parametrize(
    ("printed", "why"),
    [("x", "expected (' '"), ("\x1b[1mone", "column 0, row 0"), ("\x1b[41m\x1b[K", "row 0"), ("\x1b[5C", "cursor 5, 0, expected (0, 0)")],
)
def test_what_another_terminal_does_not_show_is_noticed(printed: str, why: str) -> None:
    pytest.importorskip("pyghostty", reason="the other terminal is pyghostty's, which is not installed")
    from ghostpage import Terminal
    from suites.recordings import Oracle, _difference

    other = Oracle(10, 2)
    with Terminal(10, 2) as ours:
        ours.feed(printed)
        assert why in _difference(ours, other)
        other.feed(printed.encode())
        assert _difference(ours, other) == ""
    other.close()
