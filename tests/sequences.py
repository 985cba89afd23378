"""Output made of every control sequence that the tables of the terminal know, with parameters and strings at random.

Unlike the streams of ``streams.py`` nothing in it need make sense: parameters are too many or too large, strings are cut
off or end in a way of their own, C1 controls come as UTF-8 and as raw bytes, and UTF-8 is broken now and then.
"""

from __future__ import annotations

import random
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from ghostpage._protocol import dcs, osc, reports, settings, window
from streams import CLUSTERS, LONELY, NARROW, WIDE, WORDS

__all__ = ["MODES", "output"]

ROOT = Path(__file__).resolve().parent.parent


def _core_examples() -> list[str]:
    spec = spec_from_file_location("core_sequences", ROOT / "tools" / "core_sequences.py")
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return [row[1] for row in module.CORE]


CORE = _core_examples()
MODES = [*range(1, 20), 25, *range(30, 37), *range(40, 48), 66, 67, 69, 80, 95, *range(1000, 1017), *range(1034, 1054),
         1070, *range(2001, 2007), 2026, 2027, 2031, 2048, 8452]  # fmt: skip
ANSI_MODES = [2, 4, 12, 20]
PLAIN_FINALS = "@ABCDEFGHIJKLMPSTXZ^`abdefgjmnrsu"
MARKED_FINALS = [" @", " A", " q", '"q', "#{", "#}", "#p", "#q", "'}", "'~", "$r", "$t", "$v", "$x", "$z", "${", "*x",
                 "?J", "?K", "?W", "?s", "?r", "!p", '"p']  # fmt: skip
BROKEN = [b"\xff", b"\x80", b"\xc0\xaf", b"\xe2\x82", b"\xf0\x9f\x98", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc3",
          b"\x9b", b"\x90"]  # fmt: skip
COLORS = ["?", "red", "#123", "#0a0b0c", "rgb:1/22/333", "rgbi:0.5/0/1", "CIELab:50/0.1/-0.1", "nonsense", ""]
PAYLOADS = {
    4: lambda rng: ";".join(f"{rng.randint(0, 260)};{rng.choice(COLORS)}" for _ in range(rng.randint(1, 3))),
    8: lambda rng: rng.choice(("", "id=a", "id=b:x=y")) + ";" + rng.choice(("", "http://a", "http://a;b", "x" * 5000)),
    9: lambda rng: rng.choice(("hello", "4;1;50", "4;0", "9;/tmp", "4;3;x")),
    22: lambda rng: rng.choice((">", "<", "=", "?", "")) + rng.choice(("text", "wait,help", "__current__", "nothing")),
    52: lambda rng: rng.choice(("c", "p", "", "z")) + ";" + rng.choice(("?", "QUJD", "!", "Q" * 1500)),
    99: lambda rng: f"i={rng.choice('ab')}:d={rng.randint(0, 1)}:p={rng.choice(('title', 'body', 'close', '?'))};text",
    133: lambda rng: rng.choice(("A", "B", "C", "D;1", "D", "P;k=s", "L", "A;cl=m")),
    777: lambda rng: rng.choice(("notify;a;b", "other")),
    1337: lambda rng: rng.choice(("SetMark", "CurrentDir=/x", "SetUserVar=a=QUJD", "File=:QUJD", "ReportCellSize", "Copy=:QUJD")),
}


def _number(rng: random.Random) -> str:
    some = (str(rng.randint(0, 30)), str(rng.randint(0, 30)))
    return rng.choice(("", "", "0", "1", "2", "3", *some, "80", "255", "65535", "65536", str(2**64)))


def _numbers(rng: random.Random) -> str:
    count = rng.choice((0, 1, 1, 1, 2, 2, 3, 4, 5, 6, 8, 40))
    return ";".join(_number(rng) + (":" + _number(rng) if rng.random() < 0.03 else "") for _ in range(count))


def _csi(rng: random.Random, key: str) -> str:
    """A sequence by what the tables know it by: a marker, intermediates and a final byte."""
    marker = key[0] if key[0] in "<=>?" else ""
    start = "\x1b[" if rng.random() < 0.9 else "\u009b"
    return start + marker + _numbers(rng) + key[len(marker) :]


def _end(rng: random.Random, bell: bool) -> str:
    ends = ["\x1b\\"] * 6 + ["\u009c", "\x18", "\x1a", "\x1b", "", "\x1b[m"]
    return rng.choice(ends + ["\a"] * 6 if bell else ends)


