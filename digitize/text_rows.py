"""Rows of print beside a mark, told by the letters around it: what may lie below the mark."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from digitize.frames import Picture
from digitize.masks import Measures, connected

# Millimetres: letters; how much of them makes a row; how far apart the feet of two rows are.
_LOW, _HIGH, _WIDE, _NARROW = 1.3, 6.5, 12.0, 0.2
_ROW_WIDTH, _ROW_GAP = 2.5, 3.0
# Feet of one row lie within so many pixels.
_SAME_FOOT = 2
# Marks above letters, and what hangs below, in heights of the letters.
_ABOVE, _BELOW = 0.75, 0.45


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRow:
    """A row of print; pixels from the top of the strip."""

    top: int
    """Of the marks above capitals or small letters."""
    head: int
    """Of most letters."""
    foot: int
    """The base line."""
    bottom: int
    """Of what hangs below."""


def find_rows(
    ink: Picture, disc: tuple[float, float, float], millimetre: float
) -> tuple[TextRow, ...]:
    """Return the rows of print beside a disc, from the letters that lie outside of it.

    Args:
        ink: a strip of the page, 1 and 0, wider than the disc.
        disc: centre and radius in pixels.
        millimetre: pixels.
    """
    letters = _letters_outside(ink, disc, millimetre)
    if not len(letters):
        return ()
    top, wide, high = (letters[:, index] for index in (1, 2, 3))
    height = ink.shape[0]
    covered = np.zeros(height + 2)
    np.add.at(covered, top, wide)
    np.add.at(covered, top + high, -wide)
    is_row = (np.cumsum(covered)[:height] >= _ROW_WIDTH * millimetre).astype(np.int8)
    borders = np.flatnonzero(np.diff(np.concatenate([[0], is_row, [0]])))
    rows: list[TextRow] = []
    for first, last in zip(borders[::2], borders[1::2], strict=True):
        inside = letters[(top + high > first) & (top < last)]
        rows.extend(_rows_of(inside, height, millimetre))
    return tuple(sorted(rows, key=lambda row: row.foot))


def _letters_outside(ink: Picture, disc: tuple[float, float, float], millimetre: float) -> Measures:
    parts = connected(ink).measures[1:]
    left, top, wide, high = (parts[:, index] for index in range(4))
    across = disc[0] - np.clip(disc[0], left, left + wide)
    down = disc[1] - np.clip(disc[1], top, top + high)
    is_letter = (high >= _LOW * millimetre) & (high <= _HIGH * millimetre)
    is_letter &= (wide >= _NARROW * millimetre) & (wide <= _WIDE * millimetre)
    is_letter &= np.hypot(across, down) > disc[2]
    return np.asarray(parts[is_letter], dtype=np.int32)


def _rows_of(letters: Measures, height: int, millimetre: float) -> list[TextRow]:
    """Return the rows of letters that touch or overlap: each where many feet stand."""
    tops, feet = letters[:, 1], letters[:, 1] + letters[:, 3]
    standing = _piled(feet, letters[:, 2], height)
    apart = round(_ROW_GAP * millimetre)
    rows = []
    while standing.max() >= _ROW_WIDTH * millimetre:
        foot = int(standing.argmax())
        standing[max(foot - apart, 0) : foot + apart] = 0
        same = np.abs(feet - foot) <= _SAME_FOOT
        head = int(_piled(tops[same], letters[same, 2], height).argmax())
        tall = max(foot - head, 1)
        rows.append(
            TextRow(
                top=round(head - _ABOVE * tall),
                head=head,
                foot=foot,
                bottom=round(foot + _BELOW * tall),
            )
        )
    return rows


def _piled(
    places: npt.NDArray[np.int32], widths: npt.NDArray[np.int32], height: int
) -> npt.NDArray[np.float64]:
    counted = np.bincount(places, weights=widths, minlength=height + 2)
    return np.convolve(counted, np.ones(3), "same")
