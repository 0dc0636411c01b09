"""Masks of a page, 1 and 0: their connected parts, and how they grow and shrink."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from digitize.frames import Picture

Measures = npt.NDArray[np.int32]
"""Rows of left, top, width, height and number of points."""
Mask = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.int32] | npt.NDArray[np.uint16]
SMALL_DPI = 100.0
"""About the resolution of masks: letters are told from strokes there at a quarter of the cost."""
# Sixteen bits number so many parts, at half the memory and less than half the time.
_FEW_RUNS = 60_000
_BAND_ROWS = 256
# What fills more than this share of a page is looked at whole.
_MOST_OF_IT = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The connected parts of a mask; number 0 is what is empty."""

    labels: Labels
    """The number of each point's part."""
    measures: Measures

    def chosen(self, is_wanted: Mask) -> Picture:
        """Return the mask of some of the parts, 1 and 0."""
        table = is_wanted.astype(np.uint8)
        chosen = np.empty(self.labels.shape, np.uint8)
        # numpy widens the numbers that it looks up to eight bytes each: a band at a time.
        for top in range(0, len(self.labels), _BAND_ROWS):
            band = slice(top, top + _BAND_ROWS)
            np.take(table, self.labels[band], out=chosen[band], mode="clip")
        return chosen


def mask_step(dpi: float) -> int:
    """Return how many pixels of a page one point of its masks stands for."""
    return max(round(dpi / SMALL_DPI), 1)


def connected(mask: Picture, *, corners: bool = True) -> Parts:
    """Return the parts of a mask.

    Args:
        mask: 1 and 0.
        corners: points join that touch by a corner only.
    """
    left, top, wide, high = cv2.boundingRect(mask)
    if wide * high > _MOST_OF_IT * mask.size:
        return _connected(mask, corners=corners)
    # Marks fill a corner of a page: only there is anything to be joined. Parts are numbered by
    # squares of two points, so the numbers stay the same.
    x, y = left - left % 2, top - top % 2
    place = (slice(y, max(top + high, 1)), slice(x, max(left + wide, 1)))
    inner = _connected(mask[place], corners=corners)
    labels: Labels = np.zeros(mask.shape, inner.labels.dtype)
    labels[place] = inner.labels
    measures = inner.measures + np.array([x, y, 0, 0, 0], np.int32)
    measures[0] = 0, 0, mask.shape[1], mask.shape[0], mask.size - measures[1:, 4].sum()
    return Parts(labels=labels, measures=measures)


def _connected(mask: Picture, *, corners: bool) -> Parts:
    # Each part begins at least one run of a row, so runs bound the numbers that are needed.
    runs = np.count_nonzero(mask[:, 1:] > mask[:, :-1]) + mask.shape[0]
    is_few = runs < _FEW_RUNS
    _, labels, measures, _ = cv2.connectedComponentsWithStats(
        mask, connectivity=8 if corners else 4, ltype=cv2.CV_16U if is_few else cv2.CV_32S
    )
    return Parts(
        labels=np.asarray(labels, np.uint16) if is_few else np.asarray(labels, np.int32),
        measures=np.asarray(measures, dtype=np.int32),
    )


def grown(mask: Picture, wide: int, high: int) -> Picture:
    """Grow a mask over a box around each of its points."""
    return np.asarray(cv2.dilate(mask, np.ones((high, wide), np.uint8)), dtype=np.uint8)


def shrunk(mask: Picture, side: int) -> Picture:
    """Take from a mask what is nearer to its rim than half a square's side."""
    return np.asarray(cv2.erode(mask, np.ones((side, side), np.uint8)), dtype=np.uint8)


def holding(mask: Picture, wide: int, high: int) -> Picture:
    """Return what of a mask a box fits into: long rules, solid bars."""
    box = np.ones((high, wide), np.uint8)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, box), dtype=np.uint8)


def enlarged(mask: Picture, shape: tuple[int, ...]) -> Mask:
    """Return a mask as large as a picture of that shape."""
    size = (shape[1], shape[0])
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST) > 0)
