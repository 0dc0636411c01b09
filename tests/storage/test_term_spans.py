from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.fold import words
from storage.query import Column, find_term, parse_query
from storage.term_spans import term_spans

TEXT = st.text(alphabet="hHoòóaàAđĐÐ12n ,/-_\n", max_size=40)
TERM = st.text(alphabet="hoòaàđn12/-", min_size=1, max_size=6)


def spans(text: str, query: str, column: Column) -> list[str]:
    (term,) = parse_query(query).terms
    composed = unicodedata.normalize("NFC", text)
    return [composed[start:end] for start, end in term_spans(composed, term, column)]


@settings(max_examples=400, deadline=None)
@given(text=TEXT, typed=TERM, is_exact=st.booleans())
def test_the_pattern_finds_what_comparing_word_by_word_finds(
    text: str, typed: str, is_exact: bool
) -> None:
    column: Column = "x" if is_exact else "f"
    for term in parse_query(typed).terms:
        page = words(text)
        forms = [word.exact if is_exact else word.folded for word in page]
        one_by_one = [
            (page[first].start, page[last].end) for first, last in find_term(term, column, forms)
        ]
        found = list(term_spans(text, term, column))
        # A phrase that overlaps itself is found once.
        assert set(found) <= set(one_by_one)
        assert bool(found) == bool(one_by_one)
        if len(term.words) == 1:
            assert found == one_by_one


@pytest.mark.parametrize(
    ("text", "query", "column", "wanted"),
    [
        ("Hoà hòa HÒA hoa hoàn", "hòa", "x", ["Hoà", "hòa", "HÒA"]),
        ("Hoà hòa HÒA hoa hoàn", "hòa", "f", ["Hoà", "hòa", "HÒA", "hoa"]),
        ("đường,  phố\nĐường phố", '"đường phố"', "x", ["đường,  phố", "Đường phố"]),
        ("chứng chứ chữ", "chư*", "f", ["chứng", "chứ", "chữ"]),
        ("số 12QĐ/UBND, 12 qđ ubnd", "12qđubnd", "f", ["12QĐ/UBND", "12 qđ ubnd"]),
        (unicodedata.normalize("NFD", "đường phố"), "phố", "x", ["phố"]),
        ("q̀a phố", "phố", "x", ["phố"]),
        ("(phố) phốt _phố_", "phố", "x", ["phố", "phố"]),
    ],
)
def test_words_are_found_as_they_stand(
    text: str, query: str, column: Column, wanted: list[str]
) -> None:
    assert spans(text, query, column) == wanted


def test_near_words_count_where_the_word_itself_is_not_there() -> None:
    (term,) = parse_query("trường").terms
    near = {"truong": ("tru0ng", "trvong")}
    text = "xã Trv\u01b0ờng, tru0ng"
    found = [text[a:b] for a, b in term_spans(text, term, "f", near)]
    assert found == ["tru0ng"]
    text = "trường tru0ng"
    assert [text[a:b] for a, b in term_spans(text, term, "f", near)] == ["trường"]
