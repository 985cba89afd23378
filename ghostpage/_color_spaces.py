"""Colours in the spaces that X11 writes by name (``CIELab:`` and others), as Xlib makes RGB of them.

Xlib's colour management asks the server what the monitor is like; no server says, so that programs have always seen what
its default makes of them: a Tektronix tube of the time, with a matrix and a curve for each gun. The same is done here.
What the tube cannot show gets as much chroma as there is of its hue and value (XcmsTekHVCClipC).
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Callable

__all__ = ["convert"]

Triple = tuple[float, float, float]

_MOST = 1e6  # of any number: far beyond all that can be seen, and of no harm in what follows
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE | re.ASCII)

# ---- the monitor ----------------------------------------------------------------------------------------------------

_TO_RGB = (
    (3.48340481253539000, -1.52176374927285200, -0.55923133354049780),
    (-1.07152751306193600, 1.96593795204372400, 0.03673691339553462),
    (0.06351179790497788, -0.20020501000496480, 0.81070942031648220),
)
_TO_XYZ = (
    (0.38106149108714790, 0.32025712365352110, 0.24834578525933100),
    (0.20729745115140850, 0.68054638776373240, 0.11215616108485920),
    (0.02133944350088028, 0.14297193020246480, 1.24172892629665500),
)
_WHITE = (sum(_TO_XYZ[0]), 1.0, sum(_TO_XYZ[2]))

# Intensities of each gun, in millionths, at levels of 8 bits that are 5 apart and end at 255. The level below the first is dark.
_RED = (
    936, 1481, 2329, 3529, 5127, 7169, 9699, 12759, 16392, 20637, 25533, 31119, 37431, 44504, 52373, 61069, 70624, 81070,
    92433, 104744, 118026, 132307, 147610, 163958, 181371, 199871, 219475, 240202, 262069, 285089, 309278, 334647, 361208,
    388971, 417945, 448138, 479555, 512202, 546082, 581199, 617552, 655144, 693971, 734031, 775322, 817837, 861571, 906515,
    952662, 1000000,
)  # fmt: skip
_GREEN = (
    832, 1998, 3612, 5736, 8428, 11745, 15740, 20463, 25960, 32275, 39449, 47519, 56520, 66484, 77439, 89409, 102418, 116485,
    131625, 147853, 165176, 183604, 203140, 223783, 245533, 268384, 292327, 317351, 343441, 370580, 398747, 427919, 458068,
    489165, 521176, 554067, 587797, 622324, 657604, 693588, 730225, 767459, 805235, 843491, 882164, 921187, 960490, 1000000,
)  # fmt: skip
_BLUE = (
    1341, 2080, 3188, 4729, 6766, 9357, 12559, 16424, 21004, 26344, 32489, 39481, 47357, 56154, 65903, 76634, 88373, 101145,
    114968, 129862, 145841, 162915, 181095, 200386, 220791, 242309, 264937, 288670, 313499, 339410, 366390, 394421, 423481,
    453547, 484592, 516587, 549498, 583291, 617925, 653361, 689553, 726454, 764013, 802178, 840891, 880093, 919723, 959715,
    1000000,
)  # fmt: skip
_STEP, _TOP, _UNIT = 5, 255, 0x101  # Xlib's levels are of 16 bits, both bytes alike


def _apply(matrix: tuple[Triple, Triple, Triple], color: Triple) -> Triple:
    x, y, z = color
    first, second, third = (row[0] * x + row[1] * y + row[2] * z for row in matrix)
    return first, second, third


def _level(intensity: float, gun: tuple[int, ...]) -> int:
    """The level of 8 bits that comes closest, between two that are known."""
    if intensity <= 0:
        return 0
    sought = min(intensity, 1.0) * 1e6
    above = bisect_left(gun, sought)
    high = (_TOP - _STEP * (len(gun) - 1 - above)) * _UNIT
    low, dark = (high - _STEP * _UNIT, gun[above - 1]) if above else (high - _UNIT, 0)
    return (low + int((high - low) * (sought - dark) / (gun[above] - dark)) + _UNIT // 2) // _UNIT


# ---- the spaces, to CIE XYZ -----------------------------------------------------------------------------------------

_SLACK = 1e-5  # by which a value may be out of its range


def _within(value: float, most: float) -> bool:
    return -_SLACK <= value <= most + _SLACK


def _luminance(lightness: float) -> float:
    return lightness / 903.29 if lightness < 7.99953624 else ((lightness + 16) / 116) ** 3


def _lightness(luminance: float) -> float:
    return luminance * 903.29 if luminance < 0.008856 else luminance ** (1 / 3) * 116 - 16


def _chromaticity(xyz: Triple) -> tuple[float, float]:
    """u' and v', of black those of white."""
    x, y, z = xyz
    divisor = x + 15 * y + 3 * z
    return (4 * x / divisor, 9 * y / divisor) if divisor else _chromaticity(_WHITE)


_WHITE_UV = _chromaticity(_WHITE)
_RED_ANGLE = math.degrees(math.atan((0.4931 - _WHITE_UV[1]) / (0.7127 - _WHITE_UV[0])))  # of what TekHVC counts hues from
_CHROMA_SCALE = 7.50725


def _from_xyz(x: float, y: float, z: float) -> Triple | None:
    return (x, y, z) if _within(y, 1) else None


def _from_uvy(u: float, v: float, luminance: float) -> Triple | None:
    if not _within(luminance, 1):
        return None
    divisor = 6 * u - 16 * v + 12
    if divisor == 0:
        u, v = _WHITE_UV
        divisor = 6 * u - 16 * v + 12
    x, y = 9 * u / divisor, 4 * v / divisor
    z = 1 - x - y
    return (x * luminance / y, luminance, z * luminance / y) if y else (x, luminance, z)


def _from_xyy(x: float, y: float, luminance: float) -> Triple | None:
    if not (_within(x, 1) and _within(y, 1) and _within(luminance, 1)):
        return None
    scale = luminance / (y or _SLACK)
    return x * scale, luminance, (1 - x - y) * scale


def _from_lab(lightness: float, a: float, b: float) -> Triple | None:
    """With a and b in hundredths of CIE's, and a dark branch a hundred times as bright: as Xlib has it."""
    if not _within(lightness, 100):
        return None
    root = (lightness + 16) / 116
    if root**3 < 0.008856:
        dim = lightness / 9.03292
        return _WHITE[0] * (a / 3893.5 + dim), dim, _WHITE[2] * (dim - b / 1557.4)
    return _WHITE[0] * (root + a / 5) ** 3, root**3, _WHITE[2] * (root - b / 2) ** 3


