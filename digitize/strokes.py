"""Small copies of pages on which letters, rules and strokes are told apart by their size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from digitize.enhance import level_at, shrink
from digitize.frames import Picture
from digitize.masks import Parts, connected, grown, holding, mask_step

# Millimetres: what is longer is no letter, what is straight for so long is a rule.
_LONG, _RULE = 5.0, 10.0
# Half way between the darkest hundredth and white, a little lighter: thin strokes pale when shrunk.
_DARK_PERCENTILE, _LIGHTER, _LIGHTEST = 1.0, 25, 200
_WHITE = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallCopy:
    """The ink of a page, shrunk, and its connected parts."""

    step: int
    """Pixels of the page to one point of the copy."""
    millimetre: float
    """Points of the copy."""
    threshold: int
    """What is darker on the page is ink, 0 to 255."""
    ink: Picture
    """1 where ink is, else 0."""
    parts: Parts
    """Connected parts of the ink; number 0 is the paper."""
    strokes: Picture
    """Ink of the parts that are larger than letters, straight level and upright rules left out."""


def copy_small(grey: Picture, dpi: float) -> SmallCopy:
    """Return the small copy of a level grey page."""
    step = mask_step(dpi)
    small = shrink(grey, step)
    dark = level_at(small[::2, ::2], _DARK_PERCENTILE)
    threshold = min(round((_WHITE + dark) / 2) + _LIGHTER, _LIGHTEST)
    ink = (small < threshold).astype(np.uint8)
    millimetre = dpi / step / 25.4
    parts = connected(ink)
    return SmallCopy(
        step=step,
        millimetre=millimetre,
        threshold=threshold,
        ink=ink,
        parts=parts,
        strokes=_strokes(parts, millimetre),
    )


def _strokes(parts: Parts, millimetre: float) -> Picture:
    is_long = parts.measures[:, 2:4].max(axis=1) >= _LONG * millimetre
    is_long[0] = False
    large = parts.chosen(is_long)
    if not is_long.any():
        return large
    length = round(_RULE * millimetre)
    rules = grown(holding(large, length, 1) | holding(large, 1, length), 3, 3)
    return np.asarray(large & (1 - rules), dtype=np.uint8)
