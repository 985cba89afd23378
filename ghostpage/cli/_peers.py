"""Terminals to measure side by side, each behind the same few calls.

A peer keeps 10,000 rows of history at 120x40 unless told otherwise. Nothing of a peer is imported before it is asked
for, so that a process which measures one holds nothing of another.
"""

from __future__ import annotations

import codecs
import importlib
import importlib.metadata
import json
import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

__all__ = ["COLUMNS", "HISTORY", "PEERS", "Peer", "ROWS", "Unavailable", "written_bytes"]

COLUMNS, ROWS, HISTORY = 120, 40, 10_000


class Unavailable(Exception):
    """This peer cannot run here; the message says why."""


class Peer(ABC):
    """One terminal under measurement."""

    package: str
    slow = False
    """Too slow to have its history filled with the workload itself."""
    keeps_history = True

    feed: Callable[[bytes], object]

    @property
    @abstractmethod
    def history_rows(self) -> int: ...

    @abstractmethod
    def tail(self, rows: int) -> list[str]:
        """The text of the last rows of history and screen, without trailing blanks."""

    def sized_for(self, pieces: list[bytes]) -> None:
        """Sets limits that can only be found by trying, given what history will be filled with."""

    def at_rest(self) -> None:
        """What an idle moment would do to the memory held."""

    def mapped_bytes(self) -> int | None:
        """Bytes held for content by the peer's own account, if it keeps one."""
        return None

    def figures(self) -> dict[str, int]:
        """Counters of the peer's own."""
        return {}

    def close(self) -> None:
        """Gives everything back."""

    @classmethod
    def version(cls) -> str:
        return importlib.metadata.version(cls.package)


def imported(module: str, package: str) -> Any:
    """A peer's module, or why it cannot be had."""
    try:
        return importlib.import_module(module)
    except (ImportError, OSError) as error:
        raise Unavailable(f"{error}; pip install {package}") from None


class Ghostpage(Peer):
    """This project, in any policy and size of standard page."""

    package = "ghostpage"

    def __init__(self, policy: str = "adaptive", page: int = 256 * 1024, history: int | None = HISTORY) -> None:
        import ghostpage

        self.arena = ghostpage.Arena(policy=policy, standard_page=page)
        limits = ghostpage.Limits(lines=history)
        self.terminal = ghostpage.Terminal(COLUMNS, ROWS, scrollback=limits, arena=self.arena)
        self.feed = self.terminal.feed

    @property
    def history_rows(self) -> int:
        return len(self.terminal.history)

    def tail(self, rows: int) -> list[str]:
        return [line.rstrip() for line in self.terminal.text(-rows).split("\n")]

    def at_rest(self) -> None:
        self.arena.trim()

    def mapped_bytes(self) -> int:
        return self.terminal.memory.mapped

    def figures(self) -> dict[str, int]:
        return dict(vars(self.terminal.counters))

    def close(self) -> None:
        self.terminal.close()
        self.arena.close()

    @classmethod
    def version(cls) -> str:
        try:
            return super().version()
        except importlib.metadata.PackageNotFoundError:
            return "of this tree"


