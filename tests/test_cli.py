"""The command line: soak, run and replay, what they print, and how they fail."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import count

import pytest

import ghostpage
from ghostpage import memory, sessions
from ghostpage.cli import _common, _exhibit, _kernel, _report, _soaking, main
from ghostpage.session import Session
from variants import Variant, not_preloaded, run_python

HISTORIC = Variant("historic", "historic")

V2 = r"""
{"version": 2, "width": 30, "height": 5, "title": "some \u001b[31mthing"}
[0.1, "o", "\u001b[1;31mhello\u001b[m world\r\n"]
[0.2, "o", "\u001b]8;;https://example.org/\u001b\\link\u001b]8;;\u001b\\"]
""".lstrip()


@pytest.fixture
def cast(tmp_path):
    path = tmp_path / "some.cast"
    path.write_text(V2)
    return path


def cli(*argv, **options):
    """Runs the command in a process of its own."""
    heed = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # noqa: E731
    return subprocess.Popen(
        [sys.executable, "-m", "ghostpage", *map(str, argv)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, preexec_fn=heed, **options,
    )  # fmt: skip


def fails(capsys, *argv, why):
    """The command ends with status 2 and one line on stderr, and prints nothing else."""
    try:
        status = main([str(word) for word in argv])
    except SystemExit as end:
        status = end.code
    out, err = capsys.readouterr()
    assert status == 2
    assert out == ""
    assert why in err
    assert err.count("\n") == 1 and err.endswith("\n")
    assert "Traceback" not in err


# ---- sizes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1), ("4096", 4096), ("64K", 65536), ("64k", 65536), ("64KiB", 65536), ("64KB", 64000), ("1.5G", 3 << 29),
        ("200M", 200 << 20), ("200 MiB", 200 << 20), ("1T", 1 << 40), ("10b", 10), ("9223372036854775807", 2**63 - 1),
    ],
)  # fmt: skip
def test_byte_sizes(text, size):
    assert _common.byte_size(text) == size


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "M", "1X", "1e9", "1.K", "1..5M", "nan", "²", "8388608T", "1 0", "0.1"]
)
def test_byte_sizes_that_are_none(text):
    with pytest.raises(argparse.ArgumentTypeError):
        _common.byte_size(text)


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (1023, "1,023 B"), (1536, "1.5 KiB"), (64 << 20, "64.0 MiB"), (3 << 50, "3,072.0 TiB")],
)
def test_sizes_for_people(size, text):
    assert _common.human(size) == text


# ---- soak ------------------------------------------------------------------------------------------------------------

SMALL = ("soak", "--quiet", "--bytes", "3M", "--life", "512K", "--lines", "20", "--standard-page", "16K")


@pytest.mark.parametrize("policy", ["adaptive", "replace"])
@pytest.mark.parametrize("what", [(), ("emoji",), ("--workload", "wide_repaint")])
def test_soak_is_clean(capsys, policy, what):
    assert main([*SMALL, "--policy", policy, "--json", *what]) == 0
    out, err = capsys.readouterr()
    result = json.loads(out)
    assert err == ""
    assert result["leaked"] is False and result["leaks"] == []
    assert result["fed_bytes"] >= 3 << 20
    assert result["opened"] == result["closed"] >= 5
    counters = result["counters"]
    assert counters["nonstandard_born" if "wide_repaint" in what else "rows_pruned"] > 0
    assert result["end"]["mappings"] == result["start"]["mappings"]
    assert result["end"]["bytes"] == result["start"]["bytes"] < result["peak"]["bytes"]
    if sys.platform == "linux":
        assert result["peak"]["kernel_mappings"] > result["end"]["kernel_mappings"] == result["end"]["mappings"]
        assert 0 < result["start"]["resident"] <= result["peak"]["resident"]


def test_soak_prints_a_table_and_draws(capsys, tmp_path):
    plot = tmp_path / "soak.png"
    assert main(["soak", "vim", "--bytes", "2M", "--lines", "100", "--plot", str(plot)]) == 0
    out, err = capsys.readouterr()
    for word in ("soak: vim, adaptive, 80x24, 4 at once", "MB/s", "pruned", "mappings", "RSS", "clean: "):
        assert word in out
    assert "100% 2.0 MiB" in err
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert plot.stat().st_size > 10_000


def test_soak_ends_after_cycles(capsys):
    assert main(["soak", "less", "--quiet", "--json", "--cycles", "3", "--terminals", "2", "--life", "256K"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["closed"] == 3 + 2
    assert result["fed_bytes"] < 4 << 20


def test_soak_is_the_same_for_the_same_seed(capsys):
    results = []
    for seed in (1, 1, 2):
        assert main([*SMALL, "--json", "--workload", "emoji", "--seed", str(seed)]) == 0
        results.append(json.loads(capsys.readouterr().out))
    assert results[0]["counters"] == results[1]["counters"]
    assert results[0]["counters"] != results[2]["counters"]


def test_soak_notices_a_terminal_that_stays(capsys, monkeypatch):
    kept = []
    open_terminal = _common.open_terminal

    def keep(args, columns, rows, arena=None):
        if not kept:
            kept.append(ghostpage.Terminal(columns, rows))
            kept[0].feed(b"kept\r\n" * 1000)
        return open_terminal(args, columns, rows, arena)

    monkeypatch.setattr("ghostpage.cli.soak.open_terminal", keep)
    try:
        assert main([*SMALL, "--json", "vim"]) == 1
        result = json.loads(capsys.readouterr().out)
        assert result["leaked"] is True
        assert "left after everything was closed" in result["verdict"]
    finally:
        kept[0].close()


AGENT = ("soak", "--quiet", "--json", "--terminals", "5", "--life", "2M", "--lines", "300", "--standard-page", "4K", "--policy", "replace")


@pytest.fixture(scope="module")
def agent_output(tmp_path_factory):
    """Long lines of emoji and links among short ones: what the historic leak loses mappings on."""
    path = tmp_path_factory.mktemp("agent") / "agent.out"
    path.write_bytes(_exhibit.session(8 << 20))
    return path


@not_preloaded
def test_soak_of_many_terminals_that_are_compared(agent_output):
    """In a process of its own, so that what is resident is the soak's."""
    for what in ("--mixed", agent_output):
        done = run_python(None, "-m", "ghostpage", *AGENT, "--bytes", "48M", "--snapshot-every", "100", "--compare", str(what))
        result = json.loads(done.stdout)
        assert done.returncode == 0, result["verdict"]
        assert result["opened"] == result["closed"] == result["compared"] > 20
        assert result["resized"] > 10 and result["snapshots"] > 5
        assert result["counters"]["nonstandard_retired"] > 20
        if sys.platform == "linux":
            assert result["unowned_growth"] is not None and result["resident_growth"] is not None


