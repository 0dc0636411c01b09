"""Draw cover sheets: A4 pages with one QR code twice, and the same in words.

Letters are drawn as outlines, so any printer prints Vietnamese as it stands in our font.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pikepdf

from digitize.lettering import Lettering, open_lettering

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


def write_sheets(sheets: tuple[Sheet, ...], font: Path, target: Path) -> None:
    """Write a PDF with one page for each cover sheet.

    Args:
        sheets: in order.
        font: a TrueType font with Vietnamese letters.
        target: written anew.

    Raises:
        OSError: it cannot be written.
    """
    with open_lettering(font) as lettering, pikepdf.new() as pdf:
        for sheet in sheets:
            pdf.add_blank_page(page_size=(_WIDTH, _HEIGHT))
            content = "\n".join(_draw_sheet(sheet, lettering))
            pdf.pages[-1].obj["/Contents"] = pikepdf.Stream(pdf, content.encode("ascii"))
        pdf.save(target, deterministic_id=True)


def _draw_sheet(sheet: Sheet, lettering: Lettering) -> Iterator[str]:
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
