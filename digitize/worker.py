"""A reading process: takes jobs on stdin, answers on stdout, within limits it sets on itself.

`python -m digitize.worker BYTES`, started by `digitize.reader`. Whatever looks into a file that
came from outside runs here: decoding, drawing, parsing, recognition, the making of the PDF/A. A
file that needs too much memory or time, or breaks a library, costs this process and no other.
"""

from __future__ import annotations

import ctypes
import gc
import math
import os
import resource
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from types import FrameType
from typing import Any

from config import codec
from config.traces import trace_of
from digitize import crops, enhance, images, intake, page_pairs, pdfa, reading, wire
from digitize.errors import DigitizeError
from digitize.model import RecognizedPage
from digitize.ocr import Recognizer, let_engine_keep_memory, limit_threads
from digitize.together import Look, joined, read_tables, run_in_turns
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

_PR_SET_PDEATHSIG = 1
# OpenCV's code for an allocation that failed; it raises no MemoryError.
_CV_NO_MEMORY = -4
_CXX_NO_MEMORY = "std::bad_alloc"
_CHUNK_BYTES = 1 << 20
# Some ten megabytes of small objects at most.
_OBJECTS_BETWEEN_SEARCHES = 50_000


def limit_resources(memory_bytes: int) -> None:
    """Bound this process and those it starts: memory each, and no core files with scans in them."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limit_threads()
    # Here and not in the desk, whose processes would keep theirs too.
    let_engine_keep_memory()
    enhance.limit_threads()


def limit_processor(seconds: float) -> None:
    """Bound the processor time of the next job: a backstop where nobody is left to end it.

    Two cores' worth, so that the time-out of the engine, which knows the reason, comes first.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    allowed = math.ceil(used.ru_utime + used.ru_stime + 2 * seconds)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, hard))


def end_with_parent() -> None:
    """End this process and its children when the engine's does, however that came about."""
    signal.signal(signal.SIGTERM, _end_group)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _end_group(number: int = 0, frame: FrameType | None = None) -> None:
    """Kill the whole group: Tesseract would otherwise go on writing where a new run works."""
    os.killpg(0, signal.SIGKILL)


def run(job: Job) -> Any:
    """Carry out a job in this process.

    Raises:
        DigitizeError, OSError: as the stage does.
    """
    match job:
        case ReceiveJob():
            return intake.receive(job.path, job.name, job.limits)
        case PageJob():
            return _read(job, job.recognizer)
        case PagesJob():
            return _read_together(job)
        case RenditionJob():
            return pdfa.make_rendition(job.render, job.target)
        case CopyJob():
            # Here, not above: fonts are a seventh of a start, and few processes make copies.
            from digitize import access

            return access.make_access_copy(job.access, job.target)
        case CropJob():
            return crops.make_crop(job.spot, job.target)
        case PairJob():
            return page_pairs.draw_pairs(job.spot, job.target)


def _read_together(job: PagesJob) -> PagesRead:
    def reading_of(page: PageJob) -> Callable[[Callable[[Look], str]], RecognizedPage]:
        return lambda ask: _read(page, joined(page.recognizer, ask))

    first = job.pages[0]
    work = Path(tempfile.mkdtemp(prefix=f"page-{first.number}-", dir=first.work))
    try:
        found = run_in_turns(
            [reading_of(page) for page in job.pages], lambda looks: read_tables(looks, work)
        )
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return PagesRead(pages=tuple(None if isinstance(page, Exception) else page for page in found))


def _read(job: PageJob, recognizer: Recognizer) -> RecognizedPage:
    page = images.extract_page(job.submission, job.number)
    if job.submission.signed:
        # What a signed file shows is indexed, not what its text layer claims.
        page = images.without_text(page)
    # Pages of one submission are read side by side.
    work = tempfile.mkdtemp(prefix=f"page-{job.number}-", dir=job.work)
    try:
        return reading.read_page(page, recognizer, Path(work))
    finally:
        shutil.rmtree(work, ignore_errors=True)


def answer(plain: dict[str, Any]) -> bytes:
    """Carry out a job as it came, and write the answer to it."""
    try:
        job = wire.job_of(plain)
        limit_processor(job.seconds)
        return wire.pack({"kind": "value", "value": codec.to_plain(run(job))})
    except (DigitizeError, OSError) as error:
        return wire.pack(wire.plain_error(error))
    except MemoryError:
        return wire.pack(wire.OUT_OF_MEMORY)
    except Exception as error:  # noqa: BLE001  the edge of this process: the engine logs the trace
        if getattr(error, "code", None) == _CV_NO_MEMORY or _CXX_NO_MEMORY in str(error):
            return wire.pack(wire.OUT_OF_MEMORY)
        return wire.pack({"kind": "unexpected", "trace": trace_of(error)})


def look_for_garbage_seldom() -> None:
    """Leave what is loaded out of every search for garbage, and search after many objects only.

    A page makes hundreds of thousands of words and boxes, and hardly a circle among them.
    """
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_SEARCHES, *gc.get_threshold()[1:])


def _own(descriptor: int) -> int:
    """Keep a standard stream for the engine alone; what libraries print goes nowhere."""
    kept = os.dup(descriptor)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
    return kept


def _listen(source: int, jobs: SimpleQueue[dict[str, Any]]) -> None:
    """Take jobs until the engine is gone or closes the pipe; the main thread may be too busy."""

    def take(count: int) -> bytes:
        return os.read(source, min(count, _CHUNK_BYTES))

    try:
        while (job := wire.read_frame(take)) is not None:
            jobs.put(job)
    finally:
        _end_group()


def _send(target: int, frame: bytes) -> None:
    left = memoryview(frame)
    while left:
        left = left[os.write(target, left) :]


def main() -> None:
    """Answer jobs until the engine ends this process."""
    look_for_garbage_seldom()
    limit_resources(int(sys.argv[1]))
    end_with_parent()
    source, target = _own(0), _own(1)
    jobs: SimpleQueue[dict[str, Any]] = SimpleQueue()
    threading.Thread(target=_listen, args=(source, jobs), daemon=True).start()
    _send(target, wire.pack(wire.READY))
    while True:
        _send(target, answer(jobs.get()))


if __name__ == "__main__":
    main()
