"""Put a submission where its ending belongs, and tell the clerk beside it.

Order of every ending: the stored copy is re-read, slips are written, the ledger says so, and only
then the claimed file leaves the work tray.
"""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

from config.vocabulary import EventType
from desk import batches, completeness, objections, rescans, slips, trays
from desk.completeness import Completeness
from desk.dossier_folders import folder_code
from desk.endings import Held
from desk.moments import now
from desk.rejections import rejected_papers
from desk.services import Services
from desk.stages import event
from digitize.intake import digests
from storage.errors import ObjectDamaged
from storage.model import Link, Record
from storage.submissions import Outcome, Reason, Submission, SubmissionState

_ASIDE = (SubmissionState.IN_ERROR, SubmissionState.TO_CONFIRM, SubmissionState.SECRET)
PUTTING_ASIDE = threading.Lock()
"""Held by whoever looks for a free place in a tray that several threads fill."""


def deliver(item: Submission, records: tuple[Record, ...], services: Services) -> SubmissionState:
    """End a submission whose papers are filed: signed copies and slips for the clerk.

    Returns:
        `filed`, or `duplicate` where the bytes were filed by an earlier submission.

    Raises:
        ObjectDamaged: the stored original does not read back as it was; the scan stays.
    """
    repeated = all(record.submission_id != item.id for record in records)
    filed = _deliver_copies(item, records, services)
    done = services.station.done / _folder(item, services)
    left_out = rejected_papers(item.id, services.archive)
    dossiers = _dossiers(filed, services)
    text = slips.result_slip(item, filed, dossiers, left_out, repeated=repeated)
    trays.write_further_slip(done / Path(item.tray_path).name, trays.RESULT, text)
    state = SubmissionState.DUPLICATE if repeated else SubmissionState.FILED
    events = (
        [event(EventType.DUPLICATE, item, detail={"record_ids": [r.id for r in records]})]
        if repeated
        else []
    )
    with services.archive.db.transaction():
        # What was read of a paper stands in its record now; nobody is asked about it any more.
        services.archive.ledger.forget_outcomes(item.id, ("describe", batches.QUESTION))
        services.archive.ledger.move(item.id, state, at=now(), events=events)
    clear_work(item, services)
    return state


def _deliver_copies(
    item: Submission, records: tuple[Record, ...], services: Services
) -> tuple[tuple[Record, Link], ...]:
    """Lay the signed copies out for the clerk, once their original reads back as it was."""
    objects = services.archive.objects
    done = services.station.done / _folder(item, services)
    for sha256 in sorted({record.original.sha256 for record in records}):
        if not objects.verify(sha256):
            raise ObjectDamaged(
                f"Bản gốc {sha256} đọc lại không khớp. Bản quét được giữ nguyên.",
                f"stored original {sha256} does not read back; the scan stays",
            )
    filed = tuple((record, _link_for(item, record)) for record in records)
    for record, link in filed:
        copy = done / f"{link.dossier_code}.{link.ordinal}.pdf"
        copy.parent.mkdir(parents=True, exist_ok=True)
        objects.copy_to(record.pdf.sha256, copy)
    return filed


def _dossiers(
    filed: tuple[tuple[Record, Link], ...], services: Services
) -> tuple[Completeness, ...]:
    """Return how the dossiers of filed papers stand, where the register knows their procedure."""
    codes = dict.fromkeys(link.dossier_code for _, link in filed)
    found = (completeness.check(code, services.archive) for code in codes)
    return tuple(item for item in found if item is not None)


def _folder(item: Submission, services: Services) -> str:
    """Return the subfolder that the scan lies in now: a person may have moved it since it came."""
    return trays.folder_of(services.station.root / item.tray_path, services.station.work)


def _link_for(item: Submission, record: Record) -> Link:
    code = item.confirmed_dossier or folder_code(item.folder)
    return next((link for link in record.links if link.dossier_code == code), record.links[0])


def clear_work(item: Submission, services: Services) -> None:
    """Remove a filed submission's claimed file, its slips and emptied folders.

    A file that was changed since it was stored is another scan, and goes back into the inbox.
    """
    station = services.station
    path = station.root / item.tray_path
    trays.remove_slips(path)
    if path.is_file() and item.sha256 is not None and digests(path)[0] != item.sha256:
        trays.move(path, station.inbox / _folder(item, services))
    path.unlink(missing_ok=True)
    trays.remove_empty_folders(path.parent, station.work)
    _clear_staging(item, services)


def _clear_staging(item: Submission, services: Services) -> None:
    folder = services.archive.staging / item.id
    if folder.exists():
        shutil.rmtree(folder)


