"""What the founding test puts terminals through, on standard pages so small that lines of emoji and links outgrow them.

    python leak_scenarios.py NAME POLICY        a report in JSON

A scenario yields the bound in bytes that holds from then on, after each piece of output; what is mapped is held against
it by the ledger and, read here once more, by the kernel.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from ghostpage import Arena, Limits, Terminal, memory

PAGE = 4096
POOL = 16 * PAGE
FAMILY = "👩\u200d👩\u200d👧\u200d👦"

Scenario = Callable[[Arena], Iterator[int]]


def line(number: int, words: int) -> bytes:
    """Emoji, ZWJ sequences and a link of its own in each word."""
    return b"".join(
        f"\x1b[3{n % 8}m\x1b]8;;https://example.org/{number}/{n}\x1b\\👩🏽\u200d💻 {FAMILY}❤️ {n}\x1b]8;;\x1b\\ ".encode()
        for n in range(words)
    ) + b"\x1b[m\r\n"


def heavy(number: int) -> bytes:
    """A line of about 9 KB, which no standard page holds."""
    return line(number, 75)


def dense(number: int) -> bytes:
    """Lines of about 120 bytes, which fill some standard pages."""
    return b"".join(line(number * 200 + n, 1) for n in range(200))


def prune(terminal: Terminal, dense_pieces: int = 90) -> Iterator[None]:
    """Demand for large pages, and then none for as long as it takes to be forgotten."""
    for number in range(60):
        terminal.feed(heavy(number))
        yield
    for number in range(dense_pieces):
        terminal.feed(dense(number))
        yield


def beside(arena: Arena, bound: int) -> Iterator[int]:
    """Another terminal on the same arena, whose demand for large pages comes and goes."""
    with Terminal(80, 24, scrollback=Limits(lines=300), arena=arena) as terminal:
        for dense_pieces in (150, 150, 1):
            for _ in prune(terminal, dense_pieces):
                yield bound + text_bound(324)


def text_bound(rows: int, line_bytes: int = 32 * 1024) -> int:
    """So many rows of heavy lines, of which each has four rows at least and a page to itself, and three pages more."""
    return (rows // 4 + 3) * line_bytes


def at_a_limit_in_lines(arena: Arena) -> Iterator[int]:
    with Terminal(80, 24, scrollback=Limits(lines=300), arena=arena) as terminal:
        for _ in range(6):
            for _ in prune(terminal):
                yield text_bound(324)
        assert terminal.counters.pages_pruned > 500
        assert terminal.counters.nonstandard_born + terminal.counters.nonstandard_recycled > 100


def at_a_limit_in_bytes(arena: Arena) -> Iterator[int]:
    with Terminal(80, 24, scrollback=Limits(bytes=100 * PAGE), arena=arena) as terminal:
        for _ in range(4):
            for _ in prune(terminal):
                yield 100 * PAGE - POOL  # the pool is within a terminal's limit


def resizes(arena: Arena) -> Iterator[int]:
    with Terminal(80, 24, scrollback=Limits(lines=200), arena=arena) as terminal:
        for turn in range(4):
            for step, _ in enumerate(prune(terminal)):
                terminal.resize(60 + step % 40, 10 + step % 30)
                yield text_bound(240) + 2 * 64 * PAGE
            terminal.feed(b"\x1b[H edited")


def limits_that_change(arena: Arena) -> Iterator[int]:
    with Terminal(80, 24, scrollback=Limits(lines=300), arena=arena) as terminal:
        for turn in range(4):
            for step, _ in enumerate(prune(terminal)):
                terminal.limits = Limits(lines=(300, 10, 0, 100)[step % 4], bytes=(None, 200 * PAGE)[step % 2])
                yield text_bound(324)
        yield from beside(arena, text_bound(324))


def alternate_screens(arena: Arena) -> Iterator[int]:
    with Terminal(80, 24, scrollback=Limits(lines=200), arena=arena) as terminal:
        for turn in range(4):
            for step, _ in enumerate(prune(terminal)):
                terminal.feed(b"\x1b[?1049h" + line(step, 9) + b"\x1b[?1049l")
                terminal.feed(b"\x1b[?1047h" + line(step, 9) + b"\x1b[?1047l")
                yield text_bound(224) + 3 * 64 * PAGE


def many_terminals(arena: Arena) -> Iterator[int]:
    terminals = [Terminal(80, 24, scrollback=Limits(lines=60), arena=arena) for _ in range(6)]
    for turn in range(3):
        for every in zip(*(prune(terminal) for terminal in terminals)):
            yield 6 * text_bound(84)
        terminals.pop(0).close()
        terminals.append(Terminal(80, 24, scrollback=Limits(lines=60), arena=arena))
    for terminal in terminals:
        terminal.close()


def hundreds_of_kilobytes(arena: Arena) -> Iterator[int]:
    with Terminal(80, 24, scrollback=Limits(lines=9000), arena=arena) as terminal:
        for number in range(25):
            terminal.feed(line(number, 2000))
            yield 9 * 1024 * 1024
        for _ in range(2):
            for _ in prune(terminal):
                yield 9 * 1024 * 1024
        terminal.limits = Limits(lines=100)
        yield from beside(arena, 9 * 1024 * 1024)


def thousands_of_columns(arena: Arena) -> Iterator[int]:
    with Terminal(5000, 24, scrollback=Limits(lines=40), arena=arena) as terminal:
        for turn in range(3):
            for step, _ in enumerate(prune(terminal)):
                terminal.feed(b"\x1b[5;4000H" + line(step, 3) if step % 5 == 0 else b"")
                yield 64 * 32 * 1024 + 2 * 700 * PAGE
        yield from beside(arena, 64 * 32 * 1024 + 2 * 700 * PAGE)


def repainting_in_place(arena: Arena) -> Iterator[int]:
    with Terminal(80, 24, scrollback=Limits(lines=200), arena=arena) as terminal:
        for _ in prune(terminal):
            yield text_bound(224) + 2 * 64 * PAGE
        for number in range(600):
            terminal.feed(b"\x1b[%d;1H" % (number % 23 + 1) + line(number, 5)[:-2])
            yield text_bound(224) + 2 * 64 * PAGE
        assert terminal.counters.grids_squeezed + terminal.counters.pages_grown > 5
        for _ in range(2):
            for _ in prune(terminal):
                yield text_bound(224) + 2 * 64 * PAGE


def clusters_at_the_cap(arena: Arena) -> Iterator[int]:
    with Terminal(80, 24, scrollback=Limits(lines=200), arena=arena) as terminal:
        for turn in range(3):
            for _ in prune(terminal):
                terminal.feed(("e" + "\u0301" * 40) * 79 + "\r\n")
                yield text_bound(224) + 64 * 1024
        yield from beside(arena, text_bound(224) + 64 * 1024)


def clearing_and_starting_over(arena: Arena) -> Iterator[int]:
    with Terminal(80, 24, scrollback=Limits(lines=200), arena=arena) as terminal:
        for way in (b"\x1b[3J", b"\x1bc", b"\x1b[2J\x1b[3J", b""):
            for _ in prune(terminal):
                yield text_bound(224) + 64 * PAGE
            terminal.feed(way) if way else terminal.clear_history()


SCENARIOS: dict[str, Scenario] = {
    scenario.__name__: scenario
    for scenario in (
        at_a_limit_in_lines, at_a_limit_in_bytes, resizes, limits_that_change, alternate_screens, many_terminals,
        hundreds_of_kilobytes, thousands_of_columns, repainting_in_place, clusters_at_the_cap, clearing_and_starting_over,
    )
}  # fmt: skip


def kernel_has(mappings: list[memory.Mapping]) -> list[bool]:
    """Which of these the kernel has mapped, privately and writable, from end to end; none where it does not tell."""
    try:
        maps = Path("/proc/self/maps").read_text()
    except OSError:
        return []
    areas: list[list[int]] = []
    for start, stop in re.findall(r"^(\w+)-(\w+) rw-p", maps, re.MULTILINE):
        if areas and areas[-1][1] == int(start, 16):
            areas[-1][1] = int(stop, 16)
        else:
            areas.append([int(start, 16), int(stop, 16)])
    return [any(a <= m.address and m.address + m.length <= b for a, b in areas) for m in mappings]


def play(name: str, policy: str) -> dict[str, object]:
    """Plays a scenario to its end. Everything that is wrong is told, not raised."""
    memory.trim()
    baseline = memory.ledger()
    wrong: dict[str, str] = {}
    steps = 0
    last: list[memory.Mapping] = []
    with Arena(policy=policy, standard_page=PAGE, pool_cap=POOL) as arena:
        for bound in SCENARIOS[name](arena):
            steps += 1
            mapped = memory.ledger().bytes - baseline.bytes
            if mapped > bound + POOL:
                wrong.setdefault("bound", f"step {steps}: {mapped} bytes are mapped, {bound + POOL} may be")
            if steps % 25 == 0:
                last = memory.mappings()
                if not all(kernel_has(last)):
                    wrong.setdefault("kernel", f"step {steps}: the kernel does not have what the ledger lists")
                if not memory.audit().ok:
                    wrong.setdefault("audit", f"step {steps}: {memory.audit().violation}")
        arena.trim()
        orphans = memory.audit().orphans
        left = memory.ledger().bytes - baseline.bytes
        if left:
            wrong["left"] = f"{left} bytes are mapped after the end"
    return {
        "wrong": wrong,
        "steps": steps,
        "left": left,
        "orphans": [[orphan.length, orphan.kind, orphan.age] for orphan in orphans],
        "orphans_mapped": kernel_has(orphans),
        "returned": not any(kernel_has([mapping for mapping in last if mapping.length > 64 * PAGE])) if not orphans else False,
    }


if __name__ == "__main__":
    json.dump(play(*sys.argv[1:3]), sys.stdout)
