"""Round seals, told by their shape: where they lie on a page.

A ring is found by votes: each point of a large stroke names the centres that a circle through it
might have; where many agree, the ink is looked at all around. A ring without anything written
within it is a circle of a drawing and no seal.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import cv2
import numpy as np
import numpy.typing as npt

from digitize.frames import Picture

# Radii of seals in millimetres; NĐ 99/2016 and TT 21/2012/TT-BCA know 15 to 21, old ones 10 to 23.
_LEAST_RADIUS, _LARGEST_RADIUS = 9.0, 24.0
# Strokes are looked at for rings on a copy of half the size.
_STEEP = 120.0
_FEW_POINTS, _FEW_VOTES = 60, 12.0
_MOST_SEALS, _MOST_CANDIDATES = 6, 10
_ANGLES = 120
_TURNS = np.arange(_ANGLES, dtype=np.float32) * np.float32(2 * pi / _ANGLES)
_ACROSS, _DOWN = np.cos(_TURNS), np.sin(_TURNS)
# Of the full turn so much of a ring is inked; at a first look, with the centre still rough, less.
_RING_SHARE, _ROUGH_SHARE = 0.55, 0.3
# A ring stands out from what is just outside it; a dense code is as dark there.
_OUTSIDE_WEIGHT, _LEAST_CONTRAST = 1.2, 0.5
# A disc with more ink than this is a code, or a picture.
_DENSE_SHARE = 0.5
# So many of the directions hold writing between the rings.
_WRITTEN_SHARE = 0.3
_WRITING_FROM, _WRITING_TO = 0.68, 0.88
# A half seal at the border of a page still shows a third of its turn.
_LEAST_SEEN = _ANGLES // 3

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """The outer ring of a seal; points of the copy on which it was found."""

    x: float
    """Its centre."""
    y: float
    radius: float


def find_seals(strokes: Picture, ink: Picture, millimetre: float) -> tuple[Ring, ...]:
    """Return the seals of a page.

    Args:
        strokes: ink of what is larger than letters, 1 and 0.
        ink: all ink.
        millimetre: points.
    """
    votes = _votes(strokes, millimetre)
    if votes is None:
        return ()
    margin = _margin(millimetre)
    found: list[Ring] = []
    for _ in range(_MOST_CANDIDATES):
        _, most, _, (column, row) = cv2.minMaxLoc(votes)
        if most < _FEW_VOTES or len(found) == _MOST_SEALS:
            break
        guess = ((column - margin) * 2 + 0.5, (row - margin) * 2 + 0.5)
        ring = _ring_at(ink, guess, millimetre)
        reach = millimetre * 1.5 if ring is None else ring.radius * 0.45
        cv2.circle(votes, (column, row), round(reach), 0, -1)
        if ring is not None:
            found.append(ring)
    return tuple(found)


def _margin(millimetre: float) -> int:
    return round(_LARGEST_RADIUS * millimetre / 2) + 2


def _votes(strokes: Picture, millimetre: float) -> Picture | None:
    """Return how many points of strokes have their circle's centre at each place."""
    size = (max(strokes.shape[1] // 2, 1), max(strokes.shape[0] // 2, 1))
    half = cv2.resize(strokes * 255, size, interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(half, (0, 0), 1.0)
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    steep = cv2.magnitude(across, down)
    rows, columns = np.nonzero(steep > _STEEP)
    if len(rows) < _FEW_POINTS:
        return None
    margin = _margin(millimetre)
    height, width = size[1] + 2 * margin, size[0] + 2 * margin
    first, last = (round(r * millimetre / 2) for r in (_LEAST_RADIUS, _LARGEST_RADIUS))
    radii = np.concatenate([np.arange(first, last + 1), -np.arange(first, last + 1)])
    radii = radii.astype(np.float32)[:, None]
    x = (across[rows, columns] / steep[rows, columns] * radii + (columns + margin)).astype(np.int32)
    y = (down[rows, columns] / steep[rows, columns] * radii + (rows + margin)).astype(np.int32)
    places = np.clip(y, 0, height - 1) * width + np.clip(x, 0, width - 1)
    counted = np.bincount(places.ravel(), minlength=height * width).astype(np.float32)
    votes = counted.reshape(height, width)
    votes[[0, -1]], votes[:, [0, -1]] = 0, 0  # beyond the margin, clipped to its border
    return np.asarray(cv2.GaussianBlur(votes, (0, 0), 1.2))


def _ring_at(ink: Picture, guess: tuple[float, float], millimetre: float) -> Ring | None:
    least = round(_LEAST_RADIUS * millimetre)
    reach = round(_LARGEST_RADIUS * millimetre) + 3
    if _all_around(ink, guess, reach)[0][least:].max() < _ROUGH_SHARE:
        return None
    centre = guess
    for step in (2.0, 1.0):
        near = [(centre[0] + dx * step, centre[1] + dy * step)
                for dx in (-1, 0, 1) for dy in (-1, 0, 1)]  # fmt: skip
        centre = max(near, key=lambda place: _all_around(ink, place, reach)[0][least:].max())
    inked, rays, seen = _all_around(ink, centre, reach)
    share = inked[least:].max()
    radius = int(np.flatnonzero(inked >= max(0.75 * share, 0.45))[-1]) if share >= 0.45 else 0
    outside = inked[radius + 4 : radius + 8]
    if share < _RING_SHARE or radius < least or not len(outside):
        return None
    if share - _OUTSIDE_WEIGHT * float(outside.mean()) < _LEAST_CONTRAST:
        return None
    between = slice(int(_WRITING_FROM * radius), int(_WRITING_TO * radius))
    if rays[radius // 5 : between.stop].mean() > _DENSE_SHARE:
        return None
    whole = seen[between].all(axis=0)
    written = rays[between].max(axis=0)[whole]
    if not len(written) or written.mean() < _WRITTEN_SHARE:
        return None
    return Ring(x=centre[0], y=centre[1], radius=float(radius))


def _all_around(
    ink: Picture, centre: tuple[float, float], reach: int
) -> tuple[Floats, Picture, npt.NDArray[np.bool_]]:
    """Return the inked share of each radius, the rays from the centre, and what of them is seen.

    A ring of half a point's thickness may fall between two radii: both count.
    """
    radii = np.arange(reach, dtype=np.float32)[:, None]
    x = (centre[0] + radii * _ACROSS).astype(np.float32)
    y = (centre[1] + radii * _DOWN).astype(np.float32)
    seen = (x > -0.5) & (x < ink.shape[1] - 0.5) & (y > -0.5) & (y < ink.shape[0] - 0.5)
    rays = cv2.remap(ink, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT)
    both = np.maximum(rays[:-1], rays[1:])
    count = seen[:-1].sum(axis=1)
    share = np.where(count >= _LEAST_SEEN, both.sum(axis=1) / np.maximum(count, 1), 0.0)
    return share, np.asarray(rays, dtype=np.uint8), seen
