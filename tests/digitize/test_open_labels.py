"""Labels that no list has: what they mean, whom they name, and what is none."""

from __future__ import annotations

import datetime as dt

import pytest

from config.fields import load_field_rules
from digitize.describe import describe
from digitize.fields import complete
from digitize.model import Description, Paper
from tests.digitize.workbench import heading, line, page_of

RULES = load_field_rules()
NAME = "TRẦN THỊ THỬ NGHIỆM BÌNH"
OTHER = "LÊ THỬ NGHIỆM SƠN"
NUMBER = "000185000022"


def _read(code: str, *texts: str) -> Description:
    rows = [line(text, 80, 300 + 20 * at, 10) for at, text in enumerate(texts)]
    page = page_of([*heading(), *rows])
    paper = Paper(number=1, pages=(page,), reason="Mỗi tệp là một giấy tờ")
    return complete(describe(paper), paper, code, RULES, dt.date(2026, 11, 20))


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("GKSK", "Họ và tên người bệnh"),
        ("CT01", "Họ và tên người khai"),
        ("DON", "Người gửi đơn"),
        ("TLBD", "Chủ sử dụng"),
        ("GCS", "Họ tên sản phụ"),
        ("TKKT", "Đề nghị cơ quan đăng ký khai tử cho"),
        ("TKKS", "Đề nghị đăng ký khai sinh cho cháu"),
        ("GTN", "Trung tâm tiếp nhận hồ sơ của"),
        ("ATTP", "Người đại diện cơ sở"),
        ("TKTTHN", "Tôi là"),
        ("BTXH", "Chủ hộ"),
    ],
)
def test_a_label_is_known_by_its_words(code: str, label: str) -> None:
    assert _read(code, f"{label}: {NAME}").value("holder") == NAME


@pytest.mark.parametrize(
    "label",
    ["Họ và tên vợ", "Người liên hệ", "Người làm chứng", "Cán bộ kiểm tra", "Người được ủy quyền"],
)
def test_who_is_somebody_else_is_not_the_holder(label: str) -> None:
    assert _read("DON", f"{label}: {NAME}").value("holder") is None


def test_what_follows_a_stranger_is_said_of_the_stranger() -> None:
    rows = (f"Họ và tên: {NAME}", f"Người dẫn đường: {OTHER}", f"Số CCCD: {NUMBER}")
    found = _read("DON", *rows)
    assert (found.value("holder"), found.value("personal_number")) == (NAME, None)
    assert _read("DON", rows[0], rows[2]).value("personal_number") == NUMBER


def test_whom_the_list_names_counts_before_who_is_like_it() -> None:
    asked = "Đề nghị cấp Giấy xác nhận tình trạng hôn nhân cho"
    found = _read("TKTTHN", f"Tôi là: {OTHER}", f"{asked}: {NAME}")
    assert found.value("holder") == NAME


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Thời hạn: từ 06/05/2023 đến 15/08/2033", "2033-08-15"),
        ("Giá trị sử dụng: từ ngày 25/04/2024 đến ngày 31/08/2027", "2027-08-31"),
        ("Giấy phép có hiệu lực đến hết ngày 31/08/2027.", "2027-08-31"),
        ("Có giá trị kể từ ngày 25/04/2024", None),
    ],
)
def test_of_a_span_the_second_day_is_meant(text: str, day: str | None) -> None:
    assert _read("GPLD", text).value("expiry_date") == day


def test_a_name_that_has_grown_together_with_the_next_label_is_not_whole() -> None:
    assert _read("DON", "Họ và tên: TRẦN THỊ THỬ NGHIỆM BÌNHNăm sinh: 1988").value("holder") is None


def test_the_second_of_two_like_labels_is_no_substitute_for_the_first() -> None:
    rows = ("Họ, chữ đệm, tên: ~~~", f"Họ, chữ đệm, tên: {NAME}")
    assert _read("GKS", *rows).value("holder") is None
