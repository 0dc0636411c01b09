"""What lies on a page besides its print: found, named, and taken off the copy that is read.

Read together with the print, seals and strokes give rubbish and cost the words below them. So they
go before a page is recognised: coloured ink by its colour, black ink by its shape.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from digitize import enhance
from digitize.coloured_ink import fade_coloured_ink
from digitize.edges import whiten_edges
from digitize.frames import Picture
from digitize.lifting import fade_pale_seal, lift_seal
from digitize.masks import connected, enlarged, grown
from digitize.model import Box, Mark, MarkKind
from digitize.pen import find_strokes
from digitize.seals import Ring, find_seals
from digitize.stamp_frames import find_frames
from digitize.strokes import SmallCopy, copy_small

_POINTS_PER_INCH = 72.0
# Millimetres: coloured ink that is nearer belongs to one mark; smaller groups are dirt.
_TOGETHER, _LEAST_GROUP = 2.0, 4.0
# A group that is hardly larger than its seal is nothing else.
_SEAL_SHARE = 1.2
# A pen's group is few strokes, one of them nearly as large as all.
_STROKE_SHARE = 0.6
_WHITE = 255
# Edges are large: they are turned with the page on a copy of this step.
_EDGE_STEP = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Bare:
    """A grey page without black edges and coloured ink; still as it was scanned."""

    picture: Picture
    coloured: bool
    """Coloured ink, or paper, was there."""
    ink: Picture
    """Mask of the coloured ink that was faded, 1 and 0, shrunk by `step`."""
    step: int
    edges: tuple[Box, ...]
    """Pixels."""


def bare(picture: Picture, dpi: float) -> Bare:
    """Take black edges and coloured ink off a page, grey or RGB, before anything is measured."""
    coloured = enhance.is_coloured(picture)
    whitened, edges = whiten_edges(picture, dpi)
    if coloured:
        faded = fade_coloured_ink(whitened, dpi)
        grey, ink, step = faded.picture, faded.ink, faded.step
    else:
        grey, ink, step = enhance.to_grey(whitened), np.zeros((1, 1), np.uint8), 1
    return Bare(picture=grey, coloured=coloured, ink=ink, step=step, edges=edges)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifted:
    """A copy to be read, and the marks that were taken off it; boxes in its pixels."""

    picture: Picture
    marks: tuple[Mark, ...]
    seals: tuple[Ring, ...] = ()
    """The black ones."""


def lift_marks(grey: Picture, dpi: float) -> Lifted:
    """Take black seals and pen strokes off a level grey page; the page itself stays as it is."""
    copy = copy_small(grey, dpi)
    if not copy.strokes.any():
        return Lifted(picture=grey, marks=())
    seals = find_seals(copy.strokes, copy.ink, copy.millimetre)
    pen = find_strokes(copy)
    frames = find_frames(copy.ink, copy.parts, copy.millimetre, level_too=False)
    marks = [
        *(Mark(kind=MarkKind.SEAL, box=_around(ring, copy.step)) for ring in seals),
        *(Mark(kind=MarkKind.STAMP, box=_scaled(box, copy.step)) for box in frames),
        *(
            Mark(kind=MarkKind.PEN, box=_scaled(box, copy.step))
            for box in _boxes(pen, copy)
            if not any(_lies_in(box, ring) for ring in seals)
        ),
    ]
    if not seals and not pen.any():
        return Lifted(picture=grey, marks=tuple(marks))
    lifted = grey.copy()
    whole = tuple(
        Ring(x=ring.x * copy.step, y=ring.y * copy.step, radius=ring.radius * copy.step)
        for ring in seals
    )
    threshold, millimetre = copy.threshold + 20, copy.millimetre * copy.step
    black = tuple(ring for ring in whole if not fade_pale_seal(lifted, ring, threshold, millimetre))
    for ring in black:
        lift_seal(lifted, ring, threshold, millimetre)
    if pen.any():
        lifted[enlarged(pen, grey.shape)] = _WHITE
    return Lifted(picture=lifted, marks=tuple(marks), seals=black)


def name_coloured(ink: Picture, step: int, dpi: float) -> tuple[Mark, ...]:
    """Return the marks that coloured ink makes; boxes in pixels of the page.

    Args:
        ink: mask of coloured ink, 1 and 0, of the level page.
        step: pixels of the page to one point of the mask.
        dpi: of the page.
    """
    if not ink.any():
        return ()
    millimetre = dpi / step / 25.4
    seals = find_seals(ink, ink, millimetre)
    marks = [Mark(kind=MarkKind.SEAL, box=_around(ring, step)) for ring in seals]
    rest = ink.copy()
    for ring in seals:
        place = (round(ring.x), round(ring.y))
        cv2.circle(rest, place, round(_SEAL_SHARE * ring.radius), 0, -1)
    marks += (
        Mark(kind=kind, box=_scaled(box, step)) for kind, box in _named_groups(rest, millimetre)
    )
    return tuple(marks)


def marks_of(bare_page: Bare, turns: int, skew_degrees: float, dpi: float) -> tuple[Mark, ...]:
    """Return edges and coloured marks where they lie on the upright, level copy; its pixels.

    Args:
        bare_page: the page as it was scanned.
        turns: clockwise quarter turns that make it upright.
        skew_degrees: then counter-clockwise.
        dpi: of the page.
    """
    marks = list(name_coloured(_level(bare_page.ink, turns, skew_degrees), bare_page.step, dpi))
    for left, top, right, bottom in bare_page.edges:
        small = np.zeros_like(bare_page.picture[::_EDGE_STEP, ::_EDGE_STEP])
        first, last = int(top) // _EDGE_STEP, int(bottom) // _EDGE_STEP + 1
        small[first:last, int(left) // _EDGE_STEP : int(right) // _EDGE_STEP + 1] = 1
        marks.extend(
            Mark(kind=MarkKind.EDGE, box=_scaled(box, _EDGE_STEP))
            for box in _bounds(_level(small, turns, skew_degrees))
        )
    return tuple(marks)


def _level(mask: Picture, turns: int, skew_degrees: float) -> Picture:
    """Turn a mask as its page is turned; what comes in from outside is empty."""
    turned = enhance.turn(mask, turns)
    if not skew_degrees or not turned.any():
        return turned
    paper = enhance.rotate((1 - turned) * _WHITE, skew_degrees)
    return (paper < _WHITE // 2).astype(np.uint8)


def _bounds(mask: Picture) -> Iterator[Box]:
    for x, y, w, h, _ in connected(mask).measures[1:].tolist():
        yield (float(x), float(y), float(x + w), float(y + h))


def _named_groups(ink: Picture, millimetre: float) -> Iterator[tuple[MarkKind, Box]]:
    reach = round(_TOGETHER * millimetre) | 1
    for x, y, w, h, _ in connected(grown(ink, reach, reach)).measures[1:].tolist():
        if max(w, h) < _LEAST_GROUP * millimetre:
            continue
        box = (float(x), float(y), float(x + w), float(y + h))
        yield _kind_of(ink[y : y + h, x : x + w], millimetre), box


def _kind_of(group: Picture, millimetre: float) -> MarkKind:
    """Tell a stamp, which is letters or has a frame, from strokes of a pen."""
    parts = connected(group)
    if find_frames(group, parts, millimetre, level_too=True):
        return MarkKind.STAMP
    largest = int(parts.measures[1:, 2:4].max(initial=0))
    return MarkKind.PEN if largest >= _STROKE_SHARE * max(group.shape) else MarkKind.STAMP


def _boxes(mask: Picture, copy: SmallCopy) -> Iterator[Box]:
    reach = round(_TOGETHER * copy.millimetre) | 1
    for left, top, right, bottom in _bounds(grown(mask, reach, reach)):
        if max(right - left, bottom - top) >= _LEAST_GROUP * copy.millimetre:
            yield (left, top, right, bottom)


def _lies_in(box: Box, ring: Ring) -> bool:
    """Tell whether what was taken for a stroke is a piece of a seal."""
    reach = _SEAL_SHARE * ring.radius
    corners = ((box[0], box[1]), (box[2], box[3]))
    return all(abs(x - ring.x) <= reach and abs(y - ring.y) <= reach for x, y in corners)


def _around(ring: Ring, step: int) -> Box:
    return _scaled(
        (ring.x - ring.radius, ring.y - ring.radius, ring.x + ring.radius, ring.y + ring.radius),
        step,
    )


def _scaled(box: Box, factor: float) -> Box:
    return (box[0] * factor, box[1] * factor, box[2] * factor, box[3] * factor)


def in_points(mark: Mark, dpi: float) -> Mark:
    """Return a mark of pixels in points."""
    return replace(mark, box=_scaled(mark.box, _POINTS_PER_INCH / dpi))
