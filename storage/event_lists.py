"""Events as lists show them: one that is damaged hides no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.vocabulary import EventType
from storage.canonical import read_json
from storage.damaged_rows import read_each, require_whole, told_as
from storage.model import Event
from storage.times import read_time


@dataclass(frozen=True, slots=True, kw_only=True)
class EventList:
    """Some events of the log."""

    events: tuple[Event, ...]
    """In the order asked for."""
    damaged: tuple[int, ...]
    """Numbers of those that cannot be read."""

    @property
    def numbers(self) -> list[int]:
        """The numbers of all, the lowest first."""
        return sorted((*(event.seq for event in self.events), *self.damaged))


def read_events(rows: Sequence[Mapping[str, Any]]) -> EventList:
    """Return the events of some rows."""
    held = {row["seq"]: row for row in rows}
    whole, damaged = read_each(lambda seq: event_of(held[seq]), held)
    return EventList(events=tuple(whole.values()), damaged=tuple(damaged))


def event_of(row: Mapping[str, Any]) -> Event:
    """Return the event of a row.

    Raises:
        RowDamaged: It cannot be read.
    """
    with told_as(f"event {row['seq']}"):
        require_whole({**row, "leaf": None})
        return Event(
            seq=row["seq"],
            type=EventType(row["type"]),
            object=row["object"],
            actor=row["actor"],
            at=read_time(row["at"]),
            outcome=row["outcome"],
            detail=read_json(row["body"])["detail"],
            leaf=row["leaf"].hex(),
        )
