"""What can be done to the copy of a page that is read; the kept picture is never touched."""

from __future__ import annotations

from math import ceil, cos, floor, radians, sin

import cv2
import numpy as np
import numpy.typing as npt

from digitize.frames import Picture
from digitize.masks import connected

_COLOUR_SIDE = 1000
_COLOUR_SPREAD = 40
_COLOUR_SHARE = 0.0005
_WAYS = (None, cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_COUNTERCLOCKWISE)
# Of every channel that a picture may have.
WHITE = (255, 255, 255)
_INK_DEPTH = 40
# The noise of a scanner's sensor stays below this.
_SPECK_DEPTH = 20
# A page of text has ink on more of its points than this. Two points apart, sharp print changes by
# all of its contrast, print that no engine can read by a quarter.
_INK_PERCENT, _SHARPEST_PERCENT, _SOFT_SHARE = 2, 99.9, 0.3
_HALF = 50.0


def limit_threads() -> None:
    """Make OpenCV use one thread: pages are read side by side, and its threads would wait."""
    cv2.setNumThreads(1)


def turn(picture: Picture, quarter_turns: int) -> Picture:
    """Turn a picture clockwise by quarter turns."""
    way = _WAYS[quarter_turns % 4]
    return picture if way is None else np.asarray(cv2.rotate(picture, way), dtype=np.uint8)


def stretch(picture: Picture, factors: tuple[float, float]) -> Picture:
    """Widen and heighten a picture; one and one leave it as it is."""
    if factors == (1.0, 1.0):
        return picture
    size = (round(picture.shape[1] * factors[0]), round(picture.shape[0] * factors[1]))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def is_coloured(picture: Picture) -> bool:
    """Tell whether a picture has coloured ink or paper, not merely scanner tint."""
    if picture.ndim == 2:
        return False
    first, second, third = cv2.split(thumbnail(picture, _COLOUR_SIDE))
    most = cv2.max(cv2.max(first, second), third)
    least = cv2.min(cv2.min(first, second), third)
    return bool((cv2.subtract(most, least) > _COLOUR_SPREAD).mean() > _COLOUR_SHARE)


def flatten(grey: Picture) -> Picture:
    """Divide by the paper's own brightness, so that shadows and tints become white."""
    height, width = grey.shape
    background = cv2.resize(paper_of(grey), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(grey, background, scale=255), dtype=np.uint8)


def paper_of(grey: Picture, step: int = 4) -> Picture:
    """Return a picture of the paper without its print, smaller by a whole number."""
    small = shrink(grey, step)
    # So wide that letters of 14 points at 200 dpi vanish.
    reach = 28 // step
    lightest = cv2.dilate(small, np.ones((reach, reach), np.uint8))
    return np.asarray(cv2.medianBlur(lightest, 3 * reach | 1), dtype=np.uint8)


def smooth(grey: Picture, sigma: float) -> Picture:
    """Take the finest noise away; sigma in points of the picture."""
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), sigma), dtype=np.uint8)


def sharpen(grey: Picture, sigma: float, amount: float) -> Picture:
    """Draw soft edges hard: what differs from its surroundings differs `amount` times as much."""
    soft = cv2.GaussianBlur(grey, (0, 0), sigma)
    return np.asarray(cv2.addWeighted(grey, amount, soft, 1.0 - amount, 0), dtype=np.uint8)


def level_at(picture: Picture, percent: float) -> float:
    """Return the level below which so much of a grey picture lies, as numpy's `percentile` does.

    Counted rather than sorted: there are but 256 levels.
    """
    counts = np.asarray(cv2.calcHist([picture], [0], None, [256], [0, 256]), dtype=np.int64)
    counted = np.cumsum(counts.ravel())
    rank = percent / 100 * (int(counted[-1]) - 1)
    below, above = np.searchsorted(counted, (floor(rank), ceil(rank)), side="right")
    return float(below + (above - below) * (rank % 1))


def grain(grey: Picture) -> Picture:
    """Return how much each point differs from what its neighbours foretell (J. Immerkær, 1996)."""
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)
    return np.asarray(cv2.convertScaleAbs(cv2.filter2D(grey, cv2.CV_16S, kernel)), dtype=np.uint8)


def is_out_of_focus(grey: Picture) -> bool:
    """Tell whether a page bears ink but not a single sharp edge; a blank page is not meant."""
    contrast = level_at(grey, _HALF) - level_at(grey, _INK_PERCENT)
    if contrast < _INK_DEPTH or min(grey.shape) < 3:
        return False
    steps = np.asarray(cv2.absdiff(grey[:, 2:], grey[:, :-2]), dtype=np.uint8)
    return level_at(steps, _SHARPEST_PERCENT) < _SOFT_SHARE * contrast


def rotate(grey: Picture, degrees: float) -> Picture:
    """Rotate counter-clockwise about the centre; the sheet grows so that no corner is cut off."""
    matrix, size = rotation((grey.shape[1], grey.shape[0]), degrees)
    # Cubic steps read no better (10 leaning pages: 0.68 and 0.59 errors in a hundred letters) and
    # take three times as long.
    turned = cv2.warpAffine(grey, matrix[:2], size, flags=cv2.INTER_LINEAR, borderValue=WHITE)
    return np.asarray(turned, dtype=np.uint8)


def rotation(
    size: tuple[int, int], degrees: float
) -> tuple[npt.NDArray[np.float64], tuple[int, int]]:
    """Return the matrix by which `rotate` moves points, and the size of the grown sheet.

    Args:
        size: width and height of the picture.
        degrees: counter-clockwise.
    """
    width, height = size
    c, s = abs(cos(radians(degrees))), abs(sin(radians(degrees)))
    grown = (ceil(width * c + height * s), ceil(width * s + height * c))
    matrix = np.eye(3)
    matrix[:2] = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    matrix[:2, 2] += (grown[0] - width) / 2, (grown[1] - height) / 2
    return matrix, grown


def thumbnail_step(picture: Picture, side: int) -> int:
    """Return by which whole number a picture shrinks to about so many pixels a side."""
    long_side: int = max(picture.shape[:2])
    return max(round(long_side / side), 1)


def thumbnail(picture: Picture, side: int) -> Picture:
    """Shrink a picture to about so many pixels a side."""
    return shrink(picture, thumbnail_step(picture, side))


def shrink(picture: Picture, step: int) -> Picture:
    """Shrink by a whole number, which is many times faster; rests of squares are left out."""
    if step == 1:
        return picture
    height, width = (max(side // step, 1) for side in picture.shape[:2])
    whole = picture[: height * step, : width * step]
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def to_grey(picture: Picture) -> Picture:
    """Return a picture without its colours."""
    if picture.ndim == 2:
        return picture
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def ink_mask(picture: Picture) -> npt.NDArray[np.bool_]:
    """Mark the pixels that are darker than the paper around them: text, stamps, pen, lines."""
    return flatten(to_grey(picture)) < 255 - _INK_DEPTH


def ink_depth(picture: Picture) -> Picture:
    """Return how much darker than the paper around it each pixel is, 0 to 255; specks left out."""
    flat = flatten(to_grey(picture))
    return np.asarray(cv2.subtract(np.full_like(flat, 255 - _SPECK_DEPTH), flat), dtype=np.uint8)


def without_dust(mask: npt.NDArray[np.bool_], least_pixels: int) -> npt.NDArray[np.bool_]:
    """Clear the spots of fewer pixels; strokes of pens and letters stay whole."""
    parts = connected(mask.astype(np.uint8))
    kept = parts.measures[:, 4] >= least_pixels
    kept[0] = False  # the paper
    return parts.chosen(kept) > 0
