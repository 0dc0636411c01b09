from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from config.vocabulary import EventType
from storage.archive import Archive
from storage.errors import RecordNotFound
from storage.ledger import Counts, NewSubmission, Outcome, Reason, SubmissionState
from storage.model import NewEvent
from tests.storage.conftest import AT, DOSSIER

Make = Callable[[str], NewSubmission]
LATER = AT + timedelta(minutes=5)
REASON = Reason(code="UNREADABLE", vi="Không đọc được tệp.", en="The file cannot be read.")


def happened(object_id: str) -> NewEvent:
    return NewEvent(type=EventType.NORMALIZATION, object=object_id, actor="desk", at=LATER)


def outcome(**changes: object) -> Outcome:
    values: dict[str, object] = {
        "submission_id": "s1",
        "paper": 1,
        "stage": "pdfa",
        "body": {"pdf": "ab", "pages": [1, 2]},
        "objects": ("ab",),
    }
    return Outcome(**{**values, **changes})  # type: ignore[arg-type]  # named by each test


def test_a_claim_is_entered_once_with_its_event(archive: Archive, submission: Make) -> None:
    first = archive.ledger.claim(submission("s1"), "desk")
    assert archive.ledger.claim(submission("s1"), "desk") == first
    assert (first.state, first.attempts, first.received_at) == (SubmissionState.IN_WORK, 0, AT)
    (event,) = archive.events.events("s1")
    assert event.type is EventType.CAPTURE
    assert "s1.pdf" not in str(event.detail), "names of files carry names of people"


def test_what_is_unfinished_comes_oldest_first(archive: Archive, submission: Make) -> None:
    for name in ("s1", "s2", "s3"):
        archive.ledger.claim(submission(name), "desk")
    archive.ledger.move("s2", SubmissionState.AWAITING_RELEASE, at=LATER)
    assert [entry.id for entry in archive.ledger.unfinished()] == ["s1", "s3"]
    waiting = archive.ledger.in_state(
        SubmissionState.AWAITING_RELEASE, SubmissionState.AWAITING_TIMESTAMP
    )
    assert [entry.id for entry in waiting] == ["s2"]
    assert archive.ledger.in_state() == []


def test_counts_and_the_oldest_error(archive: Archive, submission: Make) -> None:
    assert archive.ledger.counts() == Counts()
    assert archive.ledger.oldest_error() is None
    for name in ("s1", "s2", "s3"):
        archive.ledger.claim(submission(name), "desk")
    archive.ledger.move("s2", SubmissionState.IN_ERROR, reason=REASON, at=LATER)
    archive.ledger.move("s3", SubmissionState.IN_ERROR, reason=REASON, at=LATER + timedelta(1))
    assert archive.ledger.counts() == Counts(in_work=1, in_error=2)
    assert archive.ledger.oldest_error() == LATER


def test_every_state_can_be_counted(archive: Archive, submission: Make) -> None:
    for state in SubmissionState:
        archive.ledger.claim(submission(state), "desk")
        archive.ledger.move(state, state, at=LATER)
    counts = archive.ledger.counts()
    assert all(getattr(counts, state) == 1 for state in SubmissionState)


def test_a_move_changes_state_place_and_reason_with_its_events(
    archive: Archive, submission: Make
) -> None:
    archive.ledger.claim(submission("s1"), "desk")
    moved = archive.ledger.move(
        "s1",
        SubmissionState.IN_ERROR,
        tray_path="4-loi-can-xem/s1.pdf",
        reason=REASON,
        at=LATER,
        events=[happened("s1")],
    )
    assert (moved.state, moved.tray_path, moved.reason, moved.updated_at) == (
        SubmissionState.IN_ERROR,
        "4-loi-can-xem/s1.pdf",
        REASON,
        LATER,
    )
    assert archive.ledger.by_tray_path("4-loi-can-xem/s1.pdf") == moved
    assert archive.ledger.by_tray_path("2-dang-xu-ly/s1.pdf") is None
    again = archive.ledger.move("s1", SubmissionState.IN_WORK, at=LATER)
    assert (again.reason, again.tray_path) == (None, "4-loi-can-xem/s1.pdf")
    assert archive.events.size() == 2


def test_the_newest_submission_at_a_path_is_meant(archive: Archive, submission: Make) -> None:
    archive.ledger.claim(submission("s1"), "desk")
    archive.ledger.claim(submission("s2"), "desk")
    archive.ledger.move("s2", SubmissionState.IN_WORK, tray_path="2-dang-xu-ly/s1.pdf", at=LATER)
    found = archive.ledger.by_tray_path("2-dang-xu-ly/s1.pdf")
    assert found is not None
    assert found.id == "s2"


def test_a_marked_scan_leaves_neither_name_nor_text(archive: Archive, submission: Make) -> None:
    archive.ledger.claim(submission("s1"), "desk")
    archive.ledger.record_outcome(outcome(body={"text": "TUYỆT MẬT bên trong"}))
    moved = archive.ledger.move("s1", SubmissionState.SECRET, tray_path="mat/s1", at=LATER)
    assert (moved.name, moved.folder) == ("", "")
    assert archive.ledger.outcome("s1", 1, "pdfa") is None
    archive.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = archive.db.path.read_bytes()
    assert b"s1.pdf" not in kept
    assert "bên trong".encode() not in kept


