"""An agent's open batch, as the station sees it.

The engine's thread asks for a signature and waits; the agent comes by itself over the wire, takes
what is asked for and brings what it made. Whoever is cut off in between finds the same batch again.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from desk.agent.messages import Offer, Refusal, Wanted, encoded
from signing.errors import KeyDeviceError, PaperDeclined, TokenLost
from signing.far_key import FarKey
from signing.providers import ToSign, is_signature_of

# Longer than the agent needs to come back from a cut, or its token for one signature.
LOST_SECONDS = 150.0
# A batch for which nothing is asked any more ends: a key that nobody uses shall not stay open.
IDLE_SECONDS = 600.0
_STOPPING_SECONDS = 10.0
DONE = "done"
"""Why a batch ended that came to its end."""


@dataclass(slots=True)
class _Question:
    item: ToSign
    given_at: float = 0.0
    """When the agent took it, monotonic; 0: it did not."""
    signature: bytes = b""
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTally:
    """What came of a batch on the station's side."""

    signed: tuple[str, ...]
    """Digests of what was signed, hex."""
    refused: tuple[str, ...]
    """References of the papers that the agent did not sign."""


@dataclass(slots=True)
class Line:
    """One open batch of one agent.

    Args:
        agent: its name.
        actor: who holds the key there, as events tell.
        offer: what its officer was shown.
        key: what its officer opened.
        declined: numbers that its officer will not have signed.
    """

    agent: str
    actor: str
    offer: Offer
    key: FarKey
    declined: frozenset[int]
    lost_seconds: float = LOST_SECONDS
    closed: str = ""
    """Why it ended; empty while it is open."""
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _asked: dict[int, _Question] = field(default_factory=dict)
    _answered: dict[int, _Question] = field(default_factory=dict)
    _seen: float = field(default_factory=time.monotonic)
    _busy: float = field(default_factory=time.monotonic)
    _is_told: bool = False

    def sign(self, item: ToSign) -> bytes:
        """Have one paper signed at the other end; waits for it.

        Raises:
            PaperDeclined: it is not among what the officer saw, the agent does not sign it, or the
                batch is over.
            TokenLost: the agent vanished; what it was asked last may be signed or not. The batch
                is over with that.
        """
        try:
            return self._sign(item)
        except KeyDeviceError as error:
            self.close(type(error).__name__)
            raise

    def _sign(self, item: ToSign) -> bytes:
        number = self.number_of(item.reference)
        with self._changed:
            if self.closed:
                raise absent(self.agent, self.closed)
            question = self._asked[number] = _Question(item=item)
            self._changed.notify_all()
            try:
                self._await(question)
            finally:
                del self._asked[number]
                self._busy = time.monotonic()
            self._answered[number] = question
            self._changed.notify_all()
        return self._result(question)

    def number_of(self, reference: str) -> int:
        """Return which paper of the batch a reference names.

        Raises:
            PaperDeclined: none, or one that its officer will not have signed.
        """
        for paper in self.offer.papers:
            if paper.reference == reference and paper.number not in self.declined:
                return paper.number
        raise PaperDeclined(
            f"Người giữ khóa ở máy ký «{self.agent}» chưa duyệt giấy này trong đợt đang mở. Giấy "
            "sẽ có trong đợt sau.",
            f"the holder of the key at {self.agent!r} did not take this paper into the open batch; "
            "it is offered again with the next one",
        )

    def take_work(self, wait_seconds: float) -> list[Wanted]:
        """Return what is asked for now, on the agent's side; waits a little for something."""
        with self._changed:
            self._seen = time.monotonic()
            self._changed.wait_for(lambda: self._asked or self.is_over, wait_seconds)
            self._seen = time.monotonic()
            for question in self._asked.values():
                question.given_at = question.given_at or self._seen
            return [
                Wanted(
                    number=number,
                    title=self.offer.papers[number - 1].title,
                    data=encoded(question.item.data),
                )
                for number, question in self._asked.items()
            ]

    def answer(self, number: int, digest: str, signature: bytes, refused: str) -> bool:
        """Take what the agent made of a question; False where nobody asks for it any more."""
        with self._changed:
            self._seen = time.monotonic()
            question = self._asked.get(number)
            if question is None or question.item.digest.hex() != digest:
                return False
            question.signature, question.refused = signature, refused
            self._changed.notify_all()
        return True

    def close(self, why: str) -> None:
        """End the batch; who waits for a signature is told."""
        with self._changed:
            self.closed = self.closed or why
            self._changed.notify_all()

    def tell_end(self, why: str) -> bool:
        """End the batch; True for who says so first and has to tell of it."""
        with self._changed:
            self.closed = self.closed or why
            self._changed.notify_all()
            is_first, self._is_told = not self._is_told, True
        return is_first

    def hurry(self) -> None:
        """Let nobody wait long any more: the station stops."""
        with self._changed:
            self.lost_seconds = min(self.lost_seconds, _STOPPING_SECONDS)
            self._changed.notify_all()

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be asked: all is answered, or it was closed or forgotten."""
        if self.closed:
            return True
        wanted = {paper.number for paper in self.offer.papers} - self.declined
        is_idle = time.monotonic() - self._busy > IDLE_SECONDS
        return not self._asked and (wanted <= self._answered.keys() or is_idle)

    @property
    def is_lost(self) -> bool:
        """Whether the agent has not come for long."""
        return time.monotonic() - self._seen > self.lost_seconds

    def tally(self) -> LineTally:
        """Return what came of it so far."""
        with self._changed:
            answered = dict(self._answered)
        references = {paper.number: paper.reference for paper in self.offer.papers}
        refused = {number for number, found in answered.items() if not found.signature}
        return LineTally(
            signed=tuple(found.item.digest.hex() for found in answered.values() if found.signature),
            refused=tuple(references[number] for number in sorted(refused | self.declined)),
        )

    def _await(self, question: _Question) -> None:
        while not (question.signature or question.refused):
            if self.closed or self.is_lost:
                why = self.closed or "lost"
                self.closed = why
                raise _lost(self.agent, is_answer=not question.given_at)
            self._changed.wait(max(self.lost_seconds - (time.monotonic() - self._seen), 0.05))

    def _result(self, question: _Question) -> bytes:
        match question.refused:
            case "":
                pass
            case Refusal.SIGNED_BEFORE:
                raise PaperDeclined(
                    f"Sổ ký ở máy «{self.agent}» ghi giấy này đã ký một lần, nên không tự ký lại. "
                    "Người giữ khóa quyết định ở đợt sau.",
                    f"the journal at {self.agent!r} knows a signature for this paper; its holder "
                    "decides with the next batch",
                )
            case _:
                raise _lost(self.agent, is_answer=False)
        if is_signature_of(
            question.item, question.signature, self.key.certificate, self.key.padding
        ):
            return question.signature
        raise TokenLost(
            f"Máy ký «{self.agent}» trả về chữ ký sai; giấy chưa được ký. Hãy báo người quản trị.",
            f"the agent {self.agent!r} gave a signature that is not its key's",
            is_answer=False,
        )


def _lost(agent: str, *, is_answer: bool) -> TokenLost:
    state = "giấy đang ký chưa được ký" if is_answer else "giấy đang ký CHƯA RÕ đã ký hay chưa"
    known = "was not asked yet" if is_answer else "may be signed or not"
    return TokenLost(
        f"Mất liên lạc với máy ký «{agent}» giữa chừng; {state}. Hãy mở lại chương trình ký ở máy "
        "đó (hoso agent).",
        f"the agent {agent!r} was cut off; the paper in work {known}; run `hoso agent` there again",
        is_answer=is_answer,
    )


def absent(agent: str, why: str = "") -> PaperDeclined:
    """Make the error for an agent without an open batch."""
    return PaperDeclined(
        f"Chờ người giữ khóa ở máy ký «{agent}»: mở chương trình ký (hoso agent), xem danh sách, "
        "nhập PIN.",
        f"waits for the holder of the key at {agent!r}: run `hoso agent` there ({why or 'closed'})",
    )
