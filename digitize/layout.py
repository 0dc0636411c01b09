"""Lines of a page as places: segments, the header zone, capitals, columns."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from digitize.model import Line, RecognizedPage
from digitize.ocr import make_line

# Two columns of a header are farther apart than words ever are.
_COLUMN_GAP = 2.0
_CAPITALS_SHARE = 0.8
_MIN_LETTERS = 5
# Of the lower of two heights.
_SAME_ROW = 0.5


def split_at_gaps(line: Line) -> list[Line]:
    """Split a line where the gap between words is wider than a word space: columns of a header."""
    # Asked of every line of a paper again and again: most have no gap, and stay as they are.
    heights = [word.box[3] - word.box[1] for word in line.words]
    # A hyphen is no higher than a stroke: the letters beside it tell how wide a space is.
    starts = [
        index
        for index, (one, other) in enumerate(pairwise(line.words), 1)
        if other.box[0] - one.box[2] > _COLUMN_GAP * max(heights[index - 1], heights[index])
    ]
    if not starts:
        return [line]
    ends = [*starts, len(line.words)]
    return [
        make_line(list(line.words[start:end]))
        for start, end in zip([0, *starts], ends, strict=True)
    ]


def segments(page: RecognizedPage) -> list[Line]:
    """Return the segments of a page from top to bottom, then from left to right."""
    found = [part for line in page.lines for part in split_at_gaps(line)]
    return sorted(found, key=lambda line: (round(line.box[1]), line.box[0]))


def capitals_share(text: str) -> float:
    """Return the share of capitals among a text's letters, 0 to 1; 0 for too few letters."""
    letters = [character for character in text if character.isalpha()]
    if len(letters) < _MIN_LETTERS:
        return 0.0
    return sum(character.isupper() for character in letters) / len(letters)


def is_capitals(text: str) -> bool:
    """Tell whether a text is set in capitals, a few misread letters allowed."""
    return capitals_share(text) >= _CAPITALS_SHARE


def height_of(line: Line) -> float:
    """Return the height of a line in points."""
    return line.box[3] - line.box[1]


def middle_of(line: Line) -> float:
    """Return the horizontal middle of a line in points."""
    return (line.box[0] + line.box[2]) / 2


def in_one_row(one: Line, other: Line) -> bool:
    """Tell whether two segments stand beside each other."""
    overlap = min(one.box[3], other.box[3]) - max(one.box[1], other.box[1])
    return overlap > _SAME_ROW * min(height_of(one), height_of(other))


def stands_below(upper: Line, lower: Line) -> bool:
    """Tell whether one line directly follows another in the same column."""
    gap = lower.box[1] - upper.box[3]
    tallest = max(height_of(upper), height_of(lower))
    overlap = min(upper.box[2], lower.box[2]) - max(upper.box[0], lower.box[0])
    narrower = min(upper.box[2] - upper.box[0], lower.box[2] - lower.box[0])
    return -0.3 * tallest <= gap <= 1.2 * tallest and overlap >= 0.5 * narrower


def join(lines: Iterable[Line]) -> Line:
    """Join lines to one, in the order given."""
    return make_line([word for line in lines for word in line.words])
