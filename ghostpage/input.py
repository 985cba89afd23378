"""What a user does, as the bytes that a program expects: keys, by the modes in force; mouse, focus and paste in
:mod:`ghostpage.pointing`. Pure functions; :class:`~ghostpage.Terminal` has methods that take its own modes.

Keys are named: a character as its key has it without Shift (``"a"``, ``"/"``), or one of :data:`KEYS`. Modifiers are
``"shift"``, ``"alt"``, ``"ctrl"``, ``"super"``, ``"hyper"``, ``"meta"``, ``"caps_lock"`` and ``"num_lock"``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ghostpage._core import ArgumentError

__all__ = ["InputModes", "KEYS", "encode_key", "modifier_bits"]

SHIFT, ALT, CTRL, SUPER, HYPER, META, CAPS, NUM = (1 << n for n in range(8))
LOCKS = CAPS | NUM
_MODIFIERS = {"shift": SHIFT, "alt": ALT, "ctrl": CTRL, "super": SUPER, "hyper": HYPER, "meta": META,
              "caps_lock": CAPS, "num_lock": NUM}  # fmt: skip
_ACTIONS = {"press": 1, "repeat": 2, "release": 3}

# What DEC and xterm send: CSI or SS3 and a letter; CSI, a number and ~.
_CURSOR = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F", "begin": "E"}
_FUNCTION = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
_NUMBERED = {"insert": 2, "delete": 3, "page_up": 5, "page_down": 6}
_NUMBERED |= dict(zip((f"f{n}" for n in range(5, 21)), (15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34)))
_KEYPAD = {f"kp_{n}": (str(n), chr(ord("p") + n)) for n in range(10)}
_KEYPAD |= {"kp_decimal": (".", "n"), "kp_divide": ("/", "o"), "kp_multiply": ("*", "j"), "kp_subtract": ("-", "m"),
            "kp_add": ("+", "k"), "kp_enter": ("\r", "M"), "kp_equal": ("=", "X"), "kp_separator": (",", "l")}  # fmt: skip
_KEYPAD_MOVES = {f"kp_{name}": name for name in (*_CURSOR, *("insert", "delete", "page_up", "page_down"))}
_C0 = {"escape": 27, "enter": 13, "tab": 9, "backspace": 127}
# Ctrl with these; letters are themselves less their upper bits.
_CONTROLS = {" ": 0, "@": 0, "2": 0, "[": 27, "3": 27, "\\": 28, "4": 28, "]": 29, "5": 29, "^": 30, "6": 30, "_": 31, "7": 31,
             "/": 31, "?": 127, "8": 127}  # fmt: skip

_LONE = (
    "caps_lock scroll_lock num_lock print_screen pause menu " + " ".join(f"f{n}" for n in range(13, 36)) + " "
    + " ".join(f"kp_{n}" for n in range(10)) + " kp_decimal kp_divide kp_multiply kp_subtract kp_add kp_enter kp_equal "
    "kp_separator kp_left kp_right kp_up kp_down kp_page_up kp_page_down kp_home kp_end kp_insert kp_delete kp_begin "
    "media_play media_pause media_play_pause media_reverse media_stop media_fast_forward media_rewind media_next "
    "media_previous media_record volume_down volume_up mute left_shift left_ctrl left_alt left_super left_hyper left_meta "
    "right_shift right_ctrl right_alt right_super right_hyper right_meta iso_level3_shift iso_level5_shift"
)  # fmt: skip
# kitty's: from 57358 on with a gap before f13.
_KITTY = {name: 57358 + at + (12 if at >= 6 else 0) for at, name in enumerate(_LONE.split())}

KEYS = frozenset({*_CURSOR, *_FUNCTION, *_NUMBERED, *_C0, *_KITTY, "space"})
"""The names of the keys that are no characters."""


@dataclass(frozen=True)
class InputModes:
    """What a program has set of its input; :attr:`ghostpage.Terminal.input_modes` are those in force."""

    vt52: bool = False
    """DECANM, mode 2, reset: cursor keys, PF keys and keypad are those of a VT52."""
    application_cursor: bool = False
    """DECCKM, mode 1."""
    application_keypad: bool = False
    """DECNKM, mode 66, or ESC =."""
    backarrow: bool = False
    """DECBKM, mode 67: backspace sends BS."""
    newline: bool = False
    """LNM, mode 20 of ECMA-48: enter sends CR LF."""
    eight_bit_meta: bool = False
    """Mode 1034."""
    numlock_special: bool = True
    """Mode 1035: Num Lock overrides the application keypad."""
    meta_escape: bool = True
    """Mode 1036 or 1039: Alt puts ESC in front."""
    modify_cursor: int = 2
    modify_function: int = 2
    modify_other: int = 0
    """modifyOtherKeys, 0 to 2."""
    format_other: int = 0
    """formatOtherKeys: 1 sends CSI u."""
    kitty: int = 0
    """Flags of kitty's keyboard protocol: 1 disambiguate, 2 event types, 4 alternate keys, 8 all keys, 16 text."""
    mouse: int = 0
    """Mode that reports the mouse: 9, 1000, 1001, 1002, 1003 or 0."""
    mouse_encoding: int = 0
    """Mode of its encoding: 1005, 1006, 1015, 1016 or 0."""
    alternate_scroll: bool = False
    """Mode 1007, on the alternate screen: the wheel sends cursor keys."""
    focus: bool = False
    """Mode 1004."""
    bracketed_paste: bool = False
    """Mode 2004."""


