"""A program in a pseudo-terminal: started, resized, ended and reaped. Nothing here waits, but for the end."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import shutil
import signal
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence

__all__ = ["Process"]

# Nothing of Python runs between fork and exec, which is not safe where there are threads: a shell makes the terminal its
# controlling one, as a session's leader does by opening it, and becomes the program.
_LEAD = ["/bin/sh", "-c", 'exec 0<>"$0" 1>&0 2>&0; exec "$@"']


class Process:
    """``command`` as the leader of a session of its own, with a PTY of ``columns`` by ``rows``.

    Raises ``FileNotFoundError`` when there is no such program, and ``OSError``.
    """

    def __init__(
        self,
        command: Sequence[str],
        columns: int,
        rows: int,
        env: Mapping[str, str] | None,
        cwd: str | os.PathLike[str] | None,
    ) -> None:
        environment = dict(os.environ if env is None else env)
        if env is None:
            for name in ("COLUMNS", "LINES"):
                environment.pop(name, None)
            environment.update(TERM="xterm-256color", COLORTERM="truecolor")
        found = shutil.which(command[0], path=environment.get("PATH"))
        if found is None and not (cwd is not None and os.sep in command[0]):
            raise FileNotFoundError(2, "no such program", command[0])
        self.fd, slave = pty.openpty()
        try:
            os.set_blocking(self.fd, False)
            self.resize(columns, rows)
            self._child = subprocess.Popen(
                [*_LEAD, os.ttyname(slave), *command],
                stdin=slave,
                stdout=slave,
                stderr=slave,
                env=environment,
                cwd=cwd,
                start_new_session=True,
            )
        except BaseException:
            os.close(self.fd)
            raise
        finally:
            os.close(slave)
        self.pid = self._child.pid

    def resize(self, columns: int, rows: int) -> None:
        """The kernel tells the program by SIGWINCH."""
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def reap(self) -> int | None:
        """The exit status, negative for the signal that ended it, or None while it runs."""
        return self._child.poll()

    def kill(self, number: int) -> None:
        """To the group of the program, which is that of what it started too unless it is a shell with job control."""
        if self._child.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def hang_up(self) -> None:
        """Closes the terminal; whoever has it as the controlling one gets SIGHUP from the kernel."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def end(self, grace: float) -> int:
        """Hangs up, and kills what has not ended ``grace`` seconds later. The exit status."""
        self.hang_up()
        self.kill(signal.SIGHUP)
        self.kill(signal.SIGCONT)
        try:
            return self._child.wait(grace)
        except subprocess.TimeoutExpired:
            self.kill(signal.SIGKILL)
            return self._child.wait()
