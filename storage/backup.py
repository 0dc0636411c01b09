"""Backups of a station's archive: database first, then files; the station goes on working.

Whatever a row names was stored before the row was written, so a copy of the database followed by
the files holds every file that its rows name. Heads and timestamps of events that the copied log
does not hold yet are left for the next time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from config.vocabulary import EventType
from storage import anchors
from storage.archive import Archive
from storage.backup_set import BackupSet, Kept, Place, Run
from storage.database import Database
from storage.events import EventLog
from storage.heads import head_paths
from storage.model import NewEvent
from storage.records import RecordStore
from storage.times import VIETNAM, time_text

DATABASE = "records.db"
STAGING = "backup"
"""Folder in the archive's staging where a backup copies the database first."""
# A day's work changes a database here and there: small pieces of it are kept once.
_DATABASE_BLOCK, _FILE_BLOCK = 256 << 10, 4 << 20
_MONTH = timedelta(days=31)
_UNENDED = "state NOT IN ('filed', 'duplicate', 'secret', 'withdrawn')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is backed up."""

    archive: Archive
    """The archive."""
    root: Path
    """Folder of the station: paths in a backup are relative to it."""
    others: Sequence[Path]
    """Settings, keys, certificates: files outside the archive that belong to the backup."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """What a backup wrote."""

    set: str
    """Identifier of the set."""
    place: Place
    """Where it lies."""
    run: Run
    """What it holds."""
    dropped: tuple[str, ...]
    """Older chains that were deleted."""
    folder: str
    """Folder of the set."""
    list_sha256: str
    """SHA-256, hex, of the sealed list of what it holds."""

    @property
    def bytes(self) -> int:
        """Length of the files that this run added, before sealing."""
        return sum(kept.size for kept in (*self.run.files, *self.run.objects))


def back_up(
    source: Source,
    target: BackupSet,
    at: datetime,
    *,
    kind: Literal["full", "daily"] | None = None,
    keep_months: int = 12,
) -> BackedUp:
    """Back up into one set.

    Args:
        source: What.
        target: Whereto.
        at: Now, aware.
        kind: None: full at the first backup of a month and after papers were destroyed, so that
            these are in no set any more; daily otherwise.
        keep_months: How long full backups are kept.

    Raises:
        DiskFull: There is no room for the copy of the database.
        OSError: The set cannot be written.
    """
    target.drop_unfinished()
    places = target.places()
    last = places[-1] if places else None
    # Names are the order of backups, also where the clock was set back in between.
    named = at if last is None else max(at, _moment(last) + timedelta(microseconds=1))
    destroyed = _destroyed_since(source.archive, target, places)
    if kind is None:
        kind = "full" if last is None or destroyed or not _is_same_month(last, at) else "daily"
    if last is None or kind == "full":
        kind, chain = "full", target.begin_chain(named)
    else:
        chain = last.chain
    run = _copy(source, target, (chain, kind), at)
    place = target.write(chain, run, named)
    dropped = _drop_old(target, chain, at, 0 if destroyed else keep_months)
    return BackedUp(
        set=target.identifier,
        place=place,
        run=run,
        dropped=dropped,
        folder=str(target.folder),
        list_sha256=target.list_digest(place),
    )


def note_backup(archive: Archive, done: BackedUp, *, actor: str, at: datetime) -> None:
    """Log a backup."""
    detail = {
        "set": done.set,
        "run": done.place.name,
        "medium": done.folder,
        "list_sha256": done.list_sha256,
        "kind": done.run.kind,
        "records": done.run.records,
        "files": len(done.run.files) + len(done.run.objects),
        "objects_added": len(done.run.objects),
        "bytes_added": done.bytes,
        "events": done.run.events,
        "root": done.run.root,
        "damaged": list(done.run.damaged),
        "dropped": list(done.dropped),
    }
    archive.events.append(
        NewEvent(
            type=EventType.REPLICATION,
            object="archive",
            actor=actor,
            at=at,
            outcome="failure" if done.run.damaged else "success",
            detail=detail,
        )
    )


def objects_of(target: BackupSet, place: Place) -> dict[str, Kept]:
    """Return every object that a run's chain holds up to that run, by its digest."""
    found = {}
    for earlier in target.places():
        if earlier.chain == place.chain and earlier.name <= place.name:
            found.update({kept.sha256: kept for kept in target.read(earlier).objects})
    return found


def find_object(target: BackupSet, sha256: str) -> tuple[str, Kept] | None:
    """Return the chain and place of an object in a set, the newest chain first; None for none."""
    newest = {place.chain: place for place in target.places()}
    for chain in sorted(newest, reverse=True):
        kept = objects_of(target, newest[chain]).get(sha256)
        if kept is not None:
            return chain, kept
    return None


