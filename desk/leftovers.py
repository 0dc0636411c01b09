"""What a killed run left behind, cleared at the start by the engine that holds the station's lock.

Temporary files, the staging folders of submissions that ended, and claimed files whose very bytes
were filed just before the end. Any other scan is never touched here.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from config.settings import CERTIFIED_FOLDER
from desk import session_folders, settling, trays
from desk.services import Services
from desk.station import Station
from desk.station_lock import is_backing_up
from digitize.intake import digests
from storage.backup import STAGING
from storage.errors import RowDamaged
from storage.key_uses import OPEN
from storage.objects import is_being_written
from storage.submissions import Submission, SubmissionState
from storage.workshops import clear_beside, is_at_work, nobody_begins

# Stands where a name of a damaged row cannot be read: nobody knows which folder is of that one.
_LOST_LETTER = "\N{REPLACEMENT CHARACTER}"
_FILED = (SubmissionState.FILED, SubmissionState.DUPLICATE)
_TEMPORARY = ".*.tmp"


def finish_filed(services: Services) -> None:
    """Remove claimed files whose submission was filed just before a crash.

    Printers use their names again: a file that only lies where a filed one lay is another scan.
    """
    for path in list(trays.list_scans(services.station.work)):
        item = _standing_at(path, services)
        if item is None or item.state not in _FILED or item.sha256 is None:
            continue
        if digests(path)[0] == item.sha256 and services.archive.objects.verify(item.sha256):
            settling.clear_work(item, services)


def _standing_at(path: Path, services: Services) -> Submission | None:
    """Return the submission that lies at a place; None where there is none that can be read."""
    with suppress(RowDamaged):
        return services.archive.ledger.by_tray_path(services.station.relative(path))
    return None


def clear_leftovers(services: Services) -> None:
    """Remove temporary files that a killed run could not remove itself."""
    station, archive = services.station, services.archive
    unfinished = archive.ledger.unfinished()
    in_work = {item.id for item in unfinished}
    # What lies there of one whose row is damaged may be all that is left of it.
    damaged = {*archive.ledger.damaged_in(SubmissionState.IN_WORK), *archive.ledger.in_no_state()}
    is_one_nameless = any(_LOST_LETTER in name for name in damaged)
    in_work |= damaged
    # A signed file may lie there that its run could not take any more.
    in_work |= {use.place.subject for use in archive.key_uses.in_state(*OPEN)}
    archive.objects.recover_swept()
    with nobody_begins(archive.staging):
        for path in archive.staging.iterdir():
            if _is_anothers(path, station):
                continue
            if not path.is_dir():
                path.unlink(missing_ok=True)
            elif path.name not in in_work and not is_one_nameless:
                shutil.rmtree(path)
    clear_beside(station.inbox)
    _clear(archive.heads)
    _clear(station.root / CERTIFIED_FOLDER)
    # Slips and copies are written beside where they shall stand, so only there can half of one lie.
    for folder in {item.folder for item in unfinished}:
        for tray in (station.work, station.done, station.error, station.confirm):
            _clear(tray / folder)


def _is_anothers(path: Path, station: Station) -> bool:
    """Tell whether another process, that lives, may be at work there."""
    if path.name.startswith(session_folders.PREFIX):
        return True  # it may still sign; `session_folders.take_over` knows
    if path.name == STAGING:
        return is_backing_up(station)
    return is_being_written(path) if path.is_file() else is_at_work(path)


def _clear(folder: Path) -> None:
    for path in folder.glob(_TEMPORARY):
        path.unlink(missing_ok=True)
