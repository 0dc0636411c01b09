"""Is a dossier complete: what its procedure asks for, held against the papers that came."""

from __future__ import annotations

from dataclasses import dataclass

from desk.results import view_register
from storage.archive import Archive
from storage.register import ExpectedComponent
from storage.result_links import HandedIn

# Papers of these cases are looked at and handed back.
_NOT_KEPT = ("shown", "shared")


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """What a dossier lacks, and what it has beyond its procedure."""

    dossier_code: str
    missing: tuple[ExpectedComponent, ...]
    """Components that are always asked for, and have not come."""
    surplus: tuple[HandedIn, ...]
    """Components that came, and are not asked for."""


def check(dossier_code: str, archive: Archive) -> Completeness | None:
    """Compare a dossier with its procedure; None where the register does not know that."""
    procedure = view_register(dossier_code, archive).procedure
    if procedure is None:
        return None
    handed_in = archive.results.components(dossier_code)
    # A paper that was destroyed lawfully had come.
    present = {paper.class_code for paper in handed_in} | archive.destroyed.components(dossier_code)
    wanted = {part.class_code for part in procedure.components}
    return Completeness(
        dossier_code=dossier_code,
        missing=tuple(
            part
            for part in procedure.components
            if part.required and part.case not in _NOT_KEPT and part.class_code not in present
        ),
        surplus=tuple(paper for paper in handed_in if paper.class_code not in wanted),
    )
