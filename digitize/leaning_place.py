"""A place on a page that is looked at by itself, however it leans."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from math import cos, radians, sin

import numpy as np
import numpy.typing as npt

from digitize.model import Box

MILLIMETRES_A_POINT = 25.4 / 72.0
MOST_LEAN = 20.0
"""No stamp leans more, degrees."""

Vector = npt.NDArray[np.float64]


def in_millimetres(box: Box) -> Box:
    """Return a box in points in millimetres."""
    left, top, right, bottom = (side * MILLIMETRES_A_POINT for side in box)
    return left, top, right, bottom


class Ink(Enum):
    """What of the ink of a place is looked at."""

    ALL = auto()
    COLOURED = auto()
    PALE = auto()
    """What is paler than the page's print."""
    BUT_RED = auto()
    """All but red, such as lies below a seal."""
    BUT_BLUE = auto()
    BLACK = auto()
    """Neither red nor blue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StampPlace:
    """A place to be looked at by itself, however it leans; millimetres of the page."""

    x: float
    """Its middle."""
    y: float
    wide: float
    """Along its row."""
    high: float
    degrees: float
    """Clockwise lean of its row."""
    framed: bool
    """Four sides go round it; else it is letters alone."""
    ink: Ink = Ink.ALL
    """What of its ink counts."""

    @property
    def is_bare(self) -> bool:
        """It has neither a frame nor ink of its own: it may be print."""
        return not self.framed and self.ink not in (Ink.COLOURED, Ink.PALE)

    def corners(self) -> Vector:
        """Return its corners from the upper left, clockwise."""
        turn = radians(self.degrees)
        along = np.array([cos(turn), sin(turn)]) * self.wide / 2
        down = np.array([-sin(turn), cos(turn)]) * self.high / 2
        middle = np.array([self.x, self.y])
        return np.stack(
            [middle - along - down, middle + along - down, middle + along + down,
             middle - along + down]
        )  # fmt: skip

    def holds(self, other: StampPlace) -> bool:
        """Tell whether the middle of another place lies in this one."""
        turn = radians(self.degrees)
        x, y = other.x - self.x, other.y - self.y
        across, off = x * cos(turn) + y * sin(turn), y * cos(turn) - x * sin(turn)
        return abs(across) < self.wide / 2 and abs(off) < self.high / 2
