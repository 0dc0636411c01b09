"""A row of a form as the engine read it, parted where rules, colons and columns of a table are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from digitize.model import Line, Word
from digitize.ocr import make_line

_RULE = re.compile(r"^[|¦│]+$")
_TIME = re.compile(r"^\d+:\d+")
# Heights: a gap before a column, too narrow to tell one alone; and how often the words behind it
# begin at the same place, so many points more or less.
_GAP, _ROWS, _UNEVEN = 0.7, 3, 2.0


def at_rules(line: Line) -> Iterator[Line]:
    """Yield what stands between the rules of a table, where these were read as strokes."""
    cell: list[Word] = []
    for word in line.words:
        if _RULE.match(word.text):
            yield from [make_line(cell)] if cell else []
            cell = []
        else:
            cell.append(word)
    yield from [make_line(cell)] if cell else []


def column_starts(lines: Sequence[Line]) -> tuple[float, ...]:
    """Return where columns begin whose cells stand too close to tell by one row, points."""
    lefts = [word.box[0] for line in lines for word in _behind_gaps(line)]
    return tuple(
        left for left in lefts if sum(abs(left - other) <= _UNEVEN for other in lefts) >= _ROWS
    )


def at_columns(line: Line, starts: Sequence[float]) -> Iterator[Line]:
    """Yield the cells of a row that begin where columns do."""
    first = {
        id(word)
        for word in _behind_gaps(line)
        if any(abs(word.box[0] - start) <= _UNEVEN for start in starts)
    }
    cell: list[Word] = []
    for word in line.words:
        if cell and id(word) in first:
            yield make_line(cell)
            cell = []
        cell.append(word)
    yield make_line(cell)


def _behind_gaps(line: Line) -> Iterator[Word]:
    height = line.box[3] - line.box[1]
    for before, word in pairwise(line.words):
        if word.box[0] - before.box[2] >= _GAP * height:
            yield word


def at_colons(line: Line) -> Line:
    """Part words at their colons, as labels and values run together; not in times of day."""
    return make_line([piece for word in line.words for piece in _pieces(word)])


def _pieces(word: Word) -> Iterator[Word]:
    head, colon, rest = word.text.partition(":")
    if not head or not rest or not colon or _TIME.match(word.text) or rest.startswith("//"):
        yield word
        return
    left, top, right, bottom = word.box
    cut = left + (right - left) * (len(head) + 1) / len(word.text)
    yield Word(text=head + ":", box=(left, top, cut, bottom), confidence=word.confidence)
    yield Word(text=rest, box=(cut, top, right, bottom), confidence=word.confidence)
