"""Colours as X11 writes them, against what Xlib makes of the same texts."""

from __future__ import annotations

import pytest

from ghostpage import ArgumentError, Palette, Terminal
from ghostpage.colors import parse_color

# What XParseColor of libX11 1.8.4 answers on a display that says nothing of its monitor, in 8 bits a part.
XLIB = [
    ("rgbi:1/1/1", "ffffff"), ("rgbi:0.5/0.5/0.5", "c1bbbb"), ("rgbi:0/0/0", "000000"), ("rgbi:0.000001/0.0005/0.25", "09148e"),
    ("CIEXYZ:1/1/1", "ffffff"), ("CIEXYZ:0.5/0.5/0.5", "ddb5a0"), ("CIEXYZ:0/0/0", "000000"), ("CIEXYZ:0.3/0.4/0.1", "adb636"),
    ("CIEuvY:1/1/1", "ffffff"), ("CIEuvY:0.5/0.5/0.5", "ffa3ae"), ("CIEuvY:0.2/0.5/0.3", "ab996d"),
    ("CIExyY:1/1/1", "ffffff"), ("CIExyY:0.5/0.5/0.5", "f7b30e"), ("CIExyY:0.3/0.3/0.3", "ab9495"), ("CIExyY:0.1/0.1/0", "000000"),
    ("CIELab:1/1/1", "6c6767"), ("CIELab:0.5/0.5/0.5", "524f4f"), ("CIELab:50/0.2/-0.3", "8074ab"), ("CIELab:0/0/0", "000000"),
    ("CIELuv:1/1/1", "16140e"), ("CIELuv:0.5/0.5/0.5", "0e130e"), ("CIELuv:50/0.2/-0.3", "9d6e96"), ("CIELuv:100/0/0", "ffffff"),
    ("TekHVC:1/1/1", "1a130f"), ("TekHVC:0.5/0.5/0.5", "11130e"), ("TekHVC:30/60/40", "d38267"), ("TekHVC:-330/60/40", "d38267"),
    ("TekHVC:200/90/99", "60f6ff"), ("TekHVC:0/0/0", "000000"), ("TekHVC:77/100/3", "ffffff"),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "expected"), XLIB)
def test_spaces_are_converted_as_xlib_does(spec: str, expected: str) -> None:
    assert parse_color(spec) == tuple(bytes.fromhex(expected))


def test_case_and_the_forms_of_numbers_do_not_matter() -> None:
    assert parse_color("cieluv:+50.0/2e-1/-.3") == parse_color("CIELuv:50/0.2/-0.3") == (157, 110, 150)


@pytest.mark.parametrize(
    "spec",
    ["CIELab:50/0.2", "CIELab:50/0.2/", "CIELab:50/0.2/x", "CIELab:50/0/0/0", "CIELab:101/0/0", "CIELuv:-1/0/0", "TekHVC:0/50/-1",
     "TekHVC:0/101/0", "CIEXYZ:0/2/0", "CIExyY:1.5/0/0", "rgbi:nan/0/0", "rgbi:inf/0/0", "rgbi:0x1/0/0", "rgbi:1/1/1 ", "HSV:1/1/1",
     "rgbi:\u0661/0/0"],
)  # fmt: skip
def test_what_is_no_colour(spec: str) -> None:
    assert parse_color(spec) is None


@pytest.mark.parametrize("space", ["rgbi", "CIEXYZ", "CIEuvY", "CIExyY", "CIELab", "CIELuv", "TekHVC"])
@pytest.mark.parametrize("third", ["1e308", "-1e308", "1e-320", "0"])
def test_numbers_of_any_size_do_no_harm(space: str, third: str) -> None:
    for first in ("1e308", "-1e308", "0", "1e-320", "0.5"):
        for second in ("1e308", "-1e308", "0", "1e-320", "0.5"):
            color = parse_color(f"{space}:{first}/{second}/{third}")
            assert color is None or all(0 <= part <= 255 for part in color)


def test_what_is_no_palette() -> None:
    with pytest.raises(ArgumentError, match="indexed and special must have 256 and 5 colours, not 1 and 5"):
        Palette(indexed=((0, 0, 0),))
    for color in ((0, 0), (0, 0, 256), [0, 0, 0], "red"):
        with pytest.raises(ArgumentError, match="a colour must be red, green and blue from 0 to 255, not "):
            Palette(background=color)  # type: ignore[arg-type]


def test_grays_by_percent_and_names_that_are_too_long() -> None:
    assert parse_color("gray50") == parse_color("Grey 50") == (128, 128, 128)
    assert parse_color("gray101") is parse_color("#" + "0" * 999) is parse_color("#12345") is parse_color("rgb:1/2/12345") is None


def test_programs_may_write_them() -> None:
    with Terminal() as terminal:
        terminal.feed("\x1b]4;7;CIELab:1/1/1;8;rgbi:0.5/0.5/0.5\a\x1b]4;7;?;8;?\a")
        assert terminal.take_replies() == b"\x1b]4;7;rgb:6c6c/6767/6767\a\x1b]4;8;rgb:c1c1/bbbb/bbbb\a"
