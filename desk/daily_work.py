"""What a station does once a day: the day's slip, the log's timestamp, a look for orphans."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta

from desk.anchoring import DailyAnchor
from desk.daily import DailySlips
from desk.disposal import go_on
from desk.errors import StationBusy
from desk.reading_copies import end_copies
from desk.services import Services
from desk.stages import ACTOR
from signing.stamping import timestamp_digest
from storage.errors import RowDamaged
from storage.looks import Looks
from storage.orphans import APART, is_sweep_due, sweep_orphans

log = logging.getLogger("hoso.daily")

# An engine that ends waits so long for a timestamp that was asked for; then tomorrow's will do.
_PATIENCE_SECONDS = 10.0
_COPIES_APART = timedelta(hours=1)


class DailyWork:
    """The daily work of one run of the engine.

    Args:
        services: Whose station.
    """

    def __init__(self, services: Services) -> None:
        self._slips = DailySlips(services.station, services.archive)

        def stamp(sha256: bytes) -> bytes:
            return timestamp_digest(sha256, services.trust, services.network)

        self._anchor = DailyAnchor(services.station, services.archive, stamp, ACTOR)
        self._station = services.station
        self._archive = services.archive
        self._swept: datetime | None = None
        self._ended: datetime | None = None

    def tick(self, at: datetime) -> None:
        """Do what has become due."""
        self._slips.tick(at)
        self._anchor.tick(at)
        self._sweep(at)
        self._end_copies(at)

    def close(self, at: datetime) -> None:
        """Do what is due before the engine ends: it may run once a day only."""
        self._anchor.tick(at)
        self._anchor.close(at, _PATIENCE_SECONDS)
        self._sweep(at)
        self._end_copies(at)
        self._slips.close(at)

    def _sweep(self, at: datetime) -> None:
        """Look once a day for objects that nothing names; this process alone writes objects.

        And once at the start: a destruction that was cut off goes on.
        """
        if self._swept is not None and at < self._swept + APART:
            return
        # A backup that runs just now keeps it waiting until tomorrow.
        with suppress(StationBusy), _passed_over("destructions"):
            go_on(self._station, self._archive, actor=ACTOR)
        # Where a row is damaged nobody knows what it names: nothing is deleted that day.
        self._swept = at
        with closing(Looks(self._archive.root)) as looks, _passed_over("the sweep"):
            if is_sweep_due(looks, at):
                sweep_orphans(self._archive, looks, actor=ACTOR, at=at)
            self._swept = looks.last_sweep()

    def _end_copies(self, at: datetime) -> None:
        """Let reading copies end: the last day ends at midnight, so the hour is soon enough."""
        if self._ended is None or at >= self._ended + _COPIES_APART:
            self._ended = at
            with _passed_over("reading copies"):
                end_copies(self._station, self._archive, at, ACTOR)


@contextmanager
def _passed_over(duty: str) -> Iterator[None]:
    """Leave a duty undone over a damaged row: scans go on, and `hoso fixity` names the row."""
    try:
        yield
    except RowDamaged as error:
        log.warning("%s: not done, %s", duty, error.en)
