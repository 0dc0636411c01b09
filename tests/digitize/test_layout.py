"""Lines of a page as places."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitize import layout
from digitize.model import Line, Word
from digitize.ocr import make_line
from tests.digitize.workbench import line, page_of


def _words(*places: tuple[str, float, float]) -> Line:
    """Make a line 10 points high of words from left to right edges."""
    return make_line(
        [Word(text=text, box=(left, 0, right, 10), confidence=1.0) for text, left, right in places]
    )


@pytest.mark.parametrize(
    ("places", "texts"),
    [
        ([("a", 0, 10), ("b", 14, 20)], ["a b"]),
        ([("a", 0, 10), ("b", 30, 40)], ["a b"]),
        ([("a", 0, 10), ("b", 31, 40)], ["a", "b"]),
        ([("a", 0, 10), ("b", 50, 60), ("c", 63, 70)], ["a", "b c"]),
        ([("a", 0, 10), ("b", 5, 20)], ["a b"]),
        ([("a", 0, 10)], ["a"]),
    ],
)
def test_columns_of_a_header_are_parted(
    places: list[tuple[str, float, float]], texts: list[str]
) -> None:
    assert [part.text for part in layout.split_at_gaps(_words(*places))] == texts


@given(st.lists(st.tuples(st.floats(0, 500), st.floats(0.1, 80)), min_size=1, max_size=12))
def test_parting_loses_no_word_and_changes_no_order(edges: list[tuple[float, float]]) -> None:
    whole = _words(*[(f"w{i}", left, left + width) for i, (left, width) in enumerate(edges)])
    parts = layout.split_at_gaps(whole)
    assert [word for part in parts for word in part.words] == list(whole.words)
    for part in parts:
        assert part.box[0] == min(word.box[0] for word in part.words)


def test_segments_run_down_and_then_right() -> None:
    lines = [line("dưới", 50, 300), line("phải", 400, 100.4), line("trái", 50, 100)]
    wide = make_line([*line("một", 50, 200).words, *line("hai", 400, 200).words])
    found = layout.segments(page_of([*lines, wide]))
    assert [item.text for item in found] == ["trái", "phải", "một", "hai", "dưới"]
    assert layout.segments(page_of([])) == []


@pytest.mark.parametrize(
    ("text", "capitals"),
    [
        ("QUYẾT ĐỊNH", True),
        ("QUYẾT ĐịNH", True),
        ("Quyết định", False),
        ("ĐƠN XIN (mẫu 1)", False),
        ("PHIẾU SỐ 1234567", True),
        ("ABCD", False),
        ("ABCDE", True),
        ("12345", False),
        ("", False),
    ],
)
def test_capitals_need_letters_and_forgive_a_few(text: str, capitals: bool) -> None:
    assert layout.is_capitals(text) is capitals


@pytest.mark.parametrize(
    ("lower", "below"),
    [
        (line("GIẤY CHỨNG", 100, 116), True),
        (line("GIẤY CHỨNG", 100, 126), True),
        (line("GIẤY CHỨNG", 100, 127), False),
        (line("GIẤY CHỨNG", 100, 109), True),
        (line("GIẤY CHỨNG", 100, 104), False),
        (line("GIẤY CHỨNG", 100, 90), False),
        (line("GIẤY CHỨNG", 400, 116), False),
        (line("GIẤY", 130, 116), True),
    ],
)
def test_what_stands_below_is_near_and_in_the_same_column(lower: Line, below: bool) -> None:
    assert layout.stands_below(line("QUYỀN SỬ DỤNG", 100, 100), lower) is below


def test_joined_lines_hold_their_words_and_boxes() -> None:
    upper, lower = line("GIẤY", 100, 100), line("KHAI SINH", 90, 116)
    whole = layout.join([upper, lower])
    assert whole.text == "GIẤY KHAI SINH"
    assert whole.box == (90, 100, max(upper.box[2], lower.box[2]), 128)
    assert layout.height_of(whole) == 28
    assert layout.middle_of(replace(whole, box=(10, 0, 30, 5))) == 20
