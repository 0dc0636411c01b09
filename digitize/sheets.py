"""Pages of ours: a picture under invisible words, turned and levelled by the page's matrix.

The picture is never resampled for that: it is drawn turned, so that the text above stands upright.
"""

from __future__ import annotations

from dataclasses import replace
from math import cos, radians, sin

import pikepdf

from digitize.frames import PackedImage
from digitize.model import Box, Line, RecognizedPage
from digitize.textlayer import draw_words

_POINTS_PER_INCH = 72.0
# Points; a little within what is allowed, as sides are rounded to pixels.
_MIN_SIDE, _MAX_SIDE = 3.1, 14_390.0
Matrix = tuple[float, float, float, float, float, float]
Drawing = tuple[pikepdf.Dictionary, tuple[float, float], str]
"""Pictures by name, size of the drawing in points as stored, and the operators that draw it."""


def add_picture_page(
    pdf: pikepdf.Pdf, font: pikepdf.Object, page: RecognizedPage, packed: PackedImage
) -> None:
    """Add a page that is one picture under its words.

    Args:
        pdf: the copy.
        font: that of the text layer (`textlayer.add_font`).
        page: its words, size, turns and skew; its resolution is the picture's.
        packed: the picture.
    """
    scale = _POINTS_PER_INCH / page.dpi
    size = (packed.width * packed.stretch[0] * scale, packed.height * packed.stretch[1] * scale)
    place = f"{cm((size[0], 0, 0, size[1], 0, 0))} /Im0 Do"
    pictures = pikepdf.Dictionary(Im0=image_stream(pdf, packed))
    add_page(pdf, font, page, (pictures, size, place))


def fit(page: RecognizedPage) -> RecognizedPage:
    """Return a page within the sizes that PDF/A allows (ISO 19005-2, 6.1.13), words and all."""
    long, short = max(page.width, page.height), min(page.width, page.height)
    scale = min(_MAX_SIDE / long, max(1.0, _MIN_SIDE / short))
    if scale == 1:
        return page
    return replace(
        page,
        width=page.width * scale,
        height=page.height * scale,
        dpi=page.dpi / scale,
        lines=tuple(_scaled(line, scale) for line in page.lines),
    )


def _scaled(line: Line, scale: float) -> Line:
    words = [replace(word, box=_scaled_box(word.box, scale)) for word in line.words]
    return Line(words=tuple(words), box=_scaled_box(line.box, scale))


def _scaled_box(box: Box, scale: float) -> Box:
    return (box[0] * scale, box[1] * scale, box[2] * scale, box[3] * scale)


def image_stream(pdf: pikepdf.Pdf, packed: PackedImage) -> pikepdf.Stream:
    """Return a packed picture as an image XObject."""
    image = pikepdf.Stream(
        pdf,
        packed.data,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=packed.width,
        Height=packed.height,
        ColorSpace=pikepdf.Name.DeviceGray if packed.grey else pikepdf.Name.DeviceRGB,
        BitsPerComponent=packed.bits,
        Filter=pikepdf.Name(packed.pdf_filter),
    )
    if packed.parameters:
        image["/DecodeParms"] = pikepdf.Dictionary(packed.parameters)
    return image


def add_page(
    pdf: pikepdf.Pdf, font: pikepdf.Object, page: RecognizedPage, drawing: Drawing
) -> None:
    """Add a page that is a drawing, turned and levelled, under its words."""
    xobjects, size, place = drawing
    upright = cm(turn_matrix(size, page.quarter_turns))
    turned = size if page.quarter_turns % 2 == 0 else (size[1], size[0])
    level = cm(level_matrix(turned, (page.width, page.height), page.skew_degrees))
    content = f"q {level} {upright} {place} Q\n".encode("ascii") + draw_words(page)
    pdf.add_blank_page(page_size=(page.width, page.height))
    added = pdf.pages[-1].obj
    added["/MediaBox"] = pikepdf.Array([0, 0, round(page.width, 3), round(page.height, 3)])
    added["/Resources"] = pikepdf.Dictionary(XObject=xobjects, Font=pikepdf.Dictionary(F0=font))
    added["/Contents"] = pikepdf.Stream(pdf, content)


def cm(matrix: Matrix) -> str:
    """Write a matrix as the operator that applies it."""
    return " ".join(f"{value:.6f}".rstrip("0").rstrip(".") for value in matrix) + " cm"


def turn_matrix(size: tuple[float, float], quarter_turns: int) -> Matrix:
    """Return the matrix that turns a picture clockwise by quarter turns, back into the corner.

    Args:
        size: width and height of the picture as stored, points.
        quarter_turns: 0 to 3.
    """
    width, height = size
    matrices: tuple[Matrix, ...] = (
        (1, 0, 0, 1, 0, 0),
        (0, -1, 1, 0, 0, width),
        (-1, 0, 0, -1, width, height),
        (0, 1, -1, 0, height, 0),
    )
    return matrices[quarter_turns % 4]


def level_matrix(size: tuple[float, float], page: tuple[float, float], degrees: float) -> Matrix:
    """Return the matrix that rotates a picture counter-clockwise about the middle of its page.

    Args:
        size: width and height of the upright picture, points.
        page: width and height of the page, large enough to hold the rotated picture.
        degrees: counter-clockwise.
    """
    c, s = cos(radians(degrees)), sin(radians(degrees))
    x, y = size[0] / 2, size[1] / 2
    return (c, s, -s, c, page[0] / 2 - c * x + s * y, page[1] / 2 - s * x - c * y)
