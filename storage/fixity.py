"""Is everything as it was left? Objects, records, index, log and heads against each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal

from config.vocabulary import EventType
from storage.archive import Archive
from storage.canonical import read_json
from storage.correction_check import find_changed
from storage.disposal_check import find_changed_disposals
from storage.errors import ObjectMissing
from storage.exchange_check import find_changed_exchanges
from storage.fingerprint_check import find_changed_fingerprints
from storage.index_fixity import check_index, count_index
from storage.key_use_check import find_changed_uses
from storage.log_fixity import NOTHING, Outside, check_events, check_heads, check_stamps
from storage.looks import Looks
from storage.model import Finding
from storage.register_check import find_changed_entries
from storage.request_check import find_changed_requests
from storage.told_events import UNREADABLE
from storage.version_check import find_changed_versions


@dataclass(frozen=True, slots=True, kw_only=True)
class FixityReport:
    """What was checked, and what is not as it was left."""

    objects: int
    """Objects re-hashed."""
    records: int
    """Records compared with their events."""
    index: int
    """Records compared with the search index."""
    events: int
    """Events recomputed."""
    heads: int
    """Signed heads compared with the log."""
    anchors: int
    """Timestamps over heads."""
    findings: tuple[Finding, ...]
    """Everything that is wrong; empty where all is well."""


def check_archive(archive: Archive, outside: Outside = NOTHING) -> FixityReport:
    """Check everything; no damage stops the check, and nothing but a late index is changed.

    Args:
        archive: The archive.
        outside: What the log is compared with.
    """
    findings: list[Finding] = []
    check = _Check(archive=archive, findings=findings)
    return FixityReport(
        objects=check.run("record", _check_objects),
        records=check.run("record", _check_records),
        index=check.run("index", check_index),
        events=check.run("event", check_events),
        heads=check.run("event", partial(check_heads, outside=outside)),
        anchors=check.run("event", partial(check_stamps, outside=outside)),
        findings=tuple(findings),
    )


def check_some(
    archive: Archive, outside: Outside, looks: Looks, quota: int, *, at: datetime
) -> FixityReport:
    """Check the log, the index by number, and so many objects: the longest not looked at first.

    Args:
        archive: The archive.
        outside: As for `check_archive`.
        looks: When each object was last re-hashed; the look is noted there.
        quota: How many objects.
        at: Now, aware.
    """
    findings: list[Finding] = []
    check = _Check(archive=archive, findings=findings)
    hashed = looks.hashed()
    oldest = sorted(archive.objects, key=lambda sha256: hashed.get(sha256, ""))[:quota]
    count = check.run("record", partial(_check_these, objects=oldest))
    looks.note_hashed(oldest, at)
    return FixityReport(
        objects=count,
        records=0,
        index=check.run("index", count_index),
        events=check.run("event", check_events),
        heads=check.run("event", partial(check_heads, outside=outside)),
        anchors=check.run("event", partial(check_stamps, outside=outside)),
        findings=tuple(findings),
    )


def check_log(archive: Archive, outside: Outside = NOTHING) -> tuple[Finding, ...]:
    """Check the event log, the signed heads and their timestamps alone.

    Args:
        archive: The archive.
        outside: As for `check_archive`.
    """
    findings: list[Finding] = []
    check = _Check(archive=archive, findings=findings)
    check.run("event", check_events)
    check.run("event", partial(check_heads, outside=outside))
    check.run("event", partial(check_stamps, outside=outside))
    return tuple(findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    """Runs the parts of a check; a database that cannot be read on is a finding of the part."""

    archive: Archive
    findings: list[Finding]

    def run(
        self,
        kind: Literal["record", "index", "event"],
        part: Callable[[Archive, list[Finding]], int],
    ) -> int:
        database = self.archive.index_db if kind == "index" else self.archive.db
        name = database.path.name
        try:
            return part(self.archive, self.findings)
        except UNREADABLE as error:
            self.findings.append(
                Finding(
                    kind=kind,
                    identifier=name,
                    vi=f"Không đọc hết được {name}: {error}",
                    en=f"{name} cannot be read to its end: {error}",
                )
            )
            return 0


def _check_objects(archive: Archive, findings: list[Finding]) -> int:
    found = list(archive.objects)
    _check_these(archive, findings, objects=found)
    findings.extend(
        Finding(
            kind="object",
            identifier=sha256,
            vi="Tệp được hồ sơ nhắc tới nhưng không còn trong kho.",
            en="A record or the ledger names this object, but the store lacks it.",
        )
        for sha256 in sorted(archive.referenced_objects().difference(found))
    )
    return len(found)


def _check_these(archive: Archive, findings: list[Finding], *, objects: Sequence[str]) -> int:
    recorded = _recorded_sha512(archive)
    for sha256 in objects:
        problem = _object_problem(archive, sha256, recorded.get(sha256))
        if problem:
            vi, en = problem
            findings.append(Finding(kind="object", identifier=sha256, vi=vi, en=en))
    return len(objects)


def _recorded_sha512(archive: Archive) -> dict[str, str]:
    rows = archive.db.rows(
        "SELECT original_sha256 AS sha256, original_sha512 AS sha512 FROM record "
        "UNION SELECT pdf_sha256, pdf_sha512 FROM record"
    )
    return {row["sha256"]: row["sha512"] for row in rows}


def _object_problem(archive: Archive, sha256: str, sha512: str | None) -> tuple[str, str] | None:
    try:
        measured = archive.objects.measure(sha256)
    except (ObjectMissing, OSError):
        return "Không đọc được tệp trong kho.", "The object cannot be read."
    if measured.sha256 != sha256:
        return "Nội dung tệp đã thay đổi.", "The bytes of the object have changed."
    if sha512 is not None and measured.sha512 != sha512:
        return "SHA-512 khác với giá trị đã ghi.", "Its SHA-512 differs from the recorded one."
    return None


def _check_records(archive: Archive, findings: list[Finding]) -> int:
    evidence = _evidence(archive)
    seen = set()
    count = 0
    for row in archive.db.rows("SELECT number, CAST(id AS BLOB) AS id FROM record ORDER BY number"):
        record_id = row["id"].decode(errors="replace")
        seen.add(record_id)
        count += 1
        problem = _record_problem(archive, row["number"], evidence.get(record_id))
        if problem:
            vi, en = problem
            findings.append(Finding(kind="record", identifier=record_id, vi=vi, en=en))
    findings.extend(
        Finding(
            kind="record",
            identifier=record_id,
            vi="Nhật ký ghi tài liệu đã vào kho nhưng kho không còn tài liệu này.",
            en="The log says that this record was filed, but there is no such record.",
        )
        for record_id in sorted(evidence.keys() - seen)
    )
    findings.extend(find_changed(archive))
    findings.extend(find_changed_disposals(archive))
    findings.extend(find_changed_uses(archive))
    findings.extend(find_changed_versions(archive))
    findings.extend(find_changed_entries(archive))
    findings.extend(find_changed_fingerprints(archive))
    findings.extend(find_changed_exchanges(archive))
    findings.extend(find_changed_requests(archive))
    if not archive.db.is_sound():
        findings.append(
            Finding(
                kind="record",
                identifier=archive.db.path.name,
                vi="SQLite báo tệp cơ sở dữ liệu bị hỏng. Hãy khôi phục từ bản sao lưu.",
                en="SQLite finds the database file damaged. Restore it from a backup.",
            )
        )
    return count


def _evidence(archive: Archive) -> dict[str, str]:
    """Return the digest that the newest event of each standing record carries."""
    rows = archive.db.iterate("SELECT CAST(body AS BLOB) AS body FROM event ORDER BY seq")
    digests: dict[str, str] = {}
    for row in rows:
        try:
            event = read_json(row["body"])
            record_id, kind, detail = event["object"], event["type"], event["detail"]
        except UNREADABLE:
            continue  # the log's own check names this event
        # Copies of a record, and proofs about it, are deleted too: only this one ends it.
        if kind == EventType.DELETION and "destroyed_sha256" in detail:
            digests.pop(record_id, None)
        elif "record_sha256" in detail:
            digests[record_id] = detail["record_sha256"]
    return digests


def _record_problem(archive: Archive, number: int, digest: str | None) -> tuple[str, str] | None:
    try:
        record = archive.records.by_number(number)
        found = None if record is None else archive.records.digest(record)
    except UNREADABLE:
        return "Không đọc được tài liệu này nữa.", "The rows of this record cannot be read."
    if digest is None:
        return (
            "Nhật ký không có sự kiện nào về tài liệu này.",
            "No event of the log tells of this record.",
        )
    if found != digest:
        return (
            "Nội dung tài liệu khác với mã băm trong sự kiện mới nhất.",
            "The record differs from the digest in its newest event.",
        )
    return None
