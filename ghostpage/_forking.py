"""Locks of Python's that a child of ``fork`` finds free, whichever thread held them; those of the core are the core's."""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet

__all__ = ["LockHolder", "renew_in_child"]


class LockHolder(Protocol):
    """Something with a lock that another thread may hold while this one forks."""

    def _renew_lock(self) -> None: ...


_holders: WeakSet[LockHolder] = WeakSet()


def renew_in_child(holder: LockHolder) -> None:
    """Gives it a new lock in each child."""
    _holders.add(holder)


def _after_fork() -> None:
    for holder in list(_holders):
        holder._renew_lock()


os.register_at_fork(after_in_child=_after_fork)
