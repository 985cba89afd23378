"""``ghostpage memory``: what processes say of themselves when they are asked, and what is known of those that do not."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import ghostpage
from ghostpage import Terminal, _publishing, memory
from ghostpage.cli import _kernel, _report, main
from ghostpage.cli import memory as command

CHILD = """
import sys
from ghostpage import Terminal, memory
terminal = Terminal(40, 10)
terminal.feed("secret words\\r\\n" * 50_000)
memory.trim()
print(memory.ledger().mappings, flush=True)
for line in sys.stdin:
    exec(line)
    print("done", flush=True)
"""


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    yield tmp_path / "ghostpage"
    memory.unpublish()


@contextmanager
def child(**environment: str) -> Iterator[tuple[int, int, Callable[[str], None]]]:
    """A process, how many mappings it has, and a way to have it do something."""
    env = {**os.environ, "PYTHONPATH": str(Path(ghostpage.__file__).parent.parent), **environment}
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin and process.stdout

    def do(line: str) -> None:
        assert process.stdin and process.stdout
        process.stdin.write(line + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "done\n"

    try:
        yield process.pid, int(process.stdout.readline()), do
    finally:
        process.stdin.close()
        assert process.wait(timeout=30) == 0
        process.stdout.close()


def asked(capsys: Any, *argv: object, status: int = 0) -> dict[str, Any]:
    assert main(["memory", *map(str, argv), "--json"]) == status
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_the_demonstration(capsys: Any) -> None:
    result = asked(capsys)
    assert {one["owner"] for one in result["mappings"]} == {"text", "grid", "pool", "adopted"}
    assert result["ledger"]["mappings"] == len(result["mappings"]) and result["audit"]["ok"] is True
    assert sum(one["length"] for one in result["mappings"]) == result["ledger"]["bytes"]
    assert main(["memory"]) == 0
    out = capsys.readouterr().out
    for word in ("adopted", "non-standard", "TTTT", "tttt", "GGGG", "pppp", "AAAA", "a cell is 8.0 KiB", "has one owner"):
        assert word in out
    assert memory.ledger().mappings == 0


def test_a_process_answers_if_it_is_to(capsys: Any, runtime: Path) -> None:
    with child(GHOSTPAGE_PUBLISH="1") as (pid, count, do):
        result = asked(capsys, pid)
        assert (result["source"], result["pid"], len(result["mappings"])) == ("process", pid, count)
        assert {one["owner"] for one in result["mappings"]} == {"text"} and count > 1
        if sys.platform == "linux":
            assert all(0 < one["resident"] <= one["length"] for one in result["mappings"][1:])
        assert main(["memory", str(pid)]) == 0
        out = capsys.readouterr().out
        assert f"process {pid}, {sys.executable} -c" in " ".join(out.split())
        assert "secret" not in json.dumps(result)
        assert oct(runtime.stat().st_mode)[-3:] == "700"

        do("terminal.close(); memory.trim()")
        assert asked(capsys, pid)["mappings"] == []
        assert main(["memory", str(pid)]) == 0 and "Nothing is mapped." in capsys.readouterr().out
        do("memory.unpublish()")
        assert asked(capsys, pid)["source"] == "kernel"
        do("memory.publish(); memory.publish()")
        assert asked(capsys, pid)["source"] == "process"
    assert list(runtime.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
def test_a_child_of_fork_does_not_answer(capsys: Any, runtime: Path) -> None:
    fork = "import os; r, w = os.pipe(); pid = os.fork(); "
    with child(GHOSTPAGE_PUBLISH="1") as (pid, count, do):
        do(f"{fork} (os.close(w), os.read(r, 1), os._exit(0)) if not pid else (os.close(r), print(pid, file=open({str(runtime / 'child')!r}, 'w')))")
        forked = int((runtime / "child").read_text())
        (runtime / "child").unlink()
        assert asked(capsys, forked)["source"] == "kernel"
        assert len(asked(capsys, pid)["mappings"]) == count
        do("os.close(w); os.waitpid(pid, 0)")


def test_a_process_that_was_not_asked_to(capsys: Any) -> None:
    with child() as (pid, _, _):
        result = asked(capsys, pid)
        assert result["source"] == "kernel" and result["pid"] == pid
        assert result["anonymous_bytes"] > 1 << 20 and result["resident"] > 1 << 20
        assert main(["memory", str(pid)]) == 0
        out = " ".join(capsys.readouterr().out.split())
        assert "does not answer" in out and "GHOSTPAGE_PUBLISH=1" in out


def test_regions_with_a_name(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the kernel keeps names."""
    areas = [
        _kernel.Area(0x1000, 0x5000, "rw-p", "[anon:ghostpage]"),
        _kernel.Area(0x9000, 0xA000, "rw-p", "[anon:ghostpage]"),
        _kernel.Area(0xA000, 0xB000, "rw-p", ""),
        _kernel.Area(0xB000, 0xC000, "rw-p", "[heap]"),
        _kernel.Area(0xC000, 0xD000, "r-xp", "/usr/lib/ghostpage"),
    ]
    monkeypatch.setattr(_kernel, "areas", lambda pid=None: areas)
    result = asked(capsys, os.getppid())
    assert (result["named_regions"], result["named_bytes"]) == (2, 0x5000)
    assert (result["anonymous_regions"], result["anonymous_bytes"]) == (3, 0x6000)
    assert main(["memory", str(os.getppid())]) == 0
    assert "2 regions of 20.0 KiB that have the name of ghostpage" in capsys.readouterr().out