DEFAULT = InputModes()


def modifier_bits(modifiers: Iterable[str]) -> int:
    """Shift 1, Alt 2, Ctrl 4, Super 8, Hyper 16, Meta 32, Caps Lock 64, Num Lock 128."""
    if isinstance(modifiers, str):
        raise TypeError("modifiers must be several names, not a str")
    bits = 0
    for name in modifiers:
        if name not in _MODIFIERS:
            raise ArgumentError(f"a modifier must be one of {', '.join(_MODIFIERS)}, not {name!r:.80}")
        bits |= _MODIFIERS[name]
    return bits


def encode_key(
    key: str,
    modifiers: Iterable[str] = (),
    *,
    modes: InputModes = DEFAULT,
    action: str = "press",
    text: str | None = None,
    base: str | None = None,
) -> bytes:
    """The bytes that a key sends; none for what the modes do not report, such as a release.

    ``text`` is what the key types with these modifiers, where that is not the key itself, its capital with Shift, or
    nothing with Ctrl or Alt; ``base`` is the key in the same place of the US layout (for kitty's flag 4). After xterm and
    kitty's protocol.

    >>> encode_key("up"), encode_key("up", ["ctrl"]), encode_key("c", ["ctrl"]), encode_key("x", ["alt"])
    (b'\\x1b[A', b'\\x1b[1;5A', b'\\x03', b'\\x1bx')
    >>> encode_key("i", ["ctrl"], modes=InputModes(kitty=1))
    b'\\x1b[105;5u'
    """
    if action not in _ACTIONS:
        raise ArgumentError(f"action must be 'press', 'repeat' or 'release', not {action!r:.80}")
    if not isinstance(key, str) or (len(key) != 1 and key not in KEYS):
        raise ArgumentError(f"key must be a character or one of input.KEYS, not {key!r:.80}")
    bits, key = modifier_bits(modifiers), " " if key == "space" else key
    if text is None and len(key) == 1:
        text = key.upper() if bits & (SHIFT | CAPS) and key.isalpha() and len(key.upper()) == 1 else key
    if modes.kitty:
        return _kitty(key, bits, modes, _ACTIONS[action], text or "", base)
    return b"" if action == "release" else _legacy(key, bits & ~LOCKS, modes, text or "", bool(bits & NUM)).encode("utf-8")


# ---- xterm ----------------------------------------------------------------------------------------------------------


def _legacy(key: str, bits: int, modes: InputModes, text: str, num_lock: bool) -> str:
    if modes.vt52 and (sent := _vt52(key, modes)):
        return sent
    if key in _KEYPAD:
        return _keypad(key, bits, modes, num_lock)
    key = _KEYPAD_MOVES.get(key, key)
    if key in _CURSOR:
        start = "\x1bO" if modes.application_cursor else "\x1b["
        return _modified(_CURSOR[key], bits, modes.modify_cursor, start)
    if key in _FUNCTION:
        return _modified(_FUNCTION[key], bits, modes.modify_function, "\x1bO")
    if key in _NUMBERED:
        way = modes.modify_function if key.startswith("f") else modes.modify_cursor
        return f"\x1b[{_NUMBERED[key]};{bits + 1}~" if bits and way >= 0 else f"\x1b[{_NUMBERED[key]}~"
    if key in _C0 or len(key) == 1:
        other = _other(key, bits, modes, text)
        return other if other is not None else _meta(_plain(key, bits, modes, text), bits, modes)
    return ""


def _vt52(key: str, modes: InputModes) -> str:
    """Of the keys that differ; empty for others."""
    letter = _CURSOR.get(_KEYPAD_MOVES.get(key, key)) or _FUNCTION.get(key)
    if letter:
        return "\x1b" + letter
    return "\x1b?" + _KEYPAD[key][1] if key in _KEYPAD and modes.application_keypad else ""


def _modified(letter: str, bits: int, way: int, start: str) -> str:
    if not bits or way < 0:
        return start + letter
    return f"{start if way == 0 else chr(27) + '['}{'>' if way == 3 else ''}{'' if way < 2 else '1;'}{bits + 1}{letter}"


def _keypad(key: str, bits: int, modes: InputModes, num_lock: bool) -> str:
    plain, letter = _KEYPAD[key]
    if modes.application_keypad and not (num_lock and modes.numlock_special):
        return f"\x1bO{bits + 1 if bits else ''}{letter}"
    if key == "kp_enter":
        return _meta(_plain("enter", bits, modes, ""), bits, modes)
    return _meta(plain, bits, modes)


