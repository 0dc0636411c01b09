"""A filed paper described otherwise, on a person's word: its class, its fields, its dossier.

The signed file and its text stay as they are. What depends on class and fields follows: the other
fields of the new class, read anew from the kept reading; title and code; role and result.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from config import codec
from config.fields import FieldRules, load_field_rules
from config.rules import load_rule_set
from config.settings import Settings
from config.vocabulary import Classes, DocumentClass, Role, load_classes
from desk import accession
from desk.answers import Answer
from desk.digitisation_codes import national_class, write_code
from desk.duty import Duty, DutyFacts, decide
from desk.errors import AnswerRefused
from desk.field_rules import field_rules_of
from desk.filing import field_value
from desk.moments import vietnam
from desk.page_views import scan_pages
from desk.result_ties import TYING
from desk.results import described, entry_of, holder_of, taken, view_register
from desk.station import Station
from digitize import fields
from digitize.describe import describe
from digitize.model import Description, Paper, RecognizedPage
from storage.archive import Archive
from storage.model import FieldValue, Link, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What a paper is described by; a command has it beside a running engine too."""

    archive: Archive
    classes: Classes
    settings: Settings
    field_rules: FieldRules = field(default_factory=load_field_rules)
    """The fields of each kind, with the places that the agency lists."""


def books_of(station: Station, archive: Archive) -> Books:
    """Return what papers of a station are described by."""
    return Books(
        archive=archive,
        classes=load_classes(station.own_classes),
        settings=station.settings,
        field_rules=field_rules_of(station, archive),
    )


def revise(record: Record, said: Answer, books: Books) -> Record:
    """Return a record as a person says that it should be.

    Args:
        record: as it stands.
        said: its class, its dossier, its fields; a word says its role where that is asked.
        books: class, register and kept reading.

    Raises:
        AnswerRefused: it cannot be so; the message says why.
    """
    kind = books.classes.find(said.class_code or record.class_code)
    if kind is None:
        raise AnswerRefused(
            f"Loại {record.class_code} không còn trong bảng. Hãy nêu loại bằng --class.",
            f"the class {record.class_code} is no longer known; name one with --class",
        )
    is_other = kind.code != record.class_code
    found = _fields_anew(record, kind, books) if is_other else record.fields
    own = _with_said(found, said.fields)
    description = described(replace(record, fields=own))
    links = _links(record, kind, (description, said), books)
    notes = {**record.notes, **({"class_from": "person"} if said.class_code else {})}
    duty = record.duty
    if is_other or links != record.links:
        decided = _duty(record, kind, (description, links[0]), books)
        duty = decided.duty
        notes |= {"duty_case": decided.case, "duty_why": decided.why}
    return replace(
        record,
        class_code=kind.code,
        class_name=kind.name,
        title=description.value("subject") or kind.name,
        fields=own,
        digitisation_code=_code(kind, description, links[0], books),
        duty=duty,
        notes=notes,
        links=links,
    )


def _duty(
    record: Record, kind: DocumentClass, seen: tuple[Description, Link], books: Books
) -> Duty:
    """Decide anew whether the law wants it digitised, by the rules of the day it was filed."""
    description, link = seen
    entry = entry_of(link, books.archive)
    facts = DutyFacts(
        kind=kind,
        role=link.role,
        description=description,
        view=view_register(link.dossier_code, books.archive),
        is_copy=record.notes.get("duty_case") == "copy",
        is_given=books.archive.register.gives(kind.code),
        is_revoked=entry is not None and entry.status == "revoked",
        agency_name=books.settings.agency.name,
    )
    return decide(facts, load_rule_set(vietnam(record.filed_at).date()))


def _code(kind: DocumentClass, description: Description, link: Link, books: Books) -> str:
    view = view_register(link.dossier_code, books.archive)
    return write_code(
        books.settings.accession.digitisation_code,
        description,
        national_class(kind.code, link.procedure_result_code, view),
        f"{link.dossier_code}.{link.ordinal}",
    )


