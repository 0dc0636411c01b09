"""The sessions of one person, for that person to see and to end: a table of people.db.

A session is named by the beginning of its token's digest, which opens nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from storage.database import Database
from storage.times import read_time, time_text

_MARK_LETTERS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """One of somebody's sessions."""

    mark: str
    """Which, hex; nobody logs in with it."""
    means: str
    """How it began: `password`, or `certificate:<SHA-256>`."""
    place: str
    """Where from, as far as is known; empty for those of an earlier version."""
    begun_at: datetime
    """Aware."""
    seen_at: datetime
    """When it was used last, to the half minute; aware."""


class OpenSessions:
    """Who is logged in where.

    Args:
        db: people.db.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def of(self, person: int, *, seen: datetime, begun: datetime) -> list[OpenSession]:
        """Return the sessions of a person, the one used last first.

        Args:
            person: whose.
            seen: those that were not used since are over.
            begun: those that began before are over.
        """
        query = (
            "SELECT * FROM session WHERE person = ? AND seen_at >= ? AND begun_at >= ? "
            "ORDER BY seen_at DESC, token_sha256"
        )
        rows = self._db.rows(query, (person, time_text(seen), time_text(begun)))
        return [
            OpenSession(
                mark=row["token_sha256"][:_MARK_LETTERS],
                means=row["means"],
                place=row["place"],
                begun_at=read_time(row["begun_at"]),
                seen_at=read_time(row["seen_at"]),
            )
            for row in rows
        ]

    def end_one(self, person: int, mark: str) -> bool:
        """End one of a person's sessions; False where that person has none of this mark."""
        query = "DELETE FROM session WHERE person = ? AND substr(token_sha256, 1, ?) = ?"
        return self._db.execute(query, (person, _MARK_LETTERS, mark)).rowcount > 0

    def end_others(self, person: int, mark: str) -> int:
        """End a person's sessions but one; return how many."""
        query = "DELETE FROM session WHERE person = ? AND substr(token_sha256, 1, ?) <> ?"
        return self._db.execute(query, (person, _MARK_LETTERS, mark)).rowcount

    def end_everybodys(self) -> int:
        """End the sessions of all people; return how many."""
        return self._db.execute("DELETE FROM session").rowcount

    def end_all(self, person: int) -> None:
        """End all sessions of a person."""
        self._db.execute("DELETE FROM session WHERE person = ?", (person,))


def digest_of(token: str) -> str:
    """Return what is kept of a token, or of a subject of failures: its digest, hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def mark_of(token: str) -> str:
    """Return the mark of a token's session."""
    return digest_of(token)[:_MARK_LETTERS]
