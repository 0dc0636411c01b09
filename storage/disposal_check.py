"""Is what is kept of terms, holds, decisions and destroyed papers as the log tells of it?

A hold that vanished would let papers be destroyed, and a row that says «destroyed» could hide a
theft: each is held against its event.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from config.vocabulary import EventType
from storage.archive import Archive
from storage.canonical import digest, read_json
from storage.disposal_values import ItemState
from storage.errors import StorageError
from storage.model import Finding

_TOLD = (
    "SELECT CAST(body AS BLOB) AS body FROM event WHERE type IN ('appraisal', 'deletion') "
    "OR instr(body, '\"row_sha256\"') ORDER BY seq"
)
# What reading a damaged row can raise.
_UNREADABLE = (StorageError, sqlite3.Error, ValueError, TypeError, KeyError, AttributeError)
_SAID = ("retention_term", "retention_hold")
_LIFTED = ("lifted_by", "lifted_at", "lifted_reason")


@dataclass(slots=True, kw_only=True)
class _Told:
    """What the log tells."""

    rows: dict[tuple[str, int], str] = field(default_factory=dict)
    """Digests of what officers said, by table and number."""
    lifted: dict[int, str] = field(default_factory=dict)
    """Digests of how holds ended."""
    items: dict[tuple[str, str], str] = field(default_factory=dict)
    """Where papers of batches stand, by batch and record."""
    destroyed: dict[str, str] = field(default_factory=dict)
    """Digests of what is left of records."""

    def hear(self, event: Mapping[str, Any]) -> None:
        """Take in one event."""
        detail, outcome = event["detail"], event["outcome"]
        if event["type"] == EventType.DELETION:
            if "destroyed_sha256" in detail:
                self.destroyed[event["object"]] = detail["destroyed_sha256"]
                self.items[detail["batch"], event["object"]] = ItemState.DESTROYED.value
        elif event["type"] == EventType.APPRAISAL:
            self.items[detail["batch"], event["object"]] = outcome
        elif outcome == "retention_term":
            self.rows["retention_term", detail["term"]] = detail["row_sha256"]
        elif outcome == "hold":
            self.rows["retention_hold", detail["hold"]] = detail["row_sha256"]
        elif outcome == "hold_lifted":
            self.lifted[detail["hold"]] = detail["row_sha256"]


def find_changed_disposals(archive: Archive) -> Iterator[Finding]:
    """Yield a finding for each row that is gone, is not as it was told, or was never told of."""
    told = _Told()
    for row in archive.db.iterate(_TOLD):
        try:
            told.hear(read_json(row["body"]))
        except _UNREADABLE:
            continue  # the log's own check names this event
    for part in (_said, _items, _destroyed):
        try:
            yield from part(archive, told)
        except _UNREADABLE as error:
            yield _finding("disposal", f"Không đọc hết được: {error}", f"cannot be read: {error}")


def _said(archive: Archive, told: _Told) -> Iterator[Finding]:
    kept: dict[tuple[str, int], str] = {}
    lifted: dict[int, str] = {}
    for table in _SAID:
        for row in archive.db.rows(f"SELECT * FROM {table}"):  # noqa: S608  # our own names
            number = row.pop("id")
            ended = {name: row.pop(name) for name in _LIFTED if name in row}
            kept[table, number] = digest(row)
            if any(ended.values()):
                lifted[number] = digest({**ended, "salt": row["salt"]})
    for table, number in sorted(_differing(kept, told.rows)):
        yield _finding(
            f"{table} {number}",
            "Thời hạn riêng hay lệnh tạm dừng hủy này không đúng như nhật ký ghi.",
            "This term or hold is not as the log tells.",
        )
    for number in sorted(_differing(lifted, told.lifted)):
        yield _finding(
            f"retention_hold {number}",
            "Việc bỏ tạm dừng hủy này không đúng như nhật ký ghi.",
            "The end of this hold is not as the log tells.",
        )


def _items(archive: Archive, told: _Told) -> Iterator[Finding]:
    rows = archive.db.rows("SELECT batch, record_id, state FROM disposal_item")
    # Papers that are being destroyed were approved; the event of each tells when it is gone.
    is_begun = {ItemState.DESTROYING.value: ItemState.APPROVED.value}
    kept = {
        (row["batch"], row["record_id"]): is_begun.get(row["state"], row["state"]) for row in rows
    }
    # What a restore destroyed again belongs to a batch that the restored archive may not know.
    known = {batch for batch, _ in kept}
    about_papers = {
        key: state
        for key, state in told.items.items()
        if key[1] != "archive" and (key[0] in known or state != ItemState.DESTROYED.value)
    }
    for batch, record_id in sorted(_differing(kept, about_papers)):
        yield _finding(
            record_id,
            f"Tình trạng của giấy tờ này trong đợt xét hủy {batch} không đúng như nhật ký ghi.",
            f"Where this paper stands in batch {batch} is not as the log tells.",
        )


def _destroyed(archive: Archive, told: _Told) -> Iterator[Finding]:
    named: set[str] | None = None
    kept = {}
    for gone in archive.destroyed.all():
        kept[gone.record_id] = digest(gone.body)
        files = {gone.body["original"][0], gone.body["pdf"][0]}
        held = {sha256 for sha256 in files if archive.objects.has(sha256)}
        if held and not gone.is_unfinished:
            named = named if named is not None else archive.referenced_objects()
            for sha256 in sorted(held - named):
                yield Finding(
                    kind="object",
                    identifier=sha256,
                    vi="Tệp này của một giấy tờ đã hủy lại có trong kho.",
                    en="This object of a destroyed paper is in the store again.",
                )
    for record_id in sorted(_differing(kept, told.destroyed)):
        yield _finding(
            record_id,
            "Dòng còn lại của giấy tờ đã hủy này không đúng như nhật ký ghi.",
            "What is left of this destroyed paper is not as the log tells.",
        )


def _differing(kept: Mapping[Any, str], told: Mapping[Any, str]) -> set[Any]:
    """Return the keys of which the log and the rows say different things."""
    return {key for key in kept.keys() | told.keys() if kept.get(key) != told.get(key)}


def _finding(identifier: str, vi: str, en: str) -> Finding:
    return Finding(kind="record", identifier=identifier, vi=vi, en=en)
