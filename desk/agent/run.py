"""The officer's program: wait for a batch, show it, have the PIN typed, sign, close the key.

Count and titles are shown before the key is opened; the PIN is asked by the short-lived process
that holds the key, once a batch, and never comes into this one.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from desk.agent import messages
from desk.agent.batch import BatchRun, Shown, Tally
from desk.agent.calls import Gone, StationCalls
from desk.agent.identity import client_context
from desk.agent.journal import Entry, Journal, Standing
from desk.agent.messages import BadMessage, Closed, Offer, Paper
from desk.agent.settings import AgentFolder, AgentSettings, host_and_port, load_agent
from desk.errors import DeskError, StationDistrusted, StationUnreachable
from signing.apart import ApartProvider
from signing.errors import SigningError
from signing.key_names import KeySecrets, SignerKey, name_key
from signing.providers import Padding, SignerProvider
from signing.secrets import SecretPrompt
from signing.token_lock import hold_token

PIN_QUESTION = "Nhập mã PIN để ký đợt này"
# Shorter than the station's patience: a driver that hangs is told as such, not as a lost line.
_SIGNATURE_SECONDS = 60.0
_LOOK_SECONDS = 3.0

OpenKey = Callable[[SignerKey], SignerProvider]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A paper of an offer, with what the journal knows of it."""

    paper: Paper
    standing: Standing
    known: Entry | None
    """The last use of the key for it."""
    is_in_batch: bool
    """That use belongs to this very batch: its signature is only handed over again."""

    @property
    def needs_word(self) -> bool:
        """Whether it is signed only when the officer says so."""
        return self.known is not None and not self.is_in_batch


class Officer(Protocol):
    """Who sits before the computer."""

    def show(self, offer: Offer, listed: list[Listed]) -> None:
        """Show a batch: count and titles."""

    def choose(self, doubtful: list[Listed]) -> Collection[int]:
        """Ask which of the papers that the journal knows are signed again; return their numbers."""

    def tell(self, text: str) -> None:
        """Say something."""


class Agent:
    """A paired agent; a context manager that holds its journal.

    Args:
        folder: where it lies.
        officer: who is asked.
        open_key: how a key is opened.

    Raises:
        AgentNotPaired, SettingsError, JournalUnusable, TokenBusy: On entering: it cannot work.
    """

    def __init__(
        self, folder: AgentFolder, officer: Officer, open_key: OpenKey | None = None
    ) -> None:
        self._folder, self._officer = folder, officer
        self._open_key = open_key or open_apart
        self._settings: AgentSettings = load_agent(folder)
        self._exits = contextlib.ExitStack()
        self._journal = Journal(folder.root)

    def __enter__(self) -> Agent:
        with contextlib.ExitStack() as stack:
            # One at a time: two programs would each believe its own half of the journal.
            stack.enter_context(hold_token(str(self._folder.root), 0.0, self._folder.root))
            stack.enter_context(self._journal)
            station = self._folder.station.read_text(encoding="utf-8")
            context = client_context(self._folder.identity, station)
            self._calls = StationCalls(host_and_port(self._settings.station), context)
            stack.callback(self._calls.close)
            self._exits = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._exits.close()

    def sign_next(self) -> Tally | None:
        """Sign the batch that waits; None where none does.

        Raises:
            SigningError: the key cannot be opened, or failed; one entry of the PIN is one try.
            DeskError: see `BatchRun.run`.
        """
        offer = self._offer()
        if offer is None:
            return None
        listed = [self._listed(offer, paper) for paper in offer.papers]
        self._officer.show(offer, listed)
        doubtful = [each for each in listed if each.needs_word]
        again = self._officer.choose(doubtful) if doubtful else ()
        if len(doubtful) == len(listed) and not again:
            return self._leave(offer, len(doubtful))
        with (
            self._closing(offer),
            self._open_key(name_agent_key(self._settings, self._folder.root)) as provider,
        ):
            shown, tell = Shown(offer=offer, again=again), self._officer.tell
            return BatchRun(self._calls, self._journal, provider, shown, tell).run()

    def sign_until(self, is_over: Callable[[], bool]) -> Iterator[Tally]:
        """Sign each batch as it comes, until told to stop; a station that is away is waited for.

        Raises:
            SigningError, DeskError: as `sign_next`.
        """
        is_away = False
        while not is_over():
            tally = None
            try:
                tally, is_away = self.sign_next(), False
            except StationUnreachable as error:
                if not is_away:
                    self._officer.tell(error.vi)
                is_away = True
            if tally is not None:
                yield tally
            time.sleep(_LOOK_SECONDS)

    def _offer(self) -> Offer | None:
        try:
            return messages.read_offer(self._calls.ask(messages.OFFER))
        except Gone:
            return None
        except BadMessage as error:
            raise StationDistrusted(
                "Danh sách trạm gửi không khớp (số giấy, tên giấy), nên không ký. Hãy báo người "
                "quản trị trạm.",
                f"the station's list contradicts itself ({error}); nothing was signed",
            ) from error

    def _listed(self, offer: Offer, paper: Paper) -> Listed:
        known = self._journal.last(paper)
        return Listed(
            paper=paper,
            standing=self._journal.standing(paper),
            known=known,
            is_in_batch=known is not None and known.batch == offer.batch,
        )

    def _leave(self, offer: Offer, doubtful: int) -> Tally:
        self._close(offer, "declined")
        tally = Tally(offer=offer)
        tally.refused = doubtful
        return tally

    @contextmanager
    def _closing(self, offer: Offer) -> Iterator[None]:
        """Let the station know when a batch ends before its end."""
        try:
            yield
        except (SigningError, DeskError) as error:
            self._close(offer, type(error).__name__)
            raise
        except KeyboardInterrupt:
            self._close(offer, "interrupted")
            raise

    def _close(self, offer: Offer, reason: str) -> None:
        with contextlib.suppress(DeskError, Gone):
            closed = Closed(batch=offer.batch, reason=reason)
            self._calls.ask(messages.CLOSE, messages.to_bytes(closed))


def name_agent_key(
    settings: AgentSettings, folder: Path, question: str = PIN_QUESTION
) -> SignerKey:
    """Return the officer's key; its PIN is typed by the officer and by nobody else.

    Args:
        settings: Which key.
        folder: What its path is relative to.
        question: What is asked with the PIN.

    Raises:
        KeyMaterialError: the name of the key cannot be understood.
    """
    pin = SecretPrompt(question=question)
    secrets = KeySecrets(pin=pin, padding=Padding(settings.padding))
    return name_key(settings.key, folder, secrets)


def open_apart(key: SignerKey) -> SignerProvider:
    """Open a key in a process of its own, which asks for the PIN."""
    return ApartProvider(key, _SIGNATURE_SECONDS)
