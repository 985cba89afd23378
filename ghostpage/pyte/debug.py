"""What a stream does to a screen, written down instead: an event a line, as JSON."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TextIO

from ghostpage.pyte.streams import ByteStream, Stream

__all__ = ["DebugEvent", "DebugScreen", "dis"]


class DebugEvent(NamedTuple):
    """A method's name, and what it is called with.

    >>> DebugEvent.from_string('["draw", ["a"], {}]')
    DebugEvent(name='draw', args=['a'], kwargs={})
    """

    name: str
    args: Any
    kwargs: Any

    @staticmethod
    def from_string(line: str) -> DebugEvent:
        return DebugEvent(*json.loads(line))

    def __str__(self) -> str:
        return json.dumps(self)

    def __call__(self, screen: Any) -> Any:
        """Calls the method of a screen."""
        return getattr(screen, self.name)(*self.args, **self.kwargs)


class DebugScreen:
    """Writes the events of a stream, or ``only`` some of them, to a text file.

    >>> Stream(DebugScreen(sys.stdout)).feed("a\\x1b[1;24r\\x1b[?7l")
    ["draw", ["a"], {}]
    ["set_margins", [1, 24], {}]
    ["reset_mode", [7], {"private": true}]
    """

    def __init__(self, to: TextIO | None = None, only: Sequence[str] = ()) -> None:
        self.to: TextIO = sys.stderr if to is None else to
        self.only = only

    def __getattribute__(self, name: str) -> Any:
        if name not in Stream.events:
            return super().__getattribute__(name)
        if self.only and name not in self.only:
            return lambda *args, **kwargs: None
        return self.only_wrapper(name)

    def only_wrapper(self, name: str) -> Callable[..., None]:
        def write(*args: Any, **kwargs: Any) -> None:
            self.to.write(f"{DebugEvent(name, args, kwargs)}{os.linesep}")

        return write


def dis(chars: bytes | str) -> None:
    r"""Prints the events that ``chars`` are.

    >>> dis(b"\x07\x1b[20m")
    ["bell", [], {}]
    ["select_graphic_rendition", [20], {}]
    <BLANKLINE>
    """
    with io.StringIO() as written:
        ByteStream(DebugScreen(to=written)).feed(chars.encode() if isinstance(chars, str) else chars)
        print(written.getvalue())
