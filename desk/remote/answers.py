"""What the station answers to its agents; each call is an agent's word, and bounded."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Protocol

from desk.agent import messages
from desk.agent.messages import (
    BadMessage,
    Closed,
    Offer,
    Opened,
    Pairing,
    Signed,
    decoded,
    to_bytes,
)
from desk.remote.agency_work import agent_of
from desk.remote.board import Board
from desk.remote.line import DONE, Line
from desk.remote.logins import Logins
from desk.remote.paired import PairedAgent, accept_pairing, agent_event, paired_agents
from desk.remote.refusal import Refused
from desk.remote.standing import Standings, Step, standings_at
from desk.station import Station
from signing.errors import KeyMaterialError, SigningError
from signing.far_key import FarKey, read_far_key
from storage.archive import Archive
from storage.model import NewEvent

# A question for work is held open so long where there is none.
WORK_SECONDS = 10.0


class Work(Protocol):
    """What an agent's key signs."""

    def offer(self, agent: PairedAgent) -> Offer | None:
        """Return what waits as one batch; None where nothing does."""

    def begin(self, line: Line, agent: PairedAgent, board: Board) -> None:
        """Check the key that was opened, and have the batch signed.

        Raises:
            SigningError: the key must not sign.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What answering takes."""

    station: Station
    archive: Archive
    board: Board
    agency: Work
    """For the agent at which the agency's key lies."""
    personal: Work
    """For agents of persons who sign their own scans."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A batch that is spoken of."""

    batch: str


