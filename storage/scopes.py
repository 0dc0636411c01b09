"""Which agency a dossier is of, said in SQL: for what a person's scope lets be found and opened."""

from __future__ import annotations

from collections.abc import Sequence

from storage.canonical import canonical_text
from storage.database import Database

# A dossier that is not registered has the code of its agency in its own.
AGENCY = (
    "coalesce(dossier.agency_code, substr(link.dossier_code, 1, instr(link.dossier_code, '-') - 1))"
)
"""The agency of a link's dossier; of `link`, with `dossier` joined to its left."""
IN_SCOPE = f"{AGENCY} IN (SELECT value FROM json_each(:scope))"  # noqa: S608  # our own names
_LIES_IN = (
    "SELECT 1 AS found FROM record JOIN link ON link.record = record.number "  # noqa: S608  # our own names
    "LEFT JOIN dossier ON dossier.code = link.dossier_code "
    "WHERE record.id = :id AND " + IN_SCOPE + " LIMIT 1"
)


def lies_in(db: Database, record_id: str, agencies: Sequence[str]) -> bool:
    """Tell whether a record lies in a dossier of one of some agencies; False for no record.

    Nothing of the record is read: one that is elsewhere costs what one that is nowhere costs.
    """
    told = {"id": record_id, "scope": canonical_text(list(agencies))}
    return db.row(_LIES_IN, told) is not None
