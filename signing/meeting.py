"""Where the papers of a batch wait until all of them need the key, so that it is asked once.

A token is logged in once and a remote service authorises once a batch, and a person is shown what
will be signed before it is; so every paper is prepared first. Each goes on as soon as its own
signature is there: timestamps of the first papers are fetched while the key signs the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from signing.model import SignRequest
from signing.preflight import Preflight
from signing.providers import SignerProvider, ToSign


@dataclass(frozen=True, slots=True, kw_only=True)
class Intended:
    """One use of a key that is about to happen.

    Attributes:
        request: The paper.
        digest: SHA-256, hex, of the signed attributes: what the key signs, and what its own
            journal, where it keeps one, tells of.
        checked: What was found of the certificate before.
    """

    request: SignRequest
    digest: str
    checked: Preflight


Intend = Callable[[Sequence[Intended]], None]


def note_nothing(_uses: Sequence[Intended]) -> None:
    """Keep no note of what the key is about to sign."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    use: Intended
    item: ToSign
    signature: asyncio.Future[bytes]


class Meeting:
    """One use of a key for several papers.

    Args:
        provider: The open key.
        expected: How many papers come, or leave without needing the key.
        intend: Called with the papers right before the key is used: what it writes down survives a
            crash in mid-work, so that those papers are never signed again by themselves.
    """

    def __init__(self, provider: SignerProvider, expected: int, intend: Intend) -> None:
        self._provider = provider
        self._expected = expected
        self._intend = intend
        self._waiting: list[_Waiting] = []
        self._work: asyncio.Task[None] | None = None

    @contextmanager
    def seat(self, request: SignRequest) -> Iterator[Seat]:
        """Take part with one paper; who leaves before needing the key is not waited for."""
        seat = Seat(self, request)
        try:
            yield seat
        finally:
            if not seat.is_counted:
                self.count()

    def admit(self, use: Intended, item: ToSign) -> asyncio.Future[bytes]:
        """Let a paper wait for its signature."""
        signature = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(use, item, signature))
        return signature

    def count(self) -> None:
        """Note that one more paper waits, or left; the last one has the key used."""
        self._expected -= 1
        if self._expected == 0 and self._waiting:
            self._work = asyncio.create_task(self._use_key())
            self._work.add_done_callback(self._tell_the_others)

    async def _use_key(self) -> None:
        self._intend([paper.use for paper in self._waiting])
        await asyncio.to_thread(self._sign_all, asyncio.get_running_loop())

    def _tell_the_others(self, work: asyncio.Task[None]) -> None:
        """Let no paper wait for a key that cannot go on."""
        error = asyncio.CancelledError() if work.cancelled() else work.exception()
        for paper in self._waiting:
            if error is not None and not paper.signature.done():
                paper.signature.set_exception(error)

    def _sign_all(self, loop: asyncio.AbstractEventLoop) -> None:
        signatures = self._provider.sign([paper.item for paper in self._waiting])
        for paper, signature in zip(self._waiting, signatures, strict=True):
            loop.call_soon_threadsafe(_deliver, paper.signature, signature)


class Seat:
    """One paper's place in a meeting.

    Args:
        meeting: The meeting.
        request: The paper.
    """

    def __init__(self, meeting: Meeting, request: SignRequest) -> None:
        self._meeting = meeting
        self._request = request
        self.is_counted = False

    async def sign(self, checked: Preflight, item: ToSign) -> bytes:
        """Wait for the others, then for this paper's signature.

        Args:
            checked: What was found of the certificate.
            item: What is to be signed for this paper.

        Raises:
            KeyDeviceError: The key could not go on before this paper's turn came.
        """
        use = Intended(request=self._request, digest=item.digest.hex(), checked=checked)
        signature = self._meeting.admit(use, item)
        self.is_counted = True
        self._meeting.count()
        return await signature


def _deliver(waiting: asyncio.Future[bytes], signature: bytes) -> None:
    if not waiting.done():
        waiting.set_result(signature)
