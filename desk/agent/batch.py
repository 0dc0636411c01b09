"""Signing one batch: what the officer was shown, nothing else, and nothing twice."""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from config.codec import to_plain
from desk.agent import messages
from desk.agent.calls import Gone, StationCalls
from desk.agent.journal import Entry, Journal, Standing
from desk.agent.messages import BadMessage, Offer, Opened, Paper, Refusal, Signed, Wanted
from desk.errors import StationDistrusted, StationUnreachable
from desk.moments import now
from signing.attributes import are_signature_attributes
from signing.providers import SignerProvider, ToSign

# So long a batch waits for a station that was cut off before the key is closed.
_CUT_SECONDS = 120.0
_PAUSE_SECONDS = 1.0


@dataclass(slots=True)
class Tally:
    """What came of a batch."""

    offer: Offer
    signed: int = 0
    """Signatures that the station has, those of an earlier run included."""
    refused: int = 0
    """Papers that were not signed, for what the journal says."""
    ended: str = ""
    """Why the station ended it early, in its own words."""
    answered: set[int] = field(default_factory=set)
    """Numbers of the papers that were answered."""

    @property
    def left(self) -> int:
        """Papers that were shown and not asked for."""
        return self.offer.count - len(self.answered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the officer saw, and said."""

    offer: Offer
    again: Collection[int] = ()
    """Numbers that the officer will have signed although the journal knows them."""


class BatchRun:
    """One batch on the agent's side, the key open.

    Args:
        calls: the station.
        journal: what the key was used for.
        provider: the open key.
        shown: what the officer saw and said.
        tell: says something to the officer.
    """

    def __init__(
        self,
        calls: StationCalls,
        journal: Journal,
        provider: SignerProvider,
        shown: Shown,
        tell: Callable[[str], None],
    ) -> None:
        self._calls, self._journal, self._provider = calls, journal, provider
        self._papers = {paper.number: paper for paper in shown.offer.papers}
        self._again = set(shown.again)
        self._tell = tell
        self._tally = Tally(offer=shown.offer)

    def run(self) -> Tally:
        """Tell the station that the key is open, and sign until it says that all is done.

        Raises:
            SigningError: the key failed.
            StationUnreachable: the station stayed away too long.
            StationDistrusted: it asked for what was not shown.
            AgentNotPaired: it does not know this computer any more.
            JournalUnusable: the journal cannot be written.
        """
        try:
            self._open()
            while not self._sign_some():
                pass
        except Gone as gone:
            self._tally.ended = messages.shown_title([str(gone)])
        except BadMessage as error:
            raise self._distrusted(str(error)) from error
        return self._tally

    def _open(self) -> None:
        offer, provider = self._tally.offer, self._provider
        opened = Opened(
            batch=offer.batch,
            count=offer.count,
            declined=tuple(str(number) for number in self._declined()),
            certificate=messages.encoded(provider.certificate.dump()),
            issuers=tuple(messages.encoded(issuer.dump()) for issuer in provider.issuers),
            padding=provider.padding.value,
            host=messages.shown_title([platform.node()]),
        )
        self._ask(messages.OPEN, messages.to_bytes(opened))

    def _declined(self) -> list[int]:
        """Return what is not signed: known to the journal, and not to be signed again.

        A paper of this very batch is none of them: its signature may only have been lost on the
        way, and is handed over again.
        """
        return [number for number, paper in self._papers.items() if self._is_declined(paper)]

    def _is_declined(self, paper: Paper) -> bool:
        known = self._journal.last(paper)
        if known is None or paper.number in self._again:
            return False
        return known.batch != self._tally.offer.batch

    def _sign_some(self) -> bool:
        asked = messages.to_bytes({"batch": self._tally.offer.batch})
        work = messages.read_work(self._ask(messages.WANTED, asked))
        for wanted in work.wanted:
            answer = self._answer(wanted)
            self._ask(messages.SIGNED, messages.to_bytes(answer))
            self._count(answer)
        return work.is_ended

    def _count(self, answer: Signed) -> None:
        if answer.number not in self._tally.answered:
            self._tally.answered.add(answer.number)
            self._tally.signed += bool(answer.signature)
            self._tally.refused += not answer.signature
            word = "đã ký" if answer.signature else "KHÔNG ký: sổ ký của máy này đã có"
            self._tell(f"  {answer.number}. {word}")

    def _answer(self, wanted: Wanted) -> Signed:
        """Sign what is asked for, once; or say why not."""
        paper = self._papers.get(wanted.number)
        if paper is None or wanted.title != paper.title:
            raise self._distrusted(f"paper {wanted.number} was not shown so")
        data = messages.decoded(wanted.data)
        digest = hashlib.sha256(data).hexdigest()
        known = self._journal.find(digest)
        if known is not None:
            # The same bytes: the key is not used again, whatever anybody says.
            is_here = known.batch == self._tally.offer.batch
            if is_here and known.signature:
                return self._reply(wanted, known, "")
            why = Refusal.SIGNED_BEFORE if known.signature else Refusal.UNSURE
            return self._reply(wanted, known, why)
        refused = self._refusal(paper)
        entry = self._entry(paper, digest)
        if refused is not None:
            return self._reply(wanted, entry, refused)
        if not are_signature_attributes(data, self._provider.certificate):
            raise self._distrusted(f"paper {wanted.number} asks for something else than a paper")
        return self._reply(wanted, self._use_key(entry, paper, data), "")

    def _refusal(self, paper: Paper) -> Refusal | None:
        if paper.number in self._again:
            # Said for one use, not for all.
            self._again.discard(paper.number)
            return None
        match self._journal.standing(paper):
            case Standing.NEW:
                return None
            case Standing.UNSURE:
                return Refusal.UNSURE
            case Standing.SIGNED:
                return Refusal.SIGNED_BEFORE

    def _use_key(self, entry: Entry, paper: Paper, data: bytes) -> Entry:
        self._journal.begin(entry)
        item = ToSign(title=paper.title, data=data, reference=paper.reference)
        (signature,) = self._provider.sign([item])
        return self._journal.end(entry.digest, messages.encoded(signature))

    def _entry(self, paper: Paper, digest: str) -> Entry:
        return Entry(
            at=to_plain(now()),
            batch=self._tally.offer.batch,
            digest=digest,
            reference=paper.reference,
            pdf_sha256=paper.pdf_sha256,
            title=paper.title,
        )

    def _reply(self, wanted: Wanted, entry: Entry, refused: str) -> Signed:
        return Signed(
            batch=self._tally.offer.batch,
            number=wanted.number,
            digest=entry.digest,
            signature="" if refused else entry.signature,
            refused=refused,
        )

    def _ask(self, path: str, body: bytes) -> bytes:
        """Ask the station; where the line is cut, again and again for a while."""
        until, is_told = time.monotonic() + _CUT_SECONDS, False
        while True:
            try:
                return self._calls.ask(path, body)
            except StationUnreachable:
                if time.monotonic() >= until:
                    raise
                if not is_told:
                    self._tell("Mất liên lạc với trạm, đang gọi lại…")
                is_told = True
                time.sleep(_PAUSE_SECONDS)

    def _distrusted(self, why: str) -> StationDistrusted:
        return StationDistrusted(
            "Trạm đòi ký thứ không có trong danh sách đã xem, nên đã dừng và đóng khóa. Hãy báo "
            "người quản trị trạm.",
            f"the station asks for what was not shown ({why}); stopped, the key is closed",
        )
