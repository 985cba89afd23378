"""vttest: its screens, as they are when it waits for the return key.

It is a program for people to look at; here it runs in a PTY, is told what to show, and each screen is held against the
digest of the one that xterm 410 had for the same output, cell by cell. Those are of vttest 2.7 (20221229), as Debian has it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pty
import select
import shutil
import struct
import termios
from collections.abc import Iterator

from ghostpage import Terminal
from ghostpage.events import ResizeRequested

from suites.result import Result
from suites.sources import SourceMissing

__all__ = ["run", "screens"]

COLUMNS, ROWS = 80, 24
QUIET_SECONDS = 0.5  # after which it waits
MOST_SCREENS = 60
# What is chosen in its menus, and the digests of the screens that follow.
MENUS = {
    "1 cursor movements": (
        "1",
        "1319bec81ca1 abe8357dfef7 2ac6891d8b8b a32691113d0b fb90af1d1b7f 9fbe1d4f339f",
    ),
    "2 screen features": (
        "2",
        "115596d841bd 1fc77263637d ff6387e4a008 e51a29fb2d44 32ace85dbfa9 9641ab8c0f63 5c12f35d169e 59d9f57c3703 "
        "eb0494b9221f 95da83023bbd 856696bbc445 4415fa4798e1 7b01151b486b 2ab6399c5dae 63969b8c505d",
    ),
    "4 double-size": (
        "4",
        "46dd73af19b3 ca4e98594787 2dfaa2655ef1 8f7a1a1511e7 5c716daf92e0 faa6c38b62f6",
    ),
    "8 insert and delete": (
        "8",
        "c7bb723c9e37 2d8338f6bb64 95e8f692bc72 16593f1d78c1 484ca67bb6b6 6d0c031a29cb 422e7b93f260 ea6874fe8bfa "
        "c12145d4bcc8 d7f1df6db11b 16593f1d78c1 16c1fd6d2685 a8ec45daa8d2 422e7b93f260",
    ),
    "11.3.2 VT420 cursor movements": (
        "11 3 2 7 8 9 10 11 12",
        "48d96f36d1d8 f9372b6dbe42 1d621fadc836 13533b51a59b",
    ),
    "11.3.2 within margins": (
        "11 3 2 1 2 3 4 7 8 9 10 11 12",
        "5d821c237143 25f4c6fecf40 cd8e269e3c3b",
    ),
    "11.3.3 VT420 editing": (
        "11 3 3 9 10 11 12 13",
        "1153f9db201c 495858971509 48d4e02c7e0e 895e6c6f498f 48d4e02c7e0e aabb07fc17bc 48d4e02c7e0e aabb07fc17bc "
        "48d4e02c7e0e 895e6c6f498f 000734f5370d 925643dc0b55 05e119a91c0c",
    ),
    "11.3.3 within margins": (
        "11 3 3 1 2 3 4 9 10 11 12 13",
        "2cf86337af9f 1135a1ba4f9a 03ddd2b8e653 b8c5c49bf5a2 03ddd2b8e653 1562434397e4 03ddd2b8e653 1562434397e4 "
        "03ddd2b8e653 b8c5c49bf5a2 1e9711054d31 3dfcc0996bbe 4f6df28d3d9c",
    ),
    "11.3.6 VT420 rectangles": (
        "11 3 6 7 8 9 10 11 12",
        "3d6f964d8031 5f274216caef 3de9e3d0ca4d 296b1d02e82c 9cae89919cbd 9a3a8a3345f0 805893179cee 4fccd00be2e2 "
        "2f55322fd861 0a040546b77a 7e86d4cfbfc0 e96139319e3b bc6c5aeda6c9 e96139319e3b 356f3dda74f4",
    ),
    "11.3.6 within margins": (
        "11 3 6 1 2 3 4 7 8 9 10 11 12",
        "3d6f964d8031 5f274216caef e9cbe4680e7b 576e6888f596 9bf5a5274c88 ae4e5ce50be9 cb150a3a5ba1 99f548ba59f2 "
        "d7ab5347dde3 fd02bfd62271 63f3f968661c fa0b926e805f fe629346f743 fa0b926e805f 90bf1d212f59",
    ),
    "11.5 ISO 6429 cursor movements": (
        "11 5 1 2 3 4 5 6 7 8 9",
        "d66c80e3e5c5 79e19c973ba5 361089f810be 33c2bddc4d1b 831b163704c2 b49adf3711c9 822272bda208 e3d82f1d3e2f "
        "52df79d6d04b",
    ),
}


def run(only: str = "") -> Iterator[Result]:
    """Every screen, or those whose name has ``only`` in it."""
    if not shutil.which("vttest"):
        raise SourceMissing("there is no vttest: the package of that name has it")
    for menu, (choices, digests) in MENUS.items():
        expected = digests.split()
        if only.lower() not in menu:
            continue
        found = [digest(screen) for _, screen in screens(choices.split())]
        for n in range(max(len(expected), len(found))):
            same = found[n : n + 1] == expected[n : n + 1]
            yield Result(f"{menu}, screen {n}", same, "" if same else "not the screen that xterm has")


def digest(screen: list[str]) -> str:
    return hashlib.sha256("\n".join(screen).encode()).hexdigest()[:12]


def screens(choices: list[str]) -> Iterator[tuple[bytes, list[str]]]:
    """What was printed up to each wait, and the rows shown then."""
    child, channel = pty.fork()
    if not child:
        os.environ.update(TERM="xterm", LC_ALL="C.UTF-8")
        os.execvp("vttest", ["vttest", f"{ROWS}x{COLUMNS}.132"])
    fcntl.ioctl(channel, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    choices, printed = list(choices), b""
    try:
        with Terminal(COLUMNS, ROWS) as terminal:
            for _ in range(MOST_SCREENS):
                while select.select([channel], [], [], QUIET_SECONDS)[0]:
                    try:
                        data = os.read(channel, 65_536)
                    except OSError:  # it has ended
                        return
                    printed += data
                    terminal.feed(data)
                    for event in terminal.take_events():
                        if isinstance(event, ResizeRequested):
                            terminal.resize(event.columns, event.rows)
                    os.write(channel, terminal.take_replies())
                shown = ["".join(cell.text or " " * cell.width for cell in row.cells).rstrip() for row in terminal.screen]
                if not any("Enter choice number" in row for row in shown):
                    yield printed, shown
                    printed = b""
                    os.write(channel, b"\r")
                elif choices:
                    os.write(channel, choices.pop(0).encode() + b"\r")
                else:
                    return
    finally:
        os.close(channel)
        os.waitpid(child, 0)
