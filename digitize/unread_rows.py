"""Rows in the upper left that read like nothing though they are as large as print.

An engine reads a page as a whole, and now and then makes nothing of a clean row that stands alone,
as marks of secrecy do. Looked at by itself the same row is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from digitize.layout import height_of, in_one_row, split_at_gaps
from digitize.leaning_place import StampPlace
from digitize.model import Line
from digitize.ocr import make_line

_POINTS_A_MILLIMETRE = 72.0 / 25.4
# Where marks of secrecy stand, shares of the page.
_LEFT_SHARE, _UPPER_SHARE = 0.62, 0.5
# As high as letters are, and as wide as marks, millimetres.
_HIGH, _WIDE = (2.2, 12.0), (9.0, 85.0)
# A row that was read has a word of letters as sure as this; what a pen wrote stands beside such.
_SURE, _LETTERS = 0.6, 2
_MOST_ROWS, _AROUND = 3, 0.35
# A label this near has its value beside it; a long mark is no longer; heights.
_BESIDE, _LONGEST = 3.0, 8.0


def find_unread(lines: Sequence[Line], width: float, height: float) -> tuple[StampPlace, ...]:
    """Return the rows of a page to be looked at by themselves, the highest first.

    Args:
        lines: as read on the whole page; boxes in points.
        width: of the page, points.
        height: of the page, points.
    """
    upper = [line for line in lines if line.box[3] < _UPPER_SHARE * height]
    rows = [row for line in upper for row in split_at_gaps(line)]
    read = [row for row in rows if _is_read(row)]
    unread = [row for row in rows if not _is_read(row) and not _has_label(row, read)]
    found = (row for row in _joined(unread) if _is_fit(row, width))
    return tuple(_place(row, read) for row in islice(found, _MOST_ROWS))


def _joined(rows: Sequence[Line]) -> Iterator[Line]:
    """Yield rows from top to bottom, each with what stands near it on its right."""
    begun: list[Line] = []
    for row in sorted(rows, key=lambda row: row.box[0]):
        at = next((at for at, other in enumerate(begun) if _goes_on(other, row)), None)
        if at is None:
            begun.append(row)
        else:
            begun[at] = make_line([*begun[at].words, *row.words])
    yield from sorted(begun, key=lambda row: row.box[1])


def _goes_on(row: Line, other: Line) -> bool:
    return in_one_row(row, other) and _room(row, other) <= _BESIDE * height_of(row)


def _room(one: Line, other: Line) -> float:
    return other.box[0] - one.box[2]


def _is_fit(row: Line, width: float) -> bool:
    """Tell whether a row has the size and the place of a mark."""
    left, top, right, bottom = (side / _POINTS_A_MILLIMETRE for side in row.box)
    is_fit = _HIGH[0] <= bottom - top <= _HIGH[1] and _WIDE[0] <= right - left <= _WIDE[1]
    is_left = (row.box[0] + row.box[2]) / 2 < _LEFT_SHARE * width
    return is_fit and is_left


def _is_read(row: Line) -> bool:
    return any(
        word.confidence >= _SURE and sum(map(str.isalnum, word.text)) >= _LETTERS
        for word in row.words
    )


def _has_label(row: Line, read: Sequence[Line]) -> bool:
    """Tell whether a row that was read ends right before it: then a pen filled in a form."""
    return any(
        in_one_row(row, other) and 0 <= _room(other, row) <= _BESIDE * height_of(other)
        for other in read
    )


def _place(row: Line, read: Sequence[Line]) -> StampPlace:
    """Return the place of a row, as long as a mark may be where nothing else begins."""
    left, top, right, bottom = row.box
    high = bottom - top
    ends = [other.box[0] - high for other in read if in_one_row(row, other)]
    end = min([left + _LONGEST * high, *(end for end in ends if end > right)])
    wide = max(end, right) - left
    around = 2 * _AROUND * high
    return StampPlace(
        x=(left + wide / 2) / _POINTS_A_MILLIMETRE,
        y=(top + high / 2) / _POINTS_A_MILLIMETRE,
        wide=(wide + around) / _POINTS_A_MILLIMETRE,
        high=(high + around) / _POINTS_A_MILLIMETRE,
        degrees=0.0,
        framed=False,
    )
