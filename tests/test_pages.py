"""Places where pages, lines and limits meet, each of which was once got wrong."""

from __future__ import annotations

import sys

import pytest

from ghostpage import Arena, Limits, OutOfMemoryError, Terminal, memory
from ghostpage._faults import fail


def sound(terminal: Terminal) -> bool:
    return terminal._violation() is None and memory.audit().ok


def test_a_pen_without_text_moves_with_its_line() -> None:
    """The link of the pen is defined anew in the next page; it is no part of any run yet."""
    with Arena(standard_page=16384) as arena, Terminal(80, 24, arena=arena) as terminal:
        terminal.feed(f"\x1b]8;;h:{'u' * 4000}\x1b\\x\r\n")
        terminal.feed("A" * 30000)
        assert sound(terminal)
        assert terminal.screen[-1].cells[0].hyperlink == "h:" + "u" * 4000


@pytest.mark.parametrize("differ_at", [0, 1, 7, 8, 15, 16, 23, 31, 40, 44, 59, 60, 67])
def test_links_that_recur_in_turns_are_written_once_a_page(differ_at: int) -> None:
    """Where only some letters of their targets differ, too, wherever."""

    def used(count: int) -> int:
        rest = "x" * (67 - differ_at)
        links = (f"\x1b]8;;https:{'/' * differ_at}{n % count}{rest}\x1b\\word\x1b]8;;\x1b\\ " for n in range(12))
        with Terminal(120, 4) as terminal:
            terminal.feed(("".join(links) + "\r\n") * 1000)
            return terminal.memory.used

    assert used(4) < used(1) * 1.1


def test_links_are_not_found_where_lines_were_taken_off() -> None:
    with Arena(standard_page=16384) as arena, Terminal(20, 6, arena=arena, _mode="early") as terminal:
        terminal.feed("\x1b]8;;a:b\x1b\\X\x1b]8;;\x1b\\")
        terminal._set_mode("auto")
        terminal.feed("\x1b[H\x1b[2Lp\r\nq\x1b[3;2H")
        terminal._set_mode("early")
        terminal.feed("\r\nz\r\n")
        assert sound(terminal)
        assert [row.cells[0].hyperlink for row in terminal.screen[:3]] == [None, None, "a:b"]


def test_a_line_whose_pens_were_cut_off_moves_without_them() -> None:
    """Red text in its last row was the only reason for a long record; it is printed over before the page is full."""
    with Arena(standard_page=4096) as arena, Terminal(4, 1, arena=arena) as terminal:
        terminal.feed("abcd" * 60 + "\x1b[31mef\x1b[m\r" + "wxyz" * 2000 + "\r\nnext\r\n")
        assert sound(terminal)
        assert terminal.text(unwrap=True) == "abcd" * 60 + "wxyz" * 2000 + "\nnext\n"


def pooled_content(secret: bytes) -> list[int]:
    """Where in pooled memory the secret lies, and what else is not zero."""
    found = []
    with open("/proc/self/mem", "rb", 0) as process:
        for mapping in memory.mappings():
            if mapping.pooled:
                process.seek(mapping.address)
                content = process.read(mapping.length)
                assert content
                found += [mapping.address + content.index(secret)] if secret in content else []
                found += [mapping.address] if content.strip(b"\0") else []
    return found


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the process's memory through /proc")
@pytest.mark.parametrize("mode", ["auto", "grid"])
@pytest.mark.parametrize("columns", [3, 60, 3000])
def test_what_one_terminal_printed_is_in_no_page_that_another_gets(columns: int, mode: str) -> None:
    secret = bytes([83, 69, 67]) + b"RET"
    with Arena(standard_page=16384, pool_idle=1000) as arena:
        for lines in range(100, 200, 7):
            with Terminal(columns, 24, arena=arena, scrollback=Limits(lines=500), _mode=mode) as terminal:
                for number in range(lines):
                    terminal.feed(b"%057d\r\n" % number)
                terminal.feed(secret * 2000)
                terminal.feed(b"\x1b[3;3H\xe2\x9d\xa4\xef\xb8\x8f" + secret + b"\x1b]8;;" + secret + b"\x07x")
                terminal.feed(b"\x1b[?1049h" + secret * 9 + b"\x1b[?1049l")
                terminal.resize(columns + 1, 20)
            assert arena.memory.pooled
            assert pooled_content(secret) == []


