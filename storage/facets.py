"""How many of the papers found are of which agency, kind, year, verdict: of the newest ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from storage.canonical import canonical_text
from storage.database import Database
from storage.scopes import AGENCY, IN_SCOPE

COUNTED = 1_000
"""So many of the newest matches are counted: counting all would cost more than finding them."""

_AMONG = "IN (SELECT value FROM json_each(:numbers))"
_OF_RECORDS = "FROM record WHERE number " + _AMONG
_LINKS = "FROM link LEFT JOIN dossier ON dossier.code = link.dossier_code WHERE link.record "
_OF_LINKS = f"{_LINKS}{_AMONG} AND (:scope = '[]' OR {IN_SCOPE})"
_QUERIES = {
    "agency": f"SELECT {AGENCY} AS value, count(DISTINCT link.record) AS n {_OF_LINKS}",
    "procedure": "SELECT dossier.procedure_code AS value, count(DISTINCT link.record) AS n "
    + _OF_LINKS,
    "role": f"SELECT link.role AS value, count(DISTINCT link.record) AS n {_OF_LINKS}",
    "class_code": f"SELECT class_code AS value, count(*) AS n {_OF_RECORDS}",
    "verdict": f"SELECT verdict AS value, count(*) AS n {_OF_RECORDS}",
    "year": f"SELECT strftime('%Y', filed_at, '+7 hours') AS value, count(*) AS n {_OF_RECORDS}",
}
_OUTSIDE = f"SELECT DISTINCT link.record AS number {_LINKS}{_AMONG} AND NOT {IN_SCOPE}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetCount:
    """How many of the papers counted have a value."""

    value: str
    """As a filter takes it."""
    count: int
    """Papers that have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """What a search could be narrowed by; each list the most frequent first."""

    of: int
    """Papers counted: the newest that match, 1,000 at most."""
    agency: tuple[FacetCount, ...]
    """Mã định danh of the agencies."""
    procedure: tuple[FacetCount, ...]
    """Mã thủ tục."""
    role: tuple[FacetCount, ...]
    """Roles in a dossier."""
    class_code: tuple[FacetCount, ...]
    """Mã loại giấy tờ."""
    verdict: tuple[FacetCount, ...]
    """Overall indications at filing."""
    year: tuple[FacetCount, ...]
    """Years of filing, Vietnam time."""


def count_facets(db: Database, numbers: Sequence[int], scope: Sequence[str] = ()) -> Facets:
    """Count what papers have, by filing number.

    Args:
        db: records.db.
        numbers: what `SearchIndex.newest` gave.
        scope: agencies of whose dossiers alone something is told; empty for all.
    """
    among = {"numbers": canonical_text(list(numbers)), "scope": canonical_text(list(scope))}
    counted = {
        name: tuple(
            FacetCount(value=row["value"], count=row["n"])
            for row in db.rows(f"{query} GROUP BY value ORDER BY n DESC, value", among)
            if row["value"]
        )
        for name, query in _QUERIES.items()
    }
    return Facets(of=len(numbers), **counted)


def partly_outside(db: Database, numbers: Sequence[int], scope: Sequence[str]) -> set[int]:
    """Return which of some papers also lie in dossiers of agencies outside a scope."""
    among = {"numbers": canonical_text(list(numbers)), "scope": canonical_text(list(scope))}
    return {row["number"] for row in db.rows(_OUTSIDE, among)}
