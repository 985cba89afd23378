"""Carries out steps of libvterm's tests on a terminal, and compares."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from ghostpage import Cell, Color, Style, Terminal

from suites.libvterm_script import Step, numbers, string

__all__ = ["Judge", "NotJudged"]

ROWS, COLUMNS = 25, 80
CHARACTERS_OF_A_CELL = 6  # that libvterm keeps

FOREGROUND, BACKGROUND = (240, 240, 240), (0, 0, 0)
LOW = [(0, 0, 0), (224, 0, 0), (0, 224, 0), (224, 224, 0), (0, 0, 224), (224, 0, 224), (0, 224, 224), (224, 224, 224)]
BRIGHT = [(128, 128, 128), (255, 64, 64), (64, 255, 64), (255, 255, 64), (64, 64, 255), (255, 64, 255), (64, 255, 255)]
PALETTE = [*LOW, *BRIGHT, (255, 255, 255)]

Pair = tuple[object, object]  # found, expected
Screen = list[list[str]]

_SEQUENCE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_].*?(?:\x07|\x1b\\)|[ -/]*[0-~])|[\x00-\x1f]", re.DOTALL)
_ERASING = re.compile(rb"\x1b(?:\[\??[\d;]*[JKX]|#8|c|\[[\d;]*\$)")
_NOT_COUNTED = {"INCHAR", "INKEY", "MOUSEMOVE", "MOUSEBTN", "PASTE", "FOCUS", "SELECTION", "SETDEFAULTCOL"}
_NO_MATTER = ("movecursor", "moverect", "damage", "scrollrect", "erase", "putglyph", "output", "settermprop", "sb_pushline")


class NotJudged(Exception):
    """What a test asks for cannot be seen from outside."""


class Judge:
    """A terminal under test, from one INIT to the end of the file."""

    def __init__(self) -> None:
        self.terminal = Terminal(COLUMNS, ROWS)
        self.wanted: set[str] = set()  # kinds of events that the test lists completely
        self.of_screen = self.utf8 = False
        self.fed: list[bytes | tuple[int, int]] = []  # since the last reset, sizes among it

    def step(self, step: Step) -> Iterator[Pair]:
        """Found and expected, for all that can be compared."""
        if step.command.startswith("?"):
            question: Callable[[str, str], Pair] = getattr(self, "_ask_" + step.command[1:], self._not_known)
            yield question(step.argument, step.expected[0])
            return
        if step.command in _NOT_COUNTED:
            raise NotJudged(step.command)
        if step.command in ("WANTSTATE", "WANTSCREEN"):
            self._want(step)
        elif step.command == "UTF8":
            self.utf8 = step.argument == "1"
        elif step.command == "RESIZE":
            rows, columns = numbers(step.argument)
            yield from self._do(step, lambda: self._resize(columns, rows), False, False)
        elif step.command == "RESET":
            self._reset()
        elif step.command == "PUSH":
            data = string(step.argument)
            if not self.utf8 and any(byte >= 0x80 for byte in data):
                raise NotJudged("8-bit characters")
            prints = bool(_SEQUENCE.sub(b"", data))
            yield from self._do(step, lambda: self._feed(data), prints, bool(_ERASING.search(data)))

    # ---- doing ----

    def _want(self, step: Step) -> None:
        sense = True
        for flag in step.argument:
            if flag in "+-":
                sense = flag == "+"
            elif sense:
                self.wanted.add(flag)
            else:
                self.wanted.discard(flag)
        self.of_screen |= step.command == "WANTSCREEN"

    def _feed(self, data: bytes) -> None:
        self.terminal.feed(data)
        self.fed.append(data)

    def _resize(self, columns: int, rows: int) -> None:
        self.terminal.resize(columns, rows)
        self.fed.append((columns, rows))

    def _reset(self) -> None:
        size = self.terminal.columns, self.terminal.rows
        self.terminal.close()
        self.terminal = Terminal(*size)
        self.fed = [size]
        if self.wanted & {"s", "m"} and not self.of_screen:
            self._fill()  # so that what is moved and erased can be seen
        self.terminal.take_replies()

    def _fill(self) -> None:
        for y in range(self.terminal.rows):
            row = "".join(chr(0x61 + (x * 3 + y * 5) % 26) for x in range(self.terminal.columns))
            self._feed(f"\x1b[{y + 1}H{row}".encode())
        self._feed(b"\x1b[H")

    def _do(self, step: Step, act: Callable[[], None], prints: bool, erases: bool) -> Iterator[Pair]:
        for event in step.expected:
            if not event.startswith(_NO_MATTER):
                raise NotJudged(event.split()[0])
        before, history = self._characters(), len(self.terminal.history)
        act()
        replies = self.terminal.take_replies()
        answers = [string(event.partition(" ")[2]) for event in step.expected if event.startswith("output ")]
        if answers or replies:
            yield replies, b"".join(answers)
        pushed = [event for event in step.expected if event.startswith("sb_pushline")]
        if pushed:
            yield len(self.terminal.history) - history, len(pushed)
        if step.command == "RESIZE":
            return
        moves = [event for event in step.expected if event.startswith("movecursor")]
        if moves:
            cursor = self.terminal.cursor
            yield f"movecursor {cursor.y},{cursor.x}", moves[-1]
        yield from self._properties(step.expected)
        yield from self._screen(step.expected, before, prints, erases)

    def _screen(self, events: list[str], before: Screen, prints: bool, erases: bool) -> Iterator[Pair]:
        """Whether the screen is what was there before after these events; without all of them, whether glyphs are there."""
        whole = not self.of_screen and bool(self.wanted & {"s", "m"})
        whole = whole and ("g" in self.wanted or not prints) and ("e" in self.wanted or not erases)
        if "m" in self.wanted and "e" not in self.wanted and "s" not in self.wanted and any("moverect" in e for e in events):
            whole = False  # what is uncovered would be erased
        after = self._characters()
        if len(after) != len(before) or len(after[0]) != len(before[0]):
            return
        glyphs: dict[tuple[int, int], str] = {}
        for event in events:
            kind, _, argument = event.partition(" ")
            values = [int(number) for number in re.findall(r"-?\d+", argument)] if kind != "putglyph" else []
            if kind == "putglyph":
                characters, _, position = argument.split()[:3]
                y, x = numbers(position)
                text = "".join(map(chr, numbers(characters))).strip(" ")
                if len(text) == CHARACTERS_OF_A_CELL:  # perhaps more were printed
                    after[y][x] = after[y][x][:CHARACTERS_OF_A_CELL]
                glyphs[x, y] = before[y][x] = text
            elif kind == "erase":
                _paint(before, values, lambda y, x: "")
            elif kind == "scrollrect":
                _scroll(before, values)
            elif kind == "moverect":
                _move(before, values)
        if whole:
            rows = [y for y in range(len(after)) if after[y] != before[y]]
            yield _shown(after, rows), _shown(before, rows)
        elif glyphs:
            yield {place: after[place[1]][place[0]] for place in glyphs}, glyphs

    def _properties(self, events: list[str]) -> Iterator[Pair]:
        """Only the last of each kind can be seen."""
        last = {}
        for event in events:
            if event.startswith("settermprop"):
                _, kind, value = event.split(" ", 2)
                last[kind] = value
        for kind, value in last.items():
            found = self._property(int(kind))
            if found is not None and '"' in value and not value.endswith("]"):
                continue  # the first piece of a title
            yield found, value.rstrip("]").partition('"')[2].rstrip('"') if '"' in value else value

    def _property(self, kind: int) -> str | None:
        terminal = self.terminal
        yes = ("false", "true")
        match kind:
            case 1:
                return yes[terminal.cursor.visible]
            case 2:
                return yes[terminal.cursor.blinking]
            case 3:
                return yes[terminal.alternate_screen]
            case 4:
                return terminal.title
            case 5:
                return terminal.icon_title
            case 6:
                return yes[terminal.mode(5)]
            case 7:
                return {"block": "1", "underline": "2", "bar": "3"}[terminal.cursor.shape]
            case 8:
                return str(next((n for n, mode in ((3, 1003), (2, 1002), (1, 1000)) if terminal.mode(mode)), 0))
            case 9:
                return yes[terminal.mode(1004)]
        raise NotJudged(f"property {kind}")

    # ---- asking ----

    def _not_known(self, argument: str, answer: str) -> Pair:
        raise NotJudged(argument)

    def _ask_cursor(self, argument: str, answer: str) -> Pair:
        cursor = self.terminal.cursor
        return f"{cursor.y},{cursor.x}", answer

    def _ask_lineinfo(self, argument: str, answer: str) -> Pair:
        y = int(argument)
        above = self.terminal.screen[y - 1] if y else self.terminal.history[-1] if len(self.terminal.history) else None
        found = [*self._size(y), *(["cont"] if above is not None and above.wrapped else [])]
        return [word.partition("-")[0] for word in found], answer.split()

    def _size(self, y: int) -> list[str]:
        size = self.terminal.screen[y].size
        return {"double": ["dwl"], "top": ["dwl", "dhl-top"], "bottom": ["dwl", "dhl-bottom"]}.get(size, [])

    def _ask_pen(self, argument: str, answer: str) -> Pair:
        with Terminal(*self.fed[0] if isinstance(self.fed[0], tuple) else (COLUMNS, ROWS)) as twin:
            for part in self.fed:
                if isinstance(part, bytes):
                    twin.feed(part)
                else:
                    twin.resize(*part)
            twin.feed(b"\x0f\x1b[4l\x1b[?6l\x1b[?69l\x1b[r\x1b[HX")
            style = twin.screen[0].cells[0].style
        words = {True: "on", False: "off"}
        match argument:
            case "bold" | "italic" | "blink":
                return words[getattr(style, argument)], answer
            case "reverse":
                return words[style.inverse], answer
            case "underline":
                return str(style.underline), answer
            case "foreground" | "background":
                return _pen_color(style, argument), answer
        raise NotJudged(argument)

    def _ask_screen_row(self, argument: str, answer: str) -> Pair:
        return self._text(int(argument), 0, int(argument) + 1, self.terminal.columns), _text(answer)

    def _ask_screen_chars(self, argument: str, answer: str) -> Pair:
        where = numbers(argument)
        return self._text(*where) if len(where) == 4 else self._ask_screen_row(argument, answer)[0], _text(answer)

    def _ask_screen_text(self, argument: str, answer: str) -> Pair:
        return self._text(*numbers(argument)), bytes(numbers(answer)).decode().rstrip()

    def _ask_screen_eol(self, argument: str, answer: str) -> Pair:
        y, x = numbers(argument)
        return str(int(not any(cell.text for cell in self.terminal.screen[y].cells[x:]))), answer

    def _ask_screen_attrs_extent(self, argument: str, answer: str) -> Pair:
        y, x = numbers(argument)
        cells = self.terminal.screen[y].cells
        begin = end = x
        while begin and cells[begin - 1].style == cells[x].style:
            begin -= 1
        while end + 1 < len(cells) and cells[end + 1].style == cells[x].style:
            end += 1
        return f"{y},{begin}-{y + 1},{end}", answer

    def _ask_screen_cell(self, argument: str, answer: str) -> Pair:
        y, x = numbers(argument)
        cell = self.terminal.screen[y].cells[x]
        if self.terminal.mode(5):  # DECSCNM: the host's to show
            cell = cell._replace(style=replace(cell.style, inverse=not cell.style.inverse))
        codepoints = ",".join(f"{ord(c):#x}" for c in cell.text.replace(" ", "")[:CHARACTERS_OF_A_CELL])
        colors = [_rgb(cell.style.foreground, FOREGROUND), _rgb(cell.style.background, BACKGROUND)]
        size = "".join(word + " " for word in self._size(y))
        said = re.sub(r"F\d|S|\^|_", "", answer) if "attrs" in answer else answer  # fonts and sizes are not kept
        return f"{{{codepoints}}} width={cell.width or 1} attrs={{{_attributes(cell)}}} {size}fg={colors[0]} bg={colors[1]}", said

    # ---- reading ----

    def _characters(self) -> Screen:
        """Blanks are empty, whether something was printed there or not."""
        return [["" if cell.text == " " else cell.text for cell in row.cells] for row in self.terminal.screen]

    def _text(self, top: int, left: int, bottom: int, right: int) -> str:
        rows = []
        for row in self.terminal.screen[top:bottom]:
            cells = row.cells[left:right]
            rows.append("".join(cell.text or (" " if cell.width else "") for cell in cells).rstrip())
        return "\n".join(rows).rstrip()


def _text(answer: str) -> str:
    return "".join(map(chr, numbers(answer))).rstrip()


def _shown(screen: Screen, rows: list[int]) -> str:
    return "\n".join(f"{y}: " + "".join(text or " " for text in screen[y]).rstrip() for y in rows)


def _paint(screen: Screen, where: list[int], what: Callable[[int, int], str]) -> None:
    top, bottom, left, right = where[:4]
    painted = {(y, x): what(y, x) for y in range(top, bottom) for x in range(left, right)}
    for (y, x), text in painted.items():
        screen[y][x] = text


def _scroll(screen: Screen, values: list[int]) -> None:
    top, bottom, left, right, down, across = values

    def came(y: int, x: int) -> str:
        y, x = y + down, x + across
        return screen[y][x] if top <= y < bottom and left <= x < right else ""

    _paint(screen, values, came)


def _move(screen: Screen, values: list[int]) -> None:
    source, target = values[:4], values[4:]
    _paint(screen, target, lambda y, x: screen[y - target[0] + source[0]][x - target[2] + source[2]])


def _attributes(cell: Cell) -> str:
    style, number = cell.style, cell.style.underline
    flags = [("B", style.bold), (f"U{number}", number), ("I", style.italic), ("K", style.blink), ("R", style.inverse)]
    return "".join(letter for letter, on in flags if on)


def _rgb(color: Color, default: tuple[int, int, int]) -> str:
    red, green, blue = color if isinstance(color, tuple) else default if color is None else PALETTE[color]
    return f"rgb({red},{green},{blue})"


def _pen_color(style: Style, of: str) -> str:
    color: Color = getattr(style, of)
    if isinstance(color, tuple):
        return _rgb(color, FOREGROUND)
    if color is not None:  # the harness has bold show the bright ones
        return f"idx({color + 8 if style.bold and of == 'foreground' and color < 8 else color})"
    return "rgb(240,240,240,is_default_fg)" if of == "foreground" else "rgb(0,0,0,is_default_bg)"
