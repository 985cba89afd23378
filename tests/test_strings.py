"""Control strings of any length: what is kept of them, what is said to be missing, and what memory they hold meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from ghostpage import ArgumentError, OutOfMemoryError, Terminal
from ghostpage._faults import fail
from ghostpage.events import ClipboardWritten, FileReceived, KittyGraphics, Sixel, StringReceived

SHORT = 65_536
KEPT = 4096  # of a buffer, for the next string
EVERYTHING = ["clipboard", "files", "images", "strings"]

# What introduces a string, what of the event holds it, and what has to be allowed for it to be long.
LONG = [
    (b"\x1bPq", Sixel, "data", "images"),
    (b"\x1bP1+z", StringReceived, "data", "strings"),
    (b"\x1b_", StringReceived, "data", "strings"),
    (b"\x1b^", StringReceived, "data", "strings"),
    (b"\x1bX", StringReceived, "data", "strings"),
    (b"\x1b_Ga=t;", KittyGraphics, "payload", "images"),
]


@pytest.mark.parametrize(("opening", "kind", "part", "allowed"), LONG)
@pytest.mark.parametrize("piece", [1, 1000, 1 << 30], ids=["byte by byte", "in pieces", "whole"])
def test_what_is_within_the_limit_is_kept_and_more_is_said_to_be_missing(
    opening: bytes, kind: type, part: str, allowed: str, piece: int
) -> None:
    head = len(opening) - 2 if b"_G" in opening else 0  # which counts as payload there
    with Terminal(allow=[allowed], string_limit=3000) as terminal:
        for length in (2999 - head, 3000 - head, 3001 - head):
            output = opening + b"x" * length + b"\x1b\\"
            for at in range(0, len(output), piece):
                terminal.feed(output[at : at + piece])
        within, exact, beyond = terminal.take_events()
        assert [type(event) for event in (within, exact, beyond)] == [kind] * 3
        assert [event.truncated for event in (within, exact, beyond)] == [False, False, True]
        assert getattr(within, part) == b"x" * (2999 - head) and getattr(exact, part) == b"x" * (3000 - head)
        assert len(getattr(beyond, part)) in (0, 3000)


@pytest.mark.parametrize(("opening", "kind", "part", "allowed"), LONG)
def test_a_mebibyte_unless_said_otherwise(opening: bytes, kind: type, part: str, allowed: str) -> None:
    with Terminal(allow=[allowed]) as terminal:
        assert terminal.string_limit == 1 << 20
        terminal.feed(opening + b"x" * 1_000_000 + b"\x1b\\" + opening + b"x" * (1 << 20) + b"y\x1b\\")
        kept, cut = terminal.take_events()
        assert (len(getattr(kept, part)), kept.truncated, cut.truncated) == (1_000_000, False, True)


def test_files_and_pastes_may_be_long() -> None:
    with Terminal(allow=EVERYTHING) as terminal:
        terminal.feed(b"\x1b]52;c;" + b"QUJD" * 200_000 + b"\a\x1b]1337;File=name=YQ==:" + b"QUJD" * 200_000 + b"\a")
        assert [len(event.data) for event in terminal.take_events()] == [600_000, 600_000]
        terminal.feed(b"\x1b]52;c;" + b"QUJD" * 300_000 + b"\a\x1b]1337;Copy=:" + b"QUJD" * 300_000 + b"\a")
        assert terminal.take_events() == [ClipboardWritten("c", b"", truncated=True)] * 2
        terminal.feed(b"\x1b]1337;File=name=YQ==:" + b"QUJD" * 300_000 + b"\a")
        (event,) = terminal.take_events()
        assert isinstance(event, FileReceived) and (event.name, event.data, event.truncated) == ("a", b"", True)


@pytest.mark.parametrize("opening", [b"\x1bPq", b"\x1b_", b"\x1b^", b"\x1bX", b"\x1b]52;c;", b"\x1b]2;"])
@pytest.mark.parametrize("allow", [[], EVERYTHING], ids=["nothing", "everything"])
@pytest.mark.parametrize("limit", [1024, 100_000, 1 << 20])
def test_an_endless_string_holds_no_more_than_is_said(opening: bytes, allow: list[str], limit: int) -> None:
    most = limit if allow else min(limit, SHORT)
    with Terminal(allow=allow, string_limit=limit) as terminal:
        terminal.feed(opening)
        mapped, most_held = terminal.memory.mapped, 0
        for _ in range(100):
            terminal.feed(b"A" * 30_000)
            most_held = max(most_held, terminal.memory.string)
        assert most_held == most
        assert terminal.memory.mapped == mapped
        terminal.feed(b"\x1b\\shown")
        assert terminal.screen[0].text == "shown"
        assert terminal.memory.string == (0 if most > KEPT else most)


def test_what_a_string_held_is_given_back_at_once() -> None:
    with Terminal(allow=["images"]) as terminal:
        terminal.feed(b"\x1bPq")
        terminal.feed(b"?" * 500_000)
        assert 500_000 <= terminal.memory.string <= 1 << 20
        terminal.feed(b"\x1b\\")
        assert (len(terminal.take_events()), terminal.memory.string) == (1, 0)
        terminal.feed(b"\x1bPq")
        terminal.feed(b"?" * 500_000)
        terminal.feed(b"\x18")
        assert (terminal.take_events(), terminal.memory.string) == ([], 0)


def test_only_what_is_allowed_may_be_long() -> None:
    with Terminal(allow=["clipboard"]) as terminal:
        terminal.feed(b"\x1b_")
        terminal.feed(b"x" * 500_000)
        assert terminal.memory.string == SHORT
        terminal.allow = ["strings"]
        terminal.feed(b"\x1b\\\x1b_" + b"x" * 500_000 + b"\x1b\\")
        assert [len(event.data) for event in terminal.take_events()] == [SHORT, 500_000]
        terminal.allow = []
        terminal.feed(b"\x1b_")
        terminal.feed(b"x" * 500_000)
        assert terminal.memory.string == SHORT


def test_a_limit_lowered_in_the_middle() -> None:
    with Terminal(allow=["strings"]) as terminal:
        terminal.feed(b"\x1b_" + b"x" * 200_000)
        terminal.string_limit = 2000
        held = terminal.memory.string
        terminal.feed(b"x" * 1_000_000)
        assert terminal.memory.string == held
        terminal.feed(b"\x1b\\\x1b_" + b"y" * 3000 + b"\x1b\\")
        first, second = terminal.take_events()
        assert (set(first.data), first.truncated, second.data, second.truncated) == ({ord("x")}, True, b"y" * 2000, True)


def test_limits_that_are_none() -> None:
    for limit in (0, 1023, (1 << 30) + 1, -1):
        with pytest.raises(ArgumentError, match="string_limit must be from 1024 to 1073741824"):
            Terminal(string_limit=limit)
    with Terminal() as terminal:
        with pytest.raises(TypeError):
            terminal.string_limit = "1 MiB"  # type: ignore[assignment]
        assert terminal.string_limit == 1 << 20


def test_it_is_the_hosts_to_say_of_a_saved_terminal(tmp_path: Path) -> None:
    with Terminal(allow=["strings"], string_limit=2000) as terminal:
        terminal.save(tmp_path / "saved")
    with Terminal.load(tmp_path / "saved", allow=["strings"], string_limit=5000) as loaded:
        loaded.feed(b"\x1b_" + b"x" * 4000 + b"\x1b\\")
        assert len(loaded.take_events()[0].data) == 4000
        assert loaded.string_limit == 5000


@pytest.mark.parametrize("opening", [b"\x1bPq", b"\x1b]52;c;"])
def test_without_memory_it_goes_on_where_it_stopped(opening: bytes) -> None:
    """The buffer grows eight times, in doubles to a mebibyte; each time memory is refused once."""
    data = b"QUJDRA" * 100_000
    pieces = [opening, *(data[at : at + 5000] for at in range(0, len(data), 5000)), b"\x1b\\"]
    for nth in range(1, 9):
        with Terminal(allow=EVERYTHING) as terminal:
            refused = 0
            with fail("allocation", nth, False) as armed:
                for piece in pieces:
                    try:
                        terminal.feed(piece)
                    except OutOfMemoryError as error:
                        refused += 1
                        terminal.feed(piece[error.consumed :])
                assert armed.hits == refused == 1
            (event,) = terminal.take_events()
            assert not event.truncated
            assert len(event.data) == (len(data) if opening == b"\x1bPq" else len(data) * 3 // 4)
