"""Where a paper may name itself: runs of capitals in its head, and what speaks against each.

A title stands in the middle of the sheet, above the salutation and the text, and is no smaller than
the text (NĐ 30/2020/NĐ-CP Art. 8 and Phụ lục I). What stands otherwise is cited or parts the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from digitize.layout import height_of, is_capitals, join, middle_of, segments, stands_below
from digitize.model import Line, RecognizedPage
from digitize.titles import normalise_title, title_likeness

_HEADER_SHARE = 0.6
_MAX_LINES = 4
_SHORTEST_TITLE = 4
_CENTRAL_SHARE, _ASIDE_SHARE = 0.12, 0.2
# Cards and stubs set their titles anywhere.
_SHEET_POINTS = 400.0
_PROSE_SHARE, _MUCH_PROSE = 0.5, 3
_SMALL = 0.75
_SALUTATION = re.compile(r"^kinh gui\b")
# Who issued a paper may stand above its title, and is no title; nor is what a form is numbered by.
_AGENCY = re.compile(
    r"^(?:uy ban|ubnd|hoi dong|bo|so|cuc|chi cuc|tong cuc|phong|van phong|chi nhanh|trung tam|"
    r"cong an|benh vien|truong|toa an|vien|doi|tinh|thanh pho|quan|huyen|thi xa|xa|phuong|"
    r"thi tran|cong ty|doanh nghiep|ban|thue|ngan hang|kho bac|bao hiem|ho kinh doanh|mau|"
    r"ma ho so|dac khu)\b"
)
_MOTTO = ("cong hoa xa hoi chu nghia viet nam", "doc lap tu do hanh phuc")
# What stands under a title up to the text: what the paper speaks of.
_SUBJECT_LINES = 5
_TEXT_BEGINS = re.compile(r"^(?:can cu|dieu \d|kinh gui|ho va ten|toi|hom nay|cac ben|xet)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A run of up to four lines in capitals, joined."""

    line: Line
    subject: str
    """The lines under it, up to the text; folded, empty where the text begins at once."""
    doubt: str
    """Why it may be no title, Vietnamese; empty where nothing speaks against it."""


def find_headings(page: RecognizedPage) -> list[Heading]:
    """Return what may be the title of a page, from top to bottom."""
    return [
        Heading(line=block, subject=_subject(page, block), doubt=_doubt(page, block))
        for block in title_blocks(page)
    ]


def title_blocks(page: RecognizedPage) -> list[Line]:
    """Return the runs of up to four lines in capitals in the header zone.

    A title stands above the salutation; what is set in capitals below it is cited.
    """
    lines = _capital_lines(page)
    found = []
    for index, line in enumerate(lines):
        if not (is_capitals(line.text) or _is_short_title(line.text)):
            continue
        block = [line]
        found.append(line)
        for follower in lines[index + 1 :]:
            if len(block) == _MAX_LINES or not stands_below(block[-1], follower):
                continue
            block.append(follower)
            found.append(join(block))
    return found


def _is_short_title(text: str) -> bool:
    """Tell whether a text may be the shortest of titles (DỰ ÁN): too few letters for a share."""
    return text.isupper() and sum(map(str.isalpha, text)) >= _SHORTEST_TITLE


def _capital_lines(page: RecognizedPage) -> list[Line]:
    # Certificates print their title in red, which the copy that was read has lost.
    found = sorted([*segments(page), *page.overlay], key=lambda line: (line.box[1], line.box[0]))
    salutations = (line for line in found if _SALUTATION.match(normalise_title(line.text)))
    salutation = next(salutations, None)
    bottom = min(
        _HEADER_SHARE * page.height, salutation.box[1] if salutation is not None else page.height
    )
    return [
        line
        for line in found
        # The last line of a title may be one short word.
        if line.box[1] < bottom and (is_capitals(line.text) or line.text.isupper())
        if not _is_motto(line)
    ]


def _is_motto(line: Line) -> bool:
    return any(title_likeness(line.text, motto) > 0.8 for motto in _MOTTO)


def _subject(page: RecognizedPage, block: Line) -> str:
    """Return what stands under a title: in capitals or not, up to where the text begins."""
    below = [line for line in segments(page) if line.box[1] >= block.box[3] - 1]
    texts: list[str] = []
    for line in below[:_SUBJECT_LINES]:
        text = normalise_title(line.text)
        if _TEXT_BEGINS.match(text):
            break
        texts.append(text)
    return " ".join(texts)


def _doubt(page: RecognizedPage, block: Line) -> str:
    top = block.box[1]
    if block.text.rstrip().endswith(":"):
        return "Nhưng có dấu hai chấm, như lời mở đầu một phần"
    if any(word.text.islower() and len(word.text) > 1 for word in block.words):
        return "Nhưng có chữ thường, như một câu nhắc đến giấy khác"
    upper = next((line for line in _capital_lines(page) if _names_above(line, top, page)), None)
    if upper is not None:
        return f"Nhưng đứng dưới dòng «{upper.text}»"
    aside = abs(middle_of(block) - page.width / 2) > _ASIDE_SHARE * page.width
    if aside and page.width >= _SHEET_POINTS:
        return "Nhưng không đứng giữa trang"
    prose = [line for line in segments(page) if _is_prose(line, page)]
    if sum(line.box[3] <= top for line in prose) >= _MUCH_PROSE:
        return "Nhưng đứng giữa phần lời văn"
    words = [word.box[3] - word.box[1] for line in prose for word in line.words]
    tall = height_of(block) / max(_rows(block), 1)
    if words and tall < _SMALL * median(words):
        return "Nhưng nhỏ hơn chữ của lời văn"
    return ""


def _names_above(line: Line, top: float, page: RecognizedPage) -> bool:
    is_central = abs(middle_of(line) - page.width / 2) < _CENTRAL_SHARE * page.width
    is_agency = _AGENCY.match(normalise_title(line.text)) is not None
    return is_central and not is_agency and is_capitals(line.text) and line.box[3] <= top


def _is_prose(line: Line, page: RecognizedPage) -> bool:
    wide = line.box[2] - line.box[0] > _PROSE_SHARE * page.width
    return wide and not is_capitals(line.text)


def _rows(block: Line) -> int:
    """Count the rows of a block: a word that begins left of the one before starts another."""
    lefts = [word.box[0] for word in block.words]
    return 1 + sum(after < before for before, after in pairwise(lefts))
