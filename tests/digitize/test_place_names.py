"""Places in headings: provinces by the State's list, others as the paper spells them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from config.agencies import load_agencies
from config.own_places import OwnPlaces
from config.vietnamese import fold
from digitize.model import Line, Paper, Word
from digitize.ocr import make_line
from digitize.place_names import put_right
from tests.digitize.workbench import line, page_of

NOTHING = OwnPlaces()


def _listed(*names: str, level: str = "xã") -> OwnPlaces:
    """Return what an agency lists."""
    by_letters: dict[tuple[str, ...], tuple[tuple[str, str], ...]] = {}
    for name in names:
        parts = tuple(fold(part) for part in name.split() if part != "-")
        by_letters[parts] = (*by_letters.get(parts, ()), (level, name))
    return OwnPlaces(version="1", spellings=by_letters)


def _read(
    name: str, above: str, *rest: Line, confidence: float = 0.9, own: OwnPlaces = NOTHING
) -> str:
    """Return how a name behind an office is spelled; empty where it is not known."""
    head = line(f"{above} {name}", 70, 60, 10)
    words = tuple(replace(word, confidence=confidence) for word in head.words)
    paper = Paper(
        number=1,
        pages=(page_of([make_line(list(words)), *rest]),),
        reason="Mỗi tệp là một giấy tờ",
    )
    size = len(above.split())
    found = put_right(words, dict(enumerate(words[:size])), paper, own)
    return " ".join(found[at].text for at in sorted(found))


@pytest.mark.parametrize(
    ("read", "name"),
    [
        ("QUANG NGÃI", "QUẢNG NGÃI"),
        ("BẮC NÌNH", "BẮC NINH"),
        ("HỒ CHỈ MINH", "HỒ CHÍ MINH"),
        ("HẢI PHÒNG", "HẢI PHÒNG"),
        ("BÀ RỊA - VÙNG TÀU", "BÀ RỊA VŨNG TÀU"),
    ],
)
def test_a_province_is_spelled_as_the_state_does(read: str, name: str) -> None:
    assert _read(read.replace("- ", ""), "UBND TỈNH") == name


def test_no_two_provinces_differ_by_marks_alone() -> None:
    names = [item.name for item in load_agencies().provinces.values()]
    assert len(set(map(fold, names))) == len(names)


def test_a_commune_is_no_province_and_letters_that_were_hardly_read_are_none() -> None:
    assert _read("QUANG NAM", "UBND XÃ") == ""
    assert _read("QUẢNG NAM", "UBND XÃ") == "QUẢNG NAM"
    assert _read("QUANG NAM", "UBND TỈNH", confidence=0.2) == ""
    assert _read("QUANG NAN", "UBND TỈNH") == ""
    assert _read("TP", "UBND TỈNH", line("Suối Giấy", 70, 300)) == ""
    assert _read("TP. HÀ NỘI", "UBND") == "HÀ NỘI"


@pytest.mark.parametrize(
    ("elsewhere", "name"),
    [
        ("xã Suối Giấy nhận được hồ sơ", "SUỐI GIẤY"),
        ("Suối Giấy, ngày 05 tháng 11 năm 2026", "SUỐI GIẤY"),
        ("ông Lê Suối Giấy", ""),
        ("Suối Giấy Mẫu", ""),
        ("XÃ SUỐI GIẤY", ""),
        ("suối giấy", ""),
    ],
)
def test_a_name_counts_where_it_stands_whole_in_small_letters(elsewhere: str, name: str) -> None:
    assert _read("SUỐI GIẦY", "UBND XÃ", line(elsewhere, 70, 300)) == name


def test_readings_in_small_letters_must_agree_or_be_the_fuller() -> None:
    lost, full = line("xã Suôi Giấy", 70, 300), line("xã Suối Giấy", 70, 320)
    other = line("xã Suối Giầy", 70, 340)
    assert _read("SUÔI GIẦY", "UBND XÃ", lost, full) == "SUỐI GIẤY"
    assert _read("SUỐI GIẢY", "UBND XÃ", full, other) == ""


def test_one_reading_against_the_capitals_must_be_surer_than_two() -> None:
    told = line("xã Đồi Sách", 70, 300)
    unsure = make_line([replace(word, confidence=0.9) for word in told.words])
    assert _read("ĐÔI SÁCH", "UBND XÃ", unsure) == ""
    assert _read("ĐÔI SÁCH", "UBND XÃ", unsure, unsure) == "ĐỒI SÁCH"


def test_a_usual_word_in_small_letters_is_what_capitals_of_none_mean() -> None:
    told = line("xã Suối Giấy", 70, 300)
    unsure = make_line([replace(word, confidence=0.9) for word in told.words])
    assert _read("SUỐI GIẦY", "UBND XÃ", unsure) == "SUỐI GIẤY"
    assert _read("SUỐI GIẤY", "UBND XÃ", line("xã Suối Giầy", 70, 300)) == ""


def test_what_lost_its_mark_in_capitals_and_small_letters_is_settled_by_neither() -> None:
    assert _read("ĐÔI BÚT", "UBND XÃ", line("xã Đôi Bút", 70, 300)) == ""
    assert _read("ĐỒI BÚT", "UBND XÃ", line("xã Đồi Bút", 70, 300)) == "ĐỒI BÚT"


def test_small_letters_that_lost_a_mark_put_no_capitals_right() -> None:
    assert _read("KIỂM THỬ", "UBND XÃ", line("xã Kiểm Thủ", 70, 300)) == ""
    assert _read("KIỂM THỦ", "UBND XÃ", line("xã Kiểm Thử", 70, 300)) == "KIỂM THỬ"


def test_what_was_read_stays_known() -> None:
    words: tuple[Word, ...] = line("TỈNH QUANG NGÃI", 70, 60, 10).words
    paper = Paper(number=1, pages=(page_of([]),), reason="Mỗi tệp là một giấy tờ")
    assert [word.read for word in put_right(words, {0: words[0]}, paper, NOTHING).values()] == [
        "QUANG",
        "",
    ]


def test_what_the_agency_lists_is_spelled_so_however_unsure_its_marks() -> None:
    own = _listed("Suối Giấy", "Quảng Nam")
    assert _read("SUỐI GIẦY", "UBND XÃ", own=own) == "SUỐI GIẤY"
    assert _read("SUOI GIẦY", "UBND XÃ", confidence=0.15, own=own) == "SUỐI GIẤY"
    assert _read("SUOI GIẦY", "UBND XÃ", confidence=0.05, own=own) == ""
    assert _read("QUANG NAM", "UBND XÃ", own=own) == "QUẢNG NAM"
    assert _read("SUỐI GIẦY", "TRƯỜNG THPT", own=own) == "SUỐI GIẤY"
    assert _read("SUỐI GIẦM", "UBND XÃ", own=own) == ""


def test_a_listed_place_counts_on_its_own_level_only() -> None:
    own = _listed("Suối Giấy")
    assert _read("SUỐI GIẦY", "UBND PHƯỜNG", own=own) == ""
    assert _read("SUOI GIẦY", "UBND TỈNH", own=own) == ""


def test_of_two_places_of_the_same_letters_the_one_that_was_read_is_meant() -> None:
    own = _listed("Tân Lập", "Tân Lấp")
    assert _read("TÂN LẤP", "UBND XÃ", own=own) == "TÂN LẤP"
    assert _read("TÂN LẮP", "UBND XÃ", own=own) == ""


def test_letters_that_print_never_confuses_are_another_place() -> None:
    own = _listed("Tân Lập")
    assert _read("TÁN LĂP", "UBND XÃ", confidence=0.95, own=own) == ""
    assert _read("TÁN LĂP", "UBND XÃ", confidence=0.6, own=own) == "TÂN LẬP"
