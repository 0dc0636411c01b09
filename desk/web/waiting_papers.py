"""What waits for the agency's key, as an officer of some agencies sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from config.vocabulary import load_classes
from desk.agent.messages import Paper as OfferedPaper
from desk.certified_copies import WaitingCopy, waiting_copies
from desk.releases import REQUEST, WAITS, ToRelease
from desk.remote.agency_work import released_papers
from desk.sealing import paper_of
from desk.web.house import Asked
from desk.web.scope import sees_dossier, sees_folder
from storage.submissions import Reason


class Waiting(Protocol):
    """A paper that waits for an officer."""

    @property
    def submission_id(self) -> str:
        """The scan."""

    @property
    def paper(self) -> int:
        """Which paper of it."""

    @property
    def folder(self) -> str:
        """Where the scan lay."""


Paper = TypeVar("Paper", bound=Waiting)


def seen_by(asked: Asked, papers: Sequence[Paper]) -> list[Paper]:
    """Return the papers of folders in the scope of who asks."""
    person, archive = asked.person, asked.house.archive
    return [paper for paper in papers if sees_folder(person, paper.folder, archive)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPaper:
    """A paper that waits, as the page shows it."""

    paper: ToRelease
    title: str
    """Its kind, or the name of the scan where no kind is known."""
    seal: str
    """What the form says of it."""
    failure: Reason | None
    """Why it was not signed after an earlier release; None for the first."""
    is_asked_for: bool
    """Whether somebody released it already, and the engine has not come to it."""


def show_papers(asked: Asked, papers: Sequence[ToRelease]) -> list[ShownPaper]:
    """Return papers as the page shows them."""
    ledger = asked.house.archive.ledger
    classes = load_classes(asked.house.station.own_classes)
    waiting = asked.house.archive.requests.pending(REQUEST)
    told = [request.body["papers"] for request in waiting]
    released = {(each["submission_id"], each["paper"]) for papers in told for each in papers}
    shown = []
    for paper in papers:
        reason, kind = ledger.get(paper.submission_id).reason, classes.find(paper.title)
        shown.append(
            ShownPaper(
                paper=paper,
                title=kind.name if kind else paper.name,
                seal=seal_of(paper),
                failure=None if reason == WAITS else reason,
                is_asked_for=(paper.submission_id, paper.paper) in released,
            )
        )
    return shown


def released_seen(asked: Asked) -> list[OfferedPaper]:
    """Return what is with the holder of the key, in the words of the list at that computer."""
    person, archive = asked.person, asked.house.archive
    classes = load_classes(asked.house.station.own_classes)
    return [
        paper
        for paper in released_papers(asked.house.station, archive, classes)
        if sees_folder(person, archive.ledger.get(paper_of(paper.reference)[0]).folder, archive)
    ]


def copies_seen(asked: Asked) -> list[WaitingCopy]:
    """Return the certified copies that wait for a release, in the scope of who asks."""
    person, archive = asked.person, asked.house.archive
    return [
        copy
        for copy in waiting_copies(archive)
        if sees_dossier(person, copy.paper.rpartition(".")[0], archive)
    ]


def seal_of(paper: ToRelease) -> str:
    """Name a paper by what was seen of it: one that was made anew since is another."""
    return f"{paper.submission_id} {paper.paper} {paper.pdf_sha256}"


def seal_of_copy(copy: WaitingCopy) -> str:
    """Name a certified copy by what was seen of it."""
    return f"{copy.id} {copy.pdf_sha256}"
