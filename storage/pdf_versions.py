"""A record's PDF with more signatures: it takes the place of the one before, which it begins with.

Whoever calls has judged it. The original stays what it was; what the record said of its signatures
is written anew, and an event carries the record's new digest.
"""

from __future__ import annotations

from dataclasses import dataclass

from storage.archive import Archive
from storage.model import NewEvent, ObjectRef, Record, SignatureSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfVersion:
    """A later form of a record's PDF."""

    earlier_sha256: str
    """The PDF that it begins with."""
    pdf: ObjectRef
    """Its object."""
    signatures: tuple[SignatureSummary, ...]
    """All signatures that it holds."""
    verdict: str
    """Overall indication."""


def adopt(
    archive: Archive, record_id: str, version: PdfVersion, act: NewEvent, *events: NewEvent
) -> Record | None:
    """Let a later form of a record's PDF take its place.

    Args:
        archive: Whose record.
        record_id: Which.
        version: The later form; its object is in the store.
        act: Whose actor, time and outcome the record's own event gets; told before it.
        *events: Told with it.

    Returns:
        The record; None where it holds another PDF by now: then nothing changes.

    Raises:
        RecordNotFound: There is no such record.
        ObjectMissing: The later form is not in the store.
    """
    archive.objects.path(version.pdf.sha256)
    with archive.db.transaction():
        record = archive.records.get(record_id)
        if record.pdf.sha256 != version.earlier_sha256:
            return None
        _write(archive, record, version)
        archive.events.append(act, *events)
        changed = archive.records.get(record_id)
        archive.note(changed, act.outcome, actor=act.actor, at=act.at)
    return changed


def _write(archive: Archive, record: Record, version: PdfVersion) -> None:
    db, pdf = archive.db, version.pdf
    db.execute(
        "UPDATE record SET pdf_sha256 = ?, pdf_sha512 = ?, pdf_size = ?, verdict = ? "
        "WHERE number = ?",
        (pdf.sha256, pdf.sha512, pdf.size_bytes, version.verdict, record.number),
    )
    db.execute("DELETE FROM signature WHERE record = ?", (record.number,))
    archive.records.insert_signatures(record.number, version.signatures)
    db.execute("INSERT INTO change (record) VALUES (?)", (record.number,))
