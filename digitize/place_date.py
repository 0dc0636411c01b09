"""Place and date of a paper: in its head at the right, or at its end above the signatures.

NĐ 30/2020/NĐ-CP Art. 8 sets both as one line, «Thử Nghiệm, ngày 05 tháng 11 năm 2026». Only a line
that is nothing else counts: a date within the text is another paper's, or of what is told.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from config.codes import LIKE_DIGIT, as_number
from config.vietnamese import fold
from digitize.base_lines import are_in_print
from digitize.field_values import covering
from digitize.layout import is_capitals, middle_of, segments
from digitize.model import Box, Evidence, Line, Paper, RecognizedPage
from digitize.ocr import make_line

_HEADER_SHARE, _RIGHT_SHARE, _PROSE_SHARE = 0.45, 0.45, 0.55
# Digits that stand as print does were right however unsure the engine was of them (14 of 14 below
# 0.7); signs put right must be surer, and all where the label was misread.
_MIN_CONFIDENCE, _SURE_OF_REPAIRED, _SURE_OF_LETTERS, _BESIDE_MISREAD = 0.32, 0.45, 0.75, 0.88
# A slanting 5 has the bow and flag of these; a date is where letters are none.
_FIVES = str.maketrans(dict.fromkeys("õỗỡðŠš", "5"))
_FIRST_YEAR, _LAST_YEAR = 1945, 2100
# The words around the numbers are the same on every paper: one that was misread takes nothing from
# the date. In the folded text a sign that was read for a digit is a small letter, and stands
# beside one.
_SHAPE = re.compile(
    r"^(?:\W*so\b\W*\S*/\S+\s+)?[\W_]*(?:(?P<place>[a-z][a-z0-9 .'’-]{0,50}?)\s*[,.;]\s*)?"
    r"(?P<label>ngay\s*|[a-z]{2,5}\s+)(?=\S?\d)(?P<day>LIKE{1,2})\s*"
    r"(?:thang\s*|t[a-z]{2,4}\s+(?=\S?\d))(?P<month>LIKE{1,2})\s*"
    r"(?:nam\s*|n[a-z]{1,2}\s+)(?=\S*\d\S*\d)(?P<year>LIKE{4})[\W_]*$".replace(
        "LIKE", f"(?:{LIKE_DIGIT.lower()}|d)"
    )
)
# A line of place and date, however badly it was read; the pen leaves pieces of it.
# Forms say «Ngày sinh» and such beside their head too.
_LIKE_ONE = re.compile(
    r"^[^(]*,\s*ng\w{1,2}\b|^\W*ngay\b(?!\W*(?:sinh|cap|hen|tra|nhan|het|dang|gio|thang\W*nam)\b)|"
    r"^\W*thang\b|\bnam\s+(?:19|20)\d\d\W*$"
)
# A circular that a form belongs to is dated too.
_OF_FORM = re.compile(r"^\W*\(|\)\W*$|\b(?:thong tu|nghi dinh|quyet dinh|ban hanh|kem theo)\b")
# Before the comma there is the name of a place: each word with a capital, or one of these.
_OF_LEVELS = "xa phuong thi tran tinh thanh pho quan huyen dac khu tp so"
_LEVELS = frozenset(_OF_LEVELS.split())
# The receiver's stamp bears a number and a day of its own (NĐ 30/2020/NĐ-CP Art. 22).
_ARRIVAL = re.compile(r"^\W*(?:cong van )?den\W*$")
_STAMP_HEIGHT = 70.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A line of the shape of place and date."""

    parts: tuple[str, ...]
    """Day, month and year as read."""
    box: Box
    """Of the date, points."""
    confidence: float
    """Of its least sure part, 0 to 1."""
    is_known: bool
    """The word before the day was read rightly."""
    is_printed: bool
    """The digits stand as print does."""

    @property
    def is_repaired(self) -> bool:
        """Signs of it are no digits."""
        return not all(map(str.isdigit, self.parts))


def read_place_date(paper: Paper) -> tuple[Evidence, ...]:
    """Return `issue_date` of a paper; nothing where none was read surely, or by pen.

    Where the head has a line of place and date, that is the paper's, read or not.
    """
    page = paper.pages[0]
    head = _head(page)
    found = [evidence for line in head for evidence in _read(line, page)]
    if found or any(_is_like_one(line, page) for line in head):
        return tuple(found[:1])
    return _at_the_end(paper.pages[-1])


def has_unread_date(paper: Paper) -> bool:
    """Tell whether the head has a line of place and date that was not read: a pen wrote in it.

    Registries write the day by pen where they write the number so.
    """
    page = paper.pages[0]
    return any(_is_like_one(line, page) for line in _head(page)) and not has_printed_date(paper)


