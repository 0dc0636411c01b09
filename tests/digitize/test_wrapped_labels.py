"""Labels of two rows in a narrow column, beside values that stand in one."""

from __future__ import annotations

import pytest

from digitize.labels import Form
from digitize.model import Line
from digitize.ocr import make_line
from digitize.wrapped_labels import joined
from tests.digitize.workbench import line, page_of

LABELS = frozenset({"ho chu dem ten", "ngay thang nam sinh", "so giay to tuy than", "ngay thang"})


def _row(label: str, *values: tuple[str, float]) -> Line:
    """Return a row that was read in one: a label at 100 points, and values where they begin."""
    parts = [line(label, 100, 200), *(line(text, left, 200) for text, left in values)]
    return make_line([word for part in parts for word in part.words])


def _texts(*cells: Line) -> list[str]:
    return [cell.text for cell in joined(cells, LABELS)]


def test_a_label_of_two_rows_is_parted_from_the_value_beside_it() -> None:
    first = _row("Họ, chữ đệm,", ("HỒ THỊ THỬ NGHIỆM", 184))
    assert _texts(first, line("tên", 120, 214)) == ["Họ, chữ đệm, tên", "HỒ THỊ THỬ NGHIỆM"]
    assert _texts(line("Họ, chữ đệm,", 100, 200), line("tên", 120, 214)) == ["Họ, chữ đệm, tên"]


@pytest.mark.parametrize("left", [98, 100, 125])
def test_rows_of_one_cell_may_begin_unevenly(left: float) -> None:
    first = _row("Ngày, tháng, năm", ("13/08/1966", 200))
    assert _texts(first, line("sinh", left, 214))[0] == "Ngày, tháng, năm sinh"


@pytest.mark.parametrize(
    ("text", "left", "top"),
    [
        ("tên", 190, 214),  # in the value's column
        ("tên người đi khai sinh và nơi ở", 100, 214),  # goes on below the value
        ("tên", 120, 260),  # not in the next row
        ("tuổi", 120, 214),  # no label
    ],
)
def test_what_is_no_second_row_stays_a_cell(text: str, left: float, top: float) -> None:
    first, below = _row("Họ, chữ đệm,", ("HỒ THỊ THỬ NGHIỆM", 184)), line(text, left, top)
    assert _texts(first, below) == [first.text, below.text]


def test_each_of_two_columns_has_its_value_behind_a_label_of_two_rows() -> None:
    rows = [
        _row("Ngày, tháng,", ("09/05/1979", 184)),
        line("15/02/1986", 380, 200),
        line("năm sinh", 113, 214),
    ]
    form = Form(page=page_of(rows), labels=LABELS)
    said = [(entry.label, entry.words[0].text, entry.is_column) for entry in form.entries]
    assert said == [
        ("ngay thang nam sinh", "09/05/1979", True),
        ("ngay thang nam sinh", "15/02/1986", True),
    ]
