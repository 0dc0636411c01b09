"""Hand a person what the archive holds on them (Luật 91/2025/QH15), and an officer what may be.

What goes to the person and what only an officer may see lie in two folders. The log tells that it
was done, by whom and for which records, and nothing of the person.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from config.codec import to_plain
from config.vocabulary import EventType
from desk.cover_keys import ensure_cover_key
from desk.moments import now
from desk.reuse import owner_mark, plain_number
from desk.station import Station
from storage.archive import Archive
from storage.canonical import digest
from storage.errors import ObjectDamaged, ObjectMissing
from storage.model import Event, FieldValue, NewEvent, Record
from storage.personal import (
    Held,
    Paper,
    find_person,
    others_on,
    role_of_field,
    strangers_on,
)
from storage.personal_others import names_any, title_without
from storage.times import time_text

FORMAT = "hoso person export 1"
FOR_PERSON, FOR_OFFICER = "GIAO-NGUOI-YEU-CAU", "CHI-CAN-BO-XEM"
OUTCOME = "person_export"
_PDFS = "pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whose data, for what, by whom."""

    number: str
    """Personal number, number of a card or passport."""
    reason: str
    """Why: the request that is answered."""
    actor: str
    """Who does it."""
    names: tuple[str, ...] = ()
    """More names of the person."""
    include: tuple[str, ...] = ()
    """Ids of records that an officer says are this person's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """The PDF of one of the person's papers."""

    file: str | None
    """Relative to the person's folder; None where it cannot be given."""
    why: str
    """Why it cannot: `destroyed` or `damaged`; empty where it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written."""

    folder: Path
    """Where."""
    made_at: datetime
    """When."""
    agency: str
    """Name of the agency."""
    held: Held
    """What was found."""
    pdfs: Mapping[str, Copied]
    """By record id."""
    events: Mapping[str, tuple[Event, ...]]
    """What happened to each of the person's papers, by record id."""
    reason: str
    """Why."""
    actor: str
    """Who did it."""
    salt: str
    """With it the digest of the reason in the log can be proved, hex."""


def export_person(station: Station, archive: Archive, wanted: Wanted, folder: Path) -> Exported:
    """Write the papers of a person into an empty folder; the events come first.

    Raises:
        UnknownCode: the number cannot be one.
        RecordNotFound: a record that an officer names is not there.
    """
    held = find_person(archive, plain_number(wanted.number), wanted.names, wanted.include)
    _prepare(folder)
    at, salt = now(), secrets.token_hex(16)
    events = {paper.record.id: _events(paper.record, archive) for paper in held.own}
    # Nothing leaves the archive that the log does not tell of.
    _note(station, archive, (held, wanted, salt), at)
    return Exported(
        folder=folder,
        made_at=at,
        agency=station.settings.agency.name,
        held=held,
        pdfs={paper.record.id: _copy(paper.record, folder, archive) for paper in held.own},
        events=events,
        reason=wanted.reason,
        actor=wanted.actor,
        salt=salt,
    )


def _note(
    station: Station, archive: Archive, about: tuple[Held, Wanted, str], at: datetime
) -> None:
    """Log an export: one event for all, one on each record whose paper leaves the archive."""
    held, wanted, salt = about
    mark = owner_mark(held.numbers[0], ensure_cover_key(station, archive, actor=wanted.actor))
    records = sorted(paper.record.id for paper in held.own)
    detail = {
        "owner_mark": mark,
        "reason_sha256": digest({"salt": salt, "reason": wanted.reason}),
        "records": records,
        "possible": len(held.possible),
    }
    told = NewEvent(
        type=EventType.DISSEMINATION,
        object="archive",
        actor=wanted.actor,
        at=at,
        outcome=OUTCOME,
        detail=detail,
    )
    archive.events.append(
        told, *(replace(told, object=record_id, detail={}) for record_id in records)
    )


