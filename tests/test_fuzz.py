"""The harnesses of fuzz/, built with gcc's sanitizers, over a part of the seeds and everything that once crashed; and that
they notice: the same over a core with a mistake in it. Some of them under valgrind besides, which sees what is read before it
was written."""

from __future__ import annotations

import runpy
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from variants import not_preloaded

ROOT = Path(__file__).resolve().parent.parent
FUZZ = ROOT / "fuzz"
HARNESSES = ("feed", "load", "operations")
FLAGS = "-std=c11 -O1 -g -DGP_CHECKED=1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer".split()
PLAIN = "-std=c11 -O1 -g -DGP_CHECKED=1".split()
EVERY = 16
"""One seed in so many is run here, and one in twice as many under valgrind; ``make fuzz`` and ``make check-valgrind`` take all."""

pytestmark = pytest.mark.skipif(not shutil.which("gcc"), reason="builds the harnesses with gcc, which is not installed")


def compile_all(units: list[Path], folder: Path, *include: str, flags: list[str] = FLAGS) -> list[Path]:
    def compile_one(unit: Path) -> Path:
        made = folder / f"{unit.parent.name}-{unit.stem}.o"
        subprocess.run(["gcc", *flags, *include, "-c", str(unit), "-o", str(made)], check=True)
        return made

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(compile_one, units))


@pytest.fixture(scope="module")
def core(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("core")
    objects = compile_all(sorted((ROOT / "csrc").glob("*/*.c")), folder, f"-I{ROOT / 'csrc'}")
    return {made.name: made for made in objects}


def link(folder: Path, core: list[Path], harness: str, flags: list[str] = FLAGS) -> Path:
    made = folder / harness
    own = compile_all([FUZZ / f"{harness}.c", FUZZ / "replay.c"], folder, f"-I{ROOT / 'csrc'}", f"-I{FUZZ}", flags=flags)
    subprocess.run(["gcc", *flags, "-pthread", *map(str, [*core, *own]), "-o", str(made)], check=True)
    return made


def replay(harness: Path, files: list[Path], *under: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*under, str(harness), *map(str, files)], capture_output=True, text=True, errors="replace")


@pytest.fixture(scope="module")
def seeds(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("seeds")
    runpy.run_path(str(FUZZ / "seeds.py"))["main"](folder)
    return folder


@pytest.mark.parametrize("harness", HARNESSES)
def test_seeds_and_what_once_crashed(harness, core, seeds, tmp_path):
    files = sorted((seeds / harness).iterdir())[::EVERY] + sorted((FUZZ / "crashes" / harness).glob("*"))
    done = replay(link(tmp_path, list(core.values()), harness), files)
    assert done.returncode == 0, done.stderr[-4000:]
    assert len(done.stderr.splitlines()) == len(files)


@not_preloaded
@pytest.mark.skipif(not shutil.which("valgrind"), reason="valgrind is not installed")
def test_seeds_under_valgrind(seeds, tmp_path):
    core = compile_all(sorted((ROOT / "csrc").glob("*/*.c")), tmp_path, f"-I{ROOT / 'csrc'}", flags=PLAIN)
    for harness in HARNESSES:
        files = sorted((seeds / harness).iterdir())[:: 2 * EVERY] + sorted((FUZZ / "crashes" / harness).glob("*"))
        valgrind = ("valgrind", "-q", "--leak-check=full", "--error-exitcode=9")
        done = replay(link(tmp_path, core, harness, PLAIN), files, *valgrind)
        assert done.returncode == 0, done.stderr[-4000:]
        assert len(done.stderr.splitlines()) == len(files)


MISTAKES = {
    "feed": ("vt/screen_wrap.c", "gp_list_break(&screen->list);"),
    "load": ("pages/page_load.c", "if (saved->lines > saved->text_bytes || saved->dead_lines > saved->lines) return GP_ERR_FORMAT;"),
    "operations": ("memory/page.c", "gp_arena_note(account->arena, account->member, (size_t)0 - page->mapping->length_bytes, 0);"),
}
"""By harness: a line of the core that it notices the lack of."""


@pytest.mark.parametrize("harness", HARNESSES)
def test_a_mistake_is_noticed(harness, core, seeds, tmp_path):
    unit, left_out = MISTAKES[harness]
    source = (ROOT / "csrc" / unit).read_text(encoding="utf-8")
    assert source.count(left_out) == 1
    mistaken = tmp_path / "csrc" / unit
    mistaken.parent.mkdir(parents=True)
    mistaken.write_text(source.replace(left_out, ""), encoding="utf-8")
    (made,) = compile_all([mistaken], tmp_path, f"-I{ROOT / 'csrc'}")
    others = [kept for name, kept in core.items() if name != made.name]
    done = replay(link(tmp_path, [*others, made], harness), sorted((seeds / harness).iterdir())[::EVERY])
    assert done.returncode not in (0, 2), "nothing was noticed"
