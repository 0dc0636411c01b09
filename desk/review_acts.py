"""Acting on what people answered and corrected: the engine's part of `hoso review`.

A scan leaves the question tray by a rename that is told beforehand, so that after a crash it is
known where it lies and whose answer it is; it is never taken for a clerk's.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from config.vocabulary import EventType
from desk import answers, review, settling, slips, trays
from desk.answers import Given
from desk.errors import AnswerRefused
from desk.moments import now
from desk.rejections import is_rejected, leaves_none
from desk.review import NOTHING
from desk.revising import Books, revise
from desk.services import Services
from desk.stages import event
from digitize.intake import digests
from storage.corrections import WHOLE_SCAN, Act, newest_to_undo
from storage.errors import ObjectDamaged, ObjectMissing, RecordNotFound, RowDamaged
from storage.model import Record
from storage.requests import Request
from storage.submissions import Outcome, Reason, Submission, SubmissionState

log = logging.getLogger("hoso.review")

_MOVING = "review_move"


def apply_reviews(services: Services) -> int:
    """Act on what persons asked with `hoso review`; return how many papers were changed.

    What no longer waits when its turn comes is left as it is: somebody was faster. Answers about
    several papers of a scan count together, where they were given before it went on.
    """
    requests = services.archive.requests
    changed: list[str] = []
    for request in requests.pending(review.REQUEST):
        try:
            is_done = _apply(request, changed, services)
        except RowDamaged:
            continue  # it waits until the row is mended
        if is_done:
            changed.append(request.body["id"])
        else:
            log.warning("review request %s came too late for %s", request.id, request.body["id"])
        requests.complete(request.id, now())
    return len(changed)


def _apply(request: Request, changed: Collection[str], services: Services) -> bool:
    identifier, act = request.body["id"], Act(request.body["act"])
    try:
        record = services.archive.records.get(identifier)
    except RecordNotFound:
        return _apply_to_scan(request, act, changed, services)
    return _apply_to_record(record, request, act, services)


def _apply_to_record(record: Record, request: Request, act: Act, services: Services) -> bool:
    archive = services.archive
    with archive.db.transaction():
        # Together: acted on again after a crash, one request would undo two acts.
        revised = _revise(record, request, act, services)
        archive.requests.complete(request.id, now())
    if revised is not None:
        _take_copies_back(record, revised, services)
    return revised is not None


def _revise(record: Record, request: Request, act: Act, services: Services) -> Record | None:
    """Change a record as asked; None where that cannot be any more."""
    archive = services.archive
    if act is Act.UNDO:
        last = newest_to_undo(archive.corrections.of_record(record.id))
        done = last and archive.undo_revision(last, actor=request.actor, at=now())
        return archive.records.get(record.id) if done else None
    books = Books(
        archive=archive,
        classes=services.classes,
        settings=services.station.settings,
        field_rules=services.field_rules,
    )
    try:
        revised = revise(record, answers.from_plain(request.body["answer"]), books)
    except (AnswerRefused, ObjectMissing, ObjectDamaged) as error:
        # The command was told so; a request that cannot be must not stop the station again.
        log.warning("review request %s: %s", request.id, type(error).__name__)
        return None
    reason = request.body.get("reason", "")
    archive.revise(revised, act, actor=request.actor, at=now(), reason=reason)
    return archive.records.get(record.id)


def _take_copies_back(record: Record, revised: Record, services: Services) -> None:
    """Remove what was laid out for the clerk in the folder of a dossier that a paper has left."""
    kept = {link.dossier_code for link in revised.links}
    left = [link for link in record.links if link.dossier_code not in kept]
    names = [f"{link.dossier_code}.{link.ordinal}.pdf" for link in left]
    for copy in [path for name in names for path in services.station.done.rglob(name)]:
        with suppress(OSError):  # a clerk has it open; the record says where it belongs
            copy.unlink(missing_ok=True)


def _apply_to_scan(
    request: Request, act: Act, changed: Collection[str], services: Services
) -> bool:
    item = services.archive.ledger.get(request.body["id"])
    # One that an answer of this very round took up has not begun to be worked on.
    is_taken_up = item.id in changed and item.state is SubmissionState.IN_WORK
    if act is not Act.UNDO and is_rejected(item.id, request.body["paper"], services.archive):
        return False
    match act:
        case Act.REJECT:
            is_one = is_taken_up and request.body["paper"] != WHOLE_SCAN
            may_be = review.is_waiting(item) or is_one or _is_begun(item, request, services)
            return may_be and _reject(item, request, services)
        case Act.UNDO:
            return review.may_undo(item) and _undo(item, request, services)
        case _ if is_taken_up or review.is_waiting(item):
            target = _into_work(item, request, services)
            return target is not None and _answer(item, request, target, services)
    return False


def _answer(item: Submission, request: Request, target: Path, services: Services) -> bool:
    act = Act(request.body["act"])
    given = Given(
        answer=answers.from_plain(request.body["answer"]),
        paper=request.body["paper"],
        act=act,
        outcome=act.value,
        actor=request.actor,
        reason=request.body.get("reason", ""),
    )
    answers.take_up(item, given, services.station.relative(target), services)
    return True


def _undo(item: Submission, request: Request, services: Services) -> bool:
    last = review.last_answer(item, services.archive)
    if last is None:
        return False
    station = services.station
    target = _into_work(item, request, services)
    if target is None:
        return False
    trays.remove_slips(station.root / item.tray_path)
    answers.take_back(item, last, (station.relative(target), request.actor), services)
    return True


def _reject(item: Submission, request: Request, services: Services) -> bool:
    """Leave a paper of a scan out; where none is left to file, the scan as a whole is rejected."""
    paper = request.body["paper"]
    if paper == WHOLE_SCAN or leaves_none(item.id, paper, services.archive):
        return _reject_scan(item, request, services)
    target = _into_work(item, request, services)
    if target is None:
        return False
    given = _rejection(request, paper)
    place = services.station.relative(target)
    answers.leave_out(item, given, request.body["reason"], place, services)
    return True


def _rejection(request: Request, paper: int) -> Given:
    act = Act.REJECT
    return Given(answer=NOTHING, paper=paper, act=act, outcome=act.value, actor=request.actor)


def _reject_scan(item: Submission, request: Request, services: Services) -> bool:
    """Put a scan that is not to be filed into the error tray with a person's reason; it ends."""
    archive, station = services.archive, services.station
    target = _move(item, request, station.error, services)
    if target is None:
        return False
    reason = Reason(
        code="rejected",
        vi=f"Người xem xét không nhận giấy này: {request.body['reason']}",
        en=f"a person rejected it: {request.body['reason']}",
    )
    trays.write_slip(trays.slip_path(target, trays.REASON), slips.reason_slip(item, reason, now()))
    given, why = _rejection(request, WHOLE_SCAN), request.body["reason"]
    with archive.db.transaction():
        detail = answers.told_of(answers.keep_rejection(item, given, why, archive))
        taken = event(
            EventType.WITHDRAWAL, item, outcome="rejected", actor=request.actor, detail=detail
        )
        archive.ledger.forget_outcomes(item.id, (_MOVING,))
        archive.ledger.move(
            item.id,
            SubmissionState.WITHDRAWN,
            tray_path=station.relative(target),
            reason=reason,
            at=now(),
            events=(taken,),
        )
    return True


