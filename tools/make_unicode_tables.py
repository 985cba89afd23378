"""Generate csrc/unicode/tables.h and csrc/unicode/tables.c.

    pip install unicodedata2==18.0.0 wcwidth==0.9.4
    python tools/make_unicode_tables.py           write the two files
    python tools/make_unicode_tables.py --check   exit status 1 and one line if they are not current

All data is of Unicode 18.0.0. unicodedata2 ships General_Category and East_Asian_Width; wcwidth ships
Grapheme_Cluster_Break, Indic_Conjunct_Break, Extended_Pictographic, the code points of no width and the bases of the
emoji variation sequences. Emoji_Presentation needs no table: its characters are East Asian Wide, but for the regional
indicators, which are made wide here.

A code point's properties are one byte, its width (two bits) below its class (the rest); a table in three stages, by six
bits each as UTF-8 has them, leads to it: chunks of 64 blocks of 64 bytes, chunks and blocks kept once. For each first byte
of a sequence another table says what the others have to be, and where in the second stage its code points begin. A table
of properties by a cluster's width and state holds the rules of UAX #29 and those for the width of a cluster, so that
joining a code point is one look-up. The last has a bit for each code point up to U+FFFF that is a letter, that is, joins
no other letter, one table for narrow ones and one for wide ones; it is reached by the bytes of their UTF-8. The same input
gives the same bytes.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Iterable, Sequence
from enum import IntEnum
from pathlib import Path

import unicodedata2
import wcwidth
from wcwidth import table_grapheme, table_vs15, table_vs16, table_zero

UNICODE_VERSION = "18.0.0"
REQUIRED = {"unicodedata2": "18.0.0", "wcwidth": "0.9.4"}
TARGET = Path(__file__).resolve().parent.parent / "csrc" / "unicode"
CODEPOINTS = 0x110000

Ranges = Iterable[tuple[int, int]]


class Class(IntEnum):
    """What the rules need to know of a code point: Grapheme_Cluster_Break, divided further where they ask for more.

    OTHER is 0, so that the properties of a plain code point are its width alone.
    """

    OTHER = 0
    CR = 1
    LF = 2
    CONTROL = 3
    EXTEND = 4  # in no conjunct: U+200C
    CONJUNCT_EXTEND = 5
    LINKER = 6  # extends what is before it
    LINKER_OTHER = 7  # does not
    ZWJ = 8
    REGIONAL = 9
    PREPEND = 10
    SPACING_MARK = 11
    L = 12
    V = 13
    T = 14
    LV = 15
    LVT = 16
    PICTOGRAPH = 17
    CONSONANT = 18
    BASE = 19  # of an emoji variation sequence: 0-9 # *
    PICTOGRAPH_BASE = 20
    TEXT_SELECTOR = 21
    EMOJI_SELECTOR = 22
    VOICED_MARK = 23  # halfwidth; extends, and has a cell of its own


class State(IntEnum):
    """What the rules need to know of the cluster so far; PLAIN joins only with what extends anything."""

    NOTHING = 0  # also after a control
    PLAIN = 1
    CR = 2
    PREPEND = 3
    L = 4
    V = 5
    T = 6
    REGIONAL = 7
    LINKED = 8
    PICTOGRAPH = 9
    PICTOGRAPH_LINKED = 10
    PICTOGRAPH_ZWJ = 11
    PICTOGRAPH_ZWJ_LINKED = 12
    BASE = 13
    PICTOGRAPH_BASE = 14
    PICTOGRAPH_BASE_LATER = 15  # the base is not the first of the cluster: U+FE0E cannot make it narrow


# What a rule gives: the next state in the low four bits, a width that is forced in the next two, and whether it joins.
# A transition is the same with the cluster's width instead.
NARROW, WIDE, JOIN = 1 << 4, 2 << 4, 1 << 6
WIDTHS = 4

EXTENDING = {
    Class.EXTEND,
    Class.CONJUNCT_EXTEND,
    Class.LINKER,
    Class.TEXT_SELECTOR,
    Class.EMOJI_SELECTOR,
    Class.VOICED_MARK,
}
CONJUNCT_EXTENDING = EXTENDING - {Class.EXTEND, Class.LINKER} | {Class.ZWJ}
PICTOGRAPHS = {Class.PICTOGRAPH, Class.PICTOGRAPH_BASE}
BASES = {State.BASE, State.PICTOGRAPH_BASE, State.PICTOGRAPH_BASE_LATER}
LINKED = {State.LINKED, State.PICTOGRAPH_LINKED, State.PICTOGRAPH_ZWJ_LINKED}
AFTER_PICTOGRAPH = {State.PICTOGRAPH, State.PICTOGRAPH_LINKED, State.PICTOGRAPH_BASE, State.PICTOGRAPH_BASE_LATER}
AFTER_PICTOGRAPH_ZWJ = {State.PICTOGRAPH_ZWJ, State.PICTOGRAPH_ZWJ_LINKED}

STATE_ALONE = {
    Class.CR: State.CR,
    Class.LF: State.NOTHING,
    Class.CONTROL: State.NOTHING,
    Class.LINKER: State.LINKED,
    Class.LINKER_OTHER: State.LINKED,
    Class.REGIONAL: State.REGIONAL,
    Class.PREPEND: State.PREPEND,
    Class.L: State.L,
    Class.V: State.V,
    Class.LV: State.V,
    Class.T: State.T,
    Class.LVT: State.T,
    Class.PICTOGRAPH: State.PICTOGRAPH,
    Class.BASE: State.BASE,
    Class.PICTOGRAPH_BASE: State.PICTOGRAPH_BASE,
}


def transition(properties: int, width: int, state: State) -> int:
    """Return what a code point makes of a cluster: its next width and state, and whether it joins it."""
    given = rule(state, Class(properties >> 2))
    forced, alone = given >> 4 & 3, properties & 3
    width = (forced or max(width, alone)) if given & JOIN else alone
    return given & ~(3 << 4) | width << 4


def rule(state: State, cls: Class) -> int:
    """Return what becomes of a code point of class `cls` after a cluster in `state`, by the rules of UAX #29."""
    alone = STATE_ALONE.get(cls, State.PLAIN)
    if state is State.CR and cls is Class.LF:  # GB3
        return JOIN | alone
    if state in {State.NOTHING, State.CR} or cls in {Class.CR, Class.LF, Class.CONTROL}:  # GB1, GB4, GB5
        return alone
    if (
        (state is State.L and cls in {Class.L, Class.V, Class.LV, Class.LVT})  # GB6
        or (state is State.V and cls in {Class.V, Class.T})  # GB7
        or (state is State.T and cls is Class.T)  # GB8
    ):
        return JOIN | alone
    if cls in EXTENDING or cls is Class.ZWJ:  # GB9
        return JOIN | forced_width(state, cls) | state_extended(state, cls)
    if cls is Class.SPACING_MARK or state is State.PREPEND:  # GB9a, GB9b
        return JOIN | alone
    if state in LINKED and cls is Class.CONSONANT:  # GB9c
        return JOIN | alone
    if state in AFTER_PICTOGRAPH_ZWJ and cls in PICTOGRAPHS:  # GB11
        return JOIN | (State.PICTOGRAPH_BASE_LATER if cls is Class.PICTOGRAPH_BASE else alone)
    if state is State.REGIONAL and cls is Class.REGIONAL:  # GB12, GB13
        return JOIN | State.PLAIN
    return alone  # GB999


