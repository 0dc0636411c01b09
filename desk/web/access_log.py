"""Every view, search and login as an event, before its answer leaves; many in one transaction.

An event of its own costs a commit each; requests of one moment share one. None is answered before
its event is on the disk, so nobody sees what the log does not tell.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import SimpleQueue

from storage.model import NewEvent

_MOST_AT_ONCE = 500
# Longer than any writer keeps the archive; then nothing is shown.
_SECONDS = 60.0


class AccessLog:
    """Writes events for all threads that answer.

    Whoever comes first writes, for all who came until then: a thread of its own would have every
    page wait for two more turns of the processors, and have its connection write what makes those
    of the pages read the file anew.

    Args:
        append: writes events in one transaction (`EventLog.append`).
    """

    def __init__(self, append: Callable[..., Sequence[int]]) -> None:
        self._append = append
        self._queue: SimpleQueue[tuple[NewEvent, Future[None]]] = SimpleQueue()
        self._writing = threading.Lock()

    def tell(self, event: NewEvent) -> None:
        """Write an event; returns when it is on the disk.

        Raises:
            StorageError, TimeoutError: it could not be written; then nothing may be shown.
        """
        written: Future[None] = Future()
        self._queue.put((event, written))
        if not self._writing.acquire(timeout=_SECONDS):
            raise TimeoutError("the log is held by others, and nothing may be shown")
        try:
            while not written.done():
                self._write([self._queue.get() for _ in range(self._waiting())])
        finally:
            self._writing.release()
        written.result()

    def _waiting(self) -> int:
        return min(self._queue.qsize(), _MOST_AT_ONCE)

    def _write(self, asked: list[tuple[NewEvent, Future[None]]]) -> None:
        try:
            self._append(*(event for event, _ in asked))
        except BaseException as error:  # noqa: BLE001  whoever waits for the event is told
            for _, written in asked:
                written.set_exception(error)
        else:
            for _, written in asked:
                written.set_result(None)
