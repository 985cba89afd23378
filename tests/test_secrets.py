"""What was printed is not in memory any more when it is to be gone: looked for in all of a process, by another one.

The process gets each secret through a pipe, straight into a buffer that it overwrites after feeding it, so that what is found
is in the terminal's hands. It is looked for as bytes, as cells of a grid, and as code points of four bytes.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import random
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import ghostpage
from ghostpage import Arena, Error, Limits, OutOfMemoryError, Screen, Terminal, memory
from ghostpage._faults import fail
from variants import run_python

pytestmark = pytest.mark.skipif(
    "libasan" in os.environ.get("LD_PRELOAD", ""), reason="all of the process's memory is read, the sanitizer's own too"
)

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

CHILD = """
import io, os, sys
from ghostpage import Arena, Limits, Terminal
raw = io.FileIO(0)
arena = Arena(standard_page=int(sys.argv[1]), policy=sys.argv[2])
terminal = Terminal(20, 5, scrollback=Limits(lines=60), arena=arena, _mode=sys.argv[3])
os.write(1, b".")
while op := raw.read(1):
    answer = b"."
    if op == b"f":
        data = bytearray(int.from_bytes(raw.read(4), "little"))
        view = memoryview(data)
        while view:
            view = view[raw.readinto(view):]
        terminal.feed(data)
        data[:] = bytes(len(data))
    elif op == b"c":
        terminal.clear_history()
    elif op == b"w":
        seen = hash((tuple(terminal.frame().codepoints.tobytes()), terminal.cursor, terminal.alternate_screen))
        terminal.clear_history(wipe=True)
        now = hash((tuple(terminal.frame().codepoints.tobytes()), terminal.cursor, terminal.alternate_screen))
        sound = seen == now and terminal._violation() is None and len(terminal.history) == 0
        answer = b"." if sound else b"!"
    elif op == b"r":
        terminal.resize(13, 7)
    elif op == b"x":
        terminal.close()
    os.write(1, answer)
