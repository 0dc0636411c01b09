"""What a killed run left behind, cleared at the start by the engine that holds the station's lock.

Only what no scan needs: temporary files, and the staging folders of submissions that ended. A scan
is never touched here.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from desk.services import Services

_TEMPORARY = ".*.tmp"


def clear_leftovers(services: Services) -> None:
    """Remove temporary files that a killed run could not remove itself."""
    station, archive = services.station, services.archive
    unfinished = archive.ledger.unfinished()
    in_work = {item.id for item in unfinished}
    for path in archive.staging.iterdir():
        if not path.is_dir():
            path.unlink(missing_ok=True)
        elif path.name not in in_work:
            shutil.rmtree(path)
    _clear(archive.heads)
    # Slips and copies are written beside where they shall stand, so only there can half of one lie.
    for folder in {item.folder for item in unfinished}:
        for tray in (station.work, station.done, station.error, station.confirm):
            _clear(tray / folder)


def _clear(folder: Path) -> None:
    for path in folder.glob(_TEMPORARY):
        path.unlink(missing_ok=True)
