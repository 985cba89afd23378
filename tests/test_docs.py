"""The documents: their examples run and print what they say, their links and commands lead somewhere, and they build."""

from __future__ import annotations

import json
import re
import shlex
import statistics
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from ghostpage.cli import build_parser
from test_package import IMPORTED, ROOT, run

DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```python\n(?P<code>.*?)^```\n(?:\n```text\n(?P<output>.*?)^```\n)?", re.MULTILINE | re.DOTALL)
BLOCKS = [
    pytest.param(match["code"], match["output"], id=f"{path.relative_to(ROOT)}-{number}")
    for path in DOCUMENTS
    for number, match in enumerate(BLOCK.finditer(path.read_text(encoding="utf-8")))
]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("code", "output"), BLOCKS)
def test_the_examples_print_what_is_said(code, output, tmp_path):
    printed = run([sys.executable, "-c", code], tmp_path, path=IMPORTED.parent, PYTHONIOENCODING="utf-8")
    assert printed == output if output is not None else "True" in printed


def test_the_commands_are_commands():
    lines = [line for path in DOCUMENTS for line in re.findall(r"^    ghostpage (.*)$", text_of(path), re.MULTILINE)]
    assert len(lines) > 15
    for line in lines:
        build_parser().parse_args(shlex.split(line, comments=True))


def test_make_has_the_targets_that_are_named():
    targets = set(re.findall(r"^([\w-]+%?):", text_of(ROOT / "Makefile"), re.MULTILINE))
    for path in [*DOCUMENTS, *(ROOT / ".github" / "workflows").glob("*.yml")]:
        for target in re.findall(r"(?:^    |`|run: )make ([\w-]+)", text_of(path), re.MULTILINE):
            assert target in targets or re.sub("-.*", "-%", target) in targets, f"{path.name}: make {target}"


def anchors(path: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", text_of(path), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(path)):
        if "://" not in target:
            name, _, anchor = target.partition("#")
            there = path.parent / name if name else path
            assert there.exists(), target
            assert not anchor or anchor in anchors(there), target


def test_files_that_are_named_are_there():
    """In the repository, or of another project by its name before it."""
    for path in DOCUMENTS:
        for name in re.findall(r"`((?:examples|docs|tools|benchmarks|tests|ghostpage|fuzz)/[\w/.-]+\.\w+)`", text_of(path)):
            assert (ROOT / name).exists(), f"{path.name}: {name}"


@pytest.mark.parametrize("tool", ["make_pictures.py", "make_benchmark_page.py"])
def test_what_is_generated_is_current(tool, tmp_path):
    run([sys.executable, str(ROOT / "tools" / tool), "--check"], tmp_path, path=IMPORTED.parent)


def figures_of(path):
    """The table whose last column is a ratio, by its first column, without the ratio's range."""
    rows = re.findall(r"^\| (.+?) \| ((?:[\d.]+ \| )+)([\d.]+)(?: \([\d.]+ to [\d.]+\))? \|$", text_of(path), re.MULTILINE)
    return {name: (*figures.split(" | ")[:-1], ratio) for name, figures, ratio in rows}


def test_the_readme_has_the_measured_figures():
    """Its table is that of docs/benchmarks.md, ratios without their range."""
    report = json.loads(text_of(ROOT / "docs" / "benchmarks.json"))
    assert all(len(result["rates"]) > 2 for result in report["results"])
    measured = figures_of(ROOT / "docs" / "benchmarks.md")
    assert len(measured) > 10 and figures_of(ROOT / "README.md") == measured
    ascii_rates = next(result["rates"] for result in report["results"] if (result["peer"], result["workload"]) == ("ghostpage", "ascii"))
    assert measured["lines of ASCII"][0] == f"{statistics.median(ascii_rates) / 1e9:.3f}"


@pytest.mark.skipif(any(find_spec(name) is None for name in ("sphinx", "myst_parser", "furo")), reason="needs the extra docs")
def test_they_build_without_a_warning(tmp_path):
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", str(ROOT / "docs"), str(tmp_path / "site")]
    run(command, tmp_path, path=IMPORTED.parent)
    page = text_of(tmp_path / "site" / "api.html")
    assert "ghostpage.Terminal.to_svg" in page and "ghostpage.session.Session.wait_until" in page
    assert ":class:" not in page and "_clock" not in page
