"""Where terminals get their memory from."""

from __future__ import annotations

import math
import os
import threading
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

from ghostpage._core import (
    INT64_MAX,
    SIZE_MAX,
    UINT64_MAX,
    ArgumentError,
    ClosedError,
    Error,
    Handle,
    check,
    ffi,
    integer,
    lib,
    room_for,
    unset,
)

__all__ = ["Arena", "ArenaMemory", "default_arena", "trim_arenas"]

_POLICIES = {"replace": lib.GP_POLICY_REPLACE, "adaptive": lib.GP_POLICY_ADAPTIVE}

_lock = threading.Lock()
_live: WeakSet[Arena] = WeakSet()
_default: Arena | None = None


@dataclass(frozen=True)
class ArenaMemory:
    """What an arena holds, in bytes where nothing else is said."""

    mapped: int
    """Owned by its terminals and snapshots, left to snapshots, and pooled."""
    pooled: int
    """Kept for the next page."""
    peak: int
    """The most that was ever mapped."""
    pooled_standard: int
    """Number of mappings of standard size in the pool."""
    pooled_nonstandard: int
    """Number of larger mappings in the pool."""
    pooled_small: int
    """Number of smaller mappings in the pool."""
    terminals: int
    """Number of terminals and screens that are open on it."""
    snapshots: int
    """Number of snapshots that are held."""
    adopted: int
    """Pages of history that terminals have left and only snapshots still read."""
    pages_reclaimed: int
    """Number of pages of history taken from the largest terminal for another one, or for a lower limit."""
    grids_settled: int
    """Number of grids of idle terminals that became text to make room."""
    refusals: int
    """Number of calls that found no room within the limit, whatever gave way."""


