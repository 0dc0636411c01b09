"""Releasing papers for the agency's signature: a person's act, recorded before the key is used.

NĐ 30/2020/NĐ-CP Art. 32: the agency's key is used by a person who is answerable for it. What is
released is a PDF by its digest: whatever is made anew afterwards waits anew. `hoso release` writes
a request; the engine acts on it, also while it runs.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from config import codec
from config.vocabulary import EventType
from desk import sealing
from desk.agency_blocks import plan_block
from desk.damage import show_each
from desk.endings import Held
from desk.identifiers import new_id
from desk.moments import now
from desk.people import Device
from desk.services import Services
from desk.stages import ACTOR, KeptRendition, KeptScan, event
from digitize.model import Paper
from storage.archive import Archive
from storage.key_uses import Place, UseState
from storage.model import NewEvent
from storage.requests import Request
from storage.submissions import Outcome, Reason, Submission, SubmissionState

REQUEST = "release"
AUTOMATIC = "automatic"
WAITS = Reason(
    code="release",
    vi="Chờ duyệt ký: người có thẩm quyền phải duyệt trước khi ký bằng chữ ký cơ quan.",
    en="waits for a person to release it for the agency's signature",
)
"""Why a paper waits of which nothing failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToRelease:
    """A paper that waits for the agency's signature."""

    submission_id: str
    paper: int
    name: str
    """Name of the scan."""
    folder: str
    title: str
    """What the paper was read as."""
    pdf_sha256: str
    """Digest of the PDF to sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Releasing:
    """Who releases, for which key, from where."""

    actor: str
    key: str
    """Name of the agency's key, as the settings have it."""
    device: Device


def require(kept: KeptScan, paper: Paper, rendition: KeptRendition, services: Services) -> None:
    """Stop until a person has released the very PDF that is to be signed (NĐ 30/2020 Art. 32).

    Raises:
        Held: nobody has.
    """
    item, ledger, number = kept.scan.item, services.archive.ledger, paper.number
    signing, pdf = services.station.settings.signing, rendition.pdf.sha256
    if kept.scan.received.signed or sealing.is_sealed(item.id, number, pdf, services.archive):
        return
    released = ledger.outcome(item.id, number, "release")
    if released is not None and (released["pdf_sha256"], released["key"]) == (pdf, signing.key):
        return
    ledger.forget_outcomes(item.id, ("release", "release_asked"), paper=number)
    body = {"pdf_sha256": pdf, "key": signing.key}
    is_asked = signing.release == "person"
    # Nobody is asked to release what has no place for its block, and who is asked sees the block.
    block = plan_block(rendition, paper, now(), services) if is_asked else None
    ledger.record_outcome(
        Outcome(
            submission_id=item.id,
            paper=number,
            stage="release_asked",
            body={**body, "block": codec.to_plain(block)},
        )
    )
    if is_asked:
        raise Held(SubmissionState.AWAITING_RELEASE, WAITS)
    ledger.record_outcome(
        Outcome(
            submission_id=item.id, paper=number, stage="release", body={**body, "by": AUTOMATIC}
        ),
        event(EventType.RELEASE, item, outcome=AUTOMATIC, detail={**body, "paper": number}),
    )


def waiting_for_release(archive: Archive) -> list[ToRelease]:
    """Return the papers that wait for a release, the oldest first.

    One of which a row cannot be read keeps no other from being released.
    """
    unknown = {use.place for use in archive.key_uses.in_state(UseState.UNKNOWN)}
    asked = archive.ledger.outcomes_in(SubmissionState.AWAITING_RELEASE, "release_asked")
    shown, _ = show_each(lambda at: _waiting(asked[at], unknown, archive), range(len(asked)))
    return [paper for paper in shown.values() if paper is not None]


def _waiting(asked: Outcome, unknown: Collection[Place], archive: Archive) -> ToRelease | None:
    """Return a paper that waits for its release; None where it does not."""
    item = archive.ledger.get(asked.submission_id)
    is_released = archive.ledger.outcome(item.id, asked.paper, "release") is not None
    is_sealed = archive.ledger.outcome(item.id, asked.paper, "sign") is not None
    # Where the key failed after a release, a person releases again once it was seen to.
    failed = item.reason is not None and item.reason.code == sealing.KEY
    # Where nobody knows whether the key was used, an officer decides otherwise.
    is_unknown = sealing.place_of(item.id, asked.paper, str(asked.body["pdf_sha256"])) in unknown
    if is_sealed or is_unknown or (is_released and not failed):
        return None
    described = archive.ledger.outcome(item.id, asked.paper, "describe") or {}
    return ToRelease(
        submission_id=item.id,
        paper=asked.paper,
        name=item.name,
        folder=item.folder,
        title=str(described.get("class") or ""),
        pdf_sha256=str(asked.body["pdf_sha256"]),
    )


def ask_release(archive: Archive, papers: Sequence[ToRelease], who: Releasing) -> int:
    """Ask the engine to release papers in a person's name; return the request's number."""
    body = {
        "papers": [
            {"submission_id": p.submission_id, "paper": p.paper, "pdf_sha256": p.pdf_sha256}
            for p in papers
        ],
        "key": who.key,
        "device": codec.to_plain(who.device),
    }
    return archive.requests.ask(REQUEST, body, who.actor, now())


def apply_releases(services: Services) -> int:
    """Act on the releases that persons asked for; return how many submissions go on."""
    requests = services.archive.requests
    count = 0
    for request in requests.pending(REQUEST):
        waiting = {(p.submission_id, p.paper): p for p in waiting_for_release(services.archive)}
        released = [
            waiting[key]
            for told in request.body["papers"]
            if (key := (told["submission_id"], told["paper"])) in waiting
            # What was made anew since the person saw the list is not what was released.
            and waiting[key].pdf_sha256 == told["pdf_sha256"]
        ]
        count += _release(released, request, services)
        requests.complete(request.id, now())
    if count:
        # A person has seen to the token or service that stopped.
        services.seal.resume()
    return count


def _release(papers: list[ToRelease], request: Request, services: Services) -> int:
    """Record the act as one event, then each paper's; return how many submissions go on."""
    archive, batch = services.archive, new_id()
    if not papers:
        return 0
    listed = [
        {"submission_id": p.submission_id, "paper": p.paper, "pdf_sha256": p.pdf_sha256}
        for p in papers
    ]
    told: dict[str, Any] = {"key": request.body["key"], "device": request.body["device"]}
    with archive.db.transaction():
        archive.events.append(
            NewEvent(
                type=EventType.RELEASE,
                object=batch,
                actor=request.actor,
                at=now(),
                outcome="batch",
                detail={**told, "count": len(papers), "papers": listed, "applied_by": ACTOR},
            )
        )
        for paper in papers:
            _release_one(paper, (request, batch), services)
        going_on = {paper.submission_id for paper in papers}
        for submission_id in going_on:
            archive.ledger.move(submission_id, SubmissionState.IN_WORK, at=now())
    return len(going_on)


def _release_one(paper: ToRelease, act: tuple[Request, str], services: Services) -> None:
    request, batch = act
    item: Submission = services.archive.ledger.get(paper.submission_id)
    body = {
        "pdf_sha256": paper.pdf_sha256,
        "key": request.body["key"],
        "by": request.actor,
        "batch": batch,
    }
    detail = {"paper": paper.paper, "pdf_sha256": paper.pdf_sha256, "batch": batch}
    services.archive.ledger.record_outcome(
        Outcome(submission_id=item.id, paper=paper.paper, stage="release", body=body),
        event(EventType.RELEASE, item, actor=request.actor, detail=detail),
    )
