"""Cutting a file into papers."""

from __future__ import annotations

import pytest

from digitize.papers import RECEIPT_TITLE, cut, is_receipt
from tests.digitize.workbench import centred, heading, line, page_of


def test_one_file_is_one_paper_with_all_its_pages_in_order() -> None:
    pages = tuple(page_of(heading(), number=number) for number in (1, 2, 3))
    (paper,) = cut(pages)
    assert paper.pages == pages
    assert paper.number == 1
    assert paper.reason
    assert paper.confidence == pytest.approx(0.95)


@pytest.mark.parametrize(
    "lines",
    [
        [centred(RECEIPT_TITLE, 150)],
        [centred("GIÁY TIÉP NHẬN HỔ SƠ VÀ HẸN TRẢ KÉT QUẢ", 150)],
        [centred("GIẤY TIẾP NHẬN HỒ SƠ", 150), centred("VÀ HẸN TRẢ KẾT QUẢ", 168)],
    ],
)
def test_a_receipt_is_known_by_its_title(lines: list[object]) -> None:
    page = page_of([*heading(), *lines])  # type: ignore[list-item]  # lines, by their makers
    assert is_receipt(page)
    assert cut((page,))[0].reason != cut((page_of(heading()),))[0].reason


@pytest.mark.parametrize(
    "text",
    [
        "GIẤY TIẾP NHẬN HỒ SƠ",
        "PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ",
        "Theo giấy tiếp nhận hồ sơ và hẹn trả kết quả số 12 ngày 05/11/2026 của Trung tâm",
        "",
    ],
)
def test_other_papers_are_none(text: str) -> None:
    assert not is_receipt(page_of([*heading(), line(text, 80, 150)] if text else heading()))
