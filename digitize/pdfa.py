"""The preservation copy: PDF/A-2b of two layers, the scan's own image bytes under invisible text.

TT 05/2025/TT-BNV Art. 8 asks for PDF/A of two layers; ISO 19005-2 level B is what ministries send.
The picture is never re-encoded where PDF/A can hold it: it is drawn turned and levelled by the
page's matrix, so that the text above stands upright. Written by pikepdf, checked by its allow-list
validator.
"""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from dataclasses import dataclass, replace
from math import cos, radians, sin
from pathlib import Path

import pikepdf
from pikepdf import pdfa as validator

from digitize import frames, render
from digitize.errors import NotArchival
from digitize.frames import PackedImage
from digitize.hidden_text import remove_hidden_text
from digitize.metadata import PRODUCER, DocumentFacts, pdf_date, writable, write_xmp
from digitize.model import MediaType, PageKind, RecognizedPage, Rendition
from digitize.pdf_files import visible_box
from digitize.textlayer import add_font, draw_words

FLAVOUR = "2b"
_POINTS_PER_INCH = 72.0
_DRAWN_DPI = 300.0
_TEXT_REPLACED = "Lớp chữ ẩn có sẵn trong PDF được thay bằng lớp chữ mới đọc."
Matrix = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderJob:
    """What one preservation copy is made of."""

    source: Path
    media_type: MediaType
    pages: tuple[RecognizedPage, ...]
    facts: DocumentFacts


def make_rendition(job: RenderJob, target: Path) -> Rendition:
    """Write the PDF/A of a paper.

    The same job gives the same bytes. Pages of a PDF are kept as they are where that passes as
    PDF/A; otherwise they are drawn as pictures, and the rendition's notes say so.

    Raises:
        NotArchival: neither way passes as PDF/A-2b; nothing is left at `target`.
    """
    problems: tuple[str, ...] = ()
    for attempt in _attempts(job):
        try:
            notes = _write(attempt, target)
        except (pikepdf.PdfError, ValueError) as error:  # broken content, impossible page sizes
            problems = (str(error),)
            continue
        report = validator.validate_written(target, FLAVOUR)
        if report.passed:
            return Rendition(
                path=target,
                flavour=FLAVOUR,
                sha256=hashlib.sha256(target.read_bytes()).hexdigest(),
                size_bytes=target.stat().st_size,
                notes=notes,
            )
        problems = tuple(f"{finding.rule}: {finding.message}" for finding in report.findings)
        target.unlink()
    raise NotArchival(
        f"Không tạo được PDF/A-2b từ «{job.source.name}». Hãy quét lại giấy này.",
        "not PDF/A-2b: " + "; ".join(problems[:3]),
    )


def _attempts(job: RenderJob) -> list[RenderJob]:
    if job.media_type is not MediaType.PDF:
        return [job]
    pages = tuple(replace(page, kind=PageKind.DRAWN) for page in job.pages)
    drawn = replace(job, pages=pages)
    return [drawn] if _needs_drawing(job.source) else [job, drawn]


def _needs_drawing(path: Path) -> bool:
    """Tell whether only a viewer can show what was filled in, as its makers left no appearance."""
    with pikepdf.open(path) as source:
        form = source.Root.get("/AcroForm")
        return isinstance(form, pikepdf.Dictionary) and bool(form.get("/NeedAppearances", False))


def _write(job: RenderJob, target: Path) -> tuple[str, ...]:
    # A source PDF stays open until the target is saved: copied streams are read from it then.
    with ExitStack() as stack:
        pdf = stack.enter_context(pikepdf.new())
        font = add_font(pdf)
        if job.media_type is MediaType.PDF:
            source = stack.enter_context(pikepdf.open(job.source))
            _flatten(source)
            notes = [_add_pdf_page(pdf, font, page, source, job) for page in job.pages]
        else:
            notes = [_add_frame_page(pdf, font, page, job) for page in job.pages]
        _finish(pdf, job.facts, target)
    return tuple(dict.fromkeys(note for note in notes if note))


def _flatten(source: pikepdf.Pdf) -> None:
    """Draw filled fields, stamps and notes into their pages, for the copies keep no annotation."""
    if any("/Annots" in page.obj for page in source.pages):
        source.flatten_annotations("all")


def _add_frame_page(
    pdf: pikepdf.Pdf, font: pikepdf.Object, page: RecognizedPage, job: RenderJob
) -> str | None:
    packed = frames.pack(job.source, page.number - 1)
    _add_picture_page(pdf, font, page, packed)
    return packed.note


