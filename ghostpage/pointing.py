"""The mouse, focus and paste, as the bytes that a program expects (xterm's control sequences)."""

from __future__ import annotations

from collections.abc import Iterable

from ghostpage._core import ArgumentError, integer
from ghostpage.input import ALT, CTRL, META, SHIFT, InputModes, modifier_bits

__all__ = ["encode_focus", "encode_mouse", "encode_paste"]

_BUTTONS = {"left": 0, "middle": 1, "right": 2, "none": 3, "wheel_up": 64, "wheel_down": 65, "wheel_left": 66,
            "wheel_right": 67, "back": 128, "forward": 129}  # fmt: skip
_MOTION, _RELEASED = 32, 3
_BYTE_MAX, _UTF8_MAX = 223, 2015  # the largest coordinate that can be said, from 1
PIXELS_MAX = 1 << 24

# What a paste must not do: xterm's list, made blanks; line ends become what Enter sends.
_UNSAFE = {number: " " for number in (*range(0x20), 0x7F, *range(0x80, 0xA0)) if chr(number) not in "\t\n\r"}


def encode_mouse(
    action: str,
    button: str,
    x: int,
    y: int,
    modifiers: Iterable[str] = (),
    *,
    modes: InputModes,
    pixel: tuple[int, int] | None = None,
) -> bytes:
    """The bytes that the mouse sends; none for what the modes do not report, or cannot say.

    ``action`` is ``"press"``, ``"release"`` or ``"move"``; ``button`` ``"left"``, ``"middle"``, ``"right"``, ``"back"``,
    ``"forward"``, ``"wheel_up"`` and so on, or for moves ``"none"``. ``x`` and ``y`` count cells from 0; ``pixel`` counts
    pixels, for mode 1016, which sends cells without it.

    >>> encode_mouse("press", "left", 4, 2, modes=InputModes(mouse=1000, mouse_encoding=1006))
    b'\\x1b[<0;5;3M'
    """
    if action not in ("press", "release", "move"):
        raise ArgumentError(f"action must be 'press', 'release' or 'move', not {action!r:.80}")
    if button not in _BUTTONS:
        raise ArgumentError(f"button must be one of {', '.join(_BUTTONS)}, not {button!r:.80}")
    x, y = integer("x", x, 0, PIXELS_MAX), integer("y", y, 0, PIXELS_MAX)
    code, bits, wheel = _BUTTONS[button], modifier_bits(modifiers), button.startswith("wheel")
    if not _reported(action, button, wheel, modes.mouse):
        return b""
    if modes.mouse != 9:
        code |= (4 if bits & SHIFT else 0) | (8 if bits & (ALT | META) else 0) | (16 if bits & CTRL else 0)
        code |= _MOTION if action == "move" else 0
    column, row = x + 1, y + 1
    if modes.mouse_encoding in (1006, 1016):
        if modes.mouse_encoding == 1016 and pixel is not None:
            column, row = (integer("pixel", place, 0, PIXELS_MAX) + 1 for place in pixel)
        return b"\x1b[<%d;%d;%d%s" % (code, column, row, b"m" if action == "release" else b"M")
    if action == "release":
        code = (code & ~(0x40 | 0x80 | 3)) | _RELEASED
    if modes.mouse_encoding == 1015:
        return b"\x1b[%d;%d;%dM" % (code + 32, column, row)
    if modes.mouse_encoding == 1005:
        if max(column, row) > _UTF8_MAX:
            return b""
        return b"\x1b[M" + "".join(chr(number + 32) for number in (code, column, row)).encode("utf-8")
    if max(column, row) > _BYTE_MAX:
        return b""
    return b"\x1b[M" + bytes(number + 32 for number in (code, column, row))


def _reported(action: str, button: str, wheel: bool, mode: int) -> bool:
    if mode == 9:
        return action == "press" and button in ("left", "middle", "right")
    if action == "move":
        return mode == 1003 or (mode == 1002 and button != "none" and not wheel)
    return mode in (1000, 1001, 1002, 1003) and button != "none" and not (wheel and action == "release")


def encode_focus(focused: bool, *, modes: InputModes) -> bytes:
    """The bytes for a window that has got or lost the focus; none unless mode 1004 is set.

    >>> encode_focus(True, modes=InputModes(focus=True))
    b'\\x1b[I'
    """
    return (b"\x1b[I" if focused else b"\x1b[O") if modes.focus else b""


def encode_paste(text: str, *, modes: InputModes) -> bytes:
    """The bytes that a paste sends, between brackets in mode 2004; what could pass for a command is made blanks.

    That is every control character but tab and line ends, ESC among them, so that no paste can end its brackets. Without
    brackets, line ends are sent as Enter would send them.

    >>> encode_paste("ls\\x1b[201~\\n", modes=InputModes(bracketed_paste=True))
    b'\\x1b[200~ls [201~\\n\\x1b[201~'
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, not {type(text).__name__}")
    safe = text.translate(_UNSAFE)
    if modes.bracketed_paste:
        return b"\x1b[200~" + safe.encode("utf-8", "replace") + b"\x1b[201~"
    return safe.replace("\r\n", "\r").replace("\n", "\r").encode("utf-8", "replace")
