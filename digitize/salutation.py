"""To whom a letter is sent: the rows from «Kính gửi» on, and whether they name an office.

Whoever is named there beside an office was written to as its official, or as one of several; the
paper is about somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from config.vietnamese import fold
from digitize.field_values import read_name
from digitize.label_words import ADDRESSES, BULLET, fold_label
from digitize.layout import height_of, in_one_row, segments
from digitize.model import Box, Line, RecognizedPage, Word
from digitize.positions import POSITION
from digitize.wrapped_labels import NEXT_ROW

_OPENS = re.compile(r"^\W*kinh gui\b\W*")
# Other ways to begin whom a letter is sent to.
_ADDRESSED = re.compile(
    r"^(?:cac (?:ong|ba|dong chi)|ong|ba|anh|chi|dong chi|cong dan|co quan|quy)\b"
)
# An office held, told on a row of its own.
_HELD = re.compile(r"^(?:chuc (?:vu|danh)|don vi|co quan|noi cong tac|bi thu|lanh dao)\b")
_BODY = re.compile(
    r"^(?:uy ban|ubnd|hoi dong|hdnd|so|bo|cuc|chi cuc|tong cuc|phong|ban|cong an|toa an|vien|"
    r"van phong|chi nhanh|trung tam|thue|kho bac|bao hiem|bhxh|truong|benh vien|dang uy)\b"
)
# Heights: no word of the text is longer, so a row of it ends nearer to the margin.
_FULL = 5.0
_EDGES = " .,:;-–_()\"'|"


class Salutation:
    """The rows of a page in which whom it is sent to is named.

    Args:
        page: it.
    """

    def __init__(self, page: RecognizedPage) -> None:
        rows = _rows(segments(page))
        self._boxes: tuple[Box, ...] = tuple(row.box for row in rows)
        self.is_official = _names_an_office(rows)
        """They name an office, or more than one person."""

    def holds(self, box: Box) -> bool:
        """Tell whether a place is in it."""
        across, down = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        return any(
            left <= across <= right and top <= down <= bottom
            for left, top, right, bottom in self._boxes
        )


def _rows(lines: Sequence[Line]) -> list[Line]:
    """Return the rows of the salutation, from «Kính gửi» down; none where there is none."""
    first = next((at for at, line in enumerate(lines) if _OPENS.match(fold(line.text))), None)
    if first is None:
        return []
    margin = max(line.box[2] for line in lines)
    rows = [lines[first]]
    for line in lines[first + 1 :]:
        last = rows[-1]
        room = NEXT_ROW * max(height_of(line), height_of(last))
        is_next = line.box[1] - last.box[3] <= room and _goes_on(rows, line, margin)
        if not is_next and not in_one_row(last, line):
            break
        rows.append(line)
    return rows


def _goes_on(rows: Sequence[Line], line: Line, margin: float) -> bool:
    """Tell whether a row names whom a letter is sent to, or which office one holds.

    Args:
        rows: those above it.
        line: the row.
        margin: where the rows of the text end.
    """
    said = _said(line.words)
    folded = fold(" ".join(word.text for word in said))
    if POSITION.match(folded) or _HELD.match(folded):
        return True
    # The text may begin with an office as well: left of whom it is sent to, up to the margin or a
    # full stop.
    is_listed = bool(line.words) and line.words[0] not in said
    is_indented = line.box[0] > rows[0].box[0] + height_of(line)
    is_text = margin - line.box[2] < _FULL * height_of(line) or line.text.endswith(".")
    if _BODY.match(folded):
        return is_listed or (is_indented and not is_text)
    is_person = _ADDRESSED.match(folded) or read_name(said)
    return bool(is_person) and _is_short(said)


def _is_short(said: Sequence[Word]) -> bool:
    """Tell whether a row is no sentence: behind its name there is an office or nothing."""
    name = read_name(said)
    if name:
        behind = said[said.index(name[-1]) + 1 :]
        return not any(_core(word) for word in behind) or bool(_offices((said,)))
    return fold_label(" ".join(word.text for word in said)) in ADDRESSES


def _names_an_office(rows: Sequence[Line]) -> bool:
    parts = [_without_opening(row.words) for row in rows]
    persons = [name for name in map(read_name, parts) if name]
    return bool(_offices(parts)) or len(persons) > 1


def _offices(parts: Sequence[Sequence[Word]]) -> list[str]:
    """Return what of rows names an office: all of a row, or what stands behind a name in it."""
    found = []
    for words in parts:
        name = read_name(words)
        at = list(words).index(name[-1]) + 1 if name else 0
        text = fold(" ".join(map(_core, words[at:]))).strip()
        if any(pattern.match(text) for pattern in (POSITION, _HELD, _BODY)):
            found.append(text)
    return found


def _without_opening(words: Sequence[Word]) -> Sequence[Word]:
    """Return the words of a row behind «Kính gửi» and what lists them."""
    texts = [fold(_core(word)) for word in words]
    at = texts.index("gui") + 1 if "gui" in texts[:3] else 0
    return _said(words[at:])


def _said(words: Sequence[Word]) -> Sequence[Word]:
    start = next(_starts(words), len(words))
    return words[start:]


def _starts(words: Sequence[Word]) -> Iterator[int]:
    return (at for at, word in enumerate(words) if not BULLET.match(word.text))


def _core(word: Word) -> str:
    return word.text.strip(_EDGES)
