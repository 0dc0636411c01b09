"""Are the kept corrections as they were said: each against the digest in its event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from storage.archive import Archive
from storage.canonical import read_json
from storage.model import Finding
from storage.submissions import SubmissionState
from storage.told_events import UNREADABLE, hear_events

_DELETED = (
    "SELECT CAST(body AS BLOB) AS body FROM event WHERE type = 'deletion' "
    "AND instr(body, '\"corrections\"')"
)
_TOLD = "SELECT CAST(body AS BLOB) AS body FROM event WHERE instr(body, '\"correction_sha256\"')"


def find_changed(archive: Archive) -> Iterator[Finding]:
    """Yield a finding for each correction that is gone, or not what its event tells."""
    gone = _destroyed(archive)
    for row in archive.db.iterate(_TOLD):
        try:
            event = read_json(row["body"])
            number, told = event["detail"]["correction"], event["detail"]["correction_sha256"]
        except UNREADABLE:
            continue  # the log's own check names this event
        if number not in gone and not _is_kept(archive, event["object"], number, told):
            yield Finding(
                kind="record",
                identifier=f"correction {number}",
                vi="Lần trả lời hay lần sửa này không còn đúng như lúc được ghi.",
                en="This answer or correction is not as it was kept.",
            )


def _destroyed(archive: Archive) -> set[int]:
    """Return the corrections that went with the papers that they were about."""
    gone: set[int] = set()
    hear_events(archive.db, _DELETED, lambda event: gone.update(event["detail"]["corrections"]))
    return gone


def _is_kept(archive: Archive, subject: str, number: Any, told: str) -> bool:
    try:
        kept = archive.corrections.get(number)
        return kept.digest == told if kept else _is_marked(archive, subject)
    except UNREADABLE:
        return False


def _is_marked(archive: Archive, submission_id: str) -> bool:
    """Tell whether a scan bears a mark of secrecy: of such a one nothing that was said is kept."""
    return archive.ledger.get(submission_id).state is SubmissionState.SECRET
