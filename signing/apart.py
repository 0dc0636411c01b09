"""A key held in a process of its own: the side that asks.

It behaves like any provider. The other side is `signing.keyholder`; between them are lines of JSON
over two pipes that nobody else has.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from typing import Any, Self

from asn1crypto import x509

from signing.errors import TokenLost
from signing.key_names import SignerKey, shown_name
from signing.keyholder import error_from_plain, key_to_plain
from signing.line_child import LineChild
from signing.providers import Padding, ToSign

# A card signs in a second, a remote service within minutes; a driver may also never come back.
SIGNATURE_SECONDS = 300.0


class ApartProvider:
    """A key in a child process that ends with the batch.

    Args:
        key: Which key; the child fetches its secret by itself.
        signature_seconds: How long one signature may take before the child is ended.
    """

    def __init__(self, key: SignerKey, signature_seconds: float = SIGNATURE_SECONDS) -> None:
        self._key = key
        self._seconds = signature_seconds
        self._child: LineChild | None = None
        self._certificate: x509.Certificate | None = None
        self._issuers: tuple[x509.Certificate, ...] = ()
        self._padding = key.padding

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's certificate."""
        assert self._certificate is not None, "the provider is open"
        return self._certificate

    @property
    def issuers(self) -> Sequence[x509.Certificate]:
        """Certificates that came with the key."""
        return self._issuers

    @property
    def padding(self) -> Padding:
        """How an RSA key signs."""
        return self._padding

    def __enter__(self) -> Self:
        # The secret is in neither arguments nor environment.
        self._child = LineChild("signing.keyholder")
        try:
            self._child.ask(key_to_plain(self._key))
            # A person may be typing the PIN: no limit here.
            opened = self._next(self._child, None)
        except BaseException:
            self._end()
            raise
        self._certificate = x509.Certificate.load(base64.b64decode(opened["certificate"]))
        self._issuers = tuple(
            x509.Certificate.load(base64.b64decode(item)) for item in opened["issuers"]
        )
        return self

    def __exit__(self, *raised: object) -> None:
        self._end()

    def sign(self, wanted: Sequence[ToSign]) -> Iterator[bytes]:
        """Sign each, in order.

        Raises:
            KeyDeviceError: What the key's own provider raises, or TokenLost where the process that
                holds the key ended or did not answer.
        """
        if self._child is None:
            raise self._gone()
        child = self._child
        child.ask(
            [{"title": item.title, "data": base64.b64encode(item.data).decode()} for item in wanted]
        )
        for _ in wanted:
            yield base64.b64decode(self._next(child, self._seconds)["signature"])

    def _next(self, child: LineChild, seconds: float | None) -> dict[str, Any]:
        line = child.answer(seconds)
        if not line:
            self._end()
            raise self._gone()
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            self._end()
            raise error_from_plain(answer["error"])
        return answer

    def _gone(self) -> TokenLost:
        name = shown_name(self._key)
        return TokenLost(
            f"Việc ký bằng {name} bị ngắt giữa chừng; chưa rõ giấy đang ký đã được ký hay chưa. "
            "Hãy kiểm tra token hoặc tệp khóa rồi duyệt ký lại.",
            f"the process that holds {name} ended or does not answer; check it and release again",
            is_answer=False,
        )

    def _end(self) -> None:
        """End the child, which closes the key."""
        child, self._child = self._child, None
        if child is not None:
            child.end()
