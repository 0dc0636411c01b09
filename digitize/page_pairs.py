"""Two states of a PDF beside each other: a picture of each page that looks different in them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path

import numpy as np

from digitize import render
from digitize.crops import save_png
from digitize.frames import Picture

# Enough to see that a word is another one; every page of both is drawn once at this resolution.
_LOOK_DPI = 72.0
# Small print is read on a screen without effort.
_SHOWN_DPI = 110.0
# Of a document that was changed throughout, the first pages tell enough.
_MOST_PAIRS = 50
_STRIP_PIXELS = 12
_FRAME_PIXELS = 3
_GREY, _RED = (128, 128, 128), (200, 0, 0)
_NO_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSpot:
    """Two states of one document."""

    before: Path
    after: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePair:
    """One picture: the page as it was, and as it is."""

    before: int | None
    """Number of the page in the earlier state, from 1; None where it was not there."""
    after: int | None
    """Number of the page in the later state; None where it is gone."""
    picture: Path
    """PNG: left as it was, right as it is, what differs in a red frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePairs:
    """What was drawn."""

    pairs: tuple[PagePair, ...]
    left_out: int
    """How many more pages look different."""


def draw_pairs(spot: PairSpot, folder: Path) -> PagePairs:
    """Draw the pages that look different, annotations and signature blocks included.

    Args:
        spot: the two states.
        folder: gets the pictures; it exists.

    Raises:
        DamagedFile: one of them cannot be drawn.
    """
    looks = [_looks(spot.before), _looks(spot.after)]
    places = list(_different(*looks))
    pairs = [_draw(spot, place, folder) for place in places[:_MOST_PAIRS]]
    return PagePairs(pairs=tuple(pairs), left_out=max(0, len(places) - _MOST_PAIRS))


def _looks(path: Path) -> list[bytes]:
    """Return a digest of each page as it is shown."""
    return [
        hashlib.blake2b(render.draw(path, index, _LOOK_DPI, annotations=True).tobytes()).digest()
        for index in range(render.count_pages(path))
    ]


_Place = tuple[int | None, int | None]


def _different(before: list[bytes], after: list[bytes]) -> Iterator[_Place]:
    """Pair pages off: one that was put in does not make all that follow it look different."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, first, last, to_first, to_last in matcher.get_opcodes():
        if kind != "equal":
            yield from zip_longest(range(first, last), range(to_first, to_last))


def _draw(spot: PairSpot, place: _Place, folder: Path) -> PagePair:
    before, after = place
    left = None if before is None else _page(spot.before, before)
    right = None if after is None else _page(spot.after, after)
    shape = _larger(left, right)
    if left is not None and right is not None and left.shape == right.shape:
        right = _framed(left, right)
    strip = np.full((shape[0], _STRIP_PIXELS, 3), _GREY, dtype=np.uint8)
    picture = np.concatenate([_laid(left, shape), strip, _laid(right, shape)], axis=1)
    number = (after if after is not None else before) or 0
    target = folder / f"{number + 1:04}.png"
    if after is None:
        target = folder / f"{number + 1:04}-goc.png"
    save_png(picture, target)
    return PagePair(before=_number(before), after=_number(after), picture=target)


def _page(path: Path, index: int) -> Picture:
    return render.draw(path, index, _SHOWN_DPI, annotations=True)


def _number(index: int | None) -> int | None:
    return None if index is None else index + 1


def _larger(*pictures: Picture | None) -> tuple[int, int]:
    """Return height and width of a sheet that holds each of them."""
    there = [picture.shape for picture in pictures if picture is not None]
    return max(shape[0] for shape in there), max(shape[1] for shape in there)


def _laid(picture: Picture | None, shape: tuple[int, int]) -> Picture:
    """Lay a page on a sheet of a size; where there is none the sheet stays grey."""
    sheet = np.full((shape[0], shape[1], 3), _NO_PAGE, dtype=np.uint8)
    if picture is not None:
        sheet[: picture.shape[0], : picture.shape[1]] = picture
    return sheet


def _framed(left: Picture, right: Picture) -> Picture:
    """Draw a red frame around all that differs."""
    rows, columns = np.nonzero((left != right).any(axis=2))
    if not len(rows):
        return right
    edge = 2 * _FRAME_PIXELS
    top, bottom = max(rows.min() - edge, 0), rows.max() + edge
    first, last = max(columns.min() - edge, 0), columns.max() + edge
    framed = right.copy()
    for band in (
        (slice(top, top + _FRAME_PIXELS), slice(first, last)),
        (slice(bottom - _FRAME_PIXELS, bottom), slice(first, last)),
        (slice(top, bottom), slice(first, first + _FRAME_PIXELS)),
        (slice(top, bottom), slice(last - _FRAME_PIXELS, last)),
    ):
        framed[band] = _RED
    return framed
