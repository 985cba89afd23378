"""The terminal: a parser in front of a screen."""

from __future__ import annotations

import os
import threading
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
        self._renew_lock()
        renew_in_child(self)
        self._times = Times() if timestamps else None
        self._clock = clock
        self.allow = allow
        self.string_limit = string_limit

    def _renew_lock(self) -> None:
        self._feeding = threading.RLock()

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
        with self._feeding:
            snapshot = self.snapshot()
            meta = {
                "limits": [self.limits.lines, self.limits.bytes],
                "session": self._services.session.save(),
                "marks": self._marks.save(),
            }
            times = self._times.save() if self._times else None
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
            with self._feeding:  # a control string that is being answered is still in the core's memory
                super().clear_history(wipe=True)
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
        self._live  # noqa: B018  (raises if closed)
        with open_source(data) as source, self._feeding:
            try:
                self._feed(source, len(source))
            finally:
                if self._times and not self.closed:
                    self._note(self._times)

    def _note(self, times: Times) -> None:
        figures = self._figures()
        if not figures.alternate:
            times.note(self._clock(), figures.cursor_line, self.first_line)

    def _feed(self, source: Any, length: int) -> None:
        services, at = room(), 0
        self._services.resume(self)
        while True:  # once at least: something may have been left to do for lack of memory
            pointer = self._live  # until it is served, as that lies in the terminal's memory
            try:
                status = lib.gp_terminal_feed(pointer, source + at, min(length - at, SLICE_BYTES), services)
                at += services.consumed_bytes
                count = services.count
                if count:
                    self._services.serve(services, self)
            except OutOfMemoryError as error:
                error.consumed = at
                raise
            finally:
                del pointer
            self._check(status, consumed=at)
            if at >= length and not (count and services.at[count - 1].length_bytes):  # a string is given back by the next call
                break

    def _mark(self, payload: bytes) -> None:
        """OSC 133."""
        figures = self._figures()
        if not figures.alternate:
            self._marks.mark(payload, Position(figures.cursor_line, figures.cursor_cell), self.first_line)

    def _reset(self) -> None:
        """RIS."""
        self._marks.clear()