"""


class Process:
    def __init__(self, *arguments: str) -> None:
        self.dice = random.Random(os.urandom(16))
        self.mark = self.letters(10)
        env = {**os.environ, "PYTHONPATH": str(Path(ghostpage.__file__).parent.parent)}
        self.process = subprocess.Popen(
            [sys.executable, "-c", CHILD, *arguments], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        self.done()

    def letters(self, count: int) -> bytes:
        return bytes(self.dice.choices(b"bcdfghjklmnpqrstvwxz", k=count))

    def secret(self, name: str) -> bytes:
        """One that is known again by its name, of two letters."""
        return self.mark + name.encode() + self.letters(4)

    def done(self) -> None:
        assert self.process.stdout
        assert self.process.stdout.read(1) == b"."

    def do(self, op: bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(op)
        self.done()

    def feed(self, data: bytes) -> None:
        """In two pieces, so that a control string has to be collected."""
        for piece in (data[: len(data) // 2], data[len(data) // 2 :]):
            self.do(b"f" + len(piece).to_bytes(4, "little") + piece)

    def found(self) -> set[str]:
        """The names of the secrets that are somewhere in memory."""
        names = set()
        with open(f"/proc/{self.process.pid}/maps") as maps, open(f"/proc/{self.process.pid}/mem", "rb", 0) as mem:
            for start, stop in re.findall(r"^(\w+)-(\w+) rw", maps.read(), re.MULTILINE):
                try:
                    mem.seek(int(start, 16))
                    data = mem.read(int(stop, 16) - int(start, 16))
                except OSError:
                    continue  # of devices
                for seen in (data, *(data[at::4] for at in range(4)), *(data[at::8] for at in range(0, 8, 4))):
                    names |= {match.decode("latin-1") for match in re.findall(re.escape(self.mark) + b"(..)", seen)}
        return names


@contextmanager
def process(*arguments: str) -> Iterator[Process]:
    made = Process(*arguments)
    try:
        yield made
    finally:
        assert made.process.stdin and made.process.stdout
        made.process.stdin.close()
        made.process.stdout.close()
        assert made.process.wait(timeout=30) == 0


LINES = b"line\r\n" * 8
PLACES: dict[str, Callable[[bytes], bytes]] = {
    "hi": lambda secret: secret + b"\r\n" + LINES,
    "st": lambda secret: b"\x1b[1;35m" + secret + b"\x1b[m\r\n" + LINES,
    "li": lambda secret: b"\x1b]8;;https://example.org/" + secret + b"\x1b\\link\x1b]8;;\x1b\\\r\n" + LINES,
    "id": lambda secret: b"\x1b]8;id=" + secret + b";https://example.org/\x1b\\link\x1b]8;;\x1b\\\r\n" + LINES,
    "lo": lambda secret: secret + b" and a long line " * 2000 + b"\r\n" + LINES,
    "me": lambda secret: b"and a long line " * 2000 + secret + b" emoji \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb" * 900 + b"\r\n" + LINES,
    "pr": lambda secret: secret + b"\r\n" + LINES * 40,  # pruned at the limit
    "ed": lambda secret: b"\x1b[H" + secret + b"\x1b[H\x1b[2K\x1b[5;1H",
    "cl": lambda secret: b"\x1b[2;1H\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb\x1b]8;;x:" + secret + b"\x1b\\under\x1b]8;;\x1b\\\x1b[2J\x1b[5;1H",
    "al": lambda secret: b"\x1b[?1049h" + secret + b"\x1b[?1049l",
    "os": lambda secret: b"\x1b]52;c;" + secret + b" " * 300 + b"\x18",
    "in": lambda secret: b"\x1b[5;1H\r\n" * 5 + secret + b"\x1b[3D\x1b[4hxyz\x1b[4l\r\n" * 2 + LINES,
    "wr": lambda secret: LINES + secret + b" " + b"goes on " * 14,  # its end is on the screen
}  # fmt: skip


@linux
@pytest.mark.parametrize("mode", ["auto", "grid"])
@pytest.mark.parametrize(("page", "policy"), [("4096", "adaptive"), ("4096", "replace"), ("262144", "adaptive")])
def test_nothing_is_left_of_what_was_wiped(page: str, policy: str, mode: str) -> None:
    with process(page, policy, mode) as one:
        try:
            assert one.found() == set()
        except PermissionError:
            pytest.skip("may not read another process's memory here")
        for name, place in PLACES.items():
            one.feed(place(one.secret(name)))
        assert "wr" in one.found()  # it is found where it is to be
        one.do(b"c")
        assert len(one.found()) > 1  # and is not gone by clearing alone
        one.do(b"w")
        assert one.found() == set()


@linux
@pytest.mark.parametrize("name", PLACES)
def test_one_by_one(name: str) -> None:
    with process("16384", "adaptive", "auto") as one:
        one.feed(LINES)
        one.feed(PLACES[name](one.secret(name)))
        one.do(b"w")
        assert one.found() == set()
        one.feed(PLACES[name](one.secret(name)))
        one.do(b"r")
        one.do(b"w")
        assert one.found() == set()
        one.feed(LINES)  # and works on


@linux
@pytest.mark.parametrize("mode", ["auto", "grid"])
def test_nothing_is_left_in_the_pool(mode: str) -> None:
    with process("16384", "adaptive", mode) as one:
        for name, place in PLACES.items():
            one.feed(place(one.secret(name)))
        assert len(one.found()) > 1
        one.do(b"x")
        assert one.found() == set()


# ---- what wiping is besides -----------------------------------------------------------------------------------------


def state(terminal: Terminal) -> object:
    return [row.cells for row in terminal.screen], terminal.cursor, terminal.next_line, [row.line for row in terminal.screen]


@pytest.mark.parametrize("mode", ["auto", "grid", "early"])
def test_the_screen_and_the_numbers_of_lines_stay(mode: str) -> None:
    for place in PLACES.values():
        with Arena(standard_page=4096) as arena, Terminal(20, 5, arena=arena, _mode=mode) as terminal:
            terminal.feed(place(b"secret"))
            before, places = state(terminal), [terminal.position(y - terminal.rows, 0) for y in range(terminal.rows)]
            terminal.clear_history(wipe=True)
            assert state(terminal) == before and len(terminal.history) == 0
            assert [terminal.position(y - terminal.rows, 0) for y in range(terminal.rows)] == places
            assert terminal._violation() is None and memory.audit().ok
            terminal.feed(b"more\r\n" * 30)
            with Terminal(20, 5, arena=arena, _mode=mode) as other:
                other.feed(place(b"secret"))
                other.clear_history()
                other.feed(b"more\r\n" * 30)
                assert state(terminal) == state(other)
                assert [line.text for line in terminal.lines][-20:] == [line.text for line in other.lines][-20:]


def test_snapshots_are_in_the_way() -> None:
    with Terminal(20, 5) as terminal:
        terminal.feed("secret\r\n" * 20)
        first = terminal.snapshot()
        second = first.snapshot() if hasattr(first, "snapshot") else terminal.snapshot()
        assert set(terminal.snapshots) == {first, second}
        before = terminal.text()
        with pytest.raises(Error, match=r"snapshots that are open \(2\) keep what is to be wiped: close them first"):
            terminal.clear_history(wipe=True)
        assert terminal.text() == before
        for snapshot in terminal.snapshots:
            snapshot.close()
        terminal.clear_history(wipe=True)
        assert terminal.snapshots == [] and len(terminal.history) == 0
        terminal.feed("more\r\n" * 9)
        del first, second, snapshot
        terminal.snapshot()
        terminal.clear_history(wipe=True)  # one that nobody has is none


def test_without_memory_for_it_nothing_is_changed() -> None:
    for setup in (b"", b"\x1b[2;2Hgrid", b"\x1b[?1049halternate", b"\x1b[2;2Hgrid\x1b[?1049halternate"):
        with Arena(standard_page=4096, pool_cap=0) as arena, Terminal(20, 5, arena=arena) as terminal:
            terminal.feed(b"some text\r\n" * 500 + setup)
            before = state(terminal), terminal.text(), len(terminal.history)
            for nth in range(1, 9):
                with fail("any", nth, lasting=True) as fault:
                    try:
                        terminal.clear_history(wipe=True)
                        refused = False
                    except OutOfMemoryError:
                        refused = True
                assert terminal._violation() is None and memory.audit().ok
                if refused:
                    assert (state(terminal), terminal.text(), len(terminal.history)) == before
                if not fault.hits:
                    break
            assert not refused and len(terminal.history) == 0 and state(terminal) == before[0]


def test_a_screen_without_a_parser() -> None:
    with Screen(20, 5) as screen:
        for _ in range(20):
            screen.write("secret")
            screen.line_feed()
        screen.clear_history(wipe=True)
        assert len(screen.history) == 0 and screen._violation() is None


# ---- core dumps -----------------------------------------------------------------------------------------------------


def flags() -> dict[int, set[str]]:
    """Of every OS page of the arena's mappings, what the kernel says of it."""
    areas = []
    with open("/proc/self/smaps") as smaps:
        for line in smaps:
            if match := re.match(r"([0-9a-f]+)-([0-9a-f]+) ", line):
                start, stop = int(match[1], 16), int(match[2], 16)
            elif line.startswith("VmFlags:"):
                areas.append((start, stop, set(line.split()[1:])))
    found = {}
    for one in memory.mappings():
        for at in range(one.address, one.address + one.length, 4096):
            (found[at],) = (names for start, stop, names in areas if start <= at < stop)
    return found


