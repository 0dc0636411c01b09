"""Frozen values that pass between the stages.

Lengths on a page are PDF points (1/72 inch) from the top left corner of the upright, deskewed page.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

Box = tuple[float, float, float, float]
"""Left, top, right, bottom; points from the top left corner of the upright page."""


class MediaType(StrEnum):
    """File types that are taken, told by content and never by name."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    TIFF = "image/tiff"
    PNG = "image/png"
    HEIC = "image/heic"
    WEBP = "image/webp"
    BUNDLE = "application/x-tar"
    """Page files of one paper that the station put together; no other tar is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One file that was received whole (OAIS: what a SIP is made of)."""

    path: Path
    """Where it lies now."""
    name: str
    """Original file name, NFC, with its extension."""
    media_type: MediaType
    size_bytes: int
    sha256: str
    sha512: str
    page_count: int
    signed: bool
    """A PDF that carries signatures; such a file is never altered."""
    warnings: tuple[str, ...]
    """What was odd but taken, in Vietnamese, one sentence each."""


class PageKind(StrEnum):
    """How a page's picture is kept in the PDF/A."""

    IMAGE = "image"
    """The scan's own image bytes."""
    TEXT = "text"
    """Born digital: the page brings its text."""
    DRAWN = "drawn"
    """A PDF page of other content, drawn as a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word as read."""

    text: str
    """NFC."""
    box: Box
    confidence: float
    """0 to 1."""
    read: str = ""
    """What the engine read, where it was repaired; empty for a word as it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Words on one line, in reading order."""

    words: tuple[Word, ...]
    box: Box

    @property
    def text(self) -> str:
        """The words, one space between."""
        return " ".join([word.text for word in self.words])


@dataclass(frozen=True, slots=True, kw_only=True)
class Barcode:
    """A QR code on a page."""

    text: str
    box: Box


