"""A signature counts for the very PDF that was signed."""

from __future__ import annotations

from pathlib import Path

from desk.moments import now
from desk.sealing import is_sealed
from storage.archive import Archive, open_archive
from storage.submissions import NewSubmission, Outcome


def seal_as(archive: Archive, body: dict[str, object]) -> None:
    archive.ledger.record_outcome(
        Outcome(submission_id="s", paper=1, stage="sign", body={"pdf": {}, **body})
    )


def test_what_was_signed_of_another_pdf_is_no_signature_of_this_one(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        new = NewSubmission(id="s", name="s", tray_path="s", size_bytes=1, received_at=now())
        archive.ledger.claim(new, "thử nghiệm")
        assert not is_sealed("s", 1, "aa", archive)
        seal_as(archive, {"source_sha256": "aa"})
        # The same PDF made once more, byte for byte: signed already, and never twice.
        assert is_sealed("s", 1, "aa", archive)
        assert not is_sealed("s", 1, "bb", archive)
        assert archive.ledger.outcome("s", 1, "sign") is None
        # What an older program noted names no source.
        seal_as(archive, {})
        assert is_sealed("s", 1, "bb", archive)
