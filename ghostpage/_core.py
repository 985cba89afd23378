"""The one door to the C core: the compiled module, its statuses as exceptions, and the base of everything it owns.

The exceptions, all of them importable from :mod:`ghostpage`::

    Error(Exception)
    ├── OutOfMemoryError(MemoryError)    the system has no more, or a limit in bytes is in the way
    ├── ClosedError(ValueError)          what was asked for is closed
    ├── ArgumentError(ValueError)        out of range; the message says what was given and what is allowed
    └── FormatError(ValueError)          a file is not a saved terminal, of another version, or damaged

What is of the wrong type altogether raises a plain ``TypeError``. Whatever is raised, the object is as it was before.
"""

from __future__ import annotations

import operator
from typing import Any, NoReturn, TypeVar

from ghostpage._native import ffi, lib

__all__ = [
    "ArgumentError",
    "ClosedError",
    "Error",
    "Handle",
    "OutOfMemoryError",
    "check",
    "ffi",
    "integer",
    "lib",
    "owned",
    "room_for",
    "unset",
]

INT64_MAX = 2**63 - 1
SIZE_MAX: int = 2 ** (8 * ffi.sizeof("size_t")) - 1
UINT32_MAX = 2**32 - 1
UINT64_MAX = 2**64 - 1

Self = TypeVar("Self", bound="Handle")


class Error(Exception):
    """The root of the exceptions of ghostpage."""


class OutOfMemoryError(Error, MemoryError):
    """The system, or the limit in bytes of an arena, leaves no room; the buffer is what it was before the call.

    ``consumed`` is the number of bytes of a ``feed`` (of the UTF-8 of a ``str``) that were carried out all the same, so
    that the rest can be fed again; None for other calls.
    """

    consumed: int | None = None


class ClosedError(Error, ValueError):
    """The terminal, screen or arena was closed."""


class ArgumentError(Error, ValueError):
    """An argument is out of range; the message says what was given and what is allowed."""


def check(status: int, budget: str = "a limit in bytes", consumed: int | None = None) -> None:
    """Raises what a status of the core says. ``budget`` names the limit that may have been in the way."""
    if status != lib.GP_OK:
        _fail(status, budget, consumed)


def _fail(status: int, budget: str, consumed: int | None) -> NoReturn:
    if status == lib.GP_ERR_CLOSED:
        raise ClosedError("the arena is closed")
    if status == lib.GP_ERR_ARGUMENT:
        raise ArgumentError("an argument is out of range")
    if status == lib.GP_ERR_LIMIT:
        error = OutOfMemoryError(f"no room left within {budget}")
    elif status == lib.GP_ERR_NOMEM:
        error = OutOfMemoryError("the system has no more memory to give")
    else:
        raise Error(f"unknown status {status} of the core")
    error.consumed = consumed
    try:
        raise error
    finally:
        del error  # its traceback holds this frame


def integer(name: str, value: object, low: int, high: int) -> int:
    """The argument as an int from ``low`` to ``high``. A bool is no int; what has ``__index__`` is."""
    if isinstance(value, bool) or not hasattr(type(value), "__index__"):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    number = operator.index(value)  # type: ignore[arg-type]
    if not low <= number <= high:
        given = number if number.bit_length() <= 128 else f"an int of {number.bit_length()} bits"
        raise ArgumentError(f"{name} must be from {low} to {high}, not {given}")
    return number


def unset(value: int | None, none: int) -> int:
    """A limit for the core, where ``none`` stands for None."""
    return none if value is None else min(value, none)


_DROPS = {kind: getattr(lib, kind + "_drop") for kind in ("gp_arena", "gp_terminal", "gp_reading", "gp_frame", "gp_frame_cells")}


def room_for(kind: str) -> Any:
    """Room for a pointer to what the core makes. That is freed with the room, so that it has an owner from its first moment:
    an interrupt may come as soon as the core returns.
    """
    return ffi.gc(ffi.new(kind + " **"), _DROPS[kind])


def owned(made: Any) -> Any:
    """The pointer that lies in such a room by now, and keeps it."""
    return ffi.gc(made[0], made.__eq__)  # which does nothing, but belongs to the room


class Handle:
    """Something that the core owns memory for: closed by :meth:`close`, by ``with``, or when nothing refers to it.

    A call that is under way on another thread holds the pointer too, so that the memory goes when that call has
    returned. The pointer must therefore never be kept in a local variable, which a traceback would keep alive.
    """

    _pointer: Any = None

    def _own(self, made: Any) -> None:
        self._pointer = owned(made)

    @property
    def _live(self) -> Any:
        pointer = self._pointer
        if pointer is None:
            raise ClosedError(f"this {type(self).__name__} is closed")
        return pointer

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._pointer is None

    def close(self) -> None:
        """Gives all memory back. May be called again; any other use raises :class:`ClosedError`."""
        self._pointer = None

    def __enter__(self: Self) -> Self:
        self._live  # noqa: B018  (raises if closed)
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} cannot be copied or pickled")
