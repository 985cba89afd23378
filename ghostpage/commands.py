"""Commands that a shell ran, from the marks that it prints around them (OSC 133, *semantic prompts*).

======================  ==============================================================================================
``A``, ``N``            a prompt starts. A command with the same ``aid`` that runs still has ended there.
``P;k=``                a prompt of another kind goes on to the next ``B``: ``r`` at the right, ``s`` and ``c`` in lines
                        that follow. It is no part of the command. ``A`` with such a ``k`` means the same.
``B``, ``I``            the prompt ends: what is typed starts.
``C``                   what the command prints starts.
``D;status``            the command has ended; with ``aid``, that one, and those that it ran itself.
======================  ==============================================================================================

Marks are positions in lines, which survive reflow. They are only what a program says: a mark out of order means nothing
(``C`` and ``D`` without what is before them), of several ``D`` the last before a prompt counts, and so a false one is
mended by the shell's own. A prompt at or before what is recorded (the screen was cleared, the prompt is drawn again) drops
what it overwrites. Marks on the alternate screen are ignored. Records go with their lines, and are 10,000 at most.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import astuple, dataclass, field, replace
from typing import Any, Protocol

from ghostpage.lines import Position
from ghostpage.rows import Row

__all__ = ["Command", "Marks", "read_between"]

RECORDS = 10_000
NESTED = 32  # commands that run at once, one within another
CUTS, CUTS_OF_ALL = 100, 4096  # prompts within one command, and within all that are kept
OPTIONS = 32
AID = 256  # characters of what names a command
DIGITS = 10  # of an exit status

OTHER_PROMPTS = ("r", "s", "c")


@dataclass(frozen=True)
class Record:
    """Where the marks of one prompt, and of what was run from it, lie."""

    serial: int
    prompt: Position
    aid: str
    typed: Position | None = None
    output: Position | None = None
    end: Position | None = None
    status: int | None = None
    cut: tuple[Position, str] | None = None
    """Where a prompt of another kind began that has not ended, and its kind."""
    cuts: tuple[tuple[Position, Position], ...] = ()

    @property
    def running(self) -> bool:
        return self.output is not None and self.end is None


class Texts(Protocol):
    """Where the texts of commands are read from."""

    @property
    def _marks(self) -> Marks: ...

    def _read_between(self, start: Position, stop: Position | None) -> str: ...


@dataclass(frozen=True)
class Command:
    """A command that was run: what :attr:`Terminal.commands <ghostpage.Terminal.commands>` has.

    ``exit_status`` is None while it runs and where none was told. The texts are read when they are asked for, each by
    itself, as they are then: empty, when the command's record is gone, and without what was pruned. Those of a snapshot's
    commands stay as they are.
    """

    exit_status: int | None
    running: bool
    prompt_position: Position
    """Line and cell at which the prompt starts."""
    command_position: Position
    output_position: Position
    end_position: Position | None
    """Where the output ends; None while it runs."""
    _source: Texts = field(repr=False, compare=False)
    _serial: int = field(repr=False)

    @property
    def prompt(self) -> str:
        """The prompt's text, without prompts of other kinds."""
        record = self._source._marks.find(self._serial)
        return self._text(record.prompt, record.typed or record.output, record) if record else ""

    @property
    def command(self) -> str:
        """What was typed, without the newline at its end."""
        record = self._source._marks.find(self._serial)
        return self._text(record.typed, record.output, record).rstrip("\n ") if record and record.typed else ""

    @property
    def output(self) -> str:
        """What was printed, up to now if it runs, without the newline at its end; wrapped rows are joined."""
        record = self._source._marks.find(self._serial)
        if not record or not record.output:
            return ""
        return self._source._read_between(record.output, record.end).removesuffix("\n")

    def _text(self, start: Position, stop: Position | None, record: Record) -> str:
        parts = []
        for begin, end in record.cuts:
            if start <= begin and stop is not None and end <= stop:
                parts.append(self._source._read_between(start, begin))
                start = end
        return "".join([*parts, self._source._read_between(start, stop)])


