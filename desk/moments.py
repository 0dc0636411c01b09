"""The clock, and how people here write a moment."""

from __future__ import annotations

import datetime as dt

# Beyond these nothing was or will be signed, and clocks of other zones have no such year.
_YEARS = range(1970, 3000)
VIETNAM = dt.timezone(dt.timedelta(hours=7))


def now() -> dt.datetime:
    """Return this moment, UTC, to the second below which nobody asks."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def vietnam(at: dt.datetime) -> dt.datetime:
    """Return the same moment on Vietnam's clocks (+07:00)."""
    return at.astimezone(VIETNAM)


def show(at: dt.datetime) -> str:
    """Write a moment as people read it: `21/11/2026 15:04:05`, +07:00."""
    here = vietnam(at)
    # Not by `strftime`, which takes four times as long: a page shows many.
    day = f"{here.day:02}/{here.month:02}/{here.year:04}"
    return f"{day} {here.hour:02}:{here.minute:02}:{here.second:02}"


def show_text(written: str) -> str:
    """Write a moment that JSON holds as people read it."""
    return show(dt.datetime.fromisoformat(written))


def parse_moment(text: str) -> dt.datetime:
    """Read an ISO 8601 moment; without an offset it is meant on Vietnam's clocks.

    Raises:
        ValueError: it is none, or of a year that nobody asks about.
    """
    moment = dt.datetime.fromisoformat(text)
    if moment.year not in _YEARS:
        raise ValueError(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)
