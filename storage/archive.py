"""The archive as a whole: objects, records, log, ledger and index of one station."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from config.vocabulary import EventType
from storage import revisions
from storage.access_copies import CopyRegister
from storage.accessions import AccessionStore
from storage.capture_ends import CaptureEnds
from storage.corrections import Act, Correction, CorrectionStore, NewCorrection
from storage.database import Database
from storage.destroyed import DestroyedStore
from storage.disposal import DisposalStore
from storage.errors import DatabaseDamaged, SchemaTooNew, StorageError
from storage.events import EventLog
from storage.facets import FacetCounter
from storage.fingerprints import FingerprintStore, Version
from storage.follower import IndexFollower
from storage.handovers import HandoverStore
from storage.heads import PrivateKey, read_head, sign_head, write_head
from storage.index_entry import DossierFacts
from storage.key_uses import KeyUses
from storage.ledger import Ledger
from storage.model import NewEvent, NewLink, NewRecord, Record
from storage.objects import ObjectStore
from storage.outsider.heads import SignedHead
from storage.records import RecordStore
from storage.register import Register
from storage.remembered import Remembered
from storage.requests import Requests
from storage.result_links import ResultLinks
from storage.retention import RetentionStore
from storage.schema import MIGRATIONS
from storage.search import SearchIndex

_PRIVATE = 0o750


class Archive:
    """All parts of one archive, on one folder.

    Args:
        root: Folder of the archive; made where it is missing.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.staging = root / "staging"
        self.heads = root / "heads"
        self.anchors = root / "anchors"
        for folder in (root, root / "objects", self.staging, self.heads, self.anchors):
            folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        self.objects = ObjectStore(root / "objects", self.staging)
        self.db = Database(root / "records.db", synchronous="FULL")
        try:
            self.db.migrate(MIGRATIONS)
        except StorageError:
            self.db.close()
            raise
        self.events = EventLog(self.db)
        self.records = RecordStore(self.db)
        self.register = Register(self.db)
        self.remembered = Remembered(self.db)
        self.results = ResultLinks(self.db, self.remembered)
        self.facets = FacetCounter(self.db)
        self.ledger = Ledger(self.db, self.events)
        self.requests = Requests(self.db)
        self.captures = CaptureEnds(self.db)
        self.fingerprints = FingerprintStore(self.db)
        self.corrections = CorrectionStore(self.db)
        self.key_uses = KeyUses(self.db, self.events)
        self.copies = CopyRegister(self.db, self.events)
        self.retention = RetentionStore(self.db, self.events)
        self.disposals = DisposalStore(self.db, self.events)
        self.destroyed = DestroyedStore(self.db)
        self.handovers = HandoverStore(self.db, self.events)
        self.accessions = AccessionStore(self.db)
        self._open_index()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Index what is left to index, and close both databases."""
        if self._follower.has_gathered:
            self._follower.follow()
        self.db.close()
        self.index_db.close()

    def file(self, new: NewRecord, link: NewLink, *, actor: str, at: datetime) -> Record:
        """File a paper, exactly once for each submission and paper.

        The objects must be in the store before. Rows, place in the dossier and the ingestion
        event, which carries the digest of the record's canonical form, are one transaction. The
        search index follows, several papers at once; searching makes up for what it lacks.

        Returns:
            The record; where it was filed before, that one, and nothing is added.

        Raises:
            ObjectMissing: An object of the record is not in the store.
            DatabaseBusy: Another process kept the database.
            DiskFull: There is no room for the rows.
        """
        for sha256 in dict.fromkeys((new.original.sha256, new.pdf.sha256)):
            self.objects.path(sha256)
        with self.db.transaction(whole=True):
            record = self.records.by_submission(new.submission_id, new.paper)
            if record is None:
                record = self.records.insert(new, link, at)
                self.events.append(self.event_of(EventType.INGESTION, record, actor=actor, at=at))
        self._follower.expect(len(record.pages))
        self.db.after_commit(self._follower.gather)
        return record

    def link(self, record_id: str, link: NewLink, *, actor: str, at: datetime) -> Record:
        """Give a record its place in another dossier; in a dossier that has it, nothing changes.

        Raises:
            RecordNotFound: There is no such record.
        """
        with self.db.transaction():
            record = self.records.get(record_id)
            if all(known.dossier_code != link.dossier_code for known in record.links):
                record = self.records.insert_link(record, link)
                self.events.append(
                    self.event_of(EventType.METADATA_MODIFICATION, record, actor=actor, at=at)
                )
        self.db.after_commit(self._follower.follow)
        return record

    def tie_result(self, record_id: str, link: NewLink, *, actor: str, at: datetime) -> Record:
        """Let a record be an entry of the register, in a dossier where it lies already.

        Raises:
            RecordNotFound: There is no such record.
        """
        with self.db.transaction():
            record = self.records.get(record_id)
            places = tuple(
                replace(place, role=link.role, procedure_result_code=link.procedure_result_code)
                if place.dossier_code == link.dossier_code
                else place
                for place in record.links
            )
            tied = revisions.write(self.db, self.records, replace(record, links=places))
            self.note(tied, "result_tied", actor=actor, at=at)
        self.db.after_commit(self._follower.follow)
        return tied

    def note(self, record: Record, outcome: str, *, actor: str, at: datetime) -> None:
        """Log what happened to a record from outside: the register ties, revokes, reinstates it."""
        event = self.event_of(EventType.METADATA_MODIFICATION, record, actor=actor, at=at)
        codes = [link.procedure_result_code for link in record.links]
        detail = {**event.detail, "procedure_result_codes": codes}
        self.events.append(replace(event, outcome=outcome, detail=detail))

    def supersede(self, version: Version, *, actor: str) -> None:
        """Let a record take an earlier one's place, once; nothing of the earlier one changes.

        The event stands on the earlier record, so that whoever looks at it is led on.

        Raises:
            RecordNotFound: There is no such earlier record.
        """
        with self.db.transaction():
            earlier = self.records.get(version.supersedes)
            if not self.fingerprints.add_version(version):
                return
            kind = EventType.METADATA_MODIFICATION
            event = self.event_of(kind, earlier, actor=actor, at=version.at)
            detail = {**event.detail, "later_record": version.record_id, "kind": version.kind}
            self.events.append(replace(event, outcome=version.kind, detail=detail))

    def revise(
        self, revised: Record, act: Act, *, actor: str, at: datetime, reason: str = ""
    ) -> Correction:
        """Describe a filed paper otherwise; what stood there is kept, and no file is touched.

        Args:
            revised: The record as it shall stand; see `storage.revisions` for what may differ.
            act: What a person did.
            actor: Who.
            at: When.
            reason: Why, in that person's words; empty where none was given.

        Raises:
            RecordNotFound: There is no such record.
        """
        with self.db.transaction():
            before, after = revisions.changes(self.records.get(revised.id), revised)
            return self._correct(
                revised,
                NewCorrection(
                    submission_id=revised.submission_id,
                    paper=revised.paper,
                    record_id=revised.id,
                    act=act,
                    before=before,
                    after=after,
                    actor=actor,
                    at=at,
                    reason=reason,
                ),
            )

    def undo_revision(self, undone: Correction, *, actor: str, at: datetime) -> Correction | None:
        """Describe a record as it was before a correction.

        Returns:
            What was done; None where what was corrected has changed since: then nothing was.

        Raises:
            RecordNotFound: There is no such record.
        """
        with self.db.transaction():
            record = self.records.get(undone.record_id or "")
            if not revisions.holds(record, undone.after):
                return None
            return self._correct(
                revisions.restored(record, undone.before),
                NewCorrection(
                    submission_id=record.submission_id,
                    paper=record.paper,
                    record_id=record.id,
                    act=Act.UNDO,
                    before=undone.after,
                    after=undone.before,
                    actor=actor,
                    at=at,
                    undoes=undone.id,
                ),
            )

    def _correct(self, revised: Record, new: NewCorrection) -> Correction:
        record = revisions.write(self.db, self.records, revised)
        correction = self.corrections.add(new)
        kind = EventType.METADATA_MODIFICATION
        event = self.event_of(kind, record, actor=new.actor, at=new.at)
        detail = {
            **event.detail,
            "correction": correction.id,
            "correction_sha256": correction.digest,
            "changed": sorted(new.after),
        }
        self.events.append(replace(event, outcome=new.act.value, detail=detail))
        self.db.after_commit(self._follower.follow)
        return correction

    def catch_up(self) -> int:
        """Index what changed since the index last looked; return how many changes.

        Raises:
            DatabaseDamaged: search.db is broken; `reindex` makes it anew.
            DatabaseBusy: Another process is indexing.
            RuntimeError: Called inside a transaction of records.db.
        """
        return self._follower.catch_up()

    @property
    def search(self) -> SearchIndex:
        """The search index, once it has caught up as far as it can just now."""
        self.keep_up()
        return self._search

    def keep_up(self) -> None:
        """Let the index catch up as far as it can just now; inside a snapshot it cannot."""
        self._follower.keep_up()

    def index_gathered(self, *, is_idle: bool) -> None:
        """Index the papers that gathered, while others file: some at a time, all where one is idle.

        Who is idle also goes on where the index is far behind, is to be made anew, or lies in many
        pieces.

        Who calls this often spares those who file: they index by themselves only what nobody did.
        """
        self._follower.look_after(is_idle=is_idle)

    def index_lag(self) -> int:
        """Return how many papers the index stays behind with: they wait, are lost or damaged."""
        self.keep_up()
        return self.index_behind()

    def index_behind(self) -> int:
        """Return `index_lag` for whoever has just searched: nothing is indexed once more."""
        return self._follower.lag()

    def index_passed_over(self) -> int:
        """Return how many papers the index could not take in: their rows cannot be read."""
        return self._follower.passed_over()

    def reindex(self) -> int:
        """Make the search index anew from the records; return how many records.

        Other programs may have it open; only where the file is broken it is made from nothing, and
        then they must not.

        Raises:
            DatabaseBusy, DiskFull: Not now; the index stays as it is.
        """
        try:
            self._search.prepare()
            self._search.clear()
            self.catch_up()
            self._search.optimize()
        except (DatabaseDamaged, SchemaTooNew, sqlite3.Error):
            self.index_db.close()
            for suffix in ("", "-wal", "-shm"):
                (self.root / f"search.db{suffix}").unlink(missing_ok=True)
            self._open_index()
            self.catch_up()
        return self._search.count()

    def sign_head(self, key: PrivateKey, at: datetime) -> SignedHead | None:
        """Sign the log as it stands, into `heads/`; None while the log is empty.

        A log that has not grown keeps the head it has.

        Raises:
            DamagedLog: The head of this size is there, but cannot be read.
        """
        head = self.events.head()
        if head.size == 0:
            return None
        return read_head(write_head(sign_head(head, key, at), self.heads))

    def forgetting(self, record: Record) -> AbstractContextManager[None]:
        """Take a record out of the index, while the caller's transaction deletes its rows."""
        return self._follower.forgetting(record)

    def dossier_facts(self, record: Record) -> tuple[DossierFacts, ...]:
        """Return what search is told about the dossiers of a record."""
        return self._follower.facts(record)

    def stale_dossiers(self) -> list[str]:
        """Return the dossiers whose rows in the index differ from what the archive says of them."""
        return self._follower.stale_dossiers()

    def referenced_objects(self) -> set[str]:
        """Return the SHA-256 of every object that a row names."""
        named = self.records.referenced_objects() | self.ledger.referenced_objects()
        named |= self.accessions.referenced_objects()
        return named | self.disposals.referenced_objects()

    def _open_index(self) -> None:
        self.index_db = Database(self.root / "search.db", synchronous="NORMAL")
        self._search = SearchIndex(self.index_db, self.records.pages)
        self._follower = IndexFollower(
            self.records, self.register, self.db, self._search, self.index_db
        )
        self._follower.follow()

    def event_of(self, kind: EventType, record: Record, *, actor: str, at: datetime) -> NewEvent:
        """Return the event that tells of a record as it stands, with its digest; not logged yet."""
        return NewEvent(
            type=kind,
            object=record.id,
            actor=actor,
            at=at,
            detail={
                "record_sha256": self.records.digest(record),
                "submission_id": record.submission_id,
                "paper": record.paper,
                "original_sha256": record.original.sha256,
                "pdf_sha256": record.pdf.sha256,
                "links": [
                    {
                        "dossier_code": link.dossier_code,
                        "role": link.role.value,
                        "ordinal": link.ordinal,
                    }
                    for link in record.links
                ],
            },
        )


def open_archive(root: Path) -> Archive:
    """Open the archive in a folder, made where it is missing; a context manager.

    Args:
        root: Gets `objects/`, `staging/`, `heads/`, `anchors/`, `records.db`, `search.db`.

    Raises:
        SchemaTooNew: A newer version of the program wrote it.
        DatabaseDamaged: records.db is broken.
    """
    return Archive(root)
