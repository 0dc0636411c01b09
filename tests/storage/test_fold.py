from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.vietnamese import fold
from storage.fold import exact, placements, spellings, words


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


TONES = "\u0300\u0301\u0309\u0303\u0323"
_ONSETS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
ONSETS = ("", *_ONSETS.split())
# Rhymes of two letters or more, the tone behind the letter where the older school puts it.
_RHYMES = (
    "a|i a|o a|u a|y e|o ê|u i|a i|u o|a o|e o|i ô|i ơ|i u|a u|i u|y ư|a ư|i uê| uơ| uâ|y "
    "iê|u yê|u uô|i ươ|i ươ|u ư|u oa|i oa|y oe|o uy|a uy|u oa|n oa|ng oa|t oă|n oă|c oe|n oe|t "
    "uâ|n uâ|t uy|t uy|nh uyê|n uyê|t iê|n iê|ng iê|t yê|n uô|n uô|ng uô|c ươ|n ươ|ng ươ|t a|n i|nh"
)
RHYMES = _RHYMES.split()


def syllables() -> list[tuple[str, str, str]]:
    """Every onset with every rhyme: onset, rhyme, and how often its tone may be misplaced."""
    found = []
    for onset in ONSETS:
        for marked in RHYMES:
            rhyme = marked.replace("|", "")
            if (onset, rhyme[0]) in (("qu", "u"), ("qu", "o"), ("gi", "i"), ("g", "i")):
                continue  # not spelled so
            found.append((onset, rhyme, marked))
    return found


def placed(letters: str, at: int, tone: str) -> str:
    """Put a tone behind a letter, as keyboards do."""
    return unicodedata.normalize("NFC", letters[: at + 1] + tone + letters[at + 1 :])


def test_wherever_a_tone_was_typed_the_syllable_is_one_and_no_other() -> None:
    forms: dict[str, tuple[str, str]] = {}
    for onset, rhyme, marked in syllables():
        letters = onset + rhyme
        first = {"qu": 1, "gi": 1}.get(onset, len(onset))
        vowels = [at for at in range(first, len(letters)) if fold(letters[at]) in "aeiouy"]
        if onset == "qu" and marked.startswith("o|"):
            continue
        for tone in TONES:
            canonical = {exact(placed(letters, at, tone)) for at in vowels}
            assert len(canonical) == 1, (letters, canonical)
            form = canonical.pop()
            assert unicodedata.normalize("NFD", form).count(tone) == 1
            assert forms.setdefault(form, (letters, tone)) == (letters, tone)
            for spelling in {placed(letters, at, tone) for at in vowels}:
                assert exact(spelling.upper()) == form
                assert exact(unicodedata.normalize("NFD", spelling)) == form
                assert exact(f"{spelling}, {spelling}") == f"{form}, {form}"


@pytest.mark.parametrize("marked", RHYMES)
def test_the_older_school_s_place_is_the_canonical_one(marked: str) -> None:
    letters, place = "h" + marked.replace("|", ""), marked.index("|")
    for tone in TONES:
        assert exact(placed(letters, place, tone)) == placed(letters, place, tone)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("qúy", "quý"),
        ("QÚY", "quý"),
        ("quí", "quí"),
        ("qúi", "quí"),
        ("qủa", "quả"),
        ("gía", "giá"),
        ("gỉa", "giả"),
        ("gíup", "giúp"),
        ("gì", "gì"),
        ("gìn", "gìn"),
        ("hòan", "hoàn"),
        ("thủy", "thủy"),
        ("ngoèo", "ngoèo"),
        ("xóay", "xoáy"),
        ("khuỷu", "khuỷu"),
        ("rựơu", "rượu"),
        ("hứơng", "hướng"),
        ("chùyên", "chuyền"),
        # The tone before the circumflex, as old converters wrote it.
        ("Viẹ\u0302t", "việt"),
        ("quye\u0301\u0302t", "quyết"),
        # Two tones, or none, or no syllable at all: as it stands.
        ("déjà", "déjà"),
        ("café", "café"),
        ("hoa", "hoa"),
        ("ùúy", "ùúy"),
    ],
)
def test_misplaced_tones_are_put_in_place_and_nothing_else_is(text: str, wanted: str) -> None:
    assert exact(text) == wanted
    assert [word.exact for word in words(text)] == [wanted]


def test_a_syllable_of_a_code_or_beside_digits_is_one_too() -> None:
    assert exact("12/QĐ-HOÀ2_thuỷ") == "12/qđ-hòa2_thủy"


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


@given(st.text() | st.text(alphabet="aAđĐðốễ ,.-_12\u0301\ue000½ªß"))
def test_the_quick_ways_to_the_words_give_the_same_words(text: str) -> None:
    found = words(text)
    assert spellings(text) == [(word.exact, word.folded) for word in found]


def test_a_word_is_known_by_every_place_of_its_tone() -> None:
    assert placements("hòa") == {"hòa", "hoà"}
    assert placements("quý") == {"quý", "qúy"}
    assert {"hoàn", "hòan"} <= placements("hoàn")
    assert placements("an") == {"an"}


def test_letters_that_look_like_d_with_stroke_are_one() -> None:
    assert exact("ÐƯỜNG ĐƯỜNG Ɖường") == "đường đường đường"


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
