"""Describes the C extension ``ghostpage._native`` to cffi.

The environment variable ``GHOSTPAGE_BUILD`` holds switches, separated by commas:

=============  ==========================================================================
``checked``    warnings are errors, and every structure is verified after each mutation
``asan``       AddressSanitizer and UndefinedBehaviorSanitizer; free pages are poisoned
``tsan``       ThreadSanitizer
``coverage``   gcov counters
``historic``   the leak this project exists for, compiled in; for the tests alone
=============  ==========================================================================
"""

import os
import sys
from pathlib import Path

from cffi import FFI

SOURCES = Path(__file__).resolve().parent
ROOT = SOURCES.parent
SWITCHES = {"checked", "asan", "tsan", "coverage", "historic"}

# What Python owns from before it is made (`room_for` in _core.py), and what frees it: each gets a function that takes the room.
OWNED = {
    "gp_arena": "gp_arena_free",
    "gp_terminal": "gp_terminal_free",
    "gp_reading": "gp_reading_free",
    "gp_frame": "gp_frame_free",
    "gp_frame_cells": "gp_frame_release",
}


def chosen_switches():
    given = {name for name in os.environ.get("GHOSTPAGE_BUILD", "").split(",") if name}
    unknown = given - SWITCHES
    if unknown:
        raise SystemExit(
            f"GHOSTPAGE_BUILD: unknown {', '.join(sorted(unknown))}; known: {', '.join(sorted(SWITCHES))}"
        )
    return given


def relative(paths):
    return sorted(os.path.relpath(path, ROOT) for path in paths)


def compile_flags(switches):
    compile_args = ["-std=c11", "-O3", "-fvisibility=hidden", "-Wall", "-Wextra", "-Wno-unused-parameter"]
    link_args = []
    if switches & {"checked", "asan", "tsan"}:
        compile_args += ["-Werror", "-Wshadow", "-Wstrict-prototypes", "-Wno-error=cpp", "-g", "-UNDEBUG", "-DGP_CHECKED=1"]
        compile_args += ["-U_CFFI_NO_LIMITED_API"]  # which the generated source defines as well, for a free-threaded CPython
    if "asan" in switches:
        sanitize = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-fno-omit-frame-pointer"]
        compile_args += sanitize + ["-O1"]
        link_args += sanitize
    if "tsan" in switches:
        compile_args += ["-fsanitize=thread", "-O1"]
        link_args += ["-fsanitize=thread"]
    if "coverage" in switches:
        compile_args += ["--coverage", "-O0"]
        link_args += ["--coverage"]
    if sys.platform != "win32":
        link_args += ["-pthread"]
    return compile_args, link_args


def sources(switches):
    units = set(SOURCES.glob("*/*.c"))
    if "historic" in switches:
        units.remove(SOURCES / "memory" / "provenance.c")
        units.add(ROOT / "tests" / "historic" / "provenance.c")
    return relative(units)


def make_builder():
    switches = chosen_switches()
    compile_args, link_args = compile_flags(switches)
    builder = FFI()
    builder.cdef((SOURCES / "api.h").read_text(encoding="utf-8"))
    builder.cdef("".join(f"void {kind}_drop({kind} **made);\n" for kind in OWNED))
    builder.set_source(
        "ghostpage._native",
        '#include "ghostpage.h"\n'
        + "".join(f"static void {kind}_drop({kind} **made) {{ {free}(*made); }}\n" for kind, free in OWNED.items()),
        sources=sources(switches),
        depends=relative([*SOURCES.glob("*.h"), *SOURCES.glob("*/*.h")]),
        include_dirs=[os.path.relpath(SOURCES, ROOT)],
        extra_compile_args=compile_args,
        extra_link_args=link_args,
    )
    return builder


builder = make_builder()
