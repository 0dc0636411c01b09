"""A page in layers: a sharp mask of its ink over coarse pictures of both colours.

Mixed raster content (ISO/IEC 16485) shows letters sharp at a tenth of a scan's size. It is lossy:
for reading and sending, never for keeping. No symbol is ever matched with another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from digitize.enhance import ink_mask, is_coloured, without_dust
from digitize.frames import Picture

Mask = npt.NDArray[np.bool_]
Weights = npt.NDArray[np.uint16]
Sums = npt.NDArray[np.float32]
# Dots of "i" and of tone marks have nine pixels at 200 dpi; noise has one or two.
_DUST_PIXELS_AT_200_DPI = 3
_PAPER_DPI = 75.0
# Ink is one colour over some letters: it is kept coarser than paper by so much.
_INK_COARSER = 2
# Weight of ink by its darkest channel, 255 for black; with a colour it stays within 16 bits.
_DEPTHS = ((256 - np.arange(256)) ** 2 // 257).astype(np.uint16)
# Paper whose darkest block is lighter than this is white.
_WHITE = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """A page taken apart; each layer covers the same area, a little beyond its right and foot."""

    mask: Mask
    """Where there is ink."""
    ink: Picture | None
    """Its colours, coarse, RGB; None where all of it is black or grey, and is drawn black."""
    paper: Picture | None
    """The page without its ink, coarse, RGB or grey; None where it is white."""


def ink_of(picture: Picture, dpi: float) -> Mask:
    """Return where a page has ink, without specks of noise."""
    least = round(_DUST_PIXELS_AT_200_DPI * (dpi / 200) ** 2)
    return without_dust(ink_mask(picture), max(least, 1))


def take_apart(picture: Picture, dpi: float) -> Layers:
    """Split a page into the mask of its ink and two coarse pictures.

    Args:
        picture: the page, RGB.
        dpi: its resolution.
    """
    side = max(round(dpi / _PAPER_DPI), 1)
    whole = _to_whole_squares(picture, side * _INK_COARSER)
    mask = ink_of(whole, dpi)
    coloured = is_coloured(picture)
    shown = whole if coloured else _grey(whole)
    paper = _means(shown, (~_grown(mask)).astype(np.uint16), side)
    return Layers(
        mask=mask,
        ink=_means(shown, _depth(whole, mask), side * _INK_COARSER) if coloured else None,
        paper=None if paper.min() >= _WHITE else _plain(paper),
    )


def _to_whole_squares(picture: Picture, side: int) -> Picture:
    """Repeat the last row and column until squares of a side fill the picture."""
    down, right = (-length % side for length in picture.shape[:2])
    return np.pad(picture, ((0, down), (0, right), (0, 0)), mode="edge")


def _grown(mask: Mask) -> Mask:
    """Widen the ink by a pixel: the edges of letters belong to neither layer."""
    grown = mask.copy()
    grown[1:] |= mask[:-1]
    grown[:-1] |= mask[1:]
    grown[:, 1:] |= mask[:, :-1]
    grown[:, :-1] |= mask[:, 1:]
    return grown


def _grey(picture: Picture) -> Picture:
    grey = picture.mean(axis=2, dtype=np.float32, keepdims=True)
    return np.asarray(grey, dtype=np.uint8)


def _depth(picture: Picture, mask: Mask) -> Weights:
    """Weigh ink by its depth: the soft edges of letters would make them pale."""
    return np.asarray(_DEPTHS[picture.min(axis=2)] * mask, dtype=np.uint16)


def _means(picture: Picture, among: Weights, side: int) -> Picture:
    """Return the weighed mean colour of each square; where nothing has weight, that of nearby.

    One channel after the other: a whole A3 page in floating point would need a gigabyte.
    """
    weights = _sums(among, side)[:, :, None]
    channels = [_sums(picture[:, :, at] * among, side) for at in range(picture.shape[2])]
    totals = np.stack(channels, axis=2)
    known = weights > 0
    if not known.any():
        return np.full(totals.shape, 255, dtype=np.uint8)
    means = np.where(known, totals / np.maximum(weights, 1), 0)
    while not known.all():
        near = _around(known.astype(np.float32))
        means = np.where(known, means, _around(means) / np.maximum(near, 1))
        known = near > 0
    return np.asarray(means.round().clip(0, 255), dtype=np.uint8)


def _sums(values: Weights, side: int) -> Sums:
    """Sum the values of each square."""
    height, width = values.shape
    squares = values.reshape(height // side, side, width // side, side)
    return np.asarray(squares.sum(axis=(1, 3), dtype=np.float32))


def _around(values: Sums) -> Sums:
    """Sum each square with its eight neighbours."""
    padded = np.pad(values, ((1, 1), (1, 1), (0, 0)))
    height, width = values.shape[:2]
    total = np.zeros_like(values)
    for down in range(3):
        for right in range(3):
            total += padded[down : down + height, right : right + width]
    return total


def _plain(picture: Picture) -> Picture:
    return picture[:, :, 0] if picture.shape[2] == 1 else picture
