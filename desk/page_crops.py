"""Pictures of what a person is asked about, for `hoso review show --crop`.

Drawn in a reading process: from the PDF/A of the paper, on which the boxes lie as they were read,
else from the scan itself; a picture file gets a PDF/A for the moment.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from config import codec
from config.vocabulary import EventType
from desk.errors import AnswerRefused, PathUnusable
from desk.moments import now
from desk.reading_jobs import crop_job, rendition_job
from desk.station import Station
from digitize.crops import CropSpot
from digitize.metadata import DocumentFacts
from digitize.model import Box, Description, MediaType, RecognizedPage
from digitize.pdfa import RenderJob
from digitize.reader import Reader
from storage.archive import Archive
from storage.model import NewEvent, Record
from storage.submissions import Submission


@dataclass(frozen=True, slots=True, kw_only=True)
class CropOrder:
    """What a person wants to see."""

    out: Path
    """Where the picture goes, as PNG."""
    paper: int = 1
    """Which paper of a scan that waits."""
    page: int | None = None
    """Page of the paper, from 1; None for the first, or for that of the field."""
    field: str | None = None
    """A field: only its place is shown, with some room around it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sight:
    """What is drawn."""

    pdf: Path | None
    """None: it is made first."""
    spot: tuple[int, Box | None]
    """Page of that PDF, from 0, and the piece of it."""
    render: RenderJob | None = None


def write_crop(
    subject: Submission | Record, order: CropOrder, station: Station, archive: Archive, actor: str
) -> Path:
    """Write a picture of a paper; that one of a filed paper left the archive is an event.

    Raises:
        AnswerRefused: there is no such paper, page or field, or nothing of it was read yet.
        PathUnusable: the picture cannot be written there.
        DamagedFile, TooLarge, NotArchival, ObjectMissing: the page cannot be drawn.
    """
    if isinstance(subject, Submission):
        _draw(_of_scan(subject, order, archive), order.out, station)
        return order.out
    sight = _of_record(subject, order, archive)
    _draw(sight, order.out, station)
    detail = {"kind": "crop", "page": sight.spot[0] + 1, "pdf_sha256": subject.pdf.sha256}
    archive.events.append(
        NewEvent(
            type=EventType.DISSEMINATION, object=subject.id, actor=actor, at=now(), detail=detail
        )
    )
    return order.out


def _of_record(record: Record, order: CropOrder, archive: Archive) -> _Sight:
    found = [field for field in record.fields if field.name == order.field]
    place = next((field for field in found if field.box is not None), None)
    if order.field is not None and place is None:
        raise _no_place(order.field)
    page = place.page if place and place.page else order.page or 1
    _require_page(page, record.page_count)
    pdf = archive.objects.path(record.pdf.sha256)
    return _Sight(pdf=pdf, spot=(page - 1, place.box if place else None))


def _of_scan(item: Submission, order: CropOrder, archive: Archive) -> _Sight:
    pages = paper_pages(item.id, order.paper, archive)
    numbers = [page.number for page in pages]
    box = None
    index = (order.page or 1) - 1
    if order.field is not None:
        described = archive.ledger.outcome(item.id, order.paper, "describe") or {}
        read = codec.from_plain(Description, described.get("description", {"fields": []}))
        place = next((field for field in read.fields if field.name == order.field), None)
        if place is None or not any(place.box):
            raise _no_place(order.field)
        box, index = place.box, numbers.index(place.page)
    _require_page(index + 1, len(pages))
    made = archive.ledger.outcome(item.id, order.paper, "render")
    if made is not None:
        return _Sight(pdf=archive.objects.path(made["pdf"]["sha256"]), spot=(index, box))
    source = archive.objects.path(item.sha256 or "")
    kind = MediaType(item.media_type or MediaType.PDF)
    if kind is MediaType.PDF:
        return _Sight(pdf=source, spot=(numbers[index] - 1, box))
    return _Sight(pdf=None, spot=(index, box), render=_render(item, source, kind, pages))


def _render(
    item: Submission, source: Path, kind: MediaType, pages: tuple[RecognizedPage, ...]
) -> RenderJob:
    facts = DocumentFacts(
        title="",
        agency_name="",
        dossier_code=None,
        source_sha256=item.sha256 or "",
        received_at=item.received_at.astimezone(dt.UTC),
    )
    return RenderJob(source=source, media_type=kind, pages=pages, facts=facts)


def paper_pages(submission_id: str, paper: int, archive: Archive) -> tuple[RecognizedPage, ...]:
    """Return the pages of a paper as they were read; all of the scan where it was not cut yet.

    Raises:
        AnswerRefused: nothing of it was read and kept yet, or it has no such paper.
    """
    gate = archive.ledger.outcome(submission_id, 0, "gate")
    if gate is None:
        raise AnswerRefused(
            "Bản quét này chưa đọc xong, chưa có hình để xem.", "the scan was not read yet"
        )
    plain = json.loads(archive.objects.read(gate["reading_sha256"]))
    pages = codec.from_plain(tuple[RecognizedPage, ...], plain)
    plan = archive.ledger.outcome(submission_id, 0, "cut")
    if plan is None:
        return pages
    if not 1 <= paper <= len(plan["papers"]):
        raise AnswerRefused(
            f"Tệp này không có giấy {paper}; có {len(plan['papers'])} giấy.",
            f"the scan has no paper {paper}, but {len(plan['papers'])}",
        )
    numbers = plan["papers"][paper - 1]["pages"]
    return tuple(page for page in pages if page.number in numbers)


def _no_place(field: str) -> AnswerRefused:
    return AnswerRefused(
        f"Không biết trường «{field}» nằm ở đâu trên giấy. Hãy xem cả trang: bỏ --field.",
        f"the place of {field!r} on the paper is not known; look at the page without --field",
    )


def _require_page(page: int, count: int) -> None:
    if not 1 <= page <= count:
        raise AnswerRefused(
            f"Giấy này không có trang {page}; có {count} trang.",
            f"the paper has no page {page}, but {count}",
        )


def _draw(sight: _Sight, out: Path, station: Station) -> None:
    memory_bytes = station.settings.reading.memory_megabytes * 1_000_000
    index, box = sight.spot
    with (
        TemporaryDirectory(prefix="hoso-crop-") as folder,
        closing(Reader(memory_bytes)) as reader,
    ):
        pdf = sight.pdf or Path(folder) / "paper.pdf"
        if sight.render is not None:
            reader.ask(rendition_job(sight.render, pdf))
        drawn = Path(folder) / "crop.png"
        reader.ask(crop_job(CropSpot(source=pdf, index=index, box=box), drawn))
        try:
            shutil.copyfile(drawn, out)
        except OSError as error:
            raise PathUnusable(
                f"Không ghi được hình vào «{out}»: {error.strerror}. Hãy kiểm tra đường dẫn.",
                f"the picture cannot be written to {out}: {error.strerror}; check the path",
            ) from error