def test_soak_notices_the_historic_leak(agent_output):
    done = run_python(HISTORIC.folder(), "-m", "ghostpage", *AGENT, "--bytes", "96M", "--compare", str(agent_output))
    result = json.loads(done.stdout)
    assert done.returncode == 1
    assert "mappings without an owner" in result["verdict"]
    if sys.platform == "linux":
        assert result["unowned_growth"] > _soaking.FLAT_BYTES, result


def test_soak_notices_what_becomes_resident_and_is_nobodys(capsys, monkeypatch):
    resident = iter(range(0, 1 << 60, 1 << 20))
    monkeypatch.setattr(_soaking._kernel, "resident", lambda: next(resident))
    assert main([*SMALL, "--bytes", "16M", "vim"]) == 1  # one MiB at each of its samples
    assert "became resident in the second half, and no terminal owns it" in " ".join(capsys.readouterr().out.split())


def test_soak_notices_a_terminal_that_shows_something_else(capsys, monkeypatch):
    opened = []
    open_terminal = _common.open_terminal

    def spoil(args, columns, rows, arena=None):
        terminal = open_terminal(args, columns, rows, arena)
        opened.append(terminal)
        if len(opened) == 2:
            terminal.feed("one line more\r\n")
        return terminal

    monkeypatch.setattr("ghostpage.cli.soak.open_terminal", spoil)
    assert main([*SMALL, "--compare", "--lines", "1000000", "git-log"]) == 1
    out = capsys.readouterr().out
    assert "DIFFERS: after" in out and out.count("does not show what a fresh one does") == 1


