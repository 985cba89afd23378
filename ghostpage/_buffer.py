"""What a terminal and a screen have in common: their size, what they show, and what that costs."""

from __future__ import annotations

import operator
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from ghostpage._core import (
    INT64_MAX,
    SIZE_MAX,
    UINT64_MAX,
    ArgumentError,
    ClosedError,
    Handle,
    check,
    ffi,
    integer,
    lib,
    unset,
)
from ghostpage._kernel import resident_bytes
from ghostpage.arena import Arena, default_arena
from ghostpage.figures import Counters, Cursor, MemoryUse, PageInfo
from ghostpage.limits import Limits
from ghostpage.rows import Block, RowSequence

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["Buffer", "open_source"]

SLICE_BYTES = 1 << 20  # given to the core at once, so that an interrupt does not wait for long

_MODES = {"auto": lib.GP_SCREEN_AUTO, "grid": lib.GP_SCREEN_GRID, "early": lib.GP_SCREEN_EARLY}
_SHAPES = ("block", "underline", "bar")


def open_source(data: ReadableBuffer | str) -> Any:
    """The bytes of ``data`` for the core, without a copy; a context manager that lets go of them."""
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogatepass")  # what is no character is malformed, and shown as such
    try:
        return ffi.from_buffer("uint8_t[]", data)
    except BufferError:
        raise TypeError("data must lie in one piece, not in a strided view; bytes() makes a copy that does") from None
    except TypeError:
        raise TypeError(f"data must be bytes-like or str, not {type(data).__name__}") from None


