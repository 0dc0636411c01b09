"""Strokes of a pen, told from print by their shape.

A signature is one long thin stroke, higher than a line of print or a single curve along it. What
of it crosses rows of print stays: there it has grown together with letters.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from digitize.frames import Picture
from digitize.masks import Mask, Measures, Parts, connected, grown, shrunk
from digitize.strokes import SmallCopy

# Millimetres: a stroke that is higher than print; how long it then is; one along a line of print.
_HIGH, _LONG, _ALONG, _LEAST_HEIGHT = 6.5, 8.0, 12.0, 1.5
# Ink in its box; ink that is left when a stroke's rim of half a millimetre is taken off.
_MAX_FILL, _MAX_CORE = 0.35, 0.12
# Millimetres: what is straight for so long, in most of an outline, was drawn with a ruler.
_RULED, _RULED_SHARE = 8.0, 0.6
# A column of print crosses two strokes or three, a curve one.
_STROKES_A_COLUMN = 1.4
# Millimetres: a signature is not larger; what belongs to it is nearer, with this share of itself.
_SIGNATURE, _NEAR, _TOUCHING_SHARE = 60.0, 1.0, 0.3
# So many parts of one height on one line are large print.
_LARGE_PRINT, _SAME_LEVEL = 4, 3
# A row of print has so many letters, none farther from the next than this (millimetres).
_LETTERS, _LETTER_LOW, _LETTER_WIDE, _APART = 4, 1.25, 12.0, 10.0
# Millimetres: over so much a code is inked to at least this share; half of it is black.
_CODE, _CODE_SHARE = 8.0, 0.38
# What has less of its ink beside such rows is letters that touch.
_OFF_ROWS = 0.5


def find_strokes(copy: SmallCopy) -> Picture:
    """Return the ink of pen strokes beside the rows of print, 1 and 0, on the small copy."""
    strokes = connected(copy.strokes)
    core = shrunk(copy.strokes, 5) > 0
    cores = np.bincount(strokes.labels[core], minlength=len(strokes.measures))
    is_pen = _are_pen(strokes.measures, cores, copy)
    is_pen |= _run_along(strokes, cores, copy.millimetre)
    is_pen[0] = False
    if not is_pen.any():
        return np.zeros_like(copy.ink)
    beside = (~(_print_rows(copy) | _codes(copy))).astype(np.uint8)
    off = np.bincount(strokes.labels[(beside & copy.strokes) > 0], minlength=len(is_pen))
    is_pen &= off >= _OFF_ROWS * strokes.measures[:, 4]
    for index in np.flatnonzero(is_pen):
        is_pen[index] = not _is_ruled(strokes, int(index), copy.millimetre)
    is_pen |= _touch(strokes, is_pen, copy.millimetre)
    pen = strokes.chosen(is_pen) & beside
    return grown(pen, 3, 3) & beside


def _are_pen(strokes: Measures, cores: npt.NDArray[np.int64], copy: SmallCopy) -> Mask:
    wide, high, area = (strokes[:, index] for index in (2, 3, 4))
    is_pen = (high >= _HIGH * copy.millimetre) & (area <= _MAX_FILL * wide * high)
    is_pen &= np.maximum(wide, high) >= _LONG * copy.millimetre
    is_pen &= cores <= _MAX_CORE * area
    parts = copy.parts.measures
    for index in np.flatnonzero(is_pen[1:]) + 1:
        top, foot = strokes[index, 1], strokes[index, 1] + strokes[index, 3]
        same = np.abs(parts[:, 1] - top) <= _SAME_LEVEL
        same &= np.abs(parts[:, 1] + parts[:, 3] - foot) <= _SAME_LEVEL
        is_pen[index] = same.sum() < _LARGE_PRINT
    return np.asarray(is_pen, dtype=np.bool_)


def _run_along(strokes: Parts, cores: npt.NDArray[np.int64], millimetre: float) -> Mask:
    """Tell which parts are one curve along a line, as quick writing is."""
    wide, high, area = (strokes.measures[:, index] for index in (2, 3, 4))
    is_flat = (wide >= _ALONG * millimetre) & (high < _HIGH * millimetre)
    is_flat &= (high >= _LEAST_HEIGHT * millimetre) & (cores <= _MAX_CORE * area)
    for index in np.flatnonzero(is_flat[1:]) + 1:
        x, y, w, h = strokes.measures[index, :4].tolist()
        curve = (strokes.labels[y : y + h, x : x + w] == index).astype(np.int8)
        begins = np.diff(np.vstack([np.zeros((1, w), np.int8), curve]), axis=0) == 1
        crossed = begins.sum(axis=0)
        is_flat[index] = crossed[crossed > 0].mean() <= _STROKES_A_COLUMN
    return np.asarray(is_flat, dtype=np.bool_)


def _is_ruled(strokes: Parts, index: int, millimetre: float) -> bool:
    """Tell whether a stroke is drawn with a ruler: the outline of a plot, a plan."""
    x, y, w, h = strokes.measures[index, :4].tolist()
    shape = (strokes.labels[y : y + h, x : x + w] == index).astype(np.uint8)
    outlines, _ = cv2.findContours(shape, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    straight = whole = 0.0
    for outline in outlines:
        corners = cv2.approxPolyDP(outline, 1.0, closed=True)[:, 0].astype(np.float64)
        lengths = np.hypot(*(corners - np.roll(corners, 1, axis=0)).T)
        straight += float(lengths[lengths >= _RULED * millimetre].sum())
        whole += float(lengths.sum())
    return straight > _RULED_SHARE * max(whole, 1.0)


def _codes(copy: SmallCopy) -> Mask:
    """Return where ink is as dense as in a QR code, and a little around."""
    side = round(_CODE * copy.millimetre)
    inked = cv2.blur(copy.ink * np.uint8(255), (side, side), borderType=cv2.BORDER_CONSTANT)
    dense = (np.asarray(inked) > _CODE_SHARE * 255).astype(np.uint8)
    return grown(dense, 2 * side, 2 * side) > 0


def _touch(strokes: Parts, is_pen: Mask, millimetre: float) -> Mask:
    """Tell which strokes lie at a pen's: the loops and blots of a signature."""
    boxes = np.zeros_like(strokes.labels, dtype=np.uint8)
    reach = round(_NEAR * millimetre)
    for x, y, w, h in strokes.measures[is_pen, :4].tolist():
        if max(w, h) <= _SIGNATURE * millimetre:
            boxes[max(y - reach, 0) : y + h + reach, max(x - reach, 0) : x + w + reach] = 1
    inside = np.bincount(strokes.labels[boxes > 0], minlength=len(is_pen))
    touching = inside >= _TOUCHING_SHARE * strokes.measures[:, 4]
    touching[0] = False
    return np.asarray(touching, dtype=np.bool_)


def _print_rows(copy: SmallCopy) -> Mask:
    """Return where rows of print stand, a little beyond their ends."""
    millimetre = copy.millimetre
    parts = copy.parts.measures
    wide, high = parts[:, 2], parts[:, 3]
    is_letter = (high >= _LETTER_LOW * millimetre) & (high < _HIGH * millimetre)
    is_letter &= (wide <= _LETTER_WIDE * millimetre) & (wide > 1)
    is_letter[0] = False
    letters = parts[is_letter]
    rows = np.zeros_like(copy.ink)
    reach = round(_APART * millimetre)
    for x, y, w, h in letters[:, :4].tolist():
        rows[y : y + h, max(x - reach, 0) : x + w + reach] = 1
    labels = connected(rows).labels
    middles = labels[letters[:, 1] + letters[:, 3] // 2, letters[:, 0] + letters[:, 2] // 2]
    is_row = np.bincount(middles, minlength=int(labels.max()) + 1) >= _LETTERS
    is_row[0] = False
    return np.asarray(is_row[labels], dtype=np.bool_)
