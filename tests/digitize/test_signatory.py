"""Who signed for an office: beside seals, below titles that are half covered, and never a title."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from config.fields import load_field_rules
from digitize.describe import describe
from digitize.fields import complete
from digitize.model import Description, Line, Mark, MarkKind, Paper
from digitize.ocr import make_line
from tests.digitize.workbench import heading, line, page_of

RULES = load_field_rules()
NAME = "Bùi Thử Nghiệm An"


def _signed(*lines: Line, **changes: object) -> Description:
    page = page_of([*heading("Số: 12/TB-UBND"), *lines], **changes)
    paper = Paper(number=1, pages=(page,), reason="Mỗi tệp là một giấy tờ")
    return complete(describe(paper), paper, "TB", RULES, dt.date(2026, 11, 20))


def _middle(text: str, middle: float, top: float) -> Line:
    wide = line(text, 0.0, top, 10)
    return line(text, middle - wide.box[2] / 2, top, 10)


@pytest.mark.parametrize(
    "title",
    ["NGƯỜI KÝ TRÍCH LỤC", "THỦ TRƯỞNG CƠ SỞ Y TẾ", "NGƯỜI THỰC HIỆN CHỨNG THỰC", "GIÁM ĐỐC"],
)
def test_the_name_below_an_office_is_the_signatory(title: str) -> None:
    found = _signed(_middle(title, 430, 500), _middle(NAME, 430, 590))
    assert (found.value("signatory"), found.value("signatory_title")) == (NAME, title)


def test_a_name_in_the_middle_below_its_title_is_whole_whatever_lies_beside_it() -> None:
    beside = (line("Ễ4", 365, 592, 10),)
    title = _middle("GIÁM ĐỐC", 430, 500)
    whole = _middle(NAME, 430, 590)
    assert _signed(title, whole, overlay=beside).value("signatory") == NAME
    eaten = _middle(NAME, 445, 590)
    assert _signed(title, eaten, overlay=(line("Ễ4", 380, 592, 10),)).value("signatory") is None


def test_a_title_that_lies_under_a_mark_in_part_is_read_with_its_row() -> None:
    covered = (line("GIÁM", 402, 500, 10),)
    found = _signed(line("ĐỐC", 426, 500, 10), _middle(NAME, 421, 590), overlay=covered)
    assert found.value("signatory") == NAME


def test_a_faded_seal_comes_in_pieces() -> None:
    piece = Mark(kind=MarkKind.STAMP, box=(360, 540, 430, 600))
    assert _signed(_middle(NAME, 430, 590), marks=(piece,)).value("signatory") == NAME
    small = Mark(kind=MarkKind.STAMP, box=(360, 590, 430, 600))
    assert _signed(_middle(NAME, 430, 590), marks=(small,)).value("signatory") is None


@pytest.mark.parametrize("read", ["TRƯƠNG CÔNG AN", "HỒ TỊCH", "PHÓ CHỦ TỊCH", "Hồ Tịch"])
def test_the_second_line_of_a_title_is_no_name(read: str) -> None:
    seal = Mark(kind=MarkKind.SEAL, box=(360, 500, 460, 600))
    assert _signed(_middle(read, 430, 590), marks=(seal,)).value("signatory") is None
    assert (
        _signed(_middle("GIÁM ĐỐC", 430, 500), _middle(read, 430, 590)).value("signatory") is None
    )


def test_who_is_told_of_in_the_text_did_not_sign_for_the_office() -> None:
    seal = Mark(kind=MarkKind.SEAL, box=(360, 500, 460, 600))
    told = line(f"Bên B: {NAME.upper()}, sinh ngày 01/04/1957", 60, 200, 10)
    assert _signed(_middle(NAME, 430, 590), marks=(seal,)).value("signatory") == NAME
    assert _signed(told, _middle(NAME, 430, 590), marks=(seal,)).value("signatory") is None


def test_a_hint_how_to_sign_stands_above_citizens() -> None:
    seal = Mark(kind=MarkKind.SEAL, box=(360, 500, 460, 600))
    for hint, name in (("(Ký, ghi rõ họ tên)", None), ("(Ký, ghi rõ họ tên, đóng dấu)", NAME)):
        found = _signed(_middle(hint, 430, 520), _middle(NAME, 430, 590), marks=(seal,))
        assert found.value("signatory") == name


def test_names_of_columns_that_stand_close_are_two() -> None:
    row = line(f"Lê Thị Thử Nghiệm Lan {NAME}", 230, 590, 10)
    apart = tuple(
        replace(word, box=(word.box[0] + 12, word.box[1], word.box[2] + 12, word.box[3]))
        for word in row.words[5:]
    )
    title = _middle("GIÁM ĐỐC", (apart[0].box[0] + apart[-1].box[2]) / 2, 500)
    both = make_line([*row.words[:5], *apart])
    assert _signed(title, both).value("signatory") == NAME


def test_a_whole_name_under_a_mark_stands_for_itself_where_it_was_read_surely() -> None:
    name = _middle(NAME, 430, 590)
    assert _signed(_middle("GIÁM ĐỐC", 430, 500), overlay=(name,)).value("signatory") == NAME
    unsure = make_line([replace(word, confidence=0.85) for word in name.words])
    assert _signed(_middle("GIÁM ĐỐC", 430, 500), overlay=(unsure,)).value("signatory") is None


def test_of_a_row_of_names_the_one_in_the_middle_below_the_title_signed() -> None:
    titles = [_middle("CHA HOẶC MẸ", 160, 500), _middle("GIÁM ĐỐC", 430, 500)]
    first, second = _middle("Cao Thị Thử Nghiệm Chi", 160, 590), _middle(NAME, 430, 590)
    # Columns so close to each other are read as one row.
    near = line("Đoàn Thử Nghiệm Long", second.box[0] - 104, 590, 10)
    row = make_line([*first.words, *near.words, *second.words])
    assert _signed(*titles, row).value("signatory") == NAME
    both = line(f"Đoàn Thử Nghiệm Long {NAME}", near.box[0] + 30, 590, 10)
    shifted = make_line([*first.words, *both.words])
    assert _signed(*titles, shifted).value("signatory") is None


def test_strokes_between_title_and_name_are_no_name() -> None:
    strokes = line("Á ã", 410, 545, 10)
    unsure = make_line([replace(word, confidence=0.3) for word in strokes.words])
    found = _signed(_middle("TRƯỞNG PHÒNG", 430, 500), unsure, _middle(NAME, 430, 590))
    assert found.value("signatory") == NAME


@pytest.mark.parametrize("title", ["„.. TRƯỞNG PHÒNG", "HIỆU,TRƯỞNG", "TM.CHỦ TỊCH"])
def test_dirt_beside_the_words_of_a_title_does_not_hide_it(title: str) -> None:
    found = _signed(_middle(title, 430, 500), _middle(NAME, 430, 590))
    assert found.value("signatory") == NAME


def test_a_foreigners_name_says_nothing_of_the_marks_of_the_officers() -> None:
    told = line("Họ và tên: MARIA THU NGHIEM Quốc tịch: Philippines", 80, 300, 10)
    sure = make_line([replace(word, confidence=0.97) for word in _middle(NAME, 430, 590).words])
    found = _signed(told, _middle("GIÁM ĐỐC", 430, 500), sure)
    assert found.value("signatory") == NAME


def test_two_words_right_of_a_seal_may_be_the_end_of_a_name() -> None:
    seal = Mark(kind=MarkKind.SEAL, box=(330, 520, 440, 620))
    ends = line("Nghiêm Bình", 445, 590, 10)
    assert _signed(ends, marks=(seal,)).value("signatory") is None
    away = Mark(kind=MarkKind.SEAL, box=(330, 520, 415, 620))
    assert _signed(ends, marks=(away,)).value("signatory") == "Nghiêm Bình"


def test_letters_of_a_seal_beside_a_title_make_it_no_other() -> None:
    seal = (line("ĐỊA", 375, 500, 10), line("XHƯ", 352, 500, 10))
    title = line("CHỦ TỊCH", 402, 500, 10)
    name = _middle(NAME, (title.box[0] + title.box[2]) / 2, 590)
    assert _signed(title, name, overlay=seal).value("signatory") == NAME


def test_two_words_below_a_title_may_be_the_end_of_a_name_that_a_seal_covers() -> None:
    title = line("GIÁM ĐỐC", 400, 500, 10)
    rest = line("Nghiêm Bình", 436, 590, 10)
    seal = Mark(kind=MarkKind.SEAL, box=(345, 515, 434, 605))
    assert _signed(title, rest).value("signatory") == "Nghiêm Bình"
    assert _signed(title, rest, marks=(seal,)).value("signatory") is None


def test_nobody_of_the_text_below_an_officer_signed() -> None:
    text = line(f"Cho phép bà {NAME.upper()} bán lẻ sản phẩm", 95, 240, 10)
    middle = [word for word in text.words if word.text.isupper()]
    centre = (middle[0].box[0] + middle[-1].box[2]) / 2
    title = _middle("TRƯỞNG PHÒNG KINH TẾ", centre, 180)
    assert _signed(title, text).value("signatory") is None


def test_who_sends_papers_signs_for_the_office() -> None:
    found = _signed(_middle("VĂN THƯ", 430, 500), _middle(NAME, 430, 590))
    assert (found.value("signatory"), found.value("signatory_title")) == (NAME, "VĂN THƯ")
