"""UTF-8, widths and grapheme clusters, against Python's decoder and two other implementations of the same Unicode."""

from __future__ import annotations

import importlib.util
import itertools
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghostpage._core import ffi, lib

GENERATOR = Path(__file__).resolve().parent.parent / "tools" / "make_unicode_tables.py"

# One code point at least for each class that the rules tell apart.
REPRESENTATIVES = [
    0x61,  # plain
    0x4E2D,  # plain, wide
    0x0D,
    0x0A,
    0x01,
    0xAD,  # control with a width
    0x200C,  # extends, but no conjunct
    0x0301,
    0x094D,  # linker that extends
    0x1CF5,  # linker that does not
    0x200D,
    0x1F1E6,
    0x0600,  # prepended
    0x0903,  # spacing mark
    0x1100,
    0x1161,
    0x11A8,
    0xAC00,
    0xAC01,
    0x1F600,
    0x0915,  # consonant
    0x31,  # base of an emoji variation sequence
    0x2764,  # base that is a pictograph, narrow
    0x231A,  # the same, wide
    0xFE0E,
    0xFE0F,
    0x1F3FB,  # extends, wide
    0xFF9E,  # extends, with a cell of its own
    0x20E3,
]
# Bytes on both sides of every border that the definition of well-formed UTF-8 draws.
BYTES = bytes.fromhex("00 41 7f 80 8f 90 9f a0 bf c0 c1 c2 df e0 e1 ec ed ee ef f0 f1 f3 f4 f5 ff")


def decode(data: bytes) -> str:
    # An array of the exact size, so that a sanitizer sees a read past the end; bytes objects end in a NUL.
    source = ffi.new("uint8_t[]", len(data))
    ffi.memmove(source, data, len(data))
    codepoints = ffi.new("uint32_t[]", len(data))
    count = lib.gp_unicode_decode(source, len(data), codepoints)
    return "".join(map(chr, ffi.unpack(codepoints, count)))


def decode_part(data: bytes) -> tuple[str, bytes]:
    """Return the text of `data` and the incomplete sequence at its end."""
    source = ffi.new("uint8_t[]", len(data))
    ffi.memmove(source, data, len(data))
    codepoints = ffi.new("uint32_t[]", len(data))
    consumed = ffi.new("size_t *")
    count = lib.gp_unicode_decode_part(source, len(data), codepoints, consumed)
    return "".join(map(chr, ffi.unpack(codepoints, count))), data[consumed[0] :]


def clusters(text: str) -> list[tuple[str, int]]:
    """Return the clusters of `text` with their widths."""
    starts = ffi.new("uint32_t[]", len(text))
    widths = ffi.new("uint8_t[]", len(text))
    count = lib.gp_unicode_clusters(list(map(ord, text)), len(text), starts, widths)
    borders = [*ffi.unpack(starts, count), len(text)]
    return [
        (text[a:b], width) for (a, b), width in zip(itertools.pairwise(borders), ffi.unpack(widths, count), strict=True)
    ]


def segments(text: str) -> list[str]:
    return [cluster for cluster, _ in clusters(text)]


def width(codepoint: int) -> int:
    return int(lib.gp_unicode_width(codepoint))


@pytest.fixture(scope="module")
def regex() -> ModuleType:
    module = pytest.importorskip("regex")
    if module.findall(r"\X", "\u1cf5\u0915") != ["\u1cf5\u0915"]:
        pytest.skip("regex is of a Unicode older than 18.0")
    return module


@pytest.fixture(scope="module")
def wcwidth() -> ModuleType:
    module = pytest.importorskip("wcwidth")
    if module.list_versions()[-1] != version():
        pytest.skip(f"wcwidth is not of Unicode {version()}")
    return module


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    pytest.importorskip("unicodedata2")
    pytest.importorskip("wcwidth.table_grapheme")
    spec = importlib.util.spec_from_file_location("make_unicode_tables", GENERATOR)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def version() -> str:
    return ffi.string(lib.gp_unicode_version()).decode()


