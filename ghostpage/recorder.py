"""Writing down a session while it goes on, as an asciicast: what :mod:`ghostpage.sessions` reads, and asciinema plays."""

from __future__ import annotations

import codecs
import json
import os
import threading
import time
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any

from ghostpage._core import ArgumentError, ClosedError, integer

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Recorder"]

MOST_SIDE = 65_535
VERSIONS = (2, 3)


class Recorder:
    """An asciicast in the file ``path``, of ``version`` 2 or 3, of a window of ``columns`` by ``rows`` at first.

    ``path`` may also be a text file that is open for writing, and stays so. Each event is written and flushed when it is told of, with its time: a crash costs nothing but what was not told yet.
    Formats: https://docs.asciinema.org/manual/asciicast/v3/. An asciicast holds text: a character that is divided over two
    pieces of output is written with the second, and what is not UTF-8 as U+FFFD. Raises
    :class:`~ghostpage.ArgumentError` and ``OSError``.

    >>> import os, tempfile
    >>> from ghostpage import sessions
    >>> from ghostpage.session import Session
    >>> path = os.path.join(tempfile.mkdtemp(), "hello.cast")
    >>> with Recorder(path, 80, 24, title="hello") as recorder:
    ...     with Session("echo hello", observer=recorder.output) as session:
    ...         recorder.end(session.wait())
    >>> sessions.read(path).data
    b'hello\\r\\n'
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | IO[str],
        columns: int,
        rows: int,
        *,
        version: int = 3,
        title: str | None = None,
        command: str | None = None,
        _clock: Callable[[], float] = time.monotonic,
        _dated: bool = True,
    ) -> None:
        if version not in VERSIONS:
            raise ArgumentError(f"version must be 2 or 3, not {version!r}")
        columns, rows = _size(columns, rows)
        self._version = version
        self._clock = _clock
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._lock = threading.Lock()
        self._began = self._last = _clock()
        term = {"width": columns, "height": rows} if version == 2 else {"term": {"cols": columns, "rows": rows}}
        said = {"timestamp": int(time.time()) if _dated else None, "title": title, "command": command}
        self._file: IO[str] | None
        self._ours = isinstance(path, str | os.PathLike)
        if isinstance(path, str | os.PathLike):
            self._file = open(path, "w", encoding="utf-8", newline="\n")  # noqa: SIM115
        else:
            self._file = path
        self._write({"version": version, **term, **{name: value for name, value in said.items() if value is not None}})

    def output(self, data: bytes) -> None:
        """The program printed this; may be the ``observer`` of a session."""
        with self._lock:
            if text := self._decode(bytes(data)):
                self._event("o", text)

    def input(self, data: str | bytes) -> None:
        """The user typed this."""
        with self._lock:
            self._event("i", data if isinstance(data, str) else data.decode("utf-8", "replace"))

    def resize(self, columns: int, rows: int) -> None:
        """The window has this size now."""
        columns, rows = _size(columns, rows)
        with self._lock:
            self._event("r", f"{columns}x{rows}")

    def mark(self, label: str = "") -> None:
        """A place to find again."""
        with self._lock:
            self._event("m", label)

    def end(self, exit_status: int) -> None:
        """The program ended; version 2 has nothing to say so."""
        with self._lock:
            if self._version == 3:
                self._event("x", str(integer("exit_status", exit_status, 0, 255)))

    def close(self) -> None:
        """Once more is harmless."""
        with self._lock:
            if self._file is not None:
                if text := self._decode(b"", True):
                    self._event("o", text)
                if self._ours:
                    self._file.close()
                self._file = None

    def _event(self, kind: str, text: str) -> None:
        """Times are of version 2 from the beginning on, and of version 3 from the event before, to a microsecond each."""
        now = self._clock()
        seconds = now - (self._began if self._version == 2 else self._last)
        self._write([round(seconds, 6), kind, text])
        self._last += round(seconds, 6) if self._version == 3 else 0

    def _write(self, entry: Any) -> None:
        if self._file is None:
            raise ClosedError("the recorder is closed")
        self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _size(columns: int, rows: int) -> tuple[int, int]:
    return integer("columns", columns, 1, MOST_SIDE), integer("rows", rows, 1, MOST_SIDE)
