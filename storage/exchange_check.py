"""Do the registers of copies that went out and of papers that came in say what the log tells?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from storage.archive import Archive
from storage.model import Finding
from storage.told_events import UNREADABLE, hear_events

_TOLD = (
    "SELECT CAST(body AS BLOB) AS body FROM event "
    "WHERE instr(body, '\"order_sha256\"') OR instr(body, '\"accession_sha256\"') ORDER BY seq"
)
# What is told of a copy at each of its steps; how far it is, and where its file lies, is work.
_OF_COPY = ("copy", "kind", "pdf_sha256", "order_sha256", "copy_sha256", "expires_at")
_Told = dict[str, object]


def find_changed_exchanges(archive: Archive) -> Iterator[Finding]:
    """Yield a finding for each issued copy and each accession that is not as the log tells."""
    copies, accessions = _told(archive)
    kept = _kept(archive.copies.ids(), lambda name: _form(archive.copies.get(name).detail()))
    for name in _differing(copies, kept):
        yield _finding(
            f"copy {name}",
            "Dòng này của sổ bản sao đã mất hoặc khác với nhật ký.",
            "This entry of the register of copies is gone, or not as the log tells.",
        )
    came = _kept(archive.accessions.record_ids(), lambda name: _digest(archive, name))
    for name in _differing(accessions, came):
        yield _finding(
            f"accession {name}",
            "Nguồn gốc của giấy tờ nhận từ kho khác này đã mất hoặc khác với nhật ký.",
            "Where this record came from is gone, or not as the log tells.",
        )


def _told(archive: Archive) -> tuple[_Told, _Told]:
    """Return what the log tells last of each copy, and of each accession."""
    copies: _Told = {}
    accessions: _Told = {}

    def hear(event: dict[str, Any]) -> None:
        detail = event["detail"]
        if "accession_sha256" in detail:
            accessions[event["object"]] = detail["accession_sha256"]
        elif archive.destroyed.get(event["object"]) is None:
            copies[detail["copy"]] = _form(detail)

    hear_events(archive.db, _TOLD, hear)
    return copies, accessions


def _form(detail: dict[str, Any]) -> dict[str, Any]:
    return {name: detail[name] for name in _OF_COPY if name in detail}


def _digest(archive: Archive, record_id: str) -> str | None:
    accession = archive.accessions.of_record(record_id)
    return accession.digest if accession else None


def _kept(names: Iterable[str], read: Callable[[str], object]) -> _Told:
    """Return what is kept under each name; None where it cannot be read."""
    kept: _Told = {}
    for name in names:
        try:
            kept[name] = read(name)
        except UNREADABLE:
            kept[name] = None
    return kept


def _differing(told: _Told, kept: _Told) -> list[str]:
    return sorted(name for name in told.keys() | kept.keys() if told.get(name) != kept.get(name))


def _finding(identifier: str, vi: str, en: str) -> Finding:
    return Finding(kind="record", identifier=identifier, vi=vi, en=en)
