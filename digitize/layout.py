"""Lines of a page as places: segments, the header zone, capitals, columns."""

from __future__ import annotations

from collections.abc import Iterable

from digitize.model import Line, RecognizedPage, Word
from digitize.ocr import make_line

# Two columns of a header are farther apart than words ever are.
_COLUMN_GAP = 2.0
_CAPITALS_SHARE = 0.8
_MIN_LETTERS = 5
# Of the lower of two heights.
_SAME_ROW = 0.5


def split_at_gaps(line: Line) -> list[Line]:
    """Split a line where the gap between words is wider than a word space: columns of a header."""
    parts: list[list[Word]] = []
    for word in line.words:
        last = parts[-1][-1] if parts else None
        # A hyphen is no higher than a stroke: the letters beside it tell how wide a space is.
        height = max(item.box[3] - item.box[1] for item in (word, last or word))
        if last is not None and word.box[0] - last.box[2] <= _COLUMN_GAP * height:
            parts[-1].append(word)
        else:
            parts.append([word])
    return [make_line(part) for part in parts]


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
