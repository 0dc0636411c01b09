"""Take scans out of the inbox: still, whole, then claimed by rename.

"Gone from 1" means "received". A crash between rename and ledger row leaves a file in the work tray
that no row names; `adopt_strays` takes it up at the next start.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.vocabulary import EventType
from desk import accession, trays
from desk.identifiers import new_id
from desk.moments import now
from desk.services import Services
from desk.stages import ACTOR, event
from digitize.errors import IntakeError, UnsupportedType
from digitize.filetypes import has_its_end, sniff
from digitize.intake import digests
from storage.submissions import NewSubmission, Submission, SubmissionState

_ANSWERABLE = (SubmissionState.IN_ERROR, SubmissionState.TO_CONFIRM)
_ENDED = (SubmissionState.FILED, SubmissionState.DUPLICATE, *_ANSWERABLE)
_REMADE = ("render", "describe", "sign")


@dataclass(frozen=True, slots=True)
class _Look:
    """What a file measured when it was last looked at."""

    size: int
    mtime_ns: int
    since: float
    """Since when it has not changed; monotonic seconds."""


class Inbox:
    """Watches the files of the inbox between scans, to tell which stand still."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._looks: dict[Path, _Look] = {}
        self.waiting = 0
        """Files that lay in the inbox at the last scan and were not claimed."""

    def claim_ready(self) -> list[Submission]:
        """Claim every file that stands still and is whole, or will not become so."""
        inbox = self._services.station.inbox
        paths = list(trays.list_scans(inbox))
        self._looks = {path: look for path in paths if (look := self._look(path)) is not None}
        claimed = []
        for path, look in self._looks.items():
            if self._is_ready(path, look):
                item = self._claim(path)
                claimed += [item] if item else []
        self.waiting = len(self._looks) - len(claimed)
        return claimed

    def _look(self, path: Path) -> _Look | None:
        try:
            status = path.stat()
        except OSError:
            return None  # taken away since it was listed
        before = self._looks.get(path)
        same = before and (before.size, before.mtime_ns) == (status.st_size, status.st_mtime_ns)
        since = before.since if before and same else time.monotonic()
        return _Look(status.st_size, status.st_mtime_ns, since)

    def _is_ready(self, path: Path, look: _Look) -> bool:
        settings = self._services.station.settings.intake
        still = time.monotonic() - look.since
        if still < settings.still_seconds:
            return False
        return is_whole(path) or still >= settings.incomplete_seconds

    def _claim(self, path: Path) -> Submission | None:
        station = self._services.station
        folder = trays.folder_of(path, station.inbox)
        try:
            target = trays.move(path, station.work / folder)
        except OSError:
            return None  # still held by its writer, or gone; the next scan sees it again
        return register_claim(target, path.name, folder, self._services)


def is_whole(path: Path) -> bool:
    """Tell whether a file has its end, or is of a kind that never will have one."""
    try:
        return has_its_end(path, sniff(path))
    except UnsupportedType:
        return True
    except (IntakeError, OSError):
        return False


def register_claim(target: Path, name: str, folder: str, services: Services) -> Submission:
    """Write the ledger's row of a claimed file: a new submission, or a person's answer to one."""
    station, ledger = services.station, services.archive.ledger
    answered = _find_answered(target, services)
    if answered is not None:
        return _take_up(answered, target, folder, services)
    return ledger.claim(
        NewSubmission(
            id=new_id(),
            name=trays.nfc(name),
            folder=folder,
            tray_path=station.relative(target),
            size_bytes=target.stat().st_size,
            received_at=now(),
        ),
        ACTOR,
    )


def _find_answered(target: Path, services: Services) -> Submission | None:
    """Return the submission that a person put back: the same bytes, gone from its tray.

    Never by name alone: printers use their names again, and another paper must not be taken for
    the one that was asked about.
    """
    waiting = services.archive.ledger.in_state(*_ANSWERABLE)
    size = target.stat().st_size
    gone = [
        item
        for item in waiting
        if item.size_bytes == size and not (services.station.root / item.tray_path).exists()
    ]
    sha256 = digests(target)[0] if gone else ""
    return next((item for item in gone if item.sha256 == sha256), None)


def _take_up(item: Submission, target: Path, folder: str, services: Services) -> Submission:
    ledger, station = services.archive.ledger, services.station
    trays.remove_slips(station.root / item.tray_path)
    code = accession.folder_code(folder)
    kind = accession.folder_class(folder)
    is_class = kind is not None and services.classes.find(kind) is not None
    ledger.confirm(item.id, dossier_code=code, class_code=kind if is_class else None, at=now())
    # What was made under the old answer names the old dossier; reading it again is not needed.
    ledger.forget_outcomes(item.id, _REMADE)
    answer = event(
        EventType.UNQUARANTINE,
        item,
        outcome="retry" if item.state is SubmissionState.IN_ERROR else "answered",
        # A file that was moved says nothing sure of who moved it.
        actor="desk (unauthenticated)",
        detail={"dossier_code": code, "class": kind if is_class else None},
    )
    return ledger.move(
        item.id,
        SubmissionState.IN_WORK,
        tray_path=station.relative(target),
        at=now(),
        events=(answer,),
    )


def adopt_strays(services: Services) -> Iterator[Submission]:
    """Take up files of the work tray that no ledger row names: a claim was cut off by a crash."""
    station = services.station
    for path in trays.list_scans(station.work):
        named = services.archive.ledger.by_tray_path(station.relative(path))
        # Printers use their names again: where a filed scan lay, this is another one.
        if named is None or named.state in _ENDED:
            folder = trays.folder_of(path, station.work)
            yield register_claim(path, path.name, folder, services)
