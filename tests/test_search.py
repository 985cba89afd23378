"""Search: what plain Python finds in each line, in either order, while output goes on."""

import copy
import gc
import pickle
import random
import re
import sys
import threading
import time

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ghostpage import Arena, ArgumentError, ClosedError, Limits, Terminal
from ghostpage._core import ffi, lib
from ghostpage._patterns import Needles, names_ascii, over_lines, required, texts_over_lines
from streams import random_stream

PATTERNS = [
    r"e", r"\w+", r"^\w", r"\w$", r"[a-z]+ [a-z]", r"(q)(u)?", r"x*", r"\d|$", r"[^a]+", r"\s+", r"(?s).b", r"a|\Z", r"\Ab",
    r"(?<=e)r", r"o(?=w)", r"\bfox\b", r"\Bo", r"(.)\1", r"^$", r".{3}$", r"(?i)ERROR", r"(?x) w a r n  ing", r"界|é", r"",
    r"[\s,]+\w", r"[\s\S]{3}", r"(?-m:^)\w", r"\W+\Z", r"(?!\n)\w$", r"e\n?", r"(?<!\s)\w(?!\s)", r"[\W_]+",
]  # fmt: skip


def of_lines(terminal: Terminal, finder) -> list[tuple[int, int, int]]:
    return [(line.number, *span) for line in terminal.lines for span in finder(str(line))]


def spans(search, terminal: Terminal) -> list[tuple[int, str]]:
    return [(match.start.line, match.text) for match in search]


def literal(needle: str):
    def find(line: str):
        at = line.find(needle)
        while at >= 0:
            yield at, at + len(needle)
            at = line.find(needle, at + len(needle))

    return find


def check(terminal: Terminal, pattern, finder) -> None:
    lines = {line.number: line for line in terminal.lines}
    wanted = [
        (line.position(begin), line.position(end), line.text[begin:end], line.text)
        for number, begin, end in of_lines(terminal, finder)
        for line in [lines[number]]
    ]
    assert [tuple(match)[:4] for match in terminal.search(pattern, newest_first=False)] == wanted
    assert [tuple(match)[:4] for match in terminal.search(pattern)] == wanted[::-1]


@pytest.mark.parametrize("mode", ["auto", "grid", "early"])
@pytest.mark.parametrize("seed", range(8))
def test_what_python_finds_in_each_line(mode: str, seed: int) -> None:
    rng = random.Random(seed)
    columns, rows = rng.choice([(40, 12), (10, 4), (5, 3), (1, 1)])
    with (
        Arena(standard_page=4096) as arena,
        Terminal(columns, rows, scrollback=Limits(lines=rng.choice((0, 3, 100, None))), arena=arena, _mode=mode) as terminal,
    ):
        terminal.feed(random_stream(seed, 3000, rng.choice(("log", "shell", "mixed")), columns=columns, rows=rows))
        for needle in ("e", "fox", "界", "é", "rr", "quick brown", "nowhere", " "):
            check(terminal, needle, literal(needle))
        for pattern in PATTERNS:
            if pattern:
                compiled = re.compile(pattern)
                check(terminal, compiled, lambda line, c=compiled: [match.span() for match in c.finditer(line)])


ATOMS = [
    "a", "b", "[ab]", "[ ,1]", "[^a]", r"\s", r"\S", r"\W", r"\w", r"\d", r"\D", ".", r"[\s,]", r"[\s\S]", r"[\t-a]", r"[^\s]",
    "^", "$", r"\A", r"\Z", r"\b", r"\B", r"\n", "(?s:.)", "(?-m:^)", "(?-m:$)", "(?i:A)", r"[^\Wa]", r"[\W_]",
]  # fmt: skip


def random_pattern(rng: random.Random, depth: int) -> str:
    kind = rng.random()
    if not depth or kind < 0.4:
        return rng.choice(ATOMS)
    inside = random_pattern(rng, depth - 1)
    if kind < 0.6:
        return inside + random_pattern(rng, depth - 1)
    if kind < 0.7:
        return f"(?:{inside}|{random_pattern(rng, depth - 1)})"
    if kind < 0.85:
        return f"(?:{inside}){rng.choice(['*', '+', '?', '{1,2}', '*?'])}"
    return rng.choice(["(", "(?=", "(?!", "(?<=a)(?:", "(?<![^a])(?:"]) + inside + ")"


