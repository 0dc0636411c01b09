"""Papers under consideration of destruction (xem xét hủy): proposed, decided by another person.

Each step of each paper is an event. Whoever proposed a batch cannot decide about it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from config.vocabulary import EventType
from storage.canonical import canonical_text, digest, read_json
from storage.database import Database
from storage.disposal_values import Batch, BatchState, Decision, Facts, Item, ItemState
from storage.errors import DisposalRefused
from storage.events import EventLog
from storage.model import NewEvent
from storage.raw_rows import raw_rows, row_digest
from storage.retention_due import Standing
from storage.times import VIETNAM, read_time, time_text


class DisposalStore:
    """The batches of one archive.

    Args:
        db: records.db.
        events: The log that shares its transactions.
    """

    def __init__(self, db: Database, events: EventLog) -> None:
        self._db = db
        self._events = events

    def propose(self, papers: Sequence[Standing], on: date, *, actor: str, at: datetime) -> Batch:
        """Put papers under consideration, as one batch.

        Args:
            papers: How long each is to be kept.
            on: The day that terms are compared with.
            actor: Who proposes.
            at: When.

        Raises:
            DisposalRefused: One of them may not be destroyed, or is in a batch already.
        """
        with self._db.transaction():
            under = self.under_consideration()
            for paper in papers:
                _refuse(objection(paper, on) or _consider(paper.record_id, under))
            if not papers:
                raise DisposalRefused(
                    "Không có giấy tờ nào để đề nghị hủy.", "there is no paper to propose"
                )
            batch = self._next_id(on.year)
            self._db.execute(
                "INSERT INTO disposal_batch (id, state, proposed_by, proposed_at) "
                "VALUES (?, 'proposed', ?, ?)",
                (batch, actor, time_text(at)),
            )
            for paper in papers:
                facts = asdict(_facts(paper, on))
                self._db.execute(
                    "INSERT INTO disposal_item (batch, record_id, facts, state) "
                    "VALUES (?, ?, ?, 'proposed')",
                    (batch, paper.record_id, canonical_text(facts)),
                )
                detail = {"batch": batch, **facts}
                self._tell(paper.record_id, "proposed", detail, (actor, at))
            self._tell("archive", "batch_proposed", self.told(batch), (actor, at))
            return self.get(batch)

    def decide(
        self,
        batch_id: str,
        decision: Decision,
        approved: Collection[str],
        *,
        actor: str,
        at: datetime,
    ) -> Batch:
        """Enter what was decided; papers that are not approved are kept.

        Args:
            batch_id: Which batch.
            decision: What was decided, and by whom.
            approved: Records that shall be destroyed.
            actor: Who enters it; never who proposed.
            at: When.

        Raises:
            DisposalRefused: The same person proposed it, it is decided already, a record is not in
                it, or its term was not over on the day of the decision.
        """
        with self._db.transaction():
            batch = self.get(batch_id)
            _refuse(_undecidable(batch, approved, actor))
            _refuse(_untimely(batch, approved, decision, at))
            plain = {**asdict(decision), "date": decision.date.isoformat()}
            self._db.execute(
                "UPDATE disposal_batch SET state = ?, decision = ?, decided_by = ?, "
                "decided_at = ?, carried_out_at = ? WHERE id = ?",
                (
                    (BatchState.DECIDED if approved else BatchState.CARRIED_OUT).value,
                    canonical_text(plain),
                    actor,
                    time_text(at),
                    None if approved else time_text(at),
                    batch_id,
                ),
            )
            for item in batch.items:
                state = ItemState.APPROVED if item.record_id in approved else ItemState.KEPT
                self.set_item(batch_id, item.record_id, state)
                detail = {"batch": batch_id, "decision": _told(decision)}
                self._tell(item.record_id, state.value, detail, (actor, at))
            self._tell("archive", "batch_decided", self.told(batch_id), (actor, at))
            return self.get(batch_id)

    def begin(self, batch_id: str, minutes_sha256: str, *, actor: str, at: datetime) -> None:
        """Note that destruction begins, with its minutes; the caller's transaction holds them."""
        self._db.execute(
            "UPDATE disposal_batch SET state = 'destroying', carried_out_by = ?, "
            "minutes_sha256 = ? WHERE id = ?",
            (actor, minutes_sha256, batch_id),
        )
        detail = {"minutes_sha256": minutes_sha256, **self.told(batch_id)}
        self._tell("archive", "carry_out_began", detail, (actor, at))

    def withhold(
        self, batch_id: str, record_id: str, why: str, *, actor: str, at: datetime
    ) -> None:
        """Leave an approved paper out: what it was approved for does not hold any more."""
        self.set_item(batch_id, record_id, ItemState.WITHHELD)
        self._tell(record_id, "withheld", {"batch": batch_id, "why": why}, (actor, at))

    def finish(self, batch_id: str, at: datetime) -> None:
        """Note that a batch is carried out; the caller logs it."""
        self._db.execute(
            "UPDATE disposal_batch SET state = 'carried_out', carried_out_at = ? WHERE id = ?",
            (time_text(at), batch_id),
        )

    def told(self, batch_id: str) -> dict[str, str]:
        """Return what events carry of a batch: the digest of its row as it stands."""
        (row,) = raw_rows(self._db, "disposal_batch", "id = ?", (batch_id,))
        name = f"disposal_batch {batch_id}"
        return {"batch": batch_id, "row": name, "row_sha256": row_digest(row).hex()}

    def set_item(self, batch_id: str, record_id: str, state: ItemState) -> None:
        """Note where a paper of a batch stands."""
        self._db.execute(
            "UPDATE disposal_item SET state = ? WHERE batch = ? AND record_id = ?",
            (state.value, batch_id, record_id),
        )

    def get(self, batch_id: str) -> Batch:
        """Return a batch.

        Raises:
            DisposalRefused: There is none.
        """
        row = self._db.row("SELECT * FROM disposal_batch WHERE id = ?", (batch_id,))
        if row is None:
            raise DisposalRefused(
                f"Không có đợt xét hủy «{batch_id}». Hãy xem các đợt bằng `hoso dispose`.",
                f"there is no batch {batch_id!r}; see the batches with `hoso dispose`",
            )
        return self._batch(row)

    def batches(self) -> list[Batch]:
        """Return all batches, the oldest first."""
        rows = self._db.rows("SELECT * FROM disposal_batch ORDER BY proposed_at, id")
        return [self._batch(row) for row in rows]

    def under_consideration(self) -> dict[str, str]:
        """Return the records that are in an open batch, each with that batch."""
        rows = self._db.rows(
            "SELECT record_id, batch FROM disposal_item "
            "WHERE state IN ('proposed', 'approved', 'destroying')"
        )
        return {row["record_id"]: row["batch"] for row in rows}

    def being_destroyed(self) -> set[str]:
        """Return the records whose destruction has begun, and of which rows may be left."""
        rows = self._db.rows("SELECT record_id FROM disposal_item WHERE state = 'destroying'")
        return {row["record_id"] for row in rows}

    def standing_of(self, record_id: str) -> tuple[str, ItemState] | None:
        """Return the open batch of a record and where it stands there, or None."""
        row = self._db.row(
            "SELECT batch, state FROM disposal_item WHERE record_id = ? "
            "AND state IN ('proposed', 'approved', 'destroying')",
            (record_id,),
        )
        return None if row is None else (row["batch"], ItemState(row["state"]))

    def is_approved(self, batch_id: str, record_id: str) -> bool:
        """Tell whether the log itself says that a paper of a batch was approved, and no later."""
        told = [
            event.outcome
            for event in self._events.events(record_id)
            if event.type is EventType.APPRAISAL and event.detail.get("batch") == batch_id
        ]
        return told[-1:] == [ItemState.APPROVED.value]

    def referenced_objects(self) -> set[str]:
        """Return the SHA-256 of the minutes of all batches."""
        rows = self._db.rows(
            "SELECT minutes_sha256 FROM disposal_batch WHERE minutes_sha256 IS NOT NULL"
        )
        return {row["minutes_sha256"] for row in rows}

    def _next_id(self, year: int) -> str:
        # After a restore, papers may be gone in a batch that this archive has no row of.
        rows = self._db.rows(
            "SELECT id FROM disposal_batch UNION SELECT body ->> '$.batch' FROM destroyed_record"
        )
        start = f"HUY-{year}-"
        used = (row["id"].removeprefix(start) for row in rows if row["id"].startswith(start))
        return f"{start}{max(map(int, used), default=0) + 1:03d}"

    def _batch(self, row: Mapping[str, Any]) -> Batch:
        items = self._db.rows(
            "SELECT record_id, facts, state FROM disposal_item WHERE batch = ? ORDER BY record_id",
            (row["id"],),
        )
        decision = row["decision"] and read_json(row["decision"])
        return Batch(
            **{name: row[name] for name in ("id", "proposed_by", "decided_by", "carried_out_by")},
            state=BatchState(row["state"]),
            proposed_at=read_time(row["proposed_at"]),
            decision=decision and _decision(decision),
            decided_at=_moment(row["decided_at"]),
            carried_out_at=_moment(row["carried_out_at"]),
            minutes_sha256=row["minutes_sha256"],
            items=tuple(_item(item) for item in items),
        )

    def _tell(
        self, subject: str, outcome: str, detail: Mapping[str, object], who: tuple[str, datetime]
    ) -> None:
        actor, at = who
        self._events.append(
            NewEvent(
                type=EventType.APPRAISAL,
                object=subject,
                actor=actor,
                at=at,
                outcome=outcome,
                detail=detail,
            )
        )