class TestUtf8:
    @pytest.mark.parametrize("length", range(4))
    def test_every_short_string_of_border_bytes(self, length: int) -> None:
        for values in itertools.product(BYTES, repeat=length):
            data = bytes(values)
            assert decode(data) == data.decode("utf-8", "replace"), data.hex(" ")

    def test_every_four_border_bytes_with_more_behind_them(self) -> None:
        data = b"\n".join(map(bytes, itertools.product(BYTES, repeat=4)))
        assert decode(data) == data.decode("utf-8", "replace")

    def test_every_scalar_value(self) -> None:
        text = "".join(chr(codepoint) for codepoint in range(0x110000) if not 0xD800 <= codepoint < 0xE000)
        assert decode(text.encode()) == text

    @given(st.lists(st.one_of(st.binary(max_size=6), st.text(max_size=6).map(str.encode))).map(b"".join))
    def test_any_bytes(self, data: bytes) -> None:
        assert decode(data) == data.decode("utf-8", "replace")

    @given(st.lists(st.one_of(st.binary(max_size=3), st.text(max_size=3).map(str.encode)), max_size=8).map(b"".join))
    def test_split_anywhere_gives_the_same(self, data: bytes) -> None:
        whole = decode_part(data)
        for at in range(len(data) + 1):
            text, pending = decode_part(data[:at])
            assert len(pending) <= 3
            more, rest = decode_part(pending + data[at:])
            assert (text + more, rest) == whole

    @pytest.mark.parametrize("character", ["é", "中", "😀"])
    def test_only_the_start_of_a_sequence_is_pending(self, character: str) -> None:
        data = character.encode()
        for at in range(1, len(data)):
            assert decode_part(data[:at]) == ("", data[:at])
            assert decode(data[:at]) == "\ufffd"
            assert decode_part(data[:at] + b"a") == ("\ufffda", b"")


def widen(data: bytes) -> tuple[bool, bytes, int]:
    """What is written into an array of the exact size, and the size of its items; skips where Python's decoder is left to it."""
    source, unit = ffi.new("uint8_t[]", len(data)), ffi.new("uint32_t *")
    ffi.memmove(source, data, len(data))
    count = lib.gp_unicode_count(source, len(data), unit)
    units = ffi.new("uint8_t[]", count * unit[0])
    whole = lib.gp_unicode_widen(source, len(data), unit[0], units, count)
    return whole, bytes(ffi.buffer(units)), unit[0]


@pytest.mark.skipif("avx2" not in Path("/proc/cpuinfo").read_text(encoding="ascii"), reason="this machine has no AVX2")
class TestWiden:
    ENCODINGS = {2: f"utf-16-{sys.byteorder[0]}e", 4: f"utf-32-{sys.byteorder[0]}e"}

    def same(self, text: str) -> None:
        whole, units, unit_bytes = widen(text.encode())
        assert whole and unit_bytes == (4 if max(text) > "\uffff" else 2)
        assert units == text.encode(self.ENCODINGS[unit_bytes])

    def test_every_scalar_value(self) -> None:
        self.same("".join(chr(codepoint) for codepoint in range(0x110000) if not 0xD800 <= codepoint < 0xE000))
        self.same("".join(chr(codepoint) for codepoint in range(0xD800)))

    @pytest.mark.parametrize("largest", ["\uffff", "\U0010ffff"])
    def test_every_order_of_lengths(self, largest: str) -> None:
        letters = [letter for letter in "\x7f\u07ff\uffff\U0010ffff" if letter <= largest]
        for values in itertools.product(letters, repeat=5):
            self.same("".join(values) * 9 + largest)  # in a block each comes to lie at each place

    @pytest.mark.parametrize("largest", ["\u0100", "\U00010000"])
    def test_every_length_and_place_of_one_character_in_ascii(self, largest: str) -> None:
        for length in range(180):
            for at in (0, 1, 15, 16, 17, 31, 32, 63, 64, length):
                text = ascii_letters(length)
                self.same(text[:at] + largest + text[at:])

    @given(st.lists(st.tuples(st.sampled_from(["a", "é", "中", "😀", "\n"]), st.integers(1, 90)), min_size=1, max_size=12))
    def test_runs(self, runs: list[tuple[str, int]]) -> None:
        self.same("".join(letter * count for letter, count in runs) + "\u0100")

    def test_latin_is_left_to_python(self) -> None:
        text = ("é" * 100).encode()
        assert lib.gp_unicode_count(text, len(text), ffi.new("uint32_t *")) == 0

    @given(st.lists(st.one_of(st.binary(max_size=90), st.text(max_size=30).map(str.encode))).map(b"".join))
    def test_any_bytes_do_no_harm(self, data: bytes) -> None:
        widen(data)

    def test_what_is_not_whole(self) -> None:
        for character in "中😀":
            text = (character * 100).encode()
            assert widen(text)[0]
            assert not any(widen(text[:-cut])[0] for cut in range(1, len(character.encode())))
            assert not widen(text + b"\x80")[0]


