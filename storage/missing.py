"""What should be in the archive and is not: results of settled dossiers, dossiers of results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from storage.canonical import canonical_text
from storage.damaged_rows import read_each, require_whole
from storage.database import Database

# An empty list of agencies allows all.
_IN_SCOPE = "(:all OR dossier.agency_code IN (SELECT value FROM json_each(:agencies)))"
_UNREGISTERED_IN_SCOPE = (
    "(:all OR substr(link.dossier_code, 1, instr(link.dossier_code, '-') - 1) "
    "IN (SELECT value FROM json_each(:agencies)))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutResult:
    """A settled dossier without a filed result."""

    code: str
    """Mã hồ sơ."""
    title: str
    """Tiêu đề hồ sơ."""
    settled_at: date
    """Day on which the case ended."""
    registered_results: int
    """Results that the register lists for it."""
    papers: int
    """Papers of it that are filed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutDossier:
    """A filed result whose dossier the register does not know."""

    record_id: str
    """The record."""
    dossier_code: str
    """Mã hồ sơ that it was filed under."""
    title: str
    """Title of the paper."""


def dossiers_without_result(
    db: Database, agencies: Sequence[str], limit: int
) -> tuple[tuple[WithoutResult, ...], tuple[str, ...]]:
    """Return settled dossiers in which no result lies, the longest settled first.

    Those whose rows are damaged are named beside them, by their codes.

    Args:
        db: records.db.
        agencies: mã định danh; empty for all.
        limit: at most so many.
    """
    rows = db.salvaged(
        "SELECT code, title, settled_at, "  # noqa: S608  # our own words
        "(SELECT count(*) FROM procedure_result WHERE dossier_code = dossier.code) AS results, "
        "(SELECT count(*) FROM link WHERE link.dossier_code = dossier.code) AS papers "
        f"FROM dossier WHERE settled_at IS NOT NULL AND {_IN_SCOPE} "
        "AND NOT EXISTS (SELECT 1 FROM link WHERE link.dossier_code = dossier.code "
        "AND link.role = 'result') AND NOT EXISTS (SELECT 1 FROM destroyed_link WHERE "
        "destroyed_link.dossier_code = dossier.code AND destroyed_link.role = 'result') "
        "ORDER BY settled_at, code LIMIT :limit",
        _scope(agencies, limit),
    )
    by_code = {row["code"]: row for row in rows}
    whole, damaged = read_each(lambda code: _without_result(by_code[code]), by_code)
    return tuple(whole.values()), tuple(damaged)


def _without_result(row: Mapping[str, Any]) -> WithoutResult:
    require_whole(row)
    return WithoutResult(
        code=row["code"],
        title=row["title"],
        settled_at=date.fromisoformat(row["settled_at"]),
        registered_results=row["results"],
        papers=row["papers"],
    )


def results_without_dossier(
    db: Database, agencies: Sequence[str], limit: int
) -> tuple[tuple[WithoutDossier, ...], tuple[str, ...]]:
    """Return filed results of dossiers that are not registered, the oldest first.

    Those whose rows are damaged are named beside them, by their ids.

    Args:
        db: records.db.
        agencies: mã định danh, with which the code of an unregistered dossier begins; empty for
            all.
        limit: at most so many.
    """
    rows = db.salvaged(
        "SELECT record.id AS record_id, link.dossier_code, record.title FROM link "  # noqa: S608  # our own words
        "JOIN record ON record.number = link.record WHERE link.role = 'result' "
        f"AND {_UNREGISTERED_IN_SCOPE} AND NOT EXISTS "
        "(SELECT 1 FROM dossier WHERE dossier.code = link.dossier_code) "
        "ORDER BY record.number LIMIT :limit",
        _scope(agencies, limit),
    )
    by_id = {(row["record_id"], row["dossier_code"]): row for row in rows}
    whole, damaged = read_each(lambda place: _without_dossier(by_id[place]), by_id)
    return tuple(whole.values()), tuple(record_id for record_id, _ in damaged)


def _without_dossier(row: Mapping[str, Any]) -> WithoutDossier:
    require_whole(row)
    return WithoutDossier(**row)


def _scope(agencies: Sequence[str], limit: int) -> dict[str, object]:
    return {
        "all": not agencies,
        "agencies": canonical_text(sorted(agencies)),
        "limit": limit,
    }
