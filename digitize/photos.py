"""A sheet photographed on a desk: found by its edges, laid flat to be read, its words put back.

The kept picture stays the photo. Only the copy that is read is laid flat; what was read there is
brought back to its place on the photo, turned until the text is as level as a turn can make it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import hypot

import cv2
import numpy as np
import numpy.typing as npt

from digitize import enhance
from digitize.frames import Picture

Points = npt.NDArray[np.float64]
"""Rows of x and y."""

# Long side of the copy on which the sheet is looked for.
_SEARCH_SIDE = 480
# The sheet is what the photo was taken for.
_MIN_AREA_SHARE = 0.35
_MIN_ASPECT, _MAX_ASPECT = 1.15, 1.75
# Corners of a sheet seen from the side; what is sharper is no sheet.
_MIN_ANGLE, _MAX_ANGLE = 60.0, 120.0
# Of a sheet's outline, and of each side of it, so much is really there.
_MIN_FILL = 0.9
_MIN_EDGE_SHARE = 0.6
# Between paper and desk; a hand's shadow is softer, print is no straight line of a page's length.
_EDGE_CONTRAST = 12
# Outer band of the picture in which a desk would lie, and how much of a side's band it then fills.
_BAND_SHARE = 0.015
_MIN_DESK_SHARE = 0.5
_DARKER_THAN_PAPER = 0.75
_OTHER_TINT = 28
# A scanner's dark bars lie along two sides; what has a scanner's resolution must show a desk all
# around before it is taken for a photo.
_MIN_DESK_SIDES, _ALL_SIDES = 3, 4
# How far from the rough side the true one is looked for, points of the small copy.
_REACH = 6
# Sheets on these desks are A4; seen aslant they look shorter.
_A4_RATIO, _A4_LONG_INCHES = 297 / 210, 297 / 25.4
_MIN_A4, _MAX_A4 = 1.25, 1.6
# Finer than this costs the engine time and tells it nothing.
_MAX_READ_DPI = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Where a sheet lies on a photo, and how large it becomes when it is laid flat."""

    corners: tuple[tuple[float, float], ...]
    """Top left, top right, bottom right, bottom left as the photo shows it; pixels."""
    width: int
    """Pixels of the flat copy."""
    height: int
    dpi: float
    """Of the flat copy."""
    photo_dpi: float
    """Of the photo, in the middle of the sheet."""

    def matrix(self) -> Points:
        """Return the homography from the photo's pixels to those of the flat copy."""
        corners = np.array(self.corners, dtype=np.float32)
        target = np.array(
            [(0, 0), (self.width, 0), (self.width, self.height), (0, self.height)],
            dtype=np.float32,
        )
        return np.asarray(cv2.getPerspectiveTransform(corners, target), dtype=np.float64)


def find_sheet(picture: Picture, known_dpi: float | None) -> Sheet | None:
    """Find the one sheet that a photo shows; None where there is no desk around it to tell it by.

    Args:
        picture: grey or RGB, in any quarter turn.
        known_dpi: its resolution; None where the file does not say it and A4 is assumed.
    """
    step = enhance.thumbnail_step(picture, _SEARCH_SIDE)
    sides = _MIN_DESK_SIDES if known_dpi is None else _ALL_SIDES
    if min(picture.shape[:2]) < _SEARCH_SIDE // 4 or not shows_desk(picture[::step, ::step], sides):
        return None
    small = enhance.shrink(picture, step)
    found = [quad for mask in _masks(small) if (quad := _outline(mask)) is not None]
    sure = [quad for quad in found if is_sheet(quad, small, sides)]
    if not sure:
        return None
    rough = max(sure, key=lambda quad: min(_edge_shares(quad, small)))
    return measure_sheet(_refined(rough, small) * step, known_dpi)


def measure_sheet(quad: Points, known_dpi: float | None) -> Sheet:
    """Say how large the sheet of these four corners is when it lies flat."""
    top, right, bottom, left = (float(hypot(*(end - start))) for start, end in _sides(quad))
    wide, high = (top + bottom) / 2, (left + right) / 2
    if known_dpi is None and _MIN_A4 <= max(wide, high) / min(wide, high) <= _MAX_A4:
        # What is longer in the photo was seen less aslant.
        wide, high = (
            (max(wide, high / _A4_RATIO), max(high, wide * _A4_RATIO))
            if high > wide
            else (max(wide, high * _A4_RATIO), max(high, wide / _A4_RATIO))
        )
    dpi = known_dpi or max(wide, high) / _A4_LONG_INCHES
    scale = min(1.0, _MAX_READ_DPI / dpi)
    return Sheet(
        corners=tuple((float(x), float(y)) for x, y in quad),
        width=max(round(wide * scale), 1),
        height=max(round(high * scale), 1),
        dpi=dpi * scale,
        photo_dpi=dpi,
    )


