"""Work beside the disk: while one thread waits for it, another one makes use of the processor."""

from __future__ import annotations

import _thread
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Aside(Generic[Made]):
    """What is being made on a thread of its own.

    A thread for each act, not some that are kept: programs here fork, and a child has none of them.
    The bare kind of thread: waiting until a `threading.Thread` says that it runs takes as long as
    a third of what is done aside. Where the machine is busy and the thread has not begun when what
    it makes is asked for, whoever asks makes it: nobody waits for a turn.

    Args:
        act: What to do.
    """

    def __init__(self, act: Callable[[], Made]) -> None:
        self._act = act
        self._made: list[Made] = []
        self._error: BaseException | None = None
        self._begun = _thread.allocate_lock()
        self._over = _thread.allocate_lock()
        self._over.acquire()

    def begin(self) -> None:
        """Let a thread of its own make it, where there may be one more."""
        with suppress(RuntimeError):
            _thread.start_new_thread(self._make, ())

    def result(self) -> Made:
        """Return what is made, by now; raise what making it raised."""
        self._make()
        with self._over:
            if self._error is not None:
                raise self._error
            return self._made[0]

    def stop(self) -> None:
        """Let it not begin any more, or wait until it is over."""
        if not self._begun.acquire(blocking=False):
            with self._over:
                pass

    def _make(self) -> None:
        """Make it, unless somebody else has begun."""
        if not self._begun.acquire(blocking=False):
            return
        try:
            self._made.append(self._act())
        except BaseException as error:  # noqa: BLE001  # raised again by whoever asks for the result
            self._error = error
        finally:
            self._over.release()


@contextmanager
def aside(act: Callable[[], Made], is_worth: bool = True) -> Iterator[Aside[Made]]:
    """Do something beside what stands inside; nothing of it goes on after that.

    Args:
        act: What to do.
        is_worth: Whether it is worth a thread; else it is done when it is asked for.
    """
    made = Aside(act)
    if is_worth:
        made.begin()
    try:
        yield made
    finally:
        made.stop()
