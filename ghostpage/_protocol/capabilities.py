"""What XTGETTCAP answers: capabilities by their names in terminfo, or in termcap."""

from __future__ import annotations

from ghostpage._protocol.session import Call

__all__ = ["capability"]

TERMINAL = "xterm-256color"

_FIXED = {
    "TN": TERMINAL, "name": TERMINAL, "Co": "256", "colors": "256", "RGB": "8", "Tc": "", "Su": "", "XT": "", "AX": "",
    "Smulx": "\x1b[4:%p1%dm", "Setulc": "\x1b[58:2::%p1%{65536}%/%d:%p1%{256}%/%{255}%&%d:%p1%{255}%&%dm",
    "Sync": "\x1b[?2026%?%p1%{1}%-%tl%eh%;", "Ss": "\x1b[%p1%d q", "Se": "\x1b[2 q",
    "BE": "\x1b[?2004h", "BD": "\x1b[?2004l", "PS": "\x1b[200~", "PE": "\x1b[201~", "fe": "\x1b[?1004h",
    "fd": "\x1b[?1004l", "kxIN": "\x1b[I", "kxOUT": "\x1b[O", "XR": "\x1b[>0q", "RV": "\x1b[>c",
    "XM": "\x1b[?1006;1000%?%p1%{1}%=%th%el%;", "setrgbf": "\x1b[38:2:%p1%d:%p2%d:%p3%dm",
    "setrgbb": "\x1b[48:2:%p1%d:%p2%d:%p3%dm", "smcup": "\x1b[?1049h", "rmcup": "\x1b[?1049l", "rep": "%p1%c\x1b[%p2%{1}%-%db",
    "Cs": "\x1b]12;%p1%s\x07", "Cr": "\x1b]112\x07", "indn": "\x1b[%p1%dS", "rin": "\x1b[%p1%dT", "ech": "\x1b[%p1%dX",
}  # fmt: skip
_CURSOR = {"kcuu1": "A", "ku": "A", "kcud1": "B", "kd": "B", "kcuf1": "C", "kr": "C", "kcub1": "D", "kl": "D",
           "khome": "H", "kh": "H", "kend": "F", "@7": "F"}  # fmt: skip
_EDITING = {"kich1": 2, "kI": 2, "kdch1": 3, "kD": 3, "kpp": 5, "kP": 5, "knp": 6, "kN": 6,
            **{f"kf{n}": code for n, code in zip(range(5, 13), (15, 17, 18, 19, 20, 21, 23, 24))}}  # fmt: skip
_FUNCTION = {"kf1": "P", "k1": "P", "kf2": "Q", "k2": "Q", "kf3": "R", "k3": "R", "kf4": "S", "k4": "S"}


def capability(name: str, call: Call) -> str | None:
    """Its value, empty for one that is just there, or None."""
    if name in _FIXED:
        return _FIXED[name]
    if name in _CURSOR:
        return ("\x1bO" if call.terminal._mode_state(1, False) == 1 else "\x1b[") + _CURSOR[name]
    if name in _FUNCTION:
        return "\x1bO" + _FUNCTION[name]
    if name in _EDITING:
        return f"\x1b[{_EDITING[name]}~"
    if name in ("kbs", "kb"):
        return "\x08" if call.terminal._mode_state(67, False) == 1 else "\x7f"
    if name == "Ms" and call.allows("clipboard"):
        return "\x1b]52;%p1%s;%p2%s\x07"
    return None
