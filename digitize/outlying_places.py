"""Places where a mark may stand alone, not looked at otherwise: turned in a margin, at the foot.

Ordinary pages have nothing there: a coarse look at the whole page finds that, and only around what
stands alone is ink measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, product

import numpy as np

from digitize.enhance import flatten
from digitize.frames import Picture
from digitize.ink_layers import darkest_channel, measure_ink
from digitize.masks import Measures, connected, grown
from digitize.stamp_places import StampPlace, places_in

_MILLIMETRES_PER_INCH = 25.4
# The coarse look: points of the copy, and how much darker than paper.
_STEP, _DEPTH = 2, 40
# What stands in one block: nearer than this beside and above one another, millimetres.
_BESIDE, _ABOVE = 2.0, 4.0
# A mark on its side, millimetres; how much taller than wide; how much of its box is inked at most.
_TURNED_WIDE, _TURNED_HIGH, _TALLER, _FILLED = (3.0, 26.0), (9.0, 95.0), 1.2, 0.75
# The middle of it lies so near to the border of the page, millimetres.
_MARGIN = 24.0
# A framed mark at the foot, millimetres; its ink; where it stands, shares of the page.
_FOOT_WIDE, _FOOT_HIGH, _SPARSE = (12.0, 95.0), (6.0, 45.0), 0.6
_FOOT_LEFT, _FOOT_TOP = 0.62, 0.5
_MOST_BLOCKS, _AROUND = 3, 2.5
_QUARTER = 90.0

Ways = tuple[StampPlace, ...]
"""The ways in which one place may be read: the first that says something counts."""


def find_outlying(small: Picture, dpi: float) -> tuple[Ways, ...]:
    """Return where a mark may stand turned in a margin, or framed at the left of the foot.

    Args:
        small: the level page, grey or RGB, at about `masks.SMALL_DPI`.
        dpi: of that copy.
    """
    millimetre = dpi / _STEP / _MILLIMETRES_PER_INCH
    if min(small.shape[:2]) < _STEP * millimetre * _TURNED_WIDE[0]:
        return ()  # no mark has room there
    coarse = _coarse_ink(small)
    found: list[Ways] = []
    for block in islice(_turned(coarse, millimetre), _MOST_BLOCKS):
        found += ((place, _about(place)) for place in _on_its_side(small, block, dpi))
    for block in islice(_at_the_foot(coarse, millimetre), _MOST_BLOCKS):
        found += ((place,) for place in _upright(small, block, dpi) if place.framed)
    return tuple(found)


def _coarse_ink(small: Picture) -> Picture:
    """Return where ink is, at half the resolution; thin lines of frames stay."""
    high, wide = (side - side % _STEP for side in small.shape[:2])
    grey = darkest_channel(small)[:high, :wide]
    corners = product(range(_STEP), repeat=2)
    darkest = np.minimum.reduce([grey[down::_STEP, across::_STEP] for down, across in corners])
    flat = flatten(np.asarray(darkest, np.uint8))
    return (flat < np.iinfo(np.uint8).max - _DEPTH).astype(np.uint8)


def _turned(coarse: Picture, millimetre: float) -> Iterator[Sequence[int]]:
    """Yield the boxes of tall narrow blocks that stand alone in a margin; points."""
    for side, start in _margins(coarse, millimetre):
        whole = grown(side, round(_BESIDE * millimetre), round(_ABOVE * millimetre))
        for left, top, wide, high in _sized(connected(whole).measures, millimetre):
            inside = side[top : top + high, left : left + wide]
            is_open = left > 0 and left + wide < side.shape[1]
            if is_open and inside.mean() <= _FILLED:
                yield start + left, top, wide, high


def _margins(coarse: Picture, millimetre: float) -> Iterator[tuple[Picture, int]]:
    wide = min(round(2 * _MARGIN * millimetre), coarse.shape[1])
    start = coarse.shape[1] - wide
    yield np.ascontiguousarray(coarse[:, :wide]), 0
    yield np.ascontiguousarray(coarse[:, start:]), start


def _sized(measures: Measures, millimetre: float) -> list[list[int]]:
    wide, high = measures[:, 2] / millimetre, measures[:, 3] / millimetre
    is_fit = (wide >= _TURNED_WIDE[0]) & (wide <= _TURNED_WIDE[1] + _BESIDE)
    is_fit &= (high >= _TURNED_HIGH[0]) & (high <= _TURNED_HIGH[1] + _ABOVE)
    is_fit &= high >= _TALLER * wide
    is_fit[0] = False
    found: list[list[int]] = measures[is_fit, :4].tolist()
    return found


def _at_the_foot(coarse: Picture, millimetre: float) -> Iterator[Sequence[int]]:
    """Yield the boxes of what may be a frame at the left of the lower half; points."""
    top = round(_FOOT_TOP * coarse.shape[0])
    lower = np.ascontiguousarray(coarse[top:])
    measures = connected(lower).measures
    wide, high = measures[:, 2] / millimetre, measures[:, 3] / millimetre
    middle = measures[:, 0] + measures[:, 2] / 2
    is_fit = (wide >= _FOOT_WIDE[0]) & (wide <= _FOOT_WIDE[1])
    is_fit &= (high >= _FOOT_HIGH[0]) & (high <= _FOOT_HIGH[1]) & (wide >= high)
    is_fit &= measures[:, 4] <= _SPARSE * measures[:, 2] * measures[:, 3]
    is_fit &= middle < _FOOT_LEFT * coarse.shape[1]
    is_fit[0] = False
    for x, y, w, h in measures[is_fit, :4].tolist():
        yield x, y + top, w, h


def _piece(small: Picture, block: Sequence[int], dpi: float) -> tuple[Picture, int, int]:
    """Cut a block with the paper around it; return its corner too, points of the copy."""
    around = round(_AROUND * dpi / _MILLIMETRES_PER_INCH)
    left, top, wide, high = (_STEP * side for side in block)
    x, y = max(left - around, 0), max(top - around, 0)
    return small[y : top + high + around, x : left + wide + around], x, y


def _upright(small: Picture, block: Sequence[int], dpi: float) -> Iterator[StampPlace]:
    piece, x, y = _piece(small, block, dpi)
    millimetre = dpi / _MILLIMETRES_PER_INCH
    for place in places_in(measure_ink(piece, dpi), 1.0):
        yield replace(place, x=place.x + x / millimetre, y=place.y + y / millimetre)


def _on_its_side(small: Picture, block: Sequence[int], dpi: float) -> Iterator[StampPlace]:
    """Yield the places of a block that read from its foot to its head."""
    piece, x, y = _piece(small, block, dpi)
    millimetre = dpi / _MILLIMETRES_PER_INCH
    level = np.ascontiguousarray(np.rot90(piece, -1))
    for place in places_in(measure_ink(level, dpi), 1.0):
        yield replace(
            place,
            x=x / millimetre + place.y,
            y=(y + piece.shape[0]) / millimetre - place.x,
            degrees=place.degrees - _QUARTER,
        )


def _about(place: StampPlace) -> StampPlace:
    """Return the place as it is read from its other end."""
    return replace(place, degrees=place.degrees + 2 * _QUARTER)
