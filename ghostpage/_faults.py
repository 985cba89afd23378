"""The fault hook of the core, for tests: lets the system refuse memory when it is least expected."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ghostpage._core import UINT64_MAX, ArgumentError, integer, lib

__all__ = ["Fault", "fail"]

_KINDS = {
    "allocation": lib.GP_FAULT_ALLOCATION,
    "mapping": lib.GP_FAULT_MAPPING,
    "unmapping": lib.GP_FAULT_UNMAPPING,
    "any": lib.GP_FAULT_ALLOCATION | lib.GP_FAULT_MAPPING,
}


class Fault:
    """What is armed; ``hits`` is how often it has struck so far."""

    _final: int | None = None

    @property
    def hits(self) -> int:
        return int(lib.gp_fault_hits()) if self._final is None else self._final


@contextmanager
def fail(kind: str, nth: int, lasting: bool = False) -> Iterator[Fault]:
    """Within it the ``nth`` attempt from now fails, and with ``lasting`` all after it too, in the whole process.

    ``kind`` is ``"allocation"`` (the heap), ``"mapping"`` (the kernel), ``"any"`` of the two, or ``"unmapping"``.
    """
    if kind not in _KINDS:
        raise ArgumentError(f"kind must be one of {', '.join(map(repr, _KINDS))}, not {kind!r}")
    fault = Fault()
    kinds = _KINDS[kind] | (lib.GP_FAULT_LASTING if lasting else 0)
    lib.gp_fault_arm(kinds, integer("nth", nth, 1, UINT64_MAX))
    try:
        yield fault
    finally:
        fault._final = int(lib.gp_fault_hits())
        lib.gp_fault_arm(0, 0)
