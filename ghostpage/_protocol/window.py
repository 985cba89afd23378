"""Window operations (CSI t): what the geometry answers, what is told to the host, and titles."""

from __future__ import annotations

from ghostpage._protocol.catalogue import Table
from ghostpage._protocol.reports import csi
from ghostpage._protocol.session import Call
from ghostpage.events import IconTitleChanged, ResizeRequested, TitleChanged, WindowRequested

__all__ = ["operations"]

operations = Table[int]()

SET_HEX, QUERY_HEX = 0, 1  # title modes; 2 and 3 are UTF-8, which it is anyway
TITLE_MODES = 4
SIZE_MAX = 65_535


@csi.on("t", syntax="CSI Ps ; Ps ; Ps t", mnemonic="XTWINOPS", effect="window operations by number, as below")
def operation(call: Call) -> None:
    number = call.parameter(0)
    handler = operations.find(number)
    if handler:
        handler(call)
    elif number >= 24:
        lines(call)
    else:
        call.ignore()


def _request(number: int, action: str, effect: str) -> None:
    @operations.on(number, syntax=f"CSI {number} t", effect=effect)
    def request(call: Call) -> None:
        call.tell(WindowRequested(action))


_request(1, "deiconify", "asks the host to restore the window")
_request(2, "iconify", "asks the host to iconify the window")
_request(5, "raise", "asks the host to raise the window")
_request(6, "lower", "asks the host to lower the window")
_request(7, "refresh", "asks the host to draw the window again")


@operations.on(3, syntax="CSI 3 ; x ; y t", effect="asks the host to move the window")
def move(call: Call) -> None:
    call.tell(WindowRequested("move", call.parameter(1), call.parameter(2)))


