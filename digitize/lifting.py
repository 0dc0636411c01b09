"""Lifting the ink of a black seal from the print below it.

Colour cannot help on a black-and-white scan, so shape must: the rings go where no stroke of a
letter crosses them, the writing between the rings goes unless it stands on a row of print, solid
stars go, and so does everything that lies beside the rows of print.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import cv2
import numpy as np
import numpy.typing as npt

from digitize.frames import Picture
from digitize.masks import Mask, Measures, connected, grown
from digitize.seals import Ring
from digitize.text_rows import TextRow, find_rows

# Millimetres: how far beside a seal print tells of rows, and how much above and below it.
_BESIDE, _BEYOND, _RIM = 45.0, 6.0, 0.6
# Rings are thinner, stars thicker than this.
_RING_THICKNESS, _SOLID = 1.6, 1.3
# The centre of a ring found on the small copy is off by less than this; each fit looks closer.
_FIT_REACHES = (1.2, 0.9, 0.7, 0.5, 0.5)
_FEW_POINTS = 50
# Of a ring's radius, seals are out of round by less in all.
_BENT = 0.3
# A ring shows in so many directions, and in so many more than the radii beside it.
_RING_SHARE, _RING_CONTRAST = 0.4, 0.15
_RINGS_FROM = 0.45
# Parts with so much of their ink between the rings, or within them, do not cross a ring.
_WITHIN_SHARE = 0.85
# So much paler than print beside it is the ink of a coloured seal, grey levels. The darkest part of
# print tells how dark that is; where a ring passes, print that it crosses is darker than it.
_PALER, _DARK_PERCENT, _RING_PERCENT = 36.0, 10, 40
_WHITE = 255

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Disc:
    """The surroundings of a seal; all arrays have the crop's shape, but the last two."""

    ink: Picture
    """1 and 0."""
    distance: Floats
    """From the centre, in pixels of a ring that is drawn round."""
    direction: npt.NDArray[np.int32]
    """Row of `unrolled`."""
    radius: float
    millimetre: float
    unrolled: Picture
    """The ink, a row for each direction, a column for each distance."""
    seen: Floats
    """Share of the directions that lie on the page, for each distance."""


def lift_seal(page: Picture, ring: Ring, threshold: int, millimetre: float) -> None:
    """Whiten a seal's ink, in place.

    Args:
        page: a level grey page.
        ring: the outer ring, pixels of the page.
        threshold: what is darker is ink.
        millimetre: pixels.
    """
    across, beyond = ring.radius + _BESIDE * millimetre, ring.radius + _BEYOND * millimetre
    left, right = _between(ring.x, across, page.shape[1])
    top, bottom = _between(ring.y, beyond, page.shape[0])
    strip = (page[top:bottom, left:right] < threshold).astype(np.uint8)
    place = (ring.x - left, ring.y - top, ring.radius + 0.5 * millimetre)
    rows = find_rows(strip, place, millimetre)
    first, last = _between(ring.x, ring.radius + 1.5 * millimetre, page.shape[1])
    ink = np.ascontiguousarray(strip[:, first - left : last - left])
    disc = _lay_out(ink, (ring.x - first, ring.y - top), ring.radius, millimetre)
    crop = page[top:bottom, first:last]
    kept = _kept_print(disc, rows)
    rim = grown(kept.astype(np.uint8), 3, 3) > 0
    inside = disc.distance <= disc.radius + _RIM * millimetre
    crop[inside & ~kept & ~(rim & (ink == 0))] = _WHITE


def fade_pale_seal(page: Picture, ring: Ring, threshold: int, millimetre: float) -> bool:
    """Whiten a seal that is paler than the print, in place; coloured ones are on grey scans.

    Args:
        page: a level grey page.
        ring: the outer ring, pixels of the page.
        threshold: what is darker is ink.
        millimetre: pixels.

    Returns:
        Whether it was: a seal as dark as the print stays, and its shape must tell.
    """
    top, bottom = _between(ring.y, ring.radius + _BEYOND * millimetre, page.shape[0])
    left, right = _between(ring.x, ring.radius + _BESIDE * millimetre, page.shape[1])
    crop = page[top:bottom, left:right]
    rows, columns = np.ogrid[: crop.shape[0], : crop.shape[1]]
    away = np.hypot(rows - (ring.y - top), columns - (ring.x - left))
    is_ring = np.abs(away - ring.radius) < _RING_THICKNESS * millimetre
    own = crop[is_ring & (crop < threshold)]
    beside = crop[(away > ring.radius + 2 * _RIM * millimetre) & (crop < threshold)]
    if min(own.size, beside.size) < _FEW_POINTS:
        return False
    dark = float(np.percentile(beside, _DARK_PERCENT))
    pale = float(np.percentile(own, _RING_PERCENT))
    if pale - dark < _PALER:
        return False
    # As far as the ring's own ink reaches, and what was pressed harder stays far from black.
    inside = away <= ring.radius + _RIM * millimetre
    spread = (crop[inside].astype(np.float32) - dark) / (pale - _PALER / 4 - dark)
    crop[inside] = np.clip(spread * _WHITE, 0, _WHITE).astype(np.uint8)
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """A page with black seals on it."""

    picture: Picture
    """Grey, level, with all its marks."""
    lifted: Picture
    """The same, its marks taken off."""
    seals: tuple[Ring, ...]
    """Pixels."""
    dpi: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SealOdds:
    """How likely a seal has ink, around it."""

    place: tuple[slice, slice]
    """Rows and columns of the page."""
    inside: Mask
    """Of that place, what lies within the outer ring."""
    odds: npt.NDArray[np.float32]
    """0 to 1, for each point of the place."""


