"""Destruction: what goes, what stays to prove it, and what every other part of the archive says."""

from __future__ import annotations

import pytest

from config.vocabulary import EventType
from storage.archive import Archive
from storage.fixity import check_archive
from storage.model import Finding
from storage.search import SearchRequest
from tests.storage.disposing import OLD, Office, make_office, record_id

GONE = record_id(2)


@pytest.fixture
def office(archive: Archive) -> Office:
    return make_office(archive)


def findings(archive: Archive) -> tuple[Finding, ...]:
    return check_archive(archive).findings


def found(archive: Archive, query: str) -> list[str]:
    return [hit.record_id for hit in archive.search.search(SearchRequest(query=query)).records]


def test_a_destroyed_paper_is_nowhere_but_in_its_row(office: Office) -> None:
    archive = office.archive
    record = archive.records.get(GONE)
    assert found(archive, "số2x") == [GONE]
    cleared = office.destroy(GONE)
    assert (cleared.records, cleared.waiting) == (1, ())
    assert found(archive, "số2x") == []
    assert not archive.objects.has(record.original.sha256)
    assert not archive.objects.has(record.pdf.sha256)
    assert archive.records.count() == 4
    assert office.copies == [f"3-da-xong/{GONE}.pdf"]
    gone = archive.destroyed.get(GONE)
    assert gone is not None
    assert gone.body["original"][0] == record.original.sha256
    assert gone.body["decision"]["number"] == "12/QĐ-UBND"
    assert not gone.is_unfinished
    assert findings(archive) == ()
    assert archive.index_lag() == 0
    assert "TRẦN THỊ" not in str(archive.db.rows("SELECT * FROM destroyed_record"))


def test_each_step_is_an_event_and_the_log_verifies(office: Office) -> None:
    office.destroy(GONE)
    events = office.archive.events.events(GONE)
    assert [(event.type, event.outcome) for event in events] == [
        (EventType.INGESTION, "success"),
        (EventType.APPRAISAL, "proposed"),
        (EventType.APPRAISAL, "approved"),
        (EventType.DELETION, "destroyed"),
    ]
    assert office.archive.events.events("archive")[-1].outcome == "destroyed"
    assert office.archive.events.verify() == []


def test_the_next_paper_of_the_dossier_does_not_get_the_number_of_one_that_is_gone(
    office: Office,
) -> None:
    office.destroy(record_id(3))
    assert office.file(6).links[0].ordinal == 4
    assert office.archive.records.next_ordinal(OLD) == 5
