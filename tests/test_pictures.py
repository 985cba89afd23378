"""Pictures: each character is in its cell, what is drawn joins, and nothing that a program prints gets out of them."""

from __future__ import annotations

import io
import random
import re
import unicodedata
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageChops

import ghostpage.png
from ghostpage import ArgumentError, ClosedError, Screen, Terminal, sessions
from ghostpage._glyphs import Cell, bars, shape
from ghostpage.png import _filled
from ghostpage.svg import CELL
from streams import random_stream

SVG = "{http://www.w3.org/2000/svg}"
BOX = [chr(code) for code in range(0x2500, 0x2580)]
DRAWN = [*map(chr, range(0x2500, 0x25A0)), *map(chr, range(0x2801, 0x2900)), *map(chr, range(0x1FB00, 0x1FB3C))]
SIZES = [Cell(9, 18, 14, 1), Cell(8, 16, 12, 1), Cell(17, 33, 26, 2), Cell(24, 49, 38, 3)]


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def placed(svg: str, columns: int) -> dict[tuple[int, int], str]:
    """Where each character of the text stands, by row and column, as its own attributes say; of single rows."""
    found = {}
    for text in parsed(svg).iter(f"{SVG}text"):
        x, y, content = int(text.attrib["x"]), int(text.attrib["y"]) - CELL.baseline, text.text or ""
        if "textLength" not in text.attrib:
            assert text.attrib["text-anchor"] == "middle"
            found[y // CELL.height, (x - CELL.width) // CELL.width] = content
            continue
        length = int(text.attrib["textLength"]) // CELL.width
        assert x % CELL.width == y % CELL.height == 0 and 0 < length <= columns
        parts = content if len(content) == length else [content]
        found.update({(y // CELL.height, x // CELL.width + step): part for step, part in enumerate(parts) if part != " "})
    return found


# ---- SVG ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(30))
def test_each_character_is_in_its_cell(seed: int) -> None:
    rng = random.Random(seed)
    columns, rows = rng.choice([(20, 5), (7, 3), (80, 24), (1, 1)])
    with Terminal(columns, rows) as terminal:
        terminal.feed(random_stream(seed, 3000, rng.choice(["shell", "tui", "mixed"]), columns=columns, rows=rows))
        all_rows = [*terminal.history, *terminal.screen]
        wanted = {
            (y, x): cell.text
            for y, row in enumerate(all_rows)
            if row.size == "single"
            for x, cell in enumerate(row.cells)
            if cell.text.strip(" ") and not cell.style.invisible and not shape(cell.text[0], CELL)
        }
        svg = terminal.to_svg()
    single = re.sub(r'<svg y=.*?</svg>\n', "", svg, flags=re.DOTALL)
    assert placed(single, columns) == wanted
    assert parsed(svg).attrib["height"] == str((len(all_rows) + 1) * CELL.height)


def test_backgrounds_are_where_their_cells_are() -> None:
    with Terminal(10, 2) as terminal:
        terminal.feed("ab\x1b[41mcd\x1b[1m界\x1b[42me\x1b[m\r\n\x1b[44m\x1b[K")
        rects = list(parsed(terminal.to_svg()).iter(f"{SVG}rect"))[1:]
    assert [(r.attrib["x"], r.attrib["y"], r.attrib["width"], r.attrib["fill"]) for r in rects] == [
        ("18", "0", "36", "#cd0000"),
        ("54", "0", "9", "#00cd00"),
        ("0", "18", "90", "#0000ee"),
    ]
    assert svg_of("\x1b[41m \x1b[m \x1b[41m ").count("<rect") == 3


def svg_of(stream: str, columns: int = 10, rows: int = 1, **options: object) -> str:
    with Terminal(columns, rows) as terminal:
        terminal.feed(stream)
        return terminal.to_svg(**options)  # type: ignore[arg-type]


def test_styles_are_attributes() -> None:
    text = next(parsed(svg_of("\x1b[1;3;38;2;1;2;255mx")).iter(f"{SVG}text"))
    assert {name: text.attrib[name] for name in ("fill", "font-weight", "font-style")} == {
        "fill": "#0102ff", "font-weight": "bold", "font-style": "italic",
    }  # fmt: skip
    assert 'fill="#727272"' in svg_of("\x1b[2mx")
    assert 'fill="#000000">x<' in svg_of("\x1b[7mx") and 'fill="#e5e5e5"/>' in svg_of("\x1b[7mx")
    assert ">x<" not in svg_of("\x1b[8mx")
    assert 'fill="#010203">x<' in svg_of("\x1b[31mx", palette=[(0, 0, 0), (1, 2, 3)])


@pytest.mark.parametrize("kind", range(1, 6))
def test_each_underline_is_a_line_of_its_kind_and_color(kind: int) -> None:
    (path,) = parsed(svg_of(f"\x1b[4:{kind};58:5:9mabc")).iter(f"{SVG}path")
    assert path.attrib["fill"] == "#ff0000"
    others = {svg_of(f"\x1b[4:{other};58:5:9mabc") for other in range(1, 6)}
    assert len(others) == 5
    for cell in SIZES:
        for polygon in bars(kind << 8, 3, cell)[0]:
            assert all(0 <= x <= 3 * cell.width + cell.stroke and cell.baseline <= y <= cell.height for x, y in polygon)


def test_links_are_links_if_they_are_safe() -> None:
    svg = svg_of("\x1b]8;;https://example.org/?a=<b>&c='\"\x1b\\one\x1b[1mtwo\x1b]8;;javascript:x\x1b\\no", 20)
    (link,) = parsed(svg).iter(f"{SVG}a")
    assert link.attrib["href"] == "https://example.org/?a=<b>&c='\""
    assert [text.text for text in link] == ["one", "two"]
    assert "javascript" not in svg


CONTROLS = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0), 0xD800, 0xFFFE, 0xFFFF]))


