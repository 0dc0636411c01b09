"""The locks of a station's engine and backups: the operating system's, ending with the process."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from desk.errors import StationBusy
from desk.station import Station

_LOCK, _BACKUP_LOCK = "engine.lock", "backup.lock"
# A question whether an engine runs holds the lock for an instant: an engine that starts asks again.
_LOCK_TRIES, _LOCK_PAUSE_SECONDS = 5, 0.1


def is_engine_running(station: Station) -> bool:
    """Tell whether an engine holds the station's lock."""
    return _is_held(station.archive / _LOCK)


def is_backing_up(station: Station) -> bool:
    """Tell whether a backup of the station runs."""
    return _is_held(station.archive / _BACKUP_LOCK)


def _is_held(path: Path) -> bool:
    try:
        with path.open("a") as stream:
            return not _try_lock(stream, fcntl.LOCK_SH, tries=1)
    except FileNotFoundError:
        return False


def _try_lock(stream: IO[str], kind: int, *, tries: int) -> bool:
    for _ in range(tries):
        try:
            fcntl.flock(stream, kind | fcntl.LOCK_NB)
        except OSError:
            time.sleep(_LOCK_PAUSE_SECONDS)
        else:
            return True
    return False


@contextmanager
def hold_lock(station: Station) -> Iterator[None]:
    """Hold the engine's lock; the operating system drops it when the process ends, however.

    Raises:
        StationBusy: another engine holds it.
    """
    station.archive.mkdir(exist_ok=True)
    busy = StationBusy(
        "Trạm này đang có một tiến trình `hoso run` khác. Hãy dừng tiến trình đó trước.",
        "another `hoso run` works on this station; stop it first",
    )
    with _held(station.archive / _LOCK, busy):
        yield


@contextmanager
def hold_backup_lock(station: Station) -> Iterator[None]:
    """Hold the lock of backups: two at once would clear away what the other writes.

    Raises:
        StationBusy: another backup holds it.
    """
    busy = StationBusy(
        "Trạm này đang có một lượt `hoso backup` khác. Hãy chờ lượt đó xong rồi chạy lại.",
        "another `hoso backup` of this station runs; wait for it, then run again",
    )
    with _held(station.archive / _BACKUP_LOCK, busy):
        yield


@contextmanager
def _held(path: Path, busy: StationBusy) -> Iterator[None]:
    with path.open("a") as stream:
        if not _try_lock(stream, fcntl.LOCK_EX, tries=_LOCK_TRIES):
            raise busy
        yield
