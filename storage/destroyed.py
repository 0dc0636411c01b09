"""What is left of destroyed papers: a row each, and the numbers they had in their dossiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.canonical import canonical_text, read_json
from storage.damaged_rows import read_row
from storage.database import Database
from storage.model import Record
from storage.times import read_time, time_text

_CLEARING, _CLEARED = "clearing", "cleared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destroyed:
    """All that is known of a destroyed paper."""

    record_id: str
    """The record that was."""
    submission_id: str
    """The submission it came in."""
    paper: int
    """Which paper of it."""
    body: Mapping[str, Any]
    """What it was and why it could be destroyed, as its event has the digest of."""
    destroyed_at: datetime
    """When, UTC."""
    objects: tuple[str, ...]
    """Objects that may have to go yet; empty once everything is gone."""
    copies: tuple[str, ...]
    """Copies outside the archive, likewise."""
    is_unfinished: bool
    """Something may be left beside the row."""

    @property
    def batch(self) -> str:
        """Id of the batch that it was destroyed in."""
        return str(self.body["batch"])


class DestroyedStore:
    """The destroyed papers of one archive.

    Args:
        db: records.db.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(
        self,
        record: Record,
        body: Mapping[str, Any],
        left: Mapping[str, Sequence[str]],
        at: datetime,
    ) -> None:
        """Leave a row of a paper whose own rows the caller's transaction deletes.

        Args:
            record: The paper.
            body: What stays to be known of it.
            left: Objects and copies that have to go yet: `objects`, `copies`.
            at: When.
        """
        self._db.execute(
            "INSERT INTO destroyed_record (record_id, submission_id, paper, body, destroyed_at, "
            "state, leftovers) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                record.id,
                record.submission_id,
                record.paper,
                canonical_text(body),
                time_text(at),
                _CLEARING,
                canonical_text({**left, "number": record.number}),
            ),
        )
        for link in record.links:
            self._db.execute(
                "INSERT INTO destroyed_link (record_id, dossier_code, role, ordinal, "
                "procedure_result_code, class_code) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    record.id,
                    link.dossier_code,
                    link.role.value,
                    link.ordinal,
                    link.procedure_result_code,
                    record.class_code,
                ),
            )

    def note_cleared(self, gone: Destroyed, waiting: Sequence[str]) -> None:
        """Note what of a paper is gone now; objects that wait keep it unfinished."""
        left: dict[str, Sequence[str]] = {"objects": waiting, "copies": ()} if waiting else {}
        self._db.execute(
            "UPDATE destroyed_record SET state = ?, leftovers = ? WHERE record_id = ?",
            (_CLEARING if waiting else _CLEARED, canonical_text(left), gone.record_id),
        )

    def get(self, record_id: str) -> Destroyed | None:
        """Return what is left of a record; None where it was not destroyed."""
        found = self._select("record_id = ?", record_id)
        return found[0] if found else None

    def of_submission(self, submission_id: str) -> list[Destroyed]:
        """Return what is left of the papers of a scan, in order."""
        return self._select("submission_id = ?", submission_id)

    def of_dossier(self, code: str) -> list[Destroyed]:
        """Return what is left of the papers of a dossier, by their number in it."""
        rows = self._db.rows(
            "SELECT destroyed_record.* FROM destroyed_link JOIN destroyed_record "
            "USING (record_id) WHERE dossier_code = ? ORDER BY ordinal",
            (code,),
        )
        return [_destroyed(row) for row in rows]

    def components(self, dossier_code: str) -> set[str]:
        """Return the classes of destroyed components of a dossier: they had been handed in."""
        rows = self._db.rows(
            "SELECT class_code FROM destroyed_link WHERE dossier_code = ? AND role = 'component'",
            (dossier_code,),
        )
        return {row["class_code"] for row in rows}

    def unfinished(self) -> list[Destroyed]:
        """Return the papers of which something may be left beside their row."""
        return self._select("state = ?", _CLEARING)

    def all(self) -> list[Destroyed]:
        """Return all, by record id."""
        return self._select("? = ''", "")

    def _select(self, condition: str, value: str) -> list[Destroyed]:
        query = f"SELECT * FROM destroyed_record WHERE {condition} ORDER BY paper, record_id"  # noqa: S608  # our own words
        rows = self._db.salvaged(query, (value,))
        return [read_row(_destroyed, row, f"destroyed {row['record_id']}") for row in rows]


def body_of(
    record: Record, record_sha256: str, why: Mapping[str, Any], actor: str, at: datetime
) -> dict[str, Any]:
    """Return what stays to be known of a record: codes, digests and the ground, and no name.

    Args:
        record: The record.
        record_sha256: Digest of its canonical form, which its events carry.
        why: Batch, ground, term and decision.
        actor: Who had it carried out.
        at: When.
    """
    return {
        **why,
        "record_id": record.id,
        "submission_id": record.submission_id,
        "paper": record.paper,
        "record_sha256": record_sha256,
        "class_code": record.class_code,
        "class_name": record.class_name,
        "page_count": record.page_count,
        "original": [record.original.sha256, record.original.sha512, record.original.size_bytes],
        "pdf": [record.pdf.sha256, record.pdf.sha512, record.pdf.size_bytes],
        "filed_at": time_text(record.filed_at),
        "links": [
            [link.dossier_code, link.role.value, link.ordinal, link.procedure_result_code]
            for link in record.links
        ],
        "destroyed_by": actor,
        "destroyed_at": time_text(at),
    }


def _destroyed(row: Mapping[str, Any]) -> Destroyed:
    left = read_json(row["leftovers"])
    return Destroyed(
        record_id=row["record_id"],
        submission_id=row["submission_id"],
        paper=row["paper"],
        body=read_json(row["body"]),
        destroyed_at=read_time(row["destroyed_at"]),
        objects=tuple(left.get("objects", ())),
        copies=tuple(left.get("copies", ())),
        is_unfinished=row["state"] == _CLEARING,
    )
