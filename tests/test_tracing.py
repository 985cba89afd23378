"""tracemalloc sees the mappings, under a domain of their own, with the lines of Python that asked for them."""

from __future__ import annotations

import textwrap
import threading
import tracemalloc
from collections.abc import Iterator

import pytest

from ghostpage import Arena, Error, Limits, Terminal, memory
from ghostpage._faults import fail
from variants import run_python

OURS = tracemalloc.DomainFilter(True, memory.TRACE_DOMAIN)


@pytest.fixture
def tracing() -> Iterator[None]:
    tracemalloc.start()
    try:
        memory.start_tracing()
        yield
    finally:
        memory.stop_tracing()
        tracemalloc.stop()


def traced() -> tracemalloc.Snapshot:
    return tracemalloc.take_snapshot().filter_traces([OURS])


def traced_bytes() -> int:
    return sum(trace.size for trace in traced().traces)


def test_what_is_traced_is_what_is_mapped(tracing: None) -> None:
    with Arena(standard_page=4096) as arena, Terminal(80, 24, scrollback=Limits(lines=500), arena=arena) as terminal:
        for number in range(100):
            terminal.feed(f"{number} \U0001f469\u200d\U0001f4bb " * (number * 7 % 900) + "\r\n" * 20)
            if number % 9 == 0:
                terminal.feed("\x1b[3;3Hedited\x1b[24;1H")
            assert traced_bytes() == memory.ledger().bytes
        assert terminal.counters.pages_unmapped > 0 or arena.memory.pooled
        assert traced_bytes() > 0
    memory.trim()
    assert memory.ledger().mappings == len(traced().traces) == 0


def test_the_line_that_asked_for_it_is_named() -> None:
    tracemalloc.start(10)
    try:
        memory.start_tracing()
        with Terminal(80, 24, scrollback=Limits()) as terminal:
            before = memory.ledger().bytes
            terminal.feed(("x" * 70 + "\r\n") * 20_000)  # the line
            with open(__file__, encoding="utf-8") as file:
                number = 1 + next(index for index, line in enumerate(file) if line.endswith("  # the line\n"))
            here = tracemalloc.Filter(True, __file__, number, all_frames=True)
            found = traced().filter_traces([here]).traces
            assert sum(trace.size for trace in found) == memory.ledger().bytes - before > 1 << 20
    finally:
        memory.stop_tracing()
        tracemalloc.stop()


def test_what_was_there_before_is_seen_and_gone_afterwards() -> None:
    tracemalloc.start()
    try:
        with Terminal() as terminal:
            terminal.feed("x")
            assert traced_bytes() == 0
            memory.start_tracing()
            assert traced_bytes() == memory.ledger().bytes > 0
            memory.stop_tracing()
            assert traced_bytes() == 0
            terminal.feed("x\r\n" * 500_000)
            assert traced_bytes() == 0
    finally:
        tracemalloc.stop()


def test_a_mapping_that_the_kernel_keeps_stays_traced(tracing: None) -> None:
    with Terminal() as terminal:
        terminal.feed("x")
        with fail("unmapping", 1, lasting=True):
            terminal.close()
            memory.trim()
            assert traced_bytes() == memory.ledger().bytes == memory.ledger().withheld_bytes > 0
    with Arena(standard_page=4096) as arena, Terminal(arena=arena) as terminal:
        terminal.feed("x")  # the next that is given back takes the others along
    memory.trim()
    assert traced_bytes() == memory.ledger().bytes == 0


def test_without_tracemalloc_it_is_said() -> None:
    with pytest.raises(Error, match=r"tracemalloc is not tracing: call tracemalloc\.start\(\) first"):
        memory.start_tracing()


def test_threads_that_map_while_tracing_begins_and_ends() -> None:
    """Nobody waits for ever, and what is traced in the end is what is mapped."""
    tracemalloc.start()
    done = threading.Event()
    failed: list[BaseException] = []

    def work() -> None:
        try:
            while not done.is_set():
                with Arena(standard_page=4096, pool_cap=0) as arena, Terminal(20, 5, arena=arena) as terminal:
                    terminal.feed(b"some text\r\n" * 2000)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    try:
        for thread in threads:
            thread.start()
        for _ in range(40):
            memory.start_tracing()
            memory.stop_tracing()
        memory.start_tracing()
        done.set()
        for thread in threads:
            thread.join()
        assert not failed
        assert traced_bytes() == memory.ledger().bytes
    finally:
        done.set()
        memory.stop_tracing()
        tracemalloc.stop()


def test_the_end_of_the_process_with_threads_that_map() -> None:
    """At exit a thread that wants the GIL is stopped where it is, which must not be behind a lock of ours."""
    script = """
        import sys, threading, tracemalloc
        from ghostpage import Arena, Terminal, memory
        tracemalloc.start()
        memory.start_tracing()
        arena = Arena(standard_page=4096, pool_cap=0)
        sys.modules["elsewhere"] = Terminal(20, 5, arena=arena)  # goes when modules have gone
        begun = threading.Barrier(4)
        def work():
            begun.wait()
            while True:
                with Terminal(20, 5, arena=arena) as terminal:
                    terminal.feed(b"some text\\r\\n" * 2000)
        for _ in range(3):
            threading.Thread(target=work, daemon=True).start()
        begun.wait()
        sys.modules["elsewhere"].feed(b"some text\\r\\n" * 2000)
    """
    for _ in range(4):
        done = run_python(None, "-c", textwrap.dedent(script), timeout=30)
        assert (done.returncode, done.stderr) == (0, "")
