"""Read files without filing them: what `hoso read` shows.

The pages of all files are read side by side, by the same processes that read for `hoso run`; the
files come back in the order in which they were named.
"""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from config.codec import to_plain
from config.fields import FieldRules, load_field_rules
from config.settings import ReadingSettings
from config.vocabulary import Classes, load_classes
from desk.engine.readers import Asked, ReaderPool, Turn, first_come
from desk.errors import PathUnusable
from desk.moments import now, vietnam
from desk.reading_jobs import (
    count_readers,
    open_readers,
    open_recognizer,
    page_job,
    receive_job,
    rendition_job,
)
from desk.station import Station
from digitize import papers
from digitize.classify import classify
from digitize.describe import describe
from digitize.errors import DigitizeError
from digitize.fields import complete
from digitize.intake import Limits
from digitize.metadata import DocumentFacts
from digitize.model import Classification, Description, Paper, RecognizedPage, Submission
from digitize.ocr import Recognizer
from digitize.pdfa import RenderJob
from digitize.wire import Job, PageJob

_LIMITS = Limits(max_bytes=500_000_000, max_pages=1000)
# Pages that a reading process is given at once, where so many wait: what it costs to start the
# engine is paid once for all, and the pictures of so many are in memory.
_TOGETHER = 4
# While one file is described, the next ones are read; the readings of no more are kept.
_FILES_A_READER = 2 * _TOGETHER
# Files wait in the order in which they were named; none is older than another.
_ALIKE = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """One file as read."""

    path: Path
    pages: tuple[RecognizedPage, ...]
    seconds: tuple[float, ...]
    """For each page."""
    description: Description
    classification: Classification


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """One file that could not be read."""

    path: Path
    error: DigitizeError | PathUnusable


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """What papers are understood by: the program's own tables, or a station's with its agency's."""

    classes: Classes = field(default_factory=load_classes)
    """The kinds of paper."""
    fields: FieldRules = field(default_factory=load_field_rules)
    """The fields of each, and the places that an agency lists."""


def understanding_of(station: Station | None) -> Understanding:
    """Return what papers of a station are understood by; the program's own tables for None.

    Raises:
        SettingsError: a list of the agency cannot be used.
    """
    if station is None:
        return Understanding()
    return Understanding(
        classes=load_classes(station.own_classes), fields=load_field_rules(station.own_places)
    )


def _never(stop: Callable[[], None]) -> None:
    """Nobody asks to stop but by closing."""


def read_files(
    paths: Sequence[Path],
    pdf: Path | None,
    settings: ReadingSettings,
    on_interrupt: Callable[[Callable[[], None]], None] = _never,
    known: Understanding | None = None,
) -> Generator[Preview | Unread]:
    """Read files on every core, and write their unsigned two-layer PDF/A where asked.

    Close what this returns when the files are not all taken: the reading processes end then.

    Args:
        paths: the scans.
        pdf: where the PDF/A goes: a file for one scan, or an existing folder; None for none.
        settings: languages, trained data, time for a page, reading processes.
        on_interrupt: is given what stops the reading, from any thread.
        known: what papers are understood by; the program's own tables for None.

    Yields:
        The files in the order of `paths`, each as soon as it and those before it are read.

    Raises:
        ReaderStopped: it was stopped.
    """
    targets = _targets(paths, pdf)
    at_once = count_readers(settings) * _FILES_A_READER
    with (
        TemporaryDirectory(prefix="hoso-read-") as work,
        ThreadPoolExecutor(at_once, thread_name_prefix="file") as threads,
        open_readers(settings, _Timed, first_come, _TOGETHER) as readers,
    ):
        desk = _Desk(
            readers=readers,
            recognizer=open_recognizer(settings),
            known=known or Understanding(),
            work=Path(work),
        )
        on_interrupt(lambda: readers.stop(0.0))
        begun: deque[Future[Preview | Unread]] = deque()
        for order, path in enumerate(paths):
            if len(begun) >= at_once:
                yield begun.popleft().result()
            begun.append(threads.submit(_read, desk, order, path, targets[order]))
        while begun:
            yield begun.popleft().result()


