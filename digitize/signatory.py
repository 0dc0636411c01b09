"""Who signed for an office: the name below title and signature (NĐ 30/2020/NĐ-CP Phụ lục I)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from config.vietnamese import fold
from digitize.field_values import is_sure, read_name
from digitize.layout import height_of, join, middle_of, segments, stands_below
from digitize.model import Evidence, Line, Paper, RecognizedPage
from digitize.ocr import make_line

# For the authority in whose name, and the office that is held; folded.
_AUTHORITY = re.compile(r"^(?:tm|kt|tl|tuq|q)\s?[.,]")
_OFFICE = re.compile(
    r"^(?:(?:q|tm|kt|tl|tuq)[.,] ?)?(?:pho )?(?:quyen )?"
    r"(?:chu tich|giam doc|tong giam doc|truong phong|truong ban|cuc truong|chi cuc truong|"
    r"vu truong|bo truong|thu truong|chanh van phong|chanh thanh tra|hieu truong|vien truong|"
    r"truong cong an|chi huy truong|cong chung vien|truong van phong|truong chi nhanh|doi truong|"
    r"truong doi|chanh an|tong cuc truong|tram truong|thu truong don vi)\b"
)
_HINT = re.compile(r"^\W*(?:\(|ky |da ky|ky boi|chu ky|dong dau)")
# Room for seal and signature between title and name, points; and how far their middles may differ.
_ROOM, _OFF_MIDDLE = 190.0, 70.0


def read_signatory(paper: Paper) -> tuple[Evidence, ...]:
    """Return name and title of who signed for an office: of the last signature on the paper."""
    for page in reversed(paper.pages):
        lines = segments(page)
        for title in reversed(list(_titles(lines))):
            name = _name_below(title, lines)
            if name is not None:
                return (_as(page, "signatory", name), _as(page, "signatory_title", title))
    return ()


def _titles(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield titles, each with the lines of its authority above it."""
    for index, line in enumerate(lines):
        if not _is_title(line) or not _OFFICE.match(fold(line.text)):
            continue
        block = [line]
        for above in reversed(lines[:index]):
            if stands_below(above, block[0]) and _is_title(above):
                block.insert(0, above)
        is_last = not any(
            stands_below(line, other) and _is_title(other) and _OFFICE.match(fold(other.text))
            for other in lines[index + 1 :]
        )
        if is_last:
            yield join(block)


def _is_title(line: Line) -> bool:
    folded = fold(line.text)
    is_known = _AUTHORITY.match(folded) or _OFFICE.match(folded)
    return bool(is_known) and line.text.isupper()


def _name_below(title: Line, lines: Sequence[Line]) -> Line | None:
    for line in lines:
        room = line.box[1] - title.box[3]
        if room < 0 or room > _ROOM or abs(middle_of(line) - middle_of(title)) > _OFF_MIDDLE:
            continue
        if room < height_of(line) or _HINT.match(fold(line.text)):
            continue
        name = read_name(line.words)
        if not name or len(name) < len(line.words) or not is_sure(name):
            return None
        return make_line(list(name))
    return None


def _as(page: RecognizedPage, name: str, line: Line) -> Evidence:
    return Evidence(
        name=name,
        value=line.text.strip(" .,:;'|"),
        confidence=min(word.confidence for word in line.words),
        page=page.number,
        box=line.box,
    )