class Marks:
    """The marks of one terminal. Written by the thread that feeds; read from any."""

    def __init__(self) -> None:
        self._records: list[Record] = []  # by serial
        self._running: list[int] = []  # serials, each within the one before
        self._prompts: list[Position] = []
        self._changes = 0  # of the prompts
        self._known: tuple[int, tuple[Position, ...]] = 0, ()  # the prompts, and after how many changes they were that
        self._serial = 0
        self._cuts = 0  # of all records

    def copy(self) -> Marks:
        made = Marks()
        made._records = list(self._records)
        made._known = 0, self.prompts
        return made

    def save(self) -> dict[str, Any]:
        """For a file, as JSON has it."""
        return {"records": [astuple(record) for record in self._records], "running": self._running, "prompts": self._prompts}

    @classmethod
    def load(cls, saved: dict[str, Any]) -> Marks:
        """What :meth:`save` gave. Raises ``KeyError``, ``TypeError`` and ``ValueError`` for anything else."""
        made = cls()
        for serial, prompt, aid, typed, output, end, status, cut, cuts in saved["records"][-RECORDS:]:
            made._records.append(
                Record(
                    serial=_number(serial),
                    prompt=_position(prompt),
                    aid=str(aid)[:AID],
                    typed=None if typed is None else _position(typed),
                    output=None if output is None else _position(output),
                    end=None if end is None else _position(end),
                    status=None if status is None else _number(status, -(10**DIGITS)),
                    cut=None if cut is None else (_position(cut[0]), str(cut[1])),
                    cuts=tuple((_position(begin), _position(stop)) for begin, stop in cuts[:CUTS]),
                )
            )
        made._prompts = [_position(prompt) for prompt in saved["prompts"]]
        made._running = [_number(serial) for serial in saved["running"]][:NESTED]
        serials = [record.serial for record in made._records]
        if serials != sorted(set(serials)) or made._prompts != sorted(made._prompts) or not set(made._running) <= set(serials):
            raise ValueError("marks out of order")
        made._serial = max(serials, default=0)
        made._changes += 1
        made._cuts = sum(len(record.cuts) for record in made._records)
        return made

    def clear(self) -> None:
        self._records.clear()
        self._cuts = 0
        self._running.clear()
        self._prompts.clear()
        self._changes += 1

    @property
    def prompts(self) -> tuple[Position, ...]:
        """Where prompts start, in order."""
        changes, (known, prompts) = self._changes, self._known
        if known != changes:  # one that comes meanwhile makes it old at once
            prompts = tuple(self._prompts)
            self._known = changes, prompts
        return prompts

    def find(self, serial: int) -> Record | None:
        records = list(self._records)
        index = bisect_left(records, serial, key=lambda record: record.serial)
        return records[index] if index < len(records) and records[index].serial == serial else None

    def commands(self, source: Texts, first_line: int) -> list[Command]:
        return [
            Command(
                exit_status=record.status,
                running=record.running,
                prompt_position=record.prompt,
                command_position=record.typed or record.output,
                output_position=record.output,
                end_position=record.end,
                _source=source,
                _serial=record.serial,
            )
            for record in list(self._records)
            if record.output is not None and not _is_gone(record, first_line)
        ]

    # ---- marks ----

    def mark(self, payload: bytes, at: Position, first_line: int) -> None:
        """OSC 133 with the cursor there."""
        kind, _, rest = payload.partition(b";")
        values = rest.decode("utf-8", "replace").split(";")[:OPTIONS]
        options = dict(value.split("=", 1) for value in values if "=" in value)
        self._prune(first_line)
        aid, other = options.get("aid", "")[:AID], options.get("k", "i")
        if kind in (b"A", b"N", b"P"):
            if other in OTHER_PROMPTS:
                self._cut(at, other)
            elif kind != b"P" or self._pending() is None:
                self._start(at, aid)
        elif kind in (b"B", b"I"):
            self._type(at)
        elif kind == b"C":
            self._run(at)
        elif kind == b"D":
            self._finish(at, _status(values[0]), aid if "aid" in options else None)

    def _pending(self) -> Record | None:
        """The prompt at which nothing was run yet."""
        record = self._records[-1] if self._records else None
        return record if record and record.output is None else None

    def _start(self, at: Position, aid: str) -> None:
        records = self._records
        while records and (records[-1].prompt >= at or records[-1].output is None):
            self._drop(slice(-1, None))
        while self._prompts and self._prompts[-1] >= at:
            self._prompts.pop()
        last = records[-1].serial if records else 0
        self._running = [serial for serial in self._running if serial <= last]
        for depth, serial in enumerate(self._running):
            if records[self._index(serial)].aid == aid or depth == NESTED:
                self._end(depth, at, None)
                break
        for index in reversed(range(len(records))):
            end = records[index].end
            if end is not None and end <= at:
                break
            if end is not None:
                records[index] = replace(records[index], end=at)
        self._serial += 1
        records.append(Record(self._serial, at, aid))
        self._prompts.append(at)
        if len(records) > RECORDS:
            self._running = [serial for serial in self._running if serial != records[0].serial]
            self._drop(slice(1))
        del self._prompts[:-RECORDS]
        self._changes += 1

    def _cut(self, at: Position, kind: str) -> None:
        record = self._pending()
        if record and record.cut is None:
            self._records[-1] = replace(record, cut=(at, kind))

    def _type(self, at: Position) -> None:
        record = self._pending()
        if record and record.cut:
            begin, kind = record.cut
            keep = begin < at and len(record.cuts) < CUTS and self._cuts < CUTS_OF_ALL
            self._cuts += keep
            record = replace(record, cut=None, cuts=(*record.cuts, (begin, at)) if keep else record.cuts)
            self._records[-1] = record
            if kind == "r":
                return
        if record and record.typed is None:
            self._records[-1] = replace(record, typed=at)

    def _run(self, at: Position) -> None:
        record = self._pending()
        if record:
            self._records[-1] = replace(record, typed=record.typed or at, output=at, cut=None)
            self._running.append(record.serial)

    def _finish(self, at: Position, status: int | None, aid: str | None) -> None:
        records = self._records
        for depth in reversed(range(len(self._running))):
            if aid in (None, records[self._index(self._running[depth])].aid):
                self._end(depth, at, status)
                return
        last = records[-1] if records else None
        if last and last.end is not None and aid in (None, last.aid) and at >= last.end:
            records[-1] = replace(last, end=at, status=status)

    def _end(self, depth: int, at: Position, status: int | None) -> None:
        """A command that runs ends, with that status, and those within it."""
        for serial in self._running[depth:]:
            index = self._index(serial)
            own = status if serial == self._running[depth] else None
            self._records[index] = replace(self._records[index], end=at, status=own)
        del self._running[depth:]

    def _index(self, serial: int) -> int:
        return bisect_left(self._records, serial, key=lambda record: record.serial)

    def _drop(self, part: slice) -> None:
        self._cuts -= sum(len(record.cuts) for record in self._records[part])
        del self._records[part]

    def _prune(self, first_line: int) -> None:
        gone = 0
        while gone < len(self._records) and _is_gone(self._records[gone], first_line):
            gone += 1
        self._drop(slice(gone))
        if self._prompts and self._prompts[0].line < first_line:
            del self._prompts[: bisect_left(self._prompts, (first_line, 0))]
            self._changes += 1


