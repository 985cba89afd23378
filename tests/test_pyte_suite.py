"""pyte's own tests, on this buffer: all pass but those that the table in docs/pyte.md gives a reason for.

They are fetched with pip when they are run, and are no part of this project.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
VERSION = "0.8.2"
RUN = "import sys, pytest, ghostpage.pyte; ghostpage.pyte.install(); sys.exit(pytest.main(sys.argv[1:]))"


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of pyte's tests."""
    folder = tmp_path_factory.mktemp("pyte")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--retries=1", "--timeout=20"]
    options = ["--no-deps", "--no-binary=:all:", "--no-build-isolation", f"--dest={folder}", f"pyte=={VERSION}"]
    fetched = subprocess.run([*pip, *options], capture_output=True, text=True)
    if fetched.returncode:
        pytest.skip(f"pyte's sources cannot be had here: {fetched.stderr.strip().splitlines()[-1]}")
    with tarfile.open(folder / f"pyte-{VERSION}.tar.gz") as archive:
        members = [member for member in archive if f"pyte-{VERSION}/tests/" in member.name and ".." not in member.name]
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # which those before 3.12 need not have
        archive.extractall(folder, members)
    return folder / f"pyte-{VERSION}" / "tests"


def deliberate() -> dict[str, str]:
    """The tests that are told to differ, and why."""
    told = (ROOT / "docs" / "pyte.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `(test_\w+\.py::\w+)` \|[^|]*\| ([^|]+) \|$", told, re.MULTILINE))


def test_the_suite_passes_but_for_what_is_told(suite: Path, tmp_path: Path):
    report = tmp_path / "report.xml"
    options = ["-q", "-p", "no:cacheprovider", "-o", "addopts=", f"--rootdir={suite}", f"--junitxml={report}", str(suite)]
    ran = subprocess.run([sys.executable, "-c", RUN, *options], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode in (0, 1), ran.stdout + ran.stderr
    cases = list(ET.parse(report).iter("testcase"))
    assert len(cases) == 115

    def name(case: ET.Element) -> str:
        return f"{case.attrib['classname'].rpartition('.')[2]}.py::{case.attrib['name'].partition('[')[0]}"

    failed = {name(case) for case in cases if case.find("failure") is not None or case.find("error") is not None}
    assert sorted(failed) == sorted(deliberate()), ran.stdout[-4000:]


def test_each_difference_has_a_reason():
    assert len(deliberate()) > 10
    assert all(len(reason) > 8 for reason in deliberate().values())
