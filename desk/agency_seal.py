"""The agency's key at work: one thread holds it open and signs one paper after the other.

A token takes one session, and revocation data collected once serves a whole batch; so the key is
opened when the first paper needs it, and every signature goes through this one thread. The key
itself lies in a child process (`signing.apart`) that ends soon after the last paper.

What a program repeats by itself locks a token. So after an error of a token or a remote service the
seal stops: every paper gets that error, and the key is not touched, until a person releases again.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Self

from signing.errors import (
    KeyDeviceError,
    KeyMaterialError,
    RevocationUnavailable,
    SigningError,
    TimestampUnavailable,
)
from signing.key_names import SignerKey, needs_person
from signing.meeting import Intend, Intended, note_nothing
from signing.model import SignedPdf, SignRequest
from signing.network import Network
from signing.pades import Batch
from signing.preflight import Preflight
from signing.signer import OpenSigner, open_signer
from signing.trust import TrustStore

# Long enough for the next paper of a batch to be read; then nothing of the key stays in memory.
IDLE_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FarSeal:
    """The agency's key where it lies on another computer."""

    open: Callable[[], AbstractContextManager[OpenSigner]]
    """Opens it."""
    admit: Callable[[str], None]
    """Refuses a paper, by its reference, that its holder did not take: no use of the key is noted
    for what the key is not asked for."""


class AgencySeal:
    """Signs with the agency's key; a context manager that closes the key.

    Args:
        key: the agency's key; None where the station has none.
        trust: anchors of our own verdict on what was signed.
        network: where timestamps and revocation data come from.
        idle_seconds: how long an unused key stays open. One whose PIN a person typed stays open,
            so that nobody types it for each paper.
        far: the key where it lies on another computer; `key` is None then.
    """

    def __init__(
        self,
        key: SignerKey | None,
        trust: TrustStore,
        network: Network,
        idle_seconds: float = IDLE_SECONDS,
        far: FarSeal | None = None,
    ) -> None:
        self._key = key
        self._far = far
        self._trust = trust
        self._network = network
        self._idle_seconds = idle_seconds
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="agency-key")
        self._open = ExitStack()
        self._batch: Batch | None = None
        self._stopped: KeyDeviceError | None = None
        self._uses = 0
        self._intend: Intend = note_nothing
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._thread.submit(self._close).result()
        self._thread.shutdown()

    @property
    def is_open(self) -> bool:
        """Whether the key is open right now."""
        return self._batch is not None

    def sign(self, request: SignRequest, intend: Intend = note_nothing) -> SignedPdf:
        """Sign one paper; waits for its turn.

        Args:
            request: what to sign and how.
            intend: told what is about to be signed, right before the key is used.

        Raises:
            KeyDeviceError: the token or service failed, now or at an earlier paper.
            SigningError: see `signing.pades.sign_pdf`; the next paper gets a freshly opened key.
        """
        return self._thread.submit(self._sign, request, intend).result()

    def check(self, at: dt.datetime) -> Preflight:
        """Open the key and check its certificate, signing nothing.

        Args:
            at: now, aware.

        Raises:
            SigningError: the key does not open, or its certificate must not sign.
        """
        return self._thread.submit(lambda: self._ready().check(at)).result()

    def resume(self) -> None:
        """Go on after an error of a token or service: a person has seen to it."""
        self._thread.submit(self._forget_error).result()

    def reopen(self) -> None:
        """Let go of the key and of its last error: a person has opened one anew, far away."""
        self._thread.submit(self._let_go).result()

    def _forget_error(self) -> None:
        self._stopped = None

    def _let_go(self) -> None:
        self._stopped = None
        self._close()

    def _sign(self, request: SignRequest, intend: Intend) -> SignedPdf:
        if self._stopped is not None:
            raise self._stopped
        if self._far is not None:
            # A batch that is over still lies open here, and another one may not have this paper.
            self._far.admit(request.reference)
        self._uses += 1
        self._intend = intend
        try:
            signed = self._ready().sign(request)
        except KeyDeviceError as error:
            self._stopped = error
            self._close()
            raise
        except (TimestampUnavailable, RevocationUnavailable):
            # A service's trouble: the key stays open, and nobody types its PIN again for it.
            self._close_when_idle()
            raise
        except SigningError:
            # After any error the key's state is unknown: the next paper opens it anew.
            self._close()
            raise
        self._close_when_idle()
        return signed

    def _ready(self) -> Batch:
        if self._batch is None:
            signer = self._open.enter_context(self._opened())
            batch = Batch(signer, self._trust, self._network, self._note)
            self._batch = self._open.enter_context(batch)
        return self._batch

    def _note(self, uses: Sequence[Intended]) -> None:
        self._intend(uses)

    def _opened(self) -> AbstractContextManager[OpenSigner]:
        if self._far is not None:
            return self._far.open()
        if self._key is None:
            raise KeyMaterialError(
                "Trạm chưa có khóa ký của cơ quan. Hãy ghi [signing] key trong hoso.toml.",
                "no agency key is set; give [signing] key in hoso.toml",
            )
        return open_signer(self._key)

    def _close_when_idle(self) -> None:
        if self._key is None or needs_person(self._key):
            return
        self._stop_timer()
        self._timer = threading.Timer(self._idle_seconds, self._close_unused, [self._uses])
        self._timer.daemon = True
        self._timer.start()

    def _close_unused(self, uses: int) -> None:
        """Close the key in its own thread, unless it was used since."""

        def close() -> None:
            if self._uses == uses:
                self._close()

        # A seal that was closed in the meantime takes no more work.
        with contextlib.suppress(RuntimeError):
            self._thread.submit(close)

    def _stop_timer(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def _close(self) -> None:
        self._stop_timer()
        self._batch = None
        self._open.close()
        self._open = ExitStack()
