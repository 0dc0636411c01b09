"""Whom a letter is sent to: an applicant is its holder, an official or one of several is not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from digitize.describe import describe
from digitize.fields import complete
from digitize.salutation import Salutation
from tests.digitize.test_fields import RULES, SCANNED
from tests.digitize.workbench import heading, line, page_of, paper_of

OFFICIALS = [
    ["Kính gửi:", "Ông TRẦN THỬ NGHIỆM AN, Chủ tịch Ủy ban nhân dân xã"],
    ["Kính gửi:", "- Ông TRẦN THỬ NGHIỆM AN - Chủ tịch Ủy ban nhân dân xã;"],
    ["Kính gửi:", "Ông TRẦN THỬ NGHIỆM AN", "Chủ tịch Ủy ban nhân dân xã Thử Nghiệm"],
    ["Kính gửi:", "Ông (bà): TRẦN THỬ NGHIỆM AN - Trưởng phòng Kinh tế"],
    ["Kính gửi:", "Ông: TRẦN THỬ NGHIỆM AN", "Chức vụ: Giám đốc"],
    ["Kính gửi:", "Ông Trần Thử Nghiệm An, Giám đốc Sở Tư pháp"],
    ["Kính gửi: Ông TRẦN THỬ NGHIỆM AN", "GIÁM ĐỐC SỞ TƯ PHÁP"],
    ["Kính gửi: Ông TRẦN THỬ NGHIỆM AN", "Phó Giám đốc Sở Tư pháp"],
    ["Kính gửi ông: TRẦN THỬ NGHIỆM AN", "Bí thư Đảng ủy phường"],
    ["Kính gửi: Ông Trần Thử Nghiệm An (Giám đốc Sở Tư pháp)"],
]
SEVERAL = [
    ["Kính gửi:", "- Ông TRẦN THỬ NGHIỆM AN;", "- Bà BÙI THỊ THỬ NGHIỆM BA."],
    ["Kính gửi:", "- Ông TRẦN THỬ NGHIỆM AN", "- Ủy ban nhân dân xã Thử Nghiệm"],
]
APPLICANTS = [
    ["Kính gửi:", "Ông TRẦN THỬ NGHIỆM AN"],
    ["Kính gửi:", "Ông (bà): TRẦN THỬ NGHIỆM AN"],
    ["Kính gửi: Ông TRẦN THỬ NGHIỆM AN", "Địa chỉ: thôn Mẫu, xã Thử Nghiệm"],
    # The text of the letter begins with an office.
    ["Kính gửi: Ông TRẦN THỬ NGHIỆM AN", "Bộ phận Một cửa nhận được hồ sơ của ông."],
]


def _holder(code: str, rows: Sequence[str], *, indent: float) -> str | None:
    first, *others = rows
    below = [line(text, 80 + indent, 318 + 18 * at, 10) for at, text in enumerate(others)]
    paper = paper_of([*heading(), line(first, 80, 300, 10), *below])
    return complete(describe(paper), paper, code, RULES, SCANNED).value("holder")


@pytest.mark.parametrize("indent", [0.0, 60.0])
@pytest.mark.parametrize("code", ["PXL", "PBS", "LLTP", "GTN"])
@pytest.mark.parametrize("rows", [*OFFICIALS, *SEVERAL])
def test_an_official_or_one_of_several_is_no_holder(
    rows: Sequence[str], code: str, indent: float
) -> None:
    assert _holder(code, rows, indent=indent) is None


@pytest.mark.parametrize("indent", [0.0, 60.0])
@pytest.mark.parametrize("rows", APPLICANTS)
def test_an_applicant_is_the_holder_of_a_letter_of_the_desk(
    rows: Sequence[str], indent: float
) -> None:
    assert _holder("TBDGQ", rows, indent=indent) == "TRẦN THỬ NGHIỆM AN"


@pytest.mark.parametrize("rows", OFFICIALS)
def test_whom_the_form_names_below_an_official_is_its_holder(rows: Sequence[str]) -> None:
    below = [*rows, "Hồ sơ của: BÙI THỬ NGHIỆM BÌNH"]
    for code in ("PXL", "GTN"):
        assert _holder(code, below, indent=0.0) == "BÙI THỬ NGHIỆM BÌNH"


def test_text_that_begins_with_an_office_is_no_row_of_whom_it_is_sent_to() -> None:
    text = (
        "Phòng Kinh tế nhận được hồ sơ đề nghị cấp giấy phép của ông vào ngày 12 tháng 5 năm 2026"
    )
    rows = [line("Kính gửi: Ông TRẦN THỬ NGHIỆM AN", 80, 300, 10), line(text, 110, 318, 10)]
    sent = Salutation(page_of([*heading(), *rows]))
    assert sent.holds(rows[0].box)
    assert not sent.holds(rows[1].box)
    assert not sent.is_official


def test_a_page_without_a_salutation_holds_nothing() -> None:
    row = line("Ông TRẦN THỬ NGHIỆM AN, Chủ tịch Ủy ban nhân dân xã", 80, 300, 10)
    sent = Salutation(page_of([row]))
    assert not sent.holds(row.box)
    assert not sent.is_official
