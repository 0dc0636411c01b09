"""Puts papers and dossiers into the index, and takes them out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from storage.database import Database
from storage.dossier_index import DossierText
from storage.index_entry import COLUMNS, DossierFacts, Entry, digest_of, entry_of
from storage.model import PageText, Record

_NAMES = ", ".join(COLUMNS)
_MARKS = ", ".join("?" for _ in COLUMNS)
Pages = Callable[[int], Sequence[PageText]]
"""Gives the pages of a record by its filing number."""


class IndexWriter:
    """Writes the tables of search.db.

    Args:
        db: search.db.
        pages: where the texts are; the index keeps no copy of them.
    """

    def __init__(self, db: Database, pages: Pages) -> None:
        self._db = db
        self._pages = pages

    def add(self, record: Record, dossiers: Sequence[DossierFacts]) -> bool:
        """Index a record, in place of what was indexed of it before.

        Returns:
            False, and nothing is added, where what was indexed before cannot be taken out: then
            the whole index is to be made anew.
        """
        with self._db.transaction():
            if not self.remove(record.id):
                return False
            entry = entry_of(record, dossiers)
            columns = entry.columns(record.pages)
            self._db.execute(
                f"INSERT INTO paper_fts (rowid, {_NAMES}) VALUES (?, {_MARKS})",  # noqa: S608  # our own names
                (record.number, *columns.values()),
            )
            self._db.execute(
                "INSERT INTO entry (record, id, description, tokens, digest) "
                "VALUES (?, ?, ?, ?, ?)",
                (record.number, record.id, entry.description, entry.tokens, digest_of(columns)),
            )
        return True

    def remove(self, record_id: str) -> bool:
        """Forget a record; nothing happens where it is not indexed.

        Returns:
            Whether no word of it is left. Where its pages are not the ones that were indexed, its
            words stay until the index is made anew, but it is found no more.
        """
        with self._db.transaction():
            row = self._db.row("SELECT * FROM entry WHERE id = ?", (record_id,))
            if row is None:
                return True
            number = row["record"]
            entry = Entry(description=row["description"], tokens=row["tokens"])
            columns = entry.columns(self._pages(number))
            is_same: bool = digest_of(columns) == row["digest"]
            if is_same:
                self._db.execute(
                    f"INSERT INTO paper_fts (paper_fts, rowid, {_NAMES}) "  # noqa: S608  # our own names
                    f"VALUES ('delete', ?, {_MARKS})",
                    (number, *columns.values()),
                )
            self._db.execute("DELETE FROM entry WHERE record = ?", (number,))
            return is_same

    def put_dossier(self, code: str, text: DossierText | None) -> None:
        """Index a dossier in place of what was indexed of it before; None takes it out."""
        with self._db.transaction():
            row = self._db.row("SELECT * FROM dossier WHERE code = ?", (code,))
            if row is not None:
                old = DossierText(text=row["text"], tokens=row["tokens"])
                if old == text:
                    return
                self._write_dossier(row["number"], old, is_new=False)
                self._db.execute("DELETE FROM dossier WHERE code = ?", (code,))
            if text is not None:
                number = self._db.execute(
                    "INSERT INTO dossier (number, code, text, tokens) VALUES (?, ?, ?, ?)",
                    (row["number"] if row else None, code, text.text, text.tokens),
                ).lastrowid
                self._write_dossier(number or 0, text, is_new=True)

    def clear(self) -> None:
        """Forget everything."""
        with self._db.transaction():
            for table in ("paper_fts", "dossier_fts"):
                self._db.execute(f"INSERT INTO {table} ({table}) VALUES ('delete-all')")  # noqa: S608  # our own names
            for table in ("entry", "dossier"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608  # our own names

    def _write_dossier(self, number: int, text: DossierText, *, is_new: bool) -> None:
        columns: Mapping[str, str] = text.columns()
        names, marks = ", ".join(columns), ", ".join("?" for _ in columns)
        order, value = ("", "") if is_new else ("dossier_fts, ", "'delete', ")
        self._db.execute(
            f"INSERT INTO dossier_fts ({order}rowid, {names}) VALUES ({value}?, {marks})",  # noqa: S608  # our own names
            (number, *columns.values()),
        )
