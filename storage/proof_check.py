"""Are the proofs of certificate checks as they were kept: each against the log and its own digest.

One that a person deleted is accounted for by the event that says so.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from typing import Any

from config.vocabulary import EventType
from storage.archive import Archive
from storage.canonical import read_json
from storage.errors import StorageError
from storage.model import Finding

_TOLD = "SELECT CAST(body AS BLOB) AS body FROM event WHERE instr(body, '\"proofs\":')"
# What reading a damaged row can raise.
_UNREADABLE = (StorageError, sqlite3.Error, ValueError, TypeError, KeyError)


def find_lost(archive: Archive) -> Iterator[Finding]:
    """Yield a finding for each proof that is gone without a word, or is not what it was."""
    told, deleted = _told(archive)
    kept = archive.key_uses.proof_digests()
    for number, sha256 in sorted(told - kept):
        if number not in deleted:
            yield _finding(
                sha256,
                f"Bằng chứng kiểm tra chứng thư của lần dùng khóa {number} không còn trong kho.",
                f"A proof of the certificate check before key use {number} is gone.",
            )
    for row in archive.db.iterate("SELECT sha256, der FROM proof"):
        if hashlib.sha256(row["der"]).hexdigest() != row["sha256"]:
            yield _finding(
                row["sha256"],
                "Bằng chứng kiểm tra chứng thư đã bị thay đổi.",
                "A proof of a certificate check has changed.",
            )


def _told(archive: Archive) -> tuple[set[tuple[int, str]], set[int]]:
    """Return which proofs the log tells of, and of which uses they were deleted."""
    told: set[tuple[int, str]] = set()
    deleted: set[int] = set()
    for row in archive.db.iterate(_TOLD):
        try:
            event = read_json(row["body"])
            detail: dict[str, Any] = event["detail"]
            if event["type"] == EventType.DELETION:
                deleted.update(detail["uses"])
            elif "use" in detail:
                told.update((detail["use"], sha256) for sha256 in detail["proofs"])
        except _UNREADABLE:
            continue  # the log's own check names this event
    return told, deleted


def _finding(sha256: str, vi: str, en: str) -> Finding:
    return Finding(kind="record", identifier=f"proof {sha256}", vi=vi, en=en)
