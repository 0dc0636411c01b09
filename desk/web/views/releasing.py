"""Release: what waits for the agency's signature, seen before it is released, paper by paper.

Exactly what `hoso release` does, by the same functions: a request in an officer's name, on which
the engine acts. NĐ 30/2020/NĐ-CP Art. 32: the key is used by a person who is answerable for it.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from http import HTTPStatus

from starlette.datastructures import UploadFile
from starlette.responses import Response

from config.codec import from_plain
from config.vocabulary import EventType
from desk.certified_copies import WaitingCopy, ask_copy_release
from desk.errors import AnswerRefused, UnknownCode
from desk.people import Device, current_device
from desk.releases import Releasing, ToRelease, ask_release, waiting_for_release
from desk.remote.holder import describe_holder
from desk.unknown_signatures import (
    Decided,
    Decision,
    UnknownSignature,
    ask_decision,
    paper_of,
    unknown_signatures,
)
from desk.web.answers import go_to, page
from desk.web.house import Asked
from desk.web.routing import OFFICERS, Page, Queue
from desk.web.scope import sees_folder
from desk.web.waiting_papers import (
    copies_seen,
    released_seen,
    seal_of,
    seal_of_copy,
    seen_by,
    show_papers,
)
from signing.block_preview import draw_block
from signing.model import VisibleBlock
from storage.errors import RecordNotFound
from storage.model import ObjectRef
from storage.submissions import Submission, SubmissionState
from storage.workshops import workshop

_RELEASE = "/duyet-ky"
# Looked at and released together; what is more waits its turn on the page, too.
_MOST_SHOWN = 40
_MOST_LISTED = 100


def show_waiting(asked: Asked) -> Response:
    """Show what waits, what is with the holder of the key, and what is unknown."""
    archive, station = asked.house.archive, asked.house.station
    waiting = seen_by(asked, waiting_for_release(archive))
    released = released_seen(asked)
    stamps = archive.ledger.in_state(SubmissionState.AWAITING_TIMESTAMP)
    asked.tell(EventType.VIEW, "web", outcome="waiting for release")
    return page(
        asked,
        "release.html",
        waiting=show_papers(asked, waiting[:_MOST_SHOWN]),
        more=max(0, len(waiting) - _MOST_SHOWN),
        are_chosen=asked.asked_for("chon") == "tat-ca",
        copies=copies_seen(asked),
        released=released[:_MOST_LISTED],
        released_count=len(released),
        holder=describe_holder(station, asked.at),
        unknown=seen_by(asked, unknown_signatures(archive)),
        stamps=[item for item in stamps if sees_folder(asked.person, item.folder, archive)],
        key=station.settings.signing.key,
        done=asked.asked_for("xong"),
    )


def review(asked: Asked) -> Response:
    """Show once more what was chosen: what the key will sign, and with which key."""
    chosen, copies = _chosen(asked)
    station = asked.house.station
    asked.tell(EventType.VIEW, "web", outcome="chosen for release", count=len(chosen) + len(copies))
    return page(
        asked,
        "release_review.html",
        chosen=show_papers(asked, chosen),
        copies=copies,
        count=len(chosen) + len(copies),
        holder=describe_holder(station, asked.at),
        key=station.settings.signing.key,
    )


def release(asked: Asked) -> Response:
    """Release the papers that were chosen, by the digests that were seen."""
    chosen, copies = _chosen(asked)
    archive, key = asked.house.archive, asked.house.station.settings.signing.key
    who = Releasing(actor=asked.actor, key=key, device=_device(asked))
    if chosen:
        ask_release(archive, chosen, who)
    if copies:
        ask_copy_release(archive, [copy.id for copy in copies], who)
    return go_to(f"{_RELEASE}?xong={len(chosen) + len(copies)}")


def _chosen(asked: Asked) -> tuple[list[ToRelease], list[WaitingCopy]]:
    """Return what a form names, as far as it is still what was seen.

    Raises:
        AnswerRefused: nothing was chosen, or some of it was made anew since: the list is old.
    """
    papers, copies = (set(asked.form.getlist(name)) for name in ("paper", "copy"))
    waiting = seen_by(asked, waiting_for_release(asked.house.archive))
    chosen = [paper for paper in waiting if seal_of(paper) in papers]
    found = [copy for copy in copies_seen(asked) if seal_of_copy(copy) in copies]
    if not papers | copies:
        raise AnswerRefused(
            "Chưa chọn giấy nào. Hãy quay lại và đánh dấu giấy cần duyệt.",
            "no paper was chosen; go back and mark those to release",
        )
    if (len(chosen), len(found)) != (len(papers), len(copies)):
        raise AnswerRefused(
            "Danh sách đã đổi từ khi ông/bà xem: có giấy được lập lại hoặc đã duyệt. Chưa duyệt "
            "giấy nào. Hãy xem lại danh sách.",
            "the list changed since you saw it: a paper was made anew or released meanwhile. "
            "Nothing was released; look at the list again",
        )
    return chosen, found


def decide(asked: Asked) -> Response:
    """Decide what becomes of a paper of which nobody knows whether it was signed."""
    archive = asked.house.archive
    unknown = seen_by(asked, unknown_signatures(archive))
    word = asked.said("decision")
    if word == Decision.FOUND:
        _decide_found(asked, unknown)
    elif word in (Decision.AGAIN, Decision.GIVE_UP):
        use = asked.said("use")
        chosen = [paper for paper in unknown if str(paper.use) == use]
        if not chosen:
            raise _nothing()
        ask_decision(archive, chosen, _decided(asked, Decision(word)))
    else:
        raise _nothing()
    return go_to(f"{_RELEASE}?xong=1")


def _decide_found(asked: Asked, unknown: Sequence[UnknownSignature]) -> None:
    """Take the signed file that somebody found; the engine judges it."""
    archive, sent = asked.house.archive, asked.form.get("found")
    if not isinstance(sent, UploadFile):
        raise _nothing()
    with workshop(archive.staging, "web.") as work:
        path = work / "found.pdf"
        with path.open("wb") as file:
            shutil.copyfileobj(sent.file, file)
        paper = paper_of(path, unknown, archive)
        stored = archive.objects.add(path)
    pdf = ObjectRef(sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes)
    ask_decision(archive, [paper], _decided(asked, Decision.FOUND, pdf))


def show_first_page(asked: Asked) -> Response:
    """Show page 1 of a paper that waits: the very PDF that would be signed, with its block."""
    archive, parameters = asked.house.archive, asked.request.path_params
    submission, paper = parameters["submission"], parameters["paper"]
    item = _waiting_item(asked, submission)
    released = archive.ledger.outcome(item.id, paper, "release_asked")
    if released is None:
        raise _nothing()
    asked.tell(EventType.VIEW, item.id, outcome="before release")
    pdf = archive.objects.path(str(released["pdf_sha256"]))
    pictures = asked.house.pictures
    # What an older program asked for has no block: it is laid when the paper is signed.
    if released.get("block") is None:
        picture = pictures.draw(pdf, 1, has_annotations=True)
    else:
        block = from_plain(VisibleBlock, released["block"])
        with workshop(archive.staging, "web.") as work:
            draw_block(pdf, work / "shown.pdf", block)
            picture = pictures.draw(work / "shown.pdf", 1, has_annotations=True)
    return Response(picture, HTTPStatus.OK, media_type="image/png")


def _waiting_item(asked: Asked, submission: str) -> Submission:
    """Return a scan whose papers wait for the agency's key, in the scope of who asks.

    Raises:
        UnknownCode: there is none.
    """
    archive = asked.house.archive
    try:
        item = archive.ledger.get(submission)
    except RecordNotFound as error:
        raise _nothing() from error
    is_waiting = item.state in (SubmissionState.AWAITING_RELEASE, SubmissionState.IN_WORK)
    if not is_waiting or not sees_folder(asked.person, item.folder, archive):
        raise _nothing()
    return item


def _decided(asked: Asked, what: Decision, pdf: ObjectRef | None = None) -> Decided:
    return Decided(what=what, actor=asked.actor, device=_device(asked), pdf=pdf)


def _device(asked: Asked) -> Device:
    """Return where the officer sits: another machine than this one, as far as it says."""
    client = asked.request.client.host if asked.request.client else ""
    return Device(host=current_device().host, terminal=f"web {client}".strip())


def _nothing() -> UnknownCode:
    return UnknownCode("Không có giấy này.", "there is no such paper")


PAGES = (
    Page(path=_RELEASE, view=show_waiting, roles=OFFICERS),
    Page(path=_RELEASE, view=release, roles=OFFICERS, method="POST"),
    Page(path=f"{_RELEASE}/xem-lai", view=review, roles=OFFICERS, method="POST"),
    Page(path=f"{_RELEASE}/do-dang", view=decide, roles=OFFICERS, method="POST", most_files=1),
    Page(
        path=f"{_RELEASE}/{{submission}}/{{paper:int}}.png",
        view=show_first_page,
        roles=OFFICERS,
        queue=Queue.DRAW,
    ),
)
