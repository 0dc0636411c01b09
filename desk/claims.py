"""Claim scans by rename, and enter them: a new submission, an answer, or one that became whole.

"Gone from 1" means "received". A crash between rename and ledger row leaves a file in the work tray
that no row names; `adopt_strays` takes it up at the next start.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from config.vocabulary import EventType
from desk import answers, batches, trays
from desk.answers import Given
from desk.identifiers import new_id
from desk.moments import now
from desk.people import owner_of
from desk.services import Services
from desk.stages import ACTOR, event
from desk.wholeness import Look, is_being_written
from digitize.intake import digests
from storage.corrections import Act
from storage.errors import RowDamaged
from storage.submissions import NewSubmission, Submission, SubmissionState

_ANSWERABLE = (
    SubmissionState.IN_ERROR,
    SubmissionState.TO_CONFIRM,
    SubmissionState.WITHDRAWN,
)
_ENDED = (SubmissionState.FILED, SubmissionState.DUPLICATE, *_ANSWERABLE)


def claim(path: Path, look: Look, services: Services, *, overdue: bool) -> Submission | None:
    """Take a file that was judged out of the inbox, by renaming it.

    Args:
        path: where it lies.
        look: what it measured when it was judged.
        services: whose inbox.
        overdue: it is taken as it is, and may end in the error tray.

    Returns:
        The submission; None where the file is no longer the one that was judged: then it lies in
        the inbox again.

    Raises:
        OSError: it cannot be moved; it stays where it was.
    """
    station = services.station
    folder = trays.folder_of(path, station.inbox)
    try:
        # Before the move: from another volume a file is copied, and the copy is the station's.
        owner = owner_of(path)
        target = trays.move(path, station.work / folder)
    except FileNotFoundError:
        return None  # taken away, or replaced this very moment; the next scan sees what there is
    if _is_other(target, look, overdue) and trays.put_back(target, path):
        trays.remove_empty_folders(target.parent, station.work)
        return None
    return register_claim(target, (path.name, owner), folder, services)


def _is_other(target: Path, look: Look, overdue: bool) -> bool:
    """Tell whether a file was replaced or opened again between judgement and rename."""
    status = target.stat()
    if not look.matches(status.st_size, status.st_mtime_ns):
        return True
    return not overdue and is_being_written(target)


def register_claim(
    target: Path, dropped: tuple[str, str], folder: str, services: Services
) -> Submission:
    """Write the ledger's row of a claimed file: a new submission, or a person's answer to one.

    Args:
        target: where it lies now.
        dropped: its name, and the account that owned it.
        folder: the subfolder of the inbox that it lay in.
        services: whose ledger.
    """
    name, owner = dropped
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
            owner=owner,
        ),
        ACTOR,
    )


def _find_answered(target: Path, services: Services) -> Submission | None:
    """Return the submission that a person put back: the same bytes, gone from its tray.

    Never by name alone: printers use their names again, and another paper must not be taken for
    the one that was asked about.
    """
    size = target.stat().st_size
    gone = [
        item
        for item in services.archive.ledger.of_size(size, *_ANSWERABLE)
        if not (services.station.root / item.tray_path).exists()
    ]
    sha256 = digests(target)[0] if gone else ""
    same = (item for item in gone if item.sha256 == sha256)
    # What could never be read has no digest: its name and length must do.
    unread = (item for item in gone if item.sha256 is None and item.name == trays.nfc(target.name))
    return next(same, None) or next(unread, None)


def _take_up(item: Submission, target: Path, folder: str, services: Services) -> Submission:
    trays.remove_slips(services.station.root / item.tray_path)
    is_retry = item.state is SubmissionState.IN_ERROR
    asked = batches.asked_papers(item.id, services)
    given = Given(
        answer=answers.from_folder(folder, services.classes),
        paper=answers.paper_meant(item.id, asked, services.archive),
        act=None if is_retry else Act.CONFIRM,
        outcome="retry" if is_retry else "answered",
        # A file that was moved says nothing sure of who moved it.
        actor="desk (unauthenticated)",
    )
    return answers.take_up(item, given, services.station.relative(target), services)


def take_up_completed(item: Submission, path: Path, services: Services) -> Submission:
    """Take up a scan of the error tray that became whole there: its writer went on.

    Args:
        item: the submission that failed.
        path: its file.
        services: whose error tray.

    Raises:
        OSError: it cannot be read or moved; it stays where it was.
    """
    ledger, station = services.archive.ledger, services.station
    sha256, sha512 = digests(path)
    # First its new measures: after a crash the moved file is known by them.
    size = path.stat().st_size
    ledger.remeasure(item.id, size_bytes=size, sha256=sha256, sha512=sha512, at=now())
    target = trays.move(path, station.work / trays.folder_of(path, station.error))
    trays.remove_slips(path)
    return ledger.move(
        item.id,
        SubmissionState.IN_WORK,
        tray_path=station.relative(target),
        at=now(),
        events=(event(EventType.UNQUARANTINE, item, outcome="completed"),),
    )


def adopt_strays(services: Services) -> Iterator[Submission]:
    """Take up files of the work tray that no ledger row names: a claim was cut off by a crash."""
    station = services.station
    for path in trays.list_scans(station.work):
        try:
            named = services.archive.ledger.by_tray_path(station.relative(path))
        except RowDamaged:
            continue  # it has a row: taken up anew it would be filed twice once that is mended
        # Printers use their names again: where a filed scan lay, this is another one.
        if named is None or named.state in _ENDED:
            folder = trays.folder_of(path, station.work)
            yield register_claim(path, (path.name, owner_of(path)), folder, services)
