"""The open batches of a station's agents, and the keys at their ends: providers of signatures."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from asn1crypto import x509

from desk.remote.line import Line, absent
from signing.errors import KeyDeviceError
from signing.providers import Padding, ToSign
from signing.signer import OpenSigner, signer_behind


class Board:
    """The open batches of all agents of a station; used by the engine and by the listener."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._lines: dict[str, Line] = {}
        self._resumed: set[str] = set()

    def line(self, agent: str) -> Line | None:
        """Return an agent's batch while it is open."""
        with self._guard:
            line = self._lines.get(agent)
        return line if line is not None and not line.closed else None

    def hang(self, line: Line) -> Line | None:
        """Open a batch; return the same agent's earlier one, which ends by this."""
        with self._guard:
            earlier, self._lines[line.agent] = self._lines.get(line.agent), line
        if earlier is not None:
            earlier.close("replaced")
        return earlier

    def lines(self) -> list[Line]:
        """Return the newest batch of every agent, open or not."""
        with self._guard:
            return list(self._lines.values())

    def resume(self, submissions: set[str]) -> None:
        """Note submissions that can go on."""
        with self._guard:
            self._resumed |= submissions

    def resumed(self) -> set[str]:
        """Return the submissions that can go on."""
        with self._guard:
            return set(self._resumed)

    def forget(self, submission: str) -> None:
        """Note that a submission went on, or needs no key any more."""
        with self._guard:
            self._resumed.discard(submission)

    def hurry(self) -> None:
        """Let nobody wait long any more: the station stops."""
        for line in self.lines():
            line.hurry()

    def close(self) -> None:
        """End every batch with the station."""
        for line in self.lines():
            line.close("station stopped")

    @contextmanager
    def open_key(self, agent: str) -> Iterator[OpenSigner]:
        """Take an agent's open batch for a signer, as `open_signer` takes a key that is here.

        The batch stays open afterwards: it is the officer's, and ends by itself.

        Raises:
            TokenAbsent: it has none.
        """
        line = self.line(agent)
        if line is None:
            raise absent(agent)
        with FarProvider(line) as provider:
            yield signer_behind(provider)


class FarProvider:
    """The key at the other end of an agent's open batch.

    Args:
        line: the batch.
    """

    def __init__(self, line: Line) -> None:
        self._line = line

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's certificate."""
        return self._line.key.certificate

    @property
    def issuers(self) -> Sequence[x509.Certificate]:
        """Certificates that came with it."""
        return self._line.key.issuers

    @property
    def padding(self) -> Padding:
        """How an RSA key signs."""
        return self._line.key.padding

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the batch open: it is the officer's, and ends by itself."""

    def sign(self, wanted: Sequence[ToSign]) -> Iterator[bytes]:
        """Sign each, in order.

        Raises:
            PaperDeclined, KeyDeviceError: see `Line.sign`; after the latter the batch is over.
        """
        for item in wanted:
            try:
                yield self._line.sign(item)
            except KeyDeviceError as error:
                self._line.close(type(error).__name__)
                raise
