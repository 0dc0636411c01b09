"""Reading copies: kept in a folder of the station until their last day, then gone (TT 05/2025).

A day's work takes a copy that has expired out of readers' reach at once, and deletes its file five
days later; each is an event. A file that the register does not know is no reading copy: it goes
after a day, too, for nobody knows when it would expire.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from config.settings import CERTIFIED_FOLDER, READING_FOLDER
from config.vocabulary import EventType
from desk import trays
from desk.copies import READING_SUFFIX
from desk.moments import vietnam
from desk.station import Station
from storage.access_copies import CopyState, IssuedCopy, IssuedKind, Told
from storage.archive import Archive
from storage.errors import RowDamaged
from storage.model import NewEvent
from storage.outsider.package import hash_file

log = logging.getLogger(__name__)

LIST = "DANH-SACH.txt"
_EXPIRED = "het-han"
_PURGE_AFTER = dt.timedelta(days=5)
KEEP_CERTIFIED = dt.timedelta(days=30)
"""So long a certified copy waits to be fetched, as signed copies in the done tray do."""
_STRAY_AFTER = dt.timedelta(days=1)
_PRIVATE, _SHARED = 0o700, 0o750


def reading_folder(station: Station) -> Path:
    """Return the folder of a station's reading copies, made where it is missing."""
    folder = station.root / READING_FOLDER
    folder.mkdir(mode=_SHARED, exist_ok=True)
    return folder


def certified_folder(station: Station) -> Path:
    """Return the folder where certified copies are fetched, made where it is missing."""
    folder = station.root / CERTIFIED_FOLDER
    folder.mkdir(mode=_SHARED, exist_ok=True)
    return folder


def last_day_of(station: Station, at: dt.datetime) -> dt.date:
    """Return the last day of a reading copy that is made now: today is its first."""
    days = station.settings.copies.reading_days
    return vietnam(at).date() + dt.timedelta(days=days - 1)


def end_copies(station: Station, archive: Archive, at: dt.datetime, actor: str) -> int:
    """Do what has become due of copies; return how many changed.

    Args:
        station: whose folders.
        archive: its register and log.
        at: now, aware.
        actor: who does it, as events tell.
    """
    count = 0
    for copy in archive.copies.in_state(CopyState.ISSUED, CopyState.EXPIRED):
        if copy.expires_at is None or copy.expires_at > at:
            continue
        if copy.kind is IssuedKind.READING and copy.state is CopyState.ISSUED:
            count += _expire(copy, station, archive, (at, actor))
        elif copy.kind is IssuedKind.CERTIFIED or copy.expires_at + _PURGE_AFTER <= at:
            count += _purge(copy, station, archive, (at, actor))
    count += _sweep(station, archive, at, actor)
    if count:
        write_list(station, archive)
    return count


def write_list(station: Station, archive: Archive) -> None:
    """Write the list of reading copies beside them: which there are, and until when."""
    copies = [
        copy
        for copy in archive.copies.in_state(CopyState.ISSUED, CopyState.EXPIRED)
        if copy.kind is IssuedKind.READING
    ]
    trays.write_slip(reading_folder(station) / LIST, "\n".join(_lines(copies)) + "\n")


def _lines(copies: list[IssuedCopy]) -> Iterator[str]:
    yield "BẢN ĐỌC ĐANG GIỮ: chỉ đọc tại chỗ, không chép ra ngoài"
    yield ""
    for copy in copies:
        assert copy.expires_at is not None, "a reading copy has a last day"
        last = vietnam(copy.expires_at - dt.timedelta(seconds=1)).strftime("%d/%m/%Y")
        word = "hết hạn" if copy.state is CopyState.EXPIRED else "đọc đến hết"
        yield f"{copy.dossier_code}.{copy.ordinal}  {word} {last}  {Path(copy.file).name}"
    if not copies:
        yield "(không có)"


def _expire(
    copy: IssuedCopy, station: Station, archive: Archive, when: tuple[dt.datetime, str]
) -> bool:
    """Take a copy out of readers' reach."""
    at, actor = when
    aside = reading_folder(station) / _EXPIRED
    aside.mkdir(mode=_PRIVATE, exist_ok=True)
    source = station.root / copy.file
    target = aside / source.name
    with suppress(FileNotFoundError):
        source.replace(target)
    told = _told(EventType.DISSEMINATION, "expired", at, actor)
    changes = {"state": CopyState.EXPIRED, "file": station.relative(target), "ended_at": at}
    return archive.copies.change(copy, told, **changes) is not None


def _purge(
    copy: IssuedCopy, station: Station, archive: Archive, when: tuple[dt.datetime, str]
) -> bool:
    at, actor = when
    (station.root / copy.file).unlink(missing_ok=True)
    told = _told(EventType.DELETION, f"{copy.kind}_copy", at, actor)
    changes = {"state": CopyState.PURGED, "file": "", "ended_at": at}
    return archive.copies.change(copy, told, **changes) is not None


def _told(kind: EventType, outcome: str, at: dt.datetime, actor: str) -> Told:
    return Told(type=kind, actor=actor, at=at, outcome=outcome, detail={})


def _sweep(station: Station, archive: Archive, at: dt.datetime, actor: str) -> int:
    """Delete files that lie among reading copies and stand in no register."""
    try:
        known = archive.copies.files()
    except RowDamaged as error:
        log.warning("no file among the reading copies was deleted: %s", error.en)
        return 0
    strays = [
        path
        for path in (station.root / READING_FOLDER).rglob(f"*{READING_SUFFIX}")
        if station.relative(path) not in known and _is_old(path, at)
    ]
    for path in strays:
        event = NewEvent(
            type=EventType.DELETION,
            object="archive",
            actor=actor,
            at=at,
            outcome="stray_reading_copy",
            detail={"copy_sha256": hash_file(path)},
        )
        path.unlink()
        archive.events.append(event)
        log.warning("a file among the reading copies stood in no register and was deleted")
    return len(strays)


def _is_old(path: Path, at: dt.datetime) -> bool:
    changed = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    return changed + _STRAY_AFTER <= at
