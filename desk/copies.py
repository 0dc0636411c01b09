"""Access copies of what is filed, or of any PDF, for reading and sending (`hoso copy`).

What leaves the archive is checked against its digest first; each copy of a record is an event, and
stands in the register of copies with who asked for it and why.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory

from config.codes import is_dossier_code
from config.settings import ReadingSettings
from config.vocabulary import EventType
from desk.errors import AnswerRefused, PathUnusable
from desk.exporting import records_of
from desk.identifiers import new_id
from desk.moments import VIETNAM, now
from desk.reading_jobs import copy_job
from desk.station import Station
from desk.views import link_in
from digitize.access_job import SUFFIX, AccessJob, AccessKind, CopyForm
from digitize.metadata import DocumentFacts
from digitize.model import Rendition
from digitize.reader import Reader
from storage import access_copies
from storage.access_copies import CopyState, IssuedCopy, IssuedKind, Told
from storage.archive import Archive
from storage.model import Link, Record

PLAIN_SUFFIX, READING_SUFFIX = ".ban-sao.pdf", ".ban-doc.pdf"
"""Endings of the names of copies."""
_ID_DIGITS = 8
_MOST_REASON_LETTERS = 500
_FORMS = {IssuedKind.PLAIN: CopyForm.PLAIN, IssuedKind.READING: CopyForm.READING}


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
    id: str | None
    """Its number in the register of copies; None for a PDF outside the archive."""
    form: str
    """`reading`, `plain`; `view` for a PDF outside the archive."""
    packing: str
    """How its pictures were made small: `mrc`, `g4` or `gray`."""
    flavour: str
    """`2u` or `2b`."""
    sha256: str
    size: int
    """Bytes."""
    source_sha256: str
    """Of the PDF that it shows."""
    source_size: int
    """Bytes."""
    last_day: dt.date | None = None
    """On which a reading copy may be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks for copies of papers, which, and why."""

    kind: IssuedKind
    actor: str
    reason: str
    """In that person's words; it stays in the register, the log holds its digest."""
    at: dt.datetime
    """Aware."""
    last_day: dt.date | None = None
    """On which a reading copy may be read."""


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
        return (desk.make(taken, f"{path.stem}{SUFFIX}", facts),)


def copy_records(
    code: str, order: CopyOrder, station: Station, archive: Archive, asked: Asked
) -> tuple[MadeCopy, ...]:
    """Write uncertified copies, or copies for reading, of a record or of all records of a dossier.

    Args:
        code: a dossier code or a record id.
        order: how, and where to; reading copies stay in the station's own folder.
        station: whose archive it is.
        archive: where the PDFs come from; each copy is an event in it, and stands in its register.
        asked: which kind, who asks, and why.

    Raises:
        AnswerRefused: no reason is given; or the agency that the copy must name has no name.
        UnknownCode: nothing is filed under the code.
        ObjectMissing, ObjectDamaged: a PDF is not what was filed; nothing of it leaves.
        PathUnusable: a copy cannot be written.
        DamagedFile, TooLarge, NotArchival: no copy can be made of a PDF.
    """
    require_reason(asked.reason)
    if asked.kind is IssuedKind.READING and not station.settings.agency.name:
        raise AnswerRefused(
            "Bản đọc phải ghi tên cơ quan ở chân mỗi trang. Hãy khai báo [agency] name trong "
            "hoso.toml.",
            "a reading copy names the agency on each page; give [agency] name in hoso.toml",
        )
    made = []
    with _desk(order) as desk:
        for record in records_of(code, archive):
            link = link_of(record, code)
            taken = desk.work / "source.pdf"
            archive.objects.copy_to(record.pdf.sha256, taken)
            facts = _facts(record, link, station.settings.agency.name, archive)
            copy_order = order_of(record, link, asked)
            name = _name(link, copy_order, asked)
            done = desk.make(taken, name, facts, (_FORMS[asked.kind], asked.last_day))
            made.append(replace(done, record_id=record.id, id=copy_order.id))
            _note(made[-1], copy_order, asked, (station, archive))
    return tuple(made)


