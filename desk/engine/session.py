"""One session of the engine on a station: lock, services, work, signed log."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack

from desk.demo.founding import demo_services, demo_session
from desk.endings import Ending
from desk.engine.local import LocalEngine
from desk.room import telling_full_disk
from desk.startup import note_settings, open_services
from desk.station import Station
from desk.station_lock import hold_lock
from desk.watch import watch


def run_station(
    station: Station, report: Callable[[Ending], None], stop: threading.Event, *, once: bool
) -> None:
    """Work on a station until its inbox is empty, or until told to stop.

    Args:
        station: whose inbox.
        report: told of each ending as it comes.
        stop: set when no new work shall begin; what is in work is finished.
        once: end when nothing waits and nothing is in work.

    Raises:
        StationBusy: another engine works here.
        DeskError, StorageError, SigningError, EngineMissing: the station cannot go on; nothing is
            lost.
    """
    with ExitStack() as stack:
        stack.enter_context(telling_full_disk())
        stack.enter_context(hold_lock(station))
        stack.enter_context(demo_services(station))
        services = stack.enter_context(open_services(station))
        note_settings(station, services.archive)
        services = stack.enter_context(demo_session(services))
        with LocalEngine(services, report) as engine:
            if once:
                engine.run_once(stop)
            else:
                watching = station.settings.intake.watching
                engine.run_until(stop, stack.enter_context(watch(station.inbox, watching)))
