"""One reading process, seen from the engine: asked for one job at a time, replaced when it dies.

The engine sends frozen values and gets frozen values; see `digitize.worker` for the other side.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import digitize
from digitize import wire
from digitize.errors import DamagedFile, DigitizeError, RecognitionTimeout, TooLarge
from digitize.model import RecognizedPage
from digitize.wire import (
    CopyJob,
    CropJob,
    Job,
    PageJob,
    PagesJob,
    PagesRead,
    PairJob,
    ReceiveJob,
    RenditionJob,
)

_START_SECONDS = 120.0
_CHUNK_BYTES = 1 << 20
_PACKAGES = Path(digitize.__file__).resolve().parents[1]


class ReaderStopped(Exception):
    """The engine was told to stop; the job was not finished and its submission resumes later."""


class _Late(Exception):
    """The process did not answer in time."""


class _Lost(Exception):
    """The process died, ran out of memory, or said what makes no sense."""

    def __init__(self, what: str, *, memory: bool = False) -> None:
        super().__init__(what)
        self.memory = memory


class Reader:
    """A reading process, started when first asked; ask from one thread, stop from any.

    Args:
        memory_bytes: address space that it, and each program it starts, may have.
    """

    def __init__(self, memory_bytes: int) -> None:
        self._memory_bytes = memory_bytes
        self._guard = threading.Lock()
        self._child: _Child | None = None
        self._stopped = False

    def ask(self, job: Job) -> Any:
        """Have a job done.

        A process that dies or runs out of memory is replaced and asked once more: earlier pages, or
        somebody outside, may have been the cause. When that happens twice the file is the cause.

        Raises:
            DigitizeError, OSError: what the stage raised.
            TooLarge, DamagedFile, RecognitionTimeout: the job broke its limits; the process was
                ended with all that it had started.
            ReaderStopped: `stop` was called.
            UnexpectedFault: the stage raised what nobody foresaw.
        """
        with contextlib.suppress(_Lost):
            return self._ask_once(job)
        try:
            return self._ask_once(job)
        except _Lost as lost:
            raise _told(lost, job) from lost

    def ask_pages(self, pages: Sequence[PageJob]) -> list[RecognizedPage | None]:
        """Have pages read together, which costs less; None for each that must be asked for alone.

        Whatever goes wrong is told when a page is asked for alone: then it is known whose fault it
        is.

        Raises:
            ReaderStopped: `stop` was called.
        """
        try:
            found: PagesRead = self._ask_once(PagesJob(pages=tuple(pages)))
        except (_Lost, DigitizeError, OSError, wire.UnexpectedFault):
            return [None] * len(pages)
        return list(found.pages)

    def stop(self) -> None:
        """End the process at once, with all that it has started; from now on nothing is done."""
        with self._guard:
            self._stopped = True
            if self._child is not None:
                self._child.kill()

    def close(self) -> None:
        """Stop, and collect the process; call it where `ask` was called."""
        self.stop()
        with self._guard:
            if self._child is not None:
                self._child.end()
            self._child = None

    def _ask_once(self, job: Job) -> Any:
        child = self._running()
        try:
            found = child.exchange(job)
            if found == wire.OUT_OF_MEMORY:
                raise _Lost("out of memory", memory=True)
            return wire.result_of(job, found)
        except (_Late, _Lost, wire.BrokenFrame) as error:
            self._drop(job)
            if self._stopped:
                raise ReaderStopped from error
            if isinstance(error, _Late):
                raise _too_slow(job) from error
            raise _Lost(str(error), memory=getattr(error, "memory", False)) from error

    def _running(self) -> _Child:
        with self._guard:
            if self._stopped:
                raise ReaderStopped
            if self._child is None:
                self._child = _Child(self._memory_bytes)
            return self._child

    def _drop(self, job: Job) -> None:
        with self._guard:
            if self._child is not None:
                self._child.end()
            self._child = None
        for page in _pages_of(job):
            for left in page.work.glob(f"page-{page.number}-*"):
                shutil.rmtree(left, ignore_errors=True)


def _pages_of(job: Job) -> tuple[PageJob, ...]:
    match job:
        case PageJob():
            return (job,)
        case PagesJob():
            return job.pages
        case _:
            return ()


class _Child:
    """The process itself and its two pipes."""

    def __init__(self, memory_bytes: int) -> None:
        self._process = subprocess.Popen(  # noqa: S603  this Python, this module, a number
            [sys.executable, "-P", "-m", "digitize.worker", str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self._deadline = time.monotonic() + _START_SECONDS
        self._ready = False

    def exchange(self, job: Job) -> Any:
        """Send a job and wait for its answer.

        Raises:
            ChildProcessError: the process cannot even start; no file is to blame.
            BrokenFrame, _Late, _Lost: the job broke it, or took too long.
        """
        if not self._ready:
            self._greet()
        self._deadline = time.monotonic() + job.seconds
        try:
            self._stdin.write(wire.pack(wire.plain_job(job)))
            self._stdin.flush()
        except BrokenPipeError as error:
            raise _Lost("ended before it was asked") from error
        found = wire.read_frame(self._take)
        if found is None:
            raise _Lost("ended before it answered")
        return found

    def _greet(self) -> None:
        try:
            self._ready = wire.read_frame(self._take) == wire.READY
        except (_Late, wire.BrokenFrame):
            self._ready = False
        if not self._ready:
            raise ChildProcessError(
                "Không khởi động được tiến trình đọc; hãy kiểm tra cài đặt và bộ nhớ của máy, "
                "[reading] memory_megabytes (a reading process does not start)"
            )

    def _take(self, count: int) -> bytes:
        left = self._deadline - time.monotonic()
        ready, _, _ = select.select([self._stdout], [], [], max(left, 0.0))
        if not ready:
            raise _Late
        return os.read(self._stdout.fileno(), min(count, _CHUNK_BYTES))

    def kill(self) -> None:
        """Kill the process and everything in its group; whoever waits for it sees it end."""
        # Nobody collects it before `end`, so the number is still its own.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill the process and everything in its group, and collect it."""
        self.kill()
        self._process.wait()
        with contextlib.suppress(BrokenPipeError):
            self._stdin.close()
        self._stdout.close()


