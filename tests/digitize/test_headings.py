"""What may be a title, and what speaks against it."""

from __future__ import annotations

import pytest

from digitize.headings import Heading, find_headings
from digitize.model import Line
from tests.digitize.workbench import centred, heading, line, page_of

TITLE = "GIẤY ỦY QUYỀN"
PROSE = "Hôm nay chúng tôi gồm những người có tên dưới đây cùng nhau lập văn bản này để"


def _heading(*lines: Line, title: str = TITLE) -> Heading:
    found = find_headings(page_of([*heading(), *lines]))
    return next(item for item in found if item.line.text == title)


def test_a_title_in_the_middle_above_the_text_is_not_doubted() -> None:
    body = [line(PROSE, 70, 220 + 20 * index) for index in range(5)]
    assert _heading(centred(TITLE, 150, 14), *body).doubt == ""


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([line(TITLE, 40, 150, 12)], "giữa trang"),
        ([line(PROSE, 70, 130 + 20 * i) for i in range(3)] + [centred(TITLE, 220, 14)], "lời văn"),
        ([centred("BIÊN BẢN", 140, 14), centred(TITLE, 300, 14)], "BIÊN BẢN"),
        ([centred(TITLE, 150, 7), *[line(PROSE, 40, 220 + 20 * i) for i in range(5)]], "nhỏ hơn"),
    ],
    ids=["aside", "below prose", "below another title", "small"],
)
def test_what_stands_otherwise_is_doubted(lines: list[Line], why: str) -> None:
    assert why in _heading(*lines).doubt


def test_a_colon_makes_it_the_opening_of_a_part() -> None:
    assert "hai chấm" in _heading(centred(f"{TITLE}:", 150, 14), title=f"{TITLE}:").doubt


def test_a_title_with_small_letters_behind_it_is_cited() -> None:
    cited = "HỢP ĐỒNG CHUYỂN NHƯỢNG QUYỀN SỬ DỤNG ĐẤT số 108"
    assert "chữ thường" in _heading(centred(cited, 150), title=cited).doubt


@pytest.mark.parametrize(
    "above", ["SỞ XÂY DỰNG", "Mẫu số 01/ĐK", "THUẾ TỈNH THỬ NGHIỆM", "TRƯỜNG TRUNG HỌC THỬ NGHIỆM"]
)
def test_who_issued_it_or_its_form_may_stand_above_a_title(above: str) -> None:
    assert _heading(centred(above, 120), centred(TITLE, 150, 14)).doubt == ""


@pytest.mark.parametrize(
    ("below", "subject"),
    [
        (["Về việc cấp giấy phép", "Căn cứ Luật Xây dựng"], "ve viec cap giay phep"),
        (["VỀ VIỆC GIAO ĐẤT", "cho ông A", "Điều 1. Giao đất"], "ve viec giao dat cho ong a"),
        (["Kính gửi: Ủy ban nhân dân xã"], ""),
        ([], ""),
    ],
)
def test_what_stands_under_a_title_up_to_the_text_is_its_subject(
    below: list[str], subject: str
) -> None:
    lines = [centred(text, 175 + 25 * index) for index, text in enumerate(below)]
    assert _heading(centred(TITLE, 150, 14), *lines).subject == subject


def test_the_shortest_title_of_the_decree_is_seen() -> None:
    assert _heading(centred("ĐỀ ÁN", 150, 14), title="ĐỀ ÁN").doubt == ""
