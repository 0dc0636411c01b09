"""All rows and objects that tell of one filed paper: found, and deleted when it is destroyed."""

from __future__ import annotations

import re

from storage.archive import Archive
from storage.canonical import read_json
from storage.model import Record

_DIGEST = re.compile(rb"[0-9a-f]{64}")
# Rows that belong to one record and go with it, and how they name it.
_OF_RECORD = {
    "page": "record",
    "field": "record",
    "signature": "record",
    "link": "record",
    "picture_hash": "record",
    "fingerprint_key": "record",
    "change": "record",
    "record": "number",
}


def is_last_paper(archive: Archive, record: Record) -> bool:
    """Tell whether no other paper of its scan is filed: then the scan itself goes too."""
    row = archive.db.row(
        "SELECT count(*) AS n FROM record WHERE submission_id = ?", (record.submission_id,)
    )
    return row is None or row["n"] == 1


def objects_of(archive: Archive, record: Record, *, is_last: bool) -> set[str]:
    """Return the objects that were made of a paper, whoever else names them."""
    found = {record.original.sha256, record.pdf.sha256}
    paper = None if is_last else record.paper
    for row in archive.db.rows(
        "SELECT objects FROM outcome WHERE submission_id = ? AND paper = ifnull(?, paper)",
        (record.submission_id, paper),
    ):
        found.update(read_json(row["objects"]))
    reading = record.notes.get("reading_sha256")
    found.update([reading] if reading else [])
    # What an earlier attempt made and no row names any more: the log still does.
    subjects = [record.id, *([record.submission_id] if is_last else [])]
    for subject in subjects:
        for row in archive.db.rows(
            "SELECT CAST(body AS BLOB) AS body FROM event WHERE object = ?", (subject,)
        ):
            found.update(name.decode() for name in _DIGEST.findall(row["body"]))
    return {sha256 for sha256 in found if archive.objects.has(sha256)}


def proofs_of(archive: Archive, record: Record, *, is_last: bool) -> tuple[list[int], list[str]]:
    """Return the uses of keys on a paper, and the digests of what their checks rested on."""
    paper = None if is_last else record.paper
    uses = [*archive.key_uses.of(record.submission_id, paper), *archive.key_uses.of(record.id)]
    numbers = [use.number for use in uses]
    kept = {proof.sha256 for number in numbers for proof in archive.key_uses.proofs(number)}
    return numbers, sorted(kept)


def take_rows(archive: Archive, record: Record, *, is_last: bool) -> list[int]:
    """Delete every row that tells of a paper; return the numbers of its corrections."""
    db, scan = archive.db, record.submission_id
    paper = None if is_last else record.paper
    of_paper = {"scan": scan, "paper": paper, "id": record.id}
    told = "record_id = :id OR (submission_id = :scan AND paper = ifnull(:paper, paper))"
    corrections = [
        row["id"]
        for row in db.rows(f"SELECT id FROM correction WHERE {told} ORDER BY id DESC", of_paper)  # noqa: S608  # our own words
    ]
    for number in corrections:
        # The newest first: an undoing names what it undid.
        db.execute("DELETE FROM correction WHERE id = ?", (number,))
    archive.copies.forget([record.id])
    db.execute("DELETE FROM version WHERE record_id = :id OR supersedes = :id", of_paper)
    db.execute(
        "DELETE FROM outcome WHERE submission_id = :scan AND paper = ifnull(:paper, paper)",
        of_paper,
    )
    for table, column in _OF_RECORD.items():
        db.execute(f"DELETE FROM {table} WHERE {column} = ?", (record.number,))  # noqa: S608  # our own names
    if is_last:
        _forget_scans(archive, record)
    return sorted(corrections)


def _forget_scans(archive: Archive, record: Record) -> None:
    """Take names and findings from the ledger's rows of a scan, and of others of the same bytes."""
    db = archive.db
    same = (
        "SELECT id FROM submission WHERE id = :scan OR (sha256 = :sha256 AND state = 'duplicate')"
    )
    names = {"scan": record.submission_id, "sha256": record.original.sha256}
    db.execute(f"DELETE FROM outcome WHERE submission_id IN ({same})", names)  # noqa: S608  # our own words
    db.execute(
        "UPDATE submission SET name = '', folder = '', tray_path = '', confirmed_dossier = NULL, "  # noqa: S608  # our own words
        f"reason_vi = iif(reason_code IS NULL, NULL, ''), reason_en = iif(reason_code IS NULL, "
        f"NULL, '') WHERE id IN ({same})",
        names,
    )
