"""The only door to tesserocr: Tesseract inside this process, its trained data loaded once.

An extra, `pip install 'hoso[fast]'`: it brings a newer engine than distributions have, built with
more of the processor's instructions. What it reads stands in the same table as the program's.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from digitize.errors import EngineMissing, RecognitionFailed, RecognitionTimeout
from digitize.frames import Picture

NEGATIVE_TOO = "tessedit_do_invert"
"""The engine's variable: whether lines of which it is unsure are read in negative once more."""
_ORIENTATION_ONLY = 0
# Running text, marks and orientation; each holds some ten megabytes of trained data.
_KEPT_ENGINES = 3
# One engine object reads one page at a time.
_GUARD = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """Trained data to read with."""

    languages: str
    """Joined by `+`."""
    tessdata: str
    """Folder that holds them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orientation:
    """How a page lies."""

    quarter_turns: int
    """Clockwise turns that make it upright, 0 to 3."""
    confidence: float
    """As Tesseract states it: 0 is a guess, 15 is sure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a picture is looked at."""

    dpi: int
    """Its resolution."""
    psm: int
    """Page segmentation mode."""
    negative_too: bool = True
    """Light print on dark ground may stand there."""


def version() -> str | None:
    """Return the version of the Tesseract inside tesserocr; None where it is not installed."""
    try:
        stated = _library().tesseract_version()
    except EngineMissing:
        return None
    return str(stated).split()[1]


def read_table(picture: Picture, look: Look, trained: Trained, seconds: float) -> str:
    """Read a grey picture; return Tesseract's TSV, its heading left empty.

    Args:
        picture: grey.
        look: how.
        trained: what to read with.
        seconds: time after which it is given up.

    Raises:
        EngineMissing: tesserocr or the trained data is not installed.
        RecognitionFailed, RecognitionTimeout: it could not read this, or took too long.
    """
    with _loaded(picture, look, trained) as engine:
        started = time.monotonic()
        if engine.Recognize(max(1, round(seconds * 1000))):
            return "\n" + str(engine.GetTSVText(0))
        if time.monotonic() - started >= seconds:
            raise RecognitionTimeout(
                f"Trang này đọc quá {seconds:.0f} giây nên đã dừng. "
                "Hãy quét lại rõ hơn, hoặc tăng [reading] page_seconds.",
                "recognition of a page took too long",
            )
        raise RecognitionFailed(
            "Tesseract không đọc được trang này. Hãy quét lại giấy này.",
            "tesserocr gave up on the page; scan it again",
        )


def find_orientation(picture: Picture, dpi: int, trained: Trained) -> Orientation | None:
    """Tell how a page lies; None where it has too few characters to tell.

    Raises:
        EngineMissing: tesserocr or the trained data is not installed.
    """
    with _loaded(picture, Look(dpi=dpi, psm=_ORIENTATION_ONLY), trained) as engine:
        found = engine.DetectOrientationScript()
    if found is None:
        return None
    # What it calls the orientation is how far the page was turned clockwise.
    turns = (360 - int(found["orient_deg"])) // 90 % 4
    return Orientation(quarter_turns=turns, confidence=float(found["orient_conf"]))


@contextmanager
def _loaded(picture: Picture, look: Look, trained: Trained) -> Iterator[Any]:
    """Lend the engine with a picture in it; nothing of the picture stays behind."""
    height, width = picture.shape
    with _GUARD:
        engine = _open_engine(trained, is_orientation=look.psm == _ORIENTATION_ONLY)
        engine.SetPageSegMode(look.psm)
        engine.SetVariable(NEGATIVE_TOO, str(int(look.negative_too)))
        engine.SetImageBytes(picture.tobytes(), width, height, 1, width)
        engine.SetSourceResolution(look.dpi)
        try:
            yield engine
        finally:
            engine.Clear()


@functools.lru_cache(maxsize=_KEPT_ENGINES)
def _open_engine(trained: Trained, *, is_orientation: bool) -> Any:
    library = _library()
    psm = library.PSM.OSD_ONLY if is_orientation else library.PSM.AUTO
    # What it says of a page goes nowhere, as the program's output does.
    silent = {"debug_file": "/dev/null"}
    try:
        return library.PyTessBaseAPI(
            path=trained.tessdata, lang=trained.languages, psm=psm, variables=silent
        )
    except RuntimeError as error:
        raise EngineMissing(
            f"Thiếu dữ liệu ngôn ngữ «{trained.languages}» trong «{trained.tessdata}». "
            "Hãy cài gói tesseract-ocr-vie, hoặc sửa [reading] tessdata.",
            f"trained data for {trained.languages!r} is missing in {trained.tessdata!r}",
        ) from error


def _library() -> Any:
    try:
        # Here, not above: an extra, and some ten megabytes where nobody asks for it.
        import tesserocr
    except ImportError as error:
        raise EngineMissing(
            '[reading] engine = "tesserocr" nhưng chưa cài tesserocr. Hãy cài gói «hoso[fast]», '
            'hoặc ghi engine = "pytesseract".',
            "tesserocr is not installed: install hoso[fast], or set the engine to pytesseract",
        ) from error
    return tesserocr
