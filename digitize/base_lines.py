"""Where words stand in their row: print keeps one base line and one size, a hand does neither.

A pen that writes clearly is read as surely as print. But it does not meet the base line of the
row to a pixel, nor the height of its digits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import combinations
from statistics import median

from digitize.model import Word

# What hangs below the base line, the dot below a vowel too; a full stop may be a comma misread.
_HANGING = re.compile("[gjpqyQ,.;()\\[\\]{}|/_\u0323@ß§]")
# Printed digits were found so far from the base line and from each other's height: shares of that
# height, and pixels of the scan where these are more. Most of a pen's are farther.
_OFF_BASE, _OFF_HEIGHT = (0.07, 1.3), (0.1, 2.2)
_TAILED, _OTHERWISE = re.compile("[gy]"), re.compile("[,;()\\[\\]{}|/\u0323\xdf\xa7]")
# Nearer words tell nothing of how a row leans, points.
_FAR = 25.0
# Pixels: feet of one base line differ by so much, a whole pixel and what rounding adds.
_SAME_FOOT = 1.1
_POINTS_AN_INCH = 72.0
# Scans are read at about this resolution where a page says none.
_USUAL_DPI = 200.0


def are_in_print(digits: Sequence[Word], row: Sequence[Word], dpi: float) -> bool:
    """Tell whether digits are printed: on the base line of their row, and one as high as the other.

    Args:
        digits: words of digits; others among them are passed over.
        row: printed words of the same row.
        dpi: of the scan; what lies nearer than its pixels cannot be told apart.
    """
    pixel = _POINTS_AN_INCH / (dpi or _USUAL_DPI)
    plain = [word for word in digits if word.text.isdigit()]
    heights = [word.box[3] - word.box[1] for word in plain]
    if not heights:
        return True
    off_base, off_height = (
        max(share * max(heights), pixels * pixel) for share, pixels in (_OFF_BASE, _OFF_HEIGHT)
    )
    feet = [word for word in row if _stands(word)]
    lean = _lean(row, pixel)
    is_level = all(
        abs(_foot_of(word, lean) - _foot_of(_nearest(word, feet), lean)) <= off_base
        for word in plain
        if feet
    )
    return is_level and max(heights) - min(heights) <= off_height


def _lean(row: Sequence[Word], pixel: float) -> float:
    """Return how much a row falls to the right, by printed words of it that end alike below.

    Photographed rows lean, each as its place on the sheet wants it. Feet that differ by a pixel do
    not: carried on to the digits behind them it would be several.
    """
    alike = ([word for word in row if _stands(word)], [word for word in row if _hangs(word)])
    slopes = [
        fall / (_middle(other) - _middle(word)) if abs(fall) > _SAME_FOOT * pixel else 0.0
        for words in alike
        for word, other in combinations(words, 2)
        for fall in (other.box[3] - word.box[3],)
        if abs(_middle(other) - _middle(word)) >= _FAR
    ]
    return median(slopes) if slopes else 0.0


def _foot_of(word: Word, lean: float) -> float:
    return word.box[3] - lean * _middle(word)


def _middle(word: Word) -> float:
    return (word.box[0] + word.box[2]) / 2


def _hangs(word: Word) -> bool:
    """Tell whether a word's box ends where g and y do."""
    letters = unicodedata.normalize("NFD", word.text)
    return bool(_TAILED.search(letters)) and not _OTHERWISE.search(letters)


def _stands(word: Word) -> bool:
    """Tell whether a word's box ends at the base line."""
    has_letter = any(map(str.isalnum, word.text))
    return has_letter and not _HANGING.search(unicodedata.normalize("NFD", word.text))


def _nearest(word: Word, feet: Sequence[Word]) -> Word:
    # Photographed rows bend, and their ends are not level with each other.
    middle = word.box[0] + word.box[2]
    return min(feet, key=lambda other: abs(other.box[0] + other.box[2] - middle))
