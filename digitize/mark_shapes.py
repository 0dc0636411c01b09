"""How much ink looks like «MẬT», which ends every mark of secrecy: its letters laid over a stamp.

Where print, a code or a rule lies across a stamp no engine reads it, and a person still sees it.
The letters are drawn here, of strokes, so that no font has to be there; what lies across them costs
a part of a letter only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import cos, radians, sin

import cv2
import numpy as np
import numpy.typing as npt

from digitize.frames import Picture

# Letters are laid on at this resolution; points of a millimetre there.
_DPI, _MILLIMETRES_PER_INCH = 110.0, 25.4
_MILLIMETRE = _DPI / _MILLIMETRES_PER_INCH
# Heights of capitals, millimetres; how much of its stamp they take at least and at most.
_CAPITALS, _OF_STAMP = tuple(np.geomspace(3.1, 6.4, 8).round(2).tolist()), (0.14, 0.85)
# What is left of a stamp's lean, degrees; thickness of strokes, and of marks, heights of capitals.
_LEANS, _THICK, _MARK_THICK = (-3.0, 0.0, 3.0), (0.13, 0.19), 0.75
# Room between letters, heights: set as print, and apart.
_GAPS = (-0.06, 0.06, 0.3, 0.5, 0.7, 0.9)
# Ink beside the strokes, within a letter's own room, speaks so much against it; next to a stroke
# ink says nothing.
_AGAINST, _UNSURE, _ROOM = 0.9, 0.16, 0.1
# The weakest of the three letters counts as much as all of them.
_WEAKEST = 0.5
# What is as light is paper, what is darker by so much is ink.
_PAPER, _INK = 235.0, 140.0
_AROUND, _FINE = 6, 4
_NEVER = -1.0

Floats = npt.NDArray[np.float32]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """A letter of straight strokes; heights of capitals, upwards from its base line."""

    wide: float
    strokes: tuple[tuple[Point, Point], ...]
    marks: tuple[tuple[Point, Point], ...] = ()
    """Its hat and the dot below."""

    @property
    def reach(self) -> tuple[float, float]:
        """How far it goes below and above its base line."""
        return (-0.3, 1.35) if self.marks else (0.0, 1.0)


_M = _Drawn(
    wide=0.92,
    strokes=(
        ((0.10, 0.0), (0.10, 1.0)),
        ((0.82, 0.0), (0.82, 1.0)),
        ((0.10, 1.0), (0.46, 0.05)),
        ((0.46, 0.05), (0.82, 1.0)),
    ),
)
_A = _Drawn(
    wide=0.76,
    strokes=(
        ((0.02, 0.0), (0.38, 1.0)),
        ((0.74, 0.0), (0.38, 1.0)),
        ((0.14, 0.33), (0.62, 0.33)),
        ((0.38, -0.21), (0.38, -0.21)),
    ),
    marks=(((0.20, 1.14), (0.38, 1.30)), ((0.56, 1.14), (0.38, 1.30))),
)
_T = _Drawn(wide=0.70, strokes=(((0.0, 0.94), (0.70, 0.94)), ((0.35, 0.0), (0.35, 1.0))))
_WORD = (_M, _A, _T)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """How the letters are drawn."""

    capital: float
    """Height, points."""
    degrees: float
    """Counter-clockwise."""
    thick: float
    """Of strokes, heights of capitals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Template:
    """What speaks for a letter and what against it."""

    weights: Floats
    anchor: tuple[int, int]
    """The left end of its base line, points."""


def likeness(grey: Picture, millimetre: float) -> float:
    """Return how much of a stamp looks like «MẬT», 0 to 1; noise seldom reaches 0.45.

    Clean print of other words may reach 0.6: ask only where no word could be read.

    Args:
        grey: the stamp alone and level, black on white.
        millimetre: pixels.
    """
    factor = _MILLIMETRE / millimetre
    size = tuple(max(round(side * factor), 1) for side in grey.shape[::-1])
    small = cv2.resize(grey, (size[0], size[1]), interpolation=cv2.INTER_AREA).astype(np.float32)
    ink = np.clip((_PAPER - small) / _INK, 0, 1)
    framed = np.asarray(np.pad(ink, _AROUND), np.float32)
    least, most = (share * grey.shape[0] / millimetre for share in _OF_STAMP)
    fit = [high for high in _CAPITALS if least <= high <= most]
    looks = (
        _Look(capital=high * _MILLIMETRE, degrees=degrees, thick=thick)
        for high, degrees, thick in product(fit, _LEANS, _THICK)
    )
    return max((_best(framed, look) for look in looks), default=0.0)


