"""Counts of the whole archive, remembered until something changes that they could be counted from.

To count a hundred thousand papers takes tens of milliseconds, and pages ask for the same numbers
again and again. What is remembered is never told once papers, their places, dossiers, procedures
or replacements have changed, whoever changed them: each change leaves its mark in the database.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from storage.database import Database

Value = TypeVar("Value")
# Every change of a record, of its signatures and places, and of a dossier that has papers, has a
# row of its own. Procedures, replacements and what was destroyed are told by their own tables.
_MARKS = (
    "SELECT (SELECT max(seq) FROM change) AS change, "
    "(SELECT count(*) FROM destroyed_link) AS destroyed, "
    "(SELECT count(*) || ' ' || max(at) FROM version) AS versions, "
    "(SELECT CAST(group_concat(quote(code) || quote(components)) AS BLOB) FROM procedure) "
    "AS procedures"
)
_MOST = 200


class Remembered:
    """What was counted of one archive.

    Args:
        db: records.db.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._guard = threading.Lock()
        self._marks: dict[str, Any] | None = None
        self._known: dict[Hashable, object] = {}

    def of(self, what: Hashable, count: Callable[[], Value]) -> Value:
        """Return a count as it is now; what was not remembered is counted.

        Args:
            what: names the count, with all that it depends on besides records.db.
            count: counts it, from papers, their places and signatures, dossiers, procedures and
                replacements, and from nothing else.
        """
        if self._db.is_writing:
            return count()  # of rows that may yet be undone
        with self._db.snapshot():
            marks = self._db.row(_MARKS)
            with self._guard:
                if marks != self._marks or len(self._known) > _MOST:
                    self._known, self._marks = {}, marks
                known = self._known
            if what not in known:
                # Counted twice where two ask at once: neither waits for the other.
                known[what] = count()
            return cast(Value, known[what])
