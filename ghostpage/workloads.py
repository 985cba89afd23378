"""Terminal output made to measure: named workloads, the same bytes for everybody.

Each workload is an endless stream of units (a line, or a frame of a full-screen program) drawn from a seed. What is
generated depends on the name, the seed and the window's size alone: the only source of chance is
``random.Random(int).random()``, whose sequence Python promises to keep.

>>> generate("ascii", 100) == generate("ascii", 4000)[: len(generate("ascii", 100))]
True
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from ghostpage._vtebench import STREAMS

__all__ = ["describe", "generate", "names", "units"]

T = TypeVar("T")


class Dice:
    """Chance that does not change between versions of Python."""

    def __init__(self, seed: int):
        self.random: Callable[[], float] = random.Random(seed).random

    def below(self, stop: int) -> int:
        return int(self.random() * stop)

    def between(self, low: int, high: int) -> int:
        return low + int(self.random() * (high - low + 1))

    def pick(self, choices: Sequence[T]) -> T:
        return choices[int(self.random() * len(choices))]


Maker = Callable[[Dice, int, int], Iterator[str]]
_MAKERS: dict[str, Maker] = {}


def _workload(make: Maker) -> Maker:
    _MAKERS[make.__name__.strip("_")] = make
    return make


def names() -> tuple[str, ...]:
    """The names of all workloads: the plain ones, those of screens, and those of vtebench's kinds (``vte_``)."""
    return tuple(_MAKERS)


def describe(name: str) -> str:
    """One line on what a workload prints."""
    return (_maker(name).__doc__ or "").splitlines()[0].rstrip(".")


def units(name: str, seed: int = 0, *, columns: int = 120, rows: int = 40) -> Iterator[bytes]:
    """The endless stream of a workload, unit by unit: a line with its ``\\r\\n``, or a frame."""
    dice = Dice(zlib.crc32(name.encode()) << 64 | seed & 0xFFFF_FFFF_FFFF_FFFF)
    return (unit.encode() for unit in _maker(name)(dice, columns, rows))


def generate(name: str, size_bytes: int, seed: int = 0, *, columns: int = 120, rows: int = 40) -> bytes:
    """At least ``size_bytes`` of a workload: whole units, and no unit more than it takes.

    Where the window's size matters (full-screen programs), the output suits ``columns`` and ``rows``. Made at about
    5 to 50 MB/s: for more, feed the same bytes repeatedly.
    """
    stream, parts, total = units(name, seed, columns=columns, rows=rows), [], 0
    while total < size_bytes:
        parts.append(next(stream))
        total += len(parts[-1])
    return b"".join(parts)


def _maker(name: str) -> Maker:
    try:
        return _MAKERS[name]
    except KeyError:
        raise ValueError(f"no workload {name!r}; there are {', '.join(_MAKERS)}") from None


# ---- what the workloads are made of ----------------------------------------------------------------------------------

WORDS = (
    "parcel label route stop depot scale weight queue store stamp order north south read write open close found lost "
    "again never after before the a of and in to with from as is was are has been not only when then index table value "
    "request response error warning info debug connection timeout retry session worker thread page memory mapping"
).split()
LEVELS = ["INFO ", "INFO ", "INFO ", "DEBUG", "WARN ", "ERROR"]

EMOJI = (
    "😀 😂 🥹 🤔 😎 🥳 🤖 👻 🎉 🎯 🚀 🔥 ✨ 💡 🐛 🧪 📦 📝 🔒 🔧 🌍 🌈 🍕 🍜 ✅ ❌ ⏳ ⚡ ♻️ ❤️ ☀️ ✈️ 1️⃣ #️⃣ 🇳🇴 🇯🇵 🇧🇷 🇺🇳"
).split()
SEQUENCES = (
    "👩‍💻 🧑‍🚀 👨‍🍳 👩🏽‍🔬 🧑🏿‍🎨 👨🏻‍🚒 👩🏾‍⚖️ 🧙🏼‍♂️ 🤦🏽‍♀️ 🏃🏻‍♂️ 👨‍👩‍👧‍👦 👩‍👩‍👦 👨‍👧‍👧 "
    "👩‍❤️‍💋‍👨 🧑🏻‍🤝‍🧑🏿 🏳️‍🌈 🏳️‍⚧️ 🏴‍☠️ 👁️‍🗨️ 🐻‍❄️ 🐈‍⬛ 👍🏿 ✊🏽 🖖🏾 🏴󠁧󠁢󠁳󠁣󠁴󠁿"
).split()

