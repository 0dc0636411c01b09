"""The issuing body: offices are spelled as the State names them, places as the paper does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from config.offices import OFFICES
from config.own_places import OwnPlaces
from digitize.describe import describe
from digitize.heading import settle_heading
from digitize.model import Line, Paper
from digitize.ocr import make_line
from digitize.spellings import spellings_of
from tests.digitize.workbench import line, page_of


def _unsure(item: Line, text: str, confidence: float) -> Line:
    return make_line(
        [replace(word, confidence=confidence) if word.text == text else word for word in item.words]
    )


def _body(*lines: Line) -> str | None:
    paper = Paper(number=1, pages=(page_of(lines),), reason="Mỗi tệp là một giấy tờ")
    settled = settle_heading(describe(paper).fields, paper, spellings_of(paper), OwnPlaces())
    return next((field.value for field in settled if field.name == "issuing_body"), None)


@pytest.mark.parametrize(
    ("read", "body"),
    [
        (["UBND XÃ SUỐI MẪU", "PHÒNG KINH TẾ"], "UBND XÃ SUỐI MẪU PHÒNG KINH TẾ"),
        (["UBND TỈNH SUỐI MẪU", "SỞ NỌI VỤ"], "UBND TỈNH SUỐI MẪU SỞ NỘI VỤ"),
        (["_SỞ Y TẾ SUỐI MẪU", "BỆNH VIEN ĐA KHOA"], "SỞ Y TẾ SUỐI MẪU BỆNH VIỆN ĐA KHOA"),
        (["CÔNG AN TỈNH SUỐI MẪU.", "CÔNG AN PHƯƠNG SUỐI MẪU"],
         "CÔNG AN TỈNH SUỐI MẪU CÔNG AN PHƯỜNG SUỐI MẪU"),
        (["UBND XÃ SUỐI MẪU", "PHÒNG VĂN HÓA - XÃ HỘI"],
         "UBND XÃ SUỐI MẪU PHÒNG VĂN HÓA - XÃ HỘI"),
        (["UBND XÃ SUỐI MẪU", "PHÒNG VĂN HÓA XÃ", "HỘI"],
         "UBND XÃ SUỐI MẪU PHÒNG VĂN HÓA - XÃ HỘI"),
    ],
)  # fmt: skip
def test_an_office_is_spelled_as_it_is_called(read: list[str], body: str) -> None:
    assert _body(*(line(text, 70, 60 + 13 * at, 10) for at, text in enumerate(read))) == body


def test_an_office_stands_however_unsure_its_marks_are_and_a_place_does_not() -> None:
    office = _unsure(line("ỦY BAN NHÂN DÂN", 70, 60, 10), "NHÂN", 0.3)
    place = line("XÃ SUỐI MẪU", 70, 73, 10)
    assert _body(office, place) == "ỦY BAN NHÂN DÂN XÃ SUỐI MẪU"
    assert _body(office, _unsure(place, "SUỐI", 0.5)) is None


def test_a_place_that_is_no_word_but_near_one_must_stand_twice() -> None:
    head = [line("ỦY BAN NHÂN DÂN", 70, 60, 10), line("XÃ SUỐI GIẦY", 70, 73, 10)]
    assert _body(*head) is None
    assert _body(*head, line("xã Suối Giầy", 70, 300)) == "ỦY BAN NHÂN DÂN XÃ SUỐI GIẦY"
    # A usual word that nothing is like may be read less surely.
    usual = _unsure(line("XÃ SUỐI GIẤY", 70, 73, 10), "GIẤY", 0.89)
    assert _body(head[0], usual) == "ỦY BAN NHÂN DÂN XÃ SUỐI GIẤY"


def test_what_stands_below_another_body_alone_was_cut_off() -> None:
    above, below = line("UBND XÃ SUỐI MẪU", 70, 60, 10), line("PHÒNG KINH TẾ", 70, 73, 10)
    assert _body(above, below) == "UBND XÃ SUỐI MẪU PHÒNG KINH TẾ"
    assert _body(below) is None
    assert _body(line("XÃ SUỐI MẪU", 70, 60, 10)) is None
    assert _body(line("ỦY NHÂN DÂN XÃ SUỐI MẪU", 70, 60, 10)) is None


@pytest.mark.parametrize("number", ["-../GRV", "Số: ZZ*/GRV", "Số: /GRV"])
def test_the_number_below_is_no_part_of_the_body(number: str) -> None:
    head = line("UBND XÃ SUỐI MẪU", 70, 60, 10)
    assert _body(head, line(number, 70, 73, 10)) == "UBND XÃ SUỐI MẪU"


def test_a_place_is_spelled_as_the_paper_spells_it_elsewhere() -> None:
    read = _unsure(line("XÃ THỨ NGHIỆM", 70, 73, 10), "THỨ", 0.4)
    head = [line("ỦY BAN NHÂN DÂN", 70, 60, 10), read]
    again = line("Ủy ban nhân dân xã Thử Nghiệm nhận được hồ sơ", 70, 300)
    assert _body(*head, again) == "ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM"
    # Print squeezes the marks over capitals: small letters are right, however sure both are.
    sure = line("XÃ THỨ NGHIỆM", 70, 73, 10)
    assert _body(head[0], sure, again) == "ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM"


def test_the_level_behind_an_office_is_told_by_its_letters() -> None:
    head = [line("BHXH TĨNH SUỐI MẪU", 70, 60, 10)]
    assert _body(*head, line("tỉnh Suối Mẫu", 70, 300)) == "BHXH TỈNH SUỐI MẪU"


def test_a_notation_with_a_letter_read_twice_is_of_a_known_kind() -> None:
    read = _unsure(line("Số: 84/QĐÐ-UBND", 70, 100, 10), "84/QĐÐ-UBND", 0.55)
    paper = Paper(number=1, pages=(page_of([read]),), reason="Mỗi tệp là một giấy tờ")
    settled = settle_heading(describe(paper).fields, paper, spellings_of(paper), OwnPlaces())
    assert ("notation", "QĐ-UBND") in [(field.name, field.value) for field in settled]


def test_names_of_offices_are_told_apart_by_what_they_say() -> None:
    assert len(set(OFFICES)) == len(OFFICES)
    assert [len(name) for name in OFFICES] == sorted(map(len, OFFICES), reverse=True)


@pytest.mark.parametrize(
    ("notation", "title", "is_taken"),
    [
        ("XNCT", "XÁC NHẬN THÔNG TIN VỀ CƯ TRÚ", True),
        ("GBT-BVĐK", "GIẤY BÁO TỬ", True),
        ("XNCT", "GIẤY BÁO TỬ", False),
        ("GBT-KHTH", "GIẤY BÁO TỬ", False),
    ],
)
def test_a_notation_that_stands_for_words_of_the_heading_needs_no_sure_number(
    notation: str, title: str, is_taken: bool
) -> None:
    number = line(f"Số: 12/{notation}", 90, 110, 10)
    unsure = make_line([replace(word, confidence=0.3) for word in number.words])
    lines = [line("BỆNH VIỆN ĐA KHOA", 70, 60, 10), unsure, line(title, 230, 150, 12)]
    paper = Paper(number=1, pages=(page_of(lines),), reason="Mỗi tệp là một giấy tờ")
    settled = settle_heading(describe(paper).fields, paper, spellings_of(paper), OwnPlaces())
    said = [field.value for field in settled if field.name == "notation"]
    assert said == ([notation] if is_taken else [])


def test_a_place_of_which_only_the_beginning_was_read_leaves_no_issuing_body() -> None:
    own = OwnPlaces(spellings={("suoi", "giay"): (("xã", "Suối Giấy"),)})
    for place, body in (("XÃ SUỐI", None), ("XÃ SUỐI GIẤY", "ỦY BAN NHÂN DÂN XÃ SUỐI GIẤY")):
        lines = [line("ỦY BAN NHÂN DÂN", 70, 60, 10), line(place, 80, 73, 10)]
        told = line(f"Ủy ban nhân dân {place.title().replace('Xã', 'xã')} thông báo.", 80, 300, 10)
        paper = Paper(number=1, pages=(page_of([*lines, told]),), reason="Mỗi tệp là một giấy tờ")
        settled = settle_heading(describe(paper).fields, paper, spellings_of(paper), own)
        found = next((field.value for field in settled if field.name == "issuing_body"), None)
        assert found == body


def test_a_place_that_the_paper_spells_otherwise_elsewhere_is_settled_by_nobody() -> None:
    head = (line("UBND XÃ BẾN THUỐC", 70, 60, 10), line("PHÒNG KINH TẾ", 80, 74, 10))
    same, other = line("Bến Thuốc nhận hồ sơ", 70, 300), line("Bến Thước nhận hồ sơ", 70, 320)
    assert _body(*head, same) == "UBND XÃ BẾN THUỐC PHÒNG KINH TẾ"
    assert _body(*head, same, other) is None


def test_a_place_that_lost_the_same_mark_twice_is_none() -> None:
    head = (line("UBND XÃ ĐÔI BÚT", 70, 60, 10), line("PHÒNG KINH TẾ", 80, 74, 10))
    assert _body(*head, line("Đôi Bút, ngày 05 tháng 11 năm 2026", 300, 100)) is None
