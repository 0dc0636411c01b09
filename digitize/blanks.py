"""Is there anything on this page? One of the two signals that call a page blank.

The other is that no word was read. Only where both agree is a page called blank; a blank page is
marked and kept (TT 01/2023/TT-VPCP Art. 8: as many images as pages).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from digitize.frames import Picture

_Cells = npt.NDArray[np.float32]

# Averages of so many pixels a side: noise goes, a comma stays.
_CELL = 4
# Paper is not one white: each tile is compared with its own.
_TILE = 32
_DARKER = 40
# Punch holes, clips and the scanner's edge lie in the margin.
_MARGIN_SHARE = 0.08
# Of 10,000 cells; bleed-through measures 0, a lone page number 5.
_INK_PER_10000 = 1.0
# Of every tenth point at least one is lighter on the darkest paper under a scanner's lamp.
_UNLIT, _LIGHTEST_PERCENT, _APART = 60, 90, 8


def has_ink(picture: Picture) -> bool:
    """Tell whether the central area of a page bears ink, or is all dark.

    Args:
        picture: grey or RGB, any resolution from 100 dpi.
    """
    if is_unlit(picture):
        return True
    cells = _central(_cells(picture))
    if not cells.size:
        return True
    tiles = _tiles(cells)
    paper = np.percentile(tiles, 90, axis=(1, 3), keepdims=True)
    # Where a whole tile is dark, its own brightness is no paper: the page's is.
    paper = np.maximum(paper, np.median(paper))
    dark = int((paper - tiles > _DARKER).sum())
    return dark * 10_000 / tiles.size >= _INK_PER_10000


def is_unlit(picture: Picture) -> bool:
    """Tell whether a page shows no paper at all: the lamp was off, or nothing lay on the glass."""
    sample = picture[::_APART, ::_APART]
    lit = sample.max(axis=2) if sample.ndim == 3 else sample
    return bool(np.percentile(lit, _LIGHTEST_PERCENT) < _UNLIT)


def _cells(picture: Picture) -> _Cells:
    grey = picture.min(axis=2) if picture.ndim == 3 else picture
    height, width = (side - side % _CELL for side in grey.shape[:2])
    blocks = grey[:height, :width].reshape(height // _CELL, _CELL, width // _CELL, _CELL)
    means: _Cells = blocks.mean(axis=(1, 3), dtype=np.float32)
    return means


def _central(cells: _Cells) -> _Cells:
    top, left = (round(side * _MARGIN_SHARE) for side in cells.shape)
    return cells[top : cells.shape[0] - top, left : cells.shape[1] - left]


def _tiles(cells: _Cells) -> _Cells:
    """Cut into tiles; what is left over at the ends is repeated from the edge."""
    missing = [-side % _TILE for side in cells.shape]
    padded = np.pad(cells, ((0, missing[0]), (0, missing[1])), mode="edge")
    rows, columns = padded.shape[0] // _TILE, padded.shape[1] // _TILE
    return padded.reshape(rows, _TILE, columns, _TILE)