def test_a_repeated_stage_is_invisible(archive: Archive, submission: Make) -> None:
    archive.ledger.claim(submission("s1"), "desk")
    first = archive.ledger.record_outcome(outcome(), happened("s1"))
    assert first == {"pdf": "ab", "pages": [1, 2]}
    other = outcome(body={"pdf": "other"}, objects=("other",))
    assert archive.ledger.record_outcome(other, happened("s1")) == first
    assert archive.ledger.outcome("s1", 1, "pdfa") == first
    assert archive.events.size() == 2
    assert archive.ledger.referenced_objects() == {"ab"}


def test_threads_that_finish_the_same_stage_agree(archive: Archive, submission: Make) -> None:
    archive.ledger.claim(submission("s1"), "desk")
    stood = []

    def finish(n: int) -> None:
        stood.append(archive.ledger.record_outcome(outcome(body={"n": n}), happened("s1")))

    threads = [threading.Thread(target=finish, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stood) == 8
    assert all(body == stood[0] for body in stood)
    assert len(archive.events.events("s1")) == 2


def test_forgotten_outcomes_are_made_again(archive: Archive, submission: Make) -> None:
    archive.ledger.claim(submission("s1"), "desk")
    for stage in ("read", "pdfa", "sign"):
        for paper in (1, 2):
            archive.ledger.record_outcome(outcome(paper=paper, stage=stage, objects=(stage,)))
    archive.ledger.forget_outcomes("s1", ["pdfa", "sign"])
    assert archive.ledger.outcome("s1", 2, "read") is not None
    assert archive.ledger.outcome("s1", 2, "sign") is None
    assert archive.ledger.referenced_objects() == {"read"}


def test_only_attempts_that_failed_are_counted(archive: Archive, submission: Make) -> None:
    archive.ledger.claim(submission("s1"), "desk")
    for _ in range(3):  # killed from outside: begun, never failed
        assert archive.ledger.begin_attempt("s1", "read", LATER) == 0
    assert archive.ledger.fail_attempt("s1", LATER) == 1
    assert archive.ledger.begin_attempt("s1", "read", LATER) == 1
    assert archive.ledger.get("s1").stage == "read"


def test_digests_and_confirmations_are_kept(archive: Archive, submission: Make) -> None:
    archive.ledger.claim(submission("s1"), "desk")
    archive.ledger.set_digests("s1", sha256="aa", sha512="bb", media_type="image/tiff", at=LATER)
    archive.ledger.confirm("s1", dossier_code=DOSSIER, class_code=None, at=LATER)
    archive.ledger.confirm("s1", dossier_code=None, class_code="GKS", at=LATER)
    entry = archive.ledger.get("s1")
    assert (entry.sha256, entry.sha512, entry.media_type) == ("aa", "bb", "image/tiff")
    assert (entry.confirmed_dossier, entry.confirmed_class) == (DOSSIER, "GKS")


def test_requests_wait_until_they_are_completed(archive: Archive) -> None:
    first = archive.requests.ask("release", {"ids": ["s1"]}, "officer", AT)
    second = archive.requests.ask("release", {"ids": ["s2"]}, "officer", LATER)
    archive.requests.ask("retry", {}, "desk", AT)
    assert [entry.id for entry in archive.requests.pending("release")] == [first, second]
    archive.requests.complete(first, LATER)
    (left,) = archive.requests.pending("release")
    assert (left.id, left.body, left.actor, left.at) == (second, {"ids": ["s2"]}, "officer", LATER)


def test_an_unknown_submission_is_named(archive: Archive) -> None:
    for act in (
        lambda: archive.ledger.get("s9"),
        lambda: archive.ledger.move("s9", SubmissionState.FILED, at=AT, events=[happened("s9")]),
        lambda: archive.ledger.begin_attempt("s9", "read", AT),
        lambda: archive.ledger.fail_attempt("s9", AT),
    ):
        with pytest.raises(RecordNotFound, match="s9"):
            act()
    assert archive.events.size() == 0


def test_outcomes_of_one_paper_are_forgotten_alone_and_found_by_state(
    archive: Archive, submission: Make
) -> None:
    first, second = (archive.ledger.claim(submission(name), "desk") for name in ("a", "b"))
    for item in (first, second):
        for paper in (1, 2):
            body = {"paper": paper}
            archive.ledger.record_outcome(
                Outcome(submission_id=item.id, paper=paper, stage="asked", body=body)
            )
    archive.ledger.forget_outcomes(first.id, ("asked",), paper=1)
    found = archive.ledger.outcomes_in(SubmissionState.IN_WORK, "asked")
    assert [(o.submission_id, o.paper) for o in found] == [
        (first.id, 2), (second.id, 1), (second.id, 2),
    ]  # fmt: skip
    archive.ledger.move(second.id, SubmissionState.FILED, at=LATER)
    found = archive.ledger.outcomes_in(SubmissionState.IN_WORK, "asked")
    assert [dict(o.body) for o in found] == [{"paper": 2}]
    assert archive.ledger.outcomes_in(SubmissionState.IN_WORK, "other") == []
