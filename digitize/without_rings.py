"""Ink without rings and star of round seals: what a seal of the same ink lies across shows again.

Circles part a frame into pieces that are none, and a star hides its sides; letters between the
circles hide little of them, and stay.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from digitize.frames import Picture
from digitize.masks import grown, holding
from digitize.model import Box

Floats = npt.NDArray[np.float64]
# The circles of a seal lie between these shares of its radius.
_INNERMOST, _OUTERMOST = 0.5, 1.1
# Of a circle so much is inked, and it is taken off so far to both sides, points.
_RING_SHARE, _BORDER = 0.82, 1
# No line of a frame is so thick, millimetres; stars and emblems are.
_SOLID = 1.7
# Where a seal was found it stands to so many points; circles are looked for around that.
_OFF = 3


def without_rings(ink: Picture, seals: Sequence[Box], millimetre: float) -> Picture:
    """Return ink without the circles of seals.

    Args:
        ink: 1 and 0.
        seals: boxes of the seals, millimetres.
        millimetre: points.
    """
    bare = ink.copy()
    for box in seals:
        _erase(bare, ink, [side * millimetre for side in box])
    side = round(_SOLID * millimetre)
    solid = grown(holding(bare, side, side), 3, 3)
    return np.asarray(bare & (1 - solid), np.uint8)


def _erase(bare: Picture, ink: Picture, seal: Sequence[float]) -> None:
    """Take the circles of one seal off, in place."""
    radius = (seal[2] - seal[0] + seal[3] - seal[1]) / 4
    reach = round(_OUTERMOST * radius) + _OFF
    middle = ((seal[0] + seal[2]) / 2, (seal[1] + seal[3]) / 2)
    left, top = (max(round(at) - reach, 0) for at in middle)
    place = (slice(top, round(middle[1]) + reach), slice(left, round(middle[0]) + reach))
    piece = ink[place]
    if not piece.size:
        return
    rows, columns = np.indices(piece.shape)
    rows, columns = rows + top, columns + left
    centres = (
        (middle[0] + across, middle[1] + down)
        for across in range(-_OFF, _OFF + 1)
        for down in range(-_OFF, _OFF + 1)
    )
    x, y = max(
        centres, key=lambda at: _sharpness(piece, np.hypot(columns - at[0], rows - at[1]), radius)
    )
    far = np.hypot(columns - x, rows - y).astype(np.intp)
    inked = _inked(piece, far)
    is_ring = inked >= _RING_SHARE
    is_ring[: round(_INNERMOST * radius)] = False
    is_ring[round(_OUTERMOST * radius) :] = False
    near = np.convolve(is_ring, np.ones(2 * _BORDER + 1), "same") > 0
    bare[place][near[far]] = 0


def _inked(piece: Picture, far: npt.NDArray[np.intp]) -> Floats:
    return np.bincount(far.ravel(), weights=piece.ravel()) / np.maximum(np.bincount(far.ravel()), 1)


def _sharpness(piece: Picture, far: Floats, radius: float) -> float:
    """Return how clearly circles stand out around a centre."""
    inked = _inked(piece, far.astype(np.intp))
    within = inked[round(_INNERMOST * radius) : round(_OUTERMOST * radius)]
    return float((within**2).sum())
