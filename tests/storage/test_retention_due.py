"""Whose term is over: counted from the end of the year, the longest term and the latest end."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from config.retention import RetentionRules, Term
from config.vocabulary import Role
from storage.archive import Archive
from storage.errors import DisposalRefused
from storage.fingerprints import Version
from storage.model import NewLink
from storage.register import ProcedureResult, RegisterBatch
from storage.retention import HoldGround, OwnTerm, Said
from storage.retention_due import first_day_after
from tests.storage.conftest import AT
from tests.storage.disposing import (
    DECIDER,
    OLD,
    RULES,
    TEN_YEARS,
    TODAY,
    UNKNOWN,
    YOUNG,
    Office,
    make_office,
    record_id,
)

FOR_EVER = replace(TEN_YEARS, code="01", years=None)
TWO_YEARS = replace(TEN_YEARS, code="07", years=2)
SAID = Said(reason="thanh tra THỬ NGHIỆM", actor=DECIDER, at=AT)


@pytest.fixture
def office(archive: Archive) -> Office:
    return make_office(archive)


def rules(**changes: object) -> RetentionRules:
    return replace(RULES, **changes)  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("term", "ended", "first"),
    [
        (TEN_YEARS, "2010-01-01", "2021-01-01"),
        (TEN_YEARS, "2010-12-31", "2021-01-01"),
        (TWO_YEARS, "2024-02-29", "2027-01-01"),
        (FOR_EVER, "1950-01-01", None),
        (TEN_YEARS, None, None),
        (replace(TEN_YEARS, years=9000), "2024-01-01", None),
    ],
)
def test_years_are_counted_from_the_end_of_the_year(
    term: Term, ended: str | None, first: str | None
) -> None:
    day = None if ended is None else dt.date.fromisoformat(ended)
    found = first_day_after(term, day)
    assert (found and found.isoformat()) == first


def test_only_what_is_over_is_due_and_only_what_is_known_is_counted(office: Office) -> None:
    found = office.standings()
    assert {n: found[record_id(n)].ground(TODAY) for n in range(1, 6)} == {
        1: "expired",
        2: "expired",
        3: "expired",
        4: None,
        5: None,
    }
    assert found[record_id(5)].is_unknown
    assert not found[record_id(4)].is_unknown
    assert found[record_id(4)].ground(dt.date(2034, 12, 31)) is None
    assert found[record_id(4)].ground(dt.date(2035, 1, 1)) == "expired"


@pytest.mark.parametrize(
    ("classes", "procedures", "years"),
    [
        ({"GKS": TWO_YEARS}, {}, 2),
        ({"GKS": TWO_YEARS}, {"1.001193": TEN_YEARS}, 10),
        ({"GKS": TEN_YEARS}, {"1.001193": TWO_YEARS}, 10),
        ({"GKS": FOR_EVER}, {"1.001193": TWO_YEARS}, None),
        ({"TKKS": FOR_EVER}, {}, 10),
    ],
)
def test_the_longer_of_class_and_procedure_holds(
    office: Office, classes: dict[str, Term], procedures: dict[str, Term], years: int | None
) -> None:
    office.rules = rules(classes=classes, procedures=procedures)
    assert office.standings()[record_id(1)].term.years == years


def test_a_term_of_the_dossier_makes_it_longer_and_never_shorter(office: Office) -> None:
    store = office.archive.retention
    store.set_term(OwnTerm(dossier_code=OLD, code="07", years=2), SAID)
    assert office.standings()[record_id(1)].term.years == 10
    store.set_term(OwnTerm(dossier_code=OLD, code="05", years=0), SAID)
    assert office.standings()[record_id(1)].ground(TODAY) is None
    assert office.standings()[record_id(1)].term.origin == "dossier"


@pytest.mark.parametrize(
    ("place", "changes"),
    [
        ("dossier.procedure_code", {"procedures": {"1.001193": FOR_EVER}}),
        ("record.class_code", {"classes": {"GKS": FOR_EVER}}),
    ],
)
def test_a_damaged_code_lets_nothing_be_over(
    office: Office, place: str, changes: dict[str, object]
) -> None:
    table, column = place.split(".")
    assert office.standings()[record_id(1)].ground(TODAY) == "expired"
    office.rules = rules(**changes)
    assert office.standings()[record_id(1)].ground(TODAY) is None
    damage = f"UPDATE {table} SET {column} = CAST(x'ff' || substr({column}, 2) AS TEXT)"  # noqa: S608  # our own names
    office.archive.db.execute(damage)
    standing = office.standings()[record_id(1)]
    assert standing.ground(TODAY) is None
    assert standing.is_unknown


def test_a_paper_in_two_dossiers_is_kept_as_long_as_either_asks(office: Office) -> None:
    archive = office.archive
    link = NewLink(dossier_code=YOUNG, role=Role.COMPONENT)
    archive.link(record_id(1), link, actor="x", at=AT)
    assert office.standings()[record_id(1)].ground(TODAY) is None
    link = NewLink(dossier_code=UNKNOWN, role=Role.COMPONENT)
    archive.link(record_id(2), link, actor="x", at=AT)
    assert office.standings()[record_id(2)].is_unknown
    assert office.standings()[record_id(2)].ground(TODAY) is None


def test_where_nobody_says_when_a_case_was_settled_its_last_result_does(office: Office) -> None:
    office.register(UNKNOWN, None)
    results = [
        ProcedureResult(
            dossier_code=UNKNOWN, ordinal=n, class_code="GKS", issue_date=dt.date(2011, n, 1)
        )
        for n in (1, 2)
    ]
    office.archive.register.load(RegisterBatch(results=tuple(results)))
    found = office.standings()[record_id(5)]
    assert (found.ended_on, found.counted_from) == (dt.date(2011, 2, 1), "result")
    assert found.ground(TODAY) == "expired"


@pytest.mark.parametrize("subject", [OLD, record_id(1)])
def test_a_hold_on_paper_or_dossier_stops_it_until_it_is_lifted(
    office: Office, subject: str
) -> None:
    store = office.archive.retention
    store.hold(subject, HoldGround.LAWSUIT, SAID)
    assert office.standings()[record_id(1)].is_held
    with pytest.raises(DisposalRefused):
        office.propose(record_id(1))
    store.lift(subject, SAID)
    assert not office.standings()[record_id(1)].is_held
    office.propose(record_id(1))


def test_the_replaced_scan_of_a_dossier_is_one_too_many(office: Office) -> None:
    version = Version(record_id=record_id(4), supersedes=record_id(5), kind="replacement", at=AT)
    office.archive.supersede(version, actor="x")
    # In different dossiers, they are different papers.
    assert office.standings()[record_id(5)].duplicate_of is None
    office.file(6, YOUNG)
    version = Version(record_id=record_id(6), supersedes=record_id(4), kind="replacement", at=AT)
    office.archive.supersede(version, actor="x")
    office.rules = rules(default=replace(TEN_YEARS, unverified=True))
    found = office.standings()[record_id(4)]
    assert (found.duplicate_of, found.ground(TODAY)) == (record_id(6), "duplicate")
    # That another stands for it needs no term.
    office.propose(record_id(4))


def test_a_replaced_scan_whose_term_is_over_goes_with_the_one_that_stands_for_it(
    office: Office,
) -> None:
    version = Version(record_id=record_id(2), supersedes=record_id(1), kind="replacement", at=AT)
    office.archive.supersede(version, actor="x")
    assert office.standings()[record_id(1)].ground(TODAY) == "expired"
    office.destroy(record_id(1), record_id(2))
    assert {gone.record_id for gone in office.archive.destroyed.all()} == {
        record_id(1),
        record_id(2),
    }


def test_two_versions_that_both_count_are_no_duplicates(office: Office) -> None:
    version = Version(record_id=record_id(2), supersedes=record_id(1), kind="version", at=AT)
    office.archive.supersede(version, actor="x")
    assert office.standings()[record_id(1)].duplicate_of is None


def test_the_same_bytes_twice_in_a_dossier_are_one_too_many(office: Office) -> None:
    first = office.archive.records.get(record_id(4))
    office.file(7, YOUNG, original=first.original, pdf=first.pdf)
    found = office.standings()
    assert found[record_id(7)].duplicate_of == record_id(4)
    assert found[record_id(4)].duplicate_of is None


def test_a_term_that_nobody_verified_is_listed_and_never_proposed(office: Office) -> None:
    office.rules = rules(default=replace(TEN_YEARS, unverified=True))
    assert office.standings()[record_id(1)].ground(TODAY) == "expired"
    with pytest.raises(DisposalRefused, match=r"retention\.toml"):
        office.propose(record_id(1))


@pytest.mark.parametrize("how", ["scanned again", "same bytes"])
def test_what_stands_for_a_paper_lies_in_all_its_dossiers(office: Office, how: str) -> None:
    archive, first = office.archive, office.archive.records.get(record_id(4))
    twice = how == "same bytes"
    office.file(6, YOUNG, **({"original": first.original, "pdf": first.pdf} if twice else {}))
    gone, kept = (record_id(6), record_id(4)) if twice else (record_id(4), record_id(6))
    if not twice:
        version = Version(record_id=kept, supersedes=gone, kind="replacement", at=AT)
        archive.supersede(version, actor="x")
    assert office.standings()[gone].duplicate_of == kept
    link = NewLink(dossier_code=UNKNOWN, role=Role.COMPONENT)
    archive.link(gone, link, actor="x", at=AT)
    # The other dossier would lose its only copy.
    assert office.standings()[gone].duplicate_of is None
    archive.link(kept, link, actor="x", at=AT)
    assert office.standings()[gone].duplicate_of == kept
