"""Cut a submission into papers: each kind of paper is its own copy (TT 01/2023/TT-VPCP Art. 8).

A file is one paper unless something in it says otherwise: a cover sheet of ours, a dossier's
receipt with other papers behind it, or a blank page where the station uses those as separators.
Every page of the file has one place: in one paper, or among the sheets that only part papers.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import pairwise

from digitize.covers import is_ours, read_payload
from digitize.layout import is_capitals, segments
from digitize.model import Cover, Line, Paper, RecognizedPage
from digitize.titles import title_likeness

RECEIPT_TITLE = "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ"
_RECEIPT_LIKENESS = 0.85
_NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
_NATION_LIKENESS = 0.8
# A title that cuts stands in the upper half; the nation's name in the head (NĐ 30/2020 Art. 8).
_TITLE_SHARE, _HEAD_SHARE = 0.5, 0.3

_ONE_FILE = "Mỗi tệp là một giấy tờ"
_RECEIPT = "Tệp là giấy tiếp nhận hồ sơ"
_BEHIND_COVER = "Sau tờ bìa"
_BEHIND_SEPARATOR = "Sau trang trắng ngăn cách"
_RECEIPT_BEGINS = "Bắt đầu bằng giấy tiếp nhận hồ sơ"
_HEADING_BEGINS = "Sau giấy tiếp nhận, bắt đầu bằng quốc hiệu"


@dataclass(frozen=True, slots=True, kw_only=True)
class CutRules:
    """What may cut a file."""

    key: bytes | None = None
    """The station's key of cover sheets; None where it has printed none."""
    blank_separators: bool = False
    """A blank page parts two papers."""
    drop_blank: bool = False
    """Blank pages are not shown in the copies."""
    answered: bool = False
    """A person has looked at this file: what was doubtful counts as ordinary pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """What a person must look at before anything of the file is signed."""

    code: str
    """Stable word for programs."""
    vi: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPlan:
    """Where one paper lies in the file."""

    pages: tuple[int, ...]
    """Page numbers of the file that its copy shows."""
    reason: str
    cover: Cover | None = None
    receipt: int | None = None
    left_out: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CutPlan:
    """Where every page of a file belongs."""

    papers: tuple[PaperPlan, ...]
    covers: tuple[int, ...] = ()
    """Pages that are cover sheets, blank backs included; they belong to no paper."""
    separators: tuple[int, ...] = ()
    """Blank pages that only part papers."""
    doubts: tuple[Doubt, ...] = ()


def cut(pages: tuple[RecognizedPage, ...]) -> tuple[Paper, ...]:
    """Take all pages of one file as one paper."""
    reason = _RECEIPT if is_receipt(pages[0]) else _ONE_FILE
    return (Paper(number=1, pages=pages, reason=reason),)


def plan_one(pages: tuple[RecognizedPage, ...], *, drop_blank: bool = False) -> CutPlan:
    """Plan a file that is never cut."""
    reason = _RECEIPT if is_receipt(pages[0]) else _ONE_FILE
    plan = PaperPlan(pages=tuple(page.number for page in pages), reason=reason)
    blank = {page.number for page in pages if page.blank}
    return CutPlan(papers=(_without(plan, blank) if drop_blank else plan,))


def apply(plan: CutPlan, pages: tuple[RecognizedPage, ...]) -> tuple[Paper, ...]:
    """Give the papers of a plan their pages."""
    by_number = {page.number: page for page in pages}
    return tuple(
        Paper(
            number=index + 1,
            pages=tuple(by_number[number] for number in paper.pages),
            reason=paper.reason,
            cover=paper.cover,
            receipt=paper.receipt,
            left_out=paper.left_out,
        )
        for index, paper in enumerate(plan.papers)
    )


class _Mark(Enum):
    """What a page does to the pages around it."""

    PLAIN = "plain"
    COVER = "cover"
    SEPARATOR = "separator"
    RECEIPT = "receipt"
    HEADING = "heading"


@dataclass(slots=True)
class _Section:
    reason: str
    cover: Cover | None = None
    receipt: int | None = None
    pages: list[RecognizedPage] = field(default_factory=list)


@dataclass(slots=True)
class _Knife:
    """Walks through the pages once."""

    rules: CutRules
    sections: list[_Section] = field(default_factory=lambda: [_Section(_ONE_FILE)])
    covers: list[int] = field(default_factory=list)
    separators: list[int] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    receipt: int | None = None

    def take(self, page: RecognizedPage) -> None:
        """Put the next page where it belongs."""
        cover = self._cover_of(page)
        if cover is not None:
            self.receipt = None
            self._begin(_BEHIND_COVER, cover)
            self.covers.append(page.number)
            return
        match self._mark(page):
            case _Mark.COVER:
                self.covers.append(page.number)
                return
            case _Mark.SEPARATOR:
                self._part(page)
                return
            case _Mark.RECEIPT:
                self._begin_group()
            case _Mark.HEADING:
                self._begin(_HEADING_BEGINS, None)
            case _Mark.PLAIN:
                pass
        self.sections[-1].pages.append(page)

    def _mark(self, page: RecognizedPage) -> _Mark:
        section = self.sections[-1]
        if page.blank and self.covers and self.covers[-1] == page.number - 1 and not section.pages:
            return _Mark.COVER  # the back of the sheet
        if page.blank and self.rules.blank_separators:
            return _Mark.SEPARATOR
        if begins_receipt(page):
            return _Mark.RECEIPT
        if self.receipt is not None and section.pages and begins_document(page):
            return _Mark.HEADING
        return _Mark.PLAIN

    def _part(self, page: RecognizedPage) -> None:
        self.separators.append(page.number)
        before = self.sections[-1].cover
        self._begin(_BEHIND_SEPARATOR, before and Cover(dossier_code=before.dossier_code))

    def _begin(self, reason: str, cover: Cover | None) -> None:
        section = self.sections[-1]
        if section.pages:
            self.sections.append(_Section(reason, cover, self.receipt))
            return
        if section.cover is not None and reason == _BEHIND_COVER:
            self.doubts.append(_no_paper(self.covers[-1]))
        section.reason, section.cover = reason, cover or section.cover
        section.receipt = self.receipt

    def _begin_group(self) -> None:
        self.receipt = None
        self._begin(_RECEIPT_BEGINS, None)
        self.receipt = sum(1 for section in self.sections if section.pages) + 1

    def _cover_of(self, page: RecognizedPage) -> Cover | None:
        ours = {code.text for code in page.barcodes if is_ours(code.text)}
        read = {text: read_payload(text, self.rules.key) for text in ours}
        if not ours:
            return None
        if None in read.values() or len(ours) > 1:
            if not self.rules.answered:
                self.doubts.append(_forged(page.number))
            return None
        return read.popitem()[1]

    def end(self) -> None:
        """Ask about a last sheet without a paper."""
        last = self.sections[-1]
        if not last.pages and last.cover is not None and last.reason == _BEHIND_COVER:
            self.doubts.append(_no_paper(self.covers[-1]))


def plan(pages: tuple[RecognizedPage, ...], rules: CutRules) -> CutPlan:
    """Say where every page of one file belongs."""
    knife = _Knife(rules)
    for page in pages:
        knife.take(page)
    knife.end()
    found = [section for section in knife.sections if section.pages]
    if not found and (rules.answered or not knife.doubts):
        return plan_one(pages)
    if len(found) == 1 and not knife.covers and not knife.separators:
        whole = plan_one(pages, drop_blank=rules.drop_blank)
        return replace(whole, doubts=tuple(knife.doubts))
    blank = {page.number for page in pages if page.blank} if rules.drop_blank else set()
    made = CutPlan(
        papers=tuple(_without(_plan_of(section), blank) for section in found),
        covers=tuple(knife.covers),
        separators=tuple(knife.separators),
        doubts=() if rules.answered else tuple(knife.doubts),
    )
    _require_every_page(made, pages)
    return made


def _plan_of(section: _Section) -> PaperPlan:
    return PaperPlan(
        pages=tuple(page.number for page in section.pages),
        reason=section.reason,
        cover=section.cover,
        receipt=section.receipt,
    )


def _without(paper: PaperPlan, blank: set[int]) -> PaperPlan:
    """Leave blank pages out of a paper; one of blank pages only stays, for a person to see."""
    kept = tuple(number for number in paper.pages if number not in blank)
    if not kept:
        return paper
    left_out = tuple(number for number in paper.pages if number in blank)
    return replace(paper, pages=kept, left_out=left_out)


def _require_every_page(made: CutPlan, pages: tuple[RecognizedPage, ...]) -> None:
    placed = [number for paper in made.papers for number in (*paper.pages, *paper.left_out)]
    placed += [*made.covers, *made.separators]
    assert sorted(placed) == [page.number for page in pages], "a page is lost or stands twice"


def count_doubt(paper: Paper) -> Doubt | None:
    """Compare a paper with the number of pages that its cover sheet states.

    Blank backs may be counted or not: whoever wrote the number may have counted either way.
    """
    stated = paper.cover.pages if paper.cover else None
    every = len(paper.pages) + len(paper.left_out)
    written = sum(not page.blank for page in paper.pages)
    if stated is None or stated in (every, written):
        return None
    return Doubt(
        code="page_count_differs",
        vi=f"Tờ bìa ghi {stated} trang nhưng quét được {every} trang. Hãy đếm lại giấy; "
        "nếu thiếu trang, hãy quét lại cả giấy này.",
        en=f"the cover sheet says {stated} pages, {every} were scanned",
    )


def _forged(number: int) -> Doubt:
    return Doubt(
        code="cover_not_ours",
        vi=f"Tờ bìa ở trang {number} mang mã kiểm tra không đúng: không phải do trạm này in, "
        "hoặc in hỏng. Hãy in tờ bìa mới rồi quét lại.",
        en=f"the cover sheet on page {number} carries a wrong check code; print a new one",
    )


def _no_paper(number: int) -> Doubt:
    return Doubt(
        code="cover_without_paper",
        vi=f"Sau tờ bìa ở trang {number} không có trang giấy nào. Hãy xem có sót giấy không.",
        en=f"no page follows the cover sheet on page {number}",
    )


def is_receipt(page: RecognizedPage) -> bool:
    """Tell whether a page is a dossier's receipt (TT 03/2025/TT-VPCP Mẫu 01)."""
    return _says_receipt(segments(page))


def begins_receipt(page: RecognizedPage) -> bool:
    """Tell whether a receipt begins on a page: its title stands in capitals in the upper half."""
    upper = [line for line in segments(page) if line.box[1] < _TITLE_SHARE * page.height]
    return _says_receipt([line for line in upper if is_capitals(line.text)])


def _says_receipt(lines: list[Line]) -> bool:
    texts = [line.text for line in lines]
    pairs = [f"{first} {second}" for first, second in pairwise(texts)]
    return any(title_likeness(text, RECEIPT_TITLE) > _RECEIPT_LIKENESS for text in texts + pairs)


def begins_document(page: RecognizedPage) -> bool:
    """Tell whether the nation's name stands in the head of a page: a document begins here."""
    return any(
        title_likeness(line.text, _NATION) > _NATION_LIKENESS
        for line in segments(page)
        if line.box[1] < _HEAD_SHARE * page.height
    )
