"""Is everything as it was left? Objects, records, index, log and heads against each other."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from config.vocabulary import EventType
from storage.archive import Archive
from storage.canonical import read_json
from storage.correction_check import find_changed
from storage.errors import DamagedLog, ObjectMissing, StorageError
from storage.heads import PublicKey, head_paths, read_head, verify_head
from storage.model import Finding, Record
from storage.outsider.heads import SignedHead

# What reading a damaged row can raise: text that is no UTF-8, values no vocabulary has.
_UNREADABLE = (StorageError, sqlite3.Error, ValueError, TypeError, KeyError)


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
    findings: tuple[Finding, ...]
    """Everything that is wrong; empty where all is well."""


def check_archive(archive: Archive, public_key: PublicKey | None) -> FixityReport:
    """Check everything; no damage stops the check, and nothing but a late index is changed.

    Args:
        archive: The archive.
        public_key: The station's key for signed heads; None where it is not at hand, which is a
            finding as soon as there is a head.
    """
    findings: list[Finding] = []
    check = _Check(archive=archive, findings=findings)
    return FixityReport(
        objects=check.run("record", _check_objects),
        records=check.run("record", _check_records),
        index=check.run("index", _check_index),
        events=check.run("event", _check_events),
        heads=check.run("event", partial(_check_heads, public_key=public_key)),
        findings=tuple(findings),
    )


def check_log(archive: Archive, public_key: PublicKey | None) -> tuple[Finding, ...]:
    """Check the event log and the signed heads alone.

    Args:
        archive: The archive.
        public_key: As for `check_archive`.
    """
    findings: list[Finding] = []
    check = _Check(archive=archive, findings=findings)
    check.run("event", _check_events)
    check.run("event", partial(_check_heads, public_key=public_key))
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
        except (StorageError, sqlite3.Error) as error:
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
    recorded = _recorded_sha512(archive)
    found = set()
    for sha256 in archive.objects:
        found.add(sha256)
        problem = _object_problem(archive, sha256, recorded.get(sha256))
        if problem:
            vi, en = problem
            findings.append(Finding(kind="object", identifier=sha256, vi=vi, en=en))
    findings.extend(
        Finding(
            kind="object",
            identifier=sha256,
            vi="Tệp được hồ sơ nhắc tới nhưng không còn trong kho.",
            en="A record or the ledger names this object, but the store lacks it.",
        )
        for sha256 in sorted(archive.referenced_objects() - found)
    )
    return len(found)


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
        except _UNREADABLE:
            continue  # the log's own check names this event
        if kind == EventType.DELETION:
            digests.pop(record_id, None)
        elif "record_sha256" in detail:
            digests[record_id] = detail["record_sha256"]
    return digests


def _record_problem(archive: Archive, number: int, digest: str | None) -> tuple[str, str] | None:
    try:
        record = archive.records.by_number(number)
        found = None if record is None else archive.records.digest(record)
    except _UNREADABLE:
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


def _check_index(archive: Archive, findings: list[Finding]) -> int:
    archive.catch_up()
    indexed = archive.search.indexed()
    held = archive.search.fingerprints()
    count = 0
    for number, record in _readable_records(archive):
        count += 1
        known = indexed.pop(number, None)
        facts = archive.dossier_facts(record)
        if known != record.id or not archive.search.is_current(record, facts, held):
            findings.append(
                _index_finding(
                    record.id,
                    "Chỉ mục tìm kiếm không khớp tài liệu này. Hãy lập chỉ mục lại.",
                    "The search index differs from this record. Rebuild the index.",
                )
            )
    findings.extend(
        _index_finding(
            record_id,
            "Chỉ mục có một tài liệu mà kho không có. Hãy lập chỉ mục lại.",
            "The index holds a record that the archive lacks. Rebuild the index.",
        )
        for record_id in indexed.values()
    )
    if not archive.search.is_sound():
        findings.append(
            _index_finding(
                archive.index_db.path.name,
                "Tệp chỉ mục bị hỏng. Hãy lập chỉ mục lại.",
                "The index file is damaged. Rebuild the index.",
            )
        )
    return count


def _readable_records(archive: Archive) -> Iterator[tuple[int, Record]]:
    for row in archive.db.rows("SELECT number FROM record ORDER BY number"):
        try:
            record = archive.records.by_number(row["number"])
        except _UNREADABLE:
            continue  # the check of the records names it
        if record is not None:
            yield row["number"], record


def _index_finding(identifier: str, vi: str, en: str) -> Finding:
    return Finding(kind="index", identifier=identifier, vi=vi, en=en)


def _check_events(archive: Archive, findings: list[Finding]) -> int:
    findings.extend(archive.events.verify())
    return archive.events.size()


def _check_heads(archive: Archive, findings: list[Finding], *, public_key: PublicKey | None) -> int:
    paths = head_paths(archive.heads)
    heads: dict[int, SignedHead] = {}
    for path in paths:
        try:
            head = read_head(path)
        except (DamagedLog, OSError):
            findings.append(
                _head_finding(path.name, "Không đọc được tệp.", "The file cannot be read.")
            )
            continue
        problem = _head_problem(head, path.stem, public_key)
        if problem:
            findings.append(_head_finding(path.name, *problem))
        else:
            heads[head.size] = head
    _compare_with_log(archive, heads, findings)
    return len(paths)


def _head_problem(
    head: SignedHead, stem: str, public_key: PublicKey | None
) -> tuple[str, str] | None:
    if public_key is None:
        return "Thiếu khóa công khai để kiểm tra.", "The public key to check it is not at hand."
    if not verify_head(head, public_key):
        return "Chữ ký của trạm không đúng.", "The signature of the station is wrong."
    if stem != str(head.size):
        return "Tên tệp không khớp số sự kiện.", "The file name differs from its size."
    return None


def _compare_with_log(
    archive: Archive, heads: dict[int, SignedHead], findings: list[Finding]
) -> None:
    before = size = 0
    for recomputed in archive.events.recomputed_heads():
        size = recomputed.size
        head = heads.get(size)
        if head is None:
            continue
        if head.root != recomputed.root_hash.hex():
            findings.append(
                Finding(
                    kind="event",
                    identifier=f"{before + 1}-{size}",
                    vi=f"Các sự kiện này khác với lúc trạm ký đầu cây {size}.json.",
                    en=f"These events differ from when the station signed {size}.json.",
                )
            )
            return
        before = size
    newest = max(heads, default=0)
    if newest > size:
        findings.append(
            Finding(
                kind="event",
                identifier=f"{size + 1}-{newest}",
                vi=f"Nhật ký thiếu các sự kiện mà trạm đã ký trong {newest}.json.",
                en=f"The log lacks these events, which the station signed in {newest}.json.",
            )
        )


def _head_finding(name: str, vi: str, en: str) -> Finding:
    return Finding(kind="head", identifier=name, vi=vi, en=en)
