"""The alarms ring: what leaks or corrupts on purpose is caught, each by the alarm that is there for it.

The harm is done in builds of the core of their own (``alarms/tamper.c``), in processes of their own. The last part shows
what does not ring: valgrind and LeakSanitizer watch over the heap, and a mapping that is lost is none of it. The same
can be seen by hand:

    valgrind --leak-check=full build/variants/leak           # no leaks are possible; yet it prints what leaked
    build/variants/leak-lsan                                 # says nothing either
    valgrind --leak-check=full build/variants/leak heap      # a lost block of the heap is reported
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import textwrap
from pathlib import Path

import pytest

from variants import HISTORIC, ROOT, Variant, compiler, needs_compiler, program, run_python

ALARMS = ROOT / "tests" / "alarms"
TAMPERED = Variant("tampered", units={"memory/tamper.c": ALARMS / "tamper.c"})
TAMPERED_ASAN = Variant("tampered-asan", "asan", units={"memory/tamper.c": ALARMS / "tamper.c"})
LEAKING = Variant("historic", "historic")

PRELUDE = """
import ctypes, os, sys
from ghostpage import Arena, Limits, Terminal, _native, memory
core = ctypes.CDLL(_native.__file__)
for name in ("harm_leak", "harm_lose_pooled"):
    getattr(core, name).restype = ctypes.c_uint64
core.harm_leak.argtypes = [ctypes.c_size_t]

def pointer(thing):
    return ctypes.c_void_p(int(_native.ffi.cast("uintptr_t", thing._live)))

arena = Arena(standard_page=_native.lib.gp_os_page_bytes())
terminal = Terminal(arena=arena)
terminal.feed(b"the quick brown fox\\r\\n" * 1000)
assert memory.audit().ok
"""


def harm(script: str, variant: Variant = TAMPERED, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Runs it; it ends without cleaning up after itself, as what it has broken cannot be cleaned up."""
    whole = PRELUDE + textwrap.dedent(script) + "\nsys.stdout.flush()\nos._exit(7)\n"
    return run_python(variant.folder(), "-c", whole, env=env)


def rings(script: str) -> None:
    done = harm(script)
    assert done.returncode == 7, done.stderr


# ---- the audit ----------------------------------------------------------------------------------------------------------


def test_a_leaked_mapping_is_an_orphan() -> None:
    rings(
        """
        address = core.harm_leak(3 * 65536)
        audit = memory.audit()
        assert not audit.ok and audit.violation == "a mapping has no owner", audit
        assert [(one.address, one.length, one.kind, one.pooled) for one in audit.orphans] == [
            (address, 3 * 65536, "non-standard", False)
        ]
        assert 0 < audit.orphans[0].age < 60
        assert [one.owner for one in memory.mappings(owners=True) if one.address == address] == ["nobody"]
        assert audit.sums_agree and audit.owners_agree and audit.kernel_agrees and not audit.double_owned
        """
    )


def test_every_leaked_mapping_is_listed() -> None:
    rings(
        """
        addresses = {core.harm_leak(65536) for _ in range(200)}
        assert {one.address for one in memory.audit().orphans} == addresses and len(addresses) == 200
        """
    )


def test_a_page_lost_from_the_pool_is_an_orphan() -> None:
    rings(
        """
        terminal.close()
        address = core.harm_lose_pooled(pointer(arena))
        audit = memory.audit()
        assert not audit.ok and [one.address for one in audit.orphans] == [address], audit
        assert "arena's sum" in audit.violation
        """
    )


def test_a_mapping_with_two_owners_is_reported() -> None:
    rings(
        """
        core.harm_own_twice(pointer(terminal))
        audit = memory.audit()
        assert not audit.ok and audit.double_owned == 1 and not audit.orphans, audit
        """
    )


@pytest.mark.parametrize(
    ("act", "violation"),
    [
        ("core.harm_terminal_sum(pointer(terminal))", "a terminal's account disagrees with the pages it owns"),
        ("core.harm_arena_sum(pointer(arena))", "an arena's sum disagrees with its pool, its terminals and what it adopted"),
        ("core.harm_ledger_sum()", "the ledger's sums disagree with its list"),
        ("core.harm_rows(pointer(terminal))", "list: rows are not the sum of the pages'"),
    ],
)
def test_a_sum_that_was_tampered_with_is_reported(act: str, violation: str) -> None:
    rings(
        f"""
        {act}
        audit = memory.audit()
        assert not audit.ok and audit.violation == {violation!r}, audit
        assert audit.sums_agree == (not {"ledger" in act}) and audit.owners_agree == {"ledger" in act or "False"}
        assert not audit.orphans and not audit.double_owned
        """
    )


# ---- the tests' own ledger check ----------------------------------------------------------------------------------------


def outcomes(tmp_path: Path, tests: str, variant: Variant) -> dict[str, str]:
    """What becomes of these tests under the check that every test here ends with."""
    folder = variant.folder()
    tmp_path.joinpath("test_suspects.py").write_text(textwrap.dedent(tests))
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    options = ["-q", "-rA", "-p", "no:cacheprovider", "-p", "no:benchmark", "--rootdir", str(tmp_path)]
    done = run_python(folder, "-m", "pytest", *options, str(tmp_path))
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith(("PASSED", "FAILED", "ERROR"))]
    return {line[1].partition("::")[2]: line[0] for line in lines}


