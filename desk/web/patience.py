"""HTTP/1.1 that waits for nobody without end.

Not for heads that drip in, bodies that nobody needs, answers that nobody takes. nginx in front
waits as briefly; on a station of its own nothing else would. The server itself ends only
connections on which nothing comes at all.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 15.0
ANSWER_SECONDS = 60.0


class PatientProtocol(H11Protocol):
    """One connection."""

    _owed: asyncio.TimerHandle | None = None
    _untaken: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        """Wait for a request, not for long."""
        super().connection_made(transport)
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        super().connection_lost(exc)
        for waiting in (self._owed, self._untaken):
            if waiting is not None:
                waiting.cancel()

    def data_received(self, data: bytes) -> None:
        """Take what came; a piece of a head gives no more time for the rest."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Take what may be left of a body that was not needed, not for long."""
        super().on_response_complete()
        self._look()

    def pause_writing(self) -> None:
        """Wait until an answer is taken, not for long."""
        super().pause_writing()
        if self._untaken is None:
            self._untaken = self.loop.call_later(ANSWER_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on with an answer."""
        super().resume_writing()
        if self._untaken is not None:
            self._untaken.cancel()
            self._untaken = None

    def _look(self) -> None:
        """Let the time run while it is the other side's turn; for a body, the pages do."""
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if is_answering and self._owed is not None:
            self._owed.cancel()
            self._owed = None
        elif not is_answering and self._owed is None:
            self._owed = self.loop.call_later(HEAD_SECONDS, self.transport.abort)
