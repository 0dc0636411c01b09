"""The invisible text: every letter there, in Unicode, over its picture, and nothing of it seen."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import pdfplumber
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digitize import render
from digitize.model import Line, RecognizedPage, Word
from digitize.ocr import make_line
from digitize.textlayer import add_font, draw_words, encode, to_unicode_map
from tests.digitize import files
from tests.digitize.workbench import line, page_of, run_tool

VIETNAMESE = "ĂÂĐÊÔƠƯăâđêôơư" + "ẮẰẲẴẶẤẦẨẪẬẾỀỂỄỆỐỒỔỖỘỚỜỞỠỢỨỪỬỮỰ" + "ÁÀẢÃẠÉÈẺẼẸÍÌỈĨỊÓÒỎÕỌÚÙỦŨỤÝỲỶỸỴ"


def _pdf(page: RecognizedPage, path: Path) -> Path:
    with pikepdf.new() as pdf:
        font = add_font(pdf)
        pdf.add_blank_page(page_size=(page.width, page.height))
        made = pdf.pages[0].obj
        made["/Resources"] = pikepdf.Dictionary(Font=pikepdf.Dictionary(F0=font))
        made["/Contents"] = pikepdf.Stream(pdf, draw_words(page))
        path.write_bytes(files.saved(pdf))
    return path


@pytest.mark.parametrize("text", [VIETNAMESE, VIETNAMESE.lower(), "0123456789", "«V/v» № – … m²"])
def test_every_letter_comes_back(tmp_path: Path, text: str) -> None:
    path = _pdf(page_of([line(text, 60, 100)]), tmp_path / "a.pdf")
    assert " ".join(run_tool("pdftotext", path, "-").split()) == text
    with pdfplumber.open(path) as pdf:
        assert pdf.pages[0].extract_text() == text
    assert unicodedata.is_normalized("NFC", run_tool("pdftotext", path, "-"))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.text(st.characters(categories=["Lu", "Ll", "Nd"], max_codepoint=0xFFFF), min_size=1)
        .map(lambda text: unicodedata.normalize("NFC", text))
        .filter(lambda text: all(ord(letter) < 0x10000 for letter in text)),
        min_size=1,
        max_size=6,
    )
)
def test_codes_are_utf_16_code_units(words: list[str]) -> None:
    for word in words:
        assert bytes.fromhex(encode(word)) == word.encode("utf-16-be")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", ""),
        ("a\0b", "ab"),
        ("a\x1fb", "ab"),
        ("a\U0001f600b", "ab"),
        ("\U0001f600", ""),
        ("a\ud800b", "ab"),
        ("a\ufffeb", "ab"),
        ("\ufeffab", "ab"),
        ("(\\)<>", "(\\)<>"),
    ],
)
def test_what_cannot_be_shown_is_left_out(text: str, kept: str) -> None:
    assert bytes.fromhex(encode(text)).decode("utf-16-be") == kept


def test_the_unicode_map_is_what_the_technical_note_allows() -> None:
    """Adobe TN 5411: at most 100 ranges a block, no range across a high byte, valid targets."""
    text = to_unicode_map().decode("ascii")
    blocks = re.findall(r"(\d+) beginbfrange\n(.*?)\nendbfrange", text, re.DOTALL)
    assert len(blocks) == text.count("beginbfrange")
    mapped: set[int] = set()
    for count, body in blocks:
        ranges = re.findall(r"<(\w{4})> <(\w{4})> <(\w{4})>", body)
        assert len(ranges) == int(count) == body.count("\n") + 1 <= 100
        for first, last, target in ranges:
            assert first[:2] == last[:2]
            assert first == target
            assert int(first, 16) <= int(last, 16)
            mapped |= set(range(int(first, 16), int(last, 16) + 1))
    assert set(range(0x20, 0x7F)) <= mapped
    assert {ord(letter) for letter in VIETNAMESE} <= mapped
    assert not mapped & set(range(0xD800, 0xE000)), "halves of a pair are no characters"
    assert not mapped & {0, 0xFEFF, 0xFFFE, 0xFFFF}, "ISO 19005-2, 6.2.11.7.2"


def test_nothing_of_the_layer_is_seen(tmp_path: Path) -> None:
    path = _pdf(page_of([line("CHỮ ẨN " * 6, 60, 100, 30)]), tmp_path / "a.pdf")
    assert render.draw(path, 0, 100).min() == 255


@pytest.mark.parametrize(
    ("text", "left", "top", "height"),
    [("NGHIỆM", 60, 100, 12), ("i", 300, 400, 10), ("WWWW", 20, 800, 30), ("Độc", 500, 5, 8)],
)
def test_a_word_lies_where_it_was_read(
    tmp_path: Path, text: str, left: float, top: float, height: float
) -> None:
    item = line(text, left, top, height)
    path = _pdf(page_of([item]), tmp_path / "a.pdf")
    with pdfplumber.open(path) as pdf:
        (word,) = pdf.pages[0].extract_words()
    assert (word["x0"], word["x1"]) == pytest.approx((item.box[0], item.box[2]), abs=0.6)
    assert (word["top"] + word["bottom"]) / 2 == pytest.approx(top + height / 2, abs=0.2 * height)


def test_lines_come_in_the_order_they_were_read(tmp_path: Path) -> None:
    lines = [line("phải", 400, 100), line("trái", 60, 100), line("dưới", 60, 140)]
    path = _pdf(page_of(lines), tmp_path / "a.pdf")
    content = run_tool("pdftotext", "-raw", path, "-").split()
    assert content[0] == "phải"
    assert set(content) == {"phải", "trái", "dưới"}


def _row(cells: list[tuple[float, str]], top: float) -> Line:
    words = [word for left, text in cells for word in line(text, left, top).words]
    return make_line(words)


ROWS = [
    _row([(60, "UBND XÃ THỬ NGHIỆM"), (330, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")], 60),
    _row([(75, "TRUNG TÂM PHỤC VỤ"), (400, "Độc lập - Tự do - Hạnh phúc")], 76),
    line("HÀNH CHÍNH CÔNG", 80, 92),
    _row([(60, "TT"), (100, "Tên giấy tờ"), (330, "Số bản"), (430, "Hình thức")], 130),
    _row([(60, "1"), (100, "Tờ khai đăng ký"), (340, "01"), (430, "Bản chính")], 150),
    _row([(60, "2"), (100, "Giấy chứng nhận quyền"), (340, "02"), (430, "Bản sao")], 170),
    line("sử dụng đất", 100, 186),
    _row([(60, "3"), (100, "Bản vẽ"), (340, "10"), (430, "Bản chính")], 202),
    _row([(90, "NGƯỜI NỘP"), (380, "NGƯỜI KIỂM ĐẾM")], 240),
]


@pytest.mark.parametrize("options", [(), ("-raw",), ("-layout",)], ids=["plain", "raw", "layout"])
def test_rows_stay_rows_in_poppler(tmp_path: Path, options: tuple[str, ...]) -> None:
    """Plain `pdftotext` takes columns apart; what was read as one line comes out as one."""
    path = _pdf(page_of(ROWS), tmp_path / "a.pdf")
    text = run_tool("pdftotext", *options, path, "-").replace("\f", "")
    rows = [" ".join(row.split()) for row in text.splitlines() if row.strip()]
    assert rows == [row.text for row in ROWS]


def test_words_of_a_row_keep_their_boxes(tmp_path: Path) -> None:
    path = _pdf(page_of(ROWS), tmp_path / "a.pdf")
    with pdfplumber.open(path) as pdf:
        found = pdf.pages[0].extract_words()
        text = pdf.pages[0].extract_text()
    wanted = [word for row in ROWS for word in row.words]
    assert [item["text"] for item in found] == [word.text for word in wanted]
    for item, word in zip(found, wanted, strict=True):
        assert (item["x0"], item["x1"]) == pytest.approx((word.box[0], word.box[2]), abs=0.6)
    assert text.splitlines() == [row.text for row in ROWS]


def test_a_line_that_leans_on_a_photo_stays_one_line_through_its_middle(tmp_path: Path) -> None:
    words = [
        replace(word, box=(word.box[0], word.box[1] + lower, word.box[2], word.box[3] + lower))
        for lower, word in enumerate(line("một hai ba bốn năm sáu bảy tám chín", 60, 100).words)
    ]
    path = _pdf(page_of([make_line(words)]), tmp_path / "a.pdf")
    assert run_tool("pdftotext", path, "-").split("\n")[0] == "một hai ba bốn năm sáu bảy tám chín"
    with pdfplumber.open(path) as pdf:
        found = pdf.pages[0].extract_words()
    away = [abs(item["bottom"] - word.box[3]) for item, word in zip(found, words, strict=True)]
    assert max(away) <= 5


def test_only_a_gap_between_columns_is_filled() -> None:
    content = draw_words(page_of([line("một hai ba", 60, 100)]))
    assert b"<0009>" not in content
    assert draw_words(page_of(ROWS)).count(b"<0009>") == 15


def _word(text: str, box: tuple[float, float, float, float]) -> Word:
    return Word(text=text, box=box, confidence=0.9)


@pytest.mark.parametrize(
    "item",
    [
        make_line([_word("không", (10, 10, 10, 10))]),
        make_line([_word("rộng", (10, 10, 590, 11))]),
        make_line([_word("cao", (10, 10, 11, 800))]),
        make_line([_word("lệch", (50, 20, 10, 10))]),
        make_line([_word("\0", (10, 10, 50, 20)), _word("chữ", (60, 10, 90, 20))]),
        make_line([_word("ngoài", (-50, -20, -10, -5))]),
    ],
    ids=["point", "flat", "tall", "reversed", "control", "outside"],
)
def test_odd_boxes_give_content_that_readers_take(tmp_path: Path, item: Line) -> None:
    path = _pdf(page_of([item]), tmp_path / "a.pdf")
    with pikepdf.open(path) as pdf:
        assert pikepdf.parse_content_stream(pdf.pages[0])
    run_tool("pdftotext", path, "-")
    assert b"nan" not in draw_words(page_of([item]))
    assert b"inf" not in draw_words(page_of([item]))


def test_a_page_without_words_has_no_layer() -> None:
    assert draw_words(page_of([])) == b""


def test_a_stray_mark_does_not_blow_the_letters_up() -> None:
    words = line("một hai ba", 60, 100).words
    stretched = replace(make_line(list(words)), box=(60, 40, 300, 112))
    size = re.search(rb"/F0 ([\d.]+) Tf", draw_words(page_of([stretched])))
    assert size is not None
    assert float(size[1]) <= 1.3 * 12 + 0.01