class _Timed:
    """A reading process whose answers come with the seconds that they took."""

    def __init__(self, reader: Asked) -> None:
        self._reader = reader
        self.stop = reader.stop
        self.close = reader.close

    def ask(self, job: Job) -> tuple[Any, float]:
        started = time.monotonic()
        found = self._reader.ask(job)
        return found, round(time.monotonic() - started, 3)

    def ask_pages(self, pages: Sequence[PageJob]) -> list[tuple[Any, float] | None]:
        """Each page gets an equal share of the seconds of all."""
        started = time.monotonic()
        found = self._reader.ask_pages(pages)
        share = round((time.monotonic() - started) / len(pages), 3)
        return [None if page is None else (page, share) for page in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What every file is read with."""

    readers: ReaderPool
    recognizer: Recognizer
    known: Understanding
    work: Path


def _targets(paths: Sequence[Path], pdf: Path | None) -> list[Path | None]:
    """Return where each PDF/A goes; scans that differ by their ending alone keep it."""
    if pdf is None or not pdf.is_dir():
        return [pdf] * len(paths)
    stems = Counter(path.stem for path in paths)
    return [pdf / f"{path.stem if stems[path.stem] == 1 else path.name}.pdf" for path in paths]


def _read(desk: _Desk, order: int, path: Path, target: Path | None) -> Preview | Unread:
    try:
        return _preview(desk, order, path, target)
    except (DigitizeError, PathUnusable) as error:
        return Unread(path=path, error=error)
    except ChildProcessError:
        raise  # a reading process does not start: no file is to blame
    except OSError as error:
        return Unread(path=path, error=_unusable(error.filename or path, error.strerror))


def _preview(desk: _Desk, order: int, path: Path, target: Path | None) -> Preview:
    if target is not None and target.exists() and target.samefile(path):
        raise _unusable(target, "trùng với bản quét (it is the scan itself)")
    work = desk.work / str(order)
    work.mkdir()
    turn = Turn(submission=f"{order:09}", arrived=_ALIKE, pages=1)
    job = receive_job(path, path.name, path.stat().st_size, _LIMITS)
    # A file is looked at in a hundredth of the time that its pages take. So all that were begun are
    # looked at first (a sign sorts before digits), and pages wait that can be read together.
    sooner = replace(turn, submission=f"-{order:09}")
    received: Submission = desk.readers.submit(sooner, job).result()[0]
    pages, seconds = _read_pages(desk, turn, received, work)
    paper = papers.cut(pages)[0]
    wanted = rendition_job(_render(received, paper.pages), work / "rendition.pdf")
    written = desk.readers.submit(turn, wanted) if target is not None else None
    found = understand(path, paper, seconds, desk.known)
    if target is not None and written is not None:
        written.result()
        _put(wanted.target, target)
    shutil.rmtree(work)
    return found


def understand(
    path: Path, paper: Paper, seconds: tuple[float, ...], known: Understanding
) -> Preview:
    """Say what a paper that was read is, and what is written on it.

    Args:
        path: of its scan.
        paper: its pages.
        seconds: that each of them took.
        known: what it is understood by.
    """
    description = describe(paper)
    classification = classify(paper, description, known.classes)
    if classification.sure and classification.best:
        today = vietnam(now()).date()
        description = complete(description, paper, classification.best.code, known.fields, today)
    return Preview(
        path=path,
        pages=paper.pages,
        seconds=seconds,
        description=description,
        classification=classification,
    )


def _read_pages(
    desk: _Desk, turn: Turn, received: Submission, work: Path
) -> tuple[tuple[RecognizedPage, ...], tuple[float, ...]]:
    """Return the pages of a file, and the seconds of each."""
    futures = [
        desk.readers.submit(turn, page_job(received, number, desk.recognizer, work))
        for number in range(1, received.page_count + 1)
    ]
    try:
        answers = [future.result() for future in futures]
    finally:
        # After a failure no other page of the file is begun, and none still writes to its folder.
        desk.readers.withdraw(futures)
        wait(futures)
    return tuple(page for page, _ in answers), tuple(seconds for _, seconds in answers)


def _render(received: Submission, pages: tuple[RecognizedPage, ...]) -> RenderJob:
    facts = DocumentFacts(
        title=received.name,
        agency_name="",
        dossier_code=None,
        source_sha256=received.sha256,
        received_at=now(),
    )
    return RenderJob(source=received.path, media_type=received.media_type, pages=pages, facts=facts)


def _put(made: Path, target: Path) -> None:
    """Put a finished file where it was asked for; a run that is cut off leaves no half of it."""
    aside = target.with_name(f".{target.name}.tmp")
    try:
        shutil.copyfile(made, aside)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def _unusable(path: object, why: str | None) -> PathUnusable:
    return PathUnusable(
        f"Không đọc hay ghi được «{path}»: {why}. Hãy kiểm tra đường dẫn, quyền và chỗ trống.",
        f"cannot read or write {path}: {why}; check path, permissions and room",
    )


def preview_json(item: Preview | Unread) -> dict[str, Any]:
    """Show a file as JSON (docs/json.md)."""
    if isinstance(item, Unread):
        kind, error = type(item.error).__name__, item.error
        return {"file": str(item.path), "error": {"code": kind, "vi": error.vi, "en": error.en}}
    return {
        "file": str(item.path),
        "pages": [_page_json(*pair) for pair in zip(item.pages, item.seconds, strict=True)],
        "description": {
            "sure": item.classification.sure,
            "classes": to_plain(item.classification.candidates),
            "fields": to_plain(item.description.fields),
        },
    }


def _page_json(page: RecognizedPage, seconds: float) -> dict[str, Any]:
    return {
        "number": page.number,
        "text": page.text,
        "overlay_text": "\n".join(line.text for line in page.overlay),
        "confidence": round(page.confidence, 4),
        "legal_share": round(page.legal_share, 4),
        "readable": page.readable,
        "dpi": page.dpi,
        "skew_degrees": page.skew_degrees,
        "orientation": page.quarter_turns * 90,
        "recipe": page.recipe,
        "seconds": seconds,
        "words": [to_plain(word) for line in page.lines for word in line.words],
    }