def forced_width(state: State, cls: Class) -> int:
    """Return the width that an extending code point forces on the cluster, or 0 for the maximum of the two."""
    if cls is Class.EMOJI_SELECTOR and state in BASES:
        return WIDE
    if cls is Class.TEXT_SELECTOR and state in BASES - {State.PICTOGRAPH_BASE_LATER}:
        return NARROW
    return WIDE if cls is Class.VOICED_MARK else 0


def state_extended(state: State, cls: Class) -> State:
    """Return the state after an extending code point: what of GB9c and GB11 has been seen."""
    linked = cls is Class.LINKER or (state in LINKED and cls in CONJUNCT_EXTENDING)
    if state in AFTER_PICTOGRAPH and cls is Class.ZWJ:
        return State.PICTOGRAPH_ZWJ_LINKED if linked else State.PICTOGRAPH_ZWJ
    if state in AFTER_PICTOGRAPH:
        return State.PICTOGRAPH_LINKED if linked else State.PICTOGRAPH
    return State.LINKED if linked else State.PLAIN


def members(ranges: Ranges) -> set[int]:
    return {codepoint for first, last in ranges for codepoint in range(first, last + 1)}


def classes() -> list[Class]:
    """Return the class of every code point."""
    breaks = {
        Class.CR: table_grapheme.GRAPHEME_CR,
        Class.LF: table_grapheme.GRAPHEME_LF,
        Class.CONTROL: table_grapheme.GRAPHEME_CONTROL,
        Class.EXTEND: table_grapheme.GRAPHEME_EXTEND,
        Class.ZWJ: table_grapheme.GRAPHEME_ZWJ,
        Class.REGIONAL: table_grapheme.GRAPHEME_REGIONAL_INDICATOR,
        Class.PREPEND: table_grapheme.GRAPHEME_PREPEND,
        Class.SPACING_MARK: table_grapheme.GRAPHEME_SPACINGMARK,
        Class.L: table_grapheme.GRAPHEME_L,
        Class.V: table_grapheme.GRAPHEME_V,
        Class.T: table_grapheme.GRAPHEME_T,
        Class.LV: table_grapheme.GRAPHEME_LV,
        Class.LVT: table_grapheme.GRAPHEME_LVT,
    }
    result = [Class.OTHER] * CODEPOINTS
    for cls, ranges in breaks.items():
        for codepoint in members(ranges):
            result[codepoint] = cls

    def divide(codepoints: set[int], division: dict[Class, Class]) -> None:
        for codepoint in codepoints:
            cls = result[codepoint]
            if cls not in division:
                sys.exit(f"U+{codepoint:04X} is {cls.name}, which the rules here do not divide: revise class Class")
            result[codepoint] = division[cls]

    bases = members(next(iter(table_vs15.VS15_WIDE_TO_NARROW.values())))
    bases |= members(next(iter(table_vs16.VS16_NARROW_TO_WIDE.values())))
    divide(members(table_grapheme.EXTENDED_PICTOGRAPHIC), {Class.OTHER: Class.PICTOGRAPH})
    divide(members(table_grapheme.INCB_CONSONANT), {Class.OTHER: Class.CONSONANT})
    divide(members(table_grapheme.INCB_EXTEND), {Class.EXTEND: Class.CONJUNCT_EXTEND, Class.ZWJ: Class.ZWJ})
    divide(members(table_grapheme.INCB_LINKER), {Class.EXTEND: Class.LINKER, Class.OTHER: Class.LINKER_OTHER})
    divide(bases, {Class.OTHER: Class.BASE, Class.PICTOGRAPH: Class.PICTOGRAPH_BASE})
    divide({0xFE0E}, {Class.CONJUNCT_EXTEND: Class.TEXT_SELECTOR})
    divide({0xFE0F}, {Class.CONJUNCT_EXTEND: Class.EMOJI_SELECTOR})
    divide({0xFF9E, 0xFF9F}, {Class.CONJUNCT_EXTEND: Class.VOICED_MARK})
    return result


