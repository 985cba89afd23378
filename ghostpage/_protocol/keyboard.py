"""What programs have set of the keyboard: kitty's protocol, and xterm's modified keys. Plain state, without replies."""

from __future__ import annotations

__all__ = ["KittyFlags", "ModifiedKeys"]

KITTY_FLAGS = 31
DEPTH = 16  # of pushed flags; a deeper push forgets the oldest


class KittyFlags:
    """The flags of one screen, and those put aside.

    >>> flags = KittyFlags()
    >>> flags.push(5); flags.change(2, 2); flags.now
    7
    >>> flags.pop(3); flags.now
    0
    """

    def __init__(self) -> None:
        self._stack = [0]

    def save(self) -> list[int]:
        return list(self._stack)

    def load(self, stack: list[int]) -> None:
        """What :meth:`save` gave. Raises ``TypeError`` and ``ValueError`` for anything else."""
        flags = [int(flags) & KITTY_FLAGS for flags in stack][-DEPTH - 1 :]
        if not flags:
            raise ValueError("no flags")
        self._stack = flags

    @property
    def now(self) -> int:
        return self._stack[-1]

    def change(self, flags: int, how: int) -> None:
        """Sets all (1), sets those given (2) or resets those given (3)."""
        flags &= KITTY_FLAGS
        if how == 1:
            self._stack[-1] = flags
        elif how == 2:
            self._stack[-1] |= flags
        elif how == 3:
            self._stack[-1] &= ~flags

    def push(self, flags: int) -> None:
        self._stack.append(flags & KITTY_FLAGS)
        del self._stack[: -DEPTH - 1]

    def pop(self, count: int) -> None:
        del self._stack[max(0, len(self._stack) - count) :]
        if not self._stack:
            self._stack = [0]


class ModifiedKeys:
    """Values by resource (0 keyboard, 1 cursor, 2 function, 3 keypad, 4 other, 6 modifier and 7 special keys)."""

    MODIFY = {0: 0, 1: 2, 2: 2, 3: 0, 4: 0, 6: 0, 7: 0}
    FORMAT = dict.fromkeys(MODIFY, 0)

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.modify = dict(self.MODIFY)
        self.format = dict(self.FORMAT)