def person_json(exported: Exported) -> dict[str, Any]:
    """Return what the person is given, as data; values of other persons are left out."""
    held = exported.held
    return {
        "format": FORMAT,
        "made_at": to_plain(exported.made_at),
        "agency": exported.agency,
        "person": {"numbers": list(held.numbers), "names": list(held.names)},
        "records": [_record_json(paper, exported) for paper in held.own],
        "mentions": [
            {
                "record_id": paper.record.id,
                "class": paper.record.class_code,
                "class_name": paper.record.class_name,
                "filed_at": time_text(paper.record.filed_at),
                "roles": list(paper.roles),
            }
            for paper in held.mentioned
        ],
        "dossiers": to_plain(list(held.dossiers)),
        "results": to_plain(list(held.results)),
    }


def officer_json(exported: Exported) -> dict[str, Any]:
    """Return what only an officer may see: what a name alone points at."""
    held = exported.held
    return {
        "format": FORMAT,
        "reason": exported.reason,
        "reason_salt": exported.salt,
        "actor": exported.actor,
        "others_on_papers": {
            paper.record.id: list(others_on(paper)) for paper in held.own if others_on(paper)
        },
        "possible": [
            {
                "record_id": paper.record.id,
                "class_name": paper.record.class_name,
                "title": paper.record.title,
                "dossier_code": paper.record.links[0].dossier_code,
                "roles": list(paper.roles),
            }
            for paper in held.possible
        ],
        "possible_dossiers": [entry.code for entry in held.possible_dossiers],
        "in_work": list(held.in_work),
        "places": to_plain(list(held.places)),
    }


def _prepare(folder: Path) -> None:
    folder.chmod(0o700)
    for name in (FOR_PERSON, f"{FOR_PERSON}/{_PDFS}", FOR_OFFICER):
        (folder / name).mkdir(mode=0o700)


def _copy(record: Record, folder: Path, archive: Archive) -> Copied:
    # The name tells nothing of the person: the folder may be seen by others.
    file = f"{_PDFS}/{record.id}.pdf"
    try:
        archive.objects.copy_to(record.pdf.sha256, folder / FOR_PERSON / file)
    except ObjectMissing:
        return Copied(file=None, why="destroyed")
    except ObjectDamaged:
        return Copied(file=None, why="damaged")
    return Copied(file=file, why="")


def _events(record: Record, archive: Archive) -> tuple[Event, ...]:
    found = [
        event
        for about in (record.submission_id, record.id)
        for event in archive.events.events(about)
    ]
    return tuple(sorted(found, key=lambda event: event.seq))


def _record_json(paper: Paper, exported: Exported) -> dict[str, Any]:
    record, copied = paper.record, exported.pdfs[paper.record.id]
    others = strangers_on(paper)
    return {
        "id": record.id,
        "class": record.class_code,
        "class_name": record.class_name,
        "title": title_without(record, others),
        "original_name": "" if names_any(record.original_name, others) else record.original_name,
        "filed_at": time_text(record.filed_at),
        "pages": record.page_count,
        "roles": list(paper.roles),
        "others": list(others_on(paper)),
        "dossiers": [
            {"code": link.dossier_code, "role": link.role.value, "ordinal": link.ordinal}
            for link in record.links
        ],
        "fields": [_field_json(value, paper) for value in record.fields],
        "pdf": {
            "file": copied.file,
            "why": copied.why,
            "sha256": record.pdf.sha256,
            "size": record.pdf.size_bytes,
        },
        "events": [_event_json(event) for event in exported.events[record.id]],
    }


def _field_json(value: FieldValue, paper: Paper) -> dict[str, Any]:
    role = role_of_field(value.name)
    is_other = role is not None and role not in paper.roles
    # A subject line may name whom the paper is about, and no field of a role tells so.
    is_other |= role is None and names_any(value.value or "", strangers_on(paper))
    return {
        "name": value.name,
        "value": None if is_other else value.value,
        "page": value.page,
        "source": value.source,
        "withheld": is_other,
    }


def _event_json(event: Event) -> dict[str, Any]:
    return {
        "number": event.seq,
        "at": time_text(event.at),
        "type": event.type.value,
        "outcome": event.outcome,
        "actor": event.actor,
    }
