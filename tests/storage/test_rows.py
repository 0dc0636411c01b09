"""Rows that match, asked of a few, against all that match."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from config.vocabulary import Role
from storage.archive import Archive, open_archive
from storage.cursor import BEFORE_ALL
from storage.index_entry import token
from storage.model import NewLink, PageText
from storage.rows import PAPERS, Rows
from tests.storage.conftest import AT, make_record

COUNT = 60
# Papers by dossier: one is dropped under one code by the dozen, others lie alone.
CROWDED = range(20, 41)
EXPRESSIONS = (
    '"+mot+hai"',
    '"+hai+mot"',
    '"mot" AND "ba"',
    f'"+mot+hai" AND ("{token("agency", "H20.03")}")',
    f'"+mot+hai" AND "{token("dossier", "H20.03-261101-0001")}"',
    '"chin"',
)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rows]:
    draw = random.Random(3)
    words = ("một", "hai", "ba", "bốn")
    with open_archive(tmp_path_factory.mktemp("rows")) as archive:
        made = make_record(archive, 1)
        with archive.db.transaction():
            for number in range(1, COUNT + 1):
                text = " ".join(draw.choices(words, k=6))
                page = PageText(number=1, text=text)
                new = replace(
                    made, id=f"thu-{number}", submission_id=f"nop-{number}", pages=(page,)
                )
                code = "H20.03-261101-0001" if number in CROWDED else f"H20.03-261102-{number:04}"
                link = NewLink(dossier_code=code, role=Role.COMPONENT)
                archive.records.insert(new, link, AT)
        archive.catch_up()
        forget(archive, 30)
        yield Rows(db=archive.index_db, shelf=PAPERS)


def forget(archive: Archive, number: int) -> None:
    """Take a paper out: rows on both sides of the gap are still told apart."""
    with archive.index_db.transaction():
        assert archive.search.take_out(number)


@pytest.mark.parametrize("expression", ["", *EXPRESSIONS])
def test_rows_match_between_two_numbers(rows: Rows, expression: str) -> None:
    every = list(rows.matching(expression, BEFORE_ALL))
    assert every == sorted(every, reverse=True)
    for first, before in ((0, 61), (11, 61), (31, 40), (30, 31), (42, 42), (60, 99)):
        found = list(rows.matching(expression, before, first))
        assert found == [number for number in every if first <= number < before], (first, before)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_of_some_rows_those_are_named_that_match(rows: Rows, expression: str) -> None:
    every = set(rows.matching(expression, BEFORE_ALL))
    for some in ([1], [5, 12, 25, 26, 58], list(range(60, 0, -1)), [30], [999], []):
        assert rows.among(expression, some) == every.intersection(some)


def test_rows_are_counted_up_to_a_limit(rows: Rows) -> None:
    found = len(list(rows.matching('"+mot+hai"', BEFORE_ALL)))
    assert 3 < found < COUNT
    assert rows.count('"+mot+hai"', BEFORE_ALL, 99) == found
    assert rows.count('"+mot+hai"', BEFORE_ALL, 3) == 3
    below = list(rows.matching('"+mot+hai"', BEFORE_ALL))[1]
    assert rows.count('"+mot+hai"', below, 99) == found - 2
    assert rows.count("", BEFORE_ALL, 99) == COUNT - 1
    assert rows.count("", 11, 99) == 10
    assert rows.newest_number() == COUNT


def test_the_size_of_a_row_is_how_many_words_it_has(rows: Rows) -> None:
    sizes = rows.sizes([5, 7, 99])
    assert sizes.keys() == {5, 7}
    assert all(size > 20 for size in sizes.values())
    assert rows.usual_size(7, 1) == sizes[7]
    assert rows.usual_size(0, 200) == 1
