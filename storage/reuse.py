"""Do we already hold a paper of somebody: found by the number that says whose it is.

Whoever was asked for a paper that the archive holds need not bring it again; how often that was
asked and held is counted from the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from config.vocabulary import EventType
from storage.database import Database
from storage.times import time_text

OWNER_FIELDS = (
    "personal_number",
    "husband_number",
    "wife_number",
    "old_number",
    "passport_number",
    "business_code",
)
"""Fields that say whose paper it is; of persons who only appear on it there are others."""
EVENT_OBJECT = "reuse"
"""What the event of a question is about."""
HELD, UNCLEAR, NOT_HELD = "held", "unclear", "not_held"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReuseCount:
    """How often it was asked whether a paper is held."""

    asked: int
    """Questions."""
    held: int
    """Answered by a valid paper."""


def records_of_owner(db: Database, owner: str, class_code: str | None) -> list[str]:
    """Return the ids of the records that bear a number of their owner, the newest first.

    Args:
        db: records.db.
        owner: the number, as a field holds it.
        class_code: only of this class; None for all.
    """
    marks = ", ".join("?" for _ in OWNER_FIELDS)
    query = (
        "SELECT DISTINCT record.id, record.number FROM field "  # noqa: S608  # question marks alone
        "JOIN record ON record.number = field.record "
        f"WHERE field.value = ? AND field.name IN ({marks}) "
        "AND record.class_code = ifnull(?, record.class_code) ORDER BY record.number DESC"
    )
    return [row["id"] for row in db.rows(query, (owner, *OWNER_FIELDS, class_code))]


def count_questions(db: Database, begins: datetime, ends: datetime) -> ReuseCount:
    """Count the questions from one moment up to, not including, another."""
    row = db.row(
        "SELECT count(*) AS asked, coalesce(sum(outcome = ?), 0) AS held FROM event "
        "WHERE object = ? AND type = ? AND at >= ? AND at < ?",
        (HELD, EVENT_OBJECT, EventType.REUSE.value, time_text(begins), time_text(ends)),
    )
    return ReuseCount(asked=row["asked"], held=row["held"]) if row else ReuseCount(asked=0, held=0)
