from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.highlight import highlight, match_lines
from storage.query import parse_query

PAGE = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nGiấy khai sinh\nĐường Hoà Bình, duong pho\nkhai tử"


def marked(text: str, query: str) -> list[str]:
    composed = unicodedata.normalize("NFC", text)
    return [composed[span.start : span.end] for span in highlight(text, parse_query(query))]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("khai sinh", ["khai", "sinh", "khai"]),
        ('"khai sinh"', ["khai sinh"]),
        ("duong", ["Đường", "duong"]),
        ("đường", ["Đường"]),
        ("hòa bình", ["HÒA", "Hoà", "Bình"]),
        ("bính", ["Bình"]),
        ("ngh*", ["NGHĨA"]),
        ('"khai sinh" sinh', ["khai sinh"]),
        ("vắng", []),
        ("", []),
    ],
)
def test_the_original_spelling_is_marked(query: str, wanted: list[str]) -> None:
    assert marked(PAGE, query) == wanted
    assert marked(unicodedata.normalize("NFD", PAGE), query) == wanted


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("giay khai sinh", 2),
        ("khai tử", 4),
        ("khai", 2),
        ("duong pho", 3),
        ('"sinh duong"', 2),
        ("vắng", None),
    ],
)
def test_the_line_with_the_most_of_the_query_is_named(query: str, line: int | None) -> None:
    match = match_lines(PAGE, parse_query(query), "f")
    assert (match.line if match else None) == line


@given(text=st.text(), query=st.text())
def test_marks_lie_inside_the_text_and_apart(text: str, query: str) -> None:
    end = 0
    for span in highlight(text, parse_query(query)):
        assert end <= span.start < span.end <= len(unicodedata.normalize("NFC", text))
        end = span.end
