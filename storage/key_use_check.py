"""Are the uses of keys, and the proofs of the checks before them, as the log tells of them?

A use counts once the log has told how it ended; one that is open is working data. A proof that a
person deleted is accounted for by the event that says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from config.vocabulary import EventType
from storage.archive import Archive
from storage.model import Finding
from storage.raw_rows import raw_rows
from storage.told_events import hear_events

_TOLD = "SELECT CAST(body AS BLOB) AS body FROM event WHERE instr(body, '\"proofs\":')"


@dataclass(slots=True, kw_only=True)
class _Told:
    """What the log tells."""

    rows: dict[int, str] = field(default_factory=dict)
    """Digest of the row of each use."""
    proofs: dict[tuple[int, str], str] = field(default_factory=dict)
    """Use and digest of each proof; its kind, empty where an older program told of it."""
    deleted: set[int] = field(default_factory=set)
    """Uses whose proofs a person deleted."""

    def hear(self, event: dict[str, Any]) -> None:
        """Take in one event."""
        detail: dict[str, Any] = event["detail"]
        if event["type"] == EventType.DELETION:
            self.deleted.update(detail["uses"])
            return
        use, proofs = detail["use"], detail["proofs"]
        kinds = detail.get("proof_kinds") or [""] * len(proofs)
        self.proofs |= {(use, sha256): kind for sha256, kind in zip(proofs, kinds, strict=True)}
        if "use_sha256" in detail:
            self.rows[use] = detail["use_sha256"]


def find_changed_uses(archive: Archive) -> Iterator[Finding]:
    """Yield a finding for each use of a key or proof that is not as the log tells, or gone."""
    told = _Told()
    hear_events(archive.db, _TOLD, told.hear)
    yield from _changed_rows(archive, told)
    yield from _changed_proofs(archive, told)


def _changed_rows(archive: Archive, told: _Told) -> Iterator[Finding]:
    standing = archive.key_uses.standing_digests()
    for number, digest in sorted(told.rows.items()):
        if standing.get(number) != digest:
            yield _finding(
                f"key use {number}",
                "Dòng ghi lần dùng khóa này đã mất hoặc khác với nhật ký.",
                "The row of this use of a key is gone, or not as the log tells.",
            )


def _changed_proofs(archive: Archive, told: _Told) -> Iterator[Finding]:
    kept = archive.key_uses.kept_proofs()
    standing = {(use, sha256) for use, sha256, _ in kept}
    for number, sha256 in sorted(told.proofs.keys() - standing):
        if number not in told.deleted:
            yield _proof(
                sha256,
                f"Bằng chứng kiểm tra chứng thư của lần dùng khóa {number} không còn trong kho.",
                f"A proof of the certificate check before key use {number} is gone.",
            )
    ended = told.rows.keys() | {number for number, _ in told.proofs}
    for number, sha256, kind in sorted(kept):
        if number in ended and told.proofs.get((number, sha256)) not in ("", kind):
            yield _proof(
                sha256,
                f"Nhật ký không ghi bằng chứng này, hay loại này, cho lần dùng khóa {number}.",
                f"The log tells of no such proof, or of another kind, for key use {number}.",
            )
    for row in raw_rows(archive.db, "proof"):
        told_sha256 = (row["sha256"] or b"").decode(errors="replace")
        if hashlib.sha256(row["der"] or b"").hexdigest() != told_sha256:
            yield _proof(
                told_sha256,
                "Bằng chứng kiểm tra chứng thư đã bị thay đổi.",
                "A proof of a certificate check has changed.",
            )


def _proof(sha256: str, vi: str, en: str) -> Finding:
    return _finding(f"proof {sha256}", vi, en)


def _finding(identifier: str, vi: str, en: str) -> Finding:
    return Finding(kind="record", identifier=identifier, vi=vi, en=en)
