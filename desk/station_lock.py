"""The lock of a station's engine: the operating system's, so it ends with the process."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from desk.errors import StationBusy
from desk.station import Station

_LOCK = "engine.lock"
# A question whether an engine runs holds the lock for an instant: an engine that starts asks again.
_LOCK_TRIES, _LOCK_PAUSE_SECONDS = 5, 0.1


def is_engine_running(station: Station) -> bool:
    """Tell whether an engine holds the station's lock."""
    try:
        with (station.archive / _LOCK).open("a") as stream:
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
    with (station.archive / _LOCK).open("a") as stream:
        if not _try_lock(stream, fcntl.LOCK_EX, tries=_LOCK_TRIES):
            raise StationBusy(
                "Trạm này đang có một tiến trình `hoso run` khác. Hãy dừng tiến trình đó trước.",
                "another `hoso run` works on this station; stop it first",
            )
        yield