class MarkKind(StrEnum):
    """What lies on a page besides its print."""

    SEAL = "seal"
    """A round seal, told by its shape."""
    STAMP = "stamp"
    """Other stamped ink: a mark of arrival, of secrecy, of urgency."""
    PEN = "pen"
    """Strokes of a pen: signatures, notes."""
    EDGE = "edge"
    """What the scanner shows beyond the sheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One place of a page that holds no print; words read there are overlay."""

    kind: MarkKind
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class StampReading:
    """What was read in one place that may be a stamp, looked at by itself."""

    box: Box
    """Points."""
    framed: bool
    """A frame with a row of letters in it; else letters alone."""
    texts: tuple[str, ...]
    """What each look read; empty where none read a word."""
    sound: bool
    """The last look reads like print."""
    shape: float = 0.0
    """How much of it looks like the letters of «MẬT», 0 to 1; 0 where that was not asked."""
    coloured: bool = False
    """There is coloured ink in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognizedPage:
    """One page with its words, and how its picture must be turned to lie under them."""

    number: int
    """From 1."""
    kind: PageKind
    width: float
    """Points, of the upright page."""
    height: float
    dpi: float
    """Of the kept picture."""
    quarter_turns: int
    """Clockwise quarter turns that make the kept picture upright, 0 to 3."""
    skew_degrees: float
    """Counter-clockwise rotation that makes its lines level."""
    recipe: str
    """What was done to the copy that was read."""
    confidence: float
    """Mean over the characters, 0 to 1; 0 for a page without words."""
    lines: tuple[Line, ...]
    barcodes: tuple[Barcode, ...]
    colour: bool
    """The picture has colour."""
    overlay: tuple[Line, ...] = ()
    """Read in seals, stamps and pen strokes; not part of the paper's text."""
    marks: tuple[Mark, ...] = ()
    """Where those lie."""
    stamps: tuple[StampReading, ...] = ()
    """Places of the upper half that may be marks of secrecy, each read by itself."""
    by_hand: tuple[Box, ...] = ()
    """Where words with digits stand that a pen wrote."""
    legal_share: float = 1.0
    """Share of the syllables that Vietnamese can have, 0 to 1; 1 for a page without words."""
    readable: bool = True
    """False where no attempt read it surely enough: a person must look before it is signed."""
    blank: bool = False
    """Neither word nor ink: marked, and kept."""
    look: str = ""
    """Hash of the page's picture (`fingerprints.hash_page`); empty for a page without words."""

    @property
    def text(self) -> str:
        """Plain text, a line each."""
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What a cover sheet of ours says of the paper behind it."""

    dossier_code: str
    class_code: str | None = None
    """Mã loại giấy tờ; None where the sheet leaves it open."""
    pages: int | None = None
    """How many pages the paper has; None where the sheet leaves it open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper of a submission: its pages, and why it was cut here."""

    number: int
    """From 1 within the submission."""
    pages: tuple[RecognizedPage, ...]
    """In order; their numbers are those of the source file."""
    reason: str
    """Why these pages are one paper."""
    cover: Cover | None = None
    """The cover sheet before it."""
    receipt: int | None = None
    """Number of the paper that is the receipt of its dossier, where it follows one."""
    left_out: tuple[int, ...] = ()
    """Blank pages of the source file that its copy does not show."""

    @property
    def confidence(self) -> float:
        """Mean over the pages, 0 to 1."""
        return sum(page.confidence for page in self.pages) / len(self.pages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A value read from a place on a page."""

    name: str
    """Field name of docs/glossary.md."""
    value: str
    confidence: float
    """0 to 1."""
    page: int
    box: Box
    read: str = ""
    """What the engine read, where the value or its line was repaired; otherwise empty."""
    source: Literal["ocr", "qr", "mrz", "person"] = "ocr"
    """Read from the print, from a QR code, from the machine-readable rows of a card; or said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Two things on a paper that cannot both be right; a person must look."""

    code: str
    """Stable."""
    fields: tuple[str, ...]
    """Names of the fields in question."""
    vi: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One class that a paper may be, with the reasons."""

    code: str
    score: float
    """0 to 1."""
    reasons: tuple[str, ...]
    """Vietnamese, one short sentence each."""
    box: Box | None
    """Where the title stands, on the paper's first page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """Ranked classes, and whether the first is sure enough to go on without a person."""

    candidates: tuple[Candidate, ...]
    sure: bool

    @property
    def best(self) -> Candidate | None:
        """The first candidate; None where nothing matched at all."""
        return self.candidates[0] if self.candidates else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What is written on a paper."""

    fields: tuple[Evidence, ...]
    doubts: tuple[Doubt, ...] = ()
    """What on the paper contradicts itself."""

    def value(self, name: str) -> str | None:
        """Return the value of a field; None where it was not read."""
        return next((field.value for field in self.fields if field.name == name), None)


class ReadingTrouble(StrEnum):
    """Why a page could probably not be read."""

    NO_WORDS = "no_words"
    """It has ink, and no word was found."""
    ROWS_UNREAD = "rows_unread"
    """What was read is sound, but most of its rows were not read."""
    COARSE = "coarse"
    """Its resolution is below the rule set."""
    OTHER_LANGUAGE = "other_language"
    """What was read makes no Vietnamese: another language or script, or the sheet from behind."""
    UNCLEAR = "unclear"
    """Faint, dark, blurred or lit unevenly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadablePage:
    """A page that no attempt read surely enough, and what was seen of it."""

    number: int
    """Of the source file, from 1."""
    words: int
    """How many were read."""
    legal_share: float
    """Share of their syllables that Vietnamese can have, 0 to 1."""
    confidence: float
    """0 to 1."""
    trouble: ReadingTrouble


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """What the gate found on a paper."""

    secret_mark: str | None
    """A mark of state secrecy: everything stops."""
    doubtful_stamps: tuple[int, ...]
    """Pages with a stamp that may be such a mark: a person must look before anything is kept."""
    copy_mark: str | None
    """A mark of a photocopy or certified copy."""
    warnings: tuple[str, ...]
    """Image quality below the rule set, in Vietnamese."""
    unreadable: tuple[UnreadablePage, ...] = ()
    """Pages that a person must look at before the paper is signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """The preservation copy: PDF/A with two layers."""

    path: Path
    flavour: str
    """`2u` where all its text maps to Unicode, else `2b`."""
    sha256: str
    size_bytes: int
    notes: tuple[str, ...]
    """Where a page's picture could not be kept as it came, and why; Vietnamese."""
