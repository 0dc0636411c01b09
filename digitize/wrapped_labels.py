"""Labels that take two rows of a narrow column, put together: «Họ, chữ đệm, / tên».

The engine reads the first row together with the value beside it. What stands right below the
beginning of a row, goes no further than that, and makes a label of it, belongs to it; the rest of
the row is the value's cell.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from digitize.label_words import fold_label
from digitize.layout import height_of
from digitize.model import Box, Line, Word
from digitize.ocr import make_line

# Of the longer of two letters' heights: the gap to the row below.
NEXT_ROW = 1.6
_LONGEST_LABEL = 8
# Heights: rows of one cell begin as far from each other at most.
_UNEVEN = 0.4


def joined(cells: Sequence[Line], labels: Container[str]) -> Iterator[Line]:
    """Yield the cells of a page, a label of two rows as one cell.

    Args:
        cells: from top to bottom.
        labels: all there are, folded.
    """
    taken: set[int] = set()
    for at, cell in enumerate(cells):
        if id(cell) in taken:
            continue
        rests = [
            other
            for other in cells[at + 1 :]
            if is_right_below(cell.box, other, _UNEVEN * height_of(cell))
        ]
        found = _label(cell, rests, labels)
        if found is None:
            yield cell
            continue
        rest, end = found
        taken.add(id(rest))
        yield make_line([*cell.words[:end], *rest.words])
        if end < len(cell.words):
            yield make_line(list(cell.words[end:]))


def _label(cell: Line, rests: Sequence[Line], labels: Container[str]) -> tuple[Line, int] | None:
    """Return the second row of a label, and how many words the first has; None for no such."""
    for end in range(min(len(cell.words), _LONGEST_LABEL), 0, -1):
        head = make_line(list(cell.words[:end]))
        right = cell.words[end].box[0] if end < len(cell.words) else None
        below = (
            rest for rest in rests if is_right_below(head.box, rest, _UNEVEN * height_of(head))
        )
        rest = next(below, None)
        if rest is None or (right is not None and rest.box[2] > right):
            continue
        if fold_label(_text((*head.words, *rest.words))) in labels:
            return rest, end
    return None


def _text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def is_right_below(box: Box, other: Line, indent: float) -> bool:
    """Tell whether a line stands in the row below a box, and under it.

    Args:
        box: of what stands above.
        other: the line.
        indent: how far left of the box it may begin, points.
    """
    height = max(box[3] - box[1], height_of(other))
    gap = other.box[1] - box[3]
    is_near = -0.3 * height <= gap <= NEXT_ROW * height
    meets = other.box[0] < box[2] and other.box[2] > box[0]
    off_middle = abs(box[0] + box[2] - other.box[0] - other.box[2]) / 2
    is_under = box[0] - indent <= other.box[0] or off_middle <= indent / 2
    return is_near and meets and is_under
