"""A signature counts for the very PDF that was signed."""

from __future__ import annotations

from pathlib import Path

from desk import sealing
from desk.key_notes import KeyNote, Purpose
from desk.moments import now
from desk.sealing import is_sealed, place_of
from storage.archive import Archive, open_archive
from storage.submissions import NewSubmission, Outcome
from tests.desk.test_key_notes import NO_TIME, PULLED, intended


def seal_as(archive: Archive, body: dict[str, object]) -> None:
    archive.ledger.record_outcome(
        Outcome(submission_id="s", paper=1, stage="sign", body={"pdf": {}, **body})
    )


def claim(archive: Archive) -> None:
    new = NewSubmission(id="s", name="s", tray_path="s", size_bytes=1, received_at=now())
    archive.ledger.claim(new, "thử nghiệm")


def test_what_was_signed_of_another_pdf_is_no_signature_of_this_one(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        claim(archive)
        assert not is_sealed("s", 1, "aa", archive)
        seal_as(archive, {"source_sha256": "aa"})
        # The same PDF made once more, byte for byte: signed already, and never twice.
        assert is_sealed("s", 1, "aa", archive)
        assert not is_sealed("s", 1, "bb", archive)
        assert archive.ledger.outcome("s", 1, "sign") is None
        # What an older program noted names no source.
        seal_as(archive, {})
        assert is_sealed("s", 1, "bb", archive)


def test_after_some_signatures_in_vain_a_person_releases_anew(tmp_path: Path) -> None:
    """The key signed each time, and no timestamp was to be had: that does not go on for ever."""
    place = place_of("s", 1, "aa")
    with open_archive(tmp_path) as archive:
        claim(archive)
        release = Outcome(submission_id="s", paper=1, stage="release", body={})
        archive.ledger.record_outcome(release)
        codes = []
        for error in (NO_TIME, NO_TIME, PULLED, NO_TIME, PULLED, NO_TIME):
            note = KeyNote(archive, Purpose(place=place, actor="thử nghiệm"))
            note.intend([intended()])
            note.fail(error)
            codes.append(sealing._held(error, note, archive).reason.code)
            if archive.ledger.outcome("s", 1, "release") is None:
                codes.append("taken back")
                archive.ledger.record_outcome(release)
        again = ["timestamp", "timestamp", "key", "release", "taken back", "key", "timestamp"]
        assert codes == again