@pytest.mark.parametrize("write", [lambda s, t: s.to_svg(title=t), lambda s, t: s.to_html(document=t)], ids=["svg", "html"])
def test_nothing_gets_out_of_titles_links_and_text(write: Callable[[Screen, str], str]) -> None:
    with Screen(40, 2) as screen:
        screen.write("\ufffe\uffff]]><![CDATA[</text><script>&amp;")
        screen.link = f"http://a/{CONTROLS[:-3]}\ufffe\uffff]]>\"'><script>"
        screen.write("x")
        document = write(screen, f"</title><script>{CONTROLS}&amp;")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]", document)
    assert "<script" not in document
    if document.startswith("<svg"):
        root = parsed(document)
        assert root[0].text == "</title><script>" + "\ufffd" * len(CONTROLS) + "&amp;"
        assert "".join(text.text or "" for text in root.iter(f"{SVG}text")) == "\ufffd\ufffd]]><![CDATA[</text><script>&amp;x"


def test_the_cursor_is_drawn_if_asked_for_and_not_hidden() -> None:
    plain = svg_of("ab")
    assert svg_of("ab", cursor=False) == plain == svg_of("ab\x1b[?25l", cursor=True)
    block = parsed(svg_of("ab\x1b[D", cursor=True))
    assert [(t.text, t.attrib.get("fill")) for t in block.iter(f"{SVG}text")] == [("a", None), ("b", "#000000")]
    assert list(block.iter(f"{SVG}rect"))[1].attrib["x"] == "9"
    assert '<rect x="18" y="0" width="9" height="18" fill="#e5e5e5"/>' in svg_of("ab", cursor=True)
    assert '<rect x="18" y="0" width="2" height="18"/>' in svg_of("ab\x1b[6 q", cursor=True)
    assert '<rect x="18" y="16" width="9" height="2"/>' in svg_of("ab\x1b[4 q", cursor=True)
    wide = parsed(svg_of("a界\x1b[2D", cursor=True))
    assert list(wide.iter(f"{SVG}rect"))[1].attrib["width"] == "18"
    with Terminal(5, 2) as terminal:
        terminal.feed("1\r\n2\r\n3\r\n4")
        assert '<rect x="9" y="18" width="9"' in terminal.to_svg(-2, cursor=True)
        assert terminal.to_svg(0, 2, cursor=True) == terminal.to_svg(0, 2)
    with Terminal(5000, 2) as terminal:  # rows are read some at a time
        terminal.feed("\r\n" * 40)
        assert f'<rect x="0" y="{40 * CELL.height}" width="9"' in terminal.to_svg(cursor=True)


