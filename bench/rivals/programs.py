"""The programs that are compared: each takes files and writes a PDF for each into a folder."""

from __future__ import annotations

import compileall
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from digitize import render
from digitize.frames import Picture
from fixtures.reading.truth import Truth

ROOT = Path(__file__).resolve().parents[2]
RIVAL = ROOT / "bench" / ".ocrmypdf" / "bin"
OCRMYPDF, IMG2PDF = RIVAL / "ocrmypdf", RIVAL / "img2pdf"
CORES = os.cpu_count() or 1
LANGUAGES = "vie"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a run took."""

    pages: int
    seconds: float
    """Wall."""
    cpu_seconds: float
    """User and system, of every process of the run."""

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            pages=self.pages + other.pages,
            seconds=self.seconds + other.seconds,
            cpu_seconds=self.cpu_seconds + other.cpu_seconds,
        )

    @property
    def pages_per_minute(self) -> float:
        """Speed."""
        return 60 * self.pages / self.seconds if self.seconds else 0.0

    @property
    def cpu_per_page(self) -> float:
        """Seconds."""
        return self.cpu_seconds / self.pages if self.pages else 0.0


NOTHING = Spent(pages=0, seconds=0.0, cpu_seconds=0.0)


class Program(Protocol):
    """One column of the bench."""

    @property
    def name(self) -> str:
        """Short, for the table."""

    def convert(self, files: Sequence[Truth], out: Path) -> None:
        """Read files and write `<name of the file>.pdf` or `<stem>.pdf` into a folder."""


def compile_ours() -> None:
    """Compile our packages, as an installed program and its rivals are: else each start does."""
    for package in ("config", "digitize", "signing", "storage", "desk"):
        compileall.compile_dir(ROOT / package, quiet=1)


def measure(program: Program, files: Sequence[Truth], out: Path) -> Spent:
    """Run a program over files; nothing else of this process may run meanwhile."""
    out.mkdir(parents=True, exist_ok=True)
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    program.convert(files, out)
    seconds, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Spent(
        pages=sum(len(item.pages) for item in files),
        seconds=seconds,
        cpu_seconds=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
    )


def bind(files: Sequence[Truth], target: Path) -> Truth:
    """Bind pictures into one PDF, their bytes as they are; return it as a file of many pages."""
    subprocess.run(
        [str(IMG2PDF), "-o", str(target), *(str(item.path) for item in files)], check=True
    )
    pages = tuple(page for item in files for page in item.pages)
    return replace(files[0], path=target, pages=pages)


def pdf_of(item: Truth, out: Path) -> Path:
    """Return where a program wrote the PDF of a file."""
    return out / f"{item.path.stem}.pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hoso:
    """`hoso read --pdf`, one command for all files, as many reading processes as cores."""

    name: str
    station: Path | None = None
    """Folder with the `hoso.toml` to read with; None for the defaults."""

    def convert(self, files: Sequence[Truth], out: Path) -> None:
        """Read all files at once; what was read lies in `read.json` beside the PDFs."""
        environment = {key: text for key, text in os.environ.items() if key != "HOSO_STATION"}
        if self.station is not None:
            environment["HOSO_STATION"] = str(self.station)
        command = [sys.executable, "-m", "desk.cli.main", "read", "--json", "--pdf", str(out)]
        paths = [str(item.path) for item in files]
        with (out / "read.json").open("w", encoding="utf-8") as shown:
            subprocess.run([*command, *paths], cwd=ROOT, stdout=shown, env=environment)


@dataclass(frozen=True, slots=True, kw_only=True)
class OcrMyPdf:
    """OCRmyPDF with its defaults, a file each; as many side by side as there are cores.

    Its Tesseracts get one thread each: with more of them than cores it takes several times as long.
    """

    name: str = "OCRmyPDF"

    def convert(self, files: Sequence[Truth], out: Path) -> None:
        """Read each file; one that it refuses has no PDF."""
        environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}

        def read(item: Truth) -> None:
            # A photo's file does not say its resolution, and OCRmyPDF asks for one.
            known = ["--image-dpi", str(item.dpi)] if item.path.suffix != ".pdf" else []
            wanted = ["-l", LANGUAGES, "--output-type", "pdfa", "--jobs", str(CORES), "-q", *known]
            command = [str(OCRMYPDF), *wanted, str(item.path), str(pdf_of(item, out))]
            subprocess.run(command, env=environment, check=False, capture_output=True)

        _side_by_side(read, files)


@dataclass(frozen=True, slots=True, kw_only=True)
class BareTesseract:
    """The program alone, on the picture as it came: PDF and table, one thread each."""

    pictures: Path
    """Where the pictures inside PDFs lie, taken out beforehand."""
    name: str = "tesseract"

    def convert(self, files: Sequence[Truth], out: Path) -> None:
        """Read each file's picture."""
        environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}

        def read(item: Truth) -> None:
            source, target = self._picture(item), out / item.path.stem
            wanted = ["-l", LANGUAGES, "--psm", "3", "--dpi", str(item.dpi), "pdf", "tsv"]
            command = ["tesseract", str(source), str(target), *wanted]
            subprocess.run(command, env=environment, check=True, capture_output=True)

        _side_by_side(read, files)

    def take_out(self, files: Sequence[Truth]) -> None:
        """Draw the pictures that lie inside PDFs: not part of what is measured."""
        self.pictures.mkdir(parents=True, exist_ok=True)
        for item in files:
            if item.path.suffix == ".pdf":
                picture = render.draw(item.path, 0, item.dpi, annotations=False)
                self._picture(item).write_bytes(_netpbm(picture))

    def _picture(self, item: Truth) -> Path:
        is_pdf = item.path.suffix == ".pdf"
        return self.pictures / f"{item.path.stem}.pnm" if is_pdf else item.path


def _netpbm(picture: Picture) -> bytes:
    kind = b"P5" if picture.ndim == 2 else b"P6"
    return b"%s\n%d %d\n255\n%s" % (kind, picture.shape[1], picture.shape[0], picture.tobytes())


def _side_by_side(read: Callable[[Truth], None], files: Sequence[Truth]) -> None:
    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(read, files))
