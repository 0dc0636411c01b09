"""Pages of a submission, one at a time: picture, resolution, and whether they bring text.

The only door to pdfplumber, which answers "is there text on this page?".
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path

import pdfplumber

from digitize import enhance, frames, render
from digitize.filled_in import read_filled_in, weave_in
from digitize.frames import Picture
from digitize.hidden_text import has_visible_text
from digitize.model import Line, MediaType, PageKind, Submission, Word
from digitize.ocr import make_line, normalise

_POINTS_PER_INCH = 72.0
# Fewer printable characters than this are a page number or a stamp, not the page's text.
_MIN_CHARACTERS = 50
_MIN_MAPPED_SHARE = 0.9
_MIN_DPI, _MAX_DPI, _DEFAULT_DPI = 100.0, 400.0, 200.0
# A scan fills its page; a logo does not.
_SCAN_COVERAGE = 0.5
_SAME_LINE = 0.5

# pdfminer speaks of every odd font; what it could not read shows in the result.
logging.getLogger("pdfminer").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageImage:
    """One page as a picture to be read."""

    number: int
    """From 1."""
    kind: PageKind
    picture: Picture
    """Upright as far as the file says (EXIF and /Rotate applied)."""
    dpi: float
    quarter_turns: int
    """Clockwise turns already applied to `picture` that the kept image still needs."""
    bitonal: bool
    lines: tuple[Line, ...]
    """The page's own text where it is born digital; else empty."""
    dpi_is_guess: bool = False
    """The file does not say it; what is found on the page may tell better."""


def extract_page(submission: Submission, number: int) -> PageImage:
    """Decode or draw one page; of a PDF no other page is parsed.

    Args:
        submission: the file.
        number: which page, from 1.

    Raises:
        DamagedFile, TooLarge: it cannot be decoded.
    """
    path, index = submission.path, number - 1
    if submission.media_type is MediaType.PDF:
        return _pdf_page(path, index, read_text_layer(path, index))
    return _frame_page(path, index)


def without_text(page: PageImage) -> PageImage:
    """Return a page as a mere picture, so that it is read and its own text is not believed."""
    return replace(page, kind=PageKind.IMAGE, lines=())


def _frame_page(path: Path, index: int) -> PageImage:
    frame, decoded = frames.read(path, index)
    picture = enhance.stretch(decoded, frame.stretch)
    return PageImage(
        number=index + 1,
        kind=PageKind.IMAGE,
        picture=enhance.turn(picture, frame.quarter_turns),
        dpi=frame.dpi,
        quarter_turns=frame.quarter_turns,
        bitonal=frame.bitonal,
        lines=(),
        dpi_is_guess=frame.dpi_is_guess,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLayer:
    """What a PDF page says of itself."""

    lines: tuple[Line, ...]
    """Its text, where it is born digital; else empty."""
    dpi: float
    """Resolution of the largest picture on it."""
    bitonal: bool = False
    """That picture fills the page and has one bit a point."""


def _pdf_page(path: Path, index: int, layer: TextLayer) -> PageImage:
    dpi = render.reachable_dpi(path, index, layer.dpi)
    picture = render.draw(path, index, dpi, annotations=True)
    return PageImage(
        number=index + 1,
        kind=PageKind.TEXT if layer.lines else PageKind.IMAGE,
        picture=picture,
        dpi=dpi,
        quarter_turns=0,
        bitonal=layer.bitonal,
        lines=layer.lines,
    )


def read_text_layer(path: Path, index: int) -> TextLayer:
    """Return the text layer of a page, by index from 0; an empty one where it cannot be parsed.

    pdfminer fails on files that qpdf and pdfium read, with any exception; such a page is simply
    read by recognition.
    """
    try:
        # Opened here: pdfplumber leaves a file open that it cannot parse.
        with path.open("rb") as stream, pdfplumber.open(stream, pages=[index + 1]) as pdf:
            layer = _text_layer(pdf.pages[0])
            # What a scanner's own engine laid under the scan is not believed, and not kept.
            if not layer.lines or not has_visible_text(path, index):
                return replace(layer, lines=())
            return replace(layer, lines=weave_in(layer.lines, read_filled_in(path, index)))
    except Exception:  # noqa: BLE001  pdfminer raises anything on odd files; recognition takes over
        return TextLayer(lines=(), dpi=_DEFAULT_DPI)


def read_every_word(path: Path, index: int) -> TextLayer:
    """Return all text of a page, by index from 0: hidden text too, and however little there is."""
    try:
        with path.open("rb") as stream, pdfplumber.open(stream, pages=[index + 1]) as pdf:
            (page,) = pdf.pages
            return replace(_text_layer(page), lines=_lines(page))
    except Exception:  # noqa: BLE001  pdfminer raises anything on odd files; they have no words then
        return TextLayer(lines=(), dpi=_DEFAULT_DPI)


def _text_layer(page: pdfplumber.page.Page) -> TextLayer:
    images = [(item["x1"] - item["x0"], item) for item in page.images if item["x1"] > item["x0"]]
    width, largest = max(images, key=lambda pair: pair[0], default=(0.0, None))
    dpi, bitonal = _DEFAULT_DPI, False
    if largest is not None and width >= _SCAN_COVERAGE * float(page.width):
        stated = float(largest["srcsize"][0]) / width * _POINTS_PER_INCH
        dpi = round(min(max(stated, _MIN_DPI), _MAX_DPI), 2)
        bitonal = largest["bits"] == 1
    lines = _lines(page) if is_born_digital(page.chars) else ()
    return TextLayer(lines=lines, dpi=dpi, bitonal=bitonal)


def is_born_digital(characters: list[dict[str, object]]) -> bool:
    """Tell whether a page's characters are its text: enough of them, and mapped to Unicode."""
    printable = [str(item["text"]) for item in characters if str(item["text"]).strip()]
    if len(printable) < _MIN_CHARACTERS:
        return False
    mapped = sum(1 for text in printable if not _is_unmapped(text))
    return mapped / len(printable) >= _MIN_MAPPED_SHARE


def _is_unmapped(text: str) -> bool:
    return text.startswith("(cid:") or any(
        character == "\ufffd" or "\ue000" <= character <= "\uf8ff" for character in text
    )


def _lines(page: pdfplumber.page.Page) -> tuple[Line, ...]:
    lines: list[list[Word]] = []
    for item in page.extract_words(use_text_flow=True):
        word = Word(
            text=normalise(item["text"]),
            box=(item["x0"], item["top"], item["x1"], item["bottom"]),
            confidence=1.0,
        )
        if lines and _continues(lines[-1][-1], word):
            lines[-1].append(word)
        else:
            lines.append([word])
    return tuple(make_line(words) for words in lines)


def _continues(last: Word, word: Word) -> bool:
    height = min(last.box[3] - last.box[1], word.box[3] - word.box[1])
    overlap = min(last.box[3], word.box[3]) - max(last.box[1], word.box[1])
    return overlap > _SAME_LINE * height and word.box[0] >= last.box[2] - height
