"""What an officer decides of papers of which nobody knows whether they were signed.

`hoso release` lists them and writes the decision as a request; the engine acts on it. Each decision
is an event in the officer's name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from config import codec
from desk import settling
from desk.damage import show_each
from desk.errors import UnknownCode
from desk.key_notes import use_event
from desk.moments import now
from desk.people import Device
from desk.sealing import AGENCY_FIELD
from desk.services import Services
from desk.session_folders import OF_RECORD
from desk.unfinished import begins_with, keep_found
from storage.archive import Archive
from storage.errors import RowDamaged
from storage.key_uses import KeyUse, UseState
from storage.model import NewEvent, ObjectRef
from storage.requests import Request
from storage.submissions import Reason, SubmissionState

REQUEST = "unknown_signature"


class Decision(StrEnum):
    """What shall become of such a paper."""

    AGAIN = "again"
    FOUND = "found"
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownSignature:
    """A paper of which nobody knows whether the agency's key signed it."""

    use: int
    """Number of the use of the key."""
    submission_id: str
    paper: int
    name: str
    """Name of the scan."""
    folder: str
    pdf_sha256: str
    """Digest of the PDF that was to be signed."""
    digest: str
    """SHA-256 of what the key was given: a token's or service's own journal may tell of it."""
    used_at: datetime
    """When the key was about to be used, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """An officer's word."""

    what: Decision
    actor: str
    device: Device
    pdf: ObjectRef | None = None
    """The signed file that was found."""


def unknown_signatures(archive: Archive) -> list[UnknownSignature]:
    """Return the papers of which nobody knows, the oldest first."""
    uses = {
        use.number: use
        for use in archive.key_uses.in_state(UseState.UNKNOWN)
        if use.place.field == AGENCY_FIELD
    }
    # One of which the scan's rows are damaged waits until they are mended.
    shown, _ = show_each(lambda number: _shown(uses[number], archive), uses)
    return [paper for paper in shown.values() if paper is not None]


def count_on_records(archive: Archive) -> int:
    """Count the filed papers of which nobody knows whether an officer's key signed them too."""
    uses = archive.key_uses.in_state(UseState.UNKNOWN)
    return len({use.place.subject for use in uses if use.place.paper == OF_RECORD})


def _is_asked_for(use: KeyUse, archive: Archive) -> bool:
    """Tell whether it is this PDF that is to be signed: it may have been made anew since."""
    asked = archive.ledger.outcome(use.place.subject, use.place.paper, "release_asked")
    return asked is not None and asked["pdf_sha256"] == use.place.pdf_sha256


def _shown(use: KeyUse, archive: Archive) -> UnknownSignature | None:
    if not _is_asked_for(use, archive):
        return None
    item = archive.ledger.get(use.place.subject)
    return UnknownSignature(
        use=use.number,
        submission_id=item.id,
        paper=use.place.paper,
        name=item.name,
        folder=item.folder,
        pdf_sha256=use.place.pdf_sha256,
        digest=use.digest,
        used_at=use.at,
    )


def paper_of(path: Path, unknown: Sequence[UnknownSignature], archive: Archive) -> UnknownSignature:
    """Return the paper that a signed file is a later form of.

    Raises:
        UnknownCode: it is none of theirs, or no file.
    """
    for paper in unknown:
        source = archive.objects.path(paper.pdf_sha256)
        if path.is_file() and begins_with(path, source):
            return paper
    raise UnknownCode(
        f"Tệp {path} không phải là bản đã ký của giấy nào đang chờ quyết định. Hãy xem danh sách "
        "bằng `hoso release`.",
        f"{path} is no signed form of a paper that waits for a decision; see hoso release",
    )


def ask_decision(archive: Archive, papers: Sequence[UnknownSignature], decided: Decided) -> None:
    """Ask the engine to act on an officer's decision."""
    body = {
        "decision": decided.what.value,
        "uses": [paper.use for paper in papers],
        "device": codec.to_plain(decided.device),
        "pdf": codec.to_plain(decided.pdf),
    }
    archive.requests.ask(REQUEST, body, decided.actor, now())


def apply_decisions(services: Services) -> int:
    """Act on what officers decided; return how many papers go on."""
    requests, count = services.archive.requests, 0
    for request in requests.pending(REQUEST):
        uses = [services.archive.key_uses.get(number) for number in request.body["uses"]]
        known = [use for use in uses if use is not None]
        try:
            if any(_is_in_work(use, services) for use in known):
                continue  # its worker is about to let it wait
        except RowDamaged:
            continue  # it waits until the row is mended
        count += sum(_apply(use, request, services) for use in known)
        requests.complete(request.id, now())
    if count:
        # A person has seen to the token or service that stopped.
        services.seal.resume()
    return count


def _is_in_work(use: KeyUse, services: Services) -> bool:
    state = services.archive.ledger.get(use.place.subject).state
    return state is SubmissionState.IN_WORK


def _apply(use: KeyUse, request: Request, services: Services) -> bool:
    archive, decision = services.archive, Decision(request.body["decision"])
    told = use_event(use, decision.value, request.actor)
    event = replace(told, detail={**told.detail, "device": request.body["device"]})
    if decision is Decision.GIVE_UP:
        return _give_up(use, event, services)
    with archive.db.transaction():
        if decision is Decision.AGAIN:
            acted = archive.key_uses.end(use.number, UseState.AGAIN, now(), event)
        else:
            acted = use.is_open
            pdf = codec.from_plain(ObjectRef, request.body["pdf"])
            keep_found(use, pdf, services, request.actor)
            archive.events.append(replace(event, detail={**event.detail, "found": pdf.sha256}))
        if acted:
            archive.ledger.move(use.place.subject, SubmissionState.IN_WORK, at=now())
    return acted


def _give_up(use: KeyUse, event: NewEvent, services: Services) -> bool:
    """Put the scan into the error tray: whoever tries it again asks for a release anew."""
    archive, place = services.archive, use.place
    with archive.db.transaction():
        archive.key_uses.end(use.number, UseState.GIVEN_UP, now(), event)
        settled = archive.key_uses.get(use.number)
        if settled is None or settled.state is not UseState.GIVEN_UP:
            return False  # another word, or the signed file itself, came first
        archive.ledger.forget_outcomes(
            place.subject, ("release", "release_asked"), paper=place.paper
        )
    item = archive.ledger.get(place.subject)
    # A run that was cut off here finds the scan where it was left.
    if item.state is SubmissionState.AWAITING_RELEASE:
        settling.fail(item, _given_up(), services)
    return False


def _given_up() -> Reason:
    return Reason(
        code="signing_given_up",
        vi="Người có thẩm quyền đã thôi ký giấy này vì không rõ lần ký trước ra sao. Nếu cần số "
        "hóa, hãy thả lại tệp vào thư mục chờ; giấy sẽ chờ duyệt ký lại từ đầu.",
        en="an officer gave up signing it; dropped again, it waits for a release anew",
    )
