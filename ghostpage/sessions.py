"""Recorded sessions: the ones shipped with the package, and asciicast files.

A session is what a program printed in a terminal, with times, and the changes of the window's size in between. Those
shipped come from real programs; tests, benchmarks and ``python -m ghostpage soak`` all use the same ones.

>>> session = load("vim")
>>> session.columns, session.rows
(80, 24)
>>> session.data.count(bytes([27, 91])) > 1000
True
"""

from __future__ import annotations

import gzip
import io
import json
import lzma
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from ghostpage._core import Error
from ghostpage.recorder import Recorder

__all__ = ["DEFAULT", "Event", "RecordingError", "Session", "encode", "load", "names", "parse", "read"]

DEFAULT = "day"
"""The name of the session that mixes everything: logs, links, emoji, an agent, full-screen programs."""

_SUFFIX = ".cast.xz"
_MAX_SIDE = 65_535


class RecordingError(Error, ValueError):
    """A recording that cannot be read; the message says which and why."""


@dataclass(frozen=True)
class Event:
    """Something that happened in a session: output, or a new size of the window."""

    time: float
    """Seconds since the session began."""
    output: bytes = b""
    """What the program printed; empty when the window was resized."""
    size: tuple[int, int] | None = None
    """The new (columns, rows), or None."""


@dataclass(frozen=True)
class Session:
    """A recorded session."""

    name: str
    title: str
    columns: int
    rows: int
    events: tuple[Event, ...]

    @cached_property
    def data(self) -> bytes:
        """All that was printed, as one piece of bytes."""
        return b"".join(event.output for event in self.events)

    @property
    def duration(self) -> float:
        """Seconds from the beginning to the last event."""
        return self.events[-1].time if self.events else 0.0


def names() -> tuple[str, ...]:
    """The names of the sessions shipped with the package, sorted.

    >>> DEFAULT in names()
    True
    """
    files = (entry.name for entry in _folder().iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in files if name.endswith(_SUFFIX)))


@lru_cache(maxsize=4)
def load(name: str = DEFAULT) -> Session:
    """The shipped session of this name. :class:`RecordingError` when there is none."""
    if name not in names():
        raise RecordingError(f"no recording {name!r}; there are {', '.join(names())}")
    return parse((_folder() / f"{name}{_SUFFIX}").read_bytes(), name)


def read(path: str | os.PathLike[str]) -> Session:
    """The session in a file: an asciicast (version 2 or 3), or else plain terminal output.

    Either may be packed with xz or gzip. :class:`RecordingError` when it cannot be read.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RecordingError(f"cannot read {path}: {error.strerror or error}") from None
    return parse(data, path.name)


def parse(data: bytes, name: str = "recording") -> Session:
    """The session in ``data``, as :func:`read` takes it from a file.

    Plain output, which says nothing of a size, gets 80 columns and 24 rows.

    >>> parse(b'{"version": 3, "term": {"cols": 40, "rows": 9}}\\n[0.5, "o", "hi"]\\n').data
    b'hi'
    """
    data = _unpack(data, name)
    if not data:
        raise RecordingError(f"{name} is empty")
    header = _header(data)
    if header is None:
        if name.endswith((".cast", _SUFFIX)):
            raise RecordingError(f"{name} does not begin with the header of an asciicast")
        return Session(name, "", 80, 24, (Event(0.0, data),))
    version = header.get("version")
    if type(version) is not int or version not in (2, 3):
        raise RecordingError(f"{name} is an asciicast of version {version}; versions 2 and 3 can be read")
    if version == 2:
        size = header.get("width"), header.get("height")
    else:
        term = header.get("term")
        size = (term.get("cols"), term.get("rows")) if isinstance(term, dict) else (None, None)
    columns, rows = _checked_size(size, name, 1)
    events = tuple(_events(data, name, relative=version == 3))
    return Session(name, str(header.get("title") or ""), columns, rows, events)


def encode(session: Session, *, version: int = 3) -> bytes:
    """A session as an asciicast of version 2 or 3: its output, sizes and times, the latter to a microsecond.

    An asciicast holds text: what is not UTF-8 becomes U+FFFD. The same session gives the same bytes.

    >>> cast = encode(Session("", "a title", 80, 24, (Event(0.5, b"hi"), Event(2.0, size=(40, 9)))))
    >>> print(cast.decode(), end="")
    {"version": 3, "term": {"cols": 80, "rows": 24}, "title": "a title"}
    [0.5, "o", "hi"]
    [1.5, "r", "40x9"]
    """
    now = 0.0
    written = io.StringIO()
    title = session.title or None
    with Recorder(
        written, session.columns, session.rows, version=version, title=title, _clock=lambda: now, _dated=False
    ) as recorder:
        for event in session.events:
            now = event.time
            if event.size is None:
                recorder.output(event.output)
            else:
                recorder.resize(*event.size)
    return written.getvalue().encode("utf-8", "replace")


def _folder() -> Any:
    return resources.files(__package__) / "recordings"


def _unpack(data: bytes, name: str) -> bytes:
    try:
        if data.startswith(b"\xfd7zXZ\x00"):
            return lzma.decompress(data)
        if data.startswith(b"\x1f\x8b"):
            return gzip.decompress(data)
    except (lzma.LZMAError, zlib.error, OSError, EOFError) as error:
        raise RecordingError(f"{name} is packed but damaged: {error}") from None
    return data


def _header(data: bytes) -> dict[str, Any] | None:
    """The first line, if it is the header of an asciicast."""
    if not data.startswith(b"{"):
        return None
    try:
        header = json.loads(data.partition(b"\n")[0])
    except (ValueError, RecursionError):
        return None
    return header if isinstance(header, dict) and "version" in header and {"width", "term"} & header.keys() else None


def _checked_size(size: tuple[object, object], name: str, line: int) -> tuple[int, int]:
    columns, rows = size
    if not (type(columns) is int and type(rows) is int and 0 < columns <= _MAX_SIDE and 0 < rows <= _MAX_SIDE):
        raise RecordingError(f"{name}, line {line}: {columns} columns by {rows} rows is no size of a terminal")
    return columns, rows


def _events(data: bytes, name: str, *, relative: bool) -> Iterator[Event]:
    now = 0.0
    for number, line in enumerate(data.split(b"\n")[1:], start=2):
        if not line.strip() or line.startswith(b"#"):
            continue
        try:
            time, kind, text = json.loads(line)
            time = float(time)
            output = text.encode("utf-8", "replace")
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            raise RecordingError(f"{name}, line {number}: not an event of an asciicast") from None
        if not 0 <= time < float("inf"):
            raise RecordingError(f"{name}, line {number}: {time} is no time")
        now = now + time if relative else time
        if kind == "o":
            yield Event(now, output)
        elif kind == "r":
            columns, _, rows = text.partition("x")
            if not (columns.isascii() and columns.isdigit() and rows.isascii() and rows.isdigit()):
                raise RecordingError(f"{name}, line {number}: {text!r} is no size")
            yield Event(now, size=_checked_size((int(columns[:9]), int(rows[:9])), name, number))
