"""A row of a form as the engine read it, parted where rules of a table and colons stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digitize.model import Line, Word
from digitize.ocr import make_line

_RULE = re.compile(r"^[|¦│]+$")
_TIME = re.compile(r"^\d+:\d+")


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