def _fields_anew(record: Record, kind: DocumentClass, books: Books) -> tuple[FieldValue, ...]:
    """Read the fields of another class; what people said stays, and where nothing was kept, all."""
    paper = _paper_as_read(record, books.archive)
    if paper is None:
        return record.fields
    day = vietnam(record.filed_at).date()
    read = fields.complete(describe(paper), paper, kind.code, books.field_rules, day)
    said = [value for value in record.fields if value.source == "person"]
    names = {value.name for value in said}
    fresh = (field_value(item, paper) for item in read.fields if item.name not in names)
    return (*fresh, *said)


def _paper_as_read(record: Record, archive: Archive) -> Paper | None:
    sha256 = record.notes.get("reading_sha256")
    if sha256 is None or sha256 in archive.accessions.absent_of(record.id):
        return None  # an older program filed it, or it stayed at its source
    plain = json.loads(archive.objects.read(sha256))
    pages = {page.number: page for page in codec.from_plain(tuple[RecognizedPage, ...], plain)}
    own = tuple(pages[number] for number in scan_pages(record))
    return Paper(number=record.paper, pages=own, reason="")


def _with_said(
    found: tuple[FieldValue, ...], said: Mapping[str, str | None]
) -> tuple[FieldValue, ...]:
    """Put a person's values where those of the same names stand; others come last."""
    first = {value.name: value for value in reversed(found)}
    told = {name: _said(name, value, first.get(name)) for name, value in said.items()}
    kept = [value for value in found if value.name not in told or value is first[value.name]]
    placed = [told.get(value.name, value) for value in kept]
    return (*placed, *(value for name, value in told.items() if name not in first))


def _said(name: str, value: str | None, before: FieldValue | None) -> FieldValue:
    place = before or FieldValue(name=name, value=None, confidence=1.0)
    differs = before is not None and before.value != value
    return replace(
        place,
        value=value,
        confidence=1.0,
        source="person",
        read=(place.read or place.value or "") if differs else place.read,
    )


def _links(
    record: Record, kind: DocumentClass, said: tuple[Description, Answer], books: Books
) -> tuple[Link, ...]:
    _, answer = said
    links = list(record.links)
    if answer.dossier_code and answer.dossier_code not in {item.dossier_code for item in links}:
        if len(links) > 1:
            raise AnswerRefused(
                "Giấy này nằm trong nhiều hồ sơ: không rõ chuyển khỏi hồ sơ nào. "
                "Hãy báo người quản trị.",
                "the paper lies in several dossiers; which one it leaves is not clear",
            )
        links = [replace(links[0], dossier_code=answer.dossier_code)]
    if kind.code == record.class_code and tuple(links) == record.links:
        says_tie = bool(TYING & set(answer.fields))
        return tuple(
            _tied(link, kind, said, books) if says_tie and link.role is Role.RESULT else link
            for link in links
        )
    return tuple(_placed(link, kind, said, books) for link in links)


def _tied(link: Link, kind: DocumentClass, said: tuple[Description, Answer], books: Books) -> Link:
    """Tie a result anew by what it is said to bear; where that is unclear it waits, untied."""
    try:
        placed = _placed(link, kind, said, books)
    except AnswerRefused:
        return replace(link, procedure_result_code=None)
    return placed if placed.role is Role.RESULT else replace(link, procedure_result_code=None)


def _placed(
    link: Link, kind: DocumentClass, said: tuple[Description, Answer], books: Books
) -> Link:
    description, answer = said
    roles = (accession.AS_COMPONENT, accession.AS_LATER_RESULT)
    role = next((word for word in answer.words if word in roles), None)
    view = replace(view_register(link.dossier_code, books.archive), answer=role)
    placed = accession.place(kind, description, view, confirmed=bool(answer.class_code))
    question = placed.question
    result = placed.procedure_result_code
    if question is None and result is not None and result != link.procedure_result_code:
        question = taken(result) if holder_of(result, books.archive) else None
    if question is not None:
        raise AnswerRefused(question.vi, question.en)
    return replace(link, role=placed.role, procedure_result_code=result)
