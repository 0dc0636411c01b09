"""The open batches of a station's agents, and the keys at their ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from desk.agency_seal import FarSeal
from desk.remote.line import Line, absent
from signing.far_key import FarProvider
from signing.signer import OpenSigner, signer_behind


class Board:
    """The open batches of all agents of a station; used by the engine and by the listener."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._lines: dict[str, Line] = {}
        self._resumed: set[str] = set()

    def line(self, agent: str) -> Line | None:
        """Return an agent's batch while it is open."""
        line = self.newest(agent)
        return line if line is not None and not line.closed else None

    def newest(self, agent: str) -> Line | None:
        """Return an agent's last batch, open or not."""
        with self._guard:
            return self._lines.get(agent)

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

    def admit(self, agent: str, reference: str) -> None:
        """Let a paper be signed that is in an agent's open batch.

        Raises:
            PaperDeclined: it is not, or there is no batch.
        """
        line = self.line(agent)
        if line is None:
            raise absent(agent)
        line.number_of(reference)

    def far_seal(self, agent: str) -> FarSeal:
        """Return what signs with the key at an agent."""
        return FarSeal(open=partial(self.open_key, agent), admit=partial(self.admit, agent))

    @contextmanager
    def open_key(self, agent: str) -> Iterator[OpenSigner]:
        """Take an agent's open batch for a signer, as `open_signer` takes a key that is here.

        The batch stays open afterwards: it is the officer's, and ends by itself.

        Raises:
            PaperDeclined: it has none.
        """
        line = self.line(agent)
        if line is None:
            raise absent(agent)
        with FarProvider(line.key, line.sign) as provider:
            yield signer_behind(provider)
