"""What other commands ask of the running engine: it alone changes what is in work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from storage.canonical import canonical_text, digest, read_json
from storage.damaged_rows import read_each, require_whole
from storage.database import Database
from storage.times import read_time, time_text

DIGEST = "ALTER TABLE request ADD COLUMN digest TEXT NOT NULL DEFAULT ''"
"""What was asked before there was this column has none, and is taken as it stands."""
_PENDING = "SELECT * FROM request WHERE completed_at IS NULL"


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
        asked = (kind, canonical_text(dict(body)), actor, time_text(at))
        with self._db.transaction():
            cursor = self._db.execute(
                "INSERT INTO request (kind, body, actor, at, digest) VALUES (?, ?, ?, ?, ?)",
                (*asked, digest(asked)),
            )
            return cursor.lastrowid or 0

    def pending(self, kind: str) -> list[Request]:
        """Return the requests of a kind that wait, the oldest first.

        One that is not as it was asked is not acted on, and does not stop the others.
        """
        rows = self._db.salvaged(f"{_PENDING} AND kind = ? ORDER BY id", (kind,))
        return list(_read(rows)[0].values())

    def damaged(self) -> list[int]:
        """Return the numbers of the requests that wait, and are not as they were asked."""
        return _read(self._db.salvaged(f"{_PENDING} ORDER BY id"))[1]

    def complete(self, request_id: int, at: datetime) -> None:
        """Note that a request was acted on; its particulars, which may be personal, go."""
        with self._db.transaction():
            self._db.execute(
                "UPDATE request SET completed_at = ?, body = '{}', digest = '' "
                "WHERE id = ? AND completed_at IS NULL",
                (time_text(at), request_id),
            )


def _read(rows: Sequence[dict[str, Any]]) -> tuple[dict[int, Request], list[int]]:
    held = {row["id"]: row for row in rows}
    return read_each(lambda number: _request(held[number]), held)


def _request(row: dict[str, Any]) -> Request:
    require_whole(row)
    asked = (row["kind"], row["body"], row["actor"], row["at"])
    if row["digest"] not in ("", digest(asked)):
        raise ValueError("a request is not as it was asked")
    return Request(
        id=row["id"],
        kind=row["kind"],
        body=read_json(row["body"]),
        actor=row["actor"],
        at=read_time(row["at"]),
    )
