"""How a page lies: which quarter turns make it upright, and which rotation makes its lines level.

Told from the ink before anything is recognised. A page that lies on its side or on its head would
otherwise cost a recognition in vain, and one whose lines lean by three degrees is read as rubbish.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import pairwise
from math import radians, tan

import cv2
import numpy as np
import numpy.typing as npt

from digitize.enhance import shrink, thumbnail, thumbnail_step, turn
from digitize.frames import Picture
from digitize.masks import connected

# Below this angle a rotation blurs more than it helps; above, the estimate is not about text lines.
MIN_SKEW_DEGREES = 0.25
MAX_SKEW_DEGREES = 5.0
# Each step looks around the best angle of the one before.
_COARSE_STEP, _FINE_STEPS = 0.5, (0.2, 0.1)
_SIDE = 1000
# Points of a strip; a mean of them is then whole.
_STRIP = 8
_INK_OF_A_POINT = np.uint8(240)
# Text that leans by 0.25 degrees gains 1.9 from being levelled, by 1 degree 7; pictures up to 1.1.
_MIN_GAIN = 1.25
# One short word has more on a thumbnail; fewer points are noise, which leans anyhow.
_MIN_INK_POINTS = 100
# Rows of level text alternate 2.9 times as much as its columns or more (60 pages, tables too), seen
# through a window wide enough that stems of letters do not count as columns.
_CLEARLY, _WINDOW = 1.6, 7
# Marks and ascenders above the small letters, against what hangs below: upright pages have 1.9 to
# 3.4 times as much, pages on their head the inverse. Between lies what has no such letters.
_HEAVIER_ABOVE = 1.3
_MIN_EVIDENCE = 60.0
_MIN_LETTER_POINTS, _MAX_LETTER_SHARE = 4, 0.027
_STRIPS = 12
_MIN_LINE, _MAX_LINE = 5, 40
# Rows with at least this share of a line's fullest row are those of its small letters.
_CORE_SHARE = 0.5
_ON_ITS_HEAD, _ON_ITS_RIGHT, _ON_ITS_LEFT = 2, 3, 1

_Rows = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """What may be letters on a page, read or not."""

    mask: Picture
    """1 where there is ink of letters, on a copy smaller by `step`."""
    step: int
    count: int
    """How many things may be letters; joined ones count once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stance:
    """How a page lies."""

    quarter_turns: int
    """Clockwise, 0 to 3, that make it upright; 0 where nothing tells."""
    skew_degrees: float
    """Then counter-clockwise, to make its lines level; 0 where they are, or nothing tells."""
    letters: Letters | None = None
    """What was told from, as the page lay; None where it was not looked at."""


def find_stance(grey: Picture) -> Stance:
    """Tell how a page lies.

    Args:
        grey: with a flat background.
    """
    step = thumbnail_step(grey, _SIDE)
    ink = _ink(shrink(grey, step))
    letters = _letters_of(ink, step)
    return replace(_stance_of(ink, letters.mask), letters=letters)


def _stance_of(ink: Picture, letters: Picture) -> Stance:
    skew = _skew_of(ink)
    level = _rotated(letters, skew)
    if _alternation(level) >= _CLEARLY * _alternation(np.ascontiguousarray(letters.T)):
        return Stance(quarter_turns=_ON_ITS_HEAD if is_on_its_head(level) else 0, skew_degrees=skew)
    side_skew = _skew_of(turn(ink, _ON_ITS_RIGHT))
    side = _rotated(turn(letters, _ON_ITS_RIGHT), side_skew)
    if _alternation(side) < _CLEARLY * _alternation(level):
        return Stance(quarter_turns=0, skew_degrees=skew)
    turns = _ON_ITS_LEFT if is_on_its_head(side) else _ON_ITS_RIGHT
    return Stance(quarter_turns=turns, skew_degrees=side_skew)


def level(grey: Picture) -> Stance:
    """Tell how a page leans that is known to be upright."""
    return Stance(quarter_turns=0, skew_degrees=estimate_skew(grey))


def needs_deskew(skew_degrees: float) -> bool:
    """Tell whether a skew is worth a rotation."""
    return MIN_SKEW_DEGREES <= abs(skew_degrees) <= MAX_SKEW_DEGREES


def estimate_skew(grey: Picture) -> float:
    """Return the counter-clockwise rotation in degrees that makes the text lines level.

    Rows of level text alternate between ink and paper: the angle at which the row sums differ most
    from their neighbours wins, in steps of half a degree and then of a tenth. Returns 0 where no
    angle is clearly better than none: a blank page, a picture, lines that run upwards.
    """
    return _skew_of(_ink(thumbnail(grey, _SIDE)))


