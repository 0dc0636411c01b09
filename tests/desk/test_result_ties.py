"""Which result of the register a paper is: every way in which it could be tied wrongly."""

from __future__ import annotations

import datetime as dt

import pytest

from config.vocabulary import Role, load_classes
from desk import accession
from desk.accession import AS_COMPONENT, AS_LATER_RESULT, Placement, RegisterView
from desk.result_ties import is_same_number
from digitize.model import Description, Evidence
from storage.register import Dossier, ExpectedComponent, Procedure, ProcedureResult

CLASSES = load_classes()
A = "H26.99-261105-0001"
RECEIVED = dt.date(2026, 11, 5)


def described(**fields: str) -> Description:
    return Description(
        fields=tuple(
            Evidence(name=name, value=value, confidence=1.0, page=1, box=(0, 0, 1, 1))
            for name, value in fields.items()
        )
    )


def result(
    ordinal: int, number: str = "", day: str = "", holder: str = "", kind: str = "GKS"
) -> ProcedureResult:
    return ProcedureResult(
        dossier_code=A,
        ordinal=ordinal,
        class_code=kind,
        number=number,
        issue_date=dt.date.fromisoformat(day) if day else None,
        holder=holder,
    )


def view(
    *results: ProcedureResult,
    gives: tuple[str, ...] = ("GKS",),
    asks: tuple[str, ...] = (),
    answer: str | None = None,
) -> RegisterView:
    components = tuple(ExpectedComponent(class_code=code, name=code) for code in asks)
    procedure = Procedure(
        code="1.001193", title="Đăng ký khai sinh", components=components, result_classes=gives
    )
    dossier = Dossier(
        code=A, title="", procedure_code="1.001193", agency_code="H26.99", received_at=RECEIVED
    )
    return RegisterView(dossier=dossier, procedure=procedure, results=results, answer=answer)


def place(
    code: str,
    register: RegisterView,
    said: dict[str, str] | None = None,
    *,
    confirmed: bool = False,
) -> Placement:
    kind = CLASSES.find(code)
    assert kind is not None
    return accession.place(kind, described(**(said or {})), register, confirmed=confirmed)


def test_a_receipt_is_a_receipt_and_a_component_a_component() -> None:
    assert place("GTN", view()).role is Role.RECEIPT
    assert place("TKKS", view(result(1))).role is Role.COMPONENT


@pytest.mark.parametrize(
    ("results", "said", "code"),
    [
        ((result(1),), {}, f"{A}-KQ(1)"),
        ((result(1),), {"number": "12"}, f"{A}-KQ(1)"),
        ((result(1, "215/2026"),), {"number": "215"}, f"{A}-KQ(1)"),
        ((result(1, "215/2026"),), {"number": "215/2026"}, f"{A}-KQ(1)"),
        ((result(1, "0215"),), {"number": "215"}, f"{A}-KQ(1)"),
        ((result(1, "215", "2026-11-06"),), {"issue_date": "2026-11-06"}, f"{A}-KQ(1)"),
        ((result(1, "215", holder="TRẦN THỬ"),), {"holder": "Trần Thử"}, f"{A}-KQ(1)"),
        ((result(1, "214"), result(2, "215")), {"number": "215"}, f"{A}-KQ(2)"),
        ((result(1, day="2026-11-06"), result(2, day="2026-11-07")), {"issue_date": "2026-11-07"},
         f"{A}-KQ(2)"),
        ((result(1, "AA 00123"),), {"serial": "AA 00123"}, f"{A}-KQ(1)"),
        ((result(1, "CS 00123"),), {"serial": "AA 999", "entry_number": "CS 00123"}, f"{A}-KQ(1)"),
    ],
)  # fmt: skip
def test_a_result_is_tied_to_the_registers_entry(
    results: tuple[ProcedureResult, ...], said: dict[str, str], code: str
) -> None:
    placed = place("GKS", view(*results), said)
    assert (placed.role, placed.procedure_result_code) == (Role.RESULT, code)
    assert placed.question is None


