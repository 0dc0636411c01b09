"""Read a file without filing it: what `hoso read` shows."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.codec import to_plain
from config.settings import ReadingSettings
from config.vocabulary import load_classes
from desk.moments import now
from desk.startup import open_recognizer
from digitize import images, intake, papers, pdfa, reading
from digitize.classify import classify
from digitize.describe import describe
from digitize.intake import Limits
from digitize.metadata import DocumentFacts
from digitize.model import Classification, Description, RecognizedPage, Submission

_LIMITS = Limits(max_bytes=500_000_000, max_pages=1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """One file as read."""

    path: Path
    pages: tuple[RecognizedPage, ...]
    seconds: tuple[float, ...]
    """For each page."""
    description: Description
    classification: Classification


def preview(path: Path, pdf: Path | None, settings: ReadingSettings) -> Preview:
    """Read a file, and write its unsigned two-layer PDF/A where asked.

    Args:
        path: the scan.
        pdf: where the PDF/A goes: a file, or an existing folder; None for none.
        settings: languages, trained data, time for a page.

    Raises:
        IntakeError, RecognitionError, NotArchival: it cannot be taken, read or written.
    """
    received = intake.receive(path, path.name, _LIMITS)
    recognizer = open_recognizer(settings)
    pages, seconds = [], []
    with tempfile.TemporaryDirectory(prefix="hoso-read-") as work:
        for page in images.extract_pages(received):
            started = time.monotonic()
            pages.append(reading.read_page(page, recognizer, Path(work)))
            seconds.append(round(time.monotonic() - started, 3))
    paper = papers.cut(tuple(pages))[0]
    description = describe(paper)
    if pdf is not None:
        _write_pdf(received, paper.pages, pdf / f"{path.stem}.pdf" if pdf.is_dir() else pdf)
    return Preview(
        path=path,
        pages=paper.pages,
        seconds=tuple(seconds),
        description=description,
        classification=classify(paper, description, load_classes()),
    )


def _write_pdf(received: Submission, pages: tuple[RecognizedPage, ...], target: Path) -> None:
    facts = DocumentFacts(
        title=received.name,
        agency_name="",
        dossier_code=None,
        source_sha256=received.sha256,
        received_at=now(),
    )
    job = pdfa.RenderJob(
        source=received.path, media_type=received.media_type, pages=pages, facts=facts
    )
    pdfa.make_rendition(job, target)


def preview_json(item: Preview) -> dict[str, Any]:
    """Show a preview as JSON (docs/json.md)."""
    return {
        "file": str(item.path),
        "pages": [
            {
                "number": page.number,
                "text": page.text,
                # Words inside seals get a place of their own once they are told apart.
                "overlay_text": "",
                "confidence": round(page.confidence, 4),
                "dpi": page.dpi,
                "skew_degrees": page.skew_degrees,
                "orientation": page.quarter_turns * 90,
                "recipe": page.recipe,
                "seconds": seconds,
                "words": [to_plain(word) for line in page.lines for word in line.words],
            }
            for page, seconds in zip(item.pages, item.seconds, strict=True)
        ],
        "description": {
            "sure": item.classification.sure,
            "classes": to_plain(item.classification.candidates),
            "fields": to_plain(item.description.fields),
        },
    }
