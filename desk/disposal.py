"""What officers do about papers whose term is over: list, propose, decide, have carried out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from config.retention import load_retention
from config.rules import load_rule_set
from config.vocabulary import load_classes
from desk.disposal_minutes import minutes_writer
from desk.disposal_sets import leave_lists, sets_holding
from desk.errors import UnknownCode
from desk.laid_out import copies_outside
from desk.moments import now, vietnam
from desk.people import may_be_same
from desk.station import Station
from desk.station_lock import hold_backup_lock
from storage.archive import Archive
from storage.destruction import Order, begin, carry_out, clear, press_out
from storage.disposal import objection, own_proposal
from storage.disposal_values import Batch, BatchState, Decision
from storage.errors import DisposalRefused
from storage.retention import Hold
from storage.retention_due import Keeping, Standing, standings


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A paper of the list, and what stands against its destruction."""

    paper: Standing
    """How long it is to be kept."""
    objection: str | None
    """Why it cannot be proposed, Vietnamese; None where it can."""
    batch: str | None
    """The open batch that it is in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposals:
    """What `hoso dispose` lists."""

    on: dt.date
    """The day that terms are compared with."""
    rules: str
    """Version of the terms."""
    due: tuple[Listed, ...]
    """Papers whose term is over, or that are one too many."""
    unknown: tuple[tuple[str, int], ...]
    """Dossiers of which it is not known when their work ended, with the number of their papers."""
    holds: tuple[Hold, ...]
    """Holds that stand."""
    batches: tuple[Batch, ...]
    """All batches."""
    sets_holding: tuple[str, ...]
    """Backup sets that hold destroyed papers until their next backup."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedOut:
    """What `hoso dispose carry-out` did."""

    batch: Batch
    """As it stands now."""
    waiting: tuple[str, ...]
    """Objects that are being stored again just now; the next run takes them."""
    sets_holding: tuple[str, ...]
    """Backup sets that hold destroyed papers until their next backup."""

    @property
    def is_done(self) -> bool:
        """Whether nothing of the batch is left."""
        return self.batch.state is BatchState.CARRIED_OUT


def open_keeping(station: Station, archive: Archive) -> Keeping:
    """Return what terms are found by: rules, terms of single dossiers, holds.

    Raises:
        SettingsError: the office's own file cannot be used.
    """
    periods = load_rule_set(vietnam(now()).date()).retention
    classes = load_classes(station.own_classes)
    return Keeping(
        rules=load_retention(periods, station.own_retention, classes),
        periods=periods,
        own_terms=archive.retention.own_terms(),
        held=frozenset(archive.retention.held()),
    )


def list_disposals(station: Station, archive: Archive, year: int | None) -> Disposals:
    """List what is due; with a year, what will be at its end."""
    on = vietnam(now()).date() if year is None else dt.date(year + 1, 1, 1)
    keeping = open_keeping(station, archive)
    under = archive.disposals.under_consideration()
    due, unknown = [], dict[str, int]()
    for paper in standings(archive.db, keeping):
        if paper.ground(on) is not None:
            why = objection(paper, on)
            batch = under.get(paper.record_id)
            due.append(Listed(paper=paper, objection=why and why[0], batch=batch))
        elif paper.is_unknown:
            unknown[paper.dossiers[0]] = unknown.get(paper.dossiers[0], 0) + 1
    return Disposals(
        on=on,
        rules=keeping.rules.version,
        due=tuple(due),
        unknown=tuple(sorted(unknown.items())),
        holds=tuple(hold for hold in archive.retention.holds() if hold.lifted_at is None),
        batches=tuple(archive.disposals.batches()),
        sets_holding=tuple(sets_holding(station, archive)),
    )