def _best(ink: Floats, look: _Look) -> float:
    """Return how well the word fits where it fits best, however far its letters stand apart."""
    first, second, third = (_laid_on(ink, letter, look) for letter in _WORD)
    # A letter may stand a point off its place.
    near = np.ones((3, 3), np.uint8)
    following = tuple(np.asarray(cv2.dilate(item, near), np.float32) for item in (second, third))
    return max(float(_joined(first, *moved).max()) for moved in _following(following, look))


def _joined(*letters: Floats) -> Floats:
    mean = np.mean(letters, axis=0, dtype=np.float32)
    weakest = np.minimum.reduce(letters)
    return np.asarray((1 - _WEAKEST) * mean + _WEAKEST * weakest, np.float32)


def _following(letters: tuple[Floats, ...], look: _Look) -> Iterator[list[Floats]]:
    """Yield the scores of the letters that follow, each moved to where the word begins."""
    for gap in _GAPS:
        starts = (_M.wide + gap, _M.wide + _A.wide + 2 * gap)
        yield [_moved(scores, start, look) for scores, start in zip(letters, starts, strict=True)]


def _moved(scores: Floats, start: float, look: _Look) -> Floats:
    turn, far = radians(look.degrees), start * look.capital
    shift = np.array([[1, 0, -far * cos(turn)], [0, 1, far * sin(turn)]], np.float32)
    size = (scores.shape[1], scores.shape[0])
    moved = cv2.warpAffine(scores, shift, size, flags=cv2.INTER_NEAREST, borderValue=_NEVER)
    return np.asarray(moved, np.float32)


def _laid_on(ink: Floats, letter: _Drawn, look: _Look) -> Floats:
    template = _template(letter, look)
    found = cv2.filter2D(
        ink, cv2.CV_32F, template.weights, anchor=template.anchor, borderType=cv2.BORDER_CONSTANT
    )
    return np.asarray(found, np.float32)


@lru_cache(maxsize=256)
def _template(letter: _Drawn, look: _Look) -> _Template:
    """Draw a letter finely, turn it, and weigh its ink against the paper that it wants."""
    scale, margin = look.capital * _FINE, 0.35
    below, above = -0.3, 1.35
    wide = round((letter.wide + 2 * margin) * scale)
    high = round((above - below + 2 * margin) * scale)
    base = (margin * scale, high + (below - margin) * scale)
    strokes, paper = _drawn(letter, look.thick, (high, wide), base, scale)
    turned = cv2.getRotationMatrix2D((wide / 2, high / 2), look.degrees, 1 / _FINE)
    size = (round(1.25 * wide / _FINE) + 3, round(1.15 * high / _FINE) + 3)
    turned[0, 2] += (size[0] - wide) / 2
    turned[1, 2] += (size[1] - high) / 2
    wanted, unwanted = (
        cv2.warpAffine(cv2.GaussianBlur(mask, (0, 0), blur * _FINE), turned, size)
        for mask, blur in ((strokes, 0.45), (paper, 0.3))
    )
    x, y = turned @ np.array([*base, 1.0])
    weights = wanted / wanted.sum() - _AGAINST * unwanted / max(float(unwanted.sum()), 1.0)
    return _Template(weights=np.asarray(weights, np.float32), anchor=(round(x), round(y)))


def _drawn(
    letter: _Drawn, thick: float, shape: tuple[int, int], base: Point, scale: float
) -> tuple[Floats, Floats]:
    """Return the masks of a letter's strokes and of the paper in its room."""

    def at(point: Point) -> tuple[int, int]:
        return round(base[0] + point[0] * scale), round(base[1] - point[1] * scale)

    strokes, room = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    for parts, share in ((letter.strokes, 1.0), (letter.marks, _MARK_THICK)):
        for start, end in parts:
            cv2.line(strokes, at(start), at(end), 1, max(round(share * thick * scale), 1))
    below, above = letter.reach
    corners = at((-_ROOM, above + _ROOM)), at((letter.wide + _ROOM, below - _ROOM))
    cv2.rectangle(room, *corners, 1, -1)
    side = round(_UNSURE * scale) | 1
    unsure = cv2.dilate(strokes, np.ones((side, side), np.uint8))
    return strokes.astype(np.float32), np.asarray((room > 0) & (unsure == 0), np.float32)
