"""A process answers others of the same user who ask for something it knows: over a socket in a folder of that user's.

Nothing is written anywhere before somebody asks, and what is asked for is not read: who connects is sent one answer. The
folder belongs to the user and is closed to all others, or it is not used.
"""

from __future__ import annotations

import atexit
import os
import socket
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

__all__ = ["ask", "close", "serve"]

PATIENCE = 10.0  # seconds for one exchange
MOST_BYTES = 1 << 28

_lock = threading.Lock()
_listening: tuple[socket.socket, Path] | None = None


def _folders(user: int) -> Iterator[Path]:
    """Where a user's processes may answer, the best place first."""
    given = os.environ.get("XDG_RUNTIME_DIR")
    if given and user == os.getuid():
        yield Path(given) / "ghostpage"
    yield Path(f"/run/user/{user}/ghostpage")
    yield Path(tempfile.gettempdir()) / f"ghostpage-{user}"


def _private(folder: Path, user: int) -> bool:
    """Whether nobody but the user can have put anything there."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == user and not found.st_mode & 0o077


def serve(answer: Callable[[], bytes]) -> Path:
    """Answers from now on, until :func:`close` or the end of the process; where. Raises OSError when there is no place."""
    global _listening
    with _lock:
        if _listening:
            return _listening[1]
        for folder in _folders(os.getuid()):
            try:
                folder.mkdir(mode=0o700)
            except FileExistsError:
                pass
            except OSError:
                continue
            if not _private(folder, os.getuid()):
                continue
            path = folder / f"{os.getpid()}.sock"
            path.unlink(missing_ok=True)  # of a process that had the number before
            listener = socket.socket(socket.AF_UNIX)
            try:
                listener.bind(str(path))
                listener.listen()
            except OSError:  # the path may be too long for a socket
                listener.close()
                continue
            _listening = listener, path
            threading.Thread(target=_answer_all, args=(listener, answer), name="ghostpage memory", daemon=True).start()
            return path
    raise OSError("there is no folder that is private to the user for the socket")


def _answer_all(listener: socket.socket, answer: Callable[[], bytes]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:  # closed
            return
        with connection:
            try:
                connection.settimeout(PATIENCE)
                connection.sendall(answer())
            except OSError:  # who asked went away
                pass


@atexit.register
def close() -> None:
    """Answers no more."""
    global _listening
    with _lock:
        if _listening:
            listener, path = _listening
            _listening = None
            path.unlink(missing_ok=True)
            try:
                listener.shutdown(socket.SHUT_RDWR)  # wakes the thread
            except OSError:
                pass
            listener.close()


def _forget() -> None:
    """In a child of fork the thread is not there; the name is the parent's."""
    global _listening, _lock
    _lock = threading.Lock()
    if _listening:
        _listening[0].close()
        _listening = None


os.register_at_fork(after_in_child=_forget)


def ask(pid: int, user: int) -> bytes | None:
    """What the process of that user answers, or None if it does not. It may be anything: nothing in it is to be believed."""
    for folder in _folders(user):
        path = folder / f"{pid}.sock"
        if not _private(folder, user):
            continue
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            try:
                connection.connect(str(path))
                parts, size = [], 0
                while (part := connection.recv(1 << 16)) and size <= MOST_BYTES:
                    parts.append(part)
                    size += len(part)
            except OSError:
                continue
            return b"".join(parts)
    return None
