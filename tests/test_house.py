"""The rules of the house (CONTRIBUTING.md): who may include and import whom, what things are called, where things are."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "csrc"
PACKAGE = ROOT / "ghostpage"

LAYERS = ["memory", "unicode", "pages", "vt"]
GENERATED = {"csrc/unicode/tables.c", "csrc/unicode/tables.h"}
MOST_LINES = 800
KERNEL_CALLS = "mmap mmap64 munmap mremap madvise posix_madvise mprotect mlock msync prctl brk sbrk shm_open memfd_create"
HEAP_CALLS = "malloc calloc realloc reallocarray aligned_alloc posix_memalign valloc free strdup strndup asprintf"

UNITS = sorted(path for path in CORE.rglob("*") if path.suffix in {".c", ".h"})
MODULES = sorted(PACKAGE.rglob("*.py"))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def without_comments(source: str) -> str:
    """C without comments and the insides of strings; the lines stay where they are."""

    def blank(match: re.Match[str]) -> str:
        text = match.group()
        return text[0] + text[-1] if text[0] in "\"'" else " " + "\n" * text.count("\n")

    return re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", blank, source, flags=re.DOTALL)


def cycle(graph: Mapping[str, set[str]]) -> list[str]:
    """Names that lead back to the first of them, or nothing."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


# ---- C --------------------------------------------------------------------------------------------------------------


def includes(path: Path) -> list[str]:
    return re.findall(r'^\s*#\s*include\s+"([^"]+)"', path.read_text(encoding="utf-8"), re.MULTILINE)


def calls(path: Path, names: str) -> list[str]:
    return re.findall(rf"\b(?:{'|'.join(names.split())})(?=\s*\()", without_comments(path.read_text(encoding="utf-8")))


def functions(path: Path) -> Iterator[tuple[str, bool]]:
    """The functions defined in a file of C: their names, and whether they are static."""
    source = re.sub(r"^\s*#(?:[^\n]*\\\n)*[^\n]*", "", without_comments(path.read_text(encoding="utf-8")), flags=re.MULTILINE)
    depth, begin = 0, 0
    for match in re.finditer(r"[{};]", source):
        if match.group() == "{":
            head = source[begin : match.start()].strip()
            found = re.match(r"([\w\s*]*?)(\w+)\s*\(", re.sub(r"__attribute__\s*\(\(.*?\)\)", "", head, flags=re.DOTALL))
            if depth == 0 and found and "=" not in head:
                yield found.group(2), "static" in found.group(1).split()
            depth += 1
        elif match.group() == "}":
            depth -= 1
        if depth == 0:
            begin = match.end()


def test_there_is_a_core_to_look_at():
    assert {path.parent.name for path in UNITS} == {"csrc", *LAYERS}
    assert len(list(functions(CORE / "memory" / "pool.c"))) > 8


@pytest.mark.parametrize("path", UNITS, ids=named)
def test_includes_go_one_way(path):
    everywhere = {"ghostpage.h"}
    if path.parent == CORE:
        assert set(includes(path)) <= {"api.h"}
        return
    allowed = LAYERS[: LAYERS.index(path.parent.name) + 1]
    for name in set(includes(path)) - everywhere:
        assert (CORE / name).is_file(), f"{name} is no path from csrc"
        assert name.partition("/")[0] in allowed, f"{path.parent.name} may include {', '.join(allowed)}"


def test_headers_do_not_include_each_other_in_a_circle():
    assert not cycle({named(path).removeprefix("csrc/"): set(includes(path)) for path in UNITS})


@pytest.mark.parametrize("path", UNITS, ids=named)
def test_one_file_talks_to_the_kernel_about_memory(path):
    assert named(path) == "csrc/memory/mapping.c" or not calls(path, KERNEL_CALLS)
    assert named(path) == "csrc/memory/alloc.c" or not calls(path, HEAP_CALLS)


def test_the_one_file_does():
    assert {"mmap", "munmap", "prctl"} <= set(calls(CORE / "memory" / "mapping.c", KERNEL_CALLS))
    assert {"malloc", "free"} <= set(calls(CORE / "memory" / "alloc.c", HEAP_CALLS))


@pytest.mark.parametrize("path", UNITS, ids=named)
def test_linkage_shows_in_the_name(path):
    for name, static in functions(path):
        if path.suffix == ".h":
            assert name.startswith("gp_"), f"{name} is seen by whoever includes it"
        else:
            assert name.startswith("gp_") is not static, f"{name} is {'static' if static else 'external'}"


# ---- Python ---------------------------------------------------------------------------------------------------------


def module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


NAMES = {module(path) for path in MODULES} | {"ghostpage._native"}


def imports(path: Path) -> set[str]:
    """The modules of the package that are imported when this one is, or by a function of it, but not for types alone."""

    def walk(node: ast.AST) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                continue
            if isinstance(child, ast.Import):
                yield from (alias.name for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"{path.name}: imports are absolute"
                for alias in child.names:
                    full = f"{child.module}.{alias.name}"
                    yield full if full in NAMES else child.module or ""
            yield from walk(child)

    return {name for name in walk(ast.parse(path.read_text(encoding="utf-8"))) if name in NAMES}


IMPORTS = {module(path): imports(path) for path in MODULES}


def test_imports_go_one_way():
    assert not cycle(IMPORTS)


def test_one_module_imports_the_core():
    assert [name for name, found in IMPORTS.items() if "ghostpage._native" in found] == ["ghostpage._core"]


def test_the_commands_are_on_top():
    inside = {name for name in IMPORTS if name.startswith("ghostpage.cli")}
    users = {name for name, found in IMPORTS.items() if found & inside} - inside
    assert users == {"ghostpage.__main__"}


def test_the_library_does_not_import_its_own_front():
    users = {name for name, found in IMPORTS.items() if "ghostpage" in found}
    assert all(name.startswith("ghostpage.cli") for name in users), users


# ---- all of it ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["csrc", "ghostpage", "tools", "examples"])
def test_no_file_is_too_long_to_read(folder):
    long = {
        named(path): lines
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".c", ".h", ".py"} and named(path) not in GENERATED | {"ghostpage/_native.c"}
        if (lines := path.read_text(encoding="utf-8").count("\n")) > MOST_LINES
    }
    assert not long


def test_the_map_of_the_code_is_complete():
    """Every unit of the core and every module of the library is told of in CONTRIBUTING.md."""
    told = set(re.findall(r"`([\w.*/]+)`", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")))
    families = [name.removesuffix("*") for name in told if name.endswith("*")]
    names = {path.relative_to(CORE) for path in UNITS} | {path.relative_to(PACKAGE) for path in PACKAGE.glob("*.py")}
    missing = {
        path.as_posix()
        for path in names
        if not {path.name, path.stem} & told and not path.stem.startswith(tuple(families)) and "__" not in path.stem
    }
    assert not missing
