"""Destruction: what goes, what stays to prove it, and what every other part of the archive says."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from config.vietnamese import fold
from config.vocabulary import EventType, Role
from storage.archive import Archive
from storage.corrections import Act
from storage.destroyed_list import ListedPaper, destroy_again
from storage.destruction import press_out
from storage.disposal_values import BatchState, ItemState
from storage.errors import DisposalRefused
from storage.fingerprints import Fingerprint, Version
from storage.fixity import check_archive
from storage.key_uses import NewKeyUse, Place, Proof, UseState
from storage.model import FieldValue, Finding, NewEvent, NewLink, PageText
from storage.retention import HoldGround, Said
from storage.search import SearchRequest
from storage.submissions import NewSubmission, Outcome, SubmissionState
from tests.storage.conftest import AT
from tests.storage.disposing import (
    DECIDER,
    DECISION,
    OLD,
    PROPOSER,
    YOUNG,
    Office,
    make_office,
    record_id,
)
from tests.storage.test_events import tamper

GONE = record_id(2)
SECRET = "H26.99-100107-0004"


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


@pytest.mark.parametrize("how", ["decided", "again"])
def test_no_byte_of_what_was_said_is_left_in_any_file(office: Office, how: str) -> None:
    """The words of a paper, its names and its file's name are in no file of the archive."""
    archive = office.archive
    secret = "ÔNG QUÁCH TĨNH THỬ NGHIỆM"
    fields = (FieldValue(name="holder", value=secret, confidence=1.0),)
    office.register(SECRET, "2010-05-03", applicant=secret, title=f"Hồ sơ {secret}")
    record = office.file(
        9, SECRET, pages=(PageText(number=1, text=f"chữ {secret} quachtinhbimat"),), fields=fields
    )
    revised = replace(record, fields=(replace(fields[0], value=f"{secret} SỬA"),))
    archive.revise(revised, Act.CORRECT, actor="x", at=AT)
    assert found(archive, "quachtinhbimat") == [record.id]
    for database in (archive.db, archive.index_db):
        database.truncate_log()
    assert traces(archive, secret, "quachtinhbimat") == {"records.db", "search.db"}
    if how == "decided":
        office.destroy(record.id)
        press_out(archive)
    else:
        listed = ListedPaper(
            record_id=record.id,
            why={**dict.fromkeys(("ground", "term", "years", "decision")), "batch": "HUY-2025-001"},
        )
        assert destroy_again(archive, [listed], actor="x", at=datetime.now(UTC)) == 1
    assert traces(archive, secret, "quachtinhbimat") == set()
    assert findings(archive) == ()
    dossier = archive.register.dossier(SECRET)
    assert dossier is not None
    assert (dossier.applicant, dossier.title, dossier.procedure_code) == ("", SECRET, "1.001193")


def traces(archive: Archive, *texts: str) -> set[str]:
    """Return the names of the files that hold any of some texts, in any spelling of the index."""
    wanted = {form for text in texts for form in (text, text.casefold(), fold(text))}
    paths = [path for path in archive.root.rglob("*") if path.is_file()]
    return {
        path.name for path in paths if any(form.encode() in path.read_bytes() for form in wanted)
    }


def test_what_another_paper_of_the_same_scan_needs_stays_until_the_last_goes(
    office: Office,
) -> None:
    archive = office.archive
    first = archive.records.get(record_id(1))
    second = office.file(10, submission_id=first.submission_id, paper=2, original=first.original)
    office.destroy(first.id)
    assert archive.objects.has(first.original.sha256)
    assert not archive.objects.has(first.pdf.sha256)
    assert findings(archive) == ()
    office.destroy(second.id)
    assert not archive.objects.has(first.original.sha256)
    assert findings(archive) == ()


def test_what_stages_made_of_a_paper_and_nothing_names_any_more_goes_too(office: Office) -> None:
    archive = office.archive
    record = archive.records.get(record_id(1))
    archive.ledger.claim(a_scan(record.submission_id), "desk")
    kept = archive.objects.add_bytes(b"ban PDF chua ky")
    lost = archive.objects.add_bytes(b"ban PDF cua lan chay truoc")
    told = NewEvent(
        type=EventType.NORMALIZATION,
        object=record.submission_id,
        actor="desk",
        at=AT,
        detail={"pdf_sha256": lost.sha256},
    )
    outcome = Outcome(
        submission_id=record.submission_id,
        paper=1,
        stage="render",
        body={"text": "chữ đọc được"},
        objects=(kept.sha256,),
    )
    archive.ledger.record_outcome(outcome, told)
    archive.ledger.move(record.submission_id, SubmissionState.FILED, at=AT)
    office.destroy(record.id)
    assert not archive.objects.has(kept.sha256)
    assert not archive.objects.has(lost.sha256)
    assert archive.ledger.outcome(record.submission_id, 1, "render") is None
    item = archive.ledger.get(record.submission_id)
    assert (item.name, item.folder, item.tray_path) == ("", "", "")


def a_scan(submission_id: str, **changes: object) -> NewSubmission:
    new = NewSubmission(
        id=submission_id,
        name="TRẦN THỊ THỬ NGHIỆM.pdf",
        folder=OLD,
        tray_path="2-dang-xu-ly/x.pdf",
        size_bytes=1,
        received_at=AT,
    )
    return replace(new, **changes)  # type: ignore[arg-type]  # fields by name


