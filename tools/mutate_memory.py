"""Mistakes made in the memory layer on purpose, one at a time, and which tests notice: ``python tools/mutate_memory.py``.

Each mutation of ``MUTATIONS`` takes one text of one file of ``csrc`` out, inverts or changes it; a copy of the package is
built with that, checks compiled in, and the tests named run on it until the first fails. A mutation that no test notices is
one that a test has to be written for. What came of them is kept in ``docs/mutations.md``; the suite holds that every text
still occurs once.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

__all__ = ["MUTATIONS", "ROOT", "Mutation", "main"]

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT = 240
"""Seconds that the tests may take: a mutation may make them wait for ever, which is noticed too."""


NOT_HERE = "not historic"
"""Tests that build a core of their own, which would be without the mutation."""


class Mutation(NamedTuple):
    file: str
    """Below ``csrc``."""
    text: str
    instead: str
    tests: str
    """Files of the suite without ``test_`` and ``.py``, the likeliest first."""

    @property
    def row(self) -> str:
        """Of ``docs/mutations.md``, but for what came of it."""
        what = " ".join(self.text.split()) + (f" → {' '.join(self.instead.split())}" if self.instead else "")
        return f"| `{self.file}` | `{what.replace('|', chr(92) + '|')}` |"


_m = Mutation

MUTATIONS = (
    # ---- what is mapped and given back ----
    _m("memory/mapping.c", "munmap(mapping->base, mapping->length_bytes) == 0", "true", "memory_layer memory_api"),
    _m("memory/mapping.c", "        gp_ledger_leave(mapping);\n", "        (void)0;\n", "memory_layer"),
    _m("memory/mapping.c", "    gp_ledger_enter(made);\n", "", "memory_layer"),
    _m("memory/mapping.c", "        gp_ledger_note_withheld(mapping, +1);\n    }", "    }", "memory_api"),
    _m("memory/pool.c", "    unlink_mapping(pool, mapping);\n    gp_unmap(mapping);\n", "    unlink_mapping(pool, mapping);\n", "memory_layer"),
    _m("memory/pool.c", "        gp_unmap(mapping);\n        return false;\n", "        return false;\n", "memory_layer"),
    _m("memory/pool.c", "    gp_mapping_wipe(mapping);\n", "", "memory_layer"),
    _m("memory/arena.c", "        gp_pool_shrink(&arena->pool, allowed_bytes);\n        gp_unmap(mapping);\n", "        gp_pool_shrink(&arena->pool, allowed_bytes);\n", "resident"),
    _m("memory/mapping.c", "undumped && !leave_out_of_dumps(base, length_bytes)", "false", "secrets"),
    _m("memory/mapping.c", " || found->undumped != undumped", "", "secrets"),
    # ---- memory back to the system while its owner lives ----
    _m("memory/arena.c", "    gp_pool_discard(&arena->pool);\n", "", "resident"),
    _m("pages/grid.c", "    gp_mapping_discard(grid->page.mapping, grid->fixed_bytes, grid->page.mapping->length_bytes - grid->side_begin);\n", "", "resident"),
    _m("pages/list_condense.c", "            gp_mapping_discard(page->page.mapping, page->text_end, page->page.view_bytes - page->records_end + beyond_bytes);\n", "            (void)beyond_bytes;\n", "resident"),
    _m("vt/terminal.c", "    gp_list_condense(&screen->list);\n", "", "resident"),
    _m("memory/pool.c", "    discard_shelf(&pool->standard);\n", "", "resident"),
    _m("memory/mapping.c", "low_soiled > end ? length_bytes - end : ", "", "secrets"),
    # ---- sums ----
    _m("memory/ledger.c", "    count(&figures, mapping, +1);\n", "", "memory_layer"),
    _m("memory/ledger.c", "    count(&figures, mapping, -1);\n", "", "memory_layer"),
    _m("memory/pool.c", "    gp_ledger_note_pooled(mapping, -1);\n", "", "memory_layer"),
    _m("memory/pool.c", "    gp_ledger_note_pooled(mapping, +1);\n", "", "memory_layer"),
    _m("memory/pool.c", "    pool->bytes += mapping->length_bytes;\n", "", "memory_layer"),
    _m("memory/pool.c", "    pool->bytes -= mapping->length_bytes;\n", "", "memory_layer"),
    _m("memory/arena.c", "    arena->mapped_bytes += length_bytes;\n", "", "memory_layer"),
    _m("memory/arena.c", "    arena->mapped_bytes -= before_bytes + length_bytes - arena->pool.bytes;\n", "", "memory_layer"),
    _m("memory/arena.c", "        arena->granted_bytes -= used_bytes;\n", "", "budget"),
    _m("memory/arena.c", "        gp_arena_note(arena, member, length_bytes, 0);\n", "", "memory_layer"),
    _m("memory/reclaim.c", "    if (retry->granted) grant(arena, member, 0);\n", "", "budget"),
    _m("memory/reclaim.c", "        arena->granted_bytes += wanted_bytes - member->granted_bytes;\n        member->granted_bytes = wanted_bytes;\n", "", "budget"),
    _m("memory/share.c", "        arena->adopted_bytes += share->page.mapping->length_bytes;\n", "", "snapshots"),
    _m("memory/share.c", "        arena->adopted_bytes -= share->page.mapping->length_bytes;\n", "", "snapshots"),
    _m("memory/page.c", "        account->nonstandard_bytes -= page->mapping->length_bytes;\n", "", "founding"),
    # ---- limits ----
    _m("memory/pool.c", "    if (mapping->length_bytes > most_bytes(pool)) {", "    if (false) {", "memory_layer"),
    _m("memory/pool.c", "while (pool->bytes > keep_bytes)", "while (false)", "memory_layer"),
    _m("memory/pool.c", "now_ns - mapping->pooled_ns >= pool->idle_ns", "now_ns - mapping->pooled_ns < pool->idle_ns", "memory_layer"),
    _m("memory/pool.c", "pooled_births > GP_POOL_PATIENCE", "pooled_births > 2 * GP_POOL_PATIENCE", "memory_layer policies"),
    _m("memory/arena.c", "    if (length_bytes > gp_arena_room(arena, member)) {", "    if (false) {", "memory_layer budget"),
    _m("memory/arena.c", "lent_bytes <= pool->cap_bytes / 2", "lent_bytes <= pool->cap_bytes", "policies"),
    _m("memory/page.c", "    return length_bytes > account->limit_bytes ||\n", "    return false && length_bytes > account->limit_bytes ||\n", "memory_layer"),
    _m("memory/page.c", "owned_bytes < account->limit_bytes ? account->limit_bytes - owned_bytes : 0", "account->limit_bytes", "memory_layer founding"),
    _m("memory/page.c", "account->limit_bytes != SIZE_MAX || gp_arena_has_budget", "gp_arena_has_budget", "policies"),
    _m("memory/reclaim.c", "gp_ranking_weight(largest) > arena->floor_bytes", "true", "budget"),
    _m("memory/provenance.c", "mapping->length_bytes == wanted_bytes", "mapping->length_bytes >= wanted_bytes", "policies memory_layer"),
    # ---- the list ----
    _m("pages/list.c", "        gp_page_retire(list->account, &page->page);\n", "", "pages memory_layer"),
    _m("pages/list.c", "        gp_share_leave(list->account, page->share);\n", "", "pages memory_layer snapshots"),
    _m("pages/list.c", "        gp_share_drop(page->share);\n", "", "pages memory_layer snapshots"),
    _m("pages/list.c", "gp_text_page_soil(page); /* whoever owns it */", "(void)0;", "pages memory_layer snapshots policies"),
    _m("pages/list.c", "    list->rows -= page->rows;\n    remove_from_index", "    remove_from_index", "pages memory_layer"),
    _m("pages/list.c", "rows - list->tail_rows >= limit_rows", "rows - list->tail_rows > limit_rows", "memory_layer"),
    _m("pages/list.c", "rows >= list->tail_rows && ", "", "pages memory_layer policies budget history"),
    _m("pages/list_share.c", "    made.spares = (gp_spares){0};\n", "", "policies snapshots"),
    _m("pages/list_spare.c", "    spares->bytes -= page->page.mapping->length_bytes;\n", "", "policies"),
    _m("pages/list_spare.c", "spares->pages == GP_SPARES_MAX || ", "", "policies"),
    _m("pages/list_spare.c", " > GP_SPARE_PATIENCE", " > UINT32_MAX", "policies"),
    _m("pages/list_spare.c", "    gp_account_return(list->account);\n", "", "policies"),
    _m("pages/list_condense.c", "    gp_list_drop_spares(list);\n    for", "    for", "policies"),
    _m("pages/list_place.c", "    gp_list_drop_spares(list);\n", "", "policies"),
)  # fmt: skip


def run(command: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, timeout=TIMEOUT)


class Copy:
    """The package and its core in a folder of its own; a unit that changes is compiled alone."""

    FLAGS = ("-std=gnu11", "-O1", "-fPIC", "-UNDEBUG", "-DGP_CHECKED=1", "-w")

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in ("csrc", "ghostpage", "tests", "pyproject.toml", "pytest_ghostpage.py"):
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__", "_native*"))
            else:
                shutil.copy(source, folder / part)
        shutil.copytree(ROOT / "tools", folder / "tools")
        spec = importlib.util.spec_from_file_location("build_native", folder / "csrc" / "build_native.py")
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.builder.emit_c_code(str(folder / "csrc" / "_native.c"))
        for unit in (folder / "csrc").rglob("*.c"):
            self.compile(unit)

    def compile(self, unit: Path) -> None:
        include = ["-I", str(self.folder / "csrc"), "-I", sysconfig.get_paths()["include"]]
        done = run(["cc", *self.FLAGS, *include, "-c", str(unit), "-o", f"{unit}.o"], self.folder)
        assert done.returncode == 0, done.stderr

    def link(self) -> None:
        objects = [str(path) for path in (self.folder / "csrc").rglob("*.o")]
        done = run(["cc", "-shared", "-pthread", *objects, "-o", "ghostpage/_native.abi3.so"], self.folder)
        assert done.returncode == 0, done.stderr

    def noticed_by(self, tests: str) -> str | None:
        """What failed first, or None."""
        for name in tests.split():
            try:
                done = run(
                    [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-k", NOT_HERE, f"tests/test_{name}.py"],
                    self.folder, PYTHONPATH=str(self.folder),
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                return f"test_{name}: waits for ever"
            if done.returncode:
                failed = [line.split(" ")[1].split("::")[-1] for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
                said = [line for line in done.stderr.splitlines() if line.startswith("ghostpage:")]
                return f"test_{name}: {failed[0].split('[')[0] if failed else said[0] if said else 'a crash'}"
        return None

    def try_out(self, mutation: Mutation) -> str | None:
        unit = self.folder / "csrc" / mutation.file
        sound = unit.read_text(encoding="utf-8")
        unit.write_text(sound.replace(mutation.text, mutation.instead, 1), encoding="utf-8")
        try:
            self.compile(unit)
            self.link()
            return self.noticed_by(mutation.tests)
        finally:
            unit.write_text(sound, encoding="utf-8")
            self.compile(unit)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="*", help="parts of the files' names below csrc, or of the texts")
    parser.add_argument("--untried", action="store_true", help="those that docs/mutations.md calls so")
    options = parser.parse_args()
    survived = 0
    print("| file | taken out or changed | noticed by |\n|---|---|---|", flush=True)
    chosen = [one for one in MUTATIONS if not options.only or any(part in one.file or part in one.text for part in options.only)]
    if options.untried:
        kept = (ROOT / "docs" / "mutations.md").read_text(encoding="utf-8").splitlines()
        chosen = [one for one in chosen if any(line.startswith(one.row) and "not tried yet" in line for line in kept)]
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder))
        copy.link()
        for name in sorted({name for mutation in chosen for name in mutation.tests.split()}):
            if failed := copy.noticed_by(name):
                raise SystemExit(f"without any mutation: {failed}")
        for mutation in chosen:
            begin = time.monotonic()
            noticed = copy.try_out(mutation)
            survived += not noticed
            print(f"{mutation.row} {noticed or '**nobody**'} |", flush=True)
            print(f"{time.monotonic() - begin:.0f} s", file=sys.stderr)
    return survived != 0


if __name__ == "__main__":
    raise SystemExit(main())
