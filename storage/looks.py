"""When each object was last looked at: re-hashed, or found to be named by nothing.

Kept beside the archive in a file of its own, `looks.db`: it is no evidence, and where it is lost
everything is looked at anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from storage.database import Database
from storage.times import read_time, time_text

_TABLES = (
    """CREATE TABLE IF NOT EXISTS look (
        sha256 TEXT PRIMARY KEY, hashed_at TEXT, unnamed_since TEXT
    ) STRICT, WITHOUT ROWID""",
    "CREATE TABLE IF NOT EXISTS sweep (id INTEGER PRIMARY KEY CHECK (id = 1), at TEXT) STRICT",
)


class Looks:
    """The looks of one archive.

    Args:
        root: Folder of the archive.
    """

    def __init__(self, root: Path) -> None:
        self._db = Database(root / "looks.db", synchronous="NORMAL")
        for statement in _TABLES:
            self._db.execute(statement)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def hashed(self) -> dict[str, str]:
        """Return when objects were last re-hashed, UTC."""
        rows = self._db.rows("SELECT sha256, hashed_at FROM look WHERE hashed_at IS NOT NULL")
        return {row["sha256"]: row["hashed_at"] for row in rows}

    def note_hashed(self, objects: Iterable[str], at: datetime) -> None:
        """Note that objects were re-hashed."""
        self._note("hashed_at", objects, at)

    def unnamed(self) -> dict[str, datetime]:
        """Return since when objects are known to be named by nothing."""
        rows = self._db.rows("SELECT sha256, unnamed_since AS at FROM look")
        return {row["sha256"]: read_time(row["at"]) for row in rows if row["at"] is not None}

    def note_unnamed(self, objects: Iterable[str], at: datetime) -> None:
        """Note a first look at objects that nothing names."""
        self._note("unnamed_since", objects, at)

    def forget_unnamed(self, objects: Iterable[str]) -> None:
        """Note that objects are named again, or gone."""
        with self._db.transaction():
            for sha256 in objects:
                self._db.execute("UPDATE look SET unnamed_since = NULL WHERE sha256 = ?", (sha256,))

    def last_sweep(self) -> datetime | None:
        """Return when the store was last looked through for orphans, or None."""
        row = self._db.row("SELECT at FROM sweep")
        return None if row is None else read_time(row["at"])

    def note_sweep(self, at: datetime) -> None:
        """Note that the store was looked through."""
        self._db.execute("INSERT OR REPLACE INTO sweep (id, at) VALUES (1, ?)", (time_text(at),))

    def _note(self, column: str, objects: Iterable[str], at: datetime) -> None:
        query = (
            f"INSERT INTO look (sha256, {column}) VALUES (?, ?) "  # noqa: S608  # our own names
            f"ON CONFLICT (sha256) DO UPDATE SET {column} = excluded.{column}"
        )
        with self._db.transaction():
            for sha256 in objects:
                self._db.execute(query, (sha256, time_text(at)))
