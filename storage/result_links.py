"""Which records are results, which of them wait for the register, and what dossiers still lack."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from storage.canonical import canonical_text
from storage.database import Database
from storage.remembered import Remembered

_PAPERS_OF = (
    "SELECT asked.value AS code, (SELECT count(*) FROM link WHERE dossier_code = asked.value) AS n "
    "FROM json_each(?) AS asked"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingResult:
    """A record that is a result of its dossier, and of which the register has no entry yet."""

    record_id: str
    """The record."""
    dossier_code: str
    """Mã hồ sơ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """A component of a dossier that is filed."""

    record_id: str
    """The record."""
    class_code: str
    """Mã loại giấy tờ."""
    class_name: str
    """Its Vietnamese name."""


class ResultLinks:
    """Queries over the places of records in dossiers.

    Args:
        db: records.db.
        remembered: counts of it.
    """

    def __init__(self, db: Database, remembered: Remembered) -> None:
        self._db = db
        self._remembered = remembered

    def waiting(self, dossier_code: str | None = None) -> list[WaitingResult]:
        """Return the results that wait for their entry, the oldest first; of one dossier or all."""
        rows = self._db.rows(
            "SELECT record.id, link.dossier_code FROM link "
            "JOIN record ON record.number = link.record "
            "WHERE link.role = 'result' AND link.procedure_result_code IS NULL "
            "AND (:code IS NULL OR link.dossier_code = :code) ORDER BY record.number",
            {"code": dossier_code},
        )
        return [
            WaitingResult(record_id=row["id"], dossier_code=row["dossier_code"]) for row in rows
        ]

    def count_waiting(self) -> int:
        """Return how many results wait for their entry."""
        row = self._db.row(
            "SELECT count(*) AS n FROM link WHERE role = 'result' AND procedure_result_code IS NULL"
        )
        return int(row["n"]) if row else 0

    def untied(self, dossier_code: str, class_codes: Collection[str]) -> list[str]:
        """Return the ids of a dossier's records of some classes that are no entry's, in order."""
        rows = self._db.rows(
            "SELECT record.id FROM link JOIN record ON record.number = link.record "
            "WHERE link.dossier_code = ? AND link.role IN ('result', 'component') "
            "AND link.procedure_result_code IS NULL "
            "AND record.class_code IN (SELECT value FROM json_each(?)) ORDER BY record.number",
            (dossier_code, canonical_text(sorted(class_codes))),
        )
        return [row["id"] for row in rows]

    def components(self, dossier_code: str) -> list[HandedIn]:
        """Return the components of a dossier that are filed, in order."""
        rows = self._db.rows(
            "SELECT record.id AS record_id, record.class_code, record.class_name FROM link "
            "JOIN record ON record.number = link.record "
            "WHERE link.dossier_code = ? AND link.role = 'component' ORDER BY link.ordinal",
            (dossier_code,),
        )
        return [HandedIn(**row) for row in rows]

    def count_papers(self, dossier_code: str) -> int:
        """Return how many records lie in a dossier."""
        return self.count_papers_of((dossier_code,))[dossier_code]

    def count_papers_of(self, dossier_codes: Collection[str]) -> dict[str, int]:
        """Return how many records lie in each of some dossiers."""
        rows = self._db.rows(_PAPERS_OF, (canonical_text(list(dossier_codes)),))
        return {row["code"]: row["n"] for row in rows}

    def of_result(self, result_code: str) -> list[str]:
        """Return the ids of the records that are one result, the oldest first."""
        rows = self._db.rows(
            "SELECT record.id FROM link JOIN record ON record.number = link.record "
            "WHERE link.procedure_result_code = ? ORDER BY record.number",
            (result_code,),
        )
        return [row["id"] for row in rows]

    def count_incomplete(self) -> int:
        """Return how many registered dossiers have papers here, but not all they always need."""
        return self._remembered.of("incomplete", self._count_incomplete)

    def _count_incomplete(self) -> int:
        row = self._db.row(
            "SELECT count(*) AS n FROM dossier JOIN procedure "
            "ON procedure.code = dossier.procedure_code "
            "WHERE EXISTS (SELECT 1 FROM link WHERE link.dossier_code = dossier.code) "
            "AND EXISTS (SELECT 1 FROM json_each("
            "iif(json_valid(procedure.components), procedure.components, '[]')) AS part "
            "WHERE json_extract(part.value, '$[2]') "
            "AND coalesce(json_extract(part.value, '$[3]'), '') NOT IN ('shown', 'shared') "
            "AND NOT EXISTS ("
            "SELECT 1 FROM link JOIN record ON record.number = link.record "
            "WHERE link.dossier_code = dossier.code AND link.role = 'component' "
            "AND record.class_code = json_extract(part.value, '$[0]')) "
            # What was destroyed lawfully had come.
            "AND NOT EXISTS (SELECT 1 FROM destroyed_link AS gone WHERE gone.role = 'component' "
            "AND gone.dossier_code = dossier.code "
            "AND gone.class_code = json_extract(part.value, '$[0]')))"
        )
        return int(row["n"]) if row else 0
