"""A dossier from its receipt to its results; a paper with picture, text, fields and events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from config.vocabulary import EventType
from desk.bundling import export_bundle
from desk.errors import AnswerRefused
from desk.exporting import ExportOrder, note_export, records_of
from desk.said_fields import write_value
from desk.views import view_dossier, view_event, view_paper
from desk.web.answers import give_file, page
from desk.web.asked_paper import (
    asked_page,
    asked_record,
    asked_spot,
    line_parts,
    whole_object,
)
from desk.web.correction_history import history
from desk.web.house import Asked, whole_number
from desk.web.masking import mask
from desk.web.routing import READERS, Page, Queue
from desk.web.scope import require_dossier, seen_links, sees_all_of, sees_subject
from signing.shown_text import shown
from storage.accounts import WebRole
from storage.model import Record
from storage.shared_scans import shows_others
from storage.workshops import workshop

# Of a paper, on one page: each look adds one.
_MOST_EVENTS = 60
_BEFORE = "truoc"


def show_dossier(asked: Asked) -> Response:
    """Show a dossier."""
    archive = asked.house.archive
    code = require_dossier(asked.person, str(asked.request.path_params["code"]), archive)
    told = view_dossier(code, archive, view_paper)
    asked.tell(EventType.VIEW, code, outcome="dossier")
    return page(asked, "dossier.html", told=told, mask=mask)


def show_record(asked: Asked) -> Response:
    """Show a paper; this is the page on which numbers of persons stand whole."""
    record = asked_record(asked)
    number = asked_page(asked, record)
    spot = asked_spot(asked, record, number)
    asked.tell(EventType.VIEW, record.id, outcome="record", page=number)
    told = _told(asked, record)
    current = told["pages"][number - 1]
    return page(
        asked,
        "record.html",
        told=told,
        number=number,
        spot=spot,
        text=line_parts(current["text"], spot, is_overlay=False),
        overlay=line_parts(current["overlay_text"], spot, is_overlay=True),
        history=history(asked, record),
        written=write_value,
    )


def _told(asked: Asked, record: Record) -> dict[str, Any]:
    """Return what is shown of a record: of places and versions outside the scope nothing."""
    person, archive = asked.person, asked.house.archive
    told = view_paper(record, archive)
    seen = {link.dossier_code for link in seen_links(person, record, archive)}
    told["links"] = [link for link in told["links"] if link["dossier_code"] in seen]
    told["later_versions"] = [
        item for item in told["later_versions"] if sees_subject(person, item["id"], archive)
    ]
    earlier = told["supersedes"]
    if earlier and not sees_subject(person, earlier["id"], archive):
        told["supersedes"] = None
    return {**told, **_events(asked, record, None)}


def show_events(asked: Asked) -> Response:
    """Show what was done with a paper before an event."""
    record = asked_record(asked)
    before = whole_number(asked.asked_for(_BEFORE))
    asked.tell(EventType.VIEW, record.id, outcome="events")
    told = {"id": record.id, "title": record.title or record.class_name}
    return page(asked, "record_events.html", told={**told, **_events(asked, record, before)})


def _events(asked: Asked, record: Record, before: int | None) -> dict[str, Any]:
    """Return the newest events before one; who looked at a paper is for auditors alone."""
    found = asked.house.archive.events.newest_about(
        (record.submission_id, record.id),
        _MOST_EVENTS + 1,
        before=before,
        without=None if asked.person.role is WebRole.AUDITOR else EventType.VIEW,
    )
    numbers = found.numbers[::-1][:_MOST_EVENTS]
    lowest = numbers[-1] if numbers else 0
    return {
        "events": [view_event(event) for event in reversed(found.events) if event.seq >= lowest],
        "damaged_events": [seq for seq in found.damaged if seq >= lowest],
        "earlier": lowest if len(found.numbers) > _MOST_EVENTS else None,
    }


def give_pdf(asked: Asked) -> Response:
    """Give the signed PDF; on a path of its own, where the browser's viewer may show it."""
    record = asked_record(asked)
    link = seen_links(asked.person, record, asked.house.archive)[0]
    name = f"{link.dossier_code}.{link.ordinal:03}.pdf"
    return _give(asked, record, record.pdf.sha256, "application/pdf", name)


def give_original(asked: Asked) -> Response:
    """Give the scan as it came in; never shown in the browser.

    Papers of another agency may have been cut out of the same scan, or wait to be filed.
    """
    record, archive = asked_record(asked), asked.house.archive
    found = archive.records.by_original(record.original.sha256)
    _require_all(asked, found)
    if not asked.person.sees_everything and shows_others(archive, record, found):
        raise _holds_more()
    kind = "application/octet-stream"
    return _give(asked, record, record.original.sha256, kind, record.original_name)


def give_bundle(asked: Asked) -> Response:
    """Give a paper with its proofs and a verifier, as `hoso export --format bundle` does."""
    record = asked_record(asked)
    return _bundle(asked, record.id)


def give_dossier_bundle(asked: Asked) -> Response:
    """Give a dossier likewise."""
    code = str(asked.request.path_params["code"])
    return _bundle(asked, require_dossier(asked.person, code, asked.house.archive))


def _bundle(asked: Asked, code: str) -> Response:
    archive, station = asked.house.archive, asked.house.station
    # What was filed of a record, its places in all dossiers included, is in its bundle.
    _require_all(asked, records_of(code, archive))
    with workshop(archive.staging, "web.") as work:
        order = ExportOrder(
            code=code,
            format="bundle",
            package="",
            target=work / "goi.zip",
            actor=asked.actor,
            at=asked.at,
        )
        exported = export_bundle(order, station, archive)
        note_export(exported, order, archive)
        return give_file(exported.path, "application/zip", f'attachment; filename="{code}.zip"')


def _require_all(asked: Asked, records: Sequence[Record]) -> None:
    """Refuse what would show places outside the scope."""
    if not sees_all_of(asked.person, records, asked.house.archive):
        raise _holds_more()


def _holds_more() -> AnswerRefused:
    return AnswerRefused(
        "Tệp này có cả phần ngoài phạm vi của ông/bà nên không tải được ở đây. Hãy nhờ người được "
        "xem mọi cơ quan.",
        "this file also holds what is outside your scope; ask somebody who sees all agencies",
    )


def _give(asked: Asked, record: Record, sha256: str, kind: str, name: str) -> Response:
    path = whole_object(asked, sha256)
    asked.tell(EventType.DISSEMINATION, record.id, outcome="download", sha256=sha256)
    how = "inline" if kind == "application/pdf" else "attachment"
    # A name of a file may hold what is no text, or turns the text round.
    written = quote(shown(name, 200), safe="", errors="replace")
    return give_file(path, kind, f"{how}; filename*=UTF-8''{written}")


PAGES = (
    Page(path="/ho-so/{code}", view=show_dossier, roles=READERS),
    Page(path="/giay/{record}", view=show_record, roles=READERS),
    Page(path="/giay/{record}/viec", view=show_events, roles=READERS),
    Page(path="/tep/{record}.pdf", view=give_pdf, roles=READERS),
    Page(path="/tep/{record}/goi.zip", view=give_bundle, roles=READERS, queue=Queue.JUDGE),
    Page(path="/ho-so/{code}/goi.zip", view=give_dossier_bundle, roles=READERS, queue=Queue.JUDGE),
    Page(path="/tep/{record}/ban-goc", view=give_original, roles=READERS),
)