def widths() -> list[int]:
    """Return the width of every code point, 0 to 2."""
    zero = members(table_zero.ZERO_WIDTH[UNICODE_VERSION])
    wide = members(table_grapheme.GRAPHEME_REGIONAL_INDICATOR)

    def width(codepoint: int) -> int:
        character = chr(codepoint)
        category = unicodedata2.category(character)
        # A spacing mark shows; wcwidth has it at 0 because it adds the width of marks to their base's elsewhere.
        if category == "Cc" or (codepoint in zero and category != "Mc"):
            return 0
        return 2 if codepoint in wide or unicodedata2.east_asian_width(character) in {"W", "F"} else 1

    return [width(codepoint) for codepoint in range(CODEPOINTS)]


def staged(properties: bytes) -> tuple[bytes, list[int], bytes]:
    """Return the place of each chunk in the index by 64, the index, which is the place of each block, and the blocks.

    Chunks of the first supplementary plane lie 256 apart, so that the middle two bytes of their sequences, less what says
    that they are no first bytes, are their place as they are; other chunks lie between them.
    """
    places: dict[bytes, int] = {}
    blocks = [properties[at : at + 64] for at in range(0, CODEPOINTS, 64)]
    numbers = [64 * places.setdefault(block, len(places)) for block in blocks]
    chunks = [tuple(numbers[at : at + 64]) for at in range(0, len(numbers), 64)]
    slots = dict(zip(range(0, 64, 4), chunks[16:32], strict=True))
    free = iter(slot for slot in range(64) if slot % 4)
    for chunk in chunks[:16] + chunks[32:]:
        if chunk not in slots.values():
            slots[next(free)] = chunk
    known = {chunk: slot for slot, chunk in slots.items()}
    index = [place for slot in range(64) for place in slots.get(slot, (0,) * 64)]
    return bytes(known[chunk] for chunk in chunks), index, b"".join(places)


