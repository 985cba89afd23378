"""What the commands print at the end: the screen, and where its memory is."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

import ghostpage
from ghostpage import memory
from ghostpage.cli._common import human, need

__all__ = ["console", "count_pages", "paint", "print_json", "print_screen", "screen_report"]

UNDERLINES = {1: "4", 2: "4:2", 3: "4:3", 4: "4:4", 5: "4:5"}
FLAGS = {
    "bold": "1",
    "faint": "2",
    "italic": "3",
    "blink": "5",
    "inverse": "7",
    "invisible": "8",
    "strikethrough": "9",
    "overline": "53",
}


def console(stream: Any = None) -> Any:
    """A rich console; as wide as the tables need where the output is no terminal."""
    (module,) = need("rich.console")
    stream = stream or sys.stdout
    return module.Console(file=stream, highlight=False, width=None if stream.isatty() else 100)


def print_json(value: Mapping[str, Any], file: Any = None) -> None:
    file = file or sys.stdout
    json.dump(value, file, ensure_ascii=False, indent=2)
    file.write("\n")


# ---- the screen ------------------------------------------------------------------------------------------------------


def _color(base: int, color: int | tuple[int, int, int] | None) -> list[str]:
    if color is None:
        return []
    if isinstance(color, int):
        return [f"{base};5;{color}"]
    return [f"{base};2;{';'.join(str(part) for part in color)}"]


def _sgr(style: ghostpage.Style) -> str:
    codes = [code for name, code in FLAGS.items() if getattr(style, name)]
    codes += [UNDERLINES[style.underline]] if style.underline in UNDERLINES else []
    codes += _color(38, style.foreground) + _color(48, style.background)
    if isinstance(style.underline_color, int):
        codes.append(f"58:5:{style.underline_color}")
    elif style.underline_color is not None:
        codes.append(f"58:2::{':'.join(str(part) for part in style.underline_color)}")
    return f"\x1b[{';'.join(codes)}m" if codes else ""


def paint(row: ghostpage.Row) -> str:
    """A row as a terminal can show it again: its text with the escape sequences for styles and links."""
    parts = []
    for run in row.runs:
        sgr = _sgr(run.style)
        link = run.link if run.link and run.link.isprintable() else ""
        text = f"\x1b]8;;{link}\x1b\\{run.text}\x1b]8;;\x1b\\" if link else run.text
        parts.append(f"{sgr}{text}\x1b[m" if sgr else text)
    return "".join(parts).rstrip(" ")


def print_screen(terminal: ghostpage.Terminal, history: bool = False) -> None:
    """Prints the screen, in colours where that can be seen, without the empty rows at its end."""
    rows = [*terminal.history, *terminal.screen] if history else list(terminal.screen)
    show = paint if sys.stdout.isatty() else lambda row: row.text
    lines = [show(row) for row in rows]
    while lines and not lines[-1]:
        lines.pop()
    sys.stdout.write("".join(f"{line}\n" for line in lines))


# ---- memory ----------------------------------------------------------------------------------------------------------


def _page_key(page: ghostpage.PageInfo) -> str:
    return f"{page.kind}, {'standard' if page.standard else 'small' if page.small else 'non-standard'}"


def count_pages(pages: Iterable[ghostpage.PageInfo]) -> Counter[str]:
    """How many pages there are of each kind."""
    return Counter(_page_key(page) for page in pages)


def screen_report(
    terminal: ghostpage.Terminal, subject: Mapping[str, Any], as_json: bool, history: bool = False
) -> None:
    """Prints the final screen of ``run`` and ``replay`` and the memory behind it."""
    ledger, pages, use = memory.ledger(), list(terminal.pages), terminal.memory
    if as_json:
        cursor = terminal.cursor
        value = {
            **subject,
            "columns": terminal.columns,
            "rows": terminal.rows,
            "cursor": {"x": cursor.x, "y": cursor.y},
            "screen": [row.text for row in terminal.screen],
            "history_rows": len(terminal.history),
            "memory": {**asdict(use), "resident": use.resident},
            "counters": asdict(terminal.counters),
            "pages": [asdict(page) for page in pages],
            "ledger": asdict(ledger),
        }
        if history:
            value["history"] = [row.text for row in terminal.history]
        print_json(value)
        return
    out = console()
    print_screen(terminal, history)
    (tables,) = need("rich.table")
    table = tables.Table(title="memory", title_justify="left", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, text in _memory_rows(terminal, use, ledger, count_pages(pages)):
        table.add_row(name, text)
    out.print()
    out.print(table)


def _memory_rows(
    terminal: ghostpage.Terminal, use: ghostpage.MemoryUse, ledger: memory.Ledger, pages: Counter[str]
) -> Iterator[tuple[str, str]]:
    yield "rows of history", f"{len(terminal.history):,}"
    yield "mapped", f"{human(use.mapped)}, of it used {human(use.used)}"
    yield "mapped for text, for grids", f"{human(use.text)}, {human(use.grid)}"
    yield "at most", human(use.peak)
    if use.resident is not None:
        yield "resident, as the kernel says", human(use.resident)
    for kind, number in sorted(pages.items()):
        yield f"pages: {kind}", f"{number:,}"
    yield (
        "in the whole process",
        f"{ledger.mappings:,} mappings of {human(ledger.bytes)}, of it pooled {human(ledger.pooled_bytes)}",
    )
