"""Corrections of a filed paper by somebody who looks at a page of it: what was seen still stands.

A page may lie open for an hour. What it sends names the state that its reader saw; where somebody
was faster, nothing is asked of the engine, and the reader looks again. The check and the request
are one transaction, so of two that send at once one is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desk import review
from desk.errors import AnswerRefused
from desk.review import Asked, Order
from desk.revising import Books
from storage.archive import Archive
from storage.corrections import Act, Correction, newest_to_undo
from storage.model import Record
from storage.requests import Request
from storage.revisions import holds

_PLACE = "link:"
_SHOWN = ("class_name", "field:", _PLACE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that a correction changed."""

    key: str
    """As `storage.revisions.changes` names it: `class_name`, `field:NAME`, `link:N`."""
    before: str
    """What stood there; empty for nothing."""
    after: str


def version_of(record: Record, archive: Archive) -> str:
    """Return what names a record as it stands, and the corrections that led there."""
    said = archive.corrections.of_record(record.id)
    return f"{archive.records.digest(record)[:32]}.{said[-1].id if said else 0}"


def waiting_of(record: Record, archive: Archive) -> list[Request]:
    """Return what was asked about a record, and the engine has not done yet."""
    asked = archive.requests.pending(review.REQUEST)
    return [request for request in asked if request.body["id"] == record.id]


def undoable(record: Record, archive: Archive) -> Correction | None:
    """Return the correction that can be taken back; None where something else changed it since."""
    last = newest_to_undo(archive.corrections.of_record(record.id))
    return last if last is not None and holds(record, last.after) else None


def ask_as_seen(order: Order, seen: tuple[Record, str], books: Books, actor: str) -> Asked:
    """Check a correction, and ask the engine for it where the record still stands as seen.

    Args:
        order: what is corrected, or that the last correction is taken back.
        seen: the record, and its version as its reader saw it.
        books: class, register and kept reading.
        actor: who asks.

    Raises:
        AnswerRefused: somebody was faster, or as with `review.ask`.
        UnknownCode: there is no such class.
    """
    record, version = seen
    archive = books.archive
    _require_version(record.id, version, archive)
    if order.act is Act.UNDO and undoable(record, archive) is None:
        raise AnswerRefused(
            "Không có lần sửa nào hoàn tác được: sau lần sửa cuối giấy đã thay đổi theo sổ.",
            "no correction can be taken back: the paper changed since by the register",
        )
    # The fields of another class are read anew: too long for a transaction that stops all others.
    checked = review.check(order, record, books)
    with archive.db.transaction():
        _require_version(record.id, version, archive)
        return review.request(checked, archive, actor)


def _require_version(record_id: str, version: str, archive: Archive) -> None:
    record = archive.records.get(record_id)
    if waiting_of(record, archive):
        raise AnswerRefused(
            "Một lần sửa khác của giấy này đang chờ trạm ghi. Hãy mở lại giấy sau ít giây, xem rồi "
            "sửa tiếp.",
            "another correction of this paper waits to be written; open the paper again in a few "
            "seconds, then go on",
        )
    if version_of(record, archive) != version:
        raise AnswerRefused(
            "Giấy này vừa được sửa, không còn như ông/bà đã thấy. Hãy xem lại giấy rồi sửa tiếp.",
            "this paper was corrected meanwhile and is not as you saw it; look again, then go on",
        )


def changes_of(told: Correction) -> list[Change]:
    """Return what a correction changed, as people read it: class, fields, places in dossiers."""
    keys = [key for key in told.after if key.startswith(_SHOWN)]
    return [
        Change(key=key, before=_written(key, told.before), after=_written(key, told.after))
        for key in sorted(keys)
    ]


def _written(key: str, state: Mapping[str, Any]) -> str:
    value = state.get(key)
    if value is None or isinstance(value, str):
        return value or ""
    if key.startswith(_PLACE):
        return str(value[0])
    return "; ".join(item[0] for item in value if item[0])