def _add_pdf_page(
    pdf: pikepdf.Pdf,
    font: pikepdf.Object,
    page: RecognizedPage,
    source: pikepdf.Pdf,
    job: RenderJob,
) -> str | None:
    original = source.pages[page.number - 1]
    match page.kind:
        case PageKind.TEXT if int(original.obj.get("/Rotate", 0)) % 360:
            # Upright at last, so that a signature block stands upright on it; its own text stays.
            _add_form_page(pdf, font, replace(page, lines=()), original)
            return None
        case PageKind.TEXT:
            pdf.pages.append(original)
            _drop(pdf.pages[-1].obj, "/AA", "/Annots")
            return None
        case PageKind.IMAGE:
            had_text = remove_hidden_text(source, original)
            _add_form_page(pdf, font, page, original)
            return _TEXT_REPLACED if had_text else None
        case PageKind.DRAWN:
            dpi = render.reachable_dpi(job.source, page.number - 1, _DRAWN_DPI)
            picture = render.draw(job.source, page.number - 1, dpi, annotations=True)
            packed = frames.pack_picture(picture)
            _add_picture_page(pdf, font, replace(page, dpi=dpi), packed)
            return packed.note


def _add_picture_page(
    pdf: pikepdf.Pdf, font: pikepdf.Object, page: RecognizedPage, packed: PackedImage
) -> None:
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
    scale = _POINTS_PER_INCH / page.dpi
    size = (packed.width * scale, packed.height * scale)
    place = f"{_cm((size[0], 0, 0, size[1], 0, 0))} /Im0 Do"
    _add_page(pdf, font, page, (pikepdf.Dictionary(Im0=image), size, place))


def _add_form_page(
    pdf: pikepdf.Pdf, font: pikepdf.Object, page: RecognizedPage, source: pikepdf.Page
) -> None:
    form = pdf.copy_foreign(source.as_form_xobject())
    box = visible_box(source)
    form["/BBox"] = pikepdf.Array(list(box))
    size = (box[2] - box[0], box[3] - box[1])
    if int(source.obj.get("/Rotate", 0)) % 180:
        size = (size[1], size[0])
    carrier = pikepdf.Page(pdf.add_blank_page(page_size=size).obj)
    rectangle = pikepdf.Rectangle(0, 0, *size)
    place = carrier.calc_form_xobject_placement(
        form,
        pikepdf.Name.Im0,
        rectangle,
        invert_transformations=False,
        allow_shrink=True,
        allow_expand=True,
    )
    del pdf.pages[-1]
    _add_page(pdf, font, page, (pikepdf.Dictionary(Im0=form), size, place.decode("ascii")))


def _add_page(
    pdf: pikepdf.Pdf,
    font: pikepdf.Object,
    page: RecognizedPage,
    picture: tuple[pikepdf.Dictionary, tuple[float, float], str],
) -> None:
    xobjects, size, place = picture
    upright = _cm(turn_matrix(size, page.quarter_turns))
    turned = size if page.quarter_turns % 2 == 0 else (size[1], size[0])
    level = _cm(level_matrix(turned, (page.width, page.height), page.skew_degrees))
    content = f"q {level} {upright} {place} Q\n".encode("ascii") + draw_words(page)
    pdf.add_blank_page(page_size=(page.width, page.height))
    added = pdf.pages[-1].obj
    added["/MediaBox"] = pikepdf.Array([0, 0, round(page.width, 3), round(page.height, 3)])
    added["/Resources"] = pikepdf.Dictionary(XObject=xobjects, Font=pikepdf.Dictionary(F0=font))
    added["/Contents"] = pikepdf.Stream(pdf, content)


def _drop(dictionary: pikepdf.Object, *keys: str) -> None:
    for key in keys:
        if key in dictionary:
            del dictionary[key]


def _cm(matrix: Matrix) -> str:
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


def _finish(pdf: pikepdf.Pdf, facts: DocumentFacts, target: Path) -> None:
    validator.prepare(pdf, FLAVOUR)
    root = pdf.Root
    _drop(root, "/OpenAction", "/AA", "/AcroForm", "/Names")
    root["/Lang"] = pikepdf.String("vi-VN")
    # `prepare` writes the moment of its run; ours says when the scan was taken in, and repeats.
    root["/Metadata"] = pikepdf.Stream(
        pdf,
        write_xmp(facts),
        Type=pikepdf.Name.Metadata,
        Subtype=pikepdf.Name.XML,
    )
    moment = pdf_date(facts.received_at)
    pdf.trailer["/Info"] = pdf.make_indirect(
        pikepdf.Dictionary(
            Title=pikepdf.String(writable(facts.title)),
            Producer=pikepdf.String(PRODUCER),
            CreationDate=pikepdf.String(moment),
            ModDate=pikepdf.String(moment),
        )
    )
    pdf.save(
        target,
        min_version="1.7",
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        fix_metadata_version=False,
    )