class Ghostty(Peer):
    """libghostty-vt through pyghostty, limited in bytes.

    Its limit in rows prunes several times slower, and its default of 10,000 bytes keeps some 700 rows whatever number
    is asked for. So the limit in rows is lifted, and that in bytes set to what the rows at hand need.
    """

    package = "pyghostty"

    def __init__(self, history: int | None = HISTORY) -> None:
        self.history = history
        self._open(1 << 40)

    def _open(self, limit_bytes: int) -> None:
        self.ghostty: Any = imported("pyghostty", "pyghostty")
        self.terminal: Any = self.ghostty.Terminal(COLUMNS, ROWS)
        self._set("MAX_LINES", None)
        self._set("MAX_BYTES", limit_bytes)
        self.feed = self.terminal.feed

    def _set(self, option: str, value: int | None) -> None:
        ffi, lib = self.ghostty.ffi, self.ghostty.lib
        given = ffi.NULL if value is None else ffi.new("size_t *", value)
        status = lib.ghostty_terminal_set(
            self.terminal._t[0], getattr(lib, f"GHOSTTY_TERMINAL_OPT_SCROLLBACK_{option}"), given
        )
        if status:
            raise Unavailable(f"pyghostty refuses SCROLLBACK_{option} {value}: {status}")

    def sized_for(self, pieces: list[bytes]) -> None:
        """The smallest limit, to a few per cent, at which the rows kept never fall below those asked for."""
        if self.history is None:
            return
        limit_bytes = self.history * 1600
        for _ in range(8):
            self.terminal.close()
            self._open(limit_bytes)
            lowest = self._rows_in_steady_state(pieces)
            if self.history <= lowest <= self.history * 1.06:
                return
            limit_bytes = int(limit_bytes * self.history * 1.03 / lowest)
        self.terminal.close()
        self._open(int(limit_bytes * 1.06))

    def _rows_in_steady_state(self, pieces: list[bytes]) -> int:
        """The fewest rows kept once pruning goes on."""
        feeding = cycle(pieces)
        filled, fed = 0, 0
        while self.history_rows >= filled:
            filled = self.history_rows
            self.feed(next(feeding))
            fed += 1
        lowest = self.history_rows
        for _ in range(fed // 4 + 8):
            self.feed(next(feeding))
            lowest = min(lowest, self.history_rows)
        return max(lowest, 1)

    @property
    def history_rows(self) -> int:
        return int(self.terminal.get("scrollback_rows", "size_t"))

    def tail(self, rows: int) -> list[str]:
        total = int(self.terminal.get("total_rows", "size_t"))
        selection = self.ghostty.core.init_sized("GhosttySelection")
        selection.start = self.terminal.ref(0, max(0, total - rows), "screen")[0]
        selection.end = self.terminal.ref(COLUMNS - 1, total - 1, "screen")[0]
        text = self.terminal._format_sel(selection)
        lines = [line.rstrip() for line in text.split("\n")]
        return lines + [""] * (min(rows, total) - len(lines))  # it leaves out the last rows if they are blank

    def close(self) -> None:
        self.terminal.close()

    def at_rest(self) -> None:
        """Its LZ4 pass over the history."""
        ffi, lib = self.ghostty.ffi, self.ghostty.lib
        result = ffi.new("GhosttyTerminalCompressionResult *", lib.GHOSTTY_TERMINAL_COMPRESSION_RESULT_PENDING)
        while result[0] == lib.GHOSTTY_TERMINAL_COMPRESSION_RESULT_PENDING:
            mode = lib.GHOSTTY_TERMINAL_COMPRESSION_MODE_FULL
            if lib.ghostty_terminal_compress(self.terminal._t[0], mode, result):
                break


class Pyte(Peer):
    """pyte, in Python throughout."""

    package = "pyte"
    slow = True

    def __init__(self, history: int | None = HISTORY) -> None:
        pyte = imported("pyte", "pyte")
        self.screen = pyte.HistoryScreen(COLUMNS, ROWS, history=history or 1 << 40, ratio=0.5)
        self.feed = pyte.ByteStream(self.screen).feed

    @property
    def history_rows(self) -> int:
        return len(self.screen.history.top)

    def tail(self, rows: int) -> list[str]:
        history = list(self.screen.history.top)[-rows:]
        kept = ["".join(line[x].data for x in range(COLUMNS)).rstrip() for line in history]
        return (kept + [line.rstrip() for line in self.screen.display])[-rows:]


class Avt(Peer):
    """avt, of asciinema, through pyavt; it takes text, so the bytes are decoded on the way."""

    package = "pyavt"

    def __init__(self, history: int | None = HISTORY) -> None:
        self.vt: Any = imported("avt", "pyavt").Vt(COLUMNS, ROWS, scrollback_limit=history)
        decode, feed = codecs.getincrementaldecoder("utf-8")("replace").decode, self.vt.feed_str
        self.feed = lambda data: feed(decode(data))

    @property
    def history_rows(self) -> int:
        return len(self.vt.lines()) - ROWS

    def tail(self, rows: int) -> list[str]:
        return [line.text.rstrip() for line in self.vt.lines()[-rows:]]


class ParTerm(Peer):
    """par-term-emu-core-rust."""

    package = "par-term-emu-core-rust"

    def __init__(self, history: int | None = HISTORY) -> None:
        module = imported("par_term_emu_core_rust", f"{self.package} (of Python 3.12 or newer)")
        self.terminal: Any = module.Terminal(COLUMNS, ROWS, scrollback=history or 1 << 30)
        self.feed = self.terminal.process

    @property
    def history_rows(self) -> int:
        return int(self.terminal.scrollback_len())

    def tail(self, rows: int) -> list[str]:
        screen = [self.terminal.get_line(y) or "" for y in range(ROWS)]
        return [line.rstrip() for line in [*self.terminal.scrollback()[-rows:], *screen][-rows:]]


class VTerm(Peer):
    """libvterm, of which Debian has 0.1.4. It keeps no history: a callback is told of rows that leave, here none."""

    package = "libvterm"
    keeps_history = False
    history_rows = 0

    def __init__(self, history: int | None = HISTORY) -> None:
        from cffi import FFI

        self.ffi = FFI()
        self.ffi.cdef("""
            typedef struct VTerm VTerm;
            typedef struct VTermScreen VTermScreen;
            typedef struct { int start_row, end_row, start_col, end_col; } VTermRect;
            VTerm *vterm_new(int rows, int cols);
            void vterm_free(VTerm *vt);
            void vterm_set_utf8(VTerm *vt, int is_utf8);
            size_t vterm_input_write(VTerm *vt, const char *bytes, size_t len);
            VTermScreen *vterm_obtain_screen(VTerm *vt);
            void vterm_screen_enable_altscreen(VTermScreen *screen, int altscreen);
            void vterm_screen_reset(VTermScreen *screen, int hard);
            size_t vterm_screen_get_text(const VTermScreen *screen, char *str, size_t len, const VTermRect rect);
        """)
        try:
            self.library: Any = self.ffi.dlopen("libvterm.so.0")
        except OSError as error:
            raise Unavailable(f"{error}; apt-get install libvterm0") from None
        self.vt = self.library.vterm_new(ROWS, COLUMNS)
        self.library.vterm_set_utf8(self.vt, 1)
        self.screen = self.library.vterm_obtain_screen(self.vt)
        self.library.vterm_screen_enable_altscreen(self.screen, 1)
        self.library.vterm_screen_reset(self.screen, 1)

    def feed(self, data: bytes) -> None:
        self.library.vterm_input_write(self.vt, self.ffi.from_buffer(data), len(data))

    def tail(self, rows: int) -> list[str]:
        room = self.ffi.new("char[]", 64 * COLUMNS)
        lines = []
        for y in range(ROWS):
            length = self.library.vterm_screen_get_text(self.screen, room, 64 * COLUMNS, (y, y + 1, 0, COLUMNS))
            lines.append(bytes(self.ffi.buffer(room, length)).decode("utf-8", "replace").rstrip())
        return lines[-rows:]

    def close(self) -> None:
        self.library.vterm_free(self.vt)

    @classmethod
    def version(cls) -> str:
        asked = subprocess.run(["dpkg-query", "-Wf", "${Version}", "libvterm0"], capture_output=True, text=True)
        return asked.stdout or "of this system"


class Xterm(Peer):
    """@xterm/headless in node, fed through a pipe, which takes some ten microseconds for 64 KiB."""

    package = "@xterm/headless"
    PROGRAM = Path(__file__).with_name("xterm_headless.js")
    FED, ASKED = 0, 1
    found_version = "unknown"

    def __init__(self, history: int | None = HISTORY) -> None:
        if not shutil.which("node"):
            raise Unavailable("node is not installed")
        command = ["node", str(self.PROGRAM), str(COLUMNS), str(ROWS), str(history or 1 << 30)]
        self.node = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        begun = self._answer()
        if "error" in begun:
            self.close()
            raise Unavailable(f"{begun['error']}; npm install @xterm/headless, here or where NODE_PATH leads")
        Xterm.found_version = begun["version"]

    def _answer(self) -> Any:
        assert self.node.stdout
        line = self.node.stdout.readline()
        if not line:
            raise RuntimeError(f"node ended with status {self.node.wait()}")
        return json.loads(line)

    def _say(self, kind: int, data: bytes) -> Any:
        assert self.node.stdin
        self.node.stdin.write(bytes([kind]) + len(data).to_bytes(4, "little") + data)
        self.node.stdin.flush()
        return self._answer()

    def feed(self, data: bytes) -> None:
        self._say(self.FED, data)

    @property
    def history_rows(self) -> int:
        return int(self._say(self.ASKED, b"")["history"])

    def tail(self, rows: int) -> list[str]:
        lines: list[str] = self._say(self.ASKED, rows.to_bytes(4, "little"))["tail"]
        return lines

    def close(self) -> None:
        assert self.node.stdin and self.node.stdout
        self.node.stdin.close()
        self.node.wait()
        self.node.stdout.close()

    @classmethod
    def version(cls) -> str:
        return str(cls.found_version)


PEERS: dict[str, Callable[..., Peer]] = {
    "ghostpage": Ghostpage,
    "ghostpage replace": lambda **options: Ghostpage("replace", **options),
    "ghostpage 16 KiB": lambda **options: Ghostpage("adaptive", 16 * 1024, **options),
    "ghostpage replace 16 KiB": lambda **options: Ghostpage("replace", 16 * 1024, **options),
    "ghostpage 4 KiB": lambda **options: Ghostpage("adaptive", 4096, **options),
    "ghostpage replace 4 KiB": lambda **options: Ghostpage("replace", 4096, **options),
    "libghostty-vt": Ghostty,
    "pyte": Pyte,
    "avt": Avt,
    "par-term": ParTerm,
    "libvterm": VTerm,
    "xterm.js": Xterm,
}
"""By name, the callables that open one; ``history=None`` lifts the limit."""


def written_bytes() -> int | None:
    """Physical memory that this process has to itself, where the kernel tells."""
    try:
        lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    except OSError:
        return None
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_Dirty:"))
