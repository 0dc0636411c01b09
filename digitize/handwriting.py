"""Numbers that a pen wrote, told from print by the ink of their digits.

A pen that writes clearly is read as surely as print. But print sets digits of one height on the
base line of its row, in the weight, the slope and the ink of the letters beside them, and it parts
each from the next; a pen comes near in some of this and never in all. No sign is sure alone: print
is blurred, stamped over, set in italics. So what each sign differs by is added up.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import log

import numpy as np

from config.codes import LIKE_DIGIT
from digitize.frames import Picture
from digitize.masks import Measures, connected
from digitize.model import Box, Line, Word
from digitize.own_print import letter_boxes, weight_of

PixelBox = tuple[int, int, int, int]

# Words of letters that tell what print looks like were read more surely than this.
_SURE = 0.8
# A number begins a word; its notation may stand right behind it. Other signs are read for digits.
_NUMBER, _STROKES = re.compile(rf"{LIKE_DIGIT}(?:{LIKE_DIGIT}|[.,])*"), re.compile("[/-]")
_DAY = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{4}")
_MARKS_ABOVE, _MARK_BELOW = "\u0300\u0301\u0302\u0303\u0306\u0309", "\u0323"
_HANGING, _HIGH = frozenset("gjpqy"), frozenset("ABCDEFGHIKLMNOPRSTUVXYĐbdhklđ")
_SMALL = frozenset("acemnorsuvxzơư")
# Of the height of capitals: what is lower is a point or a comma.
_LOW = 0.6
# What is wider is digits that have grown together with something, or with each other.
_WIDE = 0.9
# Of its height: what is wider is more than one letter.
_SINGLE = 1.2
# So many heights beside a number, so many letters tell the base line, and so many the look.
_BESIDE, _NEAREST, _NEAREST_LETTERS = 8.0, 8, 16
_UPPER = 70.0
# What print differs by for each sign, and what more makes the sign a strong one: pixels and shares
# of the height of capitals, shares of it, logarithms of weight, slopes, shares of the contrast.
_PIXEL, _UNEVEN = 1.0, 0.08
_HEIGHT, _HEIGHT_OFF, _HEIGHT_STRONG = 0.97, 0.05, 0.08
_WEIGHT_STRONG = log(1.25)
_SLANT, _SLANT_OFF, _SLANT_STRONG = 0.03, 0.05, 0.15
_INK_OFF, _INK_STRONG = 0.05, 0.08
_GROWN_TOGETHER = 0.7
# No sign counts for more; so much of all, squared and added, is a pen's. Of 2,000 printed numbers
# 1 in 30 had more, mostly blurred or below a stamp; of those by pen that were read, 1 in 60 less.
_MOST, _PEN = 2.5, 2.0
# So few digits hardly differ from each other: what they differ by from print counts for more.
_FEW_DIGITS, _MORE = 3, 1.18
# Beside so many numbers by pen, and so large a share of all, less is enough.
_FEW, _SHARE, _AMID_PEN = 2, 0.3, 0.8
_LEAST_INK, _CORE = 8, 20.0
_DARK_PERCENTILE, _WHITE = 1.0, 255
_POINTS_AN_INCH = 72.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inked:
    """A page's ink."""

    grey: Picture
    ink: Picture
    """1 where it is, else 0."""
    parts: Measures
    scale: float
    """Pixels to a point."""

    def boxes_of(self, word: Word) -> list[PixelBox]:
        """Return the boxes of a word's letters, as far as they stand apart."""
        left, top, right, bottom = (side * self.scale for side in word.box)
        return letter_boxes(self.parts, (left, top, right, bottom))

    def slant_of(self, boxes: Sequence[PixelBox]) -> float:
        """Return how much letters lean to the right, as a share of their height."""
        leaning = upright = 0.0
        for left, top, right, bottom in boxes:
            y, x = np.nonzero(self.ink[top:bottom, left:right])
            if len(y) >= _LEAST_INK:
                leaning -= float(((x - x.mean()) * (y - y.mean())).sum())
                upright += float(((y - y.mean()) ** 2).sum())
        return leaning / upright if upright else 0.0

    def core_of(self, boxes: Sequence[PixelBox]) -> float:
        """Return how dark the darker part of letters is, 0 for black."""
        cores = []
        for left, top, right, bottom in boxes:
            inked = self.ink[top:bottom, left:right] > 0
            if inked.sum() >= _LEAST_INK:
                cores.append(np.percentile(self.grey[top:bottom, left:right][inked], _CORE))
        return float(np.median(cores)) if cores else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Print:
    """What the letters of a row look like."""

    plain: tuple[tuple[str, PixelBox], ...]
    """Letters that were read surely and bear no mark."""
    standing: tuple[PixelBox, ...]
    """Of these and others, what ends at the base line."""
    capital: float
    """Height of capitals and of the letters that are as high; 0 where there are none."""

    @property
    def small(self) -> float:
        """Height of small letters without marks; 0 where there are none."""
        heights = [box[3] - box[1] for letter, box in self.plain if letter in _SMALL]
        return float(np.median(heights)) if heights else 0.0

    def near(self, digits: Sequence[PixelBox]) -> _Print:
        """Return the letters beside digits, the nearest first: rows bend, columns differ."""
        left, right = digits[0][0], digits[-1][2]
        reach = _BESIDE * self.capital

        def away(box: PixelBox) -> float:
            return max(box[0] - right, left - box[2], 0)

        plain = sorted((pair for pair in self.plain if away(pair[1]) <= reach),
                       key=lambda pair: away(pair[1]))[:_NEAREST_LETTERS]  # fmt: skip
        standing = sorted((box for box in self.standing if away(box) <= reach), key=away)
        return _Print(
            plain=tuple(plain),
            standing=tuple(standing[:_NEAREST]),
            capital=_capital_of(plain) or self.capital,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Digits:
    """Digits that one pen or press made."""

    boxes: tuple[PixelBox, ...]
    is_even: bool
    """Each stands apart from what is beside it."""
    are_level: bool
    """Their heights and feet say something: no stroke has grown together with them."""


def _capital_of(plain: Sequence[tuple[str, PixelBox]]) -> float:
    high = [box[3] - box[1] for letter, box in plain if letter in _HIGH]
    # Letters that were torn are lower.
    return float(np.percentile(high, _UPPER)) if high else 0.0


def _look(page: _Inked, boxes: Sequence[PixelBox]) -> tuple[float, float, float]:
    """Return weight, slant and darkness."""
    return weight_of(page.ink, boxes), page.slant_of(boxes), page.core_of(boxes)


def find_handwriting(grey: Picture, dpi: float, lines: Sequence[Line]) -> tuple[Box, ...]:
    """Return the boxes of the words with digits that a pen wrote, in points.

    Args:
        grey: the level page as it was read.
        dpi: of it.
        lines: its words.
    """
    if not any(_has_digit(word) for line in lines for word in line.words):
        return ()
    dark = np.percentile(grey[::4, ::4], _DARK_PERCENTILE)
    ink = (grey < (_WHITE + dark) / 2).astype(np.uint8)
    page = _Inked(
        grey=grey, ink=ink, parts=connected(ink).measures[1:], scale=dpi / _POINTS_AN_INCH
    )
    judged = [found for line, own in _with_print(page, lines) for found in _judged(page, line, own)]
    sure = sum(strange >= _PEN for _, strange in judged)
    is_amid_pen = sure >= max(_FEW, _SHARE * len(judged))
    least = _AMID_PEN if is_amid_pen else _PEN
    return tuple(word.box for word, strange in judged if strange >= least)


def _has_digit(word: Word) -> bool:
    return any(map(str.isdigit, word.text))


def _with_print(page: _Inked, lines: Sequence[Line]) -> Iterator[tuple[Line, _Print]]:
    """Yield the lines with digits, and the print of each or what the nearest one lends to it."""
    seen = [(line, _print_of(page, line, _SURE)) for line in lines]
    whole = [(line, own) for line, own in seen if own.capital]
    for line, sure in seen:
        if not any(map(_has_digit, line.words)):
            continue
        # Letters of a row that were read badly are its print still; other rows may lean or be bold.
        own = sure if sure.capital else _any_print_of(page, line)
        if own.capital:
            yield line, own
        elif whole and own.plain:
            nearest = min(whole, key=lambda pair: abs(pair[0].box[3] - line.box[3]))[1]
            shares = [other.capital / other.small for _, other in whole if other.small]
            is_known = own.small and shares
            high = own.small * float(np.median(shares)) if is_known else nearest.capital
            yield line, replace(own, capital=high)


def _judged(page: _Inked, line: Line, own: _Print) -> Iterator[tuple[Word, float]]:
    """Yield the numbers of a line, and how unlike its print each is."""
    for word in line.words:
        number = _NUMBER.match(word.text)
        if number is None or not _has_digit(word):
            continue
        parts = _digits_of(page, word, number[0], own.capital)
        strange = [_strangeness(page, own.near(part.boxes), part) for part in parts]
        # Digits that are paler than half as dark as print were read, and are none of its.
        yield word, max(strange, default=_PEN)


def _digits_of(page: _Inked, word: Word, number: str, capital: float) -> tuple[_Digits, ...]:
    """Return the digits of a word: all, and those before its first stroke where more follow."""
    boxes = page.boxes_of(word)
    if len(boxes) == len(word.text):
        signs = list(zip(word.text, boxes, strict=True))
        every = tuple(box for sign, box in signs if sign.isdigit())
        first = tuple(box for sign, box in signs[: len(number)] if sign.isalnum())
        # Who writes a day writes all of it; the year behind a number may be print.
        written = (every,) if _DAY.match(word.text) else (every, first)
        groups = dict.fromkeys(group for group in written if group)
        return tuple(_Digits(boxes=group, is_even=True, are_level=True) for group in groups)
    high = [box for box in boxes if box[3] - box[1] > _LOW * capital]
    if number != word.text and any(map(str.isalpha, word.text)):
        # What follows has grown together: digits are no wider than capitals.
        left, _, right, _ = (side * page.scale for side in word.box)
        end = left + (right - left) * len(number) / len(word.text)
        high = [box for box in high if (box[0] + box[2]) / 2 < end]
        high = high[: sum(map(str.isalnum, number))]
    if not high:
        return ()
    # The strokes of a day that has grown together are higher than its digits.
    are_apart = all(box[2] - box[0] <= _WIDE * capital for box in high)
    are_level = not _STROKES.search(word.text) or (number != word.text and are_apart)
    return (_Digits(boxes=tuple(high), is_even=False, are_level=are_level),)


def _print_of(page: _Inked, line: Line, least: float) -> _Print:
    plain: list[tuple[str, PixelBox]] = []
    standing: list[PixelBox] = []
    for word in line.words:
        if word.confidence < least or _has_digit(word):
            continue
        boxes = page.boxes_of(word)
        if len(boxes) != len(word.text):
            continue
        for sign, box in zip(word.text, boxes, strict=True):
            if not sign.isalpha():
                continue
            letter, *marks = list(unicodedata.normalize("NFD", sign))
            if letter.lower() not in _HANGING and _MARK_BELOW not in marks:
                standing.append(box)
            if not any(mark in marks for mark in (*_MARKS_ABOVE, _MARK_BELOW)):
                plain.append((letter, box))
    return _Print(plain=tuple(plain), standing=tuple(standing), capital=_capital_of(plain))


def _any_print_of(page: _Inked, line: Line) -> _Print:
    """Return what all letters of a row look like, where those read surely do not tell."""
    own = _print_of(page, line, 0.0)
    if own.plain:
        return own
    # Whichever letters these are, they show weight, slope and ink.
    unknown = [
        box
        for word in line.words
        if not _has_digit(word) and any(map(str.isalpha, word.text))
        for box in page.boxes_of(word)
        if box[2] - box[0] <= _SINGLE * (box[3] - box[1])
    ]
    return replace(own, plain=tuple(("", box) for box in unknown))


def _strangeness(page: _Inked, own: _Print, digits: _Digits) -> float:
    """Return how much digits differ from the print beside them: all signs, squared and added."""
    signs = [0.0 if digits.is_even else _GROWN_TOGETHER]
    if digits.are_level:
        signs += _uneven_by(own, digits.boxes)
    if own.plain:
        letters = [box for _, box in own.plain]
        signs += _unlike_by(_look(page, digits.boxes), _look(page, letters))
    strange = sum(min(max(sign, 0.0), _MOST) ** 2 for sign in signs)
    return _MORE * strange if len(digits.boxes) <= _FEW_DIGITS else strange


def _uneven_by(own: _Print, digits: Sequence[PixelBox]) -> tuple[float, ...]:
    """Return how much digits differ in their heights and feet."""
    high = own.capital
    heights = [box[3] - box[1] for box in digits]
    feet = [box[3] for box in digits]
    base = float(np.median([box[3] for box in own.standing])) if own.standing else feet[0]
    off_base = max(abs(max(feet) - base), abs(min(feet) - base), max(feet) - min(feet))
    return (
        (max(heights) - min(heights) - _PIXEL) / (_UNEVEN * high),
        (off_base - _PIXEL) / (_UNEVEN * high),
        (abs(float(np.median(heights)) / high - _HEIGHT) - _HEIGHT_OFF) / _HEIGHT_STRONG,
    )


def _unlike_by(
    digits: tuple[float, float, float], letters: tuple[float, float, float]
) -> tuple[float, ...]:
    """Return how much digits differ in weight, slant and darkness."""
    weight, slant, core = digits
    weight_beside, slant_beside, core_beside = letters
    contrast = max(_WHITE - core_beside, 1.0)
    return (
        abs(log(weight / weight_beside)) / _WEIGHT_STRONG,
        (abs(slant - slant_beside - _SLANT) - _SLANT_OFF) / _SLANT_STRONG,
        (abs(core - core_beside) / contrast - _INK_OFF) / _INK_STRONG,
    )
