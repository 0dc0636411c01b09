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
# What the rings of a seal cut out of a line where they run nearly along it, millimetres.
_GAP_OF_RINGS = 1.5
# What they leave of a frame is longer than letters, millimetres.
_PIECE = 5.0
# A frame that a seal lies on: its least size, millimetres; how much of each side is inked, and with
# the rings taken off, of the least inked side and of all; and beside its sides.
_LEAST_WIDE, _LEAST_HIGH = 14.0, 7.5
_DRAWN, _LEFT, _LONELY = 0.85, (0.35, 0.68), 0.35
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


def find_leaning(
    ink: Picture, millimetre: float, bare: Picture | None = None
) -> Iterator[Rectangle]:
    """Yield the leaning rectangles whose four sides are inked.

    Args:
        ink: 1 and 0.
        millimetre: points.
        bare: the same ink without rings of seals, which hide lines and cut them; None where there
            are none.
    """
    looked_at = ink if bare is None else bare
    parts = connected(looked_at)
    wide, high = parts.measures[:, 2] / millimetre, parts.measures[:, 3] / millimetre
    is_large = (wide >= _LARGE[0]) & (wide <= _LARGE[1]) & (high >= _APART[0])
    is_large &= wide * high * _SPARSE >= parts.measures[:, 4] / millimetre**2
    if bare is not None:  # rings cut frames into pieces that are smaller
        is_large = np.maximum(wide, high) >= _PIECE
    is_large[0] = False
    if not is_large.any():
        return
    large = np.asarray(is_large.astype(np.uint8)[parts.labels], np.uint8)
    lines = _level_lines(large, millimetre, _MOST_GAP if bare is None else _GAP_OF_RINGS)
    near = np.asarray(cv2.dilate(ink, np.ones((5, 5), np.uint8)), np.uint8)
    opposite = (
        (line, other) for line in lines for other in _parallels(line, (ink, looked_at), millimetre)
    )
    for pairs in (combinations(lines, 2), opposite):
        found = [
            rectangle
            for pair in pairs
            for rectangle in _framed(pair, looked_at, near, millimetre)
            if bare is None or _stands_out(bare, near, rectangle, millimetre)
        ]
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


def _parallels(
    line: Points, layers: tuple[Picture, Picture], millimetre: float
) -> Iterator[Points]:
    """Yield where a side as long as a line is inked: print that it crosses hides it as a line.

    Beside a side there is paper; beside a row's feet there are its letters.

    Args:
        line: its two ends.
        layers: all ink, and what of it counts beside a side.
        millimetre: points.
    """
    length = float(np.linalg.norm(line[1] - line[0]))
    down = np.array([line[0, 1] - line[1, 1], line[1, 0] - line[0, 0]]) / max(length, 1.0)
    apart = np.arange(_APART[0], _APART[1], _STEP) * millimetre
    offsets = np.concatenate([-apart, apart])
    share = np.linspace(*_WITHIN, _SAMPLES)[:, None]
    side = line[0] * (1 - share) + line[1] * share
    across = offsets[:, None] + np.arange(-_CLEAR, _CLEAR + _STEP, _STEP) * millimetre
    points = side + across[..., None, None] * down
    middle = across.shape[1] // 2
    inked, beside = (
        _sampled(layer, points[:, columns]).mean(axis=2)
        for layer, columns in zip(
            layers, (slice(middle - 1, middle + 2), [0, 1, -2, -1]), strict=True
        )
    )
    is_side = (inked.max(axis=1) >= _INKED) & (beside.max(axis=1) <= _MOST_BESIDE)
    for offset in offsets[is_side]:
        yield line + offset * down


def _sampled(ink: Picture, points: Points) -> Picture:
    """Return the ink at points; at those outside, that of the border."""
    columns, rows = np.rint(points[..., 0]).astype(np.intp), np.rint(points[..., 1]).astype(np.intp)
    height, width = ink.shape
    return np.asarray(ink[rows.clip(0, height - 1), columns.clip(0, width - 1)])


def _level_lines(large: Picture, millimetre: float, gap: float) -> list[Points]:
    """Return the long lines that lean a little, from left to right, the longest first."""
    found = cv2.HoughLinesP(
        large,
        1,
        np.deg2rad(_STEP_DEGREES),
        round(0.7 * _LEAST_LINE * millimetre),
        minLineLength=_LEAST_LINE * millimetre,
        maxLineGap=gap * millimetre,
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


def _stands_out(bare: Picture, near: Picture, rectangle: Rectangle, millimetre: float) -> bool:
    """Tell whether a rectangle is drawn whole, and by more than what lies on a seal."""
    _, size, _ = rectangle
    if max(size) < _LEAST_WIDE * millimetre or min(size) < _LEAST_HIGH * millimetre:
        return False
    points, outward = _sides(rectangle)
    off = outward * _CLEAR * millimetre
    around = np.asarray(cv2.dilate(bare, np.ones((3, 3), np.uint8)), np.uint8)
    drawn, left = (_sampled(layer, points).mean(axis=1) for layer in (near, around))
    beside = np.maximum(*(_sampled(bare, points + way * off).mean(axis=1) for way in (-1, 1)))
    is_whole = drawn.min() >= _DRAWN and left.min() >= _LEFT[0] and left.mean() >= _LEFT[1]
    return bool(is_whole and beside.mean() <= _LONELY)


def _sides(rectangle: Rectangle) -> tuple[Points, Points]:
    """Return points along each side of a rectangle, and which way is out of it there."""
    corners = cv2.boxPoints(rectangle).astype(np.float64)
    ends = np.roll(corners, -1, axis=0)
    share = np.linspace(*_WITHIN, _SAMPLES)[:, None]
    out = (corners + ends) / 2 - corners.mean(axis=0)
    out /= np.maximum(np.linalg.norm(out, axis=1)[:, None], 1.0)
    return corners[:, None] * (1 - share) + ends[:, None] * share, out[:, None]


def _is_inked(ink: Picture, near: Picture, rectangle: Rectangle) -> bool:
    """Tell whether all four sides of a rectangle are drawn."""
    points, _ = _sides(rectangle)
    inward = points + _INWARD * (np.array(rectangle[0]) - points)
    # A line, not a picture: further in there is less.
    is_line = _sampled(ink, inward).mean(axis=1) < _FILLED
    return bool((is_line & (_sampled(near, points).mean(axis=1) >= _INKED)).all())
