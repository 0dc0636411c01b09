"""What was backed up, checked, restored and mended, as the event log tells it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from config.vocabulary import EventType
from storage.archive import Archive
from storage.model import Event, NewEvent
from storage.restore import Checked

Act = Literal["backup", "check", "restore", "mend"]
# The archive itself is checked more often than its backups are, and by events of the same type.
_AMONG = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupEntry:
    """One line of the backup log; None where the log does not say."""

    number: int
    """Number of the event."""
    at: datetime
    """When, UTC."""
    act: Act
    """What was done."""
    kind: str | None
    """`full` or `daily`, of a backup."""
    set: str | None
    """Identifier of the set."""
    run: str | None
    """Name of the backup."""
    medium: str | None
    """Folder of the set, as the station saw it."""
    records: int | None
    """Records in it."""
    items: int | None
    """Files that were added, read back, or written."""
    bytes: int | None
    """Their length before sealing."""
    sha256: str | None
    """Of the sealed list of the backup; of the object that was mended. Hex."""
    actor: str
    """Who."""
    is_good: bool
    """Whether all of it went well."""
    bad: int
    """Files that were damaged, missing or could not be read."""
    error: str | None
    """Name of the error that ended it."""


def note_check(archive: Archive, checked: Checked, *, actor: str, at: datetime) -> None:
    """Log that a backup was read back."""
    detail = {
        "set": checked.set,
        "run": checked.place.name,
        "medium": checked.folder,
        "list_sha256": checked.list_sha256,
        "records": checked.records,
        "files": checked.files,
        "bytes": checked.bytes,
        "bad": len(checked.bad),
    }
    _note(archive, "failure" if checked.bad else "success", detail, actor=actor, at=at)


def note_failed_check(
    archive: Archive, folder: str, error: Exception, *, actor: str, at: datetime
) -> None:
    """Log that a backup could not be read back at all."""
    detail = {"set": None, "medium": folder, "error": type(error).__name__}
    _note(archive, "failure", detail, actor=actor, at=at)


def read_backup_log(archive: Archive, begins: datetime, ends: datetime) -> tuple[BackupEntry, ...]:
    """Return what was done from one moment up to, not including, another, in order."""
    return tuple(entry for entry in _entries(archive) if begins <= entry.at < ends)


def newest_entries(archive: Archive, most: int) -> tuple[BackupEntry, ...]:
    """Return what was done last, the newest first."""
    kinds = (EventType.REPLICATION, EventType.RECOVERY, EventType.FIXITY_CHECK)
    events = (
        event
        for kind in kinds
        for event in archive.events.newest_few(kind, "archive", _AMONG * most)
    )
    told = ((event, _act(event)) for event in events)
    entries = [_entry(event, act) for event, act in told if act is not None]
    return tuple(sorted(entries, key=lambda entry: -entry.number)[:most])


def find_entry(archive: Archive, number: int) -> BackupEntry | None:
    """Return the line of an event; None where it tells of no backup."""
    if not 1 <= number <= archive.events.size():
        return None
    found = archive.events.between(number, number).events
    act = _act(found[0]) if found and found[0].object == "archive" else None
    return None if act is None else _entry(found[0], act)


def _note(
    archive: Archive, outcome: str, detail: dict[str, Any], *, actor: str, at: datetime
) -> None:
    archive.events.append(
        NewEvent(
            type=EventType.FIXITY_CHECK,
            object="archive",
            actor=actor,
            at=at,
            outcome=outcome,
            detail=detail,
        )
    )


def _entries(archive: Archive) -> Iterator[BackupEntry]:
    for event in archive.events.events("archive"):
        act = _act(event)
        if act is not None:
            yield _entry(event, act)


def _act(event: Event) -> Act | None:
    if event.type is EventType.REPLICATION:
        return "backup"
    if event.type is EventType.RECOVERY:
        return "mend" if event.outcome == "mended" else "restore"
    # Checks of the archive itself are of this type too, and know no set.
    return "check" if event.type is EventType.FIXITY_CHECK and "set" in event.detail else None


def _entry(event: Event, act: Act) -> BackupEntry:
    told: dict[str, Any] = dict(event.detail)
    damaged = told.get("damaged", ())
    bad = told.get("bad", len(damaged))
    return BackupEntry(
        number=event.seq,
        at=event.at,
        act=act,
        kind=told.get("kind"),
        set=told.get("set"),
        run=told.get("run"),
        medium=told.get("medium"),
        records=told.get("records"),
        items=1 if act == "mend" else told.get("files", told.get("objects_added")),
        bytes=told.get("bytes", told.get("bytes_added")),
        sha256=told.get("list_sha256", told.get("object_sha256")),
        actor=event.actor,
        is_good=event.outcome != "failure" and not bad,
        bad=bad,
        error=told.get("error"),
    )