def in_order(needles: Needles) -> bytes:
    """A pattern for what is needed, with anything between."""

    def spelled(byte: int) -> bytes:
        if byte < lib.GP_SET_FIRST:
            return re.escape(bytes([byte]))
        ranges = needles.sets[byte - lib.GP_SET_FIRST]
        return b"[%s]" % b"".join(b"\\x%02x-\\x%02x" % (*ranges[at : at + 2],) for at in range(0, len(ranges), 2))

    return b".*".join(b"".join(map(spelled, text)) for text in needles.texts)


@pytest.mark.parametrize("seed", range(4))
def test_over_many_lines_a_pattern_matches_where_it_does_in_each(seed: int) -> None:
    rng = random.Random(seed)
    rewritten = 0
    for _ in range(1500):
        pattern = re.compile(rng.choice(["", "(?s)", "(?m)", "(?i)", "(?a)"]) + random_pattern(rng, 4))
        over = over_lines(pattern)
        if over is None:
            continue
        rewritten += 1
        texts = texts_over_lines(pattern)
        lines = ["".join(rng.choices("aab ,1A\t\r\x1c\u2028_", k=rng.randint(0, 6))) for _ in range(6)]
        for index, line in enumerate(lines):
            joined, begin = "\n".join(lines), sum(len(each) + 1 for each in lines[:index])
            wanted, found = pattern.search(line), over.search(joined, begin)
            assert texts is None or texts.findall(joined) == [each.group() for each in over.finditer(joined)], pattern
            if joined.isascii():
                in_bytes = over.search(joined.encode(), begin)
                assert (in_bytes and in_bytes.span()) == (found and found.span()), pattern
                by_ascii = over_lines(pattern, True)
                if "\x1c" not in joined:  # a space for str alone, which no line has
                    same = by_ascii and by_ascii.search(joined, begin)
                    assert (same and same.span()) == (found and found.span()), pattern
            if wanted is None:
                assert found is None or found.start() > begin + len(line), pattern
            else:
                assert found is not None and found.groups() == wanted.groups(), pattern
                assert re.search(in_order(required(pattern)), wanted.group().encode(), re.DOTALL), pattern
                assert found.span() == (begin + wanted.start(), begin + wanted.end()), pattern
    assert rewritten > 1000


@pytest.mark.parametrize("pattern", [r"ſ+", r"[a-ɏ]+", r"[^ſ]+", "\N{KELVIN SIGN}", r"(?u)\u017f", r"(?-i:a)|ſ", "(k)\\1"])
def test_without_case_ascii_may_be_other_characters(pattern: str) -> None:
    compiled = re.compile(pattern, re.IGNORECASE)
    over = over_lines(compiled, True)
    for line in ("s", "K", "kKa", "S T"):
        assert over and [found.span() for found in over.finditer(line)] == [found.span() for found in compiled.finditer(line)]


def test_a_pattern_that_names_ascii_alone_matches_in_utf_8_where_it_does_in_text() -> None:
    rng = random.Random(3)
    atoms = ["a", "b", "[ab]", "[1-9]", "^", "$", r"\A", r"\Z", *ATOMS]
    alike = 0
    for _ in range(4000):
        parts = [rng.choice(atoms) + rng.choice(["", "", "*", "+", "?", "{2}"]) for _ in range(rng.randint(1, 4))]
        text = "".join(parts) if rng.random() < 0.7 else f"({parts[0]})|(?:{''.join(parts[1:])})*a"
        try:
            pattern = re.compile(text)
        except re.error:  # "^*"
            continue
        over = over_lines(pattern)
        if not names_ascii(pattern) or over is None:
            continue
        alike += 1
        lines = "\n".join("".join(rng.choices("aab1 é界\N{ARABIC-INDIC DIGIT ONE}👍", k=rng.randint(0, 6))) for _ in range(6))
        encoded = lines.encode()
        in_text = [(len(lines[: found.start()].encode()), found.group().encode()) for found in over.finditer(lines)]
        in_bytes = [(found.start(), found.group()) for found in over.finditer(encoded)]
        if over.match(""):  # an empty text is found between the bytes of a character too
            assert set(in_text) <= set(in_bytes), pattern
        else:
            assert in_text == in_bytes, pattern
    assert alike > 400
    for other in ("é", r"\d", ".", "[^a]", r"a\b", "(?i)a", "(?i:a)b", r"(a)\1", "[a-é]", "(?=é)a"):
        assert not names_ascii(re.compile(other)), other


