"""Text as outlines: it is seen as it stands in our font, and no font goes into the file.

The only door to fontTools in this package.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont


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


class Lettering:
    """One font, as outlines.

    Args:
        font: a TrueType font with Vietnamese letters.
    """

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


@contextmanager
def open_lettering(path: Path) -> Iterator[Lettering]:
    """Open a font file for drawing.

    Raises:
        OSError: it cannot be read.
    """
    with TTFont(path) as font:
        yield Lettering(font)
