"""Rows written down for others to show: a terminal, a browser, a viewer of pictures."""

from __future__ import annotations

import operator
import os
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from ghostpage._core import INT64_MAX, integer
from ghostpage.ansi import encode_rows
from ghostpage.html import write_rows
from ghostpage.look import RGB, SAFE_SCHEMES, Look
from ghostpage.png import write_png
from ghostpage.svg import write_svg

if TYPE_CHECKING:
    from ghostpage._reader import Reader

__all__ = ["Exports", "row_number"]

FOREGROUND, BACKGROUND = (229, 229, 229), (0, 0, 0)


class Exports:
    """What a reader of rows offers besides their text. The rows of an export are those of one moment."""

    def _moment(self) -> Reader:
        """What is read in several steps, as it is now."""
        raise NotImplementedError

    def to_ansi(self, start: int | None = None, stop: int | None = None, *, spaces: bool = False) -> bytes:
        """History and screen, or rows ``start`` to ``stop`` of them, as bytes that a terminal of this width shows so.

        Rows are counted as in :meth:`text`. Fed to any terminal of xterm's class and the same width, at the start of a
        row and with nothing set, they give the same cells, styles, links and soft wraps: changes of style are as short as
        can be, rows of one line follow each other so that the terminal wraps, others are parted by CR LF, and in the end
        all is reset. Where nothing was printed the cursor moves on, or cells are erased in their background; with
        ``spaces`` these are spaces, for pagers and files, so that there are no controls but SGR, OSC 8, CR and LF.

        A blank at either side of a soft wrap becomes a space, as nothing else wraps, and a combining mark in a cell of
        its own gets a no-break space to stand on. The rows are those of one moment. 100,000 rows of ASCII take 0.2 s.
        Raises :class:`~ghostpage.OutOfMemoryError`, and :class:`~ghostpage.ClosedError` if the arena is closed.

        >>> from ghostpage import Terminal
        >>> with Terminal(10, 2) as terminal:
        ...     terminal.feed("\\x1b[0;1mbold\\x1b[0m, not\\r\\nmore")
        ...     terminal.to_ansi()
        b'\\x1b[1mbold\\x1b[m, not\\r\\nmore'
        """
        _check_range(start, stop)
        return encode_rows(self._moment(), start, stop, bool(spaces))

    def to_html(
        self,
        start: int | None = None,
        stop: int | None = None,
        *,
        unwrap: bool = False,
        document: str | None = None,
        palette: Sequence[RGB] | None = None,
        foreground: RGB = FOREGROUND,
        background: RGB = BACKGROUND,
        schemes: Collection[str] = SAFE_SCHEMES,
    ) -> str:
        """History and screen, or rows ``start`` to ``stop`` of them, as a ``<pre>`` of HTML with styles in it and links.

        Rows are counted as in :meth:`text`, and are joined again with ``unwrap``. ``document`` is the title of a whole
        page to put it in. ``palette`` has the first colours, up to 256, as ``(red, green, blue)``; those that it lacks
        are xterm's. All text is escaped, and no control character can occur. A link becomes an ``<a>`` if its scheme is
        one of ``schemes``, and is its text alone if not; ``javascript``, ``vbscript`` and ``data`` never are. The rows
        are those of one moment. Raises what :meth:`to_ansi` does, and :class:`~ghostpage.ArgumentError` for colours and
        schemes that are not allowed.

        >>> from ghostpage import Terminal
        >>> with Terminal(10, 1) as terminal:
        ...     terminal.feed("\\x1b[1m<b>\\x1b[m")
        ...     print(terminal.to_html())
        <pre style="color:#e5e5e5;background-color:#000000;font-family:monospace">
        <span style="font-weight:bold">&lt;b&gt;</span></pre>
        """
        _check_range(start, stop)
        _check_title("document", document)
        look = Look(palette, foreground, background, schemes)
        return write_rows(self._moment(), start, stop, look, bool(unwrap), document)

    def to_svg(
        self,
        start: int | None = None,
        stop: int | None = None,
        *,
        title: str | None = None,
        cursor: bool = False,
        palette: Sequence[RGB] | None = None,
        foreground: RGB = FOREGROUND,
        background: RGB = BACKGROUND,
        schemes: Collection[str] = SAFE_SCHEMES,
    ) -> str:
        """History and screen, or rows ``start`` to ``stop`` of them, as a picture in SVG.

        Rows are counted as in :meth:`text`: ``-terminal.rows`` begins at the screen. Cells are 9 by 18 units and each
        character is in its own, in the first font of :data:`ghostpage.svg.FONTS` that the viewer has; box drawing, blocks,
        braille and Powerline's arrows are drawn, and join. With ``cursor`` it is drawn, unless it is hidden. What blinks
        does not. ``title`` is what a viewer shows as such. Colours and schemes as in :meth:`to_html`; the same rows make
        the same text. An 80 by 24 screen takes some milliseconds. Raises what :meth:`to_html` does.

        >>> from ghostpage import Terminal
        >>> with Terminal(10, 1) as terminal:
        ...     terminal.feed("\\x1b[1;32m<ok>")
        ...     print(terminal.to_svg().splitlines()[5])
        <text x="0" y="14" textLength="36" lengthAdjust="spacingAndGlyphs" fill="#00cd00" font-weight="bold">&lt;ok&gt;</text>
        """
        _check_range(start, stop)
        _check_title("title", title)
        look = Look(palette, foreground, background, schemes)
        moment = self._moment()
        return write_svg(moment, start, stop, look, title, moment.cursor if cursor else None)

    def to_png(
        self,
        start: int | None = None,
        stop: int | None = None,
        *,
        size: int = 15,
        fonts: Sequence[str | os.PathLike[str]] = (),
        cursor: bool = False,
        palette: Sequence[RGB] | None = None,
        foreground: RGB = FOREGROUND,
        background: RGB = BACKGROUND,
    ) -> bytes:
        """History and screen, or rows ``start`` to ``stop`` of them, as a picture in PNG; needs the extra ``image``.

        As :meth:`to_svg`, in letters of ``size`` pixels (from 6 to 200). ``fonts`` are font files: cells have the size
        of the first one's letters, and each character is taken from the first that has it. After them come DejaVu Sans
        Mono, which most systems have, as does matplotlib, and Noto Sans CJK and Noto Color Emoji where they are installed.
        Which picture a screen gives depends on nothing but the fonts and Pillow. Raises
        what :meth:`to_html` does, :class:`~ghostpage.ArgumentError` if there were more than 2**27 pixels, ``ImportError``
        without Pillow, and ``OSError`` for a font that cannot be read, or if there is none at all.

        >>> from ghostpage import Terminal
        >>> with Terminal(10, 1) as terminal:
        ...     terminal.to_png()[:4]
        b'\\x89PNG'
        """
        _check_range(start, stop)
        size = integer("size", size, 6, 200)
        if isinstance(fonts, str | os.PathLike):
            raise TypeError("fonts must be a sequence of paths, not one")
        look = Look(palette, foreground, background, ())
        moment = self._moment()
        return write_png(moment, start, stop, look, moment.cursor if cursor else None, size, fonts)


def _check_range(start: int | None, stop: int | None) -> None:
    row_number("start", start, 0)
    row_number("stop", stop, 0)


def _check_title(name: str, title: str | None) -> None:
    if title is not None and not isinstance(title, str):
        raise TypeError(f"{name} must be a str or None, not {type(title).__name__}")


def row_number(name: str, value: int | None, otherwise: int) -> int:
    """An end of a slice, as far as the core can count."""
    if value is None:
        return otherwise
    try:
        return max(-INT64_MAX, min(operator.index(value), INT64_MAX))
    except TypeError:
        raise TypeError(f"{name} must be an int or None, not {type(value).__name__}") from None
