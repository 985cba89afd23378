"""Asciicasts written while something happens, and read again."""

from __future__ import annotations

import io
import json

import pytest

from ghostpage import ArgumentError, ClosedError, Terminal, sessions
from ghostpage.recorder import Recorder
from ghostpage.session import Session


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("version", [2, 3])
def test_what_is_written_is_read(version, tmp_path):
    clock = Clock()
    with Recorder(tmp_path / "a.cast", 40, 9, version=version, title="a title", _clock=clock) as recorder:
        for step in range(1000):
            clock.now += 0.0123457
            recorder.output(f"{step} ".encode())
        recorder.resize(20, 5)
        clock.now += 1
        recorder.input("typed\r")
        recorder.mark("here")
        recorder.end(3)
    session = sessions.read(tmp_path / "a.cast")
    assert (session.columns, session.rows, session.title) == (40, 9, "a title")
    assert session.data == "".join(f"{step} " for step in range(1000)).encode()
    assert session.events[-1].size == (20, 5)
    assert session.duration == pytest.approx(12.3457, abs=1e-5)  # what is rounded does not add up


def test_the_format_of_version_3(tmp_path):
    clock = Clock()
    with Recorder(tmp_path / "a.cast", 40, 9, command="sh", _clock=clock) as recorder:
        clock.now += 0.5
        recorder.output(b"\x1b[1mhi\xe2\x82\xac")
        clock.now += 0.25
        recorder.end(0)
    header, *events = map(json.loads, (tmp_path / "a.cast").read_text().splitlines())
    assert header["version"] == 3 and header["term"] == {"cols": 40, "rows": 9} and header["command"] == "sh"
    assert events == [[0.5, "o", "\x1b[1mhi€"], [0.25, "x", "0"]]


def test_characters_in_pieces_and_what_is_no_utf_8(tmp_path):
    with Recorder(tmp_path / "a.cast", 40, 9) as recorder:
        for byte in "a€👩🏽b".encode() + b"\xff|\xe2\x82":
            recorder.output(bytes([byte]))
    assert sessions.read(tmp_path / "a.cast").data.decode() == "a€👩🏽b\ufffd|\ufffd"


def test_each_event_is_in_the_file_at_once(tmp_path):
    recorder = Recorder(tmp_path / "a.cast", 40, 9)
    recorder.output(b"one")
    assert sessions.read(tmp_path / "a.cast").data == b"one"
    recorder.close()
    recorder.close()
    with pytest.raises(ClosedError):
        recorder.output(b"two")


@pytest.mark.parametrize(("columns", "rows", "version"), [(0, 1, 3), (1, 65_536, 3), (1, 1, 1)])
def test_what_is_refused(columns, rows, version, tmp_path):
    with pytest.raises(ArgumentError):
        Recorder(tmp_path / "a.cast", columns, rows, version=version)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("name", sessions.names())
def test_sessions_are_written_as_they_were_read(name, version):
    session = sessions.load(name)
    again = sessions.parse(sessions.encode(session, version=version), f"{name}.cast")
    assert (again.title, again.columns, again.rows) == (session.title, session.columns, session.rows)
    assert [(e.output, e.size) for e in again.events] == [(e.output, e.size) for e in session.events]
    assert [e.time for e in again.events] == pytest.approx([e.time for e in session.events], abs=1e-6)


def test_a_file_that_is_open_stays_so():
    written = io.StringIO()
    with Recorder(written, 40, 9) as recorder:
        recorder.output(b"hi")
    assert not written.closed
    assert sessions.parse(written.getvalue().encode(), "x.cast").data == b"hi"


def test_a_session_recorded_and_replayed_ends_with_the_same_screen(tmp_path):
    script = "printf 'one\\033[31mtwo\\033[m\\n'; stty size; printf '\\033[5;5Hthere\\033[?1049h\\033[?1049l'; exit 4"
    with Recorder(tmp_path / "a.cast", 30, 6) as recorder, Session(["sh", "-c", script], 30, 6, observer=recorder.output) as session:
        recorder.end(session.wait())
        seen = session.terminal.to_ansi()
    replayed = sessions.read(tmp_path / "a.cast")
    with Terminal(replayed.columns, replayed.rows) as terminal:
        terminal.feed(replayed.data)
        assert terminal.to_ansi() == seen
