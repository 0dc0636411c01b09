"""Cells of a row: where the columns of a table begin, told by rows that agree."""

from __future__ import annotations

from digitize.cells import at_columns, column_starts
from digitize.labels import Form
from digitize.model import Line
from digitize.ocr import make_line
from tests.digitize.workbench import line, page_of


def _row(top: float, *values: tuple[str, float]) -> Line:
    """Return words that begin where they are told to, read as one row."""
    return make_line([word for text, left in values for word in line(text, left, top).words])


def _after(text: str, left: float, gap: float) -> float:
    return line(text, left, 0).box[2] + gap


TABLE = [
    _row(200, ("Họ và tên", 100), ("HỒ THỊ THỬ", 180), ("LÊ THỬ", _after("HỒ THỊ THỬ", 180, 9))),
    _row(220, ("Sinh ngày", 100), ("01/02/1970", 180), ("03/04/1971", 260)),
    _row(240, ("Dân tộc", 100), ("Kinh", 181), ("Tày", 260)),
]


def test_columns_begin_where_three_rows_agree() -> None:
    starts = column_starts(TABLE)
    assert {round(start) for start in starts} >= {180, 181}
    assert column_starts(TABLE[:2]) == ()


def test_a_row_is_parted_at_columns_alone() -> None:
    starts = column_starts(TABLE)
    assert next(cell.text for cell in at_columns(TABLE[0], starts)) == "Họ và tên"
    prose = line("Căn cứ Luật Hộ tịch ngày 20 tháng 11 năm 2014", 100, 300)
    assert [cell.text for cell in at_columns(prose, starts)] == [prose.text]


def test_names_that_stand_close_are_each_in_their_column() -> None:
    name = "NÔNG THỊ THỬ NGHIỆM HẠNH"
    left = 180.0
    right = _after(name, left, 9.0)
    rows = [
        _row(180, ("VỢ", left), ("CHỒNG", right)),
        _row(200, ("Họ và tên", 100), (name, left), ("LÊ THỬ NGHIỆM LONG", right)),
        _row(220, ("Sinh ngày", 100), ("01/02/1970", left), ("03/04/1971", right)),
        _row(240, ("Số CCCD", 100), ("000170000001", left), ("000071000002", right)),
    ]
    form = Form(page=page_of(rows), labels=frozenset({"ho va ten", "sinh ngay", "so cccd"}))
    said = [" ".join(word.text for word in entry.words) for entry in form.entries]
    assert said == [
        *(name, "LÊ THỬ NGHIỆM LONG"),
        *("01/02/1970", "03/04/1971"),
        *("000170000001", "000071000002"),
    ]