def has_printed_date(paper: Paper) -> bool:
    """Tell whether the date in the head is print, be it a possible one or misread."""
    page = paper.pages[0]
    seen = [_see(line, page) for line in _head(page)]
    return any(one is not None and one.is_printed and one.confidence >= _least(one) for one in seen)


def _head(page: RecognizedPage) -> list[Line]:
    lines = segments(page)
    return [line for line in lines if _is_in_head(line, page) and not is_stamped(line, lines)]


def is_stamped(line: Line, lines: Sequence[Line]) -> bool:
    """Tell whether a line belongs to the stamp of arrival: it stands below ĐẾN, in its column."""
    return any(
        0 < line.box[1] - stamp.box[1] < _STAMP_HEIGHT
        and line.box[0] < stamp.box[2]
        and line.box[2] > stamp.box[0]
        for stamp in lines
        if _ARRIVAL.match(fold(stamp.text))
    )


def _is_in_head(line: Line, page: RecognizedPage) -> bool:
    is_right = middle_of(line) > _RIGHT_SHARE * page.width
    return is_right and line.box[1] < _HEADER_SHARE * page.height


def _is_like_one(line: Line, page: RecognizedPage) -> bool:
    folded = fold(line.text)
    is_narrow = line.box[2] - line.box[0] < _PROSE_SHARE * page.width
    return bool(_LIKE_ONE.search(folded)) and is_narrow and not _OF_FORM.search(folded)


def _at_the_end(page: RecognizedPage) -> tuple[Evidence, ...]:
    """Return the date of the line above the signatures; none where two say different days.

    A line that names its place needs nothing else; a bare day stands below the text.
    """
    lines = segments(page)
    body = max((line.box[1] for line in lines if _is_prose(line, page)), default=0.0)
    found = [
        evidence
        for line in lines
        if not is_stamped(line, lines) and (line.box[1] > body or _names_place(line))
        for evidence in _read(line, page)
    ]
    return tuple(found[:1]) if len({evidence.value for evidence in found}) == 1 else ()


def _names_place(line: Line) -> bool:
    match = _SHAPE.match(fold(line.text))
    return match is not None and bool(match["place"])


def _is_prose(line: Line, page: RecognizedPage) -> bool:
    is_wide = line.box[2] - line.box[0] > _PROSE_SHARE * page.width
    return is_wide and not is_capitals(line.text) and _SHAPE.match(fold(line.text)) is None


def _read(line: Line, page: RecognizedPage) -> Sequence[Evidence]:
    seen = _see(line, page)
    if seen is None or not seen.is_printed:
        return ()
    date = _possible_date(*map(_as_digits, seen.parts))
    if date is None or seen.confidence < _least(seen):
        return ()
    as_read = " ".join(word.read or word.text for word in line.words)
    return (
        Evidence(
            name="issue_date",
            value=date.isoformat(),
            confidence=seen.confidence,
            page=page.number,
            box=seen.box,
            read=as_read if seen.is_repaired or as_read != line.text else "",
        ),
    )


def _see(line: Line, page: RecognizedPage) -> _Seen | None:
    match = _SHAPE.match(fold(line.text))
    if match is None or not _is_place(line.text[slice(*match.span("place"))], match["label"]):
        return None
    spans = [match.span(part) for part in ("day", "month", "year")]
    words = [word for span in spans for word in covering(line.words, *span)]
    # Of a misread label nobody knows which of its letters hang below the base line.
    is_known = match["label"].strip() == "ngay"
    unknown = () if is_known else covering(line.words, *match.span("label"))
    around = [word for word in line.words if word not in words and word not in unknown]
    return _Seen(
        parts=tuple(line.text[slice(*span)] for span in spans),
        box=make_line(list(covering(line.words, spans[0][0], spans[-1][1]))).box,
        confidence=min(word.confidence for word in words),
        is_known=is_known,
        is_printed=are_in_print(words, around, page.dpi),
    )


def _as_digits(read: str) -> str:
    return as_number(read.translate(_FIVES))


def _least(seen: _Seen) -> float:
    """Return how surely the parts of a date must have been read."""
    if not seen.is_known:
        return _BESIDE_MISREAD
    if not all(re.search(r"\d", part) for part in seen.parts):
        return _SURE_OF_LETTERS
    return _SURE_OF_REPAIRED if seen.is_repaired else _MIN_CONFIDENCE


def _is_place(text: str, label: str) -> bool:
    """Tell whether what stands before the date is the name of a place, or nothing is."""
    if not text:
        return label.strip() == "ngay"
    return all(not word[0].islower() or fold(word).strip(".") in _LEVELS for word in text.split())


def _possible_date(day: str, month: str, year: str) -> dt.date | None:
    try:
        date = dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
    return date if _FIRST_YEAR <= date.year <= _LAST_YEAR else None
