"""Access copies: small PDFs for reading and sending, made on request from a PDF of the archive.

They are lossy and say so: in their metadata, which name the PDF that they show, at the foot of each
page (`access_marks`), and in their file's name. They are PDF/A of two layers too, but never the
record. No picture is coded by matching symbols (JBIG2 may exchange letters that look alike).
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pikepdf

from digitize import frames, images, render
from digitize.access_job import AccessJob, AccessKind, CopyForm
from digitize.access_marks import draw_marks, strips_of, written
from digitize.archival import find_problems, write_archival
from digitize.errors import DamagedFile, NotArchival
from digitize.frames import PackedImage, Picture
from digitize.lettering import Lettering, open_lettering
from digitize.mixed_raster import ink_of, take_apart
from digitize.model import PageKind, RecognizedPage, Rendition
from digitize.sheets import Drawing, add_page, cm, image_stream
from digitize.textlayer import add_font

_POINTS_PER_INCH = 72.0
# Letters stay readable at 200 dpi; above 300 a copy for reading only grows.
_MIN_DPI, _MAX_DPI = 200.0, 300.0
_GREY_DPI, _GREY_QUALITY = 120.0, 40
_INK_QUALITY, _PAPER_QUALITY = 40, 35
NOTE = "Bản xem, nén mất dữ liệu, không thay thế bản lưu. (Access copy, lossy; not the record.)"
_TITLES = {
    CopyForm.VIEW: "Bản xem",
    CopyForm.READING: "Bản đọc",
    CopyForm.PLAIN: "Bản sao không chứng nhận",
}


def make_access_copy(job: AccessJob, target: Path) -> Rendition:
    """Write an access copy; the same job gives the same bytes.

    Raises:
        DamagedFile: the source, or one of its pages, cannot be drawn.
        NotArchival: what was written is not PDF/A-2b; nothing is left at `target`.
    """
    facts = replace(job.facts, title=f"{_TITLES[job.form]}: {job.facts.title}", note=NOTE)
    with pikepdf.new() as pdf, open_lettering(job.font) as lettering:
        font = add_font(pdf)
        for index in range(_count_pages(job.source)):
            page = _add_copy(pdf, font, (job, lettering), index)
            draw_marks(pdf, page, job, lettering)
        flavour = write_archival(pdf, font, facts, target)
    problems = find_problems(target, facts)
    if problems:
        target.unlink()
        raise NotArchival(
            f"Không tạo được bản xem PDF/A-2b từ «{job.source.name}».",
            "the access copy is not PDF/A-2b: " + "; ".join(problems[:3]),
        )
    return Rendition(
        path=target,
        flavour=flavour,
        sha256=hashlib.sha256(target.read_bytes()).hexdigest(),
        size_bytes=target.stat().st_size,
        notes=(NOTE,),
    )


def _count_pages(path: Path) -> int:
    try:
        with pikepdf.open(path) as source:
            return len(source.pages)
    except pikepdf.PdfError as error:
        raise DamagedFile(
            f"Tệp PDF «{path.name}» bị hỏng hoặc có mật khẩu, không mở được.",
            "the PDF does not open; it is damaged, or needs a password",
        ) from error


def _add_copy(
    pdf: pikepdf.Pdf, font: pikepdf.Object, copy: tuple[AccessJob, Lettering], index: int
) -> RecognizedPage:
    job, lettering = copy
    layer = images.read_every_word(job.source, index)
    wanted = _GREY_DPI if job.kind is AccessKind.GRAY else max(layer.dpi, _MIN_DPI)
    dpi = render.reachable_dpi(job.source, index, min(wanted, _MAX_DPI))
    picture = render.draw(job.source, index, dpi, annotations=True)
    height, width = (side * _POINTS_PER_INCH / dpi for side in picture.shape[:2])
    strips = strips_of(job, index)
    shown = RecognizedPage(
        number=index + 1,
        kind=PageKind.DRAWN,
        width=width,
        height=height + strips.head + strips.foot,
        dpi=dpi,
        quarter_turns=0,
        skew_degrees=0.0,
        recipe=f"access copy, {job.kind}",
        confidence=1.0,
        lines=layer.lines,
        barcodes=(),
        colour=False,
    )
    page = written(shown, job, lettering)
    add_page(pdf, font, page, _drawing(pdf, picture, page, (job.kind, strips.head)))
    return page


def _drawing(
    pdf: pikepdf.Pdf, picture: Picture, page: RecognizedPage, how: tuple[AccessKind, float]
) -> Drawing:
    kind, head = how
    pictures = pikepdf.Dictionary()
    match kind:
        case AccessKind.GRAY:
            grey = picture.mean(axis=2).round().astype(picture.dtype)
            pictures["/Im0"] = image_stream(pdf, frames.pack_lossy(grey, _GREY_QUALITY))
            shape = grey.shape
        case AccessKind.G4:
            mask = ink_of(picture, page.dpi)
            pictures["/Im0"] = image_stream(pdf, frames.pack_mask(mask))
            shape = mask.shape
        case AccessKind.MRC:
            shape = _add_layers(pdf, picture, page.dpi, pictures)
    # From the upper left corner, below the head: layers may be some pixels larger than their page.
    high, wide = (side * _POINTS_PER_INCH / page.dpi for side in shape[:2])
    place = cm((wide, 0, 0, high, 0, page.height - head - high))
    shown = " ".join(f"{name} Do" for name in pictures)
    return pictures, (page.width, page.height), f"0 g {place} {shown}"


def _add_layers(
    pdf: pikepdf.Pdf, picture: Picture, dpi: float, pictures: pikepdf.Dictionary
) -> tuple[int, ...]:
    layers = take_apart(picture, dpi)
    if layers.paper is not None:
        packed = frames.pack_lossy(layers.paper, _PAPER_QUALITY)
        pictures["/Im0"] = image_stream(pdf, packed)
    mask = _stencil(pdf, frames.pack_mask(layers.mask))
    if layers.ink is None:
        pictures["/Im1"] = mask
    else:
        pictures["/Im1"] = image_stream(pdf, frames.pack_lossy(layers.ink, _INK_QUALITY))
        pictures["/Im1"]["/Mask"] = mask
    return layers.mask.shape


def _stencil(pdf: pikepdf.Pdf, packed: PackedImage) -> pikepdf.Object:
    """Return a mask through which the black of a picture is painted (ISO 32000-1, 8.9.6.2)."""
    stream = image_stream(pdf, packed)
    del stream["/ColorSpace"]
    stream["/ImageMask"] = True
    return pdf.make_indirect(stream)
