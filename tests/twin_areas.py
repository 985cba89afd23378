"""The twin terminal: margins, and what is done to parts of rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from twin_cells import BLANK, Cell, Charsets, GRAPHICS, Row, Screen, Style


class Areas:
    """Margins, and what is done to parts of rows."""

    # What the terminal has.
    columns: int
    rows: int
    x: int
    y: int
    pending: bool
    alternate: bool
    history: list[Row]
    style: Style
    _top: int
    _bottom: int
    _shown: Screen
    _private_modes: dict[int, bool]
    _autowrap: bool
    _origin: bool
    _erased: Cell
    _charsets: Charsets
    _width: Callable[[Sequence[int]], int]

    _left: int
    _right: int
    _protected: bool
    _protection: str
    _in_rectangles: bool

    # ---- margins

    @property
    def _full_width(self) -> bool:
        return self._left == 0 and self._right == self.columns - 1

    @property
    def _in_columns(self) -> bool:
        return self._left <= self.x <= self._right

    @property
    def _behind(self) -> bool:
        """Whether a wrap is pending at the edge of the screen."""
        return self.pending and self._autowrap and self.x == self.columns - 1

    def _end(self, x: int) -> int:
        """The column behind the last one that a row has for what is at ``x``."""
        return self._right + 1 if x <= self._right else self.columns

    def _free_columns(self) -> None:
        self._left, self._right = 0, self.columns - 1
        self.pending = self.pending and self.x == self.columns - 1

    def _free_margins(self) -> None:
        self._top, self._bottom = 0, self.rows - 1
        self._private_modes[69] = False
        self._free_columns()

    def _clear(self) -> None:
        """The screen, whatever is protected."""
        for row in self._shown.rows:
            row.places[:] = [self._erased] * self.columns
        self.pending = False

    # ---- cells within the margins

    def _shift_right(self, row: Row, x: int, count: int) -> None:
        end = self._right + 1
        count = min(count, end - x)
        for place in (x, end, end - count):
            row.split_at(place)
        row.places[x:end] = [self._erased] * count + row.places[x : end - count]

    def _shift_left(self, row: Row, x: int, count: int) -> None:
        end = self._right + 1
        count = min(count, end - x)
        for place in (x, end, x + count):
            row.split_at(place)
        if end == self.columns and row.places[-1].spacer:
            row.places[-1] = BLANK
        row.places[x:end] = row.places[x + count : end] + [self._erased] * count

    def _end_lines(self, top: int, bottom: int) -> None:
        rows = self._shown.rows
        for row in rows[max(0, top - 1) : bottom + 1]:
            row.onto = None
        if top == 0 and not self.alternate and self.history:
            self.history[-1].onto = None
        for row in rows[max(0, top - 1) : bottom + 1]:
            if row.places[-1].spacer:
                row.places[-1] = BLANK

    def _scroll_block(self, top: int, bottom: int, count: int) -> None:
        """Up, or down by a negative number."""
        self._end_lines(top, bottom)
        region = self._shown.rows[top : bottom + 1]
        left, end = self._left, self._right + 1
        for row in region:
            row.split_at(left)
            row.split_at(end)
        blank = [self._erased] * (end - left)
        cells = [row.places[left:end] for row in region]
        lost = min(abs(count), len(cells))
        blanks = [list(blank) for _ in range(lost)]
        cells = cells[lost:] + blanks if count > 0 else blanks + cells[: len(cells) - lost]
        for row, content in zip(region, cells, strict=True):
            row.places[left:end] = content

    def _shift_columns(self, count: int, *, right: bool, whole: bool) -> None:
        if not (self._top <= self.y <= self._bottom and self._in_columns):
            return
        self._end_lines(self._top, self._bottom)
        for row in self._shown.rows[self._top : self._bottom + 1]:
            shift = self._shift_right if right else self._shift_left
            shift(row, self._left if whole else self.x, count)

    def _shift_index(self, back: bool) -> None:
        """DECBI, DECFI."""
        if self.x == (self._left if back else self._right):
            self._shift_columns(1, right=back, whole=True)
        elif 0 <= self.x + (-1 if back else 1) < self.columns:
            self.x += -1 if back else 1
            self.pending = False

    # ---- rectangles

    def _area(self, numbers: list[int]) -> tuple[int, int, int, int] | None:
        """Top, left, bottom and right of four parameters, the last two exclusive; None if there is nothing in it."""
        top, left = (self._top, self._left) if self._origin else (0, 0)
        rows = self._bottom - top + 1 if self._origin else self.rows
        columns = self._right - left + 1 if self._origin else self.columns
        given = (numbers + [0] * 4)[:4]
        values = [
            min(number or default, limit)
            for number, default, limit in zip(given, (1, 1, rows, columns), (rows, columns, rows, columns), strict=True)
        ]
        area = top + values[0] - 1, left + values[1] - 1, top + values[2], left + values[3]
        return area if area[0] < area[2] and area[1] < area[3] else None

    def _area_sequence(self, final: str, numbers: list[int]) -> None:
        count = max(numbers[0], 1)
        if final in (" @", " A"):
            self._shift_columns(count, right=final == " A", whole=True)
        elif final in ("'}", "'~"):
            self._shift_columns(count, right=final == "'}", whole=False)
        elif final == '"q' and numbers[0] <= 2:
            self._protected, self._protection = numbers[0] == 1, "DEC"
        elif final == "*x" and numbers[0] <= 2:
            self._in_rectangles = numbers[0] == 2
        elif final == "$x" and (area := self._area(numbers[1:])):
            self._fill(area, numbers[0])
        elif final == "$z" and (area := self._area(numbers)):
            for row, left, right in self._parts(area):
                self._put_part(row, left, [self._erased] * (right - left))
        elif final == "${" and (area := self._area(numbers)):
            for row, left, right in self._parts(area):
                self._wipe(row, left, right)
        elif final == "$v":
            self._copy(numbers)
        elif final in ("$r", "$t") and (area := self._area(numbers)):
            self._restyle(area, numbers[4:] or [0], reverse=final == "$t")

    def _parts(self, area: tuple[int, int, int, int]) -> Iterator[tuple[Row, int, int]]:
        top, left, bottom, right = area
        yield from ((row, left, right) for row in self._shown.rows[top:bottom])

    @staticmethod
    def _put_part(row: Row, x: int, cells: list[Cell]) -> None:
        row.split_at(x)
        row.split_at(x + len(cells))
        row.places[x : x + len(cells)] = cells

    def _fill(self, area: tuple[int, int, int, int], code_point: int) -> None:
        width = self._width((code_point,)) if 0x20 <= code_point < 0x7F or code_point >= 0xA0 else 0
        text = chr(code_point)
        if self._charsets.designated[self._charsets.used] == "0":
            text = GRAPHICS.get(code_point, text)
        for row, left, right in self._parts(area) if width else ():
            filled = Cell(text, width, self.style, wide=width == 2, protected=self._protected)
            if width == 2 and self.columns > 1:
                odd = [Cell(style=self.style, protected=self._protected)] * ((right - left) % 2)
                cells = [filled, filled.tail] * ((right - left) // 2) + odd
            else:
                cells = [filled._replace(width=1, wide=False)] * (right - left)
            self._put_part(row, left, cells)

    def _wipe(self, row: Row, left: int, right: int) -> None:
        for x in range(left, right):
            if self._protection == "DEC" and row.places[x].protected:
                continue
            row.split_at(x)
            row.split_at(x + 1)
            cell = row.places[x]
            row.places[x] = BLANK if cell.spacer else Cell(style=cell.style, link=cell.link, protected=cell.protected)

    def _copy(self, numbers: list[int]) -> None:
        area, target = self._area(numbers), self._area(numbers[5:7])
        if not area or not target:
            return
        cells = [list(row.places[left:right]) for row, left, right in self._parts(area)]
        y, x = target[:2]
        for row, content in zip(self._shown.rows[y:], cells):
            content = content[: self.columns - x]
            if self.columns > 1 and content[0].width == 0:
                content[0] = BLANK
            if content[-1].spacer or (self.columns > 1 and content[-1].width == 2):
                content[-1] = BLANK
            self._put_part(row, x, content)

    def _restyle(self, area: tuple[int, int, int, int], numbers: list[int], *, reverse: bool) -> None:
        """DECCARA, DECRARA: in a stream, rows between the first and the last are changed from edge to edge."""
        top, left, bottom, right = area
        for y in range(top, bottom):
            row = self._shown.rows[y]
            start = left if self._in_rectangles or y == top else 0
            stop = right if self._in_rectangles or y == bottom - 1 else self.columns
            start -= row.places[start].width == 0
            stop += stop < self.columns and row.places[stop].width == 0
            for x in range(start, stop):
                cell = row.places[x]
                if cell.spacer or (cell.blank and not self._in_rectangles):
                    continue
                style = self._reversed(cell.style, numbers) if reverse else self._changed(cell.style, numbers)
                row.places[x] = cell._replace(style=style, text=" " if cell.blank else cell.text)

    @staticmethod
    def _changed(style: Style, numbers: list[int]) -> Style:
        names = {1: "bold", 4: "underline", 5: "blink", 7: "inverse", 8: "invisible"}
        for number in numbers:
            if number == 0:
                style = replace(style, bold=False, underline=0, blink=False, inverse=False)
            elif number in names:
                style = replace(style, **{names[number]: 1 if number == 4 else True})
            elif number in (22, 24, 25, 27, 28):
                style = replace(style, **{names[number - 20] if number != 22 else "bold": 0 if number == 24 else False})
        return style

    @staticmethod
    def _reversed(style: Style, numbers: list[int]) -> Style:
        names = {0: ("bold", "underline", "blink", "inverse"), 1: ("bold",), 4: ("underline",), 5: ("blink",), 7: ("inverse",),
                 8: ("invisible",)}  # fmt: skip
        turned: set[str] = set()
        for number in numbers:
            turned ^= set(names.get(number, ()))
        changes = {name: not getattr(style, name) for name in turned}
        return replace(style, **{name: int(on) if name == "underline" else on for name, on in changes.items()})
