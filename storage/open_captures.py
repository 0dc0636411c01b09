"""Captures of which the log does not tell the end, and where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from storage.archive import Archive
from storage.canonical import read_json
from storage.errors import RecordNotFound
from storage.outsider.event_rows import find_open_captures

_WORDS = ("capture", "unquarantine", "duplicate", "quarantine", "withdrawal", "ingestion")
LOST = "lost"
"""State of a capture that the ledger does not know: somebody took it away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unended:
    """A scan that was taken in and has not come to an end."""

    submission_id: str
    """Its id."""
    seq: int
    """The event that opened it."""
    at: str
    """When, UTC."""
    state: str
    """Where the ledger says that it stands; `lost` where it knows nothing of it."""


def find_unended(archive: Archive) -> list[Unended]:
    """Return the captures without an end, the oldest first."""
    return [
        Unended(
            submission_id=item.submission_id,
            seq=item.seq,
            at=item.at,
            state=_state(archive, item.submission_id),
        )
        for item in find_open_captures(_events(archive))
    ]


def _state(archive: Archive, submission_id: str) -> str:
    try:
        return archive.ledger.get(submission_id).state.value
    except RecordNotFound:
        return LOST


def _events(archive: Archive) -> Iterator[dict[str, Any]]:
    marks = ", ".join("?" for _ in _WORDS)
    query = f"SELECT CAST(body AS BLOB) AS body FROM event WHERE type IN ({marks}) ORDER BY seq"  # noqa: S608  # question marks
    for row in archive.db.iterate(query, _WORDS):
        try:
            event = read_json(row["body"])
        except ValueError:
            continue  # the log's own check names this event
        if isinstance(event.get("detail"), dict):
            yield event
