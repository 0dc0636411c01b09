"""Release: what waits for the agency's signature, seen before it is released, paper by paper.

Exactly what `hoso release` does, by the same functions: a request in an officer's name, on which
the engine acts. NĐ 30/2020/NĐ-CP Art. 32: the key is used by a person who is answerable for it.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from http import HTTPStatus
from typing import Protocol, TypeVar

from starlette.datastructures import UploadFile
from starlette.responses import Response

from config.vocabulary import EventType, load_classes
from desk.errors import AnswerRefused, UnknownCode
from desk.people import Device, current_device
from desk.releases import Releasing, ToRelease, ask_release, waiting_for_release
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
from storage.model import ObjectRef
from storage.submissions import SubmissionState
from storage.workshops import workshop

_RELEASE = "/duyet-ky"


class _Waiting(Protocol):
    """A paper that waits for an officer."""

    @property
    def submission_id(self) -> str: ...

    @property
    def paper(self) -> int: ...

    @property
    def folder(self) -> str: ...


Paper = TypeVar("Paper", bound=_Waiting)


def show_waiting(asked: Asked) -> Response:
    """Show what waits, and what is unknown."""
    archive = asked.house.archive
    names = {item.code: item.name for item in load_classes(asked.house.station.own_classes).items}
    stamps = archive.ledger.in_state(SubmissionState.AWAITING_TIMESTAMP)
    asked.tell(EventType.VIEW, "web", outcome="waiting for release")
    return page(
        asked,
        "release.html",
        waiting=_seen(asked, waiting_for_release(archive)),
        unknown=_seen(asked, unknown_signatures(archive)),
        stamps=[item for item in stamps if sees_folder(asked.person, item.folder, archive)],
        names=names,
        key=asked.house.station.settings.signing.key,
        done=asked.asked_for("xong"),
    )


def release(asked: Asked) -> Response:
    """Release the papers that were chosen, by the digests that were seen."""
    archive = asked.house.archive
    told = set(asked.form.getlist("paper"))
    waiting = _seen(asked, waiting_for_release(archive))
    chosen = [paper for paper in waiting if _seal_of(paper) in told]
    if not chosen:
        raise AnswerRefused(
            "Chưa chọn giấy nào, hoặc giấy đã đổi từ khi ông/bà xem. Hãy xem lại danh sách.",
            "no paper was chosen, or it was made anew since you saw it; look at the list again",
        )
    key = asked.house.station.settings.signing.key
    ask_release(archive, chosen, Releasing(actor=asked.actor, key=key, device=_device(asked)))
    return go_to(f"{_RELEASE}?xong={len(chosen)}")


def decide(asked: Asked) -> Response:
    """Decide what becomes of a paper of which nobody knows whether it was signed."""
    archive = asked.house.archive
    unknown = _seen(asked, unknown_signatures(archive))
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
    """Show page 1 of a paper that waits: the very PDF that would be signed."""
    parameters = asked.request.path_params
    place = (parameters["submission"], parameters["paper"])
    found = [
        paper
        for paper in _seen(asked, waiting_for_release(asked.house.archive))
        if (paper.submission_id, paper.paper) == place
    ]
    if not found:
        raise _nothing()
    asked.tell(EventType.VIEW, found[0].submission_id, outcome="before release")
    objects = asked.house.archive.objects
    picture = asked.house.pictures.draw(objects.path(found[0].pdf_sha256), 1)
    return Response(picture, HTTPStatus.OK, media_type="image/png")


def _seal_of(paper: ToRelease) -> str:
    """Name a paper by what was seen of it: one that was made anew since is another."""
    return f"{paper.submission_id} {paper.paper} {paper.pdf_sha256}"


def _seen(asked: Asked, papers: Sequence[Paper]) -> list[Paper]:
    person, archive = asked.person, asked.house.archive
    return [paper for paper in papers if sees_folder(person, paper.folder, archive)]


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
    Page(path=f"{_RELEASE}/do-dang", view=decide, roles=OFFICERS, method="POST", most_files=1),
    Page(
        path=f"{_RELEASE}/{{submission}}/{{paper:int}}.png",
        view=show_first_page,
        roles=OFFICERS,
        queue=Queue.DRAW,
    ),
)
