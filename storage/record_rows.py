"""The rows of a record's parts, as the database holds them, written and read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from storage.canonical import canonical_text, read_json
from storage.model import FieldValue, PageText, SignatureSummary
from storage.record_forms import signature_values
from storage.times import read_evidence_time

_SIGNATURE = (
    "field",
    "level",
    "indication",
    "sub_indication",
    "signer",
    "signed_at",
    "best_time_kind",
    "proven_until",
)


def real(value: float | None) -> float | None:
    """Return a number as a column for reals gives it back: 1 as 1.0."""
    return None if value is None else float(value)


def page_rows(record: int, pages: Sequence[PageText]) -> list[dict[str, Any]]:
    """Return the rows of the pages of a record, by their numbers."""
    rows = [
        {
            "record": record,
            "number": page.number,
            "text": page.text,
            "overlay_text": page.overlay_text,
            "as_read": page.as_read,
        }
        for page in pages
    ]
    return sorted(rows, key=lambda row: row["number"])


def field_rows(record: int, fields: Sequence[FieldValue]) -> list[dict[str, Any]]:
    """Return the rows of the fields of a record, in their order."""
    return [
        {
            "record": record,
            "ordinal": ordinal,
            "name": value.name,
            "value": value.value,
            "confidence": float(value.confidence),
            "page": value.page,
            "box": None if value.box is None else canonical_text([float(x) for x in value.box]),
            "source": value.source,
            "read": value.read,
        }
        for ordinal, value in enumerate(fields, start=1)
    ]


def signature_rows(record: int, signatures: Sequence[SignatureSummary]) -> list[dict[str, Any]]:
    """Return the rows of the signatures of a record, in their order."""
    return [
        {
            "record": record,
            "ordinal": ordinal,
            **dict(zip(_SIGNATURE, signature_values(signature), strict=True)),
        }
        for ordinal, signature in enumerate(signatures, start=1)
    ]


def field_of(row: Mapping[str, Any]) -> FieldValue:
    """Return a field of a record by its row."""
    return FieldValue(
        name=row["name"],
        value=row["value"],
        confidence=row["confidence"],
        page=row["page"],
        box=None if row["box"] is None else tuple(read_json(row["box"])),
        source=row["source"],
        read=row["read"],
    )


def signature_of(row: Mapping[str, Any]) -> SignatureSummary:
    """Return a signature of a record by its row."""
    signed_at, until = row["signed_at"], row["proven_until"]
    return SignatureSummary(
        field=row["field"],
        level=row["level"],
        indication=row["indication"],
        sub_indication=row["sub_indication"],
        signer=row["signer"],
        signed_at=None if signed_at is None else read_evidence_time(signed_at),
        best_time_kind=row["best_time_kind"],
        proven_until=None if until is None else read_evidence_time(until),
    )
