"""The register of copies that were issued: of which paper, to whom's order, why, until when.

Why somebody got a copy may name persons: that text stays in the row. The events of a copy hold the
digest of the order over a random salt of the row, which tells nothing once the row is gone.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from config.vocabulary import EventType
from storage.canonical import digest
from storage.damaged_rows import read_each, read_row
from storage.database import Database
from storage.errors import RecordNotFound
from storage.events import EventLog
from storage.model import NewEvent
from storage.times import read_evidence_time, time_text

TABLES = (
    """CREATE TABLE access_copy (
        id TEXT PRIMARY KEY, record_id TEXT NOT NULL, dossier_code TEXT NOT NULL,
        ordinal INTEGER NOT NULL, kind TEXT NOT NULL, pdf_sha256 TEXT NOT NULL,
        reason TEXT NOT NULL, actor TEXT NOT NULL, asked_at TEXT NOT NULL, salt TEXT NOT NULL,
        state TEXT NOT NULL, file TEXT NOT NULL, sha256 TEXT NOT NULL, expires_at TEXT NOT NULL,
        note TEXT NOT NULL, ended_at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX access_copy_record ON access_copy (record_id)",
    "CREATE INDEX access_copy_state ON access_copy (state)",
)
"""The table, for the migration that makes it."""


class IssuedKind(StrEnum):
    """What a copy is by TT 05/2025/TT-BNV."""

    READING = "reading"
    PLAIN = "plain"
    CERTIFIED = "certified"


