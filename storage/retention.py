"""What officers say about keeping: a dossier's own term, and holds that stop destruction.

Terms and holds are only added; the newest term of a dossier counts, a hold is lifted and stays to
be seen. Reasons may name people: events hold salted digests of them.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from config.vocabulary import EventType
from storage.database import Database
from storage.errors import DisposalRefused
from storage.events import EventLog
from storage.model import NewEvent
from storage.raw_rows import raw_rows, row_digest
from storage.times import read_time, time_text


class HoldGround(StrEnum):
    """Why destruction is stopped."""

    COMPLAINT = "complaint"
    INSPECTION = "inspection"
    LAWSUIT = "lawsuit"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An officer's word."""

    reason: str
    """Why, in the officer's words."""
    actor: str
    """Who."""
    at: datetime
    """When, aware."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTerm:
    """A term that an officer set for one dossier."""

    dossier_code: str
    """Mã hồ sơ."""
    code: str
    """01 to 07."""
    years: int
    """Of 07; 0 otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A stop of destruction (tạm dừng hủy)."""

    id: int
    """Number, ascending."""
    subject: str
    """Dossier code or record id."""
    ground: HoldGround
    """Why."""
    reason: str
    """In the officer's words."""
    actor: str
    """Who said so."""
    at: datetime
    """When, UTC."""
    lifted_at: datetime | None
    """When it ended, UTC; None while it stands."""


class RetentionStore:
    """Own terms and holds of one archive.

    Args:
        db: records.db.
        events: The log that shares its transactions.
    """

    def __init__(self, db: Database, events: EventLog) -> None:
        self._db = db
        self._events = events

    def set_term(self, term: OwnTerm, said: Said) -> None:
        """Set the term of a dossier; it can make the keeping longer, never shorter."""
        row = {"dossier_code": term.dossier_code, "code": term.code, "years": term.years}
        with self._db.transaction():
            _, told = self._insert("retention_term", row, said)
            self._tell(term.dossier_code, "retention_term", said, {**row, **told})

    def own_terms(self) -> dict[str, OwnTerm]:
        """Return the newest term of each dossier that has one of its own."""
        rows = self._db.rows("SELECT dossier_code, code, years FROM retention_term ORDER BY id")
        return {row["dossier_code"]: OwnTerm(**row) for row in rows}

    def hold(self, subject: str, ground: HoldGround, said: Said) -> Hold:
        """Stop the destruction of a dossier or a record.

        Raises:
            DisposalRefused: Its destruction has begun already.
        """
        with self._db.transaction():
            self._refuse_begun(subject)
            row = {"subject": subject, "ground": ground.value}
            number, told = self._insert("retention_hold", row, said)
            self._tell(subject, "hold", said, {**row, **told})
            return next(hold for hold in self.holds(subject) if hold.id == number)

    def lift(self, subject: str, said: Said) -> list[Hold]:
        """End all holds that stand on a dossier or a record; return them."""
        with self._db.transaction():
            standing = [hold for hold in self.holds(subject) if hold.lifted_at is None]
            for hold in standing:
                self._lift(hold, said)
        return standing

    def holds(self, subject: str | None = None) -> list[Hold]:
        """Return the holds on a dossier or a record, or all, ended ones included, in order."""
        rows = self._db.rows(
            "SELECT * FROM retention_hold WHERE :subject IS NULL OR subject = :subject ORDER BY id",
            {"subject": subject},
        )
        return [_hold(row) for row in rows]

    def held(self) -> set[str]:
        """Return the dossier codes and record ids that a hold stands on."""
        rows = self._db.rows("SELECT subject FROM retention_hold WHERE lifted_at IS NULL")
        return {row["subject"] for row in rows}

    def _lift(self, hold: Hold, said: Said) -> None:
        lifted = {
            "lifted_by": said.actor,
            "lifted_at": time_text(said.at),
            "lifted_reason": said.reason,
        }
        self._db.execute(
            "UPDATE retention_hold SET lifted_by = :lifted_by, lifted_at = :lifted_at, "
            "lifted_reason = :lifted_reason WHERE id = :id",
            {**lifted, "id": hold.id},
        )
        self._tell(hold.subject, "hold_lifted", said, self._told("retention_hold", hold.id))

    def _refuse_begun(self, subject: str) -> None:
        # A dossier of which papers are left can be held for them, whatever went earlier.
        begun = self._db.row(
            "SELECT 1 FROM destroyed_record WHERE record_id = :subject "
            "UNION ALL SELECT 1 FROM destroyed_link WHERE dossier_code = :subject "
            "AND NOT EXISTS (SELECT 1 FROM link WHERE dossier_code = :subject) "
            "UNION ALL SELECT 1 FROM disposal_item WHERE state = 'destroying' AND (record_id = "
            ":subject OR record_id IN (SELECT record.id FROM link JOIN record ON record.number = "
            "link.record WHERE link.dossier_code = :subject)) LIMIT 1",
            {"subject": subject},
        )
        if begun is not None:
            raise DisposalRefused(
                f"Việc hủy của «{subject}» đã bắt đầu hoặc đã xong nên không dừng được nữa.",
                f"the destruction of {subject!r} has begun or is done; it cannot be stopped",
            )

    def _insert(
        self, table: str, row: Mapping[str, object], said: Said
    ) -> tuple[int, dict[str, str]]:
        """Add a row with a reason; return its number, and what its event carries of it."""
        whole = {
            **row,
            "reason": said.reason,
            "salt": secrets.token_hex(16),
            "actor": said.actor,
            "at": time_text(said.at),
        }
        columns, marks = ", ".join(whole), ", ".join(f":{name}" for name in whole)
        query = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608  # our own names
        number = self._db.execute(query, whole).lastrowid or 0
        return number, self._told(table, number)

    def _told(self, table: str, number: int) -> dict[str, str]:
        (row,) = raw_rows(self._db, table, "id = ?", (number,))
        return {"row": f"{table} {number}", "row_sha256": row_digest(row).hex()}

    def _tell(self, subject: str, outcome: str, said: Said, detail: Mapping[str, object]) -> None:
        self._events.append(
            NewEvent(
                type=EventType.METADATA_MODIFICATION,
                object=subject,
                actor=said.actor,
                at=said.at,
                outcome=outcome,
                detail=detail,
            )
        )


def is_held(held: Collection[str], record_id: str, dossier_codes: Collection[str]) -> bool:
    """Tell whether a hold stands on a record or on a dossier in which it lies."""
    return record_id in held or any(code in held for code in dossier_codes)


def _hold(row: Mapping[str, Any]) -> Hold:
    lifted = row["lifted_at"]
    return Hold(
        id=row["id"],
        subject=row["subject"],
        ground=HoldGround(row["ground"]),
        reason=row["reason"],
        actor=row["actor"],
        at=read_time(row["at"]),
        lifted_at=None if lifted is None else read_time(lifted),
    )
