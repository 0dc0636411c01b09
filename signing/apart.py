"""A key held in a process of its own: the side that asks.

It behaves like any provider. The other side is `signing.keyholder`; between them are lines of JSON
over two pipes that nobody else has.
"""

from __future__ import annotations

import base64
import contextlib
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from asn1crypto import x509

from signing.errors import TokenLost
from signing.key_names import SignerKey, shown_name
from signing.keyholder import error_from_plain, key_to_plain
from signing.providers import Padding, ToSign

# A card signs in a second, a remote service within minutes; a driver may also never come back.
SIGNATURE_SECONDS = 300.0
_END_SECONDS = 5.0


class ApartProvider:
    """A key in a child process that ends with the batch.

    Args:
        key: Which key; the child fetches its secret by itself.
        signature_seconds: How long one signature may take before the child is ended.
    """

    def __init__(self, key: SignerKey, signature_seconds: float = SIGNATURE_SECONDS) -> None:
        self._key = key
        self._seconds = signature_seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._listener: threading.Thread | None = None
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
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
        self._child = subprocess.Popen(
            [sys.executable, "-m", "signing.keyholder"],
            cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._listener = threading.Thread(target=self._listen, args=(self._child,), daemon=True)
        self._listener.start()
        try:
            self._ask(key_to_plain(self._key))
            # A person may be typing the PIN: no limit here.
            opened = self._next(None)
        except BaseException:
            self._end()
            raise
        self._certificate = x509.Certificate.load(base64.b64decode(opened["certificate"]))
        self._issuers = tuple(
            x509.Certificate.load(base64.b64decode(item)) for item in opened["issuers"]
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def sign(self, wanted: Sequence[ToSign]) -> Iterator[bytes]:
        """Sign each, in order.

        Raises:
            KeyDeviceError: What the key's own provider raises, or TokenLost where the process that
                holds the key ended or did not answer.
        """
        self._ask(
            [{"title": item.title, "data": base64.b64encode(item.data).decode()} for item in wanted]
        )
        for _ in wanted:
            yield base64.b64decode(self._next(self._seconds)["signature"])

    def _listen(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stdout is not None
        with child.stdout:
            for line in child.stdout:
                self._answers.put(line)
        self._answers.put(b"")

    def _ask(self, value: object) -> None:
        child = self._child
        if child is None or child.stdin is None:
            raise self._gone()
        # A child that ended has said why, or is found out by its silence.
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(json.dumps(value).encode() + b"\n")
            child.stdin.flush()

    def _next(self, seconds: float | None) -> dict[str, Any]:
        try:
            line = self._answers.get(timeout=seconds)
        except queue.Empty:
            line = b""
            if self._child is not None:
                self._child.kill()
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
            f"Việc ký bằng {name} bị ngắt giữa chừng; chưa rõ giấy đang ký đã được ký hay chưa. Hãy "
            "kiểm tra token hoặc tệp khóa rồi duyệt ký lại.",
            f"the process that holds {name} ended or does not answer; check it and release again",
            is_answer=False,
        )

    def _end(self) -> None:
        """End the child: its input ends, so it closes the key; one that hangs is killed."""
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            child.stdin.close()
        try:
            child.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if self._listener is not None:
            self._listener.join(_END_SECONDS)
