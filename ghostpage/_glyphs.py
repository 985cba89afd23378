"""Characters that pictures draw instead of looking them up in a font, so that they join from cell to cell: box drawing,
blocks, braille, sextants and Powerline's arrows; and the lines under, over and through text. All of it as polygons.

Coordinates are in pixels from the upper left corner of a cell of ``width`` by ``height``, x first. What is straight lies on
whole pixels if ``stroke``, the thickness of a light line, does.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from ghostpage.look import OVERLINE, STRIKE

__all__ = ["Cell", "Polygon", "Shape", "bars", "shape"]

Point = tuple[float, float]
Polygon = tuple[Point, ...]


class Cell(NamedTuple):
    """How large cells are, and where in them the letters stand."""

    width: int
    height: int
    baseline: int
    stroke: int


class Shape(NamedTuple):
    """What is filled, and how much of it is covered."""

    polygons: tuple[Polygon, ...]
    opacity: float = 1.0


def _box(left: float, top: float, right: float, bottom: float) -> Polygon:
    return (left, top), (right, top), (right, bottom), (left, bottom)


@lru_cache(maxsize=1024)
def shape(character: str, cell: Cell) -> Shape | None:
    """Of one character; None if it is the font's.

    >>> shape("▌", Cell(8, 16, 12, 1))
    Shape(polygons=(((0, 0), (4, 0), (4, 16), (0, 16)),), opacity=1.0)
    >>> shape("a", Cell(8, 16, 12, 1)) is None
    True
    """
    code = ord(character)
    if 0x2500 <= code <= 0x257F:
        return Shape(tuple(_lines(unicodedata.name(character).split()[2:], cell)))
    if 0x2591 <= code <= 0x2593:
        return Shape((_box(0, 0, cell.width, cell.height),), (code - 0x2590) / 4)
    if 0x2580 <= code <= 0x2595:
        return Shape((_eighths(code, cell.width, cell.height),))
    if 0x2596 <= code <= 0x259F:
        return Shape(tuple(_mosaic(_QUADRANTS[code - 0x2596], 2, 2, cell)))
    if 0x2800 <= code <= 0x28FF:
        return Shape(tuple(_dots(code - 0x2800, cell)))
    if 0x1FB00 <= code <= 0x1FB3B:  # two of the patterns are half blocks and not repeated here
        pattern = code - 0x1FB00 + 1
        pattern += (pattern >= 21) + (pattern >= 41)
        return Shape(tuple(_mosaic(pattern, 2, 3, cell)))
    if 0xE0B0 <= code <= 0xE0B3:
        return Shape(tuple(_arrow(code - 0xE0B0, cell)))
    return None


# ---- blocks ---------------------------------------------------------------------------------------------------------

_QUADRANTS = (4, 8, 1, 13, 9, 7, 11, 2, 6, 14)  # upper left 1, upper right 2, lower left 4, lower right 8


def _eighths(code: int, width: int, height: int) -> Polygon:
    if code == 0x2580:
        return _box(0, 0, width, round(height / 2))
    if code <= 0x2588:
        return _box(0, height - round(height * (code - 0x2580) / 8), width, height)
    if code <= 0x258F:
        return _box(0, 0, round(width * (0x2590 - code) / 8), height)
    if code == 0x2590:
        return _box(round(width / 2), 0, width, height)
    if code == 0x2594:
        return _box(0, 0, width, round(height / 8))
    return _box(width - round(width / 8), 0, width, height)


def _mosaic(bits: int, columns: int, rows: int, cell: Cell) -> Iterator[Polygon]:
    """The bits of a pattern, row by row."""
    for index in range(columns * rows):
        if bits >> index & 1:
            y, x = divmod(index, columns)
            edges = (x / columns, y / rows, (x + 1) / columns, (y + 1) / rows)
            left, top, right, bottom = (round(edge * side) for edge, side in zip(edges, (cell.width, cell.height) * 2))
            yield _box(left, top, right, bottom)


def _dots(bits: int, cell: Cell) -> Iterator[Polygon]:
    radius = min(cell.width / 2, cell.height / 4) * 0.28
    for index, (x, y) in enumerate(((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))):
        if bits >> index & 1:
            center = cell.width * (0.25 + x / 2), cell.height * (0.125 + y / 4)
            yield tuple(_arc(center, radius, 0, 2 * math.pi * 7 / 8, 7))


def _arc(center: Point, radius: float, begin: float, end: float, steps: int) -> Iterator[Point]:
    for step in range(steps + 1):
        angle = begin + (end - begin) * step / steps
        yield round(center[0] + radius * math.cos(angle), 2), round(center[1] + radius * math.sin(angle), 2)


def _arrow(kind: int, cell: Cell) -> Iterator[Polygon]:
    """Filled or not, to the right or to the left."""
    width, height = cell.width, cell.height
    tip, back = (width, 0) if kind < 2 else (0, width)
    if kind % 2 == 0:
        yield (back, 0), (tip, height / 2), (back, height)
        return
    inner = tip - cell.stroke * 1.5 if kind < 2 else cell.stroke * 1.5
    outer = back + inner - tip
    yield (back, 0), (tip, height / 2), (back, height), (outer, height), (inner, height / 2), (outer, 0)


# ---- box drawing ----------------------------------------------------------------------------------------------------

_NONE, _LIGHT, _HEAVY, _DOUBLE = range(4)
_WEIGHTS = {"LIGHT": _LIGHT, "SINGLE": _LIGHT, "HEAVY": _HEAVY, "DOUBLE": _DOUBLE}
_DIRECTIONS = {
    "UP": ("UP",), "RIGHT": ("RIGHT",), "DOWN": ("DOWN",), "LEFT": ("LEFT",),
    "VERTICAL": ("UP", "DOWN"), "HORIZONTAL": ("LEFT", "RIGHT"),
}  # fmt: skip
_DASHES = {"DOUBLE": 2, "TRIPLE": 3, "QUADRUPLE": 4}


def _lines(name: list[str], cell: Cell) -> Iterator[Polygon]:
    """Of the words of a character's name in Unicode, such as ``DOWN LIGHT AND RIGHT HEAVY``, which say all of it."""
    if "DIAGONAL" in name:
        return _diagonals(name, cell)
    if "DASH" in name:
        return _dashes(_WEIGHTS[name[0]], _DASHES[name[1]], name[-1] == "HORIZONTAL", cell)
    if "ARC" in name:
        return _corner("RIGHT" in name, "DOWN" in name, cell)
    divide = name.index("AND") if "AND" in name else len(name)
    parts = name[:divide], name[divide + 1 :]
    weights = [[_WEIGHTS[word] for word in part if word in _WEIGHTS] for part in parts]
    arms = dict.fromkeys(("UP", "RIGHT", "DOWN", "LEFT"), _NONE)
    for part, own, other in zip(parts, weights, reversed(weights)):
        for word in part:
            for direction in _DIRECTIONS.get(word, ()):
                arms[direction] = (own or other)[0]
    return _arms(arms, cell)


