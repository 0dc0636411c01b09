"""Black scanner edges: what a scanner sees beyond the sheet, whitened before a page is read.

Tesseract reads such bars as text, and they pull the estimate of the lean.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from digitize.enhance import level_at
from digitize.frames import Picture
from digitize.masks import Mask, connected, enlarged, grown, holding, shrunk
from digitize.model import Box

_SEARCH_DPI = 50.0
# Beyond the sheet a scanner sees its dark lid; faded print is lighter.
_DARK = 110
# A bar is solid for so many points of the small copy (2.5 mm) and runs on for so many (15 mm).
_SOLID, _LONG = 5, 30
# Where so much of a page's height or width is dark, the bar along that side is.
_ALONG_SHARE = 0.2
# What is darker than this share is no scan with edges but a dark page.
_MAX_SHARE = 0.4
# Beyond a bar's fringe (2 mm) the sheet begins at once; a shadow fades slowly. So much of a bar's
# border must be nearer to the paper's light than to the dark.
_BEYOND, _SHARP_SHARE = 4, 0.6
_PAPER_PERCENTILE = 80
# A letterhead printed light on a dark band holds letters; dust and staples are fewer.
_MAX_LETTERS = 5
_LETTER_POINTS = 2
# Rows of letters are lower than this (11 mm).
_LETTER_REACH = 21
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
    mask = _find_bars(small)
    if mask is None:
        return picture, ()
    height, width = picture.shape[:2]
    scale = (width / small.shape[1], height / small.shape[0])
    boxes = tuple(
        (x * scale[0], y * scale[1], right * scale[0], bottom * scale[1])
        for x, y, right, bottom in _sides(mask)
    )
    whitened = picture.copy()
    whitened[enlarged(mask, picture.shape)] = _WHITE
    return whitened, boxes


def _sides(mask: Picture) -> Iterator[tuple[int, int, int, int]]:
    """Return the bar along each side that has one; bars that meet in a corner are two."""
    height, width = mask.shape
    columns, rows = mask.mean(axis=0) >= _ALONG_SHARE, mask.mean(axis=1) >= _ALONG_SHARE
    for is_bar, is_upright in ((columns, True), (rows, False)):
        first, last = _run(is_bar), _run(is_bar[::-1])
        if first:
            yield (0, 0, first, height) if is_upright else (0, 0, width, first)
        if last:
            corner = (width - last, 0) if is_upright else (0, height - last)
            yield (*corner, width, height)


def _run(is_bar: Mask) -> int:
    """Return how many of a row of answers, from its beginning, are yes."""
    return len(is_bar) if is_bar.all() else int(is_bar.argmin())


def _small_grey(picture: Picture, dpi: float) -> Picture:
    # Whole steps: every n-th point costs a tenth of an average, and bars are solid.
    step = max(round(dpi / _SEARCH_DPI), 1)
    small = picture[::step, ::step]
    if small.ndim == 2:
        return np.ascontiguousarray(small)
    return np.maximum(np.maximum(small[:, :, 0], small[:, :, 1]), small[:, :, 2])


def _find_bars(small: Picture) -> Picture | None:
    dark = (small < _DARK).astype(np.uint8)
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
    light = (_DARK + level_at(small, _PAPER_PERCENTILE)) / 2
    for index in np.flatnonzero(is_bar):
        bar = (parts.labels == index).astype(np.uint8)
        is_bar[index] = _is_sharp(bar, small >= light) and not _bears_letters(bar, dark)
    mask = parts.chosen(is_bar)
    if not mask.any() or mask.mean() > _MAX_SHARE:
        return None
    reach = 2 * _FRINGE + 1
    return grown(mask, reach, reach)


def _is_sharp(bar: Picture, is_light: Mask) -> bool:
    """Tell whether the sheet begins where a bar ends, as it does not where a shadow falls."""
    around, fringe = 2 * _BEYOND + 1, 2 * _FRINGE + 1
    border = grown(bar, around, around) > grown(bar, fringe, fringe)
    return not border.any() or bool(is_light[border].mean() >= _SHARP_SHARE)


def _bears_letters(bar: Picture, dark: Picture) -> bool:
    """Tell whether light letters stand in a bar: then it is a printed band, and stays."""
    filled = shrunk(grown(bar, _LETTER_REACH, _LETTER_REACH), _LETTER_REACH) > 0
    light = connected(1 - dark)
    points = light.measures[:, 4]
    inside = np.bincount(light.labels[filled], minlength=len(points)) == points
    inside &= (points >= _LETTER_POINTS) & (light.measures[:, 2:4].max(axis=1) < _LONG)
    inside[0] = False
    return int(inside.sum()) > _MAX_LETTERS
