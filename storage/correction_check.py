"""Are the kept corrections as they were said: each against the digest in its event."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from storage.archive import Archive
from storage.canonical import read_json
from storage.errors import StorageError
from storage.model import Finding
from storage.submissions import SubmissionState

_DELETED = (
    "SELECT CAST(body AS BLOB) AS body FROM event WHERE type = 'deletion' "
    "AND instr(body, '\"corrections\"')"
)
_TOLD = "SELECT CAST(body AS BLOB) AS body FROM event WHERE instr(body, '\"correction_sha256\"')"
# What reading a damaged row can raise.
_UNREADABLE = (StorageError, sqlite3.Error, ValueError, TypeError, KeyError)


def find_changed(archive: Archive) -> Iterator[Finding]:
    """Yield a finding for each correction that is gone, or not what its event tells."""
    gone = _destroyed(archive)
    for row in archive.db.iterate(_TOLD):
        try:
            event = read_json(row["body"])
            number, told = event["detail"]["correction"], event["detail"]["correction_sha256"]
        except _UNREADABLE:
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
    for row in archive.db.iterate(_DELETED):
        try:
            gone.update(read_json(row["body"])["detail"]["corrections"])
        except _UNREADABLE:
            continue  # the log's own check names this event
    return gone


def _is_kept(archive: Archive, subject: str, number: Any, told: str) -> bool:
    try:
        kept = archive.corrections.get(number)
        return kept.digest == told if kept else _is_marked(archive, subject)
    except _UNREADABLE:
        return False


def _is_marked(archive: Archive, submission_id: str) -> bool:
    """Tell whether a scan bears a mark of secrecy: of such a one nothing that was said is kept."""
    return archive.ledger.get(submission_id).state is SubmissionState.SECRET
