"""What people said of papers is kept for good, can be taken back, and shows in the log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from config.vocabulary import EventType, Role
from storage.archive import Archive
from storage.canonical import canonical_text
from storage.corrections import Act, Correction, NewCorrection, newest_to_undo
from storage.fixity import check_archive
from storage.ledger import Ledger
from storage.model import FieldValue, NewLink, Record
from storage.search import SearchRequest
from storage.submissions import NewSubmission, SubmissionState
from tests.storage.conftest import DOSSIER, NewRecordMaker

OTHER = "H15.50.05.13-261008-0976"


@pytest.fixture
def filed(archive: Archive, new_record: NewRecordMaker, link: NewLink, at: datetime) -> Record:
    return archive.file(new_record(1), link, actor="hoso", at=at)


def said(record: Record, **values: str | None) -> tuple[FieldValue, ...]:
    told = tuple(
        FieldValue(name=name, value=value, confidence=1.0, source="person")
        for name, value in values.items()
    )
    return (*(field for field in record.fields if field.name not in values), *told)


def values(record: Record) -> dict[str, str | None]:
    return {field.name: field.value for field in record.fields}


def correct(archive: Archive, revised: Record, at: datetime) -> Correction:
    return archive.revise(revised, Act.CORRECT, actor="cán bộ", at=at)


def test_a_correction_keeps_the_old_values_and_touches_no_file(
    archive: Archive, filed: Record, at: datetime
) -> None:
    revised = replace(
        filed, class_code="TB", fields=said(filed, holder="LÊ THỬ NGHIỆM", number="7")
    )
    correction = correct(archive, revised, at)
    now = archive.records.get(filed.id)
    assert (now.class_code, values(now)["holder"], values(now)["number"]) == (
        "TB",
        "LÊ THỬ NGHIỆM",
        "7",
    )
    assert (now.pdf, now.original, now.pages, now.signatures) == (
        filed.pdf,
        filed.original,
        filed.pages,
        filed.signatures,
    )
    assert correction.before["class_code"] == "GKS"
    assert correction.before["field:holder"][0][0] == "TRẦN THỊ THỬ NGHIỆM"
    assert correction.before["field:number"] is None
    assert set(correction.after) == {"class_code", "field:holder", "field:number"}
    assert archive.corrections.of_record(filed.id) == [correction]


def test_the_reason_of_a_correction_is_kept_beside_the_log_and_cannot_be_changed_unseen(
    archive: Archive, filed: Record, at: datetime
) -> None:
    revised, reason = replace(filed, title="Giấy khác"), "Theo đơn của LÊ THỬ NGHIỆM"
    kept = archive.revise(revised, Act.CORRECT, actor="cán bộ", at=at, reason=reason)
    assert archive.corrections.of_record(filed.id) == [kept]
    assert kept.reason == reason
    body = archive.events.body(archive.events.events(filed.id)[-1].seq)
    assert reason.encode() not in body
    assert kept.digest.encode() in body
    assert check_archive(archive).findings == ()
    archive.db.execute("UPDATE correction SET reason = 'khác' WHERE id = ?", (kept.id,))
    assert [found.identifier for found in check_archive(archive).findings] == [
        f"correction {kept.id}"
    ]


def test_the_event_tells_what_kind_of_thing_changed_and_no_value(
    archive: Archive, filed: Record, at: datetime
) -> None:
    correction = correct(archive, replace(filed, fields=said(filed, number="000099000001")), at)
    event = archive.events.events(filed.id)[-1]
    assert (event.type, event.outcome, event.actor) == (
        EventType.METADATA_MODIFICATION,
        "correct",
        "cán bộ",
    )
    assert event.detail["changed"] == ["field:number"]
    assert event.detail["correction_sha256"] == correction.digest
    assert "000099000001" not in canonical_text(dict(event.detail))
    # The same words said again have another digest: nobody can try all numbers on it.
    assert replace(correction, salt="00").digest != correction.digest
    assert check_archive(archive).findings == ()


def test_what_was_corrected_is_found_by_its_new_words(
    archive: Archive, filed: Record, at: datetime
) -> None:
    def hits(query: str) -> int:
        return archive.search.search(SearchRequest(query=query)).count

    correct(archive, replace(filed, fields=said(filed, holder="LÊ THỬ NGHIỆM")), at)
    assert (hits("LÊ THỬ NGHIỆM"), hits("TRẦN THỊ")) == (1, 0)


def test_undoing_goes_back_one_act_at_a_time(archive: Archive, filed: Record, at: datetime) -> None:
    for number in ("7", "8"):
        record = archive.records.get(filed.id)
        correct(archive, replace(record, fields=said(record, number=number)), at)
    seen = []
    while (last := newest_to_undo(archive.corrections.of_record(filed.id))) is not None:
        undo = archive.undo_revision(last, actor="cán bộ", at=at)
        assert undo is not None
        assert undo.undoes == last.id
        seen.append(values(archive.records.get(filed.id)).get("number"))
    assert seen == ["7", None]
    assert values(archive.records.get(filed.id)) == values(filed)
    assert len(archive.corrections.of_record(filed.id)) == 4
    assert check_archive(archive).findings == ()


def test_what_something_else_changed_since_is_not_undone(
    archive: Archive, filed: Record, at: datetime
) -> None:
    first = correct(archive, replace(filed, class_code="TB"), at)
    now = archive.records.get(filed.id)
    archive.revise(replace(now, class_code="QD"), Act.CONFIRM, actor="người khác", at=at)
    assert archive.undo_revision(first, actor="cán bộ", at=at) is None
    assert archive.records.get(filed.id).class_code == "QD"


def test_a_place_in_another_dossier_gets_its_next_ordinal_and_comes_back(
    archive: Archive, new_record: NewRecordMaker, filed: Record, at: datetime
) -> None:
    there = NewLink(dossier_code=OTHER, role=Role.RECEIPT)
    archive.file(new_record(2), there, actor="hoso", at=at)
    (place,) = filed.links
    moved = replace(place, dossier_code=OTHER, role=Role.RESULT, procedure_result_code="KQ(1)")
    correction = correct(archive, replace(filed, links=(moved,)), at)
    (link,) = archive.records.get(filed.id).links
    assert (link.dossier_code, link.ordinal, link.role) == (OTHER, 2, Role.RESULT)
    assert archive.records.of_dossier(DOSSIER) == []
    assert archive.undo_revision(correction, actor="cán bộ", at=at) is not None
    assert archive.records.get(filed.id).links == (place,)


def test_a_marked_scan_keeps_no_word_that_was_said_of_it(
    archive: Archive, submission: Callable[[str], NewSubmission], at: datetime
) -> None:
    ledger: Ledger = archive.ledger
    ledger.claim(submission("nop-9"), "hoso")
    archive.corrections.add(
        NewCorrection(
            submission_id="nop-9",
            paper=1,
            act=Act.CORRECT,
            before={},
            after={"fields": {"holder": "TRẦN THỬ NGHIỆM"}},
            actor="cán bộ",
            at=at,
        )
    )
    request = archive.requests.ask(
        "review", {"fields": {"holder": "TRẦN THỬ NGHIỆM"}}, "cán bộ", at
    )
    assert archive.corrections.standing("nop-9", 1)["fields"] == {"holder": "TRẦN THỬ NGHIỆM"}
    archive.requests.complete(request, at)
    ledger.move("nop-9", SubmissionState.SECRET, at=at)
    assert archive.corrections.of_submission("nop-9") == []
    dump = "\n".join(archive.db.tables.conn.iterdump())
    assert "TRẦN THỬ NGHIỆM" not in dump


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE correction SET actor = 'người khác'",
        "UPDATE correction SET before = '{}'",
        "UPDATE correction SET after = '{'",
        "DELETE FROM correction",
    ],
)
def test_a_correction_that_was_changed_is_found_and_named(
    archive: Archive, filed: Record, at: datetime, damage: str
) -> None:
    correct(archive, replace(filed, class_code="TB"), at)
    assert check_archive(archive).findings == ()
    archive.db.execute(damage)
    assert [(one.kind, one.identifier) for one in check_archive(archive).findings] == [
        ("record", "correction 1")
    ]