def leads(chunks: bytes) -> list[tuple[int, int, int, int, int]]:
    """Return for each first byte of a sequence which bits of its first four bytes are given, what they are, where its code
    points begin in the index, how many of the 32 bits are not of it, and its length.

    Where a byte begins none, what is given never is. Of sequences of four bytes only those of emoji and what goes with them
    are here, F0 9x and F3 A0: the others are left to those who decode them.
    """
    seconds = {0xE0: (0xE0, 0xA0), 0xED: (0xE0, 0x80), 0xF0: (0xF0, 0x90), 0xF3: (0xFF, 0xA0)}

    def lead(byte: int) -> tuple[int, int, int, int, int]:
        mask, second = seconds.get(byte, (0xC0, 0x80))
        if byte < 0x80:
            return 0xC0 << 24, (byte & 0x40) << 24, chunks[0] * 64 + (byte >> 6), 24, 1
        if 0xC2 <= byte < 0xE0:
            return 0xFFC0 << 16, byte << 24 | 0x80 << 16, chunks[0] * 64 + (byte & 0x1F), 16, 2
        if 0xE0 <= byte < 0xF0:
            begin = chunks[byte & 0xF] * 64 + (second & 0x3F)
            return 0xFF00C000 | mask << 16, byte << 24 | second << 16 | 0x8000, begin, 8, 3
        if byte in {0xF0, 0xF3}:
            begin = chunks[(byte & 7) << 6 | second & 0x3F] * 64
            return 0xFF00C0C0 | mask << 16, byte << 24 | second << 16 | 0x8080, begin, 0, 4
        return 0x80 << 24, (~byte & 0x80) << 24, 0, 0, 0

    return [lead(byte) for byte in range(256)]