@linux
@pytest.mark.parametrize("dumps", [True, False])
def test_core_dumps_leave_out_what_is_to_be_left_out(dumps: bool) -> None:
    with Arena(standard_page=4096, core_dumps=dumps) as arena, Terminal(20, 5, scrollback=Limits(), arena=arena) as terminal:
        assert arena.core_dumps is dumps
        for name, place in PLACES.items():
            terminal.feed(place(b"secret"))
        terminal.feed("\x1b[?1049halternate")
        with terminal.snapshot():
            terminal.clear_history()
            found = flags()
            assert len(found) > 20
            assert all(("dd" in names) is not dumps for names in found.values())
        with fail("unmapping", 1, lasting=True):
            arena.trim()
        with Arena(standard_page=4096, core_dumps=not dumps) as other, Terminal(20, 5, arena=other) as another:
            another.feed("x")  # does not get what the kernel would not take from the first
            (mapping,) = (one for one in memory.mappings(owners=True) if one.terminal == another.serial)
            assert ("dd" in flags()[mapping.address]) is dumps
    memory.trim()


ADVICE = {"x86_64": 28, "aarch64": 233}
"""The number of the system call madvise."""


@linux
@pytest.mark.skipif(os.uname().machine not in ADVICE, reason="the system call's number is not known")
def test_nothing_is_mapped_that_the_kernel_would_dump() -> None:
    """The kernel refuses the advice, as it does where a process has all the mappings that it may have."""
    script = f"""
        import ctypes, struct
        from ghostpage import Arena, OutOfMemoryError, Terminal, memory

        code = [(0x20, 0, 0, 0), (0x15, 0, 3, {ADVICE.get(os.uname().machine)}), (0x20, 0, 0, 32),  # a filter of seccomp:
                (0x15, 0, 1, 16), (0x06, 0, 0, 0x50000 | 12), (0x06, 0, 0, 0x7FFF0000)]  # madvise(.., .., 16) is ENOMEM
        steps = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in code))
        program = ctypes.create_string_buffer(struct.pack("HP", len(code), ctypes.addressof(steps)))
        prctl = ctypes.CDLL(None, use_errno=True).prctl
        with Arena(core_dumps=False) as arena:
            if prctl(38, 1, 0, 0, 0) or prctl(22, 2, program, 0, 0):
                raise SystemExit("no filter")
            before = open("/proc/self/statm").read().split()[0]
            for _ in range(1000):
                try:
                    Terminal(arena=arena)
                except OutOfMemoryError:
                    assert memory.ledger().mappings == 0 and memory.audit().ok
                else:
                    raise AssertionError("it would be dumped")
            assert int(open("/proc/self/statm").read().split()[0]) - int(before) < 1000, "what was mapped is left"
            Terminal().close()  # dumped like all else
    """
    done = run_python(None, "-c", textwrap.dedent(script))
    if "no filter" in done.stderr:
        pytest.skip("the kernel takes no filter of system calls")
    assert done.returncode == 0, done.stderr


