"""The frozen values of disposal: batches, their papers, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from storage.retention_due import Ground


class BatchState(StrEnum):
    """Where a batch stands."""

    PROPOSED = "proposed"
    DECIDED = "decided"
    DESTROYING = "destroying"
    CARRIED_OUT = "carried_out"


class ItemState(StrEnum):
    """Where a paper of a batch stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    KEPT = "kept"
    WITHHELD = "withheld"
    DESTROYING = "destroying"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the council decided (quyết định hủy)."""

    number: str
    """Số, ký hiệu of the decision."""
    date: date
    """Its day."""
    council: tuple[str, ...]
    """Who decided, with their offices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Why a paper was proposed, without anything that names people."""

    dossier_codes: tuple[str, ...]
    """Mã hồ sơ, the first place first."""
    class_code: str
    """Mã loại giấy tờ."""
    class_name: str
    """Its Vietnamese name."""
    ground: Ground
    """Term over, or one too many."""
    duplicate_of: str | None
    """The record that stands for it."""
    term: str
    """Code of the term."""
    years: int | None
    """Its years."""
    ended_on: str | None
    """Day on which the work ended."""
    expires_on: str | None
    """First day after the term."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A paper of a batch."""

    record_id: str
    """The record."""
    facts: Facts
    """Why it was proposed."""
    state: ItemState
    """Where it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Papers that were proposed together."""

    id: str
    """`HUY-<year>-<number>`."""
    state: BatchState
    """Where it stands."""
    proposed_by: str
    """Who proposed it."""
    proposed_at: datetime
    """When, UTC."""
    decision: Decision | None
    """What was decided on; None before."""
    decided_by: str | None
    """Who entered the decision."""
    decided_at: datetime | None
    """When, UTC."""
    carried_out_by: str | None
    """Who had it carried out."""
    carried_out_at: datetime | None
    """When everything was gone, UTC."""
    minutes_sha256: str | None
    """The minutes of the destruction, an object."""
    items: tuple[Item, ...]
    """Its papers, by record id."""

    def in_state(self, *states: ItemState) -> tuple[Item, ...]:
        """Return its papers that stand so."""
        return tuple(item for item in self.items if item.state in states)