def test_a_pattern_that_could_take_newlines_stops_where_a_line_ends() -> None:
    """Were it to run on, from each line through all that follow, this would take minutes."""
    over = over_lines(re.compile(r"[^x]+x"))
    assert over is not None and over.search("abc\n" * 100_000) is None
    assert over_lines(re.compile(r"a\nb")) is None


@pytest.mark.parametrize(
    ("pattern", "text"),
    [(r"error \d+: (?:no|file) such file", "error [09ÙÙÛÛßô]|: | such file"), (r"(?i)error", ""), (r"(?i:error)s", "s"), (r"ab?c", "a|c"),
     (r"(?:ab)+c", "ab|c"), (r"(?:ab){0,3}c", "c"), (r"a\bb", "ab"), (r"(a(bc))d", "abcd"), (r"(?=abc)d", "d"),
     (r"abc|d", ""), (r"\d", "[09ÙÙÛÛßô]"), (r"\D", ""), (r"(?:ab){2}c", "ababc"), (r"(?:ab?){2}c", "a|c"), ("a{1000}b", "a|b"),
     ("(?:a{30}){3}b", "a" * 30 + "|b"),
     (r"a|c|b", "[ac]"), (r"(?:xa|xb)y", "x[ab]y"), ("[a-f0-9]{2}", "[09af]" * 2), ("[ab]+c", "[ab]|c"), (r"[a\n]", "[aa]"),
     (r"[^a]b", "b"), (r"[a\d]", "[09aaÙÙÛÛßô]"), ("[aé]b", "[aaÃÃ]|b"), ("[一-龥]b", "[äé]|b"), (r"\s\s", "[\t\t\x0b\r\x1c ÂÂàô]|[\t\t\x0b\r\x1c ÂÂàô]"), ("(?i:[ab])c", "c"), ("[acegikmoqsu]", ""), (r"[\0a]", ""),
     ("".join(f"[a{each}]" for each in "bcdefghij"), "[ab][aacc][aadd][aaee][aaff][aagg][aahh][aaii]")],
)  # fmt: skip
def test_what_a_pattern_needs(pattern: str, text: str) -> None:
    texts, sets = required(re.compile(pattern))
    spelled = {lib.GP_SET_FIRST + index: "[" + each.decode("latin-1") + "]" for index, each in enumerate(sets)}
    assert "|".join("".join(spelled.get(byte, chr(byte)) for byte in each) for each in texts) == text


def test_what_is_needed_of_a_category_is_known_of_all_characters() -> None:
    characters = "".join(map(chr, range(1, sys.maxunicode + 1)))
    for category in (r"\d", r"\w", r"\s"):
        begins = {each.encode("utf-8", "surrogatepass")[:1] for each in re.findall(category, characters)} - {b"\n"}
        needed = in_order(required(re.compile(category)))
        assert all(re.match(needed, each) for each in begins)


def test_texts_are_found_without_groups_unless_they_are_needed() -> None:
    for pattern, texts in ((r"(a)(b)?", ["ab"]), (r"(?P<x>a)|(b)", ["a", "b"]), ("[\x0c-z]", ["a", "b"]), ("x", [])):
        found = texts_over_lines(re.compile(pattern))
        assert found and found.findall("ab") == texts and not found.groups
    for pattern in (r"(a)\1", r"(a)?(?(1)b|c)", r"(?:(a)|b)+\1"):
        assert texts_over_lines(re.compile(pattern)) is None


def test_rare_and_frequent_matches_in_one_history(arena: Arena) -> None:
    """Lines with what a pattern needs are looked for in the pages where they are few, and read with all others where not."""
    with Terminal(60, 10, scrollback=Limits(), arena=arena) as terminal:
        rng = random.Random(5)
        for begin in range(0, 20_000, 1000):
            share = rng.choice((0, 0.001, 0.01, 0.3, 1))
            words = ["needle" if rng.random() < share else "n" for _ in range(1000)]
            ends = rng.choice((["é", "-"], ["é", "-  ", "界"]))
            terminal.feed("".join(f"{word} {n} {rng.choice(ends)}\r\n" for n, word in enumerate(words, begin)))
        for pattern in (r"needle \d+7 ", r"\d+7 é", r"(?:needle )+\d{3,}", r"e \d*9\d* 界", r"(n) 1\d*8\d* -", r" n",
                        r"[np] [1-3]\d*9[79] ", "[a-e]{3}l", "[xyz]"):  # fmt: skip
            compiled = re.compile(pattern)
            check(terminal, compiled, lambda line, c=compiled: [match.span() for match in c.finditer(line)])


