"""Programs in a PTY behind a terminal: typing, waiting, ending; nothing is left of them."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading

import pytest

from ghostpage import Arena, ArgumentError, ClosedError, Error, Limits, memory
from ghostpage.session import AsyncSession, Session, SessionEnded, SessionTimeout


def descriptors() -> int:
    """How many are open when there is no session, and the thread of the sessions has ended."""
    for thread in threading.enumerate():
        if thread.name == "ghostpage sessions":
            thread.join(10)
            assert not thread.is_alive()
    return len(os.listdir("/proc/self/fd"))


pytestmark = pytest.mark.usefixtures("no_signal_ignored")


def shell(script: str, **options) -> Session:
    return Session(["sh", "-c", script], **options)


def python(script: str, **options) -> Session:
    return Session([sys.executable, "-c", textwrap.dedent(script)], **options)


# ---- output and waiting ---------------------------------------------------------------------------------------------


def test_what_is_printed_is_on_the_screen():
    with shell("printf 'one\\033[1mtwo\\033[m\\n'") as session:
        assert session.wait() == 0
        assert session.screen_text() == "onetwo"
        assert session.terminal.screen[0].cells[3].style.bold


def test_typing_and_waiting():
    with shell("while read line; do echo \"<$line>\"; done") as session:
        for number in range(20):
            session.send(f"{number}\n")
            assert session.wait_for(f"<{number}>").group() == f"<{number}>"


def test_a_condition_is_waited_for_without_a_clock():
    with shell("read x; printf '\\033[7m%s\\033[m' $x; exec cat") as session:
        asked = []

        def inverse() -> str:
            asked.append(1)
            return "".join(run.text for row in session.terminal.screen for run in row.runs if run.style.inverse)

        with pytest.raises(SessionTimeout, match="a condition: not within 0 seconds; the screen of sh"):
            session.wait_until(inverse, 0)
        session.send("there\n")
        assert session.wait_until(inverse) == "there"
        assert len(asked) < 20
        session.send(b"\x04")
        with pytest.raises(SessionEnded, match="a condition: the program ended with status 0"):
            session.wait_until(lambda: False)
        with pytest.raises(ZeroDivisionError):
            session.wait_until(lambda: 1 // 0)


def test_what_was_just_sent_is_not_quiet_yet():
    """However long nothing was printed before."""
    with shell("read x; sleep 0.2; echo done; exec cat") as session:
        session._last_busy -= 1000
        session.send("go\n")
        session.wait_stable(quiet=1)
        assert "done" in session.screen_text()


def test_a_pattern_is_found_over_lines_and_wraps():
    with shell("printf 'abcdefghijklm\\nend'; cat", columns=5, rows=6) as session:
        found = session.wait_for(re.compile(r"c(.*)k.*\nend"))
        assert found.group(1) == "defghij"


def test_what_has_scrolled_by_since_the_last_send_is_found():
    with shell("read go; echo needle; seq 1000; cat", rows=5) as session:
        session.send("x\n")
        session.wait_for("1000")
        assert "needle" not in session.screen_text()
        assert session.wait_for("needle", timeout=0)


def test_new_does_not_see_what_stood_there_before():
    with shell("stty -echo; printf 'ready> '; read a; sleep 0.1; printf 'ready> '; cat") as session:
        session.wait_for("ready> ")
        session.send("x\n")
        found = session.wait_for("ready> ", new=True)
        assert "ready> " in found.string[found.start() :]
        assert session.screen_text().count("ready>") == 2


def test_new_on_the_alternate_screen_is_all_of_it():
    with shell("printf '\\033[?1049h\\033[2;2Hmenu'; read a; printf '\\033[5;5Hpicked'; cat") as session:
        session.wait_for("menu")
        session.send("x\n")
        assert session.wait_for("picked", new=True)
        assert session.wait_for("menu", new=True)


def test_a_match_in_the_last_output_of_a_program_counts():
    with shell("printf last") as session:
        assert session.wait_for("last")


def test_waiting_in_vain():
    with shell("echo here; cat") as session:
        session.wait_for("here")
        with pytest.raises(SessionTimeout, match=r"(?s)'nothing': not within 0.05 seconds; the screen of sh .*here"):
            session.wait_for("nothing", timeout=0.05)
        with pytest.raises(SessionTimeout, match=re.escape("a match of 'no+'")):
            session.wait_for(re.compile("no+"), timeout=0)
        with pytest.raises(TimeoutError):
            session.wait(0.01)


def test_the_end_instead_of_what_was_waited_for():
    with shell("echo what; exit 3") as session, pytest.raises(SessionEnded, match="(?s)ended with status 3.*what"):
        session.wait_for("never")


def test_stable():
    with shell("for i in 1 2 3 4 5; do echo $i; sleep 0.05; done; cat") as session:
        session.wait_stable(quiet=0.4)
        assert session.screen_text() == "1\n2\n3\n4\n5"
    with shell("while :; do echo; sleep 0.01; done") as session, pytest.raises(SessionTimeout, match="0.4 quiet seconds"):
        session.wait_stable(quiet=0.4, timeout=0.2)
    with shell("true") as session:
        session.wait()
        session.wait_stable(quiet=1000)


def test_waiting_does_not_look_when_nothing_has_changed():
    looks = []

    class Counted:
        pattern = "never"

        def search(self, text):
            looks.append(text)

    with shell("echo ready; cat") as session:
        session.wait_for("ready")
        session.wait_stable(0.1)
        with pytest.raises(SessionTimeout):
            session.wait_for(Counted(), timeout=0.5)
    assert len(looks) == 1


def test_waiting_on_many_threads():
    found = []
    with shell("read a; echo A; read a; echo B; cat") as session:
        threads = [threading.Thread(target=lambda text=text: found.append(session.wait_for(text).group())) for text in "AB" * 4]
        for thread in threads:
            thread.start()
        session.send("x\n")
        session.wait_for("A")
        session.send("x\n")
        for thread in threads:
            thread.join()
    assert sorted(found) == ["A"] * 4 + ["B"] * 4


def test_changes_since():
    with shell("echo one; echo two; read a; echo three; printf tail; cat") as session:
        session.wait_for("two")
        first = session.changes_since()
        session.send("\n")
        session.wait_for("tail")
        later = session.changes_since(first.cursor)
        assert [*later.lines, *later.tail][-2:] == ["three", "tail"]
        assert later.dropped == 0


def test_commands_of_a_shell_that_marks_its_prompts():
    script = r"""printf '\033]133;A\033\\$ \033]133;B\033\\make\n\033]133;C\033\\done\n\033]133;D;2\033\\'"""
    with shell(script) as session:
        session.wait()
        (command,) = session.commands
        assert (command.command, command.output, command.exit_status) == ("make", "done", 2)


def test_the_observer_gets_the_bytes():
    pieces = []
    with shell("printf 'a\\033[31mb'", observer=pieces.append) as session:
        session.wait()
    assert b"".join(pieces) == b"a\x1b[31mb"


def test_what_the_observer_raises_is_told_to_who_waits():
    def observer(data):
        raise RuntimeError("full disk")

    with shell("echo x; cat", observer=observer) as session, pytest.raises(Error, match="not listened to any more: full disk"):
        session.wait_for("never")


def test_no_memory_is_told_to_who_waits():
    with Arena(limit=64 * 1024, standard_page=16 * 1024) as arena:
        with shell("read a; yes | head -c 300000 | tr -d '\\n'; cat", arena=arena, scrollback=Limits()) as session:
            session.send("\n")
            with pytest.raises(Error, match="not listened to any more"):
                session.wait_for("never")


# ---- the terminal's side --------------------------------------------------------------------------------------------


def test_queries_are_answered():
    with python(
        r"""
        import sys, tty
        tty.setraw(0)
        print('\x1b[6n', end='', flush=True)
        answer = sys.stdin.buffer.raw.read(6)
        print('got', answer, end='', flush=True)
        """
    ) as session:
        session.wait_for(r"got b'\x1b[1;1R'")


def test_the_size_is_the_terminal_s_and_follows_it():
    with python(
        """
        import os, signal, time
        say = lambda *_: os.write(1, f"{os.get_terminal_size()}\\n".encode())
        signal.signal(signal.SIGWINCH, say)
        say()
        while True: time.sleep(1)
        """,
        columns=70,
        rows=10,
    ) as session:
        session.wait_for("columns=70, lines=10")
        session.resize(50, 12)
        session.wait_for("columns=50, lines=12")
        assert (session.terminal.columns, session.terminal.rows) == (50, 12)


def test_the_pty_is_the_controlling_terminal():
    with python(
        """
        import os
        print(os.getsid(0) == os.getpid(), os.tcgetpgrp(0) == os.getpid(), os.ttyname(0) == os.ttyname(2), flush=True)
        open('/dev/tty', 'w').write('controlling')
        """
    ) as session:
        session.wait_for("controlling")
        assert "True True True" in session.screen_text()


def test_control_c_interrupts():
    with shell("trap 'echo interrupted; exit 7' INT; echo ready; while :; do sleep 0.1; done") as session:
        session.wait_for("ready")
        session.send(session.terminal.key("c", ["ctrl"]))
        assert session.wait(10) == 7
        assert "interrupted" in session.screen_text()


def test_a_large_paste_to_a_program_that_reads_late():
    with python(
        """
        import sys, time, tty
        tty.setraw(0)
        print('ready', flush=True)
        sys.stdin.buffer.raw.read(1)
        time.sleep(0.2)
        count = 1
        while count < 3_000_000:
            count += len(sys.stdin.buffer.raw.read(65536))
        print('read', count, flush=True)
        """
    ) as session:
        session.wait_for("ready")
        for _ in range(30):
            session.send(b"x" * 100_000)
        session.wait_for("read 3000000")


def test_sending_to_a_program_that_never_reads_is_bounded():
    with python("import time, tty; tty.setraw(0); print('ready', flush=True); time.sleep(100)") as session:
        session.wait_for("ready")
        with pytest.raises(SessionTimeout, match="sending"):
            for _ in range(30):
                session.send(b"x" * 100_000, timeout=0.05)


def test_sending_to_a_program_that_has_ended_does_nothing():
    with shell("echo one") as session:
        assert session.wait() == 0
        session.send("never read")
        assert session.to_send() == b""


def test_environment_and_directory(tmp_path):
    with Session(["sh", "-c", "echo $TERM $COLORTERM; pwd; cat"], cwd=tmp_path) as session:
        session.wait_for("xterm-256color truecolor\n")
        session.wait_for(str(tmp_path))
    with Session(["/bin/sh", "-c", "echo ${HOME-none} $SOME"], env={"SOME": "thing", "PATH": "/usr/bin:/bin"}) as session:
        session.wait()
        assert session.screen_text() == "none thing"


def test_a_command_as_a_string_is_split_but_no_shell_runs_it():
    with Session("printf '%s|' 'a b' '$HOME' \"c;d\"") as session:
        session.wait()
        assert session.screen_text() == "a b|$HOME|c;d|"


# ---- beginnings and ends --------------------------------------------------------------------------------------------


def test_no_such_program_and_no_command():
    before = descriptors()
    with pytest.raises(FileNotFoundError, match="no-such-program"):
        Session("no-such-program --help")
    with pytest.raises(ArgumentError, match="command is empty"):
        Session([])
    with pytest.raises(FileNotFoundError):
        Session(["sh", "-c", "true"], cwd="/no/such/folder")
    assert descriptors() == before


@pytest.mark.parametrize("status", [0, 1, 255])
def test_exit_status(status):
    with shell(f"exit {status}") as session:
        assert session.wait() == status
        assert session.exit_status == status and not session.running


def test_killed():
    with shell("echo ready; cat") as session:
        session.wait_for("ready")
        assert session.running and session.exit_status is None
        session.kill(signal.SIGKILL)
        assert session.wait(10) == 128 + signal.SIGKILL


@pytest.mark.parametrize("pidfd", [True, False])
def test_the_end_comes_also_when_something_in_the_background_stays(pidfd, monkeypatch):
    if not pidfd:
        monkeypatch.delattr(os, "pidfd_open")
    with shell("trap '' HUP; sleep 20 & echo $!; exit 3") as session:
        assert session.wait(10) == 3
        os.kill(int(session.screen_text()), signal.SIGKILL)


def test_closing_ends_what_runs_and_leaves_nothing():
    baseline, before = memory.ledger().mappings, descriptors()
    session = shell("trap '' HUP TERM; echo ready; while :; do sleep 0.05; done")
    session.wait_for("ready")
    session.close(grace=0.1)
    assert session.exit_status == 128 + signal.SIGKILL
    with pytest.raises(ProcessLookupError):
        os.kill(session.pid, 0)
    session.close()
    for call in (lambda: session.send("x"), lambda: session.wait_for("x"), session.wait, lambda: session.resize(1, 1)):
        with pytest.raises(ClosedError):
            call()
    memory.trim()
    assert memory.ledger().mappings == baseline
    assert descriptors() == before


def test_closing_wakes_who_waits():
    said = []

    def wait() -> None:
        try:
            session.wait_for("never", timeout=60)
        except ClosedError as error:
            said.append(error)

    session = shell("cat")
    thread = threading.Thread(target=wait)
    thread.start()
    session.close()
    thread.join(10)
    assert not thread.is_alive()
    assert len(said) == 1


def test_many_sessions_at_once():
    before = descriptors()
    sessions = [shell(f"read x; echo {number} $x; cat", scrollback=Limits(lines=10)) for number in range(60)]
    assert sum(thread.name == "ghostpage sessions" for thread in threading.enumerate()) == 1
    for session in sessions:
        session.send("hello\n")
    for number, session in enumerate(sessions):
        session.wait_for(f"{number} hello")
    for session in sessions:
        session.close(grace=10)
    assert {session.exit_status for session in sessions} == {128 + signal.SIGHUP}
    assert descriptors() == before


def test_a_fork_has_no_sessions_and_can_have_its_own():
    script = """
        import os, sys
        from ghostpage.session import Session
        with Session(["cat"]) as session:
            child = os.fork()
            if not child:
                with Session(["sh", "-c", "echo in the child"]) as own:
                    own.wait_for("in the child")
                os._exit(0)
            assert os.waitpid(child, 0)[1] == 0
            session.send("still here\\n")
            session.wait_for("still here")
        """
    subprocess.run([sys.executable, "-W", "ignore", "-c", textwrap.dedent(script)], check=True, timeout=60)


def test_the_interpreter_ends_with_sessions_open():
    script = "from ghostpage.session import Session\ns = Session('cat'); s.send('x\\n'); s.wait_for('x'); print(s.pid)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    pid = int(done.stdout)
    for _ in range(1000):
        if not os.path.exists(f"/proc/{pid}") or open(f"/proc/{pid}/stat").read().split()[2] == "Z":
            return
        os.sched_yield()
    pytest.fail("the program goes on without its terminal")


# ---- asyncio --------------------------------------------------------------------------------------------------------


def test_asyncio():
    async def main() -> None:
        async with AsyncSession(["sh", "-c", "while read line; do echo \"<$line>\"; done"]) as session:
            for number in range(10):
                await session.send(f"{number}\n")
                await session.wait_for(f"<{number}>")
            await session.wait_stable(0.05)
            with pytest.raises(SessionTimeout, match="9 quiet seconds: not within 0.05 seconds"):
                await session.wait_stable(9, timeout=0.05)
            with pytest.raises(SessionTimeout, match="the end: not within 0.05 seconds"):
                await session.wait(0.05)
            assert await session.wait_until(lambda: session.terminal.cursor.visible) is True
            with pytest.raises(SessionTimeout, match="a condition: not within 0 seconds"):
                await session.wait_until(lambda: None, 0)
            with pytest.raises(SessionTimeout):
                await session.wait_for("never", timeout=0.05)
            await session.send(b"\x04")
            assert await session.wait() == 0
            with pytest.raises(SessionEnded):
                await session.wait_for("never")
        with pytest.raises(ClosedError):
            await session.wait()

    asyncio.run(main())


def test_asyncio_sending_to_a_program_that_never_reads_is_bounded():
    async def main() -> None:
        script = "import time, tty; tty.setraw(0); print('ready', flush=True); time.sleep(100)"
        async with AsyncSession([sys.executable, "-c", script]) as session:
            await session.wait_for("ready")
            with pytest.raises(SessionTimeout, match="sending"):
                for _ in range(30):
                    await session.send(b"x" * 100_000, timeout=0.05)

    asyncio.run(main())


def test_many_at_once_in_a_loop():
    async def one(number: int) -> int:
        async with AsyncSession(["sh", "-c", f"read x; echo {number} $x; exit {number}"]) as session:
            await session.send("hello\n")
            await session.wait_for(f"{number} hello")
            return await session.wait()

    async def main() -> list[int]:
        return await asyncio.gather(*map(one, range(30)))

    assert asyncio.run(main()) == list(range(30))


def test_cancelled_while_it_waits():
    async def main() -> None:
        async with AsyncSession(["cat"]) as session:
            waiting = asyncio.create_task(session.wait_for("never", timeout=None))
            await session.send("x\n")
            await session.wait_for("x")
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            await session.send("still\n")
            await session.wait_for("still")

    asyncio.run(main())