def lay_flat(picture: Picture, sheet: Sheet) -> Picture:
    """Return the sheet alone, as if it had been scanned."""
    flat = cv2.warpPerspective(
        picture,
        sheet.matrix(),
        (sheet.width, sheet.height),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(flat, dtype=np.uint8)


def shows_desk(small: Picture, least: int) -> bool:
    """Tell whether something other than paper lies along so many sides of a picture.

    Cheap, since every page is asked: most are scans that fill the picture.
    """
    height, width = small.shape[:2]
    # Every other point tells as much.
    paper = _paper_colour(small[height // 5 : -height // 5 : 2, width // 5 : -width // 5 : 2])
    band = max(2, round(_BAND_SHARE * max(height, width)))
    sides = (small[:band], small[-band:], small[:, :band], small[:, -band:])
    return sum(_desk_share(side, paper) >= _MIN_DESK_SHARE for side in sides) >= least


def _paper_colour(middle: Picture) -> Points:
    pixels = middle.reshape(-1, middle.shape[2] if middle.ndim == 3 else 1).astype(np.float64)
    light = pixels.mean(axis=1)
    return np.asarray(np.median(pixels[light >= np.median(light)], axis=0))


def _desk_share(side: Picture, paper: Points) -> float:
    pixels = side.reshape(-1, len(paper)).astype(np.float64)
    light = pixels.mean(axis=1)
    darker = light < _DARKER_THAN_PAPER * paper.mean()
    # In shade paper keeps its tint: compared at the same brightness.
    tint = pixels - light[:, None] * (paper / max(paper.mean(), 1.0))
    return float((darker | (np.abs(tint).max(axis=1) > _OTHER_TINT)).mean())


def _masks(small: Picture) -> Iterable[Picture]:
    """Yield guesses of what is paper: brighter, less tinted, unlike the border, within edges."""
    colour = small if small.ndim == 3 else cv2.cvtColor(small, cv2.COLOR_GRAY2RGB)
    smooth = cv2.medianBlur(colour, 5)
    grey = cv2.cvtColor(smooth, cv2.COLOR_RGB2GRAY)
    yield _closed(_otsu(grey))
    lab = cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB).astype(np.float32)
    yield _closed(_otsu(_distance(lab, _border_colour(lab))))
    tint = np.hypot(lab[:, :, 1] - 128, lab[:, :, 2] - 128)
    yield _closed(255 - _otsu(np.clip(tint * 4, 0, 255).astype(np.uint8)))
    edges = cv2.Canny(grey, 20, 60)
    walls = cv2.dilate(edges, np.ones((3, 3), np.uint8))
    yield np.asarray(walls, dtype=np.uint8)


def _otsu(values: cv2.typing.MatLike) -> Picture:
    _, mask = cv2.threshold(values, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return np.asarray(mask, dtype=np.uint8)


def _border_colour(lab: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    band = max(2, round(_BAND_SHARE * max(lab.shape[:2])))
    sides = (lab[:band], lab[-band:], lab[:, :band], lab[:, -band:])
    return np.asarray(np.median(np.concatenate([side.reshape(-1, 3) for side in sides]), axis=0))


def _distance(lab: npt.NDArray[np.float32], colour: npt.NDArray[np.float32]) -> Picture:
    return np.asarray(np.clip(np.linalg.norm(lab - colour, axis=2) * 2, 0, 255), dtype=np.uint8)


def _closed(mask: Picture) -> Picture:
    """Fill the print, then let go of what touches the sheet by a thread."""
    filled = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    return np.asarray(cv2.morphologyEx(filled, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)))


def _outline(mask: Picture) -> Points | None:
    """Return the four corners of the largest thing in a mask, clockwise from the top left."""
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    largest = max(contours, key=cv2.contourArea, default=None)
    if largest is None or cv2.contourArea(largest) < _MIN_AREA_SHARE * mask.size:
        return None
    hull = cv2.convexHull(largest)
    around = cv2.arcLength(hull, True)
    for share in (0.01, 0.02, 0.03, 0.05, 0.08):
        corners = cv2.approxPolyDP(hull, share * around, True)
        if len(corners) == 4:
            quad = _ordered(corners.reshape(4, 2).astype(np.float64))
            whole = cv2.contourArea(quad.astype(np.float32))
            return quad if cv2.contourArea(largest) >= _MIN_FILL * whole else None
    return None


def _ordered(corners: Points) -> Points:
    middle = corners.mean(axis=0)
    turns = np.arctan2(*(corners - middle).T[::-1])
    around = corners[np.argsort(turns)]
    first = int(np.argmin(around.sum(axis=1)))
    return np.asarray(np.roll(around, -first, axis=0))


def is_sheet(quad: Points, small: Picture, least: int) -> bool:
    """Tell whether four corners are those of a sheet seen from above.

    Args:
        quad: the corners.
        small: the picture they were found on.
        least: how many sides must lie within the picture; the sheet may go on beyond the others.
    """
    sides = _sides(quad)
    lengths = [float(np.linalg.norm(end - start)) for start, end in sides]
    if min(lengths) < 1.0:
        return False
    wide, high = (lengths[0] + lengths[2]) / 2, (lengths[1] + lengths[3]) / 2
    has_form = _MIN_ASPECT <= max(wide, high) / min(wide, high) <= _MAX_ASPECT
    has_corners = all(_MIN_ANGLE <= angle <= _MAX_ANGLE for angle in _angles(quad))
    is_inside = sum(not _on_border(quad[[n, (n + 1) % 4]], small) for n in range(4))
    has_edges = min(_edge_shares(quad, small)) >= _MIN_EDGE_SHARE
    return has_form and has_corners and has_edges and is_inside >= least


def _sides(quad: Points) -> list[tuple[Points, Points]]:
    return list(pairwise([*quad, quad[0]]))


def _angles(quad: Points) -> list[float]:
    before, after = np.roll(quad, 1, axis=0) - quad, np.roll(quad, -1, axis=0) - quad
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    cosines = (before * after).sum(axis=1) / np.maximum(lengths, 1e-9)
    return [float(angle) for angle in np.degrees(np.arccos(np.clip(cosines, -1, 1)))]


def _edge_shares(quad: Points, small: Picture) -> list[float]:
    """Return for each side the share of it along which the picture really changes.

    A side on the picture's own border counts whole: the sheet goes on beyond it.
    """
    return [_edge_share(start, end, small) for start, end in _sides(quad)]


def _edge_share(start: Points, end: Points, small: Picture) -> float:
    along = start + np.linspace(0.04, 0.96, 48)[:, None] * (end - start)
    normal = _normal(start, end)
    inside, outside = along + 4 * normal, along - 4 * normal
    height, width = small.shape[:2]
    beyond = ~((outside >= 0).all(axis=1) & (outside < (width, height)).all(axis=1))
    contrast = np.abs(_sampled(small, inside) - _sampled(small, outside)).max(axis=1)
    return float((beyond | (contrast > _EDGE_CONTRAST)).mean())


def _normal(start: Points, end: Points) -> Points:
    """Return the unit vector into the sheet; its corners go clockwise."""
    direction = (end - start) / max(float(np.linalg.norm(end - start)), 1e-9)
    return np.array([-direction[1], direction[0]])


def _sampled(small: Picture, points: Points) -> Points:
    height, width = small.shape[:2]
    columns = np.clip(points[:, 0].round().astype(int), 0, width - 1)
    rows = np.clip(points[:, 1].round().astype(int), 0, height - 1)
    return np.asarray(small[rows, columns].reshape(len(points), -1), dtype=np.float64)


def _refined(quad: Points, small: Picture) -> Points:
    """Move each side to where the picture changes most, and return where the sides then meet."""
    lines = [_fitted(start, end, small) for start, end in _sides(quad)]
    corners = [_crossing(lines[number - 1], lines[number]) for number in range(4)]
    moved = np.asarray(corners)
    is_close = np.abs(moved - quad).max() <= 2 * _REACH
    return moved if is_close else quad


def _fitted(start: Points, end: Points, small: Picture) -> tuple[Points, Points]:
    """Return a point of the true side and its direction."""
    along = start + np.linspace(0.05, 0.95, 40)[:, None] * (end - start)
    normal = _normal(start, end)
    offsets = np.arange(-_REACH, _REACH + 1)
    profiles = np.stack([_sampled(small, along + offset * normal) for offset in offsets])
    # Two points apart, so that an edge that the camera has blurred counts whole.
    change = np.abs(profiles[2:] - profiles[:-2]).max(axis=2)
    best = offsets[1:-1][change.argmax(axis=0)]
    has_edge = change.max(axis=0) > _EDGE_CONTRAST
    points = along + best[:, None] * normal
    if has_edge.sum() < len(points) * _MIN_EDGE_SHARE or _on_border(along, small):
        return start, end - start
    fitted = cv2.fitLine(points[has_edge].astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01)
    direction_x, direction_y, x, y = fitted.ravel().astype(np.float64)
    return np.array([x, y]), np.array([direction_x, direction_y])


def _on_border(points: Points, small: Picture) -> bool:
    height, width = small.shape[:2]
    nearest = np.minimum(points, np.array([width - 1, height - 1]) - points).min(axis=1)
    return bool(np.median(nearest) < 3)


def _crossing(one: tuple[Points, Points], other: tuple[Points, Points]) -> Points:
    (point, direction), (other_point, other_direction) = one, other
    slopes = np.column_stack([direction, -other_direction])
    if abs(np.linalg.det(slopes)) < 1e-9:
        return other_point
    share, _ = np.linalg.solve(slopes, other_point - point)
    return np.asarray(point + share * direction)
