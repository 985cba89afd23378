"""Textual's names of keys and buttons as those of ghostpage."""

from __future__ import annotations

from ghostpage.input import KEYS
from textual.events import Key
from textual.keys import KEY_NAME_REPLACEMENTS, key_to_character

__all__ = ["BUTTONS", "key_of"]

BUTTONS = {0: "none", 1: "left", 2: "middle", 3: "right"}
_NAMES = {"pageup": "page_up", "pagedown": "page_down", "newline": "j"}
_UNREPLACED = {short: name for name, short in KEY_NAME_REPLACEMENTS.items()}
_MODIFIERS = ("ctrl", "alt", "shift", "super", "hyper", "meta")


def key_of(event: Key) -> tuple[str, list[str]] | None:
    """The key and its modifiers; None for what is no key of a terminal."""
    *modifiers, name = event.key.split("+")
    modifiers = [modifier for modifier in modifiers if modifier in _MODIFIERS]
    name = _NAMES.get(name, name)
    if name in KEYS:
        return name, modifiers
    if event.character and event.character.isprintable() and not {"ctrl", "alt"} & {*modifiers}:
        return event.character, []
    character = name if len(name) == 1 else key_to_character(_UNREPLACED.get(name, name))
    if character is None or len(character) != 1:
        return None
    return character, modifiers
