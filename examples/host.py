"""Runs a program in a pseudo-terminal and prints what its screen shows.

    python examples/host.py ls --color /usr
    python examples/host.py top -b -n 1

Needs no more than the standard library and a POSIX system.
"""

import fcntl
import os
import pty
import struct
import sys
import termios

from ghostpage import Limits, Terminal

COLUMNS, ROWS = 100, 30


def host(command: list[str]) -> Terminal:
    """A terminal that holds what ``command`` printed until it ended."""
    process, fd = pty.fork()
    if process == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.environ["TERM"] = "xterm-256color"
        os.execvp(command[0], command)
    terminal = Terminal(COLUMNS, ROWS, scrollback=Limits(lines=5000))
    try:
        while data := os.read(fd, 65_536):
            terminal.feed(data)
            os.write(fd, terminal.take_replies())  # programs ask where the cursor is, and wait
    except OSError:  # how Linux says that the program has ended
        pass
    os.close(fd)
    os.waitpid(process, 0)
    return terminal


if __name__ == "__main__":
    with host(sys.argv[1:] or ["ls", "-l", "--color", "/"]) as terminal:
        print("\n".join(row.text for row in terminal.screen).rstrip("\n"))
        links = {run.link for row in terminal.screen for run in row.runs if run.link}
        print(f"-- {len(terminal.history)} rows above, cursor at {terminal.cursor.x}, {terminal.cursor.y}, {len(links)} links")
