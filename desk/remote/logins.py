"""What a paired computer may ask of logins: the challenge of a code, and to lay down its answer.

The pages are another program: what waits stands in people.db, and what came is judged there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from desk.agent import messages
from desk.agent.messages import BadMessage, LoginAsked, LoginSigned, LoginWanted, to_bytes
from desk.logins import challenge_of, plain_login_code
from desk.moments import now
from desk.remote.paired import PairedAgent, agent_event
from desk.remote.refusal import Refused
from desk.station import Station
from signing.errors import KeyMaterialError
from signing.login_challenge import read_answer
from storage.accounts import Accounts
from storage.archive import Archive
from storage.networks import are_apart

# Whoever mistypes tries again; a program that tries on writes no more lines into the log for it.
_WINDOW = dt.timedelta(minutes=15)
_MOST_WRONG = 10
_MOST_SIGNED = 30
_NOBODY = "Mã không đúng, đã hết giờ hoặc đã được ký. Hãy bắt đầu lại trên trang đăng nhập."
_TOO_MANY = "Máy này hỏi quá nhiều lần. Hãy đợi 15 phút, hoặc đăng nhập bằng cách khác."


@dataclass(frozen=True, slots=True, kw_only=True)
class Logins:
    """Logins that wait for a signature."""

    station: Station
    """Whose pages."""
    archive: Archive
    """Whose log is told."""

    def wanted(self, agent: PairedAgent, content: bytes, address: str) -> bytes:
        """Return what is to be signed for a code; only who sees the page has it.

        Args:
            agent: which computer asks.
            content: what it says.
            address: from where it calls.

        Raises:
            Refused: nobody waits with it, or this computer tried too many.
            BadMessage: it said something else.
        """
        code = plain_login_code(messages.read(LoginAsked, content).code)
        with self._accounts() as accounts:
            wrong = f"codes of {agent.fingerprint}"
            _require_few(accounts, wrong, _MOST_WRONG)
            waiting = accounts.challenges.by_code(code, now())
            if waiting is None or waiting.answer:
                accounts.fail(wrong, now())
                self._tell(agent, "login unknown")
                raise Refused(_NOBODY)
        challenge = challenge_of(self.station, waiting)
        return to_bytes(
            LoginWanted(
                station=challenge.station,
                address=challenge.address,
                nonce=challenge.nonce,
                until=challenge.until.isoformat(),
                asked_from=challenge.asked_from,
                is_elsewhere=are_apart(waiting.address, address),
            )
        )

    def signed(self, agent: PairedAgent, content: bytes) -> bytes:
        """Lay an answer down for the browser that waits.

        Raises:
            Refused: none waits for it any more, or this computer signed too many.
            BadMessage: it said something else.
        """
        text = messages.read(LoginSigned, content).answer
        try:
            answer = read_answer(text)
        except KeyMaterialError as error:
            raise BadMessage(error.en) from error
        with self._accounts() as accounts:
            signed = f"answers of {agent.fingerprint}"
            _require_few(accounts, signed, _MOST_SIGNED)
            if not accounts.challenges.answer(answer.nonce, text, now()):
                raise Refused(_NOBODY)
            accounts.fail(signed, now())
        self._tell(agent, "login signed")
        return b"{}"

    @contextmanager
    def _accounts(self) -> Iterator[Accounts]:
        if not self.station.people.exists():
            raise Refused(_NOBODY)
        accounts = Accounts(self.station.people)
        try:
            yield accounts
        finally:
            accounts.close()

    def _tell(self, agent: PairedAgent, outcome: str) -> None:
        event = agent_event(agent.name, outcome, f"{agent.person} (agent: {agent.name})", {})
        self.archive.events.append(event)


def _require_few(accounts: Accounts, subject: str, most: int) -> None:
    """Answer no computer without end.

    Raises:
        Refused: it had as much as it gets in a quarter of an hour.
    """
    if accounts.failures(subject, now() - _WINDOW) >= most:
        raise Refused(_TOO_MANY)
