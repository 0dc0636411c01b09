"""What other commands ask of the running engine: it alone changes what is in work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from storage.canonical import canonical_text, read_json
from storage.damaged_rows import read_each, require_whole
from storage.database import Database
from storage.times import read_time, time_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What another command asks of the running engine."""

    id: int
    """Number of the request."""
    kind: str
    """What is asked."""
    body: dict[str, Any] = field(default_factory=dict)
    """JSON: its particulars."""
    actor: str
    """Who asks."""
    at: datetime
    """When."""


class Requests:
    """The requests of one archive.

    Args:
        db: records.db.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def ask(self, kind: str, body: Mapping[str, object], actor: str, at: datetime) -> int:
        """Ask something of the running engine; return the number of the request."""
        with self._db.transaction():
            cursor = self._db.execute(
                "INSERT INTO request (kind, body, actor, at) VALUES (?, ?, ?, ?)",
                (kind, canonical_text(dict(body)), actor, time_text(at)),
            )
            return cursor.lastrowid or 0

    def pending(self, kind: str) -> list[Request]:
        """Return the requests of a kind that wait, the oldest first.

        One that cannot be read cannot be acted on, and must not stop the others.
        """
        rows = self._db.salvaged(
            "SELECT * FROM request WHERE kind = ? AND completed_at IS NULL ORDER BY id", (kind,)
        )
        held = {row["id"]: row for row in rows}
        whole, _ = read_each(lambda number: _request(held[number]), held)
        return list(whole.values())

    def complete(self, request_id: int, at: datetime) -> None:
        """Note that a request was acted on; its particulars, which may be personal, go."""
        with self._db.transaction():
            self._db.execute(
                "UPDATE request SET completed_at = ?, body = '{}' "
                "WHERE id = ? AND completed_at IS NULL",
                (time_text(at), request_id),
            )


def _request(row: dict[str, Any]) -> Request:
    require_whole(row)
    return Request(
        id=row["id"],
        kind=row["kind"],
        body=read_json(row["body"]),
        actor=row["actor"],
        at=read_time(row["at"]),
    )