def test_a_scroll_that_fails_is_taken_back_although_history_was_pruned() -> None:
    with Arena(standard_page=4096, policy="replace") as arena:
        with Terminal(200, 100, arena=arena, scrollback=Limits(lines=0)) as terminal:
            for row in range(100):
                terminal.feed(f"\x1b[{row + 1};1H")
                if row == 60:
                    terminal.feed("".join(f"\x1b]8;;h:{n}{'u' * 4000}\x1b\\link" for n in range(12)) + "\x1b]8;;\x1b\\")
                terminal.feed(f"{row} " + "abcdefg" * 27)
            before = terminal.text()
            arena.trim()  # or the pool gives way
            arena.limit = arena.memory.mapped + 8192
            with pytest.raises(OutOfMemoryError):
                terminal.feed("\x1b[90S")
            assert terminal.text() == before
            assert sound(terminal)


def test_a_resize_that_fails_is_taken_back_although_history_was_pruned() -> None:
    for nth in range(1, 20):
        with Arena(standard_page=4096, policy="replace", pool_cap=0) as arena:
            with Terminal(200, 100, arena=arena, scrollback=Limits(bytes=1)) as terminal:
                for row in range(100):
                    terminal.feed(f"\x1b[{row + 1};1H{row} " + "abcdefg" * 27)
                terminal.feed("\x1b[95;1H")
                before = terminal.text()
                try:
                    with fail("mapping", nth, lasting=True):
                        terminal.resize(201, 10)
                except OutOfMemoryError:
                    assert terminal.text() == before
                    assert sound(terminal)
                else:
                    assert nth > 3
                    return
    pytest.fail("never enough memory")


def test_a_line_that_goes_on_outlives_its_beginning() -> None:
    for count in range(4000, 40000, 300):
        with Arena(standard_page=4096) as arena:
            with Terminal(100, 4, arena=arena, scrollback=Limits(lines=1000, bytes=32000)) as terminal:
                terminal.feed("A" * count + "\x1b[H")
                terminal.clear_history()
                terminal.feed("\x1b[H\x1b[K")
                assert sound(terminal)


def test_a_record_at_its_cap_is_cut_after_a_resize() -> None:
    cluster = "e" + "\U000e0100" * 31
    with Terminal(65535, 10) as terminal:
        terminal.feed("x" * 65535 * 15)
        terminal.feed(cluster * 65000)
        terminal.resize(65501, 10)
        terminal.feed(cluster * 65000)
        terminal.feed("\r\nnext\r\n")
        assert sound(terminal)
        assert terminal.screen[-2].text == "next"


@pytest.mark.parametrize("policy", ["adaptive", "replace"])
def test_a_long_line_does_not_make_later_pages_exceed_a_limit(policy: str) -> None:
    limit = 1 << 20
    with Arena(policy=policy) as arena, Terminal(80, 24, arena=arena) as terminal:
        terminal.feed("x" * (900 << 10) + "\r\n")
        terminal.limits = Limits(bytes=limit)
        assert arena.memory.pooled <= limit
        for _ in range(100):
            terminal.feed(("y" * 70 + "\r\n") * 100)
        assert terminal.memory.mapped + arena.memory.pooled <= limit


def test_what_the_kernel_does_not_take_back_is_not_forgotten() -> None:
    with Arena(standard_page=4096, pool_cap=0, policy="replace") as arena:
        with fail("unmapping", 1, lasting=True):
            with Terminal(80, 24, arena=arena, scrollback=Limits(lines=100)) as terminal:
                terminal.feed(("x" * 9000 + "\r\n") * 20)
                withheld = memory.ledger().withheld_mappings
                assert withheld > 0
                assert sound(terminal)
            assert memory.audit().ok
            assert memory.ledger().withheld_mappings > withheld
        mapped = memory.ledger().total_mapped
        with Terminal(80, 24, arena=arena) as terminal:
            assert memory.ledger().total_mapped == mapped  # it got one of those
            terminal.feed("\x1b[?1049h\x1b[?1047l")
    assert memory.ledger().withheld_mappings == 0


@pytest.mark.parametrize("standard_page", [4096, 16384])
def test_links_that_begin_alike_survive_the_move_of_their_line(standard_page: int) -> None:
    """What is written as the difference from a link of an earlier line is written in full in the next page."""
    targets = [f"https://example.org/{'a-long-path/' * 20}{number}" for number in range(60)]
    links = [f"\x1b]8;;{target}\x1b\\{number:x}\x1b]8;;\x1b\\" for number, target in enumerate(targets)]
    with Arena(standard_page=standard_page) as arena, Terminal(80, 4, arena=arena) as terminal:
        for lines in range(1, 30):
            terminal.feed(links[0] + "\r\n" + "".join(links) + "\r\n" * lines)
            assert terminal._violation() is None
        shown = [cell.hyperlink for row in terminal.history for cell in row.cells if cell.text == "3"]
        assert set(shown) == {target for target, link in zip(targets, range(60), strict=True) if "3" in f"{link:x}"}
        assert sound(terminal)