def _resize(call: Call, columns: int | None, rows: int | None, cell: tuple[int, int] = (1, 1)) -> None:
    """None: as it is; 0: as large as the display."""
    figures, geometry = call.terminal._figures(), call.session.geometry
    most = geometry.display_width // geometry.cell_width, geometry.display_height // geometry.cell_height
    wanted = [
        now if asked is None else max(1, min(asked // unit if asked else limit, SIZE_MAX))
        for asked, now, limit, unit in zip((columns, rows), (figures.columns, figures.rows), most, cell)
    ]
    call.tell(ResizeRequested(*wanted))


@operations.on(4, syntax="CSI 4 ; height ; width t", effect="asks the host for another size, in pixels")
def resize_pixels(call: Call) -> None:
    geometry = call.session.geometry
    _resize(call, call.given(2), call.given(1), (geometry.cell_width, geometry.cell_height))


@operations.on(8, syntax="CSI 8 ; rows ; columns t", effect="asks the host for another size, in cells")
def resize_cells(call: Call) -> None:
    _resize(call, call.given(2), call.given(1))


@operations.on(24, syntax="CSI Ps t, Ps >= 24", mnemonic="DECSLPP", effect="asks the host for so many rows")
def lines(call: Call) -> None:
    _resize(call, None, call.parameter(0))


@csi.on("*|", syntax="CSI Ps * |", mnemonic="DECSNLS", effect="asks the host for so many rows")
def screen_lines(call: Call) -> None:
    _resize(call, None, call.parameter(0, 24))


@csi.on("$|", syntax="CSI Ps $ |", mnemonic="DECSCPP", effect="asks the host for 80 or 132 columns")
def page_columns(call: Call) -> None:
    if call.parameter(0, 80) in (80, 132):
        _resize(call, call.parameter(0, 80), None)


@operations.on(9, syntax="CSI 9 ; Ps t", effect="asks the host to maximize the window, or to undo that")
def maximize(call: Call) -> None:
    actions = ("unmaximize", "maximize", "maximize-vertically", "maximize-horizontally")
    if call.parameter(1) < len(actions):
        call.tell(WindowRequested(actions[call.parameter(1)]))


@operations.on(10, syntax="CSI 10 ; Ps t", effect="asks the host to fill the display, or to undo that")
def fullscreen(call: Call) -> None:
    actions = ("leave-fullscreen", "fullscreen", "toggle-fullscreen")
    if call.parameter(1) < len(actions):
        call.tell(WindowRequested(actions[call.parameter(1)]))


# ---- reports --------------------------------------------------------------------------------------------------------


@operations.on(11, syntax="CSI 11 t", effect="answers whether the window is iconified")
def iconified(call: Call) -> None:
    call.reply(f"\x1b[{2 if call.session.geometry.iconified else 1}t")


@operations.on(13, syntax="CSI 13 t", effect="answers where the window is, in pixels")
def position(call: Call) -> None:
    call.reply(f"\x1b[3;{call.session.geometry.x};{call.session.geometry.y}t")


@operations.on(14, syntax="CSI 14 t", effect="answers the size of the text area, in pixels")
def size_pixels(call: Call) -> None:
    figures, geometry = call.terminal._figures(), call.session.geometry
    call.reply(f"\x1b[4;{figures.rows * geometry.cell_height};{figures.columns * geometry.cell_width}t")


@operations.on(15, syntax="CSI 15 t", effect="answers the size of the display, in pixels")
def display_pixels(call: Call) -> None:
    geometry = call.session.geometry
    call.reply(f"\x1b[5;{geometry.display_height};{geometry.display_width}t")


@operations.on(16, syntax="CSI 16 t", effect="answers the size of a cell, in pixels")
def cell_pixels(call: Call) -> None:
    geometry = call.session.geometry
    call.reply(f"\x1b[6;{geometry.cell_height};{geometry.cell_width}t")


@operations.on(18, syntax="CSI 18 t", effect="answers the size of the screen, in cells")
def size_cells(call: Call) -> None:
    figures = call.terminal._figures()
    call.reply(f"\x1b[8;{figures.rows};{figures.columns}t")


@operations.on(19, syntax="CSI 19 t", effect="answers the size of the display, in cells")
def display_cells(call: Call) -> None:
    geometry = call.session.geometry
    rows, columns = geometry.display_height // geometry.cell_height, geometry.display_width // geometry.cell_width
    call.reply(f"\x1b[9;{rows};{columns}t")


# ---- titles ---------------------------------------------------------------------------------------------------------


def _answer_title(call: Call, letter: str, title: str) -> None:
    """Nothing, unless the host allows it: a title can be made to read like what a user types."""
    text = title if call.allows("title-reports") else ""
    if QUERY_HEX in call.session.title_modes:
        text = text.encode("utf-8").hex().upper()
    call.reply(f"\x1b]{letter}{text}\x1b\\")


@operations.on(20, syntax="CSI 20 t", effect="answers the icon's title, if title reports are allowed")
def report_icon_title(call: Call) -> None:
    _answer_title(call, "L", call.session.icon_title)


@operations.on(21, syntax="CSI 21 t", effect="answers the window's title, if title reports are allowed")
def report_title(call: Call) -> None:
    _answer_title(call, "l", call.session.title)


@operations.on(22, syntax="CSI 22 ; Ps ; Ps t", effect="puts the titles aside: both (0), the icon's (1), the window's (2)")
def push_title(call: Call) -> None:
    session, which = call.session, call.parameter(1)
    icon, window = (session.icon_title if which != 2 else None), (session.title if which != 1 else None)
    if which <= 2:
        session.title_stack.push(icon, window, call.parameter(2))


@operations.on(23, syntax="CSI 23 ; Ps ; Ps t", effect="takes the titles back")
def pop_title(call: Call) -> None:
    icon, window = call.session.title_stack.pop(call.parameter(2))
    if icon is not None and call.parameter(1) in (0, 1):
        call.session.set("icon_title", IconTitleChanged, icon)
    if window is not None and call.parameter(1) in (0, 2):
        call.session.set("title", TitleChanged, window)


@csi.on(">t", syntax="CSI > Pm t", mnemonic="XTSMTITLE", effect="sets how titles are written: in hexadecimal (0, answers 1)")
def set_title_modes(call: Call) -> None:
    call.session.title_modes |= {number for number in call.parameters or (0,) if number < TITLE_MODES}


@csi.on(">T", syntax="CSI > Pm T", mnemonic="XTRMTITLE", effect="resets how titles are written")
def reset_title_modes(call: Call) -> None:
    call.session.title_modes -= set(call.parameters or range(TITLE_MODES))
