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
_LARGE = (12.0, 130.0)
# A frame and print across it have no more of their box inked: not codes, nor pictures.
_SPARSE = 0.45
# A line: its length and the gaps in it, millimetres; how far a stamp's side leans, degrees.
_LEAST_LINE, _MOST_GAP, _LEANS = 9.0, 1.2, (1.2, 20.0)
_STEP_DEGREES = 0.5
# The two long sides: as parallel as that, so far apart (millimetres), so much beside one another.
_PARALLEL, _APART, _BESIDE = 1.5, (6.0, 26.0), 0.6
_MOST_LINES = 24
# A side counts where so much of it is inked.
_INKED = 0.7
_MOST_WIDE = 85.0

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
    for first, second in combinations(lines, 2):
        upper, lower = sorted((first, second), key=lambda line: float(line[:, 1].mean()))
        rectangle = _between(upper, lower, millimetre)
        if rectangle is not None and _is_inked(ink, rectangle):
            yield rectangle


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


def _is_inked(ink: Picture, rectangle: Rectangle) -> bool:
    """Tell whether all four sides of a rectangle are drawn."""
    corners = cv2.boxPoints(rectangle).astype(np.float64)
    middle = corners.mean(axis=0)
    near = cv2.dilate(ink, np.ones((5, 5), np.uint8))
    inked = []
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        share = np.linspace(0.04, 0.96, 60)[:, None]
        points = start * (1 - share) + end * share
        columns, rows = np.rint(points).astype(np.intp).T
        columns, rows = columns.clip(0, ink.shape[1] - 1), rows.clip(0, ink.shape[0] - 1)
        inward = points + 0.18 * (middle - points)
        across, down = np.rint(inward).astype(np.intp).T
        # A line, not a picture: further in there is less.
        is_line = ink[down.clip(0, ink.shape[0] - 1), across.clip(0, ink.shape[1] - 1)].mean() < 0.6
        inked.append(bool(near[rows, columns].mean() >= _INKED and is_line))
    return all(inked)
