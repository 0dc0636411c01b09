"""What the reading processes do for the stages, and what they read, kept until it passes the gate.

Each page's result is a file of its own in the submission's temporary folder, so that a large
document whose run was cut off goes on with the page that was in work. The files go when the gate
has recorded its outcome, and with the folder wherever the submission ends.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from concurrent.futures import as_completed, wait
from pathlib import Path

from config import codec
from desk.engine.readers import Turn
from desk.reading_jobs import page_job, receive_job, rendition_job
from desk.services import Services
from digitize.model import RecognizedPage, Rendition
from digitize.model import Submission as Received
from digitize.pdfa import RenderJob
from storage.submissions import Submission

# Raise it when a page would be read otherwise than before: kept pages are then read again.
_READING_VERSION = 4
_FOLDER = "pages"


def receive(item: Submission, path: Path, services: Services) -> Received:
    """Look at a claimed file in a reading process.

    Raises:
        IntakeError: it cannot be taken, or needs more time or memory than allowed.
    """
    job = receive_job(path, item.name, item.size_bytes, services.limits)
    found: Received = services.readers.submit(_turn(item, 1), job).result()
    return found


def read(item: Submission, received: Received, services: Services) -> tuple[RecognizedPage, ...]:
    """Read every page that no earlier run has read, as the processes come free.

    Raises:
        RecognitionError, DamagedFile, TooLarge: a page cannot be read; no other is begun.
        NotYet: it is large, and enough large ones are in work.
    """
    turn = _turn(item, received.page_count)
    services.seats.take(turn)
    work = services.workspace(item.id)
    kept = PageFiles(work / _FOLDER, _reading_key(received, services))
    numbers = range(1, received.page_count + 1)
    futures = {
        services.readers.submit(turn, page_job(received, number, services.recognizer, work)): number
        for number in numbers
        if kept.load(number) is None
    }
    try:
        for future in as_completed(futures):
            kept.save(future.result())
    finally:
        # The folder is cleared after a failure: nobody may still be writing into it.
        services.readers.withdraw(futures)
        wait(futures)
    return tuple(page for number in numbers if (page := kept.load(number)) is not None)


def render(item: Submission, job: RenderJob, target: Path, services: Services) -> Rendition:
    """Write the PDF/A of a paper in a reading process.

    Raises:
        NotArchival, DamagedFile, TooLarge: it cannot be made; nothing is left at `target`.
    """
    turn = _turn(item, len(job.pages))
    made: Rendition = services.readers.submit(turn, rendition_job(job, target)).result()
    return made


def forget(item: Submission, services: Services) -> None:
    """Remove what was kept of a submission's pages: the gate has them."""
    shutil.rmtree(services.workspace(item.id) / _FOLDER, ignore_errors=True)


def _turn(item: Submission, pages: int) -> Turn:
    return Turn(submission=item.id, arrived=item.received_at, pages=pages)


def _reading_key(received: Received, services: Services) -> str:
    recognizer = services.recognizer
    stated = (
        _READING_VERSION,
        received.sha256,
        received.signed,
        recognizer.languages,
        recognizer.tessdata,
        recognizer.engine,
        recognizer.repair,
    )
    return hashlib.sha256(json.dumps(stated).encode("utf-8")).hexdigest()


class PageFiles:
    """Pages as they were read, a file each.

    Args:
        folder: theirs alone; made with the first page.
        key: of the source's bytes and how they are read; what another key wrote is not there.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self._folder = folder
        self._key = key

    def load(self, number: int) -> RecognizedPage | None:
        """Return a page that was read before; None where it must be read."""
        try:
            plain = json.loads(self._path(number).read_bytes())
            if plain["key"] != self._key:
                return None
            return codec.from_plain(RecognizedPage, plain["page"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def save(self, page: RecognizedPage) -> None:
        """Keep a page for good: written aside, synced, renamed."""
        self._folder.mkdir(exist_ok=True)
        target = self._path(page.number)
        aside = target.with_suffix(".tmp")
        with aside.open("wb") as stream:
            stream.write(codec.to_bytes({"key": self._key, "page": page}))
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(target)

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:04}.json"
