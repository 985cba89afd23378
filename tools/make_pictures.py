"""Draws the pictures of the documents into docs/pictures; with --check, says whether they are current.

Pages are drawn here; screens are the recorded sessions', as ``to_svg`` writes them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ghostpage import Terminal, sessions  # noqa: E402

TARGET = ROOT / "docs" / "pictures"

TEXT, RECORDS, CELLS, FREE, INK, MARK = "#cfe3ff", "#ffe2b8", "#d5f0d0", "#ffffff", "#334155", "#c2410c"


def box(x: int, y: int, width: int, height: int, fill: str, *lines: str) -> str:
    """A rectangle with lines of text in its middle."""
    top = y + height / 2 - 7 * (len(lines) - 1) + 4
    texts = [text(x + width / 2, top + 14 * n, line) for n, line in enumerate(lines)]
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}" stroke="{INK}"/>' + "".join(texts)


def text(x: float, y: float, words: str, fill: str = INK, anchor: str = "middle") -> str:
    return f'<text x="{x:g}" y="{y:g}" fill="{fill}" text-anchor="{anchor}">{words}</text>'


def arrow(x: int, y: int, x2: int, y2: int, color: str = INK) -> str:
    return f'<line x1="{x}" y1="{y}" x2="{x2}" y2="{y2}" stroke="{color}" stroke-width="1.5" marker-end="url(#tip)"/>'


def page(x: int, y: int, name: str, lines: int, height: int = 120) -> str:
    """A text page: lines from one end, their records from the other."""
    stripes = [box(x + 6, y + 6 + 11 * n, (88, 60, 74, 82, 46, 80)[n % 6], 8, TEXT) for n in range(lines)]
    records = [box(x + 6 + 12 * n, y + height - 14, 9, 8, RECORDS) for n in range(lines)]
    return box(x, y, 100, height, FREE) + "".join(stripes + records) + text(x + 50, y + height + 16, name)


def drawing(width: int, height: int, parts: Iterable[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="system-ui,\'DejaVu Sans\',sans-serif" font-size="12">\n'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0L8 4L0 8Z" fill="{INK}"/></marker></defs>\n'
        f'<rect width="{width}" height="{height}" rx="6" fill="#f8fafc"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def history() -> str:
    """A terminal in text mode: pages in a list, the screen the tail of it."""
    names = ("page 1, closed", "page 2, closed", "page 3, closed", "page 4, open")
    pages = [page(40 + 140 * n, 60, name, (7, 7, 7, 5)[n]) for n, name in enumerate(names)]
    links = [arrow(142 + 140 * n, 120, 178 + 140 * n, 120) for n in range(3)]
    return drawing(640, 250, [
        *pages, *links,
        text(40, 30, "the oldest goes first, when a limit is reached", anchor="start"),
        f'<path d="M456 94V52H564V94" fill="none" stroke="{MARK}" stroke-width="2"/>', text(510, 44, "screen", MARK),
        text(40, 225, "history: closed lines, never changed again, shared with snapshots", anchor="start"),
        text(600, 225, "new text goes on here", MARK, "end"),
    ])  # fmt: skip


def text_page() -> str:
    return drawing(640, 170, [
        box(30, 40, 280, 44, TEXT, "make -j8\\n", "gcc -c screen.c\\ngcc -c list.c\\n"), box(310, 40, 130, 44, FREE, "free"),
        box(440, 40, 60, 44, RECORDS, "record 3"), box(500, 40, 55, 44, RECORDS, "2"), box(555, 40, 55, 44, RECORDS, "1"),
        text(30, 28, "text in UTF-8, a newline behind each line", anchor="start"),
        text(610, 28, "where a line begins, runs of style and link, odd widths", anchor="end"),
        arrow(180, 104, 300, 104), arrow(500, 104, 452, 104),
        text(320, 130, "full when the two ends meet; then it is closed, and the open line goes to the next page"),
        text(320, 150, "searched, exported and copied as it lies"),
    ])  # fmt: skip


def grid() -> str:
    rows = [box(30 + 24 * x, 40 + 18 * y, 24, 18, CELLS) for y in range(4) for x in range(12)]
    return drawing(640, 190, [
        *rows, box(318, 40, 72, 72, FREE, "free"),
        *(box(390 + 55 * n, 40, 55, 72, RECORDS, name) for n, name in enumerate(("link", "cluster", "style", "style"))),
        text(30, 28, "8 bytes a cell, as wide as the window", anchor="start"),
        text(610, 28, "what cells refer to, without counting", anchor="end"),
        arrow(440, 130, 352, 130),
        text(320, 155, "what was overwritten is garbage until the page is full; what lives is then copied"),
        text(320, 173, "into a fresh page, or a larger one"),
    ])  # fmt: skip


def modes() -> str:
    return drawing(640, 190, [
        box(40, 50, 200, 80, TEXT, "text mode", "the screen is the tail", "of the lines"),
        box(400, 50, 200, 80, CELLS, "grid mode", "the screen is cells;", "history stays lines"),
        arrow(240, 72, 398, 72), text(320, 62, "inflate"), arrow(400, 110, 242, 110), text(320, 128, "pack"),
        text(320, 25, "a cursor moved up, an erase, an insert, a scroll region"),
        text(320, 165, "a screenful of plain lines has gone by without an edit"),
    ])  # fmt: skip


def prune() -> str:
    chain = [box(40 + 90 * n, 40, 74, 36, TEXT, f"page {n + 1}") for n in range(4)]
    after = [box(130 + 90 * n, 120, 74, 36, TEXT, f"page {n + 2}") for n in range(3)]
    return drawing(640, 190, [
        *chain, text(490, 62, "a limit is reached", anchor="start"),
        *after, box(400, 120, 74, 36, FREE, "page 1"), text(490, 142, "it is the newest now", anchor="start"),
        f'<path d="M77 76V176H437V160" fill="none" stroke="{INK}" stroke-width="1.5" marker-end="url(#tip)"/>',
        text(90, 100, "a standard page as it lies, without a system call; others by policy", anchor="start"),
    ])  # fmt: skip


def screen(name: str, seconds: float) -> str:
    """What a recorded session showed at one moment."""
    session = sessions.load(name)
    with Terminal(session.columns, session.rows) as terminal:
        for event in session.events:
            if event.time <= seconds:
                terminal.feed(event.output) if event.size is None else terminal.resize(*event.size)
        return terminal.to_svg(-terminal.rows, title=f"{name} after {seconds:g} seconds", cursor=True)


def main() -> None:
    pictures = {
        "history": history(), "text-page": text_page(), "grid": grid(), "modes": modes(), "prune": prune(),
        "htop": screen("htop", 3), "vim": screen("vim", 4),
    }  # fmt: skip
    for name, svg in pictures.items():
        path = TARGET / f"{name}.svg"
        if "--check" not in sys.argv[1:]:
            path.write_text(svg, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != svg:
            sys.exit(f"{path.relative_to(ROOT)} is not current: run tools/make_pictures.py")


if __name__ == "__main__":
    main()
