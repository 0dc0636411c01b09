"""What is noted of a use of a key, and what is told of it when it fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from desk.cli import proofs
from desk.key_notes import KeyNote, Purpose
from desk.moments import now
from desk.session_folders import take_over
from signing.errors import AlreadySigned, SigningError, TimestampUnavailable, TokenLost
from signing.meeting import Intended
from signing.model import Level, RevocationEvidence, SignerIdentity, SignRequest
from signing.preflight import Preflight
from storage.archive import Archive, open_archive
from storage.key_uses import Place, UseState

PLACE = Place(subject="s", paper=1, field="CQ_SoHoa", pdf_sha256="0" * 64)
SILENT = TokenLost("Token không trả lời.", "no answer", is_answer=False)
PULLED = TokenLost("Token bị rút.", "removed")
NO_TIME = TimestampUnavailable("Không có dấu thời gian.", "no timestamp")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with open_archive(tmp_path / "archive") as opened:
        yield opened


def intended() -> Intended:
    at = now()
    nobody = Path("khong-co.pdf")
    signer = SignerIdentity(
        cn="THỬ NGHIỆM", organization=None, serial="1A", issuer="CA", issuer_organization=None
    )
    return Intended(
        request=SignRequest(
            source=nobody,
            target=nobody,
            field_name=PLACE.field,
            level=Level.B_B,
            block=None,
            reason=None,
            at=at,
        ),
        digest="1" * 64,
        checked=Preflight(
            identity=signer,
            valid_from=at - timedelta(days=1),
            valid_to=at + timedelta(days=1),
            revocation_source="OCSP",
            revocation_time=at,
            evidence=RevocationEvidence(
                certificate=b"certificate", crls=(b"list", b"root's"), ocsp_responses=(b"answer",)
            ),
            checked_at=at,
        ),
    )


def begin(archive: Archive, holder: str = "") -> KeyNote:
    note = KeyNote(archive, Purpose(place=PLACE, actor="thử nghiệm", holder=holder))
    note.intend([intended()])
    return note


@pytest.mark.parametrize(
    ("error", "state", "told"),
    [
        (PULLED, UseState.FAILED, "not signed"),
        # The key did sign: the log says so, though nobody has the signature.
        (NO_TIME, UseState.DISCARDED, "discarded"),
        # The device may have signed: no program asks it again.
        (SILENT, UseState.UNKNOWN, "unknown"),
    ],
)
def test_an_answer_ends_a_note_and_silence_does_not(
    archive: Archive, error: SigningError, state: UseState, told: str
) -> None:
    note = begin(archive)
    note.fail(error)
    (use,) = archive.key_uses.of("s")
    assert (use.state, note.is_unknown) == (state, state is UseState.UNKNOWN)
    assert archive.events.events("s")[-1].outcome == told
    if note.is_unknown:
        with pytest.raises(AlreadySigned):
            begin(archive)
    else:
        begin(archive)


def test_an_error_before_the_key_was_needed_notes_nothing(archive: Archive) -> None:
    note = KeyNote(archive, Purpose(place=PLACE, actor="thử nghiệm"))
    note.fail(PULLED)
    assert (archive.key_uses.of("s"), archive.events.size()) == ([], 0)


def test_the_check_is_kept_with_what_it_rested_on(archive: Archive) -> None:
    use = begin(archive).made
    assert use.checked["signer"]["serial"] == "1A"
    assert use.checked["revocation_source"] == "OCSP"
    kinds = [proof.kind for proof in archive.key_uses.proofs(use.number)]
    assert kinds == ["certificate", "crl", "crl", "ocsp"]


def test_a_session_that_is_gone_leaves_its_uses_unknown(archive: Archive) -> None:
    begin(archive, holder="không còn")
    take_over(archive)
    assert [use.state for use in archive.key_uses.of("s")] == [UseState.UNKNOWN]
    outcomes = [event.outcome for event in archive.events.events("s")]
    assert outcomes == ["used", "unknown"]


def test_every_end_of_a_use_has_its_word_for_people() -> None:
    assert set(proofs._STATES) == set(UseState)
