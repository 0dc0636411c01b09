"""What may be destroyed is looked at again up to the last moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial

import pytest

from storage.archive import Archive
from storage.destruction import begin, destroy
from storage.disposal_values import ItemState
from storage.errors import DisposalRefused
from storage.fingerprints import Version
from storage.register import ProcedureResult, RegisterBatch
from storage.retention import HoldGround, Said
from storage.submissions import NewSubmission, SubmissionState
from tests.storage.conftest import AT
from tests.storage.disposing import (
    DECIDER,
    DECISION,
    OLD,
    YOUNG,
    Office,
    make_office,
    minutes,
    record_id,
)

TODAY_AT = datetime(2026, 11, 22, 16, 59, tzinfo=UTC)


@pytest.fixture
def office(archive: Archive) -> Office:
    return make_office(archive)


def test_a_hold_said_after_terms_were_read_counts(office: Office) -> None:
    batch = office.approve(office.propose(record_id(1), record_id(2)))
    keeping = office.keeping
    said = Said(reason="đơn THỬ NGHIỆM", actor=DECIDER, at=AT)
    office.archive.retention.hold(record_id(1), HoldGround.COMPLAINT, said)
    begun = begin(office.archive, office.order(batch), keeping, minutes)
    assert [item.state for item in begun.items] == [ItemState.WITHHELD, ItemState.DESTROYING]


def test_a_dossier_of_which_a_paper_is_gone_can_be_held_for_the_others(office: Office) -> None:
    office.destroy(record_id(1))
    said = Said(reason="đơn THỬ NGHIỆM", actor=DECIDER, at=AT)
    office.archive.retention.hold(OLD, HoldGround.COMPLAINT, said)
    assert office.standings()[record_id(2)].is_held
    office.archive.retention.lift(OLD, said)
    office.destroy(record_id(2), record_id(3))
    with pytest.raises(DisposalRefused):
        office.archive.retention.hold(OLD, HoldGround.COMPLAINT, said)


@pytest.mark.parametrize(("hour", "state"), [(16, ItemState.WITHHELD), (17, ItemState.DESTROYING)])
def test_a_term_ends_with_a_day_of_vietnams_clocks(
    office: Office, hour: int, state: ItemState
) -> None:
    batch = office.approve(office.propose(record_id(1)))
    # Over from 1 January 2021, which begins at 17:00 UTC of the day before.
    order = replace(office.order(batch), at=datetime(2020, 12, 31, hour, 0, 1, tzinfo=UTC))
    begun = begin(office.archive, order, office.keeping, minutes)
    assert [item.state for item in begun.items] == [state]


def test_a_paper_whose_scan_is_still_in_work_is_left_until_it_is_not(office: Office) -> None:
    ledger, scan = office.archive.ledger, office.archive.records.get(record_id(1)).submission_id
    new = NewSubmission(id=scan, name="x.pdf", tray_path="x", size_bytes=1, received_at=AT)
    batch = office.approve(office.propose(record_id(1)))
    ledger.claim(new, "desk")
    begun = begin(office.archive, office.order(batch), office.keeping, minutes)
    assert [item.state for item in begun.items] == [ItemState.WITHHELD]
    ledger.move(scan, SubmissionState.FILED, at=AT)
    office.destroy(record_id(1))
    assert office.archive.destroyed.get(record_id(1)) is not None


def test_what_stands_for_a_duplicate_is_not_what_another_batch_is_destroying(
    office: Office,
) -> None:
    archive, first = office.archive, office.archive.records.get(record_id(4))
    office.file(6, YOUNG, original=first.original, pdf=first.pdf)
    version = Version(record_id=record_id(6), supersedes=record_id(4), kind="replacement", at=AT)
    archive.supersede(version, actor="x")
    batches = [office.approve(office.propose(record_id(n))) for n in (4, 6)]
    # Cut off after it was begun: each stands for the other.
    begun = [
        begin(archive, office.order(batch), office.keeping, minutes).items[0].state
        for batch in batches
    ]
    assert begun == [ItemState.DESTROYING, ItemState.WITHHELD]


def test_a_batch_never_gets_the_name_of_one_that_a_restore_forgot(office: Office) -> None:
    order = replace(office.order(office.propose(record_id(2))), batch="HUY-2026-007")
    why = {"batch": order.batch, "ground": "expired", "term": "06", "years": 10, "decision": None}
    destroy(office.archive, record_id(1), why, office.outside, order)
    assert office.propose(record_id(3)).id == "HUY-2026-008"


def test_a_register_that_is_imported_again_brings_no_names_back(office: Office) -> None:
    register = office.archive.register
    result = ProcedureResult(
        dossier_code=OLD, ordinal=1, class_code="GKS", title="GKS của LÊ", holder="LÊ", number="7"
    )
    register.load(RegisterBatch(results=(result,)))
    office.destroy(*(record_id(n) for n in (1, 2, 3)))
    office.register(OLD, "2010-05-03", status="đã trả")
    register.load(RegisterBatch(results=(result,)))
    kept = register.dossier(OLD)
    assert kept is not None
    assert (kept.title, kept.applicant, kept.status) == (OLD, "", "đã trả")
    assert register.results(OLD) == [replace(result, title="", holder="")]
    # A dossier of which papers are here keeps its names.
    office.register(YOUNG, "2024-01-01", status="đã trả")
    young = register.dossier(YOUNG)
    assert young is not None
    assert young.applicant == "LÊ VĂN THỬ NGHIỆM"


@pytest.mark.parametrize("day", ["2020-12-31", "2026-11-23"])
def test_a_decision_is_not_older_than_the_end_of_a_term_nor_still_to_come(
    office: Office, day: str
) -> None:
    batch = office.propose(record_id(1))
    decision = replace(DECISION, date=date.fromisoformat(day))
    decide = partial(office.archive.disposals.decide, batch.id, actor=DECIDER, at=TODAY_AT)
    with pytest.raises(DisposalRefused, match="ngày"):
        decide(decision, [record_id(1)])
    assert decide(replace(decision, date=date(2021, 1, 1)), [record_id(1)]).decided_by == DECIDER
