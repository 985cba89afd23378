"""A made-up coding agent: the terminal output of one, without the agent.

Finished output scrolls away above; below it a live block (spinner, plan, input box) is erased and repainted many times
a second, the way most such programs do it: cursor up, erase line, write again. Emoji with joiners, hyperlinks, true
colour differences and box drawing everywhere. Everything is drawn from a fixed seed.
"""

import random
import sys
import time

dice = random.Random(20240229)
WIDTH = 112
HOME = "file://demo/home/user/parcel/"

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
VERBS = ["Reading", "Thinking", "Sketching", "Comparing", "Measuring", "Untangling", "Polishing"]
PEOPLE = ["👩‍💻", "🧑🏽‍🔬", "👨‍👩‍👧‍👦", "🧑‍🚀", "👩🏿‍🎨", "🧙🏻‍♂️", "🏳️‍🌈", "🤦🏼‍♀️", "🧑‍🤝‍🧑", "👁️‍🗨️"]
MARKS = ["✅", "🔥", "🚀", "📦", "🐛", "✨", "🧪", "🔒", "📝", "♻️", "⚡️", "🎯", "🇳🇴", "🇯🇵", "1️⃣", "2️⃣"]
FILES = [
    "parcel/__init__.py",
    "parcel/label.py",
    "parcel/route.py",
    "parcel/weigh.py",
    "parcel/cli.py",
    "tests/test_label.py",
    "tests/test_route.py",
    "tests/test_weigh.py",
    "README.md",
    "docs/usage.md",
]
WORDS = (
    "the parcel label keeps its width when a name has wide characters so the column is measured in cells not in letters "
    "and the route is joined again after every stop because the old order was lost when two parcels weighed the same"
).split()


def link(target, text):
    return f"\x1b]8;;{target}\x1b\\{text}\x1b]8;;\x1b\\"


def file_link(path, line=None):
    shown = path if line is None else f"{path}:{line}"
    return link(f"{HOME}{path}" + (f"#L{line}" if line else ""), f"\x1b[36;4m{shown}\x1b[24;39m")


def sentence(low=8, high=18):
    words = [dice.choice(WORDS) for _ in range(dice.randint(low, high))]
    return " ".join(words).capitalize() + "."


class Block:
    """The live block at the bottom: painted over itself until the agent is done."""

    def __init__(self):
        self.height = 0
        self.tick = 0
        self.tokens = 0
        self.plan = []

    def erase(self):
        sys.stdout.write("\x1b[2K" + "\x1b[1A\x1b[2K" * (self.height - 1) + "\r" if self.height else "")
        self.height = 0

    def paint(self, above=""):
        self.tick += 1
        self.tokens += dice.randint(3, 40)
        spin = SPINNER[self.tick % len(SPINNER)]
        verb = VERBS[self.tick // 25 % len(VERBS)]
        glow = 120 + self.tick * 9 % 130
        lines = [
            "",
            f"\x1b[38;2;{glow};140;255m{spin} {verb}…\x1b[39m \x1b[2m({self.tick // 12}s · {self.tokens} tokens · "
            f"{dice.choice(PEOPLE)} · esc stops)\x1b[22m",
        ]
        for done, step in self.plan:
            lines.append(f"  \x1b[32m☑\x1b[39m \x1b[9;2m{step}\x1b[29;22m" if done else f"  ☐ {step}")
        lines.append("\x1b[38;5;244m╭" + "─" * (WIDTH - 2) + "╮\x1b[39m")
        lines.append("\x1b[38;5;244m│\x1b[39m › \x1b[7m \x1b[27m" + " " * (WIDTH - 6) + "\x1b[38;5;244m│\x1b[39m")
        lines.append("\x1b[38;5;244m╰" + "─" * (WIDTH - 2) + "╯\x1b[39m")
        sys.stdout.write("\x1b[?2026h")
        self.erase()
        sys.stdout.write(above + "\n".join(lines) + "\x1b[?2026l")
        sys.stdout.flush()
        self.height = len(lines)


def difference():
    path, line = dice.choice(FILES), dice.randint(10, 300)
    yield f"● \x1b[1mUpdate\x1b[22m({file_link(path)})"
    for offset in range(dice.randint(6, 16)):
        text = (
            "    " * dice.randint(1, 3)
            + f"{dice.choice(WORDS)} = {dice.choice(WORDS)}({dice.choice(WORDS)}, {dice.randint(0, 99)})"
        )
        kind = dice.choice("  +-+")
        back = {" ": "", "+": "\x1b[48;2;20;60;30m", "-": "\x1b[48;2;75;25;30m"}[kind]
        yield f"  {back}\x1b[38;5;244m{line + offset:5d}\x1b[39m {kind} {text:<80}\x1b[49m"


def search():
    yield f"● \x1b[1mSearch\x1b[22m(\x1b[33m{dice.choice(WORDS)}\x1b[39m) {dice.choice(MARKS)}"
    for _ in range(dice.randint(5, 14)):
        yield f"  {file_link(dice.choice(FILES), dice.randint(1, 400))}  {sentence(5, 9)} {dice.choice(PEOPLE)}"


def table():
    yield f"● {sentence(4, 8)}"
    yield "  ┌" + "─" * 26 + "┬" + "─" * 14 + "┬" + "─" * 30 + "┐"
    for _ in range(dice.randint(5, 9)):
        mark, other = dice.choice(MARKS), dice.choice(PEOPLE)
        name = dice.choice(FILES)
        yield f"  │ {mark} {file_link(name)}{' ' * (22 - len(name))} │ {dice.randint(1, 9999):>9} µs │ {other} {dice.choice(WORDS):<26} │"
    yield "  └" + "─" * 26 + "┴" + "─" * 14 + "┴" + "─" * 30 + "┘"


def answer():
    for _ in range(dice.randint(4, 9)):
        bullet = dice.choice(MARKS)
        yield (
            f"  {bullet} \x1b[1m{dice.choice(WORDS)}\x1b[22m {sentence(6, 11)} "
            f"{link('https://example.org/notes/' + str(dice.randint(100, 999)), dice.choice(PEOPLE) + ' note')}"
        )


def main():
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    pause = float(sys.argv[2]) if len(sys.argv) > 2 else 0.02
    block = Block()
    sys.stdout.write("\x1b[?25l\x1b]0;✳ parcel: making labels line up\x07")
    for _ in range(turns):
        block.plan = [(False, f"{dice.choice(MARKS)} {sentence(4, 7)}") for _ in range(dice.randint(3, 6))]
        for step in range(len(block.plan)):
            for _ in range(dice.randint(5, 12)):
                block.paint()
                time.sleep(pause)
            for line in dice.choice([difference, search, table, answer])():
                block.paint(above=line + "\n")
                time.sleep(pause / 2)
            block.plan[step] = (True, block.plan[step][1])
        block.paint(above=f"\n\x1b[1m{dice.choice(PEOPLE)} {sentence()}\x1b[22m\n\n")
    block.erase()
    sys.stdout.write("🏁 Done.\n\x1b[?25h\x1b]0;\x07")


if __name__ == "__main__":
    main()
