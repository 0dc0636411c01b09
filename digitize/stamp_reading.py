"""Words of stamps, each place looked at by itself: levelled, without its frame, in several ways.

Print and stamps over one another read as rubbish; so does what leans. A place alone, level, with
letters as large as print, reads like print.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import cos, radians, sin

import cv2
import numpy as np

from digitize.enhance import level_at
from digitize.frames import Picture
from digitize.ink_layers import as_on_white, without_print
from digitize.leaning_place import MILLIMETRES_A_POINT, Ink, StampPlace
from digitize.mark_shapes import likeness
from digitize.masks import connected
from digitize.model import Box, Line, StampReading, Word
from digitize.overlay import reads_like_print
from digitize.seen_through import seen_through

_MILLIMETRES_PER_INCH = 25.4
# Millimetres of a frame's inner rim that are left out.
_RIM = 0.4
# Letters are drawn so high, pixels.
_LETTER_PIXELS, _LARGE_PIXELS = 32.0, 48.0
LOOK_DPI = 300.0
"""At which letters of that height are print of 12 points."""
_MARGIN_PIXELS = 20
# Letters of a stamp, millimetres; where none stand alone they are usual ones, if so much is ink.
_LEAST_LETTER, _MOST_LETTER, _USUAL_LETTER, _FILLED = 2.2, 12.0, 4.5, 0.08
# Of a stamp and the print across it, the tallest letters are the stamp's.
_TALL_PERCENT = 75
# So many letters stand on a stamp of one row.
_LETTERS = (2, 14)
# Ink has so much more colour than the paper around it, and where a place was found by its colour,
# however faded; so much of a coloured stamp is ink.
_COLOURED, _FAINT, _COLOURED_SHARE = 25, 12, 0.02
# What is darker is a letter; pale ink is made so much darker where black ink lies beside it.
_LETTER_LEVEL, _BOLDER = 165, 2.5
# So sure are words of print; so much of a stamp reads so where it says something else.
_SURE, _SOUND_SHARE = 0.75, 0.7
# A row is known where every word is so sure and they take so much of it.
_CERTAIN, _COVERED_SHARE = 0.9, 0.6
_DARK_PERCENT, _LIGHT_PERCENT, _LEAST_CONTRAST = 2, 95, 25.0
# A row leans less, degrees, and is lower with what is around it, millimetres, than stamps without a
# frame; a word that says something is so sure.
_LEVEL, _HIGH_AS_PRINT, _READ = 1.5, 11.0, 0.6
# So low is a row of soft print of which some letters are paler than others.
_PALE_PRINT = 7.0
# The darkest of a page is its print; every so many points tell.
_PRINT_PERCENT, _SPARSE = 1, 4
_WHITE = 255
_PAST_COLOURS = frozenset((Ink.BUT_RED, Ink.BUT_BLUE, Ink.BLACK))

LookReader = Callable[[Picture, bool], tuple[Line, ...]]
"""Reads a grey picture of `LOOK_DPI`, and is told whether it is a single row."""


def read_places(
    picture: Picture,
    places: Iterable[StampPlace],
    dpi: float,
    read: LookReader,
    known: Sequence[Line] = (),
) -> tuple[StampReading, ...]:
    """Read places of a page, each by itself; places without letters are left out.

    A row of print that the page's own reading is sure of is not read again: titles are many.

    Args:
        picture: the level page, grey or RGB.
        places: where stamps may be.
        dpi: of the picture.
        read: the engine.
        known: what was read on the whole page; boxes in points of the same level page.
    """
    chosen = tuple(place for place in places if not _is_known_print(place, known))
    is_apart = any(place.framed or place.ink is Ink.PALE for place in chosen)
    dark = level_at(_darkest(picture[::_SPARSE, ::_SPARSE]), _PRINT_PERCENT) if is_apart else 0.0
    found = (
        _read_before(place, known) or _read_place(_cut(picture, place, dpi, dark), read)
        for place in chosen
    )
    return tuple(reading for reading in found if reading is not None)


def hold_against_letters(picture: Picture, place: StampPlace, dpi: float) -> StampReading:
    """Tell how much a place looks like «MẬT», without asking the engine.

    Args:
        picture: the level page, grey or RGB.
        place: where.
        dpi: of the picture.
    """
    black = _stretched(_darkest(level_cut(picture, place, dpi)))
    shape = likeness(black, dpi / _MILLIMETRES_PER_INCH)
    return StampReading(box=_box(place), framed=False, texts=(), sound=False, shape=round(shape, 3))


def _is_known_print(place: StampPlace, lines: Sequence[Line]) -> bool:
    """Tell whether a level row as large as print is some: the page's reading has a word of it."""
    if place.framed or abs(place.degrees) >= _LEVEL:
        return False
    if place.ink is Ink.PALE:
        return place.high < _PALE_PRINT and _is_covered(place, lines)
    return (
        place.is_bare
        and place.high < _HIGH_AS_PRINT
        and any(
            word.confidence >= _READ and sum(map(str.isalpha, word.text)) > 1
            for word in _words_within(place, lines)
        )
    )