def test_soak_notices_a_snapshot_that_changes(capsys, monkeypatch):
    take = ghostpage.Terminal.snapshot

    class Changing:
        def __init__(self, terminal):
            self.snapshot = take(terminal)
            self.reads = count()

        def __getattr__(self, name):
            return getattr(self.snapshot, name)

        def to_ansi(self, start, stop):
            return b"%d" % next(self.reads)

    monkeypatch.setattr(ghostpage.Terminal, "snapshot", lambda self: Changing(self))
    assert main([*SMALL, "--snapshot-every", "8", "git-log"]) == 1
    assert "a snapshot does not show what it showed" in capsys.readouterr().out


def test_soak_stops_when_its_time_is_over(capsys):
    assert main(["soak", "--quiet", "--json", "--for", "0.5s", "--terminals", "2", "less"]) == 0
    assert json.loads(capsys.readouterr().out)["opened"] >= 2


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("1.5s", 1.5), ("10m", 600), ("2h", 7200)])
def test_times(text, seconds):
    assert _common.duration(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "0", "-1s", "1d", "inf"])
def test_what_is_no_time(text):
    with pytest.raises(argparse.ArgumentTypeError):
        _common.duration(text)


def test_soak_notices_that_the_kernel_disagrees(capsys, monkeypatch):
    monkeypatch.setattr(_soaking._kernel, "count_mapped", lambda known, wanted: max(0, len(list(wanted)) - 1))
    assert main([*SMALL, "vim"]) == 1
    out = capsys.readouterr().out
    assert "LEAKED: after" in out
    assert "the kernel has" in out


def test_soak_notices_a_failed_audit(capsys, monkeypatch):
    orphan = memory.Mapping(0xABC000, 8192, "non-standard", 1.0, False, 1)
    bad = replace(memory.audit(), ok=False, orphans=[orphan], double_owned=2, violation="a page is lost")
    monkeypatch.setattr(_soaking.memory, "audit", lambda: bad)
    assert main([*SMALL, "vim"]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "LEAKED: audit after" in out
    assert "1 mappings without an owner (8.0 KiB at 0xabc000); 2 with more than one; a page is lost" in out


def test_soak_notices_memory_that_the_ledger_does_not_know(capsys, monkeypatch):
    grown = iter(range(0, 1 << 40, 1 << 30))
    monkeypatch.setattr(_soaking._kernel, "anonymous_bytes", lambda known: next(grown))
    assert main([*SMALL, "vim"]) == 1
    assert "more than at the start" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (("--bytes", "1X"), "'1X' is no size; write 4096"),
        (("--bytes", "\x1b[31m"), "no size"),
        (("--columns", "0"), "'0' is no number from 1 on"),
        (("--rows", "-3"), "--rows"),
        (("--columns", "99999999"), "99999999"),
        (("--cycles", "none"), "no number"),
        (("--policy", "hope"), "invalid choice: 'hope'"),
        (("--seed", "x"), "--seed"),
        (("--workload", "nothing"), "no workload 'nothing'; there are ascii"),
        (("--workload", "ascii", "vim"), "only one"),
        (("nothing.cast",), "no file and no recording 'nothing.cast'"),
        (("--standard-page", "1"), ""),
        (("--plot", "/nowhere/at/all.png"), "no such directory"),
        (("--plot", "soak.exe"), "has to end in .png"),
        (("--unknown",), "unrecognized arguments: --unknown"),
    ],
)
def test_soak_that_cannot_start(capsys, argv, why):
    before = memory.ledger().mappings
    fails(capsys, "soak", "--quiet", "--bytes", "64K", *argv, why=why)
    assert memory.ledger().mappings == before


def test_soak_of_nothing(capsys, tmp_path):
    (tmp_path / "empty.cast").write_text(V2.splitlines()[0] + "\n")
    fails(capsys, "soak", "--quiet", tmp_path / "empty.cast", why="there is no output in")


def test_soak_that_cannot_draw_what_it_found(capsys, tmp_path):
    (tmp_path / "soak.png").mkdir()
    assert main([*SMALL, "--plot", str(tmp_path / "soak.png")]) == 2
    assert f"cannot draw '{tmp_path / 'soak.png'}': [Errno 21]" in capsys.readouterr().err