class Buffer(Handle):
    """A screen of ``columns`` by ``rows`` and the history above it."""

    def __init__(self, columns: int, rows: int, scrollback: Limits, arena: Arena | None, mode: str) -> None:
        options = ffi.new("gp_terminal_options *")
        options.columns, options.rows = _size(columns, rows)
        options.limit_rows, options.limit_bytes = _limits("scrollback", scrollback)
        if mode not in _MODES:
            raise ArgumentError(f"_mode must be one of {', '.join(map(repr, _MODES))}, not {mode!r}")
        options.mode = _MODES[mode]
        if arena is not None and not isinstance(arena, Arena):
            raise TypeError(f"arena must be an Arena or None, not {type(arena).__name__}")
        self._arena = default_arena() if arena is None else arena
        made = ffi.new("gp_terminal **")
        self._check(lib.gp_terminal_new(self._arena._live, options, made))
        self._own(made[0], lib.gp_terminal_free)

    # ---- size and limits ----

    @property
    def arena(self) -> Arena:
        """Where the memory comes from."""
        self._live  # noqa: B018  (raises if closed)
        return self._arena

    @property
    def columns(self) -> int:
        """Width of the screen in cells."""
        return int(self._figures().columns)

    @property
    def rows(self) -> int:
        """Height of the screen in rows."""
        return int(self._figures().rows)

    def resize(self, columns: int, rows: int) -> None:
        """Gives the screen another size; lines are wrapped anew, and the cursor stays on its character.

        The alternate screen is cut or padded instead. Costs what is on the screen, not the history. Raises
        :class:`~ghostpage.ArgumentError` for sizes out of range and :class:`~ghostpage.OutOfMemoryError`; the size is
        what it was then.

        >>> from ghostpage import Terminal
        >>> with Terminal(10, 2) as terminal:
        ...     terminal.feed("0123456789")
        ...     terminal.resize(5, 2)
        ...     terminal.text()
        '01234\\n56789'
        """
        columns, rows = _size(columns, rows)
        self._check(lib.gp_terminal_resize(self._live, columns, rows))

    @property
    def limits(self) -> Limits:
        """How much is kept; can be set at any time, and what is beyond a lower limit goes at once."""
        figures = self._figures()
        return Limits(
            lines=None if figures.limit_rows == UINT64_MAX else figures.limit_rows,
            bytes=None if figures.limit_bytes == SIZE_MAX else figures.limit_bytes,
        )

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self._check(lib.gp_terminal_set_limits(self._live, *_limits("limits", limits)))

    # ---- what is shown ----

    @property
    def cursor(self) -> Cursor:
        """Where the cursor is, and what it looks like.

        >>> from ghostpage import Terminal
        >>> with Terminal() as terminal:
        ...     terminal.feed("ab")
        ...     terminal.cursor.x, terminal.cursor.y, terminal.cursor.shape
        (2, 0, 'block')
        """
        figures = self._figures()
        return Cursor(
            x=figures.x,
            y=figures.y,
            visible=bool(figures.cursor_visible),
            shape=_SHAPES[figures.cursor_shape],
            blinking=bool(figures.cursor_blinking),
            pending_wrap=bool(figures.pending_wrap),
        )

    @property
    def screen(self) -> RowSequence:
        """The rows of the screen, from the top: a sequence of :class:`~ghostpage.Row` that is ``rows`` long."""
        self._live  # noqa: B018  (raises if closed)
        return RowSequence(self, of_screen=True)

    @property
    def history(self) -> RowSequence:
        """The rows above the screen, the oldest first: a sequence of :class:`~ghostpage.Row`."""
        self._live  # noqa: B018  (raises if closed)
        return RowSequence(self, of_screen=False)

    def text(self, start: int | None = None, stop: int | None = None, *, unwrap: bool = False) -> str:
        """The text of history and screen, or of rows ``start`` to ``stop`` of them, with a newline between rows.

        Rows are counted from the oldest row of history, negative ones from the end, as in a slice. With ``unwrap`` the
        rows of a line are joined again. Trailing blanks are left out. One call of the core: the text is that of one
        moment.

        >>> from ghostpage import Terminal
        >>> with Terminal(5, 2) as terminal:
        ...     terminal.feed("one\\r\\n1234567\\r\\nend")
        ...     terminal.text(), terminal.text(0, -1, unwrap=True)
        ('one\\n12345\\n67\\nend', 'one\\n1234567')
        """
        first = _row("start", start, 0)
        last = _row("stop", stop, INT64_MAX)
        made = ffi.new("gp_reading **")
        self._check(lib.gp_terminal_text(self._live, first, last, bool(unwrap), made))
        reading = ffi.gc(made[0], lib.gp_reading_free)
        return str(ffi.buffer(reading.text, reading.text_bytes), "utf-8") if reading.text_bytes else ""

    @property
    def alternate_screen(self) -> bool:
        """Whether the alternate screen is shown, which has no history of its own."""
        return bool(self._figures().alternate)

    @property
    def generation(self) -> int:
        """A number that goes up whenever something may have changed: while it is the same, nothing needs reading."""
        return int(self._figures().generation)

    # ---- memory ----

    @property
    def memory(self) -> MemoryUse:
        """What is mapped, in bytes; ``.memory.resident`` asks the kernel.

        >>> from ghostpage import Terminal
        >>> with Terminal() as terminal:
        ...     terminal.feed("hello")
        ...     memory = terminal.memory
        >>> memory.mapped == memory.text + memory.grid
        True
        """
        figures = self._figures()
        try:
            pooled = self._arena.memory.pooled
        except ClosedError:
            pooled = 0
        use = MemoryUse(
            mapped=figures.mapped_bytes,
            text=figures.text_bytes,
            grid=figures.grid_bytes,
            pooled=pooled,
            nonstandard=figures.nonstandard_bytes,
            peak=figures.peak_bytes,
        )
        object.__setattr__(use, "_ask", self._resident)
        object.__setattr__(use, "_sum", self._used)
        return use

    @property
    def counters(self) -> Counters:
        """What the pages went through since the beginning."""
        counters = self._figures().counters
        return Counters(**{field.name: getattr(counters, field.name) for field in fields(Counters)})

    @property
    def pages(self) -> list[PageInfo]:
        """Every page, text from the oldest to the newest, then grids."""
        return [
            PageInfo(
                kind="grid" if page.kind else "text",
                standard=bool(page.standard),
                mapped=page.mapped_bytes,
                used=page.used_bytes,
                lines=page.lines,
                rows=page.rows,
                first_line=page.first_line,
            )
            for page in self._list_pages()
        ]

    def clear_history(self) -> None:
        """Removes all rows above the screen and gives their pages back."""
        lib.gp_terminal_clear_history(self._live)

    def trim(self) -> int:
        """Gives what the arena's pool keeps back to the system; returns how many bytes that were."""
        self._live  # noqa: B018  (raises if closed)
        return 0 if self._arena.closed else self._arena.trim()

    # ---- inside ----

    def _check(self, status: int, consumed: int | None = None) -> None:
        if status != lib.GP_OK:
            check(status, budget=self._budget(), consumed=consumed)

    def _budget(self) -> str:
        """The limit in bytes that may be in the way; a terminal's own gives way to its screen."""
        try:
            return f"the limit of {self._arena.limit} bytes of the arena"
        except ClosedError:
            return "the limit in bytes of the arena"

    def _figures(self) -> Any:
        figures = ffi.new("gp_terminal_figures *")
        lib.gp_terminal_read_figures(self._live, figures)
        return figures

    def _count_rows(self, of_screen: bool) -> int:
        figures = self._figures()
        return int(figures.rows if of_screen else figures.history_rows)

    def _read_rows(self, first: int, count: int, of_screen: bool) -> Block:
        made = ffi.new("gp_reading **")
        self._check(lib.gp_terminal_read(self._live, first, count, of_screen, True, made))
        return Block(ffi.gc(made[0], lib.gp_reading_free))

    def _list_pages(self) -> Any:
        capacity = 16
        while True:
            pages = ffi.new("gp_page_info[]", capacity)
            found = lib.gp_terminal_list_pages(self._live, pages, capacity)
            if found <= capacity:
                return pages[0:found]
            capacity = found + found // 8

    def _resident(self) -> int | None:
        pages = self._list_pages()
        return resident_bytes((page.address, page.mapped_bytes) for page in pages)

    def _used(self) -> int:
        return sum(page.used_bytes for page in self._list_pages())

    def _set_mode(self, mode: str) -> None:
        """When the screen is kept as text and when as a grid; nothing that is read depends on it. For tests."""
        self._check(lib.gp_terminal_set_screen_mode(self._live, _MODES[mode]))

    @property
    def _text_mode(self) -> bool:
        return bool(self._figures().text_mode)

    def _violation(self) -> str | None:
        """What is wrong with its structures, if anything. For tests; walks everything."""
        violation = lib.gp_terminal_check(self._live)
        return None if violation == ffi.NULL else ffi.string(violation).decode()

    def __repr__(self) -> str:
        name = type(self).__name__
        if self.closed:
            return f"<{name}, closed>"
        figures = self._figures()
        return f"<{name} of {figures.columns} by {figures.rows}, {figures.history_rows} rows of history>"


def _size(columns: object, rows: object) -> tuple[int, int]:
    width = integer("columns", columns, 1, lib.GP_COLUMNS_MAX)
    height = integer("rows", rows, 1, lib.GP_ROWS_MAX)
    if width * height > lib.GP_CELLS_MAX:
        raise ArgumentError(f"columns * rows must be at most {lib.GP_CELLS_MAX}, not {width} * {height} = {width * height}")
    return width, height


def _limits(name: str, limits: object) -> tuple[int, int]:
    if not isinstance(limits, Limits):
        raise TypeError(f"{name} must be Limits, not {type(limits).__name__}")
    return unset(limits.lines, UINT64_MAX), unset(limits.bytes, SIZE_MAX)


def _row(name: str, value: int | None, otherwise: int) -> int:
    """An end of a slice, as far as the core can count."""
    if value is None:
        return otherwise
    try:
        return max(-INT64_MAX, min(operator.index(value), INT64_MAX))
    except TypeError:
        raise TypeError(f"{name} must be an int or None, not {type(value).__name__}") from None
