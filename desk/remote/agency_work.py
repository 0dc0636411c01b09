"""Papers that a person released for the agency's key, where that key lies at an agent."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from config.vocabulary import Classes
from desk.agency_seal import AgencySeal
from desk.agent.messages import MOST_PAPERS, Offer, Paper, shown_title
from desk.identifiers import new_id
from desk.moments import now
from desk.remote.board import Board
from desk.remote.line import Line
from desk.remote.paired import PairedAgent, station_name
from desk.sealing import paper_of, place_of, reference_of
from desk.services import Services
from desk.station import Station
from storage.archive import Archive
from storage.errors import RowDamaged
from storage.key_uses import Place
from storage.submissions import Outcome, SubmissionState

_PREFIX = "agent:"
# A released paper waits for its key, or is on its way to it.
_STATES = (SubmissionState.AWAITING_RELEASE, SubmissionState.IN_WORK)


def agent_of(key: str) -> str | None:
    """Return the agent at which a key lies, as the settings name it; None for other keys."""
    return key.removeprefix(_PREFIX) if key.startswith(_PREFIX) else None


def take_up(services: Services, busy: Collection[str]) -> set[str]:
    """Let the submissions go on whose key was opened since, each once; return them.

    Args:
        services: whose board.
        busy: what is in work right now, and may yet end without its key: its turn comes later.
    """
    ledger, board = services.archive.ledger, services.agents
    resumed = set()
    for submission_id in board.resumed() - set(busy):
        state = ledger.get(submission_id).state
        if state is SubmissionState.AWAITING_RELEASE:
            ledger.move(submission_id, SubmissionState.IN_WORK, at=now())
            resumed.add(submission_id)
        if state is not SubmissionState.IN_WORK:
            board.forget(submission_id)
    return resumed


class AgencyWork:
    """Offers what was released for the agency's key, and lets it go on when the key is open.

    Args:
        station: whose papers.
        archive: its archive.
        classes: what kinds of paper are called.
        seal: signs with the agency's key.
    """

    def __init__(
        self, station: Station, archive: Archive, classes: Classes, seal: AgencySeal
    ) -> None:
        self._station, self._archive, self._classes = station, archive, classes
        self._seal = seal

    def offer(self, _agent: PairedAgent) -> Offer | None:
        """Return what waits for the agency's key as one batch; None where nothing does."""
        return make_offer(self._station, self._archive, self._classes)

    def begin(self, line: Line, _agent: PairedAgent, board: Board) -> None:
        """Check the certificate of the key that was opened, then let the papers go on.

        Raises:
            SigningError: it must not sign.
        """
        self._seal.reopen()
        self._seal.check(now())
        papers = [each for each in line.offer.papers if each.number not in line.declined]
        board.resume({paper_of(paper.reference)[0] for paper in papers})


def make_offer(station: Station, archive: Archive, classes: Classes) -> Offer | None:
    """Return what waits for the agency's key as one batch; None where nothing does."""
    papers = released_papers(station, archive, classes)
    if not papers:
        return None
    return Offer(
        batch=new_id(),
        station=shown_title([station_name(station)]),
        count=len(papers),
        papers=papers,
    )


def released_papers(station: Station, archive: Archive, classes: Classes) -> tuple[Paper, ...]:
    """Return what is released for the agency's key and not signed, as its holder sees the list."""
    key = station.settings.signing.key
    # As of one moment: a paper that goes from one state to the other meanwhile is listed once.
    with archive.db.snapshot():
        released = [
            outcome
            for state in _STATES
            for outcome in archive.ledger.outcomes_in(state, "release")
            if outcome.body["key"] == key and _is_known_unsigned(outcome, archive)
        ][:MOST_PAPERS]
        return tuple(
            _paper(number, outcome, archive, classes) for number, outcome in enumerate(released, 1)
        )


def _is_known_unsigned(released: Outcome, archive: Archive) -> bool:
    """Tell whether a paper may be offered: where a row of it is damaged, nobody knows."""
    with suppress(RowDamaged):
        item = archive.ledger.get(released.submission_id)
        archive.ledger.outcome(item.id, released.paper, "describe")
        return _is_unsigned(released, archive)
    return False


def _is_unsigned(released: Outcome, archive: Archive) -> bool:
    """Tell whether a paper is to be signed, and no earlier use of a key is unsettled."""
    submission_id, paper = released.submission_id, released.paper
    if archive.ledger.outcome(submission_id, paper, "sign") is not None:
        return False
    return archive.key_uses.standing(_place_of(released)) is None


def _place_of(released: Outcome) -> Place:
    pdf = str(released.body["pdf_sha256"])
    return place_of(released.submission_id, released.paper, pdf)


def _paper(number: int, released: Outcome, archive: Archive, classes: Classes) -> Paper:
    item, place = archive.ledger.get(released.submission_id), _place_of(released)
    described = archive.ledger.outcome(item.id, released.paper, "describe") or {}
    kind = classes.find(str(described.get("class") or ""))
    parts = (kind.name if kind else "", item.folder, item.name, f"giấy {released.paper}")
    return Paper(
        number=number,
        reference=reference_of(place),
        pdf_sha256=place.pdf_sha256,
        title=shown_title(parts),
    )
