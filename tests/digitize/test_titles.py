"""How alike a read title and a printed one are."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitize.titles import has_same_words, holds_phrase, normalise_title, title_likeness
from tests.digitize.workbench import CLASSES

TITLES = [title for item in CLASSES.items for title in item.titles]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("QUYẾT ĐỊNH", "quyet dinh"),
        ("  Quyết   định: ", "quyet dinh"),
        ("«V/v»", "v v"),
        ("PHIẾU LÝ LỊCH TƯ PHÁP SỐ 1", "phieu ly lich tu phap so 1"),
        ("", ""),
        ("日本", ""),
        (unicodedata.normalize("NFD", "ĐƠN ĐỀ NGHỊ"), "don de nghi"),
    ],
)
def test_titles_are_reduced_to_letters_and_digits(text: str, wanted: str) -> None:
    assert normalise_title(text) == wanted
    assert normalise_title(wanted) == wanted


@pytest.mark.parametrize("title", TITLES)
def test_a_title_is_itself(title: str) -> None:
    assert title_likeness(title, title) == pytest.approx(1.0)
    assert has_same_words(title, title)
    assert title_likeness(title + ".", title) > 0.99


@pytest.mark.parametrize(
    ("read", "printed", "least", "most"),
    [
        ("QUYÉT ĐỊNH", "QUYẾT ĐỊNH", 0.97, 1.0),
        ("QUYET DINH", "QUYẾT ĐỊNH", 0.9, 1.0),
        ("GIẤY KHAI S1NH", "GIẤY KHAI SINH", 0.88, 0.99),
        ("GIẤY KHAI SINH", "GIẤY CHỨNG SINH", 0.0, 0.85),
        ("TRÍCH LỤC KHAI SINH", "TRÍCH LỤC KHAI TỬ", 0.0, 0.88),
        ("THÔNG BÁO", "BÁO CÁO", 0.0, 0.8),
        ("BẢNG KÊ", "BẢN KÊ KHAI TÀI SẢN", 0.0, 0.7),
        ("QUYẾT ĐỊNH THI HÀNH ÁN", "QUYẾT ĐỊNH", 0.0, 0.8),
        ("", "QUYẾT ĐỊNH", 0.0, 0.0),
        ("///", "QUYẾT ĐỊNH", 0.0, 0.05),
    ],
)
def test_likeness_lies_where_a_person_would_put_it(
    read: str, printed: str, least: float, most: float
) -> None:
    assert least <= title_likeness(read, printed) <= most


def test_a_long_title_may_go_on_and_loses_by_what_is_left_over() -> None:
    printed = "GIẤY CHỨNG NHẬN QUYỀN SỬ DỤNG ĐẤT"
    little = title_likeness(printed + " SỐ 12", printed)
    much = title_likeness(printed + " VÀ QUYỀN SỞ HỮU NHÀ Ở TẠI ĐÔ THỊ THEO QUY ĐỊNH", printed)
    assert 1.0 > little > 0.9
    assert 0.85 > much > 0.6


def test_marks_decide_between_titles_that_fold_alike() -> None:
    assert title_likeness("BÁO CÁO", "BÁO CÁO") > title_likeness("BAO CAO", "BÁO CÁO")


@given(st.text(max_size=40), st.sampled_from(TITLES))
def test_likeness_lies_between_0_and_1(read: str, printed: str) -> None:
    assert 0 <= title_likeness(read, printed) <= 1


@pytest.mark.parametrize(
    ("read", "printed", "same"),
    [
        ("QUYÉT ĐINH", "QUYẾT ĐỊNH", True),
        ("GIẤY KHAI S1NH", "GIẤY KHAI SINH", True),
        ("GI.ẤY KHAI SINH |", "GIẤY KHAI SINH", True),
        ("GIẤYKHAI SINH", "GIẤY KHAI SINH", True),
        ("GIẤY KH AI SINH", "GIẤY KHAI SINH", True),
        ("T0 KHAI ĐĂNG KÝ KHAI 5INH", "TỜ KHAI ĐĂNG KÝ KHAI SINH", True),
        ("HỢP ĐỒNG THUÊ NHÀ", "HỢP ĐỒNG THẾ CHẤP", False),
        ("TỜ KHAI ĐĂNG KÝ LẠI KHAI SINH", "TỜ KHAI ĐĂNG KÝ KHAI SINH", False),
        (
            "GIẤY CHỨNG NHẬN ĐĂNG KÝ KINH DOANH",
            "GIẤY CHỨNG NHẬN ĐĂNG KÝ HỘ KINH DOANH",
            False,
        ),
        ("ĐƠN XIN NGHỈ PHÉP", "ĐƠN XIN", False),
        ("GIẤY CHỨNG NHẬN", "GIẤY CHỨNG SINH", False),
        ("TRÍCH LỤC KHAI TỬ", "TRÍCH LỤC KHAI SINH", False),
        ("", "ĐƠN XIN", False),
    ],
)
def test_another_word_is_another_title(read: str, printed: str, same: bool) -> None:
    assert has_same_words(read, printed) is same


def test_no_two_kinds_have_titles_of_the_same_words_but_where_likeness_decides() -> None:
    kinds = [
        (item.code, title) for item in CLASSES.items if not item.subjects for title in item.titles
    ]
    for code, title in kinds:
        others = [
            printed for other, printed in kinds if other != code and has_same_words(title, printed)
        ]
        assert all(title_likeness(title, other) < 0.9 for other in others), title


@pytest.mark.parametrize(
    ("text", "phrase", "held"),
    [
        ("tiep nhan ho so cua ong ba", "Tiếp nhận hồ sơ của", True),
        ("tiep nhan h0 so cua ong ba", "Tiếp nhận hồ sơ của", True),
        ("noi tiep cong dan", "Tiếp nhận hồ sơ của", False),
        ("", "Kính gửi", False),
    ],
)
def test_phrases_are_found_with_small_errors(text: str, phrase: str, held: bool) -> None:
    assert holds_phrase(text, phrase) is held
