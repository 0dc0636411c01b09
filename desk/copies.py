"""Access copies of what is filed, or of any PDF, for reading and sending (`hoso copy`).

What leaves the archive is checked against its digest first; each copy of a record is an event.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory

from config.codes import is_dossier_code
from config.settings import ReadingSettings
from config.vocabulary import EventType
from desk.errors import PathUnusable, UnknownCode
from desk.moments import now
from desk.reading_jobs import copy_job
from desk.station import Station
from desk.views import link_in
from digitize.access_job import SUFFIX, AccessJob, AccessKind
from digitize.metadata import DocumentFacts
from digitize.model import Rendition
from digitize.reader import Reader
from storage.archive import Archive
from storage.errors import RecordNotFound
from storage.model import Link, NewEvent, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyOrder:
    """How access copies are made, and where they go."""

    kind: AccessKind
    folder: Path
    """Made where there is none."""
    reading: ReadingSettings
    """Memory that looking at one PDF may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeCopy:
    """One access copy that was written."""

    file: Path
    record_id: str | None
    """None for a PDF outside the archive."""
    kind: str
    flavour: str
    """`2u` or `2b`."""
    sha256: str
    size: int
    """Bytes."""
    source_sha256: str
    """Of the PDF that it shows."""
    source_size: int
    """Bytes."""


def copy_file(path: Path, order: CopyOrder) -> tuple[MadeCopy, ...]:
    """Write the access copy of a PDF outside the archive.

    Raises:
        PathUnusable: it cannot be read, or its copy not be written.
        DamagedFile, TooLarge, NotArchival: no copy can be made of it.
    """
    with _desk(order) as desk:
        taken = desk.work / "source.pdf"
        with _usable(path):
            shutil.copyfile(path, taken)
        with taken.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        facts = DocumentFacts(
            title=path.name,
            agency_name="",
            dossier_code=None,
            source_sha256="",
            received_at=now(),
            access_copy_of=digest,
        )
        return (desk.make(taken, path.stem, facts),)


def copy_records(
    code: str, order: CopyOrder, station: Station, archive: Archive, actor: str
) -> tuple[MadeCopy, ...]:
    """Write the access copies of a record, or of all records of a dossier.

    Args:
        code: a dossier code or a record id.
        order: how and where to.
        station: whose archive it is.
        archive: where the PDFs come from; each copy is an event in it.
        actor: who asks.

    Raises:
        UnknownCode: nothing is filed under the code.
        ObjectMissing, ObjectDamaged: a PDF is not what was filed; nothing of it leaves.
        PathUnusable: a copy cannot be written.
        DamagedFile, TooLarge, NotArchival: no copy can be made of a PDF.
    """
    made = []
    with _desk(order) as desk:
        for record, link in _find(code, archive):
            taken = desk.work / "source.pdf"
            archive.objects.copy_to(record.pdf.sha256, taken)
            facts = _facts(record, link, station.settings.agency.name, archive)
            stem = f"{link.dossier_code}.{link.ordinal}"
            made.append(desk.make(taken, stem, facts, record.id))
            archive.events.append(_event(made[-1], actor))
    return tuple(made)


def _find(code: str, archive: Archive) -> list[tuple[Record, Link]]:
    if is_dossier_code(code):
        found = [(record, link_in(record, code)) for record in archive.records.of_dossier(code)]
    else:
        found = [(record, record.links[0]) for record in _by_id(code, archive)]
    if found:
        return found
    raise UnknownCode(
        f"Kho không có giấy tờ nào mang mã «{code}», cũng không có tệp tên đó. Hãy kiểm tra lại.",
        f"nothing is filed under {code!r}, and there is no such file",
    )


def _by_id(code: str, archive: Archive) -> list[Record]:
    try:
        return [archive.records.get(code.lower())]
    except RecordNotFound:
        return []


def _facts(record: Record, link: Link, agency: str, archive: Archive) -> DocumentFacts:
    received = archive.ledger.get(record.submission_id).received_at
    return DocumentFacts(
        title=record.original_name,
        agency_name=agency,
        dossier_code=link.dossier_code,
        source_sha256=record.original.sha256,
        received_at=received.astimezone(dt.UTC),
        access_copy_of=record.pdf.sha256,
    )


def _event(made: MadeCopy, actor: str) -> NewEvent:
    detail = {
        "pdf_sha256": made.source_sha256,
        "copy_sha256": made.sha256,
        "kind": made.kind,
        "flavour": made.flavour,
    }
    return NewEvent(
        type=EventType.DISSEMINATION,
        object=made.record_id or "",
        actor=actor,
        at=now(),
        detail=detail,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """Where copies are made, one after the other, in a reading process."""

    order: CopyOrder
    work: Path
    font: Path
    reader: Reader

    def make(
        self, source: Path, stem: str, facts: DocumentFacts, record_id: str | None = None
    ) -> MadeCopy:
        """Write the copy of a PDF of this folder."""
        job = AccessJob(source=source, kind=self.order.kind, facts=facts, font=self.font)
        size = source.stat().st_size
        made: Rendition = self.reader.ask(copy_job(job, self.work / "copy.pdf", size))
        target = self.order.folder / f"{stem}{SUFFIX}"
        with _usable(target):
            _put(made.path, target)
        return MadeCopy(
            file=target,
            record_id=record_id,
            kind=job.kind.value,
            flavour=made.flavour,
            sha256=made.sha256,
            size=made.size_bytes,
            source_sha256=facts.access_copy_of,
            source_size=size,
        )


@contextmanager
def _desk(order: CopyOrder) -> Iterator[_Desk]:
    with _usable(order.folder):
        order.folder.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory(prefix="hoso-copy-") as work,
        as_file(files("signing") / "fonts" / "Tinos-Regular.ttf") as font,
        closing(Reader(order.reading.memory_megabytes * 1_000_000)) as reader,
    ):
        yield _Desk(order=order, work=Path(work), font=font, reader=reader)


@contextmanager
def _usable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PathUnusable(
            f"Không dùng được «{path}»: {error.strerror}. Hãy kiểm tra đường dẫn và quyền.",
            f"{path} cannot be used: {error.strerror}; check the path and your permissions",
        ) from error


def _put(made: Path, target: Path) -> None:
    """Put a finished copy where it was asked for; what is cut off leaves no half of it."""
    aside = target.with_name(f".{target.name}.tmp")
    try:
        shutil.copyfile(made, aside)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
