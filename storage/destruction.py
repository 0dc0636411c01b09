"""Carrying a destruction out: what is left of a paper is a row that proves it was lawful.

Of each paper, one transaction takes its rows and leaves what remains (`destroyed_record`) with its
event. Only then its objects go, those that nothing else names, and its copies outside the archive;
until these are gone they are noted, so that whoever is killed at any step goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from config.vocabulary import EventType
from storage.archive import Archive
from storage.canonical import digest
from storage.destroyed import Destroyed, body_of
from storage.disposal import objection
from storage.disposal_values import Batch, BatchState, Item, ItemState
from storage.errors import DatabaseBusy, DisposalRefused, ObjectMissing
from storage.model import NewEvent, Record
from storage.paper_rows import is_last_paper, objects_of, proofs_of, take_rows
from storage.register import RegisterBatch
from storage.retention_due import Keeping, Standing, standings
from storage.times import VIETNAM

# Papers whose objects go in one transaction: what else names an object is asked once for all.
_AT_ONCE = 200
# An object that was stored again so long ago, and that no row names, was left by a crash.
_AGAIN = timedelta(hours=24)
_ENDED = "'filed', 'duplicate', 'secret', 'withdrawn'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Copies of papers outside the archive: what knows them, and what removes them."""

    find: Callable[[Record], Sequence[str]]
    """Given a record, returns where its copies lie."""
    remove: Callable[[Sequence[str]], None]
    """Removes copies; one that is gone already is no trouble."""


def _find_none(_: Record) -> Sequence[str]:
    return ()


def _remove_none(_: Sequence[str]) -> None:
    """Remove nothing: there are no copies."""


NO_COPIES = Outside(find=_find_none, remove=_remove_none)
"""Where nothing was laid out, as in a station that was just restored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked of a destruction."""

    batch: str
    """Which batch."""
    actor: str
    """Who has it carried out."""
    at: datetime
    """When, aware."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """What became of papers whose rows are gone."""

    records: int
    """Papers of which nothing is left now but their row."""
    waiting: tuple[str, ...]
    """Objects that are being stored again just now: they go the next time."""


def begin(
    archive: Archive,
    order: Order,
    keeping: Keeping,
    minutes: Callable[[Batch, Sequence[tuple[Item, Record]]], bytes],
) -> Batch:
    """Begin to carry a decided batch out; one that was begun stays as it is.

    Approved papers for which the ground does not hold any more (a hold, a corrected place, a later
    end) are left out. The minutes list the others, and are an object before anything is destroyed.

    Args:
        archive: Whose.
        order: Which batch, who and when.
        keeping: What terms are found by; holds and own terms are read again.
        minutes: Writes the minutes.

    Raises:
        DisposalRefused: The batch is not decided.
    """
    disposals = archive.disposals
    with archive.db.transaction():
        batch = disposals.get(order.batch)
        if batch.state in (BatchState.DESTROYING, BatchState.CARRIED_OUT):
            return batch
        if batch.state is not BatchState.DECIDED:
            raise DisposalRefused(
                f"Đợt {batch.id} chưa có quyết định. Hãy ghi bằng `hoso dispose decide`.",
                f"batch {batch.id} is not decided; enter the decision first",
            )
        chosen = _still_due(archive, batch, order, _as_of_now(archive, keeping))
        stored = archive.objects.add_bytes(minutes(batch, chosen))
        for item, _ in chosen:
            disposals.set_item(batch.id, item.record_id, ItemState.DESTROYING)
        disposals.begin(batch.id, stored.sha256, actor=order.actor, at=order.at)
        return disposals.get(batch.id)


def carry_out(archive: Archive, order: Order, outside: Outside) -> Cleared:
    """Destroy the papers of a batch that was begun, and finish it; again after a kill.

    Raises:
        DatabaseBusy, DatabaseDamaged: Not now; what is done is done, and the rest is as it was.
    """
    batch = archive.disposals.get(order.batch)
    if batch.state is BatchState.DESTROYING:
        for item in batch.in_state(ItemState.DESTROYING):
            destroy(archive, item.record_id, _why(batch, item), outside, order)
    cleared = clear(archive, outside, order.at)
    finish(archive, order)
    return cleared


def destroy(
    archive: Archive, record_id: str, why: Mapping[str, Any], outside: Outside, order: Order
) -> None:
    """Take the rows of one record, and leave what proves its destruction; its objects stay yet.

    Args:
        archive: Whose.
        record_id: Which; one that is gone already is left alone.
        why: What its event and its row tell of the ground.
        outside: What knows its copies.
        order: Who and when.
    """
    if archive.destroyed.get(record_id) is not None:
        return
    record = archive.records.get(record_id)
    copies = list(outside.find(record))
    with archive.forgetting(record), archive.db.transaction():
        record = archive.records.get(record_id)
        is_last = is_last_paper(archive, record)
        objects = sorted(objects_of(archive, record, is_last=is_last))
        uses, proofs = proofs_of(archive, record, is_last=is_last)
        body = body_of(record, archive.records.digest(record), why, order.actor, order.at)
        archive.destroyed.add(
            record,
            body,
            {"objects": objects, "copies": copies},
            order.at,
        )
        detail = {
            **why,
            "destroyed_sha256": digest(body),
            "original_sha256": record.original.sha256,
            "pdf_sha256": record.pdf.sha256,
            "corrections": take_rows(archive, record, is_last=is_last),
            "uses": uses,
            "proofs": proofs,
        }
        archive.key_uses.delete_proofs(uses)
        archive.disposals.set_item(order.batch, record_id, ItemState.DESTROYED)
        archive.events.append(_event(record_id, order, detail))
        _forget_dossiers(archive, record, order)


def clear(archive: Archive, outside: Outside, at: datetime) -> Cleared:
    """Remove what is left of papers whose rows are gone: words of the index, copies, objects."""
    unfinished = archive.destroyed.unfinished()
    if not unfinished:
        return Cleared(records=0, waiting=())
    # Where a kill came between two files, the index is made anew here.
    archive.catch_up()
    count, waiting = 0, set[str]()
    for start in range(0, len(unfinished), _AT_ONCE):
        these = unfinished[start : start + _AT_ONCE]
        for gone in these:
            outside.remove(gone.copies)
        with archive.db.transaction():
            named = archive.referenced_objects() | _in_work(archive)
            for gone in these:
                left = _remove_objects(archive, gone, named, at)
                archive.destroyed.note_cleared(gone, left)
                waiting.update(left)
                count += not left
    return Cleared(records=count, waiting=tuple(sorted(waiting)))


def press_out(archive: Archive) -> None:
    """Take what was deleted out of the databases' files, where nobody keeps them busy just now."""
    # Nothing finds it any more; what stays in pages that SQLite writes over goes the next time.
    with suppress(DatabaseBusy):
        archive.search.optimize()
    for database in (archive.db, archive.index_db):
        database.truncate_log()