def ask_certified(code: str, asked: Asked, archive: Archive) -> tuple[IssuedCopy, ...]:
    """Write down that certified copies are asked for; they wait for a person's release.

    Raises:
        AnswerRefused: no reason is given.
        UnknownCode: nothing is filed under the code.
    """
    require_reason(asked.reason)
    told = Told(
        type=EventType.DISSEMINATION, actor=asked.actor, at=asked.at, outcome="asked", detail={}
    )
    return tuple(
        archive.copies.add(order_of(record, link_of(record, code), asked), told)
        for record in records_of(code, archive)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredCopy:
    """What the register tells of one copy."""

    id: str
    record_id: str
    paper: str
    """Dossier code and ordinal."""
    kind: IssuedKind
    state: CopyState
    actor: str
    reason: str
    at: dt.datetime
    """When it was asked for."""
    sha256: str
    """Digest of its file; empty before it is made."""
    file: str
    """Where its file lies in the station; empty where it was handed out, or is gone."""
    expires_at: dt.datetime | None


def issued_copies(code: str, archive: Archive) -> list[RegisteredCopy]:
    """Return the copies of a record, or of all records of a dossier, the oldest of each first.

    Raises:
        UnknownCode: nothing is filed under the code.
    """
    return [
        RegisteredCopy(
            id=copy.id,
            record_id=copy.record_id,
            paper=f"{copy.dossier_code}.{copy.ordinal}",
            kind=copy.kind,
            state=copy.state,
            actor=copy.actor,
            reason=copy.reason,
            at=copy.at,
            sha256=copy.sha256,
            file=copy.file,
            expires_at=copy.expires_at,
        )
        for record in records_of(code, archive)
        for copy in archive.copies.of_record(record.id)
    ]


def require_reason(reason: str) -> None:
    """Refuse to issue a copy that nobody says the purpose of.

    Raises:
        AnswerRefused: no reason is given, or a whole story.
    """
    if not 0 < len(reason.strip()) <= _MOST_REASON_LETTERS:
        raise AnswerRefused(
            f"Hãy nêu lý do cấp bản sao bằng --reason, không quá {_MOST_REASON_LETTERS} chữ.",
            f"say why the copy is issued with --reason, {_MOST_REASON_LETTERS} letters at most",
        )


def link_of(record: Record, code: str) -> Link:
    """Return the place of a record that a code speaks of: in that dossier, else its first."""
    return link_in(record, code) if is_dossier_code(code) else record.links[0]


def order_of(record: Record, link: Link, asked: Asked) -> access_copies.CopyOrder:
    """Return what is asked for of one record, for the register."""
    return access_copies.CopyOrder(
        id=new_id(),
        record_id=record.id,
        dossier_code=link.dossier_code,
        ordinal=link.ordinal,
        kind=asked.kind,
        pdf_sha256=record.pdf.sha256,
        reason=asked.reason.strip(),
        actor=asked.actor,
        at=asked.at,
    )


def _name(link: Link, order: access_copies.CopyOrder, asked: Asked) -> str:
    """Name a copy's file; of a reading copy so that its last day is seen in the folder."""
    stem = f"{link.dossier_code}.{link.ordinal}"
    if asked.last_day is None:
        return f"{stem}{PLAIN_SUFFIX}"
    return f"{stem}.den-{asked.last_day.isoformat()}.{order.id[-_ID_DIGITS:]}{READING_SUFFIX}"


def _note(
    made: MadeCopy,
    order: access_copies.CopyOrder,
    asked: Asked,
    place: tuple[Station, Archive],
) -> None:
    station, archive = place
    is_kept = asked.kind is IssuedKind.READING
    told = Told(
        type=EventType.DISSEMINATION,
        actor=asked.actor,
        at=asked.at,
        outcome=asked.kind.value,
        detail={"packing": made.packing, "flavour": made.flavour},
    )
    archive.copies.add(
        order,
        told,
        state=CopyState.ISSUED,
        file=station.relative(made.file) if is_kept else "",
        sha256=made.sha256,
        expires_at=end_of(asked.last_day) if asked.last_day else None,
    )


def end_of(day: dt.date) -> dt.datetime:
    """Return when a day ends by Vietnam's clocks."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), VIETNAM)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """Where copies are made, one after the other, in a reading process."""

    order: CopyOrder
    work: Path
    font: Path
    reader: Reader

    def make(
        self,
        source: Path,
        name: str,
        facts: DocumentFacts,
        form: tuple[CopyForm, dt.date | None] = (CopyForm.VIEW, None),
    ) -> MadeCopy:
        """Write the copy of a PDF of this folder."""
        job = AccessJob(
            source=source,
            kind=self.order.kind,
            facts=facts,
            font=self.font,
            form=form[0],
            last_day=form[1],
        )
        size = source.stat().st_size
        made: Rendition = self.reader.ask(copy_job(job, self.work / "copy.pdf", size))
        target = self.order.folder / name
        with _usable(target):
            _put(made.path, target)
        return MadeCopy(
            file=target,
            record_id=None,
            id=None,
            form=job.form.value,
            packing=job.kind.value,
            flavour=made.flavour,
            sha256=made.sha256,
            size=made.size_bytes,
            source_sha256=facts.access_copy_of,
            source_size=size,
            last_day=job.last_day,
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
