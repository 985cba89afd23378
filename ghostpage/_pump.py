"""One thread that moves bytes between all PTYs of the process and those who own them."""

from __future__ import annotations

import contextlib
import os
import selectors
import threading
from typing import Any, Protocol

__all__ = ["Pump", "pump"]

READ_BYTES = 1 << 16
REAP_SECONDS = 0.05
"""How often it is looked whether programs have ended, where the kernel has no pidfd."""
LAST_READS = 64


class Client(Protocol):
    """Whose methods are called on the pump's thread, one at a time; they must neither wait nor raise."""

    fd: int
    pidfd: int

    def received(self, data: bytes) -> bool:
        """Whether more is wanted."""

    def to_send(self) -> bytes: ...

    def sent(self, count: int) -> None: ...

    def hung_up(self) -> None: ...

    def reap(self) -> bool:
        """Whether the program has ended."""


class Pump:
    """The thread lives while there are clients. After a fork the child has none, and an own pump."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changes: list[tuple[str, Client, threading.Event | None]] = []
        self._clients = 0
        self._wake: int | None = None
        self._thread: threading.Thread | None = None

    def add(self, client: Client) -> None:
        self._tell("add", client)

    def wants_to_send(self, client: Client) -> None:
        self._tell("send", client)

    def remove(self, client: Client) -> None:
        """Returns when the thread does not know the client any more."""
        done = threading.Event()
        self._tell("remove", client, done)
        if threading.current_thread() is not self._thread:
            done.wait()

    def _tell(self, what: str, client: Client, done: threading.Event | None = None) -> None:
        with self._lock:
            self._clients += (what == "add") - (what == "remove")
            self._changes.append((what, client, done))
            if self._thread is None:
                read, self._wake = os.pipe()
                os.set_blocking(self._wake, False)
                self._thread = threading.Thread(target=self._run, args=(read,), name="ghostpage sessions", daemon=True)
                self._thread.start()
            elif self._wake is not None:
                with contextlib.suppress(BlockingIOError):  # it is full, so that it wakes
                    os.write(self._wake, b".")

    # ---- on the thread ----

    def _run(self, wake: int) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(wake, selectors.EVENT_READ)
            polled: set[Client] = set()  # those without a pidfd
            while self._change(selector, polled):
                for key, events in selector.select(REAP_SECONDS if polled else None):
                    if key.data is None:
                        os.read(wake, 4096)
                        continue
                    client, of_process = key.data
                    if of_process:
                        if client.reap():
                            selector.unregister(client.pidfd)
                            self._finish(selector, client)
                        continue
                    if client.fd not in selector.get_map():
                        continue  # its program has just ended
                    if events & selectors.EVENT_WRITE:
                        self._write(selector, client)
                    if events & selectors.EVENT_READ and self._read(client) == "end":
                        self._hang_up(selector, client)
                for client in [client for client in polled if client.reap()]:
                    polled.discard(client)
                    self._finish(selector, client)
        os.close(wake)

    def _change(self, selector: Any, polled: set[Client]) -> bool:
        """Carries out what was told. False, and the thread is forgotten, when there is nothing left to do."""
        with self._lock:
            changes, self._changes = self._changes, []
            going_on = bool(self._clients)
            if not going_on:
                assert self._wake is not None
                os.close(self._wake)
                self._wake = self._thread = None
        for what, client, done in changes:
            if what == "add":
                selector.register(client.fd, selectors.EVENT_READ, (client, False))
                if client.pidfd >= 0:
                    selector.register(client.pidfd, selectors.EVENT_READ, (client, True))
                else:
                    polled.add(client)
            elif what == "send":
                if client.fd in selector.get_map():
                    selector.modify(client.fd, selectors.EVENT_READ | selectors.EVENT_WRITE, (client, False))
            else:
                for fd in (client.fd, client.pidfd):
                    if fd >= 0 and fd in selector.get_map():
                        selector.unregister(fd)
                polled.discard(client)
            if done:
                done.set()
        return going_on

    def _finish(self, selector: Any, client: Client) -> None:
        """The program has ended: what it printed last is read, and not what others print that it left behind."""
        for _ in range(LAST_READS):
            if client.fd not in selector.get_map() or self._read(client) != "more":
                break
        self._hang_up(selector, client)

    def _hang_up(self, selector: Any, client: Client) -> None:
        if client.fd in selector.get_map():
            selector.unregister(client.fd)
            client.hung_up()

    def _read(self, client: Client) -> str:
        try:
            data = os.read(client.fd, READ_BYTES)
        except BlockingIOError:
            return "nothing"
        except OSError:  # how Linux says that nobody holds the other end
            return "end"
        return "more" if data and client.received(data) else "end"

    def _write(self, selector: Any, client: Client) -> None:
        data = client.to_send()
        if data:
            try:
                client.sent(os.write(client.fd, data))
                return
            except BlockingIOError:
                return
            except OSError:  # nobody is there to read
                client.sent(len(data))
        selector.modify(client.fd, selectors.EVENT_READ, (client, False))


pump = Pump()


def _after_fork() -> None:
    pump.__init__()  # type: ignore[misc]


os.register_at_fork(after_in_child=_after_fork)
