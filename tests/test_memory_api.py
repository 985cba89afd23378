"""Arenas, limits, and the account of memory as Python sees them."""

from __future__ import annotations

import copy
import ctypes
import gc
import mmap
import pickle
import subprocess
import sys
import threading
from dataclasses import FrozenInstanceError, fields

import pytest

import ghostpage
from ghostpage import Arena, ArgumentError, ClosedError, Limits, OutOfMemoryError, Terminal, default_arena, memory
from ghostpage import _kernel
from ghostpage._core import ffi, lib
from ghostpage._faults import fail

ON_LINUX = sys.platform == "linux"
LINE = b"the quick brown fox jumps over the lazy dog\r\n"


# ---- limits ---------------------------------------------------------------------------------------------------------


def test_limits_are_values():
    assert Limits() == Limits(None, None)
    assert Limits(lines=5, bytes=6) == Limits(5, 6)
    assert len({Limits(5), Limits(5), Limits(6)}) == 2
    assert Limits(lines=0).lines == 0
    assert Limits(lines=2**63 - 1, bytes=2**63 - 1).bytes == 2**63 - 1
    with pytest.raises(FrozenInstanceError):
        Limits().lines = 5


@pytest.mark.parametrize("name", ["lines", "bytes"])
@pytest.mark.parametrize("value", [-1, 2**63, 10**100])
def test_limits_out_of_range(name, value):
    with pytest.raises(ArgumentError, match=f"{name} must be from 0 to 9223372036854775807, not "):
        Limits(**{name: value})


@pytest.mark.parametrize("name", ["lines", "bytes"])
@pytest.mark.parametrize("value", [True, 1.5, "5", [5]])
def test_limits_of_the_wrong_type(name, value):
    with pytest.raises(TypeError, match=f"{name} must be an int, not {type(value).__name__}"):
        Limits(**{name: value})


# ---- arenas ---------------------------------------------------------------------------------------------------------


def test_an_arena_says_what_it_was_made_with():
    with Arena(limit=1 << 20, policy="replace", standard_page=10_000) as arena:
        assert (arena.limit, arena.policy) == (1 << 20, "replace")
        assert arena.standard_page == 3 * 4096 or arena.standard_page % lib.gp_os_page_bytes() == 0
        arena.limit = None
        assert arena.limit is None
        arena.limit = 2**63 - 1
        assert arena.limit == 2**63 - 1
        assert arena.memory.terminals == arena.memory.mapped == arena.memory.pooled == 0


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"policy": "rpelace"}, ArgumentError, "policy must be 'replace' or 'adaptive', not 'rpelace'"),
        ({"policy": 1}, TypeError, "policy must be a str, not int"),
        ({"standard_page": 1}, ArgumentError, "standard_page must be from [0-9]+ to 1073741824, not 1"),
        ({"standard_page": 1 << 31}, ArgumentError, "standard_page"),
        ({"standard_page": True}, TypeError, "standard_page must be an int, not bool"),
        ({"limit": -1}, ArgumentError, "limit must be from 0"),
        ({"limit": 1e9}, TypeError, "limit must be an int, not float"),
        ({"pool_cap": -1}, ArgumentError, "pool_cap must be from 0"),
        ({"pool_cap": None}, TypeError, "pool_cap must be an int, not NoneType"),
        ({"pool_idle": -0.5}, ArgumentError, "pool_idle must be 0 seconds or more, not -0.5"),
        ({"pool_idle": float("nan")}, ArgumentError, "pool_idle"),
        ({"pool_idle": "1"}, TypeError, "pool_idle must be a number of seconds, not str"),
    ],
)
def test_arenas_made_wrong(arguments, error, message):
    with pytest.raises(error, match=message):
        Arena(**arguments)


@pytest.mark.parametrize("pool_idle", [0, 0.25, 10**30, float("inf")])
def test_idle_times(pool_idle):
    Arena(pool_idle=pool_idle).close()


def test_a_closed_arena_takes_no_terminals():
    arena = Arena()
    arena.close()
    arena.close()
    assert arena.closed
    assert repr(arena) == "<Arena, closed>"
    for use in (
        lambda: arena.memory,
        lambda: arena.limit,
        lambda: setattr(arena, "limit", 5),
        lambda: arena.policy,
        lambda: arena.standard_page,
        arena.trim,
        arena.__enter__,
        lambda: Terminal(arena=arena),
    ):
        with pytest.raises(ClosedError, match="closed"):
            use()


def test_terminals_outlive_the_closing_of_their_arena():
    arena = Arena()
    with Terminal(20, 3, arena=arena) as terminal:
        terminal.feed("before")
        arena.close()
        terminal.feed(" after" * 10_000)
        assert terminal.memory.mapped > 0
        assert terminal.memory.pooled == 0
        assert terminal.trim() == 0
        assert memory.audit().ok


