"""The twin terminal in another size."""

from collections.abc import Iterator

from twin_cells import BLANK, Cell, Row, SPACER, Screen


class Layout:
    """Another size: rows are laid out again."""

    # What the terminal has.
    columns: int
    rows: int
    x: int
    y: int
    pending: bool
    alternate: bool
    history: list[Row]


    def resize(self, columns: int, rows: int) -> None:
        """Lay the primary screen and the history out again; cut or pad the alternate screen."""
        if (columns, rows) == (self.columns, self.rows):
            return
        self._tabs = {stop for stop in self._tabs if stop < columns} | set(range(-(-self.columns // 8) * 8, columns, 8))
        shown = (self.x, self.y, self._behind)
        for screen in (self._primary, self._alternate):
            screen.saved.pending = screen.saved.pending and screen.saved.x == self.columns - 1
        primary = self._relayout(self._parked if self.alternate else shown, columns, rows)
        self._crop(self._alternate, columns, rows)
        self.columns, self.rows = columns, rows
        if self.alternate:
            self._parked = primary
            self.x, self.y, self.pending = self._clamped(*shown)
        else:
            self.x, self.y, self.pending = primary
        for screen in (self._primary, self._alternate):
            saved = screen.saved
            saved.x, saved.y, saved.pending = self._clamped(saved.x, saved.y, saved.pending)
        self._top, self._bottom = 0, rows - 1
        self._left, self._right = 0, columns - 1
        self._end_of_printing()
        self._unsettled = len(self.history)
        self._settle()

    def _clamped(self, x: int, y: int, pending: bool) -> tuple[int, int, bool]:
        x = min(x, self.columns - 1)
        return x, min(y, self.rows - 1), pending and x == self.columns - 1

    @staticmethod
    def _crop(screen: Screen, columns: int, rows: int) -> None:
        for row in screen.rows:
            if len(row.places) != columns:
                row.onto = None
            if len(row.places) == 1 and columns > 1 and row.places[0].wide:
                lead = row.places[0]._replace(width=2)
                row.places = [lead, lead.tail]
            row.split_at(columns)
            if columns != len(row.places) and row.places[-1].spacer:
                row.places[-1] = BLANK
            row.places = (row.places + [BLANK] * columns)[:columns]
        screen.rows = (screen.rows + [Row([BLANK] * columns) for _ in range(rows)])[:rows]

    def _relayout(self, cursor: tuple[int, int, bool], columns: int, rows: int) -> tuple[int, int, bool]:
        """Give the primary screen and the history their new size; the cursor's new place."""
        x, y, pending = cursor
        old = self.history + self._primary.rows
        cursor_row = old[len(self.history) + y]
        while old[-1] is not cursor_row and not old[-1].has_content():
            old.pop()
        full = len(old) == len(self.history) + self.rows
        first_row, top = self._primary.rows[0], 0
        new: list[Row] = []
        for line in self._lines(old):
            cells: list[Cell] = []
            offset = first = -1
            for row in line:
                if row is first_row:
                    first = len(cells)
                if row is cursor_row:
                    before = row.places if pending else row.places[:x]
                    offset = len(cells) + len(self._contained(before))
                    if not pending and row.places[x].width == 0:
                        offset -= 1
                cells += self._contained(row.places)
            while cells and cells[-1] == BLANK:
                cells.pop()
            laid, spots = self._lay(cells, columns)
            if first >= 0:
                top = len(new) + (spots[first][1] if first < len(spots) else len(laid) - 1)
            if offset >= 0:
                place = self._find(offset, pending, spots, laid, columns)
                x, y, pending = place[0], place[1] + len(new), place[2]
            new += laid
        above = max(0, len(new) - rows)
        if not full:
            above = max(above, top)
        self.history = self._newest(new[:above])
        self._primary.rows = new[above:] + [Row([BLANK] * columns) for _ in range(rows - len(new) + above)]
        return (x, y - above, pending) if y >= above else (x, 0, False)

    @staticmethod
    def _lines(rows: list[Row]) -> Iterator[list[Row]]:
        line: list[Row] = []
        for row in rows:
            line.append(row)
            if row.onto is None:
                yield line
                line = []
        assert not line, "the last row cannot go on"

    @staticmethod
    def _contained(places: list[Cell]) -> list[Cell]:
        return [cell for cell in places if cell.width > 0 and not cell.spacer]

    @staticmethod
    def _lay(cells: list[Cell], columns: int) -> tuple[list[Row], list[tuple[int, int, int]]]:
        """A line's cells in rows, and the x, y and width of each cell in them."""
        rows = [Row([])]
        spots = []
        for cell in cells:
            width = 2 if cell.wide and columns > 1 else 1
            if len(rows[-1].places) + width > columns:
                if len(rows[-1].places) < columns:
                    rows[-1].places.append(SPACER)
                rows.append(Row([]))
            spots.append((len(rows[-1].places), len(rows) - 1, width))
            rows[-1].places.append(cell._replace(width=width))
            if width == 2:
                rows[-1].places.append(cell.tail)
        rows[-1].places += [BLANK] * (columns - len(rows[-1].places))
        for row, below in zip(rows, rows[1:], strict=False):
            row.onto = below
            row.blank_edges = row.edges_with(below)
        return rows, spots

    def _find(
        self, offset: int, pending: bool, spots: list[tuple[int, int, int]], laid: list[Row], columns: int
    ) -> tuple[int, int, bool]:
        """Where the cursor is that was on, or with a pending wrap behind, a cell of a line."""
        if offset < len(spots) and not pending:
            x, y, _ = spots[offset]
            return x, y, False
        if 0 < offset <= len(spots):
            x, y, width = spots[offset - 1]
            if x + width == columns:
                return columns - 1, y, self._autowrap
            if offset < len(spots) and spots[offset][1] > y:
                return *spots[offset][:2], False  # not on the spacer
            return x + width, y, False
        end = spots[-1][0] + spots[-1][2] if spots else 0
        return min(end + offset - len(spots), columns - 1), len(laid) - 1, False
