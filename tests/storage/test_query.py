from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from storage.index_tables import PAPER_FTS
from storage.index_words import triples
from storage.query import MAX_TERMS, Places, parse_query
from storage.tiers import Tiers


def three(*words: str) -> str:
    (number,) = triples(words)
    return number


HOSTILE = st.one_of(
    st.text(max_size=500),
    st.text(alphabet="\"'*()-+:^{}\\,.;\0 aĐư“”\u0300\ue000 NEARORDT", max_size=80),
)


@pytest.fixture(scope="module")
def table() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(PAPER_FTS)
        connection.execute("INSERT INTO paper_fts (rowid, words) VALUES (1, 'a')")
        yield connection


@settings(max_examples=1500, deadline=None)
@given(text=HOSTILE)
@example(text='"')
@example(text='""')
@example(text="\0")
@example(text="\ud800")
@example(text="NEAR(a b, 2) OR a:b NOT *")
def test_no_string_makes_a_search_fail(table: sqlite3.Connection, text: str) -> None:
    query = parse_query(text)
    assert len(query.terms) <= MAX_TERMS
    tiers = Tiers(query=query, overlay=True)
    for expression in (tiers.all_matches(), *map(tiers.only, tiers.numbers)):
        assert bool(expression) == bool(query.terms)
        if expression:
            table.execute("SELECT rowid FROM paper_fts WHERE paper_fts MATCH ?", (expression,))


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("khai sinh", '"khai" AND "sinh"'),
        ('"khai sinh" an', '"+khai+sinh" AND "an"'),
        ("“khai sinh”", '"+khai+sinh"'),
        ('"khai sinh', '"+khai+sinh"'),
        ('"mot hai"', '"+mot+hai"'),
        (
            '"mot hai mot hai"',
            f'("{three("mot", "hai", "mot")}" AND "{three("hai", "mot", "hai")}" '
            'AND "+mot+hai" AND "+hai+mot")',
        ),
        (
            "12/QĐ-UBND",
            f'(("{three("12", "qd", "ubnd")}" AND "+12+qd" AND "+qd+ubnd") OR "12qdubnd")',
        ),
        ("12 QĐ-UB", '(("12" AND "+qd+ub") OR "12qdub")'),
        ("-term", '"term"'),
        ("chứ*", '"chu"*'),
        ("giấy chứ*", '"giay" AND "chu"*'),
        ("A/B/chứ*", '("+a+b" AND "+b+chu"*)'),
        ("chứ* giấy", '"chu" AND "giay"'),
        ("c*", '"c"'),
        ("a OR b NOT c", '"a" AND "or" AND "b" AND "not" AND "c"'),
        ("***", ""),
    ],
)
def test_what_is_typed_means_words_phrases_codes_and_beginnings(text: str, expression: str) -> None:
    assert parse_query(text).expression(Places(form="f")) == expression


def test_only_typed_diacritics_make_a_query_accented() -> None:
    assert parse_query("đường").is_accented
    assert parse_query("so 12 đ").is_accented
    assert not parse_query("DUONG 12/QD").is_accented


def test_blank_is_not_the_same_as_nothing_to_find() -> None:
    assert parse_query(" \t").is_blank
    assert not parse_query("!!").is_blank
    assert parse_query("!!").terms == ()


def test_a_long_query_is_cut() -> None:
    assert len(parse_query("từ " * 1000).terms) == MAX_TERMS
