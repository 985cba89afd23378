"""Terminals in files: what is loaded is what was saved, and what is damaged is refused, whatever is wrong with it."""

import json
import random
import struct
import zlib
from array import array
from collections.abc import Callable
from pathlib import Path

import pytest

from ghostpage import Arena, FormatError, Limits, OutOfMemoryError, Terminal, memory, sessions
from ghostpage._faults import fail
from streams import random_stream

SMALLEST_PAGE = 4096
SIZES = [(80, 24), (20, 5), (7, 3), (2, 2), (1, 3), (1, 1)]
HEAD, SECTION = struct.Struct("<10sH"), struct.Struct("<4sQI")
TIMES_HEAD, TIMES_BLOCK = struct.pack("<?q", True, 1_700_000_000_000), struct.Struct("<QqI")


def seen(terminal: Terminal) -> tuple[object, ...]:
    rows = [*terminal.history, *terminal.screen]
    return (
        rows, [row.line for row in rows], terminal.text(unwrap=True), terminal.cursor, terminal.columns, terminal.rows,
        terminal.limits, terminal.title, terminal.icon_title, terminal.working_directory, terminal.alternate_screen,
        [terminal._mode_state(number, False) for number in (1, 6, 7, 25, 1000, 1049, 2004)],
    )


def again(terminal: Terminal, path: Path) -> Terminal:
    terminal.save(path)
    return Terminal.load(path, arena=terminal.arena)


@pytest.mark.parametrize("mode", ["auto", "grid", "early"])
@pytest.mark.parametrize("seed", range(20))
def test_it_goes_on_as_the_one_that_was_saved(seed: int, mode: str, tmp_path: Path) -> None:
    rng = random.Random(seed)
    columns, rows = SIZES[seed % len(SIZES)]
    with Arena(standard_page=SMALLEST_PAGE) as arena:
        terminal = Terminal(columns, rows, scrollback=Limits(lines=rng.choice((None, 0, 3, 100))), arena=arena, _mode=mode)
        for step in range(6):
            profile = rng.choice(("log", "shell", "tui", "mixed"))
            terminal.feed(random_stream(rng.randrange(2**32), 500, profile, columns=columns, rows=rows))
            terminal.feed("\x1b]2;a title\a" if step == 2 else "")
            loaded = again(terminal, tmp_path / "saved")
            assert loaded._violation() is None
            assert seen(loaded) == seen(terminal)
            more = random_stream(rng.randrange(2**32), 300, profile, columns=columns, rows=rows)
            terminal.feed(more)
            loaded.feed(more)
            assert seen(loaded) == seen(terminal)
            if rng.random() < 0.4:
                columns, rows = rng.choice(SIZES)
                terminal.resize(columns, rows)
                loaded.resize(columns, rows)
                assert seen(loaded) == seen(terminal)
            terminal.close()
            assert memory.audit().ok
            terminal = loaded
        terminal.close()


@pytest.mark.parametrize("columns", [1, 2, 4, 5])
@pytest.mark.parametrize("shown", ["grid", "alternate"])
def test_blanks_at_the_end_of_rows_that_go_on_are_kept(shown: str, columns: int, tmp_path: Path) -> None:
    """They make room for no wide character: a gap within a line that a narrower window has broken."""
    with Terminal(20, 3, _mode="grid" if shown == "grid" else "auto") as terminal:
        terminal.feed("abc\x1b[C漢 x\x1b[2Cy")
        terminal.resize(columns, 12)
        if shown == "alternate":
            terminal.feed("\x1b[?1049h")
        with again(terminal, tmp_path / "saved") as loaded:
            for each in (terminal, loaded):
                each.feed("\x1b[?1049l")
                each.resize(20, 3)
            assert loaded.text() == terminal.text() == "abc 漢 x  y\n\n"
            assert seen(loaded) == seen(terminal)


@pytest.mark.parametrize("cell", ["👍\ufe0e", "❤\ufe0f", "界", "กำ", "e\u0301"])
@pytest.mark.parametrize("screen", ["\x1b[?1049h", "\x1b[A"], ids=["alternate", "primary"])
def test_in_a_window_of_one_column_widths_are_kept(screen: str, cell: str, tmp_path: Path) -> None:
    """Where they do not show; they do in a wider window."""
    with Terminal(1, 4) as terminal:
        terminal.feed(screen + cell + "b" + cell)
        terminal.save(tmp_path / "saved")
        with Terminal.load(tmp_path / "saved") as loaded:
            for each in (terminal, loaded):
                each.resize(5, 4)
            assert seen(loaded) == seen(terminal)
            assert any(cell in row.text for row in loaded.screen)


