"""Parts that the tests of digitizing share: readings of the samples, pages made of lines."""

from __future__ import annotations

import datetime as dt
import json
import stat
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from config.rules import load_rule_set
from config.vocabulary import load_classes
from digitize import gate, images, intake, papers, pdfa, reading
from digitize.classify import classify
from digitize.describe import describe
from digitize.frames import Picture
from digitize.images import PageImage
from digitize.metadata import DocumentFacts
from digitize.model import (
    Classification,
    Description,
    GateResult,
    Line,
    MediaType,
    PageKind,
    Paper,
    RecognizedPage,
    Rendition,
    Submission,
    Word,
)
from digitize.ocr import Recognizer, make_line
from fixtures.blocks import Style
from fixtures.raster import Sheet, draw_page
from fixtures.typesetting import Laid
from fixtures.typesetting import Word as PlacedWord

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLES = ROOT / "desk/demo/samples"
REGISTER = ROOT / "desk/demo/register"
TRUTHS: list[dict[str, Any]] = [
    json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "fixtures/truth").rglob("*.json"))
]
RECOGNIZER = Recognizer(languages="vie", tessdata="", page_seconds=180.0)
LIMITS = intake.Limits(max_bytes=500_000_000, max_pages=1000)
CLASSES = load_classes()
RULES = load_rule_set(dt.date(2026, 11, 20))
RECEIVED_AT = dt.datetime(2026, 11, 20, 8, 0, tzinfo=dt.timezone(dt.timedelta(hours=7)))
"""When every test file is said to have come in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One sample, read to the end."""

    truth: dict[str, Any]
    submission: Submission
    paper: Paper
    description: Description
    classification: Classification
    gate: GateResult
    rendition: Rendition


def sample_path(truth: dict[str, Any]) -> Path:
    """Return where a sample lies."""
    path = SAMPLES / str(truth["dossier_code"]) / str(truth["file"])
    return path if path.exists() else REGISTER / str(truth["file"])


def facts(title: str = "thu-nghiem.pdf", **changes: Any) -> DocumentFacts:
    """Return the facts of an invented paper."""
    values: dict[str, Any] = {
        "title": title,
        "agency_name": "ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM",
        "dossier_code": "H26.99-261105-0001",
        "source_sha256": "0" * 64,
        "received_at": RECEIVED_AT,
    }
    return DocumentFacts(**{**values, **changes})


def pages_of(submission: Submission) -> Iterator[PageImage]:
    """Yield the pages of a file as pictures, each decoded when asked for."""
    for number in range(1, submission.page_count + 1):
        yield images.extract_page(submission, number)


def read_file(path: Path, work: Path) -> tuple[Submission, tuple[RecognizedPage, ...]]:
    """Receive a file and read every page."""
    submission = intake.receive(path, path.name, LIMITS)
    pages = [reading.read_page(page, RECOGNIZER, work) for page in pages_of(submission)]
    return submission, tuple(pages)


def render_file(submission: Submission, pages: tuple[RecognizedPage, ...], to: Path) -> Rendition:
    """Write the preservation copy of a file that was read."""
    job = pdfa.RenderJob(
        source=submission.path,
        media_type=submission.media_type,
        pages=pages,
        facts=facts(submission.name, source_sha256=submission.sha256),
    )
    return pdfa.make_rendition(job, to)


def read_sample(truth: dict[str, Any], work: Path) -> Sample:
    """Take one sample through every stage of this package."""
    work.mkdir()
    submission, pages = read_file(sample_path(truth), work)
    assert not list(work.iterdir()), "reading leaves its folder as it was found"
    (paper,) = papers.cut(pages)
    description = describe(paper)
    return Sample(
        truth=truth,
        submission=submission,
        paper=paper,
        description=description,
        classification=classify(paper, description, CLASSES),
        gate=gate.check(paper, RULES),
        rendition=render_file(submission, pages, work / "rendition.pdf"),
    )


def read_samples(truths: Iterable[dict[str, Any]], root: Path) -> dict[str, Sample]:
    """Read samples two at a time; the keys are `<dossier code>/<file>`."""
    wanted = list(truths)
    with ThreadPoolExecutor(max_workers=2) as pool:
        folders = [root / str(number) for number in range(len(wanted))]
        found = list(pool.map(read_sample, wanted, folders))
    return {f"{item.truth['dossier_code']}/{item.truth['file']}": item for item in found}


