"""Draw cover sheets: A4 pages with one QR code twice, and the same in words.

Letters are drawn as outlines, so any printer prints Vietnamese as it stands in our font.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont

_WIDTH, _HEIGHT = 595.276, 841.89
_MARGIN = 62.0
# At least 30 mm on paper, or a worn scan loses it.
_CODE_POINTS = 40 * 72 / 25.4
_QUIET_MODULES = 4
_LEADING = 1.35

Matrix = tuple[tuple[bool, ...], ...]
"""Rows of modules, true for dark, without the quiet zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One cover sheet."""

    code: Matrix
    """The QR code."""
    heading: str
    """Large, on top."""
    lines: tuple[str, ...]
    """Below, wrapped at the margins."""
    payload: str
    """What the code holds, in letters, for the day no scanner reads it."""


class _OutlinePen(BasePen):  # type: ignore[misc]  # fontTools ships no types
    """Writes the outline of a glyph as PDF path operators; curves come in as cubic."""

    def __init__(self, glyphs: object) -> None:
        super().__init__(glyphs)
        self.parts: list[str] = []

    def _moveTo(self, point: tuple[float, float]) -> None:  # fontTools' name
        self.parts.append(f"{point[0]:g} {point[1]:g} m")

    def _lineTo(self, point: tuple[float, float]) -> None:
        self.parts.append(f"{point[0]:g} {point[1]:g} l")

    def _curveToOne(
        self,
        first: tuple[float, float],
        second: tuple[float, float],
        end: tuple[float, float],
    ) -> None:
        points = (*first, *second, *end)
        self.parts.append(" ".join(f"{value:.2f}" for value in points) + " c")

    def _closePath(self) -> None:
        self.parts.append("h")


class _Lettering:
    """One font, as outlines."""

    def __init__(self, font: TTFont) -> None:
        self._glyphs = font.getGlyphSet()
        self._names: dict[int, str] = font.getBestCmap()
        self._units: int = font["head"].unitsPerEm

    def _names_of(self, text: str) -> list[str]:
        composed = unicodedata.normalize("NFC", text)
        return [self._names.get(ord(sign), ".notdef") for sign in composed]

    def width(self, text: str, size: float) -> float:
        """Return the width of a text, points."""
        units: float = sum(self._glyphs[name].width for name in self._names_of(text))
        return units * size / self._units

    def draw(self, text: str, place: tuple[float, float], size: float) -> str:
        """Return the operators that draw a text from a place on its baseline."""
        scale = size / self._units
        x, parts = 0.0, [f"q {scale:.6f} 0 0 {scale:.6f} {place[0]:.2f} {place[1]:.2f} cm"]
        for name in self._names_of(text):
            pen = _OutlinePen(self._glyphs)
            self._glyphs[name].draw(pen)
            if pen.parts:
                parts.append(f"q 1 0 0 1 {x:g} 0 cm {' '.join(pen.parts)} f Q")
            x += self._glyphs[name].width
        return "\n".join([*parts, "Q"])

    def wrap(self, text: str, size: float, width: float) -> Iterator[str]:
        """Yield the lines of a text that are no wider than asked, a single long word excepted."""
        line = ""
        for word in text.split():
            longer = f"{line} {word}".strip()
            if line and self.width(longer, size) > width:
                yield line
                longer = word
            line = longer
        yield line


def write_sheets(sheets: tuple[Sheet, ...], font: Path, target: Path) -> None:
    """Write a PDF with one page for each cover sheet.

    Args:
        sheets: in order.
        font: a TrueType font with Vietnamese letters.
        target: written anew.

    Raises:
        OSError: it cannot be written.
    """
    with TTFont(font) as opened, pikepdf.new() as pdf:
        lettering = _Lettering(opened)
        for sheet in sheets:
            pdf.add_blank_page(page_size=(_WIDTH, _HEIGHT))
            content = "\n".join(_draw_sheet(sheet, lettering))
            pdf.pages[-1].obj["/Contents"] = pikepdf.Stream(pdf, content.encode("ascii"))
        pdf.save(target, deterministic_id=True)


def _draw_sheet(sheet: Sheet, lettering: _Lettering) -> Iterator[str]:
    top = _HEIGHT - _MARGIN
    yield _draw_code(sheet.code, (_MARGIN, top - _CODE_POINTS))
    # The second one stands at the other end of the page: a fold or a stain spoils only one.
    yield _draw_code(sheet.code, (_WIDTH - _MARGIN - _CODE_POINTS, _MARGIN))
    y = top - _CODE_POINTS - 60
    room = _WIDTH - 2 * _MARGIN
    for text, size in ((sheet.heading, 30.0), *((line, 16.0) for line in sheet.lines)):
        for line in lettering.wrap(text, size, room):
            yield lettering.draw(line, (_MARGIN, y), size)
            y -= size * _LEADING
        y -= 8
    size = min(8.0, 8.0 * (room - _CODE_POINTS - 20) / max(lettering.width(sheet.payload, 8.0), 1))
    yield lettering.draw(sheet.payload, (_MARGIN, _MARGIN), size)


def _draw_code(code: Matrix, corner: tuple[float, float]) -> str:
    """Draw a QR code whose quiet zone lies inside its square."""
    module = _CODE_POINTS / (len(code) + 2 * _QUIET_MODULES)
    squares = [
        f"{corner[0] + (column + _QUIET_MODULES) * module:.3f} "
        f"{corner[1] + _CODE_POINTS - (row + 1 + _QUIET_MODULES) * module:.3f} "
        f"{module:.3f} {module:.3f} re"
        for row, modules in enumerate(code)
        for column, dark in enumerate(modules)
        if dark
    ]
    return "\n".join([*squares, "f"])
