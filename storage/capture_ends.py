"""Which captures have no end in the log, read on from where the last look ended."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from storage.canonical import read_json
from storage.database import Database
from storage.outsider.event_rows import OpenCapture, follow_captures

_WORDS = ("capture", "unquarantine", "duplicate", "quarantine", "withdrawal", "ingestion")

_READ = {"seq", "at", "type", "object", "detail"}


class CaptureEnds:
    """Captures and their ends, as one log tells them.

    The first look reads the log from its beginning; as events are only added, each later one reads
    what came since.

    Args:
        db: records.db.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._guard = threading.Lock()
        self._open: dict[str, OpenCapture] = {}
        self._seen = 0

    def unended(self) -> list[OpenCapture]:
        """Return the captures without an end, the oldest first."""
        if self._db.is_writing:
            # What is read now may yet be undone.
            return list(self._read_on({}, 0, self._newest()).values())
        with self._guard:
            newest = self._newest()
            self._read_on(self._open, self._seen, newest)
            self._seen = newest
            return list(self._open.values())

    def _newest(self) -> int:
        row = self._db.row("SELECT max(seq) AS seq FROM event")
        return int(row["seq"] or 0) if row else 0

    def _read_on(
        self, known: dict[str, OpenCapture], after: int, newest: int
    ) -> dict[str, OpenCapture]:
        for event in self._events(after, newest):
            follow_captures(known, event)
        return known

    def _events(self, after: int, newest: int) -> Iterator[dict[str, Any]]:
        marks = ", ".join("?" for _ in _WORDS)
        query = (
            "SELECT CAST(body AS BLOB) AS body FROM event "  # noqa: S608  # question marks
            f"WHERE seq > ? AND seq <= ? AND type IN ({marks}) ORDER BY seq"
        )
        for row in self._db.iterate(query, (after, newest, *_WORDS)):
            try:
                event = read_json(row["body"])
            except ValueError:
                continue  # the log's own check names this event
            if _is_readable(event):
                yield event


def _is_readable(event: object) -> bool:
    return isinstance(event, dict) and event.keys() >= _READ and isinstance(event["detail"], dict)
