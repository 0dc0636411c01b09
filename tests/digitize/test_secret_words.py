"""Marks of secrecy read badly are known; words that fold like them are not."""

from __future__ import annotations

import pytest

from digitize.model import Line, Word
from digitize.ocr import make_line
from digitize.secret_words import Likeness, begins_with_mark, stamp_likeness

MARKS = ("TUYỆT MẬT", "TỐI MẬT", "MẬT")


def _row(*words: tuple[str, float, float]) -> Line:
    """Make a row of words, each with its left and right edge."""
    return make_line(
        [Word(text=text, box=(left, 100.0, right, 114.0), confidence=0.9)
         for text, left, right in words]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("TOLMAT", "TỐI MẬT"),
        ("TỐI MẬT.", "TỐI MẬT"),
        ("TÔI MẠTT", "TỐI MẬT"),
        ("T0I MAE", "TỐI MẬT"),
        ("TUYET MAR I", "TUYỆT MẬT"),
        ("YỆT MẬT", "TUYỆT MẬT"),
        ("| MẠT |", "MẬT"),
        ("IMẬT", "MẬT"),
        ("siiMcr MẬT", "MẬT"),
        ("TUYẾỆT MẬT", "TUYỆT MẬT"),
        ("TUYỆT 47", "TUYỆT MẬT"),
    ],
)
def test_a_stamp_read_badly_is_a_mark(text: str, mark: str) -> None:
    assert stamp_likeness(text, mark) is Likeness.SAME


@pytest.mark.parametrize(
    ("text", "mark"),
    [("MAY", "MẬT"), ("Mae", "MẬT"), ("TUYẾN MIệT", "TUYỆT MẬT"), ("TỐI", "TỐI MẬT"),
     ("TUYẾT", "TUYỆT MẬT"), ("tuyết =#9t,", "TUYỆT MẬT"),
     ("'Ế' ĐẬT", "MẬT"), ("iX# NẬT", "MẬT")],
)  # fmt: skip
def test_a_stamp_read_worse_is_asked_about(text: str, mark: str) -> None:
    assert stamp_likeness(text, mark) is Likeness.NEAR


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize(
    "text",
    ["HỎA TỐC", "KHẨN", "THƯỢNG KHẨN", "BẢN SAO", "CÔNG VĂN ĐẾN", "ĐÃ THU TIỀN", "MẶT SAU",
     "HOÀN TẤT", "MẬT KHẨU",
     "THỰC VẬT", "ĐỘNG VẬT", "PHÁP LUẬT", "VIỆT NHẬT", "BẢO MẬT",
     "NGUYỄN THỊ MẬT", "LÊ THỊ MẤT", "Mật ong", ""],
)  # fmt: skip
def test_other_stamps_are_no_marks(text: str, mark: str) -> None:
    assert stamp_likeness(text, mark) is Likeness.NONE


@pytest.mark.parametrize(
    ("row", "mark"),
    [
        (_row(("TỐI", 90, 117), ("MẬTGIẤY", 122, 193), ("CHỨNG", 198, 250)), "TỐI MẬT"),
        (_row(("TUYÊT", 116, 166), ("MÂTTRÍCH", 172, 252), ("LỤC", 256, 287)), "TUYỆT MẬT"),
        (_row(("MẬT", 90, 117), ("GIẤY", 140, 180), ("MỜI", 185, 215)), "MẬT"),
        (_row(("M", 90, 100), ("Â", 108, 118), ("T", 126, 136), ("PHIẾU", 160, 200)), "MẬT"),
        (_row(("MAT", 90, 117), ("GIẤY", 140, 180), ("CHỨNG", 185, 215)), "MẬT"),
        (_row(("MẬTGIẤY", 90, 160), ("MỜI", 165, 200)), "MẬT"),
        (
            _row(("'TUYƑT", 72, 120), ("MẠ", 126, 150), ("Tsây", 152, 180), ("dựng", 184, 210)),
            "TUYỆT MẬT",
        ),
        (_row(("TUYẾỆT", 72, 120), ("MẬT", 126, 167)), "TUYỆT MẬT"),
        (_row(("MẠ", 90, 112), ("TTHÔNG", 115, 170), ("BÁO", 174, 200)), "MẬT"),
        (
            _row(("TÕI", 90, 117), ("MẤhiếU", 120, 180), ("TỪ CHỐI TIẾP NHẬN", 185, 300)),
            "TỐI MẬT",
        ),
    ],
)
def test_a_mark_in_one_row_with_a_title_is_seen(row: Line, mark: str) -> None:
    assert begins_with_mark(row, mark)


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize(
    "row",
    [
        _row(("MẬT", 90, 117), ("ONG", 121, 150), ("RỪNG", 154, 190)),
        _row(("MẬT", 90, 117), ("ĐỘ", 121, 140), ("XÂY", 144, 170), ("DỰNG", 174, 210)),
        _row(("MẤT", 90, 117), ("GIẤY", 140, 180), ("TỜ", 185, 200)),
        _row(("Mật", 90, 117), ("GIẤY", 140, 180)),
        _row(("NGUYỄN", 90, 150), ("THỊ", 155, 175), ("MẬT", 180, 210)),
        _row(("TỐI", 90, 117), ("THIỂU", 122, 170)),
        _row(("MẠ", 90, 112), ("THÔNG", 115, 170), ("BÁO", 174, 200)),
        _row(("Tới", 90, 117), ("mặt", 120, 150), ("QUYẾT", 155, 200), ("ĐỊNH", 204, 240)),
    ],
)
def test_a_title_of_like_words_is_none(row: Line, mark: str) -> None:
    assert not begins_with_mark(row, mark)
