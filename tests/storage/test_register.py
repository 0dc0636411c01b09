from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from config.codes import result_code
from storage.archive import Archive
from storage.model import NewLink
from storage.register import (
    Dossier,
    ExpectedComponent,
    LoadCount,
    Procedure,
    ProcedureResult,
    RegisterBatch,
)
from storage.search import Filters, SearchRequest
from tests.storage.conftest import AT, DOSSIER, NewRecordMaker

PROCEDURE = Procedure(
    code="1.001193",
    title="Đăng ký khai sinh",
    sector="Hộ tịch",
    components=(
        ExpectedComponent(class_code="TKHT", name="Tờ khai"),
        ExpectedComponent(
            class_code="GCS",
            name="Giấy chứng sinh",
            required=False,
            case="shared",
            type_code="000.00.00.G15-KQ004389",
        ),
    ),
    result_classes=("GKS",),
)
REGISTERED = Dossier(
    code=DOSSIER,
    title="Đăng ký khai sinh cho TRẦN THỊ THỬ NGHIỆM",
    procedure_code="1.001193",
    agency_code="H15.50.05.13",
    agency_name="UBND phường THỬ NGHIỆM",
    applicant="LÊ VĂN THỬ NGHIỆM",
    received_at=date(2026, 10, 8),
    status="Đang giải quyết",
)
RESULT = ProcedureResult(
    dossier_code=DOSSIER,
    ordinal=2,
    class_code="GKS",
    issue_date=date(2026, 10, 9),
    status="revoked",
    replaces=1,
    type_code="KQ.G15.000031",
)
BATCH = RegisterBatch(procedures=(PROCEDURE,), dossiers=(REGISTERED,), results=(RESULT,))


def test_a_batch_is_read_back(archive: Archive) -> None:
    count = archive.register.load(BATCH)
    assert count == LoadCount(procedures=1, dossiers=1, results=1, changed=3)
    assert archive.register.procedure("1.001193") == PROCEDURE
    assert archive.register.dossier(DOSSIER) == REGISTERED
    assert archive.register.dossiers() == [REGISTERED]
    assert archive.register.results(DOSSIER) == [RESULT]
    assert archive.register.find_result(f"{DOSSIER}-KQ(2)") == RESULT


def test_the_same_batch_again_changes_nothing(archive: Archive) -> None:
    archive.register.load(BATCH)
    assert archive.register.load(BATCH).changed == 0


def test_what_changed_is_counted_and_taken_over(archive: Archive) -> None:
    archive.register.load(BATCH)
    settled = replace(REGISTERED, settled_at=date(2026, 10, 10), status="Đã trả")
    assert archive.register.load(replace(BATCH, dossiers=(settled,))).changed == 1
    assert archive.register.dossier(DOSSIER) == settled


def test_what_is_not_registered_is_none(archive: Archive) -> None:
    assert archive.register.dossier("H1") is None
    assert archive.register.procedure("9.999999") is None
    assert archive.register.results("H1") == []
    for code in ("", "H1", "H1-KQ(1)", "H1-KQ(x)", "H1-KQ()", "-KQ(", f"{DOSSIER}-KQ(02)"):
        assert archive.register.find_result(code) is None, code


def test_codes_that_may_be_misreadings_of_one_are_found(archive: Archive) -> None:
    codes = [DOSSIER, f"{DOSSIER[:-1]}6", DOSSIER.replace(".13-", ".3-"), "H57.132-260804-0583"]
    entries = tuple(replace(REGISTERED, code=code) for code in codes)
    archive.register.load(RegisterBatch(dossiers=entries))
    assert archive.register.codes_like(DOSSIER, 0) == {DOSSIER: 0}
    assert archive.register.codes_like(DOSSIER, 1) == {codes[0]: 0, codes[1]: 1, codes[2]: 1}
    assert archive.register.codes_like("H57.132-260804-0588", 1) == {codes[3]: 1}
    assert archive.register.codes_like("H99.1-260101-0001", 3) == {}


def test_what_procedures_give_is_known(archive: Archive) -> None:
    archive.register.load(BATCH)
    assert archive.register.gives("GKS")
    assert not archive.register.gives("TKHT")


@given(dossier=st.text(min_size=1), ordinal=st.integers(1, 10_000))
def test_the_code_of_a_result_is_that_of_the_decree(dossier: str, ordinal: int) -> None:
    code = ProcedureResult(dossier_code=dossier, ordinal=ordinal, class_code="GKS").code
    assert code == result_code(dossier, ordinal)
    assert code.removeprefix(dossier) == f"-KQ({ordinal})"


def test_papers_are_found_by_what_the_register_says_later(
    archive: Archive, new_record: NewRecordMaker, link: NewLink
) -> None:
    record = archive.file(new_record(1), link, actor="desk", at=AT)
    request = SearchRequest(query="lê văn thử")
    assert archive.search.search(request).records == ()
    archive.register.load(BATCH)
    assert archive.catch_up() == 1
    assert [hit.record_id for hit in archive.search.search(request).records] == [record.id]
    scoped = SearchRequest(query="", filters=Filters(procedure=("1.001193",)))
    assert archive.search.search(scoped).count == 1
