"""What must stop a paper, and what must not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from digitize import gate
from digitize.model import (
    Barcode,
    Mark,
    MarkKind,
    Paper,
    ReadingTrouble,
    RecognizedPage,
    StampReading,
)
from fixtures.blocks import BOLD
from fixtures.typesetting import font_path
from tests.digitize.workbench import (
    RULES,
    heading,
    line,
    page_of,
    paper_of,
    read_file,
    sheet,
)

RED = (206, 32, 44)
PALE_RED = (235, 120, 120)
BODY = "Căn cứ đề nghị của bà TRẦN THỊ THỬ NGHIỆM B, nay thông báo như sau."


def _paper(*lines: str, top: float = 130.0) -> Paper:
    found = [line(text, 70, top + 20 * index) for index, text in enumerate(lines)]
    return paper_of([*heading("Số: 12/TB-UBND"), *found])


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("MẬT", "MẬT"),
        ("TỐI MẬT", "TỐI MẬT"),
        ("TUYỆT MẬT", "TUYỆT MẬT"),
        ("| MẬT |", "MẬT"),
        ("[MẬT]", "MẬT"),
        ("MẠT", "MẬT"),
        ("TOI MAT", "TỐI MẬT"),
        ("TUYẾT MẬT.", "TUYỆT MẬT"),
        ("M Ậ T", "MẬT"),
    ],
)
def test_a_mark_of_secrecy_stops(text: str, mark: str) -> None:
    assert gate.check(_paper(text), RULES).secret_mark == mark


@pytest.mark.parametrize(("text", "mark"), [("TỐI MẬT", "TỐI MẬT"), ("MẬT", None)])
def test_a_long_mark_alone_in_its_row_stops_at_the_foot_too(text: str, mark: str | None) -> None:
    assert gate.check(_paper(BODY, text, top=700.0), RULES).secret_mark == mark


@pytest.mark.parametrize("note", RULES.secret_notes)
def test_a_further_stamp_of_secret_papers_stops_where_it_stands_alone(note: str) -> None:
    assert gate.check(_paper(note), RULES).secret_mark == note
    assert gate.check(_read_alone(note.replace("Ậ", "A")), RULES).secret_mark == note
    page = page_of(heading("Số: 12/TB-UBND"), overlay=(line(note, 70, 20),))
    assert gate.check(paper_of_page(page), RULES).secret_mark == note


@pytest.mark.parametrize("text", ["DANH MỤC TÀI LIỆU THU HỒI ĐẤT", "Tài liệu thu hồi gồm có:"])
def test_papers_on_what_is_taken_back_do_not_stop(text: str) -> None:
    assert gate.check(_paper(text), RULES).secret_mark is None


def test_a_mark_beside_the_national_title_stops() -> None:
    lines = [line("MẬT", 70, 40, 14), *heading("Số: 12/TB-UBND")]
    joined = line("MẬT", 70, 90, 14), line("Thử Nghiệm, ngày 05 tháng 11 năm 2026", 330, 90, 10)
    assert gate.check(paper_of(lines), RULES).secret_mark == "MẬT"
    assert gate.check(paper_of([*heading(), *joined]), RULES).secret_mark == "MẬT"


def test_a_stamped_row_that_was_read_in_pieces_stops() -> None:
    pieces = (line("MẬ", 155, 142, 15), line("TÔI", 111, 137, 16))
    page = page_of(heading("Số: 12/TB-UBND"), overlay=pieces)
    assert gate.check(paper_of_page(page), RULES).secret_mark == "TỐI MẬT"
    far = (line("TÔI", 111, 137, 16), line("MẬ", 300, 142, 15))
    page = page_of(heading("Số: 12/TB-UBND"), overlay=far)
    assert gate.check(paper_of_page(page), RULES).secret_mark is None


def test_what_a_pen_wrote_in_small_letters_is_no_mark() -> None:
    page = page_of(heading("Số: 12/TB-UBND"), overlay=(line("® MA ti _„", 70, 20),))
    assert gate.check(paper_of_page(page), RULES).secret_mark is None


@pytest.mark.parametrize(
    ("text", "width", "is_held"), [("MẪU", 90.0, False), ("xq", 90.0, True), ("xq", 35.0, False)]
)
def test_a_stamp_is_asked_about_where_it_is_as_wide_as_a_mark(
    text: str, width: float, *, is_held: bool
) -> None:
    stamp = StampReading(
        box=(90, 60, 90 + width, 90), framed=text == "xq", texts=(text,), sound=text == "MẪU"
    )
    page = replace(page_of(heading("Số: 12/TB-UBND")), stamps=(stamp,))
    assert bool(gate.check(paper_of_page(page), RULES).doubtful_stamps) is is_held


@pytest.mark.parametrize(
    ("text", "is_asked"),
    [
        ("Nơi chết Ì MẬT xã Kiểm Thử, tỉnh Giả Lập", True),
        ("Nơi chết xã Mật Thử, tỉnh Giả Lập", False),
        ("Bà NGUYỄN THỊ MẬT sinh năm 1970", False),
    ],
)
def test_a_mark_in_capitals_among_other_words_is_asked_about(text: str, *, is_asked: bool) -> None:
    found = gate.check(_paper(text), RULES)
    assert found.secret_mark is None
    assert bool(found.doubtful_stamps) is is_asked


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("Độ mật: Tối mật", "TỐI MẬT"),
        ("Mức độ mật: MẬT.", "MẬT"),
        ("ĐỘ MẬT : TUYỆT MẬT", "TUYỆT MẬT"),
        ("Độ mật: Thường", None),
        ("Độ mật: ................", None),
        ("Độ mật: mật khẩu đã đổi", None),
        ("Mức độ bảo mật của phần mềm", None),
    ],
)
def test_a_degree_of_secrecy_that_a_label_tells_stops(text: str, mark: str | None) -> None:
    assert gate.check(_paper(BODY, text, top=600.0), RULES).secret_mark == mark


def test_a_short_mark_that_stands_apart_stops_at_the_foot_and_a_cell_does_not() -> None:
    alone, below = line("MẬT", 280, 790), line(BODY, 70, 700)
    lines = [*heading("Số: 12/TB-UBND"), below, alone]
    assert gate.check(paper_of(lines), RULES).secret_mark == "MẬT"
    assert gate.check(paper_of([*lines, line("12", 70, 790)]), RULES).secret_mark is None
    wrapped = [*lines, line("CAM KẾT BẢO", 250, 776)]
    assert gate.check(paper_of(wrapped), RULES).secret_mark is None


@pytest.mark.parametrize(
    ("text", "mark"), [("TUYỆT NẬïẤY CHỨNG NHẬN", "TUYỆT MẬT"), ("TUYỆT ĐỐI CẤM LỬA", None)]
)
def test_a_long_word_that_stands_on_no_other_stamp_stops_where_the_next_is_none(
    text: str, mark: str | None
) -> None:
    assert gate.check(_paper(text), RULES).secret_mark == mark


@pytest.mark.parametrize(
    ("text", "kind", "mark"),
    [
        ("trôi MẬT Ì", MarkKind.STAMP, "TỐI MẬT"),
        ("trôi MAI Ì", MarkKind.STAMP, None),
        ("\\MA TH", MarkKind.STAMP, "MẬT"),
        ("\\MA TH", MarkKind.SEAL, None),
    ],
)
def test_marks_read_badly_in_stamps_stop_and_pieces_of_round_seals_do_not(
    text: str, kind: MarkKind, mark: str | None
) -> None:
    row = line(text, 385, 344)
    seal = Mark(kind=kind, box=(353, 320, 454, 421))
    page = replace(page_of(heading("Số: 12/TB-UBND"), overlay=(row,)), marks=(seal,))
    assert gate.check(paper_of_page(page), RULES).secret_mark == mark


def test_a_mark_on_a_later_page_stops() -> None:
    paper = paper_of(heading("Số: 12/TB-UBND"), [line("TỐI MẬT", 70, 40)])
    assert gate.check(paper, RULES).secret_mark == "TỐI MẬT"


def test_the_gravest_mark_is_told() -> None:
    assert gate.check(_paper("MẬT", "TUYỆT MẬT"), RULES).secret_mark == "TUYỆT MẬT"


@pytest.mark.parametrize(
    "text",
    [
        "Giữ bí mật thông tin cá nhân của người nộp hồ sơ.",
        "mật",
        "Mật ong rừng nguyên chất",
        "CAM KẾT BẢO MẬT THÔNG TIN",
        "ĐỘ MẬT CỦA VĂN BẢN KHÔNG XÁC ĐỊNH",
        "MẶT TRƯỚC",
        "NGUYỄN THỊ MẬT",
        "HỌ VÀ TÊN: LÊ MẬT",
        BODY,
    ],
)
def test_the_word_in_running_text_does_not_stop(text: str) -> None:
    assert gate.check(_paper(text), RULES).secret_mark is None


@pytest.mark.parametrize("text", ["MẬT", "MẠT", "IMẬT", "TOI MẬT", "TUYẾỆT MẬT", "TÔI MÃT"])
def test_a_red_stamp_stops_even_when_it_reads_badly(text: str) -> None:
    page = page_of(heading("Số: 12/TB-UBND"), overlay=(line(text, 70, 20),))
    paper = Paper(number=1, pages=(page,), reason="Mỗi tệp là một giấy tờ")
    assert gate.check(paper, RULES).secret_mark is not None


@pytest.mark.parametrize(
    "text", ["CÔNG VĂN ĐẾN", "Số: 412", "HỎA TỐC", "KHẨN", "Chuyển:", "MA", "AT", "M T", "ẬT ."]
)
def test_other_red_stamps_do_not_stop(text: str) -> None:
    page = page_of(heading("Số: 12/TB-UBND"), overlay=(line(text, 70, 20),))
    paper = Paper(number=1, pages=(page,), reason="Mỗi tệp là một giấy tờ")
    assert gate.check(paper, RULES).secret_mark is None


def _read_alone(*texts: str, framed: bool = True, sound: bool = False, top: float = 150.0) -> Paper:
    """Return a paper with a place of a stamp that was read by itself."""
    box = (90.0, top, 200.0, top + 40)
    stamp = StampReading(box=box, framed=framed, texts=texts, sound=sound)
    return paper_of_page(replace(page_of(heading("Số: 12/TB-UBND")), stamps=(stamp,)))


def paper_of_page(page: RecognizedPage) -> Paper:
    return Paper(number=1, pages=(page,), reason="Mỗi tệp là một giấy tờ")


@pytest.mark.parametrize(
    ("text", "framed", "shape", "mark", "asked"),
    [
        ("4/4 SG", True, 0.50, "MẬT", True),
        ("4/4 SG", False, 0.65, "MẬT", True),
        ("4/4 SG", False, 0.50, None, True),
        ("4/4 SG", False, 0.40, None, False),
        ("ĐẬT", False, 0.44, "MẬT", True),
        ("HỎA TÓC", True, 0.62, None, True),
        ("HỎA TỐC,", True, 0.62, None, False),
        ("SAOY", False, 0.62, None, False),
    ],
)
def test_letters_known_by_their_shape_stop_unless_another_stamp_is_read(
    text: str, framed: bool, shape: float, mark: str | None, asked: bool
) -> None:
    paper = _read_alone(text, framed=framed)
    (page,) = paper.pages
    shaped = replace(page, stamps=(replace(page.stamps[0], shape=shape),))
    found = gate.check(paper_of_page(shaped), RULES)
    assert (found.secret_mark, bool(found.doubtful_stamps)) == (mark, asked)


def test_a_piece_of_a_code_is_no_mark_however_its_modules_stand() -> None:
    paper = _read_alone("xq", framed=False)
    (page,) = paper.pages
    left, top, right, bottom = page.stamps[0].box
    shaped = replace(page, stamps=(replace(page.stamps[0], shape=0.7),))
    around = Barcode(text="x", box=(left - 30, top - 30, right + 1, bottom + 30))
    beside = Barcode(text="x", box=(left - 90, top - 30, (left + right) / 2 - 1, bottom + 30))
    for code, mark in ((around, None), (beside, "MẬT")):
        found = gate.check(paper_of_page(replace(shaped, barcodes=(code,))), RULES)
        assert (found.secret_mark, bool(found.doubtful_stamps)) == (mark, mark is not None)


def test_modules_of_a_code_that_enclose_paper_are_no_frame() -> None:
    (page,) = _read_alone("CN").pages
    left, top, right, bottom = page.stamps[0].box
    for code, is_asked in (
        (Barcode(text="x", box=(left - 30, top - 30, right + 1, bottom + 30)), False),
        # Of a black stamp that lies on a code, some reaches beyond it.
        (Barcode(text="x", box=(left - 30, top - 30, right - 10, bottom + 30)), True),
    ):
        found = gate.check(paper_of_page(replace(page, barcodes=(code,))), RULES)
        assert bool(found.doubtful_stamps) is is_asked


def test_of_a_cover_of_ours_only_what_was_stamped_on_it_is_asked_about() -> None:
    (page,) = _read_alone("'261105.", framed=False).pages
    printed = replace(page, stamps=(replace(page.stamps[0], shape=0.51),))
    stamped = replace(page, stamps=(replace(page.stamps[0], shape=0.51, coloured=True),))
    for drawn, covers, is_asked in (
        (printed, (1,), False),
        (printed, (), True),
        (stamped, (1,), True),
        (replace(printed, blank=True), (1,), True),  # its back, which nobody printed
    ):
        found = gate.check(paper_of_page(drawn), RULES, covers)
        assert bool(found.doubtful_stamps) is is_asked


def test_strokes_of_a_signature_that_enclose_paper_are_no_mark_by_their_shape() -> None:
    stamp = StampReading(
        box=(343, 368, 437, 422), framed=True, texts=("2w)",), sound=False, shape=0.5
    )
    page = page_of(heading("Số: 12/TB-UBND"))
    signed = paper_of_page(replace(page, stamps=(stamp,)))
    assert gate.check(signed, RULES).secret_mark is None
    left = replace(stamp, box=(93, 168, 187, 222))
    assert gate.check(paper_of_page(replace(page, stamps=(left,))), RULES).secret_mark == "MẬT"


def test_coloured_ink_on_a_code_is_no_piece_of_it() -> None:
    code = Barcode(text="THỬ NGHIỆM", box=(90, 60, 160, 130))
    stamp = StampReading(
        box=(110, 70, 149, 100), framed=True, texts=("fWñ",), sound=False, shape=0.44
    )
    page = replace(page_of(heading("Số: 12/TB-UBND")), barcodes=(code,), stamps=(stamp,))
    assert not gate.check(paper_of_page(page), RULES).doubtful_stamps
    coloured = replace(page, stamps=(replace(stamp, coloured=True),))
    assert gate.check(paper_of_page(coloured), RULES).doubtful_stamps
    alike = replace(page, stamps=(replace(stamp, coloured=True, shape=0.5),))
    assert gate.check(paper_of_page(alike), RULES).secret_mark == "MẬT"
    # Far from any code, so little is the loop of a signature: who signs at the left has one there.
    loop = replace(stamp, coloured=True, shape=0.3)
    for codes, is_asked in (((code,), True), ((), False)):
        signed = paper_of_page(replace(page, barcodes=codes, stamps=(loop,)))
        assert bool(gate.check(signed, RULES).doubtful_stamps) is is_asked


@pytest.mark.parametrize("text", ["MẬT", "TOLMAT", "TUYET MAE"])
def test_a_mark_read_in_a_stamp_by_itself_stops(text: str) -> None:
    assert gate.check(_read_alone("x", text), RULES).secret_mark is not None


@pytest.mark.parametrize(
    ("paper", "asked"),
    [
        (_read_alone(), (1,)),
        (_read_alone("xq zz"), (1,)),
        (_read_alone("MAY", framed=False, sound=True), (1,)),
        (_read_alone("xq", framed=False), ()),
        (_read_alone("CÔNG VĂN ĐẾN", sound=True), ()),
        (_read_alone(top=380.0), ()),
    ],
)
def test_a_stamp_in_the_marks_place_that_nobody_can_read_is_asked_about(
    paper: Paper, asked: tuple[int, ...]
) -> None:
    found = gate.check(paper, RULES)
    assert (found.secret_mark, found.doubtful_stamps) == (None, asked)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("BẢN SAO", "BẢN SAO"),
        ("SAO Y BẢN CHÍNH", "SAO Y BẢN CHÍNH"),
        (
            "CHỨNG THỰC BẢN SAO ĐÚNG VỚI BẢN CHÍNH",
            "CHỨNG THỰC BẢN SAO ĐÚNG VỚI BẢN CHÍNH",
        ),
        (
            "UBND XÃ: CHỨNG THỰC BẢN SAO ĐÚNG VỚI BẢN CHÍNH SỐ 12",
            "CHỨNG THỰC BẢN SAO ĐÚNG VỚI BẢN CHÍNH",
        ),
        ("Hình thức: Bản sao", None),
        ("TRÍCH LỤC KHAI SINH (BẢN SAO)", None),
        ("SỐ BẢN SAO YÊU CẦU: 03", None),
    ],
)
def test_a_copy_is_told(text: str, mark: str | None) -> None:
    assert gate.check(_paper(text, top=600.0), RULES).copy_mark == mark


@pytest.mark.parametrize(
    ("dpi", "recipe", "told"),
    [
        (200.0, "grey", False),
        (199.9, "grey", False),
        (194.0, "grey", False),
        (193.0, "grey", True),
        (100.0, "red", True),
        (300.0, "grey", False),
        (100.0, "text layer", False),
    ],
)
def test_a_coarse_scan_is_told(dpi: float, recipe: str, told: bool) -> None:
    paper = Paper(
        number=1, pages=(page_of(heading(), dpi=dpi, recipe=recipe),), reason="Mỗi tệp là một giấy"
    )
    warnings = gate.check(paper, RULES).warnings
    assert bool(warnings) is told
    assert all("Trang 1 " in text and "200" in text for text in warnings)


@pytest.mark.parametrize(
    ("changes", "trouble"),
    [
        ({"confidence": 0.4, "legal_share": 0.74}, ReadingTrouble.UNCLEAR),
        ({"confidence": 0.8, "legal_share": 0.6}, ReadingTrouble.OTHER_LANGUAGE),
        ({"confidence": 0.3, "legal_share": 0.1}, ReadingTrouble.OTHER_LANGUAGE),
        ({"confidence": 0.9, "legal_share": 0.98}, ReadingTrouble.ROWS_UNREAD),
        ({"confidence": 0.9, "legal_share": 0.3, "dpi": 100.0}, ReadingTrouble.COARSE),
        ({"confidence": 0.0, "lines": ()}, ReadingTrouble.NO_WORDS),
    ],
)
def test_a_page_that_could_not_be_read_is_told_with_what_was_seen(
    changes: dict[str, Any], trouble: ReadingTrouble
) -> None:
    doubtful = page_of([line("gjk lmn", 70, 60)], number=2, readable=False)
    pages = (page_of(heading()), replace(doubtful, **changes))
    (found,) = gate.check(Paper(number=1, pages=pages, reason="Thử nghiệm"), RULES).unreadable
    assert (found.number, found.trouble) == (2, trouble)
    assert found.words == (2 if changes.get("lines", pages[1].lines) else 0)


def test_blank_and_readable_pages_are_no_reason() -> None:
    pages = (page_of(heading()), page_of([], number=2, blank=True, readable=False))
    assert gate.check(Paper(number=1, pages=pages, reason="Thử nghiệm"), RULES).unreadable == ()


def _stamped(path: Path, word: str, colour: tuple[int, int, int], skew: float = 0.0) -> Path:
    """Scan a printed page with a word stamped at the upper left."""
    picture = Image.fromarray(sheet([BODY] * 3)[:900])
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype(font_path(BOLD, "serif"), 40)
    width = draw.textlength(word, font=font)
    draw.rectangle((240, 150, 240 + width + 50, 215), outline=colour, width=5)
    draw.text((265, 155), word, font=font, fill=colour)
    turned = picture.rotate(skew, Image.Resampling.BICUBIC, fillcolor="white")
    turned.save(path, quality=75, dpi=(200, 200))
    return path


@pytest.mark.parametrize(
    ("word", "colour", "skew"),
    [
        ("MẬT", RED, 0.0),
        ("MẬT", PALE_RED, 1.5),
        ("TỐI MẬT", RED, -2.0),
        ("TUYỆT MẬT", PALE_RED, 0.0),
        ("MẬT", (20, 20, 20), 0.0),
    ],
)
def test_a_stamp_on_a_real_scan_stops(
    tmp_path: Path, word: str, colour: tuple[int, int, int], skew: float
) -> None:
    """Red ink vanishes from the copy that is read, so it is looked at by itself."""
    work = tmp_path / "work"
    work.mkdir()
    _, pages = read_file(_stamped(tmp_path / "dau-mat.jpg", word, colour, skew), work)
    paper = Paper(number=1, pages=pages, reason="Mỗi tệp là một giấy tờ")
    assert gate.check(paper, RULES).secret_mark == word
    assert BODY.split(",")[0] in pages[0].text


def test_a_page_without_red_ink_has_no_overlay(tmp_path: Path) -> None:
    pixels = sheet([BODY] * 3)
    path = tmp_path / "trang.png"
    Image.fromarray(np.asarray(pixels)).save(path, dpi=(200, 200))
    _, pages = read_file(path, tmp_path)
    assert pages[0].overlay == ()