def finish(archive: Archive, order: Order) -> bool:
    """Log that a batch is carried out, once nothing of it is left; tell whether it is."""
    with archive.db.transaction():
        batch = archive.disposals.get(order.batch)
        destroyed = batch.in_state(ItemState.DESTROYED)
        if batch.state is not BatchState.DESTROYING or batch.in_state(ItemState.DESTROYING):
            return batch.state is BatchState.CARRIED_OUT
        if any(gone.batch == batch.id for gone in archive.destroyed.unfinished()):
            return False
        archive.disposals.finish(batch.id, order.at)
        detail = {
            **archive.disposals.told(batch.id),
            "records": len(destroyed),
            "minutes_sha256": batch.minutes_sha256,
        }
        # Backups from before this hold papers of the batch: the next one of each set is full.
        archive.events.append(_event("archive", order, detail))
    return True


def _why(batch: Batch, item: Item) -> dict[str, Any]:
    decision = batch.decision
    return {
        "batch": batch.id,
        "ground": item.facts.ground,
        "term": item.facts.term,
        "years": item.facts.years,
        "decision": decision and {"number": decision.number, "date": decision.date.isoformat()},
    }


def _as_of_now(archive: Archive, keeping: Keeping) -> Keeping:
    """Return what terms are found by with what officers said until this transaction."""
    store = archive.retention
    return replace(keeping, own_terms=store.own_terms(), held=frozenset(store.held()))