ATOMIC = sys.version_info >= (3, 11)
OTHERS = [".", r"\d", r"\w", r"\s", "^", "$", r"\b", "(?=a)", "(?<=[ab])", "(?<![k1])", "(?![^b])", r"\1", "(?(1)a|[bk])"]
REPEATS = ["{}", "(?:{})?", "(?:{})*", "(?:{})+", "(?:{}){{2}}", "(?:{}){{0,2}}", "(?:{}){{2,3}}?", *["(?:{})++"] * ATOMIC]
GROUPS = ["({})", "(?i:{})", "(?a:{})", "(?s-i:{})", "(?={})", "(?!{})", "(?<={})", *["(?>{})"] * ATOMIC]


def patterns() -> st.SearchStrategy[str]:
    """Patterns with sets, and all that may be around them."""
    letters = st.sampled_from("abk-é")
    members = st.one_of(letters, st.sampled_from(["a-b", "1-9", "b-k", "\\d", "\\n", "\\t-a", "\\0-1", "Ā-界"]))
    sets = st.builds("[{}{}]".format, st.sampled_from(["", "", "^"]), st.lists(members, min_size=1, max_size=3).map("".join))

    def larger(inside: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.builds(str.format, st.sampled_from(REPEATS + GROUPS), inside),
            st.lists(inside, min_size=2, max_size=3).map("|".join),
            st.lists(inside, min_size=2, max_size=4).map("".join),
        )

    whole = st.recursive(st.one_of(sets, sets, letters, st.sampled_from(OTHERS)), larger, max_leaves=8)
    return st.builds("{}{}".format, st.sampled_from(["", "", "", "(?i)", "(?a)", "(?s)", "(?m)", "(?ai)"]), whole)


TEXTS = st.lists(st.text("abkK1-é\u212a", min_size=3, max_size=12), max_size=60)


@pytest.mark.filterwarnings("ignore:Possible")  # sets in sets, in another Python
@given(pattern=patterns(), texts=TEXTS, columns=st.sampled_from((1, 7, 40)))
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_what_is_needed_is_in_all_that_matches(
    monkeypatch: pytest.MonkeyPatch, pattern: str, texts: list[str], columns: int
) -> None:
    try:
        compiled = re.compile(pattern)
    except re.error:  # a group that is not there, or a length that is not known
        assume(False)
    needed = in_order(required(compiled))
    monkeypatch.setattr("ghostpage.search.LINES_UNASKED", 1)
    with Arena(standard_page=4096) as arena, Terminal(columns, 2, scrollback=Limits(), arena=arena) as terminal:
        terminal.feed("".join(f"{text}\r\n\r\n\r\n\r\n\r\n" for text in texts))  # few lines have what is needed
        wanted = [(line, found) for line in terminal.lines for found in compiled.finditer(line.text)]
        for _, found in wanted:
            assert re.search(needed, found.group().encode(), re.DOTALL), found
        places = [(line.position(found.start()), line.position(found.end()), found.group()) for line, found in wanted]
        for newest_first in (True, False):
            matches = [tuple(match)[:3] for match in terminal.search(compiled, newest_first=newest_first)]
            assert matches == (places[::-1] if newest_first else places)


ALPHABETS = ["aab ,1A", "aab 1é", "ab 界世", "ab👩\u200d💻👍🏽", "ab\u0301\u0308e", "ab 1,é界👍"]


