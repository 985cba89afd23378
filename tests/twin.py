"""A deliberately simple terminal, screen and history, that the C core is compared with.

It keeps every cell of every row as a tuple, does one thing at a time and knows nothing of text pages, grids or
modes. Where standards leave room it does what xterm does; the remaining decisions are these:

* Joining: only printing, SGR and OSC 8 keep a cell open for joining code points. REP repeats a cluster as whole
  cells that do not join each other, and is itself a sequence like any other: nothing joins or repeats after it.
* A code point beyond the 32 of a cell is dropped from the cell and its width, but still counts for what joins next.
* A code point without width that is appended to the cell on the left, or dropped, ends joining; REP repeats what it
  was appended to with it.
* Input is UTF-8. A C1 control (U+0080..U+009F) between sequences stands for ESC and its 7-bit form. DEL, code points
  above U+007F inside a sequence, and sequences that are malformed or abandoned have no effect at all, not even on
  joining; well-formed ones that are unknown end it.
* With autowrap off the cursor stays on the last column after printing there; marks without width then go to that cell.
  Switching ?7 drops that state and a pending wrap alike. ED 0-2, EL, ECH, ICH, DCH, IL, DL, LF, RI and
  every cursor move drop it; SU, SD, ED 3, DECSTR and switching screens with ?47 do not.
* A tail carries the style and the link of its lead. A cluster keeps the style it began with when code points join.
* DECSTR also closes the link; the cursor stays. RIS also clears the titles. A saved cursor belongs to its screen.
* DECRC with the origin mode saved keeps the cursor inside the scroll region; without a save it goes home.
* Sequences with a private prefix other than ``?h`` and ``?l``, and all unknown ones, are ignored, and so are those
  other than SGR that have sub-parameters.
* SGR: a colour that is incomplete, of an unknown kind or out of range changes nothing and takes no parameter with it
  that is not its own. Sub-parameters of numbers that have none are ignored.
* DEC special graphics map 0x5F to a no-break space.
* Numbers in sequences are at most 65535, there are at most 32 of them, and at most 4 intermediate bytes.
* OSC ends with BEL or ST; ESC and anything else discards it, and so do CAN and SUB.
* Margins: a cell beyond the right margin goes to the screen's edge; only rows as wide as the screen wrap into each other.
  What scrolls or shifts within left and right margins ends the lines of all rows in the region. IND at the bottom margin
  and RI at the top one do nothing outside of the left and right margins, nor do ICH, DCH, IL, DL and what moves columns.
* Erased by DECSERA, a cell keeps its style; filled by DECFRA it has the pen's, without a link.
* Resizing to the same size does nothing. Stops of columns that were cut off are forgotten. While the alternate screen
  is shown the primary is laid out around the cursor it was left with. A pending wrap survives in a cursor that was
  clamped if that is in the last column.
* Resizing: on a tail the cursor counts as being on the lead, on a spacer as being on the wide cell it made room for.
  Right behind the content of a line at the end of a row it is pending wrap. A cursor that would be above the screen is
  clamped to row 0 without pending wrap.
* Resizing a screen that is full to its last row keeps its bottom where it is: a taller one shows more of the history,
  a shorter one less of the screen. A screen with room below keeps its top where it is while that room lasts.
* Rows of the alternate screen that are cut or padded go on in no other row.
* A row in which cells are inserted or deleted goes on in no other row, as its end moves.
* Laying out again may put blanks from inside a line at the edges of a wrap. That alone does not end the line there;
  a wrap is broken when an edge that was not blank becomes blank, or when nothing but default blanks follows.
* A wide cell printed in a window of one column takes two again when the window grows.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from twin_areas import Areas
from twin_cells import (
    BLANK, COMPONENTS, Cell, Charsets, GRAPHICS, Link, MOST_CODE_POINTS, MOST_PARAMETER, PARAMETERS_KEPT,
    PLAIN, Row, SPACER, Saved, Screen, Style, ZERO_WIDTH_JOINER, core_joins, core_width,
)
from twin_layout import Layout


class Twin(Areas, Layout):
    """A terminal of ``columns`` x ``rows`` that keeps at most ``limit`` rows of history.

    ``width(cluster)`` is the width, 0 to 2, of a sequence of code points that is one cluster, or of a single code
    point; ``joins(cluster, code_point)`` says whether the code point belongs to the cluster before it.
    """

    def __init__(
        self,
        columns: int,
        rows: int,
        limit: int | None = None,
        *,
        width: Callable[[Sequence[int]], int] = core_width,
        joins: Callable[[Sequence[int], int], bool] = core_joins,
    ) -> None:
        self.columns = columns
        self.rows = rows
        self.limit = limit
        self._width = width
        self._joins = joins
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._reset()

    def _reset(self) -> None:
        self.history: list[Row] = []
        self._unsettled = 0
        self.alternate = False
        self.title = ""
        self.icon_title = ""
        self.cursor_style = 0
        self.x = self.y = 0
        self.pending = False
        self.style = PLAIN
        self.link: Link | None = None
        self._primary = Screen(self._blank_rows(self.rows), Saved())
        self._alternate = Screen(self._blank_rows(self.rows), Saved())
        self._parked = (0, 0, False)
        self._private_modes = {7: True, 25: True}
        self._ansi_modes: dict[int, bool] = {}
        self._charsets = Charsets()
        self._tabs = set(range(8, self.columns, 8))
        self._top, self._bottom = 0, self.rows - 1
        self._left, self._right = 0, self.columns - 1
        self._protected = False
        self._protection = ""
        self._in_rectangles = False
        self._cluster: list[int] | None = None
        self._cluster_at = (0, 0)
        self._repeat: tuple[str, int] | None = None
        self._state = "ground"
        self._collected = ""

    # ---- reading

    @property
    def screen(self) -> list[Row]:
        return self._shown.rows

    @property
    def cursor(self) -> tuple[int, int, bool, bool]:
        """x, y, whether a wrap is pending, whether the cursor is visible."""
        return self.x, self.y, self.pending and self._autowrap, self._private_modes[25]

    def mode(self, number: int, ansi: bool = False) -> bool:
        if not ansi and number in (47, 1047, 1049):
            return self.alternate
        return (self._ansi_modes if ansi else self._private_modes).get(number, False)

    @property
    def _shown(self) -> Screen:
        return self._alternate if self.alternate else self._primary

    @property
    def _row(self) -> Row:
        return self._shown.rows[self.y]

    @property
    def _autowrap(self) -> bool:
        return self._private_modes[7]

    @property
    def _origin(self) -> bool:
        return self.mode(6)

    # ---- parsing

    def feed(self, data: bytes | bytearray | memoryview | str) -> None:
        """Take output; sequences and code points may be split between calls."""
        text = data if isinstance(data, str) else self._decoder.decode(bytes(data))
        for character in text:
            self._parse(character)

    def _parse(self, character: str) -> None:
        if self._state.startswith("string"):
            self._parse_string(character)
        elif character in "\x18\x1a":
            self._end_of_printing()
            self._state = "ground"
        elif character == "\x1b":
            self._state, self._collected = "escape", ""
        elif character < " ":
            self._end_of_printing()
            self._control(character)
            self._settle()
        elif character == "\x7f" or (character > "\x7f" and self._state != "ground"):
            pass
        elif "\x80" <= character <= "\x9f":
            self._state, self._collected = "escape", ""
            self._parse_escape(chr(ord(character) - 0x40))
        elif self._state == "ground":
            self._print(character)
            self._settle()
        elif self._state == "escape":
            self._parse_escape(character)
        elif character < "@":
            self._collected += character
        else:
            self._state = "ground"
            self._sequence(self._collected, character)
            self._settle()

    def _parse_escape(self, character: str) -> None:
        if character < "0":
            self._collected += character
        elif character in "[" and not self._collected:
            self._state = "sequence"
        elif character in "]PX^_" and not self._collected:
            self._state, self._collected = "string" + character, ""
        else:
            self._state = "ground"
            if len(self._collected) <= 4:
                self._end_of_printing()
                self._escape(self._collected + character)
                self._settle()

    def _parse_string(self, character: str) -> None:
        kind = self._state[6]
        ended_by_escape = self._state.endswith("\x1b")
        if (character == "\a" and kind == "]" and not ended_by_escape) or (character == "\\" and ended_by_escape):
            self._state = "ground"
            if kind == "]":
                self._system_command(self._collected)
            else:
                self._end_of_printing()
        elif ended_by_escape:
            self._state, self._collected = "escape", ""
            self._parse(character)
        elif character == "\x1b":
            self._state += character
        elif character in "\x18\x1a":
            self._end_of_printing()
            self._state = "ground"
        elif character >= " ":
            self._collected += character

    def _end_of_printing(self) -> None:
        """What comes is neither printing nor SGR nor OSC 8."""
        self._cluster = None
        self._repeat = None

    # ---- printing

    def _print(self, character: str) -> None:
        if self._charsets.designated[self._charsets.used] == "0":
            character = GRAPHICS.get(ord(character), character)
        code_point = ord(character)
        if self._cluster is not None and self._joins(tuple(self._cluster), code_point):
            self._join(code_point)
            return
        width = self._width((code_point,))
        if width == 0:
            if self._append_to_the_left(character):
                return
            width = 1
        self._put(self._cell(character, width))
        self._cluster = [code_point]
        self._repeat = (character, width)

    def _cell(self, text: str, width: int) -> Cell:
        return Cell(text, width, self.style, self.link, wide=width == 2, protected=self._protected)

    def _append_to_the_left(self, character: str) -> bool:
        """Take a code point without width that joins nothing; False if it has to be a cell of its own."""
        if 0x1160 <= ord(character) <= 0x11FF or 0xD7B0 <= ord(character) <= 0xD7FF:
            return False
        x = self.x if self.pending else self.x - 1
        if x >= 0 and self._row.places[x].width == 0:
            x -= 1
        if x >= 0 and self._row.places[x].text:
            cell = self._row.places[x]
            if len(cell.text) < MOST_CODE_POINTS:
                self._row.places[x] = cell._replace(text=cell.text + character)
                self._repeat = (cell.text + character, 2 if cell.wide else 1)
        elif character == ZERO_WIDTH_JOINER or unicodedata.category(character) not in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"):
            return False
        self._cluster = None
        return True

    def _join(self, code_point: int) -> None:
        assert self._cluster is not None
        self._cluster.append(code_point)
        x, y = self._cluster_at
        places = self._shown.rows[y].places
        cell = places[x]
        if len(cell.text) == MOST_CODE_POINTS:
            return
        width = max(1, self._width(tuple(self._cluster)))
        text = cell.text + chr(code_point)
        cell = cell._replace(text=text)
        at_edge = x == self._end(x) - 1
        stays_narrow = at_edge and not self._autowrap and self.columns > 1
        cell = cell._replace(wide=width == 2 and not stays_narrow)
        self._repeat = (text, 2 if cell.wide else 1)
        if self.columns == 1 or self._columns_of(cell) == cell.width:
            places[x] = cell
        elif not cell.wide:
            places[x] = cell._replace(width=1)
            places[x + 1] = BLANK
            self.x, self.pending = x + 1, False
        elif at_edge:
            self.x = x
            self._leave_gap()
            self._wrap()
            self._write(cell)
        else:
            self.x, self.pending = x, False
            self._write(cell)

    def _columns_of(self, cell: Cell) -> int:
        return 2 if cell.wide and self.columns > 1 else 1

    def _put(self, cell: Cell) -> None:
        """Print a cell at the cursor."""
        if self.pending and self._autowrap:
            self._wrap()
        self.pending = False
        if self.x + self._columns_of(cell) > self._end(self.x):
            if self._autowrap:
                self._leave_gap()
                self._wrap()
            else:
                self.x = self._end(self.x) - 2
        if self.mode(4, ansi=True) and self._in_columns:
            self._insert_blanks(self._columns_of(cell))
        self._write(cell)

    def _leave_gap(self) -> None:
        """Leave a column free at an edge that a wide cell does not fit in front of."""
        row = self._row
        row.split_at(self.x)
        row.split_at(self.x + 1)
        goes_on = self._full_width and (self.y < self.rows - 1 or self.y == self._bottom)
        row.places[self.x] = SPACER if goes_on else BLANK

    def _write(self, cell: Cell) -> None:
        """Write a cell that fits over what is at the cursor, and move behind it."""
        row, width = self._row, self._columns_of(cell)
        row.split_at(self.x)
        row.split_at(self.x + width)
        row.places[self.x] = cell._replace(width=width)
        if width == 2:
            row.places[self.x + 1] = cell.tail
        self._cluster_at = (self.x, self.y)
        self.x += width
        if self.x == self._end(self.x - 1):
            self.x -= 1
            self.pending = True

    def _wrap(self) -> None:
        above = self._row
        self._index()
        self.x = self._left
        if self._full_width:
            above.continue_in(self._row)

    # ---- rows and what joins them

    def _settle(self) -> None:
        """End lines where an edit has broken a wrap, from the bottom up.

        A line that is broken at the edge of history may end rows before it, where its last content is. Of history that
        are the rows that have just come, and those of the line that goes on in them or ended just now.
        """
        first = max(0, len(self.history) - self._unsettled - 1)
        while first and self.history[first - 1].onto is not None:
            first -= 1
        self._unsettled = 0
        for rows in (self.history[first:] + self._primary.rows, self._alternate.rows):
            below: Row | None = None
            for row in reversed(rows):
                if row.onto is not None and not self._goes_on(row, below):
                    row.onto = None
                if row.onto is None and row.places[-1].spacer:
                    row.places[-1] = BLANK
                below = row

    @staticmethod
    def _goes_on(row: Row, below: Row | None) -> bool:
        if below is None or below is not row.onto:
            return False
        if row.places[-1].spacer and below.places[0].width != 2:
            return False
        edges = row.edges_with(below)
        if any(now and not before for now, before in zip(edges, row.blank_edges, strict=True)):
            return False
        row.blank_edges = edges
        rest: Row | None = below
        while rest is not None:
            if rest.has_content():
                return True
            rest = rest.onto
        return False

    def _blank_rows(self, count: int, style: Style = PLAIN) -> list[Row]:
        return [Row([Cell(style=style)] * self.columns) for _ in range(count)]

    @property
    def _erased(self) -> Cell:
        return Cell(style=Style(background=self.style.background))

    def _scroll_up(self, top: int, bottom: int, count: int, *, keep: bool) -> None:
        if not self._full_width:
            return self._scroll_block(top, bottom, count)
        for _ in range(min(count, bottom - top + 1)):
            leaving = self._shown.rows.pop(top)
            self._shown.rows[bottom:bottom] = self._blank_rows(1, self._erased.style)
            if keep and top == 0 and not self.alternate:
                self.history.append(leaving)
                self._unsettled += 1
                self.history = self._newest(self.history)

    def _scroll_down(self, top: int, bottom: int, count: int) -> None:
        if not self._full_width:
            return self._scroll_block(top, bottom, -count)
        for _ in range(min(count, bottom - top + 1)):
            self._shown.rows.pop(bottom)
            self._shown.rows[top:top] = self._blank_rows(1, self._erased.style)

    def _newest(self, history: list[Row]) -> list[Row]:
        return history if self.limit is None else history[max(0, len(history) - self.limit) :]

    def _index(self) -> None:
        self.pending = False
        if self.y == self._bottom:
            if self._in_columns:
                self._scroll_up(self._top, self._bottom, 1, keep=True)
        elif self.y < self.rows - 1:
            self.y += 1

    def _reverse_index(self) -> None:
        self.pending = False
        if self.y == self._top:
            if self._in_columns:
                self._scroll_down(self._top, self._bottom, 1)
        elif self.y > 0:
            self.y -= 1

    # ---- cells

    def _erase(self, y: int, start: int, stop: int, *, selective: bool = False) -> None:
        row = self._shown.rows[y]
        spares = self._protection == "ISO" or (selective and self._protection == "DEC")
        while start < stop:
            end = start
            while end < stop and not (spares and row.places[end].protected):
                end += 1
            if end > start:
                row.split_at(start)
                row.split_at(end)
                row.places[start:end] = [self._erased] * (end - start)
            start = end + 1
        self.pending = False

    def _erase_rows(self, ys: Iterable[int], *, selective: bool = False) -> None:
        for y in ys:
            self._erase(y, 0, self.columns, selective=selective)

    def _insert_blanks(self, count: int) -> None:
        self._row.onto = None
        self._shift_right(self._row, self.x, count)
        self.pending = False

    def _delete_cells(self, count: int) -> None:
        self._row.onto = None
        self._shift_left(self._row, self.x, count)
        self.pending = False

    # ---- moving

    def _move(self, x: int, y: int) -> None:
        self.x = min(max(x, 0), self.columns - 1)
        self.y = min(max(y, 0), self.rows - 1)
        self.pending = False

    def _address(self, column: int, row: int) -> None:
        """To a place that counts from the margins, and is within them, in origin mode."""
        if self._origin:
            self._move(min(self._left + column, self._right), min(self._top + row, self._bottom))
        else:
            self._move(column, row)

    @property
    def _relative(self) -> tuple[int, int]:
        """The cursor as ``_address`` has it."""
        left, top = (self._left, self._top) if self._origin else (0, 0)
        return max(0, self.x - left), max(0, self.y - top)

    def _return(self) -> None:
        self._move(self._left if self._origin or self.x >= self._left else 0, self.y)

    def _back(self, count: int) -> None:
        self._move(max(self.x - count, self._left if self.x >= self._left else 0), self.y)

    def _up(self, count: int) -> None:
        self._move(self.x, max(self.y - count, self._top if self.y >= self._top else 0))

    def _down(self, count: int) -> None:
        self._move(self.x, min(self.y + count, self._bottom if self.y <= self._bottom else self.rows - 1))

    def _tab(self, count: int) -> None:
        if self.pending and self._autowrap:
            return
        last = self._end(self.x) - 1
        for _ in range(min(count, self.columns)):
            self._move(min((stop for stop in self._tabs if self.x < stop < last), default=last), self.y)

    def _back_tab(self, count: int) -> None:
        if self.pending and self._autowrap:
            return
        least = self._left if self._origin and self.x >= self._left else 0
        for _ in range(min(count, self.columns)):
            self._move(max((stop for stop in self._tabs if least < stop < self.x), default=least), self.y)

    def _save(self) -> None:
        pending = self.pending and self._autowrap
        self._shown.saved = Saved(self.x, self.y, pending, self.style, self._charsets.copy(), self._origin, self._protected)

    def _restore(self) -> None:
        saved = self._shown.saved
        self._private_modes[6] = saved.origin
        x, y = saved.x, saved.y
        behind = saved.pending and x == self.columns - 1  # counts as being behind the last column
        if saved.origin:
            y = min(max(y, self._top), self._bottom)
            x = max(x, self._left)
            if x + behind > self._right and self._right < self.columns - 1:
                x = self._right
        self._move(x, y)
        at_edge = x == self._right < self.columns - 1 if not behind else x == saved.x
        self.pending = saved.pending and self._autowrap and at_edge
        self.style, self._protected = saved.style, saved.protected
        self._charsets = saved.charsets.copy()

    # ---- controls and escapes

    def _control(self, character: str) -> None:
        if character == "\b":
            self._back(1)
        elif character == "\t":
            self._tab(1)
        elif character in "\n\v\f":
            self._index()
            if self.mode(20, ansi=True):
                self._return()
        elif character == "\r":
            self._return()
        elif character in "\x0e\x0f":
            self._charsets.used = 1 if character == "\x0e" else 0

    def _escape(self, escape: str) -> None:
        if escape == "7":
            self._save()
        elif escape == "8":
            self._restore()
        elif escape == "D":
            self._index()
        elif escape == "E":
            self._index()
            self._return()
        elif escape in "69":
            self._shift_index(escape == "6")
        elif escape in "VW":
            self._protected = escape == "V"
            if self._protected:
                self._protection = "ISO"
        elif escape == "M":
            self._reverse_index()
        elif escape == "H":
            self._tabs.add(self.x)
        elif escape == "c":
            self._reset()
        elif escape in ("=", ">"):
            self._private_modes[66] = escape == "="
        elif len(escape) == 2 and escape[0] in "()":
            self._charsets.designated["()".index(escape[0])] = escape[1]

    def _system_command(self, command: str) -> None:
        number, _, rest = command.partition(";")
        if number != "8":
            self._end_of_printing()
        self._repeat = None
        if number in ("0", "2"):
            self.title = rest
        if number in ("0", "1"):
            self.icon_title = rest
        if number == "8" and ";" in rest:
            parameters, _, uri = rest.partition(";")
            named = dict(pair.split("=", 1) for pair in parameters.split(":") if "=" in pair)
            self.link = Link(uri, named.get("id", "")) if uri else None

    # ---- control sequences

    def _sequence(self, collected: str, final: str) -> None:
        parts = re.fullmatch(r"([<=>?]?)([0-9:;]*)([ -/]{0,4})", collected)
        if parts is None:
            return
        prefix, parameters, intermediates = parts.groups()
        parameters = PARAMETERS_KEPT.match(parameters)[0]
        repeat, self._repeat = self._repeat, None
        if final == "m" and not prefix and not intermediates:
            self._select_graphics(parameters)
            return
        self._cluster = None
        if ":" in parameters:
            return
        numbers = [min(int(number or 0), MOST_PARAMETER) for number in parameters.split(";")]
        if prefix + intermediates == "?" and final in "hl":
            for number in numbers:
                self._set_private_mode(number, final == "h")
        elif prefix + intermediates == " " and final == "q":
            self.cursor_style = numbers[0]
        elif prefix + intermediates == "!" and final == "p":
            self._soft_reset()
        elif prefix + intermediates == "?" and final == "K":
            self._erase_in_line(numbers[0], selective=True)
        elif prefix + intermediates == "?" and final == "J" and numbers[0] != 3:
            self._erase_in_display(numbers[0], selective=True)
        elif prefix + intermediates == "?" and final == "J":
            self._erase_in_display(3)
        elif not prefix and intermediates:
            self._area_sequence(intermediates + final, numbers)
        elif not prefix and not intermediates:
            if final == "b" and repeat is not None:
                text, width = repeat
                for _ in range(max(numbers[0], 1)):
                    self._put(self._cell(text, width))
                    self._settle()
            else:
                self._plain_sequence(final, numbers, given=bool(parameters))

    def _plain_sequence(self, final: str, numbers: list[int], given: bool) -> None:
        first = numbers[0]
        count = max(first, 1)
        second = max(numbers[1], 1) if len(numbers) > 1 else 1
        column, row = self._relative
        if final == "A":
            self._up(count)
        elif final == "B":
            self._down(count)
        elif final == "C":
            self._move(min(self.x + count, self._end(self.x) - 1), self.y)
        elif final == "D":
            self._back(count)
        elif final == "E":
            self._down(count)
            self._return()
        elif final == "F":
            self._up(count)
            self._return()
        elif final in "G`":
            self._address(count - 1, row)
        elif final in "Hf":
            self._address(second - 1, count - 1)
        elif final == "d":
            self._address(column, count - 1)
        elif final == "e":
            self._address(column, row + count)
        elif final == "a":
            self._address(column + count, row)
        elif final == "I":
            self._tab(count)
        elif final == "Z":
            self._back_tab(count)
        elif final == "@" and self._in_columns:
            self._insert_blanks(count)
        elif final == "P" and self._in_columns:
            self._delete_cells(count)
        elif final == "X":
            self._erase(self.y, self.x, min(self.x + count, self.columns))
        elif final == "J":
            self._erase_in_display(first)
        elif final == "K":
            self._erase_in_line(first)
        elif final in "LM" and self._top <= self.y <= self._bottom and self._in_columns:
            self._move(self._left, self.y)
            if final == "L":
                self._scroll_down(self.y, self._bottom, count)
            else:
                self._scroll_up(self.y, self._bottom, count, keep=False)
        elif final == "S":
            self._scroll_up(self._top, self._bottom, count, keep=True)
        elif final == "T" and len(numbers) == 1 and (first or not given):
            self._scroll_down(self._top, self._bottom, count)
        elif final == "r":
            bottom = numbers[1] if len(numbers) > 1 and 0 < numbers[1] <= self.rows else self.rows
            if count < bottom:
                self._top, self._bottom = count - 1, bottom - 1
                self._address(0, 0)
        elif final == "s" and self.mode(69):
            right = numbers[1] if len(numbers) > 1 and 0 < numbers[1] <= self.columns else self.columns
            if count < right:
                self._left, self._right = count - 1, right - 1
                self._address(0, 0)
        elif final == "s" and not given:
            self._save()
        elif final == "u":
            self._restore()
        elif final in "hl":
            self._ansi_modes.update(dict.fromkeys(numbers, final == "h"))
        elif final == "g" and first == 0:
            self._tabs.discard(self.x)
        elif final == "g" and first == 3:
            self._tabs.clear()

    def _erase_in_line(self, what: int, *, selective: bool = False) -> None:
        if what == 0:
            self._erase(self.y, self.x, self.columns, selective=selective)
        elif what == 1:
            self._erase(self.y, 0, self.x + 1, selective=selective)
        elif what == 2:
            self._erase(self.y, 0, self.columns, selective=selective)

    def _erase_in_display(self, what: int, *, selective: bool = False) -> None:
        if what in (0, 1):
            self._erase_in_line(what, selective=selective)
            self._erase_rows(range(self.y + 1, self.rows) if what == 0 else range(self.y), selective=selective)
        elif what == 2:
            self._erase_rows(range(self.rows), selective=selective)
        elif what == 3:
            self.history = []

    def _soft_reset(self) -> None:
        self.pending = self.pending and self._autowrap
        self._private_modes |= {1: False, 6: False, 7: True, 25: True, 66: False}
        self._ansi_modes[4] = False
        self._free_margins()
        self._protected, self._protection = False, ""
        self.style = PLAIN
        self.link = None
        self._charsets = Charsets()
        self._shown.saved = Saved()

    def _set_private_mode(self, number: int, on: bool) -> None:
        if number in (47, 1047, 1049):
            self._switch_screen(number, on)
        elif number == 1048:
            self._save() if on else self._restore()
        else:
            if number == 7 and on != self._autowrap:
                self.pending = False
            self._private_modes[number] = on
            if number == 6:
                self._address(0, 0)
            if number == 69 and not on:
                self._free_columns()

    def _switch_screen(self, number: int, to_alternate: bool) -> None:
        if number == 1049 and to_alternate:
            self._save()
        if number == 1047 and not to_alternate and self.alternate:
            self._clear()
        if to_alternate and not self.alternate:
            self._parked = (self.x, self.y, self._behind)
        self.alternate = to_alternate
        if number == 1049 and to_alternate:
            self._clear()
        elif number == 1049:
            self._restore()

    # ---- SGR

    def _select_graphics(self, parameters: str) -> None:
        groups = [
            [min(int(number), MOST_PARAMETER) if number else None for number in group.split(":")]
            for group in parameters.split(";")
        ]
        while groups:
            code, *values = groups.pop(0)
            if code in (38, 48, 58):
                if not values and groups:
                    values = groups.pop(0)
                    wanted = COMPONENTS.get(values[0], 0) if len(values) == 1 else 0
                    while len(values) <= wanted and groups and len(groups[0]) == 1:
                        values += groups.pop(0)
                self._set_color({38: "foreground", 48: "background", 58: "underline_color"}[code], values)
            elif code == 4 and values:
                underline = 1 if values[0] is None else values[0]
                if underline <= 5:
                    self.style = replace(self.style, underline=underline)
            else:
                self.style = self._with_attribute(code or 0)

    def _set_color(self, name: str, values: list[int | None]) -> None:
        kind, *given = [value or 0 for value in values] or [0]
        count = COMPONENTS.get(kind, 0)
        components = given[1:4] if kind == 2 and len(given) > 3 else given[:count]
        if count and len(components) == count and max(components) <= 255:
            self.style = replace(self.style, **{name: components[0] if kind == 5 else tuple(components)})

    def _with_attribute(self, code: int) -> Style:
        simple: dict[int, dict[str, object]] = {
            1: {"bold": True}, 2: {"faint": True}, 3: {"italic": True}, 4: {"underline": 1}, 5: {"blink": True},
            6: {"blink": True}, 7: {"inverse": True}, 8: {"invisible": True}, 9: {"strikethrough": True},
            21: {"underline": 2}, 22: {"bold": False, "faint": False}, 23: {"italic": False}, 24: {"underline": 0},
            25: {"blink": False}, 27: {"inverse": False}, 28: {"invisible": False}, 29: {"strikethrough": False},
            39: {"foreground": None}, 49: {"background": None}, 53: {"overline": True}, 55: {"overline": False},
            59: {"underline_color": None},
        }  # fmt: skip
        if code == 0:
            return PLAIN
        if code in simple:
            return replace(self.style, **simple[code])
        palette = ((30, "foreground", 0), (40, "background", 0), (90, "foreground", 8), (100, "background", 8))
        for first, name, color in palette:
            if first <= code < first + 8:
                return replace(self.style, **{name: code - first + color})
        return self.style
