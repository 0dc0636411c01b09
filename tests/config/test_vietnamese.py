"""Folding: two spellings or two readings of one word meet, and places in the text hold."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config.vietnamese import fold

LETTERS = (
    "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ"
)
BASES = (
    "a" * 18 + "bcdd" + "e" * 12 + "gh" + "i" * 6 + "klmn" + "o" * 18 + "pqrst" + "u" * 12
    + "vx" + "y" * 6
)  # fmt: skip


@pytest.mark.parametrize(("letter", "base"), list(zip(LETTERS, BASES, strict=True)))
def test_every_letter_has_its_base(letter: str, base: str) -> None:
    for form in ("NFC", "NFD"):
        assert fold(unicodedata.normalize(form, letter)) == base
        assert fold(unicodedata.normalize(form, letter.upper())) == base


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HOÀ", "HÒA"),
        ("Thuỷ", "Thủy"),
        ("QUYẾT ĐỊNH", "Quyet dinh"),
        ("QUYÉT ĐINH", "quyết định"),
        ("Đ\u1ed1i", "D\u00f4\u0301i"),
        ("Ðơn", "Đơn"),
    ],
)
def test_spellings_of_one_word_meet(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    "text", ["", " ", "12/QĐ-UBND", "«V/v»", "5 m²", "日本", "ﬁ", "İstanbul", "ß"]
)
def test_the_length_is_that_of_the_composed_text(text: str) -> None:
    assert len(fold(text)) == len(unicodedata.normalize("NFC", text))


@given(st.text(max_size=50))
def test_length_and_places_hold_for_any_text(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    assert len(fold(text)) == len(composed)
    for before, after in zip(composed, fold(text), strict=True):
        if before.isascii():
            assert after == before.lower()


@given(st.text(max_size=50))
def test_both_normal_forms_fold_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(
    st.text(alphabet=st.sampled_from(LETTERS + LETTERS.upper() + " -/.,0123456789"), max_size=60)
)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(text).isascii()
    assert fold(text.upper()) == fold(text)


@given(st.text(max_size=30))
@example("a\u0323\u0303")
@example("x\u0302y")
def test_folding_twice_changes_nothing_more_in_any_text(text: str) -> None:
    assert fold(fold(text)) == fold(text)