def test_where_dumps_cannot_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from ghostpage import arena

    class Without:
        def __getattr__(self, name: str) -> object:
            return (lambda: False) if name == "gp_can_be_undumped" else getattr(lib, name)

    lib = arena.lib
    monkeypatch.setattr(arena, "lib", Without())
    with pytest.raises(Error, match="this system cannot keep memory out of core dumps"):
        Arena(core_dumps=False)


def test_a_page_is_wiped_beyond_what_was_discarded_of_it() -> None:
    """A line has grown to the end of its page and moved away; the middle is discarded, and what is behind that is not."""
    with Arena(standard_page=8 * mmap.PAGESIZE, pool_idle=float("inf")) as arena:
        with Terminal(80, 2, scrollback=Limits(), arena=arena) as terminal:
            terminal.feed(b"a line of some words\r\n" * 20_000)
            for _ in range(8):
                terminal.feed(b"first\r\n" * 600)
                for _ in range(100):
                    terminal.feed(b"secret " * 57)
                terminal.feed(b"\r\n\r\n\r\n")
            terminal.trim()
            terminal.clear_history()
            pooled = [mapping for mapping in memory.mappings() if mapping.pooled]
            assert len(pooled) > 10
            assert not any(any(ctypes.string_at(mapping.address, mapping.length)) for mapping in pooled)
