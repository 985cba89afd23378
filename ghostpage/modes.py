"""Modes by name: what programs set and reset with SM, RM, DECSET and DECRST.

Names are DEC's where it has one, and else those of xterm or of the protocol that the mode comes from.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MODES", "Mode", "find_mode"]


@dataclass(frozen=True)
class Mode:
    """A mode that a terminal knows."""

    name: str
    number: int
    ansi: bool
    """One of ECMA-48 (``CSI number h``), not a private one (``CSI ? number h``)."""
    effect: str
    """What it does while it is set."""


# A star in front: it is kept, so that a program finds it as it left it, and means something to the host at most.
_PRIVATE = """
1 DECCKM cursor keys send SS3
2 DECANM ANSI; reset, the terminal is a VT52
3 DECCOLM 132 columns instead of 80, if mode 40 is set
4 DECSCLM *scrolls smoothly
5 DECSCNM *colours of the screen are swapped
6 DECOM places count from the margins
7 DECAWM text wraps at the right margin
8 DECARM *keys repeat
9 X10_MOUSE presses of the mouse are reported
10 RXVT_TOOLBAR *there is a toolbar
12 ATT610_BLINK the cursor blinks, unless DECSCUSR says otherwise
13 CURSOR_BLINK_OPS never set
14 XOR_CURSOR_BLINKS never set
18 DECPFF *a form feed ends what is printed
19 DECPEX *all of the screen is printed
25 DECTCEM the cursor is shown
30 RXVT_SCROLLBAR *there is a scrollbar
34 DECRLM *text runs from right to left
35 RXVT_FONTSIZE *keys change the size of the font
36 DECHEM *Hebrew encoding
38 DECTEK never set: there is no Tektronix terminal
40 ALLOW_132 mode 3 may be set
41 CURSES_HACK a tab behind the last column wraps first
42 DECNRCM *national character sets; they can be designated without it
43 DECGEPM *graphics are printed expanded
44 MARGIN_BELL *a bell near the right margin
45 REVERSEWRAP BS goes back over rows that wrapped
46 ALLOW_LOGGING never set
47 ALTBUF the alternate screen
57 DECNAKB *Greek keyboard
58 DECIPEM *a ProPrinter is emulated
60 DECHCCM never set
61 DECVCCM *vertical cursor coupling
64 DECPCCM *page cursor coupling
66 DECNKM the keypad sends application sequences
67 DECBKM the backarrow key sends BS
68 DECKBUM *data processing keys
69 DECLRMM left and right margins may be set
73 DECXRLM *the rate of transmission is limited
80 DECSDM *sixel images do not scroll
81 DECKPM *keys report their position
95 DECNCSM *mode 3 does not clear the screen, on a VT500
96 DECRLCM *right-to-left copying
97 DECCRTSM *the screen is saved
98 DECARSM *resizes by itself
99 DECMCM *modem control
100 DECAAM *answers back by itself
101 DECCANSM *conceals the answerback
102 DECNULM *ignores NUL
103 DECHDPXM *half duplex
104 DECESKM *second language of the keyboard
106 DECOSCNM *overscan
108 DECNUMLK *Num Lock
109 DECCAPSLK *Caps Lock
110 DECKLHIM *the host has the keyboard's lights
111 DECFWM *framed windows
112 DECRPL *reviews previous lines
113 DECHWUM *wakes the host
114 DECATCUM *underlined text in another colour
115 DECATCBM *blinking text in another colour
116 DECBBSM *bold and blinking change the background
117 DECECM *erases to the default background
1000 VT200_MOUSE presses and releases are reported
1001 VT200_HIGHLIGHT_MOUSE as 1000
1002 BTN_EVENT_MOUSE drags are reported too
1003 ANY_EVENT_MOUSE every movement is reported
1004 FOCUS_EVENT_MOUSE focus in and out are reported
1005 EXT_MODE_MOUSE mouse reports have UTF-8
1006 SGR_EXT_MODE_MOUSE mouse reports are CSI <
1007 ALTERNATE_SCROLL the wheel sends cursor keys on the alternate screen
1010 RXVT_SCROLL_TTY_OUTPUT *output scrolls to the end
1011 RXVT_SCROLL_TTY_KEYPRESS *keys scroll to the end
1014 FAST_SCROLL *scrolls fast
1015 URXVT_EXT_MODE_MOUSE mouse reports are rxvt's
1016 PIXEL_POSITION_MOUSE as 1006, in pixels
1034 EIGHT_BIT_META Alt sets the eighth bit
1035 REAL_NUMLOCK Num Lock overrides the application keypad
1036 META_SENDS_ESC Meta puts ESC in front
1037 DELETE_IS_DEL *the delete key sends DEL
1039 ALT_SENDS_ESC Alt puts ESC in front
1040 KEEP_SELECTION *keeps what is selected
1041 SELECT_TO_CLIPBOARD *selects to the clipboard
1042 BELL_IS_URGENT *a bell asks for attention
1043 POP_ON_BELL *a bell raises the window
1044 KEEP_CLIPBOARD *keeps what was copied
1045 REVERSEWRAP2 BS goes back over any row
1046 ALLOW_ALTBUF there is an alternate screen
1047 OPT_ALTBUF the alternate screen, cleared when it is left
1048 SAVE_CURSOR the cursor was saved; set and reset, saves and restores it
1049 OPT_ALTBUF_CURSOR the alternate screen, cleared, with the cursor saved
1050 TCAP_FKEYS *function keys of termcap
1051 SUN_FKEYS *function keys of Sun
1052 HP_FKEYS *function keys of HP
1053 SCO_FKEYS *function keys of SCO
1060 LEGACY_FKEYS *keys of older xterms
1061 VT220_FKEYS *keys of a VT220
1070 PRIVATE_COLOR_REGISTERS *each sixel image has colours of its own
2001 BUTTON1_MOVE_POINT *clicks move the cursor
2002 BUTTON2_MOVE_POINT *drags move the cursor
2003 DBUTTON3_DELETE *double clicks delete
2004 PASTE_IN_BRACKET pastes are bracketed
2005 PASTE_QUOTE *pastes are quoted
2006 PASTE_LITERAL_NL *line ends are pasted as they are
2026 SYNCHRONIZED_OUTPUT the host should not draw yet; for a second at most
2027 GRAPHEME_CLUSTERS a cell holds a grapheme cluster; reset, a code point and its marks
2031 COLOR_SCHEME_REPORTS dark and light are reported
2048 IN_BAND_RESIZE sizes are reported
8452 SIXEL_SCROLLS_RIGHT *the cursor stays right of a sixel image
"""
_ANSI = """
1 GATM never set
2 KAM *the keyboard is locked
3 CRM never set
4 IRM text is inserted
5 SRTM never set
7 VEM never set
10 HEM never set
11 PUM never set
12 SRM *there is no local echo
13 FEAM never set
14 FETM never set
15 MATM never set
16 TTM never set
17 SATM never set
18 TSM never set
19 EBM never set
20 LNM a line feed returns too, and enter sends CR LF
"""


def _modes(table: str, ansi: bool) -> list[Mode]:
    modes = []
    for line in table.strip().splitlines():
        number, name, effect = line.split(" ", 2)
        modes.append(Mode(name, int(number), ansi, f"{effect[1:]} (kept)" if effect.startswith("*") else effect))
    return modes


MODES: tuple[Mode, ...] = (*_modes(_PRIVATE, False), *_modes(_ANSI, True))
"""Every mode that is known, by number, those of ECMA-48 last; names are unique."""

_BY_NAME = {mode.name: mode for mode in MODES}


def find_mode(name: str) -> Mode | None:
    """The mode of that name, in any case, or None.

    >>> find_mode("DECAWM").number, find_mode("irm").ansi, find_mode("nonsense")
    (7, True, None)
    """
    return _BY_NAME.get(name.upper())
