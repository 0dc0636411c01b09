"""Captures of which the log does not tell the end, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass

from storage.archive import Archive
from storage.errors import RecordNotFound, RowDamaged

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
        for item in archive.captures.unended()
    ]


def _state(archive: Archive, submission_id: str) -> str:
    try:
        return archive.ledger.get(submission_id).state.value
    except (RecordNotFound, RowDamaged):
        return LOST
