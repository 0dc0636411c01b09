"""Is the register as its loads brought it: each row against its seal, each load against its event.

What came before there were seals is sealed by the first load after; until then nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from storage.archive import Archive
from storage.model import Finding
from storage.raw_rows import row_digest
from storage.register_seals import KINDS, RegisterSeals, Seal, digest_of
from storage.told_events import hear_events

_TOLD = "SELECT CAST(body AS BLOB) AS body FROM event WHERE instr(body, '\"rows_sha256\"')"


def find_changed_entries(archive: Archive) -> Iterator[Finding]:
    """Yield a finding for each entry of the register, and each load, that is not as it was told."""
    told, seals = _told(archive), archive.register.seals
    if not told:
        return
    newest: dict[tuple[str, str], Seal] = {}
    for load, sealed in seals.loads():
        newest |= {(seal.kind, seal.key): seal for seal in sealed}
        if told.pop(load, None) != digest_of(sealed):
            yield _finding(
                f"register load {load}",
                "Niêm phong của lần nhập sổ này không đúng như nhật ký ghi.",
                "The seals of this load of the register are not as the log tells.",
            )
    for load in sorted(told):
        yield _finding(
            f"register load {load}",
            "Nhật ký ghi lần nhập sổ này nhưng niêm phong của nó không còn.",
            "The log tells of this load of the register; its seals are gone.",
        )
    for kind in KINDS:
        yield from _changed(seals, kind, newest)
    for kind, key in sorted(newest):
        yield _finding(
            f"{kind} {key}",
            "Mục này của sổ không còn, dù chưa lần nhập nào bỏ nó.",
            "This entry of the register is gone.",
        )


def _changed(
    seals: RegisterSeals, kind: str, newest: dict[tuple[str, str], Seal]
) -> Iterator[Finding]:
    """Yield what is wrong with the rows of a table; their seals are taken out of `newest`."""
    for key, row in seals.rows(kind):
        seal = newest.pop((kind, key), None)
        if seal is None or row_digest(row, seal.salt) != seal.sha256:
            yield _finding(
                f"{kind} {key}",
                "Mục này của sổ khác với lúc được nhập. Hãy nhập lại sổ từ hệ thống một cửa.",
                "This entry of the register is not as it was imported. Import the register again.",
            )


def _told(archive: Archive) -> dict[int, str]:
    """Return the digest that the log tells of each load."""
    told: dict[int, str] = {}

    def hear(event: dict[str, Any]) -> None:
        detail = event["detail"]
        told[int(detail["load"])] = str(detail["rows_sha256"])

    hear_events(archive.db, _TOLD, hear)
    return told


def _finding(identifier: str, vi: str, en: str) -> Finding:
    return Finding(kind="record", identifier=identifier, vi=vi, en=en)