class CopyState(StrEnum):
    """How far a copy is."""

    ASKED = "asked"
    """A certified copy that waits for a person's release."""
    RELEASED = "released"
    """One that the agency's key shall sign next."""
    ISSUED = "issued"
    EXPIRED = "expired"
    """A reading copy past its last day: nobody reads it any more."""
    PURGED = "purged"
    """Its file is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyOrder:
    """A copy that somebody asks for."""

    id: str
    """UUIDv7."""
    record_id: str
    """The record that it shows."""
    dossier_code: str
    """The dossier that it is asked for in."""
    ordinal: int
    """Ordinal of the paper in that dossier."""
    kind: IssuedKind
    """What it is."""
    pdf_sha256: str
    """The filed PDF that it is made from."""
    reason: str
    """Why, in the words of whoever asks; may name persons."""
    actor: str
    """Who asks."""
    at: datetime
    """When, aware."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCopy(CopyOrder):
    """A copy in the register."""

    salt: str
    """Random, hex: makes the digest say nothing of a short reason."""
    state: CopyState
    """How far it is."""
    file: str = ""
    """Where its file lies in the station; empty where it was handed out."""
    sha256: str = ""
    """Digest of its file; empty before it is made."""
    expires_at: datetime | None = None
    """End of a reading copy's last day; until when a certified copy can be fetched. UTC."""
    note: str = ""
    """Why it was not made at the last try, Vietnamese."""
    ended_at: datetime | None = None
    """When it expired, or its file went, UTC."""

    @property
    def order_sha256(self) -> str:
        """The SHA-256 (hex) of the order that the events of this copy carry."""
        return digest(
            {
                "id": self.id,
                "record_id": self.record_id,
                "dossier_code": self.dossier_code,
                "ordinal": self.ordinal,
                "kind": self.kind.value,
                "pdf_sha256": self.pdf_sha256,
                "reason": self.reason,
                "actor": self.actor,
                "at": time_text(self.at),
                "salt": self.salt,
            }
        )

    def detail(self) -> dict[str, object]:
        """Return what each event of this copy tells."""
        told: dict[str, object] = {
            "copy": self.id,
            "kind": self.kind.value,
            "pdf_sha256": self.pdf_sha256,
            "order_sha256": self.order_sha256,
        }
        if self.sha256:
            told["copy_sha256"] = self.sha256
        if self.expires_at is not None:
            told["expires_at"] = time_text(self.expires_at)
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Who did something to a copy, and as which event it is told."""

    type: EventType
    actor: str
    at: datetime
    """Aware."""
    outcome: str
    detail: Mapping[str, object]
    """Beside what every event of the copy tells."""


class CopyRegister:
    """The issued copies of one archive.

    Args:
        db: records.db.
        events: The log that shares its transactions.
    """

    def __init__(self, db: Database, events: EventLog) -> None:
        self._db = db
        self._events = events

    def add(self, order: CopyOrder, told: Told, **made: Any) -> IssuedCopy:
        """Write down that a copy is asked for, or was made, with its event.

        Args:
            order: Who asks for what, and why.
            told: The event.
            **made: State, file, sha256, expires_at of a copy that is there already.
        """
        plain = {name: getattr(order, name) for name in CopyOrder.__slots__}
        stated = {"state": CopyState.ASKED, **made}
        copy = IssuedCopy(**plain, salt=secrets.token_hex(16), **stated)
        row = _row(copy)
        columns, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        query = f"INSERT INTO access_copy ({columns}) VALUES ({marks})"  # noqa: S608  # our own names
        with self._db.transaction():
            self._db.execute(query, row)
            self._events.append(_event(copy, told))
        return copy

    def change(self, copy: IssuedCopy, told: Told | None, **changes: Any) -> IssuedCopy | None:
        """Write down how a copy goes on, with its event.

        Args:
            copy: As it was read.
            told: The event; None for a note that is no act.
            **changes: Of its state, file, sha256, expires_at, note, ended_at.

        Returns:
            The copy as it is now; None where it was changed since it was read, or is gone with its
            destroyed record: nothing is written.
        """
        changed = replace(copy, **changes)
        row = _row(changed)
        with self._db.transaction():
            found = self._db.row("SELECT * FROM access_copy WHERE id = ?", (copy.id,))
            if found is None or _copy(found) != copy:
                return None
            self._db.execute(
                "UPDATE access_copy SET state = :state, file = :file, sha256 = :sha256, "
                "expires_at = :expires_at, note = :note, ended_at = :ended_at WHERE id = :id",
                row,
            )
            if told is not None:
                self._events.append(_event(changed, told))
        return changed

    def get(self, copy_id: str) -> IssuedCopy:
        """Return a copy.

        Raises:
            RecordNotFound: There is none with this id.
        """
        row = self._db.row("SELECT * FROM access_copy WHERE id = ?", (copy_id,))
        if row is None:
            raise RecordNotFound(
                f"Sổ bản sao không có bản nào mang mã {copy_id}.",
                f"the register of copies has none with the id {copy_id}",
            )
        return _copy(row)

    def ids(self) -> list[str]:
        """Return the ids of all copies."""
        rows = self._db.rows("SELECT CAST(id AS BLOB) AS id FROM access_copy")
        return [row["id"].decode(errors="replace") for row in rows]

    def files(self) -> set[str]:
        """Return the files of all copies that may lie in a folder, as they name them.

        Raises:
            RowDamaged: A row is damaged, and nobody knows which file is its own.
        """
        gone = (CopyState.ASKED, CopyState.RELEASED, CopyState.PURGED)
        rows = self._db.rows("SELECT * FROM access_copy WHERE state NOT IN (?, ?, ?)", gone)
        return {read_row(_copy, row, f"copy {row['id']}").file for row in rows}

    def in_state(self, *states: CopyState) -> list[IssuedCopy]:
        """Return the copies in some states, the oldest first; without those that are damaged."""
        marks = ", ".join("?" * len(states))
        query = f"SELECT * FROM access_copy WHERE state IN ({marks}) ORDER BY asked_at, id"  # noqa: S608  # marks
        rows = {row["id"]: row for row in self._db.salvaged(query, tuple(states))}
        whole, _ = read_each(lambda name: read_row(_copy, rows[name], f"copy {name}"), rows)
        return list(whole.values())

    def of_record(self, record_id: str) -> list[IssuedCopy]:
        """Return the copies of a record, the oldest first."""
        query = "SELECT * FROM access_copy WHERE record_id = ? ORDER BY asked_at, id"
        rows = self._db.salvaged(query, (record_id,))
        return [read_row(_copy, row, f"copy {row['id']}") for row in rows]

    def forget(self, record_ids: Sequence[str]) -> None:
        """Delete the rows of destroyed records: what was asked, and why; the events stay."""
        for record_id in record_ids:
            self._db.execute("DELETE FROM access_copy WHERE record_id = ?", (record_id,))


def _event(copy: IssuedCopy, told: Told) -> NewEvent:
    return NewEvent(
        type=told.type,
        object=copy.record_id,
        actor=told.actor,
        at=told.at,
        outcome=told.outcome,
        detail={**copy.detail(), **told.detail},
    )


def _row(copy: IssuedCopy) -> dict[str, Any]:
    return {
        "id": copy.id,
        "record_id": copy.record_id,
        "dossier_code": copy.dossier_code,
        "ordinal": copy.ordinal,
        "kind": copy.kind.value,
        "pdf_sha256": copy.pdf_sha256,
        "reason": copy.reason,
        "actor": copy.actor,
        "asked_at": time_text(copy.at),
        "salt": copy.salt,
        "state": copy.state.value,
        "file": copy.file,
        "sha256": copy.sha256,
        "expires_at": _moment(copy.expires_at),
        "note": copy.note,
        "ended_at": _moment(copy.ended_at),
    }


def _moment(at: datetime | None) -> str:
    return "" if at is None else time_text(at)


def _copy(row: Mapping[str, Any]) -> IssuedCopy:
    texts = ("id", "record_id", "dossier_code", "pdf_sha256", "reason", "actor", "salt")
    return IssuedCopy(
        **{name: row[name] for name in texts},
        ordinal=row["ordinal"],
        kind=IssuedKind(row["kind"]),
        at=read_evidence_time(row["asked_at"]),
        state=CopyState(row["state"]),
        file=row["file"],
        sha256=row["sha256"],
        expires_at=read_evidence_time(row["expires_at"]) if row["expires_at"] else None,
        note=row["note"],
        ended_at=read_evidence_time(row["ended_at"]) if row["ended_at"] else None,
    )
