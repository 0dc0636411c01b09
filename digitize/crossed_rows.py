"""Rows of print whose beginning nobody can read: a mark in the same ink may lie across them.

A bare mark on a page in black and white is one ink with the rows that it crosses. No engine reads
it, and no row of letters stands apart; only where the reading breaks off is it to be looked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from digitize.leaning_place import MILLIMETRES_A_POINT, StampPlace
from digitize.model import Box, Line, Word

# Where marks of secrecy stand, shares of the page: a row begins left of the first, between the
# others.
_LEFT, _UPPER, _LOWER = 0.4, 0.08, 0.45
# So badly are words read that something lies on; of the first words of a row so many.
_BADLY, _LETTERS = 0.5, 2
_FIRST, _LEAST = 5, 2
# What a mark takes, points: around the words, at least from the first on, and at most.
_BESIDE, _ABOVE, _BELOW, _LEAST_WIDE, _MOST_WIDE = 8.0, 10.0, 6.0, 100.0, 200.0
_MOST_ROWS = 3


def find_crossed(lines: Sequence[Line], width: float, height: float) -> tuple[StampPlace, ...]:
    """Return the places that are held against the letters of a mark, the highest first.

    Args:
        lines: as read on the whole page; boxes in points.
        width: of the page, points.
        height: of the page, points.
    """
    rows = (
        line
        for line in lines
        if line.box[0] < _LEFT * width and _UPPER * height < line.box[1] < _LOWER * height
    )
    return tuple(map(_place, islice(_heads(rows), _MOST_ROWS)))


def _heads(rows: Iterator[Line]) -> Iterator[Box]:
    """Yield the boxes of beginnings that read badly."""
    for row in rows:
        badly = [word for word in row.words[:_FIRST] if _is_rubbish(word)]
        if len(badly) >= _LEAST:
            first, last = badly[0].box, badly[-1].box
            right = min(max(last[2], first[0] + _LEAST_WIDE), row.box[0] + _MOST_WIDE)
            yield row.box[0], row.box[1], right, row.box[3]


def _is_rubbish(word: Word) -> bool:
    return word.confidence < _BADLY and sum(map(str.isalpha, word.text)) >= _LETTERS


def _place(head: Box) -> StampPlace:
    left, top = head[0] - _BESIDE, head[1] - _ABOVE
    right, bottom = head[2] + _BESIDE, head[3] + _BELOW
    return StampPlace(
        x=(left + right) / 2 * MILLIMETRES_A_POINT,
        y=(top + bottom) / 2 * MILLIMETRES_A_POINT,
        wide=(right - left) * MILLIMETRES_A_POINT,
        high=(bottom - top) * MILLIMETRES_A_POINT,
        degrees=0.0,
        framed=False,
    )
