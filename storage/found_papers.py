"""What a list of answers shows of the papers found: three questions for a page of them.

A whole record takes five questions each, and most of what they bring no list shows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from storage.canonical import canonical_text
from storage.database import Database
from storage.model import Link, PageText
from storage.records import link_of, page_of
from storage.times import read_evidence_time

_PAPERS = (
    "SELECT record.id, number, class_code, title, original_sha256, pdf_sha256, verdict, filed_at "
    "FROM json_each(?) AS asked CROSS JOIN record ON record.id = asked.value"
)
_LINKS = (
    "SELECT record, dossier_code, role, ordinal, procedure_result_code FROM link "
    "WHERE record IN (SELECT value FROM json_each(?)) ORDER BY record, seq"
)
_PAGES = (
    "SELECT page.* FROM json_each(?) AS asked CROSS JOIN page "
    "ON page.record = asked.value ->> 0 AND page.number = asked.value ->> 1"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPaper:
    """A record, as far as a list shows it."""

    id: str
    """Of the record."""
    number: int
    """Filing number."""
    class_code: str
    """Mã loại giấy tờ."""
    title: str
    """Its title; empty where it has none."""
    original_sha256: str
    """Object of what was scanned."""
    pdf_sha256: str
    """Object of the preservation copy."""
    verdict: str
    """Overall indication at filing."""
    filed_at: datetime
    """When, aware."""
    links: tuple[Link, ...]
    """Its places in dossiers, the first one first."""
    pages: Mapping[int, PageText]
    """The pages that were asked for, by number."""


def found_papers(db: Database, wanted: Mapping[str, Collection[int]]) -> dict[str, FoundPaper]:
    """Return papers by the ids of their records; those that are not there any more are left out.

    Args:
        db: records.db.
        wanted: which pages of each are wanted, from 1.
    """
    rows = db.rows(_PAPERS, (canonical_text(list(wanted)),))
    linked = db.rows(_LINKS, (canonical_text([row["number"] for row in rows]),))
    links = {
        number: tuple(map(link_of, found))
        for number, found in groupby(linked, itemgetter("record"))
    }
    asked = [[row["number"], page] for row in rows for page in wanted[row["id"]]]
    pages: dict[int, dict[int, PageText]] = {}
    for part in db.rows(_PAGES, (canonical_text(asked),)):
        pages.setdefault(part["record"], {})[part["number"]] = page_of(part)
    return {
        row["id"]: FoundPaper(
            **{**row, "filed_at": read_evidence_time(row["filed_at"])},
            links=links.get(row["number"], ()),
            pages=pages.get(row["number"], {}),
        )
        for row in rows
    }