@pytest.mark.parametrize("module", ["rich.console", "matplotlib.figure"])
def test_missing_extras(capsys, monkeypatch, module, tmp_path):
    monkeypatch.setitem(sys.modules, module, None)
    why = f'{module.partition(".")[0]} is missing: pip install "ghostpage[cli]"'
    fails(capsys, "soak", "--plot", tmp_path / "x.png", why=why)


def test_interrupted_soak_ends_quietly():
    process = cli("soak", "--bytes", "900G")
    assert process.stderr.readline().startswith("  0% ")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == "" and err == ""


# ---- replay ----------------------------------------------------------------------------------------------------------


def test_replay_prints_the_screen_and_the_memory(capsys, cast):
    assert main(["replay", str(cast)]) == 0
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert lines[0].startswith("some ?[31mthing: ")
    assert lines[2:4] == ["hello world", "link"]
    assert "memory" in out and "rows of history" in out and "in the whole process" in out
    assert "\x1b" not in out


def test_replay_as_json(capsys, cast):
    assert main(["replay", str(cast), "--json", "--rows", "3", "--history"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["screen"] == ["hello world", "link", ""]
    assert (result["columns"], result["rows"]) == (30, 3)
    assert result["cursor"] == {"x": 4, "y": 1}
    assert result["history"] == [] and result["history_rows"] == 0
    assert result["memory"]["mapped"] > 0
    assert result["pages"]
    assert result["ledger"]["mappings"] > 0


@pytest.mark.parametrize("name", sessions.names())
def test_replay_of_what_is_shipped(capsys, name):
    assert main(["replay", name, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["bytes"] == len(sessions.load(name).data)


def test_replay_follows_resizes_unless_told_a_size(capsys, tmp_path):
    path = tmp_path / "resized.cast"
    path.write_text(V2 + '[1, "r", "40x7"]\n')
    for options, size in (((), (40, 7)), (("--columns", "33"), (33, 5))):
        assert main(["replay", str(path), "--json", *options]) == 0
        result = json.loads(capsys.readouterr().out)
        assert (result["columns"], result["rows"]) == size


def test_replay_in_its_own_time(capsys, cast):
    begin = time.monotonic()
    assert main(["replay", str(cast), "--json", "--speed", "1"]) == 0
    assert time.monotonic() - begin >= 0.2


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is empty"),
        (b'{"version": 9, "width": 1, "height": 1}', "version 9"),
        (b'{"version": 2, "width": 8, "height": 2}\n[\x1b[31m\n', "line 2: not an event"),
        (b'{"version": 2, "width": 8, "height": 2}\n[1, "r", "\\u001bx2"]\n', "is no size"),
        (b"\xfd7zXZ\x00damaged", "damaged"),
    ],
)
def test_replay_of_what_cannot_be_read(capsys, tmp_path, data, why):
    path = tmp_path / "bad.cast"
    path.write_bytes(data)
    fails(capsys, "replay", path, why=why)


def on_a_terminal(*argv, columns):
    """What the command prints in a PTY."""
    printed = []
    command = [sys.executable, "-m", "ghostpage", *map(str, argv)]
    env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")} | {"TERM": "xterm"}
    with Session(command, columns, 20, observer=printed.append, env=env) as session:
        assert session.wait(60) == 0
    return b"".join(printed).decode()


@pytest.mark.parametrize(("columns", "line"), [(40, "\x1b[1;38;5;1mhello\x1b[m world"), (20, "hello world")])
def test_replay_on_a_terminal_is_shown_as_it_goes(cast, columns, line):
    shown, end, report = on_a_terminal("replay", cast, "--speed", "2", columns=columns).partition("\x1b[?25h\x1b[?1049l")
    assert shown.startswith("\x1b[?1049h\x1b[?25l\x1b[?2026h\x1b[H") and end
    assert f"\x1b[H{line}\x1b[K\r" in shown
    assert "bytes" in report and "\x1b[?2026h" not in report


def test_soak_on_a_terminal_has_a_bar():
    shown = on_a_terminal(*SMALL[:1], *SMALL[2:], "--json", columns=80)
    assert "\x1b[?25l" in shown and "%" in shown.partition("{")[0]
    assert json.loads(shown[shown.index("{") : shown.rindex("}") + 1])["leaked"] is False


def test_replay_of_nothing(capsys, tmp_path):
    fails(capsys, "replay", why="required: FILE|NAME")
    fails(capsys, "replay", tmp_path, why="directory")
    fails(capsys, "replay", "a\0b", why="no file")
    fails(capsys, "replay", "vim", "--speed", "0", why="no number above 0")
    fails(capsys, "replay", "vim", "--columns", "99999999", why="99999999")


def test_rows_are_painted_as_they_were_printed():
    printed = (
        b"\x1b[1;3;38;5;9mred\x1b[m  \x1b[48;2;1;2;3;4:3;58:5:4mback\x1b[m \xe7\x95\x8c "
        b"\x1b[4;58:2::9:8:7mline\x1b[m "
        b"\x1b]8;;https://example.org/\x1b\\link\x1b]8;;\x1b\\ \x1b[7mend   \x1b[m"
    )
    with ghostpage.Terminal(60, 2) as first, ghostpage.Terminal(60, 2) as second:
        first.feed(printed)
        painted = _report.paint(first.screen[0])
        second.feed(painted)
        assert painted.count("\x1b") > 6
        assert second.screen[0].cells == first.screen[0].cells


# ---- export ----------------------------------------------------------------------------------------------------------

BEGINNINGS = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="288" height="108"', "png": b"\x89PNG", "htm": b"<!DOCTYPE html>",
    "txt": b"hello world\nlink\n", "ans": b"\x1b[1;31mhello\x1b[m world\r\n", "cast": b'{"version": 3, ',
}  # fmt: skip


@pytest.mark.parametrize("suffix", BEGINNINGS)
def test_export_by_suffix(capsys, cast, tmp_path, suffix):
    assert main(["export", str(cast), str(tmp_path / f"out.{suffix}")]) == 0
    assert capsys.readouterr() == ("", "")
    assert (tmp_path / f"out.{suffix}").read_bytes().startswith(BEGINNINGS[suffix])


def test_export_is_what_it_was_then(capsysbinary, tmp_path):
    path = tmp_path / "resized.cast"
    path.write_text(V2 + '[1, "r", "40x2"]\n[2, "o", "\\r\\n3\\r\\n4"]\n')

    def text(*options):
        assert main(["export", str(path), "-", "--format", "text", *options]) == 0
        return capsysbinary.readouterr().out.splitlines()

    assert text("--at", "0.15") == [b"hello world"]
    assert text() == [b"3", b"4"]
    assert text("--history") == [b"hello world", b"link", b"3", b"4"]
    assert text("--rows", "3") == [b"link", b"3", b"4"]
    assert main(["export", str(path), str(tmp_path / "a.svg"), "--title", "<x>", "--cursor", "--at", "1"]) == 0
    svg = (tmp_path / "a.svg").read_text()
    assert 'width="378" height="54"' in svg and "<title>&lt;x&gt;</title>" in svg
    assert '<a href="https://example.org/"' in svg and '<rect x="36" y="18" width="9"' in svg


def test_export_to_another_recording(cast, tmp_path):
    for source, name in ((cast, "a.cast"), (tmp_path / "a.cast", "b.cast")):
        assert main(["export", str(source), str(tmp_path / name)]) == 0
    assert (tmp_path / "a.cast").read_bytes() == (tmp_path / "b.cast").read_bytes()
    assert replace(sessions.read(tmp_path / "b.cast"), name="") == replace(sessions.read(cast), name="")


def test_export_that_cannot_be(capsys, cast, tmp_path, monkeypatch):
    fails(capsys, "export", cast, tmp_path / "x.doc", why="cannot tell a format from")
    fails(capsys, "export", cast, "-", why="--format svg|png|html|text|ansi|cast")
    fails(capsys, "export", cast, tmp_path / "no" / "x.svg", why="No such file or directory")
    fails(capsys, "export", cast, tmp_path / "x.png", "--size", "5", why="size must be from 6 to 200, not 5")
    fails(capsys, "export", cast, tmp_path / "x.png", "--font", "no.ttf", why="cannot read the font 'no.ttf'")
    fails(capsys, "export", "nothing", tmp_path / "x.png", why="no file and no recording 'nothing'")
    monkeypatch.setattr("ghostpage.png.find_spec", lambda name: None)
    fails(capsys, "export", cast, tmp_path / "x.png", why='pip install "ghostpage[image]"')
    assert list(tmp_path.iterdir()) == [cast]


def test_an_export_whose_reader_goes_away():
    process = cli("export", "emoji", "-", "--format", "svg")
    process.stdout.close()
    process.wait(timeout=60)
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.returncode == 141


# ---- run -------------------------------------------------------------------------------------------------------------


def run(*argv):
    return main(["run", "--json", "--timeout", "60", "--", *argv])


def test_run_shows_the_screen_and_the_status(capsys):
    assert main(["run", "--columns", "40", "--rows", "4", "--", "sh", "-c", "stty size; echo $TERM; exit 3"]) == 3
    out = capsys.readouterr().out
    assert out.startswith("4 40\nxterm-256color\n\n")
    assert "rows of history" in out


def test_run_without_dashes(capsys):
    assert main(["run", "--json", "echo", "-n", "--", "x"]) == 0
    assert json.loads(capsys.readouterr().out)["screen"][0] == "-- x"


def test_run_keeps_history(capsys):
    assert main(["run", "--json", "--history", "--rows", "5", "--lines", "8", "--", "seq", "100"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["screen"] == ["97", "98", "99", "100", ""]
    assert result["history"] == [str(number) for number in range(89, 97)]


@not_preloaded
def test_run_passes_replies_back(capsys):
    script = r"stty raw -echo; printf '\033[6n'; dd bs=1 count=6 2>/dev/null | od -An -c; stty sane"
    assert run("sh", "-c", script) == 0
    assert "033 [ 1 ; 1 R" in " ".join(json.loads(capsys.readouterr().out)["screen"][0].split())


def test_run_of_a_program_that_asks_and_never_reads(capsys):
    script = r"stty raw -echo; for i in $(seq 3000); do printf '\033[c\033[6n'; done; echo; echo done"
    assert run("sh", "-c", script) == 0
    assert any("done" in row for row in json.loads(capsys.readouterr().out)["screen"])


def test_run_of_a_program_killed(capsys):
    assert run("sh", "-c", "kill -9 $$") == 128 + 9
    assert json.loads(capsys.readouterr().out)["exit_status"] == 137


def test_run_stops_at_the_timeout(capsys):
    begin = time.monotonic()
    assert main(["run", "--json", "--timeout", "0.4", "--", "sh", "-c", "echo begun; sleep 60"]) == 124
    result = json.loads(capsys.readouterr().out)
    assert result["timed_out"] is True
    assert result["screen"][0] == "begun"
    assert time.monotonic() - begin < 20


def test_run_does_not_wait_for_what_is_left_behind(capsys):
    begin = time.monotonic()
    assert run("sh", "-c", "trap '' HUP; sleep 30 & echo out") == 0
    assert time.monotonic() - begin < 20


def test_run_waits_for_a_program_that_closed_its_terminal(capsys):
    assert run("sh", "-c", "echo first; trap '' HUP; exec >&- 2>&- <&-; sleep 0.5; exit 7") == 7


def test_run_records(capsys, tmp_path):
    cast = tmp_path / "a.cast"
    assert main(["run", "--json", "--columns", "40", "--record", str(cast), "--", "sh", "-c", "echo one; exit 3"]) == 3
    capsys.readouterr()
    session = sessions.read(cast)
    assert (session.columns, session.data) == (40, b"one\r\n")
    assert cast.read_text().splitlines()[-1].endswith('"x", "3"]')
    assert main(["replay", str(cast)]) == 0
    assert "one" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (("--record", "/no/such/folder/a.cast", "--", "true"), "No such file"),
        ((), "run what?"),
        (("--",), "run what?"),
        (("--", "no-such-program-anywhere"), "no program 'no-such-program-anywhere'"),
        (("--", "/dev/null"), "/dev/null"),
        (("--", ""), "''"),
        (("--", "true", "x" * 200_000), "cannot run 'true': [Errno 7]"),
        (("--", "true", "a\0b"), "null byte"),
        (("--record", "/dev/null", "--columns", "70000", "--", "true"), "columns must be from 1 to 65535, not 70000"),
        (("--columns", "0", "--", "true"), "no number"),
        (("--columns", "70000", "--", "true"), "70000"),
        (("--timeout", "soon", "--", "true"), "no number above 0"),
        (("--limit-bytes", "much", "--", "true"), "no size"),
    ],
)
def test_run_that_cannot_start(capsys, argv, why):
    fails(capsys, "run", *argv, why=why)


def test_interrupted_run_ends_its_program(tmp_path):
    mark = tmp_path / "pid"
    process = cli("run", "--", "sh", "-c", f"echo $$ > {mark}.new; mv {mark}.new {mark}; exec sleep 60")
    until = time.monotonic() + 20
    while not mark.exists() and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err == ""
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


# ---- all of them -----------------------------------------------------------------------------------------------------


def test_no_command(capsys):
    fails(capsys, why="required: COMMAND")
    fails(capsys, "dance", why="invalid choice: 'dance'")


@pytest.mark.parametrize("argv", [["--help"], ["soak", "--help"], ["run", "--help"], ["replay", "--help"], ["shell", "--help"], ["leak", "--help"], ["memory", "--help"], ["bench", "--help"]])
def test_help(capsys, argv):
    with pytest.raises(SystemExit) as end:
        main(argv)
    assert end.value.code == 0
    out = capsys.readouterr().out
    assert "usage: ghostpage" in out
    assert max(map(len, out.splitlines())) <= 120
    if len(argv) > 1:
        assert "examples:\n  ghostpage" in out


def test_version(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out.startswith("ghostpage ")


def test_out_of_memory_is_one_line(capsys, monkeypatch):
    def fail(*args):
        raise MemoryError("no mapping\nto be had")

    monkeypatch.setattr("ghostpage.cli.replay.open_terminal", fail)
    fails(capsys, "replay", "vim", why="out of memory: no mapping to be had")


def test_a_reader_that_goes_away():
    process = cli("replay", "emoji", "--history")
    process.stdout.close()
    process.wait(timeout=60)
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.returncode == 141


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_without_unicode(encoding, cast):
    process = cli("replay", "emoji", env={**os.environ, "PYTHONIOENCODING": encoding})
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "flag" in out


@not_preloaded
def test_where_the_kernel_does_not_tell(monkeypatch):
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert _kernel.areas(gone.pid) is _kernel.resident(gone.pid) is None
    assert _kernel.count_mapped(None, [(4096, 4096)]) is _kernel.anonymous_bytes(None) is _kernel.unnamed(None) is None

    def nowhere(*args, **options):
        raise FileNotFoundError

    monkeypatch.setattr(_kernel, "open", nowhere, raising=False)  # no /proc
    monkeypatch.setattr(_kernel, "_last_ps", (-1.0, None))
    asked = []
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda *args, **options: asked.append(1) or run(*args, **options))
    assert _kernel.areas() is None
    first = _kernel.resident()
    assert first is None or first > 1 << 20
    assert _kernel.resident() == first and len(asked) == 1, "ps is not asked that often"
    monkeypatch.setattr(_kernel, "_last_ps", (-1.0, None))
    monkeypatch.setenv("PATH", "")
    assert _kernel.resident() is None and len(asked) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc/self/maps")
def test_the_kernel_knows_what_is_mapped():
    with ghostpage.Terminal(80, 24) as terminal:
        terminal.feed(b"text\r\n" * 1000)
        places = [(mapping.address, mapping.length) for mapping in memory.mappings()]
        assert places
        assert _kernel.count_mapped(_kernel.areas(), places) == len(places)
        assert _kernel.count_mapped(_kernel.areas(), [(address, 1 << 46) for address, _ in places]) == 0
    assert _kernel.count_mapped(_kernel.areas(), [(4096, 4096)]) == 0
    assert _kernel.resident() > 1 << 20
