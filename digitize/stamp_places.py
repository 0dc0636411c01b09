"""Places where a word may be stamped: inside a frame, or as a short row of large letters.

Looked for in all ink, coloured, grey or black, however pale, and whatever lies around or below it:
a mark of secrecy must not be missed. A frame is told by the paper that it encloses, which print
that runs across it does not change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np

from digitize.framed_places import find_crossed_frames, find_insides
from digitize.frames import Picture
from digitize.hidden_frames import find_below_seal, find_on_code
from digitize.ink_layers import INK_DEPTH, MeasuredInk, joined, upper_half
from digitize.leaning_place import Ink, StampPlace, in_millimetres
from digitize.model import Box
from digitize.stamp_rows import find_rows

_MOST_PLACES = 12
# Pale ink is darker than the paper around it by so much in its darkest channel.
_PALE_DEPTH = 25
# Three of them for what is seen once coloured ink is taken off.
_DEPTHS = (_PALE_DEPTH, INK_DEPTH, 100)
# A frame of this share of another one may be a piece of it.
_WHOLE = 0.67
# Letters have more colour than the first, lines of the palest frames more than the second.
_COLOURED, _TINTED = 30, 10
# So much more pale ink than ink: the paper itself is taken for ink.
_DIRTY = 1.5
# What leans less is level, degrees.
_LEVEL = 1.2
# Rows of print are no higher with what is around them, millimetres.
_HIGH_AS_PRINT = 9.0
# Pale ink leaves gaps in a frame; so many points are bridged (1.3 mm).
_BRIDGED = 5
# Without a frame and in the upper left only, share of the width: seals and signatures lie right.
_LEFT_SHARE = 0.62


def find_places(
    small: Picture, dpi: float, codes: Sequence[Box] = (), seals: Sequence[Box] = ()
) -> tuple[StampPlace, ...]:
    """Return where a mark may be stamped in the upper half of a page, frames first.

    Args:
        small: the level page, grey or RGB, at about `masks.SMALL_DPI`.
        dpi: of that copy.
        codes: boxes of codes that were read, points.
        seals: boxes of round seals, points.
    """
    half = replace(upper_half(small, dpi), codes=tuple(map(in_millimetres, codes)))
    found = places_in(half, _LEFT_SHARE)
    for seal in map(in_millimetres, seals):
        _add_whole(found, find_below_seal(half, seal))
    for code in half.codes:
        _add_whole(found, find_on_code(half, code))
    # The likeliest first: a page of many boxes must not hide the one in the mark's place, nor rows
    # of soft print the one that leans.
    found.sort(key=lambda place: (_is_like_print(place), not place.framed, place.x + 2 * place.y))
    return tuple(found[:_MOST_PLACES])


def places_in(half: MeasuredInk, left: float) -> list[StampPlace]:
    """Return where a mark may be stamped in a part of a page; millimetres of that part.

    Args:
        half: its ink.
        left: without a frame only there, share of its width.
    """
    pale = (half.depth > _PALE_DEPTH).astype(np.uint8)
    dark = (half.depth > INK_DEPTH).astype(np.uint8)
    paler = half.paler(_PALE_DEPTH)
    found: list[StampPlace] = []
    # On clean paper pale ink and most ink are the same.
    is_dirty = pale.sum() > _DIRTY * dark.sum()
    for ink in (pale, _bridged(pale), dark) if is_dirty else (pale, _bridged(pale)):
        _add(found, find_insides(ink, half.millimetre))
    _add(found, _unknown(found, find_crossed_frames(_left_of(pale, left), half.millimetre)))
    _add(found, _unknown(found, _of_kind(find_insides(_bridged(paler), half.millimetre), Ink.PALE)))
    if half.colour is not None:
        coloured = (half.colour > half.faded(_COLOURED)).astype(np.uint8)
        tinted = (half.colour > _TINTED).astype(np.uint8)
        for ink in (tinted, _bridged(tinted)):
            _add(found, find_insides(ink, half.millimetre))
        _add(found, _unknown(found, find_crossed_frames(_left_of(tinted, left), half.millimetre)))
        for ink in (coloured, joined(coloured, dark)):
            _add(found, find_rows(_left_of(ink, left), half, Ink.COLOURED))
    for kind, seen in half.past_colours(left):
        _add_whole(found, _of_kind(_framed_past(seen, half), kind))
        dark = (seen > INK_DEPTH).astype(np.uint8)
        _add(found, _of_kind(find_rows(dark, half, Ink.ALL), kind))
    _add(found, find_rows(_left_of(paler, left), half, Ink.PALE))
    if half.colour is None:  # what is pale on a page with colour is coloured, or read above
        _add(found, find_rows(_left_of(pale, left), half, Ink.ALL))
    _add(found, find_rows(_left_of(dark, left), half, Ink.ALL))
    return found


def _framed_past(seen: Picture, half: MeasuredInk) -> Iterator[StampPlace]:
    """Yield the frames that ink of another colour lies across.

    Args:
        seen: how dark that part of the page is without that ink.
        half: all of its ink.
    """
    pale, dark, darker = ((seen > least).astype(np.uint8) for least in _DEPTHS)
    # Thin lines are pale, and soft print beside thick ones is paler than they.
    for mask in (pale, _bridged(pale), dark, darker):
        yield from find_insides(mask, half.millimetre)
    for mask in (dark, pale):
        yield from find_crossed_frames(mask, half.millimetre)


def _is_like_print(place: StampPlace) -> bool:
    is_plain = not place.framed and place.ink is not Ink.COLOURED
    return is_plain and abs(place.degrees) < _LEVEL and place.high < _HIGH_AS_PRINT


def _left_of(ink: Picture, share: float) -> Picture:
    return np.ascontiguousarray(ink[:, : round(share * ink.shape[1])])


def _bridged(ink: Picture) -> Picture:
    box = np.ones((_BRIDGED, _BRIDGED), np.uint8)
    return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, box), np.uint8)


def _of_kind(places: Iterator[StampPlace], ink: Ink) -> Iterator[StampPlace]:
    return (replace(place, ink=ink) for place in places)


def _add(found: list[StampPlace], more: Iterator[StampPlace]) -> None:
    """Add places; of a double frame, and of what is found twice, the inner place stays.

    Coloured letters are dark too: alone they read better than with the print beside them.
    """
    for place in more:
        around = [other for other in found if other.holds(place)]
        same = [other for other in around if place.holds(other)]
        is_within = not place.framed and any(
            other.framed or (other in same and place.ink is Ink.ALL is not other.ink)
            for other in around
        )
        if is_within or any(_size(other) <= _size(place) for other in same):
            continue
        for other in same:
            found.remove(other)
        found.append(place)


def _add_whole(found: list[StampPlace], more: Iterator[StampPlace]) -> None:
    """Add frames of which pieces may be known, as the rings of a seal part them."""
    for place in more:
        if not any(
            other.framed and other.holds(place) and _size(other) >= _WHOLE * _size(place)
            for other in found
        ):
            found.append(place)


def _unknown(found: list[StampPlace], more: Iterator[StampPlace]) -> Iterator[StampPlace]:
    """Yield frames but those known by the paper that they enclose, which tells them exactly."""
    return (place for place in more if not any(other.holds(place) for other in found))


def _size(place: StampPlace) -> float:
    return place.wide * place.high
