"""Leaning rectangles of straight lines, found line by line: frames that lie across large print."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import cv2
import numpy as np
import numpy.typing as npt

from digitize.frames import Picture
from digitize.masks import connected

# What is so wide may be a frame with all that it touches, millimetres.
_LARGE = (12.0, 200.0)
# A frame and print across it have no more of their box inked: not codes, nor pictures.
_SPARSE = 0.55
# A line: its length and the gaps in it, millimetres; how far a stamp's side leans, degrees.
_LEAST_LINE, _MOST_GAP, _LEANS = 9.0, 1.2, (0.0, 20.0)
_STEP_DEGREES = 0.5
# The two long sides: as parallel as that, so far apart (millimetres), so much beside one another.
_PARALLEL, _APART, _BESIDE = 1.5, (6.0, 26.0), 0.45
_MOST_LINES = 24
# A side counts where so much of it is inked.
_INKED = 0.7
_MOST_WIDE = 85.0
# Sides are looked at between these shares of their length, at so many points; and so far inside, of
# the way to the middle, where less is inked than this.
_WITHIN, _SAMPLES = (0.04, 0.96), 60
_INWARD, _FILLED = 0.18, 0.6
# Millimetres from one possible side to the next; so far beside one no more than this is inked.
_STEP, _CLEAR, _MOST_BESIDE = 0.25, 1.25, 0.4

Points = npt.NDArray[np.float64]
Rectangle = tuple[tuple[float, float], tuple[float, float], float]
"""Middle, width and height, clockwise lean in degrees; points of the copy."""


def find_leaning(ink: Picture, millimetre: float) -> Iterator[Rectangle]:
    """Yield the leaning rectangles whose four sides are inked.

    Args:
        ink: 1 and 0.
        millimetre: points.
    """
    parts = connected(ink)
    wide, high = parts.measures[:, 2] / millimetre, parts.measures[:, 3] / millimetre
    is_large = (wide >= _LARGE[0]) & (wide <= _LARGE[1]) & (high >= _APART[0])
    is_large &= wide * high * _SPARSE >= parts.measures[:, 4] / millimetre**2
    is_large[0] = False
    if not is_large.any():
        return
    large = np.asarray(is_large.astype(np.uint8)[parts.labels], np.uint8)
    lines = _level_lines(large, millimetre)
    near = np.asarray(cv2.dilate(ink, np.ones((5, 5), np.uint8)), np.uint8)
    opposite = ((line, other) for line in lines for other in _parallels(line, ink, millimetre))
    for pairs in (combinations(lines, 2), opposite):
        found = [rectangle for pair in pairs for rectangle in _framed(pair, ink, near, millimetre)]
        if found:
            yield from found
            return


def _framed(
    pair: tuple[Points, Points], ink: Picture, near: Picture, millimetre: float
) -> Iterator[Rectangle]:
    upper, lower = sorted(pair, key=lambda line: float(line[:, 1].mean()))
    rectangle = _between(upper, lower, millimetre)
    if rectangle is not None and _is_inked(ink, near, rectangle):
        yield rectangle


def _parallels(line: Points, ink: Picture, millimetre: float) -> Iterator[Points]:
    """Yield where a side as long as a line is inked: print that it crosses hides it as a line.

    Beside a side there is paper; beside a row's feet there are its letters.
    """
    length = float(np.linalg.norm(line[1] - line[0]))
    down = np.array([line[0, 1] - line[1, 1], line[1, 0] - line[0, 0]]) / max(length, 1.0)
    apart = np.arange(_APART[0], _APART[1], _STEP) * millimetre
    offsets = np.concatenate([-apart, apart])
    share = np.linspace(*_WITHIN, _SAMPLES)[:, None]
    side = line[0] * (1 - share) + line[1] * share
    across = offsets[:, None] + np.arange(-_CLEAR, _CLEAR + _STEP, _STEP) * millimetre
    inked = _sampled(ink, side + across[..., None, None] * down).mean(axis=2)
    middle = across.shape[1] // 2
    is_side = inked[:, middle - 1 : middle + 2].max(axis=1) >= _INKED
    is_side &= inked[:, [0, 1, -2, -1]].max(axis=1) <= _MOST_BESIDE
    for offset in offsets[is_side]:
        yield line + offset * down


def _sampled(ink: Picture, points: Points) -> Picture:
    """Return the ink at points; at those outside, that of the border."""
    columns, rows = np.rint(points[..., 0]).astype(np.intp), np.rint(points[..., 1]).astype(np.intp)
    height, width = ink.shape
    return np.asarray(ink[rows.clip(0, height - 1), columns.clip(0, width - 1)])


def _level_lines(large: Picture, millimetre: float) -> list[Points]:
    """Return the long lines that lean a little, from left to right, the longest first."""
    found = cv2.HoughLinesP(
        large,
        1,
        np.deg2rad(_STEP_DEGREES),
        round(0.7 * _LEAST_LINE * millimetre),
        minLineLength=_LEAST_LINE * millimetre,
        maxLineGap=_MOST_GAP * millimetre,
    )
    if found is None:
        return []
    lines = [np.asarray(line, np.float64).reshape(2, 2) for line in found]
    lines = [line[np.argsort(line[:, 0])] for line in lines]
    leaning = [line for line in lines if _LEANS[0] <= abs(_lean(line)) <= _LEANS[1]]
    leaning.sort(key=lambda line: -float(np.ptp(line[:, 0])))
    return leaning[:_MOST_LINES]


def _lean(line: Points) -> float:
    across, down = line[1] - line[0]
    return float(np.rad2deg(np.arctan2(down, across)))


def _between(upper: Points, lower: Points, millimetre: float) -> Rectangle | None:
    """Return the rectangle between two lines; None where they are no two sides of one."""
    lean = (_lean(upper) + _lean(lower)) / 2
    if abs(_lean(upper) - _lean(lower)) > _PARALLEL:
        return None
    turn = np.deg2rad(lean)
    along, down = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    ends = np.stack([upper @ along, lower @ along])
    left, right = float(ends[:, 0].min()), float(ends[:, 1].max())
    shared = float(ends[:, 1].min() - ends[:, 0].max())
    top, foot = float((upper @ down).mean()), float((lower @ down).mean())
    high, wide = foot - top, right - left
    is_frame = _APART[0] * millimetre <= high <= _APART[1] * millimetre and wide >= 1.2 * high
    if not is_frame or shared < _BESIDE * wide or wide > _MOST_WIDE * millimetre:
        return None
    x, y = along * (left + right) / 2 + down * (top + foot) / 2
    return (float(x), float(y)), (wide, high), lean


def _is_inked(ink: Picture, near: Picture, rectangle: Rectangle) -> bool:
    """Tell whether all four sides of a rectangle are drawn."""
    corners = cv2.boxPoints(rectangle).astype(np.float64)
    middle = corners.mean(axis=0)
    share = np.linspace(*_WITHIN, _SAMPLES)[:, None]
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        points = start * (1 - share) + end * share
        inward = points + _INWARD * (middle - points)
        # A line, not a picture: further in there is less.
        is_line = _sampled(ink, inward).mean() < _FILLED
        if not is_line or _sampled(near, points).mean() < _INKED:
            return False
    return True
