"""Terminal output made up for tests: Hypothesis strategies, and a seeded generator for long loops.

Both put the same pieces together: a piece is a bit of text or one control with its numbers, made by a function of a
``random.Random`` and the size of the window. Numbers and lengths fall on the edges of the window more often than
anywhere else. Everything but ``hostile_bytes`` is valid UTF-8 with whole sequences only.
"""

import random
from collections.abc import Callable
from typing import NamedTuple

from hypothesis import strategies as st


class Window(NamedTuple):
    columns: int
    rows: int


Maker = Callable[[random.Random, Window], str]

NARROW = ["a", "B", "7", "#", "~", " ", "é", "ж", "א", "─", "\u00ad", "ﾊ", "💢\ufe0e", "©", "☺"]
WIDE = ["界", "字", "ｗ", "한", "あ", "🚀", "😀", "👍", "⌚"]
CLUSTERS = [
    "e\u0301",
    "a" + "\u0300\u0316\u0332" * 3,
    "z" + "\u0353" * 31,
    "z" + "\u0353" * 33,
    "❤\ufe0f",
    "1\ufe0f\u20e3",
    "👍\ufe0e",
    "👍🏽",
    "👩\u200d🚀",
    "👨\u200d👩\u200d👧\u200d👦",
    "🏳\ufe0f\u200d🌈",
    "🇫🇷",
    "🇩🇪🇯🇵🇧",
    "क\u094dष\u093f",
    "\u1112\u1161\u11ab",
    "ก\u0e33",
    "நி",
    "ﾊ\uff9e",
    "\u0600\u0661",
]
LONELY = ["\u0301", "\u200d", "\ufe0f", "\ufe0e", "\u200b", "\u2060", "\u20e3", "🏽", "🇦", "\u1161", "\u0903", "\u2028"]
WORDS = "the quick brown fox error warning 0x7f3a 2024-05-01 /usr/lib/x.so: done [100%] déjà vu".split()


# ---- numbers ------------------------------------------------------------------------------------------------------


