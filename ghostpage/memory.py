"""The account of all memory that ghostpage has mapped in this process.

Everything that terminals hold lies in mappings got from the system, and every mapping is entered in the *ledger* when
it is made and struck out when it is given back. :func:`ledger` gives the sums, :func:`mappings` the list, and
:func:`audit` walks all arenas and terminals to prove that each mapping has exactly one owner.

>>> import ghostpage
>>> with ghostpage.Terminal() as terminal:
...     terminal.feed("hello")
...     ghostpage.memory.audit().ok
True
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from ghostpage._core import ffi, lib
from ghostpage._kernel import Areas, resident_bytes
from ghostpage import _publishing
from ghostpage._tracing import TRACE_DOMAIN, start_tracing, stop_tracing
from ghostpage.arena import trim_arenas

__all__ = [
    "Audit",
    "Ledger",
    "Mapping",
    "TRACE_DOMAIN",
    "audit",
    "ledger",
    "mappings",
    "publish",
    "report",
    "reset_peak",
    "start_tracing",
    "stop_tracing",
    "trim",
    "unpublish",
]

_KINDS = {lib.GP_MAPPING_STANDARD: "standard", lib.GP_MAPPING_NONSTANDARD: "non-standard", lib.GP_MAPPING_SMALL: "small"}
_OWNERS = {
    lib.GP_OWNER_NONE: "nobody",
    lib.GP_OWNER_TEXT: "text",
    lib.GP_OWNER_GRID: "grid",
    lib.GP_OWNER_POOL: "pool",
    lib.GP_OWNER_ADOPTED: "adopted",
    lib.GP_OWNER_WITHHELD: "withheld",
}


@dataclass(frozen=True)
class Ledger:
    """The sums of all arenas together: live mappings and their bytes, and what has been done since the process began."""

    mappings: int
    bytes: int
    standard_mappings: int
    standard_bytes: int
    nonstandard_mappings: int
    nonstandard_bytes: int
    small_mappings: int
    small_bytes: int
    pooled_mappings: int
    pooled_bytes: int
    withheld_mappings: int
    """Given back, but not taken by the kernel for the process's number of mappings; emptied, and used again or retried."""
    withheld_bytes: int
    peak_mappings: int
    peak_bytes: int
    total_mapped: int
    total_mapped_bytes: int
    total_unmapped: int
    total_unmapped_bytes: int


@dataclass(frozen=True)
class Mapping:
    """One stretch of memory that the system granted."""

    address: int
    length: int
    """Bytes."""
    kind: str
    """``"standard"``, ``"non-standard"`` (larger) or ``"small"``."""
    age: float
    """Seconds since it was made."""
    pooled: bool
    """Kept by a pool for the next page."""
    serial: int
    """Counts the mappings of the process; never used again."""
    owner: str | None = None
    """``"text"`` or ``"grid"`` of a terminal, ``"pool"``, ``"adopted"`` (a page of text that only snapshots read any more),
    ``"withheld"`` (given back, but not taken by the kernel yet) or ``"nobody"``, a leak; None where it was not asked for."""
    terminal: int | None = None
    """The ``serial`` of the terminal, screen or snapshot whose it is."""
    used: int | None = None
    """Bytes of content."""


@dataclass(frozen=True)
class Audit:
    """What an audit found. ``ok`` says it all: nothing leaked, and every account agrees, the kernel's too if it was asked."""

    ok: bool
    orphans: list[Mapping]
    """Live mappings that nobody owns: leaks."""
    double_owned: int
    """Number of mappings with more than one owner."""
    sums_agree: bool
    """The ledger's sums are those of its list."""
    owners_agree: bool
    """The accounts of arenas, pools and terminals are those of the pages they hold, and every structure is sound."""
    violation: str
    """The first thing that the core found wrong, or empty."""
    mappings: int
    bytes: int
    pooled_bytes: int
    kernel_checked: bool
    """Whether the kernel could be asked (on Linux, ``/proc/self/maps``)."""
    kernel_agrees: bool | None
    """Whether it has all live mappings as private anonymous memory; None if it could not be asked."""
    missing: list[int]
    """Addresses of live mappings that it does not have."""
    resident: int | None
    """Bytes of live mappings in physical memory; None where the kernel does not tell."""


def ledger() -> Ledger:
    """The ledger's sums now; one call of the core, whatever the number of mappings.

    >>> before = ledger()
    >>> before.mappings == before.standard_mappings + before.nonstandard_mappings + before.small_mappings
    True
    """
    sums = ffi.new("gp_ledger *")
    lib.gp_ledger_read(sums)
    return Ledger(**{field.name: getattr(sums, field.name) for field in fields(Ledger)})


def reset_peak() -> None:
    """Lets ``peak_mappings`` and ``peak_bytes`` of the ledger begin anew from what is live now.

    >>> reset_peak()
    """
    lib.gp_ledger_reset_peak()