def test_a_test_that_leaks_goes_red(tmp_path: Path) -> None:
    tests = """
        import ctypes
        from ghostpage import Terminal, _native

        core = ctypes.CDLL(_native.__file__)
        kept = []

        def test_clean():
            with Terminal() as terminal:
                terminal.feed("x")

        def test_leaves_a_terminal_open():
            kept.append(Terminal())

        def test_leaves_a_cycle_that_is_collected():
            terminal = Terminal()
            terminal.itself = terminal

        def test_leaks_a_mapping():
            core.harm_leak(ctypes.c_size_t(65536))
        """
    assert outcomes(tmp_path, tests, TAMPERED) == {
        "test_clean": "PASSED",
        "test_leaves_a_terminal_open": "ERROR",
        "test_leaves_a_cycle_that_is_collected": "PASSED",
        "test_leaks_a_mapping": "ERROR",
    }


# ---- AddressSanitizer, for what the pool keeps ----------------------------------------------------------------------------


def asan() -> dict[str, str]:
    """The environment in which an interpreter without AddressSanitizer loads a core with it."""
    needs_compiler()
    libraries = []
    for name in ("libasan.so", "libstdc++.so.6"):  # the latter as exceptions are intercepted
        found = subprocess.run([*compiler(), f"-print-file-name={name}"], capture_output=True, text=True).stdout.strip()
        if not os.path.isabs(found):
            pytest.skip(f"there is no {name}")
        libraries.append(found)
    allocator = "" if sysconfig.get_config_var("Py_GIL_DISABLED") else "malloc"  # without a GIL there is none but its own
    return {"LD_PRELOAD": " ".join(libraries), "PYTHONMALLOC": allocator, "ASAN_OPTIONS": "detect_leaks=0"}


def test_a_read_of_a_pooled_page_is_caught() -> None:
    environment = asan()
    owned = harm("core.harm_read_page(pointer(terminal))", TAMPERED_ASAN, environment)
    assert owned.returncode == 7, owned.stderr
    pooled = harm("terminal.close(); core.harm_read_pooled(pointer(arena))", TAMPERED_ASAN, environment)
    assert pooled.returncode not in (0, 7)
    assert "AddressSanitizer: use-after-poison" in pooled.stderr and "harm_read_pooled" in pooled.stderr


def test_nobody_else_notices_a_read_of_a_pooled_page() -> None:
    rings("terminal.close(); core.harm_read_pooled(pointer(arena))")


# ---- tools that watch a whole process --------------------------------------------------------------------------------------

VALGRIND = ("valgrind", "-q", "--leak-check=full", "--error-exitcode=9")
needs_valgrind = pytest.mark.skipif(not shutil.which("valgrind"), reason="valgrind is not installed")


@needs_valgrind
def test_valgrind_notices_a_read_of_a_pooled_page() -> None:
    """A checked build announces to it what lies in a pool."""
    harmful = str(program("harm", [ALARMS / "harm.c"], flags=["-DGP_CHECKED=1"]))
    assert run_tool(*VALGRIND, harmful, "owned").returncode == 0
    pooled = run_tool(*VALGRIND, harmful, "pooled")
    assert pooled.returncode == 9 and "Invalid read of size 1" in pooled.stderr and "harm.c" in pooled.stderr


def test_thread_sanitizer_notices_a_race() -> None:
    needs_compiler()
    library = subprocess.run([*compiler(), "-print-file-name=libtsan.so"], capture_output=True, text=True).stdout.strip()
    if not os.path.isabs(library):
        pytest.skip("there is no libtsan.so")
    harmful = str(program("harm-tsan", [ALARMS / "harm.c"], flags=["-fsanitize=thread"]))
    assert run_tool(harmful, "locked").returncode == 0
    race = run_tool(harmful, "race")
    assert race.returncode == 66 and "ThreadSanitizer: data race" in race.stderr and "write_past_lock" in race.stderr


# ---- what does not ring ---------------------------------------------------------------------------------------------------


def leaked(done: subprocess.CompletedProcess[str]) -> int:
    mappings, lost_bytes = map(int, done.stdout.split())
    assert mappings > 300 and lost_bytes > 2_000_000, done.stdout
    return done.returncode


def leak_program(name: str, *flags: str) -> str:
    replaced = {"memory/provenance.c": HISTORIC}
    return str(program(name, [ALARMS / "leak.c"], replaced, flags))


def run_tool(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)


@needs_valgrind
def test_valgrind_does_not_see_a_lost_mapping() -> None:
    leak = leak_program("leak")
    valgrind = (*VALGRIND, "--errors-for-leak-kinds=definite")
    assert leaked(run_tool(*valgrind, leak)) == 0
    control = run_tool(*valgrind, leak, "heap")
    assert leaked(control) == 9 and "1,000 bytes in 1 blocks are definitely lost" in control.stderr
