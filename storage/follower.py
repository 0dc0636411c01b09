"""Keeps the search index in step with the records: it follows what is committed, and says how far.

The index lies in a file of its own, and two files are not committed as one. So each change of a
record leaves a numbered row in records.db, the index notes the last one it has seen, and whoever
opens the archive, or searches in it, makes up for what is missing.

What is filed gathers until it is worth a transaction of the index: a paper alone costs twice of
what it costs among others. So filing many papers leaves the index behind by a fraction of a second
of work, which a search does before it answers.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from storage.database import Database
from storage.dossier_index import dossier_entry
from storage.errors import StorageError
from storage.index_entry import DossierFacts, Entry
from storage.model import Record
from storage.records import RecordStore
from storage.register import Register
from storage.search import SearchIndex

_BATCH = 200
# As many as a search can index before it answers and nobody notices.
GATHERED_PAGES = 256
"""With so many pages filed and not indexed, whoever files the last one indexes them all."""
GATHERED_SECONDS = 2.0
"""After so long, whoever files next indexes what gathered."""
WORTH_PAGES = 32
"""So many are worth a transaction for one who looks after the index while others file."""
# A search waits so long for another program that is indexing, and then tells how far it is behind;
# one that keeps the index for long (it is put in order) is not asked again at once.
_HURRIED_SECONDS = 1.0
_BACK_OFF_SECONDS = 5.0
# What values that no vocabulary has raise when a row is read.
_GARBLED = (ValueError, TypeError, KeyError, AttributeError)
_UNFINISHED = (
    "SELECT record_id, leftovers ->> 'number' AS number FROM destroyed_record "
    "WHERE state = 'clearing'"
)


class IndexFollower:
    """Brings the changes of one archive into its index.

    Args:
        records: the records.
        register: what is known of their dossiers.
        db: records.db.
        search: the index.
        index_db: its database.
    """

    def __init__(
        self,
        records: RecordStore,
        register: Register,
        db: Database,
        search: SearchIndex,
        index_db: Database,
    ) -> None:
        self._records = records
        self._register = register
        self._db = db
        self._search = search
        self._index_db = index_db
        self._of_thread = threading.local()
        self._gathering = threading.Lock()
        self._pages = 0
        self._since: float | None = None
        self._not_before = 0.0

    def expect(self, pages: int) -> None:
        """Count the pages of a paper that is about to be committed."""
        with self._gathering:
            # One without a page has a description to be found by.
            self._pages += max(pages, 1)

    def gather(self) -> None:
        """Note that papers were committed, and wait to be indexed from now on."""
        with self._gathering:
            if self._since is None:
                self._since = time.monotonic()

    @property
    def has_gathered(self) -> bool:
        """Whether this process filed papers that it has not indexed."""
        return self._since is not None

    def is_due(self, pages: int) -> bool:
        """Tell whether so many pages gathered, or what gathered has waited long enough."""
        since = self._since
        if since is None:
            return False
        return self._pages >= pages or time.monotonic() - since >= GATHERED_SECONDS

    def keep_up(self) -> None:
        """Catch up before a search, where that is soon done and nobody else is at it.

        An index that is far behind is being made anew, or will be: that is not for a search to do.
        Nothing is raised: the search that follows tells what is wrong, or how far it is behind.
        """
        if self._db.is_writing or time.monotonic() < self._not_before:
            return
        try:
            if self._is_soon_done():
                with self._index_db.hurried(_HURRIED_SECONDS):
                    self._index_batch()
        except (StorageError, sqlite3.Error):
            self._not_before = time.monotonic() + _BACK_OFF_SECONDS

    def catch_up(self) -> int:
        """Index what changed since the index last looked; return how many records.

        An index of another archive, or of a later state of this one (records.db was restored), is
        made anew.

        Raises:
            DatabaseDamaged: search.db is broken; make it anew.
            DatabaseBusy: Another process is indexing.
            RuntimeError: Called inside a transaction of records.db.
        """
        if self._db.is_writing:
            # It would index rows that may yet be rolled back, and believe to have seen them.
            raise RuntimeError("the index follows what is committed; call this after the commit")
        # Before it looks: what is filed from here on is counted anew.
        with self._gathering:
            self._pages, self._since = 0, None
        self._search.prepare()
        if not self._is_ours() or self._holds_destroyed():
            self._search.clear()
        count = 0
        while self._is_behind():
            count += self._index_batch()
        return count

    def lag(self) -> int:
        """Return how far the index is behind: changes to follow, or papers it has lost."""
        self._search.prepare()
        seen, _ = self._search.watermark()
        row = self._db.row("SELECT coalesce(max(seq), 0) AS seq FROM change")
        last = int(row["seq"]) if row else 0
        # Each search asks, and counting costs more than a search of few hits: what was whole stays
        # so until a paper changes or somebody writes to the index.
        looked = (last, seen, self._index_db.version())
        if getattr(self._of_thread, "whole", None) == looked:
            return max(last - seen, 0)
        lost = abs(self._records.count() - self._search.count())
        self._of_thread.whole = None if lost else looked
        return max(last - seen, lost)

    def facts(self, record: Record) -> tuple[DossierFacts, ...]:
        """Return what search is told about the dossiers of a record."""
        return tuple(self._facts(link.dossier_code) for link in record.links)

    def stale_dossiers(self) -> list[str]:
        """Return the dossiers whose rows in the index differ from what the archive says of them."""
        return self._search.stale_dossiers(self._readable_entry)

    def _readable_entry(self, code: str) -> Entry | None:
        # Rows that cannot be read are named by the check of the records.
        with suppress(StorageError, sqlite3.Error, ValueError):
            return self._entry(code)
        return None

    def _entry(self, code: str) -> Entry | None:
        return dossier_entry(self._db, self._facts(code))

    @contextmanager
    def forgetting(self, record: Record) -> Iterator[None]:
        """Take a record out of the index, while the caller's transaction deletes its rows.

        The index is locked before records.db, so that nobody indexes the record again meanwhile.
        A kill between the two commits leaves its words; `catch_up` then makes the index anew.
        """
        self._search.prepare()
        with self._index_db.transaction():
            is_out = self._search.take_out(record.number)
            yield
            if not is_out:
                self._search.clear()
            self._step_back()
            for link in record.links:
                self._search.put_dossier(link.dossier_code, self._entry(link.dossier_code))

    def _step_back(self) -> None:
        """Let the index have seen the last change that is still there: those of a record went."""
        seen, _ = self._search.watermark()
        row = self._db.row(
            "SELECT change.seq, record.id FROM change JOIN record ON record.number = change.record "
            "WHERE change.seq <= ? ORDER BY change.seq DESC LIMIT 1",
            (seen,),
        )
        self._search.set_watermark(*((row["seq"], row["id"]) if row else (0, "")))

    def _holds_destroyed(self) -> bool:
        """Tell whether the index holds a record that was destroyed, after a kill just then."""
        return self._search.holds(
            {row["number"]: row["record_id"] for row in self._db.rows(_UNFINISHED)}
        )

    def _is_ours(self) -> bool:
        """Tell whether the last change that the index saw is a change of this archive."""
        seen, record_id = self._search.watermark()
        if seen == 0:
            return True
        row = self._db.row(
            "SELECT record.id FROM change JOIN record ON record.number = change.record "
            "WHERE change.seq = ?",
            (seen,),
        )
        return row is not None and row["id"] == record_id

    def _is_behind(self) -> bool:
        """Tell whether there is anything to index; locks nothing."""
        return bool(self._changes(1))

    def _is_soon_done(self) -> bool:
        """Tell whether one batch is all that the index lacks."""
        lacking = len(self._changes(_BATCH + 1))
        return 0 < lacking <= _BATCH and self._is_ours() and not self._holds_destroyed()

    def _changes(self, limit: int) -> list[dict[str, Any]]:
        seen, _ = self._search.watermark()
        return self._db.rows(
            "SELECT change.seq, change.record, record.id FROM change "
            "JOIN record ON record.number = change.record "
            "WHERE seq > ? ORDER BY seq LIMIT ?",
            (seen, limit),
        )

    def _index_batch(self) -> int:
        with self._index_db.transaction(whole=True):
            changes = self._changes(_BATCH)
            if changes and not self._add_all(changes):
                self._search.clear()
            elif changes:
                self._search.set_watermark(changes[-1]["seq"], changes[-1]["id"])
        return len(changes)

    def _add_all(self, changes: Sequence[dict[str, Any]]) -> bool:
        codes: dict[str, None] = {}
        for number in dict.fromkeys(change["record"] for change in changes):
            found = self._readable(number)
            if found is None:
                continue
            record, facts = found
            # A corrected paper may have left a dossier.
            codes |= dict.fromkeys(self._search.dossiers_of(number))
            codes |= dict.fromkeys(link.dossier_code for link in record.links)
            if not self._search.add(record, facts):
                return False
        for code in codes:
            with suppress(*_GARBLED):
                self._search.put_dossier(code, self._entry(code))
        return True

    def _readable(self, number: int) -> tuple[Record, tuple[DossierFacts, ...]] | None:
        """Return a record and what is said of its dossiers; None where either cannot be read.

        One damaged row must not keep all others out of the index, and searches from answering: the
        record is missing there, which `lag` tells, and the check of the records names it.
        """
        with suppress(*_GARBLED):
            record = self._records.by_number(number)
            return None if record is None else (record, self.facts(record))
        return None

    def _facts(self, code: str) -> DossierFacts:
        dossier = self._register.dossier(code)
        if dossier is None:
            # The code begins with the code of the agency that received the dossier.
            return DossierFacts(code=code, agency_code=code.partition("-")[0])
        procedure = self._register.procedure(dossier.procedure_code)
        return DossierFacts(
            code=dossier.code,
            agency_code=dossier.agency_code,
            procedure_code=dossier.procedure_code,
            title=dossier.title,
            applicant=dossier.applicant,
            procedure_title=procedure.title if procedure else "",
        )
