"""Texts that are large enough to be made by the core: the same str as Python's decoder makes."""

from __future__ import annotations

import re
import sys

import pytest

from ghostpage import Limits, Terminal, _decoding

LETTERS = {"latin": "aé", "one": "a", "chinese": "a中é", "emoji": "a😀中é"}


@pytest.fixture(params=LETTERS)
def lines(request: pytest.FixtureRequest) -> list[str]:
    letters = LETTERS[request.param]
    last = "中" if request.param == "one" else "end"
    return [f"{at} " + "".join(letters[(at * each) % len(letters)] for each in range(at % 37)) + "." for at in range(1500)] + [last]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was made past Python's decoder."""
    found: list[str] = []
    maker = _decoding._maker()
    if maker is None:
        pytest.skip("this Python does not say where a str has its characters")

    def make(count: int, unit_bytes: int) -> tuple[str, object]:
        text, place = maker(count, unit_bytes)
        found.append(text)
        return text, place

    monkeypatch.setattr(_decoding, "_maker", lambda: make)
    return found


def test_the_same_text(lines: list[str], made: list[str]) -> None:
    expected = "\n".join(lines)
    with Terminal(120, 10, scrollback=Limits(lines=5000)) as terminal:
        terminal.feed(expected.replace("\n", "\r\n"))
        reading = terminal.read_since(tail=True)
        texts = terminal.text(), "\n".join([*reading.lines, *(reading.tail or [])])
        found = [match.text for match in terminal.search(re.compile(r"7\d \S+"), newest_first=False)]
    assert all(text == expected and hash(text) == hash(expected) for text in texts)
    assert found == re.findall(r"7\d \S+", expected)
    if max(expected) > "\xff" and "avx2" in open("/proc/cpuinfo", encoding="ascii").read():
        assert len(made) >= 2
    for text in made:  # a str whose characters are larger than they need be is equal to no other
        assert sys.getsizeof(text) == sys.getsizeof("".join(list(text)))


def test_without_it(lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_decoding, "_maker", lambda: None)
    expected = "\n".join(lines)
    with Terminal(120, 10, scrollback=Limits(lines=5000)) as terminal:
        terminal.feed(expected.replace("\n", "\r\n"))
        assert terminal.text() == expected


def test_nothing_is_believed_of_another_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    _decoding._maker.cache_clear()
    assert (_decoding._maker() is None) == (sys.implementation.name != "cpython")
    getsizeof = sys.getsizeof
    monkeypatch.setattr(sys, "getsizeof", lambda value: getsizeof(value) - 8)
    _decoding._maker.cache_clear()
    assert _decoding._maker() is None
    _decoding._maker.cache_clear()