def _is_gone(record: Record, first_line: int) -> bool:
    return record.end is not None and record.end <= (first_line, 0)


def _status(text: str) -> int | None:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= DIGITS else None


# ---- the text between two positions -----------------------------------------------------------------------------------


class Rows(Protocol):
    """What does not change while it is read."""

    def _read_row(self, row: int) -> Row: ...

    def _row_count(self) -> int: ...

    def locate(self, position: Position) -> tuple[int, int] | None: ...

    def text(self, start: int | None = None, stop: int | None = None, *, unwrap: bool = False) -> str: ...


def read_between(rows: Rows, start: Position, stop: Position) -> str:
    """The text from one position to another; what is gone is left out, and rows of one line are joined."""
    total = rows._row_count()
    if not total or stop <= start:
        return ""
    oldest = rows._read_row(0)
    if stop <= (oldest.line, oldest.cell):
        return ""
    found = rows.locate(start) if start >= (oldest.line, oldest.cell) else (0, 0)
    if found is None:
        return ""
    first = found[0]
    end = rows.locate(stop)
    last = total - 1 if end is None else end[0]
    top, bottom = rows._read_row(first), rows._read_row(last)
    begin = max(0, start.cell - top.cell) if start.line == top.line else 0
    until = stop.cell - bottom.cell if stop.line == bottom.line else None
    if first == last:
        return _cut(top, begin, until)
    below = rows._read_row(first + 1)
    goes_on = top.wrapped and below.line == top.line  # up to there, without the column that a wide cell leaves
    parts = [_cut(top, begin, below.cell - top.cell if goes_on else None), "" if top.wrapped else "\n"]
    if first + 1 < last:
        parts += [rows.text(first + 1, last, unwrap=True), "" if rows._read_row(last - 1).wrapped else "\n"]
    return "".join([*parts, _cut(bottom, 0, until)])


def _cut(row: Row, begin: int, until: int | None) -> str:
    """The text of some cells, blanks as spaces; without an end, those up to the last that is not blank."""
    cells: list[Any] = list(row.cells[begin : None if until is None else max(until, 0)])
    while until is None and not row.wrapped and cells and not cells[-1].text and cells[-1].width:
        cells.pop()
    return "".join(cell.text or " " * cell.width for cell in cells)


def _number(value: object, least: int = 0) -> int:
    if type(value) is not int or not least <= value < 2**63:
        raise ValueError("not a number of a line, cell or record")
    return value


def _position(value: Any) -> Position:
    line, cell = value
    return Position(_number(line), _number(cell))
