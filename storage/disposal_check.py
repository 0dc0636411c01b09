"""Is what is kept of terms, holds, decisions and destroyed papers as the log tells of it?

A hold that vanished would let papers be destroyed, and a row that says «destroyed» could hide a
theft: each is held against its event.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from config.vocabulary import EventType
from storage.archive import Archive
from storage.canonical import canonical_json, read_json
from storage.disposal_values import ItemState
from storage.model import Finding
from storage.raw_rows import Row, raw_rows, row_digest
from storage.told_events import UNREADABLE, hear_events

_TOLD = (
    "SELECT CAST(body AS BLOB) AS body FROM event WHERE type IN ('appraisal', 'deletion') "
    "OR instr(body, '\"row_sha256\"') ORDER BY seq"
)
# Tables whose rows have their digest in the newest event about them, and how a row is called.
_WHOLE = {
    "retention_term": "id",
    "retention_hold": "id",
    "disposal_batch": "id",
    "handover": "dossier_code",
}


@dataclass(slots=True, kw_only=True)
class _Told:
    """What the log tells."""

    rows: dict[str, str] = field(default_factory=dict)
    """Digests of rows, by how they are called."""
    items: dict[tuple[str, str], str] = field(default_factory=dict)
    """Where papers of batches stand, by batch and record."""
    facts: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """Why they were proposed, as it is kept."""
    destroyed: dict[str, str] = field(default_factory=dict)
    """Digests of what is left of records."""

    def hear(self, event: Mapping[str, Any]) -> None:
        """Take in one event."""
        detail = dict(event["detail"])
        if "row_sha256" in detail:
            self.rows[detail["row"]] = detail["row_sha256"]
        elif event["type"] == EventType.APPRAISAL:
            place = detail.pop("batch"), event["object"]
            self.items[place] = event["outcome"]
            if event["outcome"] == ItemState.PROPOSED:
                self.facts[place] = canonical_json(detail)
        elif "destroyed_sha256" in detail:
            self.destroyed[event["object"]] = detail["destroyed_sha256"]
            self.items[detail["batch"], event["object"]] = ItemState.DESTROYED.value


def find_changed_disposals(archive: Archive) -> Iterator[Finding]:
    """Yield a finding for each row that is gone, is not as it was told, or was never told of."""
    told = _Told()
    hear_events(archive.db, _TOLD, told.hear)
    yield from _whole_rows(archive, told)
    yield from _items(archive, told)
    yield from _destroyed(archive, told)
    yield from _returned(archive)


def _whole_rows(archive: Archive, told: _Told) -> Iterator[Finding]:
    kept = {
        f"{table} {_text(row[key])}": row_digest(row).hex()
        for table, key in _WHOLE.items()
        for row in raw_rows(archive.db, table)
    }
    for name in _differing(kept, told.rows):
        yield _finding(
            name,
            "Dòng này (thời hạn riêng, tạm dừng hủy, đợt xét hủy, nộp lưu) không đúng như nhật ký.",
            "This row (a term, a hold, a batch, a hand-over) is not as the log tells.",
        )


def _items(archive: Archive, told: _Told) -> Iterator[Finding]:
    # Papers that are being destroyed were approved; the event of each tells when it is gone.
    is_begun = {ItemState.DESTROYING.value: ItemState.APPROVED.value}
    kept: dict[tuple[str, str], tuple[str, bytes]] = {}
    for row in raw_rows(archive.db, "disposal_item"):
        state = _text(row["state"])
        place = _text(row["batch"]), _text(row["record_id"])
        kept[place] = is_begun.get(state, state), row["facts"] or b""
    # What a restore destroyed again belongs to a batch that the restored archive may not know.
    known = {_text(row["id"]) for row in raw_rows(archive.db, "disposal_batch")}
    said = {
        place: (state, told.facts.get(place, b""))
        for place, state in told.items.items()
        if place[0] in known or state != ItemState.DESTROYED.value
    }
    for batch, record_id in _differing(kept, said):
        yield _finding(
            record_id,
            f"Tình trạng của giấy tờ này trong đợt xét hủy {batch} không đúng như nhật ký ghi.",
            f"Where this paper stands in batch {batch} is not as the log tells.",
        )


def _destroyed(archive: Archive, told: _Told) -> Iterator[Finding]:
    links: dict[str, list[Row]] = {}
    for link in raw_rows(archive.db, "destroyed_link"):
        links.setdefault(_text(link["record_id"]), []).append(link)
    kept: dict[str, str] = {}
    for row in raw_rows(archive.db, "destroyed_record"):
        record_id, body = _text(row["record_id"]), row["body"] or b""
        is_same = _is_same(row, body, links.pop(record_id, []))
        kept[record_id] = hashlib.sha256(body).hexdigest() if is_same else ""
    kept |= dict.fromkeys(links, "")
    for record_id in _differing(kept, told.destroyed):
        yield _finding(
            record_id,
            "Dòng còn lại của giấy tờ đã hủy này không đúng như nhật ký ghi.",
            "What is left of this destroyed paper is not as the log tells.",
        )


def _is_same(row: Row, body: bytes, links: list[Row]) -> bool:
    """Tell whether the columns of a row, and its links, say what its body does."""
    try:
        told = read_json(body)
        columns = ("record_id", "submission_id", "paper", "destroyed_at")
        kept = [[_text(link[name]) for name in _LINK] for link in links]
        said = [[*map(str, link[:3]), link[3] or "", told["class_code"]] for link in told["links"]]
        return all(_text(row[name]) == str(told[name]) for name in columns) and sorted(
            kept
        ) == sorted(said)
    except UNREADABLE:
        return False


_LINK = ("dossier_code", "role", "ordinal", "procedure_result_code", "class_code")


def _returned(archive: Archive) -> Iterator[Finding]:
    """Yield a finding for each object of a destroyed paper that is there again, named by none."""
    try:
        gone = archive.destroyed.all()
        files = {
            sha256
            for one in gone
            for sha256 in (one.body["original"][0], one.body["pdf"][0])
            if not one.is_unfinished and archive.objects.has(sha256)
        }
        back = files - archive.referenced_objects() if files else set()
    except UNREADABLE:
        return  # the row is named already
    for sha256 in sorted(back):
        yield Finding(
            kind="object",
            identifier=sha256,
            vi="Tệp này của một giấy tờ đã hủy lại có trong kho.",
            en="This object of a destroyed paper is in the store again.",
        )


def _differing(kept: Mapping[Any, Any], told: Mapping[Any, Any]) -> list[Any]:
    """Return the keys of which the log and the rows say different things."""
    return sorted(key for key in kept.keys() | told.keys() if kept.get(key) != told.get(key))


def _text(value: bytes | None) -> str:
    return (value or b"").decode(errors="replace")


def _finding(identifier: str, vi: str, en: str) -> Finding:
    return Finding(kind="record", identifier=identifier, vi=vi, en=en)
