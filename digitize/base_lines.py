"""Where words stand in their row: print keeps one base line and one size, a hand does neither.

A pen that writes clearly is read as surely as print. But it does not meet the base line of the
row to a pixel, nor the height of its digits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from digitize.model import Word

# What hangs below the base line, the dot below a vowel too; a full stop may be a comma misread.
_HANGING = re.compile("[gjpqyQ,.;()\\[\\]{}|/_\u0323@ß§]")
# Printed digits were found so far from the base line and from each other's height: shares of that
# height, and pixels of the scan where these are more. Most of a pen's are farther.
_OFF_BASE, _OFF_HEIGHT = (0.07, 1.3), (0.1, 2.2)
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
    is_level = all(
        abs(word.box[3] - _nearest(word, feet).box[3]) <= off_base for word in plain if feet
    )
    return is_level and max(heights) - min(heights) <= off_height


def _stands(word: Word) -> bool:
    """Tell whether a word's box ends at the base line."""
    has_letter = any(map(str.isalnum, word.text))
    return has_letter and not _HANGING.search(unicodedata.normalize("NFD", word.text))


def _nearest(word: Word, feet: Sequence[Word]) -> Word:
    # Photographed rows bend, and their ends are not level with each other.
    middle = word.box[0] + word.box[2]
    return min(feet, key=lambda other: abs(other.box[0] + other.box[2] - middle))
