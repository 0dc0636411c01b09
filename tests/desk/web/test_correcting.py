"""An officer corrects a filed paper on its page; what was is kept, nobody overwrites another."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from config.vocabulary import Role
from desk.review_acts import apply_reviews
from desk.revising import books_of
from desk.services import Services
from storage.accounts import WebRole
from storage.model import NewLink, Record
from storage.register import Dossier, RegisterBatch
from tests.desk.web.conftest import Web, proof_in

ELSEWHERE, UNKNOWN = "H98.02-261105-0077", "H98.02-261105-0078"


def work(web: Web) -> int:
    """Let the engine act on what was asked, with as much of it as that takes."""
    house = web.house
    books = books_of(house.station, house.archive)
    services = SimpleNamespace(
        archive=house.archive,
        station=house.station,
        classes=books.classes,
        field_rules=books.field_rules,
    )
    return apply_reviews(cast(Services, services))


def record_of(web: Web, place: int = 0) -> Record:
    """Return a paper; each test has its own."""
    return web.house.archive.records.newest(3)[place]


def version_in(page: str) -> str:
    found = re.search(r'name="version" value="([^"]+)"', page)
    assert found is not None, page
    return found.group(1)


def sent(browser: TestClient, record: Record, **more: str) -> dict[str, str]:
    """Return what the form would send, with some of it changed."""
    page = browser.get(f"/giay/{record.id}/sua").text
    return {"proof": proof_in(page), "version": version_in(page), **more}


def value_of(web: Web, record: Record, name: str) -> str | None:
    fields = web.house.archive.records.get(record.id).fields
    return next((field.value for field in fields if field.name == name), None)


@pytest.fixture(scope="module")
def officer(web: Web) -> TestClient:
    return web.logged_in("officer")


@pytest.fixture(scope="module")
def auditor(web: Web) -> TestClient:
    return web.logged_in("auditor")


def test_a_corrected_field_is_written_told_and_taken_back(
    web: Web, officer: TestClient, auditor: TestClient
) -> None:
    record = record_of(web)
    before = value_of(web, record, "issuing_body")
    told = {"field.issuing_body": "XOẮN  THỬ NGHIỆM", "new": "purpose", "new-value": "Thử nghiệm"}
    answer = officer.post(
        f"/giay/{record.id}/sua",
        data=sent(officer, record, **told, reason="máy đọc sai"),
        follow_redirects=False,
    )
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/giay/{record.id}#lich-su",
    )
    assert "đang chờ trạm ghi" in officer.get(f"/giay/{record.id}").text
    assert value_of(web, record, "issuing_body") == before
    assert work(web) == 1
    assert value_of(web, record, "issuing_body") == "XOẮN THỬ NGHIỆM"
    assert value_of(web, record, "purpose") == "Thử nghiệm"
    for browser in (officer, auditor):
        page = browser.get(f"/giay/{record.id}").text
        assert "<ins" in page
        assert "máy đọc sai" in page
        assert "officer (web)" in page
        assert ("/sua" in page, "/hoan-tac" in page) == ((browser is officer),) * 2
    correction = web.house.archive.corrections.of_record(record.id)[-1]
    assert (correction.actor, correction.reason) == ("officer (web)", "máy đọc sai")
    page = officer.get(f"/giay/{record.id}").text
    back = {"proof": proof_in(page), "version": version_in(page)}
    assert officer.post(f"/giay/{record.id}/hoan-tac", data=back).status_code == 200
    assert work(web) == 1
    assert value_of(web, record, "issuing_body") == before
    assert value_of(web, record, "purpose") is None
    assert "đã hoàn tác" in officer.get(f"/giay/{record.id}").text
    nothing = sent(officer, record)
    assert officer.post(f"/giay/{record.id}/hoan-tac", data=nothing).status_code == 409


def test_who_was_slower_is_told_and_loses_no_word(web: Web, officer: TestClient) -> None:
    record = record_of(web, 1)
    web.add("second", WebRole.OFFICER)
    second = web.logged_in("second")
    first_form = sent(officer, record, **{"field.issuing_body": "KHOẮNG THỬ NGHIỆM"})
    second_form = sent(second, record, **{"field.issuing_body": "NHÀN THỬ NGHIỆM"})
    path = f"/giay/{record.id}/sua"
    assert officer.post(path, data=first_form).status_code == 200
    waiting = second.post(path, data=second_form)
    assert (waiting.status_code, "đang chờ trạm ghi" in waiting.text) == (409, True)
    assert work(web) == 1
    overtaken = second.post(path, data=second_form)
    assert overtaken.status_code == 409
    assert "không còn như ông/bà đã thấy" in overtaken.text
    assert 'value="KHOẮNG THỬ NGHIỆM"' in overtaken.text
    # Under its name, and nothing of what stands there as it was sent.
    assert 'Cơ quan ban hành: <span lang="vi">NHÀN THỬ NGHIỆM</span></li>' in overtaken.text
    assert overtaken.text.split('aria-labelledby="da-go"')[1].count("</span></li>") == 1
    assert work(web) == 0
    assert value_of(web, record, "issuing_body") == "KHOẮNG THỬ NGHIỆM"
    # What comes back may be sent again, by somebody who has seen what stands there.
    again = {**second_form, "version": version_in(overtaken.text)}
    assert second.post(path, data=again).status_code == 200
    assert work(web) == 1
    assert value_of(web, record, "issuing_body") == "NHÀN THỬ NGHIỆM"


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ({}, "Chưa sửa gì"),
        ({"field.issue_date": "31/02/2026"}, "ngày có thật"),
        ({"new": "khong-co", "new-value": "x"}, "Không có trường"),
        ({"class": "GKS?", "reason": "x"}, "Không có loại giấy tờ"),
        ({"class": "TB"}, "phải nêu lý do"),
        ({"dossier": "H26.99-261107-0003"}, "phải nêu lý do"),
        ({"dossier": "không phải mã", "reason": "x"}, "không phải mã hồ sơ"),
        ({"field.issuing_body": "x" * 1001}, "quá dài"),
    ],
    ids=["nothing", "day", "field", "class", "class unsaid", "dossier unsaid", "code", "long"],
)
def test_what_cannot_be_is_refused_in_words_and_typed_once(
    web: Web, officer: TestClient, told: dict[str, str], word: str
) -> None:
    record = next(
        item
        for item in web.house.archive.records.newest(3)
        if "H26.99-261107-0003" not in {link.dossier_code for link in item.links}
    )
    data = sent(officer, record, **{"reason": "", "field.purpose": "", **told})
    answer = officer.post(f"/giay/{record.id}/sua", data=data)
    assert (answer.status_code, word in answer.text) == (409, True)
    typed = told.get("dossier") or told.get("field.issue_date") or ""
    assert f'value="{typed}"' in answer.text or typed not in answer.text
    assert not web.house.archive.requests.pending("review")


def test_another_class_and_dossier_follow_with_their_reason(
    web: Web, officer: TestClient, auditor: TestClient
) -> None:
    record = record_of(web, 2)
    home = record.links[0].dossier_code
    target = "H26.99-261106-0002" if home != "H26.99-261106-0002" else "H26.99-261105-0001"
    told = {"class": "TB", "dossier": target, "reason": "kẹp nhầm THỬ NGHIỆM"}
    answer = officer.post(f"/giay/{record.id}/sua", data=sent(officer, record, **told))
    assert answer.status_code == 200, answer.text
    assert work(web) == 1
    now = web.house.archive.records.get(record.id)
    assert (now.class_code, now.links[0].dossier_code) == ("TB", target)
    page = auditor.get(f"/giay/{record.id}").text
    assert all(text in page for text in (home, target, "kẹp nhầm THỬ NGHIỆM", "Thông báo"))


@pytest.fixture
def of_one_agency(web: Web) -> TestClient:
    """An officer of the agency of the papers; another agency has a dossier too."""
    entry = Dossier(
        code=ELSEWHERE, title="Khác", procedure_code="9.99", agency_code="H98.02", agency_name="B"
    )
    web.house.archive.register.load(RegisterBatch(dossiers=(entry,)))
    if web.house.accounts.find("here") is None:
        web.add("here", WebRole.OFFICER, "H26.99")
    return web.logged_in("here")


def test_a_dossier_outside_the_scope_is_answered_as_one_that_there_is_not(
    web: Web, of_one_agency: TestClient
) -> None:
    record = record_of(web)
    answers = []
    for code in (ELSEWHERE, UNKNOWN):
        data = sent(of_one_agency, record, dossier=code, reason="thử nghiệm")
        answer = of_one_agency.post(f"/giay/{record.id}/sua", data=data)
        answers.append((answer.status_code, answer.text.replace(code, "")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 409
    assert not web.house.archive.requests.pending("review")


def test_a_paper_of_other_agencies_too_is_corrected_by_nobody_of_one(
    web: Web, officer: TestClient, of_one_agency: TestClient
) -> None:
    archive, record = web.house.archive, record_of(web, 1)
    form = sent(of_one_agency, record, **{"field.issuing_body": "KHÁC THỬ NGHIỆM"})
    link = NewLink(dossier_code=ELSEWHERE, role=Role.COMPONENT)
    archive.link(record.id, link, actor="thử nghiệm", at=web.clock())
    assert of_one_agency.get(f"/giay/{record.id}/sua").status_code == 409
    assert of_one_agency.post(f"/giay/{record.id}/sua", data=form).status_code == 409
    assert of_one_agency.post(f"/giay/{record.id}/hoan-tac", data=form).status_code == 409
    page = of_one_agency.get(f"/giay/{record.id}").text
    assert ELSEWHERE not in page
    assert "/sua" not in page
    assert officer.get(f"/giay/{record.id}/sua").status_code == 200
    assert not archive.requests.pending("review")


def test_a_move_from_outside_the_scope_shows_no_code_and_is_not_undone_by_its_officer(
    web: Web, officer: TestClient, of_one_agency: TestClient
) -> None:
    archive, record = web.house.archive, record_of(web, 2)
    home = record.links[0].dossier_code
    for code in (ELSEWHERE, home):
        told = {"dossier": code, "reason": "thử nghiệm"}
        data = sent(officer, record, **told)
        assert officer.post(f"/giay/{record.id}/sua", data=data).status_code == 200
        assert work(web) == 1
    assert archive.records.get(record.id).links[0].dossier_code == home
    page = of_one_agency.get(f"/giay/{record.id}").text
    assert "hồ sơ ngoài phạm vi" in page
    assert ELSEWHERE not in page
    assert "/hoan-tac" not in page
    form = sent(of_one_agency, record)
    assert of_one_agency.post(f"/giay/{record.id}/hoan-tac", data=form).status_code == 409
    assert "/hoan-tac" in officer.get(f"/giay/{record.id}").text


def test_the_log_tells_of_a_correction_and_holds_no_value(web: Web, officer: TestClient) -> None:
    record = record_of(web)
    data: dict[str, Any] = sent(officer, record, **{"field.issuing_body": "LOẮT THỬ NGHIỆM"})
    assert officer.post(f"/giay/{record.id}/sua", data=data).status_code == 200
    assert work(web) == 1
    events = web.house.archive.events
    bodies = [events.body(event.seq).decode() for event in events.events(record.id)]
    assert not [body for body in bodies if "LOẮT" in body or "LO\\u" in body]
    last = [event for event in events.events(record.id) if event.outcome == "correct"][-1]
    assert (last.actor, last.detail["changed"]) == ("officer (web)", ["field:issuing_body"])


def test_what_is_typed_is_shown_as_text_wherever_it_comes_back(
    web: Web, officer: TestClient, auditor: TestClient
) -> None:
    record, hostile = record_of(web), '"><script>alert(1)</script>{{ 7 * 7 }}\u202e'
    told = {"field.issuing_body": hostile, "reason": hostile}
    path = f"/giay/{record.id}/sua"
    refused = officer.post(path, data={**sent(officer, record, **told), "version": "cũ"})
    assert refused.status_code == 409
    assert officer.post(path, data=sent(officer, record, **told)).status_code == 200
    assert work(web) == 1
    pages = [refused.text, officer.get(path).text, auditor.get(f"/giay/{record.id}").text]
    for page in pages:
        assert "&lt;script&gt;alert(1)" in page
        assert "<script" not in page
        assert "\u202e" not in page
