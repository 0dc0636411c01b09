"""Times as the archive writes them: UTC, ISO 8601, fixed width, ending in Z."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7))


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
