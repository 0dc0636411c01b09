"""Places where a word may be stamped: inside a frame, or as a short row of large letters.

Looked for in all ink, coloured, grey or black, however pale, and whatever lies around or below it:
a mark of secrecy must not be missed. A frame is told by the paper that it encloses, which print
that runs across it does not change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from math import atan2, cos, degrees, radians, sin

import cv2
import numpy as np
import numpy.typing as npt

from digitize.frames import Picture
from digitize.ink_layers import INK_DEPTH, MeasuredInk, joined, upper_half
from digitize.leaning_frames import find_leaning
from digitize.masks import Measures, connected

_MOST_PLACES = 12
# Pale ink is darker than the paper around it by so much in its darkest channel.
_PALE_DEPTH = 25
# Letters have more colour than the first, lines of the palest frames more than the second.
_COLOURED, _TINTED = 30, 10
# So much more pale ink than ink: the paper itself is taken for ink.
_DIRTY = 1.5
# The inside of a frame, millimetres; its shape; how much of its rectangle it is; its lean, degrees.
_INSIDE_WIDE, _INSIDE_HIGH = (9.0, 85.0), (4.5, 30.0)
_LEAST_SHAPE, _LEAST_SHARE, _MOST_LEAN = 1.2, 0.68, 20.0
# What the lines of a frame take of its inside, millimetres.
_LINE = 1.2
# Pale ink leaves gaps in a frame; so many points are bridged (1.3 mm).
_BRIDGED = 5
# The rules of a table go on beyond the corners of a cell: looked at so far off, millimetres, and so
# far to either side, points. A stamp that lies on print has two such ends at most.
_BEYOND, _BESIDE, _ENDS_OF_CELLS = (1.6, 4.0), 3, 3
# Of a line that goes on so much is inked.
_GOES_ON = 0.9
# Letters that stand alone, millimetres, how many are a mark's, and how far apart, heights.
_LETTER_HIGH, _LETTER_WIDE, _LETTERS, _LETTER_GAP = (2.2, 11.0), (0.8, 30.0), (3, 10), 1.6
# Without a frame and in the upper left only, share of the width: seals and signatures lie right.
_LEFT_SHARE = 0.62
# Black ones are print unless they lean, degrees, or are larger than titles, millimetres; the feet
# of letters that lean stand on their line within this share of their height.
_STAMPED_LEAN, _STAMPED_HIGH, _TITLE_HIGH, _ON_LINE = 1.5, 3.2, 5.5, 0.12
# Capitals that stand level, of which none is lower than marks are typed.
_CAPITALS_HIGH = 2.9
# Letters of which most are paler than this share of the page's print are stamped lightly.
_PALER = 0.62
# So much smaller things in the row of black letters, millimetres, are letters of a text.
_SMALL_LETTER, _MOST_SMALL = 1.5, 1
# Letters without a frame bring this around them, heights.
_AROUND = 0.35

Vector = npt.NDArray[np.float64]


class Ink(Enum):
    """What of the ink of a place is looked at."""

    ALL = auto()
    COLOURED = auto()
    PALE = auto()
    """What is paler than the page's print."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StampPlace:
    """A place to be looked at by itself, however it leans; millimetres of the page."""

    x: float
    """Its middle."""
    y: float
    wide: float
    """Along its row."""
    high: float
    degrees: float
    """Clockwise lean of its row."""
    framed: bool
    """Four sides go round it; else it is letters alone."""
    ink: Ink = Ink.ALL
    """What of its ink counts."""

    @property
    def is_bare(self) -> bool:
        """It has neither a frame nor ink of its own: it may be print."""
        return not self.framed and self.ink is Ink.ALL

    def corners(self) -> Vector:
        """Return its corners from the upper left, clockwise."""
        turn = radians(self.degrees)
        along = np.array([cos(turn), sin(turn)]) * self.wide / 2
        down = np.array([-sin(turn), cos(turn)]) * self.high / 2
        middle = np.array([self.x, self.y])
        return np.stack(
            [middle - along - down, middle + along - down, middle + along + down,
             middle - along + down]
        )  # fmt: skip

    def holds(self, other: StampPlace) -> bool:
        """Tell whether the middle of another place lies in this one."""
        turn = radians(self.degrees)
        x, y = other.x - self.x, other.y - self.y
        across, off = x * cos(turn) + y * sin(turn), y * cos(turn) - x * sin(turn)
        return abs(across) < self.wide / 2 and abs(off) < self.high / 2


