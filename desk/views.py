"""What the archive shows of itself, as the JSON of docs/json.md; every front shares it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from config.codec import to_plain
from config.codes import is_dossier_code
from desk import completeness, results
from desk.damage import show_each
from desk.errors import UnknownCode
from desk.page_views import view_pages
from storage.archive import Archive
from storage.destroyed import Destroyed
from storage.errors import RecordNotFound
from storage.model import Event, Link, Record
from storage.register import ProcedureResult
from storage.submissions import Submission, SubmissionState

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Json = dict[str, Any]


def view(code: str, archive: Archive) -> Json:
    """Show what is known under a dossier code, a record id or a submission id.

    Raises:
        UnknownCode: nothing is.
    """
    if is_dossier_code(code):
        return view_dossier(code, archive)
    if _ID.fullmatch(code.lower()):
        return _view_by_id(code.lower(), archive)
    raise _unknown(code)


def _unknown(code: str) -> UnknownCode:
    return UnknownCode(
        f"Không có hồ sơ, giấy tờ hay lượt nộp nào mang mã «{code}». Hãy kiểm tra lại mã.",
        f"nothing is known under {code!r}",
    )


def _view_by_id(identifier: str, archive: Archive) -> Json:
    try:
        return view_record(archive.records.get(identifier), archive)
    except RecordNotFound:
        pass
    gone = archive.destroyed.get(identifier)
    if gone is not None:
        return view_destroyed(gone, archive)
    try:
        item = archive.ledger.get(identifier)
    except RecordNotFound as error:
        raise _unknown(identifier) from error
    records = records_of(item.id, archive)
    if len(records) == 1 and item.state is SubmissionState.FILED:
        return view_record(records[0], archive)
    return _view_submission(item, records, archive)


def records_of(submission_id: str, archive: Archive) -> list[Record]:
    """Return the records of a submission's papers, in their order."""
    plan = archive.ledger.outcome(submission_id, 0, "cut")
    count = len(plan["papers"]) if plan else 1
    found = (archive.records.by_submission(submission_id, number + 1) for number in range(count))
    return [record for record in found if record is not None]


def view_record(record: Record, archive: Archive) -> Json:
    """Show one filed record, with every event of it."""
    subjects = (record.submission_id, record.id)
    return {**view_paper(record, archive), **_view_events(subjects, archive)}


def view_paper(record: Record, archive: Archive) -> Json:
    """Show one filed record without its events: they grow with each look at it."""
    link = record.links[0]
    return {
        "id": record.id,
        "state": "filed",
        "dossier_code": link.dossier_code,
        "ordinal": link.ordinal,
        "role": link.role.value,
        "class": record.class_code,
        "class_name": record.class_name,
        "title": record.title,
        "procedure_result_code": link.procedure_result_code,
        "digitisation_code": record.digitisation_code,
        "fields": [to_plain(field) for field in record.fields],
        "links": [_view_link(record, item, archive) for item in record.links],
        "standing": results.standing(record, archive),
        "duty": {
            "duty": record.duty,
            "case": record.notes.get("duty_case"),
            "why": record.notes.get("duty_why"),
        },
        "original": _view_original(record, archive),
        "pdf": {"sha256": record.pdf.sha256},
        **view_pages(record, archive),
        "signatures": [to_plain(signature) for signature in record.signatures],
        "verdict": record.verdict,
        "warnings": list(record.warnings),
        "notes": dict(record.notes),
        **_view_versions(record, archive),
        "rule_set": record.rule_set,
        "filed_at": to_plain(record.filed_at),
    }


def _view_original(record: Record, archive: Archive) -> Json:
    return {
        "sha256": record.original.sha256,
        "name": record.original_name,
        "size": record.original.size_bytes,
        "left_out": record.original.sha256 in archive.accessions.absent_of(record.id),
    }


def _view_disposition(record: Record, archive: Archive) -> Json | None:
    """Show that a paper is under consideration of destruction (xem xét hủy), and in which batch."""
    standing = archive.disposals.standing_of(record.id)
    return None if standing is None else {"batch": standing[0], "state": standing[1].value}


def _view_corrections(record: Record, archive: Archive) -> list[Json]:
    """Show what people corrected since it was filed; values stand in `hoso review show`."""
    return [
        {
            "id": told.id,
            "act": told.act.value,
            "actor": told.actor,
            "at": to_plain(told.at),
            "changed": sorted(told.after),
            "undoes": told.undoes,
        }
        for told in archive.corrections.of_record(record.id)
    ]


def _view_versions(record: Record, archive: Archive) -> Json:
    """Show whose place a record takes, what took its own, what people said and decided of it."""
    takes = archive.fingerprints.version_of(record.id)
    later = archive.fingerprints.later_versions(record.id)
    return {
        "supersedes": {"id": takes.supersedes, "kind": takes.kind} if takes else None,
        "later_versions": [{"id": item.record_id, "kind": item.kind} for item in later],
        "corrections": _view_corrections(record, archive),
        "disposition": _view_disposition(record, archive),
    }


def _view_link(record: Record, link: Link, archive: Archive) -> Json:
    return {
        "dossier_code": link.dossier_code,
        "role": link.role.value,
        "ordinal": link.ordinal,
        "procedure_result_code": link.procedure_result_code,
        "waiting": to_plain(results.waits_for(record, link, archive)),
    }


def _view_events(subjects: Iterable[str], archive: Archive) -> Json:
    """Show the events about some subjects, and the numbers of those that are damaged."""
    lists = [archive.events.about(subject) for subject in subjects]
    return {
        "events": [view_event(event) for found in lists for event in found.events],
        "damaged_events": [seq for found in lists for seq in found.damaged],
    }


