"""Is a dossier complete: what its procedure asks for, held against the papers that came."""

from __future__ import annotations

from dataclasses import dataclass

from config.vocabulary import Role
from desk.results import view_register
from storage.archive import Archive
from storage.model import Record
from storage.register import ExpectedComponent, Procedure

# Papers of these cases are looked at and handed back.
_NOT_KEPT = ("shown", "shared")


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """What a dossier lacks, and what it has beyond its procedure."""

    dossier_code: str
    missing: tuple[ExpectedComponent, ...]
    """Components that are always asked for, and have not come."""
    surplus: tuple[Record, ...]
    """Components that came, and are not asked for."""


def check(dossier_code: str, archive: Archive) -> Completeness | None:
    """Compare a dossier with its procedure; None where the register does not know that."""
    procedure = view_register(dossier_code, archive).procedure
    if procedure is None:
        return None
    return compare(dossier_code, procedure, archive.records.of_dossier(dossier_code))


def compare(dossier_code: str, procedure: Procedure, records: list[Record]) -> Completeness:
    """Compare a dossier's papers with what its procedure asks for."""
    handed_in = [
        record
        for record in records
        for link in record.links
        if link.dossier_code == dossier_code and link.role is Role.COMPONENT
    ]
    present = {record.class_code for record in handed_in}
    wanted = {part.class_code for part in procedure.components}
    return Completeness(
        dossier_code=dossier_code,
        missing=tuple(
            part
            for part in procedure.components
            if part.required and part.case not in _NOT_KEPT and part.class_code not in present
        ),
        surplus=tuple(record for record in handed_in if record.class_code not in wanted),
    )