def find_places(small: Picture, dpi: float) -> tuple[StampPlace, ...]:
    """Return where a mark may be stamped in the upper half of a page, frames first.

    Args:
        small: the level page, grey or RGB, at about `masks.SMALL_DPI`.
        dpi: of that copy.
    """
    found = places_in(upper_half(small, dpi), _LEFT_SHARE)
    # The likeliest first: a page of many boxes must not hide the one in the mark's place.
    found.sort(key=lambda place: (not place.framed, place.x + 2 * place.y))
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
        _add(found, _insides(ink, half.millimetre))
    _add(found, _unknown(found, _leaning(_left_of(pale, left), half.millimetre)))
    _add(found, _unknown(found, _of_kind(_insides(_bridged(paler), half.millimetre), Ink.PALE)))
    if half.colour is not None:
        coloured = (half.colour > _COLOURED).astype(np.uint8)
        tinted = (half.colour > _TINTED).astype(np.uint8)
        for ink in (tinted, _bridged(tinted)):
            _add(found, _insides(ink, half.millimetre))
        _add(found, _unknown(found, _leaning(_left_of(tinted, left), half.millimetre)))
        for ink in (coloured, joined(coloured, dark)):
            _add(found, _rows(_left_of(ink, left), half, Ink.COLOURED))
    else:  # what is pale on a page with colour is coloured
        _add(found, _rows(_left_of(paler, left), half, Ink.PALE))
        _add(found, _rows(_left_of(pale, left), half, Ink.ALL))
    _add(found, _rows(_left_of(dark, left), half, Ink.ALL))
    return found


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


def _unknown(found: list[StampPlace], more: Iterator[StampPlace]) -> Iterator[StampPlace]:
    """Yield frames but those known by the paper that they enclose, which tells them exactly."""
    return (place for place in more if not any(other.holds(place) for other in found))


def _size(place: StampPlace) -> float:
    return place.wide * place.high


def _insides(ink: Picture, millimetre: float) -> Iterator[StampPlace]:
    """Yield the leaning rectangles of paper that ink encloses, cells of tables left out."""
    # What encloses paper hangs together, and reaches round it: only there is paper looked at.
    parts = connected(ink)
    wide, high = parts.measures[:, 2] / millimetre, parts.measures[:, 3] / millimetre
    is_large = (wide >= _INSIDE_WIDE[0]) & (high >= _INSIDE_HIGH[0])
    is_large[0] = False
    for index in np.flatnonzero(is_large):
        x, y, w, h = parts.measures[index, :4].tolist()
        around = (parts.labels[y : y + h, x : x + w] == index).astype(np.uint8)
        is_open = (x > 0, y > 0, x + w < ink.shape[1], y + h < ink.shape[0])
        for paper, corner in _enclosed(around, is_open, millimetre):
            place = _rectangle(paper, (x + corner[0], y + corner[1]), millimetre)
            if place is not None and _ends_beyond(ink, place, millimetre) < _ENDS_OF_CELLS:
                yield place


def _enclosed(
    around: Picture, is_open: tuple[bool, ...], millimetre: float
) -> Iterator[tuple[Picture, tuple[int, int]]]:
    """Yield the paper that one part of the ink encloses, and its corner; points.

    Args:
        around: that part alone, 1 and 0.
        is_open: whether its left, upper, right and lower border are not the picture's, which
            encloses paper too.
        millimetre: points.
    """
    paper = connected(1 - around, corners=False)
    left, top, wide, high = (paper.measures[:, index] for index in range(4))
    is_fit = (wide / millimetre >= _INSIDE_WIDE[0]) & (wide / millimetre <= _INSIDE_WIDE[1])
    is_fit &= (high / millimetre >= _INSIDE_HIGH[0]) & (high / millimetre <= 2 * _INSIDE_HIGH[1])
    ends = (left == 0, top == 0, left + wide == around.shape[1], top + high == around.shape[0])
    for is_end, opens in zip(ends, is_open, strict=True):
        is_fit &= ~is_end | (not opens)
    is_fit[0] = False
    for index in np.flatnonzero(is_fit):
        x, y, w, h = paper.measures[index, :4].tolist()
        yield (paper.labels[y : y + h, x : x + w] == index).astype(np.uint8), (x, y)


