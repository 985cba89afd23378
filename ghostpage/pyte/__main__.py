"""``python -m ghostpage.pyte TEXT``: the events that a text is, from arguments or the standard input."""

from __future__ import annotations

import sys

from ghostpage.pyte.debug import dis

if __name__ == "__main__":
    dis("".join(sys.argv[1:]) if len(sys.argv) > 1 else sys.stdin.buffer.read())
