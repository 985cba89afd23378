"""The terminal: a parser in front of a screen."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ghostpage import saving
from ghostpage._buffer import SLICE_BYTES, open_source
from ghostpage._conversation import Conversation
from ghostpage._core import OutOfMemoryError, lib
from ghostpage._forking import renew_in_child
from ghostpage._protocol import Services, room
from ghostpage._protocol.session import STRING_LIMIT
from ghostpage.arena import Arena, default_arena
from ghostpage.commands import Marks
from ghostpage.limits import Limits
from ghostpage.lines import Position
from ghostpage.timestamps import Times

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer
    from typing_extensions import Self

__all__ = ["Terminal"]

_feed_all, _BUSY = lib.gp_terminal_feed_all, lib.GP_BUSY


class Terminal(Conversation):
    """A terminal of ``columns`` by ``rows`` that is fed with what programs print.

    Sizes are from 1 to 65,535, with at most 16,777,216 cells. ``scrollback`` says how much history is kept, and
    ``arena`` where the memory comes from; terminals that are given none share :func:`~ghostpage.default_arena`.
    ``allow`` names what programs may send beyond the usual, and ``string_limit`` how long it may be; see :attr:`allow` and
    :attr:`string_limit`. Raises
    :class:`~ghostpage.ArgumentError` for sizes out of range, :class:`~ghostpage.ClosedError` if the arena is closed,
    and :class:`~ghostpage.OutOfMemoryError`. With ``timestamps`` it is kept when lines were completed: see :meth:`time_of`.

    May be used from several threads: what is read while another thread feeds is that of one moment between two
    characters. Close it with :meth:`close` or ``with``; it is closed too when nothing refers to it any more.

    >>> with Terminal(20, 3) as terminal:
    ...     terminal.feed("one\\r\\n\\x1b[1mtwo\\x1b[m")
    ...     terminal.screen[1].text, terminal.screen[1].cells[0].style.bold
    ('two', True)
    """

    def __init__(
        self,
        columns: int = 80,
        rows: int = 24,
        *,
        scrollback: Limits = Limits(lines=10_000),
        arena: Arena | None = None,
        timestamps: bool = False,
        allow: Iterable[str] = (),
        string_limit: int = STRING_LIMIT,
        _mode: str = "auto",
        _clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(columns, rows, scrollback, arena, _mode)
        self._begin(timestamps, allow, string_limit, _clock)

    def _begin(self, timestamps: bool, allow: Iterable[str], string_limit: int, clock: Callable[[], float]) -> None:
        self._services = Services()
        self._marks = Marks()
        renew_in_child(self)
        self._times = Times() if timestamps else None
        self._clock = clock
        self.allow = allow
        self.string_limit = string_limit

    def _renew_lock(self) -> None:
        if not self.closed:
            lib.gp_terminal_renew_turns(self._live)

    # ---- files ----

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes screen, history and state to a file, which :meth:`load` makes a terminal of again.

        The file is written beside and renamed: whatever happens there is the old one or the new one. It has the bytes of
        the text pages, which others may feed meanwhile: what is saved is that of one moment. A control sequence of which
        only a part was fed is left out. Raises ``OSError`` and :class:`~ghostpage.OutOfMemoryError`.

        >>> import os, tempfile
        >>> with Terminal(20, 2) as terminal, tempfile.TemporaryDirectory() as folder:
        ...     terminal.feed("one\\r\\ntwo\\r\\n\\x1b[1mthree")
        ...     terminal.save(os.path.join(folder, "saved"))
        ...     with Terminal.load(os.path.join(folder, "saved")) as loaded:
        ...         loaded.text(), loaded.cursor == terminal.cursor
        ('one\\ntwo\\nthree', True)
        """
        pointer, services = self._live, room()
        try:
            self._take_turn(services)
            snapshot = self.snapshot()
            meta = {
                "limits": [self.limits.lines, self.limits.bytes],
                "session": self._services.session.save(),
                "marks": self._marks.save(),
            }
            times = self._times.save() if self._times else None
        finally:
            lib.gp_terminal_end_turn(pointer, services)
            del pointer
        with snapshot:
            saving.write(path, snapshot, meta, times)

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        *,
        arena: Arena | None = None,
        timestamps: bool | None = None,
        allow: Iterable[str] = (),
        string_limit: int = STRING_LIMIT,
    ) -> Self:
        """The terminal that :meth:`save` wrote: lines, screen, modes, limits, titles, colours, with the same line numbers.

        Lines have times as they had there unless ``timestamps`` says otherwise; what is allowed is the host's to say.
        Nothing in the file is believed: raises :class:`~ghostpage.FormatError`, which says why, for what is not a saved
        terminal, is of another version, or is damaged; and ``OSError``, :class:`~ghostpage.OutOfMemoryError`.
        """
        arena = default_arena() if arena is None else arena
        saved = saving.read(path, arena)
        terminal = cls.__new__(cls)
        terminal._arena = arena
        terminal._own(saved.made)
        terminal._begin(bool(timestamps), allow, string_limit, time.time)
        if timestamps is not False and saved.times:
            terminal._times = saved.times
        try:
            lines, most = saved.meta["limits"]
            terminal._services.session.load(saved.meta["session"])
            terminal._marks = Marks.load(saved.meta["marks"])
            terminal.limits = Limits(lines=lines, bytes=most)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            terminal.close()
            raise saving.FormatError(f"{os.fspath(path)}: what it says of the terminal makes no sense") from error
        return terminal

    def clear_history(self, *, wipe: bool = False) -> None:
        if wipe:
            pointer, services = self._live, room()
            try:
                self._take_turn(services)  # a control string that is being answered is still in the core's memory
                super().clear_history(wipe=True)
            finally:
                lib.gp_terminal_end_turn(pointer, services)
                del pointer
        else:
            super().clear_history()

    clear_history.__doc__ = Conversation.clear_history.__doc__

    # ---- feeding ----

    def feed(self, data: ReadableBuffer | str) -> None:
        """Takes output of a program: bytes in UTF-8, whole or in pieces of any size, or a ``str``.

        Never raises for what is in it. Without memory for it :class:`~ghostpage.OutOfMemoryError` is raised, whose
        ``consumed`` says how many bytes need not be given again; feeding the rest, even if none is left, goes on where
        it stopped. Bytes-like objects are not copied; they must lie in one piece. An interrupt (Ctrl-C) takes effect
        within a mebibyte.

        >>> with Terminal(20, 2) as terminal:
        ...     terminal.feed(b"caf\\xc3")
        ...     terminal.feed(b"\\xa9")
        ...     terminal.screen[0].text
        'café'
        """
        pointer = self._pointer or self._live
        status: int | None = None  # not known
        try:
            # Bytes go to the core as they are, and mostly that is all: a fifth of what the general way takes for 64 of them.
            if type(data) is bytes and self._times is None and not self._services.waiting:
                status = _feed_all(pointer, data, len(data))
            else:
                status = _BUSY
            if status:
                self._go_on(data, status)
        except BaseException:
            if status != _BUSY:  # else there may be what is left to a feed that this one is in the middle of
                lib.gp_terminal_forget_left(pointer)
            del pointer
            raise

    def _go_on(self, data: ReadableBuffer | str, status: int) -> None:
        """Does what is left, which is all if the status is GP_BUSY."""
        fed, more = status != _BUSY, False
        pointer, services = self._live, room()
        try:
            self._take_turn(services, fed)
            try:
                at = services.consumed_bytes
                if fed:
                    more = self._served(services, status, at)
                with open_source(data) as source:
                    if more or not fed or at < len(source):
                        self._feed(source, len(source), at, services)
            finally:
                if self._times and not self.closed:
                    self._note(self._times)
        finally:
            lib.gp_terminal_end_turn(pointer, services)
            del pointer

    def _take_turn(self, services: Any, left: bool = False) -> None:
        """Waits until no other thread feeds, and takes what the last feed of this one left; the turn ends by the services."""
        while lib.gp_terminal_take_turn(self._live, left, services):
            pass

    def _note(self, times: Times) -> None:
        figures = self._figures()
        if not figures.alternate:
            times.note(self._clock(), figures.cursor_line, self.first_line)

    def _feed(self, source: Any, length: int, at: int, services: Any) -> None:
        more = True
        self._services.resume(self)
        while more:  # once at least: something may have been left to do for lack of memory
            pointer = self._live  # until it is served, as that lies in the terminal's memory
            try:
                status = lib.gp_terminal_feed(pointer, source + at, min(length - at, SLICE_BYTES), services)
                at += services.consumed_bytes
                more = self._served(services, status, at) or at < length
            finally:
                del pointer

    def _served(self, services: Any, status: int, consumed: int) -> bool:
        """Does what feeding left to be done. Returns whether the core waits to be given a string's memory back."""
        count = services.count
        try:
            if count:
                self._services.serve(services, self)
        except OutOfMemoryError as error:
            error.consumed = consumed
            raise
        if status != lib.GP_MORE:
            self._check(status, consumed=consumed)
        return bool(count and services.at[count - 1].length_bytes)

    def _mark(self, payload: bytes) -> None:
        """OSC 133."""
        figures = self._figures()
        if not figures.alternate:
            self._marks.mark(payload, Position(figures.cursor_line, figures.cursor_cell), self.first_line)

    def _reset(self) -> None:
        """RIS."""
        self._marks.clear()
