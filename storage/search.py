"""The search index: pages in two spellings, newest first, in a file that can be made anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database as Tables
from sqlite_utils import Migrations

from storage.cursor import BEFORE_ALL, read_cursor, write_cursor
from storage.database import Database
from storage.highlight import matching_line
from storage.index_check import fingerprints, is_row_held
from storage.index_entry import PAGE_FTS, DossierFacts, Row, index_rows, token
from storage.model import Record
from storage.query import Column, Query, parse_query
from storage.search_values import Filters, Hit, SearchHit, SearchPage, SearchRequest

# The index is the door to its values.
__all__ = [
    "DossierFacts",
    "Filters",
    "Hit",
    "SearchHit",
    "SearchIndex",
    "SearchPage",
    "SearchRequest",
]

MIGRATIONS = Migrations("search")
COUNT_LIMIT = 10_000
MAX_LIMIT = 1_000

# rowid = filing number * 65,536 + page number: row order is filing order, page 0 is the
# description of the record.
_PAGE_BITS = 16
_LAST_PAGE = (1 << _PAGE_BITS) - 1
_LISTED, _EXACT_PHRASE, _EXACT, _FOLDED_PHRASE, _FOLDED = range(5)
_COLUMN: dict[int, Column] = {
    _EXACT_PHRASE: "x",
    _EXACT: "x",
    _FOLDED_PHRASE: "f",
    _FOLDED: "f",
}
_PHRASES = (_EXACT_PHRASE, _FOLDED_PHRASE)
# Where words of a form stand besides the text: before their repair, and in the overlay.
_AS_READ: dict[Column, tuple[str, ...]] = {"x": (), "f": ("r",)}
_OVERLAY: dict[Column, tuple[str, ...]] = {"x": ("xo",), "f": ("fo",)}
_INSERT = "(rowid, x, f, r, xo, fo, a) VALUES (?, ?, ?, ?, ?, ?, ?)"
_DELETE = "(page_fts, rowid, x, f, r, xo, fo, a) VALUES ('delete', ?, ?, ?, ?, ?, ?, ?)"
_BODY = "text, as_read, overlay_text, tokens"


@MIGRATIONS(name="0001_pages")
def _first(tables: Tables) -> None:
    for statement in (
        """CREATE TABLE entry (
            record INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, rows INTEGER NOT NULL
        ) STRICT""",
        # Deleting from a contentless table needs the old values, and hits need the lines.
        """CREATE TABLE body (
            row INTEGER PRIMARY KEY, text TEXT NOT NULL, tokens TEXT NOT NULL
        ) STRICT""",
        PAGE_FTS,
        """CREATE TABLE watermark (
            id INTEGER PRIMARY KEY CHECK (id = 1), change INTEGER NOT NULL
        ) STRICT""",
        "INSERT INTO watermark (id, change) VALUES (1, 0)",
    ):
        tables.conn.execute(statement)


@MIGRATIONS(name="0002_overlay_and_tones")
def _overlay_and_tones(tables: Tables) -> None:
    # Made anew from the records: there are more columns, and tones have one place now.
    for statement in (
        "DROP TABLE page_fts",
        PAGE_FTS,
        "DELETE FROM body",
        "DELETE FROM entry",
        "ALTER TABLE body ADD COLUMN as_read TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE body ADD COLUMN overlay_text TEXT NOT NULL DEFAULT ''",
        "UPDATE watermark SET change = 0",
    ):
        tables.conn.execute(statement)


class SearchIndex:
    """The index of one archive.

    Args:
        db: search.db; derived, may be deleted and rebuilt.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._is_prepared = False

    def prepare(self) -> None:
        """Make the tables where they are missing.

        Raises:
            DatabaseDamaged: The file is broken; delete and rebuild it.
            SchemaTooNew: A newer program made it.
        """
        if not self._is_prepared:
            self._db.migrate(MIGRATIONS)
            self._is_prepared = True

    def add(self, record: Record, dossiers: Sequence[DossierFacts] = ()) -> None:
        """Index a record, in place of what was indexed of it before."""
        with self._db.transaction():
            self.remove(record.id)
            rows = index_rows(record, dossiers)
            for row in rows:
                rowid = (record.number << _PAGE_BITS) + row.page
                self._db.execute(
                    f"INSERT INTO body (row, {_BODY}) VALUES (?, ?, ?, ?, ?)",  # noqa: S608
                    (rowid, *_body_of(row)),
                )
                self._db.execute(
                    f"INSERT INTO page_fts {_INSERT}",
                    (rowid, *row.columns().values()),
                )
            self._db.execute(
                "INSERT INTO entry (record, id, rows) VALUES (?, ?, ?)",
                (record.number, record.id, len(rows)),
            )

    def remove(self, record_id: str) -> None:
        """Forget a record; nothing happens where it is not indexed."""
        with self._db.transaction():
            entry = self._db.row("SELECT record FROM entry WHERE id = ?", (record_id,))
            if entry is None:
                return
            bounds = _bounds(entry["record"])
            for stored in self._db.rows("SELECT * FROM body WHERE row BETWEEN ? AND ?", bounds):
                row = Row(page=0, **{name: stored[name] for name in _BODY.split(", ")})
                self._db.execute(
                    f"INSERT INTO page_fts {_DELETE}",
                    (stored["row"], *row.columns().values()),
                )
            self._db.execute("DELETE FROM body WHERE row BETWEEN ? AND ?", bounds)
            self._db.execute("DELETE FROM entry WHERE id = ?", (record_id,))

    def clear(self) -> None:
        """Forget all records."""
        with self._db.transaction():
            self._db.execute("INSERT INTO page_fts (page_fts) VALUES ('delete-all')")
            self._db.execute("DELETE FROM body")
            self._db.execute("DELETE FROM entry")
            self.set_watermark(0)

    def rebuild(self, records: Iterable[tuple[Record, Sequence[DossierFacts]]]) -> int:
        """Index these records and nothing else, in one transaction; return how many."""
        with self._db.transaction():
            self.clear()
            count = 0
            for record, dossiers in records:
                self.add(record, dossiers)
                count += 1
        return count

    def watermark(self) -> int:
        """Return the number of the last change of records.db that is in the index."""
        row = self._db.row("SELECT change FROM watermark")
        return row["change"] if row else 0

    def set_watermark(self, change: int) -> None:
        """Note the last change that is in the index."""
        self._db.execute("UPDATE watermark SET change = ?", (change,))

    def search(self, request: SearchRequest) -> SearchPage:
        """Answer one page of a search; no query can make it fail.

        Raises:
            BadCursor: `after` is not a cursor of this search.
            DatabaseDamaged: search.db is broken; make it anew.
        """
        self.prepare()
        query = parse_query(request.query)
        tier, last = read_cursor(request)
        if not query.terms and not query.is_blank:
            return SearchPage(records=(), next=None, count=0, more=False)
        limit = min(max(request.limit, 1), MAX_LIMIT)
        scope = _scope(request.filters)
        search = _Search(db=self._db, query=query, scope=scope, overlay=request.overlay)
        found = list(search.records(tier, last, limit + 1))
        shown = found[:limit]
        hits = tuple(
            SearchHit(record_id=self._id(number), hits=tuple(search.hits(number, tier)), tier=tier)
            for tier, number in shown
        )
        count, more = search.count()
        is_last = len(found) <= limit
        return SearchPage(
            records=hits,
            next=None if is_last else write_cursor(request, *shown[-1]),
            count=count,
            more=more,
        )

    def indexed(self) -> dict[int, str]:
        """Return filing number and id of all indexed records."""
        return {row["record"]: row["id"] for row in self._db.rows("SELECT record, id FROM entry")}

    def fingerprints(self) -> dict[int, int]:
        """Return a number for each row of the index, for `is_current`; reads all of it."""
        with self._db.snapshot():
            return fingerprints(self._db.tables)

    def is_current(
        self, record: Record, dossiers: Sequence[DossierFacts], held: Mapping[int, int]
    ) -> bool:
        """Tell whether the index holds just what indexing a record now would write.

        Args:
            record: The record.
            dossiers: What the register says of its dossiers.
            held: What `fingerprints` gave.
        """
        first, last = _bounds(record.number)
        query = f"SELECT row, {_BODY} FROM body WHERE row BETWEEN ? AND ? ORDER BY row"  # noqa: S608
        stored = [tuple(row.values()) for row in self._db.rows(query, (first, last))]
        rows = index_rows(record, dossiers)
        wanted = sorted((first + row.page, *_body_of(row)) for row in rows)
        return stored == wanted and all(
            is_row_held(row, held.get(first + row.page, 0)) for row in rows
        )

    def is_sound(self) -> bool:
        """Tell whether the index file is whole and has as many rows as it should."""
        with self._db.transaction():
            self._db.execute("INSERT INTO page_fts (page_fts) VALUES ('integrity-check')")
        counted = self._db.row(
            "SELECT (SELECT count(*) FROM body) AS bodies, "
            "(SELECT count(*) FROM page_fts_docsize) AS indexed, "
            "(SELECT coalesce(sum(rows), 0) FROM entry) AS wanted"
        )
        return counted is not None and len(set(counted.values())) == 1 and self._db.is_sound()

    def _id(self, number: int) -> str:
        row = self._db.row("SELECT id FROM entry WHERE record = ?", (number,))
        return row["id"] if row else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """One query against the index."""

    db: Database
    query: Query
    scope: str
    overlay: bool

    def records(self, tier: int, last: int, limit: int) -> Iterator[tuple[int, int]]:
        """Yield tier and filing number, from a place on, at most `limit`."""
        left = limit
        for current in self._tiers():
            if current < tier:
                continue
            bound = last if current == tier else BEFORE_ALL
            for number in self._numbers(current, bound, left):
                yield current, number
                left -= 1

    def hits(self, number: int, tier: int) -> Iterator[Hit]:
        """Yield the pages of a record that match."""
        if tier == _LISTED:
            return
        rows = self.db.rows(
            "SELECT body.row & 65535 AS page, text, as_read, overlay_text FROM page_fts "
            "JOIN body ON body.row = page_fts.rowid "
            "WHERE page_fts MATCH ? AND page_fts.rowid BETWEEN ? AND ? ORDER BY page_fts.rowid",
            (self._expression(tier), *_bounds(number)),
        )
        for row in rows:
            if row["page"]:
                yield from self._hits_on(row, tier)

    def _hits_on(self, row: dict[str, Any], tier: int) -> Iterator[Hit]:
        asked, form = self._asked(tier), _COLUMN[tier]
        line = matching_line(row["text"], asked, form)
        if line is None and _AS_READ[form]:
            line = matching_line(row["as_read"], asked, form)
        if line is not None:
            yield Hit(page=row["page"], line=line)
        over = matching_line(row["overlay_text"], asked, form) if self.overlay else None
        if over is not None:
            yield Hit(page=row["page"], line=over, overlay=True)

    def count(self) -> tuple[int, bool]:
        """Count the matching records; tell whether there may be more."""
        # What is spelled as typed is also found folded, so the last tier counts both.
        expression = self._expression(self._tiers()[-1])
        if not expression:
            row = self.db.row("SELECT count(*) AS records, 0 AS pages FROM entry")
        else:
            row = self.db.row(
                "SELECT count(*) AS pages, count(DISTINCT rowid >> 16) AS records FROM "
                "(SELECT rowid FROM page_fts WHERE page_fts MATCH ? LIMIT ?)",
                (expression, COUNT_LIMIT + 1),
            )
        return (row["records"], row["pages"] > COUNT_LIMIT) if row else (0, False)

    def _tiers(self) -> tuple[int, ...]:
        if not self.query.terms:
            return (_LISTED,)
        tiers: tuple[int, ...] = (_EXACT_PHRASE, _EXACT) if self.query.is_accented else ()
        tiers += (_FOLDED_PHRASE, _FOLDED)
        if self.query.as_phrase() is None:
            return tuple(tier for tier in tiers if tier not in _PHRASES)
        return tiers

    def _asked(self, tier: int) -> Query:
        return (self.query.as_phrase() or self.query) if tier in _PHRASES else self.query

    def _numbers(self, tier: int, last: int, limit: int) -> Iterator[int]:
        rows = self._rows(self._expression(tier), last)
        before = None
        left = limit
        for row in rows:
            if left <= 0:
                return
            number = row["record"]
            if number != before and not self._is_above(number, tier):
                yield number
                left -= 1
            before = number

    def _rows(self, expression: str, last: int) -> Iterator[dict[str, Any]]:
        if not expression:
            return self.db.iterate(
                "SELECT record FROM entry WHERE record < ? ORDER BY record DESC", (last,)
            )
        return self.db.iterate(
            "SELECT rowid >> 16 AS record FROM page_fts WHERE page_fts MATCH ? AND rowid < ? "
            "ORDER BY rowid DESC",
            (expression, last << _PAGE_BITS),
        )

    def _is_above(self, number: int, tier: int) -> bool:
        query = "SELECT 1 FROM page_fts WHERE page_fts MATCH ? AND rowid BETWEEN ? AND ? LIMIT 1"
        return any(
            self.db.row(query, (self._expression(above), *_bounds(number))) is not None
            for above in self._tiers()
            if above < tier
        )

    def _expression(self, tier: int) -> str:
        if tier == _LISTED:
            return self.scope
        form = _COLUMN[tier]
        others = _AS_READ[form] + (_OVERLAY[form] if self.overlay else ())
        expression = self._asked(tier).expression(form, *others)
        return f"({expression}) AND {self.scope}" if self.scope else expression


def _body_of(row: Row) -> tuple[str, ...]:
    return (row.text, row.as_read, row.overlay_text, row.tokens)


def _bounds(number: int) -> tuple[int, int]:
    return number << _PAGE_BITS, (number << _PAGE_BITS) + _LAST_PAGE


def _scope(filters: Filters) -> str:
    """Return the FTS5 expression of the filters: tokens only, never text of a person."""
    parts = []
    for name in Filters.__slots__:
        values = getattr(filters, name)
        if values:
            parts.append(f"({' OR '.join(token(name, value) for value in values)})")
    return f"a : ({' AND '.join(parts)})" if parts else ""
