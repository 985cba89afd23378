"""Text of the core as a str: well-formed UTF-8, past Python's own decoder where the core's is faster.

A str keeps its characters as an array of one, two or four bytes each, behind a head of fixed size. ``PyUnicode_New`` makes
it and leaves the array to be filled, which the core does. Where the array lies is not told outside of C: it is worked out,
and believed only if the characters of other strings are found there.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

from ghostpage._core import ffi, lib

__all__ = ["decoded"]

LEAST_BYTES = 1 << 14  # of less, Python has made the str before all this is called
LARGEST = {2: 0xFFFF, 4: 0x10FFFF}


def decoded(reading: Any, stop: int, begin: int = 0) -> str:
    """The text of a reading, up to a byte, and from one on.

    Takes 0.4 ns a byte where Python's decoder takes 0.8 (CJK) to 2.5 (emoji), by AVX2 and on CPython; elsewhere, and for ASCII
    and what else is below U+0100, it is Python's decoder.
    """
    if stop <= begin:
        return ""
    text, text_bytes = reading.text + begin, stop - begin
    if text_bytes >= LEAST_BYTES and not reading.ascii and (new := _maker()):
        unit = ffi.new("uint32_t *")
        count = lib.gp_unicode_count(text, text_bytes, unit)
        if count:
            made, characters = new(count, unit[0])
            if lib.gp_unicode_widen(text, text_bytes, unit[0], characters, count):
                return made
    return str(ffi.buffer(text, text_bytes), "utf-8")


@functools.cache
def _maker() -> Callable[[int, int], tuple[str, Any]] | None:
    """What makes a str of a length and a size of characters, and says where they go; None where that cannot be known."""
    if sys.implementation.name != "cpython":
        return None
    try:
        import ctypes

        kind = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_ssize_t, ctypes.c_uint32)
        new = kind(("PyUnicode_New", ctypes.pythonapi))
    except (ImportError, AttributeError):
        return None
    head = sys.getsizeof(chr(LARGEST[2])) - 2 * 2  # but the character and the NUL behind it
    for character, encoding in ("\u4e2d", f"utf-16-{sys.byteorder[0]}e"), ("\U0001f600", f"utf-32-{sys.byteorder[0]}e"):
        sample = character * 3
        if ctypes.string_at(id(sample) + head, len(sample.encode(encoding))) != sample.encode(encoding):
            return None

    def make(count: int, unit_bytes: int) -> tuple[str, Any]:
        made: str = new(count, LARGEST[unit_bytes])
        return made, ffi.cast("void *", id(made) + head)

    return make
