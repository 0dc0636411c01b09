"""What a record's pages show: their text, and from the stored reading how surely it was read.

Where the reading cannot be had, or an older program wrote it, what is not known is null.
"""

from __future__ import annotations

import json
from typing import Any

from storage.archive import Archive
from storage.errors import StorageError
from storage.model import PageText, Record

Json = dict[str, Any]
_SEEN = ("confidence", "legal_share", "readable")


def view_pages(record: Record, archive: Archive) -> Json:
    """Show the pages of a record, and every word of them that was repaired."""
    read = pages_as_read(record, archive)
    numbered = list(zip(record.pages, scan_pages(record), strict=True))
    return {
        "pages": [_view_page(page, read.get(number, {})) for page, number in numbered],
        "repairs": [
            {"page": page.number, **repair}
            for page, number in numbered
            for repair in _repairs(read.get(number, {}))
        ],
    }


def scan_pages(record: Record) -> list[int]:
    """Return the page of the scan that each page of a record is."""
    stated = record.notes.get("scan_pages")
    if stated is not None:
        return [int(number) for number in stated.split(",")]
    return [page.number for page in record.pages]


def pages_as_read(record: Record, archive: Archive) -> dict[int, Json]:
    """Return what was read of each page of a record's scan, by its number there."""
    gate = archive.ledger.outcome(record.submission_id, 0, "gate") or {}
    sha256 = record.notes.get("reading_sha256") or gate.get("reading_sha256")
    if sha256 is None:
        return {}
    try:
        return {page["number"]: page for page in json.loads(archive.objects.read(sha256))}
    except StorageError:
        return {}  # lost or damaged: `hoso fixity` names it, and the record is shown all the same


def _view_page(page: PageText, read: Json) -> Json:
    return {
        "number": page.number,
        "text": page.text,
        "overlay_text": page.overlay_text,
        **{name: _rounded(read.get(name)) for name in _SEEN},
        "marks": [
            {"kind": mark["kind"], "box": _rounded_box(mark["box"])}
            for mark in read.get("marks", [])
        ],
    }


def _repairs(read: Json) -> list[Json]:
    return [
        {"read": word["read"], "text": word["text"], "box": _rounded_box(word["box"])}
        for line in read.get("lines", [])
        for word in line["words"]
        if word.get("read")
    ]


def _rounded(value: float | bool | None) -> float | bool | None:
    return round(value, 4) if isinstance(value, float) else value


def _rounded_box(box: list[float]) -> list[float]:
    return [round(side, 2) for side in box]
