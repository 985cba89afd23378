"""What a host is told: only what it allows, no more than it has room for, and the same at every split of the output."""

from __future__ import annotations

import base64

import pytest

from ghostpage import ArgumentError, Terminal
from ghostpage._protocol.session import ALLOWABLE
from ghostpage.events import (
    AttentionRequested,
    Bell,
    ClipboardRequested,
    ClipboardWritten,
    FileReceived,
    KittyGraphics,
    MarkSet,
    Notification,
    PointerShapeChanged,
    ProgressChanged,
    RemoteHostChanged,
    Sixel,
    StringReceived,
    TitleChanged,
    UserVariableChanged,
)

HELLO = base64.b64encode(b"hello").decode()


@pytest.mark.parametrize(
    ("sequence", "event", "needs"),
    [
        ("\x1b]9;done\a", Notification("", "done"), "notifications"),
        ("\x1b]777;notify;title;body; more\a", Notification("title", "body; more"), "notifications"),
        ("\x1b]99;i=1:d=0;ti\a\x1b]99;i=1:d=0;tle\a\x1b]99;i=1:p=body:u=2;b\a", Notification("title", "b", "1", 2), "notifications"),
        (f"\x1b]52;c;{HELLO}\a", ClipboardWritten("c", b"hello"), "clipboard"),
        ("\x1b]52;;?\a", ClipboardRequested("s0"), "clipboard"),
        (f"\x1b]52;c;{HELLO[:3]}\r\n{HELLO[3:]}'\x1b\\", ClipboardWritten("c", b"hello"), "clipboard"),
        ("\x1b]52;c;!\a", ClipboardWritten("c", b""), "clipboard"),
        ("\x1b[2;3H\x1bP0;1q#1~\x1b\\", Sixel((0, 1), b"#1~", False, 2, 1, 1), "images"),
        ("\x1b_Ga=T,f=100;QUJD\x1b\\", KittyGraphics("a=T,f=100", b"QUJD", False, 0, 0, 0), "images"),
        (f"\x1b]1337;File=name={HELLO};inline=1:{HELLO}\a",
         FileReceived("hello", f"name={HELLO};inline=1", b"hello", False, 0, 0, 0), "files"),
        ("\x1b^private\x1b\\", StringReceived("PM", "", b"private", False), "strings"),
        ("\x1bP1;2z data\x1b\\", StringReceived("DCS", "1;2z", b" data", False), "strings"),
        ("\x1bPtmux;\x1b\x1b]2;x\a\x1b\\", None, "strings"),
        ("\x1b]9;4;1;50\a", ProgressChanged("normal", 50), None),
        ("\x1b]22;pointer\a", PointerShapeChanged("pointer"), None),
        ("\x1b]1337;SetMark\a", MarkSet(0, 0, 0), None),
        ("\x1b]1337;Copy=:!\a", ClipboardWritten("c", b""), "clipboard"),
        ("\x1b]1337;RemoteHost=me@there\a", RemoteHostChanged("me@there"), None),
        ("\x1b]1337;RequestAttention=once\a\x1b]1337;RequestAttention=please\a", AttentionRequested("once"), None),
        ("\x1bPtmux;words\x1b\\", StringReceived("tmux", "", b"words", False), "strings"),
        ("\x1bPtext\x1b\\", StringReceived("DCS", "t", b"ext", False), "strings"),
        (f"\x1b]1337;SetUserVar=k={HELLO}\a", UserVariableChanged("k", "hello"), None),
    ],
)  # fmt: skip
def test_events_are_told_if_allowed(sequence: str, event: object, needs: str | None) -> None:
    with Terminal() as strict, Terminal(allow=ALLOWABLE - {needs}) as other, Terminal(allow={needs} if needs else ()) as kind:
        for terminal in (strict, other):
            terminal.feed(sequence)
            assert event is None or terminal.take_events() == ([] if needs else [event])
            assert terminal.text().strip() == ""
        kind.feed(sequence)
        assert event is None or kind.take_events() == [event]


def test_what_can_be_allowed() -> None:
    with Terminal() as terminal:
        assert terminal.allow == frozenset()
        with pytest.raises(ArgumentError, match="allow must be of 'clipboard', .*, not 'anything'"):
            terminal.allow = {"anything"}
        with pytest.raises(TypeError, match="allow must be several names, not a str"):
            terminal.allow = "images"


def test_a_clipboard_is_answered_by_the_host() -> None:
    with Terminal(allow={"clipboard"}) as terminal:
        terminal.feed("\x1b]52;p;?\a")
        assert terminal.take_replies() == b""
        terminal.answer_clipboard("p", b"hello")
        assert terminal.take_replies() == f"\x1b]52;p;{HELLO}\x1b\\".encode()


def test_events_are_bounded() -> None:
    with Terminal(allow=ALLOWABLE) as terminal:
        terminal.feed(b"\x1b^" + b"x" * 60_000 + b"\x1b\\")
        for _ in range(200):
            terminal.feed(b"\x1b^" + b"x" * 60_000 + b"\x1b\\")
        events = terminal.take_events()
        assert sum(len(event.data) for event in events) <= 4 << 20
        assert terminal.events_dropped == 201 - len(events)
        for n in range(1000):
            terminal.feed(f"\x1b]1337;SetUserVar=k{n}={HELLO}\a\x1b]99;i={n}:d=0;part\a")
        assert len(terminal.user_variables) == 100 and "k999" in terminal.user_variables
        assert len(terminal._services.session.notifications) == 16


def test_any_split_tells_the_same() -> None:
    output = (
        f"\a\a\x1b]2;a\a\x1b]2;b\a\a\x1b]52;c;{HELLO}\a\x1bP1$qx\x1b\\\x1b_Ga=q;x\x1b\\\x1b[8;5;6t\x1b]4;1;#123;1;?\a"
        "\x1bP$qm\x1b\\\x1b[>3u\x1b[?u\x1b]99;i=a:d=0;x\a\x1b]99;i=a;y\a\x1b[>5y\x1b]2;c\a"
    ).encode()
    seen = []
    for size in (len(output), 1, 2, 3, 7, 11):
        with Terminal(20, 3, allow=ALLOWABLE) as terminal:
            for at in range(0, len(output), size):
                terminal.feed(output[at : at + size])
            seen.append((terminal.take_events(), terminal.take_replies(), terminal.sequences_ignored, terminal.palette))
    assert all(other == seen[0] for other in seen[1:])
    assert seen[0][0][:3] == [Bell(2), TitleChanged("b"), Bell(1)]