def fail(item: Submission, reason: Reason, services: Services) -> None:
    """Put a submission into the error tray with its reason."""
    _put_aside(item, SubmissionState.IN_ERROR, reason, services)


def hold(item: Submission, held: Held, services: Services) -> None:
    """Let a submission wait: in the work tray, the question tray, or alone behind a lock.

    Papers of it that are filed are handed out all the same.
    """
    _deliver_copies(item, held.records, services)
    if held.state in _ASIDE:
        _put_aside(item, held.state, held.reason, services)
        return
    path = services.station.root / item.tray_path
    slip = slips.waiting_slip(item, held.reason, now())
    trays.write_slip(trays.slip_path(path, trays.WAITING), slip)
    services.archive.ledger.move(item.id, held.state, reason=held.reason, at=now())
    _clear_staging(item, services)


def finish_aside(item: Submission, services: Services) -> tuple[SubmissionState, Reason] | None:
    """Finish putting a scan aside where a crash cut it off; None where nothing was under way.

    Without this a scan in the error tray would lie there without its reason, and count as lost.
    """
    aside = services.archive.ledger.outcome(item.id, 0, "aside")
    if aside is None:
        return None
    state, reason = SubmissionState(aside["state"]), Reason(**aside["reason"])
    if (services.station.root / item.tray_path).exists():
        _put_aside(item, state, reason, services)
    else:
        _tell_aside(item, services.station.root / aside["target"], (state, reason), services)
    return state, reason


def _put_aside(
    item: Submission, state: SubmissionState, reason: Reason, services: Services
) -> None:
    """Say in the ledger where the scan goes and why, move it there, tell the clerk."""
    station, ledger = services.station, services.archive.ledger
    source = station.root / item.tray_path
    # One at a time: two scans of one name must not be given the same free place.
    with PUTTING_ASIDE:
        target = _place_aside(item, state, services) if source.exists() else source
        plain = {"code": reason.code, "vi": reason.vi, "en": reason.en}
        body = {"state": state.value, "target": station.relative(target), "reason": plain}
        ledger.forget_outcomes(item.id, ("aside",))
        ledger.record_outcome(Outcome(submission_id=item.id, paper=0, stage="aside", body=body))
        trays.remove_slips(source)
        if target != source:
            trays.rename(source, target)
    _tell_aside(item, target, (state, reason), services)


def _place_aside(item: Submission, state: SubmissionState, services: Services) -> Path:
    station = services.station
    if state is SubmissionState.SECRET:
        station.secret.mkdir(mode=0o700, exist_ok=True)
        return station.secret / item.id
    tray = station.confirm if state is SubmissionState.TO_CONFIRM else station.error
    return trays.free_place(Path(item.tray_path).name, tray / _folder(item, services))


def _tell_aside(
    item: Submission, target: Path, why: tuple[SubmissionState, Reason], services: Services
) -> None:
    """Write the slip of a scan that was put aside, and let the ledger follow.

    Of a marked scan nothing that was read from it is kept anywhere, and no slip is written.
    """
    state, reason = why
    archive = services.archive
    # Reports count what went to which tray.
    detail: dict[str, object] = {"state": state.value}
    if state is SubmissionState.SECRET:
        detail["sha256"] = item.sha256 or archive.ledger.get(item.id).sha256
    elif state is SubmissionState.TO_CONFIRM:
        text = slips.question_slip(
            item, reason, _guesses(item, reason, services), services.station.inbox.name
        )
        trays.write_slip(trays.slip_path(target, trays.QUESTION), text)
    else:
        text = slips.reason_slip(item, reason, now())
        trays.write_slip(trays.slip_path(target, trays.REASON), text)
    _clear_staging(item, services)
    with archive.db.transaction():
        if state is SubmissionState.IN_ERROR:
            archive.ledger.fail_attempt(item.id, now())
        archive.ledger.move(
            item.id,
            state,
            tray_path=services.station.relative(target),
            reason=reason,
            at=now(),
            events=(event(EventType.QUARANTINE, item, outcome=reason.code, detail=detail),),
        )
    folder = (services.station.root / item.tray_path).parent
    trays.remove_empty_folders(folder, services.station.work)


def _guesses(item: Submission, reason: Reason, services: Services) -> tuple[str, ...]:
    asked = batches.asked_papers(item.id, services) or (1,)
    described = services.archive.ledger.outcome(item.id, asked[0], "describe")
    code = described and described.get("class")
    is_one = len(asked) == 1
    kind = services.classes.find(item.confirmed_class or code or "") if is_one else None
    if rescans.is_asked(reason):
        return rescans.answer_folders(kind.code if kind else "<mã loại>")
    named = (f"{kind.code}/   ({kind.name})",) if kind and reason.code != "role_unclear" else ()
    return (*named, *objections.answer_folders(reason))
