"""The slip of a day: how many scans came, were filed, signed, failed, and what still waits.

Counted from the event log, by Vietnam's clocks. Writing it again for the same day gives the same
slip as long as nothing has happened since.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from config.vocabulary import EventType
from desk import trays
from desk.moments import VIETNAM, now, vietnam
from desk.station import Station
from storage.archive import Archive
from storage.submissions import Submission, SubmissionState

PREFIX = "PHIEU-NGAY-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What happened in a day, and what stood at its end."""

    date: dt.date
    """Of Vietnam's clocks."""
    scanned: int
    """Scans that were claimed."""
    filed: int
    """Papers that were filed."""
    signed: int
    """Papers that got the agency's signature."""
    in_error: tuple[Submission, ...]
    """What lies in the error tray, the oldest first."""
    waiting: int
    """Scans in work, held, or to be confirmed."""


class DailySlips:
    """Writes each day's slip when the day is over.

    Args:
        station: whose.
        archive: its log.
    """

    def __init__(self, station: Station, archive: Archive) -> None:
        self._station = station
        self._archive = archive
        # A day that ended while no engine ran has its slip written at the next start.
        last = archive.events.last_time()
        self._day = vietnam(last or now()).date()

    def tick(self, at: dt.datetime) -> None:
        """Write the slip of the day that has ended since the last call, if one has."""
        today = vietnam(at).date()
        if today != self._day:
            write_slip(self._station, self._archive, self._day)
            self._day = today

    def close(self, at: dt.datetime) -> None:
        """Write the slip of the day so far: the engine stops."""
        self.tick(at)
        write_slip(self._station, self._archive, self._day)


def count_day(archive: Archive, date: dt.date) -> Day:
    """Count a day's events, and what stands now."""
    begins = dt.datetime.combine(date, dt.time(), VIETNAM)
    counted = archive.events.count_between(begins, begins + dt.timedelta(days=1))
    counts = archive.ledger.counts()
    return Day(
        date=date,
        scanned=counted.get(EventType.CAPTURE, 0),
        filed=counted.get(EventType.INGESTION, 0),
        signed=counted.get(EventType.SIGNATURE_GENERATION, 0),
        in_error=tuple(archive.ledger.in_state(SubmissionState.IN_ERROR)),
        waiting=counts.in_work
        + counts.awaiting_personal_signature
        + counts.awaiting_release
        + counts.awaiting_timestamp
        + counts.to_confirm,
    )


def render_day(day: Day) -> str:
    """Write a day's slip for people."""
    lines = [
        f"PHIẾU NGÀY {day.date.strftime('%d/%m/%Y')}",
        "",
        f"Bản quét đã nhận:        {day.scanned}",
        f"Giấy tờ đã lưu kho:      {day.filed}",
        f"Giấy tờ đã ký số:        {day.signed}",
        f"Đang làm, đang chờ:      {day.waiting}",
        f"Lỗi cần xem (thư mục 4): {len(day.in_error)}",
        *(f"- {_place(item)}: {item.reason.vi if item.reason else ''}" for item in day.in_error),
    ]
    return "\n".join(lines) + "\n"


def _place(item: Submission) -> str:
    return f"{item.folder}/{item.name}" if item.folder else item.name


def slip_of(station: Station, date: dt.date) -> Path:
    """Return where a day's slip lies."""
    return station.done / f"{PREFIX}{date.isoformat()}.txt"


def write_slip(station: Station, archive: Archive, date: dt.date) -> None:
    """Write a day's slip, over an earlier one of the same day."""
    trays.write_slip(slip_of(station, date), render_day(count_day(archive, date)))
