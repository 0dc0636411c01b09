"""The reading processes of one desk, and whose page is next.

One process a core. The unit of work is a page, so a large document never keeps a process for
longer than one of its pages takes. Small submissions go first, by three classes (up to 3 pages, up
to 10, larger), within a class the one that arrived first. So that a large one is never starved,
every fourth job is taken from the submission that has waited longest, whatever its size: while
small scans keep coming it still gets a quarter of the desk.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol, Self

from digitize.reader import ReaderStopped
from digitize.wire import Job, PageJob

_CLASS_PAGES = (3, 10)
_OLDEST_EVERY = 4
# A page in work is let finish for this long after a stop; the service manager waits for 30 s.
STOP_SECONDS = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What decides when a job is done."""

    submission: str
    """Its id."""
    arrived: dt.datetime
    """When it was claimed, aware."""
    pages: int
    """How many pages it has; 1 while nobody knows."""

    @property
    def size_class(self) -> int:
        """0 for up to 3 pages, 1 for up to 10, 2 for more."""
        return sum(self.pages > most for most in _CLASS_PAGES)

    @property
    def is_large(self) -> bool:
        """More than ten pages."""
        return self.size_class == len(_CLASS_PAGES)

    @property
    def age(self) -> tuple[dt.datetime, str]:
        """Sorts the oldest first."""
        return (self.arrived, self.submission)


Policy = Callable[[Sequence[Turn], int], int]
"""Given who waits, as they came, and how many were taken before: the index of the next."""


def small_first(waiting: Sequence[Turn], taken: int) -> int:
    """Choose the next job: small first, every fourth time the oldest."""
    if taken % _OLDEST_EVERY == _OLDEST_EVERY - 1:
        return first_come(waiting, taken)
    return min(range(len(waiting)), key=lambda at: (waiting[at].size_class, waiting[at].age))


def first_come(waiting: Sequence[Turn], taken: int) -> int:
    """Choose the next job of the submission that has waited longest."""
    return min(range(len(waiting)), key=lambda at: waiting[at].age)


class Asked(Protocol):
    """What the pool asks of a reading process."""

    def ask(self, job: Job) -> Any:
        """Do a job."""

    def ask_pages(self, pages: Sequence[PageJob]) -> Sequence[Any]:
        """Read pages together; None for each that must be asked for alone."""

    def stop(self) -> None:
        """Give up what is in work, from any thread."""

    def close(self) -> None:
        """Stop, and leave nothing behind."""