def _skew_of(ink: Picture) -> float:
    if cv2.countNonZero(ink) < _MIN_INK_POINTS:
        return 0.0
    rough = _strips((thumbnail(ink * 255, _SIDE // 2) > 0).astype(np.uint8))
    steps = int(MAX_SKEW_DEGREES / _COARSE_STEP)
    angles = [step * _COARSE_STEP for step in range(-steps, steps + 1)]
    best = max(angles, key=lambda angle: _level(rough, angle))
    fine = cache(partial(_level, _strips(ink)))
    for step in _FINE_STEPS:
        best = max((best + step * number for number in (-2, -1, 0, 1, 2)), key=fine)
    if fine(best) <= _MIN_GAIN * fine(0.0):
        return 0.0
    return round(float(best), 2)


def _strips(ink: Picture) -> Picture:
    """Add up the ink of upright strips: leaning them costs an eighth, and finds the same lean."""
    height, width = ink.shape
    whole = ink[:, : max(width // _STRIP, 1) * _STRIP] * _INK_OF_A_POINT
    size = (max(width // _STRIP, 1), height)
    return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _level(strips: Picture, degrees: float) -> float:
    """Return how much the rows of strips alternate, each moved as a turn by an angle moves it."""
    height, width = strips.shape
    slope = tan(radians(degrees)) * _STRIP
    lean = np.array([[1.0, 0.0, 0.0], [slope, 1.0, -slope * (width - 1) / 2]])
    how = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    leaned = cv2.warpAffine(strips, lean, (width, height), flags=how)
    return float(np.square(np.diff(_row_sums(np.asarray(leaned, dtype=np.uint8)))).sum())


def _rotated(ink: Picture, degrees: float) -> Picture:
    if not degrees:
        return ink
    height, width = ink.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turned = cv2.warpAffine(ink, matrix, (width, height), flags=cv2.INTER_NEAREST)
    return np.asarray(turned, dtype=np.uint8)


def _ink(grey: Picture) -> Picture:
    return np.asarray(
        cv2.adaptiveThreshold(grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 15),
        dtype=np.uint8,
    )


def find_letters(grey: Picture) -> Letters:
    """Find what may be letters on a page: no rules, seals, pictures, specks."""
    step = thumbnail_step(grey, _SIDE)
    return _letters_of(_ink(shrink(grey, step)), step)


def _letters_of(ink: Picture, step: int) -> Letters:
    parts = connected(ink)
    wide, high, area = (parts.measures[:, index] for index in (2, 3, 4))
    kept = np.maximum(wide, high) <= _MAX_LETTER_SHARE * max(ink.shape)
    kept &= area >= _MIN_LETTER_POINTS
    kept[0] = False  # the paper
    mask = parts.chosen(kept)
    return Letters(mask=mask, step=step, count=int(kept.sum()))


def stand_in_rows(letters: Letters) -> bool:
    """Tell whether letters stand in rows, level or upright ones, as text does and pictures not."""
    rows, columns = _alternation(letters.mask), _alternation(np.ascontiguousarray(letters.mask.T))
    return max(rows, columns) >= _CLEARLY * min(rows, columns)


def _row_sums(ink: Picture) -> _Rows:
    sums = cv2.reduce(np.ascontiguousarray(ink), 1, cv2.REDUCE_SUM, dtype=cv2.CV_32F)
    return np.asarray(sums[:, 0], dtype=np.float64)


def _alternation(ink: Picture) -> float:
    """Return how much the rows of a picture alternate between ink and paper, strip by strip."""
    total = 0.0
    for strip in np.array_split(ink, _STRIPS, axis=1):
        rows = np.convolve(_row_sums(strip), np.ones(_WINDOW) / _WINDOW)
        total += float(np.square(np.diff(rows)).sum()) / max(float(rows.sum()), 1.0)
    return total


def is_on_its_head(level: Picture) -> bool:
    """Tell whether lines of level letters stand on their head.

    Vietnamese letters bear hats, hooks and tones above, and many ascend; few hang below.
    """
    above = below = 0.0
    for strip in np.array_split(level, _STRIPS, axis=1):
        rows = _row_sums(strip)
        for line in _lines(rows):
            core = np.flatnonzero(line >= _CORE_SHARE * line.max())
            above += float(line[: core[0]].sum())
            below += float(line[core[-1] + 1 :].sum())
    return above + below >= _MIN_EVIDENCE and below > _HEAVIER_ABOVE * above


def _lines(rows: _Rows) -> list[_Rows]:
    """Cut row sums into lines of text."""
    inked = np.concatenate(([False], rows > 0, [False]))
    edges = np.flatnonzero(inked[1:] != inked[:-1])
    spans = list(pairwise(edges))[::2]
    return [rows[start:end] for start, end in spans if _MIN_LINE <= end - start <= _MAX_LINE]
