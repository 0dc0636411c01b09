"""Scans of the error tray tried again: a request of a person, acted on by the engine.

The same as dragging them back into the inbox, for many at once and from afar.
"""

from __future__ import annotations

from collections.abc import Sequence

from config.vocabulary import EventType
from desk import trays
from desk.moments import now
from desk.services import Services
from desk.stages import event
from storage.archive import Archive
from storage.submissions import Submission, SubmissionState

REQUEST = "retry"


def in_error(archive: Archive) -> list[Submission]:
    """Return the submissions in the error tray, the oldest first."""
    return archive.ledger.in_state(SubmissionState.IN_ERROR)


def ask_retry(archive: Archive, items: Sequence[Submission], actor: str) -> int:
    """Ask the engine to try submissions again in a person's name; return the request's number."""
    body = {"submission_ids": [item.id for item in items]}
    return archive.requests.ask(REQUEST, body, actor, now())


def apply_retries(services: Services) -> int:
    """Act on the retries that persons asked for; return how many scans are in work again."""
    requests = services.archive.requests
    count = 0
    for request in requests.pending(REQUEST):
        failed = {item.id: item for item in in_error(services.archive)}
        for submission_id in request.body["submission_ids"]:
            item = failed.get(submission_id)
            if item is not None and _take_back(item, request.actor, services):
                count += 1
        requests.complete(request.id, now())
    return count


def _take_back(item: Submission, actor: str, services: Services) -> bool:
    """Move a scan from the error tray into work; False where it is no longer there."""
    station = services.station
    source = station.root / item.tray_path
    if not source.is_file():
        return False
    folder = trays.folder_of(source, station.error)
    # A crash between this and the row leaves a file that no row names; it is known by its bytes.
    target = trays.move(source, station.work / folder)
    trays.remove_slips(source)
    trays.remove_empty_folders(source.parent, station.error)
    services.archive.ledger.move(
        item.id,
        SubmissionState.IN_WORK,
        tray_path=station.relative(target),
        at=now(),
        events=(event(EventType.UNQUARANTINE, item, outcome="retry", actor=actor),),
    )
    return True