def _center(cell: Cell) -> Point:
    """So that a light line is on whole pixels."""
    half = cell.stroke / 2
    return (cell.width - cell.stroke) // 2 + half, (cell.height - cell.stroke) // 2 + half


def _thickness(weight: int, stroke: int) -> int:
    return stroke if weight == _LIGHT else stroke + 2 * max(1, stroke // 2)


def _arms(arms: dict[str, int], cell: Cell) -> Iterator[Polygon]:
    """Each arm comes from its edge, and ends where the lines across it are, or in the middle."""
    x, y = _center(cell)
    stroke = cell.stroke
    for direction, weight in arms.items():
        if weight == _NONE:
            continue
        upright = direction in ("UP", "DOWN")
        sides = [arms["LEFT"], arms["RIGHT"]] if upright else [arms["UP"], arms["DOWN"]]
        opposite = arms[{"UP": "DOWN", "DOWN": "UP", "LEFT": "RIGHT", "RIGHT": "LEFT"}[direction]]
        for begin, end, reach in _strands(weight, sides, opposite, stroke):
            if direction == "LEFT":
                yield _box(0, y + begin, x + reach, y + end)
            elif direction == "RIGHT":
                yield _box(x - reach, y + begin, cell.width, y + end)
            elif direction == "UP":
                yield _box(x + begin, 0, x + end, y + reach)
            else:
                yield _box(x + begin, y - reach, x + end, cell.height)


def _strands(weight: int, sides: list[int], opposite: int, stroke: int) -> Iterator[tuple[float, float, float]]:
    """The one or two lines of an arm: from and to across it, and how far beyond the middle they go."""
    near, far = stroke / 2, 1.5 * stroke  # of the two lines of a double one, from the middle
    if weight != _DOUBLE:
        half = _thickness(weight, stroke) / 2
        if sides == [_DOUBLE, _DOUBLE]:
            reach = near if opposite else -near
        elif _DOUBLE in sides:
            reach = far
        else:
            reach = max((_thickness(side, stroke) / 2 for side in sides if side), default=near)
        yield -half, half, reach
        return
    for begin, end, side, other in ((-far, -near, *sides), (near, far, *reversed(sides))):
        if side == _DOUBLE:
            yield begin, end, -near
        else:
            yield begin, end, far if other == _DOUBLE and not side else near


def _dashes(weight: int, number: int, across: bool, cell: Cell) -> Iterator[Polygon]:
    half = _thickness(weight, cell.stroke) / 2
    x, y = _center(cell)
    length = (cell.width if across else cell.height) / number
    for index in range(number):
        begin, end = round(index * length + length / 4, 2), round((index + 1) * length - length / 4, 2)
        yield _box(begin, y - half, end, y + half) if across else _box(x - half, begin, x + half, end)


def _corner(right: bool, down: bool, cell: Cell) -> Iterator[Polygon]:
    """A quarter of a circle that goes on straight to the edges."""
    x, y = _center(cell)
    half, radius = cell.stroke / 2, min(cell.width, cell.height) / 2
    edge_x, edge_y = (cell.width if right else 0), (cell.height if down else 0)
    sign_x, sign_y = (1 if right else -1), (1 if down else -1)
    center = x + sign_x * radius, y + sign_y * radius
    begin = math.atan2(0, -sign_x)
    end = math.atan2(-sign_y, 0)
    if end - begin > math.pi:
        end -= 2 * math.pi
    elif begin - end > math.pi:
        begin -= 2 * math.pi
    outer = [*_arc(center, radius + half, begin, end, 8)]
    inner = [*_arc(center, radius - half, begin, end, 8)]
    yield (
        (x - sign_x * half, edge_y), *outer, (edge_x, y - sign_y * half),
        (edge_x, y + sign_y * half), *reversed(inner), (x + sign_x * half, edge_y),
    )  # fmt: skip


def _diagonals(name: list[str], cell: Cell) -> Iterator[Polygon]:
    wide, high = cell.width, cell.height
    half = round(cell.stroke / 2 * math.hypot(wide, high) / high, 2)
    if "CROSS" in name or name[2:4] == ["UPPER", "RIGHT"]:
        yield (wide - half, 0), (wide + half, 0), (half, high), (-half, high)
    if "CROSS" in name or name[2:4] == ["UPPER", "LEFT"]:
        yield (-half, 0), (half, 0), (wide + half, high), (wide - half, high)


# ---- lines under, over and through text -----------------------------------------------------------------------------

_SINGLE, _TWICE, _CURLY, _DOTTED, _DASHED = range(1, 6)


def bars(attributes: int, columns: int, cell: Cell) -> tuple[list[Polygon], list[Polygon]]:
    """What is under ``columns`` cells of these attributes; and what else there is, which is in the colour of the text."""
    underline = attributes >> 8 & 7
    width, stroke = columns * cell.width, cell.stroke
    top = min(cell.baseline + stroke, cell.height - 3 * stroke)
    under: list[Polygon] = []
    if underline in (_SINGLE, _TWICE):
        under.append(_box(0, top, width, top + stroke))
    if underline == _TWICE:
        under.append(_box(0, top + 2 * stroke, width, top + 3 * stroke))
    elif underline == _CURLY:
        under.append(_wave(width, top + 1.5 * stroke, cell))
    elif underline == _DOTTED:
        under.extend(_box(x, top, x + stroke, top + stroke) for x in range(0, width, 2 * stroke))
    elif underline == _DASHED:
        dash = cell.width / 3
        begins = (x * cell.width for x in range(columns))
        under.extend(_box(x, top, round(x + 2 * dash, 2), top + stroke) for x in begins)
    others = [_box(0, 0, width, stroke)] if attributes & OVERLINE else []
    if attributes & STRIKE:
        middle = round(cell.baseline * 0.68)
        others.append(_box(0, middle, width, middle + stroke))
    return under, others


def _wave(width: int, middle: float, cell: Cell) -> Polygon:
    """One wave a cell."""
    steps = [step * cell.width / 8 for step in range(8 * width // cell.width + 1)]
    over = [(x, round(middle + cell.stroke * (math.sin(2 * math.pi * x / cell.width) - 0.5), 2)) for x in steps]
    return (*over, *((x, round(y + cell.stroke, 2)) for x, y in reversed(over)))
