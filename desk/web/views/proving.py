"""Proof: the log and its heads, what is timestamped, captures without an end, checks and backups.

An auditor reads; what changes nothing but the log (recomputing it, proofs of one event) is asked
for here, with the functions of `hoso audit`.
"""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus

from starlette.responses import Response

from config.codec import to_bytes
from config.vocabulary import EventType
from desk.audits import outside_of
from desk.errors import UnknownCode
from desk.web.answers import go_to, page
from desk.web.house import Asked, whole_number
from desk.web.routing import AUDITORS, Page, Queue
from desk.web.scope import sees_subject
from storage.anchors import newest_stamp
from storage.archive import Archive
from storage.backup_log import newest_entries
from storage.damaged_rows import row_damaged
from storage.fixity import check_log
from storage.heads import newest_heads, read_head
from storage.model import Event
from storage.open_captures import find_unended
from storage.outsider.anchor_checks import SUFFIX
from storage.outsider.heads import SignedHead

_PROVE = "/chung-minh"
_EVENT = f"{_PROVE}/su-kien/{{seq:int}}"
_EVENTS = 50
# Of each kind of thing that is repeated for ever.
_FEW = 10
_MOST_UNENDED = 200
# Who buys a certificate for timestamps needs months.
_RENEW_AHEAD = dt.timedelta(days=365)
# Checks of backups are of the same type as those of the archive, and name a set.
_BACKUP_SET = "set"


def show_log(asked: Asked) -> Response:
    """Show how the log stands, what was checked and saved, and its newest events."""
    archive = asked.house.archive
    head = archive.events.head()
    last = min(whole_number(asked.asked_for("den")) or head.size, head.size)
    asked.tell(EventType.VIEW, "log", outcome="log", until=last)
    heads = map(read_head, newest_heads(archive.heads, head.size, _FEW))
    events = archive.events.between(max(1, last - _EVENTS + 1), last)
    return page(
        asked,
        "log.html",
        size=head.size,
        root=head.root_hash.hex() if head.size else "",
        heads=[(item, _is_stamped(item, archive)) for item in heads],
        stamp=newest_stamp(archive),
        renew_before=asked.at + _RENEW_AHEAD,
        checks=[
            event
            for event in archive.events.newest_few(EventType.FIXITY_CHECK, "archive", _FEW)
            if _BACKUP_SET not in event.detail
        ],
        backups=newest_entries(archive, _FEW),
        events=[event for event in events.events if _sees(asked, event)],
        damaged=[f"event {seq}" for seq in events.damaged],
        earlier=last - _EVENTS,
    )


def _is_stamped(head: SignedHead, archive: Archive) -> bool:
    return (archive.anchors / f"{head.size}{SUFFIX}").exists()


def show_unended(asked: Asked) -> Response:
    """Show the captures of which the log tells no end."""
    person, archive = asked.person, asked.house.archive
    asked.tell(EventType.VIEW, "log", outcome="open captures")
    unended = [
        item for item in find_unended(archive) if sees_subject(person, item.submission_id, archive)
    ]
    return page(asked, "unended.html", unended=unended[:_MOST_UNENDED], count=len(unended))


def check(asked: Asked) -> Response:
    """Recompute the whole log, and compare it with heads and timestamps."""
    archive = asked.house.archive
    findings = check_log(archive, outside_of(asked.house.station))
    size, root = archive.events.size(), archive.events.root()
    outcome = "failure" if findings else "success"
    # Not of the archive: nobody shall take it for a look at every file.
    asked.tell(EventType.FIXITY_CHECK, "log", outcome=outcome, events=size)
    return page(asked, "log_checked.html", findings=findings, size=size, root=root)


def choose_event(asked: Asked) -> Response:
    """Go to the event that is asked for, and to its proof in the tree that is."""
    seq, size = whole_number(asked.asked_for("so")), whole_number(asked.asked_for("cay"))
    return go_to(f"{_PROVE}/su-kien/{seq}" + (f"?cay={size}" if size else ""))


