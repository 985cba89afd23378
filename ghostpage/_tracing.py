"""Lets :mod:`tracemalloc` see the mappings, which it knows nothing of by itself: they are none of Python's memory.

The core is given the addresses of two functions of CPython's interface, which it calls itself wherever it maps or unmaps:
``PyTraceMalloc_Track`` may be called without the GIL and finds the frames of the thread that made the call.
"""

from __future__ import annotations

import atexit
import tracemalloc

from ghostpage._core import Error, ffi, lib

__all__ = ["TRACE_DOMAIN", "start_tracing", "stop_tracing"]

TRACE_DOMAIN = 0x6770
"""The domain that mappings have in tracemalloc's snapshots."""


def start_tracing() -> None:
    """Lets :mod:`tracemalloc`, which has to be tracing, see mappings under :data:`TRACE_DOMAIN`, those that exist too.

    A snapshot says then which lines of Python mapped how much. Costs what tracemalloc costs, for each mapping, and nothing
    for what happens within one. Raises :class:`~ghostpage.Error` when tracemalloc is not tracing, or is none that can be told.

    >>> import tracemalloc
    >>> from ghostpage import Terminal, memory
    >>> tracemalloc.start()
    >>> memory.start_tracing()
    >>> with Terminal() as terminal:
    ...     terminal.feed("hello")
    ...     ours = tracemalloc.DomainFilter(True, memory.TRACE_DOMAIN)
    ...     traces = tracemalloc.take_snapshot().filter_traces([ours]).traces
    ...     sum(trace.size for trace in traces) == memory.ledger().bytes
    True
    >>> memory.stop_tracing()
    >>> tracemalloc.stop()
    """
    if not tracemalloc.is_tracing():
        raise Error("tracemalloc is not tracing: call tracemalloc.start() first")
    try:
        import ctypes

        track, untrack = (
            ffi.cast(kind, ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value)
            for kind, name in (("gp_track", "PyTraceMalloc_Track"), ("gp_untrack", "PyTraceMalloc_Untrack"))
        )
    except (ImportError, AttributeError):
        raise Error("this Python's tracemalloc cannot be told of memory that is not its own") from None
    lib.gp_observe(TRACE_DOMAIN, track, untrack)
    atexit.register(stop_tracing)


def stop_tracing() -> None:
    """Takes all mappings out of tracemalloc's account again. Done at exit too: threads must not wait for the GIL then."""
    lib.gp_observe(0, ffi.NULL, ffi.NULL)
    atexit.unregister(stop_tracing)
