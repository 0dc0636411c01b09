"""Rows that match, asked of a window or of a few, against all that match."""

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
    't : ("mot hai")',
    't : ("hai mot")',
    't : ("mot" AND "ba")',
    f'(t : ("mot hai")) AND a : ({token("agency", "H20.03")})',
    f't : ("mot hai") AND a : ({token("dossier", "H20.03-261101-0001")})',
    't : ("chin")',
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


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_window_holds_what_matches_between_its_ends(rows: Rows, expression: str) -> None:
    every = list(rows.matching(expression, BEFORE_ALL))
    assert every == sorted(every, reverse=True)
    for over, before in ((0, 61), (10, 61), (25, 61), (30, 40), (29, 31), (41, 42), (59, 99)):
        found = list(rows.between(expression, over, before))
        assert found == [number for number in every if over < number < before], (over, before)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_of_some_rows_those_are_named_that_match(rows: Rows, expression: str) -> None:
    every = set(rows.matching(expression, BEFORE_ALL))
    for some in ([1], [5, 12, 25, 26, 58], list(range(60, 0, -1)), [30], [999], []):
        assert rows.among(expression, some) == every.intersection(some)


def test_rows_are_counted_up_to_a_limit(rows: Rows) -> None:
    found = len(list(rows.matching('t : ("mot hai")', BEFORE_ALL)))
    assert 3 < found < COUNT
    assert rows.count('t : ("mot hai")', 99) == found
    assert rows.count('t : ("mot hai")', 3) == 3
    assert rows.count("", 99) == COUNT - 1
    assert rows.newest_number() == COUNT
