"""The papers of a bundle: which files each one has, and is each what the log says of it?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from storage.canonical import canonical_json
from storage.outsider.event_rows import Story
from storage.outsider.faults import BROKEN, Fault
from storage.outsider.pdf_signatures import Anchors, PdfSignature, check_signatures

LIST = "giay-to.json"
"""Name of the list of papers."""
RECORD, VERDICT = "mo-ta.json", "kiem-tra-chu-ky.json"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperEntry:
    """One paper of a bundle."""

    id: str
    """Of the record."""
    folder: str
    """Where its files lie, from the bundle's own folder."""
    pdf: str
    """Name of the filed PDF in there."""
    original: str | None
    """Name of the scan; None where it is the PDF itself, or was left out."""
    left_out: str = ""
    """Why the scan was left out, Vietnamese; empty where it was not."""


@dataclass(slots=True)
class PaperReport:
    """What was found of a paper."""

    id: str
    verdict: str = ""
    """What the station's full check of its signatures says."""
    signatures: list[PdfSignature] = field(default_factory=list)


def list_bytes(papers: list[PaperEntry]) -> bytes:
    """Write the list of papers."""
    return canonical_json({"papers": [asdict(paper) for paper in papers]})


def check_papers(
    folder: Path, story: Story, anchors: Anchors, reports: list[PaperReport]
) -> Iterator[Fault]:
    """Yield what of the papers is not as the proved events say.

    Args:
        folder: The bundle.
        story: What the proved events tell.
        anchors: What is trusted for signatures and their timestamps.
        reports: Gets what was found of each paper.
    """
    try:
        entries = [_entry(item) for item in json.loads((folder / LIST).read_bytes())["papers"]]
    except BROKEN as error:
        yield _fault(LIST, f"Không dùng được tệp này: {error}.", f"It cannot be used: {error}.")
        return
    for entry in entries:
        report = PaperReport(id=entry.id)
        reports.append(report)
        try:
            yield from _check(folder, entry, story, anchors, report)
        except BROKEN as error:
            vi, en = f"Không kiểm tra được: {error}.", f"It cannot be checked: {error}."
            yield _fault(entry.folder, vi, en)


def _entry(item: Mapping[str, Any]) -> PaperEntry:
    entry = PaperEntry(**item)
    for name in (entry.folder, entry.pdf, entry.original or ""):
        # A drive or a backslash leads out where the checker may run.
        if name.startswith("/") or ".." in name.split("/") or "\\" in name or ":" in name:
            raise ValueError(f"a name that leads out of the bundle: {name!r}")
    return entry


def _check(
    folder: Path, entry: PaperEntry, story: Story, anchors: Anchors, report: PaperReport
) -> Iterator[Fault]:
    place = folder / entry.folder
    body = (place / RECORD).read_bytes()
    if hashlib.sha256(body).hexdigest() != story.records.get(entry.id):
        yield _fault(
            f"{entry.folder}/{RECORD}",
            "Mô tả này không phải mô tả mà sự kiện mới nhất trong gói ghi nhận.",
            "This is not the description that the newest event of the bundle tells of.",
        )
    record = json.loads(body)
    yield from _compare(entry, place, entry.pdf, record["pdf"])
    if entry.original is not None:
        yield from _compare(entry, place, entry.original, record["original"])
    verdict = json.loads((place / VERDICT).read_bytes())
    report.verdict = str(verdict["overall"])
    report.signatures = check_signatures(place / entry.pdf, anchors)
    yield from _check_verdict(entry, verdict, record, report)


def _compare(entry: PaperEntry, place: Path, name: str, form: list[Any]) -> Iterator[Fault]:
    sha256, sha512, size = form
    digests = (hashlib.sha256(), hashlib.sha512())
    path = place / name
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            for digest in digests:
                digest.update(chunk)
    if [digest.hexdigest() for digest in digests] != [sha256, sha512] or (
        path.stat().st_size != size
    ):
        yield _fault(
            f"{entry.folder}/{name}",
            "Tệp này không phải tệp mà nhật ký ghi nhận.",
            "This is not the file that the log tells of.",
        )


def _check_verdict(
    entry: PaperEntry, verdict: Mapping[str, Any], record: Mapping[str, Any], report: PaperReport
) -> Iterator[Fault]:
    name = f"{entry.folder}/{VERDICT}"
    if verdict["sha256"] != record["pdf"][0]:
        yield _fault(name, "Kết quả này nói về tệp khác.", "It speaks of another file.")
    intact = [one for one in verdict["signatures"] if one["integrity"]["intact"]]
    broken = [one for one in report.signatures if one.holds is False]
    if len(report.signatures) - len(broken) < len(intact):
        yield Fault(
            kind="signature",
            identifier=f"{entry.folder}/{entry.pdf}",
            vi=f"Kết quả kiểm tra nêu {len(intact)} chữ ký nguyên vẹn, trong tệp không có đủ.",
            en=f"The verdict names {len(intact)} intact signatures; the file does not have them.",
        )


def _fault(identifier: str, vi: str, en: str) -> Fault:
    return Fault(kind="paper", identifier=identifier, vi=vi, en=en)