def view_event(event: Event) -> Json:
    """Show one event."""
    return {
        "seq": event.seq,
        "type": event.type.value,
        "at": to_plain(event.at),
        "actor": event.actor,
        "outcome": event.outcome,
        "detail": dict(event.detail),
    }


def _view_submission(item: Submission, records: list[Record], archive: Archive) -> Json:
    return {
        "id": item.id,
        "state": item.state.value,
        "dossier_code": item.confirmed_dossier,
        "ordinal": None,
        "role": None,
        "class": item.confirmed_class or None,
        "procedure_result_code": None,
        "digitisation_code": None,
        "fields": [],
        "links": [],
        "original": {"sha256": item.sha256, "name": item.name, "size": item.size_bytes},
        "pdf": None,
        "pages": [],
        "repairs": [],
        "signatures": [],
        "reason": to_plain(item.reason),
        "tray_path": item.tray_path,
        "record_ids": [record.id for record in records],
        "destroyed": [gone.record_id for gone in archive.destroyed.of_submission(item.id)],
        **_view_events((item.id,), archive),
    }


def view_destroyed(gone: Destroyed, archive: Archive) -> Json:
    """Show what is left of a destroyed paper: codes, digests, the decision, its events."""
    body = gone.body
    return {
        "id": gone.record_id,
        "state": "destroyed",
        "links": [
            {
                "dossier_code": code,
                "role": role,
                "ordinal": ordinal,
                "procedure_result_code": result,
            }
            for code, role, ordinal, result in body["links"]
        ],
        "class": body["class_code"],
        "class_name": body["class_name"],
        "page_count": body["page_count"],
        "original": {"sha256": body["original"][0], "size": body["original"][2]},
        "pdf": {"sha256": body["pdf"][0], "size": body["pdf"][2]},
        "filed_at": body["filed_at"],
        **{name: body[name] for name in ("batch", "ground", "term", "years", "decision")},
        "destroyed_at": to_plain(gone.destroyed_at),
        "destroyed_by": body["destroyed_by"],
        "cleared": not gone.is_unfinished,
        **_view_events((gone.submission_id, gone.record_id), archive),
    }


def view_dossier(
    code: str, archive: Archive, of_record: Callable[[Record, Archive], Json] = view_record
) -> Json:
    """Show a dossier from its receipt to its results, with what `of_record` shows of each paper.

    Raises:
        UnknownCode: neither the register nor the archive knows it.
    """
    records, lost = archive.records.readable_of_dossier(code)
    destroyed = archive.destroyed.of_dossier(code)
    told, unread = show_each(lambda name: _PARTS[name](code, archive), _PARTS)
    entry = told.get("dossier", {"code": code, "registered": None})
    if not (records or lost or destroyed or unread or entry["registered"]):
        raise _unknown(code)
    held = {record.id: record for record in _in_order(records, code)}
    shown, unshown = show_each(lambda name: of_record(held[name], archive), held)
    return {
        "dossier": entry,
        **told.get("components", {"missing_components": (), "surplus_components": ()}),
        "results": told.get("results", ()),
        "records": list(shown.values()),
        "destroyed": [view_destroyed(gone, archive) for gone in destroyed],
        "damaged": [*lost, *unshown, *(f"{name} {code}" for name in unread)],
    }


def agency_of(code: str, archive: Archive) -> str:
    """Return the agency of a dossier, by its register entry or by its code."""
    agency = archive.register.agency_of(code)
    return code.partition("-")[0] if agency is None else agency


def _view_register_entry(code: str, archive: Archive) -> Json:
    dossier = archive.register.dossier(code)
    if dossier is None:
        return {"code": code, "registered": False}
    procedure = archive.register.procedure(dossier.procedure_code)
    title = procedure.title if procedure else None
    return {**to_plain(dossier), "registered": True, "procedure_title": title}


def _view_components(code: str, archive: Archive) -> Json:
    held = completeness.check(code, archive)
    return {
        "missing_components": [
            {"class": item.class_code, "name": item.name} for item in (held.missing if held else ())
        ],
        "surplus_components": [
            {"class": item.class_code, "name": item.class_name, "record_id": item.record_id}
            for item in (held.surplus if held else ())
        ],
    }


def _view_results(code: str, archive: Archive) -> list[Json]:
    return [_view_result(item, archive) for item in archive.register.results(code)]


# What the register tells of a dossier; one that is damaged hides no other.
_PARTS: dict[str, Callable[[str, Archive], Any]] = {
    "dossier": _view_register_entry,
    "components": _view_components,
    "results": _view_results,
}


def _view_result(result: ProcedureResult, archive: Archive) -> Json:
    return {
        "code": result.code,
        "class": result.class_code,
        "title": result.title,
        "number": result.number,
        "issue_date": to_plain(result.issue_date),
        "status": result.status or "valid",
        "replaces": result.replaces,
        "record_ids": archive.results.of_result(result.code),
    }


_ROLE_ORDER = {"receipt": 0, "component": 1, "result": 2}


def link_in(record: Record, code: str) -> Link:
    """Return the place of a record in a dossier."""
    return next(link for link in record.links if link.dossier_code == code)


def _in_order(records: list[Record], code: str) -> list[Record]:
    """Order a dossier's papers as its story goes: receipt, components, results."""

    def place(record: Record) -> tuple[int, int]:
        link = link_in(record, code)
        return _ROLE_ORDER[link.role.value], link.ordinal

    return sorted(records, key=place)
