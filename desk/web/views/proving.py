"""Proof: the log and its heads, what is timestamped, captures without an end, checks and backups.

An auditor reads; what changes nothing but the log (recomputing it, proofs of one event) is asked
for here, with the functions of `hoso audit`.
"""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from config.codec import to_bytes
from config.vocabulary import EventType
from desk.audits import outside_of
from desk.errors import UnknownCode
from desk.web.answers import page
from desk.web.house import Asked
from desk.web.routing import AUDITORS, Page, Queue
from desk.web.scope import sees_subject
from storage.anchors import last_anchor, read_anchors, read_heads, told_anchors
from storage.fixity import check_log
from storage.heads import head_paths, read_head
from storage.model import Event
from storage.open_captures import find_unended

_PROVE = "/chung-minh"
_EVENTS = 50
_KEPT = (EventType.FIXITY_CHECK, EventType.REPLICATION, EventType.RECOVERY, EventType.ANCHOR)


def show_log(asked: Asked) -> Response:
    """Show how the log stands, and its newest events."""
    archive = asked.house.archive
    size = archive.events.size()
    text = asked.asked_for("den")
    last = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else size
    last = min(last, size)
    person = asked.person
    heads = [read_head(path) for path in head_paths(archive.heads)][-1:]
    checks = {kind.value: archive.events.newest_of(kind, "archive") for kind in _KEPT}
    asked.tell(EventType.VIEW, "log", outcome="log", until=last)
    return page(
        asked,
        "log.html",
        size=size,
        root=archive.events.root() if size else "",
        head=heads[0] if heads else None,
        heads=len(read_heads(archive)),
        anchors=len(read_anchors(archive)),
        anchored=len(told_anchors(archive.db)),
        last_anchor=last_anchor(archive),
        unended=[
            item
            for item in find_unended(archive)
            if sees_subject(person, item.submission_id, archive)
        ],
        checks=checks,
        events=[
            event
            for event in archive.events.between(max(1, last - _EVENTS + 1), last)
            if _sees(asked, event)
        ],
        earlier=last - _EVENTS,
    )


def check(asked: Asked) -> Response:
    """Recompute the whole log, and compare it with heads and timestamps."""
    archive = asked.house.archive
    findings = check_log(archive, outside_of(asked.house.station))
    size, root = archive.events.size(), archive.events.root()
    outcome = "failure" if findings else "success"
    # Not of the archive: nobody shall take it for a look at every file.
    asked.tell(EventType.FIXITY_CHECK, "log", outcome=outcome, events=size)
    return page(asked, "log_checked.html", findings=findings, size=size, root=root)


def show_event(asked: Asked) -> Response:
    """Show one event with the proof that it is in the log as it stands."""
    seq = int(asked.request.path_params["seq"])
    event, events = _event(asked, seq), asked.house.archive.events
    asked.tell(EventType.VIEW, "log", outcome="event", seq=seq)
    head = events.head()
    proof = events.inclusion_proof(seq, head.size)
    reason = asked.house.accounts.reason(str(event.detail.get("reason", "")))
    return page(
        asked,
        "event.html",
        event=event,
        reason=reason,
        steps=proof,
        size=head.size,
        root=head.root_hash.hex(),
    )


def give_proof(asked: Asked) -> Response:
    """Give an event with its proof of inclusion as JSON (RFC 9162, 2.1.3)."""
    seq = int(asked.request.path_params["seq"])
    event, events = _event(asked, seq), asked.house.archive.events
    head = events.head()
    told = {
        "seq": event.seq,
        "body": events.body(seq).decode(),
        "leaf": event.leaf,
        "size": head.size,
        "root": head.root_hash.hex(),
        "inclusion": events.inclusion_proof(seq, head.size),
    }
    asked.tell(EventType.DISSEMINATION, "archive", outcome="inclusion proof", seq=seq)
    headers = {"content-disposition": f'attachment; filename="su-kien-{seq}.json"'}
    return Response(to_bytes(told), media_type="application/json", headers=headers)


def show_consistency(asked: Asked) -> Response:
    """Show that the log of an earlier size is the beginning of the log as it stands."""
    events = asked.house.archive.events
    text, head = asked.asked_for("tu"), events.head()
    size, root = head.size, head.root_hash.hex()
    old = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
    if not 1 <= old <= size:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return page(asked, "consistency.html", status, old=0, size=size, root="", steps=())
    asked.tell(EventType.VIEW, "log", outcome="consistency", old=old, size=size)
    proof = events.consistency_proof(old, size)
    return page(asked, "consistency.html", old=old, size=size, root=root, steps=proof)


def _sees(asked: Asked, event: Event) -> bool:
    """Tell whether an event is of the station, of the scope, or of who asks."""
    is_own = event.actor == asked.actor
    return is_own or sees_subject(asked.person, event.object, asked.house.archive)


def _event(asked: Asked, seq: int) -> Event:
    found = asked.house.archive.events.between(seq, seq)
    if not found or not _sees(asked, found[0]):
        raise UnknownCode(f"Nhật ký không có sự kiện {seq}.", f"the log has no event {seq}")
    return found[0]


PAGES = (
    Page(path=_PROVE, view=show_log, roles=AUDITORS),
    Page(path=f"{_PROVE}/kiem-tra", view=check, roles=AUDITORS, method="POST", queue=Queue.CHECK),
    Page(path=f"{_PROVE}/noi-tiep", view=show_consistency, roles=AUDITORS),
    Page(path=f"{_PROVE}/su-kien/{{seq:int}}", view=show_event, roles=AUDITORS),
    Page(path=f"{_PROVE}/su-kien/{{seq:int}}.json", view=give_proof, roles=AUDITORS),
)
