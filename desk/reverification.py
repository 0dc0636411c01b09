"""Filed papers judged anew: a verdict that is another one now becomes an event.

What passed when it was filed may not pass for ever: lists grow old, anchors change, a program
comes to know a trick. The record keeps the verdict of its filing; the log tells what became of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from config.vocabulary import EventType
from signing.model import FileVerdict, Indication
from signing.statement import conclude
from storage.archive import Archive
from storage.damaged_rows import read_each, row_damaged
from storage.errors import ObjectMissing, RecordNotFound
from storage.model import NewEvent, Record

Judging = Callable[[Sequence[Path]], Iterable[FileVerdict]]
"""Gives the verdicts on some files, in their order."""

_BATCH = 1000
_ARCHIVE = "archive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejudged:
    """One filed paper, judged anew."""

    record_id: str
    dossier_code: str | None
    """The first dossier that it lies in."""
    before: str
    """The last verdict that is known: of an earlier re-verification, else of filing."""
    verdict: FileVerdict

    @property
    def is_changed(self) -> bool:
        """Whether the verdict is another one than before."""
        return self.verdict.overall.value != self.before


def rejudge(
    archive: Archive, judge: Judging, damaged: list[str], *, actor: str, at: dt.datetime
) -> Iterator[Rejudged]:
    """Judge every filed paper anew; a changed verdict, and that all were judged, become events.

    Args:
        archive: the records, their files and the log.
        judge: judges files, in their order.
        damaged: gets the ids of those whose rows cannot be read: nothing can be said of them.
        actor: who asked for it.
        at: when.
    """
    count = changed = 0
    for batch in _batches(archive, damaged):
        paths = [_path(archive, record) for record in batch]
        for record, verdict in zip(batch, judge(paths), strict=True):
            found = _compare(archive, record, verdict)
            if found.is_changed:
                archive.events.append(_event(found, record, actor))
                changed += 1
            count += 1
            yield found
    detail: dict[str, object] = {"records": count, "changed": changed}
    if damaged:
        detail["damaged"] = damaged
    archive.events.append(
        NewEvent(
            type=EventType.SIGNATURE_VALIDATION,
            object=_ARCHIVE,
            actor=actor,
            at=at,
            outcome="failure" if changed or damaged else "success",
            detail=detail,
        )
    )


def _batches(archive: Archive, damaged: list[str]) -> Iterator[Sequence[Record]]:
    ids = list(archive.records.all_ids())
    waiting = iter(ids)
    while batch := list(islice(waiting, _BATCH)):
        held, unread = read_each(partial(_held, archive), batch)
        damaged.extend(unread)
        yield [record for record in held.values() if record is not None]


def _held(archive: Archive, record_id: str) -> Record | None:
    """Return a record; None where it was destroyed meanwhile."""
    try:
        return archive.records.get(record_id)
    except RecordNotFound:
        if archive.destroyed.get(record_id) is None:
            raise row_damaged(record_id) from None
        return None


def _path(archive: Archive, record: Record) -> Path:
    """Return where a paper's file is; a file that is gone is judged as one that cannot be read."""
    try:
        return archive.objects.path(record.pdf.sha256)
    except ObjectMissing:
        return archive.staging / record.pdf.sha256


def _compare(archive: Archive, record: Record, verdict: FileVerdict) -> Rejudged:
    return Rejudged(
        record_id=record.id,
        dossier_code=record.links[0].dossier_code if record.links else None,
        before=_last_known(archive, record),
        verdict=verdict,
    )


def _last_known(archive: Archive, record: Record) -> str:
    known = record.verdict
    for event in archive.events.events(record.id):
        is_validation = event.type is EventType.SIGNATURE_VALIDATION
        if is_validation and event.detail.get("pdf_sha256") == record.pdf.sha256:
            known = str(event.detail.get("indication", known))
    return known


def _event(found: Rejudged, record: Record, actor: str) -> NewEvent:
    verdict = found.verdict
    reasons = {reason.code for one in verdict.signatures for reason in one.reasons}
    reasons |= {remark.code for remark in verdict.warnings}
    return NewEvent(
        type=EventType.SIGNATURE_VALIDATION,
        object=record.id,
        actor=actor,
        at=verdict.validated_at,
        outcome="success" if verdict.overall is Indication.TOTAL_PASSED else "failure",
        detail={
            "indication": verdict.overall.value,
            "sub_indication": verdict.overall_sub.value if verdict.overall_sub else None,
            "earlier_indication": found.before,
            "reasons": sorted(reasons),
            "pdf_sha256": record.pdf.sha256,
            "policy": verdict.policy.id,
            "policy_version": verdict.policy.version,
            "policy_sha256": verdict.policy.sha256,
            "anchors_sha256": verdict.policy.anchors_sha256,
        },
    )


def rejudged_json(item: Rejudged) -> dict[str, Any]:
    """Show a paper that was judged anew as JSON (docs/json.md)."""
    verdict = item.verdict
    return {
        "record_id": item.record_id,
        "dossier_code": item.dossier_code,
        "sha256": verdict.sha256,
        "before": item.before,
        "overall": verdict.overall.value,
        "overall_sub": verdict.overall_sub.value if verdict.overall_sub else None,
        "changed": item.is_changed,
        "validated_at": verdict.validated_at,
    }


def describe_rejudged(item: Rejudged) -> str:
    """Tell a paper that was judged anew in one line."""
    was = f", trước đây [{item.before}]" if item.is_changed else ""
    return f"{item.record_id} ({item.dossier_code or '-'}): {conclude(item.verdict)}{was}"
