"""The records: what was filed, page by page, field by field, with its places in dossiers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.vocabulary import Role
from storage.canonical import canonical_json, canonical_text, read_json
from storage.damaged_rows import GARBLED, read_each, require_whole, row_damaged, told_as
from storage.database import Database, Parameters
from storage.errors import RecordNotFound, RowDamaged
from storage.model import (
    FieldValue,
    Link,
    NewLink,
    NewRecord,
    ObjectRef,
    PageText,
    Record,
    SignatureSummary,
)
from storage.record_forms import field_form, object_form, page_form, signature_form
from storage.record_rows import (
    field_of,
    field_rows,
    page_rows,
    real,
    signature_of,
    signature_rows,
)
from storage.times import read_evidence_time, time_text

_PLAIN = (
    "id",
    "submission_id",
    "paper",
    "class_code",
    "class_name",
    "title",
    "original_name",
    "original_media_type",
    "page_count",
    "mean_confidence",
    "verdict",
    "rule_set",
    "classes_version",
    "digitisation_code",
    "duty",
)

_COLUMNS = (
    *_PLAIN,
    "original_sha256",
    "original_sha512",
    "original_size",
    "pdf_sha256",
    "pdf_sha512",
    "pdf_size",
    "warnings",
    "notes",
    "filed_at",
)
_INSERT = f"INSERT INTO record ({', '.join(_COLUMNS)}) VALUES (:{', :'.join(_COLUMNS)})"  # noqa: S608  # our own names
# The number of a destroyed paper is never given again: names of files were made of it.
# Each maximum alone is the end of an index; that of both together would read them whole.
NEXT_ORDINAL = (
    "(1 + max(coalesce((SELECT max(ordinal) FROM link WHERE dossier_code = :code), 0), "
    "coalesce((SELECT max(ordinal) FROM destroyed_link WHERE dossier_code = :code), 0)))"
)
"""SQL: the ordinal that the next paper of the dossier `:code` gets."""
# A flipped bit can make a row call its text bytes.
_PAGES = (
    "SELECT number, CAST(text AS TEXT) AS text, CAST(overlay_text AS TEXT) AS overlay_text, "
    "CAST(as_read AS TEXT) AS as_read FROM page WHERE record = ? ORDER BY number"
)
_OF_DOSSIER = "SELECT record FROM link WHERE dossier_code = ? ORDER BY ordinal"


class RecordStore:
    """The records of one archive.

    Args:
        db: records.db.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, record_id: str) -> Record:
        """Return a record.

        Raises:
            RecordNotFound: There is none.
            RowDamaged: Its rows cannot be read.
        """
        with told_as(record_id):
            row = self._db.row("SELECT * FROM record WHERE id = ?", (record_id,))
            if row is not None:
                return self._assemble(row)
        raise RecordNotFound(
            f"Không có tài liệu {record_id}. Hãy kiểm tra lại mã.",
            f"There is no record {record_id}. Check the identifier.",
        )

    def by_submission(self, submission_id: str, paper: int) -> Record | None:
        """Return the record of one paper of a submission, or None."""
        row = self._db.row(
            "SELECT number FROM record WHERE submission_id = ? AND paper = ?",
            (submission_id, paper),
        )
        return None if row is None else self.by_number(row["number"])

    def by_original(self, sha256: str) -> list[Record]:
        """Return the records of these original bytes, the oldest first."""
        query = "SELECT number FROM record WHERE original_sha256 = ? ORDER BY number"
        return self._read(query, (sha256,))

    def pages(self, number: int) -> tuple[PageText, ...]:
        """Return the pages of the record with a filing number; empty where there is none.

        Of damaged ones what is left of them: a search goes on, and whoever lists them names them.
        """
        return tuple(page_of(part) for part in self._db.salvaged(_PAGES, (number,)))

    def by_number(self, number: int) -> Record | None:
        """Return the record with a filing number, or None.

        Raises:
            RowDamaged: Its rows cannot be read.
        """
        try:
            row = self._db.row("SELECT * FROM record WHERE number = ?", (number,))
            return None if row is None else self._assemble(row)
        except (RowDamaged, *GARBLED):
            raise row_damaged(self.name_of(number)) from None

    def name_of(self, number: int) -> str:
        """Return the id of a record, as far as its row still tells it."""
        row = self._db.row("SELECT CAST(id AS BLOB) AS id FROM record WHERE number = ?", (number,))
        return row["id"].decode(errors="replace") if row else str(number)

    def of_dossier(self, code: str) -> list[Record]:
        """Return the records linked to a dossier, by their ordinal in it.

        Raises:
            RowDamaged: The rows of one of them cannot be read.
        """
        return self._read(_OF_DOSSIER, (code,))

    def readable_of_dossier(self, code: str) -> tuple[list[Record], list[str]]:
        """Return the records of a dossier, and the ids of those that cannot be read."""
        return self._readable(_OF_DOSSIER, (code,))

    def next_ordinal(self, dossier_code: str) -> int:
        """Return the ordinal that the next record of a dossier gets in this transaction."""
        row = self._db.row(f"SELECT {NEXT_ORDINAL} AS n", {"code": dossier_code})
        return int(row["n"]) if row else 1

    def all_ids(self) -> Iterator[str]:
        """Yield all record ids, the oldest first; of a damaged one what is left."""
        query = "SELECT CAST(id AS BLOB) AS id FROM record ORDER BY number"
        return (row["id"].decode(errors="replace") for row in self._db.iterate(query))

    def newest(self, limit: int, after: str | None = None) -> list[Record]:
        """Return records, the newest first; without those that cannot be read.

        Args:
            limit: At most so many.
            after: Id of the last record of the page before.

        Raises:
            RecordNotFound: There is no record `after`.
        """
        last = 1 << 62 if after is None else self.get(after).number
        query = "SELECT number FROM record WHERE number < ? ORDER BY number DESC LIMIT ?"
        return self._readable(query, (last, limit))[0]

    def count(self) -> int:
        """Return the number of records."""
        row = self._db.row("SELECT count(*) AS n FROM record")
        return int(row["n"]) if row else 0

    def referenced_objects(self) -> set[str]:
        """Return the SHA-256 of all objects that records name, but what a source left out."""
        query = (
            "WITH named AS (SELECT id, original_sha256 AS sha FROM record "
            "UNION SELECT id, json_extract(notes, '$.reading_sha256') FROM record) "
            "SELECT pdf_sha256 AS sha FROM record UNION SELECT sha FROM named WHERE NOT EXISTS "
            "(SELECT 1 FROM accession WHERE record_id = named.id AND instr(absent, named.sha))"
        )
        return {row["sha"] for row in self._db.rows(query) if row["sha"] is not None}

    def canonical(self, record: Record) -> bytes:
        """Return the form whose SHA-256 each event of the record carries.

        Canonical JSON of everything filed: description, fields, representations, page texts (as
        digests), signatures, links. Any change of a row changes it.
        """
        return canonical_json(
            {
                **{name: getattr(record, name) for name in _PLAIN},
                "original": object_form(record.original),
                "pdf": object_form(record.pdf),
                "pages": [page_form(page) for page in record.pages],
                "fields": [field_form(value) for value in record.fields],
                "signatures": [signature_form(signature) for signature in record.signatures],
                "links": [
                    [link.dossier_code, link.role, link.ordinal, link.procedure_result_code]
                    for link in record.links
                ],
                "warnings": list(record.warnings),
                "notes": dict(record.notes),
                "filed_at": time_text(record.filed_at),
            }
        )

    def digest(self, record: Record) -> str:
        """Return the SHA-256 (hex) of `canonical`."""
        return hashlib.sha256(self.canonical(record)).hexdigest()

    def insert(self, new: NewRecord, link: NewLink, filed_at: datetime) -> Record:
        """Write the rows of a new record; the archive calls this inside its transaction.

        Returns:
            What the rows say, as reading them would.
        """
        with self._db.transaction():
            row = self._insert_record(new, filed_at)
            number = row["number"]
            pages = page_rows(number, new.pages)
            self._db.execute_each(
                "INSERT INTO page (record, number, text, overlay_text, as_read) "
                "VALUES (:record, :number, :text, :overlay_text, :as_read)",
                pages,
            )
            parts = _Parts(
                pages=pages,
                fields=self.insert_fields(number, new.fields),
                signatures=self.insert_signatures(number, new.signatures),
                links=[self._insert_link(number, link)],
            )
            return _record(row, parts)

    def insert_link(self, record: Record, link: NewLink) -> Record:
        """Write one more place of a record; the archive calls this inside its transaction."""
        with self._db.transaction():
            self._insert_link(record.number, link)
            return self.get(record.id)

    def _insert_record(self, new: NewRecord, filed_at: datetime) -> dict[str, Any]:
        row = {
            **{name: getattr(new, name) for name in _PLAIN},
            "mean_confidence": real(new.mean_confidence),
            "original_sha256": new.original.sha256,
            "original_sha512": new.original.sha512,
            "original_size": new.original.size_bytes,
            "pdf_sha256": new.pdf.sha256,
            "pdf_sha512": new.pdf.sha512,
            "pdf_size": new.pdf.size_bytes,
            "warnings": canonical_text(list(new.warnings)),
            "notes": canonical_text(dict(new.notes)),
            "filed_at": time_text(filed_at),
        }
        return {**row, "number": self._db.execute(_INSERT, row).lastrowid or 0}

    def insert_fields(self, number: int, fields: Sequence[FieldValue]) -> list[dict[str, Any]]:
        """Write the fields of a record, whose row is there and holds none; return their rows."""
        rows = field_rows(number, fields)
        self._db.execute_each(
            "INSERT INTO field "
            "(record, ordinal, name, value, confidence, page, box, source, read) VALUES (:record, "
            ":ordinal, :name, :value, :confidence, :page, :box, :source, :read)",
            rows,
        )
        return rows

    def insert_signatures(
        self, number: int, signatures: Sequence[SignatureSummary]
    ) -> list[dict[str, Any]]:
        """Write the signatures of a record, as `insert_fields` does its fields."""
        rows = signature_rows(number, signatures)
        self._db.execute_each(
            "INSERT INTO signature (record, ordinal, field, level, indication, "
            "sub_indication, signer, signed_at, best_time_kind, proven_until) VALUES (:record, "
            ":ordinal, :field, :level, :indication, :sub_indication, :signer, :signed_at, "
            ":best_time_kind, :proven_until)",
            rows,
        )
        return rows

    def _insert_link(self, number: int, link: NewLink) -> dict[str, Any]:
        row: dict[str, Any] = {
            "record": number,
            "code": link.dossier_code,
            "role": link.role.value,
            "result": link.procedure_result_code,
        }
        placed = self._db.row(
            "INSERT INTO link (record, dossier_code, role, ordinal, procedure_result_code) "  # noqa: S608  # our own words
            f"VALUES (:record, :code, :role, {NEXT_ORDINAL}, :result) "
            "RETURNING dossier_code, role, ordinal, procedure_result_code",
            row,
        )
        self._db.execute("INSERT INTO change (record) VALUES (?)", (number,))
        assert placed is not None, "a row that is inserted is returned"
        return placed

    def _read(self, query: str, parameters: Parameters) -> list[Record]:
        """Return the records whose numbers a query gives."""
        found = map(self.by_number, list(self._db.values(query, parameters)))
        return [record for record in found if record is not None]

    def _readable(self, query: str, parameters: Parameters) -> tuple[list[Record], list[str]]:
        whole, damaged = read_each(self.by_number, list(self._db.values(query, parameters)))
        found = [record for record in whole.values() if record is not None]
        return found, [self.name_of(number) for number in damaged]

    def _assemble(self, row: dict[str, Any]) -> Record:
        number = row["number"]
        parts = _Parts(
            pages=self._parts("page", "number", number),
            fields=self._parts("field", "ordinal", number),
            signatures=self._parts("signature", "ordinal", number),
            links=self._parts("link", "seq", number),
        )
        for each in (row, *parts.pages, *parts.fields, *parts.signatures, *parts.links):
            require_whole(each)
        return _record(row, parts)

    def _parts(self, table: str, order: str, number: int) -> list[dict[str, Any]]:
        query = f"SELECT * FROM {table} WHERE record = ? ORDER BY {order}"  # noqa: S608  # our own names
        return self._db.rows(query, (number,))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """The rows that belong to the row of a record."""

    pages: list[dict[str, Any]]
    """By number."""
    fields: list[dict[str, Any]]
    """By ordinal."""
    signatures: list[dict[str, Any]]
    """By ordinal."""
    links: list[dict[str, Any]]
    """The first one first."""


