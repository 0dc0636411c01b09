"""Bring a station back from a backup set, into an empty folder, and prove that it is whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.vocabulary import EventType
from desk.audits import outside_of
from desk.disposal_sets import destroy_restored
from desk.moments import now
from desk.station import Station, open_station
from storage.archive import Archive, open_archive
from storage.backup_set import BackupSet, open_set
from storage.fixity import check_log
from storage.model import Finding, NewEvent
from storage.restore import Restored, choose_run, restore
from storage.submissions import Reason, Submission, SubmissionState

_UNENDED = tuple(
    state
    for state in SubmissionState
    if state
    not in (
        SubmissionState.FILED,
        SubmissionState.DUPLICATE,
        SubmissionState.SECRET,
        SubmissionState.WITHDRAWN,
    )
)
_SCAN_AGAIN = Reason(
    code="not_in_backup",
    vi="Lúc sao lưu, bản quét này chưa qua bước kiểm tra dấu mật nên không nằm trong bản sao lưu. "
    "Hãy quét lại.",
    en="no gate had looked at this scan when the backup was made, so it is not in it; scan again",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A station that was brought back."""

    station: Path
    """Its folder."""
    run: str
    """The backup."""
    at: str
    """When its database was copied, UTC."""
    files: int
    """Files that were written and checked."""
    records: int
    """Records."""
    events: int
    """Events of its log, without the one that tells of this."""
    missing: tuple[str, ...]
    """Objects that rows name and the backup lacks."""
    scan_again: int
    """Scans that were in work and are not in the backup."""
    destroyed_again: int
    """Papers that were destroyed after the backup, and are gone again."""
    findings: tuple[Finding, ...]
    """What is wrong with the log, or with the list of destroyed papers."""

    @property
    def is_whole(self) -> bool:
        """Whether every row has its file, and the log verifies."""
        return not self.missing and not self.findings


def restore_station(
    folder: Path, passphrase: bytes, target: Path, run: str | None, *, actor: str
) -> Brought:
    """Restore a station.

    Args:
        folder: The set.
        passphrase: What opens it.
        target: A new or empty folder.
        run: Name of the backup; None for the newest.
        actor: Who asks.

    Raises:
        BackupUnusable, BackupKeyWrong, TargetNotEmpty: It cannot be.
    """
    source = open_set(folder, passphrase)
    written = restore(source, choose_run(source, run), target)
    station = open_station(target)
    _make_trays(station)
    with open_archive(station.archive) as archive:
        archive.reindex()
        again, unusable = destroy_restored(station, archive, folder, actor=actor)
        missing = archive.referenced_objects() - set(archive.objects)
        findings = (*check_log(archive, outside_of(station)), *unusable)
        lost = sum(not _take_up(item, station, archive) for item in _unended(archive))
        records, events = archive.records.count(), archive.events.size()
        seen = {"records": records, "bad": len(missing) + len(findings)}
        _note(archive, written, source, seen, actor)
    return Brought(
        station=station.root,
        run=written.place.name,
        at=written.run.at,
        files=written.files,
        records=records,
        events=events,
        missing=tuple(sorted(missing)),
        scan_again=lost,
        destroyed_again=again,
        findings=findings,
    )


def _make_trays(station: Station) -> None:
    for tray in (station.inbox, station.work, station.done, station.error, station.confirm):
        tray.mkdir(parents=True, exist_ok=True)
    station.secret.mkdir(mode=0o700, parents=True, exist_ok=True)


def _unended(archive: Archive) -> Iterator[Submission]:
    yield from archive.ledger.in_state(*_UNENDED)


def _take_up(item: Submission, station: Station, archive: Archive) -> bool:
    """Put a scan in its tray again, from its object; one that has none is to be scanned again."""
    if item.sha256 and item.tray_path and archive.objects.has(item.sha256):
        path = station.root / item.tray_path
        path.parent.mkdir(parents=True, exist_ok=True)
        archive.objects.copy_to(item.sha256, path)
        return True
    at = now()
    gone = NewEvent(
        type=EventType.WITHDRAWAL,
        object=item.id,
        actor="hoso restore",
        at=at,
        outcome="not_in_backup",
    )
    archive.ledger.move(
        item.id, SubmissionState.WITHDRAWN, reason=_SCAN_AGAIN, at=at, events=(gone,)
    )
    return False


def _note(
    archive: Archive, written: Restored, source: BackupSet, seen: Mapping[str, int], actor: str
) -> None:
    archive.events.append(
        NewEvent(
            type=EventType.RECOVERY,
            object="archive",
            actor=actor,
            at=now(),
            outcome="restored",
            detail={
                "set": source.identifier,
                "run": written.place.name,
                "medium": str(source.folder),
                "list_sha256": written.list_sha256,
                "files": written.files,
                "bytes": written.bytes,
                "events": written.run.events,
                "root": written.run.root,
                **seen,
            },
        )
    )
