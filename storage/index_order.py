"""Bringing the search index into one piece now and then, in steps that nobody waits for.

Each batch of papers is a piece of its own, and pieces are joined only so far that filing stays
quick: a dozen of them in an archive of years. A search asks each piece for each word. In one piece
it takes a fifth less, and the file is no larger meanwhile: what was joined is freed at each step.
"""

from __future__ import annotations

import time

from storage.database import Database
from storage.errors import DatabaseDamaged, DiskFull
from storage.rows import DOSSIERS, PAPERS

MOST_PIECES = 8
"""With more than these, an idle station joins them."""
# Pages of the index that a step joins: a tenth of a second, for which others cannot write to it.
_STEP_PAGES = 500
_LOOK_SECONDS = 3_600.0
# An index of a million pages is written anew each time: once a day, not at each pause.
_ROUND_SECONDS = 20 * 3_600.0


class IndexOrder:
    """Joins the pieces of one index.

    Args:
        db: search.db.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._left: list[str] = []
        self._is_begun = False
        self._next_look = 0.0

    def step(self) -> None:
        """Join a little, where the index has many pieces; for whoever has nothing else to do.

        Raises:
            DatabaseBusy, DiskFull, DatabaseDamaged: Not now, or not this index.
        """
        if not self._left:
            self._look()
            return
        table = self._left[0]
        # The first step lays down that all pieces there are become one.
        pages = _STEP_PAGES if self._is_begun else -_STEP_PAGES
        before = self._db.tables.conn.total_changes
        try:
            self._db.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('merge', ?)", (pages,))  # noqa: S608  # our own names
        except (DatabaseDamaged, DiskFull):
            # Not in this round: the check names damage, and an alarm of the station a full disk.
            self._left, self._is_begun = [], False
            raise
        self._is_begun = True
        # SQLite's sign that nothing is left to join (FTS5, 6.7).
        if self._db.tables.conn.total_changes - before < 2:
            del self._left[0]
            self._is_begun = False

    def _look(self) -> None:
        moment = time.monotonic()
        if moment < self._next_look:
            return
        tables = (PAPERS.index, DOSSIERS.index)
        self._left = [table for table in tables if pieces(self._db, table) > MOST_PIECES]
        self._next_look = moment + (_ROUND_SECONDS if self._left else _LOOK_SECONDS)


def pieces(db: Database, table: str) -> int:
    """Return of how many pieces an index consists."""
    row = db.row(f"SELECT count(DISTINCT segid) AS n FROM {table}_idx")  # noqa: S608  # our own names
    return int(row["n"]) if row else 0
