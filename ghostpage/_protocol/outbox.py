"""Replies and events that wait to be taken: bounded, and in the order in which they came about."""

from __future__ import annotations

import threading

from ghostpage.events import Bell, Event, State

__all__ = ["Outbox"]

REPLY_BYTES = 64 * 1024  # kept for a program that asks and never reads
EVENTS = 1000
EVENT_BYTES = 4 << 20  # of payloads, or one event, however large


class Outbox:
    """May be used from any thread, and by a signal handler in the middle of itself."""

    def __init__(self) -> None:
        self.replies_dropped = 0
        self.events_dropped = 0
        self._replies = bytearray()
        self._events: list[Event] = []  # an empty deque takes 0.7 KB
        self._event_bytes = 0
        self._lock = threading.RLock()
        self._arrivals: list[bytes | Event] = []
        self._busy = False  # a signal handler came in between: what it adds waits, and it takes nothing

    def add(self, item: bytes | Event) -> None:
        """Adds a reply, whole or not at all, or an event."""
        with self._lock:
            self._arrivals.append(item)
            if not self._busy:
                self._settle()

    def take_replies(self) -> bytes:
        with self._lock:
            if self._busy:
                return b""
            self._settle()
            taken, self._replies = self._replies, bytearray()
        return bytes(taken)

    def take_events(self) -> list[Event]:
        with self._lock:
            if self._busy:
                return []
            self._settle()
            taken, self._events, self._event_bytes = self._events, [], 0
        return taken

    def _settle(self) -> None:
        arrivals = self._arrivals
        self._busy = True
        try:
            while arrivals:
                item = arrivals.pop(0)
                if not isinstance(item, bytes):
                    self._tell(item)
                elif len(self._replies) + len(item) > REPLY_BYTES:
                    self.replies_dropped += 1
                else:
                    self._replies += item
        finally:
            self._busy = False

    def _tell(self, event: Event) -> None:
        """Of neighbours that tell the same state only the last is kept, and bells are added up."""
        last = self._events[-1] if self._events else None
        if isinstance(event, Bell) and isinstance(last, Bell):
            self._events[-1] = Bell(last.count + event.count)
            return
        if isinstance(event, State) and isinstance(last, State) and event._about == last._about:
            self._event_bytes -= self._events.pop()._bytes
        self._events.append(event)
        self._event_bytes += event._bytes
        while len(self._events) > EVENTS or (self._event_bytes > EVENT_BYTES and len(self._events) > 1):
            self._event_bytes -= self._events.pop(0)._bytes
            self.events_dropped += 1
