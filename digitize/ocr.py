"""The only door to Tesseract, through pytesseract: one pass gives words, boxes and confidence.

`run_tesseract` is called rather than pytesseract's one-line functions, because those drop the
resolution, take no page limit in one pass, and write their temporary files outside the station.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pytesseract
from pytesseract import pytesseract as engine

from digitize.enhance import write_grey
from digitize.errors import EngineMissing, RecognitionFailed, RecognitionTimeout
from digitize.frames import Picture
from digitize.model import Line, Word

_POINTS_PER_INCH = 72.0
_WORD_LEVEL = 5
# A page of words is rarely more; what had less room than this left may be half of one.
_ROOM_BYTES = 64 * 1024
_ROTATION = re.compile(r"^Rotate: (\d+)", re.MULTILINE)
_ROTATION_CONFIDENCE = re.compile(r"^Orientation confidence: ([\d.]+)", re.MULTILINE)
_MIN_ROTATION_CONFIDENCE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineProbe:
    """What `hoso doctor` shows of the engine."""

    path: str | None
    version: str | None
    languages: tuple[str, ...]


def probe() -> EngineProbe:
    """Tell which Tesseract is installed, with which languages; never raises."""
    path = shutil.which(engine.tesseract_cmd)
    if path is None:
        return EngineProbe(path=None, version=None, languages=())
    version = str(pytesseract.get_tesseract_version())
    return EngineProbe(path=path, version=version, languages=tuple(pytesseract.get_languages()))


def limit_threads() -> None:
    """Make each Tesseract use one thread; parallel pages use the cores better than OpenMP does."""
    os.environ["OMP_THREAD_LIMIT"] = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognizer:
    """Reads prepared pages with Tesseract.

    Raises from its methods:
        EngineMissing: Tesseract or a language is not installed.
        RecognitionFailed, RecognitionTimeout: it ended with an error, or took too long.
    """

    languages: str
    """Joined by `+`, as Tesseract takes them."""
    tessdata: str
    """Folder of trained data; empty for the system's."""
    page_seconds: float

    def read(self, picture: Picture, dpi: float, work: Path) -> tuple[Line, ...]:
        """Return the lines of a page in reading order; boxes in points.

        Args:
            picture: grey, upright, level.
            dpi: its resolution; Tesseract guesses badly without.
            work: existing folder for the temporary files.
        """
        # pytesseract drops "tsv" from the outputs it is given, so the variable asks for it.
        options = f"--psm 3 --dpi {round(dpi)} -c tessedit_create_tsv=1"
        table = self._run(picture, work, "tsv", options)
        return parse_table(table, _POINTS_PER_INCH / dpi)

    def read_marks(self, picture: Picture, dpi: float, work: Path) -> tuple[Line, ...]:
        """Return single words and lines wherever they stand, as stamps do; else like `read`."""
        options = f"--psm 11 --dpi {round(dpi)} -c tessedit_create_tsv=1"
        table = self._run(picture, work, "tsv", options)
        return parse_table(table, _POINTS_PER_INCH / dpi)

    def quarter_turns(self, picture: Picture, dpi: float, work: Path) -> int:
        """Return the clockwise quarter turns that make a page upright; 0 when it cannot be told."""
        try:
            table = self._run(picture, work, "osd", f"--psm 0 --dpi {round(dpi)}", languages="osd")
        except RecognitionFailed:
            return 0  # too few characters to tell: the page stays as it is
        turn = _ROTATION.search(table)
        confidence = _ROTATION_CONFIDENCE.search(table)
        if not turn or not confidence or float(confidence[1]) < _MIN_ROTATION_CONFIDENCE:
            return 0
        return int(turn[1]) // 90 % 4

    def _run(
        self, picture: Picture, work: Path, output: str, options: str, *, languages: str = ""
    ) -> str:
        source, base = work / "read.pgm", work / "read"
        if self.tessdata:
            options += f' --tessdata-dir "{self.tessdata}"'
        try:
            write_grey(source, picture)
            engine.run_tesseract(
                str(source),
                str(base),
                output,
                languages or self.languages,
                options,
                0,
                self.page_seconds,
            )
            table = base.with_suffix(f".{output}").read_text(encoding="utf-8")
            _require_room(work)
            return table
        except pytesseract.TesseractNotFoundError as error:
            raise EngineMissing(
                "Chưa cài Tesseract. Hãy cài gói tesseract-ocr và tesseract-ocr-vie rồi chạy lại.",
                "Tesseract is not installed; install tesseract-ocr and tesseract-ocr-vie",
            ) from error
        except (pytesseract.TesseractError, FileNotFoundError) as error:
            _require_room(work)
            raise _failure(error, languages or self.languages) from error
        except RuntimeError as error:  # pytesseract tells a time-out so
            raise RecognitionTimeout(
                f"Trang này đọc quá {self.page_seconds:.0f} giây nên đã dừng. "
                "Hãy quét lại rõ hơn, hoặc tăng [reading] page_seconds.",
                "recognition of a page took too long",
            ) from error
        finally:
            for path in (source, base.with_suffix(f".{output}")):
                path.unlink(missing_ok=True)


def _require_room(work: Path) -> None:
    """Refuse a result that was written to a full disk: Tesseract leaves half of it, and no word.

    Raises:
        OSError: ENOSPC.
    """
    if shutil.disk_usage(work).free < _ROOM_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(work))


def _failure(error: pytesseract.TesseractError | FileNotFoundError, languages: str) -> Exception:
    if isinstance(error, FileNotFoundError):  # it ended well and left nothing
        return _unreadable("Tesseract wrote no result")
    message = str(error.message)
    if "Failed loading language" in message or "Error opening data file" in message:
        return EngineMissing(
            f"Tesseract thiếu dữ liệu ngôn ngữ «{languages}». Hãy cài gói tesseract-ocr-vie.",
            f"trained data for {languages!r} is missing",
        )
    return _unreadable(f"Tesseract ended with status {error.status}")


def _unreadable(en: str) -> RecognitionFailed:
    return RecognitionFailed("Tesseract không đọc được trang này. Hãy quét lại giấy này.", en)


def parse_table(table: str, scale: float) -> tuple[Line, ...]:
    """Turn Tesseract's TSV into lines of words.

    Args:
        table: the TSV, with its heading.
        scale: points a pixel.
    """
    lines: dict[tuple[str, ...], list[Word]] = {}
    for row in table.split("\n")[1:]:  # a word may hold what `splitlines` takes for a line's end
        cells = row.split("\t")
        if len(cells) < 12 or int(cells[0]) != _WORD_LEVEL or not cells[11].strip():
            continue
        left, top, width, height = (float(cell) * scale for cell in cells[6:10])
        word = Word(
            text=normalise(cells[11]),
            box=(left, top, left + width, top + height),
            confidence=max(0.0, float(cells[10])) / 100,
        )
        lines.setdefault(tuple(cells[1:5]), []).append(word)
    return tuple(make_line(words) for words in lines.values())


def normalise(text: str) -> str:
    """NFC, without the spaces around."""
    return unicodedata.normalize("NFC", text).strip()


def make_line(words: list[Word]) -> Line:
    """Join words to a line whose box holds them all."""
    boxes = [word.box for word in words]
    return Line(
        words=tuple(words),
        box=(
            min(box[0] for box in boxes),
            min(box[1] for box in boxes),
            max(box[2] for box in boxes),
            max(box[3] for box in boxes),
        ),
    )
