"""Places where a word may be stamped: inside a frame, or as a short row of large letters.

Looked for in all ink, coloured, grey or black, however pale, and whatever lies around or below it:
a mark of secrecy must not be missed. A frame is told by the paper that it encloses, which print
that runs across it does not change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np

from digitize.frames import Picture
from digitize.ink_layers import INK_DEPTH, MeasuredInk, joined, upper_half
from digitize.leaning_frames import find_leaning
from digitize.leaning_place import MOST_LEAN, Ink, StampPlace, in_millimetres
from digitize.masks import connected
from digitize.model import Box
from digitize.stamp_rows import find_rows

_MOST_PLACES = 12
# Pale ink is darker than the paper around it by so much in its darkest channel.
_PALE_DEPTH = 25
# Letters have more colour than the first, lines of the palest frames more than the second.
_COLOURED, _TINTED = 30, 10
# So much more pale ink than ink: the paper itself is taken for ink.
_DIRTY = 1.5
# The inside of a frame, millimetres; its shape; how much of its rectangle it is.
_INSIDE_WIDE, _INSIDE_HIGH = (9.0, 85.0), (4.5, 30.0)
_LEAST_SHAPE, _LEAST_SHARE = 1.2, 0.68
# What the lines of a frame take of its inside, millimetres.
_LINE = 1.2
# What leans less is level, degrees; so near to the edge of the page, millimetres.
_LEVEL, _EDGE = 1.2, 3.0
# Rows of print are no higher with what is around them, millimetres.
_HIGH_AS_PRINT = 9.0
# Pale ink leaves gaps in a frame; so many points are bridged (1.3 mm).
_BRIDGED = 5
# The rules of a table go on beyond the corners of a cell: looked at so far off, millimetres, and so
# far to either side, points. A stamp that lies on print has two such ends at most.
_BEYOND, _BESIDE, _ENDS_OF_CELLS = (1.6, 4.0), 3, 3
# Of a line that goes on so much is inked.
_GOES_ON = 0.9
# Without a frame and in the upper left only, share of the width: seals and signatures lie right.
_LEFT_SHARE = 0.62


def find_places(small: Picture, dpi: float, codes: Sequence[Box] = ()) -> tuple[StampPlace, ...]:
    """Return where a mark may be stamped in the upper half of a page, frames first.

    Args:
        small: the level page, grey or RGB, at about `masks.SMALL_DPI`.
        dpi: of that copy.
        codes: boxes of codes that were read, points.
    """
    half = replace(upper_half(small, dpi), codes=tuple(map(in_millimetres, codes)))
    found = places_in(half, _LEFT_SHARE)
    # The likeliest first: a page of many boxes must not hide the one in the mark's place, nor rows
    # of soft print the one that leans.
    found.sort(key=lambda place: (_is_like_print(place), not place.framed, place.x + 2 * place.y))
    return tuple(found[:_MOST_PLACES])


def places_in(half: MeasuredInk, left: float) -> list[StampPlace]:
    """Return where a mark may be stamped in a part of a page; millimetres of that part.

    Args:
        half: its ink.
        left: without a frame only there, share of its width.
    """
    pale = (half.depth > _PALE_DEPTH).astype(np.uint8)
    dark = (half.depth > INK_DEPTH).astype(np.uint8)
    paler = half.paler(_PALE_DEPTH)
    found: list[StampPlace] = []
    # On clean paper pale ink and most ink are the same.
    is_dirty = pale.sum() > _DIRTY * dark.sum()
    for ink in (pale, _bridged(pale), dark) if is_dirty else (pale, _bridged(pale)):
        _add(found, _insides(ink, half.millimetre))
    _add(found, _unknown(found, _leaning(_left_of(pale, left), half.millimetre)))
    _add(found, _unknown(found, _of_kind(_insides(_bridged(paler), half.millimetre), Ink.PALE)))
    if half.colour is not None:
        coloured = (half.colour > _COLOURED).astype(np.uint8)
        tinted = (half.colour > _TINTED).astype(np.uint8)
        for ink in (tinted, _bridged(tinted)):
            _add(found, _insides(ink, half.millimetre))
        _add(found, _unknown(found, _leaning(_left_of(tinted, left), half.millimetre)))
        for ink in (coloured, joined(coloured, dark)):
            _add(found, find_rows(_left_of(ink, left), half, Ink.COLOURED))
    _add(found, find_rows(_left_of(paler, left), half, Ink.PALE))
    if half.colour is None:  # what is pale on a page with colour is coloured, or read above
        _add(found, find_rows(_left_of(pale, left), half, Ink.ALL))
    _add(found, find_rows(_left_of(dark, left), half, Ink.ALL))
    return found


def _is_like_print(place: StampPlace) -> bool:
    is_plain = not place.framed and place.ink is not Ink.COLOURED
    return is_plain and abs(place.degrees) < _LEVEL and place.high < _HIGH_AS_PRINT


def _left_of(ink: Picture, share: float) -> Picture:
    return np.ascontiguousarray(ink[:, : round(share * ink.shape[1])])


def _bridged(ink: Picture) -> Picture:
    box = np.ones((_BRIDGED, _BRIDGED), np.uint8)
    return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, box), np.uint8)


def _of_kind(places: Iterator[StampPlace], ink: Ink) -> Iterator[StampPlace]:
    return (replace(place, ink=ink) for place in places)


def _add(found: list[StampPlace], more: Iterator[StampPlace]) -> None:
    """Add places; of a double frame, and of what is found twice, the inner place stays.

    Coloured letters are dark too: alone they read better than with the print beside them.
    """
    for place in more:
        around = [other for other in found if other.holds(place)]
        same = [other for other in around if place.holds(other)]
        is_within = not place.framed and any(
            other.framed or (other in same and place.ink is Ink.ALL is not other.ink)
            for other in around
        )
        if is_within or any(_size(other) <= _size(place) for other in same):
            continue
        for other in same:
            found.remove(other)
        found.append(place)


def _unknown(found: list[StampPlace], more: Iterator[StampPlace]) -> Iterator[StampPlace]:
    """Yield frames but those known by the paper that they enclose, which tells them exactly."""
    return (place for place in more if not any(other.holds(place) for other in found))


def _size(place: StampPlace) -> float:
    return place.wide * place.high


def _insides(ink: Picture, millimetre: float) -> Iterator[StampPlace]:
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


def _leaning(ink: Picture, millimetre: float) -> Iterator[StampPlace]:
    """Yield frames that print runs right through: they enclose nothing whole."""
    for (x, y), (wide, high), lean in find_leaning(ink, millimetre):
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