def objection(paper: Standing, on: date) -> tuple[str, str] | None:
    """Say why a paper may not be destroyed on a day, Vietnamese and English; None where it may."""
    who = paper.record_id
    if paper.is_held:
        return (
            f"Giấy tờ {who} đang tạm dừng hủy. Hãy bỏ dừng trước (`hoso dispose lift`).",
            f"a hold stands on {who}; lift it first",
        )
    ground = paper.ground(on)
    if ground is None:
        return (
            f"Giấy tờ {who} chưa hết thời hạn lưu trữ, hoặc chưa biết công việc kết thúc ngày nào.",
            f"the term of {who} is not over, or it is not known when its work ended",
        )
    if ground == "expired" and paper.term.unverified:
        return (
            f"Thời hạn của giấy tờ {who} ({paper.class_code}) chưa được cơ quan xác nhận. Hãy ghi "
            "thời hạn vào retention.toml của cơ quan (docs/disposal.md) rồi chạy lại.",
            f"the office has not stated the term of {who} ({paper.class_code}); write it into its "
            "own retention.toml",
        )
    return None


def _consider(record_id: str, under: Mapping[str, str]) -> tuple[str, str] | None:
    if record_id not in under:
        return None
    batch = under[record_id]
    return (
        f"Giấy tờ {record_id} đã nằm trong đợt {batch}.",
        f"{record_id} is in batch {batch} already",
    )


