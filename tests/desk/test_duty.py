"""Whether the law wants a paper digitised (TT 01/2023/TT-VPCP Art. 4): a table of cases."""

from __future__ import annotations

import datetime as dt

import pytest

from config.rules import load_rule_set
from config.vocabulary import Role, load_classes
from desk.accession import RegisterView
from desk.digitisation_codes import national_class, write_code
from desk.duty import Duty, DutyFacts, decide
from digitize.model import Description, Evidence
from storage.register import Dossier, ExpectedComponent, Procedure, ProcedureResult

RULES = load_rule_set(dt.date(2026, 11, 21))
CLASSES = load_classes()
CODE = "H26.99-261105-0001"
DOSSIER = Dossier(
    code=CODE,
    title="",
    procedure_code="1.1",
    agency_code="H26.99",
    received_at=dt.date(2026, 11, 5),
)


def described(**fields: str) -> Description:
    return Description(
        fields=tuple(
            Evidence(name=name, value=value, confidence=1.0, page=1, box=(0, 0, 1, 1))
            for name, value in fields.items()
        )
    )


def view(*parts: ExpectedComponent, known: bool = True) -> RegisterView:
    procedure = Procedure(code="1.1", title="", components=parts) if known else None
    return RegisterView(dossier=DOSSIER if known else None, procedure=procedure, results=())


def duty(
    code: str,
    said: dict[str, str] | None = None,
    register: RegisterView | None = None,
    *,
    role: Role = Role.COMPONENT,
    copied: bool = False,
    given: bool = False,
    revoked: bool = False,
) -> Duty:
    kind = CLASSES.find(code)
    assert kind is not None
    facts = DutyFacts(
        kind=kind,
        role=role,
        description=described(**(said or {})),
        view=register or view(),
        is_copy=copied,
        is_given=given,
        is_revoked=revoked,
        agency_name="Ủy ban nhân dân xã Thử Nghiệm",
    )
    return decide(facts, RULES)


def stated(case: str) -> RegisterView:
    return view(ExpectedComponent(class_code="VB", name="Bằng", case=case))


LATER = {"issue_date": "2026-11-10", "issuing_body": "SỞ XÂY DỰNG TỈNH THỬ NGHIỆM"}


@pytest.mark.parametrize(
    ("decided", "word", "case"),
    [
        (duty("GKS", role=Role.RESULT), "must", "result"),
        (duty("GKS", role=Role.RESULT, revoked=True), "on_request", "component"),
        (duty("GKS"), "must", "earlier_result"),
        (duty("VB", given=True), "must", "earlier_result"),
        (duty("VB", register=stated("earlier_result")), "must", "earlier_result"),
        (duty("VB", register=stated("sector_law")), "must", "sector_law"),
        (duty("VB", register=stated("listed")), "must", "listed"),
        (duty("VB", register=stated("opinion")), "must", "opinion"),
        (duty("VB", register=stated("shown")), "must_not", "shown"),
        (duty("VB", register=stated("shared")), "must_not", "shared"),
        (duty("CV", LATER), "must", "opinion"),
        (duty("CV", {**LATER, "issue_date": "2026-11-05"}), "must", "opinion"),
        (duty("CV", {**LATER, "issue_date": "2026-11-04"}), "on_request", "component"),
        (duty("VB"), "on_request", "component"),
        (duty("TKKS"), "on_request", "component"),
        (duty("TKKS", register=view(known=False)), "on_request", "component"),
        (duty("GKS", copied=True), "must_not", "copy"),
        (duty("GKS", role=Role.RESULT, copied=True), "must_not", "copy"),
    ],
)
def test_what_is_known_is_decided(decided: Duty, word: str, case: str) -> None:
    assert (decided.duty, decided.case) == (word, case)
    assert "Điều 4" in decided.why


@pytest.mark.parametrize(
    "decided",
    [
        duty("GTN", role=Role.RECEIPT),
        duty("VB", register=view(known=False)),
        duty("CV", {"issue_date": "2026-11-10"}),
        duty("CV", {"issuing_body": "SỞ XÂY DỰNG"}),
        duty("CV", {**LATER, "issuing_body": "UBND XÃ THỬ NGHIỆM"}),
        duty("CV", LATER, view(known=False)),
    ],
)
def test_where_nothing_says_it_is_unknown_and_says_what_was_missing(decided: Duty) -> None:
    assert (decided.duty, decided.case) == ("unknown", "none")
    assert decided.why


TEMPLATE = "{holder_id}.{class_code}.{number}"
PLACE = f"{CODE}.3"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"personal_number": "000195000022", "number": "215"}, "000195000022.GKS.215"),
        ({"business_code": "0100686209", "number": "58"}, "0100686209.GKS.58"),
        ({"number": "215"}, ".GKS.215"),
        ({"serial": "AA 00123456"}, ".GKS.AA 00123456"),
        ({}, f".GKS.{CODE}.3"),
    ],
)
def test_a_digitisation_code_leaves_an_unknown_owner_empty(said: dict[str, str], code: str) -> None:
    assert write_code(TEMPLATE, described(**said), "GKS", PLACE) == code


def test_a_digitisation_code_takes_the_national_kind_where_the_register_states_it() -> None:
    result = ProcedureResult(
        dossier_code=CODE, ordinal=1, class_code="GKS", type_code="KQ.G15.000031"
    )
    part = ExpectedComponent(class_code="GCS", name="", type_code="000.00.00.G15-KQ004389")
    register = RegisterView(dossier=None, procedure=view(part).procedure, results=(result,))
    assert national_class("GKS", result.code, register) == "KQ.G15.000031"
    assert national_class("GCS", None, register) == "000.00.00.G15-KQ004389"
    assert national_class("TKKS", None, register) == "TKKS"
    assert national_class("GKS", f"{CODE}-KQ(2)", register) == "GKS"
