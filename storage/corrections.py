"""What people said of papers: answers before filing, corrections after it; old values are kept.

Rows are only added. Undoing one adds another that says so, so who said what and when stays to be
seen. They hold personal data; the log holds their digests alone, and each row a salt of its own, so
that a digest tells nothing once its row is gone.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from storage.canonical import canonical_text, digest, read_json
from storage.damaged_rows import read_row
from storage.database import Database
from storage.times import read_evidence_time, time_text

TABLES = (
    """CREATE TABLE correction (
        id INTEGER PRIMARY KEY AUTOINCREMENT, submission_id TEXT NOT NULL, paper INTEGER NOT NULL,
        record_id TEXT, act TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
        actor TEXT NOT NULL, at TEXT NOT NULL, undoes INTEGER REFERENCES correction (id),
        salt TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX correction_submission ON correction (submission_id, paper, id)",
    "CREATE INDEX correction_record ON correction (record_id, id) WHERE record_id IS NOT NULL",
)
"""The table, for the migration that makes it."""
REASONS = "ALTER TABLE correction ADD COLUMN reason TEXT NOT NULL DEFAULT ''"
"""Of a later migration: earlier programs asked for none."""

WHOLE_SCAN = 0
"""Paper of an answer that counts for every paper of a scan."""


class Act(StrEnum):
    """What a person did."""

    CONFIRM = "confirm"
    CORRECT = "correct"
    REJECT = "reject"
    UNDO = "undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCorrection:
    """One act of a person on one paper."""

    submission_id: str
    """The submission that the paper came in."""
    paper: int
    """Which paper of it, from 1; `WHOLE_SCAN` for all."""
    record_id: str | None = None
    """The record, where the paper was filed already."""
    act: Act
    """What was done."""
    before: Mapping[str, Any]
    """JSON: what stood there; of a record only what changed."""
    after: Mapping[str, Any]
    """JSON: what stands there now."""
    actor: str
    """Who, and how surely that is known."""
    at: datetime
    """When, aware."""
    undoes: int | None = None
    """The correction that this one takes back."""
    reason: str = ""
    """Why, in that person's words; it may name people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction(NewCorrection):
    """A kept act."""

    id: int
    """Number, ascending."""
    salt: str
    """Random, hex: makes the digest say nothing of short values."""

    @property
    def digest(self) -> str:
        """The SHA-256 (hex) that the event of this act carries."""
        # An act without a reason has the digest that programs gave it before there were any.
        why = {"reason": self.reason} if self.reason else {}
        return digest(
            {
                **why,
                "submission_id": self.submission_id,
                "paper": self.paper,
                "record_id": self.record_id,
                "act": self.act.value,
                "before": dict(self.before),
                "after": dict(self.after),
                "actor": self.actor,
                "at": time_text(self.at),
                "undoes": self.undoes,
                "salt": self.salt,
            }
        )


class CorrectionStore:
    """The corrections of one archive.

    Args:
        db: records.db.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, new: NewCorrection) -> Correction:
        """Keep an act; the caller's transaction holds what it changes, and its event."""
        row = {
            "submission_id": new.submission_id,
            "paper": new.paper,
            "record_id": new.record_id,
            "act": new.act.value,
            "before": canonical_text(dict(new.before)),
            "after": canonical_text(dict(new.after)),
            "actor": new.actor,
            "at": time_text(new.at),
            "undoes": new.undoes,
            "reason": new.reason,
            "salt": secrets.token_hex(16),
        }
        columns, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        query = f"INSERT INTO correction ({columns}) VALUES ({marks})"  # noqa: S608  # our own names
        with self._db.transaction():
            number = self._db.execute(query, row).lastrowid or 0
        return _correction({**row, "id": number})

    def get(self, number: int) -> Correction | None:
        """Return the correction with a number, or None."""
        row = self._db.row("SELECT * FROM correction WHERE id = ?", (number,))
        return None if row is None else _correction(row)

    def of_submission(self, submission_id: str) -> list[Correction]:
        """Return what was said of the papers of a submission, before and after filing, in order."""
        return self._select("submission_id = ?", submission_id)

    def of_record(self, record_id: str) -> list[Correction]:
        """Return what was corrected of a filed paper, in order."""
        return self._select("record_id = ?", record_id)

    def standing(self, submission_id: str, paper: int) -> Mapping[str, Any]:
        """Return the answer that stands of a paper that is not filed; empty for none."""
        row = self._db.row(
            "SELECT after FROM correction WHERE submission_id = ? AND paper = ? "
            "AND record_id IS NULL ORDER BY id DESC LIMIT 1",
            (submission_id, paper),
        )
        return {} if row is None else dict(read_json(row["after"]))

    def _select(self, condition: str, value: str) -> list[Correction]:
        query = f"SELECT * FROM correction WHERE {condition} ORDER BY id"  # noqa: S608  # our own words
        rows = self._db.salvaged(query, (value,))
        return [read_row(_correction, row, f"correction {row['id']}") for row in rows]


def newest_to_undo(corrections: list[Correction]) -> Correction | None:
    """Return the last act that stands, of acts in order; None where none is left."""
    undone = {item.undoes for item in corrections}
    standing = (
        item for item in reversed(corrections) if item.act is not Act.UNDO and item.id not in undone
    )
    return next(standing, None)


def _correction(row: Mapping[str, Any]) -> Correction:
    names = ("id", "submission_id", "paper", "record_id", "actor", "reason")
    plain = {key: row[key] for key in names}
    return Correction(
        **plain,
        act=Act(row["act"]),
        before=read_json(row["before"]),
        after=read_json(row["after"]),
        at=read_evidence_time(row["at"]),
        undoes=row["undoes"],
        salt=row["salt"],
    )
