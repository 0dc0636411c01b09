from __future__ import annotations

from datetime import date

from config.vocabulary import Role
from storage.archive import Archive
from storage.missing import dossiers_without_result, results_without_dossier
from storage.model import NewLink
from storage.register import Dossier, ProcedureResult, RegisterBatch
from tests.storage.conftest import AT, NewRecordMaker


def dossier(code: str, settled: date | None) -> Dossier:
    agency = code.partition("-")[0]
    return Dossier(
        code=code,
        title=f"Hồ sơ {code}",
        procedure_code="1.1",
        agency_code=agency,
        settled_at=settled,
    )


def test_settled_dossiers_without_a_result_and_results_without_a_dossier(
    archive: Archive, new_record: NewRecordMaker
) -> None:
    settled = date(2026, 10, 5)
    batch = RegisterBatch(
        dossiers=(
            dossier("H1-261001-0001", settled),
            dossier("H1-261001-0002", settled),
            dossier("H1-261001-0003", None),
            dossier("H2-261001-0004", date(2026, 9, 1)),
        ),
        results=(ProcedureResult(dossier_code="H1-261001-0001", ordinal=1, class_code="GKS"),),
    )
    archive.register.load(batch)
    filed = [
        ("H1-261001-0001", Role.COMPONENT),
        ("H1-261001-0002", Role.RESULT),
        ("H1-261001-0003", Role.COMPONENT),
        ("H3-261001-0009", Role.RESULT),
        ("H3-261001-0010", Role.COMPONENT),
    ]
    for number, (code, role) in enumerate(filed, start=1):
        link = NewLink(dossier_code=code, role=role)
        archive.file(new_record(number), link, actor="desk", at=AT)

    def settled_without(*agencies: str, limit: int = 9) -> list[tuple[str, int, int]]:
        found, damaged = dossiers_without_result(archive.db, agencies, limit)
        assert damaged == ()
        return [(item.code, item.registered_results, item.papers) for item in found]

    def lone(*agencies: str) -> list[str]:
        found, damaged = results_without_dossier(archive.db, agencies, 9)
        assert damaged == ()
        return [item.dossier_code for item in found]

    # The longest settled first.
    assert settled_without() == [("H2-261001-0004", 0, 0), ("H1-261001-0001", 1, 1)]
    assert settled_without(limit=1) == [("H2-261001-0004", 0, 0)]
    assert settled_without("H1") == [("H1-261001-0001", 1, 1)]
    assert lone() == ["H3-261001-0009"]
    assert (lone("H3"), lone("H1")) == (["H3-261001-0009"], [])
