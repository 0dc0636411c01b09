"""Black scanner edges: what a scanner sees beyond the sheet, whitened before a page is read.

Tesseract reads such bars as text, and they pull the estimate of the lean.
"""

from __future__ import annotations

import numpy as np

from digitize.frames import Picture
from digitize.masks import connected, enlarged, grown, holding
from digitize.model import Box

_SEARCH_DPI = 50.0
# Beyond the sheet a scanner sees its dark lid; faded print is lighter.
_DARK = 110
# A bar is solid for so many points of the small copy (2 mm) and runs on for so many (15 mm).
_SOLID, _LONG = 4, 30
# What is darker than this share is no scan with edges but a dark page.
_MAX_SHARE = 0.4
# Bars are ragged: so many points around them go too (1 mm).
_FRINGE = 2
_WHITE = 255


def whiten_edges(picture: Picture, dpi: float) -> tuple[Picture, tuple[Box, ...]]:
    """Whiten the dark bars that touch the border of a page.

    Args:
        picture: the page, grey or RGB.
        dpi: its resolution.

    Returns:
        The page, the very same one where it has no bars; and the places of the bars in pixels.
    """
    small = _small_grey(picture, dpi)
    mask = _find_bars((small < _DARK).astype(np.uint8))
    if mask is None:
        return picture, ()
    height, width = picture.shape[:2]
    scale = (width / small.shape[1], height / small.shape[0])
    boxes = tuple(
        (x * scale[0], y * scale[1], (x + w) * scale[0], (y + h) * scale[1])
        for x, y, w, h, _ in connected(mask).measures[1:].tolist()
    )
    whitened = picture.copy()
    whitened[enlarged(mask, picture.shape)] = _WHITE
    return whitened, boxes


def _small_grey(picture: Picture, dpi: float) -> Picture:
    # Whole steps: every n-th point costs a tenth of an average, and bars are solid.
    step = max(round(dpi / _SEARCH_DPI), 1)
    small = picture[::step, ::step]
    return np.ascontiguousarray(small if small.ndim == 2 else small.max(axis=2))


def _find_bars(dark: Picture) -> Picture | None:
    border = (dark[0], dark[-1], dark[:, 0], dark[:, -1])
    if max(int(side.sum()) for side in border) < _LONG:
        return None
    # The outside counts as dark, so that a thin bar at the border is solid too.
    padded = np.pad(dark, _LONG, constant_values=1)
    solid = holding(padded, _SOLID, _SOLID)[_LONG:-_LONG, _LONG:-_LONG]
    parts = connected(np.ascontiguousarray(solid))
    height, width = dark.shape
    left, top, wide, high = (parts.measures[:, index] for index in range(4))
    touches = (left == 0) | (top == 0) | (left + wide == width) | (top + high == height)
    is_bar = touches & (np.maximum(wide, high) >= _LONG)
    is_bar[0] = False
    mask = is_bar.astype(np.uint8)[parts.labels]
    if not mask.any() or mask.mean() > _MAX_SHARE:
        return None
    reach = 2 * _FRINGE + 1
    return grown(mask, reach, reach)