class Arena(Handle):
    """A pool of pages, a policy for those that are not standard, and one budget in bytes for all terminals in it.

    ``limit`` bounds everything mapped, the pool included; None is no limit. Where a page does not fit, the pool is given up
    first; then grids of terminals that nothing was written to for ``pool_idle`` seconds become text, where they can; then
    the terminal that holds most loses its oldest page of history, whichever asked, and the next if that was not enough.
    A terminal keeps its screen, and ``floor`` bytes if it has them. Only when nobody has more to give
    :class:`~ghostpage.OutOfMemoryError` is raised.

    ``policy`` is how pages are sized that standard ones would not do for: with ``"replace"`` pages are born no larger
    than is needed, and one that is not standard is never used again as it is; with ``"adaptive"`` they are born as large
    as recent ones had to be (:attr:`Terminal.demand <ghostpage.Terminal.demand>`), so that the oldest can become the
    next. ``standard_page`` is the size of a standard page in bytes, rounded up to pages of the system. The pool, of what
    was retired, keeps at most ``pool_cap`` bytes, nothing longer than ``pool_idle`` seconds, and mappings that are not
    standard no longer than 256 pages are born without them; with a ``pool_cap`` of 0 everything is unmapped at once.

    With ``core_dumps`` False what terminals hold is left out of core dumps; raises :class:`~ghostpage.Error` where the
    system cannot do that.

    Raises :class:`~ghostpage.ArgumentError` for what is out of range. May be used from any thread.

    >>> with Arena(limit=64 * 1024 * 1024, policy="replace") as arena:
    ...     arena.policy, arena.memory.mapped
    ('replace', 0)
    """

    def __init__(
        self,
        limit: int | None = None,
        policy: str = "adaptive",
        standard_page: int = 256 * 1024,
        *,
        floor: int = 0,
        pool_cap: int = 2 * 1024 * 1024,
        pool_idle: float = 1.0,
        core_dumps: bool = True,
    ) -> None:
        if not isinstance(policy, str):
            raise TypeError(f"policy must be a str, not {type(policy).__name__}")
        if policy not in _POLICIES:
            raise ArgumentError(f"policy must be {' or '.join(map(repr, _POLICIES))}, not {policy!r}")
        smallest, largest = lib.gp_os_page_bytes(), lib.GP_STANDARD_PAGE_MAX_BYTES
        options = ffi.new("gp_arena_options *")
        options.limit_bytes = _limit(limit)
        options.floor_bytes = _limit(integer("floor", floor, 0, INT64_MAX))
        options.policy = _POLICIES[policy]
        options.standard_page_bytes = integer("standard_page", standard_page, smallest, largest)
        options.pool_cap_bytes = min(integer("pool_cap", pool_cap, 0, INT64_MAX), SIZE_MAX)
        options.pool_idle_ns = _nanoseconds(pool_idle)
        options.undumped = not core_dumps
        if options.undumped and not lib.gp_can_be_undumped():
            raise Error("this system cannot keep memory out of core dumps")
        made = room_for("gp_arena")
        check(lib.gp_arena_new(options, made))
        self._own(made)
        self._policy = policy
        with _lock:
            _live.add(self)

    @property
    def limit(self) -> int | None:
        """The budget in bytes, or None; can be set at any time.

        What is beyond a lower one is reclaimed at once, from the pool and the largest terminals. Where screens and
        :attr:`floor` alone are more than that they stay, and nobody gets another page.
        """
        limit = self._figures().limit_bytes
        return None if limit == SIZE_MAX else int(limit)

    @limit.setter
    def limit(self, limit: int | None) -> None:
        check(lib.gp_arena_set_limit(self._live, _limit(limit)))

    @property
    def floor(self) -> int:
        """Bytes that each terminal keeps when the limit makes others want its history."""
        return int(self._figures().floor_bytes)

    @property
    def core_dumps(self) -> bool:
        """Whether core dumps of the process have what the terminals hold."""
        return not self._figures().undumped

    @property
    def policy(self) -> str:
        """How pages are sized that standard ones would not do for: ``"replace"`` or ``"adaptive"``."""
        self._live  # noqa: B018  (raises if closed)
        return self._policy

    @property
    def standard_page(self) -> int:
        """Bytes of a standard page."""
        return int(self._figures().standard_page_bytes)

    @property
    def memory(self) -> ArenaMemory:
        """What is mapped and pooled now; one call of the core."""
        figures = self._figures()
        return ArenaMemory(
            mapped=figures.mapped_bytes,
            pooled=figures.pooled_bytes,
            peak=figures.peak_bytes,
            pooled_standard=figures.pooled_standard,
            pooled_nonstandard=figures.pooled_nonstandard,
            pooled_small=figures.pooled_small,
            terminals=figures.terminals,
            snapshots=figures.snapshots,
            adopted=figures.adopted_bytes,
            pages_reclaimed=figures.pages_reclaimed,
            grids_settled=figures.grids_settled,
            refusals=figures.refusals,
        )

    def trim(self) -> int:
        """Gives what is pooled back to the system; returns how many bytes that were.

        What pages of its terminals do not use is given back too, though it stays mapped; :meth:`ghostpage.Terminal.trim`
        does more for one of them.
        """
        return int(lib.gp_arena_trim(self._live))

    def close(self) -> None:
        """Ends the arena: no terminal can be opened in it any more, and its pool is given back.

        Terminals that are open go on; what is the arena's goes with the last of them.
        """
        super().close()

    def _figures(self) -> Any:
        figures = ffi.new("gp_arena_figures *")
        lib.gp_arena_read(self._live, figures)
        return figures

    def __repr__(self) -> str:
        if self.closed:
            return "<Arena, closed>"
        return f"<Arena of {self.memory.terminals} terminals, {self._policy}>"


def default_arena() -> Arena:
    """The arena of all terminals that are given none: without a limit, made when first asked for.

    If it was closed, the next call makes a new one.

    >>> default_arena() is default_arena()
    True
    """
    global _default
    arena = _default
    if arena is None or arena.closed:
        made = Arena()
        with _lock:
            if _default is None or _default.closed:
                _default = made
            arena = _default
    return arena


def trim_arenas() -> int:
    """Trims all arenas that are not closed; returns the bytes."""
    with _lock:
        arenas = list(_live)
    given_back = 0
    for arena in arenas:
        try:
            given_back += arena.trim()
        except ClosedError:
            pass
    return given_back


def _limit(limit: int | None) -> int:
    return unset(None if limit is None else integer("limit", limit, 0, INT64_MAX), SIZE_MAX)


def _nanoseconds(seconds: float) -> int:
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise TypeError(f"pool_idle must be a number of seconds, not {type(seconds).__name__}")
    if not seconds >= 0:
        raise ArgumentError(f"pool_idle must be 0 seconds or more, not {seconds}")
    return UINT64_MAX if math.isinf(seconds) else min(int(seconds * 1e9), UINT64_MAX)


def _renew_lock() -> None:
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_renew_lock)