def near(rng: random.Random, size: int) -> int:
    """A number from 0 to a little over ``size``, mostly at an end."""
    return max(0, rng.choice((0, 1, 2, size // 2, size - 2, size - 1, size, size + 1, rng.randint(0, size + 2))))


def column(rng: random.Random, window: Window) -> int:
    return near(rng, window.columns)


def line(rng: random.Random, window: Window) -> int:
    return near(rng, window.rows)


def small(rng: random.Random) -> str:
    return rng.choice(("", "", "0", "1", "2", "3", str(rng.randint(0, 9))))


# ---- pieces -------------------------------------------------------------------------------------------------------


def words(rng: random.Random, window: Window) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(1, 5)))


def text(rng: random.Random, window: Window) -> str:
    return "".join(rng.choice(rng.choice((NARROW, NARROW, WIDE, CLUSTERS, LONELY))) for _ in range(rng.randint(1, 8)))


def wide(rng: random.Random, window: Window) -> str:
    return "".join(rng.choices(WIDE, k=rng.randint(1, window.columns // 2 + 2)))


def clusters(rng: random.Random, window: Window) -> str:
    return "".join(rng.choices(CLUSTERS, k=rng.randint(1, 6)))


def lonely(rng: random.Random, window: Window) -> str:
    return rng.choice(LONELY)


def one(rng: random.Random, window: Window) -> str:
    return rng.choice(rng.choice((NARROW, WIDE, CLUSTERS)))


def fill(rng: random.Random, window: Window) -> str:
    """Text that ends at the edge of the window, one off, or in the row after."""
    count = window.columns * rng.choice((1, 1, 1, 2, 3)) + rng.choice((-2, -1, 0, 0, 1))
    alphabet = rng.choice(("abcdefghij", "ab cd ", "a界", "界字", "ae\u0301"))
    return (alphabet * count)[: max(1, count)] + rng.choice(("", "", *WIDE, *CLUSTERS, "x"))


def long_line(rng: random.Random, window: Window) -> str:
    return "".join(rng.choice(WORDS) + " " for _ in range(window.columns * window.rows // 4 + 1))


def newline(rng: random.Random, window: Window) -> str:
    return "\r\n"


def newlines(rng: random.Random, window: Window) -> str:
    return "\r\n" * line(rng, window)


def line_feed(rng: random.Random, window: Window) -> str:
    return rng.choice("\n\n\v\f") * rng.choice((1, 1, 2))


def carriage_return(rng: random.Random, window: Window) -> str:
    return "\r"


def backspace(rng: random.Random, window: Window) -> str:
    return "\b" * rng.choice((1, 1, 2, 5)) + rng.choice(("", " \b"))


def tab(rng: random.Random, window: Window) -> str:
    return "\t" * rng.choice((1, 1, 1, 2))


def sgr(rng: random.Random, window: Window) -> str:
    color = f"{rng.choice((38, 48, 58))}"
    rgb = [str(rng.choice((0, 1, 127, 255))) for _ in range(3)]
    choices = [
        "",
        "0",
        str(rng.choice((1, 2, 3, 4, 5, 7, 8, 9, 21, 22, 23, 24, 25, 27, 28, 29, 53, 55))),
        str(rng.choice((30, 40, 90, 100)) + rng.randint(0, 7)),
        rng.choice(("39", "49", "59")),
        f"4:{rng.randint(0, 5)}",
        f"{color};5;{rng.randint(0, 255)}",
        f"{color}:5:{rng.randint(0, 255)}",
        f"{color};2;{';'.join(rgb)}",
        f"{color}:2::{':'.join(rgb)}",
        f"{color}:2:{':'.join(rgb)}",
    ]
    return "\x1b[" + ";".join(rng.choices(choices, k=rng.choice((1, 1, 2, 3)))) + "m"


def background(rng: random.Random, window: Window) -> str:
    return f"\x1b[{rng.choice((41, 44, 49, 102))}m"


def link(rng: random.Random, window: Window) -> str:
    parameters = rng.choice(("", "", "id=a", "id=b", "x=1:id=c", "id="))
    uri = rng.choice(("https://example.com/", "file:///tmp/a%20b", "https://example.com/?q=;x", "mailto:a@example.com"))
    return f"\x1b]8;{parameters};{uri}" + rng.choice(("\x1b\\", "\a"))


def unlink(rng: random.Random, window: Window) -> str:
    return "\x1b]8;;\x1b\\"


def linked_word(rng: random.Random, window: Window) -> str:
    return link(rng, window) + one(rng, window) + rng.choice(WORDS) + unlink(rng, window)


def title(rng: random.Random, window: Window) -> str:
    return f"\x1b]{rng.choice('012')};{rng.choice(WORDS)}" + rng.choice(("\x1b\\", "\a"))


def position(rng: random.Random, window: Window) -> str:
    return f"\x1b[{line(rng, window)};{column(rng, window)}{rng.choice('HHHf')}"


def corner(rng: random.Random, window: Window) -> str:
    x = rng.choice((1, window.columns - 1, window.columns))
    return f"\x1b[{rng.choice((1, window.rows, window.rows))};{max(1, x)}H"


def move(rng: random.Random, window: Window) -> str:
    final = rng.choice("ABCDEFG`aIZde")
    number = line(rng, window) if final in "ABEFde" else column(rng, window)
    return f"\x1b[{rng.choice((number, '', 1))}{final}"


def erase(rng: random.Random, window: Window) -> str:
    return "\x1b[" + rng.choice(("J", "0J", "1J", "2J", "3J", "K", "K", "0K", "1K", "2K", f"{column(rng, window)}X"))


def erase_line(rng: random.Random, window: Window) -> str:
    return "\x1b[" + rng.choice(("K", "K", "2K", "1K"))


def clear(rng: random.Random, window: Window) -> str:
    return rng.choice(("\x1b[H\x1b[2J", "\x1b[H\x1b[J", "\x1b[2J\x1b[3J\x1b[H"))


def shift(rng: random.Random, window: Window) -> str:
    return f"\x1b[{rng.choice(('', 1, 2, column(rng, window)))}{rng.choice('@P')}"


def insert_lines(rng: random.Random, window: Window) -> str:
    return f"\x1b[{rng.choice(('', 1, 2, line(rng, window)))}{rng.choice('LM')}"


def scroll(rng: random.Random, window: Window) -> str:
    return rng.choice(("\x1bM", "\x1bD", "\x1bE", f"\x1b[{small(rng)}S", f"\x1b[{small(rng)}T"))


def region(rng: random.Random, window: Window) -> str:
    return rng.choice(("\x1b[r", f"\x1b[{line(rng, window)};{line(rng, window)}r", f"\x1b[{rng.randint(1, 3)}r"))


def repeat(rng: random.Random, window: Window) -> str:
    return one(rng, window) + f"\x1b[{rng.choice(('', 1, 2, column(rng, window)))}b"


def save_or_restore(rng: random.Random, window: Window) -> str:
    return rng.choice(("\x1b7", "\x1b8", "\x1b[s", "\x1b[u", "\x1b[?1048h", "\x1b[?1048l"))


def alternate(rng: random.Random, window: Window) -> str:
    return f"\x1b[?{rng.choice((1049, 1049, 1047, 47))}{rng.choice('hl')}"


def mode(rng: random.Random, window: Window) -> str:
    return "\x1b[" + rng.choice(("?6", "?7", "?7", "?25", "?2004", "?1", "4", "4", "20", "?1;7")) + rng.choice("hl")


def stop(rng: random.Random, window: Window) -> str:
    return rng.choice(("\x1bH", "\x1b[g", "\x1b[3g", "\x1b[0g"))


def charset(rng: random.Random, window: Window) -> str:
    return rng.choice(("\x1b(0lqqk_\x1b(B", "\x1b(0", "\x1b(B", "\x1b)0", "\x0e", "\x0f", "\x0eqx\x0f"))


def reset(rng: random.Random, window: Window) -> str:
    return rng.choice(("\x1b[!p", "\x1b[!p", "\x1bc"))


def harmless(rng: random.Random, window: Window) -> str:
    """What changes nothing on the screen."""
    queries = ("\x1b[c", "\x1b[>c", "\x1b[6n", "\x1b[?1$p", "\x1bZ")
    return rng.choice((*queries, "\a", "\x1b[4 q", "\x1b=", "\x1b>", "\x1b]133;A\a", "\x1bPq#0\x1b\\"))


def prompt(rng: random.Random, window: Window) -> str:
    return "\r\n\x1b[32muser\x1b[0m:\x1b[34m~\x1b[0m$ "


def progress(rng: random.Random, window: Window) -> str:
    done = rng.randint(0, window.columns)
    return "\r" + "█" * done + "░" * (window.columns - done) + rng.choice(("", "\x1b[K"))


def retype(rng: random.Random, window: Window) -> str:
    """What a line editor does to a line."""
    edit = "\b" * rng.randint(1, 4) + rng.choice(("\x1b[K", "\x1b[P", "\x1b[@", ""))
    return rng.choice(WORDS) + edit + one(rng, window)


def margins(rng: random.Random, window: Window) -> str:
    """Left and right margins, with and without the mode that allows them."""
    left, right = column(rng, window), column(rng, window)
    return rng.choice(("\x1b[?69l", "\x1b[?69h", *(f"\x1b[?69h\x1b[{left};{right}s",) * 4, f"\x1b[{left};{right}s"))


def columns(rng: random.Random, window: Window) -> str:
    """What moves columns: DECIC, DECDC, SL, SR, DECBI, DECFI."""
    return rng.choice(("\x1b6", "\x1b9", *(f"\x1b[{small(rng)}{final}" for final in ("'}", "'~", " @", " A"))))


def protection(rng: random.Random, window: Window) -> str:
    erase = ("\x1b[?J", "\x1b[?1J", "\x1b[?2J", "\x1b[?K", "\x1b[?1K", "\x1b[?2K", f"\x1b[{rectangle(rng, window)}${{")
    guard = rng.choice(('\x1b[1"q', '\x1b[0"q', '\x1b[2"q', "\x1bV", "\x1bW"))
    return rng.choice((guard, guard + one(rng, window), rng.choice(erase), rng.choice(erase)))


def rectangle(rng: random.Random, window: Window) -> str:
    """The four parameters of one; some are omitted, some are none."""
    edges = [line(rng, window), column(rng, window), line(rng, window), column(rng, window)]
    return ";".join("" if rng.random() < 0.2 else str(edge) for edge in edges)


def rectangles(rng: random.Random, window: Window) -> str:
    area = rectangle(rng, window)
    attributes = ";".join(rng.choices(("0", "1", "4", "5", "7", "8", "22", "24", "27"), k=rng.randint(0, 2)))
    target = f"{line(rng, window)};{column(rng, window)}"
    choices = (
        f"{rng.choice((35, 120, 181, 30028, 7, 769))};{area}$x", f"{area}$z", f"{area};1;{target};1$v",
        f"{area};{attributes}$r", f"{area};{attributes}$t", f"{rng.randint(0, 2)}*x",
    )  # fmt: skip
    return "\x1b[" + rng.choice(choices)


def sets(rng: random.Random, window: Window) -> str:
    """Character sets, locking and single shifts."""
    designation = "\x1b" + rng.choice("()*+-./") + rng.choice(("B", "0", "A", "K", "Z", "%5", "%6", ">", "<", "="))
    shifts = ("\x0e", "\x0f", "\x1bn", "\x1bo", "\x1bN", "\x1bO", "\x1b~", "\x1b}", "\x1b|", "\u008e", "\u008f")
    return rng.choice((designation, rng.choice(shifts))) + rng.choice(("", "a#[", "{é", one(rng, window)))


def screen_mode(rng: random.Random, window: Window) -> str:
    number = rng.choice(("45", "45", "1045", "41", "2027", "1046", "6;7", "3", "40", "5"))
    return "\x1b[?" + number + rng.choice("hhlsr")


def sizes(rng: random.Random, window: Window) -> str:
    return "\x1b#" + rng.choice("3456")


def back(rng: random.Random, window: Window) -> str:
    return rng.choice(("\b", "\b\b", f"\x1b[{column(rng, window)}D", f"\x1b[{column(rng, window) * 3}D"))


def pens(rng: random.Random, window: Window) -> str:
    return "\x1b[" + rng.choice(("#{", "1;4;30#{", "#}", "#}"))


PIECES: dict[str, Maker] = {
    maker.__name__: maker
    for maker in (
        words, text, wide, clusters, lonely, one, fill, long_line, newline, newlines, line_feed, carriage_return,
        backspace, tab, sgr, background, link, unlink, linked_word, title, position, corner, move, erase, erase_line,
        clear, shift, insert_lines, scroll, region, repeat, save_or_restore, alternate, mode, stop, charset, reset,
        harmless, prompt, progress, retype, margins, columns, protection, rectangles, sets, screen_mode, back, pens, sizes,
    )
}  # fmt: skip

VT_ONLY = {"margins", "columns", "protection", "rectangles", "sets", "screen_mode", "back", "pens", "sizes"}

PROFILES: dict[str, dict[str, int]] = {
    "log": {
        "words": 30, "text": 6, "wide": 4, "clusters": 5, "fill": 8, "long_line": 1, "newline": 40, "newlines": 1,
        "tab": 5, "sgr": 12, "linked_word": 5, "background": 2, "erase_line": 2, "lonely": 1, "carriage_return": 1,
    },
    "shell": {
        "words": 20, "text": 8, "fill": 6, "newline": 20, "prompt": 10, "retype": 15, "progress": 6, "backspace": 6,
        "carriage_return": 6, "erase_line": 8, "tab": 4, "sgr": 8, "linked_word": 2, "shift": 4, "move": 6, "title": 2,
        "clear": 2, "harmless": 2, "scroll": 1, "save_or_restore": 1, "mode": 1, "alternate": 1,
    },
    "tui": {
        "words": 15, "text": 10, "wide": 4, "clusters": 4, "fill": 6, "position": 30, "corner": 10, "move": 12,
        "erase": 10, "sgr": 20, "background": 6, "shift": 5, "insert_lines": 6, "scroll": 6, "region": 5, "repeat": 6,
        "line_feed": 6, "save_or_restore": 3, "alternate": 2, "mode": 3, "charset": 2, "link": 2, "unlink": 2,
        "clear": 2, "stop": 1, "harmless": 1,
    },
    "vt": {
        "words": 14, "text": 16, "wide": 6, "clusters": 6, "fill": 14, "position": 14, "corner": 10, "move": 8, "erase": 5,
        "sgr": 6, "background": 3, "shift": 6, "insert_lines": 8, "scroll": 8, "region": 5, "repeat": 4, "newline": 10,
        "line_feed": 4, "carriage_return": 4, "tab": 4, "save_or_restore": 4, "alternate": 2, "mode": 5, "lonely": 2,
        "link": 1, "unlink": 1, "reset": 2, "margins": 12, "columns": 8, "protection": 8, "rectangles": 10, "sets": 5,
        "screen_mode": 5, "back": 8, "pens": 1, "stop": 1, "sizes": 2,
    },
    "areas": {
        "words": 14, "text": 16, "wide": 6, "clusters": 6, "fill": 14, "position": 14, "corner": 10, "move": 8, "erase": 5,
        "sgr": 6, "background": 3, "shift": 6, "insert_lines": 8, "scroll": 8, "region": 5, "repeat": 4, "newline": 10,
        "line_feed": 4, "carriage_return": 4, "tab": 4, "save_or_restore": 4, "alternate": 2, "mode": 5, "lonely": 2,
        "link": 1, "unlink": 1, "reset": 2, "margins": 12, "columns": 8, "protection": 8, "rectangles": 10, "back": 4,
        "charset": 1, "stop": 1,
    },
    "mixed": dict.fromkeys((name for name in PIECES if name not in VT_ONLY), 4)
    | {"reset": 1, "text": 16, "fill": 12, "newline": 16, "corner": 8, "long_line": 1},
}  # fmt: skip


# ---- streams ------------------------------------------------------------------------------------------------------


def random_stream(seed: int, length: int, profile: str = "mixed", *, columns: int = 80, rows: int = 24) -> bytes:
    """Output of at least ``length`` bytes, the same for the same arguments."""
    rng = random.Random(f"{profile}:{seed}")
    window = Window(columns, rows)
    names, weights = zip(*PROFILES[profile].items(), strict=True)
    parts: list[bytes] = []
    size = 0
    while size < length:
        part = PIECES[rng.choices(names, weights)[0]](rng, window).encode()
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def pieces(profile: str = "mixed", *, columns: int = 80, rows: int = 24) -> st.SearchStrategy[bytes]:
    """One piece, the profile's rare kinds as often as any."""
    window = Window(columns, rows)
    made = st.builds(
        lambda name, rng: PIECES[name](rng, window).encode(),
        st.sampled_from(sorted(PROFILES[profile])),
        st.randoms(use_true_random=False),
    )
    typed = st.text(st.sampled_from("ab 界\u0301\ufe0f\u200d🚀🇦\r\n\t\b"), min_size=1, max_size=12)
    return made | made | typed.map(str.encode)


def streams(
    profile: str = "mixed", *, columns: int = 80, rows: int = 24, max_pieces: int = 40
) -> st.SearchStrategy[bytes]:
    """Plausible output: whole sequences, valid UTF-8."""
    return st.lists(pieces(profile, columns=columns, rows=rows), max_size=max_pieces).map(b"".join)


def hostile_bytes(max_pieces: int = 30) -> st.SearchStrategy[bytes]:
    """Anything at all: noise, broken UTF-8, and sequences cut, mixed up and with absurd numbers."""
    noise = st.binary(max_size=12)
    broken = st.sampled_from(
        [b"\xff", b"\x80", b"\xc0\xaf", b"\xe2\x82", b"\xf0\x9f\x98", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"]
        + [b"\xc2\x85", b"\xc2\x9b3m"]
    )
    openings = st.sampled_from(
        [b"\x1b", b"\x1b[", b"\x1b[?", b"\x1b]8;;x", b"\x1b]0;", b"\x1bP1$q", b"\x1b_", b"\x1b(", b"\x18", b"\x1b\\"]
    )
    number = st.sampled_from(["", "0", "1", "65535", "65536", "99999999999", "5:3", "?"])
    final = st.sampled_from([*"ABCDHJKLMPST@XmrhlgIZdG", "$", " q", "\x18", "\x1b", "é"])
    sequences = st.builds(
        lambda numbers, final: f"\x1b[{';'.join(numbers)}{final}".encode(), st.lists(number, max_size=40), final
    )
    cut = st.builds(lambda piece, start, stop: piece[start:stop], pieces(), st.integers(0, 5), st.integers(0, 30))
    return st.lists(noise | broken | openings | sequences | cut | pieces(), max_size=max_pieces).map(b"".join)