def _still_due(
    archive: Archive, batch: Batch, order: Order, keeping: Keeping
) -> list[tuple[Item, Record]]:
    """Return the approved papers for which the ground still holds; note the others."""
    approved = batch.in_state(ItemState.APPROVED)
    ids = [item.record_id for item in approved]
    now = {paper.record_id: paper for paper in standings(archive.db, keeping, ids)}
    going = {*ids, *archive.disposals.being_destroyed()}
    chosen = []
    for item in approved:
        is_approved = archive.disposals.is_approved(batch.id, item.record_id)
        paper = now.get(item.record_id)
        why = _withheld(item, paper, order, going) if is_approved else "not_decided"
        if why is None and _is_scan_in_work(archive, item.record_id):
            why = "in_work"
        if why is None:
            chosen.append((item, archive.records.get(item.record_id)))
        else:
            archive.disposals.withhold(
                batch.id, item.record_id, why, actor=order.actor, at=order.at
            )
    return chosen


def _is_scan_in_work(archive: Archive, record_id: str) -> bool:
    """Tell whether another paper of its scan is still on its way and needs what the scan left."""
    row = archive.db.row(
        "SELECT 1 FROM record JOIN submission ON submission.id = record.submission_id "  # noqa: S608  # our own words
        f"WHERE record.id = ? AND submission.state NOT IN ({_ENDED})",
        (record_id,),
    )
    return row is not None


def _withheld(
    item: Item, paper: Standing | None, order: Order, going: Collection[str]
) -> str | None:
    """Say in a word why an approved paper is left out, or None."""
    if paper is None:
        return "gone"
    # Terms end with a day of Vietnam's clocks, where a day begins seven hours before UTC's.
    on = order.at.astimezone(VIETNAM).date()
    if paper.is_held:
        return "held"
    if objection(paper, on) is not None or paper.ground(on) != item.facts.ground:
        return "not_due"
    if paper.dossiers != item.facts.dossier_codes or paper.class_code != item.facts.class_code:
        return "changed"
    is_alone = paper.duplicate_of in going and item.facts.ground == "duplicate"
    return "no_other" if is_alone else None


def _forget_dossiers(archive: Archive, record: Record, order: Order) -> None:
    """Take the names from the register's copy of dossiers in which no paper lies any more."""
    codes = [link.dossier_code for link in record.links]
    forgotten = _registered(archive, [code for code in codes if _is_empty(archive, code)])
    if forgotten == RegisterBatch():
        return
    # Loaded again, they come without their names: so does whatever register is imported later.
    archive.register.load(forgotten)
    archive.events.append(
        NewEvent(
            type=EventType.METADATA_MODIFICATION,
            object="register",
            actor=order.actor,
            at=order.at,
            outcome="names_forgotten",
            detail={"dossiers": len(forgotten.dossiers), **archive.register.seals.told()},
        )
    )


def _is_empty(archive: Archive, dossier_code: str) -> bool:
    row = archive.db.row("SELECT 1 FROM link WHERE dossier_code = ? LIMIT 1", (dossier_code,))
    return row is None


def _registered(archive: Archive, codes: Sequence[str]) -> RegisterBatch:
    """Return what the register says of some dossiers."""
    known = [archive.register.dossier(code) for code in codes]
    return RegisterBatch(
        dossiers=tuple(dossier for dossier in known if dossier),
        results=tuple(result for code in codes for result in archive.register.results(code)),
    )


def _remove_objects(
    archive: Archive, gone: Destroyed, named: Collection[str], at: datetime
) -> list[str]:
    """Delete the objects of a paper that nothing names; return those that must wait."""
    # Stored again since: a scan of the same bytes is on its way, and no row names it yet.
    limit = max(gone.destroyed_at, at - _AGAIN)
    waiting = []
    for sha256 in gone.objects:
        if sha256 in named:
            continue
        try:
            if not archive.objects.remove_unused(sha256, limit.timestamp()):
                waiting.append(sha256)
        except ObjectMissing:
            continue
    return waiting


def _in_work(archive: Archive) -> set[str]:
    """Return the digests of scans whose way through the station has not ended."""
    rows = archive.db.rows(
        f"SELECT sha256 FROM submission WHERE sha256 IS NOT NULL AND state NOT IN ({_ENDED})"  # noqa: S608  # our own words
    )
    return {row["sha256"] for row in rows}


def _event(subject: str, order: Order, detail: Mapping[str, object]) -> NewEvent:
    return NewEvent(
        type=EventType.DELETION,
        object=subject,
        actor=order.actor,
        at=order.at,
        outcome="destroyed",
        detail=detail,
    )
