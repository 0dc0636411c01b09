"""A page as it looks through coloured glass: ink of the glass's colour is gone, and the rest stays.

A seal that is pressed across the frame of a stamp hides it from whoever looks at all ink at once,
and from whoever looks at coloured ink alone where the frame is black. Through red glass a red seal
is paper; a black or a blue frame below it is as dark as before.
"""

from __future__ import annotations

import cv2
import numpy as np

from digitize.frames import Picture
from digitize.leaning_place import Ink
from digitize.masks import Mask, connected

# Ink is hardly ever as light as paper in its own channel: so much of its colour is added to it.
_OWN = 0.8
# What has so much more of a channel than of its least one is ink of that colour; so much of it,
# square millimetres, hides something.
_COLOURED, _HIDES = 40, 25.0
# It hangs together across so many points, and is so wide and high, millimetres.
_TOGETHER, _HIGH = 5, 7.0
_WHITE = 255
_CHANNELS = {Ink.BUT_RED: 0, Ink.BUT_BLUE: 2}


def seen_through(white: Picture, ink: Ink) -> Picture:
    """Return how light each point is without ink of a colour.

    Args:
        white: RGB, as on white paper.
        ink: which ink is left.
    """
    least = np.asarray(cv2.min(cv2.min(white[..., 0], white[..., 1]), white[..., 2]), np.uint8)
    lightest = _channel(white, ink)
    colour = cv2.subtract(lightest, least)
    return np.asarray(cv2.addWeighted(lightest, 1.0, colour, _OWN, 0.0), np.uint8)


def _channel(white: Picture, ink: Ink) -> Picture:
    at = _CHANNELS.get(ink)
    if at is not None:
        return np.ascontiguousarray(white[..., at])
    return np.asarray(cv2.max(white[..., 0], white[..., 2]), np.uint8)


def what_hides(white: Picture, millimetre: float) -> tuple[Ink, ...]:
    """Return the ways to look past coloured ink that may hide something; none on most pages.

    Args:
        white: RGB, as on white paper.
        millimetre: points.
    """
    least = np.asarray(cv2.min(cv2.min(white[..., 0], white[..., 1]), white[..., 2]), np.uint8)
    red, blue = white[..., 0], white[..., 2]
    found = tuple(
        ink
        for ink, own, other in ((Ink.BUT_RED, red, blue), (Ink.BUT_BLUE, blue, red))
        if _is_large((cv2.subtract(own, least) > _COLOURED) & (own > other), millimetre)
    )
    return (*found, Ink.BLACK) if len(found) > 1 else found


def _is_large(ink: Mask, millimetre: float) -> bool:
    """Tell whether some ink hangs together as seals and stamps do, and words of a pen do not."""
    if np.count_nonzero(ink) < _HIDES * millimetre**2:
        return False
    box = np.ones((_TOGETHER, _TOGETHER), np.uint8)
    joined = np.asarray(cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_CLOSE, box), np.uint8)
    measures = connected(joined).measures[1:]
    return bool((measures[:, 2:4].min(axis=1) >= _HIGH * millimetre).any())
