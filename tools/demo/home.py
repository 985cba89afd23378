"""Builds the home directory in which the sessions are recorded: small projects that belong to nobody."""

import os
import random
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
EMOJI_TEST = Path("/usr/share/unicode/emoji/emoji-test.txt")

AUTHORS = ["dev", "ana", "kim"]
TOPICS = ["label", "route", "weigh", "stamp", "queue", "store", "scale", "depot"]
VERBS = ["measure", "split", "rename", "simplify", "test", "document", "fix", "speed up", "join", "check"]
NOUNS = [
    "the width of a name",
    "stops in order",
    "the empty parcel",
    "wide characters",
    "a second depot",
    "rounding",
    "the help text",
    "duplicate labels ✨",
    "Größe und Gewicht",
    "荷物の重さ",
    "an off-by-one 🐛",
    "the table 📦",
]

VIMRC = """\
syntax on
set nocompatible number hlsearch incsearch ruler showcmd laststatus=2 expandtab shiftwidth=4 background=dark
set noswapfile viminfo= nomodeline
"""

HTOPRC = """\
fields=0 48 17 18 46 49 1
hide_kernel_threads=1
hide_userland_threads=1
highlight_base_name=1
tree_view=0
color_scheme=0
delay=3
header_layout=two_50_50
column_meters_0=AllCPUs
column_meter_modes_0=1
column_meters_1=Tasks Clock
column_meter_modes_1=2 2
"""


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def module(dice, topic, functions):
    """Some Python that says little, with enough syntax in it to colour."""
    lines = [f'"""How parcels {topic}."""', "", "import math", "from dataclasses import dataclass", "", ""]
    lines += ["@dataclass(frozen=True)", f"class {topic.title()}:", f'    """One {topic} of a parcel."""', ""]
    lines += ["    name: str", f"    size: float = {dice.randint(1, 99)}.5", ""]
    for number in range(functions):
        verb = VERBS[dice.randrange(len(VERBS))].split()[0]
        limit = dice.randint(2, 500)
        lines += [
            f"    def {verb}_{number}(self, other, *, limit={limit}):",
            f'        """{verb.title()} {NOUNS[dice.randrange(len(NOUNS))]}."""',
            f"        total = 0x{dice.randrange(65536):04x}  # measured, not guessed",
            f"        for step in range({dice.randint(2, 9)}):",
            f"            total += math.hypot(self.size, step) * {dice.random():.3f}",
            "        if total > limit:",
            '            raise ValueError(f"{self.name} is over {limit} by {total - limit:.1f}")',
            "        return min(total, other.size)",
            "",
        ]
    return "\n".join(lines)


TESTS = '''\
"""Labels keep their column, whatever is written on them."""

import time
import unicodedata

import pytest

NAMES = ["plain", "größe", "小林さん", "👩‍🔬 lab", "🏳️‍🌈 flag", "👨‍👩‍👧‍👦 family", "ольга", "مرحبا", "สวัสดี", "नमस्ते", "e\\u0301tude", "🇳🇴 fjord"]


def cells(text):
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


@pytest.mark.parametrize("width", [4, 8, 12, 20, 40])
@pytest.mark.parametrize("name", NAMES)
def test_label_is_padded(name, width):
    time.sleep(0.002)
    label = name[:width] + " " * max(0, width - cells(name[:width]))
    assert cells(label) >= width


@pytest.mark.parametrize("name", NAMES)
def test_label_is_short(name):
    time.sleep(0.002)
    assert cells(name) < 16, f"{name!r} takes {cells(name)} cells"


@pytest.mark.skip(reason="needs a scale")
def test_scale():
    pass


@pytest.mark.xfail(reason="stops are not ordered yet")
def test_order():
    assert [3, 1, 2] == sorted([3, 1, 2])


def test_totals():
    expected = {"parcels": 12, "stops": [1, 2, 3, 5], "names": NAMES[:4]}
    found = {"parcels": 12, "stops": [1, 2, 4, 5], "names": NAMES[:3] + ["小林"]}
    assert found == expected
'''


def project(root):
    dice = random.Random(11)
    for topic in TOPICS:
        write(root / "parcel" / f"{topic}.py", module(dice, topic, 12))
    write(root / "parcel" / "__init__.py", '"""Parcels, weighed and labelled."""\n')
    write(root / "tests" / "test_label.py", TESTS)
    for topic in TOPICS[1:5]:
        write(root / "tests" / f"test_{topic}.py", TESTS.split("@pytest.mark.skip")[0])
    write(root / "README.md", "# parcel\n\nWeighs parcels and prints labels. 📦\n")
    write(root / "pytest.ini", "[pytest]\naddopts = --color=yes -p no:cacheprovider\n")