def _leaning(ink: Picture, millimetre: float) -> Iterator[StampPlace]:
    """Yield frames that print runs right through: they enclose nothing whole."""
    for (x, y), (wide, high), lean in find_leaning(ink, millimetre):
        yield StampPlace(
            x=x / millimetre,
            y=y / millimetre,
            wide=wide / millimetre - _LINE,
            high=high / millimetre - _LINE,
            degrees=lean,
            framed=True,
        )


def _rectangle(part: Picture, corner: tuple[int, int], millimetre: float) -> StampPlace | None:
    outlines, _ = cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outline = max(outlines, key=cv2.contourArea)
    (x, y), (wide, high), lean = cv2.minAreaRect(outline)
    if wide < high:
        wide, high, lean = high, wide, lean - 90
    lean = (lean + 90) % 180 - 90
    is_stamp = _INSIDE_WIDE[0] <= wide / millimetre <= _INSIDE_WIDE[1]
    is_stamp &= _INSIDE_HIGH[0] <= high / millimetre <= _INSIDE_HIGH[1]
    is_stamp &= abs(lean) <= _MOST_LEAN and wide >= _LEAST_SHAPE * high
    if not is_stamp or cv2.contourArea(outline) < _LEAST_SHARE * wide * high:
        return None
    return StampPlace(
        x=(x + corner[0]) / millimetre,
        y=(y + corner[1]) / millimetre,
        wide=wide / millimetre,
        high=high / millimetre,
        degrees=lean,
        framed=True,
    )


def _ends_beyond(ink: Picture, place: StampPlace, millimetre: float) -> int:
    """Count the sides that go on beyond a corner; eight could."""
    corners = place.corners() * millimetre
    sides = np.roll(corners, -1, axis=0) - corners
    sides /= np.linalg.norm(sides, axis=1)[:, None]
    # At each corner the side before it goes on, and the side after it backwards.
    starts = np.repeat(corners, 2, axis=0)[:, None, None]
    ways = np.stack([np.roll(sides, 1, axis=0), -sides], axis=1).reshape(-1, 2)[:, None, None]
    far = np.arange(*_BEYOND, 0.3)[:, None] * millimetre
    beside = np.arange(-_BESIDE, _BESIDE + 1)[:, None, None]
    points = starts + far * ways + beside * ways[..., [1, 0]] * (-1, 1)
    columns, rows = (np.rint(points[..., axis]).astype(np.intp) for axis in (0, 1))
    height, width = ink.shape
    is_on = (columns >= 0) & (rows >= 0) & (columns < width) & (rows < height)
    inked = ink[rows.clip(0, height - 1), columns.clip(0, width - 1)]
    goes_on = inked.mean(axis=2).max(axis=1) >= _GOES_ON
    return int((goes_on & is_on.all(axis=(1, 2))).sum())


def _rows(mask: Picture, half: MeasuredInk, ink: Ink) -> Iterator[StampPlace]:
    """Yield short rows of large letters."""
    millimetre = half.millimetre
    measures = connected(mask).measures[1:]
    wide, high = measures[:, 2] / millimetre, measures[:, 3] / millimetre
    is_letter = (high >= _LETTER_HIGH[0]) & (high <= _LETTER_HIGH[1])
    is_letter &= (wide >= _LETTER_WIDE[0]) & (wide <= _LETTER_WIDE[1])
    letters = measures[is_letter]
    if not len(letters):
        return
    small = measures[(high >= _SMALL_LETTER) & ~is_letter & (wide <= _LETTER_WIDE[1])]
    numbers = _number_rows(letters, mask.shape)
    is_apart = ink is not Ink.ALL
    counts = np.rint(np.bincount(numbers, weights=_counted(letters)))
    is_fit = (counts >= _LETTERS[0]) & (counts <= _LETTERS[1])
    for number in np.flatnonzero(is_fit):
        row = letters[numbers == number]
        place = _row(row, millimetre, stamped=is_apart or _is_pale(row, half))
        if place is None:
            continue
        if is_apart or _count_within(place, small, millimetre) <= _MOST_SMALL:
            yield replace(place, ink=ink)


