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
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from storage.damaged_rows import GARBLED, read_each
from storage.database import Database
from storage.dossier_index import dossier_entry
from storage.errors import DatabaseDamaged, StorageError
from storage.index_entry import DossierFacts, Entry
from storage.index_order import IndexOrder
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
# So often it is seen whether what could not be read can be now.
_LOOK_AGAIN_SECONDS = 60.0
# So many changes at most are counted by their papers: who is further behind is far behind.
_COUNTED_CHANGES = 10_000
_WAITING = (
    "SELECT count(DISTINCT record) AS n FROM "
    "(SELECT record FROM change WHERE seq > ? ORDER BY seq LIMIT ?)"
)
# As bytes: a flipped bit can make text that the driver refuses to decode.
_ID = "CAST(record.id AS BLOB) AS id"
_UNFINISHED = (
    "SELECT record_id, leftovers ->> 'number' AS number FROM destroyed_record "
    "WHERE state = 'clearing'"
)


class _TangledError(Exception):
    """Words of the index belong to texts that are no more: it is to be made anew."""


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
        self._order = IndexOrder(index_db)
        self._of_thread = threading.local()
        self._gathering = threading.Lock()
        self._pages = 0
        self._since: float | None = None
        self._not_before = 0.0
        self._look_again = 0.0
        # The last of those that could not be read and were looked at again.
        self._tried = 0

    def expect(self, pages: int) -> None:
        """Count the pages of a paper that is about to be committed."""
        with self._gathering:
            # One without a page has a description to be found by.
            self._pages += max(pages, 1)

    def gather(self) -> None:
        """Note that papers were committed; index them where enough wait."""
        with self._gathering:
            if self._since is None:
                self._since = time.monotonic()
        if self._is_due(GATHERED_PAGES):
            self.follow()

    def look_after(self, *, is_idle: bool) -> None:
        """Index what gathered while others file, or go on where there is nothing else to do."""
        if self._is_due(1 if is_idle else WORTH_PAGES):
            self.follow()
        elif is_idle and time.monotonic() >= self._not_before:
            try:
                self._follow_on()
            except (StorageError, sqlite3.Error):
                self._not_before = time.monotonic() + _BACK_OFF_SECONDS

    def follow(self) -> None:
        """Catch up as far as it can be done.

        What is filed is filed: trouble of the index, which can be derived again, must not make a
        caller believe otherwise. What lacks stays visible (`lag`), and searching says so.
        """
        with suppress(StorageError, sqlite3.Error):
            self.catch_up()

    @property
    def has_gathered(self) -> bool:
        """Whether this process filed papers that it has not indexed."""
        return self._since is not None

    def _is_due(self, pages: int) -> bool:
        """Tell whether so many pages gathered, or what gathered has waited long enough."""
        since = self._since
        if since is None:
            return False
        return self._pages >= pages or time.monotonic() - since >= GATHERED_SECONDS

    def keep_up(self) -> None:
        """Catch up before a search, where that is soon done and nobody else is at it.

        An index that is far behind, or of which a row cannot be taken out, is to be made anew: that
        is not for a search to do. Whoever opens the archive next does, or files, or has nothing
        else to do (`look_after`); until then it answers as it stands, and says so.
        Nothing is raised: the search that follows tells what is wrong, or how far it is behind.
        """
        if self._db.is_writing or time.monotonic() < self._not_before:
            return
        try:
            if self._is_soon_done():
                with self._index_db.hurried(_HURRIED_SECONDS):
                    self._index_batch()
        except (_TangledError, StorageError, sqlite3.Error):
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
        while taken := self._take_up_repaired():
            count += taken
        while self._is_behind():
            count += self._index_next()
        return count

    def _follow_on(self) -> None:
        """Take one step of what whoever is idle may do: index, begin anew, repair, put in order."""
        self._search.prepare()
        # Scans that come meanwhile must not wait for who keeps the index.
        with self._index_db.hurried(_HURRIED_SECONDS):
            if self._is_behind():
                self._index_next()
            elif time.monotonic() >= self._look_again:
                self._take_up_repaired()
            else:
                self._order.step()

    def lag(self) -> int:
        """Return how many papers the index is behind with: they wait, are lost or cannot be read.

        Of those that wait, some 10,000 changes are looked at.
        """
        self._search.prepare()
        seen, _ = self._search.watermark()
        row = self._db.row("SELECT coalesce(max(seq), 0) AS seq FROM change")
        last = int(row["seq"]) if row else 0
        waiting = 0
        if last > seen:
            counted = self._db.row(_WAITING, (seen, _COUNTED_CHANGES))
            waiting = int(counted["n"]) if counted else 0
        # Each search asks, and counting costs more than a search of few hits: what was whole stays
        # so until a paper changes or somebody writes to the index.
        looked = (last, seen, self._index_db.version())
        if getattr(self._of_thread, "whole", None) == looked:
            return waiting
        lost = abs(self._records.count() - self._search.count())
        stale = self._search.count_passed_over()
        self._of_thread.whole = None if lost or stale else looked
        return max(waiting, lost + stale)

    def passed_over(self) -> int:
        """Return how many papers changed so that they, or their dossiers, cannot be read."""
        self._search.prepare()
        return len(self._search.passed_over())

    def facts(self, record: Record) -> tuple[DossierFacts, ...]:
        """Return what search is told about the dossiers of a record."""
        return tuple(self._facts(link.dossier_code) for link in record.links)

    def stale_dossiers(self) -> list[str]:
        """Return the dossiers whose rows in the index differ from what the archive says of them."""
        return self._search.stale_dossiers(self._readable_entry)

    def _readable_entry(self, code: str) -> Entry | None:
        # Rows that cannot be read are named by the check of the records.
        with suppress(DatabaseDamaged, *GARBLED):
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
            f"SELECT change.seq, {_ID} FROM change JOIN record ON record.number = change.record "  # noqa: S608  # our own words
            "WHERE change.seq <= ? ORDER BY change.seq DESC LIMIT 1",
            (seen,),
        )
        self._search.set_watermark(*((row["seq"], _text(row["id"])) if row else (0, "")))

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
            f"SELECT {_ID} FROM change JOIN record ON record.number = change.record "  # noqa: S608  # our own words
            "WHERE change.seq = ?",
            (seen,),
        )
        return row is not None and _text(row["id"]) == record_id

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
            f"SELECT change.seq, change.record, {_ID} FROM change "  # noqa: S608  # our own words
            "JOIN record ON record.number = change.record "
            "WHERE seq > ? ORDER BY seq LIMIT ?",
            (seen, limit),
        )

    def _index_next(self) -> int:
        try:
            return self._index_batch()
        except _TangledError:
            self._search.clear()
            return 0

    def _index_batch(self) -> int:
        with self._index_db.transaction(whole=True):
            changes = self._changes(_BATCH)
            if changes:
                self._add_all(dict.fromkeys(change["record"] for change in changes))
                self._search.set_watermark(changes[-1]["seq"], _text(changes[-1]["id"]))
        return len(changes)

    def _take_up_repaired(self) -> int:
        """Index what could not be read before, where it can be now; return how many records.

        Some at a time, each in its turn: one damaged row of the register keeps back every paper of
        a procedure. Where some are mended, the next are looked at without waiting.
        """
        self._look_again = time.monotonic() + _LOOK_AGAIN_SECONDS
        before = sorted(self._search.passed_over())
        tried = [number for number in before if number > self._tried][:_BATCH] or before[:_BATCH]
        if not tried:
            return 0
        self._tried = tried[-1]
        try:
            with self._index_db.transaction(whole=True):
                self._add_all(tried)
        except _TangledError:
            # What it says now is not what was indexed before it was damaged.
            self._search.clear()
            return 0
        taken = len(set(tried) - self._search.passed_over())
        if taken:
            self._look_again = 0.0
        return taken

    def _add_all(self, numbers: Collection[int]) -> None:
        """Index records; those that cannot be read are passed over, and noted.

        One damaged row must not keep all others out of the index, and searches from answering.

        Raises:
            _TangledError: What was indexed of one before cannot be taken out.
        """
        noted = self._search.passed_over()
        taken, damaged = read_each(self._readable, numbers)
        passed = set(damaged)
        of_dossiers: dict[str, set[int]] = {}
        for number, (record, facts) in taken.items():
            if record is None:
                continue
            # A corrected paper may have left a dossier.
            codes = {*self._search.dossiers_of(number), *(fact.code for fact in facts)}
            for code in sorted(codes):
                of_dossiers.setdefault(code, set()).add(number)
            if not self._search.add(record, facts):
                raise _TangledError
        entries, unreadable = read_each(self._entry, of_dossiers)
        for code, entry in entries.items():
            self._search.put_dossier(code, entry)
        passed = passed.union(*(of_dossiers[code] for code in unreadable))
        if passed or noted:
            self._search.pass_over((noted - set(numbers)) | passed)

    def _readable(self, number: int) -> tuple[Record | None, tuple[DossierFacts, ...]]:
        record = self._records.by_number(number)
        return record, self.facts(record) if record else ()

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


def _text(told: bytes) -> str:
    return told.decode(errors="replace")
