"""Records in an archive without scans: what the desk decides of them needs no page."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.vocabulary import Role, load_classes
from desk.registering import Imported, import_register
from storage.archive import Archive
from storage.model import FieldValue, NewLink, NewRecord, ObjectRef, PageText, Record

AT = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
A, B = "H26.99-261105-0001", "H26.99-261106-0002"
BIRTH, MARRIAGE = "1.001193", "1.000894"


@dataclass(slots=True)
class Shelf:
    """An archive, filled by hand."""

    archive: Archive
    folder: Path
    filed: int = 0
    imports: int = 0

    def file(
        self,
        kind: str,
        role: Role,
        said: Mapping[str, str] | None = None,
        *,
        place: tuple[str, str | None] = (A, None),
        notes: Mapping[str, str] | None = None,
    ) -> Record:
        """File a paper of a kind in a dossier, as a result's code where one is given."""
        self.filed += 1
        stored = self.archive.objects.add_bytes(f"bản quét {self.filed}".encode())
        ref = ObjectRef(sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes)
        new = NewRecord(
            id=f"018f0000-0000-7000-8000-{self.filed:012d}",
            submission_id=f"018f0000-0000-7000-9000-{self.filed:012d}",
            paper=1,
            class_code=kind,
            class_name=kind,
            title=f"{kind} {self.filed}",
            original=ref,
            original_name=f"{self.filed}.pdf",
            original_media_type="application/pdf",
            pdf=ref,
            pages=(PageText(number=1, text=f"giấy {kind} thử nghiệm số {self.filed}"),),
            page_count=1,
            fields=tuple(
                FieldValue(name=name, value=value, confidence=0.95, page=1, box=(1, 2, 3, 4))
                for name, value in (said or {}).items()
            ),
            verdict="TOTAL-PASSED",
            rule_set="2025-07-21",
            classes_version="2026-11-22",
            notes=notes or {},
        )
        code, result = place
        link = NewLink(dossier_code=code, role=role, procedure_result_code=result)
        return self.archive.file(new, link, actor="thử nghiệm", at=AT)

    def again(self, record: Record) -> Record:
        """Return a record as it stands now."""
        return self.archive.records.get(record.id)

    def bring(self, *results: dict[str, Any], code: str = A) -> Imported:
        """Import results of a dossier, as the one-stop system hands them over."""
        entries = [{"dossier_code": code, "class_code": "GKS", **result} for result in results]
        return self.load({"results": entries})

    def load(self, register: Mapping[str, Sequence[Mapping[str, Any]]]) -> Imported:
        """Import a register file."""
        self.imports += 1
        path = self.folder / f"so-{self.imports}.json"
        path.write_text(json.dumps(register, ensure_ascii=False), encoding="utf-8")
        return import_register(path, self.archive, load_classes(), actor="thử nghiệm")

    def outcomes(self, record: Record) -> list[str]:
        """Return what happened to a record, after its filing."""
        return [event.outcome for event in self.archive.events.events(record.id)][1:]


def procedure(code: str, gives: Sequence[str] = (), **components: bool | str) -> dict[str, Any]:
    """Write a procedure: `TKKS=True` is required, `GCS=False` is not, a word is its case."""
    parts = [
        {
            "class_code": name,
            "name": f"Giấy {name}",
            "required": wanted is not False,
            "case": wanted if isinstance(wanted, str) else "",
        }
        for name, wanted in components.items()
    ]
    return {"code": code, "title": code, "components": parts, "result_classes": list(gives)}


def dossier(code: str, procedure_code: str = BIRTH, applicant: str = "") -> dict[str, str]:
    """Write a dossier that was received on the day its code says."""
    return {
        "code": code,
        "title": code,
        "procedure_code": procedure_code,
        "agency_code": "H26.99",
        "applicant": applicant,
        "received_at": f"2026-11-{code[11:13]}",
    }


@contextmanager
def spoiled(
    archive: Archive, place: str, where: str, value: str | bytes = b"\xffA"
) -> Iterator[None]:
    """Let a value of some rows be what nobody wrote there: text that is none, or another word.

    Args:
        archive: Whose.
        place: Table and column.
        where: SQL.
        value: What stands there.
    """
    table, _, column = place.partition(".")
    db = archive.db
    kept = db.rows(f"SELECT rowid AS at, {column} AS value FROM {table} WHERE {where}")  # noqa: S608  # our own names
    triggers = db.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    query = f"UPDATE {table} SET {column} = CAST(:value AS TEXT) WHERE rowid = :at"  # noqa: S608  # our own names
    for trigger in triggers:
        db.execute(f"DROP TRIGGER {trigger['name']}")
    db.execute_each(query, ({"at": row["at"], "value": value} for row in kept))
    try:
        yield
    finally:
        db.execute_each(query, kept)
        for trigger in triggers:
            db.execute(trigger["sql"])
