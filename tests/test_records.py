"""Lines at their cap, which go on in another record, when there is no memory for it."""

import itertools

import pytest

from ghostpage import Arena, Limits, OutOfMemoryError, Terminal
from ghostpage._faults import fail

LIMIT = 128 * 1024  # a line is capped at an eighth of it


def seen(terminal: Terminal) -> tuple[object, ...]:
    return terminal.text(), terminal.cursor, len(terminal.history), [row.wrapped for row in terminal.screen]


@pytest.mark.parametrize("unit", ["字", "x", "e\u0301", "👩\u200d🚀"])
@pytest.mark.parametrize("columns", [7, 100])
def test_a_line_at_its_cap_goes_on_when_memory_is_back(unit: str, columns: int) -> None:
    text = (unit * (40 * 1024 // len(unit.encode()))).encode()
    with Arena(standard_page=4096) as arena:
        whole = Terminal(columns, 4, scrollback=Limits(bytes=LIMIT), arena=arena)
        whole.feed(text)
        for nth in itertools.count(1):
            with Terminal(columns, 4, scrollback=Limits(bytes=LIMIT), arena=arena) as terminal:
                at = 0
                arena.trim()
                with fail("any", nth) as fault:
                    try:
                        terminal.feed(text)
                        at = len(text)
                    except OutOfMemoryError as error:
                        assert error.consumed is not None
                        at = error.consumed
                        assert terminal._violation() is None
                        with Terminal(columns, 4, scrollback=Limits(bytes=LIMIT), arena=arena) as other:
                            other.feed(text[:at])
                            assert seen(terminal)[1:] == seen(other)[1:]
                    hits = fault.hits
                terminal.feed(text[at:])
                assert terminal._violation() is None
                assert seen(terminal)[1:3] == seen(whole)[1:3]
                assert terminal.text().replace("\n", "") in (unit * len(text))
            if not hits:
                break
        assert nth > 2
        whole.close()
