"""What is shipped: sdist and wheel, what the compiled module exports, and the examples."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import pytest

import ghostpage
from ghostpage import sessions

ROOT = Path(__file__).resolve().parent.parent
IMPORTED = Path(ghostpage.__file__).resolve().parent
CLUTTER = shutil.ignore_patterns(
    ".*", "build", "dist", "*.egg-info", "__pycache__", "*.so", "*.o", "*.py[cod]", "_native.c"
)

on_elf = pytest.mark.skipif(not shutil.which("nm") or sys.platform == "darwin", reason="asks nm of binutils")


def run(command: Sequence[str], cwd: Path, *, path: Path | None = None, stdin: str = "", **env: str) -> str:
    """What a command prints, which has to succeed; ``path`` is where its Python finds the package."""
    environment = {**os.environ, **env}
    if path:
        environment["PYTHONPATH"] = str(path)
    done = subprocess.run(
        command, cwd=cwd, env=environment, input=stdin, capture_output=True, encoding="utf-8", timeout=300, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def build(tree: Path, what: str) -> Path:
    """The sdist or wheel of a tree, by the same hooks that pip calls, whatever build is under test here."""
    clean = {name: "" for name in ("GHOSTPAGE_BUILD", "LD_PRELOAD", "PYTHONPATH", "PYTHONMALLOC")}
    script = f"from setuptools import build_meta; build_meta.build_{what}('dist')"
    run([sys.executable, "-c", script], tree, **clean)
    (made,) = (tree / "dist").iterdir()
    return made


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("sdist") / "tree"
    shutil.copytree(ROOT, tree, ignore=CLUTTER)
    (tree / "tests" / "__pycache__").mkdir(exist_ok=True)
    (tree / "tests" / "__pycache__" / "left.pyc").write_bytes(b"")
    return build(tree, "sdist")


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the sdist, so that nothing can be missing in that."""
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    if not shutil.which(compiler):
        pytest.skip(f"there is no {compiler}")
    folder = tmp_path_factory.mktemp("wheel")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    (tree,) = folder.iterdir()
    return build(tree, "wheel")


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def shipped(folder: Path) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in folder.rglob("*") if path.is_file()}


def is_source(name: str) -> bool:
    return not re.search(r"__pycache__|\.(so|o|pyc|pyd)$|_native\.c$|/\.", name)


# ---- sdist and wheel ------------------------------------------------------------------------------------------------


def test_the_sdist_has_all_that_a_build_and_the_tests_need(sdist):
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "SECURITY.md", "Makefile", "pyproject.toml", "setup.py"}
    for folder in ("csrc", "ghostpage", "tests", "tools", "examples", "docs"):
        wanted |= {name for name in shipped(ROOT / folder) if is_source(name)}
    assert {"csrc/api.h", "csrc/memory/mapping.c", "csrc/memory/mapping.h", "tests/historic/provenance.c"} <= wanted
    assert not wanted - names
    assert not {name for name in names if not is_source(name)}


def test_the_wheel_is_for_every_cpython(wheel):
    own = "cp{0}{1}-cp{0}{1}t".format(*sys.version_info)
    tags = own if sysconfig.get_config_var("Py_GIL_DISABLED") else "cp310-abi3"  # without a GIL there is no stable ABI
    assert wheel.name.startswith(f"ghostpage-{ghostpage.__version__}-{tags}-")


def test_windows_is_told_that_it_is_not_supported():
    script = "import runpy, setuptools, sys; sys.platform = 'win32'; runpy.run_path('setup.py')"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stderr.startswith("ghostpage does not run on Windows")


def test_the_wheel_has_the_package_and_nothing_else(unpacked):
    names = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    info = f"ghostpage-{ghostpage.__version__}.dist-info"
    assert {name.partition("/")[0] for name in names} == {"ghostpage", "pytest_ghostpage.py", info}
    assert "[pytest11]\nghostpage = pytest_ghostpage\n" in (unpacked / info / "entry_points.txt").read_text()
    wanted = {name for name in shipped(ROOT / "ghostpage") if is_source(name)}
    assert {"ghostpage/py.typed", "ghostpage/_native.pyi", "ghostpage/recordings/day.cast.xz"} <= wanted
    assert wanted <= names
    compiled = {name for name in names - wanted if name.startswith("ghostpage/")}
    assert len(compiled) == 1 and re.fullmatch(r"ghostpage/_native\..*so", *compiled)