def ascii_letters(count: int) -> str:
    return "".join(chr(0x20 + at % 95) for at in range(count))


class TestWidth:
    @pytest.mark.parametrize(
        ("codepoint", "expected"),
        [
            (0x00, 0),
            (0x1B, 0),
            (0x7F, 0),
            (0x85, 0),
            (0x20, 1),
            (0x7E, 1),
            (0xA0, 1),
            (0xAD, 1),  # soft hyphen
            (0x0300, 0),
            (0x0488, 0),  # enclosing mark
            (0x0600, 1),  # Arabic number sign
            (0x0903, 1),  # spacing mark
            (0x1100, 2),
            (0x1160, 0),
            (0x11FF, 0),
            (0x200B, 0),
            (0x200D, 0),
            (0x2026, 1),  # ambiguous
            (0x231A, 2),
            (0x2764, 1),
            (0x302A, 0),  # wide by its block, a mark
            (0x4E00, 2),
            (0xAC00, 2),
            (0xD7B0, 0),
            (0xE000, 1),  # private use
            (0xFE0F, 0),
            (0xFF01, 2),
            (0xFF61, 1),
            (0xFFFD, 1),
            (0x1F1E6, 2),
            (0x1F3FB, 2),
            (0x1F600, 2),
            (0x2FFFD, 2),  # unassigned, but wide
            (0xE0001, 0),
            (0x10FFFF, 1),
            (0x110000, 1),  # no code point: harmless
            (0xFFFFFFFF, 1),
        ],
    )
    def test_code_point(self, codepoint: int, expected: int) -> None:
        assert width(codepoint) == expected

    def test_every_code_point_against_wcwidth(self, wcwidth: ModuleType, regex: ModuleType) -> None:
        spacing_mark = regex.compile(r"\p{Mc}")
        for codepoint in range(0x110000):
            character = chr(codepoint)
            if not spacing_mark.match(character):  # which wcwidth counts with its base
                assert width(codepoint) == max(0, wcwidth.wcwidth(character)), hex(codepoint)


