"""Searches that a person kept under a name: in people.db, for they may name somebody.

Kept as the query of an address. What it finds is asked anew each time, within the scope that its
person has then; nobody sees another's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.database import Database
from storage.times import time_text

TABLE = (
    "CREATE TABLE saved_search (id INTEGER PRIMARY KEY AUTOINCREMENT, "
    "person INTEGER NOT NULL REFERENCES person (id), name TEXT NOT NULL, query TEXT NOT NULL, "
    "at TEXT NOT NULL, UNIQUE (person, name)) STRICT"
)
"""The table, for the migration that makes it."""
MOST = 50
"""Of one person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearch:
    """A search under a name."""

    id: int
    name: str
    query: str
    """Of an address, percent-encoded; without a place in the list."""


class SavedSearches:
    """The kept searches of all persons.

    Args:
        db: people.db.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def of(self, person: int) -> list[SavedSearch]:
        """Return a person's searches, by name."""
        rows = self._db.rows(
            "SELECT id, name, query FROM saved_search WHERE person = ? ORDER BY name", (person,)
        )
        return [SavedSearch(**row) for row in rows]

    def keep(self, person: int, name: str, query: str, at: datetime) -> bool:
        """Keep a search; one of the same name is replaced. False where there are too many."""
        with self._db.transaction():
            known = {search.name for search in self.of(person)}
            if name not in known and len(known) >= MOST:
                return False
            self._db.execute(
                "INSERT INTO saved_search (person, name, query, at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (person, name) DO UPDATE SET query = excluded.query, at = excluded.at",
                (person, name, query, time_text(at)),
            )
        return True

    def delete(self, person: int, number: int) -> bool:
        """Delete a person's search; False where that person has none of this number."""
        query = "DELETE FROM saved_search WHERE person = ? AND id = ?"
        return self._db.execute(query, (person, number)).rowcount == 1

    def forget(self, person: int) -> None:
        """Delete all that a person kept."""
        self._db.execute("DELETE FROM saved_search WHERE person = ?", (person,))
