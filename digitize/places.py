"""Find a free place for the signature block at the top right of a page's picture.

NĐ 30/2020/NĐ-CP Phụ lục I and TT 05/2025/TT-BNV Art. 8.1 want it there; what is written there
already, a QR code above all, is never covered (TT 01/2023/TT-VPCP Art. 26).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from digitize.enhance import ink_mask
from digitize.frames import Picture
from digitize.masks import connected, grown
from digitize.model import Box

_POINTS_PER_MM = 72 / 25.4
_STEP_POINTS = 3.0
# Scanner noise leaves spots up to this size, square points; a full stop of a letter is larger.
_DUST_SQUARE_POINTS = 3.0
# Spots this near to each other are print: dotted lines to write on, letters gone pale.
_TOGETHER_POINTS = 3.0
_MARGIN_POINTS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """Where at the top right the block may stand."""

    width_mm: float
    height_mm: float
    edge_mm: float
    """Smallest distance from the page's edges."""


def find_free_box(
    picture: Picture, dpi: float, size: tuple[float, float], zone: Zone, taken: Iterable[Box] = ()
) -> Box | None:
    """Return the free place nearest to the top right corner, or None where a person must decide.

    Args:
        picture: the page as a reader sees it, upright.
        dpi: its resolution.
        size: width and height of the block, points.
        zone: where it may stand.
        taken: boxes that are never covered whatever their ink (words, QR codes), points.
    """
    mask = _without_lone_spots(ink_mask(picture), dpi)
    for box in taken:
        _fill(mask, box, dpi)
    sums = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), dtype=np.int64)
    sums[1:, 1:] = mask.cumsum(axis=0).cumsum(axis=1)
    # Drawing rounds a page up to whole pixels: the last one may lie outside.
    page = ((mask.shape[1] - 1) * 72 / dpi, (mask.shape[0] - 1) * 72 / dpi)
    for box in _places(page, size, zone):
        if not _has_ink(sums, box, dpi):
            return box
    return None


def _without_lone_spots(mask: npt.NDArray[np.bool_], dpi: float) -> npt.NDArray[np.bool_]:
    side = max(round(_TOGETHER_POINTS * dpi / 72), 3)
    labels = connected(grown(mask.astype(np.uint8), side, side)).labels
    ink = np.bincount(labels[mask], minlength=int(labels.max()) + 1)
    kept = ink >= _DUST_SQUARE_POINTS * (dpi / 72) ** 2
    return mask & kept[labels]


def _fill(mask: npt.NDArray[np.bool_], box: Box, dpi: float) -> None:
    left, top, right, bottom = (max(round(value * dpi / 72), 0) for value in box)
    mask[top:bottom, left:right] = True


def _places(page: tuple[float, float], size: tuple[float, float], zone: Zone) -> list[Box]:
    """List the places of a zone, the nearest to the corner first; height counts double."""
    edge = zone.edge_mm * _POINTS_PER_MM
    width, height = size
    downs = np.arange(
        0.0, max(zone.height_mm * _POINTS_PER_MM - height - edge, 0.0) + 0.1, _STEP_POINTS
    )
    lefts = np.arange(
        0.0, max(zone.width_mm * _POINTS_PER_MM - width - edge, 0.0) + 0.1, _STEP_POINTS
    )
    order = sorted((2 * down + left, down, left) for down in downs for left in lefts)
    boxes = []
    for _, down, left in order:
        right, top = page[0] - edge - left, edge + down
        if right - width >= edge and top + height <= page[1] - edge:
            boxes.append((float(right - width), float(top), float(right), float(top + height)))
    return boxes


def _has_ink(sums: npt.NDArray[np.int64], box: Box, dpi: float) -> bool:
    scale = dpi / 72
    left = max(int((box[0] - _MARGIN_POINTS) * scale), 0)
    top = max(int((box[1] - _MARGIN_POINTS) * scale), 0)
    right = min(int((box[2] + _MARGIN_POINTS) * scale) + 1, sums.shape[1] - 1)
    bottom = min(int((box[3] + _MARGIN_POINTS) * scale) + 1, sums.shape[0] - 1)
    ink = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    return bool(ink)