def show_event(asked: Asked) -> Response:
    """Show one event with the proof that it is in the log, as it stands or stood."""
    seq = int(asked.request.path_params["seq"])
    event, events = _event(asked, seq), asked.house.archive.events
    asked.tell(EventType.VIEW, "log", outcome="event", seq=seq)
    head = events.head_at(_tree_size(asked, seq))
    reason = asked.house.accounts.reason(str(event.detail.get("reason", "")))
    return page(
        asked,
        "event.html",
        event=event,
        reason=reason,
        steps=events.inclusion_proof(seq, head.size),
        size=head.size,
        root=head.root_hash.hex(),
    )


def give_proof(asked: Asked) -> Response:
    """Give an event with its proof of inclusion as JSON (RFC 9162, 2.1.3)."""
    seq = int(asked.request.path_params["seq"])
    event, events = _event(asked, seq), asked.house.archive.events
    head = events.head_at(_tree_size(asked, seq))
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


def _tree_size(asked: Asked, seq: int) -> int:
    """Return the size of the tree that is asked for: the log as it stands, or an earlier one.

    Raises:
        UnknownCode: it does not hold the event, or the log never was as large.
    """
    size = asked.house.archive.events.size()
    wanted = whole_number(asked.asked_for("cay")) if asked.asked_for("cay") else size
    if not seq <= wanted <= size:
        raise UnknownCode(
            f"Không có sự kiện {seq} trong nhật ký {wanted} sự kiện; hiện có {size} sự kiện. "
            "Hãy nhập lại số.",
            f"there is no event {seq} in a log of {wanted} events; it has {size}. Enter it again",
        )
    return wanted


def show_consistency(asked: Asked) -> Response:
    """Show that the log of an earlier size is the beginning of the log of a later one."""
    events = asked.house.archive.events
    size = events.size()
    old = whole_number(asked.asked_for("tu"))
    new = whole_number(asked.asked_for("den")) if asked.asked_for("den") else size
    if not 1 <= old <= new <= size:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return page(asked, "consistency.html", status, old=0, size=size)
    asked.tell(EventType.VIEW, "log", outcome="consistency", old=old, size=new)
    return page(
        asked,
        "consistency.html",
        old=old,
        size=new,
        old_root=events.head_at(old).root_hash.hex(),
        root=events.head_at(new).root_hash.hex(),
        steps=events.consistency_proof(old, new),
    )


def _sees(asked: Asked, event: Event) -> bool:
    """Tell whether an event is of the station, of the scope, or of who asks."""
    is_own = event.actor == asked.actor
    return is_own or sees_subject(asked.person, event.object, asked.house.archive)


def _event(asked: Asked, seq: int) -> Event:
    found = asked.house.archive.events.between(seq, seq)
    if found.damaged:
        raise row_damaged(f"event {seq}")
    if not found.events or not _sees(asked, found.events[0]):
        raise UnknownCode(f"Nhật ký không có sự kiện {seq}.", f"the log has no event {seq}")
    return found.events[0]


PAGES = (
    Page(path=_PROVE, view=show_log, roles=AUDITORS),
    Page(path=f"{_PROVE}/kiem-tra", view=check, roles=AUDITORS, method="POST", queue=Queue.CHECK),
    Page(path=f"{_PROVE}/chua-ket-thuc", view=show_unended, roles=AUDITORS, queue=Queue.CHECK),
    Page(path=f"{_PROVE}/noi-tiep", view=show_consistency, roles=AUDITORS),
    Page(path=f"{_PROVE}/su-kien", view=choose_event, roles=AUDITORS),
    Page(path=_EVENT, view=show_event, roles=AUDITORS),
    Page(path=f"{_EVENT}.json", view=give_proof, roles=AUDITORS),
)
