"""The preservation copy: PDF/A-2 of two layers, the scan's own image bytes under invisible text.

TT 05/2025/TT-BNV Art. 8 asks for PDF/A of two layers; ISO 19005-2 level B is what ministries send,
and level U, which includes it, is what a copy gets whose text all maps to Unicode. The picture is
never re-encoded where PDF/A can hold it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pikepdf

from digitize import frames, render
from digitize.archival import find_problems, write_archival
from digitize.errors import NotArchival
from digitize.hidden_text import remove_hidden_text
from digitize.metadata import DocumentFacts
from digitize.model import MediaType, PageKind, RecognizedPage, Rendition
from digitize.pdf_files import is_plain, visible_box
from digitize.sheets import add_page, add_picture_page, fit
from digitize.textlayer import add_font

_DRAWN_DPI = 300.0
_TEXT_REPLACED = "Lớp chữ ẩn có sẵn trong PDF được thay bằng lớp chữ mới đọc."


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
    PDF/A; one that does not is drawn as a picture, and the rendition's notes say which.

    Raises:
        NotArchival: neither way passes as PDF/A-2b; nothing is left at `target`.
    """
    problems: tuple[str, ...] = ()
    for attempt in _attempts(job, target):
        written = _try(attempt, target)
        problems = written.problems
        if not problems:
            return Rendition(
                path=target,
                flavour=written.flavour,
                sha256=hashlib.sha256(target.read_bytes()).hexdigest(),
                size_bytes=target.stat().st_size,
                notes=written.notes,
            )
    raise NotArchival(
        f"Không tạo được PDF/A-2b từ «{job.source.name}». Hãy quét lại giấy này.",
        "not PDF/A-2b: " + "; ".join(problems[:3]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """What came of an attempt; the file is there where there are no problems."""

    flavour: str = ""
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def _try(job: RenderJob, target: Path) -> _Written:
    try:
        flavour, notes = _write(job, target)
    except (pikepdf.PdfError, ValueError, TypeError, AttributeError) as error:
        # Broken content, impossible page sizes, values of a kind that nobody foresees.
        return _Written(problems=(str(error),))
    problems = find_problems(target, job.facts)
    if problems:
        target.unlink()
    return _Written(flavour=flavour, notes=notes, problems=problems)


def _attempts(job: RenderJob, target: Path) -> Iterator[RenderJob]:
    """Yield the job as it is, then with the pages drawn that do not pass alone, then with all."""
    drawn = tuple(replace(page, kind=PageKind.DRAWN) for page in job.pages)
    if job.media_type is MediaType.PDF and _needs_drawing(job.source):
        yield replace(job, pages=drawn)
        return
    yield job
    if job.media_type is not MediaType.PDF:
        return
    if len(job.pages) > 1:
        yield replace(job, pages=tuple(_passing(job, page, target) for page in job.pages))
    yield replace(job, pages=drawn)


def _passing(job: RenderJob, page: RecognizedPage, target: Path) -> RecognizedPage:
    alone = _try(replace(job, pages=(page,)), target)
    if alone.problems:
        return replace(page, kind=PageKind.DRAWN)
    target.unlink()
    return page


def _needs_drawing(path: Path) -> bool:
    """Tell whether only a viewer can show what was filled in, as its makers left no appearance."""
    with pikepdf.open(path) as source:
        form = source.Root.get("/AcroForm")
        return isinstance(form, pikepdf.Dictionary) and bool(form.get("/NeedAppearances", False))


def _write(job: RenderJob, target: Path) -> tuple[str, tuple[str, ...]]:
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
        flavour = write_archival(pdf, font, job.facts, target)
    return flavour, _named(notes, job)


def _named(notes: list[str | None], job: RenderJob) -> tuple[str, ...]:
    """Say of each note which pages it is about, where it is not about all of a paper."""
    pages: dict[str, list[int]] = {}
    for note, page in zip(notes, job.pages, strict=True):
        if note is not None:
            pages.setdefault(note, []).append(page.number)
    return tuple(
        note if len(about) == len(job.pages) else f"Trang {', '.join(map(str, about))}: {note}"
        for note, about in pages.items()
    )


def _flatten(source: pikepdf.Pdf) -> None:
    """Draw filled fields, stamps and notes into their pages, for the copies keep no annotation."""
    if any("/Annots" in page.obj for page in source.pages):
        source.flatten_annotations("all")


def _add_frame_page(
    pdf: pikepdf.Pdf, font: pikepdf.Object, page: RecognizedPage, job: RenderJob
) -> str | None:
    packed = frames.pack(job.source, page.number - 1)
    add_picture_page(pdf, font, fit(page), packed)
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
        case PageKind.TEXT if not is_plain(original):
            # Upright at last, and cut to what is shown, so that a signature block stands as on any
            # other page and readers agree on its places; its own text stays.
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
            add_picture_page(pdf, font, fit(replace(page, dpi=dpi)), packed)
            return packed.note


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
    add_page(pdf, font, page, (pikepdf.Dictionary(Im0=form), size, place.decode("ascii")))


def _drop(dictionary: pikepdf.Object, *keys: str) -> None:
    for key in keys:
        if key in dictionary:
            del dictionary[key]
