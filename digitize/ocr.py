"""The only door to recognition: one pass of Tesseract gives words, boxes and confidence.

It is called through pytesseract, or through tesserocr where the station says so. Of pytesseract,
`run_tesseract` is called rather than its one-line functions, because those drop the resolution,
take no page limit in one pass, and write their temporary files outside the station.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import re
import shutil
import signal
import struct
import subprocess
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import assert_never

import numpy as np
import pytesseract
from pytesseract import pytesseract as engine

from digitize import fast_engine
from digitize.errors import EngineMissing, RecognitionFailed, RecognitionTimeout
from digitize.fast_engine import NEGATIVE_TOO, Look, Orientation, Trained
from digitize.frames import Picture
from digitize.model import Line, Word

_POINTS_PER_INCH = 72.0
_WORD_LEVEL = 5
# Tesseract's own limit of a picture's sides, points.
_MAX_SIDE = 32_767
# The name of its trained data and of what it writes.
_ORIENTATION_LANGUAGE = "osd"
_RUNNING_TEXT, _COLUMN, _BLOCK, _SINGLE_ROW, _SPARSE_TEXT = 3, 4, 6, 7, 11
# What a picture is taken for where the engine crashes over it as what it was taken for: Tesseract
# 5.3 divides by zero over some rows of handwriting between dots.
_OTHERWISE = {
    _RUNNING_TEXT: (_COLUMN, _BLOCK, _SPARSE_TEXT),
    _SINGLE_ROW: (_BLOCK, _SPARSE_TEXT),
    _SPARSE_TEXT: (_BLOCK,),
}
_CRASHES = {signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV}
_PSM = re.compile(r"--psm (\d+)")
# A BMP: its two heads, the table of its 256 greys, and to how many bytes each row is filled up.
_BMP_HEAD, _BMP_INFO = struct.Struct("<2s3I"), struct.Struct("<I2i2H2I2i2I")
_BMP_GREYS = bytes(byte for grey in range(256) for byte in (grey, grey, grey, 0))
_BMP_ALIGNED = 4
# Freed memory stays the engine's own: given back and fetched again for every line of a page, it
# costs a twenty-fifth of all its work.
_KEEPS_MEMORY = {"MALLOC_TRIM_THRESHOLD_": str(1 << 30), "MALLOC_MMAP_THRESHOLD_": str(32 << 20)}
# A page of words is rarely more; what had less room than this left may be half of one.
_ROOM_BYTES = 64 * 1024
# It answers within some milliseconds.
_LIST_SECONDS = 30.0
_TESSDATA = re.compile(r'languages in "(.+?)/?"')
_ROTATION = re.compile(r"^Rotate: (\d+)", re.MULTILINE)
_ROTATION_CONFIDENCE = re.compile(r"^Orientation confidence: ([\d.]+)", re.MULTILINE)
_MIN_ROTATION_CONFIDENCE = 1.0


class EngineCrashed(RecognitionFailed):
    """The system ended the engine over what it read; of several pictures nobody knows which."""


class Engine(StrEnum):
    """How Tesseract is called."""

    PYTESSERACT = "pytesseract"
    TESSEROCR = "tesserocr"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineProbe:
    """What `hoso doctor` shows of the engine."""

    path: str | None
    """The program; None where it is not installed."""
    version: str | None
    tessdata: str | None
    """Folder of the trained data that it reads with."""
    languages: tuple[str, ...]
    """Those that lie there."""
    fast_version: str | None
    """Of the Tesseract inside tesserocr; None where that is not installed."""


def probe(tessdata: str = "") -> EngineProbe:
    """Tell which Tesseract is installed, with which languages; never raises.

    Args:
        tessdata: folder of trained data; empty for the system's.
    """
    path = shutil.which(engine.tesseract_cmd)
    folder, languages = _list_trained(engine.tesseract_cmd, tessdata)
    return EngineProbe(
        path=path,
        version=str(pytesseract.get_tesseract_version()) if path else None,
        tessdata=folder,
        languages=languages,
        fast_version=fast_engine.version(),
    )


@functools.cache
def _list_trained(program: str, tessdata: str) -> tuple[str | None, tuple[str, ...]]:
    """Ask the program where its trained data lies, and for which languages."""
    chosen = ["--tessdata-dir", tessdata] if tessdata else []
    try:
        listed = subprocess.run(  # noqa: S603  the engine itself, and a folder of the settings
            [program, "--list-langs", *chosen],
            capture_output=True,
            check=True,
            text=True,
            timeout=_LIST_SECONDS,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None, ()
    folder = _TESSDATA.search(listed)
    return folder[1] if folder else None, tuple(listed.splitlines()[1:])


def limit_threads() -> None:
    """Make each Tesseract use one thread; parallel pages use the cores better than OpenMP does."""
    os.environ["OMP_THREAD_LIMIT"] = "1"


def let_engine_keep_memory() -> None:
    """Make each Tesseract that this process starts keep the memory it was given until it ends."""
    os.environ.update(_KEEPS_MEMORY)


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
    engine: Engine = Engine.PYTESSERACT
    repair: bool = True
    """Marks that cannot have been meant are put right afterwards (`digitize.repair`)."""

    def read(
        self, picture: Picture, dpi: float, work: Path, *, negative_too: bool = True
    ) -> tuple[Line, ...]:
        """Return the lines of a page in reading order; boxes in points.

        Args:
            picture: grey, upright, level.
            dpi: its resolution; Tesseract guesses badly without.
            work: existing folder for the temporary files.
            negative_too: light print on dark ground may stand there.
        """
        look = Look(dpi=round(dpi), psm=_RUNNING_TEXT, negative_too=negative_too)
        return self._lines(picture, dpi, look, work)

    def read_marks(self, picture: Picture, dpi: float, work: Path) -> tuple[Line, ...]:
        """Return single words and lines wherever they stand, as stamps do; else like `read`."""
        return self._lines(picture, dpi, Look(dpi=round(dpi), psm=_SPARSE_TEXT), work)

    def read_row(self, picture: Picture, dpi: float, work: Path) -> tuple[Line, ...]:
        """Return the words of a picture that holds a single row; else like `read`."""
        return self._lines(picture, dpi, Look(dpi=round(dpi), psm=_SINGLE_ROW), work)

    def quarter_turns(self, picture: Picture, dpi: float, work: Path) -> int:
        """Return the clockwise quarter turns that make a page upright; 0 when it cannot be told."""
        match self.engine:
            case Engine.PYTESSERACT:
                found = self._find_orientation(picture, dpi, work)
            case Engine.TESSEROCR:
                trained = self._trained(_ORIENTATION_LANGUAGE)
                found = fast_engine.find_orientation(picture, round(dpi), trained)
            case _:
                assert_never(self.engine)
        is_sure = found is not None and found.confidence >= _MIN_ROTATION_CONFIDENCE
        return found.quarter_turns if found is not None and is_sure else 0

    def _lines(self, picture: Picture, dpi: float, look: Look, work: Path) -> tuple[Line, ...]:
        if max(picture.shape) > _MAX_SIDE:
            raise RecognitionFailed(
                f"Trang dài {max(picture.shape)} điểm ảnh, Tesseract chỉ đọc được {_MAX_SIDE}. "
                "Hãy quét lại ở độ phân giải thấp hơn, hoặc quét từng phần của tờ giấy.",
                f"a side has {max(picture.shape)} points, the engine reads {_MAX_SIDE} at most; "
                "scan at a lower resolution, or in parts",
            )
        match self.engine:
            case Engine.PYTESSERACT:
                # pytesseract drops "tsv" from the outputs it is given, so the variable asks for it.
                options = f"--psm {look.psm} --dpi {look.dpi} -c tessedit_create_tsv=1"
                options += "" if look.negative_too else f" -c {NEGATIVE_TOO}=0"
                table = self.run((picture,), work, "tsv", options)
            case Engine.TESSEROCR:
                trained = self._trained(self.languages)
                table = fast_engine.read_table(picture, look, trained, self.page_seconds)
            case _:
                assert_never(self.engine)
        return parse_table(table, _POINTS_PER_INCH / dpi)

    def _trained(self, languages: str) -> Trained:
        tessdata = self.tessdata or _list_trained(engine.tesseract_cmd, "")[0]
        if tessdata is None:
            raise EngineMissing(
                "Không biết dữ liệu ngôn ngữ của Tesseract nằm ở đâu. "
                "Hãy cài gói tesseract-ocr-vie, hoặc ghi [reading] tessdata.",
                "no trained data is known: install tesseract-ocr-vie, or set [reading] tessdata",
            )
        return Trained(languages=languages, tessdata=tessdata)

    def _find_orientation(self, picture: Picture, dpi: float, work: Path) -> Orientation | None:
        options = f"--psm 0 --dpi {round(dpi)}"
        try:
            table = self.run((picture,), work, _ORIENTATION_LANGUAGE, options)
        except RecognitionFailed:
            return None  # too few characters to tell: the page stays as it is
        turn = _ROTATION.search(table)
        confidence = _ROTATION_CONFIDENCE.search(table)
        if not turn or not confidence:
            return None
        return Orientation(quarter_turns=int(turn[1]) // 90 % 4, confidence=float(confidence[1]))

    def run(self, pictures: Sequence[Picture], work: Path, output: str, options: str) -> str:
        """Have pictures read in one start of the program; return what it wrote of all of them.

        A picture over which it crashes is read as another kind of text; a look at a part of a page
        over which it crashes however it is asked has no words: the page has them all the same.

        Args:
            pictures: grey.
            work: existing folder for the temporary files.
            output: `tsv` or `osd`.
            options: its own, as on its command line.

        Raises:
            EngineCrashed: it crashed over one of several pictures.
        """
        if len(pictures) > 1:
            return self._run(pictures, work, output, options)
        first = int(_PSM.findall(options)[0])
        for psm in (first, *_OTHERWISE.get(first, ())):
            with contextlib.suppress(EngineCrashed):
                return self._run(pictures, work, output, _PSM.sub(f"--psm {psm}", options))
        if first in (_SINGLE_ROW, _SPARSE_TEXT):
            return ""
        raise _unreadable("Tesseract crashed, whatever it was told of the page")

    def _run(self, pictures: Sequence[Picture], work: Path, output: str, options: str) -> str:
        base, listed = work / "read", work / "read.txt"
        sources = [work / f"read-{number}.bmp" for number in range(len(pictures))]
        is_orientation = output == _ORIENTATION_LANGUAGE
        languages = _ORIENTATION_LANGUAGE if is_orientation else self.languages
        if self.tessdata:
            options += f' --tessdata-dir "{self.tessdata}"'
        try:
            for source, picture in zip(sources, pictures, strict=True):
                write_grey(source, picture)
            if len(sources) > 1:
                listed.write_bytes(b"".join(os.fsencode(source) + b"\n" for source in sources))
            engine.run_tesseract(
                str(listed if len(sources) > 1 else sources[0]),
                str(base),
                output,
                languages,
                options,
                0,
                self.page_seconds * len(sources),
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
            raise _failure(error, languages) from error
        except RuntimeError as error:  # pytesseract tells a time-out so
            raise RecognitionTimeout(
                f"Trang này đọc quá {self.page_seconds:.0f} giây nên đã dừng. "
                "Hãy quét lại rõ hơn, hoặc tăng [reading] page_seconds.",
                "recognition of a page took too long",
            ) from error
        finally:
            for path in (*sources, listed, base.with_suffix(f".{output}")):
                path.unlink(missing_ok=True)


def write_grey(path: Path, grey: Picture) -> None:
    """Write a grey picture as BMP: Tesseract takes in whole rows of it, but a PGM point by point.

    On a page of 200 dpi that is a fifteenth of all its work.
    """
    height, width = grey.shape
    rows = np.zeros((height, -(-width // _BMP_ALIGNED) * _BMP_ALIGNED), np.uint8)
    rows[:, :width] = grey[::-1]  # from the foot up
    begins = _BMP_HEAD.size + _BMP_INFO.size + len(_BMP_GREYS)
    # Not by OpenCV, which leaves half a picture on a full disk and says nothing.
    with path.open("wb") as stream:
        stream.write(_BMP_HEAD.pack(b"BM", begins + rows.nbytes, 0, begins))
        stream.write(
            _BMP_INFO.pack(_BMP_INFO.size, width, height, 1, 8, 0, rows.nbytes, 0, 0, 0, 0)
        )
        stream.write(_BMP_GREYS)
        stream.write(rows.tobytes())


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
    # Below zero: the signal that ended it; who ends it by force does not mean the picture.
    kind = EngineCrashed if -error.status in _CRASHES else RecognitionFailed
    return _unreadable(f"Tesseract ended with status {error.status}", kind)


def _unreadable(en: str, kind: type[RecognitionFailed] = RecognitionFailed) -> RecognitionFailed:
    return kind("Tesseract không đọc được trang này. Hãy quét lại giấy này.", en)


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