def _words_within(place: StampPlace, lines: Sequence[Line]) -> list[Word]:
    left, top, right, bottom = _box(place)
    return [
        word
        for line in lines
        for word in line.words
        if left < (word.box[0] + word.box[2]) / 2 < right
        and top < (word.box[1] + word.box[3]) / 2 < bottom
    ]


def _read_before(place: StampPlace, lines: Sequence[Line]) -> StampReading | None:
    """Return what was read in a place without a frame, where every word of it is sure."""
    if not place.is_bare or not _is_covered(place, lines):
        return None
    text = " ".join(word.text for word in _words_within(place, lines))
    return StampReading(box=_box(place), framed=False, texts=(text,), sound=True)


def _is_covered(place: StampPlace, lines: Sequence[Line]) -> bool:
    """Tell whether sure words of the page's reading fill a place."""
    left, _, right, _ = _box(place)
    within = _words_within(place, lines)
    wide = sum(word.box[2] - word.box[0] for word in within)
    is_sure = all(word.confidence >= _CERTAIN and reads_like_print(word) for word in within)
    return is_sure and wide >= _COVERED_SHARE * (right - left)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """A place cut out of its page, level."""

    place: StampPlace
    coloured: Picture | None
    """Its coloured ink, black on white; None where it has none."""
    pale: Picture | None
    """What is paler than print, black on white; None where that does not count by itself."""
    black: Picture
    """All of its ink, black on white."""
    millimetre: float
    """Pixels."""

    @property
    def own(self) -> Picture:
        """The ink that counts."""
        return next(
            layer for layer in (self._of_colour, self.pale, self.black) if layer is not None
        )

    @property
    def _of_colour(self) -> Picture | None:
        return self.coloured if self.place.ink is Ink.COLOURED else None


def _cut(picture: Picture, place: StampPlace, dpi: float, dark: float) -> _Cut:
    """Cut a place out of a page.

    Args:
        picture: the level page.
        place: which.
        dpi: of the page.
        dark: the grey of its print, where the place is paler.
    """
    alone = level_cut(picture, place, dpi)
    if place.ink in _PAST_COLOURS and alone.ndim > 2:
        alone = seen_through(as_on_white(alone), place.ink)
    grey = _darkest(alone)
    least = _FAINT if place.ink is Ink.COLOURED else _COLOURED
    coloured, black = _in_colour(alone, least), _stretched(grey)
    millimetre = dpi / _MILLIMETRES_PER_INCH
    is_any = place.ink not in (Ink.COLOURED, Ink.PALE)
    if place.framed and is_any and _is_crowded(black, millimetre):
        # Rows of print run through it: what is stamped is told from them by its ink alone.
        place = replace(place, ink=Ink.PALE if coloured is None else Ink.COLOURED)
    pale = None
    if place.ink is Ink.PALE:
        pale = _stretched(without_print(grey, dark, level_at(grey, _LIGHT_PERCENT)))
    return _Cut(place=place, coloured=coloured, pale=pale, black=black, millimetre=millimetre)


def _is_crowded(black: Picture, millimetre: float) -> bool:
    return len(_letters(black, millimetre)) > 2 * _LETTERS[1]


def _read_place(cut: _Cut, read: LookReader) -> StampReading | None:
    place = cut.place
    if min(cut.black.shape) < _LETTERS[1]:
        return None
    letters = _letters(cut.own, cut.millimetre)
    if len(letters) > 2 * _LETTERS[1] or not (len(letters) >= _LETTERS[0] or _is_filled(cut)):
        return None
    tall = _tall(letters, cut.millimetre)
    texts: list[str] = []
    sound = False
    for look, is_row in _looks(cut, tall):
        lines = read(look, is_row)
        texts += (
            [" ".join(line.text for line in lines)] if is_row else [line.text for line in lines]
        )
        sound = _is_sound(lines)
        if sound:
            break
    return StampReading(
        box=_box(place),
        framed=place.framed and len(letters) <= _LETTERS[1],
        texts=tuple(dict.fromkeys(filter(None, texts))),
        sound=sound,
        shape=0.0 if sound else _shape(cut),
        coloured=cut.coloured is not None,
    )


def _shape(cut: _Cut) -> float:
    layers = (cut.black, cut.coloured, cut.pale)
    found = (likeness(layer, cut.millimetre) for layer in layers if layer is not None)
    return round(max(found), 3)


def _is_filled(cut: _Cut) -> bool:
    """Tell whether a place holds much ink: letters grown together, or with print across them."""
    is_one = cut.place.framed or cut.place.ink is not Ink.ALL
    return is_one and float((cut.own < _LETTER_LEVEL).mean()) >= _FILLED


