"""What is written on a paper: each field from its place on the page, with its box.

Places are those of NĐ 30/2020/NĐ-CP Art. 8 (number at the left under the issuing body, place and
date at the right under the motto, subject under the number or the title). Fields are read from
boxes and never from running text; what was read unsurely is missing, which is the honest answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import product

from config.codes import LIKE_DIGIT, as_number
from config.personal_numbers import is_personal_number
from config.vietnamese import fold
from digitize.dossier_codes import CODE_LABEL, dossier_codes
from digitize.layout import height_of, is_capitals, join, middle_of, segments, stands_below
from digitize.model import Description, Evidence, Line, Paper, RecognizedPage
from digitize.number_line import read_number_line
from digitize.place_date import read_place_date

_HEADER_SHARE = 0.45
_HEADING_SHARE = 0.28
# The number itself may be a pen's, its label taken off with it.
_NUMBER_LABEL = re.compile(r"^\W*so\b\W*\d*\W*/|^\W*so\W*:.*/|^\W*/")
_MIN_CONFIDENCE, _LEAST_OF_BODY = 0.6, 0.0
_SUBJECT = re.compile(r"^(?:v\s*/\s*v|ve viec)\b")
# What follows a subject, and is none; a subject's lines stand nearer to each other than to that.
_AFTER_SUBJECT = re.compile(r"^(?:kinh gui|can cu|xet|theo|thuc hien|hom nay|noi nhan)\b")
_SUBJECT_GAP = 0.8
# The words that open it, which are always the same; what is said may be any word.
_OPENING, _SURE_OF_SUBJECT = 2, 0.85
_OFF_MIDDLE = 25.0
# A citizen's number begins with 0; where most of twelve signs are digits, the others were too.
_PERSONAL_NUMBER = re.compile(
    rf"(?<!\d)(\d{{12}})(?!\d)|(?<!\w)(?=(?:\D?\d){{9}})([0Oo]{LIKE_DIGIT}{{11}})(?!\w)"
)
# Labels before the person that a paper is about; folded, the surest first.
_HOLDER_LABELS = (
    "ho, chu dem, ten nguoi duoc dang ky khai sinh",
    "ho va ten me hoac nguoi nuoi duong",
    "tiep nhan ho so cua",
    "chu ho kinh doanh",
    "chu dau tu",
    "nguoi su dung dat",
    "ho, chu dem, ten",
    "ho va ten",
    "ten ho kinh doanh",
)
# What may stand between a label and its colon: nothing, or the one who hands the paper in.
_LABEL_END = re.compile(r"^\W*(?:cua )?(?:ong|ba|ong/ba|ong \(ba\))?\s*(?:\([^)]*\))?\s*$")
_APPLICANT = re.compile(r"^ *nguoi nop\b")
# A line that reaches so far to the right goes on in the next.
_FULL_LINE = 0.8


def describe(paper: Paper) -> Description:
    """Read the fields of a paper.

    Returns:
        At most one value for each of `number`, `notation`, `issue_date` (ISO), `issuing_body`,
        `subject`, `holder`, `personal_number`; `dossier_code` as often as it was seen (see
        `dossier_codes`).
    """
    page = paper.pages[0]
    lines = segments(page)
    readers: tuple[Callable[[RecognizedPage, list[Line]], Iterator[Evidence]], ...] = (
        read_number_line,
        _issuing_body,
        _subject,
        _holder,
        _personal_number,
    )
    fields = [field for reader in readers for field in reader(page, lines)]
    return Description(fields=(*fields, *read_place_date(paper), *dossier_codes(paper)))


def _confidence(line: Line) -> float:
    return min(word.confidence for word in line.words)


def _evidence(
    page: RecognizedPage, name: str, value: str, line: Line, *, read: str = ""
) -> Evidence:
    """Say where a value was read, and what was, where that or a word of its line was repaired."""
    as_read = " ".join(word.read or word.text for word in line.words)
    repaired_line = as_read if as_read != line.text else ""
    return Evidence(
        name=name,
        value=value,
        confidence=_confidence(line),
        page=page.number,
        box=line.box,
        read=(read if read != value else "") or repaired_line,
    )


def _is_header(page: RecognizedPage, line: Line) -> bool:
    return line.box[1] < _HEADER_SHARE * page.height


def _issuing_body(page: RecognizedPage, lines: list[Line]) -> Iterator[Evidence]:
    heading: list[Line] = []
    for line in lines:
        # A heading is as high on a short sheet as on a whole one.
        is_high = bool(heading) or line.box[1] < _HEADING_SHARE * page.width
        is_left = line.box[2] < 0.55 * page.width and is_high
        folded = fold(line.text)
        is_set = is_capitals(line.text) or (bool(heading) and line.text.isupper())
        if not is_left or not is_set or CODE_LABEL.search(folded):
            continue
        if _NUMBER_LABEL.match(folded):
            break
        if not heading or stands_below(heading[-1], line):
            heading.append(line)
    # Above it a row may have run together with the motto; then this is the rest of a name.
    is_whole = bool(heading) and not any(
        is_capitals(line.text) and stands_below(line, heading[0]) for line in lines
    )
    body = join(heading) if is_whole else None
    # The rest of the paper, and the names of offices, settle what was read unsurely here.
    if body is not None and _confidence(body) >= _LEAST_OF_BODY:
        yield _evidence(page, "issuing_body", body.text, body)


def _subject(page: RecognizedPage, lines: list[Line]) -> Iterator[Evidence]:
    for index, line in enumerate(lines):
        if not _is_header(page, line) or not _SUBJECT.match(fold(line.text)):
            continue
        block = [line]
        for follower in lines[index + 1 :]:
            if _goes_on(block, follower) and len(block) < 4:
                block.append(follower)
        whole = join(block)
        said = whole.words[_OPENING:] or whole.words
        if min(word.confidence for word in said) >= _SURE_OF_SUBJECT:
            yield _evidence(page, "subject", whole.text, whole)
        return


def _goes_on(block: list[Line], follower: Line) -> bool:
    """Tell whether a line is the next of a subject: near, below its middle, and not the text."""
    last = block[-1]
    folded = fold(follower.text)
    ends = is_capitals(follower.text) or _AFTER_SUBJECT.match(folded) or ":" in folded
    is_near = follower.box[1] - last.box[3] <= _SUBJECT_GAP * height_of(last)
    # The body is indented, or as wide as the page; a subject is set about its middle.
    off = abs(middle_of(follower) - middle_of(block[0]))
    is_narrow = follower.box[2] - follower.box[0] <= 1.1 * max(_width(line) for line in block)
    return (
        stands_below(last, follower) and is_near and not ends and off <= _OFF_MIDDLE and is_narrow
    )


def _width(line: Line) -> float:
    return line.box[2] - line.box[0]


def _holder(page: RecognizedPage, lines: list[Line]) -> Iterator[Evidence]:
    tries = product((_LABEL_END, _APPLICANT), _HOLDER_LABELS, range(len(lines)))
    for ending, label, index in tries:
        line = lines[index]
        value = _labelled(line, label, ending)
        if value is None or _confidence(line) < _MIN_CONFIDENCE:
            continue
        name = _whole_name(value, page, lines[index:])
        if len(name) > 3 and not name[0].isdigit():
            yield _evidence(page, "holder", name, line)
            return


def _labelled(line: Line, label: str, ending: re.Pattern[str]) -> str | None:
    """Return what follows a label and its colon; None where the label names another person."""
    folded = fold(line.text)
    at = folded.find(label)
    colon = folded.find(":", at + len(label))
    if at < 0 or colon < 0 or not ending.match(folded[at + len(label) : colon]):
        return None
    return line.text[colon + 1 :].strip(" .…")


def _whole_name(value: str, page: RecognizedPage, lines: list[Line]) -> str:
    """Go on to the next line where a name was broken at the end of this one."""
    if lines[0].box[2] < _FULL_LINE * page.width or (value and not value.isupper()):
        return value
    follower = next(
        (line for line in lines[1:] if line.box[1] >= (lines[0].box[1] + lines[0].box[3]) / 2), None
    )
    rest = re.split(r"[.,;:]", follower.text)[0].strip() if follower is not None else ""
    return f"{value} {rest}".strip() if rest.isupper() else value


def _personal_number(page: RecognizedPage, lines: list[Line]) -> Iterator[Evidence]:
    for line in lines:
        match = _PERSONAL_NUMBER.search(line.text)
        number = as_number(match.group()) if match else ""
        if match and is_personal_number(number) and _confidence(line) >= _MIN_CONFIDENCE:
            yield _evidence(page, "personal_number", number, line, read=match.group())
            return