def _into_work(item: Submission, request: Request, services: Services) -> Path | None:
    """Move a scan into the work tray, unless it lies there; see `_move`."""
    path = services.station.root / item.tray_path
    in_work = path.is_relative_to(services.station.work)
    return path if in_work else _move(item, request, services.station.work, services)


def _move(item: Submission, request: Request, tray: Path, services: Services) -> Path | None:
    """Move a scan into a tray; where a crash cut that off, finish it.

    Returns:
        Where it lies now; None where somebody has taken it out of its tray meanwhile, or laid
        another one in its place: that is not the one that was looked at.
    """
    station, ledger = services.station, services.archive.ledger
    source = station.root / item.tray_path
    # Of a scan that an answer of this very round took up another paper may be rejected.
    trays_asked = (station.confirm, station.error, station.work)
    from_tray = next((one for one in trays_asked if one in source.parents), source.parent)
    told = ledger.outcome(item.id, 0, _MOVING)
    if _is_same(source, item):
        with settling.PUTTING_ASIDE:
            target = trays.free_place(source.name, tray / trays.folder_of(source, from_tray))
            body = {"request": request.id, "target": station.relative(target)}
            ledger.forget_outcomes(item.id, (_MOVING,))
            ledger.record_outcome(
                Outcome(submission_id=item.id, paper=0, stage="review_move", body=body)
            )
            trays.rename(source, target)
    elif told is not None and told["request"] == request.id:
        target = station.root / told["target"]
    else:
        return None
    trays.remove_slips(source)
    trays.remove_empty_folders(source.parent, from_tray)
    return target if target.exists() else None


def _is_begun(item: Submission, request: Request, services: Services) -> bool:
    """Tell whether a scan in work was on its way to the error tray when a run was cut off."""
    told = services.archive.ledger.outcome(item.id, 0, _MOVING)
    in_work = item.state is SubmissionState.IN_WORK
    return in_work and told is not None and told["request"] == request.id


def _is_same(path: Path, item: Submission) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    return item.sha256 is None or digests(path)[0] == item.sha256
