"""Coloured ink: seals, stamps and pen in red or blue, faded from the copy that is read.

The brightest channel of red ink is nearly white; that of blue ink is not, so colour itself is
added to it. Black print below stays black, whatever lies on it. Print in colour stays: level lines
of letters that no frame, ring or stroke goes round.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from digitize.enhance import shrink, to_grey
from digitize.frames import Picture
from digitize.masks import Measures, connected, enlarged, grown, mask_step

# Print on a JPEG carries a little colour; paper has more of it, which is taken off before.
_TINT = 24
_COLOURED = 56
# What has more colour than this may be the rim of ink; so far around it ink fades, millimetres.
_FAINT, _AROUND = 36, 1.5
# Below coloured ink, what is darker than this is print.
_PRINT = 120
# Ink is darker than this in its darkest channel, white being 255.
_INKY = 190
# The brighter fifth of a page is its paper.
_PAPER_PERCENTILE = 80
# More of all ink than this in colour: the page is printed or typed in colour.
_MAX_COLOURED_SHARE = 0.6
# Millimetres: letters, and what is larger.
_LETTER_LOW, _LETTER_HIGH, _LARGE = 1.0, 6.0, 8.0
# Between letters and words of a line, millimetres.
_WORD_GAP = 3.0
# Tone marks stand so far above the letters' boxes, or below.
_MARKS_ABOVE = 2.0
# Fewer are a stamped word or a pen's.
_LETTERS_OF_A_LINE = 12
# Printed letters stand within so many points of the small copy on their line; pen does not.
_FOOT_POINTS, _LEVEL_SHARE = 1.5, 0.6
_MAX_SLOPE = 0.1
_WHITE = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Faded:
    """A grey copy of a page without coloured ink."""

    picture: Picture
    ink: Picture
    """Mask of the ink that was taken off, 1 and 0, shrunk by `step`."""
    step: int
    """How many pixels of the page one of the mask stands for."""


def fade_coloured_ink(picture: Picture, dpi: float) -> Faded:
    """Return a grey copy of an RGB page on which red and blue ink is as light as paper."""
    step = mask_step(dpi)
    paper = _paper_of(picture)
    most, colour = _brightest_and_colour(_balanced(shrink(picture, step), paper))
    grey = to_grey(picture)
    inked = (colour > _COLOURED).astype(np.uint8)
    all_ink = int((inked | (most < _INKY)).sum())
    if inked.sum() > _MAX_COLOURED_SHARE * all_ink:
        return Faded(picture=grey, ink=np.zeros_like(inked), step=step)
    printed = _printed_lines(inked, dpi / step)
    reach = round(_AROUND * dpi / step / 25.4) * 2 + 1
    tinted = (colour > _FAINT).astype(np.uint8) & (1 - printed)
    for x, y, w, h, _ in connected(grown(tinted, reach, reach)).measures[1:].tolist():
        place = (slice(y * step, (y + h) * step), slice(x * step, (x + w) * step))
        faded = _faded(*_brightest_and_colour(_balanced(picture[place], paper)))
        kept = enlarged(printed[y : y + h, x : x + w], faded.shape)
        grey[place] = np.where(kept, grey[place], faded)
    return Faded(picture=grey, ink=inked & (1 - printed), step=step)


def _paper_of(picture: Picture) -> list[float]:
    """Return the paper's level in each channel."""
    sample = picture[::8, ::8].reshape(-1, 3)
    return [max(float(level), 1.0) for level in np.percentile(sample, _PAPER_PERCENTILE, axis=0)]


def _balanced(picture: Picture, paper: list[float]) -> list[Picture]:
    """Return the channels of a picture, its paper white."""
    return [
        np.asarray(cv2.convertScaleAbs(picture[:, :, index], alpha=_WHITE / level), np.uint8)
        for index, level in enumerate(paper)
    ]


def _brightest_and_colour(channels: list[Picture]) -> tuple[Picture, Picture]:
    first, second, third = channels
    most = cv2.max(cv2.max(first, second), third)
    least = cv2.min(cv2.min(first, second), third)
    return np.asarray(most, dtype=np.uint8), np.asarray(cv2.subtract(most, least), dtype=np.uint8)


def _faded(most: Picture, colour: Picture) -> Picture:
    excess = cv2.subtract(colour, np.full_like(colour, _TINT))
    grey = cv2.add(most, cv2.add(excess, excess))
    # Soft rims of the ink are left over; rims of print lie beside print, and stay.
    near_ink = grown((colour > _COLOURED).astype(np.uint8), 5, 5)
    near_print = grown((np.asarray(grey) < _PRINT).astype(np.uint8), 5, 5)
    return np.asarray(cv2.max(grey, near_ink * (1 - near_print) * _WHITE), dtype=np.uint8)


def _printed_lines(inked: Picture, dpi: float) -> Picture:
    """Return the mask of letters that stand level in a line, nothing larger around them."""
    millimetre = dpi / 25.4
    measures = connected(inked).measures
    left, top, wide, high = (measures[1:, index] for index in range(4))
    largest = np.maximum(wide, high)
    lines = np.zeros_like(inked)
    for x, y, w, h in measures[1:, :4][largest > _LARGE * millimetre].tolist():
        lines[y : y + h, x : x + w] = 2  # no print inside a ring, a frame or a stroke
    is_letter = (high >= _LETTER_LOW * millimetre) & (high <= _LETTER_HIGH * millimetre)
    is_letter &= (wide <= _LETTER_HIGH * millimetre) & (lines[top, left] == 0)
    if int(is_letter.sum()) < _LETTERS_OF_A_LINE:
        return np.zeros_like(inked)
    letters = measures[1:][is_letter]
    reach = round(_WORD_GAP * millimetre)
    rows = np.zeros_like(inked)
    for x, y, w, h in letters[:, :4].tolist():
        rows[y : y + h, max(x - reach, 0) : x + w + reach] = 1
    labels = connected(rows).labels
    lines = np.zeros_like(inked)
    own = labels[letters[:, 1], letters[:, 0]]
    for row in range(1, int(labels.max()) + 1):
        if _is_level(letters[own == row]):
            lines[labels == row] = 1
    reach = round(_MARKS_ABOVE * millimetre) * 2 + 1
    return grown(lines, 1, reach)


def _is_level(letters: Measures) -> bool:
    """Tell whether letters are many and stand on one straight line, whatever its lean."""
    if len(letters) < _LETTERS_OF_A_LINE:
        return False
    feet = (letters[:, 1] + letters[:, 3]).astype(np.float64)
    middles = letters[:, 0] + letters[:, 2] / 2
    slope, start = np.polyfit(middles, feet, 1)
    off = np.abs(feet - slope * middles - start)
    return bool(abs(slope) < _MAX_SLOPE and (off <= _FOOT_POINTS).mean() >= _LEVEL_SHARE)
