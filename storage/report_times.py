"""How long papers took and waited in a period, and why scans were put aside: from rows and log."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from config.vocabulary import EventType
from storage.database import Database
from storage.reports import REPORTED_TYPES, Period
from storage.reuse import ReuseCount, count_questions
from storage.times import moments_of, time_text

_DAY_SECONDS = 86_400
_LATE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """How long something took."""

    count: int
    """How often it was measured."""
    median_seconds: float | None
    """Half took no longer; None where nothing was measured."""
    p90_seconds: float | None
    """Nine of ten took no longer."""
    longest_seconds: float | None
    """The longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """How long papers took and waited."""

    received_to_filed: Span
    """From the claim of a scan to the filing of a paper of it; filed in the period."""
    waited_for_release: Span
    """From the last thing done to a scan to a person's release; automatic ones do not count."""
    released_to_signed: Span
    """From the release to the agency's signature."""
    waited_for_person: Span
    """From being put into tray 4 or 5 to a person's answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """Papers that were filed in the period."""

    filed: int
    """All of them."""
    pages: int
    """Their pages."""
    must: int
    """Of them, those that the law wants digitised."""
    passed: int
    """Of them, those whose signatures were found valid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why scans were put aside."""

    code: str
    """Code of the reason (docs/trays.md)."""
    in_error: int
    """Times that a scan went to the error tray for it."""
    to_confirm: int
    """Times that a person was asked about it."""
    unknown: int
    """Times of which the log does not say which tray: it was written by an older program."""


def count_papers(db: Database, period: Period) -> Papers:
    """Count what was filed in a period."""
    row = db.row(
        "SELECT count(*) AS filed, coalesce(sum(page_count), 0) AS pages, "
        "coalesce(sum(duty = 'must'), 0) AS must, "
        "coalesce(sum(verdict = 'TOTAL-PASSED'), 0) AS passed "
        "FROM record WHERE filed_at >= :begins AND filed_at < :ends",
        _moments(period),
    )
    return Papers(**row) if row else Papers(filed=0, pages=0, must=0, passed=0)


def measure_times(db: Database, period: Period) -> Times:
    """Measure how long papers took in a period."""
    return Times(
        received_to_filed=_span(
            db,
            "SELECT julianday(record.filed_at) - julianday(submission.received_at) AS days "
            "FROM record JOIN submission ON submission.id = record.submission_id "
            "WHERE record.filed_at >= :begins AND record.filed_at < :ends",
            period,
        ),
        waited_for_release=_span(
            db,
            _since(
                EventType.RELEASE,
                "SELECT julianday(told.at) - julianday(max(event.at)) FROM event "
                "WHERE event.object = told.object AND event.seq < told.seq AND event.type "
                "IN ('normalization', 'validation', 'metadata extraction', 'unquarantine')",
                "AND told.outcome = 'success'",
            ),
            period,
        ),
        released_to_signed=_span(
            db, _until(EventType.RELEASE, "'digital signature generation'"), period
        ),
        waited_for_person=_span(
            db, _until(EventType.QUARANTINE, "'unquarantine', 'withdrawal'"), period
        ),
    )


def count_causes(db: Database, period: Period) -> tuple[Cause, ...]:
    """Count why scans were put aside in a period, the most frequent first.

    A scan that stands for several reasons counts for each.
    """
    rows = db.rows(
        f"SELECT outcome, body ->> '$.detail.state' AS state, count(*) AS n "  # noqa: S608  # our own words
        f"FROM event WHERE {_told(EventType.QUARANTINE, 'event')} GROUP BY 1, 2",
        _moments(period),
    )
    counted: dict[str, Counter[str]] = {}
    for row in rows:
        for code in row["outcome"].split("+"):
            counted.setdefault(code, Counter())[row["state"] or "unknown"] += row["n"]
    causes = (
        Cause(
            code=code,
            in_error=states["in_error"],
            to_confirm=states["to_confirm"],
            unknown=states["unknown"],
        )
        for code, states in counted.items()
        # A marked scan goes to neither tray; how many there were is nobody's matter here.
        if set(states) - {"secret"}
    )
    return tuple(sorted(causes, key=lambda cause: (-_times(cause), cause.code)))


def count_reuse(db: Database, period: Period) -> ReuseCount:
    """Count the questions of a period whether a paper is held."""
    begins, ends = moments_of(period.begins, period.ends)
    return count_questions(db, begins, ends)


def _times(cause: Cause) -> int:
    return cause.in_error + cause.to_confirm + cause.unknown


def _since(kind: EventType, earlier: str, more: str = "") -> str:
    return f"SELECT ({earlier}) AS days FROM event AS told WHERE {_told(kind, 'told')} {more}"  # noqa: S608  # our own words


def _until(kind: EventType, later: str) -> str:
    return _since(
        kind,
        "SELECT julianday(min(event.at)) - julianday(told.at) FROM event "  # noqa: S608  # our own words
        "WHERE event.object = told.object AND event.seq > told.seq "
        f"AND event.type IN ({later})",
    )


def _told(kind: EventType, table: str) -> str:
    """Return what the few events of a type in a period are found by, as their index is limited."""
    return (
        f"{table}.type IN ({REPORTED_TYPES}) AND {table}.type = '{kind.value}' "
        f"AND {table}.at >= :begins AND {table}.at < :ends"
    )


def _span(db: Database, query: str, period: Period) -> Span:
    days = [row["days"] for row in db.iterate(query, _moments(period)) if row["days"] is not None]
    # Clocks that were set back make nothing shorter than no time.
    seconds = sorted(max(0.0, round(item * _DAY_SECONDS, 1)) for item in days)
    return Span(
        count=len(seconds),
        median_seconds=_at(seconds, 0.5),
        p90_seconds=_at(seconds, _LATE),
        longest_seconds=seconds[-1] if seconds else None,
    )


def _at(seconds: Sequence[float], share: float) -> float | None:
    """Return the smallest of sorted values that so great a share does not exceed."""
    return None if not seconds else seconds[math.ceil(len(seconds) * share) - 1]


def _moments(period: Period) -> dict[str, str]:
    begins, ends = moments_of(period.begins, period.ends)
    return {"begins": time_text(begins), "ends": time_text(ends)}
