"""Watches the memory of a terminal while output of several kinds goes through it.

    python examples/watch_memory.py

Rows of history stay at the limit; what they cost follows what is in them. At the end the account is empty.
"""

from ghostpage import Arena, Limits, Terminal, memory, workloads

KINDS = ["ascii", "cjk", "emoji", "links", "ascii"]

with Arena() as arena, Terminal(120, 40, scrollback=Limits(lines=10_000), arena=arena) as terminal:
    print(f"{'output':12} {'rows':>7} {'mapped':>10} {'resident':>10} {'B a row':>8} {'pages':>6} {'recycled':>9}")
    for kind in KINDS:
        terminal.feed(workloads.generate(kind, 4_000_000))
        rows, use = len(terminal.history) + terminal.rows, terminal.memory
        print(
            f"{kind:12} {rows:7,} {use.mapped:10,} {use.resident or 0:10,} {use.used / rows:8.1f}"
            f" {len(terminal.pages):6} {terminal.counters.pages_recycled:9,}"
        )
    print("audit:", "clean" if memory.audit().ok else memory.audit())

print("left:", memory.ledger().mappings, "mappings")