def test_a_leak_is_told_and_is_an_exit_status(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with Terminal() as terminal:
        terminal.feed("x")
        report = memory.report()
    report["audit"] |= {"ok": False, "violation": "a mapping has no \x1b[31mowner"}
    report["mappings"][0] |= {"owner": "nobody", "terminal": None, "used": 0, "kind": "non-standard"}
    monkeypatch.setattr(memory, "report", lambda: report)
    memory.publish()
    asked(capsys, os.getpid(), status=1)
    assert main(["memory", str(os.getpid())]) == 1
    out = capsys.readouterr().out
    assert "AUDIT FAILED: a mapping has no ?[31mowner" in out and re.search(r"[0-9a-f]{4,}  !+\n", out)


GOOD = {"address": 4096, "length": 4096, "kind": "standard", "owner": "text", "terminal": 1, "used": 9, "resident": None}
WRONG = [
    b"",
    b"no json",
    b"[" * 100_000,
    b"{}",
    b'{"mappings": 5, "audit": {"ok": true, "violation": ""}}',
    b'{"mappings": [7], "audit": {"ok": true, "violation": ""}}',
    b'{"mappings": []}',
    *(
        json.dumps({"mappings": [{**GOOD, name: value}], "audit": {"ok": True, "violation": ""}}).encode()
        for name, value in (
            ("address", -1), ("address", "x"), ("length", 0), ("length", 1.5), ("used", 1 << 70), ("owner", "me"),
            ("kind", None), ("terminal", "x"), ("resident", []),
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize("answer", WRONG, ids=range(len(WRONG)))
def test_an_answer_is_not_believed(capsys: Any, answer: bytes) -> None:
    _publishing.serve(lambda: answer)
    assert main(["memory", str(os.getpid())]) == 2
    assert "with nothing that makes sense" in capsys.readouterr().err


def test_only_a_folder_of_the_users_own_is_used(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime.mkdir()
    runtime.chmod(0o777)
    monkeypatch.setattr(_publishing, "_folders", lambda user: iter([runtime]))
    with pytest.raises(OSError, match="no folder that is private"):
        memory.publish()
    runtime.chmod(0o700)
    memory.publish()
    assert _publishing.ask(os.getpid(), os.getuid())
    runtime.chmod(0o750)
    assert _publishing.ask(os.getpid(), os.getuid()) is None


def test_a_folder_whose_name_is_too_long_for_a_socket_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long, short = tmp_path / ("long" * 30), Path(tempfile.mkdtemp())
    try:
        monkeypatch.setattr(_publishing, "_folders", lambda user: iter([long, short]))
        memory.publish()
        assert [path.suffix for path in short.iterdir()] == [".sock"] and not list(long.iterdir())
        memory.unpublish()
        monkeypatch.setattr(_publishing, "_folders", lambda user: iter([long]))
        with pytest.raises(OSError, match="there is no folder that is private to the user"):
            memory.publish()
    finally:
        memory.unpublish()
        shutil.rmtree(short)


def test_it_does_not_keep_the_package_from_being_imported(runtime: Path) -> None:
    script = "import tempfile; tempfile.tempdir = '/nowhere'; import ghostpage"
    env = {**os.environ, "PYTHONPATH": str(Path(ghostpage.__file__).parent.parent), "GHOSTPAGE_PUBLISH": "1"}
    runtime.write_text("in the way")
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True)
    assert done.returncode == 0
    assert "GHOSTPAGE_PUBLISH: there is no folder" in done.stderr or Path(f"/run/user/{os.getuid()}").exists()


@pytest.mark.parametrize("process", ["", "x", "-1", "0", "4\x1b[m", "999999999", "99999999999999"])
def test_what_is_no_process(capsys: Any, process: str) -> None:
    assert main(["memory", "--", process]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "no process" in err and "\x1b" not in err


def test_the_map_in_colours(capsys: Any) -> None:
    import io

    from rich.console import Console

    places = [(0x10000, "text", 8192), (0x18000, "grid", 32768), (0x20000, "pool", 0), (0x90000, "nobody", 0)]
    mappings = [
        command._One(address, 32768, "non-standard" if owner == "nobody" else "standard", owner, None, used, None)
        for address, owner, used in places
    ]
    out = Console(file=io.StringIO(), force_terminal=True, color_system="truecolor", width=80)
    command._draw(out, mappings)
    lines = out.file.getvalue().splitlines()
    with Terminal(120, 10) as terminal:
        terminal.feed("\r\n".join(lines))
        first, second, legend = (terminal.screen[y] for y in range(3))
        assert first.text == "0x000000010000  ██······████████········"
        assert second.text == "0x000000090000  ········"
        assert second.cells[16].style.underline == 1 and first.cells[16].style.underline == 0
        assert len({cell.style.background for cell in first.cells[16:40]}) == 2
        assert len({cell.style.foreground for cell in first.cells[16:40]}) == 3
        assert legend.text.startswith("a cell is 4.0 KiB; text grid pool nobody (shade: how full")


def test_a_map_of_many_pages_stays_small() -> None:
    import io

    mappings = [command._One(n << 20, 262144, "standard", "text", 1, 262144, None) for n in range(1000)]
    out = _report.console(io.StringIO())
    command._draw(out, mappings)
    lines = out.file.getvalue().splitlines()
    assert len(lines) == command.MAP_ROWS + 2 and lines[-2] == "and 980 more rows"
