"""Records programs as asciicasts, plays them, and takes the long pauses out of them.

    python examples/casts.py record build.cast make
    python examples/casts.py squeeze build.cast short.cast      no pause is longer than half a second
    python examples/casts.py play short.cast 2                  at twice its speed

Read are asciicasts of versions 2 and 3, packed or not, and plain terminal output; what is written is version 3.
"""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ghostpage import sessions
from ghostpage.recorder import Recorder
from ghostpage.session import Session


def record(path: str, *command: str) -> None:
    with Recorder(path, 80, 24, command=shlex.join(command)) as recorder:
        with Session(command, 80, 24, observer=recorder.output) as session:
            recorder.end(session.wait())
            print(session.screen_text())


def squeeze(path: str, shorter: str, longest: str = "0.5") -> None:
    session = sessions.read(path)
    events, saved, before = [], 0.0, 0.0
    for event in session.events:
        saved += max(0.0, event.time - before - float(longest))
        before = event.time
        events.append(replace(event, time=event.time - saved))
    short = replace(session, events=tuple(events))
    Path(shorter).write_bytes(sessions.encode(short))
    print(f"{session.duration:.1f} s are {short.duration:.1f} s now")


def play(path: str, speed: str = "1") -> None:
    begin = time.monotonic()
    for event in sessions.read(path).events:
        time.sleep(max(0.0, begin + event.time / float(speed) - time.monotonic()))
        sys.stdout.buffer.write(event.output)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    commands: dict[str, Callable[..., None]] = {"record": record, "squeeze": squeeze, "play": play}
    if len(sys.argv) < 3 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*sys.argv[2:])
