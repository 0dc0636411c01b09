"""What people wrote into a field of records, beside what another field of the same paper says."""

from __future__ import annotations

from storage.database import Database


def confirmed_beside(db: Database, name: str, beside: str, newest: int) -> list[tuple[str, str]]:
    """Return what a person said of a field of the newest records, each pair once.

    Args:
        db: records.db.
        name: the field that a person must have said.
        beside: the field whose value comes first in each pair; records without it are left out.
        newest: of so many records.
    """
    rows = db.rows(
        "SELECT DISTINCT other.value AS beside, said.value AS said FROM field AS said "
        "JOIN field AS other ON other.record = said.record AND other.name = :beside "
        "WHERE said.record > (SELECT coalesce(max(number), 0) FROM record) - :newest "
        "AND said.name = :name AND said.source = 'person' "
        "AND said.value <> '' AND other.value <> '' ORDER BY 1, 2",
        {"name": name, "beside": beside, "newest": newest},
    )
    return [(row["beside"], row["said"]) for row in rows]