def _counted(letters: Measures) -> npt.NDArray[np.float64]:
    """Return how many letters each part is: those with serifs touch each other."""
    return np.maximum(np.rint(letters[:, 2] / letters[:, 3]), 1.0)


def _count_within(place: StampPlace, parts: Measures, millimetre: float) -> int:
    """Count the parts whose middle lies in a place."""
    turn = radians(place.degrees)
    x = (parts[:, 0] + parts[:, 2] / 2) / millimetre - place.x
    y = (parts[:, 1] + parts[:, 3] / 2) / millimetre - place.y
    across, off = x * cos(turn) + y * sin(turn), y * cos(turn) - x * sin(turn)
    return int(((np.abs(across) < place.wide / 2) & (np.abs(off) < place.high / 2)).sum())


def _number_rows(letters: Measures, shape: Sequence[int]) -> npt.NDArray[np.int64]:
    """Return the number of each letter's row."""
    rows = np.zeros((shape[0], shape[1]), np.uint8)
    for x, y, w, h in letters[:, :4].tolist():
        reach = round(_LETTER_GAP * h / 2)
        rows[y + h // 4 : y + h - h // 4, max(x - reach, 0) : x + w + reach] = 1
    labels = connected(rows).labels
    return np.asarray(
        labels[letters[:, 1] + letters[:, 3] // 2, letters[:, 0] + letters[:, 2] // 2], np.int64
    )


def _is_pale(letters: Measures, half: MeasuredInk) -> bool:
    """Tell whether letters are much paler than the print of the page."""
    if letters[:, 3].min() < _STAMPED_HIGH * half.millimetre:
        return False
    darkest = [
        float(half.depth[y : y + h, x : x + w].max()) for x, y, w, h in letters[:, :4].tolist()
    ]
    return bool(np.median(darkest) < _PALER * half.print_depth)


def _row(letters: Measures, millimetre: float, *, stamped: bool) -> StampPlace | None:
    """Return the place of a row of letters; None where they are no mark's."""
    left, top, wide, high = (letters[:, index] / millimetre for index in range(4))
    foot, middle = top + high, left + wide / 2
    tall = float(np.median(high))
    if not stamped and tall < _TITLE_HIGH and high.min() < _CAPITALS_HIGH:
        return None  # rows of print are many, and how they lean costs more to tell
    slope = float(np.polyfit(middle, foot, 1)[0]) if len(letters) > 1 else 0.0
    off = foot - slope * middle
    lean = degrees(atan2(slope, 1.0))
    spread = float(np.median(np.abs(off - np.median(off))))
    is_stamped = abs(lean) >= _STAMPED_LEAN and min(high) >= _STAMPED_HIGH
    is_stamped &= spread <= _ON_LINE * tall
    is_row = abs(lean) <= _MOST_LEAN and spread <= 2 * _ON_LINE * tall
    # Level capitals that the page's reading knows are not read again.
    is_set = float(high.min()) >= _CAPITALS_HIGH and len(letters) > 1
    if not is_row or not (stamped or is_stamped or is_set or tall >= _TITLE_HIGH):
        return None
    turn = radians(lean)
    along = np.concatenate([left, left + wide])
    across = float(along.min() + along.max()) / 2
    base = float(np.median(off)) + slope * across
    # Marks stand above the letters, or a dot below.
    above = float((high).max()) + _AROUND * tall
    below = 2 * _AROUND * tall
    shift = (below - above) / 2
    return StampPlace(
        x=across - shift * sin(turn),
        y=base + shift * cos(turn),
        wide=float(np.ptp(along)) + 2 * _AROUND * tall,
        high=above + below,
        degrees=lean,
        framed=False,
    )