class TestClusters:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("a", 1),
            ("e\u0301", 1),
            ("中\u0301", 2),
            ("\r\n", 0),
            ("\u0301", 0),
            ("한", 2),
            ("\u1112\u1161\u11ab", 2),
            ("\u0915\u094d\u0937\u093f", 1),
            ("\u0e01\u0e33", 1),
            ("\u0600\u0661", 1),
            ("1\ufe0f", 2),
            ("1\ufe0f\u20e3", 2),
            ("#\ufe0f\u20e3", 2),
            ("1\u20e3", 1),
            ("a\ufe0f", 1),  # no such variation sequence
            ("❤", 1),
            ("❤\ufe0f", 2),
            ("❤\ufe0e", 1),
            ("❤\u0301\ufe0f", 1),  # not right after the base
            ("⌚", 2),
            ("⌚\ufe0e", 1),
            ("⌚\ufe0f", 2),
            ("☝🏽", 2),
            ("👍🏽", 2),
            ("🇫", 2),
            ("🇫🇷", 2),
            ("👩\u200d👩\u200d👧\u200d👦", 2),
            ("🏳\ufe0f\u200d🌈", 2),
            ("❤\ufe0f\u200d🔥", 2),
            ("⛹\u200d♂\ufe0f", 2),
            ("🏴\u200d☠\ufe0e", 2),  # narrows the skull, not the flag
            ("🏴" + "".join(chr(0xE0000 + ord(letter)) for letter in "gbsct\x7f"), 2),
            ("ｶ\uff9e", 2),
        ],
    )
    def test_one_cluster(self, text: str, expected: int) -> None:
        assert clusters(text) == [(text, expected)]

    @pytest.mark.parametrize(
        "expected",
        [
            ["a", "b"],
            ["\n", "\r"],
            ["\r\n", "\u0301"],
            ["\x01", "\u0301", "a\u0301"],
            ["🇫🇷", "🇩🇪", "🇫"],
            ["a", "🇫🇷", "🇩"],
            ["😀", "😀\u200d", "a"],
            ["a\u200d", "😀"],
            ["😀\u0301\u200d😀", "😀\u200d\u200d", "😀"],
            ["\u0915\u094d\u200c", "\u0915"],
            ["\u0915", "\u1cf5\u0915"],
            ["😀\u094d\u200d\u0915"],  # one joiner, for the conjunct and for the emoji alike
            ["😀\u094d\u200d😀"],
            ["\uac00\u11a8", "\u1161\u11a8", "\u1100\uac01\u11a8", "\uac00"],
            ["\u0600🇫🇷", "\u0600", "\n"],
        ],
    )
    def test_borders(self, expected: list[str]) -> None:
        assert segments("".join(expected)) == expected

    def test_nothing(self) -> None:
        assert clusters("") == []

    @pytest.mark.parametrize("length", [1, 2, 3, 4])
    def test_every_short_string_of_representatives(self, regex: ModuleType, length: int) -> None:
        text = "\n".join("".join(map(chr, values)) for values in itertools.product(REPRESENTATIVES, repeat=length))
        assert segments(text) == regex.findall(r"\X", text)

    @given(st.lists(st.sampled_from(REPRESENTATIVES), max_size=30))
    def test_long_strings_of_representatives(self, regex: ModuleType, values: list[int]) -> None:
        text = "".join(map(chr, values))
        assert segments(text) == regex.findall(r"\X", text)

    @given(st.text())
    def test_any_text(self, regex: ModuleType, text: str) -> None:
        assert segments(text) == regex.findall(r"\X", text)

    # What each code point is to its neighbours: a pair for each rule that asks for its class.
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("a", "a"),
            ("", "\u0301"),
            ("\u0600", ""),
            ("\u1100", "\u11a8"),
            ("\u11a8", "\u1161"),
            ("\u094d", "\u0915"),
            ("\u200d", "\u200d😀"),
            ("😀\u200d", ""),
            ("😀", "\u200d😀"),
            ("🇫", "🇫"),
            ("\u0915\u094d", "\u0915"),
        ],
    )
    def test_every_code_point_in_context(self, regex: ModuleType, before: str, after: str) -> None:
        ranges = range(0xD800), range(0xE000, 0x20000), range(0x2FF00, 0x30010), range(0xE0000, 0xE1010)
        text = "\n".join(before + chr(codepoint) + after for codepoint in itertools.chain(*ranges))
        assert segments(text) == regex.findall(r"\X", text)

    def test_emoji_known_to_rich(self) -> None:
        emoji = pytest.importorskip("rich._emoji_codes").EMOJI.values()
        for text in emoji:
            [(_, cells)] = clusters(text)
            shown_as_emoji = "\ufe0f" in text or any(width(ord(character)) == 2 for character in text)
            assert cells == 2 or not shown_as_emoji, ascii(text)

    @given(st.lists(st.sampled_from(REPRESENTATIVES), max_size=12))
    def test_width_is_the_maximum_unless_a_selector_or_voiced_mark_says_otherwise(self, values: list[int]) -> None:
        for cluster, cells in clusters("".join(map(chr, values))):
            widest = max(width(ord(character)) for character in cluster)
            if not set(cluster) & {"\ufe0e", "\ufe0f", "\uff9e"}:
                assert cells == widest
            assert cells in (widest, 1, 2)


class TestTables:
    def test_version_is_the_generators(self, generator: ModuleType) -> None:
        assert version() == generator.UNICODE_VERSION

    def test_files_are_current(self, generator: ModuleType) -> None:
        check = subprocess.run([sys.executable, GENERATOR, "--check"], capture_output=True, text=True, check=False)
        assert (check.returncode, check.stdout, check.stderr) == (0, "", "")

    def test_check_tells_a_file_that_is_not_current(
        self, generator: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(generator, "TARGET", tmp_path)
        monkeypatch.setattr(sys, "argv", ["make_unicode_tables.py"])
        assert generator.main() == 0
        monkeypatch.setattr(sys, "argv", ["make_unicode_tables.py", "--check"])
        assert generator.main() == 0
        (tmp_path / "tables.c").write_text("")
        assert generator.main() == 1
        assert capsys.readouterr().out == "tables.c is not current: run tools/make_unicode_tables.py\n"

    def test_plain_code_point_joins_nothing_but_a_prepended_mark(self, generator: ModuleType) -> None:
        other = generator.Class.OTHER
        joined = [state for state in generator.State if generator.rule(state, other) & generator.JOIN]
        assert joined == [generator.State.PREPEND]