def test_rows_of_double_size_are_kept(tmp_path: Path) -> None:
    with Terminal(8, 3) as terminal:
        terminal.feed("\x1b#6ab\r\n\x1b#3cd\r\n\x1b#4cd\r\n\x1b#6wxyz")
        with again(terminal, tmp_path / "saved") as loaded:
            assert [row.size for row in loaded.history] == ["double"]
            assert [row.size for row in loaded.screen] == ["top", "bottom", "double"]
            assert seen(loaded) == seen(terminal)
            for one in (terminal, loaded):
                one.feed("!")
            assert seen(loaded) == seen(terminal)


@pytest.mark.parametrize("name", sessions.names())
def test_recorded_sessions(name: str, tmp_path: Path) -> None:
    session = sessions.load(name)
    with Terminal(session.columns, session.rows) as terminal:
        data = session.data
        for part in (data[: len(data) // 2], data[len(data) // 2 :]):
            terminal.feed(part)
            with again(terminal, tmp_path / "saved") as loaded:
                assert seen(loaded) == seen(terminal)


def test_what_was_said_to_the_terminal_is_kept(tmp_path: Path) -> None:
    with Terminal(30, 4) as terminal:
        terminal.feed("\x1b]4;1;rgb:12/34/56\a\x1b]11;#000028\a\x1b[>5u\x1b[>4;2m\x1b]1337;SetUserVar=name=dmFsdWU=\a")
        terminal.feed("\x1b]7;file:///somewhere\a\x1b[?1u\x1b[3;7r\x1b[?2004h\x1b(0\x1b[4 q\x1b[?69h\x1b[3;20s")
        terminal.take_replies()
        with again(terminal, tmp_path / "saved") as loaded:
            assert loaded.palette == terminal.palette and loaded.palette.indexed[1] == (0x12, 0x34, 0x56)
            assert loaded.user_variables == {"name": "value"} and loaded.working_directory == "file:///somewhere"
            for one in (terminal, loaded):
                one.feed("\x1b[?u\x1bP$qs\x1b\\\x1bP$qr\x1b\\\x1b[?2004$p\x1b[?4m\x1b]11;?\aqqq")
            replies = [one.take_replies() for one in (terminal, loaded)]
            assert replies[0] == replies[1] and b"5u" in replies[0]
            assert seen(loaded) == seen(terminal)


def test_times_of_lines_are_kept(tmp_path: Path) -> None:
    now = 1_700_000_000.0
    path = tmp_path / "saved"
    with Terminal(30, 4, scrollback=Limits(), timestamps=True, _clock=lambda: now) as terminal:
        for number in range(3000):
            terminal.feed(f"line {number}\r\n")
            now += 0.5
        wanted = [terminal.time_of(line) for line in range(3002)]
        assert len(set(wanted)) == 3001 and wanted[-1] is None
        terminal.save(path)
    with Terminal.load(path) as loaded:
        assert [loaded.time_of(line) for line in range(3002)] == wanted
        loaded.feed("more\r\n")
        assert loaded.time_of(2999) == wanted[2999] and loaded.time_of(3000) > now
        again(loaded, path).close()
    with Terminal.load(path, timestamps=True) as loaded:
        assert [loaded.time_of(line) for line in range(3000)] == wanted[:3000]
    with Terminal.load(path, timestamps=False) as loaded:
        assert loaded.time_of(0) is None
    with Terminal(30, 4) as terminal:
        terminal.feed("one\r\ntwo")
        terminal.save(path)
    with Terminal.load(path) as loaded:
        loaded.feed("\r\n")
        assert loaded.time_of(1) is None
    with Terminal.load(path, timestamps=True) as loaded:
        loaded.feed("\r\n")
        assert loaded.time_of(1) is not None


def test_commands_are_kept(tmp_path: Path) -> None:
    with Terminal(30, 4) as terminal:
        for number in range(5):
            terminal.feed(f"\x1b]133;A\a$ \x1b]133;B\arun {number}\r\n\x1b]133;C\aoutput\r\n\x1b]133;D;{number}\a")
        terminal.feed("\x1b]133;A\a$ \x1b]133;B\alast\r\n\x1b]133;C\a")
        with again(terminal, tmp_path / "saved") as loaded:
            for one in (terminal, loaded):
                one.feed("more\r\n\x1b]133;D;7\a\x1b]133;A\a$ ")
            shown = [[(c.prompt, c.command, c.output, c.exit_status, c.running) for c in one.commands] for one in (terminal, loaded)]
            assert shown[0] == shown[1] and shown[1][-1] == ("$ ", "last", "more", 7, False) and len(shown[1]) == 6


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "saved"
    limits = Limits()
    with Arena(standard_page=SMALLEST_PAGE) as arena, Terminal(30, 4, scrollback=limits, arena=arena, timestamps=True) as terminal:
        for number in range(60):
            link = f"\x1b]8;id={number};https://example.org/somewhere/{number}\x1b\\link\x1b]8;;\x1b\\"
            terminal.feed(f"{number} \x1b[38;5;{number}mcolour\x1b[m 字 👩\u200d🚀 e\u0301 {link}\r\n")
        terminal.feed("\x1b[?1049h\x1b[3;3H\x1b[41mwide 字\x1b[K\x1b]8;;https://example.org/\x1b\\x")
        terminal.save(path)
    return path


def load_damaged(path: Path, data: bytes) -> None:
    """Nothing but a terminal or a refusal may come of it, and the memory is back after it."""
    path.write_bytes(data)
    before = memory.ledger().mappings
    try:
        with Arena(standard_page=SMALLEST_PAGE) as arena, Terminal.load(path, arena=arena) as terminal:
            assert terminal._violation() is None
            terminal.feed("\x1b[?1049l" + "more output 字\r\n" * 20)
            terminal.resize(11, 7)
            assert terminal._violation() is None
            assert all(row.time is None or row.time for row in terminal.history)
    except FormatError as error:
        assert str(path) in str(error)
    memory.trim()
    assert memory.ledger().mappings == before and memory.audit().ok


def test_a_damaged_file_is_refused(file: Path) -> None:
    data = file.read_bytes()
    for at in [*range(64), *range(64, len(data), 211)]:
        for changed in (data[:at], data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1 :]):
            file.write_bytes(changed)
            with pytest.raises(FormatError):
                Terminal.load(file)
    file.write_bytes(data + b"x")
    with pytest.raises(FormatError, match="1 bytes too many"):
        Terminal.load(file)
    for content, reason in ((b"", "not a saved"), (b"hello" * 9, "not a saved"), (data[:10] + b"\x09\0" + data[12:], "version 9")):
        file.write_bytes(content)
        with pytest.raises(FormatError, match=reason):
            Terminal.load(file)
    with pytest.raises(FileNotFoundError):
        Terminal.load(file.parent / "nothing")


def parts(data: bytes) -> list[tuple[bytes, bytearray]]:
    found, at = [], HEAD.size
    while at < len(data):
        name, length, _ = SECTION.unpack_from(data, at)
        at += SECTION.size
        found.append((name, bytearray(data[at : at + length])))
        at += length
    return found


def whole(head: bytes, sections: list[tuple[bytes, bytearray]]) -> bytes:
    return head + b"".join(SECTION.pack(name, len(part), zlib.crc32(part)) + part for name, part in sections)


@pytest.mark.parametrize("seed", range(40))
def test_lies_with_a_good_checksum_do_no_harm(file: Path, seed: int) -> None:
    data = file.read_bytes()
    rng = random.Random(seed)
    for _ in range(40):
        sections = parts(data)
        for _ in range(rng.choice((1, 1, 1, 3))):
            _, part = rng.choice([entry for entry in sections[1:] if entry[1]])
            match rng.randrange(6):
                case 0 | 1 | 2:
                    part[rng.randrange(len(part))] = rng.choice((0, 1, 0x0A, 0x1B, 0x7F, 0x80, 0xE2, 0xE3, 0xFF, rng.randrange(256)))
                case 3:
                    at = rng.randrange(len(part))
                    part[at : at + 4] = rng.randbytes(4)
                case 4:
                    del part[rng.randrange(len(part)) :]
                case 5:
                    sections.append(sections.pop(rng.randrange(1, len(sections))))
        load_damaged(file, whole(data[: HEAD.size], sections))


@pytest.mark.parametrize(
    ("told", "change"),
    [
        ("out of order", lambda sections: sections.insert(1, sections[0])),
        ("out of order", lambda sections: sections.pop(0)),
        ("bytes of description", lambda sections: sections[0][1].extend(b" " * (1 << 26))),
        ("a page is not as long", lambda sections: next(part for name, part in sections if name == b"PAGE").extend(b"x")),
        ("a screen is not as long", lambda sections: next(part for name, part in sections if name == b"GRID").extend(b"x")),
        ("a section called b'MORE'", lambda sections: sections.insert(2, (b"MORE", bytearray(b"of it")))),
    ],
)
def test_sections_that_make_no_sense_are_told_of(file: Path, told: str, change: Callable[[list[tuple[bytes, bytearray]]], object]) -> None:
    data = file.read_bytes()
    sections = parts(data)
    change(sections)
    file.write_bytes(whole(data[: HEAD.size], sections))
    with pytest.raises(FormatError, match=told):
        Terminal.load(file)


@pytest.mark.parametrize(
    ("key", "value"), [("session", None), ("session", {}), ("marks", 7), ("limits", [1]), ("limits", ["x", None]), ("limits", None)]
)
def test_a_terminal_that_makes_no_sense_is_refused_and_closed(file: Path, key: str, value: object) -> None:
    data = file.read_bytes()
    sections = parts(data)
    meta = json.loads(bytes(sections[0][1]))
    assert key in meta
    sections[0] = (b"META", bytearray(json.dumps(meta | {key: value}).encode()))
    file.write_bytes(whole(data[: HEAD.size], sections))
    before = memory.ledger().mappings
    with Arena(standard_page=SMALLEST_PAGE, pool_cap=0) as arena:
        with pytest.raises(FormatError, match="what it says of the terminal makes no sense"):
            Terminal.load(file, arena=arena)
        assert arena.memory.terminals == 0 and memory.ledger().mappings == before


@pytest.mark.parametrize("meta", [b"[" * 200_000, b"[]", b"{}", b"null", b"\xff", b'{"byte_order": 1, "columns": 1e9, "rows": -1}'])
def test_a_description_that_makes_no_sense_is_refused(file: Path, meta: bytes) -> None:
    data = file.read_bytes()
    sections = parts(data)
    sections[0] = (b"META", bytearray(meta))
    file.write_bytes(whole(data[: HEAD.size], sections))
    with pytest.raises(FormatError):
        Terminal.load(file)


@pytest.mark.parametrize(
    "times",
    [
        b"",
        b"\1" * 8,
        TIMES_HEAD + b"\0",
        TIMES_HEAD + TIMES_BLOCK.pack(0, 0, 0),
        TIMES_HEAD + TIMES_BLOCK.pack(0, 0, 2) + array("I", [0, 1, 0]).tobytes(),
        TIMES_HEAD + TIMES_BLOCK.pack(0, 0, 2) + array("I", [0, 0, 1, 2]).tobytes(),
        TIMES_HEAD + 2 * (TIMES_BLOCK.pack(5, 0, 1) + bytes(8)),
        TIMES_HEAD + TIMES_BLOCK.pack(0, 0, 2**31) + bytes(64),
    ],
)
def test_times_that_make_no_sense_are_refused(file: Path, times: bytes) -> None:
    data = file.read_bytes()
    sections = [(name, bytearray(times) if name == b"TIME" else part) for name, part in parts(data)]
    file.write_bytes(whole(data[: HEAD.size], sections))
    with pytest.raises(FormatError):
        Terminal.load(file)
    sections = parts(data)
    sections.insert(-1, next(section for section in sections if section[0] == b"TIME"))
    file.write_bytes(whole(data[: HEAD.size], sections))
    with pytest.raises(FormatError, match="twice"):
        Terminal.load(file)


def test_a_failed_save_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "saved"
    with Terminal(20, 3) as terminal:
        terminal.feed("first")
        terminal.save(path)
        before = path.read_bytes()
        terminal.feed("second")
        with fail("any", 1), pytest.raises(OutOfMemoryError):
            terminal.save(path)
        with pytest.raises(OSError, match="nowhere"):
            terminal.save(tmp_path / "nowhere" / "saved")
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["saved"]


def test_without_memory_nothing_is_half_loaded(file: Path) -> None:
    for nth in range(1, 400):
        with Arena(standard_page=SMALLEST_PAGE) as arena, fail("any", nth) as fault:
            try:
                Terminal.load(file, arena=arena).close()
            except OutOfMemoryError:
                pass
            assert memory.audit().ok
        if not fault.hits:
            break
    assert 3 < nth < 399


def test_a_grid_without_history_is_reset_or_not_at_all(tmp_path: Path) -> None:
    """There is no page of text in the file, and a reset needs one."""
    with Terminal(10, 3, _mode="grid") as terminal:
        terminal.feed("one\x1b[2;2Htwo")
        loaded = again(terminal, tmp_path / "saved")
    with loaded:
        assert [page.kind for page in loaded.pages] == ["grid"]
        before = seen(loaded)
        for nth in range(1, 9):
            loaded.arena.trim()
            with fail("any", nth) as fault:
                try:
                    loaded.feed("\x1bc")
                except OutOfMemoryError:
                    pass
            if not fault.hits:
                break
            assert seen(loaded) == before and loaded._violation() is None
        assert 1 < nth < 8
        assert loaded.text().strip() == "" and loaded._violation() is None
