"""Layouts of forms: where a value stands, and which label it belongs to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import pytest

from config.fields import load_field_rules
from digitize.describe import describe
from digitize.fields import complete
from digitize.model import Description, Line, Word
from digitize.ocr import make_line
from tests.digitize.workbench import heading, line, paper_of

RULES = load_field_rules()
SCANNED = dt.date(2026, 11, 20)


def _rows(texts: Sequence[str], left: float = 80, top: float = 300) -> list[Line]:
    return [line(text, left, top + 20 * at, 10) for at, text in enumerate(texts)]


def _said(code: str, *pages: Sequence[Line]) -> Description:
    first, *others = pages
    paper = paper_of([*heading(), *first], *others)
    return complete(describe(paper), paper, code, RULES, SCANNED)


def _holder(code: str, *texts: str) -> str | None:
    return _said(code, _rows(texts)).value("holder")


@pytest.mark.parametrize(
    ("code", "texts", "holder"),
    [
        ("DON", ["Tôi là NGUYỄN THỬ NGHIỆM A"], "NGUYỄN THỬ NGHIỆM A"),
        ("DON", ["Tôi là người làm đơn này"], None),
        ("QDD", ["Điều 1. Cho phép ông LÊ THỬ NGHIỆM B chuyển mục đích"], "LÊ THỬ NGHIỆM B"),
        ("TTHN", ["Xác nhận ông/bà: LÊ THỬ NGHIỆM B"], "LÊ THỬ NGHIỆM B"),
        ("SYLL", ["[01]. Họ và tên (chữ in hoa): LÊ THỬ NGHIỆM B"], "LÊ THỬ NGHIỆM B"),
        ("HKD", ["* Họ, chữ đệm và tên (ghi bằng chữ in hoa): LÊ THỬ NGHIỆM B"], "LÊ THỬ NGHIỆM B"),
        ("CCCD", ["Họ và tên / Full name", "LÊ THỬ NGHIỆM B"], "LÊ THỬ NGHIỆM B"),
        ("TKKT", ["Tôi tên là: LÊ THỬ NGHIỆM B"], None),
        (
            "TKKT",
            ["Tôi tên là: LÊ THỬ NGHIỆM B", "Đề nghị đăng ký khai tử cho: MAI THỬ NGHIỆM C"],
            "MAI THỬ NGHIỆM C",
        ),
        (
            "GCNQSDD",
            ["1. Người sử dụng đất:", "Hộ ông: LÊ THỬ NGHIỆM B"],
            "LÊ THỬ NGHIỆM B",
        ),
        (
            "HDCN",
            ["BÊN ĐƯỢC TẶNG CHO (sau đây gọi là Bên B)", "Bà LÊ THỊ THỬ NGHIỆM C, sinh năm 1980"],
            "LÊ THỊ THỬ NGHIỆM C",
        ),
        (
            "HDCN",
            ["BÊN NHẬN CHUYỂN NHƯỢNG:", "(ghi rõ họ tên)", "Bà LÊ THỊ THỬ NGHIỆM C"],
            "LÊ THỊ THỬ NGHIỆM C",
        ),
    ],
)
def test_names_of_many_layouts(code: str, texts: list[str], holder: str | None) -> None:
    assert _holder(code, *texts) == holder


def test_parts_of_a_form_are_about_their_own_person() -> None:
    found = _said(
        "GUQ",
        _rows(
            [
                "I. BÊN ỦY QUYỀN",
                "Họ và tên: LÊ THỬ NGHIỆM B",
                "Số căn cước: 000085000066",
                "II. BÊN NHẬN ỦY QUYỀN",
                "Họ và tên: MAI THỊ THỬ NGHIỆM C",
                "Số căn cước: 000186000055",
            ]
        ),
    )
    said = {field.name: field.value for field in found.fields}
    assert (said["holder"], said["personal_number"]) == ("LÊ THỬ NGHIỆM B", "000085000066")
    assert (said["agent"], said["agent_number"]) == ("MAI THỊ THỬ NGHIỆM C", "000186000055")


def test_a_title_over_a_signature_is_no_blank() -> None:
    rows = _rows(["Người nộp thuế: LÊ THỬ NGHIỆM B"])
    title = [line("NGƯỜI NỘP TIỀN", 100, 500, 10), line("(Ký, ghi rõ họ tên)", 100, 514, 10)]
    assert _said("THUE", [*rows, *title]).value("holder") == "LÊ THỬ NGHIỆM B"


def test_what_is_said_goes_on_over_the_page() -> None:
    first = _rows(["Họ và tên: LÊ THỬ NGHIỆM B"])
    second = _rows(["Số định danh cá nhân: 000085000066", "Ngày sinh: 01/02/1985"], top=60)
    found = _said("LLTP", first, second)
    assert found.value("personal_number") == "000085000066"
    assert found.value("birth_date") == "1985-02-01"
    stranger = _rows(["Họ và tên cha: MAI THỬ NGHIỆM C"], top=400)
    assert _said("LLTP", [*first, *stranger], second).value("personal_number") is None


TABLE = [
    [("Thửa đất số", 70), ("Tờ bản đồ số", 190), ("Diện tích (m2)", 320)],
    [("93", 56), ("108", 170), ("75,1", 300)],
]


def _table(cells: Sequence[Sequence[tuple[str, float]]], top: float = 300) -> list[Line]:
    return [
        line(text, left, top + 24 * at, 10) for at, row in enumerate(cells) for text, left in row
    ]


def test_values_below_the_heads_of_a_table_begin_at_the_left_of_their_columns() -> None:
    found = _said("GCNQSDD", _table(TABLE))
    assert [found.value(name) for name in ("parcel", "map_sheet", "area")] == ["93", "108", "75,1"]


def test_a_blank_cell_is_not_filled_from_its_neighbour() -> None:
    blank = [TABLE[0], [TABLE[1][0], TABLE[1][2]]]
    found = _said("GCNQSDD", _table(blank))
    assert [found.value(name) for name in ("parcel", "map_sheet", "area")] == ["93", None, "75,1"]


SPOUSES = [
    [("Bên nam", 260), ("Bên nữ", 440)],
    [("Họ, chữ đệm, tên", 60), ("LÊ THỬ NGHIỆM B", 220), ("MAI THỊ THỬ NGHIỆM", 400)],
]


def test_a_label_of_two_rows_and_a_name_of_two_rows_stay_in_their_columns() -> None:
    more = [line("CÚC", 400, 336, 10), line("Ngày, tháng,", 60, 360, 10),
            line("năm sinh", 62, 372, 10), line("01/02/1985", 220, 366, 10),
            line("03/04/1988", 400, 366, 10)]  # fmt: skip
    found = _said("TKKH", [*_table(SPOUSES), *more])
    said = {field.name: field.value for field in found.fields}
    assert (said["husband"], said["wife"]) == ("LÊ THỬ NGHIỆM B", "MAI THỊ THỬ NGHIỆM CÚC")
    assert said["husband_birth_date"] == "1985-02-01"
    assert said["wife_birth_date"] == "1988-04-03"


def test_the_column_of_a_name_that_was_not_read_is_still_that_persons() -> None:
    unread = [SPOUSES[0], [*SPOUSES[1][:2], ("M#I TH$ ẢẢẢ", 400)]]
    dates = [("Ngày sinh", 60.0), ("01/02/1985", 220.0), ("03/04/1988", 400.0)]
    found = _said("TKKH", _table([*unread, dates]))
    assert found.value("husband_birth_date") == "1985-02-01"
    assert found.value("wife") is None
    blank = [SPOUSES[0], SPOUSES[1][:2]]
    assert _said("TKKH", _table(blank)).value("wife") is None


def test_one_cell_below_two_persons_is_of_the_one_above_it() -> None:
    number = [("Số định danh cá nhân", 60.0), ("000186000055", 400.0)]
    found = _said("TKKH", _table([*SPOUSES, number]))
    assert found.value("wife_number") == "000186000055"
    assert found.value("husband_number") is None


def test_rules_of_a_table_that_were_read_as_strokes_part_its_cells() -> None:
    assert _holder("GKS", "Họ, chữ đệm, tên | LÊ THỬ NGHIỆM B") == "LÊ THỬ NGHIỆM B"


def test_a_parcel_is_read_in_a_clause_where_kinds_say_it_so() -> None:
    clause = "Di sản là quyền sử dụng thửa đất số 630, tờ bản đồ số 105 tại xã Thử Nghiệm"
    found = _said("VBTK", _rows([clause]))
    assert (found.value("parcel"), found.value("map_sheet")) == ("630", "105")
    assert _said("DDK", _rows([clause])).value("parcel") is None
    again = _rows([clause, "cùng thửa đất số 631, tờ bản đồ số 105"])
    assert _said("VBTK", again).value("parcel") is None


def _unread(item: Line, words: int) -> Line:
    kept = item.words[: len(item.words) - words]
    rest = [replace(word, confidence=0.2) for word in item.words[len(kept) :]]
    return make_line([*kept, *rest])


def test_on_a_form_that_a_pen_filled_in_only_the_surest_counts() -> None:
    rows = _rows(
        ["Họ và tên: LÊ THỬ NGHIỆM B", "Giới tính: Nam", "Quê quán: xã Thử", "Nơi ở: xã Thử"]
    )
    number = _rows(["Số định danh cá nhân: 000085000066"], top=400)
    words = [replace(word, confidence=min(word.confidence, 0.85)) for word in number[0].words]
    unsure: Line = make_line(words)
    assert _said("LLTP", [*rows, unsure]).value("personal_number") == "000085000066"
    by_pen = [rows[0], *(_unread(row, 1) for row in rows[1:])]
    assert _said("LLTP", [*by_pen, unsure]).value("personal_number") is None


def test_digits_off_the_base_line_are_a_pens() -> None:
    label = line("Đăng ký lần đầu, ngày", 80, 300, 10)
    x = label.box[2] + 4
    texts = ("11", "tháng", "11", "năm", "2026")
    words = [
        Word(text=text, box=(x + 30 * at, 300, x + 30 * at + 5 * len(text), 310), confidence=0.95)
        for at, text in enumerate(texts)
    ]
    printed = make_line([*label.words, *words])
    assert _said("HKD", [printed]).value("issue_date") == "2026-11-11"
    left, top, right, bottom = words[0].box
    written = [replace(words[0], box=(left, top + 2, right, bottom + 2)), *words[1:]]
    assert _said("HKD", [make_line([*label.words, *written])]).value("issue_date") is None
