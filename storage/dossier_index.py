"""What the index holds of one dossier: its code, title and names, and what its papers are called.

So a dossier is found by words of all its papers together.
"""

from __future__ import annotations

from storage.canonical import canonical_text
from storage.database import Database
from storage.index_entry import HOLDER_FIELDS, DossierFacts, Entry, limits_of, told

# A folder may be dropped under one code by the thousand; its newest papers name it well enough.
MAX_PAPERS = 200


def dossier_entry(db: Database, facts: DossierFacts) -> Entry | None:
    """Return what is to be indexed of a dossier; None where no paper lies in it.

    Args:
        db: records.db.
        facts: what the register says of it.
    """
    papers = db.rows(
        "SELECT link.record, link.role, record.class_code, record.class_name, "
        "record.verdict, coalesce(strftime('%Y', record.filed_at, '+7 hours'), '') AS year "
        "FROM link JOIN record ON record.number = link.record WHERE link.dossier_code = ? "
        "ORDER BY link.record DESC LIMIT ?",
        (facts.code, MAX_PAPERS),
    )
    if not papers:
        return None
    holders = db.rows(
        "SELECT DISTINCT value FROM field WHERE value <> '' "
        "AND name IN (SELECT value FROM json_each(?)) "
        "AND record IN (SELECT value FROM json_each(?)) ORDER BY value",
        (
            canonical_text(list(HOLDER_FIELDS)),
            canonical_text([paper["record"] for paper in papers]),
        ),
    )
    names = [row["value"] for row in holders]
    about = [facts.code, facts.title, facts.applicant, facts.procedure_code, facts.procedure_title]
    kinds = sorted({paper["class_name"] for paper in papers})
    pairs = {("agency", facts.agency_code), ("procedure", facts.procedure_code)}
    pairs |= {("dossier", facts.code), *(("holder", name) for name in names)}
    for paper in papers:
        pairs |= {(kind, paper[kind]) for kind in ("class_code", "verdict", "year", "role")}
    return Entry(text=told((*about, *names, *kinds)), limits=limits_of(pairs))
