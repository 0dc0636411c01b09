"""What is kept for a while only goes when its time is over, whether somebody comes by or not.

Verdicts, sessions nobody uses, failures that count no more.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from types import TracebackType

from desk.web.house import House
from desk.web.verdict_shelf import shelf_of
from desk.web.views.entrance import FAILURE_WINDOW
from storage.errors import StorageError

log = logging.getLogger("hoso.web")
_EVERY_SECONDS = 60.0


def sweep(house: House) -> None:
    """Remove what is over."""
    at = house.clock()
    seen, begun = open_since(house, at)
    shelf_of(house.archive).sweep(at)
    house.accounts.end_old(seen=seen, begun=begun)
    house.accounts.forget_failures(at - FAILURE_WINDOW)
    house.accounts.challenges.forget(at)


def open_since(house: House, at: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """Return since when a session must have been used, and begun, to be open at a moment."""
    web = house.station.settings.web
    idle, day = dt.timedelta(minutes=web.idle_minutes), dt.timedelta(hours=web.session_hours)
    return at - idle, at - day


class Sweeper:
    """Sweeps once a minute in a thread of its own; a context manager.

    Args:
        house: whose.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="sweeper", daemon=True)

    def __enter__(self) -> Sweeper:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end.set()
        self._thread.join()

    def _go_on(self) -> None:
        while not self._end.wait(_EVERY_SECONDS):
            try:
                sweep(self._house)
            except (StorageError, OSError) as error:
                log.warning("what is over was not removed, and will be later: %s", error)