def level_cut(picture: Picture, place: StampPlace, dpi: float) -> Picture:
    """Cut a place out of a page, its row level, its frame left outside."""
    scale, rim = dpi / _MILLIMETRES_PER_INCH, _RIM if place.framed else 0.0
    wide, high = (max(side - 2 * rim, 0.1) * scale for side in (place.wide, place.high))
    turn = radians(place.degrees)
    along, down = np.array([cos(turn), sin(turn)]), np.array([-sin(turn), cos(turn)])
    corner = np.array([place.x, place.y]) * scale - along * wide / 2 - down * high / 2
    cut = cv2.warpAffine(
        picture,
        np.column_stack([along, down, corner]),
        (max(round(wide), 1), max(round(high), 1)),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderValue=(_WHITE,) * 3,
    )
    return np.asarray(cut, dtype=np.uint8)


def _looks(cut: _Cut, letter: float) -> Iterator[tuple[Picture, bool]]:
    """Yield copies to be read, the likeliest first, and whether each is a single row."""
    for layer in (cut.coloured, cut.pale):
        if layer is None:
            continue
        yield _drawn(layer, _LETTER_PIXELS / letter), True
        if layer is cut.own:
            yield _drawn(layer, _LARGE_PIXELS / letter), True
            if cut.place.ink is Ink.PALE:  # some stamps are hardly paler than print
                tall = _tall(_letters(cut.black, cut.millimetre), cut.millimetre)
                yield _drawn(cut.black, _LETTER_PIXELS / tall), True
            return
    usual = _drawn(cut.black, _LETTER_PIXELS / letter)
    yield usual, True
    yield _drawn(_bolder(cut.black), _LARGE_PIXELS / letter), True
    if cut.place.framed:  # print may run across below the row
        yield usual, False


def _darkest(picture: Picture) -> Picture:
    return picture if picture.ndim == 2 else np.asarray(picture.min(axis=2), np.uint8)


def _in_colour(alone: Picture, least: int) -> Picture | None:
    """Return coloured ink alone, black on white; None where there is none."""
    if alone.ndim == 2:
        return None
    white = as_on_white(alone)
    colour = white.max(axis=2).astype(np.int16) - white.min(axis=2)
    colour = np.clip(colour - np.median(colour), 0, _WHITE)
    if (colour > least).mean() < _COLOURED_SHARE:
        return None
    return _stretched(np.asarray(_WHITE - colour, np.uint8))


def _stretched(grey: Picture) -> Picture:
    dark, light = level_at(grey, _DARK_PERCENT), level_at(grey, _LIGHT_PERCENT)
    spread = max(light - dark, _LEAST_CONTRAST)
    stretched = (grey.astype(np.float32) - light + spread) / spread * _WHITE
    return np.asarray(np.clip(stretched, 0, _WHITE), np.uint8)


def _bolder(black: Picture) -> Picture:
    """Make pale ink as dark as print that lies beside it."""
    return _WHITE - np.asarray(cv2.convertScaleAbs(_WHITE - black, alpha=_BOLDER), np.uint8)


def _letters(black: Picture, millimetre: float) -> list[float]:
    """Return the heights of what may be letters, pixels; a height of usual ones for print."""
    ink = (black < _LETTER_LEVEL).astype(np.uint8)
    wide, high = (connected(ink).measures[1:, index] for index in (2, 3))
    is_letter = (high > _LEAST_LETTER * millimetre) & (
        np.maximum(wide, high) < _MOST_LETTER * millimetre
    )
    return [float(tall) for tall in high[is_letter]]


def _tall(letters: list[float], millimetre: float) -> float:
    """Return how tall the letters of a stamp are, pixels; usual ones where none stand alone."""
    return float(np.percentile(letters or [_USUAL_LETTER * millimetre], _TALL_PERCENT))


def _drawn(grey: Picture, factor: float) -> Picture:
    """Draw a picture smaller or larger, white around it."""
    way = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    size = tuple(max(round(side * factor), 1) for side in grey.shape[::-1])
    sized = cv2.resize(grey, (size[0], size[1]), interpolation=way)
    margin = (_MARGIN_PIXELS,) * 4
    return np.asarray(
        cv2.copyMakeBorder(sized, *margin, cv2.BORDER_CONSTANT, value=_WHITE), np.uint8
    )


def _is_sound(lines: Iterable[Line]) -> bool:
    """Tell whether most of what was read reads like words in print."""
    words = [word for line in lines for word in line.words]
    letters = sum(len(word.text) for word in words)
    like_print = sum(
        len(word.text)
        for word in words
        if len(word.text) > 1 and word.confidence >= _SURE and reads_like_print(word)
    )
    return letters > 0 and like_print >= _SOUND_SHARE * letters


def _box(place: StampPlace) -> Box:
    corners = place.corners() / MILLIMETRES_A_POINT
    (left, top), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return (left, top, right, bottom)
