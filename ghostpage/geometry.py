"""The window around a terminal, as far as programs may ask about it."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ghostpage._core import integer

__all__ = ["Geometry"]

PIXELS_MAX = 65_535


@dataclass(frozen=True)
class Geometry:
    """What window reports answer, in pixels; the size in columns and rows is the terminal's own.

    A host that draws sets it (:attr:`ghostpage.Terminal.geometry`) when its font or its place changes. Numbers are from 0
    (a cell's from 1) to 65,535; others raise :class:`~ghostpage.ArgumentError`.

    >>> Geometry(cell_width=9, cell_height=18).cell_height
    18
    """

    cell_width: int = 8
    cell_height: int = 16
    x: int = 0
    """Of the window's left edge on the display."""
    y: int = 0
    display_width: int = 1920
    display_height: int = 1080
    iconified: bool = False

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "iconified":
                if not isinstance(value, bool):
                    raise TypeError(f"iconified must be a bool, not {type(value).__name__}")
            else:
                integer(field.name, value, int(field.name.startswith("cell")), PIXELS_MAX)
