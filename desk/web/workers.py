"""Several processes that answer the pages at one socket: one may be slow, or die, and others go on.

Processes, not threads: Python draws one page at a time in each.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.context import ForkProcess

log = logging.getLogger("hoso.web")
_ENDING = {signal.SIGTERM, signal.SIGINT}
_WATCHED = {*_ENDING, signal.SIGCHLD}
_PR_SET_PDEATHSIG = 1
_M_ARENA_MAX, _HEAPS = -8, 2
# What cannot begin is not tried again without a breath.
_PAUSE_SECONDS = 1.0
# Longer than a server takes to end what it answers.
_END_SECONDS = 15.0


class Workers:
    """Keeps so many workers alive until the program is told to end.

    They are forks: nothing may be open here that a fork must not share, such as a database.

    Args:
        count: how many.
        work: what each does, given its number from 0, until SIGTERM.
    """

    def __init__(self, count: int, work: Callable[[int], None]) -> None:
        self._count = count
        self._work = work
        self._alive: dict[int, ForkProcess] = {}
        self._parent = os.getpid()

    def run(self) -> None:
        """Start them, replace who dies, end all at SIGTERM or SIGINT."""
        # Blocked, so that none is lost between two looks; a worker takes them as they were.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
        # What is loaded already stays shared: a collector that looks at it would copy it.
        gc.freeze()
        try:
            for number in range(self._count):
                self._start(number, before)
            while signal.sigwait(_WATCHED) not in _ENDING:
                if not self._replace(before):
                    return
        finally:
            self._end()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _start(self, number: int, mask: set[signal.Signals | int]) -> None:
        context = multiprocessing.get_context("fork")
        worker = context.Process(target=self._begin, args=(number, mask), name=f"web-{number}")
        worker.start()
        self._alive[number] = worker

    def _begin(self, number: int, mask: set[signal.Signals | int]) -> None:
        for ending in _ENDING:
            # The server listens to both; when it has ended, it raises them once more.
            signal.signal(ending, lambda *_: None)
        if sys.platform == "linux":
            system = ctypes.CDLL(None)
            system.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            # Each thread would get a heap of its own, and keep what it once needed.
            if hasattr(system, "mallopt"):  # of glibc
                system.mallopt(_M_ARENA_MAX, _HEAPS)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if os.getppid() == self._parent:
            self._work(number)

    def _replace(self, mask: set[signal.Signals | int]) -> bool:
        """Start anew who died; tell whether to go on, for we may be told to end meanwhile."""
        dead = [number for number, worker in self._alive.items() if not worker.is_alive()]
        for number in dead:
            log.error("worker %s of the pages ended (%s)", number, self._alive[number].exitcode)
            if signal.sigtimedwait(_ENDING, _PAUSE_SECONDS) is not None:
                return False
            self._start(number, mask)
        return True

    def _end(self) -> None:
        for worker in self._alive.values():
            worker.terminate()
        for worker in self._alive.values():
            worker.join(_END_SECONDS)
            worker.kill()
            worker.join()