@pytest.mark.parametrize("seed", range(8))
def test_whichever_way_a_pattern_is_run(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In chunks or alone, in ASCII or not, few matches or many, from either end: what a plain loop over the lines finds."""
    rng = random.Random(seed)
    for name in ("search.LINES_A_CHUNK", "search.LINES_WITH_PLACES", "matches.PLACES_AT_ONCE", "_chunks.FEW_MATCHES", "_chunks.MATCHES_AT_ONCE", "_chunks.CHARACTERS_BACKWARDS"):
        monkeypatch.setattr(f"ghostpage.{name}", rng.choice((1, 3, 20)))
    monkeypatch.setattr("ghostpage.search.LINES_UNASKED", rng.choice((1, 50)))
    monkeypatch.setattr("ghostpage.search.FEW_LINES", rng.choice((1, 2, 50)))
    monkeypatch.setattr("ghostpage.lines.BYTES_AT_ONCE", rng.choice((5, 100, 1 << 16)))
    columns = rng.choice((1, 7, 30))
    limits = Limits(lines=rng.choice((4, 30, None)))
    with Arena(standard_page=4096) as arena, Terminal(columns, 3, scrollback=limits, arena=arena) as terminal:
        alphabet = ALPHABETS[seed % len(ALPHABETS)]
        words = ["".join(rng.choices(alphabet, k=rng.randint(0, 12))) for _ in range(8)]
        for _ in range(rng.choice((60, 300))):
            plain = "".join(rng.choices("ab 1", k=rng.randint(0, 9)))
            terminal.feed(f"{rng.choice(words) if rng.random() < 0.5 else ''}{plain}\r\n")
        lines = list(terminal.lines)
        for _ in range(30):
            needle, ignore_case = "".join(rng.choices(alphabet, k=rng.randint(1, 3))), rng.random() < 0.3
            compiled = re.compile(rng.choice(["", "(?s)", "(?m)", "(?i)", "(?a)"]) + random_pattern(rng, 3))
            for pattern in (compiled, needle):
                plain = re.escape(needle) if pattern is needle else compiled.pattern
                flags = 0 if pattern is needle else compiled.flags
                same = re.compile(plain, flags | (re.IGNORECASE if ignore_case else 0))
                wanted = [
                    (line.position(found.start()), line.position(found.end()), found.group(), line.text, found.groups())
                    for line in lines
                    for found in same.finditer(line.text)
                ]
                for newest_first in (True, False):
                    found = terminal.search(pattern, ignore_case=ignore_case, newest_first=newest_first)
                    assert [tuple(match) for match in found] == (wanted[::-1] if newest_first else wanted), pattern


def test_a_match_says_what_it_was_and_may_be_kept_alone(arena: Arena) -> None:
    with Terminal(60, 10, scrollback=Limits(), arena=arena) as terminal:
        terminal.feed("".join(f"line {number} of many\r\n" for number in range(5000)))
        (rare,) = terminal.search(re.compile(r"\b(4)3\d1\b(?<=21)"))
        many = list(terminal.search(re.compile(r"line (\d+)")))
        terminal.feed("\x1bc")
    assert tuple(rare) == ((4321, 5), (4321, 9), "4321", "line 4321 of many", ("4",))
    assert repr(rare) == (
        "Match(start=Position(line=4321, cell=5), end=Position(line=4321, cell=9), text='4321', line='line 4321 of many', groups=('4',))"
    )
    assert [match.start.line for match in many] == list(range(4999, -1, -1))
    for match in (rare, many[0], many[4000]):
        for same in (copy.copy(match), pickle.loads(pickle.dumps(match))):
            assert same == match and hash(same) == hash(match) and same.line == match.line
    assert many[0] != many[1] and not many[0] != copy.copy(many[0]) and many[0] > many[1]
    assert many[0] == tuple(many[0]) and tuple(many[0]) == many[0] and hash(many[0]) == hash(tuple(many[0]))
    start, end, text, _, groups = many[0]
    assert (start, end, text, groups) == (*many[0][:3], many[0][-1]) and len(many[0]) == 5 and "line 4999" in many[0]
    for alone in (rare, copy.copy(many[0])):
        parts = [part for part in gc.get_referents(alone) if not isinstance(part, (type, int))]
        texts = [text for part in parts for text in gc.get_referents(part) if isinstance(text, str)]
        assert len(parts) == 2 and texts and max(map(len, texts)) < 20


def test_the_filter_finds_what_the_plain_loop_does() -> None:
    rng = random.Random(2)
    for _ in range(3000):
        text = bytes(rng.choices(b"abxyz\n\xe9", rng.choice(([9, 9, 1, 1, 1, 1, 1], [1] * 7)), k=rng.randint(0, 90)))
        letters = rng.choice((b"ab", b"\xf8", b"ab\xf8\xff"))
        needle = bytes(rng.choices(letters, k=rng.randint(1, 5)))
        ranges = bytes(sorted(rng.choices(b"abcxyz", k=rng.choice((2, 4, 16)))))
        sets = ranges.ljust(112, b"\0") + b"aazz".ljust(16, b"\0")
        found = re.search(in_order(Needles((needle,), (ranges, *[b"aa"] * 6, b"aazz"))), text)
        wanted = found.start() if found else len(text)
        for find in (lib.gp_find, lib.gp_find_plain):
            assert find(text, len(text), needle, len(needle), sets) == wanted
            if letters == b"ab":
                assert find(text, len(text), needle, len(needle), ffi.NULL) == wanted


@pytest.mark.parametrize("mode", ["auto", "grid", "early"])
@pytest.mark.parametrize("seed", range(6))
def test_where_the_characters_of_many_lines_are(mode: str, seed: int) -> None:
    """What the core says of all characters of a reading, looked up in any order, is what each line says of its own."""
    rng = random.Random(seed)
    columns = rng.choice((1, 5, 40))
    with Terminal(columns, 4, scrollback=Limits(lines=rng.choice((0, 7, None))), _mode=mode) as terminal:
        terminal.feed(random_stream(seed, 2000, rng.choice(("log", "shell", "mixed")), columns=columns, rows=4))
        for _ in range(200):
            word = "".join(rng.choices(rng.choice(ALPHABETS), k=rng.randint(0, 12)))
            terminal.feed(f"\x1b[{rng.choice((0, 1, 44))}m{word}\x1b[{rng.choice('0K')}{rng.choice('m ')}\r\n")
        lines = list(terminal.lines)
        made = ffi.new("gp_reading **")
        first, stop = lines[0].number, lines[-1].number + 1
        terminal._check(lib.gp_terminal_read_lines(terminal._live, first, stop, 1 << 30, lib.GP_LINES_PLACES, made))
        reading = ffi.gc(made[0], lib.gp_reading_free)
        text = ffi.buffer(reading.text, reading.text_bytes)[:].decode()
        assert text == "".join(f"{line}\n" for line in lines)
        wanted = [line.position(index) for line in lines for index in range(len(line) + 1)]
        at = list(range(len(text)))
        for order in (at, at[::-1], rng.sample(at, len(at)), at[:1], at[-1:]):
            numbers, cells = ffi.new("uint64_t[]", len(order)), ffi.new("uint32_t[]", len(order))
            lib.gp_stretches_find(
                reading.stretches, reading.stretch_count, reading.begin_line, ffi.new("uint32_t[]", order), len(order), numbers, cells
            )
            assert list(zip(numbers, cells)) == [wanted[each] for each in order]
        assert all(line.isascii() for line in lines) <= (reading.stretch_count == len(lines))


@pytest.mark.parametrize("word", ["word", "wörd", "世界", "👩\u200d💻"])
def test_a_chunk_of_several_parts_is_searched_as_one(word: str) -> None:
    with Terminal(70, 10, scrollback=Limits()) as terminal:
        terminal.feed("".join(f"{number:05d} {word if number % 7 else ''} {'x' * (number % 40)}\r\n" for number in range(6000)))
        for pattern in (rf"{word} x*", r"\d+", r"\d{3}00", r"x$|^\d", r"(?m)^", r"\b\d+999", "05999"):
            compiled = re.compile(pattern)
            check(terminal, compiled, lambda line, c=compiled: [match.span() for match in c.finditer(line)])


def whole_lines(terminal: Terminal) -> list[list]:
    """Lines as they were printed: each as its records."""
    lines: list[list] = []
    for record in terminal.lines:
        if record.continuation and lines:
            lines[-1].append(record)
        else:
            lines.append([record])
    return lines


def places(matches, records: list) -> list[tuple[int, int, str]]:
    """Begin and end of matches as indices into a line in several records, each of whose characters is a cell."""
    begins, at = {}, 0
    for record in records:
        begins[record.number] = at
        at += len(record)
    return [(begins[m.start.line] + m.start.cell, begins[m.end.line] + m.end.cell, m.text) for m in matches if m.start.line in begins]


@pytest.mark.parametrize("mode", ["auto", "grid", "early"])
@pytest.mark.parametrize("ended", [True, False], ids=["ended", "open"])
def test_a_line_in_several_records_is_searched_as_one(mode: str, ended: bool) -> None:
    """With little memory allowed a line is capped at 16 KiB already; what is looked for lies across the joints."""
    limits = Limits(bytes=192 * 1024)
    with Terminal(40, 5, scrollback=limits, _mode=mode) as terminal:
        terminal.feed("xxxxxxx " * 7_500)
        joints, at = [], 0
        for record in whole_lines(terminal)[0]:
            at += len(record)
            joints.append(at) if record.continues else None
    assert len(joints) >= 2
    needle = "Needlé 12 5"
    for shift in (0, 1, 6, 10):
        text = "xxxxxxx " * 7_500
        for joint in joints:
            begin = joint - shift
            text = text[:begin] + needle + text[begin + len(needle) :]
        with Terminal(40, 5, scrollback=limits, _mode=mode) as terminal:
            terminal.feed("before\r\n" + text + ("\r\nafter" * 9 if ended else ""))
            lines = whole_lines(terminal)
            records = next(records for records in lines if len(records) > 1)
            whole = "".join(records)
            assert len(records) >= 3 and text.startswith(whole)
            long = text[joints[0] - shift - 2 : joints[1] + 4]  # over a record and the joints at both ends
            assert len(long) > len(records[1]) and long in whole
            for pattern, ignore_case, finder in (
                (needle, False, re.compile(re.escape(needle))),
                (needle.upper(), True, re.compile(re.escape(needle))),
                ("xxxxxxx " * 1000, False, re.compile("(?:xxxxxxx ){1000}")),
                (long, False, re.compile(re.escape(long))),
                (long.upper(), True, re.compile(re.escape(long))),
                (re.compile(re.escape(long)), False, None),
                (re.compile(r"\w+\s+\d+ "), False, None),
                (re.compile(r"(?<=[x ])Ne+d|\d+"), False, None),
                (re.compile(r"^x|x $|\b\d"), False, None),
                (re.compile(r"(?:x+ ){300,700}"), False, None),
                (re.compile(r"[MN][e-f]{2}[c-e]|[0-9]"), False, None),
                (re.compile(r"[MN][e-f]{2}[c-e]"), False, None),
                (re.compile(r"[0-9]{2} [2-8]"), False, None),
            ):
                finder = finder or pattern
                wanted = [(*match.span(), match.group()) for match in finder.finditer(whole)]
                for newest_first in (False, True):
                    found = terminal.search(pattern, ignore_case=ignore_case, newest_first=newest_first)
                    assert places(found, records) == (wanted[::-1] if newest_first else wanted), (pattern, shift, newest_first)
                if isinstance(pattern, str):
                    step = terminal.search(pattern, ignore_case=ignore_case)
                    while not step.done:
                        step.step()
                    assert step.progress[0] == step.progress[1]


@pytest.mark.parametrize("pattern", ["needle", re.compile("needle")], ids=["literal", "pattern"])
def test_a_line_in_several_records_may_grow_while_it_is_searched(pattern) -> None:
    with Terminal(40, 4, scrollback=Limits(bytes=1 << 20)) as terminal:
        terminal.feed("needle " * 30_000)
        search = terminal.search(pattern, newest_first=False)
        starts = [next(search).start]
        terminal.feed("needle " * 30_000)
        starts += [match.start for match in search]
        assert starts == [match.start for match in terminal.search(pattern)][::-1]
        assert len(starts) == 60_000


def test_many_matches_in_a_long_line_take_no_look_at_all_of_it_each() -> None:
    """Tens of thousands in a record of a mebibyte, each of whose places took a decoding of it."""
    with Terminal(200, 4, scrollback=Limits()) as terminal:
        terminal.feed("abc é" * 180_000 + "\r\n" * 5)
        begin = time.process_time()
        assert len(list(terminal.search("abc"))) == 180_000
        assert time.process_time() - begin < 60


def test_case_is_folded_as_unicode_says(terminal: Terminal) -> None:
    terminal.feed("STRASSE\r\nStraße\r\nstrass\r\nΣίσυφος ΣΊΣΥΦΟΣ\r\nK 32")
    found = terminal.search("straße", ignore_case=True, newest_first=False)
    assert [match.text for match in found] == ["STRASSE", "Straße"]
    assert [match.text for match in terminal.search("σίσυφος", ignore_case=True)] == ["ΣΊΣΥΦΟΣ", "Σίσυφος"]
    assert [match.text for match in terminal.search("s", ignore_case=True)][-2:] == ["S", "S"]
    assert len(list(terminal.search(re.compile("strass"), ignore_case=True))) == 2


def test_matches_cross_soft_wraps_and_their_positions_stay(terminal: Terminal) -> None:
    terminal.feed("12345678needle and more\r\nend")
    match = next(terminal.search("needle"))
    assert (terminal.locate(match.start), terminal.locate(match.end)) == ((0, 8), (1, 4))
    terminal.resize(30, 3)
    assert terminal.locate(match.start) == (0, 8)


def test_groups_of_a_pattern(terminal: Terminal) -> None:
    terminal.feed("a=1 b")
    match = next(terminal.search(re.compile(r"(\w)=(\d)?(x)?")))
    assert (match.text, match.groups, match.line) == ("a=1", ("a", "1", None), "a=1 b")


def test_steps_progress_and_cancel(arena: Arena) -> None:
    with Terminal(60, 10, scrollback=Limits(), arena=arena) as terminal:
        terminal.feed("".join(f"line {number} of many\r\n" for number in range(300_000)))
        for pattern in ("line 7 ", re.compile("line 7 ")):
            search = terminal.search(pattern)
            found, steps, before = [], 0, -1
            while not search.done:
                found += search.step()
                steps += 1
                done, everything = search.progress
                assert before <= done <= everything == 300_001
                before = done
            assert [match.start for match in found] == [(7, 0)]
            assert steps > 2
            search = terminal.search(pattern)
            search.step()
            search.cancel()
            assert search.done
            assert list(search) == search.step() == []
        search, seen = terminal.search(re.compile("line ")), []
        for match in search:
            seen.append(match)
            if len(seen) == 1000:
                search.cancel()
        assert [match.start for match in seen] == [(299_999 - index, 0) for index in range(1000)]


def test_a_search_has_one_place_however_it_is_asked() -> None:
    with Terminal(60, 10, scrollback=Limits()) as terminal:
        terminal.feed("".join(f"line {number}\r\n" for number in range(2000)))
        for pattern in ("line", re.compile("line"), re.compile(r"line \d+0$")):
            wanted = list(terminal.search(pattern))
            search = terminal.search(pattern)
            others, found = [iter(search), iter(search)], []
            for index in range(50):
                found += next(search), next(others[index % 2]), next(others[0])
            assert found + search.step() + list(others[1]) + list(search) + list(others[0]) == wanted


def test_no_match_is_found_twice_or_missed_while_another_thread_feeds(arena: Arena) -> None:
    with Terminal(60, 10, scrollback=Limits(), arena=arena) as terminal:
        terminal.feed("".join(f"needle {number}\r\n" for number in range(50_000)))
        stop = threading.Event()

        def feed() -> None:
            number = 50_000
            while not stop.is_set() and number < 400_000:
                terminal.feed("".join(f"needle {n}\r\n" for n in range(number, number + 100)))
                number += 100

        thread = threading.Thread(target=feed)
        thread.start()
        try:
            for pattern in ("needle", re.compile(r"needle \d+")):
                for newest_first in (True, False):
                    lines = [match.start.line for match in terminal.search(pattern, newest_first=newest_first)]
                    if newest_first:
                        lines.reverse()
                    assert lines == list(range(lines[-1] + 1))
                    assert len(lines) >= 50_000
        finally:
            stop.set()
            thread.join()


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("pattern", ["needle", re.compile("needl[e]"), re.compile("[n]..d")])
def test_lines_that_a_larger_screen_takes_back_are_found(pattern, newest_first: bool, arena: Arena) -> None:
    for steps in range(3):
        with Terminal(40, 3, scrollback=Limits(), arena=arena) as terminal:
            terminal.feed("needle\r\n" * 30)
            search = terminal.search(pattern, newest_first=newest_first)
            found = [match for _ in range(steps) for match in search.step()]
            terminal.resize(40, 12)
            found += search
            assert sorted(match.start.line for match in found) == list(range(30))
            assert search.progress[0] == search.progress[1]


def test_what_is_pruned_is_left_out(arena: Arena) -> None:
    with Terminal(60, 10, scrollback=Limits(), arena=arena) as terminal:
        terminal.feed("needle\r\n" * 1000)
        search = terminal.search("needle", newest_first=False)
        next(search)
        terminal.feed("\x1bc")
        assert len(list(search)) < 1000


def test_snapshots_are_searched_too(terminal: Terminal) -> None:
    terminal.feed("needle\r\n" * 5)
    snapshot = terminal.snapshot()
    terminal.feed("\x1bc")
    assert len(list(snapshot.search("needle"))) == 5
    snapshot.close()


def test_bad_arguments(terminal: Terminal) -> None:
    for empty in ("", re.compile("")):
        with pytest.raises(ArgumentError, match="pattern must not be empty"):
            terminal.search(empty)
    for wrong in (b"x", re.compile(b"x"), 3):
        with pytest.raises(TypeError, match="pattern must be a str or a re.Pattern of str"):
            terminal.search(wrong)
    search = terminal.search("x")
    terminal.close()
    with pytest.raises(ClosedError):
        list(search)