def test_a_terminal_keeps_its_arena_alive():
    terminal = Terminal(20, 3, arena=Arena(standard_page=4096))
    gc.collect()
    terminal.feed(LINE * 100)
    assert terminal.arena.memory.terminals == 1
    terminal.close()


def test_what_is_not_closed_goes_with_the_last_reference():
    before = memory.ledger().mappings
    terminal = Terminal(20, 3, arena=Arena())
    terminal.feed(LINE)
    assert memory.ledger().mappings > before
    del terminal
    assert memory.ledger().mappings == before


def test_the_default_arena():
    arena = default_arena()
    assert arena is default_arena()
    assert arena.limit is None
    with Terminal() as terminal:
        assert terminal.arena is arena
    arena.close()
    assert default_arena() is not arena
    with Terminal() as terminal:
        terminal.feed("works")


def test_trim_reaches_every_arena():
    with Arena(standard_page=4096) as one, Arena(standard_page=4096) as other:
        for arena in (one, other):
            with Terminal(20, 3, arena=arena) as terminal:
                terminal.feed(LINE * 1000)
        pooled = one.memory.pooled + other.memory.pooled
        assert one.memory.pooled and other.memory.pooled
        assert memory.ledger().pooled_bytes == pooled
        assert memory.trim() == pooled
        assert one.memory.pooled == other.memory.pooled == 0


def test_one_arena_can_be_trimmed():
    with Arena(standard_page=4096) as arena:
        with Terminal(20, 3, arena=arena) as terminal:
            terminal.feed(LINE * 1000)
        pooled = arena.memory.pooled
        assert arena.trim() == pooled > 0
        assert arena.trim() == 0


@pytest.mark.parametrize("thing", [lambda: Arena(), lambda: Terminal()])
def test_handles_are_not_copied(thing):
    with thing() as made:
        for copier in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError, match="cannot be copied or pickled"):
                copier(made)


def test_the_budget_of_an_arena_is_named():
    page = lib.gp_os_page_bytes()
    with Arena(limit=4 * page, standard_page=page) as arena:
        terminals = [Terminal(40, 3, arena=arena) for _ in range(4)]
        with pytest.raises(OutOfMemoryError, match=f"the limit of {4 * page} bytes of the arena") as caught:
            Terminal(40, 3, arena=arena)
        assert caught.value.consumed is None
        assert arena.memory.peak == 4 * page
        for terminal in terminals:
            terminal.close()
        Terminal(40, 3, arena=arena).close()


def test_a_budget_makes_history_give_way():
    with Arena(limit=64 * 1024, standard_page=4096) as arena:
        with Terminal(80, 24, scrollback=Limits(), arena=arena) as terminal:
            terminal.feed(LINE * 10_000)
            assert 0 < len(terminal.history) < 10_000
            assert arena.memory.peak <= 64 * 1024
            data = b"\x1b[H" + LINE * 5_000
            arena.limit = 4096
            with pytest.raises(OutOfMemoryError, match="the limit of 4096 bytes of the arena") as caught:
                terminal.feed(data)
            assert 0 <= caught.value.consumed < len(data)
            assert terminal._violation() is None
            arena.limit = None
            terminal.feed(data[caught.value.consumed :])
            assert terminal._violation() is None


# ---- ledger, mappings, audit ----------------------------------------------------------------------------------------


def test_python_names_every_field_of_the_core():
    for name, value in (("gp_ledger", memory.Ledger), ("gp_counters", ghostpage.Counters)):
        assert [field.name for field in fields(value)] == [name for name, _ in ffi.typeof(name).fields]


def test_the_ledger_agrees_with_the_list(arena):
    with Terminal(80, 24, arena=arena) as terminal:
        terminal.feed(LINE * 1000)
        ledger, mappings = memory.ledger(), memory.mappings()
        assert ledger.mappings == len(mappings) > 10
        assert ledger.bytes == sum(mapping.length for mapping in mappings)
        assert ledger.pooled_mappings == sum(mapping.pooled for mapping in mappings)
        assert ledger.standard_mappings == sum(mapping.kind == "standard" for mapping in mappings)
        assert ledger.nonstandard_mappings == sum(mapping.kind == "non-standard" for mapping in mappings)
        assert ledger.total_mapped - ledger.total_unmapped == ledger.mappings
        assert ledger.peak_bytes >= ledger.bytes
        assert len({mapping.serial for mapping in mappings}) == len({mapping.address for mapping in mappings}) == len(mappings)
        assert all(0 <= mapping.age < 3600 for mapping in mappings)
        assert [mapping.serial for mapping in mappings] == sorted((m.serial for m in mappings), reverse=True)


