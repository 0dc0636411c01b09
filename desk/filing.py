"""File a signed paper, and answer a scan whose bytes are filed already."""

from __future__ import annotations

from dataclasses import dataclass, replace

from config.vietnamese import fold
from desk import accession, legibility, objections, rescans, results, virus
from desk.accession import BatchCode, DossierChoice, PlacedPaper, Sighting
from desk.answers import NOWHERE
from desk.digitisation_codes import national_class, write_code
from desk.dossier_folders import named_dossiers
from desk.duty import Duty, DutyFacts, decide
from desk.endings import Held
from desk.identifiers import new_id
from desk.moments import now
from desk.printed_codes import check_printed
from desk.sealing import SealedPaper
from desk.services import Services
from desk.stages import ACTOR, KeptScan, Scan
from desk.understanding import Understood
from digitize.dossier_codes import dossier_codes
from digitize.model import Description, Evidence, Paper, RecognizedPage
from storage.model import FieldValue, NewLink, NewRecord, PageText, Record
from storage.submissions import Outcome, SubmissionState

_RESULT_NOT_IN_REGISTER = ("Lúc lưu kho, kết quả này chưa có trong sổ; trạm tự nối khi sổ có.",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyPaper:
    """Everything that filing needs of a paper."""

    kept: KeptScan
    paper: Paper
    understood: Understood
    placed: PlacedPaper
    choice: DossierChoice
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
    placement, code = ready.placed.placement, ready.choice.code or ""
    link = NewLink(
        dossier_code=code,
        role=placement.role,
        procedure_result_code=placement.procedure_result_code,
    )
    described = _describe_record(ready, identity["record_id"], services)
    with archive.db.transaction():
        numbered = replace(described, digitisation_code=_digitisation_code(ready, services))
        record = archive.file(numbered, link, actor=ACTOR, at=now())
        rescans.keep(record, ready.paper, services)
        # The register may have brought the entry since the paper was placed.
        results.follow_register(archive, {code: ready.placed.view.results}, actor=ACTOR)
    return archive.records.get(record.id)


def _describe_record(ready: ReadyPaper, record_id: str, services: Services) -> NewRecord:
    received, paper = ready.kept.scan.received, ready.paper
    description = ready.understood.description
    duty = _duty(ready, services)
    return NewRecord(
        id=record_id,
        submission_id=ready.kept.scan.item.id,
        paper=paper.number,
        class_code=ready.placed.kind.code,
        class_name=ready.placed.kind.name,
        title=description.value("subject") or ready.placed.kind.name,
        original=ready.kept.original,
        original_name=received.name,
        original_media_type=received.media_type.value,
        pdf=ready.sealed.pdf,
        pages=tuple(page_text(index + 1, page) for index, page in enumerate(paper.pages)),
        page_count=len(paper.pages),
        mean_confidence=round(paper.confidence, 4),
        fields=tuple(field_value(evidence, paper) for evidence in description.fields),
        signatures=ready.sealed.signatures,
        verdict=ready.sealed.verdict,
        rule_set=services.rules.version,
        classes_version=services.classes.version,
        duty=duty.duty,
        warnings=_warnings(ready),
        notes=_notes(ready, duty, services),
    )


def _notes(ready: ReadyPaper, duty: Duty, services: Services) -> dict[str, str]:
    """Return the facts of the run that are worth keeping."""
    item, received, paper = ready.kept.scan.item, ready.kept.scan.received, ready.paper
    signing = services.station.settings.signing
    return {
        "personal_signing": signing.personal,
        "release": signing.release,
        "timestamp": signing.timestamp,
        "dossier_from": ready.choice.source,
        "class_from": ready.understood.source,
        "reading_sha256": ready.kept.reading_sha256,
        "virus": virus.note(item.id, received.sha256, services),
        **rescans.notes(item.id, paper, services),
        **legibility.notes(ready.kept, paper, services),
        **objections.notes(item, paper.number, services),
        "duty_case": duty.case,
        "duty_why": duty.why,
        **_place_in_scan(ready),
    }


def _digitisation_code(ready: ReadyPaper, services: Services) -> str:
    placed, code = ready.placed, ready.choice.code or ""
    result_code = placed.placement.procedure_result_code
    return write_code(
        services.station.settings.accession.digitisation_code,
        ready.understood.description,
        national_class(placed.kind.code, result_code, placed.view),
        f"{code}.{services.archive.records.next_ordinal(code)}",
    )


def page_text(number: int, page: RecognizedPage) -> PageText:
    """Return what is filed of a page: its words, and apart from them those of its marks."""
    repaired = (
        " ".join(word.read for word in line.words if fold(word.read) not in ("", fold(word.text)))
        for line in page.lines
    )
    return PageText(
        number=number,
        text=page.text,
        overlay_text="\n".join(line.text for line in page.overlay),
        as_read="\n".join(repaired).rstrip("\n"),
    )


def _place_in_scan(ready: ReadyPaper) -> dict[str, str]:
    """Say where in the scan a paper lies; nothing for a paper that is all of its scan."""
    plan, paper = ready.kept.plan, ready.paper
    found = {
        "scan_pages": tuple(page.number for page in paper.pages),
        "cover_pages": plan.covers,
        "separator_pages": plan.separators,
        "blank_pages_left_out": paper.left_out,
    }
    if len(found["scan_pages"]) == ready.kept.scan.received.page_count:
        return {}
    notes = {name: ",".join(map(str, numbers)) for name, numbers in found.items() if numbers}
    if paper.left_out:
        # As many images as pages is the rule; leaving some out was this station's decision.
        notes["blank_pages_rule"] = "drop_blank; TT 01/2023/TT-VPCP Điều 8"
    return notes


def _warnings(ready: ReadyPaper) -> tuple[str, ...]:
    gate = ready.kept.gates[ready.paper.number - 1]
    copied = (f"Trên giấy có chữ «{gate.copy_mark}».",) if gate.copy_mark else ()
    unlisted = _RESULT_NOT_IN_REGISTER if ready.placed.placement.warnings else ()
    unread = legibility.warnings(ready.kept, ready.paper)
    arrived = ready.kept.scan.received.warnings
    return (*arrived, *ready.notes, *gate.warnings, *unread, *copied, *unlisted)


def field_value(evidence: Evidence, paper: Paper) -> FieldValue:
    """Return what is filed of a field that was read on a paper, or said of it."""
    # A field stands on a page of the filed copy, not of the batch it came in.
    page = 1 + [page.number for page in paper.pages].index(evidence.page)
    is_seen = evidence.box != NOWHERE
    return FieldValue(
        name=evidence.name,
        value=evidence.value,
        confidence=round(evidence.confidence, 4),
        page=page if is_seen else None,
        box=evidence.box if is_seen else None,
        source=evidence.source,
        read=evidence.read,
    )


def _duty(ready: ReadyPaper, services: Services) -> Duty:
    """Say whether the law wants the paper digitised (TT 01/2023/TT-VPCP Art. 4)."""
    placed = ready.placed
    entry = next(
        (
            result
            for result in placed.view.results
            if result.code == placed.placement.procedure_result_code
        ),
        None,
    )
    facts = DutyFacts(
        kind=placed.kind,
        role=placed.placement.role,
        description=ready.understood.description,
        view=placed.view,
        is_copy=objections.is_copy(ready.kept, ready.paper, placed.kind, services),
        is_given=services.archive.register.gives(placed.kind.code),
        is_revoked=entry is not None and entry.status == "revoked",
        agency_name=services.station.settings.agency.name,
    )
    return decide(facts, services.rules)


def answer_known(scan: Scan, services: Services) -> tuple[Record, ...] | None:
    """Answer a scan whose bytes are filed already; None where they are new.

    The same dossier: the records stand as they are. Another registered dossier: each gets its
    place there too, unless a sheet in the scan itself named its dossier.

    Raises:
        Held: the other dossier is not in the register, or the folder names several.
    """
    known = [
        record
        for record in services.archive.records.by_original(scan.received.sha256)
        if record.submission_id != scan.item.id
    ]
    # The bytes may have been filed twice on a person's word; the first time is the answer.
    first = [record for record in known if record.submission_id == known[0].submission_id]
    return tuple(_answer(record, scan, services) for record in first) or None


def _answer(record: Record, scan: Scan, services: Services) -> Record:
    archive = services.archive
    confirmed = scan.item.confirmed_dossier
    named = (confirmed,) if confirmed else named_dossiers(scan.item.folder)
    is_named_inside = record.notes.get("dossier_from") in ("cover", "receipt")
    if is_named_inside or {link.dossier_code for link in record.links}.issuperset(named):
        return record
    if len(named) > 1:
        raise Held(SubmissionState.TO_CONFIRM, accession.nested(named))
    (code,) = named
    said = objections.role_answer(scan.item.id, record.paper, services)
    view = replace(results.view_register(code, archive), answer=said)
    if view.dossier is None and services.station.settings.accession.unregistered == "hold":
        raise Held(SubmissionState.TO_CONFIRM, accession.unregistered(code))
    kind = services.classes.find(record.class_code)
    role = accession.place(kind, results.described(record), view) if kind else None
    if role is None or role.question is not None:
        raise Held(SubmissionState.TO_CONFIRM, (role and role.question) or accession.NO_CODE)
    if results.holder_of(role.procedure_result_code, archive) is not None:
        question = results.taken(role.procedure_result_code or "")
        raise Held(SubmissionState.TO_CONFIRM, question)
    link = NewLink(
        dossier_code=code, role=role.role, procedure_result_code=role.procedure_result_code
    )
    return archive.link(record.id, link, actor=ACTOR, at=now())


def dossier_of(kept: KeptScan, paper: Paper, services: Services) -> DossierChoice:
    """Say to which dossier a paper belongs, before it is described."""
    item = kept.scan.item
    return accession.choose_dossier(
        replace(
            _sighting(paper, services),
            folder=item.folder,
            confirmed=item.confirmed_dossier,
            batch=batch_code(kept, paper, services),
        )
    )


def _sighting(paper: Paper, services: Services) -> Sighting:
    """Return what on a paper itself points to a dossier, held against the register."""
    seen = Description(fields=dossier_codes(paper))
    printed = check_printed(
        (field.value for field in seen.fields if field.name == "dossier_code_label"),
        "\n".join(page.text for page in paper.pages),
        services.archive.register,
    )
    return Sighting(folder="", confirmed=None, description=seen, printed=printed)


def batch_code(kept: KeptScan, paper: Paper, services: Services) -> BatchCode | None:
    """Return the dossier that a cover sheet or a receipt before a paper names; None for neither."""
    if paper.cover is not None:
        return BatchCode(code=paper.cover.dossier_code, source="cover")
    if paper.receipt is None:
        return None
    receipt = kept.papers[paper.receipt - 1]
    if receipt.cover is not None:
        return BatchCode(code=receipt.cover.dossier_code, source="cover")
    chosen = accession.choose_dossier(_sighting(receipt, services))
    return BatchCode(code=chosen.code, source="receipt") if chosen.code else None
