"""A person's own papers, signed with that person's key at an agent: a session like any other.

The agent's officer saw the list and typed the PIN there, which opens the session; it ends with the
list. Everything that holds for `hoso sign-session` holds here: own scans only, limits, events.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from concurrent.futures import Future

from config.rules import RuleSet
from desk.agency_seal import AgencySeal
from desk.agent.messages import MOST_PAPERS, Offer, Paper, shown_title
from desk.identifiers import new_id
from desk.moments import now
from desk.remote.board import Board
from desk.remote.line import DONE, Line
from desk.remote.paired import PairedAgent, station_name
from desk.sealing import paper_of, reference_of
from desk.sign_sessions import Limits, SignSession, Waiting, waiting_for
from desk.station import Station
from signing.errors import PaperDeclined, SigningError
from signing.network import Network
from signing.trust import TrustStore
from storage.archive import Archive
from storage.errors import StorageError
from storage.key_uses import Place

log = logging.getLogger("hoso.agents")

_END_SECONDS = 30.0


class PersonalWork:
    """Offers persons their papers, and runs their sessions, each in a thread of its own.

    Args:
        station: whose papers.
        archive: its archive.
        trust: anchors of our own verdict.
        network: where timestamps and revocation data come from.
        rules: where blocks stand.
    """

    def __init__(
        self,
        station: Station,
        archive: Archive,
        trust: TrustStore,
        network: Network,
        rules: RuleSet,
    ) -> None:
        self._station, self._archive, self._rules = station, archive, rules
        self._trust, self._network = trust, network
        self._threads: list[threading.Thread] = []

    def offer(self, agent: PairedAgent) -> Offer | None:
        """Return what waits for a person's own signature as one batch; None where nothing does."""
        most = min(MOST_PAPERS, self._station.settings.signing.session_papers)
        own = [
            paper
            for paper in waiting_for(self._archive)
            if paper.signer == agent.account and paper.used_by is None
        ][:most]
        if not own:
            return None
        papers = tuple(_paper(number, waiting) for number, waiting in enumerate(own, 1))
        station = shown_title([station_name(self._station), "chữ ký cá nhân người sao chụp"])
        return Offer(batch=new_id(), station=station, count=len(papers), papers=papers)

    def begin(self, line: Line, agent: PairedAgent, board: Board) -> None:
        """Open a session with the key at the end of a line; it signs what was offered.

        Raises:
            SigningError: the certificate must not sign, or is the agency's.
        """
        opened: Future[None] = Future()
        thread = threading.Thread(
            target=self._run, args=(line, agent, board, opened), name=f"session-{agent.name}"
        )
        self._threads = [each for each in self._threads if each.is_alive()] + [thread]
        thread.start()
        opened.result()

    def close(self) -> None:
        """Wait for the sessions; their lines are closed already."""
        for thread in self._threads:
            thread.join(_END_SECONDS)

    def _run(self, line: Line, agent: PairedAgent, board: Board, opened: Future[None]) -> None:
        signing = self._station.settings.signing
        limits = Limits(
            person=agent.account,
            actor=line.actor,
            papers=signing.session_papers,
            until=now() + dt.timedelta(minutes=signing.session_minutes),
        )
        try:
            with (
                AgencySeal(
                    None, self._trust, self._network, far=board.far_seal(agent.name)
                ) as seal,
                SignSession(self._station, self._archive, seal, self._rules, limits) as session,
            ):
                opened.set_result(None)
                _sign_offered(session, line)
            line.close(DONE)
        except (SigningError, StorageError, OSError) as error:
            log.warning("session of agent %s: %s", agent.name, type(error).__name__)
            line.close(type(error).__name__)
            if not opened.done():
                opened.set_exception(error)


def _sign_offered(session: SignSession, line: Line) -> None:
    for paper in line.offer.papers:
        try:
            session.sign(*paper_of(paper.reference))
        except PaperDeclined:
            # Its holder decides with the next batch; the others are signed.
            continue


def _paper(number: int, waiting: Waiting) -> Paper:
    place = Place(
        subject=waiting.submission_id, paper=waiting.paper, field="", pdf_sha256=waiting.pdf_sha256
    )
    return Paper(
        number=number,
        reference=reference_of(place),
        pdf_sha256=waiting.pdf_sha256,
        title=shown_title((waiting.folder, waiting.name, f"giấy {waiting.paper}")),
    )
