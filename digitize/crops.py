"""A piece of a page as a picture, for a person who has to look."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from digitize import render
from digitize.frames import Picture
from digitize.model import Box

_POINTS_PER_INCH = 72.0
# Small print is read on a screen without effort; a whole page stays below half a megabyte of grey.
_DPI = 150.0
# What stands around a value tells what it is.
_AROUND = 24.0
_FRAME = (0xC0, 0x1F, 0x1A)
_FRAME_PIXELS = 4
# Points between a frame and what it is round.
_FRAME_AWAY = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CropSpot:
    """Which piece of which page."""

    source: Path
    """A PDF."""
    index: int
    """Page, from 0."""
    box: Box | None
    """The piece, with some room around it; None for the whole page."""
    has_annotations: bool = False
    """Whether blocks of signatures and other annotations are drawn, too."""
    marked: Box | None = None
    """What a frame is drawn round; None for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """A picture that was written."""

    width: int
    """Pixels."""
    height: int


def make_crop(spot: CropSpot, target: Path) -> Crop:
    """Write a piece of a page as PNG; what reaches beyond the page is cut off.

    Raises:
        DamagedFile: the page cannot be drawn.
    """
    picture = render.draw(spot.source, spot.index, _DPI, annotations=spot.has_annotations)
    scale = render.reachable_dpi(spot.source, spot.index, _DPI) / _POINTS_PER_INCH
    if spot.marked is not None:
        picture = _framed(picture, spot.marked, scale)
    if spot.box is not None:
        height, width = picture.shape[:2]
        left, top, right, bottom = spot.box
        rows = _between(top, bottom, scale, height)
        columns = _between(left, right, scale, width)
        picture = picture[rows, columns]
    save_png(picture, target)
    return Crop(width=picture.shape[1], height=picture.shape[0])


def _framed(picture: Picture, box: Box, scale: float) -> Picture:
    """Return a picture in colour with a frame round a piece of it, outside of what is framed."""
    drawn = Image.fromarray(np.ascontiguousarray(picture)).convert("RGB")
    left, top, right, bottom = (side * scale for side in box)
    room = _FRAME_PIXELS + _FRAME_AWAY * scale
    sides = (left - room, top - room, max(right, left) + room, max(bottom, top) + room)
    ImageDraw.Draw(drawn).rectangle(sides, outline=_FRAME, width=_FRAME_PIXELS)
    return np.asarray(drawn)


def save_png(picture: Picture, target: Path) -> None:
    """Write a picture as PNG, whatever the name of the file."""
    Image.fromarray(np.ascontiguousarray(picture)).save(target, "PNG")


def _between(begins: float, ends: float, scale: float, length: int) -> slice:
    """Return pixels from one point to another, with room around; at least one."""
    first = min(max(0, int((begins - _AROUND) * scale)), length - 1)
    last = min(length, int((ends + _AROUND) * scale) + 1)
    return slice(first, max(last, first + 1))