def _environment() -> dict[str, str]:
    """Return the environment of a process: our packages found, one thread of linear algebra.

    More threads would only reserve address space.
    """
    known = [str(_PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(known), "OPENBLAS_NUM_THREADS": "1"}


def _name(job: Job) -> str:
    match job:
        case PageJob():
            return f"Trang {job.number} của tệp «{job.submission.name}»"
        case PagesJob():
            return ", ".join(map(_name, job.pages))
        case ReceiveJob():
            return f"Tệp «{job.name}»"
        case RenditionJob():
            return f"Tệp «{job.render.facts.title}»"
        case CopyJob():
            return f"Tệp «{job.access.facts.title}»"
        case CropJob():
            return f"Trang {job.spot.index + 1}"
        case PairJob():
            return f"Tệp «{job.spot.after.name}»"


def _too_slow(job: Job) -> DigitizeError:
    kind = RecognitionTimeout if isinstance(job, PageJob) else TooLarge
    return kind(
        f"{_name(job)} xử lý quá {job.seconds:.0f} giây nên đã dừng. "
        "Hãy quét lại ở 200 hoặc 300 dpi, hoặc chia nhỏ tệp.",
        f"given up after {job.seconds:.0f} seconds; scan again at 200 or 300 dpi, or split it",
    )


def _told(lost: _Lost, job: Job) -> DigitizeError:
    if lost.memory:
        return TooLarge(
            f"{_name(job)} cần nhiều bộ nhớ hơn mức cho phép. "
            "Hãy quét lại ở 200 hoặc 300 dpi, hoặc chia nhỏ tệp.",
            "needs more memory than allowed; scan again at 200 or 300 dpi, or split it",
        )
    return DamagedFile(
        f"{_name(job)} làm chương trình đọc dừng đột ngột hai lần: tệp hỏng hoặc quá lớn. "
        "Hãy quét hoặc xuất lại tệp này.",
        f"broke the reading process twice ({lost}); scan or export it again",
    )
