"""The ink of a page's upper half, parted as people part it: by colour, and by how pale it is.

What is stamped over print is read apart from it where it is of another colour, or paler.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from digitize import enhance
from digitize.frames import Picture
from digitize.leaning_place import Ink
from digitize.model import Box
from digitize.seen_through import seen_through, what_hides

_MILLIMETRES_PER_INCH = 25.4
_UPPER_SHARE = 0.5
# Ink is darker than the paper around it by so much in its darkest channel.
INK_DEPTH = 60
# A stamp pressed lightly is paler than this share of the page's print; what is darker is print, and
# so is the soft border of its letters, points.
PALER, _BORDER = 0.78, 3
_PRINT_PERCENT = 90
# The print of a page that has faded is no darker.
_FADED = 170.0
_WHITE = 255
# Print across letters of another ink cuts them by so many points at most.
_CUT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredInk:
    """The ink of a part of a page, shrunk."""

    depth: Picture
    """How much darker than the paper around, 0 to 255."""
    colour: Picture | None
    """How much more colour than the paper, as on white paper; None for a page without."""
    millimetre: float
    """Points."""
    white: Picture | None = None
    """The picture itself, as on white paper; None for a page without colour."""
    codes: tuple[Box, ...] = ()
    """Codes that were read, millimetres of that part: their modules are no letters."""

    @property
    def print_depth(self) -> float:
        """How dark the print is, 0 to 255."""
        inked = self.depth[self.depth > INK_DEPTH]
        return enhance.level_at(inked[:, None], _PRINT_PERCENT) if inked.size else 0.0

    def past_colours(self, share: float) -> Iterator[tuple[Ink, Picture]]:
        """Yield the left share of that part without ink of each colour that may hide something."""
        if self.white is None:
            return
        left = self.white[:, : round(share * self.white.shape[1])]
        for ink in what_hides(left, self.millimetre):
            yield ink, np.asarray(_WHITE - enhance.flatten(seen_through(left, ink)), np.uint8)

    def faded(self, colour: float) -> float:
        """Return how much of a colour a page still shows that has faded, print and all."""
        return colour * self.print_depth / _WHITE if self.print_depth < _FADED else colour

    def paler(self, least: int) -> Picture:
        """Return the mask of the ink that is paler than print, and darker than `least`."""
        printed = (self.depth > PALER * self.print_depth).astype(np.uint8)
        around = cv2.dilate(printed, np.ones((_BORDER, _BORDER), np.uint8))
        return np.asarray((self.depth > least) & (np.asarray(around) == 0), np.uint8)


def upper_half(page: Picture, dpi: float) -> MeasuredInk:
    """Measure the ink of the upper half of a level page; see `measure_ink`."""
    return measure_ink(page[: max(round(page.shape[0] * _UPPER_SHARE), 1)], dpi)


def measure_ink(small: Picture, dpi: float) -> MeasuredInk:
    """Measure the ink of a part of a level page, grey or RGB, at about `masks.SMALL_DPI`."""
    millimetre = dpi / _MILLIMETRES_PER_INCH
    if small.ndim == 2:
        depth = _WHITE - enhance.flatten(np.asarray(small, np.uint8))
        return MeasuredInk(depth=depth, colour=None, millimetre=millimetre)
    least, _ = _extremes(small)
    white = as_on_white(small)
    darkest, lightest = _extremes(white)
    return MeasuredInk(
        depth=_WHITE - enhance.flatten(least),
        colour=np.asarray(cv2.subtract(lightest, darkest), np.uint8),
        millimetre=millimetre,
        white=white,
    )


def joined(ink: Picture, other: Picture) -> Picture:
    """Return the mask of an ink, joined where another one that lies across has cut it.

    Args:
        ink: its mask.
        other: that of the other ink.
    """
    box = np.ones((_CUT, _CUT), np.uint8)
    closed = np.asarray(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, box), np.uint8)
    return closed & (ink | other)


def darkest_channel(picture: Picture) -> Picture:
    """Return how light each point is in its darkest channel; a grey picture as it is."""
    return picture if picture.ndim == 2 else _extremes(picture)[0]


def as_on_white(picture: Picture) -> Picture:
    """Return a picture in colour as it would look on white paper.

    On yellow paper pale blue ink is grey: only beside the paper's own colour it is blue.
    """
    channels = [
        cv2.convertScaleAbs(channel, alpha=_WHITE / max(float(np.median(channel[::4, ::4])), 1.0))
        for channel in cv2.split(picture)
    ]
    return np.asarray(cv2.merge(channels), np.uint8)


def _extremes(picture: Picture) -> tuple[Picture, Picture]:
    """Return the least and the most of the three channels."""
    first, second, third = cv2.split(picture)
    least = np.asarray(cv2.min(cv2.min(first, second), third), np.uint8)
    most = np.asarray(cv2.max(cv2.max(first, second), third), np.uint8)
    return least, most


def without_print(grey: Picture, dark: float, light: float) -> Picture:
    """Return a piece of a page without what is as dark as print; what it lay on goes on below.

    Args:
        grey: the piece.
        dark: the grey of the page's print.
        light: that of its paper.
    """
    printed = (grey < light - PALER * (light - dark)).astype(np.uint8)
    around = cv2.dilate(printed, np.ones((_BORDER, _BORDER), np.uint8))
    return np.asarray(cv2.inpaint(grey, np.asarray(around, np.uint8), _BORDER, cv2.INPAINT_TELEA))
