"""Signals that ask a command to end, heard where nothing can be broken by them.

A handler runs between any two steps of the main thread, which may hold a lock just then. An
interrupt raised there would leave the lock taken for good, and a handler that wants the same lock
would wait for ever. So the handler only leaves a note; a thread of its own reads it and acts.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from types import FrameType

Act = Callable[[], None]


class Signals:
    """Which signals came, and what is done then."""

    def __init__(self) -> None:
        self.received: list[int] = []
        # Nothing else may be used in a handler: no lock of this queue is Python's.
        self._notes: SimpleQueue[int | None] = SimpleQueue()
        self._acts: list[Act] = []
        self._guard = threading.Lock()

    def call(self, act: Act) -> None:
        """Have something done when a signal comes; at once where one has come."""
        with self._guard:
            self._acts.append(act)
            is_late = bool(self.received)
        if is_late:
            act()

    def note(self, number: int, frame: FrameType | None) -> None:
        """Leave a note of a signal; its handler."""
        self._notes.put(number)

    def heed(self) -> None:
        """Act on every note until `close`."""
        while (number := self._notes.get()) is not None:
            with self._guard:
                self.received.append(number)
                acts = tuple(self._acts)
            for act in acts:
                act()

    def close(self) -> None:
        """Let `heed` return once it has acted on what came before."""
        self._notes.put(None)


@contextmanager
def heard(*numbers: int) -> Iterator[Signals]:
    """Hear signals for as long as a command works; main thread only."""
    signals = Signals()
    before = {number: signal.signal(number, signals.note) for number in numbers}
    thread = threading.Thread(target=signals.heed, name="signals", daemon=True)
    thread.start()
    try:
        yield signals
    finally:
        signals.close()
        thread.join()
        for number, handler in before.items():
            signal.signal(number, handler)
