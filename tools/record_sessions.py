"""Records the sessions shipped in ghostpage/recordings: real programs, run in a PTY by a scripted user.

    python tools/record_sessions.py [NAME ...]      (Debian: apt-get install bubblewrap git vim less tmux htop npm
                                                     cmake ninja-build man-db unicode-data; pip: ptyprocess pytest rich)

Each program runs in a sandbox (bubblewrap) that shows it nothing of this machine: /usr read-only, a home directory
built by tools/demo/home.py, no network, no other processes, the host name "demo". Each recording is an asciicast v2,
packed with xz. Recording again gives the same sessions with other times.
"""

import argparse
import codecs
import getpass
import json
import lzma
import os
import re
import select
import shlex
import shutil
import signal
import socket
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from ptyprocess import PtyProcess

ROOT = Path(__file__).resolve().parent.parent
RECORDINGS = ROOT / "ghostpage" / "recordings"
HOME = "/home/user"
PROMPT = r"\x1b\[\?2004h\$ $"
MERGE = 0.004  # reads this close together (seconds) become one event

sys.path.insert(0, str(ROOT / "tools" / "demo"))
import home as demo_home  # noqa: E402


def sandbox(home, command):
    """The command line that runs ``command`` alone, at home and out of sight of the machine."""
    options = [
        "--unshare-all",
        "--as-pid-1",
        "--die-with-parent",
        "--uid",
        "1000",
        "--gid",
        "1000",
        "--hostname",
        "demo",
        "--clearenv",
    ]
    options += ["--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    for link in ("bin", "lib", "lib64"):
        if Path("/usr", link).is_dir():
            options += ["--symlink", f"usr/{link}", f"/{link}"]
    options += ["--ro-bind", sys.base_prefix, "/opt/python", "--ro-bind", sysconfig.get_path("purelib"), "/opt/site"]
    for name, text in {"passwd": f"user:x:1000:1000::{HOME}:/bin/bash\n", "group": "user:x:1000:\n"}.items():
        path = home.parent / name
        path.write_text(text)
        options += ["--ro-bind", str(path), f"/etc/{name}"]
    for name in ("manpath.config", "alternatives"):
        if Path("/etc", name).exists():
            options += ["--ro-bind", f"/etc/{name}", f"/etc/{name}"]
    options += ["--bind", str(home), HOME, "--chdir", HOME]
    environment = {
        "HOME": HOME, "USER": "user", "LOGNAME": "user", "SHELL": "/bin/bash", "PS1": "$ ", "TERM": "xterm-256color",
        "COLORTERM": "truecolor", "LANG": "C.UTF-8", "PATH": "/opt/python/bin:/usr/bin:/bin", "PYTHONPATH": "/opt/site",
        "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "GIT_PAGER": "cat", "LESSHISTFILE": "-",
        "npm_config_update_notifier": "false", "npm_config_audit": "false", "npm_config_fund": "false",
    }  # fmt: skip
    for name, value in environment.items():
        options += ["--setenv", name, value]
    return ["bwrap", *options, *command]


class Recorder:
    """A program in a PTY, the keys typed at it, and all that it answered, with times."""

    def __init__(self, columns, rows, argv):
        # A shell starts background jobs with SIGINT ignored, and that is inherited.
        heed = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # noqa: E731
        self.process = PtyProcess.spawn(argv, dimensions=(rows, columns), preexec_fn=heed)
        self.decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self.begin = time.monotonic()
        self.events = []
        self.output = ""
        self.seen = 0
        self.ended = False

    def _read(self, seconds):
        if self.ended or not select.select([self.process.fd], [], [], max(0, seconds))[0]:
            return False
        try:
            text = self.decoder.decode(os.read(self.process.fd, 65536))
        except OSError:
            self.ended = True
            return False
        now = round(time.monotonic() - self.begin, 3)
        if self.events and self.events[-1][1] == "o" and now - self.events[-1][0] < MERGE:
            self.events[-1][2] += text
        else:
            self.events.append([now, "o", text])
        self.output += text
        return True

    def pause(self, seconds):
        until = time.monotonic() + seconds
        while not self.ended and time.monotonic() < until:
            self._read(until - time.monotonic())

    def wait(self, pattern=PROMPT, seconds=60):
        """Reads until ``pattern`` appears in what came since the last wait: by default, the prompt."""
        until = time.monotonic() + seconds
        while not (found := re.search(pattern, self.output[self.seen :])):
            if self.ended or time.monotonic() > until:
                raise SystemExit(f"{pattern!r} did not appear; the end is {self.output[-300:]!r}")
            self._read(until - time.monotonic())
        self.seen += found.end()

    def type(self, keys, pace=0.02):
        for key in re.findall(r"\x1b\[.|.", keys, re.DOTALL):
            os.write(self.process.fd, key.encode())
            self.pause(pace)

    def shell(self, command, seconds=60):
        """Types a command at the prompt and waits for the next prompt."""
        self.type(command, 0.01)
        self.seen = len(self.output)
        self.type("\r")
        self.wait(seconds=seconds)

    def interrupt(self):
        """Types ^C until the prompt is back."""
        while not re.search(PROMPT, self.output):
            self.type("\x03", 2)

    def resize(self, columns, rows):
        self.process.setwinsize(rows, columns)
        self.events.append([round(time.monotonic() - self.begin, 3), "r", f"{columns}x{rows}"])
        self.pause(0.2)

    def finish(self, seconds=20):
        until = time.monotonic() + seconds
        while not self.ended and time.monotonic() < until:
            self._read(until - time.monotonic())
        if not self.ended:
            raise SystemExit(f"the program did not end; the end is {self.output[-300:]!r}")
        self.process.close()


# ---- the sessions: what is run, and what the user types --------------------------------------------------------------

SESSIONS = {}


def session(title, columns, rows, command="bash --norc --noprofile -i"):
    def add(script):
        SESSIONS[script.__name__.strip("_").replace("_", "-")] = (title, columns, rows, command, script)
        return script

    return add


@session("python -m pytest -v, with failures", 100, 30, "python3 -m pytest -v --durations=5 parcel")
def pytest(pty):
    pass


@session("git: graph, patches, statistics, words", 120, 40)
def git_log(pty):
    pty.wait()
    pty.shell("cd history")
    pty.shell("git log --color --graph --oneline --decorate --all")
    pty.shell("git log --color --stat --graph -n 40")
    pty.shell("git log --color -p -n 80")
    pty.shell("git diff --color-words --color HEAD~20 HEAD~1")
    pty.shell("git blame --color-lines --color-by-age parcel/label.py")
    pty.type("exit\r")


@session(
    "ls -lR --color --hyperlink",
    120,
    40,
    "bash -c 'ls -C --color --hyperlink -R; ls -lAR --color --hyperlink pictures parcel'",
)
def ls_links(pty):
    pass


@session("cat emoji-test.txt", 120, 40, "cat emoji-test.txt")
def emoji(pty):
    pass


def edit(pty):
    pty.pause(0.4)
    pty.type(":set number\r/other\rnnnN", 0.06)
    pty.type("\x06\x06\x02\x04\x15" + "jjjjkkk", 0.05)
    pty.type(":%s/total/sum_of_cells/g\r", 0.02)
    pty.type("uu:nohl\r", 0.1)
    pty.type("ggO# Parcels 📦 for the 小林 family 👨‍👩‍👧 — größer.\r# Second line.\x1b", 0.03)
    pty.type("5G0\x16jjjIxx\x1b", 0.1)
    pty.type("u10Gddp3ddu\x12Gyypp", 0.1)
    pty.type(":vsplit\r\x17w:split\r\x17wG\x17w\x05\x05\x05\x19\x17=", 0.1)
    pty.type("20GzfGzRV10j>u", 0.1)
    pty.type(":only\r:wq\r", 0.05)


@session("vim: search, substitute, block insert, splits", 80, 24, "vim parcel/parcel/route.py")
def vim(pty):
    edit(pty)


@session("less: paging, searching, following", 80, 24)
def less(pty):
    pty.wait()
    pty.type("git -C history log --color -p -n 60 | less -RN\r")
    pty.pause(0.5)
    pty.type("   jjjjjjkkkb", 0.08)
    pty.type("/scale\rnnNGgG", 0.1)
    pty.type("\x1b[C\x1b[C\x1b[D" + "k" * 40, 0.02)
    pty.type("d" * 12 + "u" * 6, 0.05)
    pty.type("&parcel\r", 0.05)
    pty.pause(0.3)
    pty.type("q")
    pty.wait()
    pty.type("exit\r")


@session("man tmux", 100, 30, "man tmux")
def man(pty):
    pty.wait("Manual page", 30)
    pty.type(" " * 12 + "/window\rnnnnG", 0.08)
    pty.type("q")


@session("htop: sorted, as a tree, filtered", 100, 30)
def htop(pty):
    pty.wait()
    pty.shell("for n in 1 2 3 4 5 6; do sleep 10$n & done 2>/dev/null; python3 service.py 9000000 >/dev/null &")
    pty.type("htop\r")
    pty.pause(2)
    pty.type("\x1b[B\x1b[B\x1b[B\x1b[A", 0.2)
    pty.type("t", 0.8)
    pty.type("tMPI", 0.7)
    pty.type("\\sleep\r", 0.4)
    pty.pause(3)
    pty.type("q")
    pty.wait("\\$ ")
    pty.type("kill %7; exit\r")


@session("tmux: panes, scrolling, zoom, copy mode", 120, 40, "tmux -u -f .tmux.conf new-session")
def tmux(pty):
    pty.pause(0.8)
    pty.type("git -C history log --color --oneline --graph -n 30\r", 0.01)
    pty.type("\x02%", 0.2)
    pty.type("python3 agent.py 3 0.01\r", 0.01)
    pty.pause(4)
    pty.type('\x02"', 0.2)
    pty.type("python3 service.py 800\r", 0.01)
    pty.pause(1)
    pty.type("\x02o\x02z", 0.3)
    pty.type("ls --color -C parcel pictures/*\r", 0.01)
    pty.pause(0.5)
    pty.type("\x02z\x02[" + "kkkkkkkkkk" + "\x15\x15", 0.1)
    pty.type("q\x02 \x02 \x02c", 0.3)
    pty.type("cat parcel/README.md\r", 0.01)
    pty.pause(0.3)
    pty.type("\x02:kill-server\r", 0.05)


@session("npm install and npm run, local packages", 100, 30)
def npm(pty):
    pty.wait()
    pty.shell("cd widgets")
    pty.shell("npm install --offline", 120)
    pty.shell("npm ci --offline --loglevel verbose 2>&1 | grep -v logfile", 120)
    pty.shell("npm ls --all --color=always", 60)
    pty.shell("npm run build", 60)
    pty.type("exit\r")


@session("python -m rich, and its tables, trees, progress and markdown", 100, 30)
def rich(pty):
    pty.wait()
    for name in ("", ".table", ".tree", ".panel", ".progress_bar", ".layout", ".status"):
        pty.shell(f"python3 -m rich{name}")
    for name in ("spinner", "progress"):
        pty.type(f"python3 -m rich.{name}\r")
        pty.pause(5)
        pty.interrupt()
    pty.shell("python3 -m rich.markdown parcel/README.md; python3 -m rich.syntax -l parcel/parcel/label.py")
    pty.type("exit\r")


@session("cmake and ninja: a build that counts on one line, with linked warnings", 100, 30)
def build(pty):
    pty.wait()
    pty.shell("cd library")
    pty.shell("cmake -G Ninja -B out", 60)
    pty.shell("ninja -C out -j2", 120)
    pty.shell("touch *.c; cmake -B make -G 'Unix Makefiles' >/dev/null; make -C make -j2", 120)
    pty.type("exit\r")


@session("an agent: a live block repainted below emoji, links and differences", 120, 40, "python3 agent.py 12 0.02")
def agent(pty):
    pass


@session("a shell: editing, completing, searching backwards", 80, 24)
def shell(pty):
    pty.wait()
    pty.type("ecoh 小林 👩‍💻 größe\x01\x1b[C\x1b[C\x0b", 0.08)
    pty.type(
        "ho one two three 'a line that is longer than the window is wide, so that it wraps, and is edited there'", 0.03
    )
    pty.type("\x01\x1bf\x1bf\x1bd FOUR\x05 five\x17\x17\x19\r", 0.1)
    pty.wait()
    pty.type("cat par\t\x09RE\t\r", 0.2)
    pty.wait()
    pty.type("ls pictures/\t\t2\t\x15", 0.2)
    pty.type("\x12one\x12\x05 again\r", 0.15)
    pty.wait()
    pty.resize(60, 20)
    pty.type("echo narrower; seq 1 30 | column\r", 0.02)
    pty.wait()
    pty.resize(100, 30)
    pty.type(
        "for i in $(seq 1 100); do printf '\\r%3d%% %s' $i \"$(head -c $((i/3)) /dev/zero | tr '\\0' '#')\"; sleep .01; done; echo\r",
        0.01,
    )
    pty.pause(2)
    pty.wait()
    pty.type("clear\rexit\r", 0.1)


@session("an afternoon: logs, tests, git, links, emoji, an agent, vim, less, htop, a build", 120, 40)
def day(pty):
    pty.wait()
    pty.shell("ls -l --color --hyperlink")
    pty.shell("ls -R --color --hyperlink pictures")
    pty.shell("cd history; git log --color --graph --oneline --decorate --all; cd")
    pty.shell("python3 service.py 4000")
    pty.shell("python3 agent.py 6 0.01")
    pty.shell("python3 -m pytest -q parcel")
    pty.type("vim parcel/parcel/queue.py\r")
    edit(pty)
    pty.wait()
    pty.shell("grep -n 'family\\|flag\\|person' emoji-test.txt | tail -n 900")
    pty.type("less emoji-test.txt\r")
    pty.pause(0.3)
    pty.type("        bbkkkkkkGq", 0.03)
    pty.wait()
    pty.resize(100, 30)
    pty.shell("git -C history log --color --stat -n 30")
    pty.shell("cd library; cmake -G Ninja -B day >/dev/null; ninja -C day -j2; cd", 120)
    pty.type("htop\r")
    pty.pause(2)
    pty.type("\x1b[B\x1b[Btt", 0.3)
    pty.type("q")
    pty.wait("\\$ ")
    pty.resize(120, 40)
    pty.shell("python3 agent.py 5 0.01")
    pty.shell("python3 service.py 3000")
    pty.shell("python3 -m rich")
    pty.type("exit\r")


# ---- keeping them ---------------------------------------------------------------------------------------------------


def leaks(text):
    """What of this machine can be read in ``text``."""
    private = {
        socket.gethostname(),
        getpass.getuser(),
        str(Path.home()),
        os.getcwd(),
        str(ROOT),
        sys.prefix,
        sys.base_prefix,
    }
    private |= {tempfile.gettempdir() + "/", *os.environ.get("RECORD_PRIVATE", "").split()}
    private -= {"", "/", "root", "user", "demo"}  # words that programs print anyway
    return [word for word in sorted(private) if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)]


