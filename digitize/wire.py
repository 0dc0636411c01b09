"""What the engine and a reading process say to each other: JSON behind its length, never pickle.

The process looks at hostile files, so its answers are judged as data: bounded in length, built
into known types only, errors looked up among those of this package.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config import codec
from config.traces import TracedError
from digitize import errors
from digitize.access_job import AccessJob
from digitize.crops import Crop, CropSpot
from digitize.errors import DigitizeError
from digitize.intake import Limits
from digitize.model import RecognizedPage, Rendition, Submission
from digitize.ocr import Recognizer
from digitize.page_pairs import PagePairs, PairSpot
from digitize.pdfa import RenderJob

_LENGTH_BYTES = 4
# A thousand pages of words are some hundred megabytes.
MAX_FRAME_BYTES = 512_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveJob:
    """Look at a claimed file (`digitize.intake.receive`)."""

    path: Path
    name: str
    """Its original name."""
    limits: Limits
    seconds: float
    """Time after which the file is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageJob:
    """Read one page (`digitize.reading.read_page`)."""

    submission: Submission
    number: int
    """From 1."""
    recognizer: Recognizer
    work: Path
    """Existing folder for temporary files; left as it was found."""
    seconds: float
    """Time after which the page is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesJob:
    """Read pages together (`digitize.together`); they may be of several files."""

    pages: tuple[PageJob, ...]

    @property
    def seconds(self) -> float:
        """Time after which all are given up."""
        return sum(page.seconds for page in self.pages)


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesRead:
    """What came of pages that were read together."""

    pages: tuple[RecognizedPage | None, ...]
    """In their order; None for one that failed and must be read by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionJob:
    """Write the PDF/A of a paper (`digitize.pdfa.make_rendition`)."""

    render: RenderJob
    target: Path
    seconds: float
    """Time after which the paper is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyJob:
    """Write an access copy of a PDF (`digitize.access.make_access_copy`)."""

    access: AccessJob
    target: Path
    seconds: float
    """Time after which the PDF is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CropJob:
    """Draw a piece of a page (`digitize.crops.make_crop`)."""

    spot: CropSpot
    target: Path
    seconds: float
    """Time after which the page is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairJob:
    """Draw the pages that look different in two PDFs (`digitize.page_pairs.draw_pairs`)."""

    spot: PairSpot
    target: Path
    """Existing folder for the pictures."""
    seconds: float
    """Time after which the two are given up."""


Job = ReceiveJob | PageJob | PagesJob | RenditionJob | CopyJob | CropJob | PairJob
_KINDS = (ReceiveJob, PageJob, PagesJob, RenditionJob, CopyJob, CropJob, PairJob)
_JOBS: dict[str, type[Job]] = {kind.__name__: kind for kind in _KINDS}
_RESULTS: dict[type[Job], type[Any]] = {
    ReceiveJob: Submission,
    PageJob: RecognizedPage,
    PagesJob: PagesRead,
    RenditionJob: Rendition,
    CopyJob: Rendition,
    CropJob: Crop,
    PairJob: PagePairs,
}
READY = {"kind": "ready"}
"""What a process says once it has loaded everything."""
OUT_OF_MEMORY = {"kind": "memory"}
"""Its answer when a job needed more memory than it may have."""


class BrokenFrame(Exception):
    """What came is not an answer: too long, cut off, or not of the form agreed."""


class UnexpectedFault(TracedError):
    """A reading process met an error that nobody foresaw; the text is its trace."""


def pack(value: Any) -> bytes:
    """Write a value of JSON's types as one frame."""
    # ASCII: a name that is not UTF-8 has surrogates, which only escapes carry.
    body = json.dumps(value, separators=(",", ":")).encode("ascii")
    return len(body).to_bytes(_LENGTH_BYTES, "big") + body


def read_frame(take: Callable[[int], bytes]) -> Any:
    """Read one frame; None where the other side has ended.

    Args:
        take: gives at least one byte and at most so many; none at the end.

    Raises:
        BrokenFrame: it is too long, cut off, or not JSON.
    """
    head = _take_all(take, _LENGTH_BYTES)
    if not head:
        return None
    length = int.from_bytes(head, "big")
    if len(head) < _LENGTH_BYTES or length > MAX_FRAME_BYTES:
        raise BrokenFrame("a frame with an impossible length")
    body = _take_all(take, length)
    if len(body) < length:
        raise BrokenFrame("a frame that is cut off")
    try:
        return json.loads(body)
    except ValueError as error:
        raise BrokenFrame("a frame that is not JSON") from error


def _take_all(take: Callable[[int], bytes], count: int) -> bytes:
    parts, left = [], count
    while left:
        part = take(left)
        if not part:
            break
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def plain_job(job: Job) -> dict[str, Any]:
    """Write a job in JSON's types."""
    return {"job": type(job).__name__, "of": codec.to_plain(job)}


def job_of(plain: dict[str, Any]) -> Job:
    """Build a job from what `plain_job` gave."""
    return codec.from_plain(_JOBS[plain["job"]], plain["of"])


def plain_error(error: Exception) -> dict[str, Any]:
    """Write an error that a stage is known to raise, in JSON's types."""
    if isinstance(error, DigitizeError):
        return {"kind": "told", "class": type(error).__name__, "vi": error.vi, "en": error.en}
    assert isinstance(error, OSError)
    named = str(error.filename) if error.filename else None
    return {"kind": "system", "errno": error.errno, "text": error.strerror, "path": named}


def result_of(job: Job, answer: Any) -> Any:
    """Return what a job gave.

    Raises:
        DigitizeError, OSError: what the stage raised, as it raised it.
        UnexpectedFault: the stage raised something else.
        BrokenFrame: this is no answer to such a job.
    """
    try:
        match answer["kind"]:
            case "value":
                return codec.from_plain(_RESULTS[type(job)], answer["value"])
            case "told":
                raise _error_class(answer["class"])(answer["vi"], answer["en"])
            case "system":
                raise OSError(answer["errno"], answer["text"], answer["path"])
            case _:
                raise UnexpectedFault(answer["trace"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BrokenFrame(f"an answer of another form: {error!r}") from error


def _error_class(name: str) -> type[DigitizeError]:
    found = getattr(errors, name)
    if not (isinstance(found, type) and issubclass(found, DigitizeError)):
        raise TypeError(name)
    return found