def history(root, commits=260):
    """A repository with branches, merges and tags, written by git fast-import with fixed times."""
    dice = random.Random(5)
    stream, heads, moment, contents = [], {"main": None}, 1_700_000_000, {}

    def blob(text):
        data = text.encode()
        return b"data %d\n%s\n" % (len(data), data)

    for number in range(commits):
        branch = dice.choice(list(heads))
        if number % 9 == 4 and len(heads) < 4:
            branch = f"topic/{dice.choice(TOPICS)}-{number}"
            heads[branch] = heads["main"]
        moment += dice.randint(600, 90_000)
        author = dice.choice(AUTHORS)
        who = f"{author} <{author}@example.org> {moment} +0000".encode()
        mark = number + 1
        topic = dice.choice(TOPICS)
        merged = None
        if branch != "main" and dice.random() < 0.25:
            merged, branch = branch, "main"
        message = f"Merge {merged}" if merged else f"{topic}: {dice.choice(VERBS)} {dice.choice(NOUNS)}"
        stream.append(b"commit refs/heads/%s\nmark :%d\nauthor %s\ncommitter %s\n" % (branch.encode(), mark, who, who))
        stream.append(blob(message))
        if heads[branch]:
            stream.append(b"from :%d\n" % heads[branch])
        if merged:
            stream.append(b"merge :%d\n" % heads.pop(merged))
        text = contents.get(topic) or module(random.Random(topic), topic, 5).splitlines()
        text = list(text)
        for _ in range(dice.randint(1, 5)):
            text[dice.randrange(len(text))] = (
                f"        {dice.choice(TOPICS)} = {dice.choice(NOUNS)!r}, {dice.randint(0, 999)}"
            )
        contents[topic] = text
        stream.append(b"M 100644 inline parcel/%s.py\n" % topic.encode() + blob("\n".join(text) + "\n"))
        heads[branch] = mark
        if number % 40 == 39:
            stream.append(b"reset refs/tags/v0.%d\nfrom :%d\n\n" % (number // 40, mark))
    subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True)
    subprocess.run(["git", "-C", str(root), "fast-import", "--quiet"], input=b"".join(stream), check=True)
    subprocess.run(["git", "-C", str(root), "reset", "-q", "--hard", "main"], check=True)


def pictures(root):
    dice = random.Random(3)
    stems = [
        "fjord",
        "夏休み",
        "été à la mer",
        "parcel 📦",
        "кошка",
        "зима ❄️",
        "lab 👩‍🔬",
        "map",
        "notes",
        "ภูเขา",
        "family 👨‍👩‍👧",
    ]
    kinds = [".jpg", ".png", ".tar.gz", ".txt", ".mp4", ".py", ".zip", ""]
    for year in range(2019, 2025):
        for month in dice.sample(range(1, 13), 5):
            folder = root / str(year) / f"{month:02d} {dice.choice(stems)}"
            for number in range(dice.randint(8, 30)):
                path = folder / f"{dice.choice(stems)}-{number:02d}{dice.choice(kinds)}"
                write(path, "x" * dice.randint(0, 5000))
                os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))
                if path.suffix == ".py":
                    path.chmod(0o755)
            (folder / "latest").symlink_to(path.name)


def sources(root, files=48):
    """A C library whose files compile quickly and not without warnings."""
    dice = random.Random(9)
    names = [f"{dice.choice(TOPICS)}_{number:02d}" for number in range(files)]
    for name in names:
        body = [f"#include <stdio.h>\nint {name}(int stops)\n{{\n"]
        if dice.random() < 0.3:
            body.append('    printf("%s parcels\\n", stops);\n')
        if dice.random() < 0.3:
            body.append("    int unused_weight = 3;\n")
        body.append(f"    return stops * {dice.randint(2, 99)};\n}}\n")
        write(root / f"{name}.c", "".join(body))
    listed = "\n  ".join(f"{name}.c" for name in names)
    write(
        root / "CMakeLists.txt",
        "cmake_minimum_required(VERSION 3.13)\nproject(parcel C)\n"
        f"add_compile_options(-Wall -Wextra -fdiagnostics-color=always)\nadd_library(parcel STATIC\n  {listed})\n",
    )


def packages(root):
    """An npm workspace with local packages only, so that installing it needs no network."""
    names = [f"{topic}-{kind}" for topic in TOPICS for kind in ("core", "view", "test")]
    for name in names:
        write(
            root / "packages" / name / "package.json", f'{{"name": "{name}", "version": "1.0.0", "license": "MIT"}}\n'
        )
    wanted = ", ".join(f'"{name}": "1.0.0"' for name in names)
    script = "node -e \\\"for (let i = 0; i < 60; i++) console.log('bundle', i, '📦'.repeat(i % 7))\\\""
    write(
        root / "package.json",
        '{"name": "widgets", "version": "1.0.0", "private": true, "workspaces": ["packages/*"],\n'
        f' "dependencies": {{{wanted}}},\n "scripts": {{"build": "{script}"}}}}\n',
    )


def build(root):
    """Fills the directory ``root``."""
    project(root / "parcel")
    history(root / "history")
    pictures(root / "pictures")
    sources(root / "library")
    packages(root / "widgets")
    write(root / ".vimrc", VIMRC)
    write(root / ".config" / "htop" / "htoprc", HTOPRC)
    write(root / ".gitconfig", "[user]\n\tname = dev\n\temail = dev@example.org\n")
    write(
        root / ".tmux.conf",
        "set -g status-right ''\nset -g escape-time 0\nset -g default-command \"env PS1='$ ' bash --norc\"\n",
    )
    for script in ("agent.py", "service.py"):
        shutil.copy(HERE / script, root / script)
    shutil.copy(EMOJI_TEST, root / "emoji-test.txt")
