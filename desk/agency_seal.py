"""The agency's key at work: one thread holds it open and signs one paper after the other.

A token takes one session, and revocation data collected once serves a whole batch; so the key is
opened when the first paper needs it, and every signature goes through this one thread.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from signing.errors import KeyMaterialError
from signing.model import SignedPdf, SignRequest
from signing.network import Network
from signing.pades import Batch
from signing.pkcs12 import Pkcs12Key
from signing.signer import open_signer
from signing.trust import TrustStore


class AgencySeal:
    """Signs with the agency's key; a context manager that closes the key.

    Args:
        key: the agency's key; None where the station has none.
        trust: anchors of our own verdict on what was signed.
        network: where timestamps and revocation data come from.
    """

    def __init__(self, key: Pkcs12Key | None, trust: TrustStore, network: Network) -> None:
        self._key = key
        self._trust = trust
        self._network = network
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="agency-key")
        self._open = ExitStack()
        self._batch: Batch | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._thread.submit(self._close).result()
        self._thread.shutdown()

    def sign(self, request: SignRequest) -> SignedPdf:
        """Sign one paper; waits for its turn.

        Raises:
            SigningError: see `signing.pades.sign_pdf`; the next paper gets a freshly opened key.
        """
        return self._thread.submit(self._sign, request).result()

    def _sign(self, request: SignRequest) -> SignedPdf:
        try:
            return self._ready().sign(request)
        except BaseException:
            # After any error the key's state is unknown: the next paper opens it anew.
            self._close()
            raise

    def _ready(self) -> Batch:
        if self._batch is None:
            if self._key is None:
                raise KeyMaterialError(
                    "Trạm chưa có khóa ký của cơ quan. Hãy ghi [signing] key trong hoso.toml.",
                    "no agency key is set; give [signing] key in hoso.toml",
                )
            signer = self._open.enter_context(open_signer(self._key))
            self._batch = self._open.enter_context(Batch(signer, self._trust, self._network))
        return self._batch

    def _close(self) -> None:
        self._batch = None
        self._open.close()
        self._open = ExitStack()