def _from_luv(lightness: float, u: float, v: float) -> Triple | None:
    """With u and v in hundredths of CIE's, as Xlib has it."""
    if not _within(lightness, 100):
        return None
    scale = 13 * lightness / 100
    du, dv = (u / scale, v / scale) if scale else (0.0, 0.0)
    return _from_uvy(_WHITE_UV[0] + du, _WHITE_UV[1] + dv, _luminance(lightness))


def _from_hvc(hue: float, value: float, chroma: float) -> Triple | None:
    if not _within(value, 100) or chroma < -_SLACK:
        return None
    if value in (0, 100):
        return _from_uvy(*_WHITE_UV, value / 100)
    angle = math.radians((hue + _RED_ANGLE) % 360)
    u = math.cos(angle) * chroma / (value * _CHROMA_SCALE)
    v = math.sin(angle) * chroma / (value * _CHROMA_SCALE)
    return _from_uvy(u + _WHITE_UV[0], v + _WHITE_UV[1], _luminance(value))


_SPACES: dict[str, Callable[[float, float, float], Triple | None]] = {
    "ciexyz": _from_xyz,
    "cieuvy": _from_uvy,
    "ciexyy": _from_xyy,
    "cielab": _from_lab,
    "cieluv": _from_luv,
    "tekhvc": _from_hvc,
}

# ---- what can be shown ----------------------------------------------------------------------------------------------

_GAMUT_SLACK = 1e-3  # by which an intensity may be out of its range
_HALVINGS = 40
_JUST_LIT = 1e-9


def _to_hvc(xyz: Triple) -> Triple:
    u, v = (part - white for part, white in zip(_chromaticity(xyz), _WHITE_UV))
    value = _lightness(xyz[1])
    return math.degrees(math.atan2(v, u)) - _RED_ANGLE, value, value * _CHROMA_SCALE * math.hypot(u, v)


def _is_shown(rgb: Triple) -> bool:
    return all(-_GAMUT_SLACK <= intensity <= 1 + _GAMUT_SLACK for intensity in rgb)


def _purest(hue: float) -> Triple:
    """The intensities of a hue with the most chroma: one gun fully on, one off."""
    beyond = _from_hvc(hue, 40, 120)
    assert beyond is not None
    rgb = _apply(_TO_RGB, beyond)
    red, green, blue = ((intensity - min(rgb)) / (max(rgb) - min(rgb)) for intensity in rgb)
    return red, green, blue


def _most_chroma(hue: float, value: float) -> float:
    """Up to the purest colour it grows with the value; from there on the tube's edge leads to white."""
    purest = _purest(hue)
    _, peak, most = _to_hvc(_apply(_TO_XYZ, purest))
    if value <= peak:
        return value * most / peak
    low, high, chroma = 0.0, 1.0, most
    for _ in range(_HALVINGS):
        whiteness = (low + high) / 2
        red, green, blue = (intensity + (1 - intensity) * whiteness for intensity in purest)
        _, reached, chroma = _to_hvc(_apply(_TO_XYZ, (red, green, blue)))
        low, high = (whiteness, high) if reached < value else (low, whiteness)
    return chroma


def _intensities(xyz: Triple) -> Triple | None:
    rgb = _apply(_TO_RGB, xyz)
    if _is_shown(rgb):
        return rgb
    hue, value, _ = _to_hvc(xyz)
    shown = _from_hvc(hue, value, _most_chroma(hue, value))
    if shown is None or not _is_shown(rgb := _apply(_TO_RGB, shown)):
        return None
    # One gun at least is at the end of its range there. In Xlib rounding decides whether it is off; here it is just lit.
    red, green, blue = (_JUST_LIT if abs(intensity) < _JUST_LIT else intensity for intensity in rgb)
    return red, green, blue


def convert(space: str, parts: list[str]) -> tuple[int, int, int] | None:
    """Red, green and blue, each from 0 to 255, of three numbers in a space; None if there is no such space or colour.

    >>> convert("rgbi", ["1", "0.5", "0"]), convert("CIELab", ["0.5", "0.5", "0.5"]), convert("CIELab", ["200", "0", "0"])
    ((255, 187, 0), (82, 79, 79), None)
    """
    name = space.lower()
    if not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    first, second, third = (max(-_MOST, min(float(part), _MOST)) for part in parts)
    if name == "rgbi":
        rgb: Triple | None = (first, second, third)
    else:
        xyz = _SPACES[name](first, second, third) if name in _SPACES else None
        rgb = _intensities(xyz) if xyz else None
    return (_level(rgb[0], _RED), _level(rgb[1], _GREEN), _level(rgb[2], _BLUE)) if rgb else None