def seal_odds(ink: Picture, ring: Ring, millimetre: float) -> SealOdds:
    """Tell how likely a seal has ink at each point: as often as at the same distance all around.

    Args:
        ink: the level page, 1 and 0.
        ring: the outer ring, pixels.
        millimetre: pixels.
    """
    top, bottom = _between(ring.y, ring.radius + _BEYOND * millimetre, ink.shape[0])
    first, last = _between(ring.x, ring.radius + 1.5 * millimetre, ink.shape[1])
    crop = np.ascontiguousarray(ink[top:bottom, first:last])
    disc = _lay_out(crop, (ring.x - first, ring.y - top), ring.radius, millimetre)
    share = disc.unrolled.sum(axis=0) / np.maximum(disc.seen * disc.unrolled.shape[0], 1)
    # Rings are seldom quite round.
    beside = np.maximum(np.roll(share, 1), np.roll(share, -1))
    share = np.clip(np.maximum(share, 0.9 * beside), 0.06, 0.95)
    # A ring that is bent far from round has points that no circle reaches.
    column = np.clip(np.rint(disc.distance), 0, len(share) - 1).astype(np.int32)
    odds = share[column]
    odds[grown(_solid(disc), 3, 3) > 0] = 0.97
    return SealOdds(
        place=(slice(top, bottom), slice(first, last)),
        inside=np.asarray(disc.distance <= disc.radius + _RIM * millimetre),
        odds=odds.astype(np.float32),
    )


def _solid(disc: _Disc) -> Picture:
    """Return the stars, and whatever else is thicker than print."""
    size = int(_SOLID * disc.millimetre)
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.asarray(cv2.morphologyEx(disc.ink, cv2.MORPH_OPEN, brush), dtype=np.uint8)


def _between(middle: float, reach: float, end: int) -> tuple[int, int]:
    return max(int(middle - reach), 0), min(int(middle + reach) + 1, end)


def _lay_out(ink: Picture, centre: tuple[float, float], radius: float, millimetre: float) -> _Disc:
    """Measure a seal closely: rings are seldom quite round, nor their centres quite known."""
    outline = _fit_outline(ink, centre, radius, millimetre)
    count = round(2 * pi * radius)
    turns = np.arange(count, dtype=np.float64) * (2 * pi / count)
    shape = _waves(turns) @ outline
    shape /= outline[0]
    reach = int(outline[0] + 1.5 * millimetre)
    rays = np.arange(reach)[None, :] * shape[:, None]
    across = (centre[0] + rays * np.cos(turns)[:, None]).astype(np.float32)
    down = (centre[1] + rays * np.sin(turns)[:, None]).astype(np.float32)
    rows, columns = np.indices(ink.shape)
    angle = np.arctan2(rows - centre[1], columns - centre[0])
    direction = np.rint(angle % (2 * pi) / (2 * pi) * count).astype(np.int32) % count
    seen = cv2.remap(np.ones_like(ink), across, down, cv2.INTER_NEAREST)
    return _Disc(
        ink=ink,
        distance=np.hypot(rows - centre[1], columns - centre[0]) / shape[direction],
        direction=direction,
        radius=float(outline[0]),
        millimetre=millimetre,
        unrolled=np.asarray(cv2.remap(ink, across, down, cv2.INTER_NEAREST), dtype=np.uint8),
        seen=np.asarray(seen.mean(axis=0), dtype=np.float64),
    )


def _waves(turns: Floats) -> Floats:
    """Return what a centre slightly off, and an oval, add to a radius in each direction."""
    return np.stack(
        [np.ones_like(turns), np.cos(turns), np.sin(turns), np.cos(2 * turns), np.sin(2 * turns)],
        axis=1,
    )