def test_rows_of_double_size_are_stretched_and_halved() -> None:
    root = parsed(svg_of("\x1b#6a\r\n\x1b#3b\r\n\x1b#4b", 20, 3))
    assert [(s.attrib["y"], s.attrib["viewBox"]) for s in list(root.iter(f"{SVG}svg"))[1:]] == [
        ("0", "0 0 90 18"), ("18", "0 0 90 9"), ("36", "0 9 90 9"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", sessions.names())
def test_the_same_rows_give_the_same_picture(name: str) -> None:
    data = sessions.load(name).data[:40_000]
    with Terminal(80, 24) as whole, Terminal(80, 24) as pieces:
        whole.feed(data)
        for begin in range(0, len(data), 777):
            pieces.feed(data[begin : begin + 777])
        svg = whole.to_svg(-24, title=name, cursor=True)
        assert svg == whole.snapshot().to_svg(-24, title=name, cursor=True) == pieces.to_svg(-24, title=name, cursor=True)
        parsed(svg)
        assert whole.to_png(-24) == pieces.to_png(-24)


def test_what_is_refused() -> None:
    with Terminal(10, 2) as terminal:
        for write in (terminal.to_svg, terminal.to_png):
            with pytest.raises(TypeError, match="start must be an int or None, not str"):
                write("1")  # type: ignore[arg-type]
            with pytest.raises(ArgumentError, match="blue of background"):
                write(background=(0, 0, 999))
        with pytest.raises(TypeError, match="title must be a str or None, not bytes"):
            terminal.to_svg(title=b"x")  # type: ignore[arg-type]
    for write in (terminal.to_svg, terminal.to_png):
        with pytest.raises(ClosedError):
            write()


# ---- what is drawn --------------------------------------------------------------------------------------------------


def arms(character: str) -> dict[str, str]:
    """The weights of a character's arms, by the words of its name; of those that have just these."""
    words = unicodedata.name(character).split()[2:]
    if {"DASH", "ARC", "DIAGONAL"} & set(words):
        return {}
    weights = {"LIGHT": "light", "SINGLE": "light", "HEAVY": "heavy", "DOUBLE": "double"}
    found: dict[str, str] = {}
    parts = " ".join(words).split(" AND ")
    for part in parts:
        weight = [weights[word] for word in (*part.split(), *words) if word in weights][0]
        for word in part.split():
            names = {"VERTICAL": ("UP", "DOWN"), "HORIZONTAL": ("LEFT", "RIGHT")}.get(word, (word,))
            found.update({name: weight for name in names if name in ("UP", "DOWN", "LEFT", "RIGHT")})
    return found


def ends(character: str, side: str, cell: Cell) -> list[tuple[float, float]]:
    """Where a character touches a side of its cell."""
    axis, value = {"LEFT": (0, 0), "RIGHT": (0, cell.width), "UP": (1, 0), "DOWN": (1, cell.height)}[side]
    drawn = shape(character, cell)
    assert drawn
    found = []
    for polygon in drawn.polygons:
        touching = [point[1 - axis] for point in polygon if point[axis] == value]
        if touching:
            found.append((min(touching), max(touching)))
    return sorted(found)


@pytest.mark.parametrize("cell", SIZES)
def test_lines_join_from_cell_to_cell(cell: Cell) -> None:
    """Arms of one weight touch a side at the same place, whatever the rest of the character is, and on both sides of it."""
    touched: dict[tuple[bool, str], set[tuple[tuple[float, float], ...]]] = {}
    for character in BOX:
        known = arms(character)
        for side in ("UP", "DOWN", "LEFT", "RIGHT"):
            if known:
                place = tuple(ends(character, side, cell))
                touched.setdefault((side in ("UP", "DOWN"), known.get(side, "none")), set()).add(place)
    assert {weight for _, weight in touched} == {"none", "light", "heavy", "double"}
    for (_, weight), places in touched.items():
        (place,) = places
        assert len(place) == {"none": 0, "light": 1, "heavy": 1, "double": 2}[weight]
        widths = {end - begin for begin, end in place}
        assert all(width > cell.stroke if weight == "heavy" else width == cell.stroke for width in widths)
    for character, sides in (("╭", "RIGHT DOWN"), ("╮", "LEFT DOWN"), ("╯", "LEFT UP"), ("╰", "RIGHT UP")):
        for side in sides.split():
            assert tuple(ends(character, side, cell)) == next(iter(touched[side in ("UP", "DOWN"), "light"]))


@pytest.mark.parametrize("cell", SIZES)
def test_no_two_characters_look_the_same(cell: Cell) -> None:
    looks: dict[bytes, str] = {}
    for character in DRAWN:
        drawn = shape(character, cell)
        assert drawn, character
        look = _filled(drawn.polygons, 1, cell, drawn.opacity).tobytes()
        assert any(look), character
        twin = looks.setdefault(look, character)
        # Dashes and eighths may round to the same in cells this small.
        assert twin == character or cell.width < 20, f"{character} and {twin}"


def test_lines_are_connected() -> None:
    """From any arm of a character one gets to any other: nothing ends short of the middle."""
    cell = Cell(24, 49, 38, 3)
    for character in BOX:
        sides = arms(character)
        if len(sides) < 2 or "double" in sides.values():
            continue
        drawn = shape(character, cell)
        assert drawn
        mask = _filled(drawn.polygons, 1, cell).load()
        points = {(x, y) for x in range(cell.width) for y in range(cell.height) if mask[x, y]}
        reached, todo = set(), [min(points)]
        while todo:
            x, y = todo.pop()
            if (x, y) in points - reached:
                reached.add((x, y))
                todo += [(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)]
        assert reached == points, character


@pytest.mark.parametrize("character", "╬╠╣╦╩╔╗╚╝╫╪")
def test_double_lines_are_hollow_and_not_broken(character: str) -> None:
    """Whoever goes along a line of it meets no gap; between two of them is one, unless something crosses there."""
    cell = Cell(24, 49, 38, 3)
    drawn = shape(character, cell)
    assert drawn
    mask = _filled(drawn.polygons, 1, cell).load()
    middle = (cell.width - cell.stroke) // 2 + 1, (cell.height - cell.stroke) // 2 + 1
    crossed = "light" in arms(character).values()
    assert bool(mask[middle]) is crossed
    for step, near, lane in lanes(character, cell):
        assert all(mask[point] for point in near), (character, step)
        assert not any(mask[point] for point in lane), (character, step)


def lanes(character: str, cell: Cell) -> Iterator[tuple[str, list[tuple[int, int]], list[tuple[int, int]]]]:
    """Of each double arm: the pixels along both of its lines up to where these may end, and those between them."""
    x, y = (cell.width - cell.stroke) // 2 + 1, (cell.height - cell.stroke) // 2 + 1
    far = cell.stroke
    for side, weight in arms(character).items():
        if weight == "double":
            wide = {"LEFT": range(x - far + 1), "RIGHT": range(x + far, cell.width)}.get(side)
            high = {"UP": range(y - far + 1), "DOWN": range(y + far, cell.height)}.get(side)
            if wide is not None:
                yield side, [(at, y + offset) for at in wide for offset in (-far, far)], [(at, y) for at in wide]
            else:
                assert high is not None
                yield side, [(x + offset, at) for at in high for offset in (-far, far)], [(x, at) for at in high]


@pytest.mark.parametrize("cell", SIZES)
def test_what_is_straight_is_sharp(cell: Cell) -> None:
    for character in [*(c for c in BOX if arms(c)), *map(chr, (*range(0x2580, 0x2591), *range(0x2594, 0x25A0)))]:
        drawn = shape(character, cell)
        assert drawn
        assert set(_filled(drawn.polygons, 1, cell).tobytes()) <= {0, 255}, character
    half = shape("\u258c", cell)
    assert half and _filled(half.polygons, 1, cell).getbbox() == (0, 0, round(cell.width / 2), cell.height)


def test_sextants_are_the_patterns_of_their_names() -> None:
    cell = Cell(8, 18, 14, 1)
    for code in range(0x1FB00, 0x1FB3C):
        mask = _filled(shape(chr(code), cell).polygons, 1, cell).load()
        filled = {str(row * 2 + column + 1) for row in range(3) for column in range(2) if mask[column * 4 + 1, row * 6 + 1]}
        assert filled == set(unicodedata.name(chr(code)).rpartition("-")[2])


# ---- PNG ------------------------------------------------------------------------------------------------------------


def image_of(stream: str, columns: int = 10, rows: int = 1, **options: object) -> Image.Image:
    with Terminal(columns, rows) as terminal:
        terminal.feed(stream)
        return Image.open(io.BytesIO(terminal.to_png(**options)))  # type: ignore[arg-type]


def cell_of(image: Image.Image, columns: int) -> tuple[int, int]:
    width = image.width // (columns + 2)
    return width, image.height - 2 * width


def test_the_picture_has_the_size_of_its_cells() -> None:
    for size in (6, 15, 40):
        width, height = cell_of(image_of("", size=size), 10)
        assert round(size * 0.6) == width and size < height < size * 1.4
    width, height = cell_of(image_of(""), 10)
    assert image_of("\r\n" * 9, rows=3).height == 10 * height + 2 * width


def test_lines_in_the_picture_have_no_gaps() -> None:
    for size in (10, 15, 31):
        image = image_of("──────────\r\n──────────", rows=2, size=size)
        width = image.width // 12
        height = (image.height - 2 * width) // 2
        rows = [
            y for y in range(image.height)
            if all(image.getpixel((x, y)) == (229, 229, 229) for x in range(width, 11 * width))
        ]  # fmt: skip
        assert len(rows) == 2 * max(1, round(size / 15)), size
        column = image_of("│\r\n│\r\n│", rows=3, size=size)
        assert any(
            all(column.getpixel((x, y)) == (229, 229, 229) for y in range(width, width + 3 * height)) for x in range(width, 2 * width)
        )


def test_colors_in_the_picture() -> None:
    image = image_of("\x1b[48;2;1;2;3m \x1b[m\x1b[32m█\x1b[m▒\x1b[7m ")
    width, height = cell_of(image, 10)
    seen = [image.getpixel((width * x + width + width // 2, width + height // 3)) for x in range(5)]
    assert seen == [(1, 2, 3), (0, 205, 0), (115, 115, 115), (229, 229, 229), (0, 0, 0)]


def test_glyphs_stay_in_their_cells() -> None:
    """What is printed in one cell changes no pixel of another, whatever the font would do."""
    blank = image_of("")
    width, height = cell_of(blank, 10)
    for cluster in ("W", "ﷺ", "g\u0323\u0323", "f\u0330\u033f\u0316", "\x1b[1;3mW", "界", "\x1b[4:3mj", "\x1b[4:4mj", "™"):
        left, top, right, bottom = ImageChops.difference(image_of(f"\x1b[4G{cluster}"), blank).getbbox()
        cells = 2 if cluster == "界" else 1
        assert 4 * width <= left < right <= (4 + cells) * width and width <= top < bottom <= width + height, cluster


def test_faces_differ() -> None:
    looks = {image_of(f"\x1b[{codes}mbold").tobytes() for codes in ("", "1", "3", "1;3", "4", "9", "53", "2")}
    assert len(looks) == 8


def test_a_font_of_ones_own(tmp_path) -> None:
    bold = ghostpage.png._default("-Bold", 15)[0].font.path
    assert image_of("text", fonts=[bold]).tobytes() != image_of("text").tobytes()
    (tmp_path / "none.ttf").write_bytes(b"no font")
    with pytest.raises(OSError, match="cannot read the font .*none.ttf"):
        image_of("text", fonts=[tmp_path / "none.ttf"])
    with pytest.raises(TypeError, match="fonts must be a sequence of paths, not one"):
        image_of("text", fonts=bold)


def test_faces_that_a_font_lacks_are_made() -> None:
    regular = ghostpage.png._default("", 15)[0].font.path
    looks = {image_of(f"\x1b[{codes}mabc", fonts=[regular]).tobytes() for codes in ("", "1", "3", "1;3")}
    assert len(looks) == 4


def test_too_large_a_picture_is_refused() -> None:
    with Terminal(10_000, 10) as terminal:
        terminal.feed("\r\n" * 100)
        with pytest.raises(ArgumentError, match="at most 134217728 pixels, not 90018 by .*: take fewer rows"):
            terminal.to_png()
        with pytest.raises(ArgumentError, match="size must be from 6 to 200, not 5"):
            terminal.to_png(size=5)


def test_without_pillow_or_fonts_it_says_so(monkeypatch) -> None:
    with Terminal(10, 1) as terminal:
        with monkeypatch.context() as patch:
            patch.setattr(ghostpage.png, "find_spec", lambda name: None)
            with pytest.raises(ImportError, match=r'pip install "ghostpage\[image\]"'):
                terminal.to_png()
        monkeypatch.setattr(ghostpage.png, "_FAMILY", "NoSuchFont")
        with pytest.raises(OSError, match="no font NoSuchFont.ttf on this system"):
            terminal.to_png()
