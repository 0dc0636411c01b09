"""The search index: papers and dossiers in two spellings, in a file that can be made anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

from storage.cursor import Place, read_cursor, write_cursor
from storage.database import Database
from storage.index_check import fingerprints, is_in_order, is_row_held
from storage.index_entry import (
    DossierFacts,
    Entry,
    digest_of,
    dossier_words,
    entry_of,
    paper_words,
    token,
    unpacked,
)
from storage.index_tables import MIGRATIONS
from storage.index_writer import IndexWriter, Pages
from storage.matches import Matches
from storage.model import PageText, Record
from storage.near_words import near_words
from storage.page_hits import Texts
from storage.query import NO_VARIANTS, parse_query
from storage.rows import DOSSIERS, PAPERS, Rows, Shelf
from storage.search_values import (
    DossierHit,
    Filters,
    Hit,
    SearchHit,
    SearchPage,
    SearchRequest,
)
from storage.tiers import Tiers

# The index is the door to its values.
__all__ = [
    "DossierFacts",
    "DossierHit",
    "Filters",
    "Hit",
    "SearchHit",
    "SearchIndex",
    "SearchPage",
    "SearchRequest",
]

MAX_LIMIT = 1_000


class SearchIndex:
    """The index of one archive.

    Args:
        db: search.db; derived, may be deleted and rebuilt.
        pages: gives the pages of a record by its filing number.
    """

    def __init__(self, db: Database, pages: Pages) -> None:
        self._db = db
        self._pages = pages
        self._writer = IndexWriter(db, pages)
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

    def add(self, record: Record, dossiers: Sequence[DossierFacts] = ()) -> bool:
        """Index a record, in place of what was indexed of it before.

        Returns:
            False, and nothing is added, where what was indexed before cannot be taken out: then
            the whole index is to be made anew.
        """
        return self._writer.add(record, dossiers)

    def remove(self, record_id: str) -> bool:
        """Forget a record; nothing happens where it is not indexed.

        Returns:
            Whether no word of it is left. Where its pages are not the ones that were indexed, its
            words stay until the index is made anew, but it is found no more.
        """
        return self._writer.remove(record_id)

    def take_out(self, number: int) -> bool:
        """Forget the record with a filing number; as `remove`, and without looking through all."""
        self.prepare()
        return self._writer.take_out(number)

    def put_dossier(self, code: str, entry: Entry | None) -> None:
        """Index a dossier in place of what was indexed of it before; None takes it out."""
        self._writer.put_dossier(code, entry)

    def dossiers_of(self, number: int) -> tuple[str, ...]:
        """Return the codes of the indexed dossiers that an indexed record names."""
        row = self._db.row("SELECT packed FROM entry WHERE record = ?", (number,))
        entry = unpacked(row["packed"]) if row else None
        query = "SELECT code FROM dossier WHERE code = ?"
        lines = entry.text.split("\n") if entry else ()
        return tuple(line for line in lines if self._db.row(query, (line,)) is not None)

    def clear(self) -> None:
        """Forget everything."""
        with self._db.transaction():
            self._writer.clear()
            self.set_watermark(0, "")

    def rebuild(self, records: Iterable[tuple[Record, Sequence[DossierFacts]]]) -> int:
        """Index these records and nothing else, in one transaction; return how many."""
        with self._db.transaction():
            self.clear()
            return sum(self.add(record, dossiers) for record, dossiers in records)

    def optimize(self) -> None:
        """Bring the index into one piece: smaller, and quicker to search."""
        with self._db.transaction():
            for table in ("paper_fts", "dossier_fts"):
                self._db.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")  # noqa: S608  # our own names
        self._db.execute("VACUUM")

    def watermark(self) -> tuple[int, str]:
        """Return the last change of records.db that is in the index, and the id of its record."""
        row = self._db.row("SELECT change, record FROM watermark")
        return (row["change"], row["record"]) if row else (0, "")

    def set_watermark(self, change: int, record_id: str) -> None:
        """Note the last change that is in the index."""
        self._db.execute("UPDATE watermark SET change = ?, record = ?", (change, record_id))

    def passed_over(self) -> set[int]:
        """Return the filing numbers of the records that could not be read to be indexed."""
        return set(self._db.values("SELECT record FROM passed_over"))

    def pass_over(self, numbers: Iterable[int]) -> None:
        """Note which records could not be read to be indexed, these and no others."""
        with self._db.transaction():
            self._db.execute("DELETE FROM passed_over")
            self._db.execute_each(
                "INSERT INTO passed_over (record) VALUES (?)", ((each,) for each in numbers)
            )

    def count_passed_over(self) -> int:
        """Return how many of them are found by what was indexed of them before."""
        row = self._db.row("SELECT count(*) AS n FROM passed_over JOIN entry USING (record)")
        return int(row["n"]) if row else 0

    def search(
        self, request: SearchRequest, is_shown: Callable[[int], bool] | None = None
    ) -> SearchPage:
        """Answer one page of a search; no query can make it fail.

        Args:
            request: What is asked.
            is_shown: Tells of the filing number of a paper whether it may be told of; all may,
                where none is given. Pages are filled with those, and cursors stand on them.

        Raises:
            BadCursor: `after` is not a cursor of this search.
            DatabaseDamaged: search.db is broken; make it anew.
        """
        self.prepare()
        place = read_cursor(request)
        texts = self._texts(request)
        if texts is None:
            return SearchPage()
        shelf = _shelf(request)
        found = self._matches(shelf, texts).ask(request.order, place)
        name = "id" if shelf is PAPERS else "code"
        query = f"SELECT {name} AS name FROM {shelf.table} WHERE {shelf.number} = ?"  # noqa: S608  # our own names
        named = ((at, self._db.row(query, (at.number,))) for at in found.places)
        # A row without an entry is one that could only be hidden; see `remove`.
        standing = (
            (at, row["name"])
            for at, row in named
            if row is not None and (is_shown is None or is_shown(at.number))
        )
        limit = min(max(request.limit, 1), MAX_LIMIT)
        answers = list(islice(standing, limit + 1))
        shown = answers[:limit]
        is_last = len(answers) <= limit
        count, more = found.count
        return SearchPage(
            records=_papers(shown, texts) if shelf is PAPERS else (),
            dossiers=tuple(DossierHit(code=code, tier=at.tier) for at, code in shown)
            if shelf is DOSSIERS
            else (),
            next=None if is_last else write_cursor(request, shown[-1][0]),
            count=count,
            more=more,
            newest=found.newest,
        )

    def newest(self, request: SearchRequest, limit: int) -> list[int]:
        """Return the filing numbers of the newest papers that match, whatever their tier."""
        self.prepare()
        texts = self._texts(request)
        return [] if texts is None else self._matches(_shelf(request), texts).newest(limit)

    def indexed(self) -> dict[int, str]:
        """Return filing number and id of all indexed records."""
        return {row["record"]: row["id"] for row in self._db.rows("SELECT record, id FROM entry")}

    def holds(self, records: Mapping[int, str]) -> bool:
        """Tell whether any of some records, by filing number and id, is indexed."""
        query = "SELECT 1 FROM entry WHERE record = ? AND id = ?"
        return any(self._db.row(query, known) is not None for known in records.items())

    def count(self) -> int:
        """Return how many records are indexed."""
        row = self._db.row("SELECT count(*) AS n FROM entry")
        return int(row["n"]) if row else 0

    def fingerprints(self) -> dict[int, int]:
        """Return a number for each row of the index, for `is_current`; reads all of it."""
        with self._db.snapshot():
            return fingerprints(self._db.tables, PAPERS.index)

    def is_current(
        self, record: Record, dossiers: Sequence[DossierFacts], held: Mapping[int, int]
    ) -> bool:
        """Tell whether the index holds just what indexing a record now would write.

        Args:
            record: The record.
            dossiers: What the register says of its dossiers.
            held: What `fingerprints` gave.
        """
        entry = entry_of(record, dossiers)
        words = paper_words(entry, record.pages)
        row = self._db.row(
            "SELECT id, packed, digest FROM entry WHERE record = ?", (record.number,)
        )
        if row is None or (row["id"], row["digest"]) != (record.id, digest_of(words)):
            return False
        found = held.get(record.number, 0)
        return unpacked(row["packed"]) == entry and is_row_held(PAPERS.index, words, found)

    def stale_dossiers(self, wanted: Callable[[str], Entry | None]) -> list[str]:
        """Return the codes of indexed dossiers whose rows are not as indexing would write them.

        Args:
            wanted: Gives what is to be indexed of a dossier.
        """
        with self._db.snapshot():
            held = fingerprints(self._db.tables, DOSSIERS.index)
            rows = self._db.rows("SELECT * FROM dossier ORDER BY number")
        # Words of a dossier that is not there have no other name than that of the file.
        stale = [self._db.path.name] if held.keys() - {row["number"] for row in rows} else []
        for row in rows:
            entry, found = unpacked(row["packed"]), held.get(row["number"], 0)
            if (
                entry is None
                or entry != wanted(row["code"])
                or not is_row_held(DOSSIERS.index, dossier_words(entry), found)
            ):
                stale.append(row["code"])
        return stale

    def is_sound(self) -> bool:
        """Tell whether the index file is whole and has as many rows as it should."""
        with self._db.transaction():
            for table in ("paper_fts", "dossier_fts"):
                self._db.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")  # noqa: S608  # our own names
        with self._db.snapshot():  # what is counted here and there is of one moment
            counted = self._db.row(
                "SELECT (SELECT count(*) FROM entry) = (SELECT count(*) FROM paper_fts_docsize) "
                "AND (SELECT count(*) FROM dossier) = "
                "(SELECT count(*) FROM dossier_fts_docsize) AS ok"
            )
            is_kept = (
                counted is not None
                and bool(counted["ok"])
                and all(is_in_order(self._db.tables, shelf.index) for shelf in (PAPERS, DOSSIERS))
            )
        return is_kept and self._db.is_sound()

    def _matches(self, shelf: Shelf, texts: Texts) -> Matches:
        rows = Rows(db=self._db, shelf=shelf)
        return Matches(rows=rows, tiers=texts.tiers, fits=texts.fits)

    def _texts(self, request: SearchRequest) -> Texts | None:
        """Return what a request asks for and where it is read; None where nothing can be found."""
        query = parse_query(request.query)
        if not query.terms and not query.is_blank:
            return None
        is_paper = request.kind == "papers"
        tiers = Tiers(
            query=query,
            scope=_scope(request.filters),
            overlay=request.overlay and is_paper,
            variants=near_words(self._db, query) if request.near and is_paper else NO_VARIANTS,
        )
        rows = Rows(db=self._db, shelf=_shelf(request))

        def lines(number: int) -> Sequence[str]:
            entry = rows.entry(number)
            return entry.lines if entry is not None else ()

        return Texts(tiers=tiers, pages=self._pages if is_paper else _no_pages, lines=lines)


def _shelf(request: SearchRequest) -> Shelf:
    return PAPERS if request.kind == "papers" else DOSSIERS


def _no_pages(_number: int) -> tuple[PageText, ...]:
    return ()


def _papers(shown: Sequence[tuple[Place, str]], texts: Texts) -> tuple[SearchHit, ...]:
    return tuple(
        SearchHit(record_id=record_id, tier=at.tier, hits=texts.hits(at.number, at.tier))
        for at, record_id in shown
    )


def _scope(filters: Filters) -> str:
    """Return the FTS5 expression of the filters: tokens only, never text of a person."""
    parts = []
    for name in Filters.__slots__:
        values = getattr(filters, name)
        if values:
            tokens = (f'"{token(name, value)}"' for value in values)
            parts.append(f"({' OR '.join(tokens)})")
    return f"({' AND '.join(parts)})" if parts else ""
