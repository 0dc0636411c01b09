"""What the log tells, heard event by event: for checks that hold rows against it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from storage.canonical import read_json
from storage.database import Database
from storage.errors import StorageError

UNREADABLE = (StorageError, sqlite3.Error, ValueError, TypeError, KeyError, AttributeError)
"""What reading a damaged row can raise: text that is no UTF-8, values no vocabulary has."""


def hear_events(db: Database, query: str, hear: Callable[[dict[str, Any]], None]) -> None:
    """Let each event that a query finds be heard, but those that cannot be read.

    Args:
        db: records.db.
        query: Gives their bodies, as `body`.
        hear: Takes one event.
    """
    for row in db.iterate(query):
        try:
            hear(read_json(row["body"]))
        except UNREADABLE:
            continue  # the log's own check names this event
