"""What was read on a sheet laid flat, brought back to its place on the photo.

Text stands upright over the photo, for rotated text is torn to letters by those who extract it. A
photo's lines lean each by its own angle; the photo is turned by the middle one, and a line stands
level at the height of its own middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from digitize import enhance, stance
from digitize.frames import Picture
from digitize.images import PageImage
from digitize.model import Box, Line, RecognizedPage
from digitize.photos import Points, Sheet

_POINTS_PER_INCH = 72.0
# Of the flat sheet, where no line says how the text leans.
_MIDDLE = (0.25, 0.5, 0.75, 0.5)


def put_back(
    read: RecognizedPage, flat: PageImage, photo: PageImage, sheet: Sheet
) -> RecognizedPage:
    """Return a page that was read flat as the page of the photo that is kept.

    Args:
        read: the page as it was read.
        flat: the sheet laid flat.
        photo: the page as it came.
        sheet: where the sheet lies on the photo.
    """
    turns = (read.quarter_turns - photo.quarter_turns) % 4
    to_photo = _to_photo(read, flat, sheet, turns)
    upright = _turning(_size(photo.picture), turns) @ to_photo
    size = _turned(_size(photo.picture), turns)
    skew = _middle_lean(read, upright)
    rotation, grown = enhance.rotation(size, skew)
    dpi = sheet.photo_dpi if photo.dpi_is_guess else photo.dpi
    scale = _POINTS_PER_INCH / dpi
    place = np.diag((scale, scale, 1.0)) @ rotation @ upright
    return replace(
        read,
        width=grown[0] * scale,
        height=grown[1] * scale,
        dpi=dpi,
        skew_degrees=skew,
        lines=_moved(read.lines, place),
        overlay=_moved(read.overlay, place),
        marks=tuple(replace(mark, box=_around(mark.box, place)) for mark in read.marks),
        stamps=tuple(replace(stamp, box=_around(stamp.box, place)) for stamp in read.stamps),
        by_hand=tuple(_around(box, place) for box in read.by_hand),
        barcodes=tuple(replace(code, box=_around(code.box, place)) for code in read.barcodes),
    )


def _to_photo(read: RecognizedPage, flat: PageImage, sheet: Sheet, turns: int) -> Points:
    """Return the matrix from points of the page as read to pixels of the photo as it came."""
    size = _size(flat.picture)
    level, _ = enhance.rotation(_turned(size, turns), read.skew_degrees)
    pixels = np.diag((flat.dpi / _POINTS_PER_INCH, flat.dpi / _POINTS_PER_INCH, 1.0))
    lying = np.linalg.inv(level @ _turning(size, turns)) @ pixels
    return np.asarray(np.linalg.inv(sheet.matrix()) @ lying)


def _size(picture: Picture) -> tuple[int, int]:
    return picture.shape[1], picture.shape[0]


def _turned(size: tuple[int, int], turns: int) -> tuple[int, int]:
    return size if turns % 2 == 0 else (size[1], size[0])


def _turning(size: tuple[int, int], turns: int) -> Points:
    """Return the matrix by which `enhance.turn` moves points."""
    width, height = size
    matrices = (
        ((1, 0, 0), (0, 1, 0)),
        ((0, -1, height), (1, 0, 0)),
        ((-1, 0, width), (0, -1, height)),
        ((0, 1, 0), (-1, 0, width)),
    )
    return np.array([*matrices[turns % 4], (0, 0, 1)], dtype=np.float64)


def _middle_lean(read: RecognizedPage, upright: Points) -> float:
    """Return the turn in degrees, counter-clockwise, that levels half of the text or more."""
    boxes = [line.box for line in read.lines] or [_part(read, _MIDDLE)]
    ends = [_mapped(upright, ((b[0], _middle(b)), (b[2], _middle(b)))) for b in boxes]
    leans = np.array([np.degrees(np.arctan2(*(end - start)[::-1])) for start, end in ends])
    widths = np.array([box[2] - box[0] for box in boxes])
    order = np.argsort(leans)
    passed = np.cumsum(widths[order])
    lean = float(leans[order][np.searchsorted(passed, passed[-1] / 2)])
    return 0.0 if abs(lean) < stance.MIN_SKEW_DEGREES else round(lean, 2)


def _part(read: RecognizedPage, shares: Box) -> Box:
    left, top, right, bottom = shares
    return left * read.width, top * read.height, right * read.width, bottom * read.height


def _middle(box: Box) -> float:
    return (box[1] + box[3]) / 2


def _moved(lines: Sequence[Line], place: Points) -> tuple[Line, ...]:
    return tuple(
        Line(
            words=tuple(replace(word, box=_level(word.box, place)) for word in line.words),
            box=_level(line.box, place),
        )
        for line in lines
    )


def _level(box: Box, place: Points) -> Box:
    """Return where a box comes to lie, levelled about its middle, as large as it looks there."""
    left, top, right, bottom = box
    x, y = (left + right) / 2, (top + bottom) / 2
    ends = _mapped(place, ((left, y), (right, y), (x, top), (x, bottom)))
    return float(ends[0, 0]), float(ends[2, 1]), float(ends[1, 0]), float(ends[3, 1])


def _around(box: Box, place: Points) -> Box:
    """Return the box around where a box comes to lie."""
    left, top, right, bottom = box
    corners = _mapped(place, ((left, top), (right, top), (right, bottom), (left, bottom)))
    (first_x, first_y), (last_x, last_y) = corners.min(axis=0), corners.max(axis=0)
    return float(first_x), float(first_y), float(last_x), float(last_y)


def _mapped(matrix: Points, points: Sequence[tuple[float, float]]) -> Points:
    ends = np.column_stack([np.array(points, dtype=np.float64), np.ones(len(points))]) @ matrix.T
    return np.asarray(ends[:, :2] / ends[:, 2:])
