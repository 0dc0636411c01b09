"""Words of coloured stamps, which the copy that is read has lost.

Marks of secrecy, urgency and arrival are stamped in red (NĐ 30/2020/NĐ-CP Phụ lục I, NĐ
26/2020/NĐ-CP). Stamps alone are read, all of a page in one pass; in its upper half, where marks of
secrecy stand, whatever is coloured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from digitize.enhance import stretch
from digitize.frames import Picture
from digitize.masks import grown
from digitize.model import Box, Line, Mark, MarkKind
from digitize.ocr import make_line

_POINTS_PER_INCH = 72.0
# Stamped letters are small, and soft in JPEG.
_SCALE = 2
# Points: smaller than three stamped letters; white around what is cut out.
_LEAST_WIDE, _LEAST_HIGH, _MARGIN = 20.0, 9.0, 6.0
# Ink has more colour than this, paper less; so little of it is dirt.
_COLOURED, _LEAST_SHARE = 50, 0.01
# Where marks of secrecy stand, they are looked for under seals and among strokes too.
_UPPER_SHARE = 0.5
_WHITE = 255

Reader = Callable[[Picture, float], tuple[Line, ...]]
"""Reads words wherever they stand: a grey picture and its resolution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """Ink cut out of a page."""

    picture: Picture
    """Black on white, `_SCALE` times as large."""
    left: float
    """Where it was, points."""
    top: float


def may_be_stamps(marks: Iterable[Mark], height: float) -> tuple[Box, ...]:
    """Return the places of a page that must be looked at for stamped words.

    Args:
        marks: of the page, points.
        height: of the page, points.
    """
    return tuple(
        mark.box
        for mark in marks
        if mark.kind is MarkKind.STAMP
        or (mark.kind is not MarkKind.EDGE and mark.box[1] < _UPPER_SHARE * height)
    )


def read_stamps(
    picture: Picture, boxes: Iterable[Box], dpi: float, read: Reader
) -> tuple[Line, ...]:
    """Read what is stamped in colour; boxes in points.

    Args:
        picture: the level page, RGB.
        boxes: where stamps may be, points.
        dpi: of the picture.
        read: the engine.
    """
    cuts = [cut for box in boxes if (cut := _cut_out(picture, box, dpi)) is not None]
    if not cuts:
        return ()
    gap = round(_MARGIN * dpi / _POINTS_PER_INCH)
    starts = np.cumsum([gap, *(cut.picture.shape[0] + gap for cut in cuts)]).tolist()
    sheet = np.full((starts[-1], max(cut.picture.shape[1] for cut in cuts)), _WHITE, np.uint8)
    for cut, start in zip(cuts, starts, strict=False):
        sheet[start : start + cut.picture.shape[0], : cut.picture.shape[1]] = cut.picture
    scale = _POINTS_PER_INCH / (dpi * _SCALE)
    lines = read(sheet, dpi * _SCALE)
    return tuple(
        _put_back(line, cut, start * scale)
        for cut, (start, end) in zip(cuts, pairwise(starts), strict=True)
        for line in lines
        if start * scale <= (line.box[1] + line.box[3]) / 2 < end * scale
    )


def _cut_out(picture: Picture, box: Box, dpi: float) -> _Cut | None:
    if box[2] - box[0] < _LEAST_WIDE or box[3] - box[1] < _LEAST_HIGH:
        return None
    scale = dpi / _POINTS_PER_INCH
    left, top = (max(round((side - _MARGIN) * scale), 0) for side in box[:2])
    right, bottom = (round((side + _MARGIN) * scale) for side in box[2:])
    crop = picture[top:bottom, left:right]
    coloured = (crop.max(axis=2) - crop.min(axis=2) > _COLOURED).astype(np.uint8)
    if not coloured.size or coloured.mean() < _LEAST_SHARE:
        return None
    near = grown(coloured, 7, 7) > 0
    darkest = crop.min(axis=2).astype(np.float64)
    dark, light = np.percentile(darkest[near], (5, 90))
    stretched = np.clip((darkest - dark) / max(light - dark, 1.0) * _WHITE, 0, _WHITE)
    alone = np.where(near, stretched, _WHITE).astype(np.uint8)
    return _Cut(picture=stretch(alone, (_SCALE, _SCALE)), left=left / scale, top=top / scale)


def _put_back(line: Line, cut: _Cut, start: float) -> Line:
    """Bring a line from the sheet of cuts to its place on the page."""
    return make_line(
        [
            replace(
                word,
                box=(
                    word.box[0] + cut.left,
                    word.box[1] - start + cut.top,
                    word.box[2] + cut.left,
                    word.box[3] - start + cut.top,
                ),
            )
            for word in line.words
        ]
    )
