from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.shown_text import shown

# What a line of a page may hold: letters, marks joined to them, figures, signs, single spaces.
_HARMLESS_DIRECTIONS = {"L", "EN", "ES", "ET", "CS", "ON", "WS"}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("Nguyễn Văn Ba", "Nguyễn Văn Ba"),
        (unicodedata.normalize("NFD", "Nguyễn Thị Đượm"), "Nguyễn Thị Đượm"),
        ("CỤC THUẾ (THỬ NGHIỆM) – số 1/2", "CỤC THUẾ (THỬ NGHIỆM) – số 1/2"),
        ("a\u202eb", "a‹U+202E›b"),
        ("a\r\nHợp lệ", "a‹U+000D U+000A›Hợp lệ"),
        ("\x1b[32mHợp lệ", "‹U+001B›[32mHợp lệ"),
        ("a\u00a0\u2003 b", "a b"),
        ("e\u0323\u0308\u0308", "ẹ‹U+0308 U+0308›"),
        ("שלום", "‹U+05E9 U+05DC U+05D5 U+05DD›"),
        ("a\u3164b", "a‹U+3164›b"),
        ("\ud800", "‹U+D800›"),
    ],
)
def test_what_acts_on_a_line_is_shown_by_its_number(written: str, told: str) -> None:
    assert shown(written) == told


def test_a_long_name_is_cut_and_what_is_left_out_is_counted() -> None:
    assert shown("x" * 1000, 10) == "xxxxxxxxxx …(+990)"
    assert shown("\u202e" * 1000, 10).startswith("‹U+202E U+202E")
    assert len(shown("\u202e" * 1000, 1000)) < 100


@given(st.text(max_size=300))
def test_no_text_turns_hides_or_breaks_a_line(text: str) -> None:
    told = shown(text, 100)
    assert "\n" not in told
    assert "  " not in told
    assert len(told) < 100 * 12
    for letter in told:
        assert unicodedata.bidirectional(letter) in _HARMLESS_DIRECTIONS
        assert unicodedata.category(letter)[0] in "LNPSZ"


@given(st.text(st.characters(max_codepoint=0x1EFF, categories=["Lu", "Ll", "Nd"]), max_size=50))
def test_names_in_latin_letters_stand_as_they_are(text: str) -> None:
    latin = "".join(letter for letter in text if unicodedata.name(letter, "").startswith("LATIN"))
    assert shown(latin) == unicodedata.normalize("NFC", latin)
