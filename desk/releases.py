"""Releasing papers for the agency's signature: a person's act, recorded before the key is used.

NĐ 30/2020/NĐ-CP Art. 32: the agency's key is used by a person who is answerable for it.
`hoso release` writes a request; the engine acts on it, also while it runs.
"""

from __future__ import annotations

from collections.abc import Sequence

from config.vocabulary import EventType
from desk.moments import now
from desk.services import Services
from desk.stages import event
from storage.archive import Archive
from storage.submissions import Outcome, Submission, SubmissionState

REQUEST = "release"


def waiting_for_release(archive: Archive) -> list[Submission]:
    """Return the submissions that wait for a release, the oldest first."""
    return archive.ledger.in_state(SubmissionState.AWAITING_RELEASE)


def ask_release(archive: Archive, items: Sequence[Submission], actor: str) -> int:
    """Ask the engine to release submissions in a person's name; return the request's number."""
    body = {"submission_ids": [item.id for item in items]}
    return archive.ledger.request(REQUEST, body, actor, now())


def apply_releases(services: Services) -> int:
    """Act on the releases that persons asked for; return how many submissions were released."""
    ledger = services.archive.ledger
    count = 0
    for request in ledger.pending_requests(REQUEST):
        waiting = {item.id: item for item in waiting_for_release(services.archive)}
        for submission_id in request.body["submission_ids"]:
            if submission_id in waiting:
                _release(waiting[submission_id], request.actor, services)
                count += 1
        ledger.complete_request(request.id, now())
    if count:
        # A person has seen to the token or service that stopped.
        services.seal.resume()
    return count


def _release(item: Submission, actor: str, services: Services) -> None:
    ledger = services.archive.ledger
    ledger.record_outcome(
        Outcome(submission_id=item.id, paper=0, stage="release", body={"by": actor}),
        event(EventType.RELEASE, item, actor=actor),
    )
    ledger.move(item.id, SubmissionState.IN_WORK, at=now())
