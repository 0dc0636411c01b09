from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.fold import spellings
from storage.index_words import (
    LIMIT_SIGN,
    SIGNS,
    folded_words,
    overlay_words,
    phrase,
    row_words,
    triples,
)
from storage.query import Column, Places, parse_query
from storage.term_spans import term_spans

FORMS: tuple[Column, ...] = ("x", "f")
TEXT = st.text(alphabet="hHoòóàaơƠđĐÐ12 ,/-_\n\u0301\u1100", max_size=40)


def test_a_row_has_words_pairs_codes_and_what_stands_often() -> None:
    texts = ["Số 9/B-1, 12/QĐ-UBND", "ho so Hồ sơ ho"]
    assert row_words([spellings(text) for text in texts], texts, 0) == [
        *("so", "9", "b", "1", "12", "qd", "ubnd"),
        *("+so+9", "+9+b", "+b+1", "+1+12", "+12+qd", "+qd+ubnd"),
        *triples(["so", "9", "b", "1", "12", "qd", "ubnd"]),
        *("=số", "=9", "=b", "=1", "=12", "=qđ", "=ubnd"),
        *("=+số+9", "=+9+b", "=+b+1", "=+1+12", "=+12+qđ", "=+qđ+ubnd"),
        *("ho", "so", "ho", "so", "ho"),
        *("+ho+so", "+so+ho", "+ho+so", "+so+ho"),
        *("#330a", "#337e", "#330a"),
        *("=ho", "=so", "=hồ", "=sơ", "=ho"),
        *("=+ho+so", "=+so+hồ", "=+hồ+sơ", "=+sơ+ho"),
        "12qdubnd",
        *("^so", "^ho"),
    ]


def test_codes_stand_in_one_order_in_every_process() -> None:
    texts = ["Số 98/QĐ-UBND, 12/QĐ-UBND, 45/GPXD, 77/TB-UBND, 31/GM-UBND, 60/CV-STP"]
    codes = [word for word in row_words([], texts, 0) if not word.isalpha()]
    assert len(codes) == 6
    assert codes == sorted(codes)


def test_what_a_row_is_about_counts_double() -> None:
    runs = [[("a", "a")], [("a", "a"), ("b", "b"), ("b", "b")]]
    assert {word for word in row_words(runs, (), 0) if word[0] == "^"} == {"^a", "^b"}
    assert {word for word in row_words(runs, (), 2) if word[0] == "^"} == {"^a", "^^a", "^b", "^^b"}


def test_words_of_the_overlay_are_words_of_their_own() -> None:
    run = spellings("Ủy ban")
    assert list(overlay_words([run])) == [
        *("~uy", "~ban", "~+uy+ban", "~=ủy", "~=ban", "~=+ủy+ban"),
    ]
    assert folded_words(run) == ["uy", "ban", "+uy+ban"]


def test_three_words_in_a_row_have_a_number_that_hardly_any_others_have() -> None:
    draw = [f"{a}{b}" for a in "abcdefghij" for b in "klmnopqrst"]
    numbers = [triples([first, "b", third])[0] for first in draw for third in draw]
    assert len(set(numbers)) > 7_000
    assert triples(["a", "b", "c", "d"]) == [*triples(["a", "b", "c"]), *triples(["b", "c", "d"])]
    assert triples(["a", "b"]) == []


def has_no_sign(letters: str) -> bool:
    found = spellings(" ".join(letters)) + spellings(letters)
    return not any(sign in form for forms in found for form in forms for sign in SIGNS + " ")


@pytest.mark.parametrize("first", [0, 0x1E00])
def test_no_letter_makes_a_sign_or_a_blank(first: int) -> None:
    assert has_no_sign("".join(map(chr, range(first, first + 0x600))))


@pytest.mark.soak
def test_no_letter_of_all_makes_a_sign_or_a_blank() -> None:
    for first in range(0, 0x110000, 0x400):
        if not 0xD800 <= first < 0xE000:
            assert has_no_sign("".join(map(chr, range(first, first + 0x400))))


@settings(max_examples=300, deadline=None)
@given(typed=st.text(max_size=80) | st.text(alphabet='@=~+^"“ aĐ12/-*', max_size=40))
def test_nothing_typed_becomes_a_token_of_filters(typed: str) -> None:
    for form in FORMS:
        expression = parse_query(typed).expression(Places(form=form, overlay=True))
        assert LIMIT_SIGN not in expression
        assert "^" not in expression


@settings(max_examples=300, deadline=None)
@given(text=TEXT, typed=st.text(alphabet="hoòaơđ12 /-", min_size=1, max_size=6))
def test_pairs_stand_in_the_index_where_a_phrase_of_two_words_is_read(
    text: str, typed: str
) -> None:
    composed = unicodedata.normalize("NFC", text)
    held = set(row_words([spellings(text)], (), 0))
    for term in parse_query(f'"{typed}"').terms:
        if 1 <= len(term.words) <= 2:
            for form, sign in zip(FORMS, ("=", ""), strict=True):
                is_held = held.issuperset(phrase(term.forms(form), sign))
                assert is_held == any(term_spans(composed, term, form))
