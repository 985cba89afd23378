"""Sweeps: the first attempt to get memory fails, then the second, ..., until there is none left to fail."""

from __future__ import annotations

import mmap
import re
from collections.abc import Callable, Iterator
from typing import Any

from ghostpage import Arena, OutOfMemoryError, Terminal, memory
from ghostpage._faults import fail

__all__ = ["FAULTS", "PAGE", "Fault", "Opener", "look", "sound", "sweep_call", "sweep_feed"]

PAGE = mmap.PAGESIZE

Fault = tuple[str, bool]
"""What fails, and whether everything fails from then on."""

FAULTS: list[Fault] = [
    (kind, lasting) for kind in ("allocation", "mapping", "any") for lasting in (False, True)
]  # "any" fails once as the other two do, each attempt in turn; they count for themselves

REPEAT = re.compile(rb"\x1b\[\d*b\Z")

Opener = Callable[[], Any]


def look(buffer: Any) -> dict[str, Any]:
    """All that can be seen."""
    rows = [*buffer.history, *buffer.screen]
    return {
        "text": [row.text for row in rows],
        "cells": [[(cell.text, cell.width, cell.style, cell.hyperlink) for cell in row.cells] for row in rows],
        "wrapped": [row.wrapped for row in rows],
        "lines": [row.line for row in rows],
        "cursor": buffer.cursor,
        "size": (buffer.columns, buffer.rows, buffer.limits),
        "alternate": buffer.alternate_screen,
        "titles": (buffer.title, buffer.icon_title, buffer.working_directory) if isinstance(buffer, Terminal) else None,
    }


def tail(seen: dict[str, Any], rows: int) -> dict[str, Any]:
    """As much of what was seen as the last rows say."""
    return {name: part[-rows:] if isinstance(part, list) else part for name, part in seen.items()}


def differences(seen: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    return [name for name in expected if seen[name] != expected[name]]


def sound(buffer: Any) -> None:
    assert buffer._violation() is None, buffer._violation()
    audit = memory.audit()
    assert audit.ok, audit


def attempts(arena: Arena, fault: Fault) -> Iterator[Callable[..., Any]]:
    """For each attempt a function that calls another under a fault and says whether it raised; ends after the first
    call that did not ask for as much."""
    kind, lasting = fault
    for nth in range(1, 2000):
        struck = 0

        def call(act: Callable[[], object]) -> OutOfMemoryError | None:
            nonlocal struck
            arena.trim()  # so that there is something to ask for
            raised = None
            with fail(kind, nth, lasting) as armed:
                try:
                    act()
                except OutOfMemoryError as error:
                    raised = error
            struck = armed.hits
            assert struck or not raised, "memory was lacking without a reason"
            return raised

        yield call
        if not struck:
            return
    raise AssertionError("it never succeeds")


def sweep_call(open: Opener, act: Callable[[Any], object], arena: Arena, fault: Fault) -> int:
    """A call is carried out or not at all. Returns how often it was not."""
    with open() as twin:
        before = look(twin)
        act(twin)
        after = look(twin)
    failures = 0
    buffer = open()
    for call in attempts(arena, fault):
        raised = call(lambda: act(buffer))
        if raised:
            failures += 1
            assert raised.consumed is None
            assert not differences(look(buffer), before), f"after failure {failures}: {differences(look(buffer), before)}"
            sound(buffer)
            continue
        assert not differences(look(buffer), after), differences(look(buffer), after)
        sound(buffer)
        buffer.close()
        buffer = open()
    act(buffer)
    assert not differences(look(buffer), after), differences(look(buffer), after)
    buffer.close()
    return failures


def feed(buffer: Any, data: bytes, piece: int) -> None:
    """In pieces of so many bytes; ``consumed`` counts from the first."""
    for start in range(0, max(len(data), 1), piece):
        try:
            buffer.feed(data[start : start + piece])
        except OutOfMemoryError as error:
            assert error.consumed is not None
            error.consumed += start
            raise


def sweep_feed(
    open: Opener, data: bytes, arena: Arena, fault: Fault, *, piece: int = 1 << 20, common: int | None = None
) -> int:
    """Where feeding stops the state is that of what was consumed; the rest can be fed later. Returns how often it
    stopped. ``common``: only so many rows are compared, as a limit in bytes may have pruned others."""
    prefixes: dict[int, dict[str, Any]] = {}

    def fed(length: int) -> dict[str, Any]:
        if length not in prefixes:
            with open() as twin:
                feed(twin, data[:length], piece)
                prefixes[length] = look(twin)
        return prefixes[length]

    def same(seen: dict[str, Any], expected: dict[str, Any]) -> bool:
        if common is None:
            return not differences(seen, expected)
        rows = min(len(seen["text"]), len(expected["text"]), common)
        return not differences(tail(seen, rows), tail(expected, rows))

    failures = 0
    for call in attempts(arena, fault):
        with open() as buffer:
            raised = call(lambda: feed(buffer, data, piece))
            if raised:
                failures += 1
                at = raised.consumed
                assert at is not None and 0 <= at <= len(data)
                # A control that memory was lacking for is consumed, and carried out by the next feed. REP is resumed.
                begun = {at, max(at - 1, 0), max(data.rfind(b"\x1b", 0, at), 0)}
                seen = look(buffer)
                if not any(same(seen, fed(length)) for length in begun) and not REPEAT.search(data, 0, at):
                    different = [differences(seen, fed(length)) for length in begun]
                    raise AssertionError(f"stopped at {at}, {data[max(0, at - 20):at]!r} | {data[at:at + 20]!r}: {different}")
                sound(buffer)
                feed(buffer, b"", piece)
                assert same(look(buffer), fed(at)), f"resumed at {at}: {differences(look(buffer), fed(at))}"
                feed(buffer, data[at:], piece)
            seen = look(buffer)
            assert same(seen, fed(len(data))), f"at the end: {differences(seen, fed(len(data)))}"
            sound(buffer)
    return failures
