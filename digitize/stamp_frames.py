"""Frames of stamps: four straight sides that no ruler of a form set on the page."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from digitize.frames import Picture
from digitize.masks import Mask, Parts, connected
from digitize.model import Box

# A stamp's frame, millimetres; how near to its box's sides its ink lies; how much of each is inked.
_FRAME_WIDE, _FRAME_HIGH = (15.0, 110.0), (6.0, 40.0)
_FRAME_INK, _SIDE_SHARE, _SIDE_REACH = 0.6, 0.65, 0.8
# A hand hardly ever sets a stamp quite level; printed frames are, but for what a page still leans
# where it is not worth a rotation. Both long sides lean so, alike.
_LEAST_LEAN, _ALIKE = 0.32, 0.8
# Whatever lies between three whole sides that lean clearly, they are a frame's.
_WHOLE_SIDES, _CLEAR_LEAN = 0.9, 1.0
# Pale ink leaves gaps in a frame; so many points are bridged (1.3 mm).
_GAP = 5
# Print that a frame has run into lies beyond sides which are inked for so much of its length.
_SIDE_OF_ALL = 0.2

Points = npt.NDArray[np.int64]


def find_frames(
    ink: Picture, parts: Parts, millimetre: float, *, level_too: bool
) -> tuple[Box, ...]:
    """Return the frames of stamps; points of the copy.

    Args:
        ink: 1 and 0.
        parts: its connected parts.
        millimetre: points.
        level_too: frames that stand quite level count too, as where all ink is stamped.
    """
    bridged = connected(
        np.asarray(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((_GAP, _GAP), np.uint8)))
    )
    frames: list[Box] = []
    for candidates in (parts, bridged):
        for points in _candidates(ink, candidates, millimetre):
            box = _frame_of(points, millimetre, level_too=level_too)
            if box and not any(_meet(box, other) for other in frames):
                frames.append(box)
    return tuple(frames)


def _candidates(ink: Picture, parts: Parts, millimetre: float) -> Iterator[Points]:
    """Yield the ink of each part that has a stamp's size."""
    wide, high = parts.measures[:, 2] / millimetre, parts.measures[:, 3] / millimetre
    is_fit = (wide >= _FRAME_WIDE[0]) & (wide <= _FRAME_WIDE[1])
    is_fit &= (high >= _FRAME_HIGH[0]) & (high <= _FRAME_HIGH[1])
    is_fit[0] = False
    for index in np.flatnonzero(is_fit):
        x, y, w, h = parts.measures[index, :4].tolist()
        place = (slice(y, y + h), slice(x, x + w))
        rows, columns = np.nonzero((parts.labels[place] == index) & (ink[place] > 0))
        yield np.stack([columns + x, rows + y], axis=1)


def _meet(box: Box, other: Box) -> bool:
    left, top = max(box[0], other[0]), max(box[1], other[1])
    return left < min(box[2], other[2]) and top < min(box[3], other[3])


def _frame_of(points: Points, millimetre: float, *, level_too: bool) -> Box | None:
    """Return the box of a frame, without what print has run into it."""
    for tried in (points, _without_tails(points)):
        if not len(tried):
            break
        (left, top), (right, bottom) = tried.min(axis=0), tried.max(axis=0) + 1
        is_high = bottom - top >= _FRAME_HIGH[0] * millimetre
        if is_high and _is_frame(tried, millimetre, level_too=level_too):
            return (float(left), float(top), float(right), float(bottom))
    return None


def _without_tails(points: Points) -> Points:
    """Leave out what lies beyond the outermost rows and columns that look like sides."""
    _, _, lean = cv2.minAreaRect(points.astype(np.float32))
    turn = np.deg2rad(lean if lean < 45 else lean - 90)
    inside = np.ones(len(points), np.bool_)
    for direction in ((np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))):
        place = points @ np.array(direction)
        along = points @ np.array([-direction[1], direction[0]])
        place = np.rint(place - place.min()).astype(np.int64)
        sides = np.flatnonzero(np.bincount(place) >= _SIDE_OF_ALL * np.ptp(along))
        if len(sides):
            inside &= (place >= sides[0] - 1) & (place <= sides[-1] + 1)
    return points[inside]


def _is_frame(points: Points, millimetre: float, *, level_too: bool) -> bool:
    """Tell whether points are the four sides of one rectangle."""
    middle, size, lean = cv2.minAreaRect(points.astype(np.float32))
    if min(size) < 1:
        return False
    turn = np.deg2rad(lean)
    across = (points - middle) @ np.array([np.cos(turn), np.sin(turn)])
    down = (points - middle) @ np.array([-np.sin(turn), np.cos(turn)])
    reach = _SIDE_REACH * millimetre
    sides: list[tuple[Mask, float, float]] = []
    for place, along, half, length in (
        (across, down, size[0] / 2, size[1]),
        (down, across, size[1] / 2, size[0]),
    ):
        borders = (place < reach - half, place > half - reach)
        sides += ((side, len(np.unique(np.rint(along[side]))) / length, length) for side in borders)
    near = np.logical_or.reduce([side for side, *_ in sides])
    inked = sorted(share for _, share, _ in sides)
    # The fourth side may lie beyond the border of the page.
    if inked[1] < _SIDE_SHARE:
        return False
    leans = [_lean(points[side]) for side, _, length in sides if length == max(size)]
    if near.mean() < _FRAME_INK:  # letters and strokes of a pen have run into it
        return inked[1] >= _WHOLE_SIDES and _lean_alike(leans, _CLEAR_LEAN)
    return level_too or _lean_alike(leans, _LEAST_LEAN)


def _lean(side: Points) -> float:
    """Return how many degrees a level side leans, closer than its points lie."""
    if len(np.unique(side[:, 0])) < 2:
        return 0.0
    return float(np.rad2deg(np.arctan(np.polyfit(side[:, 0], side[:, 1], 1)[0])))


def _lean_alike(leans: list[float], least: float) -> bool:
    return min(map(abs, leans)) >= least and max(leans) - min(leans) <= _ALIKE
