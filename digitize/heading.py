"""Who issued a paper, in the spelling that the rest of the paper gives its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from config.vietnamese import fold
from digitize.field_values import is_sure
from digitize.model import Box, Evidence, Paper, RecognizedPage, Word
from digitize.spellings import Spellings, settle

# What offices are called, besides the name of their place. Small letters.
_OFFICES = (
    "ủy ban nhân dân ubnd hội đồng hđnd bộ sở cục chi vụ phòng văn trung tâm phục hành chính công "
    "nhánh khu vực đăng ký đất đai kinh tế tài tư pháp xây dựng nội y giáo dục và đào tạo nông "
    "nghiệp môi trường khoa học nghệ thể thao du lịch an bệnh viện đa trạm trường thpt thcs tiểu "
    "học mầm non hóa xã thuế cơ bảo hiểm bhxh doanh chứng tỉnh thành phố quận huyện phường thị "
    "trấn tổng ty tnhh cổ phần một viên tòa án kiểm sát thanh tra quản lý ban đội kho bạc nhà nước "
    "việt nam"
)
_KNOWN = frozenset(_OFFICES.split())
# They begin a line of a heading, and nothing else does that is spelled alike but for marks.
_FIRST = ("tỉnh", "xã", "phường", "huyện", "quận", "trường", "sở", "phòng", "bệnh", "thuế", "ủy")
_LEVELS = {fold(level): level for level in _FIRST}
_SURE_OF_NOTATION = 0.5
_YEAR = re.compile(r"^\d{4}/")
# Đ in the coding of fonts that write another letter alike.
_ETH = str.maketrans({"Ð": "Đ", "ð": "đ", "Ɖ": "Đ"})
# It is read as both at times; no symbol has it twice.
_TWICE = re.compile("ĐĐ+")


def settle_heading(
    fields: Iterable[Evidence], paper: Paper, spellings: Spellings
) -> Iterator[Evidence]:
    """Yield the fields, the issuing body as the paper spells it, or without it.

    A notation that was read unsurely still tells the kind of a paper; as its field it is missing.

    Args:
        fields: as read without knowing more.
        paper: its pages.
        spellings: of the names on it.
    """
    for field in fields:
        if field.name == "issuing_body":
            yield from _settled(field, paper.pages[0], spellings)
        elif field.name == "notation":
            if field.confidence >= _SURE_OF_NOTATION:
                # The year between number and notation is said by the date.
                spelled = _TWICE.sub("Đ", field.value.translate(_ETH))
                yield replace(field, value=_YEAR.sub("", spelled))
        else:
            yield field


def _settled(field: Evidence, page: RecognizedPage, spellings: Spellings) -> Iterator[Evidence]:
    read = [word for line in page.lines for word in line.words if _lies_in(word.box, field.box)]
    words = settle([_level(word, read) for word in read], spellings, _KNOWN)
    if words and is_sure(words):
        yield replace(
            field,
            value=" ".join(word.text for word in words),
            confidence=min(word.confidence for word in words),
            read=field.read or (field.value if words != tuple(read) else ""),
        )


def _level(word: Word, read: list[Word]) -> Word:
    """Put right the marks of what begins a line of the heading: xã, phường, sở."""
    begins = not any(
        other.box[2] <= word.box[0] and abs(other.box[1] - word.box[1]) < word.box[3] - word.box[1]
        for other in read
    )
    level = _LEVELS.get(fold(word.text), "").upper()
    if not begins or not level or word.text == level:
        return word
    return replace(word, text=level, read=word.read or word.text)


def _lies_in(box: Box, place: Box) -> bool:
    across, down = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return place[0] <= across <= place[2] and place[1] <= down <= place[3]
