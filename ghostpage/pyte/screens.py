"""All screens, and what they are made of, where pyte has them."""

from __future__ import annotations

from ghostpage.pyte.char import Char
from ghostpage.pyte.cursor import Cursor, Margins
from ghostpage.pyte.debug import DebugEvent, DebugScreen
from ghostpage.pyte.history import History, HistoryScreen
from ghostpage.pyte.screen import DiffScreen, Screen
from ghostpage.pyte.view import StaticDefaultDict

__all__ = [
    "Char",
    "Cursor",
    "DebugEvent",
    "DebugScreen",
    "DiffScreen",
    "History",
    "HistoryScreen",
    "Margins",
    "Screen",
    "StaticDefaultDict",
]