CJK = (
    "日本語の文章には漢字と仮名が混ざり一行に並ぶ文字は二つの桁を占める今日は天気が良いので荷物を運ぶ船が港に着いた"
    "中文文本没有空格每个字占两列我们测量终端的速度和内存历史记录很长但不会丢失한글도두칸을차지한다오늘은날씨가좋다"
)

THAI = "ที่นี่ มี น้ำ และ ผู้คน เดินทาง กลับบ้าน เมื่อวานนี้ ฝนตก หนัก ต้นไม้ ใหญ่ ริมแม่น้ำ สวัสดี ครับ".split()
DEVANAGARI = "हिन्दी में लिखा हुआ पाठ क्षत्रिय विद्यार्थी स्त्री नमस्ते दुनिया राष्ट्र प्रकृति संस्कृत श्रीमती".split()
MARKS = [chr(point) for point in range(0x0300, 0x0370)]

RESET = "\x1b[m"


def _sentence(dice: Dice, low: int, high: int) -> str:
    return " ".join(dice.pick(WORDS) for _ in range(dice.between(low, high)))


def _link(dice: Dice, text: str) -> str:
    return f"\x1b]8;;https://example.org/{dice.pick(WORDS)}/{dice.below(10_000)}\x1b\\{text}\x1b]8;;\x1b\\"


def _log_line(dice: Dice, number: int) -> str:
    clock = f"{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}"
    return f"{clock} {dice.pick(LEVELS)} {_sentence(dice, 5, 8)}"


# ---- lines -----------------------------------------------------------------------------------------------------------


