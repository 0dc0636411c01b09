"""Puts papers and dossiers into the index, and takes them out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from storage.database import Database
from storage.index_entry import (
    DossierFacts,
    Entry,
    digest_of,
    dossier_words,
    entry_of,
    paper_words,
    unpacked,
)
from storage.model import PageText, Record

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
            if not self.take_out(record.number):
                return False
            entry = entry_of(record, dossiers)
            words = paper_words(entry, record.pages)
            self._write("paper_fts", record.number, words, is_new=True)
            self._db.execute(
                "INSERT INTO entry (record, id, packed, digest) VALUES (?, ?, ?, ?)",
                (record.number, record.id, entry.packed(), digest_of(words)),
            )
        return True

    def remove(self, record_id: str) -> bool:
        """Forget a record; nothing happens where it is not indexed.

        Returns:
            Whether no word of it is left. Where its pages are not the ones that were indexed, its
            words stay until the index is made anew, but it is found no more.
        """
        with self._db.transaction():
            row = self._db.row("SELECT record FROM entry WHERE id = ?", (record_id,))
            return row is None or self.take_out(row["record"])

    def take_out(self, number: int) -> bool:
        """Forget the record with a filing number; as `remove`."""
        row = self._db.row("SELECT * FROM entry WHERE record = ?", (number,))
        if row is None:
            return True
        entry = unpacked(row["packed"])
        words = paper_words(entry, self._pages(number)) if entry else []
        is_same: bool = digest_of(words) == row["digest"]
        if is_same:
            self._write("paper_fts", number, words, is_new=False)
        self._db.execute("DELETE FROM entry WHERE record = ?", (number,))
        return is_same

    def put_dossier(self, code: str, entry: Entry | None) -> None:
        """Index a dossier in place of what was indexed of it before; None takes it out."""
        with self._db.transaction():
            row = self._db.row("SELECT * FROM dossier WHERE code = ?", (code,))
            if row is not None:
                old = unpacked(row["packed"])
                if old == entry:
                    return
                if old is not None:
                    self._write("dossier_fts", row["number"], dossier_words(old), is_new=False)
                self._db.execute("DELETE FROM dossier WHERE code = ?", (code,))
            if entry is not None:
                number = self._db.execute(
                    "INSERT INTO dossier (number, code, packed) VALUES (?, ?, ?)",
                    (row["number"] if row else None, code, entry.packed()),
                ).lastrowid
                self._write("dossier_fts", number or 0, dossier_words(entry), is_new=True)

    def clear(self) -> None:
        """Forget everything."""
        with self._db.transaction():
            for table in ("paper_fts", "dossier_fts"):
                self._db.execute(f"INSERT INTO {table} ({table}) VALUES ('delete-all')")  # noqa: S608  # our own names
            for table in ("entry", "dossier", "passed_over"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608  # our own names

    def _write(self, index: str, number: int, words: Sequence[str], *, is_new: bool) -> None:
        """Put the words of a row in, or take them out."""
        order, value = ("", "") if is_new else (f"{index}, ", "'delete', ")
        self._db.execute(
            f"INSERT INTO {index} ({order}rowid, words) VALUES ({value}?, ?)",  # noqa: S608  # our own names
            (number, " ".join(words)),
        )