def run_tool(*command: str | Path) -> str:
    """Run one of poppler's programs and return what it prints."""
    done = subprocess.run(
        [str(part) for part in command], check=True, capture_output=True, encoding="utf-8"
    )
    assert not done.stderr, done.stderr
    return done.stdout


def line(text: str, left: float, top: float, height: float = 12.0) -> Line:
    """Make a line whose words lie beside each other, as wide as letters are."""
    words, x = [], left
    for piece in text.split():
        width = 0.5 * height * len(piece)
        words.append(Word(text=piece, box=(x, top, x + width, top + height), confidence=0.95))
        x += width + 0.4 * height
    return make_line(words)


def centred(text: str, top: float, height: float = 12.0) -> Line:
    """Make a line in the middle of an A4 page."""
    wide = line(text, 0.0, top, height)
    return line(text, (595 - wide.box[2]) / 2, top, height)


def page_of(lines: Sequence[Line], **changes: Any) -> RecognizedPage:
    """Make a recognised A4 page."""
    values: dict[str, Any] = {
        "number": 1,
        "kind": PageKind.IMAGE,
        "width": 595.0,
        "height": 842.0,
        "dpi": 200.0,
        "quarter_turns": 0,
        "skew_degrees": 0.0,
        "recipe": "grey",
        "confidence": 0.95,
        "lines": tuple(lines),
        "barcodes": (),
        "colour": False,
    }
    return RecognizedPage(**{**values, **changes})


def paper_of(*pages: Sequence[Line]) -> Paper:
    """Make a paper of pages of lines."""
    numbered = [page_of(lines, number=number + 1) for number, lines in enumerate(pages)]
    return Paper(number=1, pages=tuple(numbered), reason="Mỗi tệp là một giấy tờ")


def heading(number: str = "", place_date: str = "") -> list[Line]:
    """Make the head of an administrative document (NĐ 30/2020/NĐ-CP Art. 8)."""
    found = [
        line("ỦY BAN NHÂN DÂN", 70, 60, 10),
        line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 290, 60, 10),
        line("XÃ THỬ NGHIỆM", 80, 73, 10),
        line("Độc lập - Tự do - Hạnh phúc", 330, 73, 10),
    ]
    if number:
        found.append(line(number, 70, 100, 10))
    if place_date:
        found.append(line(place_date, 330, 100, 10))
    return found


def sheet(texts: Sequence[str], dpi: int = 200, size: float = 13.0) -> np.ndarray[Any, Any]:
    """Draw lines of text on a white A4 sheet, RGB, 8 mm apart."""
    style = Style(size=size)
    items = [
        PlacedWord(text=text, x=25.0, y=40.0 + 8.0 * index, style=style)
        for index, text in enumerate(texts)
    ]
    laid = Laid(items=tuple(items), bottom=0.0, readings=())
    return np.array(draw_page(laid, Sheet(dpi=dpi, family="serif", tint=(255, 255, 255))))


def page_image(picture: Picture, dpi: float = 200.0, *, bitonal: bool = False) -> PageImage:
    """Return a picture as the page of a file."""
    return PageImage(
        number=1,
        kind=PageKind.IMAGE,
        picture=picture,
        dpi=dpi,
        quarter_turns=0,
        bitonal=bitonal,
        lines=(),
    )


def save_picture(pixels: np.ndarray[Any, Any], path: Path, **options: Any) -> Path:
    """Save pixels as a file; the ending of the name chooses the format."""
    Image.fromarray(pixels).save(path, **{"dpi": (200, 200), **options})
    return path


def is_pdf(submission: Submission) -> bool:
    """Tell whether a submission came as PDF."""
    return submission.media_type is MediaType.PDF


def broken_engine(folder: Path, ending: str) -> Path:
    """Write a program that answers for its version as Tesseract does, and then ends badly."""
    path = folder / "tesseract-hong"
    path.write_text(f'#!/bin/sh\n[ "$1" = --version ] && exec tesseract --version\n{ending}\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path
