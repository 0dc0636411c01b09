"""Find free places for signature blocks in the upper corners of a page's picture.

The agency's belongs at the top right (NĐ 30/2020/NĐ-CP Phụ lục I, TT 05/2025/TT-BNV Art. 8.1), the
one of who copied at the top left (TT 01/2023/TT-VPCP Art. 8); what is written there already, a QR
code above all, is never covered (Art. 26).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from digitize.frames import Picture
from digitize.model import Box

_POINTS_PER_MM = 72 / 25.4
_STEP_POINTS = 3.0
# Scanner noise leaves spots up to this size, square points; a full stop of a letter is larger.
_DUST_SQUARE_POINTS = 3.0
# Spots this near to each other are print: dotted lines to write on, letters gone pale.
_TOGETHER_POINTS = 3.0
# Print is read better with a letter's width of paper around it.
_MARGIN_POINTS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """Where at an upper corner a block may stand."""

    corner: Literal["left", "right"]
    width_mm: float
    height_mm: float
    edge_mm: float
    """Smallest distance from the page's edges."""


class FreePlaces:
    """What is free on a page; a place that is taken is free no more.

    Args:
        picture: the page as a reader sees it, upright.
        dpi: its resolution.
        taken: boxes that are never covered whatever their ink (words, QR codes), points.
    """

    def __init__(self, picture: Picture, dpi: float, taken: Iterable[Box] = ()) -> None:
        self._dpi = dpi
        self._mask = _ink_of(picture, dpi)
        for box in taken:
            _fill(self._mask, box, dpi)
        self._sums = _sums_of(self._mask)

    def find(self, size: tuple[float, float], zone: Zone) -> Box | None:
        """Return the free place nearest to the zone's corner; None where there is none.

        Args:
            size: width and height of the block, points.
            zone: where it may stand.
        """
        height, width = self._mask.shape
        # Drawing rounds a page up to whole pixels: the last one may lie outside.
        page = ((width - 1) * 72 / self._dpi, (height - 1) * 72 / self._dpi)
        boxes = _places(page, size, zone)
        return next((box for box in boxes if not _has_ink(self._sums, box, self._dpi)), None)

    def take(self, box: Box) -> None:
        """Let nothing else stand on a place."""
        _fill(self._mask, box, self._dpi)
        self._sums = _sums_of(self._mask)


def _sums_of(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    sums = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), dtype=np.int64)
    sums[1:, 1:] = mask.cumsum(axis=0).cumsum(axis=1)
    return sums


def _ink_of(picture: Picture, dpi: float) -> npt.NDArray[np.bool_]:
    """Return where ink is, lone spots left out."""
    # Loaded by who looks at pages: servers of the pages know blocks, and lay none.
    from digitize.enhance import ink_mask
    from digitize.masks import connected, grown

    mask = ink_mask(picture)
    side = max(round(_TOGETHER_POINTS * dpi / 72), 3)
    labels = connected(grown(mask.astype(np.uint8), side, side)).labels
    ink = np.bincount(labels[mask], minlength=int(labels.max()) + 1)
    kept = ink >= _DUST_SQUARE_POINTS * (dpi / 72) ** 2
    return mask & kept[labels]


def _fill(mask: npt.NDArray[np.bool_], box: Box, dpi: float) -> None:
    left, top, right, bottom = (max(round(value * dpi / 72), 0) for value in box)
    mask[top:bottom, left:right] = True


def _places(page: tuple[float, float], size: tuple[float, float], zone: Zone) -> Iterator[Box]:
    """Yield the places of a zone, the nearest to the corner first; height counts double."""
    edge = zone.edge_mm * _POINTS_PER_MM
    width, height = size
    downs = np.arange(
        0.0, max(zone.height_mm * _POINTS_PER_MM - height - edge, 0.0) + 0.1, _STEP_POINTS
    )
    asides = np.arange(
        0.0, max(zone.width_mm * _POINTS_PER_MM - width - edge, 0.0) + 0.1, _STEP_POINTS
    )
    order = sorted((2 * down + aside, down, aside) for down in downs for aside in asides)
    for _, down, aside in order:
        left = edge + aside if zone.corner == "left" else page[0] - edge - aside - width
        top = edge + down
        if left >= edge and left + width <= page[0] - edge and top + height <= page[1] - edge:
            yield float(left), float(top), float(left + width), float(top + height)


def _has_ink(sums: npt.NDArray[np.int64], box: Box, dpi: float) -> bool:
    scale = dpi / 72
    left = max(int((box[0] - _MARGIN_POINTS) * scale), 0)
    top = max(int((box[1] - _MARGIN_POINTS) * scale), 0)
    right = min(int((box[2] + _MARGIN_POINTS) * scale) + 1, sums.shape[1] - 1)
    bottom = min(int((box[3] + _MARGIN_POINTS) * scale) + 1, sums.shape[0] - 1)
    ink = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    return bool(ink)