def _copy(source: Source, target: BackupSet, where: tuple[str, str], at: datetime) -> Run:
    chain, kind = where
    archive = source.archive
    with _database_copy(archive) as (path, copy):
        log = EventLog(copy).head()
        records = RecordStore(copy).count()
        heads = list(_heads(archive, copy, log.size))
        with path.open("rb") as stream:
            name = f"{archive.root.relative_to(source.root).as_posix()}/{DATABASE}"
            files = [target.put(chain, (stream, name, 0o640), _DATABASE_BLOCK)]
    files += _put_files(source, target, chain, (*heads, *source.others))
    added, damaged = _put_objects(source, target, chain)
    return Run(
        kind=kind,
        at=time_text(at),
        events=log.size,
        root=log.root_hash.hex(),
        records=records,
        files=tuple(files),
        objects=tuple(added),
        damaged=tuple(damaged),
    )


@contextmanager
def _database_copy(archive: Archive) -> Iterator[tuple[Path, Database]]:
    folder = archive.staging / STAGING
    folder.mkdir(exist_ok=True)
    path = folder / DATABASE
    try:
        path.unlink(missing_ok=True)
        archive.db.copy_to(path)
        with closing(Database(path)) as copy:
            _forget_unseen(copy, archive)
            yield path, copy
    finally:
        for left in folder.iterdir():
            left.unlink()
        folder.rmdir()


def _forget_unseen(copy: Database, archive: Archive) -> None:
    """Take the names of scans out of the copy that no gate has looked at: they may be secret.

    Whatever passed the gate is an object; what is none is not in the backup either.
    """
    with copy.transaction():
        for row in copy.rows(f"SELECT id, sha256 FROM submission WHERE {_UNENDED}"):  # noqa: S608  # our own words
            if row["sha256"] is None or not archive.objects.has(row["sha256"]):
                copy.execute(
                    "UPDATE submission SET name = '', folder = '', tray_path = '' WHERE id = ?",
                    (row["id"],),
                )
                copy.execute("DELETE FROM outcome WHERE submission_id = ?", (row["id"],))
    copy.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _heads(archive: Archive, copy: Database, size: int) -> Iterator[Path]:
    """Yield heads and timestamps that the copied log knows."""
    yield from (path for path in head_paths(archive.heads) if int(path.stem) <= size)
    told = anchors.told_anchors(copy)
    for path in sorted(archive.anchors.glob("*.tst")):
        if hashlib.sha256(path.read_bytes()).hexdigest() in told:
            yield path


def _put_files(
    source: Source, target: BackupSet, chain: str, paths: Iterable[Path]
) -> Iterator[Kept]:
    for path in paths:
        with path.open("rb") as stream:
            name = path.relative_to(source.root).as_posix()
            mode = path.stat().st_mode & 0o777
            yield target.put(chain, (stream, name, mode), _FILE_BLOCK)


def _put_objects(source: Source, target: BackupSet, chain: str) -> tuple[list[Kept], list[str]]:
    """Keep the objects that the chain lacks; a damaged one must not take a good one's name."""
    held: set[str] = set()
    for place in target.places():
        if place.chain == chain:
            held.update(kept.sha256 for kept in target.read(place).objects)
    added, damaged = [], []
    for sha256 in source.archive.objects:
        if sha256 not in held:
            path = source.archive.objects.path(sha256)
            (kept,) = _put_files(source, target, chain, (path,))
            if kept.sha256 == sha256:
                added.append(kept)
            else:
                damaged.append(sha256)
    return added, damaged


def _destroyed_since(archive: Archive, target: BackupSet, places: Sequence[Place]) -> bool:
    """Tell whether papers were destroyed that a run of the set still holds."""
    if not places:
        return False
    oldest = target.read(places[0])
    row = archive.db.row(
        "SELECT seq FROM event WHERE type = ? AND outcome = 'destroyed' AND seq > ? LIMIT 1",
        (EventType.DELETION.value, oldest.events),
    )
    return row is not None


def _drop_old(target: BackupSet, chain: str, at: datetime, keep_months: int) -> tuple[str, ...]:
    """Delete chains that are past their time, once a full backup took their place."""
    newest = {place.chain: place for place in target.places()}
    limit = at - keep_months * _MONTH
    old = [name for name, place in newest.items() if name != chain and _moment(place) < limit]
    for name in old:
        target.drop(name)
    return tuple(old)


def _moment(place: Place) -> datetime:
    return datetime.strptime(f"{place.name}+0000", "%Y%m%dT%H%M%S%fZ%z")


def _is_same_month(place: Place, at: datetime) -> bool:
    began = datetime.strptime(f"{place.chain}+0000", "%Y%m%dT%H%M%S%fZ%z").astimezone(VIETNAM)
    now = at.astimezone(VIETNAM)
    return (began.year, began.month) == (now.year, now.month)