def test_the_wheel_works(unpacked, tmp_path):
    script = (
        "import ghostpage\n"
        "with ghostpage.Terminal() as terminal:\n"
        "    terminal.feed('hello')\n"
        "    print(ghostpage.__file__, ghostpage.__version__, terminal.screen[0].text)\n"
    )
    output = run([sys.executable, "-c", script], tmp_path, path=unpacked, LD_PRELOAD="")
    assert output.split() == [str(unpacked / "ghostpage" / "__init__.py"), ghostpage.__version__, "hello"]


def test_one_version(unpacked):
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?(\.dev\d+)?", ghostpage.__version__)
    metadata = (unpacked / f"ghostpage-{ghostpage.__version__}.dist-info" / "METADATA").read_text(encoding="utf-8")
    assert f"\nVersion: {ghostpage.__version__}\n" in metadata
    assert re.findall(r"^Requires-Dist: ([\w-]+)(?!.*extra ==)", metadata, re.MULTILINE) == ["cffi"]
    assert "\nLicense-Expression: MIT\n" in metadata
    assert f"## {ghostpage.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@on_elf
def test_only_the_init_function_is_exported(unpacked):
    (library,) = (unpacked / "ghostpage").glob("_native*.so")
    exported = run(["nm", "-D", "--defined-only", "--format=posix", str(library)], unpacked)
    names = {line.split()[0] for line in exported.splitlines()} - {"_init", "_fini", "__bss_start", "_edata", "_end"}
    assert names == {"PyInit__native"}


@pytest.mark.parametrize("path", sorted(IMPORTED.rglob("*.py")), ids=lambda path: path.relative_to(IMPORTED).as_posix())
def test_all_is_sorted_and_there(path):
    if path.name == "__main__.py":
        return
    name = ".".join(path.relative_to(IMPORTED.parent).with_suffix("").parts).removesuffix(".__init__")
    module = import_module(name)
    assert module.__all__ == sorted(set(module.__all__))
    assert [name for name in module.__all__ if not hasattr(module, name)] == []
    assert module.__doc__


def test_the_front_shows_what_its_modules_offer():
    for name in ghostpage.__all__:
        thing = getattr(ghostpage, name)
        home = import_module(getattr(thing, "__module__", None) or "ghostpage")
        assert home is ghostpage or name in home.__all__ or name == "Color"


# ---- examples -------------------------------------------------------------------------------------------------------


def example(name: str, *arguments: str, cwd: Path, stdin: str = "") -> str:
    command = [sys.executable, str(ROOT / "examples" / name), *arguments]
    return run(command, cwd, path=IMPORTED.parent, stdin=stdin, PYTHONIOENCODING="utf-8")


def test_example_host(tmp_path):
    output = example("host.py", "printf", r"one\ttwo\n\033[1mthree\033[m", cwd=tmp_path)
    assert output == "one     two\nthree\n-- 0 rows above, cursor at 5, 1, 0 links\n"


def test_example_watch_memory(tmp_path):
    lines = example("watch_memory.py", cwd=tmp_path).splitlines()
    assert [line.split()[0] for line in lines[1:6]] == ["ascii", "cjk", "emoji", "links", "ascii"]
    assert lines[-2:] == ["audit: clean", "left: 0 mappings"]


def test_example_render_log(tmp_path):
    log = "\x1b[32mget\x1b[m \x1b]8;;https://example.org\x1b\\it\x1b]8;;\x1b\\\n 10%\r 55%\r100%\ndone\n"
    assert example("render_log.py", cwd=tmp_path, stdin=log) == "get it\n100%\ndone\n"


