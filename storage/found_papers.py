"""What a list of answers shows of the papers found: three questions for a page of them.

A whole record takes five questions each, and most of what they bring no list shows. A paper whose
rows are damaged hides no other: it is named.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from storage.canonical import canonical_text
from storage.damaged_rows import read_each, require_whole
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
# Nothing but a destruction takes a record away.
_LOST = (
    "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT record_id FROM destroyed_record) "
    "ORDER BY key"
)
Row = dict[str, Any]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPapers:
    """The papers of a list."""

    whole: dict[str, FoundPaper]
    """By the ids of their records, in the order asked for."""
    damaged: tuple[str, ...]
    """Ids of those whose rows are damaged or lost."""


def found_papers(db: Database, wanted: Mapping[str, Collection[int]]) -> FoundPapers:
    """Return papers by the ids of their records; those that were destroyed are left out.

    Args:
        db: records.db.
        wanted: which pages of each are wanted, from 1.
    """
    rows = {row["id"]: row for row in db.salvaged(_PAPERS, (canonical_text(list(wanted)),))}
    numbers = {row["number"]: record_id for record_id, row in rows.items()}
    linked = db.salvaged(_LINKS, (canonical_text(list(numbers)),))
    links = {number: list(found) for number, found in groupby(linked, itemgetter("record"))}
    asked = [[number, page] for number, name in numbers.items() for page in wanted[name]]
    pages: dict[int, list[Row]] = {}
    for part in db.salvaged(_PAGES, (canonical_text(asked),)):
        pages.setdefault(part["record"], []).append(part)

    def read(record_id: str) -> FoundPaper:
        number = rows[record_id]["number"]
        return _found(rows[record_id], links.get(number, []), pages.get(number, []))

    whole, damaged = read_each(read, rows)
    lost = [record_id for record_id in wanted if record_id not in rows]
    if lost:
        damaged += db.values(_LOST, (canonical_text(lost),))
    return FoundPapers(whole=whole, damaged=tuple(damaged))


def _found(row: Row, links: Sequence[Row], pages: Sequence[Row]) -> FoundPaper:
    for part in (row, *links, *pages):
        require_whole(part)
    return FoundPaper(
        **{**row, "filed_at": read_evidence_time(row["filed_at"])},
        links=tuple(map(link_of, links)),
        pages={part["number"]: page_of(part) for part in pages},
    )
