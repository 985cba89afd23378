"""Generated workloads: the same bytes for everybody, and what their names promise."""

import hashlib
import re

import pytest

from ghostpage import Limits, Terminal, workloads

# SHA-256 of the first 20,000 bytes or so. A change here makes old measurements incomparable: it needs a good reason.
DIGESTS = {
    "ascii": "1a66ea5ee24085c0b509da188a5d3efd730c546e9e4b0fa0fe6c7d0979004a8f",
    "emoji": "2fa0547dafb50e0b30d5ec07ca6e12798bdf3b1f7ef70c478b14dd3e11077acb",
    "cjk": "3a5414a58df37fc94dfc8f4b75feec552d35a03ef1593277ffd285829c01b62f",
    "sgr": "68b4c0537b5cb689f0943b2b86adb64ea235939be236d095329e170da3061bac",
    "truecolor": "c142b6a1c12302f3b4f01d77bd478e989d530686db4e9541f18aab212c5e1f7f",
    "long": "b8f5367da7e2bafcfb1c5226ae46f82246caea821e4efaccdc8e5cb9bef4a1b9",
    "combining": "c152c7ca0f75459f8464dde1478c8832439ee1a2c7092b218ac20f78216d69be",
    "links": "b84817a3a4e038f9ce5bc9249036766571e96cdbce816eda3ce671c0477b130f",
    "short": "8876ab35f81346b7908f23a10c03662021ef451e81f633a4ef7bb63ace2b17c2",
    "huge_lines": "ad3a374fdf19873b3fcf19d5674fde6a2145e69da4696ada61efacc4175f1249",
    "redraw": "fcbd5e2913b14bf5bb5f30a0d35b3be04791bff5b66a74090710846c86260262",
    "scroll_region": "8977148066889caf0d81d6b424466ca65a36a636bd3dc29262100095b122f3a3",
    "edit": "b109ebd98909e6e95da77f9461a174ff565c92eb77751a45a9121d107ba5d10b",
    "wide_repaint": "e613a45df2a724b985989ffcc86f9f559e212e4fcaceebec0149b564ec3e1372",
    "vte_cursor_motion": "3edd32612a06afc1fe6b8471eec3ab5008f19e164c75632508e7913a2148949f",
    "vte_dense_cells": "05c3815fed42a8a92986bc23f76e48048d71e2b6a39e729395b0feee64a3fd0d",
    "vte_light_cells": "7bc2696ed1fa1e6b79ff87e2dedd0271a8d04e09193e0183438275eb916a4fef",
    "vte_medium_cells": "a9fdbcdb1ee70debfc5e7c53093e11b3bbedbdbe8f7185db6b20820057e328a5",
    "vte_scrolling": "67774bec9413eeb1e5787c606ad23023824f5f18f245c09e9dac0dc1b81537c8",
    "vte_scrolling_bottom_region": "0c990cce5eac955db1819fd407a2b9963345062b8a68973a57a70b50779f4d17",
    "vte_scrolling_bottom_small_region": "b8cdfad272c7838198182ae03c939f58c282f6b6f06ec6d18c93356c8ddf3ea6",
    "vte_scrolling_fullscreen": "39f1788b0710ed2e0e55f72a475d22d9a17855d7e79f151fa893fd576d41238a",
    "vte_scrolling_top_region": "bec04d004032169af7031867c091e57dbb3cee63553ff0174aa9fd4f62311a45",
    "vte_scrolling_top_small_region": "fbeab14b817879c9f849f235cbd9624f500a0120ba98cc9d1bc3ddc51d42342d",
    "vte_sync_medium_cells": "05aef4d04ed58a6cdd511d2e7d1b31059265c993720b8d0c46a1b7186817e5c5",
    "vte_unicode": "d9b8d9efb3b2cd87594c16bf1ad5302ec4d0bd7dda732182ff686173273d7fe5",
}


def words_per_line(data):
    return [line for line in data.split(b"\r\n") if line]


def without_escapes(data):
    return re.sub(rb"\x1b\](?:[^\x1b]*)\x1b\\|\x1b\[[^@-~]*[@-~]", b"", data)


def test_every_workload_has_a_digest():
    assert set(DIGESTS) == set(workloads.names())


@pytest.mark.parametrize("name", workloads.names())
def test_bytes_never_change(name):
    assert hashlib.sha256(workloads.generate(name, 20_000)).hexdigest() == DIGESTS[name]


