"""Scans with a page that could not be read, taken out of the question tray: scanned again.

A person who scans a paper again removes the old scan and its slip; that ends the old submission.
Whoever moves the scan to answer leaves the slip, so the two are told apart. Nothing that is stored
goes, and the same bytes dropped later are taken up where they stood.
"""

from __future__ import annotations

from config.vocabulary import EventType
from desk import trays
from desk.moments import now
from desk.services import Services
from desk.slips import UNREADABLE
from desk.stages import event
from storage.submissions import Submission, SubmissionState


def note_withdrawn(services: Services) -> list[Submission]:
    """End what was taken away, with an event; return it."""
    ledger, station = services.archive.ledger, services.station
    if not station.confirm.is_dir():
        return []  # the tray itself is away, not a scan
    withdrawn = []
    for item in ledger.standing_for(SubmissionState.TO_CONFIRM, UNREADABLE):
        path = station.root / item.tray_path
        if path.exists() or trays.slip_path(path, trays.QUESTION).exists():
            continue
        taken = event(
            EventType.WITHDRAWAL, item, outcome="scanned again", actor="desk (unauthenticated)"
        )
        ledger.move(item.id, SubmissionState.WITHDRAWN, at=now(), events=(taken,))
        withdrawn.append(item)
    return withdrawn
