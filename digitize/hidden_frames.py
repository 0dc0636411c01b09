"""Frames of stamps that something round or square lies on: a seal in the same ink, or a code.

The rings of a seal cut a frame into pieces; of a paler frame on a code only what shows between its
modules is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from digitize.framed_places import find_crossed_frames, find_insides
from digitize.frames import Picture
from digitize.ink_layers import MeasuredInk
from digitize.leaning_place import Ink, StampPlace
from digitize.model import Box
from digitize.without_rings import without_rings

# What a seal or a code lies on reaches so far beyond it, millimetres: to both sides, up and down.
_BESIDE, _ABOVE = 50.0, 14.0
# Ink is darker than paper by so much; that of seals has so much more colour.
_PALE_DEPTH, _TINTED = 25, 10
# Where a mark may stand, share of the width.
_LEFT_SHARE = 0.62


def find_below_seal(half: MeasuredInk, seal: Box) -> Iterator[StampPlace]:
    """Yield the frames that one seal lies on.

    Args:
        half: the ink of the upper half of a page.
        seal: its box, millimetres.
    """
    if not _is_there(half, seal):
        return
    masks = [(half.depth > _PALE_DEPTH).astype(np.uint8)]
    if half.colour is not None:
        masks.append((half.colour > _TINTED).astype(np.uint8))
    for ink in masks:
        near = _near(ink, seal, half.millimetre)
        bare = without_rings(near, [seal], half.millimetre)
        yield from find_insides(bare, half.millimetre)
        yield from find_crossed_frames(near, half.millimetre, bare)


def find_on_code(half: MeasuredInk, code: Box) -> Iterator[StampPlace]:
    """Yield the frames, paler than print, that one code lies on.

    Args:
        half: the ink of the upper half of a page.
        code: its box, millimetres.
    """
    if not _is_there(half, code):
        return
    ink = (half.depth > _PALE_DEPTH).astype(np.uint8)
    near, paler = (_near(layer, code, half.millimetre) for layer in (ink, half.paler(_PALE_DEPTH)))
    for place in find_crossed_frames(near, half.millimetre, paler):
        yield replace(place, ink=Ink.PALE)


def _is_there(half: MeasuredInk, box: Box) -> bool:
    """Tell whether the middle of a box lies where marks stand."""
    high, wide = (side / half.millimetre for side in half.depth.shape)
    across, down = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return bool(across <= _LEFT_SHARE * wide and down <= high)


def _near(ink: Picture, box: Box, millimetre: float) -> Picture:
    """Return the ink on a box and around it; empty elsewhere."""
    left, top = max(box[0] - _BESIDE, 0.0), max(box[1] - _ABOVE, 0.0)
    right, foot = box[2] + _BESIDE, box[3] + _ABOVE
    across = slice(round(left * millimetre), round(right * millimetre))
    down = slice(round(top * millimetre), round(foot * millimetre))
    near = np.zeros_like(ink)
    near[down, across] = ink[down, across]
    return near
