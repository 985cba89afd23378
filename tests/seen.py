"""What can be seen of a terminal, and of its twin, to be compared."""

from __future__ import annotations

from functools import lru_cache

from ghostpage import Screen, Snapshot, Style, Terminal
from twin import Cell, Row, Twin
from twin import Style as TwinStyle

__all__ = ["lines_of_twin", "seen_of", "seen_of_twin"]


def seen_of(terminal: Terminal | Screen | Snapshot) -> tuple:
    cursor = terminal.cursor
    rows = [
        (row.text, row.wrapped, [(cell.text, cell.width, cell.style, cell.hyperlink) for cell in row.cells])
        for row in [*terminal.history, *terminal.screen]
    ]
    title = terminal.title if isinstance(terminal, Terminal) else ""
    return (cursor.x, cursor.y, cursor.pending_wrap), len(terminal.history), title, rows


def seen_of_twin(twin: Twin) -> tuple:
    rows = [
        (row.text, row.wrapped, [(text, width, as_style(style), link and link.uri) for text, width, style, link in row.cells])
        for row in [*twin.history, *twin.screen]
    ]
    return twin.cursor[:3], len(twin.history), twin.title, rows


@lru_cache(maxsize=4096)
def as_style(style: TwinStyle) -> Style:
    return Style(**vars(style))


def lines_of_twin(rows: list[Row]) -> list[str]:
    """The text of each line that these rows are, the last perhaps without its end."""
    lines: list[list[Cell]] = [[]]
    for row in rows:
        lines[-1] += [cell for cell in row.places if not cell.spacer]
        if not row.wrapped:
            lines.append([])
    return [text_of(line) for line in lines if line]


def text_of(cells: list[Cell]) -> str:
    kept = max((index + 1 for index, cell in enumerate(cells) if not cell.blank), default=0)
    return "".join(" " if cell.blank else cell.text for cell in cells[:kept])
