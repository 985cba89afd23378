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
        order = [self._entries[(at - n) % DEPTH] for n in range(DEPTH)]
        icon = next((icon for icon, _ in order if icon is not None), None)
        window = next((window for _, window in order if window is not None), None)
        if not place:
            self._entries[at] = None, None
        return icon, window