@pytest.mark.parametrize(
    ("results", "said", "question"),
    [
        ((result(1, "215"),), {"number": "216"}, "result_number_differs"),
        ((result(1, "215/2026"),), {"number": "215/2020"}, "result_number_differs"),
        ((result(1, "215", "2026-11-06"),), {"number": "215", "issue_date": "2026-11-07"},
         "result_day_differs"),
        ((result(1, "215", "2026-11-06"),), {"number": "216", "issue_date": "2026-11-06"},
         "result_number_differs"),
        ((result(1, "215"),), {}, "result_unclear"),
        ((result(1, "215", holder="TRẦN THỬ"),), {"holder": "LÊ THỬ"}, "result_unclear"),
        ((result(1, "214"), result(2, "215")), {}, "result_unclear"),
        ((result(1, "214"), result(2, "215")), {"number": "216"}, "result_number_differs"),
        ((result(1), result(2)), {"number": "216"}, "result_unclear"),
        ((result(1, "215"), result(2, "215")), {"number": "215"}, "result_unclear"),
        ((result(1, holder="TRẦN THỬ"), result(2, holder="TRẦN THỬ")), {"holder": "TRẦN THỬ"},
         "result_unclear"),
    ],
)  # fmt: skip
def test_a_result_that_may_be_another_is_asked(
    results: tuple[ProcedureResult, ...], said: dict[str, str], question: str
) -> None:
    placed = place("GKS", view(*results), said)
    assert placed.procedure_result_code is None
    assert placed.question is not None
    assert placed.question.code == question


def test_a_person_settles_which_result_it_is_where_there_is_one() -> None:
    placed = place("GKS", view(result(1, "215")), {"number": "216"}, confirmed=True)
    assert placed.procedure_result_code == f"{A}-KQ(1)"
    several = view(result(1, "214"), result(2, "215"))
    assert place("GKS", several, {"number": "216"}, confirmed=True).question is not None


def test_a_result_before_its_register_entry_waits() -> None:
    placed = place("GKS", view(), {"issue_date": "2026-11-06"})
    assert (placed.role, placed.procedure_result_code) == (Role.RESULT, None)
    assert placed.warnings == ("result_not_in_register",)
    assert placed.question is None


def test_a_paper_older_than_its_dossier_is_not_its_result_unasked() -> None:
    placed = place("GKS", view(), {"issue_date": "2020-01-02"})
    assert placed.question is not None
    assert placed.question.code == "role_unclear"


NEW = result(1, "AA 00123456", "2026-11-20", kind="GCNQSDD")


def land(*results: ProcedureResult, answer: str | None = None, **said: str) -> Placement:
    register = view(*results, answer=answer, gives=("GCNQSDD",), asks=("GCNQSDD", "DDKBD"))
    return place("GCNQSDD", register, said)


def test_an_old_certificate_is_handed_in_and_a_new_one_is_given() -> None:
    old = land(NEW, serial="BB 777", issue_date="2010-03-04")
    assert (old.role, old.question) == (Role.COMPONENT, None)
    new = land(NEW, serial="AA 00123456", issue_date="2026-11-20")
    assert (new.role, new.procedure_result_code) == (Role.RESULT, f"{A}-KQ(1)")


@pytest.mark.parametrize(
    "placed",
    [
        land(NEW),
        land(NEW, serial="BB 777"),
        land(NEW, serial="BB 777", issue_date="2026-11-18"),
        land(issue_date="2026-11-20"),
        land(result(1, kind="GCNQSDD")),
    ],
)
def test_a_paper_that_may_be_handed_in_or_given_is_asked(placed: Placement) -> None:
    assert placed.procedure_result_code is None
    assert placed.question is not None
    assert placed.question.code == "role_unclear"


def test_a_person_says_what_it_is_to_the_dossier() -> None:
    assert land(NEW, answer=AS_COMPONENT).role is Role.COMPONENT
    waiting = land(NEW, answer=AS_LATER_RESULT)
    assert (waiting.role, waiting.procedure_result_code) == (Role.RESULT, None)
    assert waiting.question is None


@pytest.mark.parametrize(
    ("registered", "read", "same"),
    [
        ("215", "215", True),
        ("00215", "215", True),
        ("215/2026", "215", True),
        ("58/GPXD", "58", True),
        ("AA 00123456", "AA 123456", True),
        ("12a", "12", False),
        ("215", "21", False),
        ("215/2026", "215/2025", False),
        ("", "215", False),
        ("không", "không", False),
    ],
)
def test_numbers_are_written_in_several_ways(registered: str, read: str, same: bool) -> None:
    assert is_same_number(registered, read) == same