def propose(
    station: Station, archive: Archive, codes: Collection[str], *, is_all: bool, actor: str
) -> Batch:
    """Put papers under consideration: those that are named, or all that can be proposed.

    Args:
        station: whose terms count.
        archive: whose papers.
        codes: record ids, and dossier codes for what is due in them.
        is_all: everything that is due and that nothing stands against.
        actor: who proposes.

    Raises:
        UnknownCode: nothing is filed under a code.
        DisposalRefused: one of the named papers may not be destroyed.
    """
    on = vietnam(now()).date()
    keeping = open_keeping(station, archive)
    if is_all:
        under = archive.disposals.under_consideration()
        papers = [
            paper
            for paper in standings(archive.db, keeping)
            if objection(paper, on) is None and paper.record_id not in under
        ]
    else:
        found = list(standings(archive.db, keeping, _records(archive, codes)))
        named = {code.lower() for code in codes}
        # Of a dossier, what is due; a paper that is named itself is answered for itself.
        due = [p for p in found if p.ground(on) is not None or p.record_id.lower() in named]
        papers = due or found
    return archive.disposals.propose(papers, on, actor=actor, at=now())


def decide(
    archive: Archive,
    batch_id: str,
    decision: Decision,
    kept: Collection[str] | None,
    *,
    actor: str,
) -> Batch:
    """Enter a council's decision.

    Args:
        archive: whose batch.
        batch_id: which.
        decision: what was decided, and by whom.
        kept: records that are not destroyed; None: none of the batch is.
        actor: who enters it.

    Raises:
        DisposalRefused: the same person proposed it, it is decided already, or a record that
            shall be kept is not in it.
    """
    batch = archive.disposals.get(batch_id)
    if may_be_same(batch.proposed_by, actor):
        raise DisposalRefused(*own_proposal(batch))
    every = {item.record_id for item in batch.items}
    unknown = sorted(set(kept or ()) - every)
    if unknown:
        raise UnknownCode(
            f"Giấy tờ «{unknown[0]}» không nằm trong đợt {batch_id}. Hãy kiểm tra lại mã.",
            f"{unknown[0]!r} is not in batch {batch_id}",
        )
    approved = set[str]() if kept is None else every - set(kept)
    return archive.disposals.decide(batch_id, decision, approved, actor=actor, at=now())


def carry_out_batch(station: Station, archive: Archive, batch_id: str, *, actor: str) -> CarriedOut:
    """Destroy what was decided on; called again, it goes on where it was cut off.

    Raises:
        DisposalRefused: the batch is not decided.
        StationBusy: a backup of the station runs.
    """
    order = Order(batch=batch_id, actor=actor, at=dt.datetime.now(dt.UTC))
    keeping = open_keeping(station, archive)
    minutes = minutes_writer(station.settings.agency.name, keeping.rules, actor)
    with hold_backup_lock(station):
        begin(archive, order, keeping, minutes)
        cleared = carry_out(archive, order, copies_outside(station, archive))
        press_out(archive)
        leave_lists(station, archive)
    return CarriedOut(
        batch=archive.disposals.get(batch_id),
        waiting=cleared.waiting,
        sets_holding=tuple(sets_holding(station, archive)),
    )


def go_on(station: Station, archive: Archive, *, actor: str) -> None:
    """Finish destructions that were cut off: what is decided and begun is never left half.

    Raises:
        StationBusy: a backup of the station runs.
    """
    begun = [batch for batch in archive.disposals.batches() if batch.state is BatchState.DESTROYING]
    if not begun and not archive.destroyed.unfinished():
        # A set may have been away then, or what left the lists was cut off.
        if sets_holding(station, archive):
            leave_lists(station, archive)
        return
    outside = copies_outside(station, archive)
    with hold_backup_lock(station):
        for batch in begun:
            order = Order(batch=batch.id, actor=actor, at=dt.datetime.now(dt.UTC))
            carry_out(archive, order, outside)
        clear(archive, outside, dt.datetime.now(dt.UTC))
        press_out(archive)
        leave_lists(station, archive)


def _records(archive: Archive, codes: Collection[str]) -> Sequence[str]:
    found: dict[str, None] = {}
    for code in codes:
        rows = archive.db.rows(
            "SELECT id FROM record WHERE id IN (:lower, :code) UNION SELECT record.id FROM link "
            "JOIN record ON record.number = link.record WHERE link.dossier_code = :code",
            {"code": code, "lower": code.lower()},
        )
        if not rows:
            raise UnknownCode(
                f"Kho không có giấy tờ hay hồ sơ nào mang mã «{code}». Hãy kiểm tra lại mã.",
                f"nothing is filed under {code!r}",
            )
        found |= dict.fromkeys(row["id"] for row in rows)
    return list(found)
