"""What the index holds of one dossier: its code, title and names, and what its papers are called.

A name is several frequent syllables: on whole papers it is slow to find. Here pairs of syllables
that stand together are words of their own, and a dossier is found by words of all its papers.
"""

from __future__ import annotations

from itertools import pairwise

from storage.canonical import canonical_text
from storage.database import Database
from storage.fold import spellings
from storage.index_entry import HOLDER_FIELDS, DossierFacts, Entry, both_forms, limits_of
from storage.joined_codes import joined_codes
from storage.query import Query

# A folder may be dropped under one code by the thousand; its newest papers name it well enough.
MAX_PAPERS = 200


def dossier_columns(entry: Entry) -> dict[str, str]:
    """Return what each column of the index holds: words in its form, parted by blanks."""
    lines = entry.text.split("\n")
    pairs = {pair for line in lines for pair in _pairs([word for _, word in spellings(line)])}
    return {"t": both_forms(lines, pairs | joined_codes(entry.text)), "a": entry.tokens}


def pairs_of(query: Query) -> str:
    """Return the FTS5 expression of the syllables that a query wants together; empty for none."""
    together = [
        pair
        for term in query.terms
        if not term.is_prefix and not term.code
        for pair in _pairs([word.folded for word in term.words])
    ]
    quoted = (f'"{pair}"' for pair in together)
    return f"t : ({' AND '.join(quoted)})" if together else ""


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
    told = [facts.code, facts.title, facts.applicant, facts.procedure_code, facts.procedure_title]
    kinds = sorted({paper["class_name"] for paper in papers})
    pairs = {("agency", facts.agency_code), ("procedure", facts.procedure_code)}
    pairs |= {("dossier", facts.code), *(("holder", name) for name in names)}
    for paper in papers:
        pairs |= {(kind, paper[kind]) for kind in ("class_code", "verdict", "year", "role")}
    lines = dict.fromkeys(line for line in (*told, *names, *kinds) if line)
    return Entry(text="\n".join(lines), limits=limits_of(pairs))


def _pairs(words: list[str]) -> list[str]:
    return [f"{first}_{second}" for first, second in pairwise(words)]
