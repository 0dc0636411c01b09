"""Places where a mark may stand alone: turned in a margin, at the foot, right of the head.

Ordinary pages have nothing there: a coarse look at the whole page finds that, and only around what
stands alone is ink measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, product

import numpy as np

from digitize.enhance import flatten
from digitize.frames import Picture
from digitize.ink_layers import darkest_channel, measure_ink
from digitize.leaning_place import StampPlace, in_millimetres
from digitize.masks import Measures, connected, grown
from digitize.model import Box, Line
from digitize.stamp_places import places_in

_MILLIMETRES_PER_INCH = 25.4
# The coarse look: points of the copy, and how much darker than paper.
_STEP, _DEPTH = 2, 40
# What stands in one block: nearer than this beside and above one another, millimetres.
_BESIDE, _ABOVE = 2.0, 4.0
# A mark on its side, millimetres; how much taller than wide; how much of its box is inked at most.
_TURNED_WIDE, _TURNED_HIGH, _TALLER, _FILLED = (3.0, 26.0), (9.0, 95.0), 1.2, 0.75
# The middle of it lies so near to the border of the page, millimetres.
_MARGIN = 24.0
# A mark at the foot, millimetres; its ink; the head, and where frames stand, shares of the page.
_FOOT_WIDE, _FOOT_HIGH, _SPARSE = (8.0, 110.0), (3.0, 45.0), 0.6
_HEAD, _FOOT_LEFT, _FOOT_TOP = 0.15, 0.62, 0.5
# Its letters and its frame stand no further apart beside and above one another, millimetres.
_LETTERS_APART, _ROWS_APART = 6.0, 3.0
# Letters alone have so much paper around, millimetres, but for so many points of dirt.
_ALONE, _SPECKS = 3.0, 6
# A word that was read is so sure, and has so many letters.
_SURE, _LETTERS = 0.6, 2
_MOST_BLOCKS, _MOST_AT_FOOT, _AROUND = 3, 5, 2.5
_QUARTER = 90.0

Ways = tuple[StampPlace, ...]
"""The ways in which one place may be read."""


def find_outlying(
    small: Picture, dpi: float, lines: Sequence[Line] = (), codes: Sequence[Box] = ()
) -> tuple[Ways, ...]:
    """Return where a mark may stand turned in a margin, or in the lower half apart from print.

    Args:
        small: the level page, grey or RGB, at about `masks.SMALL_DPI`.
        dpi: of that copy.
        lines: what was read on the whole page; boxes in points.
        codes: boxes of codes that were read, points.
    """
    millimetre = dpi / _STEP / _MILLIMETRES_PER_INCH
    if min(small.shape[:2]) < _STEP * millimetre * _TURNED_WIDE[0]:
        return ()  # no mark has room there
    coarse = _coarse_ink(small)
    known = [*_well_read(lines), *codes]
    found: list[Ways] = []
    for block in islice(_turned(coarse, millimetre), _MOST_BLOCKS):
        found += ((place, _about(place)) for place in _on_its_side(small, block, dpi))
    for block, is_alone in islice(_apart_from_print(coarse, known, millimetre), _MOST_AT_FOOT):
        places = _upright(small, block, dpi)
        found += ((place,) for place in places if place.framed or is_alone)
    return tuple(found)


def _well_read(lines: Sequence[Line]) -> Iterator[Box]:
    """Yield the boxes of words that need no second look, points."""
    for line in lines:
        for word in line.words:
            if word.confidence >= _SURE and sum(map(str.isalnum, word.text)) >= _LETTERS:
                yield word.box


def _without(coarse: Picture, boxes: Iterable[Box], millimetre: float) -> Picture:
    """Return coarse ink without what lies in boxes; those in points."""
    rest = coarse.copy()
    for box in boxes:
        left, top, right, bottom = (round(side * millimetre) for side in in_millimetres(box))
        rest[max(top - 1, 0) : bottom + 2, max(left - 1, 0) : right + 2] = 0
    return rest


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


def _apart_from_print(
    coarse: Picture, known: Iterable[Box], millimetre: float
) -> Iterator[tuple[Sequence[int], bool]]:
    """Yield the boxes of what may be a mark, points, and whether it is alone.

    At the right of the head, or in the lower half; those nearest to head or foot come first:
    signatures stand above the foot.
    """
    high, wide = coarse.shape
    head, left, top = round(_HEAD * high), round(_FOOT_LEFT * wide), round(_FOOT_TOP * high)
    unread = _without(coarse, known, millimetre)
    unread[head:top] = 0
    unread[:head, :left] = 0
    joined = grown(unread, round(_LETTERS_APART * millimetre), round(_ROWS_APART * millimetre))
    measures = connected(joined).measures
    across, down = measures[:, 2] / millimetre, measures[:, 3] / millimetre
    is_fit = (across >= _FOOT_WIDE[0]) & (across <= _FOOT_WIDE[1] + _LETTERS_APART)
    is_fit &= (down >= _FOOT_HIGH[0]) & (down <= _FOOT_HIGH[1] + _ROWS_APART) & (across >= down)
    is_fit[0] = False
    blocks: list[list[int]] = measures[is_fit, :4].tolist()
    for x, y, w, h in sorted(blocks, key=lambda box: min(box[1], high - box[1] - box[3])):
        is_sparse = unread[y : y + h, x : x + w].mean() <= _SPARSE
        is_alone = _is_alone(coarse, (x, y, w, h), round(_ALONE * millimetre))
        if is_sparse and (is_alone or x + w / 2 < left):
            yield (x, y, w, h), is_alone


def _is_alone(coarse: Picture, block: Sequence[int], around: int) -> bool:
    """Tell whether there is paper around a block: signatures stand between print."""
    left, top, wide, high = block
    x, y = max(left - around, 0), max(top - around, 0)
    all_ink = coarse[y : top + high + around, x : left + wide + around].sum()
    return bool(all_ink - coarse[top : top + high, left : left + wide].sum() <= _SPECKS)


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