@_workload
def _ascii(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """Log lines of plain ASCII, about 50 characters each."""
    number = 0
    while True:
        number += 1
        yield _log_line(dice, number) + "\r\n"


@_workload
def _emoji(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """Emoji, joined sequences and hyperlinks, about 170 bytes of text a row: the founding workload."""
    while True:
        parts = []
        for _ in range(dice.between(8, 10)):
            roll = dice.random()
            if roll < 0.50:
                parts.append(dice.pick(SEQUENCES))
            elif roll < 0.80:
                parts.append(dice.pick(EMOJI) + dice.pick(EMOJI))
            else:
                parts.append(_link(dice, f"{dice.pick(SEQUENCES)} {dice.pick(WORDS)}"))
            if dice.random() < 0.5:
                parts.append(dice.pick(WORDS))
        yield " ".join(parts) + "\r\n"


@_workload
def _cjk(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """Chinese, Japanese and Korean, 20 to 55 wide characters a line."""
    while True:
        yield "".join(dice.pick(CJK) for _ in range(dice.between(20, 55))) + "\r\n"


@_workload
def _sgr(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """Each word in another of 256 colours, some bold or underlined."""
    while True:
        words = []
        for _ in range(dice.between(8, 14)):
            extra = dice.pick(["", "", "", "1;", "4;", "3;"])
            words.append(f"\x1b[{extra}38;5;{dice.below(256)}m{dice.pick(WORDS)}{RESET}")
        yield " ".join(words) + "\r\n"


@_workload
def _truecolor(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """Each cell with its own foreground and background in 24 bits."""
    while True:
        cells = []
        for _ in range(min(columns, 110)):
            fore, back = (";".join(str(dice.below(256)) for _ in range(3)) for _ in range(2))
            cells.append(f"\x1b[38;2;{fore};48;2;{back}m▀")
        yield "".join(cells) + RESET + "\r\n"


@_workload
def _long(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """Lines of 10 to 60 KB that wrap over hundreds of rows."""
    while True:
        yield _exactly(dice, dice.between(10_000, 60_000)) + "\r\n"


@_workload
def _combining(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """Thai, Devanagari, and Latin letters under heaps of marks."""
    while True:
        kind, words = dice.below(3), []
        for _ in range(dice.between(6, 11)):
            if kind == 0:
                words.append(dice.pick(THAI))
            elif kind == 1:
                words.append(dice.pick(DEVANAGARI))
            else:
                heaps = ("".join(dice.pick(MARKS) for _ in range(dice.between(0, 6))) for _ in range(12))
                words.append("".join(letter + heap for letter, heap in zip(dice.pick(WORDS), heaps, strict=False)))
        yield " ".join(words) + "\r\n"


@_workload
def _links(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """A hyperlink in every word."""
    while True:
        yield " ".join(_link(dice, dice.pick(WORDS)) for _ in range(dice.between(7, 13))) + "\r\n"


@_workload
def _short(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """Very short lines, some empty."""
    while True:
        yield dice.pick(WORDS)[: dice.below(5)] + "\r\n"


@_workload
def _huge_lines(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """Lines of 200 to 900 KB each, every other one with emoji in it."""
    emoji = False
    while True:
        size = dice.between(200_000, 900_000)
        if emoji:
            piece = " ".join(dice.pick(SEQUENCES) + " " + dice.pick(WORDS) for _ in range(400))
            yield piece * (size // len(piece.encode())) + "\r\n"
        else:
            yield _exactly(dice, size) + "\r\n"
        emoji = not emoji


def _exactly(dice: Dice, size: int) -> str:
    words, length = [], 0
    while length < size:
        words.append(dice.pick(WORDS))
        length += len(words[-1]) + 1
    return " ".join(words)[:size]


# ---- screens ---------------------------------------------------------------------------------------------------------


@_workload
def _redraw(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """A full-screen program in the alternate screen that draws every row again in each frame."""
    frame = 0
    while True:
        parts = ["\x1b[?1049h\x1b[?25l" if frame == 0 else "", "\x1b[H"]
        parts.append(f"\x1b[7m{f' frame {frame} ':─^{columns}}{RESET}")
        for row in range(2, rows):
            load = dice.below(100)
            bar = "█" * (load // 5) + "░" * (20 - load // 5)
            text = f"{dice.below(99_999):6d} {_sentence(dice, 3, 9)}"[: max(0, columns - 32)]
            parts.append(f"\x1b[{row};1H\x1b[38;5;{16 + load * 2}m{bar}{RESET} {load:3d}% │ {text}\x1b[K")
        parts.append(f"\x1b[{rows};1H\x1b[30;46mF1\x1b[m help \x1b[30;46mF10\x1b[m quit\x1b[K")
        frame += 1
        yield "".join(parts)


@_workload
def _scroll_region(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """A pane that scrolls between fixed rows, up and down, as in tmux and less."""
    number = 0
    top, bottom = 2, max(3, rows - 2)
    yield f"\x1b[2J\x1b[Hhead\x1b[{top};{bottom}r"
    while True:
        number += 1
        line = _log_line(dice, number)[:columns]
        roll = dice.random()
        if roll < 0.70:
            yield f"\x1b[{bottom};1H\n\x1b[32m{line}{RESET}"
        elif roll < 0.85:
            yield f"\x1b[{top};1H\x1bM{line}"
        elif roll < 0.93:
            yield f"\x1b[{dice.between(1, 4)}S\x1b[{bottom};1H{line}"
        elif roll < 0.98:
            yield f"\x1b[{dice.between(1, 4)}T\x1b[{top};1H{line}"
        else:
            yield f"\x1b[r\x1b[{rows};1H\x1b[7m{number:8d}{RESET}\r\n\x1b[{top};{bottom}r"


@_workload
def _edit(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """Characters and lines inserted, deleted and erased in the middle of text."""
    while True:
        word = dice.pick(WORDS)
        change = dice.pick(
            [
                "\x1b[{n}@{w}",
                "\x1b[{n}P",
                "\x1b[{n}X",
                "\x1b[4h{w}\x1b[4l",
                "\x1b[K{w}",
                "\x1b[1K{w}",
                "\x1b[L{w}",
                "\x1b[M",
            ]
        )
        place = f"\x1b[{dice.between(1, rows)};{dice.between(1, columns)}H"
        text = place + change.format(n=dice.between(1, 9), w=word)
        if dice.random() < 0.2:
            text += f"\x1b[{rows};1H{_sentence(dice, 5, 12)}\r\n"
        yield text


@_workload
def _wide_repaint(dice: Dice, columns: int, rows: int) -> Iterator[str]:
    """Emoji and hyperlinks painted over each other in place, with a little output scrolling by."""
    height = max(2, rows // 3)
    frame = 0
    while True:
        frame += 1
        parts = []
        if frame > 1:
            parts.append(f"\x1b[{height}A\r")
        if frame % 2 == 0:
            parts.append(f"\x1b[K{dice.pick(SEQUENCES)} {_link(dice, _sentence(dice, 3, 6))} {dice.pick(EMOJI)}\r\n")
        for _ in range(height):
            shift = " " * dice.below(4)
            cells = " ".join(
                dice.pick(SEQUENCES) if dice.random() < 0.5 else _link(dice, dice.pick(EMOJI) + dice.pick(WORDS))
                for _ in range(8)
            )
            parts.append(f"\x1b[K{shift}\x1b[38;5;{dice.below(256)}m{cells}{RESET}\r\n")
        yield "".join(parts)


# ---- as vtebench has them --------------------------------------------------------------------------------------------

_MAKERS.update(STREAMS)
