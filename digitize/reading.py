"""Read a page: the best attempt, its marks set apart, its words repaired, its place on the page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from digitize.attempts import Attempt, own_text, read_best
from digitize.barcodes import find_barcodes
from digitize.blanks import has_ink, is_unlit
from digitize.confidence import judge_running_text
from digitize.fingerprints import hash_page
from digitize.handwriting import find_handwriting
from digitize.images import PageImage
from digitize.mark_search import look_for_marks
from digitize.model import Barcode, Box, Line, Mark, PageKind, RecognizedPage, StampReading
from digitize.ocr import Recognizer
from digitize.overlay import set_apart
from digitize.photo_words import put_back
from digitize.photos import find_sheet, lay_flat
from digitize.reading_order import in_reading_order
from digitize.repair import repair_lines
from digitize.ruled import without_rules
from digitize.stamps import may_be_stamps, read_stamps
from digitize.under_seals import read_under_seals

_POINTS_PER_INCH = 72.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read on a page; boxes in points of the copy that was read."""

    lines: tuple[Line, ...]
    """The running text."""
    overlay: tuple[Line, ...] = ()
    """What was read in marks."""
    marks: tuple[Mark, ...] = ()
    """Where those lie."""
    stamps: tuple[StampReading, ...] = ()
    """What was read where a mark of secrecy may be."""
    barcodes: tuple[Barcode, ...] = ()
    """The codes on it."""
    by_hand: tuple[Box, ...] = ()
    """Where digits stand that a pen wrote."""


def read_page(page: PageImage, recognizer: Recognizer, work: Path) -> RecognizedPage:
    """Read one page.

    Args:
        page: the page; one that brings its text is not recognised.
        recognizer: the engine.
        work: existing folder for temporary files; left as it was found.

    Raises:
        RecognitionError: the engine failed.
    """
    if page.kind is PageKind.TEXT:
        attempt = own_text(page)
        codes = _barcodes(attempt)
        stamps = look_for_marks(page, attempt, codes, recognizer, work)
        reading = Reading(lines=attempt.lines, stamps=stamps, barcodes=codes)
        return _described(page, attempt, reading)
    sheet = None if page.bitonal else find_sheet(page.picture, _known_dpi(page))
    if sheet is None:
        return _read(page, recognizer, work)
    flat = replace(page, picture=lay_flat(page.picture, sheet), dpi=sheet.dpi)
    read = _read(flat, recognizer, work)
    return put_back(replace(read, recipe=f"flat+{read.recipe}"), flat, page, sheet)


def _known_dpi(page: PageImage) -> float | None:
    return None if page.dpi_is_guess else page.dpi


def _read(page: PageImage, recognizer: Recognizer, work: Path) -> RecognizedPage:
    """Read a page that is as flat as a scan."""
    attempt = read_best(page, recognizer, work)
    reading = _with_marks_apart(page, attempt, recognizer, work)
    if recognizer.repair:
        covered = attempt.prepared.covered
        found = reading.lines if covered is None else read_under_seals(covered, reading.lines)
        reading = replace(reading, lines=repair_lines(found))
    by_hand = find_handwriting(attempt.prepared.picture, attempt.dpi, reading.lines)
    reading = replace(reading, by_hand=by_hand)
    return _described(page, attempt, reading)


def _with_marks_apart(
    page: PageImage, attempt: Attempt, recognizer: Recognizer, work: Path
) -> Reading:
    """Set apart what lies in marks, and read there what the copy has lost."""
    marks = attempt.prepared.marks
    lines = without_rules(attempt.lines, attempt.prepared.picture, attempt.dpi)
    parted = set_apart(in_reading_order(lines), marks)
    stamped = _read_stamps(page, attempt, recognizer, work)
    codes = _barcodes(attempt)
    return Reading(
        lines=parted.lines,
        overlay=parted.overlay + stamped,
        marks=marks,
        stamps=look_for_marks(page, attempt, codes, recognizer, work),
        barcodes=codes,
    )


def _barcodes(attempt: Attempt) -> tuple[Barcode, ...]:
    return find_barcodes(attempt.prepared.picture, attempt.dpi)


def _read_stamps(
    page: PageImage, attempt: Attempt, recognizer: Recognizer, work: Path
) -> tuple[Line, ...]:
    """Read the coloured stamps, which the copy that was read has lost."""
    height = attempt.prepared.picture.shape[0] / attempt.dpi * _POINTS_PER_INCH
    places = may_be_stamps(attempt.prepared.marks, height)
    if not places or not attempt.prepared.colour:
        return ()
    return read_stamps(
        attempt.original(page),
        places,
        attempt.dpi,
        lambda picture, dpi: recognizer.read_marks(picture, dpi, work),
    )


def _described(page: PageImage, attempt: Attempt, reading: Reading) -> RecognizedPage:
    """Bring what was read to the page that is kept."""
    picture = attempt.prepared.picture
    scale = _POINTS_PER_INCH / attempt.dpi
    judgement = judge_running_text(reading.lines, attempt.judgement)
    return RecognizedPage(
        number=page.number,
        kind=page.kind,
        width=picture.shape[1] * scale,
        height=picture.shape[0] * scale,
        dpi=page.dpi,
        quarter_turns=(page.quarter_turns + attempt.turns) % 4,
        skew_degrees=attempt.prepared.skew_degrees,
        recipe=attempt.prepared.recipe,
        confidence=judgement.confidence,
        legal_share=judgement.legal_share,
        # A scan without light says nothing of the paper that may have lain there.
        readable=judgement.is_readable and bool(reading.lines or not is_unlit(page.picture)),
        lines=reading.lines,
        overlay=reading.overlay,
        marks=reading.marks,
        stamps=reading.stamps,
        by_hand=reading.by_hand,
        barcodes=reading.barcodes,
        colour=attempt.prepared.colour,
        blank=not reading.lines and not has_ink(page.picture),
        look=hash_page(picture, reading.lines, attempt.dpi),
    )
