"""Threads of one worker that answer: quick pages have some of their own, what costs much waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from desk.web.routing import Queue

_T = TypeVar("_T")
# Python draws one page at a time; some more wait for the disk. Each thread that answers has
# connections to the databases with megabytes of their own.
_QUICK_AT_ONCE = 4


class Lines:
    """Who waits in one worker; nobody who waits in a queue holds a thread that quick pages need.

    Threads of quick pages stay: one that is new opens the databases, for ten times what most pages
    cost, and whoever reads for a while between two pages would pay it each time.
    """

    def __init__(self) -> None:
        self._quick = ThreadPoolExecutor(_QUICK_AT_ONCE, thread_name_prefix="quick-page")
        self._waiting = {queue: CapacityLimiter(queue.at_once) for queue in Queue}

    async def quickly(self, act: Callable[..., _T], *arguments: object) -> _T:
        """Act in a thread of quick pages."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._quick, partial(act, *arguments))

    async def wait(self, queue: Queue, act: Callable[..., _T], *arguments: object) -> _T:
        """Wait in a queue of this worker, then act in a thread that ends when it is idle."""
        return await to_thread.run_sync(partial(act, *arguments), limiter=self._waiting[queue])