def _osc(rng: random.Random) -> str:
    number = rng.choice([*osc.osc.keys, *PAYLOADS, 424242])
    payload = PAYLOADS.get(number, lambda rng: rng.choice((*COLORS, rng.choice(WORDS), "a=1:b;c", "é" * 700)))(rng)
    start = "\x1b]" if rng.random() < 0.9 else "\u009d"
    return f"{start}{number}{rng.choice((';',) * 9 + ('',))}{payload}{_end(rng, True)}"


def _dcs(rng: random.Random) -> str:
    key = rng.choice([*dcs.dcs.keys, "+z"])
    marker = key[0] if key[0] in "<=>?" else ""
    contents = {
        "$q": rng.choice([*settings.settings.keys, "zz", ">4m"]),
        "+q": rng.choice(("544e", "544e;436f;7a", "zz", "")),
        "$t": rng.choice(("1;1;1;@;@;@;0;2;@;BB%5%5", "9/17/25", "2;3;1;A;@;H;1;2;@;B0BB", "x")),
        "t": rng.choice(("mux;\x1b\x1b[31m", "x")),
    }
    content = contents.get(key, "data~" * rng.choice((1, 3, 400)))
    return f"\x1bP{marker}{_numbers(rng)}{key[len(marker) :]}{content}{_end(rng, False)}"


def _string(rng: random.Random) -> str:
    start = rng.choice(("\x1b_", "\x1b_G", "\x1b^", "\x1bX", "\u009f", "\u0098"))
    return start + rng.choice(("a=t;QUJD", "x\a\r\n", "y" * 1500)) + _end(rng, False)


def _text(rng: random.Random) -> str:
    return "".join(rng.choice(rng.choice((NARROW, NARROW, WIDE, CLUSTERS, LONELY))) for _ in range(rng.randint(1, 12)))


def _mode(rng: random.Random) -> str:
    final = rng.choice("hhhlll") if rng.random() < 0.8 else rng.choice(("s", "r", "$p"))
    if rng.random() < 0.2:
        return f"\x1b[{rng.choice(ANSI_MODES)}{final if final in 'hl' else '$p'}"
    return "\x1b[?" + ";".join(str(rng.choice(MODES)) for _ in range(rng.choice((1, 1, 1, 2, 3)))) + final


def _piece(rng: random.Random) -> str:
    weights = {"text": 30, "control": 12, "plain": 14, "marked": 8, "mode": 8, "report": 6, "window": 3, "osc": 6, "dcs": 4,
               "string": 2, "core": 8, "escape": 5}  # fmt: skip
    kind = rng.choices(list(weights), list(weights.values()))[0]
    if kind == "text":
        return _text(rng)
    if kind == "control":
        return rng.choice(("\r\n", "\n", "\r", "\b", "\t", "\a", "\v", "\0", "\x05", "\x0e", "\x0f", "\x18", "\x7f", "\x1b"))
    if kind == "plain":
        return _csi(rng, rng.choice(PLAIN_FINALS))
    if kind == "marked":
        return _csi(rng, rng.choice(MARKED_FINALS))
    if kind == "report":
        marker, number = rng.choice(reports.status.keys)
        key = rng.choice([key for key in reports.csi.keys if key != "/Z"])  # which is no CSI
        return rng.choice((_csi(rng, key), f"\x1b[{marker}{number}n"))
    if kind == "window":
        return f"\x1b[{rng.choice(window.operations.keys)};{_number(rng)};{_number(rng)}t"
    if kind == "escape":
        between = rng.choice(("",) * 6 + tuple("()*+-./ #%"))
        return "\x1b" + between + rng.choice("0123456789<=>?@ABCDEFGHIJKLMNOQRSTUVWYZ`abcdefghijklmnopqrstuvwxyz{|}~")
    makers = {"mode": _mode, "osc": _osc, "dcs": _dcs, "string": _string, "core": lambda rng: rng.choice(CORE)}
    return makers[kind](rng)


def output(seed: int, pieces: int) -> bytes:
    """The same for the same seed. A VT52 does not last, so that there is more to it than text."""
    rng = random.Random(f"sequences {seed}")
    parts = []
    for _ in range(pieces):
        parts.append(rng.choice(BROKEN) if rng.random() < 0.03 else _piece(rng).encode())
        if b"\x1b[?2l" in parts[-1] or (rng.random() < 0.05 and not parts[-1].startswith(b"\x1b")):
            parts.append(_text(rng).encode() + b"\x1bY\x22\x24\x1b<\x1b[64;1\"p")
    return b"".join(parts)
