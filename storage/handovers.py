"""Which dossiers are due to the archive of the agency (Lưu trữ cơ quan), and which it has."""

from __future__ import annotations

import calendar
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from config.vocabulary import EventType
from storage.damaged_rows import read_each, require_whole
from storage.database import Database
from storage.events import EventLog
from storage.model import NewEvent
from storage.raw_rows import raw_rows, row_digest
from storage.times import read_time, time_text

# The work ends as terms of retention count it: settled, or else the last result issued.
_ENDED = """coalesce(settled_at, (SELECT max(issue_date) FROM procedure_result
    WHERE procedure_result.dossier_code = dossier.code))"""
_SALT_BYTES = 16
_HELD = f"""FROM dossier WHERE {_ENDED} IS NOT NULL
    AND EXISTS (SELECT 1 FROM link WHERE link.dossier_code = dossier.code)
    AND NOT EXISTS (SELECT 1 FROM handover WHERE handover.dossier_code = dossier.code)"""  # noqa: S608  # our own words


@dataclass(frozen=True, slots=True, kw_only=True)
class DueHandover:
    """A dossier whose work ended, and that was not handed over."""

    dossier_code: str
    """Mã hồ sơ."""
    title: str
    """Tiêu đề hồ sơ."""
    ended_on: date
    """Day on which its work ended."""
    due_on: date
    """Last day on which it is handed over in time."""
    papers: int
    """Its papers that are filed here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """A dossier that was handed over."""

    dossier_code: str
    """Mã hồ sơ, kept unchanged (TT 13/2023/TT-BNV Art. 4.4)."""
    package_sha256: str
    """SHA-256, hex, of the package that was handed over."""
    receiver: str
    """Who received it; empty where that was erased."""
    actor: str
    """Who says so."""
    at: datetime
    """When that was said, aware."""


class HandoverStore:
    """The hand-overs of one archive.

    Args:
        db: records.db.
        events: The log that shares its transactions.
    """

    def __init__(self, db: Database, events: EventLog) -> None:
        self._db = db
        self._events = events

    def mark(self, new: Handover) -> Handover:
        """Note that a dossier was handed over; a later hand-over of it takes the row's place."""
        with self._db.transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO handover (dossier_code, package_sha256, receiver, actor, "
                "at, salt) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    new.dossier_code,
                    new.package_sha256,
                    new.receiver,
                    new.actor,
                    time_text(new.at),
                    secrets.token_hex(_SALT_BYTES),
                ),
            )
            self._events.append(
                NewEvent(
                    type=EventType.TRANSFER,
                    object=new.dossier_code,
                    actor=new.actor,
                    at=new.at,
                    detail={
                        "package_sha256": new.package_sha256,
                        **self._told(new.dossier_code),
                    },
                )
            )
        return new

    def erase_receiver(self, dossier_code: str, *, actor: str, at: datetime) -> None:
        """Take out who received a dossier, where that names somebody; the rest stands."""
        with self._db.transaction():
            self._db.execute(
                "UPDATE handover SET receiver = '', salt = '' WHERE dossier_code = ?",
                (dossier_code,),
            )
            self._events.append(
                NewEvent(
                    type=EventType.DELETION,
                    object=dossier_code,
                    actor=actor,
                    at=at,
                    outcome="receiver",
                    detail=self._told(dossier_code),
                )
            )

    def _told(self, dossier_code: str) -> dict[str, str]:
        """Return what an event tells of a row: with its salt, the digest tells nobody's name."""
        (row,) = raw_rows(self._db, "handover", "dossier_code = ?", (dossier_code,))
        return {"row": f"handover {dossier_code}", "row_sha256": row_digest(row).hex()}

    def of(self, dossier_code: str) -> Handover | None:
        """Return the hand-over of a dossier, or None."""
        row = self._db.row("SELECT * FROM handover WHERE dossier_code = ?", (dossier_code,))
        return None if row is None else _handover(row)

    def all(self) -> list[Handover]:
        """Return all hand-overs, the newest first."""
        rows = self._db.rows("SELECT * FROM handover ORDER BY at DESC, dossier_code")
        return [_handover(row) for row in rows]

    def due(self, months: int, until: date) -> tuple[list[DueHandover], list[str]]:
        """Return the dossiers that are due by a day, the longest due first; and the damaged ones.

        Args:
            months: After the day on which the work ended.
            until: The last day of interest.
        """
        rows = self._db.salvaged(
            f"SELECT code, title, {_ENDED} AS ended_on, (SELECT count(*) FROM link "  # noqa: S608  # our own words
            f"WHERE link.dossier_code = dossier.code) AS papers {_HELD} ORDER BY ended_on, code"
        )
        by_code = {row["code"]: row for row in rows}
        found, damaged = read_each(lambda code: _due(by_code[code], months), by_code)
        return [dossier for dossier in found.values() if dossier.due_on <= until], damaged

    def ended_days(self) -> tuple[dict[date, int], list[str]]:
        """Count the dossiers that are to be handed over by the day on which their work ended.

        Returns:
            How many ended on which day, and the codes of those of which that is damaged.
        """
        query = f"SELECT {_ENDED} AS ended_on, count(*) AS n {_HELD} GROUP BY 1"
        counted = {row["ended_on"]: row["n"] for row in self._db.salvaged(query)}
        days, damaged = read_each(date.fromisoformat, counted)
        ended = {day: counted[text] for text, day in days.items()}
        return ended, self.due(0, date.min)[1] if damaged else []

    def count(self) -> int:
        """Return how many dossiers were handed over."""
        row = self._db.row("SELECT count(*) AS n FROM handover")
        return int(row["n"]) if row else 0


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later; the last of a shorter month, or of all days."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        # A register may say anything, and one wrong year must not stop the list of all others.
        return date.max
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _due(row: Mapping[str, Any], months: int) -> DueHandover:
    require_whole(row)
    ended = date.fromisoformat(row["ended_on"])
    return DueHandover(
        dossier_code=row["code"],
        title=row["title"],
        ended_on=ended,
        due_on=months_after(ended, months),
        papers=row["papers"],
    )


def _handover(row: Mapping[str, Any]) -> Handover:
    told = {name: value for name, value in row.items() if name != "salt"}
    return Handover(**{**told, "at": read_time(row["at"])})