def test_the_peak_begins_anew():
    with Terminal(80, 24, arena=Arena()) as terminal:
        terminal.feed(LINE * 10_000)
    memory.trim()
    memory.reset_peak()
    ledger = memory.ledger()
    assert (ledger.peak_bytes, ledger.peak_mappings) == (ledger.bytes, ledger.mappings)


def test_an_audit_of_something():
    with Arena(standard_page=4096) as arena, Terminal(80, 24, arena=arena) as terminal:
        terminal.feed(LINE * 1000)
        audit, ledger = memory.audit(), memory.ledger()
        assert audit.ok and audit.sums_agree and audit.owners_agree
        assert (audit.orphans, audit.double_owned, audit.violation, audit.missing) == ([], 0, "", [])
        assert (audit.mappings, audit.bytes, audit.pooled_bytes) == (ledger.mappings, ledger.bytes, ledger.pooled_bytes)
        if ON_LINUX:
            assert audit.kernel_checked and audit.kernel_agrees
            assert audit.resident is None or 0 < audit.resident <= audit.bytes


def test_audits_while_others_work():
    stop = threading.Event()
    problems = []

    def work(seed):
        with Arena(standard_page=4096) as arena:
            while not stop.is_set():
                with Terminal(40, 5 + seed, arena=arena, scrollback=Limits(50)) as terminal:
                    terminal.feed(LINE * 200)

    def look():
        for _ in range(30):
            audit = memory.audit()
            if not audit.ok:
                problems.append(audit)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(2)]
    for thread in threads:
        thread.start()
    look()
    stop.set()
    for thread in threads:
        thread.join()
    assert problems == []


@pytest.mark.skipif(not ON_LINUX, reason="asks the kernel")
def test_the_kernel_rings_when_a_mapping_is_gone():
    script = """
import ctypes
from ghostpage import Terminal, memory
terminal = Terminal()
terminal.feed("x")
mapping = memory.mappings()[0]
mprotect = ctypes.CDLL(None).mprotect  # as good as unmapped, and nobody else can get the place meanwhile
mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
assert mprotect(mapping.address, mapping.length, 0) == 0
missing = memory._missing()
assert missing == [mapping.address], missing
import os
os._exit(7)
"""
    assert subprocess.run([sys.executable, "-c", script]).returncode == 7


def test_areas_join_where_they_touch():
    areas = _kernel.Areas([(30, 40), (10, 20), (20, 30), (60, 70), (15, 25)])
    for address, length, covered in [
        (10, 30, True),
        (19, 2, True),
        (10, 31, False),
        (9, 2, False),
        (45, 1, False),
        (60, 10, True),
        (69, 2, False),
        (70, 1, False),
    ]:
        assert areas.cover(address, length) is covered
    assert not _kernel.Areas([]).cover(0, 1)


