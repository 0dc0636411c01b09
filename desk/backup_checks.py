"""Read the newest backup of every set back, and log that it was done."""

from __future__ import annotations

from desk.moments import now
from desk.station import Station
from storage.archive import Archive
from storage.backup_log import note_check, note_failed_check
from storage.backup_set import open_set
from storage.errors import StorageError
from storage.restore import Checked, check_run, choose_run


def check_sets(
    station: Station, archive: Archive, passphrase: bytes, *, actor: str
) -> tuple[Checked, ...]:
    """Read the newest backup of every set back; each is an event.

    Raises:
        BackupUnusable, BackupKeyWrong: a set cannot be opened; that is an event too.
    """
    checked = []
    for named in station.settings.backup.sets:
        folder = station.root / named
        try:
            source = open_set(folder, passphrase)
            found = check_run(source, choose_run(source))
        except StorageError as error:
            note_failed_check(archive, str(folder), error, actor=actor, at=now())
            raise
        note_check(archive, found, actor=actor, at=now())
        checked.append(found)
    return tuple(checked)