class ReaderPool:
    """The reading processes; a context manager that ends them.

    Args:
        count: how many.
        start: makes one; called in the thread that asks it, which lives as long as it does.
        policy: whose job is next.
        together: how many pages a process may be given at once; it holds them for as long as all
            of them take.
    """

    def __init__(
        self,
        count: int,
        start: Callable[[], Asked],
        policy: Policy = small_first,
        together: int = 1,
    ) -> None:
        self._policy = policy
        self._together = together
        self._changed = threading.Condition()
        self._waiting: list[tuple[Turn, Job, Future[Any]]] = []
        self._taken = 0
        self._open = True
        self._readers = [start() for _ in range(count)]
        self._threads: list[threading.Thread] = []
        self._free = 0

    @property
    def count(self) -> int:
        """How many reading processes there are."""
        return len(self._readers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.stop(0.0)

    def submit(self, turn: Turn, job: Job) -> Future[Any]:
        """Have a job done when its turn comes.

        The result, or what `Reader.ask` raises, comes with the future; after a stop, ReaderStopped.
        """
        future: Future[Any] = Future()
        with self._changed:
            if self._open:
                self._waiting.append((turn, job, future))
                self._wake_one()
                return future
        future.set_exception(ReaderStopped())
        return future

    def _wake_one(self) -> None:
        """Have a job taken by a process that runs and is free; start another where none is."""
        at = len(self._threads)
        if self._free < len(self._waiting) and at < len(self._readers):
            reader = self._readers[at]
            thread = threading.Thread(target=self._serve, args=(reader,), name=f"reader-{at}")
            self._threads.append(thread)
            self._free += 1
            thread.start()
        self._changed.notify()

    def withdraw(self, futures: Collection[Future[Any]]) -> None:
        """Take jobs that were not begun out of the queue; their futures are cancelled."""
        with self._changed:
            left = [item for item in self._waiting if item[2] in futures]
            self._waiting = [item for item in self._waiting if item[2] not in futures]
        for _, _, future in left:
            future.cancel()
            future.set_running_or_notify_cancel()

    def stop(self, grace_seconds: float = STOP_SECONDS) -> None:
        """Take no more jobs; end what is still in work after a grace, and every process.

        Jobs that were not done raise ReaderStopped.
        """
        with self._changed:
            self._open = False
            left, self._waiting = self._waiting, []
            self._changed.notify_all()
        for _, _, future in left:
            future.set_running_or_notify_cancel()
            future.set_exception(ReaderStopped())
        ends = threading.Timer(grace_seconds, self._end_all)
        ends.start()
        for thread in self._threads:
            thread.join()
        for unused in self._readers[len(self._threads) :]:
            unused.close()
        ends.cancel()
        ends.join()

    def _end_all(self) -> None:
        for reader in self._readers:
            reader.stop()

    def _serve(self, reader: Asked) -> None:
        try:
            while (taken := self._take()) is not None:
                tells = _ask_all(reader, [job for job, _ in taken])
                # Before the answer is known: whoever has waited for it may ask for more at once.
                with self._changed:
                    self._free += 1
                for (_, future), tell in zip(taken, tells, strict=True):
                    tell(future)
        finally:
            reader.close()

    def _take(self) -> list[tuple[Job, Future[Any]]] | None:
        """Wait for the next job, or pages to be read together; None when the pool has closed."""
        with self._changed:
            while self._open:
                if not self._waiting:
                    self._changed.wait()
                    continue
                self._free -= 1
                taken = [self._take_one(range(len(self._waiting)))]
                # The others get as many: at the end no process has pages left that one could read.
                pages = self._pages()
                most = min(self._together, (len(pages) + 1) // self.count)
                while isinstance(taken[0][0], PageJob) and len(taken) < most:
                    taken.append(self._take_one(self._pages()))
                return taken
        return None

    def _pages(self) -> Sequence[int]:
        """Return where among what waits the pages are."""
        return [at for at, item in enumerate(self._waiting) if isinstance(item[1], PageJob)]

    def _take_one(self, places: Sequence[int]) -> tuple[Job, Future[Any]]:
        at = places[self._policy([self._waiting[place][0] for place in places], self._taken)]
        _, job, future = self._waiting.pop(at)
        future.set_running_or_notify_cancel()
        self._taken += 1
        return job, future


def _ask_all(reader: Asked, jobs: Sequence[Job]) -> list[Callable[[Future[Any]], None]]:
    """Have one job done, or pages together; return what tells each future how it ended."""
    pages = [job for job in jobs if isinstance(job, PageJob)]
    if len(jobs) == 1:
        return [_ask(reader, jobs[0])]
    try:
        found = reader.ask_pages(pages)
    except BaseException:  # noqa: BLE001  asked for alone each page tells what is wrong
        found = [None] * len(jobs)
    return [
        _ask(reader, job) if page is None else _telling(page)
        for job, page in zip(jobs, found, strict=True)
    ]


def _telling(result: Any) -> Callable[[Future[Any]], None]:
    return lambda future: future.set_result(result)


def _ask(reader: Asked, job: Job) -> Callable[[Future[Any]], None]:
    """Have a job done; return what tells a future how it ended."""
    try:
        found = reader.ask(job)
    except BaseException as error:  # noqa: BLE001  it is raised again where the result is asked for
        raised = error
        return lambda future: future.set_exception(raised)
    return _telling(found)


class NotYet(Exception):
    """Others go first, and no thread waits for them: this submission waits its turn outside.

    Args:
        pages: how many it has.
        after: the submission that goes first; empty where any large one that ends makes room.
    """

    def __init__(self, pages: int, after: str = "") -> None:
        super().__init__(f"{pages} pages")
        self.pages, self.after = pages, after


class Seats:
    """Bounds how many large submissions are in work, so that small ones find a thread.

    Args:
        count: how many at once.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._guard = threading.Lock()
        self._taken: set[str] = set()

    def take(self, turn: Turn) -> None:
        """Take a seat for a submission, once; small ones need none.

        Raises:
            NotYet: all are taken.
        """
        with self._guard:
            if not turn.is_large or turn.submission in self._taken:
                return
            if len(self._taken) >= self._count:
                raise NotYet(turn.pages)
            self._taken.add(turn.submission)

    def give_back(self, submission: str) -> None:
        """Free the seat of a submission that left, if it had one."""
        with self._guard:
            self._taken.discard(submission)

    @property
    def free(self) -> int:
        """How many more may be taken."""
        with self._guard:
            return self._count - len(self._taken)