def save(name, title, columns, rows, events, folder):
    header = {"version": 2, "width": columns, "height": rows, "title": title, "env": {"TERM": "xterm-256color"}}
    lines = [json.dumps(entry, ensure_ascii=False, separators=(",", ":")) for entry in [header, *events]]
    packed = lzma.compress("\n".join([*lines, ""]).encode(), preset=9 | lzma.PRESET_EXTREME)
    (folder / f"{name}.cast.xz").write_bytes(packed)
    return len(packed)


def record(name, folder):
    title, columns, rows, command, script = SESSIONS[name]
    with tempfile.TemporaryDirectory() as place:
        home = Path(place, "home")
        demo_home.build(home)
        pty = Recorder(columns, rows, sandbox(home, shlex.split(command)))
        script(pty)
        pty.finish()
    if found := leaks(pty.output):
        raise SystemExit(f"{name}: the recording shows {', '.join(found)}; not saved")
    size = save(name, title, columns, rows, pty.events, folder)
    raw = len(pty.output.encode())
    print(
        f"{name:10} {columns}x{rows} {raw:9,} bytes of output in {len(pty.events):5} events, {size:7,} packed: {title}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all by default: {', '.join(SESSIONS)}")
    parser.add_argument(
        "--folder", type=Path, default=RECORDINGS, help="where the recordings go (default: %(default)s)"
    )
    args = parser.parse_args()
    if unknown := set(args.names) - set(SESSIONS):
        parser.error(f"no session {', '.join(sorted(unknown))}; there are {', '.join(SESSIONS)}")
    if shutil.which("bwrap") is None:
        parser.error("bwrap is missing: apt-get install bubblewrap")
    args.folder.mkdir(parents=True, exist_ok=True)
    for name in args.names or SESSIONS:
        record(name, args.folder)


if __name__ == "__main__":
    main()
