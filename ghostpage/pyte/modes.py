"""Modes, by name.

Those of ECMA-48 have their numbers; DEC's private ones have theirs shifted left by five, so that both kinds fit one set:
``CSI ? 6 h`` puts 192 into :attr:`Screen.mode <ghostpage.pyte.Screen.mode>`.

>>> DECOM, DECOM >> PRIVATE_SHIFT
(192, 6)
"""

from __future__ import annotations

__all__ = ["DECAWM", "DECCOLM", "DECOM", "DECSCNM", "DECTCEM", "IRM", "LNM", "PRIVATE_SHIFT"]

PRIVATE_SHIFT = 5

# ECMA-48
IRM = 4  # insert
LNM = 20  # line feeds return too

# DEC's
DECCOLM = 3 << PRIVATE_SHIFT  # 132 columns
DECSCNM = 5 << PRIVATE_SHIFT  # the whole screen in reverse
DECOM = 6 << PRIVATE_SHIFT  # rows are counted from the top margin
DECAWM = 7 << PRIVATE_SHIFT  # text wraps
DECTCEM = 25 << PRIVATE_SHIFT  # the cursor shows
