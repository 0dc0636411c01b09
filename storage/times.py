"""Times as the archive writes them: UTC, ISO 8601, fixed width, ending in Z."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7))
# Days that somebody may type and whose moments no clock can hold are drawn in to these.
_FIRST, _LAST = date(2, 1, 1), date(9998, 12, 31)


def moments_of(begins: date, ends: date) -> tuple[datetime, datetime]:
    """Return the first moment of a day and the first after another, of Vietnam's clocks."""
    first, last = max(begins, _FIRST), min(ends, _LAST) + timedelta(days=1)
    return datetime.combine(first, time(), VIETNAM), datetime.combine(last, time(), VIETNAM)


def time_text(at: datetime) -> str:
    """Write an aware time; text order is time order.

    Args:
        at: Aware time in any zone.

    Raises:
        ValueError: The time has no zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be evidence: {at.isoformat()}")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_time(text: str) -> datetime:
    """Read what `time_text` wrote, as an aware time in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def read_evidence_time(text: str) -> datetime:
    """Read what `time_text` wrote, and nothing that only looks like it.

    Raises:
        ValueError: It is written otherwise: a byte of it has changed.
    """
    at = read_time(text)
    if time_text(at) != text:
        raise ValueError(f"not as times are written: {text}")
    return at
