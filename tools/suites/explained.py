"""Tests that fail because the sources contradict each other, and why ghostpage is on the other side.

A key is a suite and the beginning of a test's name. docs/conformance.md says the same in full.
"""

from __future__ import annotations

__all__ = ["reason"]

_KEPT_MODES = ("DECARM", "DECKBUM", "DECKPM", "DECPCCM", "DECVCCM", "DECXRLM")

_REASONS = {
    "esctest": {
        **{
            f"DECRQMTests.test_DECRQM_DEC_{mode}": "the suite expects xterm not to know this mode; it is known here"
            for mode in _KEPT_MODES
        },
    },
    "xtermjs": {
        "t0060-DECSC": "a pending wrap is saved and restored (DEC STD 070, xterm today); older xterms forgot it",
        "t0061-CSI_s": "as t0060",
        "t0084-CBT": "a backward tab does nothing while a wrap is pending; in xterm the cursor moves and is still to wrap",
        "t0103-reverse_wrap": "mode 45 follows rows that wrapped (xterm 383 and esctest2); the fixture is older",
    },
    "libvterm": {
        "11state_movecursor: Vertical Position Backward": "xterm ignores CSI k, and xterm.js's fixtures hold it to that",
        "13state_edit: IL": "the cursor goes to the left margin (DEC STD 070, xterm)",
        "16state_resize: Resize shrink moves cursor": "a narrower window wraps the line again, the cursor goes with it",
        "22state_save": "DECSC does not save the cursor's look and visibility (DEC STD 070, xterm)",
        "13state_edit: DECRQSS on DECSCA": "0 stands for no protection, as in xterm",
        "26state_query: DECCPR": "the page is reported too (DEC STD 070, xterm)",
        "26state_query: DECRQSS on SGR": "the answer begins with 0, and sub-parameters are ISO 8613-6's, as in xterm",
        "26state_query: DA": "it is another terminal",
        "26state_query: XTVERSION": "it is another terminal",
        "26state_query: S8C1T": "input and output are UTF-8: replies are in 7 bits",
        "18state_termprops: Title split write": "a title is told when it is complete",
        "31state_rep: REP till end of line": "repeated characters wrap, as printed ones do (xterm)",
        "64screen_pen: EL sets only colours": "a blank has a background and no foreground, as nothing is drawn with it",
        "69screen_reflow: Shell wrapped prompt": "rows come back from history when there is room for them",
    },
    "recordings": {
        "day, after 1305 pieces": "a sequence that is not qualified (U+1F441 U+200D U+1F5E8) is as wide as its base",
        "emoji, after 3 pieces": "a text-default base with a skin tone is an emoji (UTS #51), and wide",
    },
    "unicode": {
        "GraphemeBreakTest ÷ 2701 × 200D × 2701": "U+2701 is a pictograph in Unicode 15 only; the tables are newer",
    },
}


def reason(suite: str, name: str) -> str | None:
    """Why a failure is none, or None."""
    return next((why for start, why in _REASONS.get(suite, {}).items() if name.startswith(start)), None)
