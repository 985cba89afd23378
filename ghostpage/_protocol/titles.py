"""The titles of window and icon, and the stack that programs put them aside on."""

from __future__ import annotations

__all__ = ["TitleStack"]

DEPTH = 10  # as xterm's; a deeper push forgets the oldest

Title = str | None


class TitleStack:
    """Titles put aside (CSI 22 t), in a ring as in xterm: what one entry lacks is looked for in those before it."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._entries: list[tuple[Title, Title]] = [(None, None)] * DEPTH
        self.used = 0

    def push(self, icon: Title, window: Title, place: int = 0) -> None:
        """On top, or at a place from 1 on."""
        if place:
            self._entries[(place - 1) % DEPTH] = icon, window
        else:
            self._entries[self.used % DEPTH] = icon, window
            self.used += 1

    def pop(self, place: int = 0) -> tuple[Title, Title]:
        """Icon and window: what is on top, which goes, or what is at a place, which stays."""
        if place:
            at = (place - 1) % DEPTH
        elif self.used:
            self.used -= 1
            at = self.used % DEPTH
        else:
            return None, None
        icon, window = self._entries[at]
        for n in range(1, DEPTH):
            if icon is not None and window is not None:
                break
            before = self._entries[(at - n) % DEPTH]
            icon = before[0] if icon is None else icon
            window = before[1] if window is None else window
        if not place:
            self._entries[at] = None, None
        return icon, window