def _record(row: dict[str, Any], parts: _Parts) -> Record:
    return Record(
        **{name: row[name] for name in _PLAIN},
        number=row["number"],
        original=_object(row, "original"),
        pdf=_object(row, "pdf"),
        pages=tuple(page_of(part) for part in parts.pages),
        fields=tuple(field_of(part) for part in parts.fields),
        signatures=tuple(signature_of(part) for part in parts.signatures),
        links=tuple(link_of(part) for part in parts.links),
        warnings=tuple(read_json(row["warnings"])),
        notes=read_json(row["notes"]),
        filed_at=read_evidence_time(row["filed_at"]),
    )


def _object(row: dict[str, Any], prefix: str) -> ObjectRef:
    return ObjectRef(
        sha256=row[f"{prefix}_sha256"],
        sha512=row[f"{prefix}_sha512"],
        size_bytes=row[f"{prefix}_size"],
    )


def page_of(row: Mapping[str, Any]) -> PageText:
    """Return a page of a record by its row."""
    return PageText(
        number=row["number"],
        text=row["text"],
        overlay_text=row["overlay_text"],
        as_read=row["as_read"],
    )


def link_of(row: Mapping[str, Any]) -> Link:
    """Return a place of a record by its row."""
    return Link(
        dossier_code=row["dossier_code"],
        role=Role(row["role"]),
        ordinal=row["ordinal"],
        procedure_result_code=row["procedure_result_code"],
    )
