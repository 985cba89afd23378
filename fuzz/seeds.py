"""Writes the corpora that the harnesses start from, and a dictionary: python fuzz/seeds.py FOLDER

Recorded and generated sessions in short pieces, and made-up streams with every kind of control, each behind a few bytes
that choose the window and the limits; the dictionary has the introducers and the controls that the core knows.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import streams  # noqa: E402

from ghostpage import sessions, workloads  # noqa: E402

PIECE_BYTES = 1500
HEADS = {"feed": 4, "load": 8, "operations": 1}


def outputs(rng: random.Random) -> list[bytes]:
    found = [sessions.load(name).data for name in sessions.names()]
    found += [workloads.generate(name, 64 * 1024) for name in workloads.names()]
    return [data[at : at + PIECE_BYTES] for data in found for at in rng.sample(range(max(1, len(data) - PIECE_BYTES)), 6)]


def made_up(rng: random.Random) -> list[bytes]:
    return [
        streams.random_stream(rng.randrange(1 << 30), PIECE_BYTES // 3, profile, columns=20, rows=5)
        for profile in streams.PROFILES
        for _ in range(40)
    ]


def operations(rng: random.Random, piece: bytes) -> bytes:
    """The piece in feeds of up to 250 bytes, with another operation after each."""
    steps = []
    while piece:
        part, piece = piece[:250], piece[250:]
        steps.append(bytes([rng.choice((0, 16, 32)), len(part)]) + part + rng.randbytes(rng.randrange(6)))
    return b"".join(steps)


def main(folder: Path) -> None:
    rng = random.Random(1)
    pieces = outputs(rng) + made_up(rng)
    for harness, head in HEADS.items():
        corpus = folder / harness
        corpus.mkdir(parents=True, exist_ok=True)
        for number, piece in enumerate(pieces):
            body = operations(rng, piece) if harness == "operations" else piece
            (corpus / f"seed-{number}").write_bytes(rng.randbytes(head) + body)
    tokens = ["\x1b[", "\x1b]8;;", "\x1b\\", "\x1b[?1049h", "\x1b[?69h", "\x1b[?6h", "\x1b[4h", "\r\n", "\x1b#6", "\x1b#3"]
    tokens += [f"\x1b[{'2;3' if number % 2 else ''}{chr(final)}" for number, final in enumerate(range(0x40, 0x7F))]
    tokens += [f"\x1b[1;1;3;4{mark}" for mark in ("$r", "$x", "$z", "${", "$t", '"q', "$v", "'}", "'~", "*x")]
    tokens += [f"\x1b{final}" for final in "78DEHMNOZc=>"] + list("漢👩\u200d\ufe0f\u0301🏽🇫")
    lines = ["".join(f"\\x{byte:02x}" for byte in token.encode()) for token in tokens]
    (folder / "dictionary").write_text("".join(f'"{line}"\n' for line in lines))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