def test_a_scan_of_the_same_bytes_that_is_on_its_way_keeps_its_object(office: Office) -> None:
    archive = office.archive
    record = archive.records.get(record_id(1))
    archive.ledger.claim(a_scan("nop-moi"), "desk")
    archive.ledger.set_digests(
        "nop-moi", sha256=record.original.sha256, sha512="", media_type=None, at=AT
    )
    office.destroy(record.id)
    assert archive.objects.has(record.original.sha256)
    assert archive.destroyed.unfinished() == []


def test_an_object_that_is_stored_again_meanwhile_waits_for_the_next_run(office: Office) -> None:
    archive = office.archive
    record = archive.records.get(record_id(1))
    batch = office.approve(office.propose(record.id))
    later = time.time() + 60
    os.utime(archive.objects.path(record.pdf.sha256), (later, later))
    assert office.carry_out(batch).waiting == (record.pdf.sha256,)
    assert archive.disposals.get(batch.id).state is BatchState.DESTROYING
    assert findings(archive) == ()
    os.utime(archive.objects.path(record.pdf.sha256), (0, 0))
    assert office.carry_out(batch).waiting == ()
    assert archive.disposals.get(batch.id).state is BatchState.CARRIED_OUT
    assert not archive.objects.has(record.pdf.sha256)


def test_proofs_corrections_versions_and_fingerprints_of_a_paper_go_and_fixity_knows(
    office: Office,
) -> None:
    archive = office.archive
    record = archive.records.get(record_id(1))
    place = Place(subject=record.submission_id, paper=1, field="CQ_SoHoa", pdf_sha256="0" * 64)
    new = NewKeyUse(place=place, digest="1" * 64, actor="x", at=AT)
    use = archive.key_uses.intend(new, [Proof(kind="crl", der=b"danh sach thu hoi")])
    assert use is not None
    archive.key_uses.end(use.number, UseState.SIGNED, AT)
    archive.fingerprints.add(record.id, Fingerprint(pictures=("0" * 16,), keys=("mảnh",)))
    replaced = Version(record_id=record_id(2), supersedes=record.id, kind="replacement", at=AT)
    archive.supersede(replaced, actor="x")
    archive.revise(replace(record, title="Giấy khác"), Act.CORRECT, actor="x", at=AT)
    assert findings(archive) == ()
    office.destroy(record.id)
    assert archive.key_uses.proofs(use.number) == []
    assert archive.corrections.of_record(record.id) == []
    assert archive.fingerprints.version_of(record_id(2)) is None
    assert archive.db.rows("SELECT * FROM fingerprint_key") == []
    assert findings(archive) == ()


def test_what_was_approved_is_looked_at_again_before_it_goes(office: Office) -> None:
    archive = office.archive
    batch = office.approve(office.propose(*(record_id(n) for n in (1, 2, 3))))
    said = Said(reason="đơn THỬ NGHIỆM", actor=DECIDER, at=AT)
    archive.retention.hold(record_id(1), HoldGround.COMPLAINT, said)
    archive.link(record_id(2), NewLink(dossier_code=YOUNG, role=Role.COMPONENT), actor="x", at=AT)
    office.carry_out(batch)
    told = {item.record_id: item.state for item in archive.disposals.get(batch.id).items}
    assert told == {
        record_id(1): ItemState.WITHHELD,
        record_id(2): ItemState.WITHHELD,
        record_id(3): ItemState.DESTROYED,
    }
    with pytest.raises(DisposalRefused):
        archive.retention.hold(record_id(3), HoldGround.COMPLAINT, said)
    assert findings(archive) == ()


def test_an_approval_that_only_a_row_tells_of_destroys_nothing(office: Office) -> None:
    archive = office.archive
    batch = office.approve(office.propose(record_id(1), record_id(2)), record_id(2))
    tamper(archive, "UPDATE disposal_item SET state = 'approved'")
    office.carry_out(batch)
    assert archive.records.get(record_id(1)).id == record_id(1)
    assert archive.destroyed.get(record_id(2)) is not None


def test_the_paper_that_stands_for_a_duplicate_does_not_go_with_it(office: Office) -> None:
    archive = office.archive
    office.file(6, YOUNG)
    version = Version(record_id=record_id(6), supersedes=record_id(4), kind="replacement", at=AT)
    archive.supersede(version, actor="x")
    office.destroy(record_id(4))
    assert archive.records.get(record_id(6)).id == record_id(6)
    assert archive.fingerprints.version_of(record_id(6)) is None
    assert findings(archive) == ()


@pytest.mark.parametrize("actor", [PROPOSER, DECIDER])
def test_nobody_decides_on_an_own_proposal_or_twice(office: Office, actor: str) -> None:
    batch = office.propose(record_id(1))
    decide = partial(office.archive.disposals.decide, batch.id, DECISION, [record_id(1)], at=AT)
    if actor == PROPOSER:
        with pytest.raises(DisposalRefused):
            decide(actor=actor)
        return
    decide(actor=actor)
    with pytest.raises(DisposalRefused):
        decide(actor="người thứ ba")


def test_a_paper_is_in_one_open_batch_at_most_and_kept_ones_may_come_again(office: Office) -> None:
    batch = office.propose(record_id(1))
    with pytest.raises(DisposalRefused):
        office.propose(record_id(1))
    kept = office.archive.disposals.decide(batch.id, DECISION, [], actor=DECIDER, at=AT)
    assert (kept.state, kept.items[0].state) == (BatchState.CARRIED_OUT, ItemState.KEPT)
    assert office.propose(record_id(1)).id == "HUY-2026-002"
    assert findings(office.archive) == ()


def test_the_index_that_is_made_anew_has_no_destroyed_paper(office: Office) -> None:
    office.destroy(GONE)
    assert office.archive.reindex() == 4
    assert found(office.archive, "số2x") == []
    assert findings(office.archive) == ()
