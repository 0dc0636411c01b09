"""What papers are counted by: as the rows say now, whatever was remembered of them before."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from config.vocabulary import Role
from storage import revisions
from storage.archive import Archive
from storage.facets import EVERY_VALUE, FacetCounter, Facets, _tally, partly_outside
from storage.model import NewLink, Record
from storage.register import Dossier, RegisterBatch
from tests.storage.conftest import NewRecordMaker

# Half an hour before midnight of the last day of the year in UTC: the next year in Vietnam.
NEW_YEAR = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
CODES = [f"H20.0{agency}-26110{day}-0001" for agency in (1, 2, 3) for day in (1, 2)]


def register(archive: Archive, code: str, agency: str, procedure: str) -> None:
    entry = Dossier(code=code, title="", procedure_code=procedure, agency_code=agency)
    archive.register.load(RegisterBatch(dossiers=(entry,)))


def said(archive: Archive, record: Record, scope: Sequence[str]) -> dict[str, set[str]]:
    """Say what a record is counted by, from the record and the register alone."""
    told: dict[str, set[str]] = {"agency": set(), "procedure": set(), "role": set()}
    for link in record.links:
        dossier = archive.register.dossier(link.dossier_code)
        agency = dossier.agency_code if dossier else link.dossier_code.partition("-")[0]
        if scope and agency not in scope:
            continue
        told["agency"].add(agency)
        told["role"].add(link.role.value)
        told["procedure"].add(dossier.procedure_code if dossier else "")
    year = (record.filed_at + timedelta(hours=7)).year
    plain = {"class_code": record.class_code, "verdict": record.verdict, "year": str(year)}
    return told | {name: {value} for name, value in plain.items()}


def expected(archive: Archive, numbers: Sequence[int], scope: Sequence[str] = ()) -> object:
    """Count record by record, without any SQL."""
    found: dict[str, dict[str, int]] = {}
    for number in numbers:
        record = archive.records.by_number(number)
        assert record is not None
        for name, values in said(archive, record, scope).items():
            for value in values - {""}:
                counts = found.setdefault(name, {})
                counts[value] = counts.get(value, 0) + 1
    return {
        name: sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        for name, counts in found.items()
        if counts
    }


def shown(facets: Facets) -> object:
    names = ("agency", "procedure", "role", "class_code", "verdict", "year")
    told = {name: [(item.value, item.count) for item in getattr(facets, name)] for name in names}
    return {name: counts for name, counts in told.items() if counts}


@pytest.fixture
def filled(archive: Archive, new_record: NewRecordMaker) -> Archive:
    """Forty papers, some of them in several dossiers, half of which are registered."""
    dice = random.Random(9)
    for code in CODES[::2]:
        register(archive, code, code[:6], f"1.00{dice.randrange(3)}")
    # Objects are nobody's matter here: all papers have those of one.
    paper = new_record()
    with archive.db.transaction():
        for n in range(1, 41):
            kind = dice.choice(["GKS", "QDD", "TKHT"])
            verdict = dice.choice(["TOTAL-PASSED", "INDETERMINATE"])
            first, *more = dice.sample(CODES, dice.choice([1, 1, 1, 2, 3]))
            record = archive.records.insert(
                replace(
                    paper,
                    id=f"018F0000-0000-7000-8000-{n:012d}",
                    submission_id=f"nop-{n}",
                    class_code=kind,
                    verdict=verdict,
                ),
                NewLink(dossier_code=first, role=dice.choice(list(Role))),
                NEW_YEAR + timedelta(hours=dice.randrange(-30, 30)),
            )
            for code in more:
                other = NewLink(dossier_code=code, role=dice.choice(list(Role)))
                archive.records.insert_link(record, other)
    return archive


@pytest.mark.parametrize("scope", [(), ("H20.01",), ("H20.01", "H20.03"), ("H99.99",)])
def test_each_paper_counts_once_for_each_value(filled: Archive, scope: tuple[str, ...]) -> None:
    for numbers in (range(40, 0, -1), range(30, 10, -3), (7,)):
        asked = list(numbers)
        for _ in range(2):  # read, then remembered
            facets = filled.facets.count(asked, scope)
            assert facets.of == len(asked)
            assert shown(facets) == expected(filled, asked, scope)


def test_nothing_found_is_counted_by_nothing(archive: Archive) -> None:
    assert shown(archive.facets.count([])) == {}
    assert shown(archive.facets.count([1])) == {}


def test_what_changed_is_counted_as_it_is_now(filled: Archive) -> None:
    asked = list(range(40, 0, -1))
    before = filled.facets.count(asked)
    register(filled, CODES[0], "H77.01", "2.009")
    renamed = filled.facets.count(asked)
    assert renamed != before
    assert shown(renamed) == expected(filled, asked)
    # A dossier that nobody had registered is.
    register(filled, CODES[1], "H77.02", "2.010")
    assert shown(filled.facets.count(asked)) == expected(filled, asked)
    record = filled.records.by_number(11)
    assert record is not None
    with filled.db.transaction():
        revisions.write(filled.db, filled.records, replace(record, class_code="GPXD"))
    assert ("GPXD", 1) in shown(filled.facets.count(asked))["class_code"]  # type: ignore[index]  # lists by name
    link = NewLink(dossier_code="H55.01-261101-0001", role=Role.RESULT)
    filled.records.insert_link(record, link)
    facets = filled.facets.count(asked)
    assert ("H55.01", 1) in [(item.value, item.count) for item in facets.agency]
    assert shown(facets) == expected(filled, asked)


def test_no_more_is_remembered_than_is_bounded(
    filled: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.facets._REMEMBERED", 10)
    counter = FacetCounter(filled.db)
    for first in range(1, 36, 3):
        asked = list(range(first + 4, first - 1, -1))
        assert shown(counter.count(asked)) == expected(filled, asked)
        assert len(counter._known) <= 10


def test_many_changes_at_once_forget_everything(
    filled: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.facets._MOST_CHANGES", 2)
    asked = list(range(40, 0, -1))
    filled.facets.count(asked)
    for code in CODES:
        register(filled, code, "H88.01", "3.001")
    assert [item.value for item in filled.facets.count(asked).agency] == ["H88.01"]


def test_papers_that_also_lie_elsewhere_are_told(filled: Archive) -> None:
    asked = list(range(1, 41))
    scope = ("H20.01",)
    records = {number: filled.records.by_number(number) for number in asked}
    wanted = {
        number
        for number, record in records.items()
        if record and any(not link.dossier_code.startswith("H20.01") for link in record.links)
    }
    assert partly_outside(filled.db, asked, scope) == wanted


@pytest.mark.parametrize("seed", range(20))
def test_the_most_frequent_values_are_told_whatever_their_number(seed: int) -> None:
    chance = random.Random(seed)
    names = [f"v{number}" for number in range(chance.choice((1, 3, 40)))] + [""]
    column: list[str | tuple[str, ...]] = [
        chance.choice(names) if chance.random() < 0.8 else tuple(set(chance.choices(names, k=3)))
        for _ in range(chance.choice((0, 1, 10, 300)))
    ]
    each: list[str] = []
    for values in column:
        each += [values] if isinstance(values, str) else values
    counts = {value: each.count(value) for value in each if value}
    expected = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    for most in (1, 2, 12, EVERY_VALUE):
        told = [(one.value, one.count) for one in _tally(column, most)]
        assert told == expected[:most]
