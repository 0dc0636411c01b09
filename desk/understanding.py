"""The stages between PDF/A and signature: described, placed, released; each may hold a paper."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from config.codec import to_plain
from config.vocabulary import DocumentClass, EventType
from desk import accession, answers, objections, results
from desk.accession import DossierChoice, PlacedPaper
from desk.endings import Held
from desk.moments import vietnam
from desk.services import Services
from desk.stages import KeptScan, event
from digitize import classify, fields, papers
from digitize.describe import describe as read_fields
from digitize.model import Classification, Description, Paper
from storage.submissions import Outcome, Reason, SubmissionState


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What a paper says, and which paper it is."""

    description: Description
    classification: Classification
    kind: DocumentClass | None
    """The class to file it under; None where a person must say."""
    confirmed: bool
    """A person has said the class."""
    source: str = "reading"
    """Who said the class: `person`, `cover` or `reading`."""
    role_answer: str | None = None
    """What a person said of its role in the dossier."""
    questions: tuple[Reason, ...] = ()
    """What its cover sheet says otherwise, and what on the paper contradicts itself."""


def describe(kept: KeptScan, paper: Paper, services: Services) -> Understood:
    """Read the fields and say which paper it is; the extraction is an event, once."""
    item = kept.scan.item
    description = read_fields(paper)
    classification = classify.classify(paper, description, services.classes, services.opinion)
    best = classification.best
    covered = paper.cover.class_code if paper.cover else None
    read = best.code if best and classification.sure else None
    code = item.confirmed_class or covered or read
    if code:
        seen_on = vietnam(item.received_at).date()
        description = fields.complete(description, paper, code, services.field_rules, seen_on)
    said = answers.standing(item.id, paper.number, services.archive)
    description = answers.with_fields(description, paper, said)
    body: dict[str, Any] = {
        "paper": paper.number,
        "fields": sorted({field.name for field in description.fields}),
        "class": best.code if best else None,
        "score": round(best.score, 4) if best else None,
        "sure": classification.sure,
        "classes_version": services.classes.version,
        "fields_version": services.field_rules.version,
    }
    seen = {
        "description": to_plain(description),
        "candidates": to_plain(classification.candidates),
    }
    services.archive.ledger.record_outcome(
        # The ledger keeps for `hoso review` what the log must not hold.
        Outcome(submission_id=item.id, paper=paper.number, stage="describe", body={**body, **seen}),
        event(EventType.METADATA_EXTRACTION, item, detail=body),
    )
    return Understood(
        description=description,
        classification=classification,
        kind=services.classes.find(code) if code else None,
        confirmed=bool(item.confirmed_class),
        role_answer=objections.role_answer(item.id, paper.number, services),
        source="person" if item.confirmed_class else "cover" if covered else "reading",
        # Whoever answered has looked at the paper.
        questions=()
        if item.confirmed_dossier
        else (*_against_cover(paper, read), *_against_itself(description)),
    )


def _against_cover(paper: Paper, read: str | None) -> tuple[Reason, ...]:
    doubt = papers.count_doubt(paper)
    questions = [Reason(code=doubt.code, vi=doubt.vi, en=doubt.en)] if doubt else []
    stated = paper.cover.class_code if paper.cover else None
    if stated and read and stated != read:
        questions.append(
            Reason(
                code="cover_class_differs",
                vi=f"Tờ bìa ghi loại giấy tờ {stated} nhưng trên giấy đọc được {read}.",
                en=f"the cover sheet says class {stated}, the paper reads as {read}",
            )
        )
    return tuple(questions)


def _against_itself(description: Description) -> tuple[Reason, ...]:
    return tuple(Reason(code=doubt.code, vi=doubt.vi, en=doubt.en) for doubt in description.doubts)


def place(choice: DossierChoice, understood: Understood, services: Services) -> PlacedPaper:
    """Settle dossier, role and result.

    Raises:
        Held: a person must say which paper it is, to which dossier or to which result it belongs.
    """
    view = replace(
        results.view_register(choice.code, services.archive), answer=understood.role_answer
    )
    questions = [*understood.questions, *([choice.question] if choice.question else [])]
    accepts = services.station.settings.accession.unregistered == "accept"
    if choice.code and view.dossier is None and not accepts:
        questions.append(accession.unregistered(choice.code))
    if understood.kind is None:
        questions.append(_which_class(understood.classification))
        raise Held(SubmissionState.TO_CONFIRM, _joined(questions))
    placement = accession.place(
        understood.kind, understood.description, view, confirmed=understood.confirmed
    )
    questions += [placement.question] if placement.question else []
    if questions:
        raise Held(SubmissionState.TO_CONFIRM, _joined(questions))
    return PlacedPaper(kind=understood.kind, placement=placement, view=view)


def _which_class(classification: Classification) -> Reason:
    best = classification.best
    guess = f" Có thể là: {best.code}." if best else ""
    return Reason(
        code="class_unsure",
        vi=f"Chưa chắc đây là loại giấy tờ nào.{guess}",
        en="the kind of paper is not sure",
    )


def _joined(questions: list[Reason]) -> Reason:
    return Reason(
        code="+".join(question.code for question in questions),
        vi=" ".join(question.vi for question in questions),
        en="; ".join(question.en for question in questions),
    )
