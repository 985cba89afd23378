"""Modes and tab stops of a screen, as sets that are the terminal's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableSet
from typing import Any

from ghostpage._core import integer
from ghostpage.pyte._terminal import ScreenTerminal
from ghostpage.pyte.modes import PRIVATE_SHIFT

__all__ = ["Modes", "TabStops", "private"]

NUMBERS = 10_000  # modes have numbers below


def private(mode: int) -> bool:
    """Whether a number is that of a private mode, shifted."""
    return mode >= 1 << PRIVATE_SHIFT and mode % (1 << PRIVATE_SHIFT) == 0


class _Live(MutableSet[int]):
    """A set of numbers, as the terminal has them."""

    def __init__(self, terminal: ScreenTerminal) -> None:
        self._terminal = terminal

    @classmethod
    def _from_iterable(cls, numbers: Iterable[Any]) -> Any:
        return set(numbers)

    def copy(self) -> set[int]:
        return set(self)

    def update(self, *others: Iterable[int]) -> None:
        for number in set().union(*others):
            self.add(number)

    def difference_update(self, *others: Iterable[int]) -> None:
        for number in set().union(*others):
            self.discard(number)

    def become(self, numbers: Iterable[int]) -> None:
        """These and no others."""
        wanted, present = set(numbers), set(self)
        self.difference_update(present - wanted)
        self.update(wanted - present)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __copy__(self) -> set[int]:
        return set(self)

    def __deepcopy__(self, memo: object) -> set[int]:
        return set(self)

    def __repr__(self) -> str:
        return repr(set(self))


class Modes(_Live):
    """The modes that are set: those of ECMA-48 by their numbers, private ones by theirs shifted left by five.

    All that the terminal knows; others are remembered if they were set by a method of the screen's.
    """

    def __init__(self, terminal: ScreenTerminal) -> None:
        super().__init__(terminal)
        self._unknown: set[int] = set()

    def __contains__(self, mode: object) -> bool:
        if not isinstance(mode, int):
            return False
        state = self._state(mode)
        return state in (1, 3) if state >= 0 else mode in self._unknown

    def __iter__(self) -> Iterator[int]:
        yield from (mode for mode in _known(self._terminal) if mode in self)
        yield from self._unknown

    def _state(self, mode: int) -> int:
        number = mode >> PRIVATE_SHIFT if private(mode) else mode
        return self._terminal._mode_state(number, not private(mode)) if 0 <= number < 65_536 else -1

    def add(self, mode: int) -> None:
        self.change([mode], True)

    def discard(self, mode: int) -> None:
        self.change([mode], False)

    def change(self, modes: Iterable[int], on: bool) -> None:
        """Sets or resets them, in their order."""
        known = []
        for mode in modes:
            mode = integer("mode", mode, 0, 2**63)
            if self._state(mode) >= 0:
                known.append(mode)
            elif on:
                self._unknown.add(mode)
            else:
                self._unknown.discard(mode)
        final = "h" if on else "l"
        self._terminal.order(*(f"\x1b[?{m >> PRIVATE_SHIFT}{final}" if private(m) else f"\x1b[{m}{final}" for m in known))

    def forget(self) -> None:
        """A reset: what the terminal does not know is not set any more."""
        self._unknown.clear()


_KNOWN: list[int] = []


def _known(terminal: ScreenTerminal) -> list[int]:
    """Every mode that terminals know, found out once."""
    if not _KNOWN:
        ansi = [number for number in range(NUMBERS) if terminal._mode_state(number, True) >= 0]
        dec = [number << PRIVATE_SHIFT for number in range(NUMBERS) if terminal._mode_state(number, False) >= 0]
        _KNOWN[:] = ansi + dec
    return _KNOWN


class TabStops(_Live):
    """The columns that tabs go to; a stop in column 0, where none can go, does not count."""

    def __contains__(self, x: object) -> bool:
        return x in list(self)

    def __iter__(self) -> Iterator[int]:
        return (x for x in self._terminal._tabs() if x)

    def add(self, x: int) -> None:
        self._at(x, "\x1bH")

    def discard(self, x: int) -> None:
        if x in self:
            self._at(x, "\x1b[g")

    def _at(self, x: int, control: str) -> None:
        figures = self._terminal._figures()
        integer("tab stop", x, 0, figures.columns - 1)
        self._terminal.order(f"\x1b[{x + 1}G{control}\x1b[{figures.x + 1}G")
