"""The only door to pdfium: a PDF page as a picture."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium

from digitize.errors import DamagedFile
from digitize.frames import MAX_PIXELS, Picture

_POINTS_PER_INCH = 72.0
# pdfium keeps global state: one call at a time in a process.
_PDFIUM = threading.Lock()


def draw(path: Path, index: int, dpi: float, *, annotations: bool = False) -> Picture:
    """Draw a page upright (its /Rotate applied) as RGB.

    Args:
        path: the PDF.
        index: page from 0.
        dpi: resolution wished; reduced where the page would have too many pixels.
        annotations: draw signature appearances and other annotations too.

    Raises:
        DamagedFile: pdfium cannot open or draw it.
    """
    try:
        with _PDFIUM, pdfium.PdfDocument(path) as document:
            if annotations:
                document.init_forms()
            page = document[index]
            bitmap = page.render(
                scale=_reachable(page, dpi) / _POINTS_PER_INCH,
                may_draw_forms=annotations,
                draw_annots=annotations,
                rev_byteorder=True,
            )
            return np.array(bitmap.to_numpy()[:, :, :3], dtype=np.uint8)
    except pdfium.PdfiumError as error:
        raise _damaged(path, index) from error


def reachable_dpi(path: Path, index: int, dpi: float) -> float:
    """Return the resolution at which `draw` draws a page when asked for one.

    Raises:
        DamagedFile: pdfium cannot open it.
    """
    try:
        with _PDFIUM, pdfium.PdfDocument(path) as document:
            return _reachable(document[index], dpi)
    except pdfium.PdfiumError as error:
        raise _damaged(path, index) from error


def count_pages(path: Path) -> int:
    """Return how many pages can be drawn.

    Raises:
        DamagedFile: pdfium cannot open it.
    """
    try:
        with _PDFIUM, pdfium.PdfDocument(path) as document:
            return len(document)
    except pdfium.PdfiumError as error:
        raise _damaged(path, 0) from error


def _reachable(page: pdfium.PdfPage, dpi: float) -> float:
    width, height = page.get_size()
    pixels = width * height * (dpi / _POINTS_PER_INCH) ** 2
    return dpi if pixels <= MAX_PIXELS else float(dpi * (MAX_PIXELS / pixels) ** 0.5)


def _damaged(path: Path, index: int) -> DamagedFile:
    return DamagedFile(
        f"Trang {index + 1} của «{path.name}» không vẽ được, tệp PDF có thể hỏng. "
        "Hãy quét hoặc xuất lại tệp này.",
        f"page {index + 1} cannot be drawn; the PDF may be damaged",
    )
