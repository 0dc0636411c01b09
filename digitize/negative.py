"""Print that is lighter than what it stands on: does a page have any?

The engine reads each line of which it is unsure once more in negative. On a page without dark
ground nothing can come of that, and damaged lines, strokes and rules are read twice for it: 3 % of
a page's cost, 7 % where there are stamps.
"""

from __future__ import annotations

import numpy as np

from digitize.enhance import shrink
from digitize.frames import Picture
from digitize.masks import connected, holding, mask_step

_MILLIMETRES_PER_INCH = 25.4
# Around light print the ground is dark for so much both ways, millimetres; strokes are thinner. All
# of it is longer than stars of seals, punched holes and blots.
_GROUND, _LONG = 1.5, 9.0
# Faded bands, too, are darker; grey paper is not.
_DARK = 176


def has_dark_ground(picture: Picture, dpi: float) -> bool:
    """Tell whether a page is dark somewhere, so that light print may stand there.

    Args:
        picture: grey, its paper white.
        dpi: of the picture.
    """
    step = mask_step(dpi)
    dark = (shrink(picture, step) < _DARK).astype(np.uint8)
    millimetre = dpi / step / _MILLIMETRES_PER_INCH
    side = round(_GROUND * millimetre) | 1
    solid = holding(dark, side, side) > 0
    if not solid.any():
        return False
    parts = connected(dark)
    grounds = np.unique(parts.labels[solid])
    return bool(parts.measures[grounds, 2:4].max() >= _LONG * millimetre)
