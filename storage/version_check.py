"""Do kept rows say what their events say: which record took another's place, what was answered?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from storage.archive import Archive
from storage.canonical import read_json
from storage.model import Finding
from storage.told_events import UNREADABLE

_TOLD = "SELECT CAST(body AS BLOB) AS body FROM event WHERE instr(body, :word)"
_VERSIONS = (
    "SELECT CAST(record_id AS BLOB) AS record_id, CAST(supersedes AS BLOB) AS supersedes, "
    "CAST(kind AS BLOB) AS kind, CAST(at AS BLOB) AS at FROM version ORDER BY record_id"
)


def find_changed_versions(archive: Archive) -> Iterator[Finding]:
    """Yield each row of a version or a correction that no event tells of as it is."""
    gone = {event["object"] for event in _events(archive, '"destroyed_sha256"')}
    said = {_version_of(event) for event in _events(archive, '"later_record"')}
    # With a destroyed paper goes what it replaced, or was replaced by.
    told = {version for version in said if gone.isdisjoint(version[:2])}
    kept = {
        tuple(value.decode(errors="replace") for value in row.values())
        for row in archive.db.rows(_VERSIONS)
    }
    for record_id, *_ in sorted(told - kept):
        yield _finding(
            record_id,
            "Nhật ký ghi tài liệu này thay tài liệu khác, nhưng dòng lưu đã mất hoặc bị sửa.",
            "The log tells that this record took another's place; that row is gone or changed.",
        )
    for record_id, *_ in sorted(kept - told):
        yield _finding(
            record_id,
            "Không có sự kiện nào ghi đúng việc tài liệu này thay tài liệu khác.",
            "No event tells that this record took another's place as its row says.",
        )
    yield from _smuggled_corrections(archive)


def _smuggled_corrections(archive: Archive) -> Iterator[Finding]:
    told = {event["detail"].get("correction") for event in _events(archive, '"correction_sha256"')}
    for row in archive.db.rows("SELECT id FROM correction ORDER BY id"):
        if row["id"] not in told:
            yield _finding(
                f"correction {row['id']}",
                "Không có sự kiện nào ghi lần trả lời hay lần sửa này.",
                "No event tells of this answer or correction.",
            )


def _version_of(event: dict[str, Any]) -> tuple[str, ...]:
    detail = event["detail"]
    return (
        str(detail.get("later_record")),
        str(event["object"]),
        str(detail.get("kind")),
        str(event["at"]),
    )


def _events(archive: Archive, word: str) -> Iterator[dict[str, Any]]:
    for row in archive.db.iterate(_TOLD, {"word": word}):
        try:
            event = read_json(row["body"])
            if isinstance(event["detail"], dict):
                yield event
        except UNREADABLE:
            continue  # the log's own check names this event


def _finding(identifier: str, vi: str, en: str) -> Finding:
    return Finding(kind="record", identifier=identifier, vi=vi, en=en)
