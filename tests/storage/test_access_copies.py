"""The register of copies: what was asked, what became of it, and events that name nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.vocabulary import EventType
from storage.access_copies import CopyOrder, CopyState, IssuedCopy, IssuedKind, Told
from storage.archive import Archive
from storage.errors import RecordNotFound
from tests.storage.conftest import AT, DOSSIER

REASON = "bà TRẦN THỊ THỬ NGHIỆM xin bản sao"
ASKED = Told(type=EventType.DISSEMINATION, actor="lan", at=AT, outcome="asked", detail={})


def ask(archive: Archive, n: int = 1) -> IssuedCopy:
    order = CopyOrder(
        id=f"018f0000-0000-7000-8000-{n:012d}",
        record_id="018f0000-0000-7000-9000-000000000001",
        dossier_code=DOSSIER,
        ordinal=n,
        kind=IssuedKind.CERTIFIED,
        pdf_sha256="ab" * 32,
        reason=REASON,
        actor="lan",
        at=AT + timedelta(minutes=n),
    )
    return archive.copies.add(order, ASKED)


def test_what_was_asked_is_kept_and_the_log_names_nobody(archive: Archive) -> None:
    copy = ask(archive)
    assert archive.copies.get(copy.id) == copy
    assert archive.copies.of_record(copy.record_id) == [copy]
    (event,) = archive.events.events(copy.record_id)
    assert event.detail["order_sha256"] == copy.order_sha256
    assert REASON not in str(event)
    assert (event.actor, event.outcome) == ("lan", "asked")


def test_equal_orders_have_digests_of_their_own(archive: Archive) -> None:
    first = ask(archive)
    archive.copies.forget([first.record_id])
    assert ask(archive).order_sha256 != first.order_sha256


def test_a_copy_changes_only_from_what_it_was_read_as(archive: Archive) -> None:
    copy = ask(archive)
    told = Told(type=EventType.RELEASE, actor="an", at=AT, outcome="x", detail={"key": "k"})
    released = archive.copies.change(copy, told, state=CopyState.RELEASED)
    assert released is not None
    assert archive.copies.in_state(CopyState.RELEASED) == [released]
    assert archive.copies.change(copy, told, state=CopyState.ISSUED) is None
    assert archive.copies.change(released, None, note="vì sao") is not None
    assert archive.copies.get(copy.id).note == "vì sao"
    events = archive.events.events(copy.record_id)
    assert [(event.type, event.detail.get("key")) for event in events] == [
        (EventType.DISSEMINATION, None),
        (EventType.RELEASE, "k"),
    ]


def test_what_is_gone_with_its_record_changes_no_more(archive: Archive) -> None:
    copy = ask(archive)
    archive.copies.forget([copy.record_id])
    assert archive.copies.change(copy, ASKED, state=CopyState.ISSUED) is None
    assert len(archive.events.events(copy.record_id)) == 1
    with pytest.raises(RecordNotFound, match=copy.id):
        archive.copies.get(copy.id)


def test_copies_are_told_oldest_first(archive: Archive) -> None:
    later, earlier = ask(archive, 2), ask(archive, 1)
    assert archive.copies.in_state(CopyState.ASKED) == [earlier, later]