def letters(properties: bytes) -> tuple[bytes, list[tuple[int, int]]]:
    """Return the numbers of the pairs of words that have the letters of 64 code points, and these pairs, each once.

    A sequence of three bytes has its number at the code point's upper ten bits, one of two bytes at its lead byte's lower
    five behind those; where such a sequence would be longer than it needs to be, or a surrogate, there are no letters.
    """
    kinds = [{Class.OTHER << 2 | 1}, {cls << 2 | 2 for cls in (Class.OTHER, Class.LV, Class.LVT)}]

    def pair(unit: int) -> tuple[int, ...]:
        of_unit = b"" if 0xD800 <= unit * 64 < 0xE000 else properties[unit * 64 : unit * 64 + 64]
        return tuple(sum(1 << bit for bit, known in enumerate(of_unit) if known in kind) for kind in kinds)

    longer = 0x800 // 64
    pairs = [(0, 0)] * longer + [pair(unit) for unit in range(longer, 0x10000 // 64)]
    pairs += [(0, 0)] * 2 + [pair(unit) for unit in range(2, longer)]
    numbers: dict[tuple[int, ...], int] = {}
    index = bytes(numbers.setdefault(words, len(numbers)) for words in pairs)
    return index, list(numbers)


def array(member: str, values: Sequence[int]) -> str:
    rows = [values[at : at + 32] for at in range(0, len(values), 32)]
    body = "\n".join("        " + ", ".join(map(str, row)) + "," for row in rows)
    return f"    .{member} = {{\n{body}\n    }},\n"


def generate() -> dict[str, str]:
    """Return the text of each file by its name."""
    properties = bytes(cls << 2 | width for cls, width in zip(classes(), widths(), strict=True))
    chunks, index, blocks = staged(properties)
    first_bytes = leads(chunks)
    letter_index, pairs = letters(properties)
    states = [(width, state) for width in range(WIDTHS) for state in State]
    transitions = [transition(kind, *before) for kind in range(len(Class) << 2) for before in states]
    total = len(chunks) + 2 * len(index) + len(blocks) + 12 * len(first_bytes)
    total += len(transitions) + len(letter_index) + 16 * len(pairs)
    origin = "Generated by tools/make_unicode_tables.py, which says from what; not to be edited."
    header = f"""/* {origin}
 *
 * Properties of code points (width, class), what they make of a cluster (width, state), and letters: {total:,} bytes. */
#ifndef GP_UNICODE_TABLES_H
#define GP_UNICODE_TABLES_H

#include <stdint.h>

#define GP_UNICODE_VERSION "{UNICODE_VERSION}"

enum {{
    GP_UNICODE_STATE_PLAIN = {State.PLAIN:d},
    GP_UNICODE_STATE_PREPEND = {State.PREPEND:d},
    GP_UNICODE_STATE_L = {State.L:d},
    GP_UNICODE_STATE_MASK = {len(State) - 1},
    GP_UNICODE_WIDTH_SHIFT = {(NARROW - 1).bit_length()},
    GP_UNICODE_JOIN = {JOIN},
    GP_UNICODE_LETTERS_OF_2 = {0x10000 // 64}, /* where the numbers of sequences of two bytes begin */
}};

/* A sequence of UTF-8 by its first byte: which bits of it and the next three are given, the first byte highest, and what they
 * are; where its code points begin in the index; how many bits are not of it. Of no bytes: nothing begins with it, or it is
 * left out here. */
typedef struct gp_unicode_lead {{
    uint32_t mask, bits;
    uint16_t index;
    uint8_t unused_bits, length_bytes;
}} gp_unicode_lead;

/* All in one, as the compiler then keeps one address in a register and not one of each table. */
typedef struct gp_unicode_tables {{
    gp_unicode_lead leads[256];
    uint8_t chunks[{len(chunks)}]; /* by 4,096 code points: place in the index, by 64 */
    uint16_t index[{len(index)}]; /* by 64 code points: place in the blocks */
    uint8_t blocks[{len(blocks)}]; /* properties */
    uint8_t transitions[{len(transitions)}]; /* by properties, and by width and state of the cluster */
    uint8_t letter_index[{len(letter_index)}];
    uint64_t letters[{len(pairs)}][2]; /* narrow and wide */
}} gp_unicode_tables;

#pragma GCC visibility push(hidden) /* so that they are reached without a detour */
extern const gp_unicode_tables gp_unicode;
#pragma GCC visibility pop

#endif
"""
    rows = "".join(f"        {{0x{mask:08X}, 0x{bits:08X}, {', '.join(map(str, rest))}}},\n" for mask, bits, *rest in first_bytes)
    words = "".join(f"        {{0x{narrow:016X}, 0x{wide:016X}}},\n" for narrow, wide in pairs)
    names = textwrap.fill(", ".join(state.name.lower() for state in State), 110)
    source = f"""/* {origin}
 *
 * There are {len(states)} transitions for each value of properties: {WIDTHS} widths of the cluster, and its states, which are
 *
{textwrap.indent(names, " * ")}
 */
#include "unicode/tables.h"

const gp_unicode_tables gp_unicode = {{
    .leads = {{
{rows}    }},
{array("chunks", chunks)}{array("index", index)}{array("blocks", blocks)}{array("transitions", transitions)}\
{array("letter_index", letter_index)}    .letters = {{
{words}    }},
}};
"""
    return {"tables.h": header, "tables.c": source}


def main() -> int:
    parser = argparse.ArgumentParser(description="Generate the tables of csrc/unicode.")
    parser.add_argument("--check", action="store_true", help="compare with the files on disk instead of writing them")
    check = parser.parse_args().check
    installed = {"unicodedata2": unicodedata2.unidata_version, "wcwidth": wcwidth.__version__}
    for name, version in REQUIRED.items():
        if installed[name] != version:
            sys.exit(f"{name} {version} is needed, {installed[name]} is installed")
    for name, text in generate().items():
        path = TARGET / name
        if not check:
            path.write_text(text, encoding="ascii")
        elif not path.is_file() or path.read_text(encoding="ascii") != text:
            print(f"{path.name} is not current: run tools/make_unicode_tables.py")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
