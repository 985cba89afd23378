"""``ghostpage bench``: what is made of figures, what is told of terminals that are missing or fail, that it runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import ghostpage
from ghostpage.cli import main
from ghostpage.cli._comparing import COLUMNS, PARAGRAPHS, Comparison, Result, feed_table, pieces_of
from ghostpage.cli._peers import PEERS, Unavailable

IMPORTED = Path(ghostpage.__file__).resolve().parent
FACTS = {"cpu": "a CPU", "cores": 2, "load": 0.5, "system": "a system", "python": "3.11"}


@pytest.fixture
def comparison() -> Comparison:
    """Of four terminals: one is faster on one workload, one failed there, one is not there at all."""
    table = {
        "ascii": [
            Result("ghostpage", "ascii", "1", [4e9, 2e9, 6e9], 10_000, tail=["a", "b"]),
            Result("libghostty-vt", "ascii", "2", [1e9, 1e9, 2e9], 10_001, tail=["a", "b"]),
            Result("avt", "ascii", "3", [2e9, 4e9, 3e9], 10_000, tail=["a", "c"]),
        ],
        "emoji": [
            Result("ghostpage", "emoji", "1", [3e8], 10_000),
            Result("libghostty-vt", "emoji", "2", skipped="crashed"),
            Result("avt", "emoji", "3", [6e8], 10_000),
        ],
    }
    names = ["ghostpage", "libghostty-vt", "avt", "pyte"]
    return Comparison(names, 3, 0.1, "wall", FACTS, table, {"pyte": "not there; pip install pyte"})


def test_ratios_are_of_passes_that_lie_next_to_each_other(comparison):
    terminals = ["ghostpage", "libghostty-vt", "avt"]
    assert comparison.headings() == ["workload", *terminals, "to libghostty-vt", "to the best other"]
    assert comparison.rows() == [
        ["ascii", "4.000", "1.000", "3.000", "3.0", "2.0 avt"],
        ["emoji", "0.300", "-", "0.600", "-", "0.5 avt"],
    ]
    assert comparison.rows(ranges=True)[0][-2:] == ["3.0 (2.0-4.0)", "2.0 (0.5-2.0) avt"]


def test_markdown_has_the_table_and_what_it_was_taken_on(comparison):
    text = comparison.markdown()
    lines = text.splitlines()
    assert lines[1] == "|---|---:|---:|---:|---:|---:|"
    assert lines[2] == "| ascii | 4.000 | 1.000 | 3.000 | 3.0 (2.0-4.0) | 2.0 (0.5-2.0) avt |"
    assert "a CPU, 2 cores, load 0.5; a system, Python 3.11" in lines
    assert "ghostpage 1; libghostty-vt 2; avt 3" in lines
    assert "Not measured: pyte: not there; pip install pyte" in lines
    assert "Not measured: libghostty-vt on emoji: crashed" in lines


def test_the_report_has_everything(comparison):
    report = json.loads(json.dumps(comparison.report()))
    assert report["machine"] == FACTS and report["versions"] == {"ghostpage": "1", "libghostty-vt": "2", "avt": "3"}
    assert report["missing"] == {"pyte": "not there; pip install pyte"}
    assert report["ratios"]["ascii"]["libghostty-vt"] == {"median": 3.0, "lowest": 2.0, "highest": 4.0}
    assert report["best_other"] == {"ascii": "avt", "emoji": "avt"}
    assert [one["workload"] for one in report["results"]] == ["ascii"] * 3 + ["emoji"] * 3
    assert [one["rate"] for one in report["results"]] == [4e9, 1e9, 3e9, 3e8, None, 6e8]
    assert [one["rows_equal"] for one in report["results"][:3]] == ["2/2", "2/2", "1/2"]


# ---- in processes of their own ---------------------------------------------------------------------------------------

BENCH = ["bench", "short", "--seconds", "0.01", "--passes", "2"]


def bench(*arguments: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command, with modules of a folder in the place of others."""
    paths = [str(folder) for folder in (path, IMPORTED.parent) if folder]
    return subprocess.run(
        [sys.executable, "-m", "ghostpage", *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_measures_and_writes_both_kinds_of_file(tmp_path):
    files = [tmp_path / "found.json", tmp_path / "found.md"]
    done = bench(*BENCH, "--peers", "pyte", "--json", "--save", str(files[0]), "--save", str(files[1]), "--quiet")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert json.loads(files[0].read_text()) == report
    assert files[1].read_text().startswith("| workload | ghostpage |")
    first = report["results"][0]
    assert first["peer"] == "ghostpage" and len(first["rates"]) == 2 and first["history_rows"] == 10_000
    measured = [one["peer"] for one in report["results"]]
    assert set(measured) | set(report["missing"]) == {"ghostpage", "pyte"}


def test_a_terminal_that_cannot_be_imported_is_told_of_and_left_out(tmp_path):
    (tmp_path / "avt.py").write_text("raise ImportError('broken on purpose')\n")
    done = bench(*BENCH, "--peers", "avt", path=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Not measured: avt: broken on purpose; pip install pyavt" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("    def feed_str(self, text): raise OSError('full')", "failed: OSError: full"),
        ("    def feed_str(self, text): import signal; signal.raise_signal(signal.SIGKILL)", "crashed"),
    ],
)
def test_a_terminal_that_fails_ends_nobody_else(tmp_path, body, told):
    heads = ["class Vt:", "    def __init__(self, *a, **k): pass", "    def lines(self): return [''] * 40"]
    (tmp_path / "avt.py").write_text("\n".join([*heads, body, ""]))
    (tmp_path / "pyavt-9.dist-info").mkdir()
    (tmp_path / "pyavt-9.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: pyavt\nVersion: 9\n")
    done = bench(*BENCH, "--peers", "avt", "--json", path=tmp_path)
    assert done.returncode == 0, done.stderr
    one, other = json.loads(done.stdout)["results"]
    assert one["rates"] and other["skipped"] == told and not other["rates"]


def test_wrong_arguments_are_told_in_a_line(capsys):
    assert main(["bench", "nothing"]) == 2
    assert capsys.readouterr().err == "ghostpage: no workload nothing; see ghostpage bench --help\n"
    with pytest.raises(SystemExit):
        main(["bench", "--save", "figures.txt"])
    assert "ends neither in .json nor in .md" in capsys.readouterr().err


def test_figures_that_cannot_be_written(comparison, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("ghostpage.cli.bench.compare", lambda *args, **options: comparison)
    assert main(["bench", "--save", str(tmp_path / "no" / "figures.json")]) == 2
    out, err = capsys.readouterr()
    assert "ascii" in out, "they are lost"
    assert "No such file or directory" in err and err.count("\n") == 1


def test_what_is_fed_is_as_much_as_asked_for():
    for workload in ("ascii", PARAGRAPHS, "vim"):
        pieces = pieces_of(workload, 300_000)
        assert 200_000 < sum(map(len, pieces)) < 400_000
        assert len(set(map(len, pieces[:-1]))) == 1
    assert max(map(len, b"".join(pieces_of(PARAGRAPHS, 300_000)).split(b"\n"))) > 10 * COLUMNS


def test_figures_of_one_after_another():
    table = {"ascii": [Result("pyte", "ascii", "1", [2e5, 4e5]), Result("ghostpage", "ascii", "1", [4e9])], "emoji": []}
    assert feed_table(table, ["ghostpage", "pyte"]).splitlines()[2:] == ["| ascii | 4.000 | 0.00030 |", "| emoji | - | - |"]


@pytest.mark.parametrize("name", ["libghostty-vt", "pyte", "avt", "par-term", "libvterm", "xterm.js"])
def test_each_terminal_that_is_there_shows_the_same(name):
    try:
        peer = PEERS[name](history=100)
    except Unavailable as reason:
        pytest.skip(str(reason))
    lines = [f"line {number} {'é漢'[number % 2]}" for number in range(300)]
    data = "\r\n".join(lines).encode()
    step = len(data) if name == "libvterm" else 11  # between the bytes of a character, which libvterm 0.1.4 loses then
    for at in range(0, len(data), step):
        peer.feed(data[at : at + step])
    assert [line.rstrip() for line in peer.tail(20)] == lines[-20:]
    assert peer.history_rows >= 100 * peer.keeps_history
    assert peer.version()
    peer.close()
