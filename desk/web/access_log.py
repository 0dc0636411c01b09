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
    """Writes events in a thread of its own; a context manager.

    Args:
        append: writes events in one transaction (`EventLog.append`).
    """

    def __init__(self, append: Callable[..., Sequence[int]]) -> None:
        self._append = append
        self._queue: SimpleQueue[tuple[NewEvent, Future[None]] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._write_all, name="access-log", daemon=True)

    def __enter__(self) -> AccessLog:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._queue.put(None)
        self._thread.join()

    def tell(self, event: NewEvent) -> None:
        """Write an event; returns when it is on the disk.

        Raises:
            StorageError, TimeoutError: it could not be written; then nothing may be shown.
        """
        written: Future[None] = Future()
        self._queue.put((event, written))
        written.result(_SECONDS)

    def _write_all(self) -> None:
        going_on = True
        while going_on:
            waiting = [self._queue.get()]
            while not self._queue.empty() and len(waiting) < _MOST_AT_ONCE:
                waiting.append(self._queue.get())
            asked = [item for item in waiting if item is not None]
            going_on = len(asked) == len(waiting)
            self._write(asked)

    def _write(self, asked: list[tuple[NewEvent, Future[None]]]) -> None:
        if not asked:
            return
        try:
            self._append(*(event for event, _ in asked))
        except Exception as error:  # noqa: BLE001  whoever waits for the event is told
            for _, written in asked:
                written.set_exception(error)
        else:
            for _, written in asked:
                written.set_result(None)