def _plain(key: str, bits: int, modes: InputModes, text: str) -> str:
    if key == "enter":
        return "\r\n" if modes.newline else "\r"
    if key == "tab":
        return "\x1b[Z" if bits & SHIFT else "\t"
    if key == "backspace":
        return "\x08" if modes.backarrow is not bool(bits & CTRL) else "\x7f"
    if key == "escape":
        return "\x1b"
    if bits & CTRL:
        code = _control(key, text)
        return text if code is None else chr(code)
    return text


def _control(key: str, text: str) -> int | None:
    for character in (text, key):
        if character in _CONTROLS:
            return _CONTROLS[character]
        if len(character) == 1 and "a" <= character.lower() <= "z":
            return ord(character) & 31
    return None


def _meta(sent: str, bits: int, modes: InputModes) -> str:
    if not bits & (ALT | META):
        return sent
    if modes.meta_escape:
        return "\x1b" + sent
    return chr(ord(sent) | 0x80) if modes.eight_bit_meta and len(sent) == 1 and sent < "\x80" else sent


def _other(key: str, bits: int, modes: InputModes, text: str) -> str | None:
    """modifyOtherKeys: 1 for what would say the same as another key or nothing, 2 for all that is modified."""
    if not modes.modify_other or not bits or (bits == SHIFT and (len(key) == 1 and key != " ")):
        return None
    if modes.modify_other == 1:
        if key in _C0:
            if key in ("escape", "backspace") or (key == "tab" and bits == SHIFT) or bits == ALT:
                return None
        elif not bits & CTRL or (_control(key, text) is not None and not bits & SHIFT):
            return None
    code = _C0[key] if key in _C0 else ord(text[:1] or key)
    return f"\x1b[{code};{bits + 1}u" if modes.format_other else f"\x1b[27;{bits + 1};{code}~"


# ---- kitty's protocol -----------------------------------------------------------------------------------------------

DISAMBIGUATE, EVENTS, ALTERNATES, ALL, TEXT = (1 << n for n in range(5))


def _kitty(key: str, bits: int, modes: InputModes, action: int, text: str, base: str | None) -> bytes:
    flags = modes.kitty
    everything = bool(flags & ALL)
    held = bits & ~LOCKS
    if action == 3 and not flags & EVENTS:
        return b""
    if not everything:
        if key in ("enter", "tab", "backspace") and not held:
            return b"" if action == 3 else _plain(key, 0, modes, "").encode()
        if len(key) == 1:
            bits = held  # locks are told of text in what it is
            if not held & ~SHIFT and action != 3:
                return text.encode("utf-8")
            if not flags & DISAMBIGUATE and action != 3:
                return _legacy(key, held, modes, text, False).encode("utf-8")
        elif key in _KEYPAD and not held and action != 3 and (bits & NUM or not flags & DISAMBIGUATE):
            return _legacy(key, held, modes, "", bool(bits & NUM)).encode()
        elif key.endswith(("_shift", "_ctrl", "_alt", "_super", "_hyper", "_meta")) or key in ("caps_lock", "num_lock"):
            return b""
        elif key == "escape" and not flags & DISAMBIGUATE and action != 3:
            return _legacy(key, held, modes, "", False).encode()
    return _kitty_sequence(key, bits, flags, action, text, base).encode("utf-8")


def _kitty_sequence(key: str, bits: int, flags: int, action: int, text: str, base: str | None) -> str:
    final, number = "u", ""
    if key in _CURSOR or (key in _FUNCTION and key != "f3"):
        final = _CURSOR.get(key) or _FUNCTION[key]
        number = "1"
    elif key == "f3":
        number, final = "13", "~"
    elif key in _NUMBERED and key not in _KITTY:
        number, final = str(_NUMBERED[key]), "~"
    elif len(key) == 1:
        number = str(ord(key.lower()) if len(key.lower()) == 1 else ord(key))
        if flags & ALTERNATES:
            shifted = str(ord(text)) if bits & SHIFT and len(text) == 1 and text != key else ""
            other = str(ord(base)) if base and base != key else ""
            number += f":{shifted}:{other}" if other else f":{shifted}" if shifted else ""
    else:
        number = str(_C0.get(key) or _KITTY[key])
    event = f":{action}" if flags & EVENTS and action != 1 else ""
    printed = ""
    if flags & TEXT and flags & ALL and action != 3 and not bits & ~(SHIFT | LOCKS):
        printed = ":".join(str(ord(character)) for character in text if character >= " " and not "\x7f" <= character <= "\x9f")
    held = f"{bits + 1}{event}" if bits or event else ""
    parts = number + (f";{held}" if held or printed else "") + (f";{printed}" if printed else "")
    return f"\x1b[{'' if parts == '1' else parts}{final}"
