"""Mappings, ledger, pool and arena: what is asked of the system, what is kept, and what is given back."""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from ghostpage import Arena, Limits, OutOfMemoryError, Screen, Terminal, memory
from ghostpage._core import ffi, lib
from ghostpage._faults import fail
from variants import run_python

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel")

PAGE = mmap.PAGESIZE
EDIT = b"one\r\ntwo\x1b[H"  # makes the screen a grid


def words(number: int, count: int) -> bytes:
    """Emoji, each word with a link of its own, in one line."""
    family = "👩\u200d👩\u200d👧\u200d👦"
    word = "\x1b]8;;https://example.org/{}\x1b\\{}{}\x1b]8;;\x1b\\no. {:3} "
    return "".join(word.format((number + n) % 97, family, family, n % 1000) for n in range(count)).encode() + b"\r\n"


def heavy(number: int) -> bytes:
    """A line that outgrows a standard page."""
    return words(number, PAGE // 56)


def dense(number: int, lines: int = 1) -> bytes:
    """Lines of which several fit a standard page."""
    return b"".join(words(number + n, 6) for n in range(lines))


def is_mapped(address: int, length: int) -> bool:
    """Whether the kernel has all of it as private, writable, anonymous memory."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        place, permissions, _, _, inode, *_ = line.split(None, 5)
        start, stop = (int(part, 16) for part in place.split("-"))
        if start < address + length and stop > address and (permissions, inode) == ("rw-p", "0"):
            return start <= address and stop >= address + length
    return False


def new_arena(policy: str = "adaptive", **options: object) -> Arena:
    return Arena(policy=policy, **{"standard_page": PAGE, "pool_idle": float("inf"), **options})  # type: ignore[arg-type]


# ---- the interface in C -------------------------------------------------------------------------------------------------


def test_os_pages_are_a_power_of_two() -> None:
    size = lib.gp_os_page_bytes()
    assert size == mmap.PAGESIZE and size & (size - 1) == 0


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, lib.GP_OK),
        ({"standard_page_bytes": PAGE - 1}, lib.GP_ERR_ARGUMENT),
        ({"standard_page_bytes": lib.GP_STANDARD_PAGE_MAX_BYTES + 1}, lib.GP_ERR_ARGUMENT),
        ({"policy": 0}, lib.GP_ERR_ARGUMENT),
        ({"policy": 3}, lib.GP_ERR_ARGUMENT),
    ],
)
def test_options_of_an_arena(changes: dict[str, int], status: int) -> None:
    options = {"standard_page_bytes": PAGE, "limit_bytes": 1 << 40, "policy": lib.GP_POLICY_REPLACE, **changes}
    made = ffi.new("gp_arena **")
    assert lib.gp_arena_new(ffi.new("gp_arena_options *", options), made) == status
    assert (made[0] == ffi.NULL) == (status != lib.GP_OK)
    lib.gp_arena_free(made[0])


def test_lists_say_how_much_there_is_beyond_their_room() -> None:
    with new_arena() as arena, Terminal(arena=arena) as terminal:
        terminal.feed(dense(0, 60))
        count = memory.ledger().mappings
        assert count > 3
        infos = ffi.new("gp_mapping_info[3]")
        assert lib.gp_ledger_list(infos, 2) == lib.gp_ledger_list(ffi.NULL, 0) == count
        assert infos[1].serial and not infos[2].serial
        pages = ffi.new("gp_page_info[3]")
        assert lib.gp_terminal_list_pages(terminal._live, pages, 2) == count
        assert pages[1].mapped_bytes and not pages[2].mapped_bytes
        audit = ffi.new("gp_audit *")
        lib.gp_audit_run(audit, ffi.NULL, 0)
        assert audit.ok and audit.mappings == count


# ---- mappings -----------------------------------------------------------------------------------------------------------


def test_a_mapping_is_what_it_was_made(arena: Arena) -> None:
    """Address, length and kind stay the same as long as it lives, whatever becomes of the pages in it."""
    known: dict[int, tuple[int, int, str]] = {}
    before = memory.ledger().total_mapped
    with Terminal(scrollback=Limits(lines=60), arena=arena) as terminal:
        for number in range(200):
            terminal.feed(heavy(number) if number % 3 else dense(number, 20) + EDIT)
            for mapping in memory.mappings():
                made = (mapping.address, mapping.length, mapping.kind)
                assert known.setdefault(mapping.serial, made) == made
        assert max(known) - min(known) + 1 == memory.ledger().total_mapped - before


def test_the_kind_is_told_by_the_size(arena: Arena) -> None:
    with Terminal(arena=arena) as terminal:
        terminal.feed(heavy(0) + EDIT)
        for mapping in memory.mappings():
            assert (mapping.kind == "standard") == (mapping.length == arena.standard_page)
        assert {mapping.kind for mapping in memory.mappings()} == {"standard", "non-standard"}


@pytest.mark.parametrize("standard", [PAGE, 4 * PAGE, 64 * PAGE])
def test_sizes_are_quarters_between_powers_of_two(standard: int) -> None:
    """So that they recur, and at most a fifth of a page is lost."""
    sizes = set()
    with new_arena(standard_page=standard) as arena:
        for columns in range(100, 12_000, 700):
            with Terminal(columns, 40, arena=arena) as terminal:
                terminal.feed(EDIT)
                sizes.add((8 * columns * 40, terminal.pages[-1].mapped))
    assert len(sizes) > 10
    for cells, mapped in sizes:
        power = standard if mapped > standard else PAGE
        while 2 * power <= mapped:
            power *= 2
        step = max(power // 4, PAGE)
        assert mapped >= cells and mapped % step == 0
        if mapped > standard:
            assert mapped <= max(1.25 * (cells * 5 / 4 + 1024), cells + 2048 + 1024 + step)


@on_linux
def test_mappings_are_named_where_the_kernel_can() -> None:
    probe = mmap.mmap(-1, PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    holder = ctypes.c_char.from_buffer(probe)
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    name = ctypes.create_string_buffer(b"probe")
    named = prctl(0x53564D61, 0, ctypes.addressof(holder), PAGE, ctypes.addressof(name)) == 0
    del holder
    probe.close()
    with new_arena() as arena, Terminal(arena=arena):
        address = memory.mappings()[0].address
        for line in Path("/proc/self/maps").read_text().splitlines():
            start, stop = (int(part, 16) for part in line.split()[0].split("-"))
            if start <= address < stop:
                assert ("[anon:ghostpage]" in line) == named
                break
        else:
            pytest.fail("it is not mapped")


@on_linux
def test_what_is_unmapped_is_gone() -> None:
    with new_arena(pool_cap=0) as arena:
        terminal = Terminal(300, 100, arena=arena)
        terminal.feed(b"\n" * 50 + b"\x1b[H")
        [large] = [mapping for mapping in memory.mappings() if mapping.kind == "non-standard"]
        assert is_mapped(large.address, large.length)
        terminal.close()
        assert not is_mapped(large.address, large.length)


# ---- the ledger ---------------------------------------------------------------------------------------------------------


def test_every_page_is_in_the_ledger(arena: Arena) -> None:
    with Terminal(arena=arena) as terminal:
        for output in (dense(0, 40), heavy(1), EDIT, b"\x1b[?1049h", b"\x1bc", heavy(2) * 3):
            terminal.feed(output)
            ledger, pages = memory.ledger(), terminal.pages
            owned = [mapping for mapping in memory.mappings() if not mapping.pooled]
            assert sorted(page.mapped for page in pages) == sorted(mapping.length for mapping in owned)
            assert ledger.mappings - ledger.pooled_mappings == len(pages)
            assert ledger.bytes - ledger.pooled_bytes == terminal.memory.mapped
            assert ledger.nonstandard_bytes + ledger.standard_bytes == ledger.bytes == arena.memory.mapped
            assert ledger.pooled_bytes == arena.memory.pooled


def test_the_ledger_counts_each_call(arena: Arena) -> None:
    before = memory.ledger()
    with Terminal(scrollback=Limits(lines=100), arena=arena) as terminal:
        for number in range(300):
            terminal.feed(heavy(number) + dense(number, 7))
        counters, ledger = terminal.counters, memory.ledger()
        assert ledger.total_mapped - before.total_mapped == counters.pages_mapped
        assert ledger.total_unmapped - before.total_unmapped >= counters.pages_unmapped
        assert ledger.total_mapped - ledger.total_unmapped == ledger.mappings
        assert ledger.total_mapped_bytes - ledger.total_unmapped_bytes == ledger.bytes


def test_the_peak_is_that_of_the_worst_moment() -> None:
    with new_arena("replace", pool_cap=0) as arena, Terminal(arena=arena) as terminal:
        terminal.feed(EDIT)
        grid = terminal.pages[1].mapped
        memory.reset_peak()
        base = memory.ledger().bytes
        terminal.resize(81, 24)  # the new grid is there before the old one goes
        assert memory.ledger().peak_bytes == base + terminal.pages[1].mapped
        assert memory.ledger().bytes == base - grid + terminal.pages[1].mapped
        assert memory.ledger().peak_mappings == memory.ledger().mappings + 1


# ---- the pool -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pages", [0, 1, 5, 1000])
def test_the_pool_keeps_to_its_cap(pages: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with new_arena(pool_cap=pages * PAGE + PAGE // 2) as arena:
        with Terminal(arena=arena) as terminal:
            terminal.feed(dense(0, 300))
            held = len(terminal.pages)
            assert 20 < held < 1000
        assert arena.memory.pooled_standard == min(pages, held)
        assert memory.ledger().bytes == arena.memory.pooled == arena.memory.mapped == min(pages, held) * PAGE


def test_the_pool_is_what_is_taken_from_first() -> None:
    with new_arena() as arena:
        with Terminal(arena=arena) as terminal:
            terminal.feed(dense(0, 100))
        pooled, mapped = arena.memory.pooled_standard, memory.ledger().total_mapped
        with Terminal(arena=arena) as terminal:
            terminal.feed(dense(0, 60))
            assert terminal.counters.pages_from_pool == len(terminal.pages) == pooled - arena.memory.pooled_standard
        assert memory.ledger().total_mapped == mapped


def test_an_idle_pool_goes_back() -> None:
    with new_arena(pool_idle=0.05) as arena:
        with Terminal(arena=arena) as terminal:
            terminal.feed(dense(0, 100) + EDIT)
        deadline = time.monotonic() + 10
        while arena.memory.pooled and time.monotonic() < deadline:  # each look at it is a call that looks at the clock
            time.sleep(0.01)
        assert arena.memory.pooled == memory.ledger().bytes == 0


def test_nothing_is_pooled_when_idling_is_not_allowed() -> None:
    with new_arena(pool_idle=0) as arena:
        with Terminal(arena=arena) as terminal:
            terminal.feed(dense(0, 100))
        assert memory.ledger().bytes == 0


@pytest.mark.parametrize("policy", ["adaptive", "replace"])
def test_spares_do_not_outlast_their_demand(policy: str) -> None:
    """A mapping that is not standard waits in the pool while 256 pages are born, no longer; pages that are recycled
    without a call on the arena count too, by 32."""
    with new_arena(policy, pool_cap=1 << 30) as arena:
        with Terminal(arena=arena) as terminal:
            terminal.feed(EDIT)
        assert arena.memory.pooled_nonstandard == 1
        for _ in range(256):
            Terminal(arena=arena).close()
        assert arena.memory.pooled_nonstandard == 1
        Terminal(arena=arena).close()
        assert arena.memory.pooled_nonstandard == 0

        with Terminal(80, 24, scrollback=Limits(lines=100), arena=arena) as terminal:
            terminal.feed(EDIT + b"\x1b[99H" + b"plain\r\n" * 2000)  # full, and the grid was given up
            assert arena.memory.pooled_nonstandard == 1 and terminal.counters.packed == 1
            recycled = terminal.counters.pages_recycled
            while arena.memory.pooled_nonstandard and terminal.counters.pages_recycled < recycled + 1000:
                terminal.feed(b"plain\r\n" * 100)
            assert 256 - 32 <= terminal.counters.pages_recycled - recycled <= 256 + 32


@pytest.mark.parametrize("policy", ["adaptive", "replace"])
def test_spares_are_within_the_cap(policy: str) -> None:
    """Mappings of all kinds and sizes together; the oldest make room."""
    cap = 40 * PAGE
    with new_arena(policy, pool_cap=cap) as arena:
        terminals = [Terminal(20 + 5 * number, 24, arena=arena) for number in range(30)]
        for terminal in terminals:
            terminal.feed(EDIT)
        for terminal in terminals:
            terminal.close()
            assert arena.memory.pooled <= cap
        assert arena.memory.pooled > cap - 12 * PAGE and arena.memory.pooled_nonstandard >= 3
        newest = max(mapping.serial for mapping in memory.mappings())
        assert {mapping.serial for mapping in memory.mappings()} >= {newest, newest - 1}


def test_a_spare_serves_only_its_own_size() -> None:
    with new_arena() as arena:
        with Terminal(80, 24, arena=arena) as terminal:
            terminal.feed(EDIT)
        for (columns, rows), from_pool in (((200, 50), 1), ((80, 24), 2)):
            with Terminal(columns, rows, arena=arena) as terminal:
                terminal.feed(EDIT)
                assert terminal.counters.pages_from_pool == from_pool
                assert terminal.pages[1].mapped % PAGE == 0


def test_without_a_pool_nothing_is_kept_that_is_not_standard() -> None:
    """`replace` is the historic fix to the letter then: what is retired is unmapped at once."""
    with new_arena("replace", pool_cap=0) as arena, Terminal(scrollback=Limits(lines=50), arena=arena) as terminal:
        for number in range(50):
            terminal.feed(heavy(number) + EDIT + b"\x1b[99Hx\r\n" * 30)
            assert arena.memory.pooled_nonstandard == 0
            assert memory.ledger().nonstandard_bytes == terminal.memory.nonstandard
        counters = terminal.counters
        assert counters.nonstandard_retired > 50 and counters.pages_unmapped >= counters.nonstandard_retired


# ---- what one session printed, no other can read --------------------------------------------------------------------------


SECRET = b"hunter2-hunter2-hunter2"
SESSIONS = {
    "lines": SECRET * 3000 + b"\r\n" + (SECRET + b"\r\n") * 3000,
    "links": b"".join(b"\x1b]8;id=%s;https://%s/%d\x1b\\x\x1b]8;;\x1b\\\r\n" % (SECRET, SECRET, n) for n in range(900)),
    "a grid": EDIT + b"".join(b"\x1b[%dH%s%s" % (n % 24 + 1, SECRET, "e\u0301".encode() * 20) for n in range(900)),
    "the alternate screen": b"\x1b[?1049h" + b"".join(b"\x1b[%dH%s" % (n % 24 + 1, SECRET) for n in range(50)),
    "clusters": EDIT + b"".join(b"\x1b[H" + SECRET + "\u0301".encode() for _ in range(900)),
    "heavy lines": b"".join(heavy(n)[:-2] + SECRET + b"\r\n" for n in range(40)),
    "in place and gone": EDIT + SECRET + b"\x1b[2J" + (b"x\r\n" * 60 + EDIT) * 4,
    "cleared": (SECRET + b"\r\n") * 900 + b"\x1b[H\x1b[2J\x1b[3J",
}


def content(mapping: memory.Mapping) -> bytes:
    with open("/proc/self/mem", "rb", buffering=0) as memory_file:
        return os.pread(memory_file.fileno(), mapping.length, mapping.address)


@on_linux
@pytest.mark.parametrize("policy", ["adaptive", "replace"])
@pytest.mark.parametrize("name", SESSIONS)
def test_pooled_memory_is_wiped(name: str, policy: str) -> None:
    with new_arena(policy, pool_cap=1 << 30) as arena:
        with Terminal(scrollback=Limits(lines=500), arena=arena) as terminal:
            terminal.feed(SESSIONS[name])
            terminal.resize(70, 20)
            terminal.feed(SESSIONS[name])
            for mapping in memory.mappings():
                assert not mapping.pooled or not any(content(mapping)), "something is left in a page that was given back"
            terminal.feed(SESSIONS[name][: len(SESSIONS[name]) // 2])
        assert arena.memory.pooled and all(mapping.pooled for mapping in memory.mappings())
        for mapping in memory.mappings():
            assert not any(content(mapping))
        with Terminal(arena=arena) as terminal:
            terminal.feed(dense(0, 50) + heavy(0) + EDIT)
            assert terminal.counters.pages_from_pool
            assert not [mapping for mapping in memory.mappings() if b"hunter2" in content(mapping)]


@on_linux
def test_a_screen_without_a_parser_leaves_nothing_either() -> None:
    with new_arena(pool_cap=1 << 30) as arena:
        with Screen(arena=arena) as screen:
            screen.link = ("https://" + SECRET.decode(), SECRET.decode())
            screen.write(SECRET.decode() * 3000)
            screen.move(0, 0)
            screen.insert_lines(3)
            screen.write(SECRET.decode() * 300)
        assert memory.mappings() and not any(any(content(mapping)) for mapping in memory.mappings())


# ---- the budget ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["adaptive", "replace"])
def test_a_budget_is_kept_at_every_moment(policy: str) -> None:
    budget = 64 * PAGE
    memory.reset_peak()
    base = memory.ledger().bytes
    with new_arena(policy, limit=budget) as arena:
        terminals = [Terminal(40, 5, scrollback=Limits(), arena=arena) for _ in range(4)]
        for number in range(300):
            try:
                terminals[number % 4].feed(dense(number, 3) if number % 5 else heavy(number))
            except OutOfMemoryError as error:
                assert f"{budget} bytes" in str(error)
                terminals[number % 4].clear_history()
            assert arena.memory.mapped <= budget
            assert memory.ledger().peak_bytes - base <= budget
        assert arena.memory.peak > budget * 3 // 4
        for terminal in terminals:
            terminal.close()


def test_the_pool_gives_way_to_a_budget() -> None:
    with new_arena(limit=40 * PAGE) as arena:
        with Terminal(arena=arena) as terminal:
            terminal.feed(dense(0, 200))
        assert arena.memory.pooled > 20 * PAGE
        with Terminal(400, 30, arena=arena) as terminal:  # its grid is larger than what the budget leaves beside the pool
            terminal.feed(EDIT)
            assert terminal.memory.grid > 20 * PAGE and arena.memory.mapped <= 40 * PAGE


def test_the_pool_gives_way_to_a_lower_budget() -> None:
    with new_arena() as arena:
        with Terminal(arena=arena) as terminal:
            terminal.feed(dense(0, 150))
        assert arena.memory.pooled > 3 * PAGE
        for limit in (3 * PAGE, 2 * PAGE + 1, 0):
            arena.limit = limit
            assert arena.memory.pooled == arena.memory.mapped == limit // PAGE * PAGE


def test_a_limit_in_bytes_counts_the_pool() -> None:
    """What a terminal with a hard limit leaves in the pool is within that limit too."""
    with new_arena(pool_cap=1 << 30) as arena, Terminal(scrollback=Limits(bytes=40 * PAGE), arena=arena) as terminal:
        for number in range(60):
            terminal.feed(heavy(number) + dense(number, 9) + EDIT + b"\x1b[99H\r\n" * 30)
            assert arena.memory.mapped <= 40 * PAGE
        terminal.clear_history()
        assert arena.memory.mapped <= 40 * PAGE


def most_pages(lines: int) -> tuple[int, int]:
    """How many pages a terminal of 4 rows had at most that keeps so many, and the lines of one."""
    with new_arena() as arena, Terminal(80, 4, scrollback=Limits(lines=lines), arena=arena) as terminal:
        counts = []
        for _ in range(5 * PAGE // 50):
            terminal.feed(b"the quick brown fox jumps over the lazy dog\r\n")
            counts.append(len(terminal.pages))
        return max(counts), terminal.pages[0].lines


def test_a_page_goes_when_those_after_it_hold_the_limit() -> None:
    """And the screen: two pages do, and the third is being filled; with one row more two are not enough."""
    _, lines = most_pages(10_000)
    assert [most_pages(2 * lines - 4 + more)[0] for more in (0, 1)] == [3, 4]


@pytest.mark.parametrize("limit", [0, PAGE // 2])
def test_a_limit_below_one_page_keeps_the_screen_alone(limit: int) -> None:
    """However much is fed at once."""
    with new_arena() as arena, Terminal(80, 4, scrollback=Limits(bytes=limit), arena=arena) as terminal:
        terminal.feed(b"the quick brown fox jumps over the lazy dog\r\n" * 10_000)
        assert terminal.memory.peak <= 2 * PAGE


# ---- memory that is not to be had -----------------------------------------------------------------------------------------


def test_the_pool_is_given_up_before_memory_is_lacking() -> None:
    with new_arena() as arena:
        with Terminal(arena=arena) as terminal:
            terminal.feed(dense(0, 100))
        assert arena.memory.pooled
        with Terminal(arena=arena) as terminal, fail("mapping", 1) as fault:
            terminal.feed(EDIT)  # wants a mapping of another size
            assert fault.hits == 1 and terminal.memory.grid
        assert arena.memory.pooled_standard <= 1


@pytest.mark.parametrize("kind", ["allocation", "mapping", "any"])
def test_the_fault_hook_counts(kind: str) -> None:
    with new_arena() as arena:
        struck = []
        for nth in range(1, 8):
            arena.trim()
            with fail(kind, nth) as fault:
                try:
                    with Terminal(arena=arena) as terminal:
                        terminal.feed(dense(0, 12))
                except OutOfMemoryError:
                    pass
            struck.append(fault.hits)
        assert struck == sorted(struck, reverse=True) and struck[0] == 1  # once each, until there are no more attempts
        arena.trim()
        with fail(kind, 1, lasting=True) as fault:
            for _ in range(3):
                with pytest.raises(OutOfMemoryError):
                    Terminal(arena=arena)
        assert fault.hits == 3
        Terminal(arena=arena).close()


@on_linux
def test_a_system_that_really_refuses() -> None:
    """No fault is made up here: the process may not have more memory."""
    script = """
        import resource
        from ghostpage import Arena, Limits, OutOfMemoryError, Terminal, memory

        line = "the quick brown fox jumps over the lazy dog\\r\\n" * 1000
        with Arena(standard_page=1 << 20) as arena, Terminal(scrollback=Limits(), arena=arena) as terminal:
            terminal.feed(line)
            with open("/proc/self/statm") as statm:
                now = int(statm.read().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (now + (8 << 20), resource.RLIM_INFINITY))
            done = 0
            try:
                for _ in range(10_000):
                    terminal.feed(line)
                    done += 1
            except OutOfMemoryError as error:
                resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
                assert "the system has no more memory" in str(error), error
                rest = line.encode()[error.consumed:]
            assert 10 < done < 10_000
            assert terminal._violation() is None and memory.audit().ok
            terminal.feed(rest)
            assert len(terminal.history) == 1000 * (done + 2) + 1 - terminal.rows
        assert memory.trim() >= 0 and memory.ledger().mappings == 0
    """
    done = run_python(None, "-c", textwrap.dedent(script))
    assert done.returncode == 0, done.stderr


# ---- threads --------------------------------------------------------------------------------------------------------------


def test_one_arena_in_many_threads(arena: Arena) -> None:
    problems: list[object] = []

    def work(seed: int) -> None:
        try:
            for number in range(25):
                with Terminal(40, 5, scrollback=Limits(lines=40), arena=arena) as terminal:
                    terminal.feed(heavy(seed + number) + dense(number, 20) + EDIT + dense(number, 9))
                    terminal.resize(50 + number, 6)
                    if number % 5 == 0:
                        arena.trim()
                        audit = memory.audit()
                        if audit.orphans or audit.double_owned or not (audit.sums_agree and audit.owners_agree):
                            problems.append(audit)
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert arena.memory.mapped == arena.memory.pooled
