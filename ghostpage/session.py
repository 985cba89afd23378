"""Programs in a PTY with a terminal behind it, for those who type and read in their place: agents, tests, recorders."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import re
import shlex
import signal as signals
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from ghostpage._core import ArgumentError, ClosedError, Error
from ghostpage._pty import Process
from ghostpage._pump import pump
from ghostpage.arena import Arena
from ghostpage.commands import Command, read_between
from ghostpage.limits import Limits
from ghostpage.lines import LineCursor, Position, Reading
from ghostpage.terminal import Terminal

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["AsyncSession", "Session", "SessionEnded", "SessionTimeout"]

T = TypeVar("T")

UNREAD_BYTES = 1 << 20
"""How much of what was sent may wait for a program that does not read."""

GRACE_SECONDS = 1.0


class SessionTimeout(Error, TimeoutError):
    """What was waited for did not happen in time; the message has the screen."""


class SessionEnded(Error, EOFError):
    """The program ended before what was waited for happened; the message has its exit status and the screen."""


class _Wait:
    """What is waited for, looked at again whenever something has changed: a match, nothing yet (None), or nothing any more
    (False)."""

    def __init__(self, session: _Base, wanted: str | re.Pattern[str], new: bool) -> None:
        self._session = session
        self._pattern = re.compile(re.escape(wanted)) if isinstance(wanted, str) else wanted
        self._cursor = session._sent_cursor
        self._from = session._sent_position if new else None
        self._before: list[str] = []
        self.what = f"{wanted!r}" if isinstance(wanted, str) else f"a match of {self._pattern.pattern!r}"

    def look(self) -> re.Match[str] | bool | None:
        running = self._session.running  # before the text is read, which is all there will be if it is not
        found = self._pattern.search(self._behind() if self._from else self._went_by())
        return found or (None if running else False)

    def _went_by(self) -> str:
        reading = self._session.terminal.read_since(self._cursor, tail=True)
        self._cursor = reading.cursor
        lines = [*self._before, *reading.lines]
        self._before = lines[-self._session.terminal.rows :]
        return "\n".join([*lines, *(reading.tail or ())])

    def _behind(self) -> str:
        assert self._from
        with self._session.terminal.snapshot() as moment:
            if moment.alternate_screen:
                return moment.text(len(moment.history), unwrap=True)
            return read_between(moment, self._from, Position(moment.next_line, 0))


class _Base:
    """What both kinds of session share: everything but waiting."""

    def __init__(
        self,
        command: str | Sequence[str],
        columns: int = 80,
        rows: int = 24,
        *,
        scrollback: Limits = Limits(lines=10_000),
        arena: Arena | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        observer: Callable[[bytes], object] | None = None,
        **terminal: Any,
    ) -> None:
        self.command: list[str] = shlex.split(command) if isinstance(command, str) else list(command)
        if not self.command:
            raise ArgumentError("command is empty; it is a program and its arguments")
        self._observer = observer
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._futures: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        self._unsent = bytearray()
        self._serial = 0
        self._failure: BaseException | None = None
        self._status: int | None = None
        self._hung_up = False
        self._closed = False
        self._last_busy = time.monotonic()
        self.terminal: Terminal = Terminal(columns, rows, scrollback=scrollback, arena=arena, **terminal)
        self._sent_cursor: LineCursor | None = None
        self._sent_position = Position(0, 0)
        try:
            self._process = Process(self.command, columns, rows, env, cwd)
        except BaseException:
            self.terminal.close()
            raise
        self.fd: int = self._process.fd
        self.pid: int = self._process.pid
        self.pidfd: int = -1
        with contextlib.suppress(AttributeError, OSError):  # Linux from 5.3 on
            self.pidfd = os.pidfd_open(self.pid)
        pump.add(self)

    # ---- for the pump, on its thread ----

    def received(self, data: bytes) -> bool:
        try:
            with self._lock:
                if self._closed:
                    return False
                self.terminal.feed(data)
                if len(self._unsent) < UNREAD_BYTES and (replies := self.terminal.take_replies()):
                    self._unsent += replies
                    pump.wants_to_send(self)
                self._last_busy = time.monotonic()
            if self._observer is not None:
                self._observer(data)
        except Exception as failure:  # out of memory, or the observer's: whoever waits gets it
            self._failure = failure
        with self._lock:
            self._announce()
        return self._failure is None

    def to_send(self) -> bytes:
        with self._lock:
            return bytes(self._unsent[:4096])

    def sent(self, count: int) -> None:
        with self._lock:
            del self._unsent[:count]
            self._announce()

    def hung_up(self) -> None:
        with self._lock:
            self._hung_up = True
            self._announce()

    def reap(self) -> bool:
        with self._lock:
            self._status = self._process.reap()
            self._announce()
            return self._status is not None

    def _announce(self) -> None:
        self._serial += 1
        self._changed.notify_all()
        futures, self._futures = self._futures, []
        for loop, future in futures:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(_resolve, future)

    # ---- what can be seen ----

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def running(self) -> bool:
        """Whether the program runs, or left output that is not read yet."""
        return not self._closed and not (self._hung_up and self._status is not None)

    @property
    def exit_status(self) -> int | None:
        """The program's, 128 and the number of the signal that ended it, or None while it runs."""
        return None if self._status is None else self._status if self._status >= 0 else 128 - self._status

    def screen_text(self) -> str:
        """The rows of the screen, without trailing blanks and empty rows at the end."""
        return "\n".join(row.text for row in self.terminal.screen).rstrip("\n")

    def changes_since(self, cursor: LineCursor | None = None) -> Reading:
        """Lines that were completed since, and the screen's lines as ``tail``: see :meth:`ghostpage.Terminal.read_since`."""
        return self.terminal.read_since(cursor, tail=True)

    @property
    def commands(self) -> list[Command]:
        """What a shell ran that marks its prompts (OSC 133): see :attr:`ghostpage.Terminal.commands`."""
        return self.terminal.commands

    # ---- what can be done ----

    def resize(self, columns: int, rows: int) -> None:
        """Terminal and PTY, whose program gets SIGWINCH."""
        with self._lock:
            self._open()
            self.terminal.resize(columns, rows)
            self._process.resize(columns, rows)

    def kill(self, signal: int = signals.SIGTERM) -> None:
        """Sends a signal to the program's process group; none if it has ended."""
        with self._lock:
            self._process.kill(signal)

    def _open(self) -> None:
        if self._closed:
            raise ClosedError("the session is closed")
        if self._failure is not None:
            raise Error(f"{shlex.join(self.command)} is not listened to any more: {self._failure}") from self._failure

    def _take(self, data: str | bytes) -> bool | None:
        """Whether it is sent, or None while there is no room for it; a wait looks from here on."""
        with self._lock:
            if not self.running:
                return False
            if len(self._unsent) >= UNREAD_BYTES:
                return None
            cursor = self.terminal.cursor
            self._sent_position = self.terminal.position(cursor.y - self.terminal.rows, cursor.x)
            self._sent_cursor = self.terminal.read_since(self._sent_cursor).cursor
            self._unsent += data.encode() if isinstance(data, str) else data
            self._last_busy = time.monotonic()
            pump.wants_to_send(self)
            return True

    def _holds(self, condition: Callable[[], T]) -> Callable[[], T | bool | None]:
        def look() -> T | bool | None:
            running = self.running  # before the condition, which cannot come true any more if it is not
            return condition() or (None if running else False)

        return look

    def _quiet_left(self, quiet: float) -> float:
        return self._last_busy + quiet - time.monotonic() if self.running else 0.0

    def _known_status(self) -> int:
        assert self.exit_status is not None
        return self.exit_status

    def _timed_out(self, what: str, timeout: float | None) -> SessionTimeout:
        return SessionTimeout(f"{what}: not within {timeout:g} seconds; {self._said()}")

    def _ended(self, what: str) -> SessionEnded:
        return SessionEnded(f"{what}: the program ended with status {self.exit_status}; {self._said()}")

    def _said(self) -> str:
        return f"the screen of {shlex.join(self.command)}:\n{self.screen_text()}"

    def _shut(self, grace: float) -> None:
        """Ends program and terminal; only the first call does anything."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        pump.remove(self)
        with self._lock:
            self._status = self._process.end(grace)
            if self.pidfd >= 0:
                os.close(self.pidfd)
            self.terminal.close()
            self._announce()

    def __repr__(self) -> str:
        state = "closed" if self.closed else "running" if self.running else f"ended with {self.exit_status}"
        return f"<{type(self).__name__} {shlex.join(self.command)} {state}>"


def _end(timeout: float | None) -> float | None:
    return None if timeout is None else time.monotonic() + timeout


def _left(end: float | None) -> float:
    return math.inf if end is None else max(0.0, end - time.monotonic())


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class Session(_Base):
    """A program in a PTY of ``columns`` by ``rows``, whose output a :class:`~ghostpage.Terminal` holds.

    ``command`` is a program and its arguments, or a string that is split as a shell splits words (no shell runs it).
    ``env`` is its whole environment; without one it has this process's, with ``TERM=xterm-256color``. ``observer`` is called
    with each piece of output after the terminal has it, on the thread that all sessions share: it must not wait. What else
    is given goes to the terminal. Raises ``FileNotFoundError`` when there is no such program, and ``OSError``.

    The terminal is fed as the program prints, whether somebody waits or not, and queries are answered. Reading goes on at
    any time, from any thread, by the methods of :attr:`terminal`. Close it with :meth:`close` or ``with``: the program is
    hung up, killed after a second, and reaped; nothing is left. A signal that this process ignores, as it does the hang-up
    under ``nohup``, its programs ignore too; those then end by the kill.

    >>> with Session(["sh", "-c", "read name; echo hello, $name; cat"]) as session:
    ...     session.send("world\\n")
    ...     session.wait_for("hello, world").group()
    'hello, world'
    """

    def send(self, data: str | bytes, timeout: float | None = None) -> None:
        """Types; a string in UTF-8. Waits while a mebibyte is unread; to a program that has ended nothing is sent.

        Keys, mouse and paste as bytes are made by the terminal: ``session.send(session.terminal.key("up"))``. Raises
        :class:`SessionTimeout` and :class:`~ghostpage.ClosedError`.
        """
        self._open()
        if self._until(lambda: self._take(data), timeout) is None:
            raise self._timed_out("sending", timeout)

    def wait_for(self, wanted: str | re.Pattern[str], timeout: float | None = 10.0, *, new: bool = False) -> re.Match[str]:
        """The first match in lines that went by since the last :meth:`send` and in those on the screen, joined by newlines.

        With ``new`` only what lies behind the place of the cursor at the last :meth:`send` counts, so that an earlier prompt
        does not; on the alternate screen all of it does. Returns as soon as the match is there: it is looked for after each
        piece of output, and not on a clock. Raises :class:`SessionTimeout`, and :class:`SessionEnded` when the program has
        ended without it.
        """
        self._open()
        wait = _Wait(self, wanted, new)
        found = self._until(wait.look, timeout)
        if not found:
            raise self._timed_out(wait.what, timeout) if found is None else self._ended(wait.what)
        return found  # type: ignore[no-any-return]

    def wait_until(self, condition: Callable[[], T], timeout: float | None = 10.0) -> T:
        """Until ``condition()`` is true, and what it returned; for what is not text: styles, the cursor, modes, a title.

        It is asked after each piece of output, and not on a clock. Raises what :meth:`wait_for` does, and what it raises.

        >>> with Session(["sh", "-c", "printf 'a\\\\033[7mb\\\\033[m'; cat"]) as session:
        ...     session.wait_until(lambda: session.terminal.screen[0].cells[1].style.inverse)
        True
        """
        self._open()
        found = self._until(self._holds(condition), timeout)
        if not found:
            raise self._timed_out("a condition", timeout) if found is None else self._ended("a condition")
        return found  # type: ignore[no-any-return]

    def wait_stable(self, quiet: float = 0.2, timeout: float | None = 10.0) -> None:
        """Until nothing was printed or sent for ``quiet`` seconds, or the program has ended. Raises :class:`SessionTimeout`.

        A program that is slow to answer looks quiet: where it is known what will be shown, wait for that.
        """
        self._open()
        end = _end(timeout)
        while (left := self._quiet_left(quiet)) > 0:
            if not _left(end):
                raise self._timed_out(f"{quiet:g} quiet seconds", timeout)
            with self._lock:
                self._changed.wait(min(left, _left(end)))
            self._open()

    def wait(self, timeout: float | None = None) -> int:
        """Until the program has ended and all its output is read; its :attr:`exit_status`. Raises :class:`SessionTimeout`."""
        self._open()
        if self._until(lambda: None if self.running else True, timeout) is None:
            raise self._timed_out("the end", timeout)
        return self._known_status()

    def _until(self, look: Callable[[], Any], timeout: float | None) -> Any:
        """What ``look`` says once it does not say None, or None when time is up."""
        end = _end(timeout)
        while True:
            serial = self._serial
            found = look()
            if found is not None:
                return found
            with self._lock:
                while self._serial == serial:
                    if not (left := _left(end)):
                        return None
                    self._changed.wait(None if end is None else left)
            self._open()

    def close(self, grace: float = GRACE_SECONDS) -> None:
        """Ends the program: hangs up, and kills it ``grace`` seconds later if it is still there. Closes the terminal."""
        self._shut(grace)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class AsyncSession(_Base):
    """A :class:`Session` whose waiting is awaited, in any event loop of asyncio; everything else is the same.

    >>> async def main():
    ...     async with AsyncSession(["sh", "-c", "read name; echo hello, $name"]) as session:
    ...         await session.send("world\\n")
    ...         await session.wait_for("hello, world")
    ...         return await session.wait()
    >>> asyncio.run(main())
    0
    """

    async def send(self, data: str | bytes, timeout: float | None = None) -> None:
        """As :meth:`Session.send`."""
        self._open()
        if await self._until(lambda: self._take(data), timeout) is None:
            raise self._timed_out("sending", timeout)

    async def wait_for(self, wanted: str | re.Pattern[str], timeout: float | None = 10.0, *, new: bool = False) -> re.Match[str]:
        """As :meth:`Session.wait_for`."""
        self._open()
        wait = _Wait(self, wanted, new)
        found = await self._until(wait.look, timeout)
        if not found:
            raise self._timed_out(wait.what, timeout) if found is None else self._ended(wait.what)
        return found  # type: ignore[no-any-return]

    async def wait_until(self, condition: Callable[[], T], timeout: float | None = 10.0) -> T:
        """As :meth:`Session.wait_until`."""
        self._open()
        found = await self._until(self._holds(condition), timeout)
        if not found:
            raise self._timed_out("a condition", timeout) if found is None else self._ended("a condition")
        return found  # type: ignore[no-any-return]

    async def wait_stable(self, quiet: float = 0.2, timeout: float | None = 10.0) -> None:
        """As :meth:`Session.wait_stable`."""
        self._open()
        end = _end(timeout)
        while (left := self._quiet_left(quiet)) > 0:
            if not _left(end):
                raise self._timed_out(f"{quiet:g} quiet seconds", timeout)
            await self._change(self._next_change(), min(left, _left(end)))
            self._open()

    async def wait(self, timeout: float | None = None) -> int:
        """As :meth:`Session.wait`."""
        self._open()
        if await self._until(lambda: None if self.running else True, timeout) is None:
            raise self._timed_out("the end", timeout)
        return self._known_status()

    async def _until(self, look: Callable[[], Any], timeout: float | None) -> Any:
        end = _end(timeout)
        while True:
            change = self._next_change()
            found = look()
            if found is not None:
                return found
            if not await self._change(change, _left(end)):
                return None
            self._open()

    def _next_change(self) -> asyncio.Future[None]:
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        with self._lock:
            self._futures.append((loop, future))
        return future

    async def _change(self, change: asyncio.Future[None], seconds: float) -> bool:
        """Whether it has changed within so many seconds."""
        done, _ = await asyncio.wait([change], timeout=None if seconds == math.inf else seconds)
        return bool(done)

    async def close(self, grace: float = GRACE_SECONDS) -> None:
        """As :meth:`Session.close`; the loop goes on meanwhile."""
        await asyncio.get_running_loop().run_in_executor(None, self._shut, grace)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()
