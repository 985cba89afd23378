"""The screen without a parser in front of it."""

from __future__ import annotations

from ghostpage._buffer import SLICE_BYTES, Buffer, open_source
from ghostpage._core import ArgumentError, ffi, integer, lib
from ghostpage.arena import Arena
from ghostpage.limits import Limits
from ghostpage.rows import PLAIN
from ghostpage.style import Style, style_to_core

__all__ = ["Screen"]

Link = str | tuple[str, str] | None

_UINT32_MAX = 2**32 - 1
_INT32_MAX = 2**31 - 1


class Screen(Buffer):
    """A screen and its history for a program that has a parser of its own.

    It is read like a :class:`~ghostpage.Terminal` and written by the calls here, which know cells, rows and scrolling
    but no escape sequences. Arguments and errors are those of ``Terminal``; every call here may also raise
    :class:`~ghostpage.OutOfMemoryError`.

    >>> from ghostpage import Style
    >>> with Screen(20, 3) as screen:
    ...     screen.style = Style(bold=True)
    ...     screen.write("hello")
    ...     screen.move(0, 1)
    ...     screen.write("world")
    ...     screen.text()
    'hello\\nworld\\n'
    """

    def __init__(
        self,
        columns: int = 80,
        rows: int = 24,
        *,
        scrollback: Limits = Limits(lines=10_000),
        arena: Arena | None = None,
        _mode: str = "auto",
    ) -> None:
        super().__init__(columns, rows, scrollback, arena, _mode)
        self._style = PLAIN
        self._link: Link = None

    # ---- the pen ----

    @property
    def style(self) -> Style:
        """The style of what is written next; can be set. Its background is also that of what is erased."""
        self._live  # noqa: B018  (raises if closed)
        return self._style

    @style.setter
    def style(self, style: Style) -> None:
        if not isinstance(style, Style):
            raise TypeError(f"style must be a Style, not {type(style).__name__}")
        self._check(lib.gp_screen_set_style(self._live, ffi.new("gp_style_info *", style_to_core(style))))
        self._style = style

    @property
    def link(self) -> Link:
        """The hyperlink of what is written next: None, a target, or ``(target, id)``; can be set.

        Cells with the same target and id belong to one link. A target has at most 4,096 bytes in UTF-8, an id 256.

        >>> with Screen(20, 1) as screen:
        ...     screen.link = "https://example.org/"
        ...     screen.write("x")
        ...     screen.screen[0].cells[0].hyperlink
        'https://example.org/'
        """
        self._live  # noqa: B018  (raises if closed)
        return self._link

    @link.setter
    def link(self, link: Link) -> None:
        target, name = link if isinstance(link, tuple) and len(link) == 2 else (link or "", "")
        if not isinstance(target, str) or not isinstance(name, str):
            raise TypeError(f"link must be None, a str or a tuple of two, not {link!r:.80}")
        encoded, encoded_name = _encode(target), _encode(name)
        for what, given, most in (("target", encoded, lib.GP_LINK_URI_MAX), ("id", encoded_name, lib.GP_LINK_ID_MAX)):
            if len(given) > most:
                raise ArgumentError(f"the {what} of a link must have at most {most} bytes, not {len(given)}")
        status = lib.gp_screen_set_link(self._live, encoded, len(encoded), encoded_name, len(encoded_name))
        self._check(status)
        self._link = link if target else None

    # ---- writing and moving ----

    def write(self, text: str) -> None:
        """Prints text from the cursor on, wrapping at the right edge; control characters in it are left out.

        Text joins to grapheme clusters across calls. Without memory, the beginning of the text may have been printed:
        ``consumed`` of the exception says how many bytes of its UTF-8.
        """
        if not isinstance(text, str):
            raise TypeError(f"text must be a str, not {type(text).__name__}")
        self._live  # noqa: B018  (raises if closed)
        with open_source(text) as source:
            done = ffi.new("size_t *")
            for at in range(0, len(source), SLICE_BYTES):
                length = min(len(source) - at, SLICE_BYTES)
                status = lib.gp_screen_write(self._live, source + at, length, done)
                self._check(status, consumed=at + done[0])

    def line_feed(self) -> None:
        """Moves the cursor down; at the bottom of the region what is in it scrolls up, into the history if that is all."""
        self._check(lib.gp_screen_line_feed(self._live))

    def reverse_line_feed(self) -> None:
        """Moves the cursor up; at the top of the region what is in it scrolls down."""
        self._check(lib.gp_screen_reverse_line_feed(self._live))

    def carriage_return(self) -> None:
        """Moves the cursor to the first column."""
        self._check(lib.gp_screen_carriage_return(self._live))

    def tab(self) -> None:
        """Moves the cursor to the next multiple of eight columns, or to the last column."""
        self._check(lib.gp_screen_tab(self._live))

    def move(self, x: int, y: int) -> None:
        """Moves the cursor to column ``x`` and row ``y``, from 0; beyond the edges is at the edges.

        >>> with Screen(20, 3) as screen:
        ...     screen.move(5, 1000)
        ...     screen.cursor.x, screen.cursor.y
        (5, 2)
        """
        self._check(lib.gp_screen_move(self._live, _count("x", x), _count("y", y)))

    # ---- erasing, inserting and deleting ----

    def erase_line(self, part: int = 0) -> None:
        """Erases in the cursor's row, by numbers as in EL: 0 from the cursor to the end, 1 from the start to it, 2 all."""
        self._check(lib.gp_screen_erase_line(self._live, integer("part", part, 0, 2)))

    def erase_display(self, part: int = 0) -> None:
        """Erases on the screen, by numbers as in ED: 0 from the cursor to the end, 1 from the start to it, 2 all."""
        self._check(lib.gp_screen_erase_display(self._live, integer("part", part, 0, 2)))

    def erase(self, cells: int = 1) -> None:
        """Erases so many cells from the cursor on; nothing moves."""
        self._check(lib.gp_screen_erase_cells(self._live, _count("cells", cells)))

    def insert_cells(self, cells: int = 1) -> None:
        """Inserts blanks at the cursor; what is pushed out of the row is lost."""
        self._check(lib.gp_screen_insert_cells(self._live, _count("cells", cells)))

    def delete_cells(self, cells: int = 1) -> None:
        """Deletes cells from the cursor on; the rest of the row moves up to it."""
        self._check(lib.gp_screen_delete_cells(self._live, _count("cells", cells)))

    def insert_lines(self, rows: int = 1) -> None:
        """Inserts blank rows at the cursor's; what is pushed out of the region is lost."""
        self._check(lib.gp_screen_insert_lines(self._live, _count("rows", rows)))

    def delete_lines(self, rows: int = 1) -> None:
        """Deletes rows from the cursor's on; those of the region below move up."""
        self._check(lib.gp_screen_delete_lines(self._live, _count("rows", rows)))

    # ---- scrolling and the region ----

    def scroll(self, rows: int = 1) -> None:
        """Moves the region's rows up, or down for a negative number; the cursor stays where it is."""
        self._check(lib.gp_screen_scroll(self._live, integer("rows", rows, -_INT32_MAX, _INT32_MAX)))

    def set_region(self, top: int | None = None, bottom: int | None = None) -> None:
        """Limits scrolling to rows ``top`` to ``bottom``, both included; None is the screen's edge.

        A region has two rows at least; others raise :class:`~ghostpage.ArgumentError`.
        """
        rows = self.rows
        first = 0 if top is None else integer("top", top, 0, rows - 1)
        last = rows - 1 if bottom is None else integer("bottom", bottom, 0, rows - 1)
        if first >= last and rows > 1:
            raise ArgumentError(f"top must be less than bottom, not {first} and {last}")
        self._check(lib.gp_screen_set_region(self._live, first, last))

    @property
    def alternate(self) -> bool:
        """Whether the alternate screen is shown; can be set. It has no history, and what is in it is kept meanwhile."""
        return self.alternate_screen

    @alternate.setter
    def alternate(self, alternate: bool) -> None:
        if not isinstance(alternate, bool):
            raise TypeError(f"alternate must be a bool, not {type(alternate).__name__}")
        self._check(lib.gp_screen_set_alternate(self._live, alternate))


def _count(name: str, value: int) -> int:
    """A number of cells or rows; more than there can be is as many as there are."""
    return min(integer(name, value, 0, 2**63 - 1), _UINT32_MAX)


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "replace")
