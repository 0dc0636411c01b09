"""The date of a paper is that of its own line: no citation, no stamp, and nothing a pen wrote."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digitize.base_lines import are_in_print
from digitize.model import Line, Word
from digitize.ocr import make_line
from digitize.place_date import has_printed_date, has_unread_date, read_place_date
from tests.digitize.workbench import heading, line, paper_of

DATED = "Thử Nghiệm, ngày 05 tháng 11 năm 2026"


def _dates(*lines: Line) -> list[str]:
    return [found.value for found in read_place_date(paper_of(lines))]


def _moved(item: Line, at: int, *, down: float = 0.0, higher: float = 0.0) -> Line:
    """Move a word below the base line, or make it higher than its row, as a pen writes."""
    words = list(item.words)
    left, top, right, bottom = words[at].box
    words[at] = replace(words[at], box=(left, top + down - higher, right, bottom + down))
    return make_line(words)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        (DATED, "2026-11-05"),
        ("Thử Nghiệm, ngàu 05 tháng 11 năm 2026", "2026-11-05"),
        ("Thử Nghiệm. ngày 05 thăng 11 năm 2026", "2026-11-05"),
        ("TP. Thử Nghiệm, ngày 05 tháng 11 năm 2026", "2026-11-05"),
        ("Bà Rịa - Vũng Tàu, ngày 05 tháng 11 năm 2026", "2026-11-05"),
        ("ngày 05 tháng 11 năm 2026", "2026-11-05"),
        ("Thử Nghiệm, ngày 0õ tháng 11 năm 2026", "2026-11-05"),
        ("Thử Nghiệm, ngày 14 tháng Š năm 2026", "2026-05-14"),
        ("Thử Nghiệm, ngày 14 tháng ð năm 2026", "2026-05-14"),
        ("Thử Nghiệm, ngày 14 tháng d năm 2026", None),
        ("Hôm nay, ngày 05 tháng 11 năm 2026", None),
        ("Căn cứ Quyết định ngày 05 tháng 11 năm 2026", None),
        ("(Ban hành kèm theo Báo cáo ngày 05 tháng 11 năm 2026)", None),
        ("hẹn trả ngày 05 tháng 11 năm 2026", None),
        ("Thử Nghiệm, ngày 05 tháng 11 năm 2026 của Ủy ban", None),
    ],
)
def test_only_a_line_of_place_and_date_counts(text: str, date: str | None) -> None:
    assert _dates(*heading("", text)) == ([date] if date else [])


def test_a_date_in_the_text_is_none_of_the_paper() -> None:
    cited = line("Xét đề nghị tại Tờ trình số 12/TTr-KT ngày 04 tháng 8 năm 2025.", 110, 250)
    assert _dates(*heading(), cited) == []


@pytest.mark.parametrize(
    "unread",
    ["Thử Nghiệm, ngày # tháng # năm 2026", "Thử Nghiệm, ngày", "tháng ~ năm 2026"],
)
def test_nothing_stands_in_for_a_date_of_the_head_that_was_not_read(unread: str) -> None:
    end = line("Thử Nghiệm, ngày 11 tháng 12 năm 2026", 330, 640)
    assert _dates(*heading("", unread), end) == []
    assert _dates(*heading(), end) == ["2026-12-11"]


def test_two_dates_above_the_signatures_are_none() -> None:
    ends = [line(DATED, 60, 640), line("Thử Nghiệm, ngày 06 tháng 11 năm 2026", 330, 640)]
    assert _dates(*heading(), *ends) == []
    assert _dates(*heading(), ends[0]) == ["2026-11-05"]


def test_a_bare_day_counts_below_the_text_only() -> None:
    prose = line("Tôi làm đơn này đề nghị được cấp lại giấy chứng nhận đã bị hư hỏng.", 60, 400)
    day = line("Ngày 05 tháng 11 năm 2026", 330, 640)
    assert _dates(*heading(), prose, day) == ["2026-11-05"]
    below = line("Tôi làm đơn này đề nghị được cấp lại giấy chứng nhận đã bị hư hỏng.", 60, 700)
    assert _dates(*heading(), below, day) == []


@pytest.mark.parametrize("at", [3, 5, 7])
@pytest.mark.parametrize("how", [{"down": 1.5}, {"higher": 2.0}])
def test_what_a_pen_wrote_is_left_out_however_surely_it_was_read(
    at: int, how: dict[str, float]
) -> None:
    written = _moved(line(DATED, 330, 100, 10), at, **how)
    assert written.words[at].text.isdigit()
    assert _dates(*heading(), written) == []
    assert _dates(*heading(), _moved(written, at)) == []


def test_a_misread_label_tells_nothing_of_the_base_line_but_asks_for_surer_digits() -> None:
    # Its g and y hang below the line, and were read as letters that do not.
    misread = _moved(line(DATED.replace("ngày", "nsàu"), 330, 100, 10), 2, down=2.5)
    assert misread.words[2].text == "nsàu"
    assert _dates(*heading(), misread) == ["2026-11-05"]
    unsure = [
        replace(word, confidence=0.8) if word.text.isdigit() else word for word in misread.words
    ]
    assert _dates(*heading(), make_line(unsure)) == []
    assert _dates(*heading(), _moved(misread, 3, down=1.5)) == []


def test_print_is_as_exact_as_the_pixels_of_the_scan() -> None:
    digits = Word(text="05", box=(20, 10.0, 30, 19.9), confidence=0.9)
    row = [Word(text="năm", box=(40, 10.0, 60, 19.2), confidence=0.9)]
    assert not are_in_print([replace(digits, box=(20, 10.0, 30, 20.4))], row, 200.0)
    assert are_in_print([digits], [], 200.0)
    # Seven tenths of a point are two pixels of a fine scan, one of a coarse one.
    assert are_in_print([digits], row, 100.0)
    assert not are_in_print([replace(digits, box=(20, 10, 30, 20))], row, 600.0)


def test_what_hangs_below_the_line_tells_nothing_of_it() -> None:
    digits = Word(text="05", box=(20, 10.0, 30, 19.0), confidence=0.9)
    hanging = [Word(text=text, box=(40, 10, 60, 22), confidence=0.9) for text in ("ngày", "hạn,")]
    assert are_in_print([digits], hanging, 200.0)


def test_a_photographed_row_leans_and_is_print() -> None:
    def leaning(item: Line, lean: float) -> Line:
        return make_line(
            [
                replace(word, box=(left, top + left * lean, right, bottom + left * lean))
                for word in item.words
                for left, top, right, bottom in (word.box,)
            ]
        )

    written = leaning(line(DATED, 330, 100, 10), 0.03)
    assert _dates(*heading(), written) == ["2026-11-05"]
    assert _dates(*heading(), _moved(written, 5, down=1.5)) == []


def test_a_pen_in_the_day_wrote_the_number_too() -> None:
    unread = line("Thử Nghiệm, ngày / tháng „ năm 2026", 330, 100)
    assert has_unread_date(paper_of([*heading(), unread]))
    assert not has_unread_date(paper_of([*heading(), line(DATED, 330, 100)]))
    assert not has_unread_date(paper_of([*heading(), line("Ngày sinh", 400, 300)]))


def test_a_column_of_births_beside_the_head_is_no_date() -> None:
    births = line("Ngày sinh", 400, 300)
    assert _dates(*heading(), births, line(DATED, 330, 640)) == ["2026-11-05"]


def test_a_misread_date_in_print_is_no_pens() -> None:
    misread = paper_of(heading("", "Thử Nghiệm, ngày 31 tháng 19 năm 2026"))
    assert read_place_date(misread) == ()
    assert has_printed_date(misread)
    assert not has_unread_date(misread)
    assert has_unread_date(paper_of(heading("", "Thử Nghiệm, ngày # tháng # năm 2026")))


def test_letters_for_digits_must_be_surer_than_digits() -> None:
    def read(text: str, confidence: float) -> list[str]:
        item = line(text, 330, 100, 10)
        unsure = [replace(word, confidence=confidence) for word in item.words]
        return _dates(*heading(), make_line(unsure))

    assert read(DATED, 0.4) == ["2026-11-05"]
    assert read(DATED.replace("05", "0õ"), 0.4) == []
    assert read(DATED.replace("11", "Š"), 0.7) == []
    assert read(DATED.replace("11", "Š"), 0.8) == ["2026-05-05"]


def test_feet_that_differ_by_a_pixel_do_not_lean() -> None:
    pixel = 72 / 200
    words = list(line("CCCD số: 000066566101", 88, 180, 10).words)
    label, colon, digits = words
    # The label's words stand near each other, its number far behind: a lean would carry far.
    left, top, right, bottom = colon.box
    colon = replace(colon, box=(left + 25, top, right + 25, bottom - pixel))
    left, top, right, bottom = digits.box
    digits = replace(digits, box=(left + 120, top, right + 120, bottom))
    assert are_in_print([digits], [label, colon], 200)
    fallen = replace(digits, box=(left + 120, top + 2, right + 120, bottom + 2))
    assert not are_in_print([fallen], [label, colon], 200)
