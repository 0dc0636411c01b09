"""Destroyed papers and the backup sets: the list beside each, and which sets still hold some."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from desk.audits import outside_of
from desk.moments import now
from desk.station import Station
from desk.station_lock import hold_backup_lock
from storage.archive import Archive
from storage.backup_set import identifier_of
from storage.destroyed_list import NAME, destroy_again, read_list, write_list
from storage.errors import BackupUnusable
from storage.heads import load_key
from storage.model import Finding


def leave_lists(station: Station, archive: Archive) -> None:
    """Write the list of destroyed papers beside every set that is at hand."""
    for named in station.settings.backup.sets:
        leave_list(station, archive, station.root / named)


def leave_list(station: Station, archive: Archive, folder: Path) -> None:
    """Write the list of destroyed papers beside a set; nothing where none was, or it is away."""
    gone = archive.destroyed.all()
    if gone and identifier_of(folder) is not None:
        try:
            write_list(gone, folder, load_key(station.key), now())
        except OSError:
            # The next backup tells of a medium that cannot be written.
            return


def sets_holding(station: Station, archive: Archive) -> list[str]:
    """Return the folders of sets that hold destroyed papers until their next backup."""
    newest = archive.db.row(
        "SELECT max(seq) AS seq FROM event WHERE type = 'deletion' AND outcome = 'destroyed'"
    )
    if newest is None or newest["seq"] is None:
        return []
    clean = _full_since(archive, newest["seq"])
    folders = [station.root / named for named in station.settings.backup.sets]
    return [str(folder) for folder in folders if identifier_of(folder) not in clean]


def _full_since(archive: Archive, seq: int) -> set[str]:
    """Return the sets that were backed up whole since an event: nothing older is in them."""
    rows = archive.db.rows("SELECT body FROM event WHERE seq > ? AND type = 'replication'", (seq,))
    told = [json.loads(row["body"])["detail"] for row in rows]
    return {
        detail["set"] for detail in told if detail.get("kind") == "full" and detail["events"] >= seq
    }


def destroy_listed(station: Station, archive: Archive, path: Path, *, actor: str) -> int:
    """Destroy again what is in a list, after a restore from a set that did not know of it.

    Raises:
        BackupUnusable: the list cannot be read, or this station's key did not sign it.
        StationBusy: a backup of the station runs.
    """
    key = outside_of(station).key
    assert key is not None, "the station has one"
    papers = read_list(path, key)
    with hold_backup_lock(station):
        return destroy_again(archive, papers, actor=actor, at=dt.datetime.now(dt.UTC))


def destroy_restored(
    station: Station, archive: Archive, folder: Path, *, actor: str
) -> tuple[int, tuple[Finding, ...]]:
    """Destroy again what a restore brought back though the set's list names it.

    Returns:
        How many papers that were, and what is wrong with the list.
    """
    path = folder / NAME
    if not path.exists():
        return 0, ()
    try:
        return destroy_listed(station, archive, path, actor=actor), ()
    except BackupUnusable as error:
        finding = Finding(kind="record", identifier=NAME, vi=error.vi, en=error.en)
        return 0, (finding,)
