from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.vietnamese import fold
from storage.fold import exact, words


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Đăng ký", "dang ky"),
        ("ĐƯỜNG", "duong"),
        ("Hoà Bình", "hoa binh"),
        (unicodedata.normalize("NFD", "Ủy ban nhân dân"), "uy ban nhan dan"),
        ("Tiếng Việt: ỄỘỮ", "tieng viet: eou"),
        ("12/QĐ-UBND", "12/qd-ubnd"),
        ("ß İ ﬁ", "ß i ﬁ"),
    ],
)
def test_folding_leaves_base_letters(text: str, wanted: str) -> None:
    assert fold(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("hoà", "hòa"),
        ("HOÀ", "hòa"),
        ("khoẻ", "khỏe"),
        ("uỷ", "ủy"),
        ("thuý", "thúy"),
        ("quý", "quý"),
        ("quỳ", "quỳ"),
        ("hoàn", "hoàn"),
        ("toàn", "toàn"),
        ("uỷ-ban", "ủy-ban"),
        ("hòa", "hòa"),
        (unicodedata.normalize("NFD", "uỷ"), "ủy"),
        ("đường", "đường"),
    ],
)
def test_the_exact_form_keeps_spelling_and_places_tones(text: str, wanted: str) -> None:
    assert exact(text) == wanted


@given(st.text())
def test_folding_keeps_the_length_of_nfc_text(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    assert len(fold(composed)) == len(composed)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_the_exact_form_of_an_exact_form_is_itself(text: str) -> None:
    assert exact(exact(text)) == exact(text)


@given(st.text())
def test_both_forms_are_the_same_for_composed_and_decomposed_text(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    decomposed = unicodedata.normalize("NFD", text)
    assert fold(composed) == fold(decomposed)
    assert exact(composed) == exact(decomposed)


@given(st.text())
def test_words_lie_in_order_inside_the_text_and_have_both_forms(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    end = 0
    for word in words(text):
        assert end <= word.start < word.end <= len(composed)
        assert word.exact
        assert word.folded
        assert " " not in word.exact + word.folded
        end = word.end


def test_a_code_is_several_words() -> None:
    assert [word.exact for word in words("H20.03-251103-0001, 12/QĐ-UBND_x")] == [
        "h20",
        "03",
        "251103",
        "0001",
        "12",
        "qđ",
        "ubnd",
        "x",
    ]


def test_a_mark_that_belongs_to_no_letter_parts_no_word() -> None:
    (word,) = words("q̀a")
    assert (word.exact, word.folded) == ("qa", "qa")
