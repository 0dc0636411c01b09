"""CPU time of each stage on the sample pages, and the share of the bare engine in all of it.

python bench/stages.py [--samples N]
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.vocabulary import load_classes
from digitize import classify, describe, images, intake, papers, pdfa, reading, recipes
from digitize.barcodes import find_barcodes
from digitize.intake import Limits
from digitize.metadata import DocumentFacts
from digitize.ocr import Recognizer, limit_threads

SAMPLES = Path(__file__).resolve().parent.parent / "desk" / "demo" / "samples"
LIMITS = Limits(max_bytes=500_000_000, max_pages=100)
LANGUAGES = "vie"


def cpu_seconds() -> float:
    """Return user and system time of this process and its ended children."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


class Clock:
    """Adds up CPU time by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure one stage."""
        started = cpu_seconds()
        yield
        self.seconds[name] += cpu_seconds() - started


def measure(path: Path, clock: Clock, work: Path) -> int:
    """Take one sample through the stages before signing; return its pages."""
    recognizer = Recognizer(languages=LANGUAGES, tessdata="", page_seconds=180.0)
    with clock.stage("receive"):
        received = intake.receive(path, path.name, LIMITS)
    pages = []
    for number in range(1, received.page_count + 1):
        with clock.stage("decode or draw"):
            page = images.extract_page(received, number)
        with clock.stage("prepare"):
            prepared = recipes.prepare(page)
        with clock.stage("bare engine"):
            recognizer.read(prepared.picture, page.dpi, work)
        with clock.stage("QR codes"):
            find_barcodes(prepared.picture, page.dpi)
        with clock.stage("read_page as a whole"):
            pages.append(reading.read_page(page, recognizer, work))
    paper = papers.cut(tuple(pages))[0]
    with clock.stage("describe and classify"):
        description = describe.describe(paper)
        classify.classify(paper, description, load_classes())
    facts = DocumentFacts(
        title=path.name,
        agency_name="",
        dossier_code=None,
        source_sha256=received.sha256,
        received_at=dt.datetime(2026, 11, 21, tzinfo=dt.UTC),
    )
    job = pdfa.RenderJob(
        source=path, media_type=received.media_type, pages=paper.pages, facts=facts
    )
    with clock.stage("PDF/A written and checked"):
        pdfa.make_rendition(job, work / "out.pdf")
    return len(paper.pages)


def main() -> None:
    """Print CPU milliseconds a page for each stage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=8, help="how many sample files")
    wanted = parser.parse_args().samples
    limit_threads()
    clock, pages = Clock(), 0
    files = [
        path
        for path in sorted(SAMPLES.rglob("*"))
        if path.is_file() and not path.name.startswith("loi-")
    ]
    with tempfile.TemporaryDirectory(prefix="hoso-bench-") as work:
        for path in files[:wanted]:
            pages += measure(path, clock, Path(work))
    print(f"{'stage':<28}{'CPU ms a page':>14}")
    for name, seconds in clock.seconds.items():
        print(f"{name:<28}{1000 * seconds / pages:>14.0f}")
    bare = clock.seconds.pop("bare engine")
    for part in ("prepare", "QR codes"):
        clock.seconds.pop(part)  # these are parts of read_page, measured once more alone
    whole = sum(clock.seconds.values())
    print(f"pages={pages} engine_ms={1000 * bare / pages:.0f} whole_ms={1000 * whole / pages:.0f} "
          f"engine_share={bare / whole:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