def test_example_agent_tools(tmp_path):
    """As a client of the Model Context Protocol speaks to it."""
    calls = [
        ("run", {"command": "sh -c 'while read n; do seq $n; echo $((n * 2)) is twice; done'", "rows": 5}),
        ("type", {"session": "1", "text": "21", "key": "enter", "pattern": "42 is twice"}),
        ("type", {"session": "1", "text": "300", "key": "enter", "pattern": "600 is twice"}),
        ("wait", {"session": "1", "pattern": "never", "timeout": 0}),
        ("type", {"session": "1", "key": "ctrl+d", "pattern": "x?$"}),
        ("close", {"session": "1"}),
        ("wait", {"session": "1"}),
        ("run", {"command": "no-such-program"}),
        ("run", {"columns": 3}),
        ("type", {"session": "1", "key": "no-such-key"}),
    ]
    messages = [
        {"id": 0, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {}}},
        {"method": "notifications/initialized"},
        {"id": 1, "method": "tools/list"},
        *({"id": 10 + n, "method": "tools/call", "params": {"name": name, "arguments": a}} for n, (name, a) in enumerate(calls)),
        {"id": 2, "method": "no/such"},
        {"id": 3, "method": "tools/call", "params": {"name": "close_all"}},
        {"id": 4, "method": "ping"},
    ]
    stdin = "".join(json.dumps({"jsonrpc": "2.0", **message}) + "\n" for message in messages) + "no json\n[]\n{}\n"
    replies = [json.loads(line) for line in example("agent_tools.py", cwd=tmp_path, stdin=stdin).splitlines()]
    assert [reply["id"] for reply in replies] == [0, 1, *range(10, 10 + len(calls)), 2, 3, 4, None, None, None]
    by_id = {reply["id"]: reply for reply in replies}
    assert by_id[0]["result"]["capabilities"] == {"tools": {}} and by_id[4]["result"] == {}
    tools = {tool["name"]: tool["inputSchema"] for tool in by_id[1]["result"]["tools"]}
    assert tools.keys() == {"run", "type", "wait", "close"} and tools["run"]["required"] == ["command"]
    texts = [by_id[10 + n]["result"]["content"][0]["text"] for n in range(len(calls))]
    failed = [by_id[10 + n]["result"]["isError"] for n in range(len(calls))]
    assert failed == [False, False, False, True, False, False, True, True, True, True]
    assert texts[0].startswith("session 1\n[running, 0 lines left out]")
    assert texts[1].endswith("42 is twice")
    lines = texts[2].splitlines()
    assert lines[0] == "[running, 102 lines left out]" and lines[1:202] == [*map(str, range(98, 298)), "[screen]"]
    assert "not within 0 seconds; the screen of sh" in texts[3]
    assert texts[5:8] == ["session 1 is closed", "no session '1'", "FileNotFoundError: [Errno 2] no such program: 'no-such-program'"]
    assert texts[8].startswith("TypeError: ") and texts[9] == "no session '1'"
    assert [by_id[n]["error"]["code"] for n in (2, 3, None)] == [-32601, -32602, -32700]


def test_example_test_tui(tmp_path):
    shutil.copy(ROOT / "examples" / "test_tui.py", tmp_path)
    output = run([sys.executable, "-m", "pytest", "-q", "test_tui.py"], tmp_path, path=IMPORTED.parent)
    assert "3 passed" in output


def test_example_casts(tmp_path):
    script = "printf 'one\\n'; sleep 0.4; printf '\\033[1mtwo\\033[m\\n'"
    assert example("casts.py", "record", "a.cast", "sh", "-c", script, cwd=tmp_path) == "one\ntwo\n"
    said = re.fullmatch(r"(.*) s are (.*) s now\n", example("casts.py", "squeeze", "a.cast", "b.cast", "0.1", cwd=tmp_path))
    before, after = (sessions.read(tmp_path / name) for name in ("a.cast", "b.cast"))
    assert said and [float(said[1]), float(said[2])] == [pytest.approx(cast.duration, abs=0.06) for cast in (before, after)]
    assert before.duration >= 0.4 and after.duration < before.duration - 0.25
    assert before.data == after.data == b"one\r\n\x1b[1mtwo\x1b[m\r\n"
    assert example("casts.py", "play", "b.cast", "100", cwd=tmp_path) == "one\n\x1b[1mtwo\x1b[m\n"


def test_every_example_is_tested():
    source = Path(__file__).read_text(encoding="utf-8")
    assert all(f'"{path.name}"' in source for path in (ROOT / "examples").glob("*.py"))
