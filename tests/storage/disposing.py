"""An archive with a dossier whose term is over, and the officers who destroy its papers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from config.retention import RetentionRules, Term
from config.rules import load_rule_set
from config.vocabulary import EventType, Role
from storage.archive import Archive
from storage.destruction import Cleared, Order, Outside, begin, carry_out
from storage.disposal_values import Batch, Decision, Item
from storage.model import NewEvent, NewLink, Record
from storage.register import Dossier, RegisterBatch
from storage.retention_due import Keeping, Standing, standings
from tests.storage.conftest import AT, make_record

OLD, YOUNG, UNKNOWN = "H26.99-100105-0001", "H26.99-240105-0002", "H26.99-100106-0003"
TODAY = dt.date(2026, 11, 22)
PROPOSER, DECIDER = "văn thư THỬ NGHIỆM", "lưu trữ THỬ NGHIỆM"
DECISION = Decision(number="12/QĐ-UBND", date=AT.date(), council=("Chủ tịch THỬ NGHIỆM",))
PERIODS = load_rule_set(TODAY).retention
TEN_YEARS = Term(code="06", years=10, source="QĐ THỬ NGHIỆM", origin="default")
RULES = RetentionRules(version="1", classes={}, procedures={}, default=TEN_YEARS)


@dataclass(slots=True, kw_only=True)
class Office:
    """Who keeps and destroys."""

    archive: Archive
    rules: RetentionRules = RULES
    copies: list[str] = field(default_factory=list)
    """Copies outside the archive that were removed."""

    @property
    def keeping(self) -> Keeping:
        return Keeping(
            rules=self.rules,
            periods=PERIODS,
            own_terms=self.archive.retention.own_terms(),
            held=frozenset(self.archive.retention.held()),
        )

    @property
    def outside(self) -> Outside:
        return Outside(
            find=lambda record: [f"3-da-xong/{record.id}.pdf"], remove=self.copies.extend
        )

    def standings(self, ids: Sequence[str] | None = None) -> dict[str, Standing]:
        found = standings(self.archive.db, self.keeping, ids)
        return {paper.record_id: paper for paper in found}

    def file(self, n: int, code: str = OLD, **changes: object) -> Record:
        text = f"tờ khai bí danh số{n}x"
        new = make_record(self.archive, n, text, **{"id": record_id(n), **changes})
        link = NewLink(dossier_code=code, role=Role.COMPONENT)
        return self.archive.file(new, link, actor="desk", at=AT)

    def register(self, code: str, settled: str | None, **changes: object) -> None:
        dossier = Dossier(
            code=code,
            title="Hồ sơ của LÊ VĂN THỬ NGHIỆM",
            procedure_code="1.001193",
            agency_code="H26.99",
            applicant="LÊ VĂN THỬ NGHIỆM",
            settled_at=dt.date.fromisoformat(settled) if settled else None,
        )
        entry = replace(dossier, **changes)  # type: ignore[arg-type]  # fields by name
        self.archive.register.load(RegisterBatch(dossiers=(entry,)))
        self.archive.events.append(
            NewEvent(
                type=EventType.METADATA_MODIFICATION,
                object="register",
                actor="thử nghiệm",
                at=AT,
                detail=self.archive.register.seals.told(),
            )
        )

    def propose(self, *ids: str) -> Batch:
        papers = list(self.standings(ids).values())
        return self.archive.disposals.propose(papers, TODAY, actor=PROPOSER, at=AT)

    def approve(self, batch: Batch, *ids: str) -> Batch:
        approved = ids or tuple(item.record_id for item in batch.items)
        return self.archive.disposals.decide(batch.id, DECISION, approved, actor=DECIDER, at=AT)

    def order(self, batch: Batch) -> Order:
        return Order(batch=batch.id, actor=DECIDER, at=dt.datetime.now(dt.UTC))

    def carry_out(self, batch: Batch) -> Cleared:
        order = self.order(batch)
        begin(self.archive, order, self.keeping, minutes)
        return carry_out(self.archive, order, self.outside)

    def destroy(self, *ids: str) -> Cleared:
        """Propose, approve and carry out at once."""
        return self.carry_out(self.approve(self.propose(*ids)))


def minutes(batch: Batch, papers: Sequence[tuple[Item, Record]]) -> bytes:
    """Write minutes as short as can be."""
    return "\n".join([batch.id, *(f"{item.record_id} {r.title}" for item, r in papers)]).encode()


def make_office(archive: Archive, first: int = 1) -> Office:
    """File three papers in a dossier that was settled in 2010, and two in others.

    Args:
        archive: Where.
        first: Number of the first of them.
    """
    office = Office(archive=archive)
    office.register(OLD, "2010-05-03")
    office.register(YOUNG, "2024-01-01")
    for n in range(first, first + 3):
        office.file(n)
    office.file(first + 3, YOUNG)
    office.file(first + 4, UNKNOWN)
    return office


def record_id(n: int) -> str:
    """Return the id of the n-th record."""
    return f"018f0000-0000-7000-8000-{n:012d}"
