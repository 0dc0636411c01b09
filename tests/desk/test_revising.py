"""A filed paper described otherwise: role and result follow, and no wrong link is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from config.settings import Settings
from config.vocabulary import Role, load_classes
from desk.answers import Answer
from desk.errors import AnswerRefused
from desk.revising import Books, revise
from storage.archive import open_archive
from storage.corrections import Act
from storage.model import FieldValue, Link, NewLink, NewRecord, ObjectRef, PageText, Record
from storage.register import (
    Dossier,
    ExpectedComponent,
    Procedure,
    ProcedureResult,
    RegisterBatch,
)

CODE, OTHER = "H26.99-261105-0001", "H26.99-261106-0002"
AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    birth = Procedure(
        code="1.001193",
        title="Đăng ký khai sinh",
        components=(ExpectedComponent(class_code="TKKS", name="Tờ khai"),),
        result_classes=("GKS",),
    )
    dossiers = tuple(
        Dossier(
            code=code,
            title="",
            procedure_code=birth.code,
            agency_code="H26.99",
            received_at=date(2026, 11, 5),
        )
        for code in (CODE, OTHER)
    )
    results = tuple(
        ProcedureResult(dossier_code=code, ordinal=1, class_code="GKS", number=number)
        for code, number in ((CODE, "15"), (OTHER, "16"))
    )
    with open_archive(tmp_path / "archive") as archive:
        archive.register.load(
            RegisterBatch(procedures=(birth,), dossiers=dossiers, results=results)
        )
        yield Books(archive=archive, classes=load_classes(), settings=Settings())


def filed(books: Books, kind: str, number: str | None, result: str | None = None) -> Record:
    archive = books.archive
    count = archive.records.count() + 1
    stored = archive.objects.add_bytes(f"giấy {count}".encode())
    ref = ObjectRef(sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes)
    fields = (
        (FieldValue(name="number", value=number, confidence=0.9, page=1, box=(1, 2, 3, 4)),)
        if number
        else ()
    )
    record = NewRecord(
        id=f"018f0000-0000-7000-8000-{count:012d}",
        submission_id=f"nop-{count}",
        paper=1,
        class_code=kind,
        class_name=kind,
        title=kind,
        original=ref,
        original_name="a.pdf",
        original_media_type="application/pdf",
        pdf=ref,
        pages=(PageText(number=1, text="thử nghiệm"),),
        page_count=1,
        fields=fields,
        verdict="TOTAL-PASSED",
        rule_set="1",
        classes_version="1",
    )
    role = Role.RESULT if result or kind == "GKS" else Role.COMPONENT
    link = NewLink(dossier_code=CODE, role=role, procedure_result_code=result)
    return archive.file(record, link, actor="hoso", at=AT)


def said(books: Books, record: Record, answer: Answer) -> Record:
    revised = revise(record, answer, books)
    books.archive.revise(revised, Act.CORRECT, actor="cán bộ", at=AT)
    return books.archive.records.get(record.id)


def place(record: Record) -> tuple[str, str, str | None]:
    (link,) = record.links
    return link.dossier_code, link.role.value, link.procedure_result_code


def test_a_component_said_to_be_the_result_is_tied_to_its_entry(books: Books) -> None:
    now = said(books, filed(books, "TB", "15"), Answer(class_code="GKS"))
    assert place(now) == (CODE, "result", f"{CODE}-KQ(1)")
    assert (now.class_name, now.notes["class_from"]) == ("Giấy khai sinh", "person")
    assert (now.duty, now.notes["duty_case"]) == ("must", "result")
    assert now.digitisation_code is not None
    assert "GKS" in now.digitisation_code


def test_a_result_said_to_be_another_paper_leaves_its_entry(books: Books) -> None:
    now = said(books, filed(books, "GKS", "15", f"{CODE}-KQ(1)"), Answer(class_code="TB"))
    assert place(now) == (CODE, "component", None)


def test_an_entry_that_has_its_paper_is_not_given_to_a_second(books: Books) -> None:
    filed(books, "GKS", "15", f"{CODE}-KQ(1)")
    second = filed(books, "TB", "15")
    with pytest.raises(AnswerRefused) as refused:
        revise(second, Answer(class_code="GKS"), books)
    assert f"{CODE}-KQ(1)" in refused.value.vi


def test_a_corrected_number_ties_and_unties(books: Books) -> None:
    record = filed(books, "GKS", "19")
    tied = said(books, record, Answer(fields={"number": "15"}))
    assert place(tied) == (CODE, "result", f"{CODE}-KQ(1)")
    (number,) = tied.fields
    assert (number.value, number.source, number.read, number.box) == (
        "15",
        "person",
        "19",
        (1, 2, 3, 4),
    )
    untied = said(books, tied, Answer(fields={"number": "18"}))
    assert place(untied) == (CODE, "result", None)


def test_a_field_that_ties_nothing_leaves_the_place_alone(books: Books) -> None:
    record = filed(books, "GKS", "19", f"{CODE}-KQ(1)")
    now = said(books, record, Answer(fields={"purpose": "thử nghiệm"}))
    assert place(now) == place(record)


def test_a_paper_of_another_dossier_is_placed_there_by_that_dossier_s_register(
    books: Books,
) -> None:
    record = filed(books, "GKS", "16", f"{CODE}-KQ(1)")
    now = said(books, record, Answer(dossier_code=OTHER))
    assert place(now) == (OTHER, "result", f"{OTHER}-KQ(1)")
    books.archive.undo_revision(
        books.archive.corrections.of_record(record.id)[0], actor="cán bộ", at=AT
    )
    assert place(books.archive.records.get(record.id)) == place(record)


def test_what_the_register_contradicts_is_refused_with_its_reason(books: Books) -> None:
    record = filed(books, "TB", "99")
    with pytest.raises(AnswerRefused) as refused:
        revise(record, Answer(dossier_code=OTHER, class_code="GKS"), _with_two_results(books))
    assert "99" in refused.value.vi


def _with_two_results(books: Books) -> Books:
    second = ProcedureResult(dossier_code=OTHER, ordinal=2, class_code="GKS", number="17")
    books.archive.register.load(RegisterBatch(results=(second,)))
    return books


def test_a_paper_of_two_dossiers_is_not_moved_by_guess(books: Books) -> None:
    record = filed(books, "TKKS", None)
    second = Link(dossier_code=OTHER, role=Role.COMPONENT, ordinal=1)
    with pytest.raises(AnswerRefused):
        revise(
            replace(record, links=(*record.links, second)),
            Answer(dossier_code="H26.99-261107-0003"),
            books,
        )


def test_a_person_s_value_may_be_that_there_is_none(books: Books) -> None:
    now = said(books, filed(books, "TB", "15"), Answer(fields={"number": None}))
    (number,) = now.fields
    assert (number.value, number.source, number.read) == (None, "person", "15")