@pytest.mark.parametrize("name", workloads.names())
def test_size_is_reached_by_whole_units(name):
    data = workloads.generate(name, 5_000, seed=3)
    longer = workloads.generate(name, 12_000, seed=3)
    assert len(data) >= 5_000
    assert longer.startswith(data)
    data.decode("utf-8", "strict")
    taken = []
    for unit in workloads.units(name, seed=3):
        taken.append(unit)
        if len(b"".join(taken)) >= 5_000:
            break
    assert b"".join(taken) == data
    assert len(data) - len(taken[-1]) < 5_000


@pytest.mark.parametrize("name", workloads.names())
def test_seeds_differ(name):
    assert workloads.generate(name, 3_000, seed=1) != workloads.generate(name, 3_000, seed=2)


@pytest.mark.parametrize(
    "name", ["ascii", "emoji", "cjk", "sgr", "truecolor", "long", "combining", "links", "short", "huge_lines"]
)
def test_line_workloads_end_lines_with_crlf(name):
    data = workloads.generate(name, 10_000)
    assert data.endswith(b"\r\n")
    assert data.count(b"\n") == data.count(b"\r\n")


def test_emoji_is_the_founding_workload():
    data = workloads.generate("emoji", 400_000)
    lines = without_escapes(data).split(b"\r\n")[:-1]
    assert 160 <= sum(map(len, lines)) / len(lines) <= 180
    assert data.count(b"\x1b]8;;https") > len(lines)
    assert data.count("\u200d".encode()) > 2 * len(lines)


def test_lengths_are_as_named():
    assert all(len(line) < 5 for line in words_per_line(workloads.generate("short", 5_000)))
    assert all(10_000 <= len(line) <= 60_000 for line in words_per_line(workloads.generate("long", 200_000)))
    assert all(190_000 < len(line) < 910_000 for line in words_per_line(workloads.generate("huge_lines", 1_000_000)))


def test_frames_suit_the_window():
    frame = next(workloads.units("redraw", columns=60, rows=10))
    assert b"\x1b[10;1H" in frame
    assert b"\x1b[11;1H" not in frame


def test_unknown_name():
    with pytest.raises(ValueError, match="no workload 'nothing'; there are ascii, emoji"):
        workloads.generate("nothing", 10)
    with pytest.raises(ValueError, match="no workload"):
        workloads.units("nothing")


def test_nothing_wanted_is_nothing():
    assert workloads.generate("ascii", 0) == b""


@pytest.mark.parametrize("name", workloads.names())
@pytest.mark.parametrize(("columns", "rows"), [(120, 40), (1, 1), (7, 3)])
def test_terminals_take_them(name, columns, rows):
    with Terminal(columns, rows, scrollback=Limits(lines=50)) as terminal:
        terminal.feed(workloads.generate(name, 30_000, columns=columns, rows=rows))
        assert len(terminal.screen) == rows


def screen_of(name, count, columns=20, rows=6):
    """The screen's rows after so many units of a stream."""
    units = workloads.units(name, seed=2, columns=columns, rows=rows)
    with Terminal(columns, rows) as terminal:
        for _, unit in zip(range(count), units, strict=False):
            terminal.feed(unit)
        return list(terminal.screen)


@pytest.mark.parametrize("kind", ["cursor_motion", "dense_cells", "light_cells"])
@pytest.mark.parametrize(("columns", "rows"), [(20, 6), (7, 7), (3, 1), (1, 4)])
def test_streams_of_cells_write_each_of_them(kind, columns, rows):
    first, second = (screen_of(f"vte_{kind}", count, columns, rows) for count in (2, 3))
    assert {len(row.text) for row in first} == {columns}
    assert [len(set("".join(row.text for row in rows))) for rows in (first, second)] == [1, 1]
    assert first[0].text != second[0].text
    if kind == "dense_cells":
        styles = [cell.style for cell in first[0].cells]
        assert len(set(styles)) == columns and all(style.bold and style.italic and style.underline for style in styles)


@pytest.mark.parametrize(
    ("kind", "scrolled"),
    [
        ("top_region", range(1, 6)),
        ("top_small_region", range(2, 6)),
        ("bottom_region", range(5)),
        ("bottom_small_region", range(3)),
    ],
)
def test_streams_of_regions_scroll_within_them(kind, scrolled):
    filled = [number for number, row in enumerate(screen_of(f"vte_scrolling_{kind}", 50)) if row.text]
    assert filled == list(scrolled)[:-1]  # the cursor waits in the last