def _undecidable(batch: Batch, approved: Collection[str], actor: str) -> tuple[str, str] | None:
    if batch.state is not BatchState.PROPOSED:
        return (
            f"Đợt {batch.id} đã được quyết định rồi.",
            f"batch {batch.id} is decided already",
        )
    if actor == batch.proposed_by:
        return own_proposal(batch)
    strangers = sorted(set(approved) - {item.record_id for item in batch.items})
    if strangers:
        return (
            f"Giấy tờ {strangers[0]} không nằm trong đợt {batch.id}.",
            f"{strangers[0]} is not in batch {batch.id}",
        )
    return None


def _untimely(
    batch: Batch, approved: Collection[str], decision: Decision, at: datetime
) -> tuple[str, str] | None:
    """Hold a decision's day against the clock's, and the terms against that day.

    A person writes that day: where a clock is years ahead, it is what says so.
    """
    day = decision.date
    if day > at.astimezone(VIETNAM).date():
        return (
            f"Quyết định ghi ngày {day:%d/%m/%Y}, sau hôm nay. Hãy kiểm tra ngày và đồng hồ máy.",
            f"the decision is of {day}, which is still to come; check it and the clock",
        )
    for item in batch.items:
        over = item.facts.expires_on or ""
        is_due = item.facts.ground != "expired" or over <= day.isoformat()
        if item.record_id in approved and not is_due:
            return (
                f"Giấy tờ {item.record_id} hết thời hạn từ {over}, sau ngày quyết định "
                f"({day.isoformat()}). Hãy kiểm tra ngày và đồng hồ máy, hoặc giữ giấy này lại.",
                f"the term of {item.record_id} is over from {over}, after the day of the decision",
            )
    return None


def own_proposal(batch: Batch) -> tuple[str, str]:
    """Say that nobody decides about an own proposal, Vietnamese and English."""
    return (
        f"Người đề nghị đợt {batch.id} không được tự quyết định. Hãy để người khác ghi quyết định.",
        f"who proposed batch {batch.id} cannot decide about it; another person must",
    )


def _refuse(why: tuple[str, str] | None) -> None:
    if why is not None:
        raise DisposalRefused(*why)


def _facts(paper: Standing, on: date) -> Facts:
    ground = paper.ground(on)
    assert ground is not None, "what has none was refused"
    return Facts(
        dossier_codes=paper.dossiers,
        class_code=paper.class_code,
        class_name=paper.class_name,
        ground=ground,
        duplicate_of=paper.duplicate_of if ground == "duplicate" else None,
        term=paper.term.code,
        years=paper.term.years,
        ended_on=paper.ended_on.isoformat() if paper.ended_on else None,
        expires_on=paper.expires_on.isoformat() if paper.expires_on else None,
    )


def _told(decision: Decision) -> dict[str, object]:
    """Return what events say of a decision; who sat in the council stands in its row."""
    return {
        "number": decision.number,
        "date": decision.date.isoformat(),
        "council_sha256": digest(list(decision.council)),
    }


def _decision(plain: Mapping[str, Any]) -> Decision:
    day = date.fromisoformat(plain["date"])
    return Decision(number=plain["number"], date=day, council=tuple(plain["council"]))


def _item(row: Mapping[str, Any]) -> Item:
    plain = read_json(row["facts"])
    facts = Facts(**{**plain, "dossier_codes": tuple(plain["dossier_codes"])})
    return Item(record_id=row["record_id"], facts=facts, state=ItemState(row["state"]))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else read_time(text)
