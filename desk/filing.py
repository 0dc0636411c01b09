"""File a signed paper, and answer a scan whose bytes are filed already."""

from __future__ import annotations

from dataclasses import dataclass

from config.vocabulary import DocumentClass
from desk import accession
from desk.accession import DossierChoice, Placement, Sighting
from desk.endings import Held
from desk.identifiers import new_id
from desk.moments import now
from desk.sealing import SealedPaper
from desk.services import Services
from desk.stages import ACTOR, KeptScan, Scan
from desk.understanding import Understood, view_register
from digitize.model import Description, Evidence, Paper
from storage.model import FieldValue, NewLink, NewRecord, PageText, Record
from storage.submissions import Outcome, SubmissionState

_RESULT_NOT_IN_REGISTER = ("Kết quả này chưa có trong sổ; khi nhập sổ, hãy đối chiếu mã kết quả.",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyPaper:
    """Everything that filing needs of a paper."""

    kept: KeptScan
    paper: Paper
    understood: Understood
    kind: DocumentClass
    choice: DossierChoice
    placement: Placement
    sealed: SealedPaper
    notes: tuple[str, ...]
    """What the rendition says of pictures that could not be kept as they came."""


def file_paper(ready: ReadyPaper, services: Services) -> Record:
    """File a paper in its dossier, exactly once (`storage.archive.Archive.file`)."""
    item, archive = ready.kept.scan.item, services.archive
    identity = archive.ledger.record_outcome(
        Outcome(
            submission_id=item.id,
            paper=ready.paper.number,
            stage="identify",
            body={"record_id": new_id()},
        )
    )
    link = NewLink(
        dossier_code=ready.choice.code or "",
        role=ready.placement.role,
        procedure_result_code=ready.placement.procedure_result_code,
    )
    record = _describe_record(ready, identity["record_id"], services)
    return archive.file(record, link, actor=ACTOR, at=now())


def _describe_record(ready: ReadyPaper, record_id: str, services: Services) -> NewRecord:
    received, paper = ready.kept.scan.received, ready.paper
    description = ready.understood.description
    settings = services.station.settings
    return NewRecord(
        id=record_id,
        submission_id=ready.kept.scan.item.id,
        paper=paper.number,
        class_code=ready.kind.code,
        class_name=ready.kind.name,
        title=description.value("subject") or ready.kind.name,
        original=ready.kept.original,
        original_name=received.name,
        original_media_type=received.media_type.value,
        pdf=ready.sealed.pdf,
        pages=tuple(PageText(number=page.number, text=page.text) for page in paper.pages),
        page_count=len(paper.pages),
        mean_confidence=round(paper.confidence, 4),
        fields=tuple(_field(evidence) for evidence in description.fields),
        signatures=ready.sealed.signatures,
        verdict=ready.sealed.verdict,
        rule_set=services.rules.version,
        classes_version=services.classes.version,
        digitisation_code=_digitisation_code(ready.kind, description, services),
        warnings=_warnings(ready),
        notes={
            "personal_signing": settings.signing.personal,
            "release": settings.signing.release,
            "timestamp": settings.signing.timestamp,
            "dossier_from": ready.choice.source,
            "class_from": "person" if ready.kept.scan.item.confirmed_class else "reading",
        },
    )


def _warnings(ready: ReadyPaper) -> tuple[str, ...]:
    gate = ready.kept.gates[ready.paper.number - 1]
    copied = (f"Trên giấy có chữ «{gate.copy_mark}».",) if gate.copy_mark else ()
    unlisted = _RESULT_NOT_IN_REGISTER if ready.placement.warnings else ()
    return (*ready.kept.scan.received.warnings, *ready.notes, *gate.warnings, *copied, *unlisted)


def _field(evidence: Evidence) -> FieldValue:
    return FieldValue(
        name=evidence.name,
        value=evidence.value,
        confidence=round(evidence.confidence, 4),
        page=evidence.page,
        box=evidence.box,
    )


def _digitisation_code(
    kind: DocumentClass, description: Description, services: Services
) -> str | None:
    """Fill the template of TT 01/2023/TT-VPCP Art. 10; None where there is no number to tell by."""
    number = description.value("number")
    if number is None:
        return None
    return services.station.settings.accession.digitisation_code.format(
        holder_id=description.value("personal_number") or "",
        class_code=kind.code,
        number=number,
    )


def answer_known(scan: Scan, services: Services) -> Record | None:
    """Answer a scan whose bytes are filed already; None where they are new.

    The same dossier: the record stands as it is. Another registered dossier: the record gets its
    place there too.

    Raises:
        Held: the other dossier is not in the register.
    """
    archive = services.archive
    known = [
        record
        for record in archive.records.by_original(scan.received.sha256)
        if record.submission_id != scan.item.id
    ]
    if not known:
        return None
    record = known[0]
    code = scan.item.confirmed_dossier or accession.folder_code(scan.item.folder)
    if code is None or any(link.dossier_code == code for link in record.links):
        return record
    view = view_register(code, services)
    if view.dossier is None and services.station.settings.accession.unregistered == "hold":
        raise Held(SubmissionState.TO_CONFIRM, accession.unregistered(code))
    kind = services.classes.find(record.class_code)
    fields = tuple(_evidence(field) for field in record.fields if field.value is not None)
    role = accession.place(kind, Description(fields=fields), view) if kind else None
    if role is None or role.question is not None:
        raise Held(SubmissionState.TO_CONFIRM, (role and role.question) or accession.NO_CODE)
    link = NewLink(
        dossier_code=code, role=role.role, procedure_result_code=role.procedure_result_code
    )
    return archive.link(record.id, link, actor=ACTOR, at=now())


def _evidence(field: FieldValue) -> Evidence:
    return Evidence(
        name=field.name,
        value=field.value or "",
        confidence=field.confidence,
        page=field.page or 1,
        box=field.box or (0.0, 0.0, 0.0, 0.0),
    )


def dossier_of(scan: Scan, codes: tuple[Evidence, ...]) -> DossierChoice:
    """Say to which dossier a paper belongs, before it is described."""
    return accession.choose_dossier(
        Sighting(
            folder=scan.item.folder,
            confirmed=scan.item.confirmed_dossier,
            description=Description(fields=codes),
        )
    )