@pytest.mark.skipif(not ON_LINUX, reason="asks the kernel")
def test_resident_counts_what_was_touched():
    page = lib.gp_os_page_bytes()
    with mmap.mmap(-1, 64 * page, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as area:
        if hasattr(mmap, "MADV_NOHUGEPAGE"):
            area.madvise(mmap.MADV_NOHUGEPAGE)
        holder = ctypes.c_char.from_buffer(area)
        address = ctypes.addressof(holder)
        if _kernel.resident_bytes([(address, 64 * page)]) is None:
            del holder
            pytest.skip("the kernel does not tell")
        for touched in (3, 4, 63):
            area[touched * page] = 1
        assert _kernel.resident_bytes([(address, 64 * page)]) == 3 * page
        assert _kernel.resident_bytes([(address, 4 * page), (address + 62 * page, 2 * page)]) == 2 * page
        del holder


def test_a_system_that_does_not_tell(monkeypatch):
    monkeypatch.setattr(_kernel.Areas, "read", classmethod(lambda cls: None))
    monkeypatch.setattr(memory, "resident_bytes", lambda extents: None)
    audit = memory.audit()
    assert audit.ok
    assert (audit.kernel_checked, audit.kernel_agrees, audit.missing, audit.resident) == (False, None, [], None)


def test_a_mapping_the_kernel_does_not_have(monkeypatch):
    with Terminal(arena=Arena()) as terminal:
        terminal.feed("x")
        monkeypatch.setattr(_kernel.Areas, "read", classmethod(lambda cls: cls([])))
        audit = memory.audit()
        assert not audit.ok and audit.kernel_agrees is False
        assert sorted(audit.missing) == sorted(mapping.address for mapping in memory.mappings())


# ---- faults ---------------------------------------------------------------------------------------------------------


def test_memory_that_is_refused_raises_and_harms_nothing():
    with Arena(standard_page=4096) as arena:
        for kind in ("allocation", "mapping", "any"):
            with pytest.raises(OutOfMemoryError, match="the system has no more memory") as caught:
                with fail(kind, 1, lasting=True) as fault:
                    Terminal(arena=arena)
            assert isinstance(caught.value, MemoryError) and isinstance(caught.value, ghostpage.Error)
            assert caught.value.consumed is None
            assert fault.hits > 0
        with fail("mapping", 1):
            pass
        Terminal(arena=arena).close()


def test_feeding_goes_on_where_memory_ended():
    with Terminal(40, 5, scrollback=Limits(), arena=Arena(standard_page=4096)) as terminal:
        data = b"".join(b"line %d\r\n" % number for number in range(5000))
        done = 0
        with fail("mapping", 3, lasting=True) as fault, pytest.raises(OutOfMemoryError) as caught:
            terminal.feed(data)
        done = caught.value.consumed
        assert fault.hits and 0 < done < len(data)
        terminal.feed(memoryview(data)[done:])
        assert terminal.text() == data.decode().replace("\r\n", "\n")


def test_faults_named_wrong():
    with pytest.raises(ArgumentError, match="kind must be one of"), fail("page", 1):
        pass
    with pytest.raises(ArgumentError, match="nth must be from 1"), fail("any", 0):
        pass


# ---- the package ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", [ghostpage, memory])
def test_public_names(module):
    assert module.__all__ == sorted(module.__all__)
    for name in module.__all__:
        value = getattr(module, name)
        assert name == "Color" or value.__doc__, name


def test_pages_are_where_the_ledger_says() -> None:
    with Arena(standard_page=4096) as arena, Terminal(arena=arena, scrollback=Limits()) as terminal:
        terminal.feed("some text\r\n" * 5000 + "\x1b[H\x1b[J")
        pages = terminal.pages
        fillers = [bytearray(48 * len(pages)) for _ in range(50)]  # what was freed too early is overwritten now
        assert {page.address for page in pages} == {mapping.address for mapping in memory.mappings() if not mapping.pooled}
        assert [page.kind for page in pages].count("grid") == 1 and len(pages) > 15 and fillers


# ---- whose the mappings are -----------------------------------------------------------------------------------------


def owners(terminal: int | None = None) -> list[str | None]:
    return sorted(one.owner for one in memory.mappings(owners=True) if terminal is None or one.terminal == terminal)


def test_every_mapping_has_its_owner() -> None:
    with Arena(standard_page=4096, pool_cap=16 * 4096) as arena:
        with Terminal(20, 5, arena=arena, scrollback=Limits(lines=300)) as terminal, Terminal(20, 5, arena=arena) as other:
            other.feed("\x1b[?1047halternate")
            terminal.feed("some text\r\n" * 2000)
            assert owners(terminal.serial) == ["text"] * len(terminal.pages)
            assert owners(other.serial) == sorted(page.kind for page in other.pages) and "grid" in owners(other.serial)
            for one in memory.mappings(owners=True):
                (page,) = [page for page in terminal.pages + other.pages if page.address == one.address]
                assert (one.used, one.kind) == (page.used, "standard" if page.standard else "non-standard")
            assert terminal.serial != other.serial and memory.mappings()[0].owner is None

            with terminal.snapshot() as snapshot:
                assert snapshot.serial not in (terminal.serial, other.serial)
                copied = owners(snapshot.serial)
                assert copied and set(copied) == {"text"}
                assert len(copied) < len(snapshot.pages)  # the others are the terminal's
                terminal.clear_history()
                adopted = [one for one in memory.mappings(owners=True) if one.owner == "adopted"]
                assert sum(one.length for one in adopted) == arena.memory.adopted > 0
                assert all(one.terminal is None and 0 < one.used <= one.length for one in adopted)
            assert "adopted" not in owners() and "pool" in owners()
        assert set(owners()) == {"pool"}
    assert owners() == []


def test_a_mapping_that_the_kernel_keeps_is_withheld() -> None:
    with Terminal() as terminal:
        terminal.feed("x")
    with fail("unmapping", 1, lasting=True):
        memory.trim()
        assert set(owners()) == {"withheld"}
        ledger = memory.ledger()
        assert (ledger.withheld_mappings, ledger.withheld_bytes) == (len(owners()), ledger.bytes)
    with Terminal() as terminal:
        terminal.feed("x")
    memory.trim()
    assert owners() == [] and memory.ledger().withheld_mappings == memory.ledger().withheld_bytes == 0
