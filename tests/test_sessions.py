"""Recorded sessions: those shipped, and the reader of asciicast files."""

import gzip
import json
import lzma
import re

import pytest

from ghostpage import Limits, Terminal, sessions
from ghostpage.sessions import Event, RecordingError

FOLDER = sessions._folder()


@pytest.mark.parametrize("name", sessions.names())
class TestShipped:
    def test_it_loads(self, name):
        session = sessions.load(name)
        assert session.name == name
        assert session.title
        assert 80 <= session.columns <= 120
        assert 24 <= session.rows <= 40
        assert session.data.decode("utf-8", "strict").isascii() is False or name == "htop"
        times = [event.time for event in session.events]
        assert times == sorted(times)
        assert session.duration == times[-1]

    def test_it_shows_nothing_of_the_machine(self, name):
        text = sessions.load(name).data.decode()
        assert not re.findall(r"/root\b|\.pyenv|/home/(?!user)\w+|@(?!example\.org)\w+\.\w+:", text)
        hosts = set(re.findall(r"file://([^/]*)/", text))
        assert hosts <= {"demo", ""}

    def test_a_terminal_takes_it(self, name):
        session = sessions.load(name)
        with Terminal(session.columns, session.rows, scrollback=Limits(lines=200)) as terminal:
            for event in session.events:
                if event.size:
                    terminal.resize(*event.size)
                else:
                    terminal.feed(event.output)
            assert not terminal.alternate_screen


def test_they_are_small_and_many():
    assert len(sessions.names()) >= 10
    assert sessions.DEFAULT in sessions.names()
    assert sum(len(entry.read_bytes()) for entry in FOLDER.iterdir()) < 800_000


def test_the_default_mixes_everything():
    data = sessions.load().data
    assert len(data) > 1_000_000
    for part in (
        b"\x1b[?1049h",
        b"\x1b]8;;",
        "\u200d".encode(),
        "\ufe0f".encode(),
        b"\x1b[38;2;",
        b"Traceback",
        b"\x1b[48;5;",
    ):
        assert part in data, part
    assert any(event.size for event in sessions.load().events)


def test_unknown_name():
    with pytest.raises(RecordingError, match="no recording 'nothing'; there are agent, "):
        sessions.load("nothing")


V2 = (
    b'{"version": 2, "width": 90, "height": 25, "title": "two"}\n'
    b'[0.25, "o", "a\\u00e9"]\n[1, "i", "x"]\n\n[2.5, "r", "100x30"]\n[3, "o", "b"]\n'
)
V3 = (
    b'{"version": 3, "term": {"cols": 90, "rows": 25, "type": "xterm"}, "title": "three"}\n# a comment\n'
    b'[0.25, "o", "a\\u00e9"]\n[0.75, "m", "mark"]\n[1.5, "r", "100x30"]\n[0.5, "o", "b"]\n[0.1, "x", "0"]\n'
)


@pytest.mark.parametrize(("data", "title"), [(V2, "two"), (V3, "three")])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_both_versions(data, title, pack, tmp_path):
    path = tmp_path / "some.cast"
    path.write_bytes(pack(data))
    session = sessions.read(path)
    assert (session.title, session.columns, session.rows) == (title, 90, 25)
    assert session.events == (
        Event(0.25, "aé".encode()),
        Event(2.5, size=(100, 30)),
        Event(3.0, b"b"),
    )
    assert session.data == "aéb".encode()


def test_plain_output_is_a_session_too(tmp_path):
    path = tmp_path / "typescript"
    path.write_bytes(b"{ \xff\x1b[1mplain\r\n")
    session = sessions.read(path)
    assert (session.columns, session.rows, session.data) == (80, 24, b"{ \xff\x1b[1mplain\r\n")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"no header", "does not begin with the header"),
        (b'{"width": 3}\n', "does not begin with the header"),
        (b'{"version": 1, "width": 80, "height": 24, "stdout": []}', "version 1"),
        (b'{"version": true, "width": 80, "height": 24}', "version True"),
        (b'{"version": 2, "width": 80}\n', "no size"),
        (b'{"version": 2, "width": 0, "height": 24}\n', "no size"),
        (b'{"version": 2, "width": "80", "height": 24}\n', "no size"),
        (b'{"version": 3, "term": 4}\n', "no size"),
        (b'{"version": 3, "term": {"cols": 70000, "rows": 2}}\n', "no size"),
        (V2 + b"[1]\n", "line 7: not an event"),
        (V2 + b'[1, "o"\n', "line 7: not an event"),
        (V2 + b'[1, "o", 5]\n', "line 7: not an event"),
        (V2 + b'["now", "o", ""]\n', "line 7: not an event"),
        (V2 + b'[NaN, "o", ""]\n', "line 7: nan is no time"),
        (V2 + b'[-1, "o", ""]\n', "line 7: -1.0 is no time"),
        (V2 + b"[" * 100_000 + b"\n", "line 7: not an event"),
        (V2 + b'[1, "r", "wide"]\n', "'wide' is no size"),
        (V2 + b'[1, "r", "0x5"]\n', "0 columns by 5 rows"),
        (V2 + b'[1, "r", "123456789012x5"]\n', "is no size of a terminal"),
        (lzma.compress(V2)[:-9], "damaged"),
        (gzip.compress(V2)[:-9], "damaged"),
    ],
)
def test_what_cannot_be_read_is_said(data, why, tmp_path):
    path = tmp_path / "bad.cast"
    path.write_bytes(data)
    with pytest.raises(RecordingError, match=re.escape(why)) as caught:
        sessions.read(path)
    assert "\n" not in str(caught.value)


def test_missing_file(tmp_path):
    with pytest.raises(RecordingError, match=r"cannot read .*No such file"):
        sessions.read(tmp_path / "none.cast")
    with pytest.raises(RecordingError, match=r"cannot read .*directory"):
        sessions.read(tmp_path)


def test_a_header_written_by_json(tmp_path):
    header = json.dumps({"version": 2, "width": 10, "height": 5})
    assert sessions.parse(header.encode(), "short.cast").events == ()
