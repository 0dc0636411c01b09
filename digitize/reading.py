"""Read a page: prepare a copy, recognise it once, turn it only on suspicion, keep the better."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from digitize import enhance
from digitize.barcodes import find_barcodes
from digitize.blanks import has_ink
from digitize.fingerprints import hash_page
from digitize.images import PageImage
from digitize.model import Line, PageKind, RecognizedPage
from digitize.ocr import Recognizer

_POINTS_PER_INCH = 72.0
# Level text reads at 0.85 and more; a page that lies on its side stays below 0.6.
_SUSPICIOUS_CONFIDENCE = 0.65
_FEW_WORDS = 8
# Words of so many letters are wider than high.
_LONG_WORD = 3
# Marks of secrecy, urgency and arrival stand in the upper half (NĐ 30/2020/NĐ-CP Phụ lục I).
_STAMPED_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    lines: tuple[Line, ...]
    prepared: enhance.Prepared
    turns: int
    """Clockwise, beyond what the page brought."""

    @property
    def confidence(self) -> float:
        return mean_confidence(self.lines)

    @property
    def sideways(self) -> bool:
        return runs_upwards(self.lines)

    @property
    def weight(self) -> float:
        """More characters, read more surely, is the better reading."""
        return sum(len(word.text) * word.confidence for line in self.lines for word in line.words)


def mean_confidence(lines: tuple[Line, ...]) -> float:
    """Return the mean confidence over characters, 0 to 1; 0 for no words."""
    words = [word for line in lines for word in line.words]
    characters = sum(len(word.text) for word in words)
    if not characters:
        return 0.0
    return sum(len(word.text) * word.confidence for word in words) / characters


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
        return _described(page, _own_text(page))
    reading = _recognise(page, recognizer, work, turns=0)
    if is_suspicious(reading.lines):
        turns = recognizer.quarter_turns(reading.prepared.picture, page.dpi, work)
        if turns:
            other = _recognise(page, recognizer, work, turns=turns)
            reading = max(reading, other, key=lambda item: (not item.sideways, item.weight))
    overlay = _read_stamps(page, reading, recognizer, work)
    return replace(_described(page, reading), overlay=overlay)


def _read_stamps(
    page: PageImage, reading: _Reading, recognizer: Recognizer, work: Path
) -> tuple[Line, ...]:
    """Read the red ink of the upper half, which the copy that was read has lost."""
    upright = enhance.turn(page.picture, reading.turns)
    if not enhance.has_red_ink(upright[: round(upright.shape[0] * _STAMPED_SHARE)]):
        return ()
    if reading.prepared.skew_degrees:
        upright = enhance.rotate(upright, reading.prepared.skew_degrees)
    red = enhance.red_ink(upright[: round(upright.shape[0] * _STAMPED_SHARE)])
    if red is None:
        return ()
    return recognizer.read_marks(red, page.dpi * enhance.RED_SCALE, work)


def is_suspicious(lines: tuple[Line, ...]) -> bool:
    """Tell whether a reading looks like one of a page that does not stand upright."""
    words = sum(len(line.words) for line in lines)
    is_unsure = mean_confidence(lines) < _SUSPICIOUS_CONFIDENCE
    return words >= _FEW_WORDS and (is_unsure or runs_upwards(lines))


def runs_upwards(lines: tuple[Line, ...]) -> bool:
    """Tell whether most words are taller than wide.

    Tesseract reads lines that run upwards as surely as level ones; only their boxes show it.
    """
    words = [word for line in lines for word in line.words if len(word.text) >= _LONG_WORD]
    tall = sum(word.box[3] - word.box[1] > word.box[2] - word.box[0] for word in words)
    return tall > len(words) / 2


def _own_text(page: PageImage) -> _Reading:
    prepared = enhance.Prepared(
        picture=page.picture,
        skew_degrees=0.0,
        recipe="text layer",
        colour=enhance.is_coloured(page.picture),
    )
    return _Reading(lines=page.lines, prepared=prepared, turns=0)


def _recognise(page: PageImage, recognizer: Recognizer, work: Path, *, turns: int) -> _Reading:
    prepared = enhance.prepare(enhance.turn(page.picture, turns), bitonal=page.bitonal)
    return _Reading(
        lines=recognizer.read(prepared.picture, page.dpi, work), prepared=prepared, turns=turns
    )


def _described(page: PageImage, reading: _Reading) -> RecognizedPage:
    height, width = reading.prepared.picture.shape[:2]
    scale = _POINTS_PER_INCH / page.dpi
    recipe = reading.prepared.recipe + (f"+turn{reading.turns * 90}" if reading.turns else "")
    return RecognizedPage(
        number=page.number,
        kind=page.kind,
        width=width * scale,
        height=height * scale,
        dpi=page.dpi,
        quarter_turns=(page.quarter_turns + reading.turns) % 4,
        skew_degrees=reading.prepared.skew_degrees,
        recipe=recipe,
        confidence=reading.confidence,
        lines=reading.lines,
        barcodes=find_barcodes(reading.prepared.picture, page.dpi),
        colour=reading.prepared.colour,
        blank=not reading.lines and not has_ink(page.picture),
        look=hash_page(reading.prepared.picture, reading.lines, page.dpi),
    )