class Answers:
    """The station's words to its agents; called from several threads.

    Args:
        desk: what answering takes.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.logins = Logins(station=desk.station, archive=desk.archive)
        self._offers: dict[str, Offer] = {}
        self._standings = Standings(standings_at(desk.station))
        self._one_at_a_time = threading.Lock()

    def pair(self, content: bytes) -> tuple[str, bytes]:
        """Take an agent on; return its certificate and the answer.

        Raises:
            Refused: it does not know the code.
            BadMessage: it said something else.
        """
        asked = messages.read(Pairing, content)
        if not messages.is_title(asked.host):
            raise BadMessage("the computer's name cannot be shown")
        with self._one_at_a_time:
            paired = accept_pairing(self._desk.station, self._desk.archive, asked)
        if paired is None:
            raise Refused("Mã ghép không đúng.")
        return asked.certificate, to_bytes(paired)

    def offer(self, agent: PairedAgent, _content: bytes) -> bytes:
        """Return the batch that waits for an agent's key; the open one again while it is open.

        Raises:
            Refused: nothing waits.
        """
        line = self._desk.board.line(agent.name)
        if line is not None and not line.is_over:
            return to_bytes(line.offer)
        work = self._work_of(agent)
        offer = work.offer(agent) if work is not None else None
        if offer is None:
            self._standings.note(agent.name, Step.LOOKING)
            raise Refused("Không có giấy chờ ký.")
        self._standings.note(agent.name, Step.SHOWN, offer.count)
        self._offers[agent.name] = offer
        return to_bytes(offer)

    def open(self, agent: PairedAgent, content: bytes) -> bytes:
        """Open a batch: its officer saw the list and opened the key. The certificate is checked.

        Raises:
            Refused: the batch is another, or the certificate must not sign.
            BadMessage: it said something else.
        """
        opened = messages.read(Opened, content)
        key = _far_key(opened)
        with self._one_at_a_time:
            line = self._desk.board.line(agent.name)
            if line is not None and line.offer.batch == opened.batch:
                # The same officer again, after a cut: with the same key, or not at all.
                if not line.key.is_same(key):
                    raise Refused("Chứng thư khác với chứng thư đã mở đợt này.")
                return b"{}"
            self._open(agent, opened, key)
        return b"{}"

    def wanted(self, agent: PairedAgent, content: bytes) -> bytes:
        """Return what is to be signed now; waits a little where nothing is.

        Raises:
            Refused: the batch is over.
        """
        line = self._line(agent, messages.read(_Asked, content).batch)
        self._note_signing(line)
        wanted = line.take_work(WORK_SECONDS)
        if line.is_over:
            self._end(line, DONE)
        return to_bytes(messages.Work(wanted=tuple(wanted), is_ended=line.is_over))

    def signed(self, agent: PairedAgent, content: bytes) -> bytes:
        """Take a signature.

        Raises:
            Refused: the batch is over.
            BadMessage: it said something else.
        """
        made = messages.read(Signed, content)
        line = self._line(agent, made.batch)
        line.answer(made.number, made.digest, decoded(made.signature), made.refused)
        self._note_signing(line)
        return b"{}"

    def close(self, agent: PairedAgent, content: bytes) -> bytes:
        """End a batch at its officer's word."""
        closed = messages.read(Closed, content)
        why, shown = messages.shown_title([closed.reason]), self._offers.pop(agent.name, None)
        line = self._desk.board.line(agent.name)
        if line is not None and line.offer.batch == closed.batch:
            self._end(line, why)
        elif shown is not None and shown.batch == closed.batch:
            # The key was never open: there is nothing for the log, but something to be told.
            self._standings.note_end(agent.name, why, shown.count)
        return b"{}"

    def _line(self, agent: PairedAgent, batch: str) -> Line:
        """Return a batch while it is open; one that came to its end says so itself.

        Raises:
            Refused: it is another, or was ended early.
        """
        line = self._desk.board.newest(agent.name)
        if line is None or line.offer.batch != batch:
            raise Refused("Trạm đã đóng đợt ký này.")
        if line.closed not in ("", DONE):
            raise Refused(f"Trạm đã đóng đợt ký này ({line.closed}).")
        return line

    def _open(self, agent: PairedAgent, opened: Opened, key: FarKey) -> None:
        offer = self._offers.get(agent.name)
        if offer is None or offer.batch != opened.batch or offer.count != opened.count:
            raise Refused("Danh sách đã đổi từ khi xem. Hãy xem lại.")
        numbers = {str(paper.number): paper for paper in offer.papers}
        if not set(opened.declined) <= numbers.keys():
            raise BadMessage("papers were declined that were not offered")
        declined = frozenset(int(number) for number in opened.declined)
        desk, actor = self._desk, f"{agent.person} (agent: {agent.name})"
        line = Line(agent=agent.name, actor=actor, offer=offer, key=key, declined=declined)
        earlier = desk.board.hang(line)
        if earlier is not None:
            self._end(earlier, "replaced")
        work = self._work_of(agent)
        assert work is not None, "something was offered"
        with ExitStack() as stack:
            # Whatever goes wrong here, the store included, no batch stays open behind it.
            stack.callback(line.close, "failed")
            try:
                work.begin(line, agent, desk.board)
            except SigningError as error:
                line.close(type(error).__name__)
                raise Refused(error.vi) from error
            desk.archive.events.append(_opened_event(line, agent, opened.host))
            stack.pop_all()
        del self._offers[agent.name]

    def _note_signing(self, line: Line) -> None:
        if line.closed:
            return
        signed = len(line.tally().signed)
        self._standings.note(line.agent, Step.SIGNING, line.offer.count, signed=signed)

    def _work_of(self, agent: PairedAgent) -> Work | None:
        if agent_of(self._desk.station.settings.signing.key) == agent.name:
            return self._desk.agency
        return self._desk.personal if agent.account else None

    def sweep(self) -> None:
        """End the batches of agents that are gone, and tell of all that ended."""
        known = {agent.name for agent in paired_agents(self._desk.station)}
        for line in self._desk.board.lines():
            if line.agent not in known:
                self._end(line, "unpaired")
            elif line.closed or line.is_over or line.is_lost:
                self._end(line, "lost" if line.is_lost else DONE)

    def _end(self, line: Line, why: str) -> None:
        """End a batch, and say once what came of it."""
        if not line.tell_end(why):
            return
        tally = line.tally()
        signed = len(tally.signed)
        self._standings.note_end(line.agent, line.closed, line.offer.count, signed=signed)
        detail: dict[str, object] = {
            "batch": line.offer.batch,
            "why": line.closed,
            "signed": signed,
            "digests": list(tally.signed),
            "refused": list(tally.refused),
        }
        event = agent_event(line.agent, "batch closed", line.actor, detail)
        self._desk.archive.events.append(event)


def _far_key(opened: Opened) -> FarKey:
    if not messages.is_title(opened.host):
        raise BadMessage("the computer has no name")
    certificate, *issuers = [decoded(text) for text in (opened.certificate, *opened.issuers)]
    try:
        return read_far_key(certificate, issuers, opened.padding)
    except KeyMaterialError as error:
        raise BadMessage(error.en) from error


def _opened_event(line: Line, agent: PairedAgent, host: str) -> NewEvent:
    identity = line.key.identity
    detail: dict[str, object] = {
        "batch": line.offer.batch,
        "count": line.offer.count,
        "papers": [
            {"reference": paper.reference, "pdf_sha256": paper.pdf_sha256}
            for paper in line.offer.papers
        ],
        "declined": sorted(line.declined),
        "host": host,
        "fingerprint": agent.fingerprint,
        "signer": identity.cn,
        "serial": identity.serial,
    }
    return agent_event(agent.name, "batch opened", line.actor, detail)
