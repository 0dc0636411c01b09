"""A signature is made once; its certificate check's proofs stay until a person deletes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.vocabulary import EventType
from storage.archive import Archive, open_archive
from storage.key_use_check import find_changed_uses
from storage.key_uses import OPEN, STANDING, NewKeyUse, Place, Proof, UseState
from storage.model import NewEvent

AT = datetime(2026, 11, 22, 8, 0, 0, tzinfo=UTC)
PLACE = Place(subject="s", paper=1, field="CQ_SoHoa", pdf_sha256="0" * 64)
USE = NewKeyUse(place=PLACE, digest="1" * 64, actor="thử nghiệm", at=AT)
PROOFS = (Proof(kind="certificate", der=b"certificate"), Proof(kind="crl", der=b"list"))


def event(kind: EventType, **detail: object) -> NewEvent:
    return NewEvent(type=kind, object="s", actor="thử nghiệm", at=AT, detail=detail)


def begin(archive: Archive, use: NewKeyUse = USE) -> int:
    noted = archive.key_uses.intend(use, PROOFS)
    assert noted is not None
    return noted.number


@pytest.mark.parametrize("state", list(UseState))
def test_only_a_failure_or_a_persons_word_lets_a_key_be_used_again(
    tmp_path: Path, state: UseState
) -> None:
    with open_archive(tmp_path) as archive:
        number = begin(archive)
        if state is not UseState.INTENDED:
            assert archive.key_uses.end(number, state, AT)
        again = archive.key_uses.intend(USE)
        assert (again is None) is (state in STANDING)
        # Another field, another PDF, another paper are other signatures.
        for other in ({"field": "CB_SaoChup"}, {"pdf_sha256": "2" * 64}, {"paper": 2}):
            begin(archive, replace(USE, place=replace(PLACE, **other)))


def test_how_a_use_ended_is_said_once_with_its_event(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        number = begin(archive)
        told = event(EventType.KEY_USE)
        assert archive.key_uses.end(number, UseState.UNKNOWN, AT, told)
        assert not archive.key_uses.end(number, UseState.UNKNOWN, AT, told)
        assert archive.key_uses.end(number, UseState.SIGNED, AT, told)
        assert not archive.key_uses.end(number, UseState.AGAIN, AT, told)
        assert not archive.key_uses.end(99, UseState.AGAIN, AT, told)
        assert archive.key_uses.end(number, UseState.AGAIN, AT, told, of=STANDING)
        assert archive.events.size() == 3
        assert archive.key_uses.in_state(*OPEN) == []
        assert [use.state for use in archive.key_uses.of("s", 1)] == [UseState.AGAIN]


def test_proofs_are_kept_once_and_told_when_they_are_gone(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        first = begin(archive)
        second = begin(archive, replace(USE, place=replace(PLACE, paper=2)))
        digests = [proof.sha256 for proof in PROOFS]
        for number in (first, second):
            archive.events.append(event(EventType.SIGNATURE_GENERATION, use=number, proofs=digests))
        assert archive.db.row("SELECT count(*) AS n FROM proof") == {"n": 2}
        told = event(EventType.DELETION, uses=[first], proofs=digests)
        assert archive.key_uses.delete_proofs([first], told) == 2
        # The other signature still rests on them.
        assert set(archive.key_uses.proofs(second)) == set(PROOFS)
        assert list(find_changed_uses(archive)) == []
        archive.db.execute("DELETE FROM use_proof WHERE use = ?", (second,))
        assert {finding.identifier for finding in find_changed_uses(archive)} == {
            f"proof {digest}" for digest in digests
        }
        archive.db.execute("UPDATE proof SET der = x'00' WHERE sha256 = ?", (digests[0],))
        assert any("đã bị thay đổi" in finding.vi for finding in find_changed_uses(archive))


def test_what_a_session_was_signing_when_the_program_was_replaced_stays_known(
    tmp_path: Path,
) -> None:
    with open_archive(tmp_path) as archive:
        db = archive.db
        db.execute("DELETE FROM _sqlite_migrations WHERE name = '0009_key_uses'")
        for table in ("use_proof", "proof", "key_use"):
            db.execute(f"DROP TABLE {table}")
        db.execute("PRAGMA foreign_keys = OFF")
        body = (
            '{"session":"x","pdf_sha256":"aa","actor":"a","at":"2026-11-22T01:00:00Z",'
            '"agency_box":[1.0,2.0,3.0,4.0]}'
        )
        for paper, more in ((1, ()), (2, ("personal_returned",))):
            for stage in ("personal_used", *more):
                db.execute(
                    "INSERT INTO outcome (submission_id, paper, stage, body, objects) "
                    "VALUES ('s', ?, ?, ?, '[]')",
                    (paper, stage, body),
                )
    with open_archive(tmp_path) as archive:
        uses = archive.key_uses.of("s")
        assert [use.state for use in uses] == [UseState.UNKNOWN, UseState.SIGNED]
        assert uses[0].holder == "x"
        assert uses[0].notes == {"agency_box": [1.0, 2.0, 3.0, 4.0]}
        assert archive.ledger.outcome("s", 1, "personal_used") is None
