"""The cursor, and what is saved of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ghostpage._core import ffi, lib
from ghostpage.pyte.char import Char, look_from_core, style_to_core

if TYPE_CHECKING:
    from ghostpage.pyte.view import View

__all__ = ["Cursor", "Margins", "ScreenCursor"]


class Margins(NamedTuple):
    """The first and the last row of the scroll region, from 0."""

    top: int
    bottom: int


class Cursor:
    """A place, what is printed there next, and whether the place is hidden.

    ``x`` is the number of columns when the last one is written and the next character wraps.
    """

    __slots__ = ("attrs", "hidden", "x", "y")

    def __init__(self, x: int, y: int, attrs: Char = Char(" ")) -> None:
        self.x: int = x
        self.y: int = y
        self.attrs: Char = attrs
        self.hidden: bool = False

    def __repr__(self) -> str:
        return f"<Cursor at {self.x}, {self.y}{', hidden' if self.hidden else ''}>"


class ScreenCursor(Cursor):
    """The cursor of a screen: what is set moves it, or changes its pen. Copies are plain."""

    __slots__ = ("_view",)

    def __init__(self, view: View) -> None:
        self._view = view

    @property
    def x(self) -> int:
        figures = self._view.terminal._figures()
        return int(figures.x + figures.pending_wrap)

    @x.setter
    def x(self, x: int) -> None:
        self._go(x, self.y)

    @property
    def y(self) -> int:
        return int(self._view.terminal._figures().y)

    @y.setter
    def y(self, y: int) -> None:
        self._go(self.x, y)

    def _go(self, x: int, y: int) -> None:
        self._view.terminal.drive(lib.gp_screen_move, max(0, min(x, lib.GP_COLUMNS_MAX)), max(0, min(y, lib.GP_ROWS_MAX)))

    @property
    def attrs(self) -> Char:
        terminal = self._view.terminal
        pen = terminal._state().pen
        return Char(" ", *look_from_core(pen.foreground, pen.background, pen.attributes, terminal.reversed))

    @attrs.setter
    def attrs(self, attrs: Char) -> None:
        terminal = self._view.terminal
        style = ffi.new("gp_style_info *", style_to_core(attrs[1:10], terminal.reversed))
        terminal.drive(lib.gp_screen_set_style, style)

    @property
    def hidden(self) -> bool:
        return self._view.above > 0 or self._view.terminal._mode_state(25, False) != 1

    @hidden.setter
    def hidden(self, hidden: bool) -> None:
        self._view.terminal.order("\x1b[?25" + ("l" if hidden else "h"))

    def __copy__(self) -> Cursor:
        copied = Cursor(self.x, self.y, self.attrs)
        copied.hidden = self.hidden
        return copied

    def __deepcopy__(self, memo: object) -> Cursor:
        return self.__copy__()
