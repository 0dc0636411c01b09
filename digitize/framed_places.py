"""Frames on a page: rectangles of paper that ink encloses, and those that print runs through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np

from digitize.frames import Picture
from digitize.leaning_frames import find_leaning
from digitize.leaning_place import MOST_LEAN, StampPlace
from digitize.masks import connected

# The inside of a frame, millimetres; its shape; how much of its rectangle it is.
_INSIDE_WIDE, _INSIDE_HIGH = (9.0, 85.0), (4.5, 30.0)
_LEAST_SHAPE, _LEAST_SHARE = 1.2, 0.68
# What the lines of a frame take of its inside, millimetres.
_LINE = 1.2
# What leans less is level, degrees; so near to the edge of the page, millimetres.
_LEVEL, _EDGE = 1.2, 3.0
# The rules of a table go on beyond the corners of a cell: looked at so far off, millimetres, and so
# far to either side, points. A stamp that lies on print has two such ends at most.
_BEYOND, _BESIDE, _ENDS_OF_CELLS = (1.6, 4.0), 3, 3
# Of a line that goes on so much is inked.
_GOES_ON = 0.9


def find_insides(ink: Picture, millimetre: float) -> Iterator[StampPlace]:
    """Yield the leaning rectangles of paper that ink encloses, cells of tables left out."""
    # What encloses paper hangs together, and reaches round it: only there is paper looked at.
    parts = connected(ink)
    wide, high = parts.measures[:, 2] / millimetre, parts.measures[:, 3] / millimetre
    is_large = (wide >= _INSIDE_WIDE[0]) & (high >= _INSIDE_HIGH[0])
    is_large[0] = False
    for index in np.flatnonzero(is_large):
        x, y, w, h = parts.measures[index, :4].tolist()
        around = (parts.labels[y : y + h, x : x + w] == index).astype(np.uint8)
        is_open = (x > 0, y > 0, x + w < ink.shape[1], y + h < ink.shape[0])
        for paper, corner in _enclosed(around, is_open, millimetre):
            place = _rectangle(paper, (x + corner[0], y + corner[1]), millimetre)
            if place is not None and _ends_beyond(ink, place, millimetre) < _ENDS_OF_CELLS:
                yield place


def _enclosed(
    around: Picture, is_open: tuple[bool, ...], millimetre: float
) -> Iterator[tuple[Picture, tuple[int, int]]]:
    """Yield the paper that one part of the ink encloses, and its corner; points.

    Args:
        around: that part alone, 1 and 0.
        is_open: whether its left, upper, right and lower border are not the picture's, which
            encloses paper too.
        millimetre: points.
    """
    paper = connected(1 - around, corners=False)
    left, top, wide, high = (paper.measures[:, index] for index in range(4))
    is_fit = (wide / millimetre >= _INSIDE_WIDE[0]) & (wide / millimetre <= _INSIDE_WIDE[1])
    is_fit &= (high / millimetre >= _INSIDE_HIGH[0]) & (high / millimetre <= 2 * _INSIDE_HIGH[1])
    ends = (left == 0, top == 0, left + wide == around.shape[1], top + high == around.shape[0])
    for is_end, opens in zip(ends, is_open, strict=True):
        is_fit &= ~is_end | (not opens)
    is_fit[0] = False
    for index in np.flatnonzero(is_fit):
        x, y, w, h = paper.measures[index, :4].tolist()
        yield (paper.labels[y : y + h, x : x + w] == index).astype(np.uint8), (x, y)


def find_crossed_frames(
    ink: Picture, millimetre: float, bare: Picture | None = None
) -> Iterator[StampPlace]:
    """Yield frames that print runs right through: they enclose nothing whole.

    Args:
        ink: 1 and 0.
        millimetre: points.
        bare: the same ink without rings of seals; None where there are none.
    """
    for (x, y), (wide, high), lean in find_leaning(ink, millimetre, bare):
        place = StampPlace(
            x=x / millimetre,
            y=y / millimetre,
            wide=wide / millimetre - _LINE,
            high=high / millimetre - _LINE,
            degrees=lean,
            framed=True,
        )
        # Rules of tables and what a photo shows beside the sheet are level too.
        is_level = abs(lean) < _LEVEL
        if not is_level or not (_is_cell(ink, place, millimetre) or _is_at_edge(place)):
            yield place


def _is_cell(ink: Picture, place: StampPlace, millimetre: float) -> bool:
    outer = replace(place, wide=place.wide + _LINE, high=place.high + _LINE)
    return _ends_beyond(ink, outer, millimetre) >= _ENDS_OF_CELLS


def _is_at_edge(place: StampPlace) -> bool:
    return float(place.corners().min()) < _EDGE


def _rectangle(part: Picture, corner: tuple[int, int], millimetre: float) -> StampPlace | None:
    outlines, _ = cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outline = max(outlines, key=cv2.contourArea)
    (x, y), (wide, high), lean = cv2.minAreaRect(outline)
    if wide < high:
        wide, high, lean = high, wide, lean - 90
    lean = (lean + 90) % 180 - 90
    is_stamp = _INSIDE_WIDE[0] <= wide / millimetre <= _INSIDE_WIDE[1]
    is_stamp &= _INSIDE_HIGH[0] <= high / millimetre <= _INSIDE_HIGH[1]
    is_stamp &= abs(lean) <= MOST_LEAN and wide >= _LEAST_SHAPE * high
    if not is_stamp or cv2.contourArea(outline) < _LEAST_SHARE * wide * high:
        return None
    return StampPlace(
        x=(x + corner[0]) / millimetre,
        y=(y + corner[1]) / millimetre,
        wide=wide / millimetre,
        high=high / millimetre,
        degrees=lean,
        framed=True,
    )


def _ends_beyond(ink: Picture, place: StampPlace, millimetre: float) -> int:
    """Count the sides that go on beyond a corner; eight could."""
    corners = place.corners() * millimetre
    sides = np.roll(corners, -1, axis=0) - corners
    sides /= np.linalg.norm(sides, axis=1)[:, None]
    # At each corner the side before it goes on, and the side after it backwards.
    starts = np.repeat(corners, 2, axis=0)[:, None, None]
    ways = np.stack([np.roll(sides, 1, axis=0), -sides], axis=1).reshape(-1, 2)[:, None, None]
    far = np.arange(*_BEYOND, 0.3)[:, None] * millimetre
    beside = np.arange(-_BESIDE, _BESIDE + 1)[:, None, None]
    points = starts + far * ways + beside * ways[..., [1, 0]] * (-1, 1)
    columns, rows = (np.rint(points[..., axis]).astype(np.intp) for axis in (0, 1))
    height, width = ink.shape
    is_on = (columns >= 0) & (rows >= 0) & (columns < width) & (rows < height)
    inked = ink[rows.clip(0, height - 1), columns.clip(0, width - 1)]
    goes_on = inked.mean(axis=2).max(axis=1) >= _GOES_ON
    return int((goes_on & is_on.all(axis=(1, 2))).sum())