def _fit_outline(
    ink: Picture, centre: tuple[float, float], radius: float, millimetre: float
) -> Floats:
    rows, columns = np.nonzero(ink)
    across, down = columns - centre[0], rows - centre[1]
    distance = np.hypot(across, down)
    near = np.abs(distance - radius) < 2 * _FIT_REACHES[0] * millimetre
    angle = np.asarray(np.arctan2(down[near], across[near]), dtype=np.float64)
    distance, waves = distance[near], _waves(angle)
    outline = np.array([radius, 0.0, 0.0, 0.0, 0.0])
    for reach in _FIT_REACHES:
        close = np.abs(distance - waves @ outline) < reach * millimetre
        if close.sum() < _FEW_POINTS:
            break
        fitted = np.linalg.lstsq(waves[close], distance[close], rcond=None)[0]
        if abs(fitted[0] - radius) + np.abs(fitted[1:]).sum() > _BENT * radius:
            break  # what is left of the ring is a short arc, which any shape fits
        outline = fitted
    return np.asarray(outline, dtype=np.float64)


def _kept_print(disc: _Disc, rows: tuple[TextRow, ...]) -> Mask:
    """Return the ink that is taken for print."""
    rings = _find_rings(disc)
    erased = _ring_ink(disc, rings)[disc.direction, np.minimum(
        np.rint(disc.distance).astype(np.int32), disc.unrolled.shape[1] - 1)] > 0  # fmt: skip
    erased |= grown(_solid(disc), 3, 3) > 0
    left = ((disc.ink > 0) & ~erased).astype(np.uint8)
    in_rows = np.zeros((disc.ink.shape[0], 1), np.bool_)
    for row in rows:
        in_rows[max(row.top - 1, 0) : row.bottom + 2] = True
    return np.asarray((left > 0) & in_rows & ~_ring_writing(disc, rings, left, rows))


def _find_rings(disc: _Disc) -> list[tuple[int, int]]:
    """Return the first and last radius of each ring."""
    count = disc.unrolled.shape[0]
    share = disc.unrolled.sum(axis=0) / np.maximum(disc.seen * count, 1)
    reach = int(1.2 * disc.millimetre)
    rings: list[tuple[int, int]] = []
    for radius in range(int(_RINGS_FROM * disc.radius), len(share) - 1):
        beside = float(np.median(share[max(radius - reach, 0) : radius + reach]))
        if share[radius] < max(_RING_SHARE, beside + _RING_CONTRAST):
            continue
        if rings and radius - rings[-1][1] <= 2:
            rings[-1] = (rings[-1][0], radius)
        else:
            rings.append((radius, radius))
    return [ring for ring in rings if ring[1] - ring[0] <= _RING_THICKNESS * disc.millimetre]


def _ring_ink(disc: _Disc, rings: list[tuple[int, int]]) -> Picture:
    """Return the ink of the rings, unrolled; where a stroke crosses a ring, it stays."""
    erased = np.zeros_like(disc.unrolled)
    last = erased.shape[1] - 1
    for start, end in rings:
        low, high = max(start - 2, 2), min(end + 2, last - 2)
        inner = disc.unrolled[:, low - 2 : low].max(axis=1)
        outer = disc.unrolled[:, high + 1 : high + 3].max(axis=1)
        # A slanting stroke comes in at one direction and leaves at another.
        spread = max(3, high - low) // 2 | 1
        near = [grown(side[:, None], 1, spread)[:, 0] for side in (inner, outer)]
        crossed = near[0] & near[1] & (inner | outer)
        erased[:, low : high + 1] |= disc.unrolled[:, low : high + 1] & (1 - crossed)[:, None]
    return erased


def _ring_writing(
    disc: _Disc, rings: list[tuple[int, int]], ink: Picture, rows: tuple[TextRow, ...]
) -> Mask:
    """Return the parts between the rings that do not stand on a row of print."""
    radius = disc.radius
    outer = min((first for first, _ in rings if first > 0.8 * radius), default=0.92 * radius)
    inner = max((last for _, last in rings if last < 0.78 * radius), default=0.6 * radius)
    parts = connected(ink)
    between = (disc.distance > inner) & (disc.distance <= outer)
    within = np.bincount(parts.labels[between], minlength=len(parts.measures))
    is_writing = within >= _WITHIN_SHARE * parts.measures[:, 4]
    is_writing &= ~_stands_on_row(parts.measures, rows)
    is_writing[0] = False
    return np.asarray(is_writing[parts.labels], dtype=np.bool_)


def _stands_on_row(parts: Measures, rows: tuple[TextRow, ...]) -> Mask:
    top, high, wide = parts[:, 1], parts[:, 3], parts[:, 2]
    bottom = top + high
    standing = np.zeros(len(parts), np.bool_)
    for row in rows:
        tall = max(row.foot - row.head, 4)
        inside = (top >= row.top - 2) & (bottom <= row.bottom + 2)
        standing |= inside & (np.abs(bottom - row.foot) <= 2) & (high >= 0.75 * tall)
        standing |= inside & (np.abs(top - row.head) <= 2) & (bottom > row.foot)
        standing |= inside & (wide >= 2.2 * tall) & (high >= 0.8 * tall)
    return standing
