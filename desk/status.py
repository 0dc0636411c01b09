"""How the station stands: numbers for programs, a page for the clerk."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from string import Template

from desk import trays
from desk.moments import now, show
from desk.services import Services
from desk.station import Station, is_engine_running
from storage.archive import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What `hoso status` tells."""

    alive: bool
    """An engine works on this station now."""
    hears: bool
    """The inbox can be listed."""
    waiting: int
    in_work: int
    awaiting_personal_signature: int
    awaiting_release: int
    awaiting_timestamp: int
    to_confirm: int
    in_error: int
    secret: int
    """Stopped for a mark of secrecy; a person must take them away."""
    filed: int
    oldest_error: dt.datetime | None


def measure_status(station: Station, archive: Archive) -> Status:
    """Count what stands where."""
    counts = archive.ledger.counts()
    return Status(
        alive=is_engine_running(station),
        hears=station.inbox.is_dir(),
        waiting=sum(1 for _ in trays.list_scans(station.inbox)),
        in_work=counts.in_work,
        awaiting_personal_signature=counts.awaiting_personal_signature,
        awaiting_release=counts.awaiting_release,
        awaiting_timestamp=counts.awaiting_timestamp,
        to_confirm=counts.to_confirm,
        in_error=counts.in_error,
        secret=counts.secret,
        filed=archive.records.count(),
        oldest_error=archive.ledger.oldest_error(),
    )


def write_status_page(services: Services) -> None:
    """Write `TRANG-THAI.html` for the clerk."""
    status = measure_status(services.station, services.archive)
    template = Template(files("desk").joinpath("pages/TRANG-THAI.html").read_text(encoding="utf-8"))
    at = now()
    page = template.substitute(
        agency=escape(services.station.settings.agency.name),
        at=show(at),
        waiting=status.waiting,
        in_work=status.in_work,
        held=status.awaiting_personal_signature
        + status.awaiting_release
        + status.awaiting_timestamp,
        to_confirm=status.to_confirm,
        in_error=status.in_error,
        secret=status.secret,
        oldest=show(status.oldest_error) if status.oldest_error else "không có",
        filed=status.filed,
    )
    trays.write_whole(services.station.status_page, page.encode("utf-8"))
