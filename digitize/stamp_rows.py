"""Short rows of large letters that may be a mark stamped or typed without a frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import atan2, cos, degrees, radians, sin

import numpy as np
import numpy.typing as npt

from digitize.frames import Picture
from digitize.ink_layers import MeasuredInk
from digitize.leaning_place import MOST_LEAN, Ink, StampPlace
from digitize.masks import Measures, connected

# Letters that stand alone, millimetres, how many are a mark's, and how far apart, heights.
_LETTER_HIGH, _LETTER_WIDE, _LETTERS, _LETTER_GAP = (2.2, 11.0), (0.8, 30.0), (3, 10), 1.6
# What is so long, millimetres, and has less of its box inked is a piece of a line.
_LONG, _FULL = 8.0, 0.15
# Black ones are print unless they lean, degrees, or are larger than titles, millimetres; the feet
# of letters that lean stand on their line within this share of their height.
_STAMPED_LEAN, _STAMPED_HIGH, _TITLE_HIGH, _ON_LINE = 1.5, 3.2, 5.5, 0.12
# Capitals that stand level, of which none is lower than marks are typed.
_CAPITALS_HIGH = 2.6
# Letters of which most are paler than this share of the page's print are stamped lightly.
_PALER = 0.62
# So much smaller things in the row of black letters, millimetres, are letters of a text, but hats
# and dots are not so high, heights.
_SMALL_LETTER, _MOST_SMALL, _HAT = 1.5, 1, 0.35
# Letters without a frame bring this around them, heights.
_AROUND = 0.35
# Of so few letters in ink of their own another one, paler, may stand beside them, heights.
_FEW, _ANOTHER = 3, 1.0


def find_rows(mask: Picture, half: MeasuredInk, ink: Ink) -> Iterator[StampPlace]:
    """Yield short rows of large letters.

    Args:
        mask: the ink that is looked at, 1 and 0.
        half: all ink of that part of the page.
        ink: what the mask is of.
    """
    millimetre = half.millimetre
    measures = connected(mask).measures[1:]
    wide, high = measures[:, 2] / millimetre, measures[:, 3] / millimetre
    is_letter = (high >= _LETTER_HIGH[0]) & (high <= _LETTER_HIGH[1])
    is_letter &= (wide >= _LETTER_WIDE[0]) & (wide <= _LETTER_WIDE[1])
    # Pieces of a worn frame beside letters are none.
    is_letter &= (np.maximum(wide, high) < _LONG) | (
        measures[:, 4] >= _FULL * np.prod(measures[:, 2:4], axis=1)
    )
    letters = measures[is_letter]
    if ink is not Ink.COLOURED:  # which modules of codes have not
        letters = _without_codes(letters, half)
    if not len(letters):
        return
    small = measures[(high >= _SMALL_LETTER) & ~is_letter & (wide <= _LETTER_WIDE[1])]
    numbers = _number_rows(letters, mask.shape)
    is_apart = ink is not Ink.ALL
    counts = np.rint(np.bincount(numbers, weights=_counted(letters)))
    is_fit = (counts >= _LETTERS[0]) & (counts <= _LETTERS[1])
    for number in np.flatnonzero(is_fit):
        row = letters[numbers == number]
        if ink is Ink.PALE and half.colour is not None and _is_low(row, millimetre):
            continue  # faded print has soft letters, some paler than others
        place = _row(row, millimetre, stamped=is_apart or _is_pale(row, half))
        if place is None:
            continue
        tall = float(np.median(row[:, 3]))
        others = small[small[:, 3] >= _HAT * tall]
        if is_apart or _count_within(place, others, millimetre) <= _MOST_SMALL:
            beside = 2 * _ANOTHER * tall / millimetre
            is_short = bool(is_apart and counts[number] <= _FEW)
            yield replace(place, ink=ink, wide=place.wide + is_short * beside)


def _without_codes(letters: Measures, half: MeasuredInk) -> Measures:
    """Return the letters that are no modules of codes, beside which marks stand."""
    across, down = (
        (letters[:, axis] + letters[:, axis + 2] / 2) / half.millimetre for axis in (0, 1)
    )
    is_letter = np.ones(len(letters), np.bool_)
    for left, top, right, bottom in half.codes:
        is_letter &= (across < left) | (across > right) | (down < top) | (down > bottom)
    return letters[is_letter]


def _counted(letters: Measures) -> npt.NDArray[np.float64]:
    """Return how many letters each part is: those with serifs touch each other."""
    return np.maximum(np.rint(letters[:, 2] / letters[:, 3]), 1.0)


def _count_within(place: StampPlace, parts: Measures, millimetre: float) -> int:
    """Count the parts whose middle lies in a place."""
    turn = radians(place.degrees)
    x = (parts[:, 0] + parts[:, 2] / 2) / millimetre - place.x
    y = (parts[:, 1] + parts[:, 3] / 2) / millimetre - place.y
    across, off = x * cos(turn) + y * sin(turn), y * cos(turn) - x * sin(turn)
    return int(((np.abs(across) < place.wide / 2) & (np.abs(off) < place.high / 2)).sum())


def _number_rows(letters: Measures, shape: Sequence[int]) -> npt.NDArray[np.int64]:
    """Return the number of each letter's row."""
    rows = np.zeros((shape[0], shape[1]), np.uint8)
    for x, y, w, h in letters[:, :4].tolist():
        reach = round(_LETTER_GAP * h / 2)
        rows[y + h // 8 : y + h - h // 8, max(x - reach, 0) : x + w + reach] = 1
    labels = connected(rows).labels
    return np.asarray(
        labels[letters[:, 1] + letters[:, 3] // 2, letters[:, 0] + letters[:, 2] // 2], np.int64
    )


def _is_low(letters: Measures, millimetre: float) -> bool:
    """Tell whether letters are lower than most that are stamped."""
    return float(np.median(letters[:, 3])) < _STAMPED_HIGH * millimetre


def _is_pale(letters: Measures, half: MeasuredInk) -> bool:
    """Tell whether letters are much paler than the print of the page."""
    if letters[:, 3].min() < _STAMPED_HIGH * half.millimetre:
        return False
    darkest = [
        float(half.depth[y : y + h, x : x + w].max()) for x, y, w, h in letters[:, :4].tolist()
    ]
    return bool(np.median(darkest) < _PALER * half.print_depth)


def _row(letters: Measures, millimetre: float, *, stamped: bool) -> StampPlace | None:
    """Return the place of a row of letters; None where they are no mark's."""
    left, top, wide, high = (letters[:, index] / millimetre for index in range(4))
    foot, middle = top + high, left + wide / 2
    tall = float(np.median(high))
    if not stamped and tall < _TITLE_HIGH and high.min() < _CAPITALS_HIGH:
        return None  # rows of print are many, and how they lean costs more to tell
    slope = float(np.polyfit(middle, foot, 1)[0]) if len(letters) > 1 else 0.0
    off = foot - slope * middle
    lean = degrees(atan2(slope, 1.0))
    spread = float(np.median(np.abs(off - np.median(off))))
    is_stamped = abs(lean) >= _STAMPED_LEAN and min(high) >= _STAMPED_HIGH
    is_stamped &= spread <= _ON_LINE * tall
    is_row = abs(lean) <= MOST_LEAN and spread <= 2 * _ON_LINE * tall
    # Level capitals that the page's reading knows are not read again.
    is_set = float(high.min()) >= _CAPITALS_HIGH and len(letters) > 1
    if not is_row or not (stamped or is_stamped or is_set or tall >= _TITLE_HIGH):
        return None
    turn = radians(lean)
    along = np.concatenate([left, left + wide])
    across = float(along.min() + along.max()) / 2
    base = float(np.median(off)) + slope * across
    # Marks stand above the letters, or a dot below.
    above = float((high).max()) + _AROUND * tall
    below = 2 * _AROUND * tall
    shift = (below - above) / 2
    return StampPlace(
        x=across - shift * sin(turn),
        y=base + shift * cos(turn),
        wide=float(np.ptp(along)) + 2 * _AROUND * tall,
        high=above + below,
        degrees=lean,
        framed=False,
    )
