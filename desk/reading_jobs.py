"""The jobs of a reading process, with the time that each is given."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from config.settings import ReadingSettings
from desk.engine.readers import Asked, Policy, ReaderPool, small_first
from digitize.access_job import AccessJob
from digitize.crops import CropSpot
from digitize.intake import Limits
from digitize.model import Submission
from digitize.ocr import Engine, Recognizer, limit_threads
from digitize.pdfa import RenderJob
from digitize.reader import Reader
from digitize.wire import CopyJob, CropJob, PageJob, ReceiveJob, RenditionJob

# Tesseract is ended by its own time-out, which names the setting; this one ends everything else.
_GRACE_SECONDS = 10.0
# Looking decodes every picture once, the slowest at some megabytes a second on a busy machine.
_RECEIVE_SECONDS, _RECEIVE_BYTES_A_SECOND = 60.0, 500_000
# A page that must be drawn and packed takes 2 s.
_RENDER_SECONDS, _RENDER_SECONDS_A_PAGE = 60.0, 20.0
# Drawing one page.
_CROP_SECONDS = 60.0
# The smallest page of a scan has some ten thousand bytes; its copy takes 2 s.
_COPY_SECONDS, _COPY_BYTES_A_SECOND = 60.0, 1_000


def open_recognizer(settings: ReadingSettings) -> Recognizer:
    """Return the engine with a station's languages and limits."""
    limit_threads()
    return Recognizer(
        languages=settings.languages,
        tessdata=settings.tessdata,
        page_seconds=settings.page_seconds,
        engine=Engine(settings.engine),
        repair=settings.repair,
    )


def count_readers(settings: ReadingSettings) -> int:
    """Return how many reading processes there are: one a core, or as many as the settings say."""
    return settings.workers or os.cpu_count() or 1


def open_readers(
    settings: ReadingSettings,
    wrap: Callable[[Reader], Asked] = lambda reader: reader,
    policy: Policy = small_first,
    together: int = 1,
) -> ReaderPool:
    """Return the reading processes.

    Args:
        settings: how many, and the memory of each.
        wrap: what stands between the pool and each process.
        policy: whose job is next.
        together: how many pages each may be given at once.
    """
    memory_bytes = settings.memory_megabytes * 1_000_000
    return ReaderPool(count_readers(settings), lambda: wrap(Reader(memory_bytes)), policy, together)


def receive_job(path: Path, name: str, size_bytes: int, limits: Limits) -> ReceiveJob:
    """Return the job of looking at a file."""
    seconds = _RECEIVE_SECONDS + size_bytes / _RECEIVE_BYTES_A_SECOND
    return ReceiveJob(path=path, name=name, limits=limits, seconds=seconds)


def page_job(received: Submission, number: int, recognizer: Recognizer, work: Path) -> PageJob:
    """Return the job of reading one page, from 1."""
    seconds = recognizer.page_seconds + _GRACE_SECONDS
    return PageJob(
        submission=received, number=number, recognizer=recognizer, work=work, seconds=seconds
    )


def rendition_job(render: RenderJob, target: Path) -> RenditionJob:
    """Return the job of writing a PDF/A."""
    seconds = _RENDER_SECONDS + _RENDER_SECONDS_A_PAGE * len(render.pages)
    return RenditionJob(render=render, target=target, seconds=seconds)


def copy_job(access: AccessJob, target: Path, size_bytes: int) -> CopyJob:
    """Return the job of writing an access copy of a PDF of so many bytes."""
    seconds = _COPY_SECONDS + size_bytes / _COPY_BYTES_A_SECOND
    return CopyJob(access=access, target=target, seconds=seconds)


def crop_job(spot: CropSpot, target: Path) -> CropJob:
    """Return the job of drawing a piece of a page."""
    return CropJob(spot=spot, target=target, seconds=_CROP_SECONDS)
