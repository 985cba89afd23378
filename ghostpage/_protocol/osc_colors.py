"""Colours by OSC: set, asked for, reset, and put aside. What is set is :attr:`ghostpage.Terminal.palette`."""

from __future__ import annotations

from ghostpage._protocol.osc import ALONE, osc
from ghostpage._protocol.reports import csi
from ghostpage._protocol.session import Call
from ghostpage.colors import RGB, parse_color

__all__: list[str] = []

PARTS = 1024  # of one command
DEPTH = 10  # of palettes put aside, as in xterm
SPECIAL = 256  # OSC 4 counts special colours from here on


def _fields(call: Call) -> list[str]:
    return call.payload.decode("utf-8", "replace").split(";", PARTS)[:PARTS]


_TWICE = [f"{part:02x}" * 2 for part in range(256)]  # instead of six numbers formatted for each answer


def _rgb(color: tuple[int, int, int] | None) -> str:
    red, green, blue = color or (0, 0, 0)
    return f"rgb:{_TWICE[red]}/{_TWICE[green]}/{_TWICE[blue]}"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else -1


class _Change:
    """Several changes of the palette, made at once."""

    def __init__(self, call: Call) -> None:
        self._session = call.session
        self._colors: dict[tuple[str, int], RGB | None] = {}

    def get(self, kind: str, number: int) -> RGB | None:
        place = kind, number
        return self._colors[place] if place in self._colors else self._session.palette._get(kind, number)

    def set(self, kind: str, number: int, spec: str) -> None:
        color = parse_color(spec)
        if color is not None:
            self._colors[kind, number] = color

    def reset(self, kind: str, number: int) -> None:
        self._colors[kind, number] = self._session.default_palette._get(kind, number)

    def done(self) -> None:
        if self._colors:
            self._session.set_palette(self._session.palette._changed(self._colors))


def _kind(number: int) -> tuple[str, int] | None:
    if 0 <= number < SPECIAL:
        return "indexed", number
    return ("special", number - SPECIAL) if SPECIAL <= number < SPECIAL + 5 else None


def _pairs(call: Call, command: int, offset: int) -> None:
    change, fields = _Change(call), _fields(call)
    for text, spec in zip(fields[::2], fields[1::2]):
        found = _kind(_number(text) + offset) if _number(text) >= 0 else None
        if found is None:
            break
        if spec == "?":
            color = change.get(*found) or call.session.palette.foreground
            call.reply_osc(f"{command};{_number(text)};{_rgb(color)}")
        else:
            change.set(*found, spec)
    change.done()


@osc.on(4, syntax="OSC 4 ; c ; spec ST", effect="sets colour c of the palette, or with ? answers it; several in turn")
def indexed(call: Call) -> None:
    _pairs(call, 4, 0)


@osc.on(5, syntax="OSC 5 ; c ; spec ST", effect="sets a special colour: of bold 0, underlined 1, blinking 2, inverse 3, italic 4")
def special(call: Call) -> None:
    _pairs(call, 5, SPECIAL)


def _reset(call: Call, first: int, last: int) -> None:
    change = _Change(call)
    fields = _fields(call) if call.payload else [str(number) for number in range(last - first)]
    for text in fields:
        found = _kind(_number(text) + first) if _number(text) >= 0 else None
        if found:
            change.reset(*found)
    change.done()


@osc.on(104, syntax="OSC 104 ; c ST", effect="resets colours of the palette, all without a number")
def reset_indexed(call: Call) -> None:
    _reset(call, 0, SPECIAL)


@osc.on(105, syntax="OSC 105 ; c ST", effect="resets special colours, all without a number")
def reset_special(call: Call) -> None:
    _reset(call, SPECIAL, SPECIAL + 5)


def _dynamic(first: int) -> None:
    names = (
        "the text", "the background", "the cursor", "the pointer", "the pointer's background", "Tektronix text",
        "the Tektronix background", "the highlight's background", "the Tektronix cursor", "highlighted text",
    )  # fmt: skip
    name, asked = names[first - 10], f"{first};"

    @osc.on(first, syntax=f"OSC {first} ; spec ST", effect=f"sets the colour of {name}, or with ? answers it; more go on from there")
    def change(call: Call) -> None:
        if call.payload == b"?":
            call.reply_osc(asked + _rgb(call.session.palette.color(first)))
            return
        made = _Change(call)
        for number, spec in zip(range(first, 20), _fields(call)):
            if spec == "?":
                color = made.get("dynamic", number) or call.session.palette.color(number)
                call.reply_osc(f"{number};{_rgb(color)}")
            else:
                made.set("dynamic", number, spec)
        made.done()

    @osc.on(first + 100, syntax=f"OSC {first + 100} ST", effect=f"resets the colour of {name}")
    def reset(call: Call) -> None:
        made = _Change(call)
        made.reset("dynamic", first)
        made.done()


for _first in range(10, 20):
    _dynamic(_first)
ALONE.update({104, 105, *range(110, 120)})


@osc.on(21, syntax="OSC 21 ; key = spec ; ... ST", effect="kitty's colours by name, set, asked for (?) or reset (nothing)")
def named(call: Call) -> None:
    names = {"foreground": 10, "background": 11, "cursor": 12, "selection_background": 17, "selection_foreground": 19}
    change, answers = _Change(call), ""
    for field in _fields(call):
        key, _, spec = field.partition("=")
        place = ("dynamic", names[key]) if key in names else _kind(_number(key))
        if place is None:
            answers += f";{key}=?" if spec == "?" and key.replace("_", "").isalnum() and len(key) < 40 else ""
        elif spec == "?":
            color = change.get(*place)
            answers += f";{key}={_rgb(color) if color else ''}"
        elif spec:
            change.set(*place, spec)
        else:
            change.reset(*place)
    change.done()
    if answers:
        call.reply_osc(f"21{answers}")


@osc.on(30001, syntax="OSC 30001 ST", effect="puts the colours aside, 10 deep (kitty)")
@csi.on("#P", syntax="CSI # P", mnemonic="XTPUSHCOLORS", effect="puts the colours aside, 10 deep")
def push(call: Call) -> None:
    call.session.palettes.append(call.session.palette)
    del call.session.palettes[:-DEPTH]


@osc.on(30101, syntax="OSC 30101 ST", effect="takes the colours back (kitty)")
@csi.on("#Q", syntax="CSI # Q", mnemonic="XTPOPCOLORS", effect="takes the colours back")
def pop(call: Call) -> None:
    if call.session.palettes:
        call.session.set_palette(call.session.palettes.pop())


ALONE.update({30001, 30101})


@csi.on("#R", syntax="CSI # R", mnemonic="XTREPORTCOLORS", effect="answers how many colours are put aside")
def report(call: Call) -> None:
    count = len(call.session.palettes)
    call.reply(f"\x1b[{count};{count}#Q")