def mappings(*, owners: bool = False) -> list[Mapping]:
    """All live mappings, pooled ones included, the newest first; with ``owners`` whose they are, and how full.

    With ``owners`` all arenas and terminals stand still while they are walked, as for :func:`audit`.

    >>> len(mappings()) == ledger().mappings
    True
    >>> from ghostpage import Terminal
    >>> with Terminal() as terminal:
    ...     terminal.feed("hello")
    ...     [one.owner for one in mappings(owners=True) if one.terminal == terminal.serial]
    ['text']
    """
    read = lib.gp_owners_list if owners else lib.gp_ledger_list
    capacity = 64
    while True:
        infos = ffi.new("gp_mapping_info[]", capacity)
        found = read(infos, capacity)
        if found <= capacity:
            return [_owned(infos[index]) if owners else _mapping(infos[index]) for index in range(found)]
        capacity = found + found // 8


def audit() -> Audit:
    """Proves that every mapping in the ledger has exactly one owner, that every sum agrees, and that the kernel does.

    All arenas and terminals stand still while the core walks them, which takes time in proportion to what they hold.
    The kernel is asked after that: a mapping is reported missing only if it was live before and after. Never raises
    for what it finds.

    >>> audit().orphans
    []
    """
    result = ffi.new("gp_audit *")
    capacity = 64
    while True:
        infos = ffi.new("gp_mapping_info[]", capacity)
        lib.gp_audit_run(result, infos, capacity)
        if result.orphans <= capacity:
            break
        capacity = result.orphans + result.orphans // 8
    missing = _missing()
    return Audit(
        ok=bool(result.ok) and not missing,
        orphans=[_mapping(infos[index]) for index in range(result.orphans)],
        double_owned=result.double_owned,
        sums_agree=bool(result.sums_agree),
        owners_agree=bool(result.owners_agree),
        violation=ffi.string(result.violation).decode("utf-8", "replace"),
        mappings=result.mappings,
        bytes=result.bytes,
        pooled_bytes=result.pooled_bytes,
        kernel_checked=missing is not None,
        kernel_agrees=None if missing is None else not missing,
        missing=missing or [],
        resident=resident_bytes((mapping.address, mapping.length) for mapping in mappings()),
    )


def trim() -> int:
    """Gives back to the system what the pools of all arenas keep; returns how many bytes that were.

    >>> trim() >= 0
    True
    """
    return trim_arenas()


def report() -> dict[str, Any]:
    """All of this as plain values, for JSON: ``pid``, ``ledger``, ``audit``, and ``mappings`` with owners and what is
    resident of each.

    >>> sorted(report())
    ['audit', 'ledger', 'mappings', 'pid']
    """
    found = audit()
    listed = [
        {**asdict(one), "resident": resident_bytes([(one.address, one.length)])} for one in mappings(owners=True)
    ]
    return {
        "pid": os.getpid(),
        "ledger": asdict(ledger()),
        "audit": {
            "ok": found.ok,
            "violation": found.violation,
            "orphans": len(found.orphans),
            "kernel_agrees": found.kernel_agrees,
            "resident": found.resident,
        },
        "mappings": listed,
    }


def publish() -> None:
    """Lets ``ghostpage memory PID``, run by the same user, ask this process for its :func:`report`.

    A thread waits for that at a socket in the user's runtime folder; nothing is written or computed until somebody asks,
    and a report has figures and addresses, nothing of what was printed. A child of ``fork`` does not answer. The
    environment variable ``GHOSTPAGE_PUBLISH=1`` does the same when ghostpage is imported. Raises ``OSError`` when there is
    no folder that is the user's alone.

    >>> publish()
    >>> unpublish()
    """
    _publishing.serve(lambda: json.dumps(report()).encode())


def unpublish() -> None:
    """Ends what :func:`publish` began; so does the end of the process."""
    _publishing.close()


def _mapping(info: Any) -> Mapping:
    return Mapping(
        address=info.address,
        length=info.length_bytes,
        kind=_KINDS[info.kind],
        age=info.age_ns / 1e9,
        pooled=bool(info.pooled),
        serial=info.serial,
    )


def _owned(info: Any) -> Mapping:
    return replace(
        _mapping(info), owner=_OWNERS[info.owner], terminal=info.terminal or None, used=info.used_bytes
    )


def _missing() -> list[int] | None:
    """Addresses of live mappings that the kernel does not have, or None if it does not tell.

    Reading what is mapped is not atomic while other threads map and unmap, so that a doubt is cleared by asking again.
    """
    missing: list[int] = []
    for _ in range(3):
        known = mappings()
        areas = Areas.read()
        if areas is None:
            return None
        absent = [mapping for mapping in known if not areas.cover(mapping.address, mapping.length)]
        live = {mapping.serial for mapping in mappings()} if absent else set()
        missing = [mapping.address for mapping in absent if mapping.serial in live]
        if not missing:
            break
    return missing
