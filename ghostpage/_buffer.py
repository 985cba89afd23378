"""What a terminal and a screen have in common beyond being read: their beginning, size and limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ghostpage._core import SIZE_MAX, UINT64_MAX, ArgumentError, Error, ffi, integer, lib, room_for, unset
from ghostpage._reader import Reader
from ghostpage.arena import Arena, default_arena
from ghostpage.limits import Limits, LimitsInForce
from ghostpage.snapshot import Snapshot, take, taken

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["Buffer", "open_source"]

SLICE_BYTES = lib.GP_FEED_MAX_BYTES  # given to the core at once, so that an interrupt does not wait for long

_MODES = {"auto": lib.GP_SCREEN_AUTO, "grid": lib.GP_SCREEN_GRID, "early": lib.GP_SCREEN_EARLY}


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


class Buffer(Reader):
    """A screen that is written to."""

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
        made = room_for("gp_terminal")
        self._check(lib.gp_terminal_new(self._arena._live, options, made))
        self._own(made)

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
    def limits(self) -> LimitsInForce:
        """How much is kept, as set and as it comes out; can be set at any time, and what is beyond a lower limit goes at
        once."""
        return super().limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self._check(lib.gp_terminal_set_limits(self._live, *_limits("limits", limits)))

    def snapshot(self) -> Snapshot:
        """Screen and history as they are now, to be read while this goes on; shares the memory of the history.

        Costs 6 microseconds with a small screen, and 0.05 a page of history. Raises :class:`~ghostpage.OutOfMemoryError`, and
        :class:`~ghostpage.ClosedError` if the arena is closed.
        """
        snapshot = take(self)
        snapshot._marks = self._marks.copy()
        snapshot._times = self._times.copy() if self._times else None
        return snapshot

    @property
    def snapshots(self) -> list[Snapshot]:
        """The snapshots that were taken of this and are not closed, also those that others use."""
        self._live  # noqa: B018  (raises if closed)
        return taken(self)

    def clear_history(self, *, wipe: bool = False) -> None:
        """Removes all rows above the screen and gives their memory back.

        With ``wipe`` nothing of them is left in the memory of the terminal or its arena's pool: neither what scrolled
        away, nor what was overwritten or erased on the screens, nor an alternate screen that is not shown, nor control
        strings. What is on the screen stays, and what it comes back to from the alternate one; costs a copy of these. Does
        not reach what was read: texts, rows and frames are whoever's has them, and so is what was fed.

        Raises :class:`~ghostpage.Error`, and changes nothing, while there are :attr:`snapshots`, which keep what they
        show: close them first. Raises :class:`~ghostpage.OutOfMemoryError`, with the history as it was.

        >>> from ghostpage import Terminal
        >>> with Terminal(20, 2) as terminal:
        ...     terminal.feed("password: 12345\\r\\n\\r\\n$ ")
        ...     terminal.clear_history(wipe=True)
        ...     terminal.text()
        '\\n$ '
        """
        if not wipe:
            lib.gp_terminal_clear_history(self._live)
            return
        held = len(self.snapshots)
        if held:
            raise Error(f"snapshots that are open ({held}) keep what is to be wiped: close them first, see .snapshots")
        self._check(lib.gp_terminal_wipe_history(self._live))

    def trim(self) -> int:
        """Gives all memory back that what can be seen does not need; returns how many bytes were unmapped.

        Rows hidden by a limit go for good, a grid becomes text where that can say the same, lines move to a page of their
        size, what pages do not use is discarded, and so is the arena's pool. Costs a page of history at most. What is
        printed next takes memory from the system again, so that this is for a terminal that is going to lie idle.

        >>> from ghostpage import Limits, Terminal
        >>> with Terminal(scrollback=Limits(lines=10)) as terminal:
        ...     terminal.feed("line\\r\\n" * 10_000)
        ...     terminal.trim() >= 0
        True
        """
        lib.gp_terminal_trim(self._live)
        return super().trim()

    def _moment(self) -> Reader:
        return take(self)

    def _primary(self) -> Reader:
        return take(self, primary=True)

    def _set_mode(self, mode: str) -> None:
        """When the screen is kept as text and when as a grid; nothing that is read depends on it. For tests."""
        self._check(lib.gp_terminal_set_screen_mode(self._live, _MODES[mode]))


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
